//! Retention chats from greeting to confirmation, and back.

use serde_json::{Value, json};

use super::client::{Answer, Sandbox};

/// Opens a chat and says the moves; answers session id and replies.
async fn chat(sandbox: &Sandbox, bill: &str, moves: &[Value]) -> (String, Vec<Value>) {
    let path = format!("/billers/{bill}/retention/sessions");
    let opened = sandbox
        .effect(&path, &format!("open-{bill}"), json!({"principal": "Maya Rivera", "automated": true}))
        .await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let session = opened.body["session_id"].as_str().unwrap().to_owned();
    let mut replies = Vec::new();
    for (index, said) in moves.iter().enumerate() {
        let message = json!({"seq": index + 1, "move": said});
        let answer = sandbox.post(&format!("{path}/{session}/messages"), message).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        replies.push(answer.body["reply"].clone());
    }
    (session, replies)
}

async fn accept(sandbox: &Sandbox, bill: &str, session: &str, key: &str, offer: &str) -> Answer {
    let path = format!("/billers/{bill}/retention/sessions/{session}/accept");
    sandbox.effect(&path, key, json!({"offer_id": offer})).await
}

fn kinds(replies: &[Value]) -> Vec<&str> {
    replies.iter().map(|reply| reply["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn bills_and_offers_are_those_of_the_household() {
    let sandbox = Sandbox::new().await;
    let list = sandbox.get("/billers").await.body;
    assert_eq!(list["billers"].as_array().unwrap().len(), 5);
    assert_eq!(list["address"]["city"], "Albuquerque");
    let internet = sandbox.get("/billers/bill_internet").await.body;
    assert_eq!(internet["tenure_months"], 43);
    assert_eq!(internet["plan"]["attributes"]["speed_down_mbps"], 300);
    assert_eq!(internet["verification"], "not_needed");
    let offers = sandbox.get("/offers?kind=internet").await.body;
    let ids: Vec<&str> =
        offers["offers"].as_array().unwrap().iter().map(|offer| offer["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["offer_brightwave_500", "offer_sunlink_200"]);
}

#[tokio::test]
async fn a_desk_answers_as_its_household_says() {
    let sandbox = Sandbox::new().await;
    let brightwave = json!({"kind": "cite_competitor", "offer_id": "offer_brightwave_500"});
    let check = async |bill: &str, moves: Vec<Value>, expect: &[&str]| {
        assert_eq!(kinds(&chat(&sandbox, bill, &moves).await.1), expect, "{bill}");
    };
    let said = |kind: &str| json!({ "kind": kind });
    check("bill_internet", vec![said("ask_discount"), brightwave], &["objection", "offer"]).await;
    check("bill_cable", vec![said("ask_discount"), said("ask_supervisor")], &["objection", "offer"]).await;
    check("bill_renters", vec![said("ask_discount")], &["declined"]).await;
    let moves = vec![said("ask_discount"), said("cite_tenure"), said("ask_supervisor"), said("close")];
    check("bill_auto", moves, &["objection", "offer", "declined", "closed"]).await;
}

#[tokio::test]
async fn invented_offers_do_not_count() {
    let sandbox = Sandbox::new().await;
    let moves = [
        json!({"kind": "cite_competitor", "offer_id": "offer_of_my_dreams"}),
        json!({"kind": "cite_competitor", "offer_id": "offer_zia_auto"}),
    ];
    let (_, replies) = chat(&sandbox, "bill_internet", &moves).await;
    assert_eq!(replies[0]["code"], "offer_not_found");
    assert_eq!(replies[1]["code"], "offer_not_found");
}

#[tokio::test]
async fn an_offer_is_accepted_once_and_reverted() {
    let sandbox = Sandbox::new().await;
    let start = sandbox.state().await;
    let moves = [
        json!({"kind": "ask_discount"}),
        json!({"kind": "cite_competitor", "offer_id": "offer_canyon_mobile"}),
    ];
    let (session, replies) = chat(&sandbox, "bill_phone", &moves).await;
    assert_eq!(replies[1]["offer"]["type"], "discount_with_contract");
    assert_eq!(replies[1]["offer"]["monthly_saving"], json!({"minor": 1700, "currency": "USD"}));
    assert_eq!(sandbox.state().await, start, "talk changes nothing");
    let first = accept(&sandbox, "bill_phone", &session, "k1", "ret_phone_contract").await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.body["bill"]["price"]["minor"], 6800);
    assert_eq!(first.body["confirmation"]["contract_ends_on"], "2027-06-30");
    assert_eq!(first.body["confirmation"]["reference"], first.body["operation"]["reference"]);
    let again = accept(&sandbox, "bill_phone", &session, "k1", "ret_phone_contract").await;
    assert_eq!((again.replayed, &again.body), (true, &first.body));
    assert_eq!(sandbox.get("/billers/bill_phone").await.body["price"]["minor"], 6800);
    let undone = sandbox.effect("/billers/bill_phone/revert", "k2", json!({"undo_of": "k1"})).await;
    assert_eq!(undone.status, 200, "{undone:?}");
    assert_eq!(sandbox.state().await, start);
    let twice = sandbox.effect("/billers/bill_phone/revert", "k3", json!({"undo_of": "k1"})).await;
    assert_eq!((twice.status, twice.replayed, &twice.body), (200, true, &undone.body));
    assert_eq!(sandbox.operations().await, ["biller.open_chat", "biller.accept_offer", "biller.revert"]);
}

#[tokio::test]
async fn messages_can_be_sent_again_but_not_out_of_turn() {
    let sandbox = Sandbox::new().await;
    let (session, replies) = chat(&sandbox, "bill_auto", &[json!({"kind": "cite_tenure"})]).await;
    let path = format!("/billers/bill_auto/retention/sessions/{session}/messages");
    let again = sandbox.post(&path, json!({"seq": 1, "move": {"kind": "cite_tenure"}})).await;
    assert_eq!(again.body["reply"], replies[0]);
    let check = async |body: Value, expect: (u16, &str, Option<&str>)| {
        assert_eq!(sandbox.post(&path, body.clone()).await.refusal(), expect, "{body}");
    };
    check(json!({"seq": 1, "move": {"kind": "close"}}), (409, "conflict", None)).await;
    check(json!({"seq": 3, "move": {"kind": "close"}}), (409, "conflict", None)).await;
    check(json!({"seq": 2, "move": {"kind": "shout"}}), (400, "bad_request", Some("move.kind"))).await;
    let seen = sandbox.get(&format!("/billers/bill_auto/retention/sessions/{session}")).await.body;
    assert_eq!(seen["messages"].as_array().unwrap().len(), 2);
    assert_eq!(seen["offers"][0]["offer_id"], "ret_auto_loyalty");
}

#[tokio::test]
async fn only_what_was_offered_and_still_stands_is_accepted() {
    let sandbox = Sandbox::new().await;
    let (session, _) = chat(&sandbox, "bill_auto", &[json!({"kind": "cite_tenure"})]).await;
    let other = accept(&sandbox, "bill_auto", &session, "k", "ret_phone_contract").await;
    assert_eq!(other.refusal(), (422, "refused", Some("offer_id")));
    let path = format!("/billers/bill_auto/retention/sessions/{session}/accept");
    let stale = json!({"offer_id": "ret_auto_loyalty", "expected_version": "0000"});
    assert_eq!(sandbox.effect(&path, "k", stale).await.refusal(), (409, "conflict", None));
    sandbox.put("/admin/clock", json!({"as_of": "2026-07-20"})).await;
    let late = accept(&sandbox, "bill_auto", &session, "k", "ret_auto_loyalty").await;
    assert_eq!(late.refusal(), (422, "refused", Some("offer_id")));
}

#[tokio::test]
async fn software_says_that_it_is_software() {
    let sandbox = Sandbox::new().await;
    for body in
        [json!({"principal": "Maya", "automated": false}), json!({"principal": " ", "automated": true})]
    {
        let answer = sandbox.effect("/billers/bill_auto/retention/sessions", "k", body).await;
        assert_eq!(answer.refusal(), (422, "refused", None));
    }
}

#[tokio::test]
async fn an_accepted_price_is_charged_until_the_promotion_ends() {
    let sandbox = Sandbox::new().await;
    let (session, _) = chat(&sandbox, "bill_auto", &[json!({"kind": "cite_tenure"})]).await;
    accept(&sandbox, "bill_auto", &session, "k", "ret_auto_loyalty").await;
    sandbox.put("/admin/clock", json!({"as_of": "2027-07-31"})).await;
    let bill = sandbox.get("/billers/bill_auto").await.body;
    assert_eq!((&bill["price"]["minor"], &bill["applied_offer"]), (&json!(14800), &Value::Null));
    let page = sandbox.item("/transactions/sync", json!({"cursor": "", "count": 500})).await.body;
    assert_eq!(page["has_more"], json!(true));
    let recurring = sandbox.item("/transactions/recurring/get", json!({})).await.body;
    let stream = recurring["outflow_streams"]
        .as_array()
        .unwrap()
        .iter()
        .find(|stream| stream["description"].as_str().unwrap().contains("Sandia"))
        .unwrap()
        .clone();
    assert_eq!(stream["last_amount"]["amount"].as_f64(), Some(148.0));
}
