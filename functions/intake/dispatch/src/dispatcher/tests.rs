//! The dispatcher over a table in memory, with agents and machines that answer as told.

mod world;

use super::*;
use engine::RunStatus;
use engine::queue::SHORTEST_PAUSE;
use events::{ErrorClass, EventType};
use serde_json::json;
use shell::Classified;
use world::{World, change, to_executing};

fn outcomes(turns: &[Turn]) -> Vec<(&str, Outcome)> {
    turns.iter().map(|it| (it.run_id.as_str(), it.outcome)).collect()
}

#[tokio::test]
async fn a_queued_run_is_checked_started_and_begun() {
    let world = World::with(&["one"]).await;
    let turns = world.dispatch().await.unwrap();
    assert_eq!(outcomes(&turns), [("one", Outcome::Started)]);
    let run = world.run("one");
    assert_eq!((run.status, run.check_at), (RunStatus::Executing, None));
    assert_eq!(world.machines.started(), ["one-1"]);
    assert_eq!(world.queue(), (vec![], vec!["one".to_owned()]));
    let states: Vec<_> = world.events().into_iter().filter_map(|it| it.details.get("to").cloned()).collect();
    assert_eq!(states, [json!("Validating"), json!("Ready"), json!("Executing")]);
}

#[tokio::test]
async fn dispatching_again_changes_nothing() {
    let world = World::with(&["one"]).await;
    world.dispatch().await.unwrap();
    let stream = world.memory.stream().len();
    assert!(world.dispatch().await.unwrap().is_empty());
    assert_eq!((world.memory.stream().len(), world.machines.started().len()), (stream, 1));
}

#[tokio::test]
async fn a_crash_at_any_write_is_taken_up_after_the_lease() {
    // Taken, passed, begun: three writes, each of which may not happen.
    for crash in 0..3 {
        let world = World::with(&["one"]).await;
        world.memory.fail_write(crash);
        let failed = world.dispatch().await.unwrap_err();
        assert_eq!(failed.class(), ErrorClass::Interrupted, "{crash}");
        if crash > 0 {
            assert!(world.dispatch().await.unwrap().is_empty(), "{crash}: the lease holds");
        }
        world.wait(LEASE);
        let turns = world.dispatch().await.unwrap();
        assert_eq!(outcomes(&turns), [("one", Outcome::Started)], "{crash}");
        assert_eq!(world.machines.started(), ["one-1"], "{crash}");
        assert_eq!(world.run("one").status, RunStatus::Executing);
    }
}

#[tokio::test]
async fn a_machine_that_does_not_start_is_tried_again() {
    let world = World::with(&["one"]).await;
    world.machines.set_down(true);
    assert_eq!(world.dispatch().await.unwrap_err().class(), ErrorClass::Interrupted);
    assert_eq!(world.run("one").status, RunStatus::Ready);
    world.machines.set_down(false);
    world.wait(SHORTEST_PAUSE);
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Started)]);
}

#[tokio::test]
async fn a_machine_that_never_starts_ends_the_run_with_the_reason_and_makes_room() {
    let world = World::with(&["one", "two"]).await;
    world.machines.set_down(true);
    world.dispatch().await.unwrap_err();
    let run = world.run("one");
    assert_eq!(run.status, RunStatus::Ready);
    assert_eq!(
        Record::Run(run.clone()).due(),
        Some(after(world.memory.now(), SHORTEST_PAUSE)),
        "the sweep finds it"
    );
    world.memory.set_now(run.expires);
    world.machines.set_down(false);
    let turns = world.dispatch().await.unwrap();
    assert_eq!(outcomes(&turns), [("one", Outcome::Refused), ("two", Outcome::Refused)]);
    let run = world.run("one");
    let reason = "it could not be started until it expired";
    assert_eq!((run.status, run.reason.as_deref()), (RunStatus::Failed, Some(reason)));
    assert_eq!(world.queue(), (vec![], vec![]));
    assert!(world.machines.started().is_empty());
}

#[tokio::test]
async fn all_failed_checks_are_told_at_once() {
    let world = World::with(&["one"]).await;
    world.forget_access().await;
    world.agents.set("quick-saver", Err(ErrorClass::Defect));
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Refused)]);
    let run = world.run("one");
    let reason = run.reason.unwrap();
    for part in [
        "Link a bank account first;",
        "plaid is not linked",
        "the consent read_transactions is not given",
        "the consent move_money is not given",
        "the agent quick-saver is not available (Defect)",
    ] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    assert_eq!((run.status, world.queue()), (RunStatus::Failed, (vec![], vec![])));
    assert!(world.machines.started().is_empty());
}

#[tokio::test]
async fn a_dependency_that_is_down_holds_the_run_until_it_is_back() {
    let world = World::with(&["one"]).await;
    world.agents.reach("billers", false);
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Held)]);
    let run = world.run("one");
    assert_eq!((run.status, run.reason.as_deref()), (RunStatus::Queued, Some("billers does not answer")));
    assert_eq!(world.queue(), (vec!["one".to_owned()], vec![]));
    assert!(world.events().iter().any(|it| it.kind == EventType::DependencyIssue));
    assert!(world.dispatch().await.unwrap().is_empty(), "not before its next check");
    let due = Record::Run(run).due();
    assert_eq!(due, Some(after(world.memory.now(), SHORTEST_PAUSE)), "the sweep finds it");
    let warnings = || world.events().iter().filter(|it| it.kind == EventType::DependencyIssue).count();
    for (reachable, told) in [("plaid", 1), ("plaid", 1), ("none", 2), ("none", 2)] {
        world.agents.reach("plaid", reachable == "plaid");
        world.wait(SHORTEST_PAUSE);
        assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Held)]);
        assert_eq!(warnings(), told, "a warning for each reason, not for each look");
    }
    world.agents.reach("plaid", true);
    world.agents.reach("billers", true);
    world.wait(SHORTEST_PAUSE);
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Started)]);
}

#[tokio::test]
async fn a_silent_agent_holds_the_run() {
    let world = World::with(&["one"]).await;
    world.agents.set("income-coach", Err(ErrorClass::Timeout));
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Held)]);
    assert_eq!(world.run("one").reason.as_deref(), Some("the agent income-coach does not answer"));
}

#[tokio::test]
async fn a_dependency_that_does_not_come_back_ends_the_run_with_the_reason() {
    let world = World::with(&["one"]).await;
    world.agents.reach("plaid", false);
    world.dispatch().await.unwrap();
    world.wait(Seconds(24 * 3600));
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Refused)]);
    let run = world.run("one");
    let reason = "plaid does not answer, and did not until the run expired";
    assert_eq!((run.status, run.reason.as_deref()), (RunStatus::Failed, Some(reason)));
    assert_eq!(world.queue(), (vec![], vec![]));
}

#[tokio::test]
async fn runs_that_share_an_account_run_one_after_the_other() {
    let world = World::with(&["one", "two"]).await;
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Started)]);
    assert_eq!(world.queue(), (vec!["two".to_owned()], vec!["one".to_owned()]));
    world.end("one").await;
    let turns = world.dispatcher().handle(change("u", "Completed")).await.unwrap();
    assert_eq!(outcomes(&turns), [("two", Outcome::Started)]);
    assert_eq!(world.queue(), (vec![], vec!["two".to_owned()]));
}

#[tokio::test]
async fn runs_without_a_common_account_run_together() {
    let world = World::with(&["one", "two"]).await;
    world.place("two", &["elsewhere"]).await;
    let turns = world.dispatch().await.unwrap();
    assert_eq!(outcomes(&turns), [("one", Outcome::Started), ("two", Outcome::Started)]);
}

#[tokio::test]
async fn a_refused_run_makes_room_for_the_next() {
    let world = World::with(&["one", "two"]).await;
    world.pin("one", 99).await;
    let turns = world.dispatch().await.unwrap();
    assert_eq!(outcomes(&turns), [("one", Outcome::Refused), ("two", Outcome::Started)]);
    assert_eq!(world.run("one").reason.as_deref(), Some("this version of the workflow no longer exists"));
}

#[tokio::test]
async fn a_run_that_its_user_ends_while_it_is_checked_is_not_started() {
    let world = World::with(&["one"]).await;
    world.agents.interfere(|run| run.status = RunStatus::Stopped);
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Lost)]);
    assert_eq!(world.run("one").status, RunStatus::Stopped);
    assert!(world.machines.started().is_empty());
    assert_eq!(world.queue(), (vec![], vec![]), "and its place is free");
}

#[tokio::test]
async fn a_refusal_stands_while_the_queue_changes_around_it() {
    let world = World::with(&["one"]).await;
    world.forget_access().await;
    world.agents.disturb_queue();
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Refused)]);
}

#[tokio::test]
async fn an_execution_that_was_faster_than_its_beginning_is_no_error() {
    let world = World::with(&["one"]).await;
    world.machines.interfere(world.memory.clone(), to_executing);
    assert_eq!(outcomes(&world.dispatch().await.unwrap()), [("one", Outcome::Started)]);
    assert_eq!(world.run("one").status, RunStatus::Executing);
    assert_eq!(world.machines.started(), ["one-1"]);
}

#[tokio::test]
async fn two_dispatchers_at_once_start_each_run_once() {
    let world = World::with(&["one", "two"]).await;
    world.place("two", &["elsewhere"]).await;
    let (first, second) = tokio::join!(world.dispatch(), world.dispatch());
    let started = [first.unwrap(), second.unwrap()].concat();
    let started = started.iter().filter(|it| it.outcome == Outcome::Started).count();
    assert_eq!((started, world.machines.started().len()), (2, 2));
    let begun = world.events().iter().filter(|it| it.kind == EventType::WorkflowStarted).count();
    assert_eq!(begun, 2);
}

#[tokio::test]
async fn only_queued_and_ended_runs_matter() {
    let world = World::with(&["one"]).await;
    for to in ["Validating", "Ready", "Executing", "Paused", "RollingBack"] {
        assert!(world.dispatcher().handle(change("u", to)).await.unwrap().is_empty(), "{to}");
    }
    assert_eq!(world.dispatcher().handle(change("u", "Queued")).await.unwrap().len(), 1);
    assert!(world.dispatcher().handle(json!({"user_id": "nobody"})).await.unwrap().is_empty());
    let failed = world.dispatcher().handle(json!({"user": "u"})).await.unwrap_err();
    assert_eq!(failed.message(), "user: unknown field `user`, expected `user_id`");
    let newer = json!({"detail-type": "run.state_changed", "detail": {"version": 9, "id": "e9"}});
    assert!(world.dispatcher().handle(newer).await.unwrap().is_empty());
    assert!(world.memory.get(&ports::Key::Unread("dispatch#e9".to_owned())).is_some());
}
