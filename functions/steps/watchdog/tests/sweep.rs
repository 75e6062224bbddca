//! What the sweep does with everything that can be due.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use engine::{Arrangement, AskedItem, Ending, Run, RunStatus, StepStatus, Task};
use events::{Answer, ErrorClass, RunId, TaskKind, UserId};
use jiff::{SignedDuration, Timestamp};
use ports::memory::Memory;
use ports::{
    Adapters, Commit, ContinueStep, DescribeExecution, ExecutionState, Invoke, InvokeError, Key, Mode,
    PortError, Record, Slot, StepFunction, StepWork, Write,
};
use serde_json::{Value, json};
use statemachines::Catalog;
use std::sync::{Arc, Mutex};
use watchdog::{Swept, Watchdog};

/// The functions and the machines, as the watchdog meets them.
#[derive(Clone, Default)]
struct Platform {
    continued: Arc<Mutex<Vec<(StepFunction, Mode)>>>,
    invoked: Arc<Mutex<Vec<String>>>,
    undo_turns: Arc<Mutex<Vec<&'static str>>>,
    running: bool,
}

impl ContinueStep for Platform {
    async fn continue_step(&self, function: StepFunction, work: &StepWork) -> Result<(), PortError> {
        self.continued.lock().unwrap().push((function, work.mode));
        Ok(())
    }
}

impl Invoke for Platform {
    async fn invoke(&self, function: &str, _payload: &Value) -> Result<Value, InvokeError> {
        self.invoked.lock().unwrap().push(function.to_owned());
        match self.undo_turns.lock().unwrap().pop() {
            Some("fails") => Err(InvokeError {
                function: function.to_owned(),
                class: ErrorClass::AgentBusy,
                message: "busy".to_owned(),
            }),
            turn => Ok(json!({ "next": turn })),
        }
    }
}

impl DescribeExecution for Platform {
    async fn describe_execution(&self, _run: &Run) -> Result<Option<ExecutionState>, PortError> {
        Ok(Some(if self.running { ExecutionState::Running } else { ExecutionState::Ended }))
    }
}

type Under = Watchdog<Adapters<Memory, Platform, Platform, (), (), (), (), Memory>>;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn run_id() -> RunId {
    RunId::parse("r").unwrap()
}

async fn watchdog(status: RunStatus, platform: &Platform, task: Option<Task>) -> (Memory, Under) {
    let memory = Memory::at(now());
    let catalog = Catalog::embedded().unwrap();
    let workflow = catalog.latest(&"emergency-fund-builder".try_into().unwrap()).unwrap();
    let user = UserId::parse("u").unwrap();
    let mut run = Run::queued(run_id(), user, workflow, "2026-03-01".parse().unwrap(), now());
    run.status = status;
    run.look_at = None;
    run.expires = now().checked_add(hours(24 * 30)).unwrap();
    let step = run.steps.get_mut("quick-wins").unwrap();
    step.status = StepStatus::WaitingUser;
    step.alerting = status == RunStatus::Paused;
    let mut writes = vec![Write::create(Record::Run(run))];
    writes.extend(task.map(|task| Write::create(Record::Task(task))));
    memory.commit(writes).await.unwrap();
    let ports = Adapters {
        table: memory.clone(),
        functions: platform.clone(),
        machines: platform.clone(),
        tokens: (),
        bus: (),
        bucket: (),
        order: (),
        clock: memory.clone(),
    };
    (memory, Watchdog { ports, catalog })
}

fn question(kind: TaskKind) -> Task {
    Task {
        task_id: "r:quick-wins:ask:1".try_into().unwrap(),
        run_id: run_id(),
        user_id: UserId::parse("u").unwrap(),
        step_id: "quick-wins".try_into().unwrap(),
        kind,
        prompt: "Well?".to_owned(),
        items: vec![AskedItem {
            item_id: "netflix".try_into().unwrap(),
            effect_hash: "h".to_owned(),
            choices: vec![],
            decided: None,
        }],
        scopes: Vec::new(),
        answer: None,
        percent: 0,
        open: true,
        token: "t".to_owned(),
        asked_at: now(),
        deadline: now().checked_add(hours(72)).unwrap(),
        remind: vec![now().checked_add(hours(24)).unwrap(), now().checked_add(hours(48)).unwrap()],
        arranged: Arrangement::default(),
        leased_until: None,
        decided_at: None,
    }
}

async fn sweep_at(memory: &Memory, watchdog: &Under, after: SignedDuration) -> Swept {
    memory.set_now(now().checked_add(after).unwrap());
    watchdog.handle(&json!({})).await.unwrap()
}

fn task(memory: &Memory, slot: Slot) -> Task {
    match memory.get(&Key::Task(run_id(), "quick-wins".try_into().unwrap(), slot)).unwrap().record {
        Record::Task(task) => task,
        other => panic!("{other:?}"),
    }
}

fn run(memory: &Memory) -> Run {
    match memory.get(&Key::Run(run_id())).unwrap().record {
        Record::Run(run) => run,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_question_is_reminded_of_once_each_and_then_left_out() {
    let platform = Platform { running: true, ..Platform::default() };
    let (memory, watchdog) =
        watchdog(RunStatus::Executing, &platform, Some(question(TaskKind::Approve))).await;
    assert_eq!(sweep_at(&memory, &watchdog, hours(23)).await.due, 0);
    let told = |memory: &Memory| memory.stream().iter().filter(|it| !it.out.is_empty()).count();
    for (hour, reminders) in [(25, 1), (26, 1), (49, 2)] {
        sweep_at(&memory, &watchdog, hours(hour)).await;
        assert_eq!(told(&memory), reminders, "hour {hour}");
    }
    sweep_at(&memory, &watchdog, hours(73)).await;
    let decided = task(&memory, Slot::Ask).items[0].decided.clone().unwrap();
    assert!(matches!(decided.answer, Answer::Skip { .. }));
    assert_eq!(decided.by, engine::DecidedBy::Deadline);
    assert_eq!(*platform.continued.lock().unwrap(), [(StepFunction::SemiAutomated, Mode::Continue)]);
}

#[tokio::test]
async fn a_decision_without_outcome_is_handed_over_again_each_minute() {
    let platform = Platform { running: true, ..Platform::default() };
    let decided = Task { decided_at: Some(now()), ..question(TaskKind::Approve) };
    let (memory, watchdog) = watchdog(RunStatus::Executing, &platform, Some(decided)).await;
    for (seconds, times) in [(30, 0), (61, 1), (90, 1), (122, 2)] {
        sweep_at(&memory, &watchdog, SignedDuration::from_secs(seconds)).await;
        assert_eq!(platform.continued.lock().unwrap().len(), times, "after {seconds} s");
    }
}

#[tokio::test]
async fn an_unanswered_alert_takes_the_steps_default() {
    // The Emergency Fund Builder's quick wins are left out when nobody helps.
    let platform = Platform { running: true, ..Platform::default() };
    let (memory, watchdog) = watchdog(RunStatus::Paused, &platform, Some(question(TaskKind::Help))).await;
    sweep_at(&memory, &watchdog, hours(73)).await;
    let answer = task(&memory, Slot::Help).answer.unwrap();
    assert!(matches!(answer.answer, Answer::Skip { item_id: None }));
    assert_eq!(*platform.continued.lock().unwrap(), [(StepFunction::SemiAutomated, Mode::ContinueHelp)]);
}

#[tokio::test]
async fn an_alert_whose_step_has_gone_on_decides_nothing_at_its_deadline() {
    let platform = Platform { running: true, ..Platform::default() };
    let (memory, watchdog) = watchdog(RunStatus::Executing, &platform, Some(question(TaskKind::Help))).await;
    sweep_at(&memory, &watchdog, hours(73)).await;
    assert!(task(&memory, Slot::Help).answer.is_none());
    assert_eq!(*platform.continued.lock().unwrap(), [(StepFunction::SemiAutomated, Mode::ContinueHelp)]);
}

#[tokio::test]
async fn a_run_past_its_age_is_ended_and_its_waits_are_let_go() {
    let platform = Platform { running: true, ..Platform::default() };
    let (memory, watchdog) = watchdog(RunStatus::Executing, &platform, None).await;
    sweep_at(&memory, &watchdog, hours(24 * 31)).await;
    let ended = run(&memory);
    // Nobody answered: what was done is kept.
    assert_eq!((ended.status, ended.ending), (RunStatus::RollingBack, Some(Ending::Stop)));
    assert_eq!(ended.reason.as_deref(), Some("Quick Wins: no answer in time"));
    assert_eq!(*platform.continued.lock().unwrap(), [(StepFunction::SemiAutomated, Mode::Drain)]);
}

#[tokio::test]
async fn a_run_without_execution_is_undone() {
    let platform = Platform { undo_turns: Arc::new(Mutex::new(vec!["RolledBack"])), ..Platform::default() };
    let (memory, watchdog) = watchdog(RunStatus::Executing, &platform, None).await;
    let event = |epoch: u32| {
        json!({
            "detail-type": "Step Functions Execution Status Change",
            "detail": { "status": "ABORTED", "input": json!({ "run_id": "r", "user_id": "u", "epoch": epoch }).to_string() },
        })
    };
    watchdog.handle(&event(7)).await.unwrap();
    assert!(platform.invoked.lock().unwrap().is_empty(), "another epoch's execution is not this run's");
    watchdog.handle(&event(1)).await.unwrap();
    assert_eq!(*platform.invoked.lock().unwrap(), ["compensate"]);
    let ended = run(&memory);
    assert_eq!((ended.status, ended.ending), (RunStatus::RollingBack, Some(Ending::RollBack)));
    assert_eq!(ended.reason.as_deref(), Some("its execution was ended outside"));
}

#[tokio::test]
async fn a_queued_run_is_handed_to_the_dispatcher_and_one_that_fails_does_not_hold_up_the_rest() {
    let platform =
        Platform { undo_turns: Arc::new(Mutex::new(vec!["fails"])), running: true, ..Platform::default() };
    let (memory, watchdog) = watchdog(RunStatus::Queued, &platform, None).await;
    assert_eq!(sweep_at(&memory, &watchdog, hours(24 * 31)).await, Swept { due: 1, failed: 1 });
    assert_eq!(*platform.invoked.lock().unwrap(), ["dispatch"]);
    assert_eq!(sweep_at(&memory, &watchdog, hours(24 * 31)).await, Swept { due: 1, failed: 0 });
}
