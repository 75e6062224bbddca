//! What happens when something goes wrong: groups, alerts, undo by hand, stops in the middle.

use crate::world::{Stage, Twist, run_id};
use engine::{FailedGroup, ItemState, RunStatus, StepStatus, Task};
use events::{Answer, Choice, ErrorClass, Operation, Proof};
use jiff::SignedDuration;
use ports::{Commit, Key, Mode, Read, Record, Slot, StepWork, Write};
use shell::Classified;
use statemachines::{ByHand, Group, OnGroupFailure, Seconds, UndoneBy, Validation, Workflow};

/// `bills` and `rules` count only together.
pub fn grouped(on_failure: OnGroupFailure) -> impl FnOnce(&mut Workflow) {
    |workflow| {
        for step in workflow.steps.iter_mut().filter(|it| ["bills", "rules"].contains(&it.id.as_str())) {
            step.group = Some("both".to_owned());
        }
        workflow.groups = vec![Group { id: "both".to_owned(), on_failure }];
    }
}

/// The user undoes `rules`.
pub fn by_hand(workflow: &mut Workflow) {
    let undo = workflow.steps[3].undo.as_mut().unwrap();
    undo.by = UndoneBy::Person;
    undo.by_hand = Some(ByHand {
        steps: vec!["Call the bank.".to_owned()],
        contact: "The bank.".to_owned(),
        proof: "Its reference.".to_owned(),
        deadline: Seconds(3600),
    });
}

/// A turn of the undo loop.
pub fn turn(stage: &Stage, error: &str, group: Option<&str>) -> StepWork {
    StepWork {
        step_id: None,
        error: Some(error.to_owned()),
        group: group.map(str::to_owned),
        ..stage.work("audit", Mode::Undo, None)
    }
}

/// Turns of the undo loop until it leads elsewhere.
pub async fn undo(stage: &Stage, error: &str, group: Option<&str>) -> &'static str {
    loop {
        let next = stage.coordinator.undo(&turn(stage, error, group)).await.unwrap().next;
        if next != "Undo" {
            return next;
        }
    }
}

pub fn reversed(item: &str) -> Answer {
    let item_id = Some(item.try_into().unwrap());
    Answer::Done { proof: Proof { item_id, reference: "BANK-1".to_owned(), file: None } }
}

fn choices(task: &Task) -> &[Choice] {
    &task.items[0].choices
}

#[tokio::test]
async fn a_declined_member_undoes_its_group_and_the_run_goes_on() {
    let stage = Stage::of(&["a"], grouped(OnGroupFailure::Continue)).await;
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    stage.twist([Twist::Decline]);
    let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::Declined, "no partial success inside a group");

    assert_eq!(undo(&stage, "Declined", Some("both")).await, "Continue");
    assert_eq!(stage.effects(), 0);
    let run = stage.run();
    assert_eq!((run.status, run.failed_groups["both"]), (RunStatus::Executing, FailedGroup::Undone));
    assert_eq!(stage.entry("bills").status, StepStatus::Undone);
    assert_eq!(stage.record("bills").impact().count(), 0);
    // Whoever comes again is sent the same way, and into the group nobody gets any more.
    assert_eq!(undo(&stage, "Ending", Some("both")).await, "Continue");
    let late = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(late.class(), ErrorClass::Ending);
}

#[tokio::test]
async fn what_a_user_leaves_out_of_a_group_ends_the_group() {
    for (on_failure, next, status) in [
        (OnGroupFailure::RollBack, "Leave", RunStatus::RollingBack),
        (OnGroupFailure::Continue, "Continue", RunStatus::Executing),
    ] {
        let stage = Stage::of(&["a", "b"], grouped(on_failure)).await;
        stage.half_done("bills", "t").await;
        assert_eq!(stage.tokens(), [("t".to_owned(), Err(ErrorClass::Declined))]);
        assert_eq!(undo(&stage, "Declined", Some("both")).await, next);
        assert_eq!((stage.effects(), stage.run().status), (0, status));
        // The run's own end closes what is still open.
        let goes_on = next == "Continue";
        assert_eq!(stage.task("bills", Slot::Ask).open, !goes_on, "{next}");
    }
}

#[tokio::test]
async fn what_is_unsafe_inside_a_group_rolls_everything_back() {
    let stage = Stage::of(&["a"], grouped(OnGroupFailure::Continue)).await;
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    assert_eq!(undo(&stage, "Critical", Some("both")).await, "Leave");
    assert_eq!(undo(&stage, "Critical", None).await, "RolledBack");
    assert_eq!(stage.effects(), 0);
}

#[tokio::test]
async fn a_group_that_cannot_be_undone_ends_the_run_and_is_named() {
    let stage = Stage::of(&["a"], grouped(OnGroupFailure::Continue)).await;
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    stage.world.provider.lock().unwrap().undo_fails = Some(ErrorClass::Validation);
    assert_eq!(undo(&stage, "Declined", Some("both")).await, "Leave");
    assert_eq!(undo(&stage, "Declined", None).await, "NeedsAttention");
    let task = stage.task("bills", Slot::Undo);
    assert!(task.open && choices(&task) == [Choice::Done], "the user is asked to reverse it");
}

#[tokio::test]
async fn an_undo_by_hand_waits_for_its_proof_and_asks_the_provider() {
    let stage = Stage::of(&["a"], by_hand).await;
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(undo(&stage, "Critical", None).await, "Ask");
    let mut ask = stage.work("rules", Mode::UndoAsk, Some("u"));
    ask.step_id = None;
    stage.coordinator.undo_by_hand(&ask).await.unwrap();
    assert_eq!(stage.entry("rules").status, StepStatus::Undoing);
    assert_eq!(choices(&stage.task("rules", Slot::Undo)), [Choice::Done, Choice::Skip]);

    // Still in force with the provider: not believed.
    let key = Key::Task(run_id(), "rules".try_into().unwrap(), Slot::Undo);
    decide(&stage, &key, reversed("a")).await;
    stage.coordinator.undo_by_hand(&stage.work("rules", Mode::ContinueUndo, None)).await.unwrap();
    let task = stage.task("rules", Slot::Undo);
    assert!(task.open && task.items[0].decided.is_none() && task.prompt.contains("still in force"));
    assert!(stage.tokens().is_empty());

    stage.world.provider.lock().unwrap().effects.clear();
    decide(&stage, &key, reversed("a")).await;
    stage.coordinator.undo_by_hand(&stage.work("rules", Mode::ContinueUndo, None)).await.unwrap();
    assert_eq!(stage.tokens(), [("u".to_owned(), Ok(()))]);
    assert_eq!(stage.entry("rules").status, StepStatus::Undone);
    assert!(stage.record("rules").items[0].summary.contains("BANK-1"));
    assert_eq!(undo(&stage, "Critical", None).await, "RolledBack");
}

/// Decides the first item of a question.
pub async fn decide(stage: &Stage, key: &Key, answer: Answer) {
    let stored = stage.world.read(std::slice::from_ref(key)).await.unwrap().remove(0);
    let mut record = stored.record;
    decided(&mut record, 0, answer);
    stage.world.commit(vec![Write::update(record, stored.rev)]).await.unwrap();
}

/// A question of which this item is decided.
pub fn decided(record: &mut Record, item: usize, answer: Answer) {
    let Record::Task(task) = record else { panic!("no task") };
    task.answer = None;
    task.items[item].decided =
        Some(engine::Decided { answer, at: task.asked_at, by: engine::DecidedBy::User });
    task.decided_at = Some(task.asked_at);
}

#[tokio::test]
async fn what_is_reversed_is_looked_at_at_once_and_an_answer_meanwhile_costs_nothing() {
    let stage = Stage::of(&["a", "b", "c"], by_hand).await;
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(undo(&stage, "Critical", None).await, "Ask");
    let ask = StepWork { step_id: None, ..stage.work("rules", Mode::UndoAsk, Some("u")) };
    stage.coordinator.undo_by_hand(&ask).await.unwrap();
    stage.world.provider.lock().unwrap().effects.clear();
    // Of one question after the other only two could be asked in the time that a piece of work has.
    stage.world.provider.lock().unwrap().takes = SignedDuration::from_secs(50);
    let key = Key::Task(run_id(), "rules".try_into().unwrap(), Slot::Undo);
    let item = |at: usize| stage.task("rules", Slot::Undo).items[at].item_id.to_string();
    let names = [item(0), item(1), item(2)];
    stage.meanwhile(Operation::Probe, key.clone(), {
        let (first, last) = (reversed(&names[1]), reversed(&names[2]));
        move |record| {
            decided(record, 1, first);
            decided(record, 2, last);
        }
    });
    decide(&stage, &key, reversed(&names[0])).await;
    let undone = || stage.record("rules").items.iter().filter(|it| it.state == ItemState::Undone).count();
    stage.coordinator.undo_by_hand(&stage.work("rules", Mode::ContinueUndo, None)).await.unwrap();
    assert_eq!(undone(), 1, "what was found out is kept");
    assert!(stage.task("rules", Slot::Undo).decided_at.is_some(), "the others stay due");
    stage.coordinator.undo_by_hand(&stage.work("rules", Mode::ContinueUndo, None)).await.unwrap();
    assert_eq!(undone(), 3);
    let probes =
        stage.world.provider.lock().unwrap().asked.iter().filter(|op| **op == Operation::Probe).count();
    assert_eq!(probes, 2);
    assert_eq!(stage.tokens(), [("u".to_owned(), Ok(()))]);
}

#[tokio::test]
async fn what_needs_attention_is_reversed_by_hand_until_nothing_is_left() {
    let stage = Stage::with(&["a"]).await;
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    stage.world.provider.lock().unwrap().undo_fails = Some(ErrorClass::Validation);
    assert_eq!(undo(&stage, "Critical", None).await, "NeedsAttention");

    // A provider that is away for now is asked again before the proof is believed.
    stage.world.provider.lock().unwrap().probe_fails = Some(ErrorClass::ProviderUnavailable);
    let key = Key::Task(run_id(), "rules".try_into().unwrap(), Slot::Undo);
    decide(&stage, &key, reversed("a")).await;
    let away =
        stage.coordinator.undo_by_hand(&stage.work("rules", Mode::ContinueUndo, None)).await.unwrap_err();
    assert_eq!(away.class(), ErrorClass::ProviderUnavailable);
    assert_eq!(stage.run().status, RunStatus::NeedsAttention);

    stage.world.provider.lock().unwrap().probe_fails = None;
    stage.world.provider.lock().unwrap().effects.clear();
    stage.coordinator.undo_by_hand(&stage.work("rules", Mode::ContinueUndo, None)).await.unwrap();
    assert_eq!(stage.run().status, RunStatus::RolledBack);
    assert_eq!(stage.record("rules").items[0].state, ItemState::Undone);
    assert!(!stage.task("rules", Slot::Undo).open);
}

#[tokio::test]
async fn what_the_provider_cannot_confirm_is_taken_on_the_users_word_and_says_so() {
    let stage = Stage::with(&["a"]).await;
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    stage.world.provider.lock().unwrap().undo_fails = Some(ErrorClass::Validation);
    assert_eq!(undo(&stage, "Critical", None).await, "NeedsAttention");
    stage.world.provider.lock().unwrap().probe_fails = Some(ErrorClass::Validation);
    let key = Key::Task(run_id(), "rules".try_into().unwrap(), Slot::Undo);
    decide(&stage, &key, reversed("a")).await;
    stage.coordinator.undo_by_hand(&stage.work("rules", Mode::ContinueUndo, None)).await.unwrap();
    let item = stage.record("rules").items.remove(0);
    let words = "reversed by you, reference BANK-1; the provider could not confirm it";
    assert_eq!((item.state, item.unconfirmed, item.summary.as_str()), (ItemState::Undone, true, words));
    assert!(stage.told(&format!("Undone: Rules (by your word: Cancel a: {words})")));
    assert_eq!(stage.run().status, RunStatus::RolledBack);
}

#[tokio::test]
async fn a_stop_finds_out_and_keeps_what_a_step_had_done() {
    for alerted in [false, true] {
        let stage = Stage::with(&["a"]).await;
        stage.twist([Twist::LoseAnswer]);
        stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
        if alerted {
            stage.coordinator.help(&stage.work("rules", Mode::Help, Some("h"))).await.unwrap();
        }
        end(&stage, engine::Ending::Stop).await;
        let busy = stage.coordinator.undo(&turn(&stage, "Ending", None)).await.unwrap_err();
        assert_eq!(busy.class(), ErrorClass::AgentBusy, "the agent may still be at work");
        stage.pass(SignedDuration::from_secs(60));
        assert_eq!(undo(&stage, "Ending", None).await, "Stopped");
        assert_eq!(stage.effects(), 1, "it is kept");
        let record = stage.record("rules");
        assert_eq!((record.items[0].state.clone(), record.impact().count()), (ItemState::Done, 1));
        assert!(stage.entry("rules").unfinished, "a resume goes on in it");
        assert!(stage.world.provider.lock().unwrap().asked.contains(&Operation::Probe));
    }
}

#[tokio::test]
async fn nothing_is_reversed_by_hand_while_an_agent_may_still_do_it() {
    let stage = Stage::of(&["a"], by_hand).await;
    stage.twist([Twist::LoseAnswer]);
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    let busy = stage.coordinator.undo(&turn(&stage, "Critical", None)).await.unwrap_err();
    assert_eq!(busy.class(), ErrorClass::AgentBusy);
    stage.pass(SignedDuration::from_secs(60));
    assert_eq!(undo(&stage, "Critical", None).await, "Ask");
}

pub async fn end(stage: &Stage, ending: engine::Ending) {
    let change = engine::Change::End { ending, reason: "as told".to_owned() };
    let now = stage.run().queued_at;
    let (ports, catalog) = (&stage.world, &stage.coordinator.catalog);
    coordinator::change_run(ports, catalog, &Key::Run(run_id()), &change, now).await.unwrap();
}

#[tokio::test]
async fn a_missing_consent_is_asked_for_and_a_refusal_leaves_the_other_ways() {
    let stage = Stage::with(&["a"]).await;
    stage.pass(SignedDuration::from_hours(24 * 366));
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    stage.coordinator.help(&stage.work("wins", Mode::Help, Some("h"))).await.unwrap();
    let task = stage.task("wins", Slot::Help);
    assert_eq!(
        (choices(&task), task.scopes.as_slice()),
        (&[Choice::Grant, Choice::Deny][..], &["cancel_service".to_owned()][..])
    );
    let words = "cancel or change subscriptions that you approve";
    assert!(task.prompt.ends_with(&format!("needs your consent to {words}")), "{}", task.prompt);
    stage.answer("wins", Slot::Help, Answer::Deny {}).await;
    stage.coordinator.help(&stage.work("wins", Mode::ContinueHelp, None)).await.unwrap();
    let other = stage.task("wins", Slot::Help);
    assert_ne!(other.task_id, task.task_id);
    assert!(other.prompt.ends_with(&format!("you do not allow it to {words}")), "{}", other.prompt);
    assert_eq!((choices(&other), other.token.as_str()), (&[Choice::Skip, Choice::Stop][..], "h"));
    assert_eq!(stage.run().status, RunStatus::Paused);
}

#[tokio::test]
async fn outputs_that_fail_their_check_are_overridden_asked_for_anew_or_left_out() {
    let strict = |workflow: &mut Workflow| {
        workflow.steps[0].validations = vec![Validation {
            check: "size(outputs.found) <= 2".to_owned(),
            otherwise: "Too many.".to_owned(),
        }];
    };
    for (answer, status) in [
        (Answer::Override {}, StepStatus::Complete),
        (Answer::Continue { input: None }, StepStatus::Failed),
        (Answer::Skip { item_id: None }, StepStatus::Skipped),
    ] {
        let stage = Stage::of(&[], strict).await;
        let failed = stage.coordinator.work(&stage.work("audit", Mode::Step, None)).await.unwrap_err();
        assert_eq!(failed.class(), ErrorClass::Validation);
        stage.coordinator.help(&stage.work("audit", Mode::Help, Some("h"))).await.unwrap();
        let offered = [Choice::Continue, Choice::Override, Choice::Skip, Choice::Stop];
        assert_eq!(choices(&stage.task("audit", Slot::Help)), offered);
        let asked = stage.world.provider.lock().unwrap().asked.len();
        stage.answer("audit", Slot::Help, answer.clone()).await;
        stage.coordinator.help(&stage.work("audit", Mode::ContinueHelp, None)).await.unwrap();
        let again = stage.coordinator.work(&stage.work("audit", Mode::Step, None)).await;
        assert_eq!(stage.entry("audit").status, status, "{answer:?}");
        let anew = stage.world.provider.lock().unwrap().asked.len() > asked;
        assert_eq!(anew, matches!(answer, Answer::Continue { .. }), "{answer:?}");
        assert_eq!(again.is_err(), status == StepStatus::Failed, "{answer:?}");
    }
}

#[tokio::test]
async fn a_step_that_no_help_helps_stops_the_run_and_keeps_what_was_done() {
    let stage = Stage::with(&["a"]).await;
    for _ in 0..statemachines::compile::MAX_HELP_ROUNDS {
        stage.twist([Twist::Fail(ErrorClass::Validation)]);
        stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
        stage.coordinator.help(&stage.work("rules", Mode::Help, Some("h"))).await.unwrap();
        stage.answer("rules", Slot::Help, Answer::Continue { input: None }).await;
        stage.coordinator.help(&stage.work("rules", Mode::ContinueHelp, None)).await.unwrap();
    }
    stage.twist([Twist::Fail(ErrorClass::Validation)]);
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    stage.coordinator.help(&stage.work("rules", Mode::Help, Some("last"))).await.unwrap();
    assert_eq!(stage.tokens().last().unwrap(), &("last".to_owned(), Err(ErrorClass::Ending)));
    assert_eq!(undo(&stage, "Ending", None).await, "Stopped");
}

#[tokio::test]
async fn help_for_what_is_settled_lets_the_machine_go_on_but_not_for_ever() {
    let stage = Stage::with(&["a"]).await;
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    for _ in 0..statemachines::compile::MAX_HELP_ROUNDS {
        stage.coordinator.help(&stage.work("rules", Mode::Help, Some("h"))).await.unwrap();
        assert_eq!(stage.tokens().last().unwrap(), &("h".to_owned(), Ok(())));
    }
    stage.coordinator.help(&stage.work("rules", Mode::Help, Some("last"))).await.unwrap();
    assert_eq!(stage.tokens().last().unwrap(), &("last".to_owned(), Err(ErrorClass::Ending)));
    assert_eq!(undo(&stage, "Ending", None).await, "Stopped");
    assert_eq!(stage.effects(), 1, "what was done is kept");
}

#[tokio::test]
async fn an_answer_that_comes_while_an_attempt_fails_is_kept() {
    let stage = Stage::with(&["a", "b"]).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    stage.answer("wins", Slot::Ask, stage.approve("wins", "a")).await;
    let approval = stage.approve("wins", "b");
    // The second answer is written while the first one's effect is being tried, and fails.
    let key = Key::Task(run_id(), "wins".try_into().unwrap(), Slot::Ask);
    stage.meanwhile(Operation::Execute, key, move |record| decided(record, 1, approval));
    stage.twist([Twist::Fail(ErrorClass::ProviderUnavailable)]);
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert!(stage.task("wins", Slot::Ask).items[1].decided.is_some(), "the answer is not lost");
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t2"))).await.unwrap();
    assert_eq!(stage.effects(), 2);
    assert_eq!(stage.entry("wins").status, StepStatus::Complete);
}

#[tokio::test]
async fn as_many_answers_as_there_are_items_may_come_one_after_the_other() {
    let items: Vec<String> = ('a'..='p').map(String::from).collect();
    let names: Vec<&str> = items.iter().map(String::as_str).collect();
    let stage = Stage::with(&names).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    // While each is done, the next is approved.
    let key = Key::Task(run_id(), "wins".try_into().unwrap(), Slot::Ask);
    for (place, name) in names.iter().enumerate().skip(1) {
        let approval = stage.approve("wins", name);
        stage.meanwhile(Operation::Execute, key.clone(), move |record| decided(record, place, approval));
    }
    stage.answer("wins", Slot::Ask, stage.approve("wins", "a")).await;
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert_eq!((stage.entry("wins").status, stage.effects()), (StepStatus::Complete, names.len()));
}

#[tokio::test]
async fn a_run_whose_execution_is_gone_is_undone_as_a_whole() {
    let stage = Stage::of(&["a"], by_hand).await;
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    let mut work = stage.work("rules", Mode::Recover, None);
    work.step_id = None;
    let end = stage.coordinator.recover(&work).await.unwrap();
    assert_eq!(end.next, "NeedsAttention", "nothing waits for what is undone by hand");
    assert_eq!(stage.entry("bills").status, StepStatus::Undone);
    assert!(stage.task("rules", Slot::Undo).open);
}

#[tokio::test]
async fn what_an_agent_said_while_the_run_was_cancelled_need_not_be_waited_for() {
    let stage = Stage::with(&["a"]).await;
    stage.twist([Twist::AskFirst]);
    stage.meanwhile(Operation::Execute, Key::Run(run_id()), |record| {
        let Record::Run(run) = record else { panic!("no run") };
        run.status = RunStatus::RollingBack;
        run.ending = Some(engine::Ending::Cancel);
    });
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    assert_eq!(stage.tokens(), [("t".to_owned(), Err(ErrorClass::Ending))]);
    assert_ne!(stage.record("bills").items[0].state, ItemState::Executing, "no doubt is left");
    assert_eq!(undo(&stage, "Ending", None).await, "RolledBack");
    assert_eq!(stage.effects(), 0);
}
