//! A small world around the coordinator: the table in memory, one provider behind every agent, and the tokens that were completed.

use coordinator::{Coordinator, Settings};
use engine::{
    Access, Apart, Consent, Decided, DecidedBy, Link, Run, RunContext, RunStatus, StepEntry, StepRecord, Task,
};
use events::{
    AgentId, AgentRequest, AgentResponse, Answer, ErrorClass, Guide, Impact, ImpactKind, ImpactStage,
    ItemResult, Operation, Outcome, Proposal, RunId, StepId, UserId,
};
use jiff::{SignedDuration, Timestamp};
use money::Money;
use ports::memory::Memory;
use ports::{
    AgentFailure, AskAgent, CatalogOrder, Clock, Commit, CommitError, CompleteTask, FetchApart, KeepApart,
    Key, Mode, OrderProviders, PortError, Read, Record, Slot, StepWork, Stored, Write,
};
use serde_json::{Value, json};
use statemachines::{Catalog, Workflow, parse};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

pub const WORKFLOW: &str = include_str!("workflow.yaml");

/// What the provider does with the next calls that have effects.
#[derive(Clone, Debug, PartialEq)]
pub enum Twist {
    /// The effect happens and the answer is lost.
    LoseAnswer,
    /// It fails before anything happens.
    Fail(ErrorClass),
    /// The other side refuses every item.
    Decline,
    /// The agent asks for approval of each item.
    AskFirst,
    /// Every item fails with this class, without effect.
    FailItems(ErrorClass),
    /// Each item fails with its own class, without effect.
    FailEach(&'static [ErrorClass]),
    /// It cannot say of any item whether it was done.
    Unknown { done: bool },
    /// It does every item and cannot say so of the first.
    FirstUnknown,
    /// It works as it should.
    Work,
}

#[derive(Default)]
pub struct Provider {
    /// Effects in force, by idempotency key.
    pub effects: BTreeMap<String, Value>,
    /// Where each effect is in force, of providers that can stand in for each other.
    pub places: BTreeMap<String, Option<String>>,
    /// Providers that are not there.
    pub down: BTreeSet<String>,
    /// Keys ever executed: a second execution of one would be a double effect.
    pub executions: Vec<String>,
    pub twists: VecDeque<Twist>,
    pub proposals: Vec<Proposal>,
    pub asked: Vec<Operation>,
    pub proofs: BTreeSet<String>,
    pub undo_fails: Option<ErrorClass>,
    pub probe_fails: Option<ErrorClass>,
    /// How long each answer takes.
    pub takes: SignedDuration,
    /// What the audit finds; numbers where it is empty.
    pub found: Vec<String>,
    /// What the last question was about.
    pub inputs: BTreeMap<String, Value>,
    /// What somebody else does while the agent is next asked for this, one after the other.
    pub meanwhile: VecDeque<(Operation, Deed)>,
    /// The question to which the other side says no.
    pub declines: Option<Operation>,
}

/// What somebody else does.
type Deed = Box<dyn FnOnce() + Send>;

/// A token and how it was completed.
pub type Completed = (String, Result<(), ErrorClass>);

/// Everything outside the coordinator.
#[derive(Clone)]
pub struct World {
    pub memory: Memory,
    pub provider: Arc<Mutex<Provider>>,
    pub tokens: Arc<Mutex<Vec<Completed>>>,
    pub bucket_is_down: Arc<Mutex<bool>>,
    /// What somebody else does just before the next change is written.
    pub before_commit: Arc<Mutex<Option<Deed>>>,
}

impl Read for World {
    async fn read(&self, keys: &[Key]) -> Result<Vec<Stored>, PortError> {
        self.memory.read(keys).await
    }
}

impl Commit for World {
    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        let other = self.before_commit.lock().unwrap().take();
        if let Some(act) = other {
            act();
        }
        self.memory.commit(writes).await
    }
}

impl KeepApart for World {
    async fn keep_apart(&self, record: &StepRecord, apart: &Apart, text: String) -> Result<bool, PortError> {
        if *self.bucket_is_down.lock().unwrap() {
            return Err(PortError::Unavailable { operation: "keep_apart", reason: "503".to_owned() });
        }
        self.memory.keep_apart(record, apart, text).await
    }
}

impl FetchApart for World {
    async fn fetch_apart(&self, apart: &Apart) -> Result<String, PortError> {
        self.memory.fetch_apart(apart).await
    }
}

impl OrderProviders for World {
    async fn order_providers(&self, providers: &[String]) -> Vec<String> {
        CatalogOrder.order_providers(providers).await
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.memory.now()
    }
}

impl CompleteTask for World {
    async fn succeed(&self, token: &str) -> Result<(), PortError> {
        self.tokens.lock().unwrap().push((token.to_owned(), Ok(())));
        Ok(())
    }

    async fn fail(&self, token: &str, class: ErrorClass, _message: &str) -> Result<(), PortError> {
        self.tokens.lock().unwrap().push((token.to_owned(), Err(class)));
        Ok(())
    }
}

impl AskAgent for World {
    async fn ask_agent(
        &self,
        agent: &AgentId,
        request: &AgentRequest,
    ) -> Result<AgentResponse, AgentFailure> {
        let mut provider = self.provider.lock().unwrap();
        let now = self.memory.now();
        self.memory.set_now(now.checked_add(provider.takes).unwrap());
        provider.asked.push(request.op);
        provider.inputs.clone_from(&request.inputs);
        provider.answer(agent, request)
    }
}

impl Provider {
    fn answer(&mut self, agent: &AgentId, request: &AgentRequest) -> Result<AgentResponse, AgentFailure> {
        let failure = |class| AgentFailure {
            agent: agent.clone(),
            class,
            message: format!("told to fail: {class}"),
            at_rest: class != ErrorClass::Timeout,
        };
        if request.provider.as_ref().is_some_and(|it| self.down.contains(it)) {
            return Err(failure(ErrorClass::ProviderUnavailable));
        }
        if let Some((_, act)) = self.meanwhile.pop_front_if(|(op, _)| *op == request.op) {
            act();
        }
        if self.declines == Some(request.op) {
            return Err(failure(ErrorClass::Declined));
        }
        match request.op {
            Operation::Propose => Ok(self.propose(agent, request)),
            Operation::Execute => match self.twists.pop_front().unwrap_or(Twist::Work) {
                Twist::Fail(class) => Err(failure(class)),
                Twist::LoseAnswer => {
                    self.execute(request);
                    Err(failure(ErrorClass::Timeout))
                }
                Twist::Decline => {
                    Ok(results(request, |_| Outcome::Declined { reason: "they said no".to_owned() }))
                }
                Twist::AskFirst if request.items.iter().any(|item| !item.approved) => {
                    self.twists.push_front(Twist::AskFirst);
                    let proposals = self.proposals.clone();
                    Ok(results(request, |id| Outcome::Ask {
                        proposal: Box::new(Proposal {
                            title: "Take the offer".to_owned(),
                            effect: json!({ "offer": id }),
                            ..proposals.iter().find(|it| it.item_id.as_str() == id).unwrap().clone()
                        }),
                    }))
                }
                Twist::FailItems(class) => {
                    Ok(results(request, |_| Outcome::Failed { class, message: "away".to_owned() }))
                }
                Twist::FailEach(classes) => {
                    let mut response = results(request, |_| no_effect());
                    for (result, class) in response.results.iter_mut().zip(classes) {
                        result.outcome = Outcome::Failed { class: *class, message: "no".to_owned() };
                    }
                    Ok(response)
                }
                Twist::Unknown { done } => {
                    if done {
                        self.execute(request);
                    }
                    Ok(results(request, |_| Outcome::Unknown { message: "no answer".to_owned() }))
                }
                Twist::FirstUnknown => {
                    let mut response = self.execute(request);
                    response.results[0].outcome = Outcome::Unknown { message: "no answer".to_owned() };
                    let known: Vec<_> = request.items[1..].iter().map(|it| &it.item_id).collect();
                    response.outputs.insert("done".to_owned(), json!(known));
                    Ok(response)
                }
                Twist::AskFirst | Twist::Work => Ok(self.execute(request)),
            },
            Operation::Probe => {
                if let Some(class) = self.probe_fails {
                    return Err(failure(class));
                }
                let here = |key: &String| self.places.get(key) == Some(&request.provider);
                let mut in_force = self.effects.clone();
                in_force.retain(|key, _| here(key));
                let by_id: BTreeMap<_, _> =
                    request.items.iter().map(|it| (it.item_id.to_string(), it.key.clone())).collect();
                let found = |id: &str| in_force.contains_key(&by_id[id]);
                let mut response = results(request, |id| if found(id) { done(id) } else { no_effect() });
                let done: Vec<_> =
                    request.items.iter().map(|it| &it.item_id).filter(|id| found(id.as_str())).collect();
                if !done.is_empty() {
                    response.outputs.insert("done".to_owned(), json!(done));
                }
                Ok(response)
            }
            Operation::Compensate => {
                if let Some(class) = self.undo_fails {
                    return Err(failure(class));
                }
                // A provider knows nothing of what is in force at another.
                for item in &request.items {
                    if self.places.get(&item.key) == Some(&request.provider) {
                        self.places.remove(&item.key);
                        self.effects.remove(&item.key);
                    }
                }
                Ok(results(request, done))
            }
            Operation::Verify => {
                let proof = request.proof.clone().unwrap();
                let outcome = if self.proofs.contains(&proof.reference) {
                    self.effects.insert(format!("proof:{}", proof.reference), Value::Null);
                    done("gig")
                } else {
                    Outcome::Failed {
                        class: ErrorClass::Validation,
                        message: "no such application".to_owned(),
                    }
                };
                let item_id = "gig".try_into().unwrap();
                Ok(AgentResponse {
                    results: vec![ItemResult { item_id, outcome }],
                    ..AgentResponse::default()
                })
            }
            Operation::Describe => Ok(AgentResponse::default()),
        }
    }

    fn propose(&self, agent: &AgentId, request: &AgentRequest) -> AgentResponse {
        match agent.as_str() {
            "spending-analyzer" => AgentResponse {
                headline: "3 found".to_owned(),
                outputs: BTreeMap::from([("found".to_owned(), self.found())]),
                ..AgentResponse::default()
            },
            "income-coach" => AgentResponse {
                guide: Some(Guide { proof: "reference".to_owned(), ..Guide::default() }),
                ..AgentResponse::default()
            },
            _ => {
                let mut proposals = self.proposals.clone();
                for proposal in &mut proposals {
                    if let Some(changes) = request.modifications.get(&proposal.item_id) {
                        proposal.effect = json!(changes);
                    }
                }
                AgentResponse { headline: "proposed".to_owned(), proposals, ..AgentResponse::default() }
            }
        }
    }

    fn found(&self) -> Value {
        if self.found.is_empty() { json!([1, 2, 3]) } else { json!(self.found) }
    }

    fn execute(&mut self, request: &AgentRequest) -> AgentResponse {
        for item in &request.items {
            assert!(!self.executions.contains(&item.key), "{} executed twice", item.key);
            self.executions.push(item.key.clone());
            self.effects.insert(item.key.clone(), item.effect.clone());
            self.places.insert(item.key.clone(), request.provider.clone());
        }
        let mut response = results(request, done);
        response
            .outputs
            .insert("done".to_owned(), json!(request.items.iter().map(|it| &it.item_id).collect::<Vec<_>>()));
        response
    }
}

fn results(request: &AgentRequest, outcome: impl Fn(&str) -> Outcome) -> AgentResponse {
    let results = request
        .items
        .iter()
        .map(|item| ItemResult { item_id: item.item_id.clone(), outcome: outcome(item.item_id.as_str()) })
        .collect();
    AgentResponse { results, ..AgentResponse::default() }
}

fn done(id: &str) -> Outcome {
    Outcome::Done {
        summary: format!("{id} is done"),
        reference: format!("ref-{id}"),
        impact: vec![impact(id)],
        undo_until: None,
    }
}

fn no_effect() -> Outcome {
    Outcome::NoEffect { reason: "never happened".to_owned() }
}

fn dollars(minor: i64) -> Money {
    serde_json::from_value(json!({ "minor": minor, "currency": "USD" })).unwrap()
}

fn impact(id: &str) -> Impact {
    Impact {
        kind: ImpactKind::Savings,
        stage: ImpactStage::Confirmed,
        monthly: dollars(1_000),
        months: None,
        label: format!("{id} saves"),
        evidence: vec![format!("tx-{id}")],
    }
}

pub fn proposal(id: &str) -> Proposal {
    Proposal {
        item_id: id.try_into().unwrap(),
        title: format!("Cancel {id}"),
        reasons: vec![],
        effect: json!({ "cancel": id }),
        monthly: Some(dollars(1_000)),
        kind: ImpactKind::Savings,
        evidence: vec![format!("tx-{id}")],
        modifications: BTreeMap::from([("plan".to_owned(), vec![json!("basic")])]),
        undo_until: None,
    }
}

pub struct Stage {
    pub world: World,
    pub coordinator: Coordinator<World>,
    pub workflow: Workflow,
}

impl Stage {
    /// A run that executes, with every consent given and one proposal of each name.
    pub async fn with(items: &[&str]) -> Self {
        Self::of(items, |_| {}).await
    }

    /// The same with another definition.
    pub async fn of(items: &[&str], edit: impl FnOnce(&mut Workflow)) -> Self {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let world = World {
            memory: Memory::at(now),
            provider: Arc::new(Mutex::new(Provider {
                proposals: items.iter().map(|id| proposal(id)).collect(),
                ..Provider::default()
            })),
            tokens: Arc::default(),
            bucket_is_down: Arc::default(),
            before_commit: Arc::default(),
        };
        let mut workflow = parse("workflow.yaml", WORKFLOW).unwrap();
        edit(&mut workflow);
        let catalog = Catalog::embedded().unwrap().with(vec![workflow.clone()]);
        let mut run = Run::queued(run_id(), user_id(), &workflow, "2026-03-01".parse().unwrap(), now);
        run.status = RunStatus::Executing;
        run.started_at = Some(now);
        let mut access = Access::none(user_id());
        let year = now.checked_add(SignedDuration::from_hours(24 * 365)).unwrap();
        let consent = Consent { granted_at: now, expires_at: year, revoked_at: None };
        access.consents.insert("cancel_service".to_owned(), consent);
        for provider in ["savings", "savings-partner"] {
            let link =
                Link { access_token: "token".to_owned(), accounts: BTreeSet::default(), linked_at: now };
            access.links.insert(provider.to_owned(), link);
        }
        let context = RunContext { run_id: run_id(), simulation: json!({ "runway_months": 2.1 }) };
        let writes = [Record::Run(run), Record::Context(context), Record::Access(access)];
        world.memory.commit(writes.into_iter().map(Write::create).collect()).await.unwrap();
        let coordinator = Coordinator { ports: world.clone(), catalog, settings: Settings::default() };
        Self { world, coordinator, workflow }
    }

    pub fn work(&self, step: &str, mode: Mode, token: Option<&str>) -> StepWork {
        StepWork {
            run_id: run_id(),
            user_id: user_id(),
            epoch: 1,
            workflow: self.workflow.id.clone(),
            version: self.workflow.version,
            step_id: Some(step.try_into().unwrap()),
            mode,
            token: token.map(str::to_owned),
            error: None,
            undo_error: None,
            group: None,
        }
    }

    /// While the agent is next asked for this, somebody else changes a record.
    pub fn meanwhile(&self, op: Operation, key: Key, change: impl FnOnce(&mut Record) + Send + 'static) {
        let act = self.other(key, change);
        self.world.provider.lock().unwrap().meanwhile.push_back((op, act));
    }

    /// Just before the next change is written, somebody else changes a record.
    pub fn before_commit(&self, key: Key, change: impl FnOnce(&mut Record) + Send + 'static) {
        *self.world.before_commit.lock().unwrap() = Some(self.other(key, change));
    }

    fn other(&self, key: Key, change: impl FnOnce(&mut Record) + Send + 'static) -> Deed {
        let memory = self.world.memory.clone();
        Box::new(move || {
            let mut stored = memory.get(&key).unwrap();
            change(&mut stored.record);
            let written = pin!(memory.commit(vec![Write::update(stored.record, stored.rev)]));
            let written = written.poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(written, Poll::Ready(Ok(()))));
        })
    }

    pub fn twist(&self, twists: impl IntoIterator<Item = Twist>) {
        self.world.provider.lock().unwrap().twists.extend(twists);
    }

    pub fn run(&self) -> Run {
        match self.world.memory.get(&Key::Run(run_id())).unwrap().record {
            Record::Run(run) => run,
            other => panic!("{other:?}"),
        }
    }

    pub fn entry(&self, step: &str) -> StepEntry {
        self.run().entry(&step.try_into().unwrap())
    }

    pub fn record(&self, step: &str) -> StepRecord {
        let step = StepId::parse(step).unwrap();
        match self.world.memory.get(&Key::Step(run_id(), step)).unwrap().record {
            Record::Step(record) => record,
            other => panic!("{other:?}"),
        }
    }

    pub fn task(&self, step: &str, slot: Slot) -> Task {
        let step = StepId::parse(step).unwrap();
        match self.world.memory.get(&Key::Task(run_id(), step, slot)).unwrap().record {
            Record::Task(task) => task,
            other => panic!("{other:?}"),
        }
    }

    /// Writes an answer as the API does.
    pub async fn answer(&self, step: &str, slot: Slot, answer: Answer) {
        let key = Key::Task(run_id(), StepId::parse(step).unwrap(), slot);
        let stored = self.world.memory.get(&key).unwrap();
        let Record::Task(mut task) = stored.record else { panic!("no task") };
        let now = self.world.now();
        let decided = Decided { answer: answer.clone(), at: now, by: DecidedBy::User };
        let item = match &answer {
            Answer::Approve { item_id, .. }
            | Answer::Modify { item_id, .. }
            | Answer::Skip { item_id: Some(item_id) } => {
                task.items.iter_mut().find(|it| it.item_id == *item_id)
            }
            _ => None,
        };
        match item {
            Some(item) => item.decided = Some(decided),
            None => task.answer = Some(decided),
        }
        task.decided_at = Some(now);
        self.world.memory.commit(vec![Write::update(Record::Task(task), stored.rev)]).await.unwrap();
    }

    pub fn approve(&self, step: &str, id: &str) -> Answer {
        let task = self.task(step, Slot::Ask);
        let item = task.items.iter().find(|it| it.item_id.as_str() == id).unwrap();
        Answer::Approve { item_id: item.item_id.clone(), effect_hash: item.effect_hash.clone() }
    }

    pub fn skip(id: &str) -> Answer {
        Answer::Skip { item_id: Some(id.try_into().unwrap()) }
    }

    /// A step whose agent asks about `a` and `b`: the one is done, the other left out.
    pub async fn half_done(&self, step: &str, token: &str) {
        self.twist([Twist::AskFirst]);
        self.coordinator.work(&self.work(step, Mode::Step, Some(token))).await.unwrap();
        self.answer(step, Slot::Ask, self.approve(step, "a")).await;
        self.answer(step, Slot::Ask, Self::skip("b")).await;
        self.coordinator.work(&self.work(step, Mode::Continue, None)).await.unwrap();
    }

    /// Whether the user was told this.
    pub fn told(&self, message: &str) -> bool {
        let told = self.world.memory.stream().into_iter().flat_map(|it| it.out);
        told.into_iter().any(|out| matches!(out, engine::Out::Run(event) if event.message == message))
    }

    /// The user unlinks a provider.
    pub async fn unlink(&self, provider: &str) {
        let key = Key::Access(user_id());
        let Record::Access(mut access) = self.world.memory.get(&key).unwrap().record else {
            panic!("no access")
        };
        access.links.shift_remove(provider);
        self.world.memory.commit(vec![Write::put(Record::Access(access))]).await.unwrap();
    }

    pub fn tokens(&self) -> Vec<Completed> {
        self.world.tokens.lock().unwrap().clone()
    }

    pub fn effects(&self) -> usize {
        self.world.provider.lock().unwrap().effects.len()
    }

    pub fn pass(&self, length: SignedDuration) {
        self.world.memory.set_now(self.world.now().checked_add(length).unwrap());
    }
}

pub fn run_id() -> RunId {
    RunId::parse("run-1").unwrap()
}

pub fn user_id() -> UserId {
    UserId::parse("user-1").unwrap()
}
