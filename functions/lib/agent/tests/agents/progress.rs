//! Progress messages: the last one always, few in between, and never in the way of the work.

use crate::bench::{Bench, done, item_of, kind};
use bill_negotiator::BillNegotiator;
use events::{AgentItem, AgentMessage, MessageType, Operation, ProgressAddress, Proof};
use income_coach::IncomeCoach;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Takes posted messages and answers 202.
async fn receiver() -> (String, mpsc::UnboundedReceiver<(String, AgentMessage)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/progress", listener.local_addr().unwrap());
    let (sender, messages) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    seen.extend_from_slice(&buffer[..read]);
                    let text = String::from_utf8_lossy(&seen).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    if let Ok(message) = serde_json::from_str(body) {
                        sender.send((head.to_lowercase(), message)).unwrap();
                        seen.clear();
                        stream
                            .write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
                            .await
                            .unwrap();
                    }
                }
            });
        }
    });
    (url, messages)
}

#[tokio::test]
async fn the_last_word_is_always_heard_and_the_savings_counter_is_in_it() {
    let bench = Bench::start().await;
    let answer = bench.propose(&BillNegotiator, json!({})).await;
    let items = [item_of(&answer, "bill_internet"), item_of(&answer, "bill_auto")];
    let (url, mut messages) = receiver().await;
    let response = bench
        .items_with(&BillNegotiator, Operation::Execute, &items, |request| {
            request.progress = Some(ProgressAddress { url, token: "step-token".to_owned() });
        })
        .await;
    let mut heard = Vec::new();
    while let Ok(message) = messages.try_recv() {
        heard.push(message);
    }
    let (head, last) = heard.last().expect("a message");
    assert!(head.contains("authorization: bearer step-token"), "{head}");
    assert_eq!(last.message_type, MessageType::Result);
    assert_eq!(last.content.headline, response.headline);
    assert_eq!(last.context.step_progress, 100);
    assert_eq!(last.content.visual_data.as_ref().unwrap()["promisedMonthly"]["minor"], 3050);
    assert!(heard.len() >= 2, "the first word goes out at once");
    assert!(heard.iter().all(|(_, one)| one.run_id.as_str() == "run_1" && !one.content.headline.is_empty()));
}

#[tokio::test]
async fn a_step_is_not_done_while_anything_of_it_is_open() {
    let bench = Bench::start().await;
    let (url, mut messages) = receiver().await;
    let address = Some(ProgressAddress { url, token: "step-token".to_owned() });
    let mut percent = move || {
        let heard = std::iter::from_fn(|| messages.try_recv().ok());
        heard.map(|(_, message)| message.context.step_progress).last().expect("a message")
    };
    let mut request = bench.request(Operation::Propose, json!({}));
    request.progress.clone_from(&address);
    let answer = bench.ask(&BillNegotiator, request).await.unwrap();
    assert_eq!(percent(), 50, "to propose is not to do");

    let mut items = Vec::new();
    for proposal in &answer.proposals {
        items.push(AgentItem { approved: false, ..item_of(&answer, proposal.item_id.as_str()) });
    }
    let report = |request: &mut events::AgentRequest| request.progress.clone_from(&address);
    let response = bench.items_with(&BillNegotiator, Operation::Execute, &items, report).await;
    let asks = response.results.iter().filter(|it| kind(&it.outcome) == "ask").count();
    assert!(asks > 0 && asks < items.len(), "{:?}", response.results);
    assert_eq!(usize::from(percent()), (items.len() - asks) * 100 / items.len(), "who asks is not done");
}

#[tokio::test]
async fn an_application_is_followed_until_it_is_in() {
    let bench = Bench::start().await;
    let (url, mut messages) = receiver().await;
    let answer = bench.call("POST", "/gigs/applications", Some(json!({"gig_id": "gig_books"}))).await;
    let reference = answer["application"]["reference"].as_str().unwrap();
    let mut request = bench.request(Operation::Verify, json!({}));
    request.progress = Some(ProgressAddress { url, token: "step-token".to_owned() });
    request.proof = Some(Proof { reference: reference.to_owned(), ..Proof::default() });
    bench.ask(&IncomeCoach, request).await.unwrap();
    let (_, last) = std::iter::from_fn(|| messages.try_recv().ok()).last().expect("a message");
    let figures = last.content.visual_data.unwrap();
    assert_eq!(figures["applicationProgress"], json!({"percent": 50}), "begun, and not handed in");
}

#[tokio::test]
async fn nobody_listening_changes_nothing() {
    let bench = Bench::start().await;
    let answer = bench.propose(&BillNegotiator, json!({})).await;
    let item = item_of(&answer, "bill_auto");
    for url in ["http://127.0.0.1:9/progress", "no address at all"] {
        let response = bench
            .items_with(&BillNegotiator, Operation::Execute, std::slice::from_ref(&item), |request| {
                request.progress = Some(ProgressAddress { url: url.to_owned(), token: String::new() });
            })
            .await;
        assert_eq!(done(&response.results[0].outcome), 1050);
    }
}
