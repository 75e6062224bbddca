//! Which events are told.

use crate::{at, event, facts, notice, saved, user};
use events::{EventType, Severity};
use notices::{Around, Fact, NoticeKind, TABLE, notice_of};
use serde_json::{Value, json};

#[test]
fn every_kind_comes_of_a_fact() {
    for (kind, fact) in facts() {
        assert_eq!(notice(&fact).kind, kind);
    }
    let kinds: Vec<_> = facts().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, NoticeKind::ALL);
}

#[test]
fn every_event_of_a_run_is_told_or_known_to_be_quiet() {
    let quiet = [
        EventType::WorkflowStarted,
        EventType::StepStarted,
        EventType::StepProgress,
        EventType::StepCompleted,
        EventType::StepFailed,
        EventType::StepRetrying,
        EventType::RunStateChanged,
    ];
    for kind in EventType::ALL {
        let told = TABLE.iter().any(|row| row.event == kind.as_str());
        assert_ne!(told, quiet.contains(&kind), "{}", kind.as_str());
        if !told {
            let fact = Fact::Run(Box::new(event(kind, Severity::Error, Value::Null, Some("r:s:ask:1"))));
            assert_eq!(notice_of("e", at("2026-06-30T12:00:00Z"), &user(), &fact, Around::default()), None);
        }
    }
}

#[test]
fn what_cannot_be_started_is_not_told() {
    for (_, fact) in facts() {
        let fact = match fact {
            Fact::Suggested(mut next) => {
                next.available = false;
                Fact::Suggested(next)
            }
            Fact::Recommended(mut made) => {
                made.actions.clear();
                Fact::Recommended(made)
            }
            _ => continue,
        };
        assert_eq!(notice_of("e", at("2026-06-30T12:00:00Z"), &user(), &fact, Around::default()), None);
    }
}

#[test]
fn an_alert_that_asks_nothing_is_told_by_the_end_alone() {
    let fact = Fact::Run(Box::new(event(EventType::ManualReview, Severity::Error, json!({}), None)));
    assert_eq!(notice_of("e", at("2026-06-30T12:00:00Z"), &user(), &fact, Around::default()), None);
}

#[test]
fn a_question_that_waits_on_with_nothing_new_is_told_once() {
    let task = Some("run-1:quick-wins:ask:1");
    let told = |details| {
        let fact = Fact::Run(Box::new(event(EventType::StepWaitingUser, Severity::Info, details, task)));
        notice_of("e", at("2026-06-30T12:00:00Z"), &user(), &fact, Around::default()).map(|it| it.kind)
    };
    assert_eq!(told(Value::Null), Some(NoticeKind::Question));
    assert_eq!(told(json!({"again": true})), None);
    assert_eq!(told(json!({"again": false})), Some(NoticeKind::Question));
    assert_eq!(told(json!({"reminder": true})), Some(NoticeKind::Reminder));
}

#[test]
fn what_a_run_brought_is_told_by_its_kind_and_with_its_own_figure() {
    let so_far = engine::LiveImpact { confirmed: Some(money::Money::usd(2_899)), ..Default::default() };
    let around = Around { workflow: Some("Audit"), impact: Some(&so_far), ..Around::default() };
    for (kind, stage, title, line) in [
        ("savings", "confirmed", "Audit has saved you money", "$15.49 a month, confirmed."),
        ("savings", "promised", "Audit was promised a saving", "$15.49 a month, not confirmed yet."),
        ("set-aside", "confirmed", "Audit has set money aside", "$15.49 a month, confirmed."),
        ("income", "promised", "Audit was promised extra income", "$15.49 a month, not confirmed yet."),
        ("income", "confirmed", "Audit brings you extra income", "$15.49 a month, confirmed."),
        // These have their figure in their sentence.
        ("savings", "realised", "What Audit saved shows in your charges", ""),
        ("risk-reduced", "promised", "Audit has lowered a risk", ""),
    ] {
        let event_type =
            if kind == "risk-reduced" { EventType::RiskReduced } else { EventType::SavingsAchieved };
        let fact = Fact::Run(Box::new(event(event_type, Severity::Success, saved(kind, stage), None)));
        let told = notice_of("e", at("2026-06-30T12:00:00Z"), &user(), &fact, around).unwrap();
        let rest = told.lines[1..].join("\n");
        assert_eq!((told.title.as_str(), rest.as_str()), (title, line), "{kind} {stage}");
    }
}

#[test]
fn a_saving_that_ends_is_told_with_its_end() {
    for (months, line) in
        [(12, "$15.49 a month for 12 months, confirmed."), (1, "$15.49 a month for a month, confirmed.")]
    {
        let mut details = saved("savings", "confirmed");
        details["impact"]["months"] = json!(months);
        let fact = Fact::Run(Box::new(event(EventType::SavingsAchieved, Severity::Success, details, None)));
        assert_eq!(notice(&fact).lines[1], line);
    }
}

#[test]
fn the_same_fact_gives_the_same_notice_and_later_ones_sort_behind() {
    let (_, fact) = &facts()[0];
    assert_eq!(notice(fact), notice(fact));
    let ids = ["2026-06-30T12:00:00Z", "2026-06-30T12:00:00.001Z", "2126-01-01T00:00:00Z"]
        .map(|time| notice_of("z", at(time), &user(), fact, Around::default()).unwrap().notice_id);
    assert!(ids.is_sorted(), "{ids:?}");
}

#[test]
fn what_is_known_around_an_event_is_in_its_lines() {
    let item = |id: &str| json!({"item_id": id, "effect_hash": "h", "choices": ["approve"]});
    let task: engine::Task = serde_json::from_value(json!({
        "task_id": "run-1:quick-wins:ask:1", "run_id": "run-1", "user_id": "u", "step_id": "quick-wins", "kind": "approve",
        "prompt": "", "items": [item("a"), item("b")], "open": true, "token": "a token", "asked_at": "2026-06-30T12:00:00Z",
        "deadline": "2026-07-03T12:00:00Z",
    }))
    .unwrap();
    let confirmed = Some(money::Money::usd(2_000));
    let impact = engine::LiveImpact { confirmed, ..engine::LiveImpact::default() };
    let around = Around { task: Some(&task), impact: Some(&impact), ..Around::default() };
    let (_, fact) = &facts()[0];
    let told = notice_of("e", at("2026-06-30T12:00:00Z"), &user(), fact, around).unwrap();
    let lines = ["There are 2 things to decide, each by itself.", "Saved so far: $20.00 a month."];
    assert_eq!(told.lines[1..], lines.map(str::to_owned));
    assert!(!serde_json::to_string(&told).unwrap().contains("a token"), "the task token is told");
}

#[test]
fn an_alert_tells_what_it_offers_and_no_more() {
    let facts = facts();
    let (_, fact) = facts.iter().find(|(kind, _)| *kind == NoticeKind::Help).unwrap();
    for (choices, line) in [
        (
            json!(["continue", "skip", "stop"]),
            "You can let it continue, skip this step, or stop and keep what was done.",
        ),
        (json!(["grant", "deny"]), "You can allow it or refuse it."),
        (json!(["skip"]), "You can skip this step."),
    ] {
        let item = json!({"item_id": "alert", "effect_hash": "", "choices": choices});
        let task: engine::Task = serde_json::from_value(json!({
            "task_id": "run-1:s:help:1", "run_id": "run-1", "user_id": "u", "step_id": "s", "kind": "help", "prompt": "",
            "items": [item], "open": true, "token": "", "asked_at": "2026-06-30T12:00:00Z", "deadline": "2026-07-03T12:00:00Z",
        }))
        .unwrap();
        let around = Around { step: Some("Quick Wins"), task: Some(&task), ..Around::default() };
        let told = notice_of("e", at("2026-06-30T12:00:00Z"), &user(), fact, around).unwrap();
        assert_eq!(told.lines, ["Cancel <Netflix> & save $15.49?", line]);
    }
}

#[test]
fn a_run_that_was_undone_saved_nothing() {
    let so_far = engine::LiveImpact { confirmed: Some(money::Money::usd(2_899)), ..Default::default() };
    let around = Around { impact: Some(&so_far), ..Around::default() };
    for (kind, fact) in facts() {
        if matches!(kind, NoticeKind::RolledBack | NoticeKind::Completed) {
            let told = notice_of("e", at("2026-06-30T12:00:00Z"), &user(), &fact, around).unwrap();
            let saved = told.lines.contains(&"Saved so far: $28.99 a month.".to_owned());
            assert_eq!(saved, kind == NoticeKind::Completed, "{kind:?}");
        }
    }
}

#[test]
fn titles_have_no_amounts_and_no_one_elses_words() {
    for (_, fact) in facts() {
        let title = notice(&fact).title;
        assert!(!title.contains("Netflix") && !title.contains('$'), "{title}");
    }
}

/// What stands in the template between a function's name and the next function.
fn section<'a>(template: &'a str, function: &str) -> &'a str {
    let (_, rest) = template.split_once(&format!("FunctionName: !Sub ${{Stage}}-{function}\n")).unwrap();
    rest.split("Type: AWS::Serverless::Function").next().unwrap()
}

#[test]
fn the_rules_of_the_bus_let_through_what_the_table_tells() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../infra/template.yaml");
    let template = std::fs::read_to_string(file).unwrap();
    for channel in notices::Channel::ALL {
        let section = section(&template, channel.as_str());
        let critical = channel == notices::Channel::Sms;
        let told = TABLE.iter().filter(|row| !critical || row.kind.is_critical()).map(|row| row.event);
        let let_through = section.lines().filter_map(|line| line.strip_prefix("                - "));
        let sorted = |mut all: Vec<String>| {
            all.sort();
            all.dedup();
            all
        };
        let expect = sorted(told.map(str::to_owned).collect());
        assert_eq!(sorted(let_through.map(str::to_owned).collect()), expect, "{channel}");
        let outcome = "detail: {data: {data: {details: {outcome: [NeedsAttention]}}}}";
        assert_eq!(section.contains(outcome), critical, "{channel}");
    }
}
