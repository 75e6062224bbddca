//! What the sweep does with everything that can be due.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use engine::{Arrangement, AskedItem, Decided, DecidedBy, Ending, Run, RunStatus, StepStatus, Task};
use events::{Answer, ErrorClass, RunId, TaskKind, UserId};
use jiff::{SignedDuration, Timestamp};
use ports::memory::Memory;
use ports::{
    Adapters, Commit, ContinueStep, DescribeExecution, ExecutionState, Invoke, InvokeError, Key, Mode,
    PortError, Record, Slot, StepFunction, StepWork, Write,
};
use serde_json::{Value, json};
use statemachines::{Catalog, OnHelpTimeout, OnTimeout, Workflow};
use std::future::Future as _;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use watchdog::{Swept, Watchdog};

/// The functions and the machines, as the watchdog meets them.
#[derive(Clone, Default)]
struct Platform {
    continued: Arc<Mutex<Vec<(StepFunction, Mode)>>>,
    invoked: Arc<Mutex<Vec<String>>>,
    undo_turns: Arc<Mutex<Vec<&'static str>>>,
    running: bool,
    /// What somebody else does when a function is next handed work.
    meanwhile: Arc<Mutex<Option<Deed>>>,
}

type Deed = Box<dyn FnOnce() + Send>;

impl ContinueStep for Platform {
    async fn continue_step(&self, function: StepFunction, work: &StepWork) -> Result<(), PortError> {
        self.continued.lock().unwrap().push((function, work.mode));
        let other = self.meanwhile.lock().unwrap().take();
        if let Some(act) = other {
            act();
        }
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
    watchdog_of(status, platform, task, |_| {}).await
}

/// The same with another definition.
async fn watchdog_of(
    status: RunStatus,
    platform: &Platform,
    task: Option<Task>,
    edit: impl FnOnce(&mut Workflow),
) -> (Memory, Under) {
    let memory = Memory::at(now());
    let catalog = Catalog::embedded().unwrap();
    let mut workflow = catalog.latest(&"emergency-fund-builder".try_into().unwrap()).unwrap().clone();
    edit(&mut workflow);
    let user = UserId::parse("u").unwrap();
    let mut run = Run::queued(run_id(), user, &workflow, "2026-03-01".parse().unwrap(), now());
    let catalog = Catalog::default().with(vec![workflow]);
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
        help: None,
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
    assert_eq!(decided.by, DecidedBy::Deadline);
    assert_eq!(*platform.continued.lock().unwrap(), [(StepFunction::SemiAutomated, Mode::Continue)]);
}

#[tokio::test]
async fn a_reminder_is_told_once_whichever_write_fails() {
    for n in [0, 1] {
        let platform = Platform { running: true, ..Platform::default() };
        let (memory, watchdog) =
            watchdog(RunStatus::Executing, &platform, Some(question(TaskKind::Approve))).await;
        memory.fail_write(n);
        for minutes in 0..3 {
            sweep_at(&memory, &watchdog, hours(25) + SignedDuration::from_mins(minutes)).await;
        }
        let told = memory.stream().iter().filter(|it| !it.out.is_empty()).count();
        assert_eq!(told, 1, "write {n} failed");
    }
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

/// The question was answered and not every answer has come to its outcome: an alert about one waits.
#[tokio::test]
async fn what_is_answered_is_not_overruled_at_the_deadline() {
    for kind in [TaskKind::Approve, TaskKind::Guide, TaskKind::Help] {
        let platform = Platform { running: true, ..Platform::default() };
        let mut answered = question(kind);
        let decision =
            || Some(Decided { answer: Answer::Continue { input: None }, at: now(), by: DecidedBy::User });
        match kind {
            TaskKind::Approve => answered.items[0].decided = decision(),
            _ => answered.answer = decision(),
        }
        let (memory, watchdog) =
            watchdog_of(RunStatus::Paused, &platform, Some(answered.clone()), nobody_answers).await;
        sweep_at(&memory, &watchdog, hours(73)).await;
        assert_eq!(run(&memory).ending, None, "{kind:?}");
        assert_eq!(platform.continued.lock().unwrap().len(), 1, "{kind:?}: it is to go on");
        let after = task(&memory, Slot::of(kind));
        assert_eq!((after.answer, after.items), (answered.answer, answered.items), "{kind:?}");
        assert!(
            after.deadline > now().checked_add(hours(73)).unwrap(),
            "{kind:?}: it is not due at once again"
        );
    }
}

/// Whoever does not answer stops the run.
fn nobody_answers(workflow: &mut Workflow) {
    let step = workflow.steps.iter_mut().find(|it| it.id.as_str() == "quick-wins").unwrap();
    step.on_help_timeout = OnHelpTimeout::Stop;
    step.interaction.as_mut().unwrap().on_timeout = OnTimeout::Stop;
}

#[tokio::test]
async fn an_answer_in_the_moment_of_its_deadline_counts() {
    for answered in [false, true] {
        let platform = Platform { running: true, ..Platform::default() };
        let (memory, watchdog) =
            watchdog_of(RunStatus::Paused, &platform, Some(question(TaskKind::Help)), nobody_answers).await;
        // Another question of the step is looked at first, and while it is, the user answers the alert.
        let overdue = Task { decided_at: Some(now()), ..question(TaskKind::Approve) };
        memory.commit(vec![Write::create(Record::Task(overdue))]).await.unwrap();
        let user = memory.clone();
        let answer = move || {
            let key = Key::Task(run_id(), "quick-wins".try_into().unwrap(), Slot::Help);
            let stored = user.get(&key).unwrap();
            let answer = Answer::Continue { input: None };
            let decided = Decided { answer, at: now(), by: DecidedBy::User };
            let answered = Task { answer: Some(decided), ..question(TaskKind::Help) };
            let written = pin!(user.commit(vec![Write::update(Record::Task(answered), stored.rev)]));
            let written = written.poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(written, Poll::Ready(Ok(()))));
        };
        *platform.meanwhile.lock().unwrap() = answered.then(|| Box::new(answer) as Deed);
        sweep_at(&memory, &watchdog, hours(73)).await;
        assert_eq!(run(&memory).ending, (!answered).then_some(Ending::Stop));
        let drained = platform.continued.lock().unwrap().iter().any(|(_, mode)| *mode == Mode::Drain);
        assert_eq!(drained, !answered);
    }
}

#[tokio::test]
async fn a_run_without_execution_is_brought_to_its_end_and_rolled_back_only_for_what_is_unsafe() {
    let event = |epoch: u32| {
        json!({
            "detail-type": "Step Functions Execution Status Change",
            "detail": { "status": "ABORTED", "input": json!({ "run_id": "r", "user_id": "u", "epoch": epoch }).to_string() },
        })
    };
    for (fatal, ending, reason) in [
        (None, Ending::Stop, "its execution was ended outside"),
        (Some("what went wrong"), Ending::RollBack, "what went wrong"),
    ] {
        let undo_turns = Arc::new(Mutex::new(vec!["done"]));
        let platform = Platform { undo_turns, ..Platform::default() };
        let (memory, watchdog) = watchdog(RunStatus::Executing, &platform, None).await;
        let stored = memory.get(&Key::Run(run_id())).unwrap();
        let Record::Run(mut failed) = stored.record else { panic!("no run") };
        failed.steps.get_mut("quick-wins").unwrap().fatal = fatal.map(str::to_owned);
        memory.commit(vec![Write::update(Record::Run(failed), stored.rev)]).await.unwrap();
        watchdog.handle(&event(7)).await.unwrap();
        assert!(platform.invoked.lock().unwrap().is_empty(), "another epoch's execution is not this run's");
        watchdog.handle(&event(1)).await.unwrap();
        assert_eq!(*platform.invoked.lock().unwrap(), ["compensate"]);
        let ended = run(&memory);
        assert_eq!((ended.status, ended.ending), (RunStatus::RollingBack, Some(ending)), "{fatal:?}");
        assert_eq!(ended.reason.as_deref(), Some(reason), "{fatal:?}");
    }
}

/// An invocation that was late has overwritten the token that its execution waits with: no answer and no drain reaches it.
#[tokio::test]
async fn a_run_that_does_not_come_to_its_undo_is_undone_without_its_execution() {
    for (status, busy, undone) in [
        (StepStatus::WaitingUser, false, true),
        (StepStatus::InProgress, true, false),
        (StepStatus::Undoing, false, false),
    ] {
        let platform = Platform { running: true, ..Platform::default() };
        let (memory, watchdog) = watchdog(RunStatus::RollingBack, &platform, None).await;
        let key = Key::Run(run_id());
        let stored = memory.get(&key).unwrap();
        let Record::Run(mut ended) = stored.record else { panic!("no run") };
        ended.ending = Some(Ending::Cancel);
        // Its age does not put it before the others.
        (ended.expires, ended.look_at) = (now(), now().checked_add(hours(1)).ok());
        let step = ended.steps.get_mut("quick-wins").unwrap();
        step.status = status;
        step.agent_until = busy.then(|| now().checked_add(hours(2)).unwrap());
        memory.commit(vec![Write::update(Record::Run(ended), stored.rev)]).await.unwrap();
        sweep_at(&memory, &watchdog, SignedDuration::from_mins(59)).await;
        assert!(platform.invoked.lock().unwrap().is_empty(), "it may still come to it");
        sweep_at(&memory, &watchdog, hours(1)).await;
        assert_eq!(!platform.invoked.lock().unwrap().is_empty(), undone, "{status:?}");
    }
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
