//! Spending Analyzer.

use crate::bench::Bench;
use events::{ErrorClass, Operation};
use finance::audit::ReducibleExpense;
use money::Money;
use serde_json::json;
use shell::Classified;
use spending_analyzer::SpendingAnalyzer;

#[tokio::test]
async fn ranks_what_can_be_reduced_with_its_transactions() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&SpendingAnalyzer, json!({"windowDays": 90})).await;
    assert!(answer.proposals.is_empty() && answer.guide.is_none());
    let reducible: Vec<ReducibleExpense> =
        serde_json::from_value(answer.outputs["reducible"].clone()).unwrap();
    let bills: Vec<ReducibleExpense> = serde_json::from_value(answer.outputs["bills"].clone()).unwrap();
    let total: Money = serde_json::from_value(answer.outputs["reducibleMonthly"].clone()).unwrap();
    assert_eq!(total, Money::sum(reducible.iter().map(|one| one.saving), total.currency).unwrap());
    assert!(reducible.is_sorted_by(|a, b| a.saving.minor >= b.saving.minor));
    assert!(reducible.iter().all(|one| !one.transaction_ids.is_empty() && !one.reason.is_empty()));
    let names: Vec<&str> = reducible.iter().map(|one| one.label.as_str()).collect();
    for expected in ["Streamly", "Ironhouse Gym", "Soundloft"] {
        assert!(names.contains(&expected), "{expected} among {names:?}");
    }
    assert_eq!(bills.len(), 5, "{:?}", bills.iter().map(|one| &one.label).collect::<Vec<_>>());
    assert_eq!(bench.state().await, before);
    assert_eq!(bench.propose(&SpendingAnalyzer, json!({})).await.outputs, answer.outputs);
}

#[tokio::test]
async fn begins_again_when_the_bank_changes_meanwhile() {
    let bench = Bench::start().await;
    let mutation = json!({"kind": "plaid_error", "status": 400, "error_type": "TRANSACTIONS_ERROR",
        "error_code": "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"});
    bench.fault("POST", "/transactions/sync", 2, mutation.clone()).await;
    bench.propose(&SpendingAnalyzer, json!({})).await;
    bench.fault("POST", "/transactions/sync", 9, mutation).await;
    let request = bench.request(Operation::Propose, json!({}));
    assert_eq!(
        bench.ask(&SpendingAnalyzer, request).await.unwrap_err().class(),
        ErrorClass::ProviderUnavailable
    );
}

#[tokio::test]
async fn a_bank_that_fails_has_its_class() {
    let bench = Bench::start().await;
    for (fault, class) in [
        (json!({"kind": "status", "status": 503}), ErrorClass::ProviderUnavailable),
        (json!({"kind": "needs_verification"}), ErrorClass::Permission),
        (json!({"kind": "status", "status": 429, "retry_after_s": 1}), ErrorClass::RateLimited),
    ] {
        bench.fault("POST", "/transactions/sync", 1, fault.clone()).await;
        let request = bench.request(Operation::Propose, json!({}));
        let error = bench.ask(&SpendingAnalyzer, request).await.unwrap_err();
        assert_eq!(error.class(), class, "{fault}");
        bench.no_faults().await;
    }
}
