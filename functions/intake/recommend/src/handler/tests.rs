//! The handler over a table in memory.

use super::*;
use events::ErrorClass;
use jiff::Timestamp;
use ports::Key;
use ports::memory::Memory;
use serde_json::json;
use shell::Classified;

fn memory() -> Memory {
    Memory::at("2026-06-30T12:00:00Z".parse::<Timestamp>().unwrap())
}

fn event(runway: f64) -> Value {
    let usd = |cents: i64| json!({"minor": cents, "currency": "USD"});
    json!({
        "version": "0", "id": "b1", "detail-type": "simulation.completed", "source": "simulation",
        "detail": {
            "version": 1, "id": "e1", "time": "2026-06-30T11:59:00Z", "user_id": "user-1",
            "data": {
                "simulation_id": "sim-1", "as_of": "2026-06-30",
                "runway_months": runway, "runway_months_lean": runway,
                "liquid": usd(840_000), "monthly_essential_outflow": usd(400_000),
                "monthly_outflow": usd(520_000), "monthly_income": usd(550_000),
                "debts": [{"name": "Card", "apr": 22.9, "balance": usd(500_000), "minimum": usd(10_000)}],
                "unrealised_losses": usd(0), "accounts_linked": 2
            }
        }
    })
}

/// The three workflows that these tests are about, whatever else the catalog has.
fn catalog() -> Catalog {
    let embedded = Catalog::embedded().unwrap();
    let known = |id: &str| embedded.latest(&id.parse().unwrap()).unwrap().clone();
    let ids = ["emergency-fund-builder", "debt-avalanche-accelerator", "investment-tax-harvester"];
    Catalog::default().with(ids.map(known).to_vec())
}

async fn ask(memory: &Memory, event: Value) -> Result<Answer, Failed> {
    handle(memory, memory, &catalog(), event).await
}

fn recommendation(memory: &Memory) -> Recommendation {
    let Record::Recommendation(it) = memory.all().remove(0).record else { panic!("no recommendation") };
    it
}

#[tokio::test]
async fn a_short_runway_is_answered_with_what_can_be_done() {
    let memory = memory();
    assert!(matches!(ask(&memory, event(2.1)).await.unwrap(), Answer::Made(_, 2)));
    let made = recommendation(&memory);
    let shown: Vec<_> =
        made.actions.actions.iter().map(|it| (it.rank, it.workflow_id.as_str(), it.available)).collect();
    assert_eq!(shown, [(1, "emergency-fund-builder", true), (2, "debt-avalanche-accelerator", false)]);
    assert_eq!(made.actions.not_triggered.len(), 1);
    assert_eq!(memory.stream()[0].out, [Out::Recommended(made.actions)]);
}

#[tokio::test]
async fn what_does_not_trigger_is_told_with_figure_and_threshold() {
    let memory = memory();
    ask(&memory, event(7.4)).await.unwrap();
    let not = recommendation(&memory).actions.not_triggered;
    let reasons: Vec<&str> = not.iter().map(|it| it.reason.as_str()).collect();
    assert!(reasons.contains(&"runway is 7.4 months, the trigger is below 3.0"), "{reasons:?}");
}

#[tokio::test]
async fn the_dearest_debt_counts_wherever_it_stands_in_the_event() {
    let usd = |cents: i64| json!({"minor": cents, "currency": "USD"});
    let debt = |name: &str, apr: f64, cents: i64| json!({"name": name, "apr": apr, "balance": usd(cents), "minimum": usd(100)});
    let mut unsorted = event(7.4);
    unsorted["detail"]["data"]["debts"] =
        json!([debt("Car", 4.5, 900_000), debt("Store card", 29.9, 80_000), debt("Card", 22.9, 500_000)]);
    let memory = memory();
    ask(&memory, unsorted).await.unwrap();
    let made = recommendation(&memory);
    let accelerator = made
        .actions
        .actions
        .iter()
        .find(|it| it.workflow_id.as_str() == "debt-avalanche-accelerator")
        .unwrap();
    assert!(accelerator.reasons[0].starts_with("Store card costs 29.9 %"), "{:?}", accelerator.reasons);
    let order: Vec<_> = made.simulation.debts.iter().map(|debt| debt.name.as_str()).collect();
    assert_eq!(order, ["Store card", "Card", "Car"]);
}

#[tokio::test]
async fn the_same_simulation_twice_is_one_recommendation() {
    let memory = memory();
    let Answer::Made(first, _) = ask(&memory, event(2.1)).await.unwrap() else { panic!("not made") };
    let mut again = event(2.0);
    again["detail"]["id"] = json!("e2");
    assert_eq!(ask(&memory, again).await.unwrap(), Answer::MadeBefore(first));
    assert_eq!((memory.all().len(), memory.stream().len()), (1, 1));
}

#[tokio::test]
async fn two_users_with_one_simulation_have_each_their_own() {
    let memory = memory();
    ask(&memory, event(2.1)).await.unwrap();
    let mut other = event(2.1);
    other["detail"]["user_id"] = json!("user-2");
    assert!(matches!(ask(&memory, other).await.unwrap(), Answer::Made(..)));
    assert_eq!(memory.all().len(), 2);
}

#[tokio::test]
async fn a_failed_write_leaves_nothing_and_the_next_try_makes_it() {
    let memory = memory();
    memory.fail_write(0);
    assert_eq!(ask(&memory, event(2.1)).await.unwrap_err().class(), ErrorClass::Interrupted);
    assert!(memory.all().is_empty());
    assert!(matches!(ask(&memory, event(2.1)).await.unwrap(), Answer::Made(..)));
}

#[tokio::test]
async fn a_malformed_event_is_named_by_its_place_and_leaves_nothing() {
    let change = |pointer: &str, value: Value| {
        let mut event = event(2.1);
        *event.pointer_mut(pointer).unwrap() = value;
        event
    };
    let mut missing = event(2.1);
    missing["detail"]["data"].as_object_mut().unwrap().remove("liquid");
    for (event, expect) in [
        (missing, "detail.data: missing field `liquid`"),
        (change("/detail/data/runway_months", json!("two")), "detail.data.runway_months: expected f64"),
        (change("/detail/data/liquid/minor", json!(1.5)), "detail.data.liquid.minor: expected i64"),
        (change("/detail/data/debts/0/apr", json!(null)), "detail.data.debts[0].apr: expected f64"),
        (change("/detail/user_id", json!("a b")), "detail.user_id: not a valid value"),
        (change("/detail", json!("text")), "detail: expected struct Envelope"),
    ] {
        let memory = memory();
        let failed = ask(&memory, event).await.unwrap_err();
        assert_eq!((failed.class(), failed.message().as_str()), (ErrorClass::Validation, expect));
        assert!(memory.all().is_empty());
    }
}

#[tokio::test]
async fn an_event_of_a_later_version_is_kept_and_never_fails() {
    let memory = memory();
    let mut event = event(2.1);
    event["detail"]["version"] = json!(7);
    event["detail"]["data"] = json!({"unheard": "of"});
    for _ in 0..2 {
        assert_eq!(ask(&memory, event.clone()).await.unwrap(), Answer::Kept);
    }
    let Record::Unread(kept) = memory.get(&Key::Unread("recommend#e1".to_owned())).unwrap().record else {
        panic!("not kept")
    };
    assert_eq!((kept.event, memory.all().len()), (event, 1));
}
