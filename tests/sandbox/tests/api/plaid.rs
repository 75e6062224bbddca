//! Plaid's wire: answers fit the published spec where it is at hand, and the feed adds up.

use std::collections::BTreeMap;

use others::plaid as spec;
use sandbox::household::Source;
use serde_json::{Value, json};

use super::client::Sandbox;

fn assert_fits(name: &str, body: &Value) {
    assert_eq!(spec::faults(name, body), Vec::<String>::new(), "{name}");
}

#[tokio::test]
async fn every_answer_fits_the_spec() {
    let sandbox = Sandbox::new().await;
    let check = async |path: &str, body: Value, schema: &str| {
        let answer = sandbox.item(path, body).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert_fits(schema, &answer.body);
    };
    check("/item/get", json!({}), "ItemGetResponse").await;
    check("/accounts/get", json!({}), "AccountsGetResponse").await;
    check("/accounts/balance/get", json!({}), "AccountsGetResponse").await;
    check("/transactions/sync", json!({"count": 500}), "TransactionsSyncResponse").await;
    check("/transactions/recurring/get", json!({}), "TransactionsRecurringGetResponse").await;
    check("/liabilities/get", json!({}), "LiabilitiesGetResponse").await;
    check("/investments/holdings/get", json!({}), "InvestmentsHoldingsGetResponse").await;
    let create = json!({"institution_id": "ins_109508", "initial_products": ["transactions"]});
    let created = sandbox.plaid("/sandbox/public_token/create", create).await;
    assert_fits("SandboxPublicTokenCreateResponse", &created.body);
    let exchange = json!({"public_token": created.body["public_token"]});
    let exchanged = sandbox.plaid("/item/public_token/exchange", exchange.clone()).await;
    assert_fits("ItemPublicTokenExchangeResponse", &exchanged.body);
    let used = sandbox.plaid("/item/public_token/exchange", exchange).await;
    assert_eq!((used.status, &used.body["error_code"]), (400, &json!("INVALID_PUBLIC_TOKEN")));
    assert_fits("PlaidError", &used.body);
}

#[tokio::test]
async fn the_spec_would_notice() {
    if spec::spec().is_none() {
        return;
    }
    let sandbox = Sandbox::new().await;
    let mut body = sandbox.item("/accounts/get", json!({})).await.body;
    body["accounts"][0]["balances"]["current"] = json!("12.00");
    assert!(!spec::faults("AccountsGetResponse", &body).is_empty());
    body["accounts"][0]["balances"].as_object_mut().unwrap().remove("current");
    assert!(!spec::faults("AccountsGetResponse", &body).is_empty());
}

#[tokio::test]
async fn plaids_own_sandbox_users_fit_the_spec_too() {
    for (file, path, schema) in [
        ("liabilities_credit_card_custom_user", "/liabilities/get", "LiabilitiesGetResponse"),
        ("assets_assets_custom_user2", "/liabilities/get", "LiabilitiesGetResponse"),
        ("investments_brokerage_custom_user", "/investments/holdings/get", "InvestmentsHoldingsGetResponse"),
        ("income_welderTestUser", "/transactions/recurring/get", "TransactionsRecurringGetResponse"),
        ("income_selfEmployedGiguser", "/transactions/sync", "TransactionsSyncResponse"),
    ] {
        let Some(user) = others::path(&format!("plaid-sandbox-users/{file}.json")) else { continue };
        let sandbox = Sandbox::of(Source::of(user)).await;
        let answer = sandbox.item(path, json!({})).await;
        assert_eq!(answer.status, 200, "{file}: {answer:?}");
        assert_fits(schema, &answer.body);
    }
}

/// What a client keeps of the feed: transactions by id.
async fn keep(sandbox: &Sandbox, kept: &mut BTreeMap<String, Value>, cursor: &str, count: usize) -> String {
    let mut cursor = cursor.to_owned();
    loop {
        let page = sandbox.item("/transactions/sync", json!({"cursor": cursor, "count": count})).await.body;
        let changes: usize =
            ["added", "modified", "removed"].iter().map(|kind| page[*kind].as_array().unwrap().len()).sum();
        assert!(changes <= count);
        for removed in page["removed"].as_array().unwrap() {
            assert!(kept.remove(removed["transaction_id"].as_str().unwrap()).is_some(), "{removed}");
        }
        for one in page["added"].as_array().unwrap() {
            let id = one["transaction_id"].as_str().unwrap().to_owned();
            assert!(kept.insert(id, one.clone()).is_none(), "{one}");
        }
        for one in page["modified"].as_array().unwrap() {
            let id = one["transaction_id"].as_str().unwrap().to_owned();
            assert!(kept.insert(id, one.clone()).is_some(), "{one}");
        }
        cursor = page["next_cursor"].as_str().unwrap().to_owned();
        if page["has_more"] == json!(false) {
            return cursor;
        }
    }
}

#[tokio::test]
async fn pages_and_days_add_up_to_the_same_whole() {
    let sandbox = Sandbox::new().await;
    let mut stepwise = BTreeMap::new();
    let mut cursor = keep(&sandbox, &mut stepwise, "", 7).await;
    for day in ["2026-07-01", "2026-07-02", "2026-07-15", "2026-08-31"] {
        sandbox.put("/admin/clock", json!({"as_of": day})).await;
        cursor = keep(&sandbox, &mut stepwise, &cursor, 7).await;
    }
    let mut at_once = BTreeMap::new();
    let end = keep(&sandbox, &mut at_once, "", 500).await;
    assert_eq!((stepwise, cursor), (at_once, end));
}

#[tokio::test]
async fn pending_becomes_posted() {
    let sandbox = Sandbox::new().await;
    let mut kept = BTreeMap::new();
    let cursor = keep(&sandbox, &mut kept, "", 500).await;
    let find = |kept: &BTreeMap<String, Value>, name: &str| {
        kept.values().filter(|one| one["name"] == json!(name)).cloned().collect::<Vec<_>>()
    };
    let held = find(&kept, "TST* FRONTIER RESTAURANT");
    assert_eq!((held.len(), &held[0]["pending"], &held[0]["amount"]), (1, &json!(true), &json!(26.35)));
    sandbox.put("/admin/clock", json!({"as_of": "2026-07-01"})).await;
    let cursor = keep(&sandbox, &mut kept, &cursor, 500).await;
    let corrected = find(&kept, "TST* FRONTIER RESTAURANT");
    assert_eq!((&corrected[0]["pending"], &corrected[0]["amount"]), (&json!(true), &json!(31.6)));
    sandbox.put("/admin/clock", json!({"as_of": "2026-07-02"})).await;
    keep(&sandbox, &mut kept, &cursor, 500).await;
    let posted = find(&kept, "TST* FRONTIER RESTAURANT");
    assert_eq!((posted.len(), &posted[0]["pending"]), (1, &json!(false)));
    assert_eq!(posted[0]["pending_transaction_id"], held[0]["transaction_id"]);
}

#[tokio::test]
async fn balances_follow_the_bookings() {
    let sandbox = Sandbox::new().await;
    let balances = async || {
        let answer = sandbox
            .item("/accounts/balance/get", json!({"options": {"account_ids": ["acc_checking"]}}))
            .await;
        let balances = answer.body["accounts"][0]["balances"].clone();
        (balances["current"].as_f64().unwrap(), balances["available"].as_f64().unwrap())
    };
    assert_eq!(balances().await, (2084.37, 2026.45));
    let mut kept = BTreeMap::new();
    let cursor = keep(&sandbox, &mut kept, "", 500).await;
    sandbox.put("/admin/clock", json!({"as_of": "2026-08-15"})).await;
    let mut since = kept.clone();
    keep(&sandbox, &mut since, &cursor, 500).await;
    let cents = |one: &Value| (one["amount"].as_f64().unwrap() * 100.0).round();
    let moved: f64 = since
        .iter()
        .filter(|(id, one)| {
            !kept.contains_key(*id)
                && one["account_id"] == json!("acc_checking")
                && one["pending"] == json!(false)
        })
        .map(|(_, one)| cents(one))
        .sum();
    assert_eq!(format!("{:.0}", balances().await.0 * 100.0), format!("{:.0}", 208_437.0 - moved));
}

#[tokio::test]
async fn wrong_calls_get_plaids_errors() {
    let sandbox = Sandbox::new().await;
    let check = async |path: &str, body: Value, code: &str| {
        let answer = sandbox.item(path, body).await;
        assert_eq!((answer.status, answer.body["error_code"].as_str().unwrap()), (400, code), "{path}");
        assert_fits("PlaidError", &answer.body);
    };
    check("/transactions/sync", json!({"cursor": "nonsense"}), "INVALID_FIELD").await;
    check("/transactions/sync", json!({"cursor": "sync-999999"}), "INVALID_FIELD").await;
    check("/transactions/sync", json!({"count": 501}), "INVALID_FIELD").await;
    check("/accounts/get", json!({"options": {"account_ids": ["acc_nope"]}}), "INVALID_ACCOUNT_ID").await;
    let unknown = sandbox.plaid("/accounts/get", json!({"access_token": "access-sandbox-nope"})).await;
    assert_eq!(unknown.body["error_code"], "INVALID_ACCESS_TOKEN");
    let missing = sandbox.plaid("/accounts/get", json!({})).await;
    assert_eq!(missing.body["error_code"], "MISSING_FIELDS");
    let stranger = json!({"institution_id": "ins_1", "initial_products": ["auth"], "options": {"override_username": "x"}});
    let stranger = sandbox.plaid("/sandbox/public_token/create", stranger).await;
    assert_eq!(stranger.body["error_code"], "INVALID_CREDENTIALS");
    let bare =
        reqwest::Client::new().post(format!("{}/accounts/get", sandbox.base)).json(&json!({})).send().await;
    let bare: Value = bare.unwrap().json().await.unwrap();
    assert_eq!(bare["error_message"], "the following required fields are missing: client_id");
}

#[tokio::test]
async fn what_the_household_has_not_is_not_supported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plain.csv");
    std::fs::write(&file, "date,description,amount\n2026-01-05,Rent,-900\n2026-01-09,Wages,2000\n").unwrap();
    let sandbox = Sandbox::of(Source::of(file)).await;
    for path in ["/liabilities/get", "/investments/holdings/get"] {
        let answer = sandbox.item(path, json!({})).await;
        assert_eq!((answer.status, &answer.body["error_code"]), (400, &json!("PRODUCTS_NOT_SUPPORTED")));
        assert_fits("PlaidError", &answer.body);
    }
}
