//! The coordinator over every kind of step: the happy paths, and what is lost, late or twice.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod alternate;
mod declined;
mod limits;
mod recovery;
mod stopping;
mod world;

use engine::{Ending, ItemState, RunStatus, StepStatus};
use events::{Answer, ErrorClass, EventType, Operation, Proof};
use jiff::SignedDuration;
use ports::{Commit, Key, Mode, Record, Slot, Write};
use shell::Classified;
use world::{Stage, Twist};

#[tokio::test]
async fn an_automated_step_takes_three_calls_and_settles_once() {
    let stage = Stage::with(&[]).await;
    let before = stage.world.memory.calls();
    stage.coordinator.work(&stage.work("audit", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.world.memory.calls() - before, 3, "one read, the start, the settlement");
    assert_eq!(stage.entry("audit").status, StepStatus::Complete);

    // Delivered again: one read, no effect, no event.
    let seen = stage.world.memory.stream().len();
    stage.coordinator.work(&stage.work("audit", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.world.memory.calls() - before, 4);
    assert_eq!(stage.world.memory.stream().len(), seen);
}

#[tokio::test]
async fn an_automated_step_with_effects_takes_three_calls() {
    let stage = Stage::with(&["a", "b"]).await;
    let before = stage.world.memory.calls();
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.world.memory.calls() - before, 3, "one read, the intent, the settlement");
    assert_eq!(stage.effects(), 2);
    assert!(stage.entry("rules").open_effects);
    assert_eq!(stage.record("rules").outputs["done"], serde_json::json!(["a", "b"]));
}

#[tokio::test]
async fn a_lost_answer_is_probed_and_never_done_again() {
    let stage = Stage::with(&["a"]).await;
    stage.twist([Twist::LoseAnswer]);
    let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::Timeout);
    assert_eq!(stage.entry("rules").status, StepStatus::Retrying);
    assert_eq!(stage.record("rules").items[0].state, ItemState::Executing);

    // The agent may still be at work until its own deadline, whoever stopped listening.
    let busy = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(busy.class(), ErrorClass::AgentBusy);
    stage.pass(SignedDuration::from_secs(60));
    // The provider model panics on a second execution of one key.
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.entry("rules").status, StepStatus::Complete);
    assert_eq!(stage.effects(), 1);
    // What it came to is told all the same.
    assert_eq!(stage.record("rules").outputs["done"], serde_json::json!(["a"]));
    assert!(stage.told("1 of 1 done"), "and not what was only proposed");
}

#[tokio::test]
async fn what_is_found_out_is_told_with_what_was_known_and_nothing_twice() {
    let stage = Stage::with(&["a", "b"]).await;
    stage.twist([Twist::FirstUnknown]);
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.record("rules").outputs["done"], serde_json::json!(["b", "a"]));
    assert!(stage.told("2 of 2 done"));
}

#[tokio::test]
async fn a_crash_after_the_intent_waits_for_the_agent_and_then_probes() {
    let stage = Stage::with(&["a"]).await;
    // The write after the intent is lost, and so is the note of the failure: as if the process had died.
    stage.world.memory.fail_write(1);
    let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::Interrupted);
    assert_eq!(stage.effects(), 1);
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.entry("rules").status, StepStatus::Complete);
    assert_eq!(stage.effects(), 1);
}

#[tokio::test]
async fn nobody_probes_while_the_agent_may_be_at_work() {
    let stage = Stage::with(&["a"]).await;
    stage.twist([Twist::LoseAnswer]);
    // The intent is written; the failure's record is lost.
    stage.world.memory.fail_write(1);
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(stage.entry("rules").status, StepStatus::InProgress);
    let busy = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(busy.class(), ErrorClass::AgentBusy);
    stage.pass(SignedDuration::from_secs(120));
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.effects(), 1);
}

#[tokio::test]
async fn a_condition_that_does_not_hold_settles_as_skipped() {
    let stage = Stage::with(&["a"]).await;
    let mut workflow = stage.workflow.clone();
    workflow.steps[3].when = Some("simulation.runway_months > 3.0".to_owned());
    let coordinator = coordinator::Coordinator {
        ports: stage.world.clone(),
        catalog: statemachines::Catalog::embedded().unwrap().with(vec![workflow]),
        settings: coordinator::Settings::default(),
    };
    coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.entry("rules").status, StepStatus::Skipped);
    assert_eq!(stage.effects(), 0);
}

#[tokio::test]
async fn each_item_is_approved_changed_or_skipped_by_itself() {
    let stage = Stage::with(&["a", "b", "c"]).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t1"))).await.unwrap();
    assert_eq!(stage.entry("wins").status, StepStatus::WaitingUser);
    assert_eq!(stage.effects(), 0, "nothing is done without an approval");

    stage.answer("wins", Slot::Ask, stage.approve("wins", "a")).await;
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert_eq!(stage.effects(), 1);
    assert_eq!(stage.entry("wins").status, StepStatus::WaitingUser);

    let changes = std::collections::BTreeMap::from([("plan".to_owned(), serde_json::json!("basic"))]);
    let before = stage.approve("wins", "b");
    stage.answer("wins", Slot::Ask, Answer::Modify { item_id: "b".try_into().unwrap(), changes }).await;
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert_ne!(stage.approve("wins", "b"), before, "shown again under another hash");
    assert_eq!(stage.effects(), 1);

    stage.answer("wins", Slot::Ask, stage.approve("wins", "b")).await;
    stage.answer("wins", Slot::Ask, Stage::skip("c")).await;
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert_eq!(stage.effects(), 2);
    let record = stage.record("wins");
    let states: Vec<_> = record.items.iter().map(|it| it.state.clone()).collect();
    assert_eq!(states, [ItemState::Done, ItemState::Done, ItemState::Skipped]);
    assert_eq!(record.items[1].proposal.effect, serde_json::json!({ "plan": "basic" }));
    assert_eq!(record.outputs["done"], serde_json::json!(["a", "b"]), "outputs of both executions");
    assert_eq!(stage.entry("wins").status, StepStatus::Complete);
    assert_eq!(stage.tokens(), [("t1".to_owned(), Ok(()))]);
    let told = stage.world.memory.stream().into_iter().flat_map(|it| it.out).any(|out| {
        matches!(out, engine::Out::Run(event) if event.kind == EventType::StepCompleted && event.message == "2 of 3 done")
    });
    assert!(told, "all executions are counted");
    assert!(!stage.task("wins", Slot::Ask).open);

    // A late or doubled continuation changes nothing but completes the token again.
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert_eq!(stage.effects(), 2);
}

/// The questions that were put, in order: whether each showed nothing new.
fn questions(stage: &Stage) -> Vec<bool> {
    let told = stage.world.memory.stream().into_iter().flat_map(|it| it.out);
    told.filter_map(|out| match out {
        engine::Out::Run(event) if event.kind == EventType::StepWaitingUser => {
            Some(event.details.get("again").is_some_and(|it| it == true))
        }
        _ => None,
    })
    .collect()
}

#[tokio::test]
async fn items_answered_one_by_one_are_asked_for_once() {
    let stage = Stage::with(&["a", "b", "c", "d", "e", "f", "g"]).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    let answer = async |answer| {
        stage.answer("wins", Slot::Ask, answer).await;
        stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    };
    answer(stage.approve("wins", "a")).await;
    answer(Stage::skip("b")).await;
    assert_eq!(questions(&stage), [false, true, true]);

    // What the user changed is shown as it would now be done.
    let changes = std::collections::BTreeMap::from([("plan".to_owned(), serde_json::json!("basic"))]);
    answer(Answer::Modify { item_id: "c".try_into().unwrap(), changes }).await;
    assert_eq!(questions(&stage)[3..], [false]);
    for id in ["c", "d", "e", "f"] {
        answer(stage.approve("wins", id)).await;
    }
    assert_eq!(questions(&stage)[4..], [true; 4]);
    answer(stage.approve("wins", "g")).await;
    assert_eq!(stage.entry("wins").status, StepStatus::Complete);
    assert_eq!(questions(&stage).len(), 8);
}

#[tokio::test]
async fn an_answer_is_no_more_waited_for_once_the_agent_is_asked_about_it() {
    let goes_on = |record: &mut Record, step: &str| {
        let Record::Run(run) = record else { panic!("no run") };
        let entry = run.entry(&step.try_into().unwrap());
        assert_eq!(entry.status, StepStatus::InProgress, "{step}");
        assert!(entry.agent_until.is_some(), "{step}: nobody knows how long the agent may be at work");
    };
    let key = Key::Run(world::run_id());
    let stage = Stage::with(&["a"]).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    stage.answer("wins", Slot::Ask, stage.approve("wins", "a")).await;
    stage.meanwhile(Operation::Propose, key.clone(), move |record| goes_on(record, "wins"));
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert!(stage.world.provider.lock().unwrap().meanwhile.is_empty(), "the agent was asked");

    stage.coordinator.work(&stage.work("gig", Mode::Step, Some("t"))).await.unwrap();
    let proof = Proof { reference: "APP-1".to_owned(), ..Proof::default() };
    stage.answer("gig", Slot::Ask, Answer::Done { proof }).await;
    stage.meanwhile(Operation::Verify, key, move |record| goes_on(record, "gig"));
    stage.coordinator.work(&stage.work("gig", Mode::Continue, None)).await.unwrap();
    assert!(stage.world.provider.lock().unwrap().meanwhile.is_empty(), "the agent was asked");
    assert_eq!(questions(&stage)[2..], [false], "a proof that was refused is told of");
}

#[tokio::test]
async fn what_changed_since_the_approval_is_shown_again() {
    let stage = Stage::with(&["a"]).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    stage.answer("wins", Slot::Ask, stage.approve("wins", "a")).await;
    stage.world.provider.lock().unwrap().proposals[0].title = "Cancel a for a fee".to_owned();
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert_eq!(stage.effects(), 0);
    assert_eq!(stage.entry("wins").status, StepStatus::WaitingUser);
    let record = stage.record("wins");
    assert_eq!(record.items[0].state, ItemState::Asked);
    assert!(record.items[0].proposal.reasons[0].contains("changed"));
    assert_eq!(stage.tokens(), []);
}

#[tokio::test]
async fn skipping_everything_confirms_nothing() {
    let stage = Stage::with(&["a", "b"]).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    for id in ["a", "b"] {
        stage.answer("wins", Slot::Ask, Stage::skip(id)).await;
    }
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert_eq!(stage.entry("wins").status, StepStatus::Skipped);
    assert_eq!(stage.record("wins").impact().count(), 0);
    assert_eq!(stage.effects(), 0);
}

#[tokio::test]
async fn an_automated_step_asks_only_where_its_agent_must() {
    let stage = Stage::with(&["a", "b"]).await;
    stage.twist([Twist::AskFirst]);
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    assert_eq!(stage.entry("bills").status, StepStatus::WaitingUser);
    assert_eq!(stage.effects(), 0);
    stage.answer("bills", Slot::Ask, stage.approve("bills", "a")).await;
    stage.answer("bills", Slot::Ask, Stage::skip("b")).await;
    stage.coordinator.work(&stage.work("bills", Mode::Continue, None)).await.unwrap();
    assert_eq!(stage.entry("bills").status, StepStatus::Complete);
    assert_eq!(stage.effects(), 1);
    assert_eq!(stage.tokens(), [("t".to_owned(), Ok(()))]);

    // Without a question the token is completed at once.
    let quick = Stage::with(&["a"]).await;
    quick.coordinator.work(&quick.work("bills", Mode::Step, Some("t"))).await.unwrap();
    assert_eq!(quick.tokens(), [("t".to_owned(), Ok(()))]);
}

#[tokio::test]
async fn a_refusal_of_the_other_side_is_partial_success() {
    let stage = Stage::with(&["a"]).await;
    stage.twist([Twist::Decline]);
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    assert_eq!(stage.entry("bills").status, StepStatus::Complete);
    let told: Vec<_> = stage
        .world
        .memory
        .stream()
        .into_iter()
        .flat_map(|it| it.out)
        .filter_map(|out| match out {
            engine::Out::Run(event) => Some(event.kind),
            _ => None,
        })
        .collect();
    assert!(told.contains(&EventType::PartialSuccess), "{told:?}");
}

#[tokio::test]
async fn in_a_token_wait_failures_leave_through_the_token() {
    let stage = Stage::with(&["a"]).await;
    stage.twist([Twist::Fail(ErrorClass::ProviderUnavailable)]);
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    assert_eq!(stage.tokens(), [("t".to_owned(), Err(ErrorClass::ProviderUnavailable))]);
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t2"))).await.unwrap();
    assert_eq!(stage.tokens()[1], ("t2".to_owned(), Ok(())));
    assert_eq!(stage.effects(), 1);
}

#[tokio::test]
async fn a_missing_consent_is_a_permission_failure() {
    let stage = Stage::with(&["a"]).await;
    stage.pass(SignedDuration::from_hours(24 * 366));
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    assert_eq!(stage.tokens(), [("t".to_owned(), Err(ErrorClass::Permission))]);
    assert!(stage.world.provider.lock().unwrap().asked.is_empty(), "no agent was asked");
}

#[tokio::test]
async fn a_proof_that_cannot_be_verified_makes_room_for_the_next() {
    let stage = Stage::with(&[]).await;
    stage.world.provider.lock().unwrap().proofs.insert("APP-1".to_owned());
    stage.coordinator.work(&stage.work("gig", Mode::Step, Some("t"))).await.unwrap();
    let done = |reference: &str| Answer::Done {
        proof: Proof { reference: reference.to_owned(), ..Proof::default() },
    };
    stage.answer("gig", Slot::Ask, done("APP-9")).await;
    stage.coordinator.work(&stage.work("gig", Mode::Continue, None)).await.unwrap();
    assert_eq!(stage.entry("gig").status, StepStatus::WaitingUser);
    assert_eq!(stage.task("gig", Slot::Ask).prompt, "no such application");
    assert!(stage.task("gig", Slot::Ask).answer.is_none());
    stage.answer("gig", Slot::Ask, done("APP-1")).await;
    stage.coordinator.work(&stage.work("gig", Mode::Continue, None)).await.unwrap();
    assert_eq!(stage.entry("gig").status, StepStatus::Complete);
    assert_eq!(stage.record("gig").items[0].reference, "ref-gig");
    assert_eq!(stage.tokens(), [("t".to_owned(), Ok(()))]);
}

#[tokio::test]
async fn a_manual_step_can_be_left_out() {
    let stage = Stage::with(&[]).await;
    stage.coordinator.work(&stage.work("gig", Mode::Step, Some("t"))).await.unwrap();
    stage.answer("gig", Slot::Ask, Answer::Skip { item_id: None }).await;
    stage.coordinator.work(&stage.work("gig", Mode::Continue, None)).await.unwrap();
    assert_eq!(stage.entry("gig").status, StepStatus::Skipped);
}

#[tokio::test]
async fn an_alert_goes_on_leaves_out_or_stops() {
    for (answer, status, completed) in [
        (Answer::Continue { input: None }, RunStatus::Executing, Ok(())),
        (Answer::Skip { item_id: None }, RunStatus::Executing, Ok(())),
        (Answer::Stop {}, RunStatus::RollingBack, Err(ErrorClass::Ending)),
    ] {
        let stage = Stage::with(&["a", "b"]).await;
        stage.twist([Twist::Fail(ErrorClass::Validation)]);
        let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
        assert_eq!(failed.class(), ErrorClass::Validation);
        stage.coordinator.help(&stage.work("rules", Mode::Help, Some("h"))).await.unwrap();
        assert_eq!(stage.run().status, RunStatus::Paused);
        assert!(stage.task("rules", Slot::Help).prompt.contains("told to fail"));
        stage.answer("rules", Slot::Help, answer.clone()).await;
        stage.coordinator.help(&stage.work("rules", Mode::ContinueHelp, None)).await.unwrap();
        assert_eq!(stage.run().status, status, "{answer:?}");
        assert_eq!(stage.tokens(), [("h".to_owned(), completed)], "{answer:?}");
        let again = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await;
        match answer {
            Answer::Continue { .. } => assert_eq!(stage.effects(), 2),
            Answer::Skip { .. } => assert_eq!(stage.entry("rules").status, StepStatus::Skipped),
            _ => assert_eq!(again.unwrap_err().class(), ErrorClass::Ending),
        }
    }
}

#[tokio::test]
async fn rolling_back_undoes_every_effect_the_latest_first() {
    let stage = Stage::with(&["a", "b"]).await;
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.effects(), 4);
    let mut work = stage.work("rules", Mode::Undo, None);
    work.step_id = None;
    work.error = Some("Critical".to_owned());
    let turn = stage.coordinator.undo(&work).await.unwrap();
    assert_eq!(turn.next, "Undo");
    assert_eq!(stage.entry("rules").status, StepStatus::Undone);
    assert_eq!(stage.entry("bills").status, StepStatus::Complete);
    let turn = stage.coordinator.undo(&work).await.unwrap();
    assert_eq!(turn.next, "RolledBack");
    assert_eq!(stage.effects(), 0);
    assert_eq!(stage.run().status, RunStatus::RolledBack);
    assert_eq!(stage.run().ending, Some(Ending::RollBack));
    // Once more: nothing is undone twice.
    assert_eq!(stage.coordinator.undo(&work).await.unwrap().next, "RolledBack");
    assert_eq!(
        stage.world.provider.lock().unwrap().asked.iter().filter(|it| **it == Operation::Compensate).count(),
        2
    );
}

#[tokio::test]
async fn a_wait_that_the_machine_gives_up_keeps_what_was_done() {
    // A question whose state timed out; an alert that the platform could not show.
    for (asks, error) in [(true, "States.Timeout"), (false, "Lambda.Unknown"), (false, "Interrupted")] {
        let stage = Stage::with(&["a"]).await;
        stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
        if asks {
            stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
            assert_eq!(stage.entry("wins").status, StepStatus::WaitingUser);
        }
        let mut work = stage.work("wins", Mode::Undo, None);
        (work.step_id, work.error) = (None, Some(error.to_owned()));
        assert_eq!(stage.coordinator.undo(&work).await.unwrap().next, "Stopped", "{error}");
        assert_eq!(stage.effects(), 1, "{error}: what was done is kept");
        let reason = stage.run().reason.unwrap();
        assert_eq!(reason == "Wins: no answer in time", asks, "{error}: {reason}");
    }
}

#[tokio::test]
async fn an_undo_that_cannot_be_done_needs_attention_and_does_not_stop_the_rest() {
    let stage = Stage::with(&["a"]).await;
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    stage.world.provider.lock().unwrap().undo_fails = Some(ErrorClass::ProviderUnavailable);
    let mut work = stage.work("rules", Mode::Undo, None);
    work.step_id = None;
    // First attempt asks for a retry, the second gives up: two attempts is the policy.
    assert_eq!(stage.coordinator.undo(&work).await.unwrap_err().class(), ErrorClass::ProviderUnavailable);
    assert_eq!(stage.coordinator.undo(&work).await.unwrap().next, "Undo");
    assert_eq!(stage.entry("rules").status, StepStatus::UndoFailed);
    stage.world.provider.lock().unwrap().undo_fails = None;
    assert_eq!(stage.coordinator.undo(&work).await.unwrap().next, "NeedsAttention");
    assert_eq!(stage.entry("bills").status, StepStatus::Undone);
    assert_eq!(stage.effects(), 1);
}

#[tokio::test]
async fn every_write_may_fail_once_and_nothing_is_doubled_or_lost() {
    for lost in 0..12 {
        let stage = Stage::with(&["a", "b"]).await;
        stage.world.memory.fail_write(lost);
        for step in ["audit", "bills", "rules"] {
            for attempt in 0..6 {
                let token = (step == "bills").then(|| format!("t{attempt}"));
                let result = stage.coordinator.work(&stage.work(step, Mode::Step, token.as_deref())).await;
                if result.is_ok() && stage.entry(step).status == StepStatus::Complete {
                    break;
                }
                stage.pass(SignedDuration::from_secs(70));
            }
            assert_eq!(stage.entry(step).status, StepStatus::Complete, "write {lost} lost, {step}");
        }
        assert_eq!(stage.effects(), 4, "write {lost} lost");
    }
}

#[tokio::test]
async fn a_whole_run_completes_with_gapless_events() {
    let stage = Stage::with(&["a"]).await;
    stage.world.provider.lock().unwrap().proofs.insert("APP-1".to_owned());
    stage.coordinator.work(&stage.work("audit", Mode::Step, None)).await.unwrap();
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    stage.answer("wins", Slot::Ask, stage.approve("wins", "a")).await;
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    stage.coordinator.work(&stage.work("gig", Mode::Step, Some("t"))).await.unwrap();
    let proof = Proof { reference: "APP-1".to_owned(), ..Proof::default() };
    stage.answer("gig", Slot::Ask, Answer::Done { proof }).await;
    stage.coordinator.work(&stage.work("gig", Mode::Continue, None)).await.unwrap();
    let run = stage.run();
    assert_eq!((run.status, run.progress), (RunStatus::Completed, 100));

    let mut expected = 0;
    let mut progress = 0;
    for record in stage.world.memory.stream().into_iter().filter(|it| !it.out.is_empty()) {
        expected += record.out.len() as u64;
        assert_eq!(record.stored.seq, expected);
        for out in record.out {
            let engine::Out::Run(event) = out else { panic!("{out:?}") };
            assert!(event.progress >= progress, "progress fell");
            progress = event.progress;
        }
    }
}

#[tokio::test]
async fn that_a_run_has_begun_is_noted_by_whoever_is_first() {
    let stage = Stage::with(&["a"]).await;
    let key = Key::Run(world::run_id());
    let ready = |record: &mut Record, status| {
        let Record::Run(run) = record else { panic!("no run") };
        run.status = status;
    };
    let mut stored = stage.world.memory.get(&key).unwrap();
    ready(&mut stored.record, RunStatus::Ready);
    stage.world.memory.commit(vec![Write::update(stored.record, stored.rev)]).await.unwrap();
    // The first step of another branch is quicker.
    stage.meanwhile(Operation::Propose, key, move |record| ready(record, RunStatus::Executing));
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    assert_eq!(stage.entry("bills").status, StepStatus::Complete);
    assert_eq!(stage.tokens(), [("t".to_owned(), Ok(()))]);
}
