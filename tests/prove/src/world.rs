//! Everything outside the functions: the table, the executions, the agents, what is due when, and what is told to go wrong.

use crate::agenda::{Agenda, Event, later};
use crate::fault::{Act, Case, Fault, HowDelivered, HowPort, Twist};
use crate::flight::{FlightId, Function, Launch, Origin};
use crate::provider::{Findings, Provider};
use crate::random::Dice;
use crate::user::User;
use events::{AgentId, AgentRequest, AgentResponse, ErrorClass, Operation, StepId};
use jiff::Timestamp;
use ports::memory::Memory;
use ports::{AgentFailure, InvokeError};
use serde_json::Value;
use statemachines::Workflow;
use statemachines::asl::Machine;
use statemachines::simulate::Execution;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long an agent usually takes, in milliseconds.
const AGENT_WORK: u64 = 1_000;

/// How long a slow agent takes: just less than it may.
const SLOW_AGENT_WORK: u64 = 50_000;

/// How long a call that takes a while lasts, in milliseconds: longer than an agent usually takes, and less than what an agent's time
/// is reckoned to last beyond it.
const LINGERS: u64 = 3_000;

/// The verbs of the ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reading changes nothing.
    Read,
    /// Records.
    Commit,
    /// Long outputs, before the record that refers to them.
    Keep,
    /// An event beside the records.
    Report,
    /// An agent.
    AskAgent,
    /// Work handed over.
    Continue,
    /// Another function.
    Invoke,
    /// A token.
    CompleteTask,
    /// An execution.
    StartExecution,
    /// The bus.
    Publish,
}

/// A place where something can go wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct PortPoint {
    /// Of which invocation.
    pub flight: FlightId,
    /// Of which function.
    pub function: Function,
    /// Which verb.
    pub verb: Verb,
}

/// A question to an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentPoint {
    /// The step.
    pub step: StepId,
    /// What was asked.
    pub op: Operation,
    /// About how many items.
    pub items: usize,
    /// The number of port calls before it.
    pub port: u64,
}

/// A machine's call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallPoint {
    /// The state.
    pub state: String,
    /// Whether it waits for a token.
    pub waits: bool,
    /// The number of port calls before it.
    pub port: u64,
}

/// Every place of a run where something can go wrong, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    /// Port calls.
    pub ports: Vec<PortPoint>,
    /// Questions to agents.
    pub agents: Vec<AgentPoint>,
    /// Calls of machines.
    pub calls: Vec<CallPoint>,
    /// Questions to the user, each with the number of port calls before it.
    pub questions: Vec<u64>,
    /// Hand-overs of work, each with the number of port calls before it.
    pub deliveries: Vec<u64>,
    /// Batches of the stream, each with the number of port calls before it.
    pub batches: Vec<u64>,
}

/// The function that is being polled.
#[derive(Clone, Copy, Debug)]
pub struct Current {
    /// The invocation.
    pub flight: FlightId,
    /// The function.
    pub function: Function,
}

/// Why a function stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// It waits for an answer.
    Waits,
    /// It is dead.
    Dead,
    /// Somebody does something first.
    Act(Act),
}

/// A question to an agent that is under way.
#[derive(Clone, Debug)]
pub struct Asked {
    flight: FlightId,
    agent: AgentId,
    request: AgentRequest,
    twist: Option<Twist>,
    /// Whether the caller hears of something else than what it will do.
    given_up: bool,
}

/// The world of one run.
#[derive(Clone)]
pub struct World {
    /// The table.
    pub memory: Memory,
    /// The time.
    pub now: Timestamp,
    /// What will happen.
    pub agenda: Agenda,
    /// The executions by name.
    pub executions: BTreeMap<String, Execution>,
    /// The agents and what is behind them.
    pub provider: Provider,
    /// The user.
    pub user: User,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Decides about waits within their bounds.
    pub seed: u64,
    /// Every place that was passed.
    pub points: Points,
    /// The function that is being polled.
    pub current: Current,
    /// Why it stands still.
    pub pause: Option<Pause>,
    /// Questions to agents under way, by number.
    pub asked: BTreeMap<u64, Asked>,
    /// Answers of agents to functions that wait for them, each from a moment on, by the question's number.
    answers: BTreeMap<u64, (Timestamp, Result<AgentResponse, AgentFailure>)>,
    /// Answers of functions to functions that wait for them.
    pub replies: BTreeMap<FlightId, Result<Value, InvokeError>>,
    /// What was seen that must not be.
    pub wrong: Vec<String>,
    /// What happened, if anybody wants to read it.
    pub story: Option<Vec<String>>,
    /// The workflow's machine.
    pub machine: Arc<Machine>,
    always: Vec<(StepId, Operation, ErrorClass)>,
    /// Every agent takes its time.
    slow: bool,
}

impl World {
    /// The world of a case before anything happened.
    pub fn of(
        case: &Case,
        (workflow, machine): (Arc<Workflow>, Arc<Machine>),
        findings: Arc<Findings>,
        now: Timestamp,
    ) -> Self {
        Self {
            memory: Memory::at(now),
            now,
            agenda: Agenda::default(),
            executions: BTreeMap::new(),
            provider: Provider::of(Arc::clone(&workflow), findings),
            user: User::of(workflow, &case.faults),
            faults: case.faults.clone(),
            seed: case.seed,
            points: Points::default(),
            current: Current { flight: 0, function: Function::Api },
            pause: None,
            asked: BTreeMap::new(),
            answers: BTreeMap::new(),
            replies: BTreeMap::new(),
            wrong: Vec::new(),
            story: None,
            machine,
            always: Vec::new(),
            slow: false,
        }
    }

    /// Another world that came to the same point, in which from here on this goes wrong.
    pub fn fork(&self, faults: &[Fault]) -> Self {
        let mut fork = Self { memory: self.memory.fork(), faults: faults.to_vec(), ..self.clone() };
        fork.user.is_told(faults);
        fork
    }

    /// Tells what happens, to those who want to read it.
    pub fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{} {}", self.now, line()));
        }
    }

    /// A number that the seed decides, below `below`.
    pub fn choose(&self, place: u64, below: u64) -> u64 {
        Dice(self.seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(place)).roll(below)
    }

    /// A function is about to call a port: what happens at this place.
    pub fn arrive(&mut self, verb: Verb) -> (u64, Arrival) {
        if self.pause == Some(Pause::Dead) {
            return (0, Arrival::Die);
        }
        let at = self.points.ports.len() as u64;
        let Current { flight, function } = self.current;
        self.points.ports.push(PortPoint { flight, function, verb });
        self.tell(|| format!("  [{at}] {function:?} #{flight} {verb:?}"));
        let mut arrival = Arrival::Go;
        for fault in &self.faults {
            match fault {
                Fault::Port(place, HowPort::DieBefore) if *place == at => arrival = Arrival::Die,
                Fault::Port(place, HowPort::Refuse) if *place == at => arrival = Arrival::Refused,
                Fault::Port(place, HowPort::Linger) if *place == at => {
                    let until = later(self.now, LINGERS);
                    self.agenda.put(until, Event::Wake(flight));
                    arrival = Arrival::Lingers(until);
                }
                Fault::Act(place, act) if *place == at => arrival = Arrival::First(*act),
                _ => {}
            }
        }
        if arrival == Arrival::Die {
            self.pause = Some(Pause::Dead);
        }
        (at, arrival)
    }

    /// A port call took effect: what happens now.
    pub fn depart(&mut self, at: u64) -> Arrival {
        for fault in &self.faults {
            match fault {
                Fault::Port(place, HowPort::DieAfter) if *place == at => {
                    self.pause = Some(Pause::Dead);
                    return Arrival::Die;
                }
                Fault::Port(place, HowPort::Lose) if *place == at => return Arrival::Refused,
                _ => {}
            }
        }
        Arrival::Go
    }

    /// An agent is asked; the answer's number.
    pub fn ask(&mut self, agent: &AgentId, request: &AgentRequest) -> u64 {
        let number = self.points.agents.len() as u64;
        let (step, op) = (request.step_id.clone(), request.op);
        let port = self.points.ports.len() as u64;
        self.points.agents.push(AgentPoint { step: step.clone(), op, items: request.items.len(), port });
        let twist = self.twist(number, &step, op);
        self.tell(|| format!("    agent question {number}: {agent} {op:?} for {step} {twist:?}"));
        self.slow |= twist == Some(Twist::Slow);
        let soon = later(self.now, if self.slow { SLOW_AGENT_WORK } else { AGENT_WORK });
        let mut acts = Some(soon);
        let mut wakes = None;
        match twist {
            Some(Twist::Fail(class) | Twist::Always(class)) => {
                acts = None;
                wakes = Some((soon, said(agent, class)));
            }
            Some(Twist::LoseAnswer) => wakes = Some((request.deadline, failure(agent, ErrorClass::Timeout))),
            Some(Twist::DieAfter) => wakes = Some((soon, failure(agent, ErrorClass::Interrupted))),
            Some(Twist::CutOff) => {
                acts = Some(later(self.now, SLOW_AGENT_WORK));
                wakes = Some((soon, failure(agent, ErrorClass::Interrupted)));
            }
            Some(Twist::OutliveCaller) => {
                acts = Some(later(self.now, SLOW_AGENT_WORK));
                self.agenda.put(soon, Event::Expire(self.current.flight, "Runtime.ExitError"));
            }
            _ => {}
        }
        let Current { flight, .. } = self.current;
        if let Some(at) = acts {
            let (agent, request) = (agent.clone(), request.clone());
            let given_up = wakes.is_some();
            self.asked.insert(number, Asked { flight, agent, request, twist, given_up });
            self.agenda.put(at, Event::AgentActs(number));
        }
        if let Some((at, failure)) = wakes {
            self.answers.insert(number, (at, Err(failure)));
            self.agenda.put(at, Event::Wake(flight));
        }
        number
    }

    fn twist(&mut self, number: u64, step: &StepId, op: Operation) -> Option<Twist> {
        let told = self.faults.iter().find_map(|fault| match fault {
            Fault::Agent(at, twist) if *at == number => Some(*twist),
            _ => None,
        });
        if let Some(Twist::Always(class)) = told {
            self.always.push((step.clone(), op, class));
        }
        let always = self.always.iter().find(|(of, kind, _)| of == step && *kind == op);
        told.or_else(|| always.map(|(.., class)| Twist::Always(*class)))
    }

    /// An agent does what it was asked.
    pub fn agent_acts(&mut self, number: u64) {
        let Some(asked) = self.asked.remove(&number) else { return };
        let answer = self.provider.answer(&asked.agent, &asked.request, asked.twist);
        self.tell(|| format!("    agent answer {number}: {:?}", answer.as_ref().map(|it| &it.results)));
        if !asked.given_up {
            let answer = answer.map_err(|class| said(&asked.agent, class));
            self.answers.insert(number, (self.now, answer));
            self.agenda.put(self.now, Event::Wake(asked.flight));
        }
    }

    /// The answer to a question, once it is there.
    pub fn answered(&mut self, number: u64) -> Option<Result<AgentResponse, AgentFailure>> {
        self.answers.get(&number).filter(|(at, _)| *at <= self.now)?;
        self.answers.remove(&number).map(|(_, answer)| answer)
    }

    /// Hands work over without waiting: at least once, unless it is told to be lost.
    pub fn hand_over(&mut self, function: Function, payload: Value) {
        let number = self.points.deliveries.len() as u64;
        self.points.deliveries.push(self.points.ports.len() as u64);
        let how = self.faults.iter().find_map(|fault| match fault {
            Fault::Deliver(at, how) if *at == number => Some(*how),
            _ => None,
        });
        let times = match how {
            None => 1,
            Some(HowDelivered::Twice) => 2,
            Some(HowDelivered::Lost) => 0,
        };
        self.tell(|| format!("    delivery {number} to {function:?}, {times} times"));
        for _ in 0..times {
            let origin = Origin::Queue { left: 2 };
            let launch = Launch { function, payload: payload.clone(), origin };
            self.agenda.put(self.now, Event::Launch(Box::new(launch)));
        }
    }

    /// The execution whose token this is.
    pub fn execution_of(&mut self, token: &str) -> Option<&mut Execution> {
        let (name, _) = token.rsplit_once(':')?;
        self.executions.get_mut(name)
    }
}

/// What happens to a port call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing out of the ordinary.
    Go,
    /// It is reported as refused.
    Refused,
    /// The function dies.
    Die,
    /// Somebody does something first.
    First(Act),
    /// It takes until then before it takes effect.
    Lingers(Timestamp),
}

/// An agent's own word: it is at rest, unless it ran into a time limit of its own.
fn said(agent: &AgentId, class: ErrorClass) -> AgentFailure {
    AgentFailure { at_rest: class != ErrorClass::Timeout, ..failure(agent, class) }
}

/// The platform's word: nothing is known of the agent.
fn failure(agent: &AgentId, class: ErrorClass) -> AgentFailure {
    AgentFailure { agent: agent.clone(), class, message: format!("told to fail: {class}"), at_rest: false }
}
