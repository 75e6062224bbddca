//! The table of answers: what each does to each kind of question.

use super::*;
use events::{ImpactKind, RunId, StepId, TaskId, UserId};
use serde_json::json;

const HASH: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const OTHER: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn asked(id: &str, choices: &[Choice]) -> AskedItem {
    AskedItem {
        item_id: ItemId::parse(id).unwrap(),
        effect_hash: HASH.to_owned(),
        choices: choices.to_vec(),
        decided: None,
    }
}

fn task(kind: TaskKind, items: Vec<AskedItem>) -> Task {
    Task {
        task_id: TaskId::parse("t").unwrap(),
        run_id: RunId::parse("r").unwrap(),
        user_id: UserId::parse("u").unwrap(),
        step_id: StepId::parse("s").unwrap(),
        kind,
        prompt: String::new(),
        items,
        scopes: Vec::new(),
        answer: None,
        percent: 0,
        help: None,
        open: true,
        token: String::new(),
        asked_at: at(0),
        deadline: at(1_000),
        remind: Vec::new(),
        arranged: crate::Arrangement::default(),
        leased_until: None,
        decided_at: None,
    }
}

fn approvals() -> Task {
    use Choice::{Approve, Modify, Skip};
    task(
        TaskKind::Approve,
        vec![asked("a", &[Approve, Modify, Skip]), asked("b", &[Approve, Skip]), asked("c", &[Approve])],
    )
}

fn answer(value: Value) -> Answer {
    serde_json::from_value(value).unwrap()
}

/// What became of it: which items and the whole were decided, or the refusal.
fn outcome(task: &Task, value: Value) -> String {
    match record(task, &answer(value), at(10)) {
        Ok(after) if after == *task => "the same".to_owned(),
        Ok(after) => {
            let items: Vec<_> = after
                .items
                .iter()
                .filter_map(|it| {
                    it.decided.as_ref().map(|decided| format!("{}={}", it.item_id, name(&decided.answer)))
                })
                .collect();
            let whole = after.answer.as_ref().map_or("-", |decided| name(&decided.answer));
            let outcome = after.decided_at.map_or("none", |_| "outcome");
            format!("{} {whole} {}% {outcome}", items.join(","), after.percent)
        }
        Err(Refusal::Fields(wrong)) => format!("fields {}", fields(&wrong)),
        Err(Refusal::NotOffered(wrong)) => format!("not offered {}", fields(&wrong)),
        Err(Refusal::Decided(before)) => {
            format!("decided {} {}", name(&before.answer), before.at.as_second())
        }
        Err(refusal) => format!("{refusal:?}"),
    }
}

fn fields(wrong: &[WrongField]) -> String {
    wrong.iter().map(|it| it.field.as_str()).collect::<Vec<_>>().join(",")
}

#[test]
fn approvals_are_decided_item_by_item() {
    for (value, expect) in [
        (json!({"type": "approve", "item_id": "a", "effect_hash": HASH}), "a=approve - 0% outcome"),
        (json!({"type": "modify", "item_id": "a", "changes": {"tier": "basic"}}), "a=modify - 0% outcome"),
        (json!({"type": "skip", "item_id": "b"}), "b=skip - 0% outcome"),
        // What cannot be skipped stays undecided.
        (json!({"type": "skip"}), "a=skip,b=skip - 0% outcome"),
        (json!({"type": "approve", "item_id": "a", "effect_hash": OTHER}), "Changed { item: ItemId(\"a\") }"),
        (json!({"type": "approve", "item_id": "a", "effect_hash": "short"}), "fields effect_hash"),
        (json!({"type": "approve", "item_id": "x", "effect_hash": HASH}), "fields item_id"),
        (json!({"type": "modify", "item_id": "a", "changes": {}}), "fields changes"),
        (json!({"type": "modify", "item_id": "b", "changes": {"tier": "basic"}}), "not offered type"),
        (json!({"type": "skip", "item_id": "c"}), "not offered type"),
        (json!({"type": "done", "proof": {"reference": "R1"}}), "not offered type"),
        (json!({"type": "continue"}), "not offered type"),
    ] {
        assert_eq!(outcome(&approvals(), value.clone()), expect, "{value}");
    }
}

#[test]
fn guides_and_alerts_are_decided_whole() {
    let guide = task(TaskKind::Guide, Vec::new());
    let mut alert = task(TaskKind::Help, Vec::new());
    for (task, value, expect) in [
        (&guide, json!({"type": "progress", "percent": 40}), " - 40% none"),
        (&guide, json!({"type": "progress", "percent": 101}), "fields percent"),
        (&guide, json!({"type": "help", "note": "how?"}), " - 0% none"),
        (&guide, json!({"type": "done", "proof": {"reference": "R1"}}), " done 0% outcome"),
        (&guide, json!({"type": "done", "proof": {"reference": " "}}), "fields proof.reference"),
        (&guide, json!({"type": "skip"}), " skip 0% outcome"),
        (&guide, json!({"type": "stop"}), "not offered type"),
        (&guide, json!({"type": "help", "note": "x".repeat(2_001)}), "fields note"),
        (&alert, json!({"type": "continue", "input": "4411"}), " continue 0% outcome"),
        (&alert, json!({"type": "skip"}), " skip 0% outcome"),
        (&alert, json!({"type": "stop"}), " stop 0% outcome"),
        (&alert, json!({"type": "progress", "percent": 1}), "not offered type"),
    ] {
        assert_eq!(outcome(task, value.clone()), expect, "{value}");
    }
    alert.items = vec![asked("a", &[Choice::Continue, Choice::Stop])];
    assert_eq!(outcome(&alert, json!({"type": "skip"})), "not offered type");
    assert_eq!(outcome(&alert, json!({"type": "stop"})), " stop 0% outcome");
}

#[test]
fn a_call_for_help_is_kept_until_another_one() {
    let guide = task(TaskKind::Guide, Vec::new());
    let call = |task: &Task, note: &str, seconds| {
        record(task, &answer(json!({"type": "help", "note": note})), at(seconds)).unwrap()
    };
    let called = call(&guide, " how? ", 10);
    let kept = CallForHelp { note: "how?".to_owned(), at: at(10) };
    assert_eq!((&called.help, called.decided_at), (&Some(kept), None));
    assert_eq!(call(&called, "how?", 20), called, "the same call is no second one");
    let another = call(&called, "where?", 30).help.unwrap();
    assert_eq!((another.note.as_str(), another.at), ("where?", at(30)));
    let done = record(&called, &answer(json!({"type": "skip"})), at(40)).unwrap();
    assert_eq!(done.help, called.help, "what was asked stays on record");
}

#[test]
fn double_and_late_answers_have_a_defined_result() {
    let approve = json!({"type": "approve", "item_id": "a", "effect_hash": HASH});
    let mut decided = record(&approvals(), &answer(approve.clone()), at(5)).unwrap();
    for open in [true, false] {
        decided.open = open;
        assert_eq!(outcome(&decided, approve.clone()), "the same", "open: {open}");
        for value in [
            json!({"type": "skip", "item_id": "a"}),
            json!({"type": "approve", "item_id": "a", "effect_hash": OTHER}),
        ] {
            assert_eq!(outcome(&decided, value.clone()), "decided approve 5", "{value} open: {open}");
        }
    }
    assert_eq!(outcome(&decided, json!({"type": "skip", "item_id": "b"})), "Closed");
    assert_eq!(outcome(&decided, json!({"type": "skip"})), "Closed");
    decided.open = true;
    assert_eq!(
        outcome(&decided, json!({"type": "skip"})),
        "a=approve,b=skip - 0% outcome",
        "the rest is left out, what was approved stays"
    );
    let rest = record(&decided, &answer(json!({"type": "skip"})), at(6)).unwrap();
    assert_eq!(outcome(&rest, json!({"type": "skip"})), "decided approve 5", "no rest");

    let guide = task(TaskKind::Guide, Vec::new());
    let done = json!({"type": "done", "proof": {"reference": "R1"}});
    let mut after = record(&guide, &answer(done.clone()), at(7)).unwrap();
    after.open = false;
    assert_eq!(outcome(&after, done), "the same");
    assert_eq!(outcome(&after, json!({"type": "skip"})), "decided done 7");
    assert_eq!(outcome(&after, json!({"type": "progress", "percent": 9})), "decided done 7");
    let closed = Task { open: false, ..guide };
    assert_eq!(outcome(&closed, json!({"type": "skip"})), "Closed");
}

#[test]
fn all_left_out_twice_is_the_same() {
    let mut task = approvals();
    task.items.truncate(2);
    let after = record(&task, &answer(json!({"type": "skip"})), at(5)).unwrap();
    assert_eq!(outcome(&after, json!({"type": "skip"})), "the same");
    assert_eq!(outcome(&after, json!({"type": "skip", "item_id": "b"})), "the same");
}

#[test]
fn only_offered_changes_are_taken() {
    let proposal: Proposal = serde_json::from_value(json!({
        "item_id": "a", "title": "Downgrade", "effect": {}, "kind": ImpactKind::Savings,
        "modifications": {"tier": ["basic", "standard"]}
    }))
    .unwrap();
    for (changes, expect) in [
        (json!({"tier": "basic"}), ""),
        (json!({"tier": "gold"}), "changes.tier"),
        (json!({"tier": "gold", "colour": 1}), "changes.colour,changes.tier"),
    ] {
        let got = match check_changes(&proposal, &serde_json::from_value(changes).unwrap()) {
            Err(Refusal::NotOffered(wrong)) => fields(&wrong),
            other => {
                other.unwrap();
                String::new()
            }
        };
        assert_eq!(got, expect);
    }
}
