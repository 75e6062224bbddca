//! A user with queued runs, agents and machines.

use crate::Dispatcher;
use crate::{Failed, Turn};
use engine::{Access, Consent, Link, Out, Queue, Queued, Run, RunContext, RunEvent, RunStatus, after, queue};
use events::{AgentCard, AgentId, AgentRequest, AgentResponse, ErrorClass, RunId};
use ports::memory::Memory;
use ports::{AgentFailure, AskAgent, Clock, Commit, Key, PortError, Record, StartExecution, Write};
use serde_json::{Value, json};
use statemachines::{Catalog, Seconds};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// A run's id.
fn id(name: &str) -> RunId {
    name.parse().unwrap()
}

/// A `run.state_changed` of a user on the bus.
pub fn change(user: &str, to: &str) -> Value {
    json!({"detail-type": "run.state_changed", "detail": {
        "version": 1, "id": "x-1", "time": "2026-06-30T12:00:00Z", "user_id": user,
        "data": {
            "workflowId": "w", "runId": "x", "seq": 1, "timestamp": 0, "type": "run.state_changed", "severity": "info",
            "data": {"progress": 0, "message": "", "details": {"to": to}}, "metrics": {"duration": 0},
        },
    }})
}

/// The whole world.
pub struct World {
    pub memory: Memory,
    pub agents: Agents,
    pub machines: Machines,
    catalog: Catalog,
}

impl World {
    /// User `u`, who allows everything, with these runs queued, each of a workflow of its own.
    pub async fn with(runs: &[&str]) -> Self {
        let memory = Memory::at("2026-06-30T12:00:00Z".parse().unwrap());
        let embedded = Catalog::embedded().unwrap();
        let fund = embedded.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
        let copies = runs.iter().map(|name| {
            let mut copy = fund.clone();
            copy.id = format!("fund-{name}").parse().unwrap();
            copy
        });
        let catalog = embedded.with(copies.collect());
        let world = Self { agents: Agents::of(&memory), memory, machines: Machines::default(), catalog };
        world.give_access().await;
        let mut waiting = Vec::new();
        for name in runs {
            waiting.push(world.queue_run(name).await);
        }
        world.put(Record::Queue(Queue { user_id: "u".parse().unwrap(), waiting, running: Vec::new() })).await;
        world
    }

    async fn queue_run(&self, name: &str) -> Queued {
        let workflow = self.catalog.latest(&format!("fund-{name}").parse().unwrap()).unwrap();
        let as_of = "2026-06-30".parse().unwrap();
        let run = Run::queued(id(name), "u".parse().unwrap(), workflow, as_of, self.memory.now());
        let place = queue::place(&run, workflow);
        self.put(Record::Context(RunContext { run_id: id(name), simulation: json!({}) })).await;
        self.put(Record::Run(run)).await;
        place
    }

    async fn give_access(&self) {
        let now = self.memory.now();
        let scopes = ["read_transactions", "cancel_service", "call_on_behalf", "move_money", "share_profile"];
        let consent =
            Consent { granted_at: now, expires_at: after(now, Seconds(90 * 86_400)), revoked_at: None };
        let link = |account: &str| Link {
            access_token: "token".to_owned(),
            accounts: BTreeSet::from([account.to_owned()]),
            linked_at: now,
        };
        self.put(Record::Access(Access {
            user_id: "u".parse().unwrap(),
            consents: scopes.into_iter().map(|scope| (scope.to_owned(), consent.clone())).collect(),
            links: ["plaid", "subscriptions", "billers", "savings", "gigs", "elsewhere"]
                .map(|name| {
                    (name.to_owned(), link(if name == "elsewhere" { "brokerage" } else { "checking" }))
                })
                .into_iter()
                .collect(),
        }))
        .await;
    }

    pub async fn forget_access(&self) {
        self.put(Record::Access(Access::none("u".parse().unwrap()))).await;
    }

    async fn put(&self, record: Record) {
        self.memory.commit(vec![Write::put(record)]).await.unwrap();
    }

    pub fn dispatcher(&self) -> Dispatcher<Memory, Agents, Machines, Memory> {
        Dispatcher {
            table: self.memory.clone(),
            agents: self.agents.clone(),
            machines: self.machines.clone(),
            clock: self.memory.clone(),
            catalog: self.catalog.clone(),
        }
    }

    pub async fn dispatch(&self) -> Result<Vec<Turn>, Failed> {
        self.dispatcher().handle(json!({"user_id": "u"})).await
    }

    pub fn wait(&self, length: Seconds) {
        self.memory.set_now(after(self.memory.now(), length));
    }

    pub fn run(&self, name: &str) -> Run {
        read_run(&self.memory, &id(name)).0
    }

    /// Waiting and running runs.
    pub fn queue(&self) -> (Vec<String>, Vec<String>) {
        let Record::Queue(queue) = self.memory.get(&Key::Queue("u".parse().unwrap())).unwrap().record else {
            panic!("no queue")
        };
        let names = |runs: &[Queued]| runs.iter().map(|it| it.run_id.to_string()).collect();
        (names(&queue.waiting), names(&queue.running))
    }

    /// The events told so far.
    pub fn events(&self) -> Vec<RunEvent> {
        let out = self.memory.stream().into_iter().flat_map(|it| it.out);
        out.filter_map(|it| if let Out::Run(event) = it { Some(event) } else { None }).collect()
    }

    pub async fn end(&self, name: &str) {
        interfere(&self.memory, &id(name), |run| run.status = RunStatus::Completed).await;
    }

    /// Pins a run to a version of its workflow.
    pub async fn pin(&self, name: &str, version: u32) {
        interfere(&self.memory, &id(name), |run| run.version = version).await;
    }

    /// Lets a run work with these providers alone.
    pub async fn place(&self, name: &str, providers: &[&str]) {
        let key = Key::Queue("u".parse().unwrap());
        let Record::Queue(mut queue) = self.memory.get(&key).unwrap().record else { panic!("no queue") };
        let place = queue.waiting.iter_mut().find(|it| it.run_id == id(name)).unwrap();
        place.providers = providers.iter().map(|it| (*it).to_owned()).collect();
        self.put(Record::Queue(queue)).await;
    }
}

fn read_run(memory: &Memory, run: &RunId) -> (Run, u64) {
    let stored = memory.get(&Key::Run(run.clone())).unwrap();
    let Record::Run(run) = stored.record else { panic!("no run") };
    (run, stored.rev)
}

async fn interfere(memory: &Memory, run: &RunId, edit: impl FnOnce(&mut Run)) {
    let (mut run, rev) = read_run(memory, run);
    edit(&mut run);
    memory.commit(vec![Write::update(Record::Run(run), rev)]).await.unwrap();
}

/// What the execution's first step does when it is faster than the dispatcher.
pub fn to_executing(run: &mut Run) {
    run.status = RunStatus::Executing;
}

type Edit = fn(&mut Run);

/// Agents that say of themselves what they are told to.
#[derive(Clone)]
pub struct Agents {
    memory: Memory,
    state: Arc<Mutex<AgentsState>>,
}

#[derive(Default)]
struct AgentsState {
    failing: BTreeMap<String, ErrorClass>,
    unreachable: BTreeSet<String>,
    edit: Option<Edit>,
    disturb: bool,
}

impl Agents {
    fn of(memory: &Memory) -> Self {
        Self { memory: memory.clone(), state: Arc::default() }
    }

    pub fn set(&self, agent: &str, answer: Result<(), ErrorClass>) {
        let failing = &mut self.state.lock().unwrap().failing;
        match answer {
            Ok(()) => failing.remove(agent),
            Err(class) => failing.insert(agent.to_owned(), class),
        };
    }

    pub fn reach(&self, provider: &str, up: bool) {
        let unreachable = &mut self.state.lock().unwrap().unreachable;
        if up {
            unreachable.remove(provider)
        } else {
            unreachable.insert(provider.to_owned())
        };
    }

    /// Changes the run while it is being checked, once.
    pub fn interfere(&self, edit: Edit) {
        self.state.lock().unwrap().edit = Some(edit);
    }

    /// Writes the queue while a run is being checked, once.
    pub fn disturb_queue(&self) {
        self.state.lock().unwrap().disturb = true;
    }
}

impl AskAgent for Agents {
    async fn ask_agent(
        &self,
        agent: &AgentId,
        request: &AgentRequest,
    ) -> Result<AgentResponse, AgentFailure> {
        tokio::task::yield_now().await;
        let (edit, disturb, failing, unreachable) = {
            let mut state = self.state.lock().unwrap();
            let failing = state.failing.get(agent.as_str()).copied();
            (state.edit.take(), std::mem::take(&mut state.disturb), failing, state.unreachable.clone())
        };
        if let Some(edit) = edit {
            interfere(&self.memory, &request.run_id, edit).await;
        }
        if disturb {
            let queue = self.memory.get(&Key::Queue(request.user_id.clone())).unwrap().record;
            self.memory.commit(vec![Write::put(queue)]).await.unwrap();
        }
        if let Some(class) = failing {
            return Err(AgentFailure {
                agent: agent.clone(),
                class,
                message: "as told".to_owned(),
                at_rest: true,
            });
        }
        let providers = ["plaid", "subscriptions", "billers", "savings", "savings-partner", "gigs"];
        let card = AgentCard {
            agent: agent.clone(),
            name: agent.to_string(),
            capabilities: Vec::new(),
            scopes: Vec::new(),
            providers: providers.map(|it| (it.to_owned(), !unreachable.contains(it))).into_iter().collect(),
        };
        Ok(AgentResponse { card: Some(card), ..AgentResponse::default() })
    }
}

/// State machines that remember what was started.
#[derive(Clone, Default)]
pub struct Machines {
    state: Arc<Mutex<MachinesState>>,
}

#[derive(Default)]
struct MachinesState {
    started: BTreeSet<String>,
    down: bool,
    edit: Option<(Memory, Edit)>,
}

impl Machines {
    pub fn started(&self) -> Vec<String> {
        self.state.lock().unwrap().started.iter().cloned().collect()
    }

    pub fn set_down(&self, down: bool) {
        self.state.lock().unwrap().down = down;
    }

    /// Changes the run as soon as it is started.
    pub fn interfere(&self, memory: Memory, edit: Edit) {
        self.state.lock().unwrap().edit = Some((memory, edit));
    }
}

impl StartExecution for Machines {
    async fn start_execution(&self, run: &Run) -> Result<(), PortError> {
        let edit = {
            let mut state = self.state.lock().unwrap();
            if state.down {
                return Err(PortError::Unavailable {
                    operation: "start_execution",
                    reason: "as told".to_owned(),
                });
            }
            state.started.insert(format!("{}-{}", run.run_id, run.epoch));
            state.edit.take()
        };
        if let Some((memory, edit)) = edit {
            interfere(&memory, &run.run_id, edit).await;
        }
        Ok(())
    }
}
