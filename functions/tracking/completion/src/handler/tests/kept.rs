//! What a run that did not complete has left in force, when it ends and when something of it is undone later.

use super::*;

/// The run of `memory`, as it is after a change.
async fn change(memory: &Memory, edit: impl FnOnce(&mut Run)) {
    let Some(Record::Run(mut run)) = memory.get(&Key::Run("r".parse().unwrap())).map(|it| it.record) else {
        panic!()
    };
    edit(&mut run);
    memory.commit(vec![Write::put(Record::Run(run))]).await.unwrap();
}

/// A run that is brought to this state, and the event that says so.
async fn entered(memory: &Memory, status: RunStatus) -> Value {
    let now = memory.now();
    change(memory, |run| {
        run.status = status;
        run.progress = 40;
        run.ended_at = status.is_terminal().then_some(now);
    })
    .await;
    let mut changed = event("run.state_changed");
    changed["detail"]["data"]["data"]["details"] = json!({"from": "RollingBack", "to": status});
    changed
}

/// What was done in a step is undone.
async fn undo(memory: &Memory, step: &str) {
    let key = Key::Step("r".parse().unwrap(), step.parse().unwrap());
    let Some(Record::Step(mut step)) = memory.get(&key).map(|it| it.record) else { panic!() };
    step.items.iter_mut().for_each(|it| it.state = ItemState::Undone);
    memory.commit(vec![Write::put(Record::Step(step))]).await.unwrap();
}

/// The amounts that count of the one run there is, and how it ended.
fn counted(memory: &Memory) -> (RunStatus, Vec<i64>) {
    let all = impacts(memory);
    let [one] = all.as_slice() else { panic!("{all:?}") };
    (one.status, one.lines.iter().map(|it| it.line.monthly.minor).collect())
}

#[tokio::test]
async fn what_a_stopped_run_has_left_in_force_counts() {
    let memory = memory().await;
    let stopped = entered(&memory, RunStatus::Stopped).await;
    assert_eq!(ask(&memory, stopped.clone()).await.unwrap(), Answer::Accounted);
    assert_eq!(counted(&memory), (RunStatus::Stopped, vec![2_000, 3_000]));
    assert!(completion(&memory).is_none());
    let unlocked = |memory: &Memory| {
        let told = told(memory).into_iter().filter_map(|it| match it {
            Out::Unlocked(it) => Some(it.achievement_id),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(unlocked(&memory), ["putting-aside"], "a first step is a completed workflow");
    let written = memory.stream().len();
    assert_eq!(ask(&memory, stopped.clone()).await.unwrap(), Answer::Accounted);
    assert_eq!(memory.stream().len(), written, "once");

    // It is seen on a statement like any other, and its run has come no further by that.
    let later = simulated("2026-09-01", &[("t1", "2026-06-10", 2_000)]);
    assert_eq!(ask(&memory, later).await.unwrap(), Answer::Seen(1));
    let seen = told(&memory).into_iter().find_map(|it| match it {
        Out::Run(it) if it.kind == EventType::SavingsAchieved => Some(it.progress),
        _ => None,
    });
    assert_eq!(seen, Some(40));

    // Taken up again, it leaves what there is; completed, it takes its place, with what was seen.
    let day = jiff::SignedDuration::from_hours(24);
    memory.set_now(memory.now() + day);
    entered(&memory, RunStatus::Executing).await;
    ask(&memory, stopped.clone()).await.unwrap();
    assert_eq!(counted(&memory).0, RunStatus::Stopped);
    entered(&memory, RunStatus::Completed).await;
    assert_eq!(ask(&memory, event("workflow.completed")).await.unwrap(), Answer::Calculated);
    assert_eq!(counted(&memory), (RunStatus::Completed, vec![2_000, 3_000]));
    let [one] = impacts(&memory).try_into().unwrap();
    assert!(one.lines[0].realised.is_some() && one.lines[0].confirmed_at.unwrap() < one.ended_at);
    assert_eq!(unlocked(&memory)[1..], ["seen-on-the-statement", "first-step"]);
    // An event of its first end that comes late changes nothing.
    ask(&memory, stopped).await.unwrap();
    assert_eq!(counted(&memory).0, RunStatus::Completed);
}

#[tokio::test]
async fn what_is_undone_later_counts_no_more() {
    let memory = memory().await;
    let ended = entered(&memory, RunStatus::NeedsAttention).await;
    ask(&memory, ended).await.unwrap();
    assert_eq!(counted(&memory), (RunStatus::NeedsAttention, vec![2_000, 3_000]));
    undo(&memory, "quick-wins").await;
    let mut undone = event("step.completed");
    undone["detail"]["data"]["data"]["details"] = json!({"outcome": "undone"});
    assert_eq!(ask(&memory, undone).await.unwrap(), Answer::Accounted);
    assert_eq!(counted(&memory), (RunStatus::NeedsAttention, vec![3_000]));
    undo(&memory, "automation-setup").await;
    let rolled_back = entered(&memory, RunStatus::RolledBack).await;
    ask(&memory, rolled_back).await.unwrap();
    assert_eq!(counted(&memory), (RunStatus::RolledBack, vec![]));
}

#[tokio::test]
async fn a_run_of_which_nothing_is_in_force_has_no_impact() {
    let memory = memory().await;
    undo(&memory, "quick-wins").await;
    undo(&memory, "automation-setup").await;
    let rolled_back = entered(&memory, RunStatus::RolledBack).await;
    ask(&memory, rolled_back).await.unwrap();
    assert_eq!(impacts(&memory), []);
    let mut settled = event("step.completed");
    settled["detail"]["data"]["data"]["details"] = json!({"outcome": "complete"});
    assert_eq!(ask(&memory, settled).await.unwrap(), Answer::Nothing);
}

#[tokio::test]
async fn a_write_that_fails_is_made_by_the_same_event_again() {
    let memory = memory().await;
    let stopped = entered(&memory, RunStatus::Stopped).await;
    // The account is written, the impact is not.
    memory.fail_write(1);
    assert_eq!(ask(&memory, stopped.clone()).await.unwrap_err().class(), ErrorClass::Interrupted);
    assert_eq!(impacts(&memory), []);
    ask(&memory, stopped).await.unwrap();
    assert_eq!(counted(&memory), (RunStatus::Stopped, vec![2_000, 3_000]));
}
