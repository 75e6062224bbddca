//! Runs that are stopped: what was done is kept, what is in doubt is found out, and a failed group is undone all the same.

use crate::recovery::{by_hand, decide, end, grouped, reversed, turn, undo};
use crate::world::{Stage, Twist, run_id};
use engine::{Change, Ending, ItemState, RunStatus, StepStatus};
use events::{ErrorClass, Operation};
use jiff::SignedDuration;
use ports::{Clock, Commit, Key, Mode, Record, Slot, StepWork, Write};
use shell::Classified;
use statemachines::OnGroupFailure;

#[tokio::test]
async fn what_a_stop_could_not_find_out_is_asked_again_and_kept() {
    for (in_force, kept) in [(true, ItemState::Done), (false, ItemState::Proposed)] {
        let stage = Stage::with(&["a", "b"]).await;
        stage.twist([if in_force { Twist::LoseAnswer } else { Twist::Fail(ErrorClass::Timeout) }]);
        stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
        stage.pass(SignedDuration::from_secs(60));
        end(&stage, Ending::Stop).await;
        give_up(&stage).await;
        assert_eq!(stage.run().status, RunStatus::NeedsAttention);

        change(&stage, &Change::UndoAgain).await;
        let again = StepWork { step_id: None, epoch: 2, ..stage.work("rules", Mode::Recover, None) };
        let away = stage.coordinator.recover(&again).await.unwrap_err();
        assert_eq!(away.class(), ErrorClass::ProviderUnavailable, "it is asked for a while");
        stage.world.provider.lock().unwrap().probe_fails = None;
        assert_eq!(stage.coordinator.recover(&again).await.unwrap().next, "Stopped");
        let record = stage.record("rules");
        assert!(record.items.iter().all(|item| item.state == kept), "{:?}", record.items);
        assert_eq!(stage.effects(), if in_force { 2 } else { 0 });
        assert!(!stage.task("rules", Slot::Undo).open, "nothing is left to be looked at");
    }
}

#[tokio::test]
async fn a_provider_that_stays_away_from_a_stop_is_given_up_after_a_while() {
    let stage = Stage::with(&["a"]).await;
    stage.twist([Twist::LoseAnswer]);
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    stage.pass(SignedDuration::from_secs(60));
    end(&stage, Ending::Stop).await;
    stage.world.provider.lock().unwrap().probe_fails = Some(ErrorClass::ProviderUnavailable);
    let work = StepWork { step_id: None, ..stage.work("rules", Mode::Recover, None) };
    stage.coordinator.recover(&work).await.unwrap_err();
    let over = stage.run().expires.duration_since(stage.run().queued_at) + SignedDuration::from_hours(1);
    stage.pass(over);
    assert_eq!(stage.coordinator.recover(&work).await.unwrap().next, "NeedsAttention");
    assert!(stage.task("rules", Slot::Undo).open, "the user is asked to look");
}

#[tokio::test]
async fn a_group_that_has_failed_is_undone_although_the_run_is_stopped() {
    // Before the group's first undo, and while it is tried again.
    for tried in [false, true] {
        let stage = Stage::of(&["a"], grouped(OnGroupFailure::Continue)).await;
        stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
        stage.world.provider.lock().unwrap().undo_fails = Some(ErrorClass::ProviderUnavailable);
        if tried {
            stage.coordinator.undo(&turn(&stage, "Declined", Some("both"))).await.unwrap_err();
            assert_eq!(stage.entry("bills").status, StepStatus::Undoing);
        } else {
            let fail = Change::FailGroup { group: "both".to_owned(), reason: "declined".to_owned() };
            change(&stage, &fail).await;
        }
        end(&stage, Ending::Stop).await;
        stage.world.provider.lock().unwrap().undo_fails = None;
        assert_eq!(undo(&stage, "Declined", Some("both")).await, "Leave");
        assert_eq!(undo(&stage, "Declined", None).await, "Stopped");
        assert_eq!((stage.effects(), stage.entry("bills").status), (0, StepStatus::Undone));
    }
}

#[tokio::test]
async fn a_group_in_whose_middle_a_stop_comes_is_undone_and_a_whole_one_is_kept() {
    for (done, kept) in [(&["bills"][..], 0), (&["bills", "rules"][..], 2)] {
        let stage = Stage::of(&["a"], grouped(OnGroupFailure::Continue)).await;
        for step in done {
            stage.coordinator.work(&stage.work(step, Mode::Step, Some("t"))).await.unwrap();
        }
        end(&stage, Ending::Stop).await;
        assert_eq!(undo(&stage, "Ending", None).await, "Stopped");
        assert_eq!(stage.effects(), kept, "{done:?}");
    }
}

#[tokio::test]
async fn what_is_reversed_after_a_stop_leaves_the_rest_of_its_step_in_force() {
    let stage = Stage::with(&["a", "b"]).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    stage.answer("wins", Slot::Ask, stage.approve("wins", "a")).await;
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    stage.twist([Twist::LoseAnswer]);
    stage.answer("wins", Slot::Ask, stage.approve("wins", "b")).await;
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    stage.pass(SignedDuration::from_secs(60));
    end(&stage, Ending::Stop).await;
    give_up(&stage).await;
    assert_eq!(stage.run().status, RunStatus::NeedsAttention);
    let key = Key::Task(run_id(), "wins".try_into().unwrap(), Slot::Undo);
    decide(&stage, &key, reversed("b")).await;
    stage.world.provider.lock().unwrap().probe_fails = None;
    stage.world.provider.lock().unwrap().effects.retain(|key, _| key.ends_with(":a"));
    stage.coordinator.undo_by_hand(&stage.work("wins", Mode::ContinueUndo, None)).await.unwrap();
    assert_eq!(stage.run().status, RunStatus::Stopped);
    let (entry, record) = (stage.entry("wins"), stage.record("wins"));
    assert_eq!((entry.status, entry.open_effects), (StepStatus::Complete, true), "a is in force");
    let told = (record.impact().count(), record.fresh_impact().count());
    assert_eq!(told, (1, 0), "and has been told");
}

#[tokio::test]
async fn what_was_never_begun_is_neither_given_up_nor_asked_for() {
    fn irreversible(workflow: &mut statemachines::Workflow) {
        workflow.steps[3].undo = None;
    }
    for edit in [irreversible as fn(&mut _), by_hand] {
        for in_force in [false, true] {
            let stage = Stage::of(&["a"], edit).await;
            stage.twist([if in_force { Twist::LoseAnswer } else { Twist::Fail(ErrorClass::Timeout) }]);
            stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
            stage.pass(SignedDuration::from_secs(60));
            let by_hand = stage.workflow.steps[3].undo.is_some();
            let wanted = match (in_force, by_hand) {
                (false, _) => "RolledBack",
                (true, true) => "Ask",
                (true, false) => "NeedsAttention",
            };
            assert_eq!(undo(&stage, "Critical", None).await, wanted, "{in_force} {by_hand}");
            assert!(stage.world.provider.lock().unwrap().asked.contains(&Operation::Probe));
        }
    }
}

#[tokio::test]
async fn a_step_whose_undo_was_never_tried_is_not_given_up_for_another() {
    let stage = Stage::with(&["a"]).await;
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    // The end of the undo of `rules` is recorded, and lost on its way to the machine.
    assert_eq!(stage.coordinator.undo(&turn(&stage, "Critical", None)).await.unwrap().next, "Undo");
    let failed = StepWork { mode: Mode::UndoFailed, ..turn(&stage, "Critical", None) };
    assert_eq!(stage.coordinator.undo(&failed).await.unwrap().next, "RolledBack");
    assert_eq!(stage.effects(), 0);
}

#[tokio::test]
async fn a_late_attempt_that_settles_its_step_ends_the_alert() {
    let stage = Stage::with(&["a"]).await;
    // The alert is asked while the attempt is at work: here before it, and the run sees it then.
    let before = stage.world.memory.get(&Key::Run(run_id())).unwrap().record;
    stage.coordinator.help(&stage.work("rules", Mode::Help, Some("h"))).await.unwrap();
    let alerted = stage.world.memory.get(&Key::Run(run_id())).unwrap();
    stage.world.commit(vec![Write::update(before, alerted.rev)]).await.unwrap();
    stage.meanwhile(Operation::Execute, Key::Run(run_id()), move |record| *record = alerted.record);
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.tokens(), [("h".to_owned(), Ok(()))], "the waiting state is let go");
    assert!(!stage.task("rules", Slot::Help).open, "nobody need answer");
    assert_eq!(
        (stage.run().status, stage.entry("rules").status),
        (RunStatus::Executing, StepStatus::Complete)
    );
}

#[tokio::test]
async fn a_settlement_that_fails_tells_its_impact_once_it_is_one() {
    let stage = Stage::of(&["a"], |workflow| {
        workflow.steps[3].validations.push(statemachines::Validation {
            check: "size(outputs.done) > 5".to_owned(),
            otherwise: "too few".to_owned(),
        });
    })
    .await;
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(stage.record("rules").fresh_impact().count(), 1, "nothing has been told yet");
}

#[tokio::test]
async fn an_attempt_of_an_earlier_execution_writes_nothing() {
    let stage = Stage::with(&["a"]).await;
    stage.meanwhile(Operation::Propose, Key::Run(run_id()), |record| {
        let Record::Run(run) = record else { panic!("no run") };
        run.epoch = 2;
    });
    let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::Ending);
    assert_eq!(stage.effects(), 0);
}

/// Somebody cancels.
fn cancel(record: &mut Record) {
    let Record::Run(run) = record else { panic!("no run") };
    run.status = RunStatus::RollingBack;
    run.ending = Some(Ending::Cancel);
}

#[tokio::test]
async fn a_step_that_is_done_while_the_run_is_cancelled_leads_to_the_undo() {
    // After the last step nothing else would: an execution that is at its end is not watched.
    let stage = Stage::with(&["a"]).await;
    stage.meanwhile(Operation::Execute, Key::Run(run_id()), cancel);
    let settled = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await;
    assert_eq!(settled.unwrap_err().class(), ErrorClass::Ending);
    assert_eq!((stage.entry("rules").status, stage.effects()), (StepStatus::Complete, 1), "it is recorded");
    assert_eq!(undo(&stage, "Ending", None).await, "RolledBack");
    assert_eq!(stage.effects(), 0);

    let stage = Stage::with(&["a"]).await;
    stage.meanwhile(Operation::Execute, Key::Run(run_id()), cancel);
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    assert_eq!(stage.tokens(), [("t".to_owned(), Err(ErrorClass::Ending))]);
}

#[tokio::test]
async fn a_cancel_that_meets_the_undo_costs_it_nothing() {
    let stage = Stage::of(&["a"], by_hand).await;
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    stage.before_commit(Key::Run(run_id()), cancel);
    assert_eq!(undo(&stage, "Critical", None).await, "Ask", "the user is asked all the same");
    assert_eq!(stage.run().ending, Some(Ending::Cancel), "it stays with how it was ended first");
}

#[tokio::test]
async fn a_step_that_is_settled_while_the_rollback_finishes_is_undone() {
    let stage = Stage::with(&["a"]).await;
    end(&stage, Ending::Cancel).await;
    // A manual step: what its user had done and proved.
    stage.before_commit(Key::Run(run_id()), |record| {
        let Record::Run(run) = record else { panic!("no run") };
        let gig = run.steps.get_mut("gig").unwrap();
        (gig.status, gig.open_effects) = (StepStatus::Complete, true);
    });
    assert_eq!(stage.coordinator.undo(&turn(&stage, "Ending", None)).await.unwrap().next, "Undo");
    assert_eq!(undo(&stage, "Ending", None).await, "RolledBack");
    assert_eq!(stage.entry("gig").status, StepStatus::Undone);
}

#[tokio::test]
async fn only_what_is_unsafe_rolls_a_run_back_that_the_platform_interrupted() {
    for (error, failed_of, wanted) in [
        ("Lambda.TooManyRequestsException", None, "Stopped"),
        ("Lambda.TooManyRequestsException", Some(ErrorClass::ProviderUnavailable), "Stopped"),
        ("Lambda.TooManyRequestsException", Some(ErrorClass::Critical), "RolledBack"),
        ("Lambda.TooManyRequestsException", Some(ErrorClass::Defect), "RolledBack"),
        ("Critical", None, "RolledBack"),
    ] {
        let stage = Stage::with(&["a"]).await;
        stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
        if let Some(class) = failed_of {
            stage.twist([Twist::Fail(class)]);
            stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
        }
        assert_eq!(undo(&stage, error, None).await, wanted, "{error} {failed_of:?}");
        assert_eq!(stage.effects(), usize::from(wanted == "Stopped"), "{error} {failed_of:?}");
    }
}

/// Nobody says what happened, and it is given up.
async fn give_up(stage: &Stage) {
    stage.world.provider.lock().unwrap().probe_fails = Some(ErrorClass::ProviderUnavailable);
    let work = StepWork { mode: Mode::UndoFailed, ..turn(stage, "Ending", None) };
    while stage.coordinator.undo(&work).await.unwrap().next == "Undo" {}
}

async fn change(stage: &Stage, change: &Change) {
    let now = stage.world.now();
    let (ports, catalog) = (&stage.world, &stage.coordinator.catalog);
    coordinator::change_run(ports, catalog, &Key::Run(run_id()), change, now).await.unwrap();
}
