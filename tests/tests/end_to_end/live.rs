//! Open sockets: who gets one, and that every change of a run reaches its card and whoever looks on.

use crate::household::{Household, awaited};
use crate::sockets::{Socket, i_am, ticket};
use crate::turn;
use aws::{Aws, Table};
use engine::{Out, RunEvent};
use events::{EventType, Severity};
use ports::{Key, Read, Record, Report};
use serde_json::Map;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Changes that are timed.
const CHANGES: u64 = 50;

#[tokio::test]
async fn a_ticket_opens_one_socket_and_a_liars_is_closed() {
    let Some(_turn) = turn().await else { return };
    let household = Household::new("socket").await;
    let url = ticket(&household.api).await;
    let mut socket = Socket::at(&url).await.expect("a good ticket opens a socket");
    assert_eq!(Socket::at(&url).await.err(), Some(403), "a ticket was good twice");
    assert_eq!(Socket::at(&url.replace("ticket=", "ticket=0")).await.err(), Some(403));
    let without = url.split('?').next().unwrap();
    assert_eq!(Socket::at(without).await.err(), Some(401));

    socket.say(&i_am(household.user_id().as_str())).await;
    let honest = Socket::of(&household).await;
    assert_eq!(open(&household).await, 2);
    honest.close().await;
    awaited("the end of the socket that was closed", async || (open(&household).await == 1).then_some(()))
        .await;
    socket.say(&i_am("somebody-else")).await;
    assert_eq!(socket.next().await, None, "a socket that lies about its user is closed");
    awaited("the end of the liar's socket", async || (open(&household).await == 0).then_some(())).await;
}

/// How many sockets the table knows of.
async fn open(household: &Household) -> usize {
    let table = Table::from_env(&Aws::from_env().unwrap()).unwrap();
    let stored = table.read(&[Key::Sockets(household.user_id().clone())]).await.unwrap();
    stored.into_iter().next().map_or(0, |it| match it.record {
        Record::Sockets(sockets) => sockets.open.len(),
        _ => 0,
    })
}

/// The figures are of the local AWS and say nothing of AWS; that everything arrives is what is tested.
#[tokio::test]
async fn every_change_reaches_the_card_and_whoever_looks_on() {
    let Some(_turn) = turn().await else { return };
    let household = Household::new("looking").await;
    let run = household.started("emergency-fund-builder").await;
    let card = household.ended(&run, demo::Auto::Skip).await;
    assert_eq!(card.status, "Completed");
    let before = household.events(&run).await.last().unwrap().seq;
    let table = Table::from_env(&Aws::from_env().unwrap()).unwrap();
    let mut socket = Socket::of(&household).await;
    let mut took = Vec::new();
    let mut heard = BTreeMap::new();
    for number in 1..=CHANGES {
        let change = RunEvent {
            kind: EventType::StepProgress,
            step: None,
            severity: Severity::Info,
            progress: 100,
            message: format!("change {number}"),
            details: Map::new(),
            user_action: None,
            lasted: 0,
        };
        let begun = Instant::now();
        assert!(table.report(&run, 1, Out::Run(change)).await.unwrap(), "the run is gone");
        let message = socket
            .until(|it| {
                it["type"] == "run" && it["run_id"] == run.as_str() && it["seq"].as_u64() > Some(before)
            })
            .await;
        took.push(begun.elapsed());
        heard.insert(message["seq"].as_u64().unwrap(), number);
        let kept = table.read(&[Key::Card(run.clone())]).await.unwrap().remove(0);
        let Record::Card(card) = kept.record else { panic!("no card") };
        assert!(card.seq >= message["seq"].as_u64().unwrap(), "heard of before it was on the card");
    }
    assert_eq!(heard.len() as u64, CHANGES, "a change was told twice, or never: {heard:?}");
    assert!(heard.values().is_sorted(), "changes are heard in their order: {heard:?}");
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].min(Duration::MAX);
    println!(
        "change to socket, {CHANGES} of them: p50 {:?}, p95 {:?}, longest {:?}",
        at(50),
        at(95),
        at(100)
    );
}
