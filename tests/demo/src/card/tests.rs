//! The card's lines, word for word.

use super::*;
use serde_json::{Value, json};

fn card(change: Value) -> Card {
    let mut card = json!({
        "run_id": "run-1", "name": "Emergency Fund Builder", "status": "Executing", "progress": 57,
        "remaining_seconds": {"min": 300, "max": 720},
        "current": [{
            "name": "Bill Negotiation", "agent": "Bill Negotiator", "status": "On hold with retention dept", "percent": 40,
            "waiting_user": false, "since": "2026-07-01T12:00:00Z",
            "figures": {"Promised a month": {"minor": 3000, "currency": "USD"}}
        }],
        "completed": [
            {"name": "Expense Audit", "outcome": "complete", "message": "12 charges can be reduced", "seconds": 45},
            {"name": "Quick Wins", "outcome": "skipped", "message": "", "seconds": 80}
        ],
        "behind": false, "upcoming": [{"name": "Automation Setup"}, {"name": "Side Income"}],
        "impact": {
            "promised": {"minor": 3000, "currency": "USD"}, "annual": {"minor": 36000, "currency": "USD"},
            "goal": {"name": "Emergency fund", "tenths_of_percent": 23}, "lines": []
        }
    });
    for (name, value) in change.as_object().unwrap() {
        card[name] = value.clone();
    }
    serde_json::from_value(card).unwrap()
}

fn drawn(card: &Card, width: usize) -> String {
    lines(card, "2026-07-01T12:03:24Z".parse().unwrap(), width).join("\n")
}

#[test]
fn shows_every_section() {
    let expect = "\
Emergency Fund Builder
[#################.............] 57 %, about 5 to 12 min left

Bill Negotiation... 40 %
  Agent: Bill Negotiator
  Status: \"On hold with retention dept\"
  Elapsed: 3:24
  Promised a month: $30.00

Completed
  \u{2713} Expense Audit (45s): 12 charges can be reduced
  - Quick Wins (1m 20s)

Upcoming
  - Automation Setup
  - Side Income

Live impact
  \u{1f4b0} Savings so far: nothing yet ($30.00 promised)
  \u{1f4c5} Annual projection: $360.00
  \u{1f3af} Goal impact: +2.3 % progress on Emergency fund a year";
    assert_eq!(drawn(&card(json!({})), 80), expect);
}

#[test]
fn a_settled_step_says_until_when_it_can_be_undone() {
    for (undo, expect) in [
        (
            json!({"reversibility": "until-provider", "until": "2026-07-14T23:59:59Z"}),
            "can be undone until 2026-07-14 23:59 UTC",
        ),
        (json!({"reversibility": "until-provider"}), "can be undone while the provider allows it"),
        (json!({"reversibility": "reversible"}), "can be undone"),
        (json!({"reversibility": "irreversible"}), "cannot be undone"),
    ] {
        let step = json!({"name": "Quick Wins", "outcome": "complete", "message": "2 of 2 done", "seconds": 80, "undo": undo});
        let drawn = drawn(&card(json!({"completed": [step]})), 100);
        assert!(drawn.contains(&format!("Quick Wins (1m 20s): 2 of 2 done [{expect}]")), "{drawn}");
    }
}

#[test]
fn an_ended_run_has_nothing_to_come() {
    let ended = card(json!({
        "status": "RolledBack", "reason": "cancelled by you", "current": [],
        "completed": [{"name": "Quick Wins", "outcome": "undone", "message": "Undone: Quick Wins", "seconds": 4000}]
    }));
    let expect = "\
Emergency Fund Builder
[#################.............] 57 %, RolledBack
cancelled by you

Completed
  \u{21b6} Quick Wins (1h 6m): Undone: Quick Wins

Impact";
    assert!(drawn(&ended, 80).starts_with(expect), "{}", drawn(&ended, 80));
}

#[test]
fn no_line_is_wider_than_the_screen() {
    for width in [1, 10, 24] {
        assert!(drawn(&card(json!({})), width).lines().all(|line| line.chars().count() <= width), "{width}");
    }
    assert!(drawn(&card(json!({})), 24).contains("  Status: \"On hold with\u{2026}"));
}

#[test]
fn one_line_says_most() {
    assert_eq!(line(&card(json!({}))), " 57 %  Executing  Bill Negotiation: On hold with retention dept");
    let held = card(json!({"status": "Queued", "current": [], "reason": "billers does not answer"}));
    assert_eq!(line(&held), " 57 %  Queued  billers does not answer");
}

#[test]
fn every_figure_says_what_it_comes_from() {
    let saving = json!({"kind": "savings", "stage": "confirmed", "monthly": {"minor": 1599, "currency": "USD"},
        "label": "Streamly is cancelled", "evidence": ["tx-1", "tx-2"]});
    let told = card(json!({"impact": {"confirmed": {"minor": 1599, "currency": "USD"}, "lines": [saving]}}));
    let expect = "  $15.99 a month saved: Streamly is cancelled\n      from tx-1, tx-2";
    assert_eq!(sources(&told).join("\n"), expect);
}

#[test]
fn a_long_list_of_records_is_counted_and_its_ends_are_named() {
    let ids = |count: usize| (1..=count).map(|it| format!("tx-{it}")).collect::<Vec<_>>();
    for (count, expect) in [
        (0, ""),
        (1, "tx-1"),
        (6, "tx-1, tx-2, tx-3, tx-4, tx-5, tx-6"),
        (7, "tx-1, tx-2, tx-3, tx-4, 2 more, tx-7"),
        (17, "tx-1, tx-2, tx-3, tx-4, 12 more, tx-17"),
    ] {
        assert_eq!(evidence(&ids(count)), expect);
    }
}

#[test]
fn an_ended_run_says_what_was_calculated_even_when_it_is_nothing() {
    let zero = json!({"minor": 0, "currency": "USD"});
    let skipped = card(json!({
        "status": "Completed", "progress": 100, "current": [], "upcoming": [],
        "completion": {"impact": {"confirmed": zero, "annual": zero, "lines": []}}
    }));
    let drawn = drawn(&skipped, 80);
    let expect = "Impact\n  \u{1f4b0} Savings so far: $0.00 a month\n  \u{1f4c5} Annual projection: $0.00";
    assert!(drawn.ends_with(expect), "{drawn}");
}
