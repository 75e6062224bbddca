//! Runs a case: what is due next happens, functions run until they wait, and what they lead to is put on the agenda.

mod orders;
mod prefix;
mod stream;
mod words;

pub use prefix::Prefix;

use crate::agenda::{Event, later};
use crate::fault::{Act, Case, Fault, HowAnswer, HowCall};
use crate::flight::{Answer, Failure, Flight, FlightId, Function, Launch, Origin};
use crate::heard;
use crate::lambdas::{Issuer, Lambdas, status};
use crate::outside::Outside;
use crate::provider::Findings;
use crate::setting::{self, Setting};
use crate::user::{Deed, next_minute};
use crate::verdict::{self, Verdict};
use crate::watch::Watch;
use crate::world::{Current, Pause};
use events::WorkflowEvent;
use jiff::Timestamp;
use ports::Record;
use ports::memory::StreamRecord;
use serde_json::json;
use statemachines::Workflow;
use statemachines::simulate::SimulateError;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use words::{brief, brief_answer};

/// More happenings than this and the run counts as endless.
const LIMIT: u32 = 3_000;

/// What is due later than this is never due: a year, longer than any run may take.
const FOREVER: u64 = 365 * 24 * 3_600 * 1_000;

/// How often the user tries again what failed.
pub const TRIES: u32 = 3;

/// How long the platform waits before it invokes again what failed without anybody waiting, in milliseconds: first, then.
const AGAIN: [u64; 2] = [120_000, 60_000];

/// A workflow with everything that runs it.
pub struct Stage {
    setting: Setting,
    pub(crate) outside: Outside,
    lambdas: Lambdas,
}

impl Stage {
    /// The stage of a workflow.
    ///
    /// # Errors
    /// When the workflow does not compile.
    pub fn of(workflow: Workflow) -> anyhow::Result<Self> {
        heard::listen();
        let setting = Setting::of(workflow)?;
        let issuer = Issuer::new()?;
        let case = Case { workflow: setting.workflow.id.to_string(), faults: Vec::new(), seed: 0 };
        let outside = Outside::of(setting.world(&case), issuer.keys()?);
        let lambdas = Lambdas::over(&outside, &setting.catalog, &issuer)?;
        Ok(Self { setting, outside, lambdas })
    }

    /// The same with agents that find this to do, and a user who answers every approval so.
    #[must_use]
    pub fn like(mut self, findings: Findings, usual: HowAnswer) -> Self {
        self.setting.findings = Arc::new(findings);
        self.setting.usual = Some(usual);
        self
    }

    /// The events that were stored of the run that was played last, in order.
    pub fn events(&self) -> Vec<WorkflowEvent> {
        let latest = self.outside.world().memory.latest();
        let event = |change: &Arc<StreamRecord>| match &change.stored.record {
            Record::Event(event) => Some(event.clone()),
            _ => None,
        };
        latest.iter().filter_map(event).collect()
    }

    /// Its workflow.
    pub fn workflow(&self) -> &Workflow {
        &self.setting.workflow
    }

    /// Runs a case.
    pub fn run(&self, case: &Case, told: bool) -> Verdict {
        let mut world = self.setting.world(case);
        world.story = told.then(Vec::new);
        *self.outside.world() = world;
        let mut play = Play {
            stage: self,
            flights: Vec::new(),
            next: 0,
            swept: Timestamp::MIN,
            watch: Watch::default(),
            marks: None,
        };
        play.begin();
        play.judged()
    }
}

/// A run of a case.
pub(crate) struct Play<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) flights: Vec<Flight>,
    pub(crate) next: FlightId,
    pub(crate) swept: Timestamp,
    pub(crate) watch: Watch,
    /// Where other cases can go on from, if anybody wants to know.
    pub(crate) marks: Option<Vec<prefix::Mark>>,
}

impl Play<'_> {
    fn begin(&mut self) {
        let mut world = self.stage.outside.world();
        let now = world.now;
        world.agenda.put(now, Event::User(Deed::Select, TRIES));
    }

    /// Plays it to its end.
    fn judged(&mut self) -> Verdict {
        let came_to_rest = self.until_rest();
        verdict::of(&self.stage.setting, &self.stage.outside.world(), &self.watch, came_to_rest)
    }

    /// Lets things happen until nothing is left to happen. `false`: it does not come to rest.
    fn until_rest(&mut self) -> bool {
        for _ in 0..LIMIT {
            self.look();
            self.order();
            self.mark();
            let (next, due) = {
                let world = self.stage.outside.world();
                let due = world.memory.next_due().filter(|due| *due < later(world.now, FOREVER));
                (world.agenda.next(), due)
            };
            let sweep = due.map(|due| self.sweep_for(due));
            match (next, sweep) {
                (None, None) => return true,
                (Some(next), sweep) if sweep.is_none_or(|sweep| next <= sweep) => self.happen(),
                (_, Some(sweep)) => self.sweep(sweep),
                (Some(_), None) => self.happen(),
            }
        }
        false
    }

    /// The first sweep that sees what is due then.
    fn sweep_for(&self, due: Timestamp) -> Timestamp {
        let now = self.stage.outside.world().now;
        let next = next_minute(due.max(now));
        if next > self.swept { next } else { next_minute(later(self.swept, 1)) }
    }

    fn sweep(&mut self, at: Timestamp) {
        self.swept = at;
        self.stage.outside.world().now = at;
        let payload = json!({ "detail-type": "Scheduled Event" });
        self.launch(Launch { function: Function::Watchdog, payload, origin: Origin::Schedule });
    }

    fn happen(&mut self) {
        let Some((at, event)) = self.stage.outside.world().agenda.pop() else { return };
        {
            let mut world = self.stage.outside.world();
            world.now = at.max(world.now);
        }
        match event {
            Event::Launch(launch) => self.launch(*launch),
            Event::Wake(flight) => self.wake(flight),
            Event::Expire(flight, error) => {
                if let Some(flight) = self.take(flight) {
                    self.stage.outside.world().outlived(flight.launch.function, error);
                    self.killed(flight.launch, error);
                }
            }
            Event::AgentActs(number) => self.stage.outside.world().agent_acts(number),
            Event::Timer(execution, timer) => {
                self.execution(&execution, |it| it.fire(timer));
            }
            Event::Stream => self.read_stream(),
            Event::User(deed, left) => self.call_api(deed, left),
        }
    }

    pub(crate) fn execution(
        &mut self,
        name: &str,
        tell: impl FnOnce(&mut statemachines::simulate::Execution) -> Result<(), SimulateError>,
    ) {
        let mut world = self.stage.outside.world();
        let told = world.executions.get_mut(name).map(tell);
        if let Some(Err(error)) = told {
            world.wrong.push(format!("the machine cannot be run: {error}"));
        }
    }

    pub(crate) fn launch(&mut self, launch: Launch) {
        let mut launch = launch;
        if let Origin::Machine { execution, call, number } = &launch.origin {
            let (execution, call, number) = (execution.clone(), *call, *number);
            let how = self.stage.outside.world().faults.iter().find_map(|fault| match fault {
                Fault::Call(at, how) if *at == number => Some(how.clone()),
                _ => None,
            });
            match how {
                Some(HowCall::FailBefore(error)) => {
                    return self.execution(&execution, |it| it.fail(call, &error));
                }
                Some(HowCall::Hang) => {
                    let mut world = self.stage.outside.world();
                    let at = later(world.now, launch.function.may_run());
                    self.next += 1;
                    world.agenda.put(at, Event::Expire(self.next, "Sandbox.Timedout"));
                    drop(world);
                    let work = Box::pin(std::future::pending());
                    self.flights.push(Flight { id: self.next, launch, work });
                    return;
                }
                Some(HowCall::Twice) => {
                    let twin = Launch { origin: Origin::Schedule, ..launch.clone() };
                    let mut world = self.stage.outside.world();
                    let now = world.now;
                    world.agenda.put(now, Event::Launch(Box::new(twin)));
                }
                Some(HowCall::GiveUp(error)) => {
                    launch.origin = Origin::Schedule;
                    self.fly(launch);
                    return self.execution(&execution, |it| it.fail(call, &error));
                }
                _ => {}
            }
        }
        self.fly(launch);
    }

    fn fly(&mut self, launch: Launch) {
        self.next += 1;
        let id = self.next;
        {
            let mut world = self.stage.outside.world();
            let at = later(world.now, launch.function.may_run());
            world.agenda.put(at, Event::Expire(id, "Sandbox.Timedout"));
            world.tell(|| match launch.function {
                Function::Publish | Function::Api => format!("{:?} #{id}", launch.function),
                function => format!("{function:?} #{id} {}", brief(&launch.payload)),
            });
        }
        let work = self.stage.lambdas.begin(launch.function, launch.payload.clone());
        self.poll(Flight { id, launch, work });
    }

    fn take(&mut self, id: FlightId) -> Option<Flight> {
        let at = self.flights.iter().position(|flight| flight.id == id)?;
        Some(self.flights.swap_remove(at))
    }

    fn wake(&mut self, id: FlightId) {
        if let Some(flight) = self.take(id) {
            self.poll(flight);
        }
    }

    /// Lets a function run until it waits, ends or dies.
    fn poll(&mut self, mut flight: Flight) {
        loop {
            {
                let mut world = self.stage.outside.world();
                world.current = Current { flight: flight.id, function: flight.launch.function };
                world.pause = None;
            }
            let polled = flight.work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            let pause = self.stage.outside.world().stands();
            match (polled, pause) {
                (Poll::Ready(answer), _) => return self.answered(flight.launch, answer),
                (Poll::Pending, Some(Pause::Dead)) => return self.killed(flight.launch, "Runtime.ExitError"),
                (Poll::Pending, Some(Pause::Act(act))) => self.act(act),
                (Poll::Pending, _) => return self.flights.push(flight),
            }
        }
    }

    /// Somebody does something while a function stands still.
    fn act(&mut self, act: Act) {
        if act == Act::Abort {
            let mut world = self.stage.outside.world();
            world.tell(|| "somebody aborts the execution".to_owned());
            for execution in world.executions.values_mut() {
                execution.abort();
            }
            return;
        }
        let deeds = self.stage.outside.world().user.deeds(act);
        for deed in deeds {
            self.call_api(deed, 0);
        }
    }

    /// The user does something, mostly a call of the API.
    fn call_api(&mut self, deed: Deed, left: u32) {
        let workflow = self.stage.workflow().id.as_str();
        let Some(request) = deed.request(&self.stage.setting.run, setting::RECOMMENDATION, workflow) else {
            if let Deed::Reverse(step, item) = &deed {
                let mut world = self.stage.outside.world();
                world.tell(|| format!("the user reverses {item} of {step}"));
                world.provider.reverse(step, item);
            }
            return;
        };
        self.stage.outside.world().tell(|| {
            format!(
                "the user: {} {} {}",
                request.method,
                request.path,
                request.body.clone().unwrap_or_default()
            )
        });
        let payload = self.stage.lambdas.invoked(&request);
        self.launch(Launch { function: Function::Api, payload, origin: Origin::User { deed, left } });
    }

    fn killed(&mut self, launch: Launch, error: &str) {
        self.stage.outside.world().tell(|| format!("{:?} is killed: {error}", launch.function));
        let answer = Err(Failure { error: error.to_owned(), message: "killed".to_owned() });
        self.ended(launch, answer);
    }

    fn answered(&mut self, launch: Launch, answer: Answer) {
        let mut world = self.stage.outside.world();
        if let Err(failure) = &answer {
            world.tell(|| format!("{:?} fails: {} {}", launch.function, failure.error, failure.message));
            if failure.error == "Defect" {
                world.defect(&failure.message);
            }
        } else if launch.function != Function::Publish {
            world.tell(|| {
                format!(
                    "{:?} answers {}",
                    launch.function,
                    answer.as_ref().map(brief_answer).unwrap_or_default()
                )
            });
        }
        drop(world);
        self.ended(launch, answer);
    }

    /// What becomes of a function's answer.
    fn ended(&mut self, launch: Launch, answer: Answer) {
        match launch.origin.clone() {
            Origin::Machine { execution, call, number } => {
                let told = self.stage.outside.world().faults.iter().find_map(|fault| match fault {
                    Fault::Call(at, HowCall::FailAfter(error)) if *at == number => Some(error.clone()),
                    _ => None,
                });
                self.execution(&execution, |it| match (told, answer) {
                    (Some(error), _) => it.fail(call, &error),
                    (None, Ok(result)) => it.succeed(call, &result),
                    (None, Err(failure)) => it.fail(call, &failure.error),
                });
            }
            Origin::Queue { left } => {
                if answer.is_err() && left > 0 {
                    let mut world = self.stage.outside.world();
                    let at = later(world.now, AGAIN[usize::from(left > 1)]);
                    let launch = Launch { origin: Origin::Queue { left: left - 1 }, ..launch };
                    world.agenda.put(at, Event::Launch(Box::new(launch)));
                }
            }
            Origin::Caller(flight) => {
                let mut world = self.stage.outside.world();
                let now = world.now;
                let reply = answer.map_err(|failure| ports::InvokeError {
                    function: format!("{:?}", launch.function),
                    class: events::ErrorClass::of_error_type(&failure.error),
                    message: failure.message,
                });
                world.replies.insert(flight, reply);
                world.agenda.put(now, Event::Wake(flight));
            }
            Origin::Stream(upto) => self.streamed(upto, &answer),
            Origin::User { deed, left } => {
                let failed = status(&answer).is_none_or(|status| status >= 500);
                if failed && left > 0 {
                    let mut world = self.stage.outside.world();
                    let at = later(world.now, 30_000);
                    // The same call again: what the user wanted has not changed.
                    world.agenda.put(at, Event::User(deed, left - 1));
                }
            }
            Origin::Schedule => {}
        }
    }
}
