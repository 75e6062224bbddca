//! What holds for any sequence of effects: undone in reverse they leave no trace, and each happened once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use sandbox::household::{Household, MoveKind, Source, load};
use sandbox::world::{Answer, Refusal, Request, World, changes};
use serde_json::{Value, json};

fn household() -> &'static Household {
    static READ: OnceLock<Household> = OnceLock::new();
    READ.get_or_init(|| {
        load(&Source::of(Path::new(env!("CARGO_MANIFEST_DIR")).join("households/rivera.yaml"))).unwrap()
    })
}

fn world() -> World {
    World::new("maya", Source::of("rivera.yaml"), String::new(), household())
}

/// Something a user can have done.
#[derive(Debug, Clone)]
enum Deed {
    Cancel(usize),
    Downgrade(usize),
    Bargain(usize, Vec<MoveKind>),
    Save(i64),
    Apply(usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let moves = prop::sample::select(vec![
        MoveKind::AskDiscount,
        MoveKind::CiteCompetitor,
        MoveKind::CiteTenure,
        MoveKind::CiteUsage,
        MoveKind::AskSupervisor,
        MoveKind::ThreatenToLeave,
    ]);
    let deed = prop_oneof![
        (0..9_usize).prop_map(Deed::Cancel),
        (0..9_usize).prop_map(Deed::Downgrade),
        (0..5_usize, prop::collection::vec(moves, 1..6)).prop_map(|(bill, moves)| Deed::Bargain(bill, moves)),
        (1..5_000_i64).prop_map(Deed::Save),
        (0..5_usize).prop_map(Deed::Apply),
    ];
    prop::collection::vec(deed, 1..12)
}

fn request(key: &str, target: &str, body: &Value) -> Request {
    Request { key: key.to_owned(), target: target.to_owned(), body: body.clone() }
}

/// A body as it comes over the wire.
fn body<T: serde::de::DeserializeOwned>(json: &Value) -> T {
    serde_json::from_value(json.clone()).unwrap()
}

/// Does a deed under a key, twice; answers how to undo it.
fn perform(world: &mut World, key: &str, deed: &Deed) -> Result<&'static str, Refusal> {
    let first = once(world, key, deed)?;
    let after = world.snapshot(household()).unwrap();
    let again = once(world, key, deed)?;
    assert!(again.0.replayed && again.0.body == first.0.body, "{deed:?}");
    assert_eq!(world.snapshot(household()).unwrap(), after, "{deed:?}");
    Ok(first.1)
}

fn once(world: &mut World, key: &str, deed: &Deed) -> Result<(Answer, &'static str), Refusal> {
    let home = household();
    match deed {
        Deed::Cancel(index) => {
            let id = home.subscriptions.keys().nth(*index).unwrap();
            let sent = json!({});
            let done = world.cancel_subscription(home, id, &request(key, id, &sent), &body(&sent))?;
            Ok((done, "subscription"))
        }
        Deed::Downgrade(index) => {
            let (id, one) = home.subscriptions.iter().nth(*index).unwrap();
            let sent = json!({"tier": one.tiers.last().map_or("none", |tier| &tier.id)});
            let done = world.downgrade_subscription(home, id, &request(key, id, &sent), &body(&sent))?;
            Ok((done, "subscription"))
        }
        Deed::Bargain(index, moves) => bargain(world, key, *index, moves).map(|done| (done, "bill")),
        Deed::Save(cents) => {
            let amount = json!({"minor": cents, "currency": "USD"});
            let sent = json!({
                "from_account": "acc_checking", "to_account": "acc_savings", "floor": amount,
                "authorisation": {"reference": "A", "signed_on": "2026-06-30"},
                "rule": {"kind": "fixed_weekly", "amount": amount, "weekday": "monday"},
            });
            Ok((world.create_rule(home, &request(key, "rules", &sent), &body(&sent))?, "rule"))
        }
        Deed::Apply(index) => {
            let sent = json!({"gig_id": home.gigs[*index].id});
            Ok((world.apply_for_gig(home, &request(key, "gigs", &sent), &body(&sent))?, "gig"))
        }
    }
}

/// Talks until something is offered and accepts the first of it.
fn bargain(world: &mut World, key: &str, index: usize, moves: &[MoveKind]) -> Result<Answer, Refusal> {
    let home = household();
    let (id, bill) = home.bills.iter().nth(index).unwrap();
    let sent = json!({"principal": "Maya", "automated": true});
    let opened = world.open_chat(home, id, &request(&format!("chat-{key}"), id, &sent), &body(&sent))?;
    let session = opened.body["session_id"].as_str().unwrap().to_owned();
    let rival = home.offers.iter().find(|offer| offer.kind == bill.kind).map(|offer| offer.id.clone());
    for (seq, kind) in (1..).zip(moves) {
        let rival = rival.clone().filter(|_| *kind == MoveKind::CiteCompetitor);
        let said = json!({"seq": seq, "move": {"kind": kind, "offer_id": rival}});
        // A second visit finds the chat accepted; the acceptance is then replayed all the same.
        if world.say(home, id, &session, body(&said)).is_err() {
            break;
        }
    }
    let offered = world.chat(id, &session)?.offers.first().map(|offer| offer.offer_id.clone());
    let sent = json!({"offer_id": offered.unwrap_or_else(|| "none".to_owned())});
    world.accept_offer(home, id, &session, &request(key, id, &sent), &body(&sent))
}

fn undo(world: &mut World, key: &str, kind: &str) -> Answer {
    let home = household();
    let sent = json!({ "undo_of": key });
    let subject = world.operations[key].subject.clone();
    let undo = request(&format!("undo-{key}"), "undo", &sent);
    match kind {
        "subscription" => world.restore_subscription(home, &subject, &undo, &body(&sent)),
        "bill" => world.revert_offer(home, &subject, &undo, &body(&sent)),
        "rule" => world.undo_rule(home, &undo, &body(&sent)),
        _ => world.undo_application(home, &undo, &body(&sent)),
    }
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn undone_in_reverse_nothing_is_left(deeds in deeds()) {
        let mut world = world();
        let start = world.snapshot(household()).unwrap();
        let mut done = Vec::new();
        for (index, deed) in deeds.iter().enumerate() {
            let key = format!("k{index}");
            let before = world.snapshot(household()).unwrap();
            match perform(&mut world, &key, deed) {
                Ok(kind) => done.push((key, kind)),
                Err(_) => prop_assert_eq!(world.snapshot(household()).unwrap(), before, "a refusal changes nothing"),
            }
        }
        for (key, kind) in done.iter().rev() {
            undo(&mut world, key, kind);
            prop_assert!(undo(&mut world, key, kind).replayed);
        }
        prop_assert_eq!(world.snapshot(household()).unwrap(), start);
        prop_assert!(done.iter().all(|(key, _)| world.operations[key].undone_by.is_some()));
    }

    #[test]
    fn the_feed_only_ever_grows_at_its_end(steps in prop::collection::vec(1..20_i32, 1..6), deeds in deeds()) {
        let mut world = world();
        for (index, deed) in deeds.iter().enumerate() {
            let _refused_or_done = once(&mut world, &format!("k{index}"), deed);
        }
        let mut seen = changes(&world, household());
        for days in steps {
            let day = sandbox::calendar::plus_days(world.clock, days);
            world.move_clock(household(), day).unwrap();
            let longer = changes(&world, household());
            prop_assert!(longer.len() >= seen.len());
            prop_assert_eq!(&longer[..seen.len()], &seen[..]);
            seen = longer;
        }
    }
}
