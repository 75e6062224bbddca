//! Every edge of the state diagram that was asked for, what each became here, and that nothing else is allowed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use engine::{Change, Ending, Failure, Illegal, Run, RunStatus, Settlement, StepEntry, StepStatus, apply};
use events::{ErrorClass, RunId, StepId, UserId};
use jiff::{SignedDuration, Timestamp};
use statemachines::{Workflow, parse};

const WORKFLOW: &str = r#"
id: two-steps
version: 1
name: Two steps
description: Two.
category: optimize
status: available
triggers: []
steps:
  - { id: one, name: One, description: One., type: automated, agent: a, actions: [], timeout: 2m, expectedDuration: 10s, group: both }
  - { id: two, name: Two, description: Two., type: automated, agent: a, dependsOn: [one], actions: [], timeout: 2m, expectedDuration: 30s }
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
    parse("two.yaml", WORKFLOW).unwrap()
}

fn step() -> StepId {
    StepId::parse("one").unwrap()
}

/// A run in one state, its first step in another.
fn run(status: RunStatus, one: StepStatus) -> Run {
    let ids = (RunId::parse("r").unwrap(), UserId::parse("u").unwrap());
    let mut run = Run::queued(ids.0, ids.1, &workflow(), "2026-03-01".parse().unwrap(), now());
    run.status = status;
    run.ending = (status == RunStatus::RollingBack).then_some(Ending::RollBack);
    let open_effects = one != StepStatus::Undone;
    let entry = StepEntry { status: one, attempt: 1, order: 1, open_effects, ..StepEntry::default() };
    *run.steps.get_mut(&step()).unwrap() = entry;
    run
}

fn settled() -> Settlement {
    Settlement {
        skipped: false,
        message: "done".to_owned(),
        left: vec![],
        impact: vec![],
        open_effects: true,
        diverted: false,
        unfinished: false,
        undo_until: None,
    }
}

/// One change of every kind.
fn changes() -> Vec<Change> {
    let task = || "r:one:ask:1".try_into().unwrap();
    let text = || "why".to_owned();
    let failure = || Failure::new(ErrorClass::Timeout, text());
    vec![
        Change::Validate,
        Change::Hold { reason: text() },
        Change::Pass,
        Change::Refuse { failures: vec![text()] },
        Change::Begin,
        Change::Start { step: step(), agent_until: now() },
        Change::Ask {
            step: step(),
            task: task(),
            prompt: text(),
            deadline: now(),
            open_effects: false,
            again: false,
        },
        Change::Proceed { step: step(), agent_until: now(), open_effects: false },
        Change::Settle { step: step(), settlement: settled() },
        Change::Fail { step: step(), failure: failure(), retry: true, at_rest: true, open_effects: false },
        Change::Alert { step: step(), task: task(), prompt: text(), deadline: now() },
        Change::Helped { step: step() },
        Change::Release { step: step() },
        Change::End { ending: Ending::RollBack, reason: text() },
        Change::Undo { step: step(), agent_until: now() },
        Change::UndoPaused { step: step(), at_rest: true },
        Change::Undone { step: step(), failures: vec![], unconfirmed: Vec::new(), in_force: vec![] },
        Change::AskUndo { step: step(), task: task(), prompt: text(), deadline: now() },
        Change::Reversed {
            step: step(),
            left: vec![],
            unconfirmed: Vec::new(),
            in_force: vec![],
            kept: false,
        },
        Change::FailGroup { group: "both".to_owned(), reason: text() },
        Change::EndGroup { group: "both".to_owned() },
        Change::Finish,
        Change::Resume { version: 1, reopened: vec![step()] },
        Change::UndoAgain,
        Change::LookAgain,
    ]
}

fn change(name: &str) -> Change {
    changes().into_iter().find(|it| it.name() == name).unwrap_or_else(|| panic!("no change {name}"))
}

/// The diagram that was asked for has one machine; here a run and each of its steps have one each, because steps run side by side:
/// its `StepInProgress`, `StepComplete`, `StepFailed` and `Retrying` are states of a step, in a run that is `Executing`.
/// Its edge, state before (run, step), change, state after (run, step).
#[test]
fn every_edge_that_was_asked_for() {
    use RunStatus as R;
    use StepStatus as S;
    for (edge, before, name, after) in [
        ("[*] --> Queued", (R::Queued, S::Pending), "validate", (R::Validating, S::Pending)),
        ("Queued --> Validating", (R::Queued, S::Pending), "validate", (R::Validating, S::Pending)),
        ("Validating --> Ready", (R::Validating, S::Pending), "pass", (R::Ready, S::Pending)),
        ("Validating --> Failed", (R::Validating, S::Pending), "refuse", (R::Failed, S::Pending)),
        ("Ready --> Executing", (R::Ready, S::Pending), "begin", (R::Executing, S::Pending)),
        ("Executing --> StepInProgress", (R::Executing, S::Pending), "start", (R::Executing, S::InProgress)),
        (
            "StepInProgress --> StepComplete",
            (R::Executing, S::InProgress),
            "settle",
            (R::Executing, S::Complete),
        ),
        ("StepInProgress --> StepFailed", (R::Executing, S::InProgress), "fail", (R::Executing, S::Retrying)),
        ("StepFailed --> Retrying", (R::Executing, S::InProgress), "fail", (R::Executing, S::Retrying)),
        ("Retrying --> StepInProgress", (R::Executing, S::Retrying), "start", (R::Executing, S::InProgress)),
        ("StepFailed --> RollingBack", (R::Executing, S::Failed), "end", (R::RollingBack, S::Failed)),
        ("RollingBack --> RolledBack", (R::RollingBack, S::Undone), "finish", (R::RolledBack, S::Undone)),
        // Beyond it. A dependency that is down is waited for, not failed on.
        ("Validating --> Queued", (R::Validating, S::Pending), "hold", (R::Queued, S::Pending)),
        // Its time in the queue is over.
        ("Queued --> Failed", (R::Queued, S::Pending), "refuse", (R::Failed, S::Pending)),
        // Its machine is not there, and was not until it expired.
        ("Ready --> Failed", (R::Ready, S::Pending), "refuse", (R::Failed, S::Pending)),
        // "Request Input" and "Escalate": a person is asked, the run is paused only while something went wrong.
        (
            "StepInProgress --> WaitingUser",
            (R::Executing, S::InProgress),
            "ask",
            (R::Executing, S::WaitingUser),
        ),
        (
            "WaitingUser --> StepInProgress",
            (R::Executing, S::WaitingUser),
            "proceed",
            (R::Executing, S::InProgress),
        ),
        ("StepFailed --> Paused", (R::Executing, S::Failed), "alert", (R::Paused, S::WaitingUser)),
        ("Paused --> Retrying", (R::Paused, S::WaitingUser), "helped", (R::Executing, S::Retrying)),
        ("Paused --> RollingBack", (R::Paused, S::WaitingUser), "end", (R::RollingBack, S::WaitingUser)),
        // A stopped run is taken up again, through the queue.
        ("Stopped --> Queued", (R::Stopped, S::Failed), "resume", (R::Queued, S::Pending)),
        // What could not be undone is tried again, or reversed by hand.
        (
            "NeedsAttention --> RollingBack",
            (R::NeedsAttention, S::UndoFailed),
            "undo again",
            (R::RollingBack, S::Failed),
        ),
        (
            "NeedsAttention --> RolledBack",
            (R::NeedsAttention, S::UndoFailed),
            "reversed",
            (R::RolledBack, S::Undone),
        ),
        // The rollback, step by step.
        ("StepComplete --> Undoing", (R::RollingBack, S::Complete), "undo", (R::RollingBack, S::Undoing)),
        ("Undoing --> Undone", (R::RollingBack, S::Undoing), "undone", (R::RollingBack, S::Undone)),
        (
            "RollingBack --> NeedsAttention",
            (R::RollingBack, S::UndoFailed),
            "finish",
            (R::NeedsAttention, S::UndoFailed),
        ),
    ] {
        let (run, _) = apply(&run(before.0, before.1), &workflow(), &change(name), now())
            .unwrap_or_else(|error| panic!("{edge}: {error}"));
        assert_eq!((run.status, run.entry(&step()).status), after, "{edge}");
    }
}

/// What each state allows, whole: anything else is refused and changes nothing.
#[test]
fn nothing_else_is_allowed() {
    for status in RunStatus::ALL {
        for one in StepStatus::ALL {
            let before = run(status, one);
            let allowed: Vec<_> = changes()
                .into_iter()
                .filter(|change| apply(&before, &workflow(), change, now()).is_ok())
                .map(|change| change.name())
                .collect();
            assert_eq!(allowed, expected(status, one), "{status:?} {one:?}");
        }
    }
}

/// In the order of [`changes`].
fn expected(status: RunStatus, one: StepStatus) -> Vec<&'static str> {
    let mut names = expected_of(status, one);
    if !status.is_terminal() {
        names.push("look again");
    }
    let order: Vec<_> = changes().iter().map(Change::name).collect();
    names.sort_by_key(|name| order.iter().position(|it| it == name));
    names
}

fn expected_of(status: RunStatus, one: StepStatus) -> Vec<&'static str> {
    use RunStatus as R;
    use StepStatus as S;
    let forward = match one {
        S::Pending => vec!["start", "settle", "fail", "alert"],
        S::InProgress => vec!["start", "ask", "proceed", "settle", "fail", "alert"],
        S::WaitingUser => vec!["proceed", "settle", "fail", "alert", "helped"],
        S::Retrying => vec!["start", "settle", "fail", "alert"],
        S::Failed => vec!["start", "settle", "alert"],
        S::Complete | S::Skipped => vec!["release"],
        S::Undoing | S::Undone | S::UndoFailed => vec![],
    };
    match status {
        R::Queued => vec!["validate", "refuse", "end"],
        R::Validating => vec!["hold", "pass", "refuse", "end"],
        R::Ready => vec!["refuse", "begin", "end"],
        R::Executing | R::Paused => forward.into_iter().chain(["end", "fail a group"]).collect(),
        R::RollingBack => {
            let drained = forward.into_iter().filter(|name| matches!(*name, "settle" | "fail"));
            let undo = match one {
                S::Undone | S::UndoFailed => vec!["finish"],
                S::Undoing => vec!["undo", "pause undoing", "undone", "ask to undo"],
                _ => vec!["undo"],
            };
            drained.chain(undo).collect()
        }
        R::Stopped => vec!["resume"],
        R::NeedsAttention if one == S::UndoFailed => vec!["reversed", "undo again"],
        R::NeedsAttention => vec!["undo again"],
        R::Completed | R::Failed | R::RolledBack => vec![],
    }
}

#[test]
fn the_last_settlement_completes_the_run() {
    let workflow = workflow();
    let mut run = run(RunStatus::Executing, StepStatus::InProgress);
    for id in ["one", "two"] {
        let step = StepId::parse(id).unwrap();
        (run, _) = apply(&run, &workflow, &Change::Settle { step, settlement: settled() }, now()).unwrap();
    }
    assert_eq!((run.status, run.progress), (RunStatus::Completed, 100));
    assert_eq!(run.ended_at, Some(now()));
}

#[test]
fn progress_is_weighted_and_never_falls() {
    let workflow = workflow();
    let run = run(RunStatus::Executing, StepStatus::InProgress);
    let settle = Change::Settle { step: step(), settlement: settled() };
    let (run, _) = apply(&run, &workflow, &settle, now()).unwrap();
    assert_eq!(run.progress, 37, "half of one of two steps, half of 10 s of 40 s");
    let end = Change::End { ending: Ending::Cancel, reason: "cancelled".to_owned() };
    let (run, _) = apply(&run, &workflow, &end, now()).unwrap();
    let (run, _) = apply(&run, &workflow, &Change::Undo { step: step(), agent_until: now() }, now()).unwrap();
    let (run, _) = apply(
        &run,
        &workflow,
        &Change::Undone { step: step(), failures: vec![], unconfirmed: Vec::new(), in_force: vec![] },
        now(),
    )
    .unwrap();
    assert_eq!(run.progress, 37);
}

#[test]
fn a_stop_keeps_what_was_done_and_ends_stopped() {
    let workflow = workflow();
    let run = run(RunStatus::Executing, StepStatus::Complete);
    let end = Change::End { ending: Ending::Stop, reason: "stopped".to_owned() };
    let (run, _) = apply(&run, &workflow, &end, now()).unwrap();
    let (run, _) = apply(&run, &workflow, &Change::Finish, now()).unwrap();
    assert_eq!(run.status, RunStatus::Stopped);
}

#[test]
fn what_is_unsafe_to_keep_is_undone_whoever_stops_the_run() {
    let stop = Change::End { ending: Ending::Stop, reason: "stopped by you".to_owned() };
    for (class, ending, reason) in [
        (ErrorClass::Critical, Ending::RollBack, "the account is frozen"),
        (ErrorClass::Defect, Ending::RollBack, "the account is frozen"),
        (ErrorClass::Validation, Ending::Stop, "stopped by you"),
    ] {
        let failure = Failure::new(class, "the account is frozen");
        let fail = Change::Fail { step: step(), failure, retry: false, at_rest: true, open_effects: true };
        let before = run(RunStatus::Executing, StepStatus::InProgress);
        let (failed, _) = apply(&before, &workflow(), &fail, now()).unwrap();
        let (stopped, _) = apply(&failed, &workflow(), &stop, now()).unwrap();
        assert_eq!((stopped.ending, stopped.reason.as_deref()), (Some(ending), Some(reason)), "{class}");
        // An attempt that nobody waited for any more has settled it after all.
        let settle = Change::Settle { step: step(), settlement: settled() };
        let (settled, _) = apply(&failed, &workflow(), &settle, now()).unwrap();
        let (stopped, _) = apply(&settled, &workflow(), &stop, now()).unwrap();
        assert_eq!(stopped.ending, Some(Ending::Stop));
    }
}

#[test]
fn a_run_that_no_execution_undoes_is_looked_at_at_once_and_then_soon() {
    let seconds = |run: &Run| run.look_at.unwrap().duration_since(now()).as_secs();
    let end = Change::End { ending: Ending::Cancel, reason: "cancelled".to_owned() };
    let mut queued = run(RunStatus::Queued, StepStatus::Pending);
    queued.steps.get_mut(&step()).unwrap().open_effects = true;
    let (ended, _) = apply(&queued, &workflow(), &end, now()).unwrap();
    assert_eq!((ended.status, seconds(&ended)), (RunStatus::RollingBack, 0));
    let (looked, _) = apply(&ended, &workflow(), &Change::LookAgain, now()).unwrap();
    assert_eq!(seconds(&looked), 300);
    let stuck = run(RunStatus::NeedsAttention, StepStatus::UndoFailed);
    let (resumed, _) = apply(&stuck, &workflow(), &Change::UndoAgain, now()).unwrap();
    assert_eq!(seconds(&resumed), 0);
    let (looked, _) = apply(&resumed, &workflow(), &Change::LookAgain, now()).unwrap();
    assert_eq!(seconds(&looked), 60);
}

#[test]
fn whatever_ends_a_step_or_a_run_says_how_long_it_lasted() {
    let at = |seconds| now() + SignedDuration::from_secs(seconds);
    let mut run = run(RunStatus::Executing, StepStatus::InProgress);
    run.started_at = Some(now());
    run.steps.get_mut(&step()).unwrap().started_at = Some(at(10));
    let failure = Failure::new(ErrorClass::Timeout, "late".to_owned());
    let fail = Change::Fail { step: step(), failure, retry: false, at_rest: true, open_effects: true };
    let end = Change::End { ending: Ending::RollBack, reason: "why".to_owned() };
    let undone = Change::Undone { step: step(), failures: vec![], unconfirmed: Vec::new(), in_force: vec![] };
    let changes = [fail, end, Change::Undo { step: step(), agent_until: now() }, undone, Change::Finish];
    let mut lasted = Vec::new();
    for (change, seconds) in changes.iter().zip([20, 30, 40, 50, 60]) {
        let (next, events) = apply(&run, &workflow(), change, at(seconds)).unwrap();
        lasted.extend(events.iter().filter(|it| it.lasted > 0).map(|it| (it.kind.as_str(), it.lasted)));
        run = next;
    }
    let expected = [("step.failed", 10_000), ("step.completed", 40_000), ("workflow.failed", 60_000)];
    assert_eq!(lasted, expected);
}

#[test]
fn a_rollback_that_waits_for_a_person_is_looked_at_seldom() {
    let next_look = |agent_until| {
        let mut run = run(RunStatus::RollingBack, StepStatus::Undoing);
        run.steps.get_mut(&step()).unwrap().agent_until = agent_until;
        let (run, _) = apply(&run, &workflow(), &Change::LookAgain, now()).unwrap();
        run.look_at.unwrap().duration_since(now()).as_mins()
    };
    assert_eq!(next_look(None), 60);
    assert_eq!(next_look(Some(now())), 5, "an agent is at work");
}

#[test]
fn an_unknown_step_is_named() {
    let missing = StepId::parse("three").unwrap();
    let change = Change::Helped { step: missing.clone() };
    let run = run(RunStatus::Executing, StepStatus::Pending);
    assert_eq!(apply(&run, &workflow(), &change, now()).unwrap_err(), Illegal::NoStep(missing));
}
