//! Plaid.

use crate::script::{Script, Turn};
use finance::transaction::AccountKind;
use money::Money;
use others::plaid as spec;
use providers::plaid::{AppCredentials, Reader};
use providers::{Accounts, Cause, Provider, RecurringStreams, Transactions};
use serde_json::{Value, json};
use std::time::Duration;

fn reader(script: &Script) -> Reader {
    let app = AppCredentials { client_id: "client-1".to_owned(), secret: "secret-1".to_owned() };
    Reader::new(script.connection(Provider::Plaid, Duration::from_secs(30)), app)
}

fn transaction(id: &str, amount: &Value) -> Value {
    json!({"transaction_id": id, "account_id": "a", "amount": amount, "iso_currency_code": "USD",
        "date": "2026-06-30", "authorized_date": null, "name": "Shop", "original_description": "SHOP 17",
        "merchant_name": null, "pending": false, "pending_transaction_id": null,
        "personal_finance_category": {"primary": "FOOD_AND_DRINK", "detailed": "FOOD_AND_DRINK_GROCERIES"}})
}

fn page(added: &[Value], modified: &[Value], removed: &[&str], next: &str, more: bool) -> Turn {
    let removed: Vec<Value> =
        removed.iter().map(|id| json!({"transaction_id": id, "account_id": "a"})).collect();
    Turn::ok(&json!({"accounts": [], "added": added, "modified": modified, "removed": removed,
        "next_cursor": next, "has_more": more, "request_id": "r"}))
}

fn mutation() -> Turn {
    let body = json!({"error_type": "TRANSACTIONS_ERROR",
        "error_code": "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", "error_message": "x", "request_id": "r"});
    Turn::Answer(400, body.to_string())
}

#[tokio::test]
async fn reads_every_page_and_what_became_of_earlier_ones() {
    let script = Script::of([
        page(&[transaction("t1", &json!(12.29)), transaction("t2", &json!(5))], &[], &[], "c1", true),
        page(&[transaction("t3", &json!(-0.1))], &[transaction("t1", &json!(13))], &["t2"], "c2", false),
    ])
    .await;
    let found = reader(&script).transactions().await.unwrap();
    let amounts: Vec<(&str, i64)> = found.iter().map(|one| (one.id.as_str(), one.amount.minor)).collect();
    assert_eq!(amounts, [("t1", 1300), ("t3", -10)]);
    assert_eq!(found[0].description, "SHOP 17", "the bank's own words where they are told");
    let calls = script.calls();
    assert_eq!(calls[0].body.get("cursor"), None);
    assert_eq!(calls[1].body["cursor"], "c1");
    for call in &calls {
        assert!(call.head.starts_with("post /transactions/sync "), "{}", call.head);
        assert!(
            call.head.contains("plaid-client-id: client-1") && call.head.contains("plaid-secret: secret-1")
        );
        assert!(call.head.contains("plaid-version: 2020-09-14"));
        assert_eq!(spec::faults_of_request("TransactionsSyncRequest", &call.body), Vec::<String>::new());
        assert_eq!(
            spec::faults_of_request("TransactionsSyncRequestOptions", &call.body["options"]),
            Vec::<String>::new()
        );
    }
}

#[tokio::test]
async fn begins_at_the_first_cursor_again_when_the_data_changes_between_pages() {
    let script = Script::of([
        page(&[transaction("gone", &json!(1))], &[], &[], "c1", true),
        mutation(),
        page(&[transaction("t1", &json!(2))], &[], &[], "c2", false),
    ])
    .await;
    let found = reader(&script).transactions().await.unwrap();
    assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["t1"]);
    assert_eq!(script.calls()[2].body.get("cursor"), None);
}

#[tokio::test]
async fn gives_up_on_data_that_does_not_come_to_rest_and_on_pages_without_end() {
    let script = Script::of((0..4).map(|_| mutation())).await;
    let error = reader(&script).transactions().await.unwrap_err();
    assert!(matches!(error.cause, Cause::Down { .. }), "{error}");
    assert_eq!(script.calls().len(), 4);
    let script = Script::of([page(&[], &[], &[], "c1", true), page(&[], &[], &[], "c1", true)]).await;
    let error = reader(&script).transactions().await.unwrap_err();
    assert!(matches!(error.cause, Cause::Garbled { .. }), "{error}");
}

#[tokio::test]
async fn amounts_are_exact_or_refused_and_points_are_left_out() {
    for (amount, minor) in [(json!(0.07), 7), (json!(1e3), 100_000), (json!(2_147_483.65), 214_748_365)] {
        let script = Script::of([page(&[transaction("t1", &amount)], &[], &[], "c", false)]).await;
        let found = reader(&script).transactions().await.unwrap();
        assert_eq!(found[0].amount, Money::usd(minor), "{amount}");
    }
    let mut points = transaction("t1", &json!(3));
    points["iso_currency_code"] = Value::Null;
    let script = Script::of([page(&[points], &[], &[], "c", false)]).await;
    assert!(reader(&script).transactions().await.unwrap().is_empty());
    let script = Script::of([page(&[transaction("t1", &json!(0.001))], &[], &[], "c", false)]).await;
    let error = reader(&script).transactions().await.unwrap_err();
    assert_eq!(error.to_string(), "plaid: answered something undocumented: an amount that is none");
}

#[tokio::test]
async fn reads_the_examples_of_the_spec() {
    let (Some(accounts), Some(sync), Some(recurring)) = (
        spec::example("/accounts/get"),
        spec::example("/transactions/sync"),
        spec::example("/transactions/recurring/get"),
    ) else {
        return;
    };
    let script = Script::of([Turn::ok(&accounts), Turn::ok(&sync), Turn::ok(&recurring)]).await;
    let reader = reader(&script);
    let found = reader.accounts().await.unwrap();
    assert!(found.iter().any(|one| one.kind == AccountKind::Checking && one.available.is_some()));
    assert!(
        found.iter().any(|one| one.current == Money::usd(2_363_198)),
        "23631.9805 cannot be spent to the last digit"
    );
    let found = reader.transactions().await.unwrap();
    assert!(
        found.iter().any(|one| one.merchant.as_deref() == Some("Walmart") && one.amount == Money::usd(7210))
    );
    let found = reader.recurring().await.unwrap();
    assert!(!found.inflow.is_empty() && !found.outflow.is_empty());
    let calls = script.calls();
    assert_eq!(spec::faults_of_request("AccountsGetRequest", &calls[0].body), Vec::<String>::new());
    assert_eq!(
        spec::faults_of_request("TransactionsRecurringGetRequest", &calls[2].body),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn the_spec_would_notice() {
    if spec::spec().is_some() {
        assert!(
            !spec::faults_of_request("TransactionsSyncRequest", &json!({"count": 501, "access_token": "a"}))
                .is_empty()
        );
        assert!(
            !spec::faults_of_request("TransactionsSyncRequest", &json!({"access_token": "a", "colour": 1}))
                .is_empty()
        );
        assert!(!spec::faults_of_request("TransactionsSyncRequest", &json!({})).is_empty());
    }
}
