//! The card of a run, told by the engine's own events.

use super::*;
use crate::card::{ImpactLine, UndoTerms};
use crate::change::{Change, Settlement};
use crate::out::RunEvent;
use crate::status::Ending;
use crate::step::Failure;
use crate::transition::apply;
use events::{ErrorClass, Figure, Impact, ImpactKind, ImpactStage, Severity, StepId};
use money::Money;
use serde_json::{Value, json};
use statemachines::Catalog;
use std::collections::BTreeSet;

mod ending;
mod impact;

const AUDIT: &str = "expense-audit";
const WINS: &str = "quick-wins";
const UNDO_UNTIL: Timestamp = Timestamp::constant(1_785_000_000, 0);

/// A run of the Emergency Fund Builder and its card, ten seconds from event to event.
struct Story {
    catalog: Catalog,
    run: Run,
    card: Card,
    events: Vec<WorkflowEvent>,
    goals: Vec<Goal>,
    now: Timestamp,
}

impl Story {
    fn new() -> Self {
        let catalog = Catalog::embedded().unwrap();
        let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
        let now = "2026-06-30T12:00:00Z".parse().unwrap();
        let as_of = "2026-06-30".parse().unwrap();
        let run = Run::queued("r".parse().unwrap(), "u".parse().unwrap(), &workflow, as_of, now);
        let card = blank(&run, &workflow);
        let mut story = Self { catalog, run, card, events: Vec::new(), goals: Vec::new(), now };
        story.tell(crate::queue::queued(&workflow));
        story
    }

    fn begun() -> Self {
        let mut story = Self::new();
        for change in [Change::Validate, Change::Pass, Change::Begin] {
            story.change(change);
        }
        story
    }

    fn workflow(&self) -> Workflow {
        self.catalog.latest(&self.run.workflow_id).unwrap().clone()
    }

    fn tell(&mut self, event: RunEvent) {
        let seq = self.card.seq + 1;
        let event = event.numbered(self.run.run_id.clone(), self.run.workflow_id.clone(), seq, self.now);
        self.card = card(self.card.clone(), &event, &self.workflow(), &self.goals, None);
        self.events.push(event);
    }

    fn change(&mut self, change: Change) {
        self.now = crate::after(self.now, Seconds(10));
        let (run, events) = apply(&self.run, &self.workflow(), &change, self.now).unwrap();
        self.run = run;
        for event in events {
            self.tell(event);
        }
    }

    fn start(&mut self, step: &str) {
        self.change(Change::Start { step: id(step), agent_until: self.now });
    }

    fn settle(&mut self, step: &str, skipped: bool, impact: Vec<Impact>) {
        let settlement = Settlement {
            skipped,
            message: format!("{step} is settled"),
            left: Vec::new(),
            diverted: false,
            unfinished: false,
            open_effects: !impact.is_empty(),
            undo_until: (!impact.is_empty()).then_some(UNDO_UNTIL),
            impact,
        };
        self.change(Change::Settle { step: id(step), settlement });
    }

    /// What a step did is undone, some of it by the user's word alone.
    fn undo(&mut self, step: &str, unconfirmed: &[&str]) {
        self.change(Change::Undo { step: id(step), agent_until: self.now });
        self.change(Change::Undone {
            step: id(step),
            failures: Vec::new(),
            unconfirmed: unconfirmed.iter().map(|&it| it.to_owned()).collect(),
            in_force: Vec::new(),
        });
    }

    fn report(&mut self, step: &str, details: Value) {
        let details = details.as_object().unwrap().clone();
        self.tell(RunEvent {
            kind: EventType::StepProgress,
            step: Some(id(step)),
            severity: Severity::Info,
            progress: 0,
            message: "reported".to_owned(),
            details,
            user_action: None,
            lasted: 0,
        });
    }
}

fn id(step: &str) -> StepId {
    step.parse().unwrap()
}

fn saving(cents: i64, stage: ImpactStage, kind: ImpactKind) -> Impact {
    Impact {
        kind,
        stage,
        monthly: Money::usd(cents),
        months: None,
        label: "Cancelled".to_owned(),
        evidence: vec!["t1".to_owned()],
    }
}

fn confirmed(cents: i64) -> Impact {
    saving(cents, ImpactStage::Confirmed, ImpactKind::Savings)
}

#[test]
fn a_queued_run_shows_all_its_steps_to_come() {
    let card = Story::new().card;
    let upcoming: Vec<&str> = card.upcoming.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        upcoming,
        ["Expense Audit", "Quick Wins", "Bill Negotiation", "Automation Setup", "Side Income"]
    );
    assert_eq!((card.status, card.progress, card.seq), (RunStatus::Queued, 0, 1));
    // The workflow's own range: 10 minutes to 2 hours.
    assert_eq!(card.remaining_seconds, (600, 7200));
}

#[test]
fn a_step_goes_from_upcoming_to_current_to_completed() {
    let mut story = Story::begun();
    assert_eq!(story.card.started_at, Some(story.now));
    story.start(AUDIT);
    let current = story.card.current[0].clone();
    assert_eq!(
        (current.agent.as_str(), current.status.as_str()),
        ("Spending Analyzer", "Categorise the last 90 days")
    );
    assert_eq!((current.since, story.card.upcoming.len()), (story.now, 4));
    story.settle(AUDIT, false, Vec::new());
    let done = story.card.completed[0].clone();
    assert_eq!((done.outcome.as_str(), done.seconds), ("complete", 10));
    assert_eq!(done.message, "expense-audit is settled");
    assert!(story.card.current.is_empty());
}

#[test]
fn an_agents_report_shows_on_its_step_and_in_the_progress() {
    let mut story = Story::begun();
    story.start(AUDIT);
    story.settle(AUDIT, false, Vec::new());
    story.start("bill-negotiation");
    let before = (story.card.progress, story.card.remaining_seconds);
    let usd = |cents: i64| json!({"minor": cents, "currency": "USD"});
    story.report(
        "bill-negotiation",
        json!({"percent": 50, "headline": "On hold with retention dept", "figures": {"promisedMonthly": usd(1_500)}}),
    );
    let current = &story.card.current[0];
    assert_eq!((current.percent, current.status.as_str()), (50, "On hold with retention dept"));
    assert_eq!(current.figures, [("Promised a month".to_owned(), Figure::Amount(Money::usd(1_500)))]);
    assert!(story.card.progress > before.0 && story.card.remaining_seconds.1 < before.1.1);
    // A late, older report neither takes percent nor progress back; figures are as last told, unknown ones by their own name.
    let progress = story.card.progress;
    story.report(
        "bill-negotiation",
        json!({"percent": 20, "figures": {"promisedMonthly": usd(900), "odd": usd(1)}}),
    );
    let current = &story.card.current[0];
    assert_eq!((current.percent, story.card.progress), (50, progress));
    let figures: Vec<_> = current.figures.iter().map(|(name, it)| format!("{name}: {it}")).collect();
    assert_eq!(figures, ["Promised a month: $9.00", "odd: $0.01"]);
}

#[test]
fn counts_and_percents_can_be_followed_and_nothing_else() {
    let mut story = Story::begun();
    story.start(AUDIT);
    story
        .report(AUDIT, json!({"figures": {"transactionsRead": 412, "share": {"percent": 40}, "chart": [1]}}));
    let shown = &story.card.current[0].figures;
    // In whatever order the agent's object has them.
    let figures: BTreeSet<_> = shown.iter().map(|(name, it)| format!("{name}: {it}")).collect();
    assert_eq!(figures, BTreeSet::from(["share: 40 %".to_owned(), "Transactions read: 412".to_owned()]));
}

#[test]
fn a_report_that_comes_too_late_is_dropped() {
    let mut story = Story::begun();
    story.start(AUDIT);
    story.settle(AUDIT, false, Vec::new());
    story.report(AUDIT, json!({"percent": 90, "headline": "still counting"}));
    assert!(story.card.current.is_empty());
    assert_eq!(story.card.completed[0].message, "expense-audit is settled");
}

#[test]
fn a_question_shows_until_it_is_answered() {
    let mut story = Story::begun();
    story.start(WINS);
    story.change(Change::Ask {
        step: id(WINS),
        task: "t1".parse().unwrap(),
        prompt: "Approve?".to_owned(),
        deadline: story.now,
        open_effects: false,
        again: false,
    });
    assert!(story.card.current[0].waiting_user);
    assert_eq!(story.card.current[0].status, "Approve?");
    story.report(WINS, json!({"percent": 40, "headline": "I am half way"}));
    let current = &story.card.current[0];
    assert_eq!(
        (current.waiting_user, current.status.as_str()),
        (true, "I am half way"),
        "it is not answered"
    );
    story.change(Change::Proceed { step: id(WINS), agent_until: story.now, open_effects: true });
    assert!(!story.card.current[0].waiting_user);
}

#[test]
fn a_completed_run_is_at_a_hundred_with_nothing_left() {
    let mut story = Story::begun();
    let mut reached = Vec::new();
    for step in [AUDIT, WINS, "bill-negotiation", "automation-setup", "side-income"] {
        assert!(story.card.progress < 100);
        story.start(step);
        story.settle(step, step == WINS, Vec::new());
        reached.push(story.card.progress);
    }
    // The hour of side income is a person's: it counts no more than the eight minutes of negotiating.
    assert_eq!(reached, [10, 22, 55, 66, 100]);
    let card = &story.card;
    assert_eq!((card.status, card.progress, card.ended_at), (RunStatus::Completed, 100, Some(story.now)));
    let outcomes: Vec<&str> = card.completed.iter().map(|it| it.outcome.as_str()).collect();
    assert_eq!(outcomes, ["complete", "skipped", "complete", "complete", "complete"]);
    assert!(card.current.is_empty() && card.upcoming.is_empty());
}

#[test]
fn a_held_and_a_refused_run_say_why() {
    let mut story = Story::new();
    story.change(Change::Validate);
    story.change(Change::Hold { reason: "plaid does not answer".to_owned() });
    let card = &story.card;
    assert_eq!((card.status, card.reason.as_deref()), (RunStatus::Queued, Some("plaid does not answer")));
    story.change(Change::Validate);
    assert_eq!(story.card.reason, None);
    story.change(Change::Refuse { failures: vec!["a".to_owned(), "b".to_owned()] });
    assert_eq!((story.card.status, story.card.reason.as_deref()), (RunStatus::Failed, Some("a; b")));
}

#[test]
fn items_that_were_left_out_stand_on_their_steps_line() {
    let mut story = Story::begun();
    story.start(WINS);
    let settlement = Settlement {
        skipped: false,
        message: "2 cancelled".to_owned(),
        left: vec!["Gym: said no".to_owned()],
        diverted: false,
        unfinished: false,
        undo_until: None,
        impact: Vec::new(),
        open_effects: false,
    };
    story.change(Change::Settle { step: id(WINS), settlement });
    assert_eq!(story.card.completed[0].message, "2 cancelled (not done: Gym: said no)");
}

#[test]
fn seen_events_change_nothing_and_the_same_events_give_the_same_card() {
    let mut story = Story::begun();
    story.start(AUDIT);
    story.report(AUDIT, json!({"percent": 40}));
    story.settle(AUDIT, false, Vec::new());
    let workflow = story.workflow();
    for event in &story.events {
        assert_eq!(card(story.card.clone(), event, &workflow, &[], None), story.card);
    }
    let mut again = blank(&story.run, &workflow);
    let mut progress = 0;
    for event in &story.events {
        again = card(again, event, &workflow, &[], None);
        again = card(again, event, &workflow, &[], None);
        assert!(again.progress >= progress, "progress never falls");
        progress = again.progress;
    }
    assert_eq!(again, story.card);
}
