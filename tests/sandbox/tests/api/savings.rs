//! Savings rules: created, kept above the floor, deleted.

use reqwest::Method;
use serde_json::{Value, json};

use super::client::Sandbox;

fn usd(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "USD" })
}

fn rule(floor: i64, rule: Value) -> Value {
    json!({
        "from_account": "acc_checking", "to_account": "acc_savings", "floor": usd(floor),
        "authorisation": {"reference": "AUTH-1", "signed_on": "2026-06-30"}, "rule": rule,
    })
}

fn weekly(amount: i64) -> Value {
    json!({"kind": "fixed_weekly", "amount": usd(amount), "weekday": "friday"})
}

#[tokio::test]
async fn the_partner_bank_has_books_of_its_own() {
    let sandbox = Sandbox::new().await;
    let start = sandbox.state().await;
    let body = || rule(60_000, weekly(2_500));
    assert_eq!(sandbox.effect("/savings-partner/rules", "a", body()).await.status, 201);
    assert_eq!(sandbox.get("/savings/rules").await.body["rules"], json!([]));
    assert_eq!(sandbox.get("/savings/operations/a").await.status, 404);
    assert_eq!(sandbox.get("/savings-partner/operations/a").await.status, 200);
    assert_eq!(sandbox.effect("/savings/rules/undo", "u", json!({"undo_of": "a"})).await.status, 404);
    assert_ne!(sandbox.state().await, start);
    // The same key acts once at each bank.
    assert_eq!(sandbox.effect("/savings/rules", "a", body()).await.status, 201);
    for bank in ["savings", "savings-partner"] {
        assert_eq!(sandbox.get(&format!("/{bank}/rules")).await.body["rules"].as_array().unwrap().len(), 1);
        let undone = sandbox.effect(&format!("/{bank}/rules/undo"), "u", json!({"undo_of": "a"})).await;
        assert_eq!(undone.status, 200, "{undone:?}");
    }
    assert_eq!(sandbox.state().await, start);
}

#[tokio::test]
async fn rules_are_created_read_back_and_deleted() {
    let sandbox = Sandbox::new().await;
    let start = sandbox.state().await;
    let round_up = json!({"kind": "round_up", "multiple": usd(100), "threshold": usd(500)});
    let percent = json!({"kind": "percent_of_paycheck", "basis_points": 500});
    for (key, kind) in [("a", round_up), ("b", percent), ("c", weekly(2_500))] {
        let created = sandbox.effect("/savings/rules", key, rule(60_000, kind.clone())).await;
        assert_eq!(created.status, 201, "{created:?}");
        assert_eq!(created.body["rule"]["rule"], kind);
        let id = created.body["rule"]["rule_id"].as_str().unwrap();
        let read = sandbox.get(&format!("/savings/rules/{id}")).await;
        assert_eq!(read.body, created.body["rule"]);
    }
    let list = sandbox.get("/savings/rules").await.body;
    assert_eq!(list["rules"].as_array().unwrap().len(), 3);
    let by_key = sandbox.get("/savings/operations/c").await.body;
    let id = by_key["subject"].as_str().unwrap().to_owned();
    let path = format!("/savings/rules/{id}");
    let deleted = sandbox.call(Method::DELETE, &path, Some("del-c"), None).await.unwrap();
    assert_eq!((deleted.status, &deleted.body["rule"]["status"]), (200, &json!("deleted")));
    assert_eq!(sandbox.get(&path).await.refusal(), (404, "not_found", None));
    for key in ["a", "b"] {
        let undone =
            sandbox.effect("/savings/rules/undo", &format!("undo-{key}"), json!({"undo_of": key})).await;
        assert_eq!(undone.status, 200, "{undone:?}");
        let again =
            sandbox.effect("/savings/rules/undo", &format!("more-{key}"), json!({"undo_of": key})).await;
        assert_eq!((again.status, again.replayed, &again.body), (200, true, &undone.body));
    }
    assert_eq!(sandbox.state().await, start);
    assert_eq!(sandbox.operations().await.len(), 6);
}

#[tokio::test]
async fn wrong_rules_name_their_field() {
    let sandbox = Sandbox::new().await;
    let check = async |change: &dyn Fn(&mut Value), field: &str| {
        let mut body = rule(60_000, weekly(2_500));
        change(&mut body);
        let answer = sandbox.effect("/savings/rules", "k", body).await;
        assert_eq!(answer.refusal(), (400, "bad_request", Some(field)));
    };
    check(&|body| body["from_account"] = json!("acc_nope"), "from_account").await;
    check(&|body| body["from_account"] = json!("acc_card"), "from_account").await;
    check(&|body| body["from_account"] = json!("acc_savings"), "to_account").await;
    check(&|body| body["to_account"] = json!("acc_card"), "to_account").await;
    check(&|body| body["floor"] = usd(-1), "floor").await;
    check(&|body| body["floor"] = json!({"minor": 1, "currency": "EUR"}), "floor").await;
    check(&|body| body["authorisation"]["reference"] = json!(" "), "authorisation.reference").await;
    check(&|body| body["authorisation"]["signed_on"] = json!("2026-07-01"), "authorisation.signed_on").await;
    check(&|body| body["rule"]["amount"] = usd(0), "rule.amount").await;
    check(
        &|body| body["rule"] = json!({"kind": "percent_of_paycheck", "basis_points": 6_000}),
        "rule.basis_points",
    )
    .await;
    check(
        &|body| body["rule"] = json!({"kind": "round_up", "multiple": usd(0), "threshold": usd(1)}),
        "rule.multiple",
    )
    .await;
    assert!(sandbox.operations().await.is_empty());
}

#[tokio::test]
async fn money_moves_as_the_clock_does_and_never_below_the_floor() {
    let sandbox = Sandbox::new().await;
    let savings = async || {
        let accounts =
            sandbox.item("/accounts/get", json!({"options": {"account_ids": ["acc_savings"]}})).await;
        accounts.body["accounts"][0]["balances"]["current"].to_string()
    };
    assert_eq!(savings().await, "3260");
    let created = sandbox.effect("/savings/rules", "a", rule(10_000, weekly(2_500))).await;
    assert_eq!(created.body["rule"]["next_transfer_on"], "2026-07-03");
    let guarded = sandbox.effect("/savings/rules", "b", rule(90_000_000, weekly(100))).await;
    assert_eq!(guarded.status, 201);
    sandbox.put("/admin/clock", json!({"as_of": "2026-07-11"})).await;
    assert_eq!(savings().await, "3310", "two Fridays");
    let rules = sandbox.get("/savings/rules").await.body;
    let moved: Vec<i64> = rules["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["transferred"]["minor"].as_i64().unwrap())
        .collect();
    assert_eq!(
        {
            let mut moved = moved;
            moved.sort_unstable();
            moved
        },
        [0, 5_000]
    );
}

#[tokio::test]
async fn paychecks_and_change_are_shared_out() {
    let sandbox = Sandbox::new().await;
    let percent = json!({"kind": "percent_of_paycheck", "basis_points": 500});
    let round_up = json!({"kind": "round_up", "multiple": usd(100), "threshold": usd(100)});
    for (key, kind) in [("p", percent), ("r", round_up)] {
        assert_eq!(sandbox.effect("/savings/rules", key, rule(0, kind)).await.status, 201);
    }
    sandbox.put("/admin/clock", json!({"as_of": "2026-07-12"})).await;
    let transferred = async |key: &str| {
        let id = sandbox.get(&format!("/savings/operations/{key}")).await.body["subject"].clone();
        let rule = sandbox.get(&format!("/savings/rules/{}", id.as_str().unwrap())).await.body;
        (rule["transferred"]["minor"].as_i64().unwrap(), rule["gathered"]["minor"].as_i64())
    };
    assert_eq!(transferred("p").await, (5_900, None), "5 % of the retainer of $1,180");
    let (moved, gathered) = transferred("r").await;
    assert!(moved >= 100 && gathered.unwrap() < 100, "{moved} {gathered:?}");
}

#[tokio::test]
async fn accounts_say_what_they_can_do() {
    let sandbox = Sandbox::new().await;
    let accounts = sandbox.get("/savings/accounts").await.body["accounts"].clone();
    assert_eq!(accounts[0]["available"], usd(202_645), "less the pending groceries");
    assert_eq!((&accounts[0]["can_send"], &accounts[1]["can_send"]), (&json!(true), &json!(false)));
}
