//! Groups, resume and the end of what could not be undone: what a run looks like after each.

#![expect(clippy::unwrap_used, reason = "a test may")]

use engine::{
    Change, Ending, FailedGroup, Illegal, NotResumable, Run, RunStatus, Settlement, StepStatus, apply,
    next_undo, reopened,
};
use events::{RunId, StepId, UserId};
use jiff::Timestamp;
use statemachines::{Workflow, parse};

const WORKFLOW: &str = r#"
id: grouped
version: 1
name: Grouped
description: A pair between two steps.
category: optimize
status: available
triggers: []
steps:
  - { id: before, name: Before, description: B., type: automated, agent: a, actions: [], timeout: 2m, expectedDuration: 10s, checkpoint: true }
  - { id: sell, name: Sell, description: S., type: automated, agent: a, dependsOn: [before], actions: [], timeout: 2m, expectedDuration: 10s, group: swap }
  - { id: buy, name: Buy, description: B., type: automated, agent: a, dependsOn: [sell], actions: [], timeout: 2m, expectedDuration: 10s, group: swap }
  - { id: instead, name: Instead, description: I., type: automated, agent: a, actions: [], timeout: 2m, expectedDuration: 10s }
  - { id: after, name: After, description: A., type: automated, agent: a, dependsOn: [buy], actions: [], timeout: 2m, expectedDuration: 10s }
groups:
  - { id: swap, onFailure: { fallback: instead } }
estimatedDuration: { min: 1m, max: 2m }
estimatedImpact: { summary: Some., kinds: [savings] }
agents: []
maxAge: 30d
queueExpiry: 1h
"#;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn workflow() -> Workflow {
    parse("grouped.yaml", WORKFLOW).unwrap()
}

fn id(step: &str) -> StepId {
    StepId::parse(step).unwrap()
}

fn executing() -> Run {
    let ids = (RunId::parse("r").unwrap(), UserId::parse("u").unwrap());
    let run = Run::queued(ids.0, ids.1, &workflow(), "2026-03-01".parse().unwrap(), now());
    after(&run, &[Change::Validate, Change::Pass, Change::Begin])
}

fn after(run: &Run, changes: &[Change]) -> Run {
    changes.iter().fold(run.clone(), |run, change| apply(&run, &workflow(), change, now()).unwrap().0)
}

fn settled(open_effects: bool) -> Settlement {
    Settlement {
        skipped: false,
        message: "done".to_owned(),
        left: vec![],
        impact: vec![],
        open_effects,
        diverted: false,
        unfinished: false,
        undo_until: None,
    }
}

fn settle(step: &str, open_effects: bool) -> Vec<Change> {
    let settlement = settled(open_effects);
    vec![Change::Start { step: id(step), agent_until: now() }, Change::Settle { step: id(step), settlement }]
}

fn fail_group() -> Change {
    Change::FailGroup { group: "swap".to_owned(), reason: "the broker declined to buy".to_owned() }
}

fn undo(step: &str) -> Vec<Change> {
    vec![
        Change::Undo { step: id(step), agent_until: now() },
        Change::Undone { step: id(step), failures: vec![], unconfirmed: Vec::new(), in_force: vec![] },
    ]
}

#[test]
fn a_failed_group_is_undone_and_its_fallback_takes_its_place() {
    let run = after(&executing(), &[settle("before", true), settle("sell", true)].concat());
    let run = after(&run, &[fail_group()]);
    assert_eq!(run.status, RunStatus::Executing);
    assert_eq!(next_undo(&run, &workflow(), Some("swap")), Some(id("sell")), "the group's own effects alone");

    // No new effect begins in it, and it does not end with effects in force.
    let start = Change::Start { step: id("buy"), agent_until: now() };
    assert!(matches!(apply(&run, &workflow(), &start, now()), Err(Illegal::Run { .. })));
    let end = Change::EndGroup { group: "swap".to_owned() };
    assert!(matches!(apply(&run, &workflow(), &end, now()), Err(Illegal::Group { .. })));

    let run = after(&run, &[undo("sell"), vec![end]].concat());
    assert_eq!(run.failed_groups["swap"], FailedGroup::Undone);
    assert_eq!(run.entry(&id("sell")).status, StepStatus::Undone);
    assert_eq!(run.entry(&id("buy")).status, StepStatus::Skipped);
    assert!(run.is_on_path(&workflow(), &id("instead")));

    let run = after(&run, &[settle("instead", false), settle("after", false)].concat());
    assert_eq!(run.status, RunStatus::Completed, "it completes without the group and with its fallback");
}

#[test]
fn a_run_without_a_failed_group_completes_without_its_fallback() {
    let steps = ["before", "sell", "buy", "after"].map(|step| settle(step, false)).concat();
    assert_eq!(after(&executing(), &steps).status, RunStatus::Completed);
}

/// A step may settle after the platform gave it up and took its fallback.
#[test]
fn a_fallback_that_has_begun_is_waited_for() {
    let steps = ["before", "sell", "buy", "after"].map(|step| settle(step, false)).concat();
    let [start, settle] = <[Change; 2]>::try_from(settle("instead", true)).unwrap();
    let run = after(&executing(), &[vec![start], steps].concat());
    assert_eq!(run.status, RunStatus::Executing);
    assert_eq!(after(&run, &[settle]).status, RunStatus::Completed);
}

#[test]
fn a_group_fails_once_and_only_while_the_run_goes_on() {
    let run = after(&executing(), &[fail_group()]);
    assert!(apply(&run, &workflow(), &fail_group(), now()).is_err());
    let end = Change::End { ending: Ending::Cancel, reason: "cancelled".to_owned() };
    let run = after(&executing(), &[end]);
    assert!(apply(&run, &workflow(), &fail_group(), now()).is_err());
    let unknown = Change::FailGroup { group: "other".to_owned(), reason: String::new() };
    assert!(matches!(apply(&executing(), &workflow(), &unknown, now()), Err(Illegal::Group { .. })));
}

fn stopped() -> Run {
    let run = after(&executing(), &[settle("before", true), settle("sell", true)].concat());
    let stop = Change::End { ending: Ending::Stop, reason: "stopped by you".to_owned() };
    let run = after(&run, &[stop]);
    assert!(apply(&run, &workflow(), &Change::Finish, now()).is_err(), "half a group is in force");
    let undone = Change::Undone {
        step: id("sell"),
        failures: Vec::new(),
        unconfirmed: Vec::new(),
        in_force: Vec::new(),
    };
    after(&run, &[Change::Undo { step: id("sell"), agent_until: now() }, undone, Change::Finish])
}

#[test]
fn a_stopped_run_goes_on_where_it_was_in_a_new_epoch() {
    let run = stopped();
    let steps = reopened(&run, &workflow(), None).unwrap();
    // A group is gone through as a whole; a fallback is entered when the machine comes to it, and only then.
    assert_eq!(steps, [id("sell"), id("buy"), id("instead"), id("after")]);
    let resumed = after(&run, &[Change::Resume { version: 1, reopened: steps }]);
    assert_eq!((resumed.status, resumed.epoch, resumed.ending), (RunStatus::Queued, 2, None));
    assert!(resumed.entry(&id("before")).status.is_settled(), "what is done stays done");
    assert!(resumed.entry(&id("before")).open_effects);
}

#[test]
fn an_earlier_checkpoint_is_gone_back_to_by_name() {
    let run = stopped();
    let steps = reopened(&run, &workflow(), Some("before")).unwrap();
    assert_eq!(steps, [id("sell"), id("buy"), id("instead"), id("after")]);
    let unknown = reopened(&run, &workflow(), Some("sell")).unwrap_err();
    assert_eq!(unknown.to_string(), "there is no checkpoint sell; there are: before");
    let stop = Change::End { ending: Ending::Stop, reason: "stopped".to_owned() };
    let early = after(&executing(), &[stop, Change::Finish]);
    assert_eq!(reopened(&early, &workflow(), Some("before")), Err(NotResumable::NotReached(id("before"))));
    assert_eq!(reopened(&executing(), &workflow(), None), Err(NotResumable::Status(RunStatus::Executing)));
}

#[test]
fn a_resumed_run_that_is_cancelled_while_it_waits_is_undone_and_one_that_is_refused_stays_stopped() {
    let resume = Change::Resume { version: 1, reopened: vec![id("buy")] };
    let run = after(&stopped(), &[resume]);
    let cancel = Change::End { ending: Ending::Cancel, reason: "cancelled".to_owned() };
    let cancelled = after(&run, &[cancel]);
    assert_eq!(cancelled.status, RunStatus::RollingBack);
    assert_eq!(next_undo(&cancelled, &workflow(), None), Some(id("before")));
    let refused =
        after(&run, &[Change::Validate, Change::Refuse { failures: vec!["no consent".to_owned()] }]);
    assert_eq!(refused.status, RunStatus::Stopped);
}

#[test]
fn what_could_not_be_undone_needs_attention_until_it_is_reversed() {
    let run = after(&executing(), &settle("before", true));
    let end = Change::End { ending: Ending::Cancel, reason: "cancelled".to_owned() };
    let failed = vec![
        end,
        Change::Undo { step: id("before"), agent_until: now() },
        Change::Undone {
            step: id("before"),
            failures: vec!["the provider refuses".to_owned()],
            unconfirmed: Vec::new(),
            in_force: vec![],
        },
        Change::Finish,
    ];
    let run = after(&run, &failed);
    assert_eq!(run.status, RunStatus::NeedsAttention);
    let left = Change::Reversed {
        step: id("before"),
        left: vec!["one item".to_owned()],
        unconfirmed: Vec::new(),
        in_force: vec![],
        kept: false,
    };
    assert_eq!(after(&run, &[left]).status, RunStatus::NeedsAttention);
    let reversed = |kept| Change::Reversed {
        step: id("before"),
        left: vec![],
        unconfirmed: Vec::new(),
        in_force: vec![],
        kept,
    };
    assert_eq!(after(&run, &[reversed(false)]).status, RunStatus::RolledBack);
    // Of a run that was stopped everything else is kept, and a resume does not come back to what is reversed.
    for (kept, status) in [(false, StepStatus::Skipped), (true, StepStatus::Complete)] {
        let stopped = after(&Run { ending: Some(Ending::Stop), ..run.clone() }, &[reversed(kept)]);
        assert_eq!(stopped.status, RunStatus::Stopped);
        let entry = stopped.entry(&id("before"));
        assert_eq!((entry.status, entry.open_effects), (status, kept), "what is kept can be undone later");
    }

    let again = after(&Run { ending: Some(Ending::Stop), ..run.clone() }, &[Change::UndoAgain]);
    assert_eq!(again.ending, Some(Ending::Stop), "what a stop keeps is not undone");
    let again = after(&run, &[Change::UndoAgain]);
    assert_eq!((again.status, again.epoch), (RunStatus::RollingBack, 2));
    let again = after(&again, &[undo("before"), vec![Change::Finish]].concat());
    assert_eq!(again.status, RunStatus::RolledBack);
}

#[test]
fn a_run_that_was_stopped_with_nothing_left_to_do_completes_when_it_is_resumed() {
    let pass = Change::Settle { step: id("after"), settlement: settled(false) };
    let start = |step: &str| Change::Start { step: id(step), agent_until: now() };
    let stop = Change::End { ending: Ending::Stop, reason: "stopped by you".to_owned() };
    let mut run = executing();
    for step in ["before", "sell", "buy"] {
        run = after(&run, &settle(step, true));
    }
    // The last step is at work when the stop comes, and done before the run has ended.
    let stopped = after(&run, &[start("after"), stop, pass, Change::Finish]);
    assert_eq!(stopped.status, RunStatus::Stopped);
    let again = reopened(&stopped, &workflow(), None).unwrap();
    assert_eq!(again, [id("instead")], "which is not on the run's path");
    let resume = Change::Resume { version: 1, reopened: again };
    let run = after(&stopped, &[resume, Change::Validate, Change::Pass, Change::Begin]);
    assert_eq!((run.status, run.progress), (RunStatus::Completed, 100));
}

#[test]
fn a_rollback_is_not_at_its_end_while_a_step_that_was_settled_meanwhile_is_in_force() {
    let cancel = Change::End { ending: Ending::Cancel, reason: "cancelled by you".to_owned() };
    let [start, settle]: [Change; 2] = settle("before", true).try_into().unwrap();
    let run = after(&executing(), &[start, cancel, settle]);
    let early = apply(&run, &workflow(), &Change::Finish, now()).unwrap_err();
    assert_eq!(early, Illegal::Run { status: RunStatus::RollingBack, change: "finish" });
    let run = after(&run, &[undo("before"), vec![Change::Finish]].concat());
    assert_eq!(run.status, RunStatus::RolledBack);
}
