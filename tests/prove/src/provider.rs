//! Every agent with the outside world behind it: what it proposes follows from the step's declaration, what it does is in force by
//! idempotency key, and every execution of a key is counted.

use crate::fault::Twist;
use crate::outputs;
use events::{
    AgentCard, AgentId, AgentItem, AgentRequest, AgentResponse, ErrorClass, Guide, Impact, ImpactKind,
    ImpactStage, ItemId, ItemResult, Operation, Outcome, Proposal, StepId,
};
use serde_json::{Value, json};
use statemachines::{Step, StepKind, Workflow};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The reference that proves a manual step.
pub const PROOF: &str = "APP-1";

/// How much the agent of a step finds to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many items.
    pub items: usize,
    /// How many of them only with approval, where it may ask: the last ones.
    pub asks: usize,
}

/// What agents find to do, by step; where nothing is said, two or three items.
pub type Findings = BTreeMap<StepId, Found>;

/// The agents and what is in force outside.
#[derive(Clone, Debug)]
pub struct Provider {
    workflow: Arc<Workflow>,
    findings: Arc<Findings>,
    /// Effects in force, by idempotency key, and at which provider.
    pub effects: BTreeMap<String, Option<String>>,
    /// How often each key took effect.
    pub executions: BTreeMap<String, u32>,
    /// Steps that a person did by hand and proved.
    pub by_hand: BTreeSet<StepId>,
}

/// An agent's answer, or the class of its failure.
pub type Answered = Result<AgentResponse, ErrorClass>;

impl Provider {
    /// Before anything happened.
    pub fn of(workflow: Arc<Workflow>, findings: Arc<Findings>) -> Self {
        Self {
            workflow,
            findings,
            effects: BTreeMap::new(),
            executions: BTreeMap::new(),
            by_hand: BTreeSet::new(),
        }
    }

    /// Does what an agent is asked.
    pub fn answer(&mut self, agent: &AgentId, request: &AgentRequest, twist: Option<Twist>) -> Answered {
        let workflow = Arc::clone(&self.workflow);
        let step = workflow.step(&request.step_id).ok_or(ErrorClass::Defect)?;
        match request.op {
            Operation::Describe => Ok(self.describe(agent)),
            Operation::Propose => Ok(propose(step, request, self.findings.get(&step.id).copied())),
            Operation::Execute => Ok(self.execute(step, request, twist)),
            Operation::Probe => Ok(self.probe(step, request)),
            Operation::Compensate => Ok(self.compensate(step, request, twist)),
            Operation::Verify => Ok(self.verify(step, request)),
        }
    }

    /// A person reverses an effect with the provider.
    pub fn reverse(&mut self, step: &StepId, item: &ItemId) {
        self.effects.retain(|key, _| !is_of(key, step, item));
        self.by_hand.remove(step);
    }

    fn describe(&self, agent: &AgentId) -> AgentResponse {
        let providers = self.workflow.external_dependencies.iter().map(|name| (name.clone(), true)).collect();
        let card = AgentCard {
            agent: agent.clone(),
            name: agent.to_string(),
            capabilities: Vec::new(),
            scopes: Vec::new(),
            providers,
        };
        AgentResponse { card: Some(card), ..AgentResponse::default() }
    }

    fn execute(&mut self, step: &Step, request: &AgentRequest, twist: Option<Twist>) -> AgentResponse {
        let mut results = Vec::new();
        let mut done = Vec::new();
        for (index, item) in request.items.iter().enumerate() {
            let first = index == 0;
            let outcome = match twist {
                Some(Twist::Decline) if first => declined(),
                Some(Twist::DeclineAll) => declined(),
                Some(Twist::NoEffect) if first => Outcome::NoEffect { reason: "gone".to_owned() },
                Some(Twist::FailItem(class)) if first => {
                    Outcome::Failed { class, message: format!("told to fail: {class}") }
                }
                Some(Twist::UnknownNotDone) if first => unknown(),
                _ if self.must_ask(step, item) => Outcome::Ask { proposal: Box::new(offer(item)) },
                _ => {
                    self.take_effect(step, request, item);
                    match twist {
                        Some(Twist::UnknownDone) if first => unknown(),
                        Some(Twist::Silent) if first => continue,
                        _ => {
                            done.push(item);
                            in_force(item)
                        }
                    }
                }
            };
            results.push(ItemResult { item_id: item.item_id.clone(), outcome });
        }
        AgentResponse { results, outputs: outputs::of(step, done.len()), ..AgentResponse::default() }
    }

    fn take_effect(&mut self, step: &Step, request: &AgentRequest, item: &AgentItem) {
        *self.executions.entry(item.key.clone()).or_default() += 1;
        if step.has_effects() {
            self.effects.insert(item.key.clone(), request.provider.clone());
        }
    }

    /// Every second item of an agent that may ask is only done with approval.
    fn must_ask(&self, step: &Step, item: &AgentItem) -> bool {
        let asks = match self.findings.get(&step.id) {
            Some(Found { items, asks }) => (items.saturating_sub(*asks)..*items)
                .any(|index| item.item_id.as_str() == format!("item-{index}")),
            None => item.item_id.as_str().ends_with('1'),
        };
        step.may_ask && !item.approved && asks
    }

    fn probe(&self, step: &Step, request: &AgentRequest) -> AgentResponse {
        let happened = |item: &AgentItem| {
            let has_effects = request_has_effects(&self.workflow, request);
            self.effects.get(&item.key) == Some(&request.provider)
                || self.by_hand.contains(&step.id)
                || !has_effects && self.executions.contains_key(&item.key)
        };
        let mut response = results(request, |item| {
            if happened(item) {
                in_force(item)
            } else {
                Outcome::NoEffect { reason: "never happened".to_owned() }
            }
        });
        let done = request.items.iter().filter(|item| happened(item)).count();
        if done > 0 {
            response.outputs = outputs::of(step, done);
        }
        response
    }

    fn compensate(&mut self, step: &Step, request: &AgentRequest, twist: Option<Twist>) -> AgentResponse {
        let mut response = AgentResponse::default();
        for (index, item) in request.items.iter().enumerate() {
            let outcome = match twist {
                Some(Twist::Decline) if index == 0 => declined(),
                Some(Twist::DeclineAll) => declined(),
                Some(Twist::FailItem(class)) if index == 0 => {
                    Outcome::Failed { class, message: format!("told to fail: {class}") }
                }
                Some(Twist::UnknownNotDone) if index == 0 => unknown(),
                _ => {
                    // A provider knows nothing of what is in force at another.
                    let here = self.effects.get(&item.key) == Some(&request.provider);
                    let was =
                        here && self.effects.remove(&item.key).is_some() || self.by_hand.remove(&step.id);
                    match twist {
                        Some(Twist::UnknownDone) if index == 0 => unknown(),
                        Some(Twist::Silent) if index == 0 => continue,
                        _ if was || step.kind == StepKind::Manual => Outcome::Done {
                            summary: format!("{} is put back", item.item_id),
                            reference: format!("undo-{}", item.item_id),
                            impact: Vec::new(),
                            undo_until: None,
                        },
                        _ => Outcome::NoEffect { reason: "never happened".to_owned() },
                    }
                }
            };
            response.results.push(ItemResult { item_id: item.item_id.clone(), outcome });
        }
        response
    }

    fn verify(&mut self, step: &Step, request: &AgentRequest) -> AgentResponse {
        let Ok(item_id) = ItemId::parse("application") else { return AgentResponse::default() };
        let reference = request.proof.as_ref().map(|proof| proof.reference.clone()).unwrap_or_default();
        if reference != PROOF {
            let outcome = Outcome::Failed {
                class: ErrorClass::Validation,
                message: format!("There is no application {reference}."),
            };
            return AgentResponse {
                results: vec![ItemResult { item_id, outcome }],
                ..AgentResponse::default()
            };
        }
        let item = AgentItem { item_id, key: reference, effect: Value::Null, approved: false };
        if step.has_effects() {
            self.by_hand.insert(step.id.clone());
        }
        let result = ItemResult { item_id: item.item_id.clone(), outcome: in_force(&item) };
        AgentResponse { results: vec![result], outputs: outputs::of(step, 1), ..AgentResponse::default() }
    }
}

/// Whether a key is of an item of a step, in whichever generation.
fn is_of(key: &str, step: &StepId, item: &ItemId) -> bool {
    let mut parts = key.split(':').skip(1);
    let of = parts.next().and_then(|it| it.split('.').next());
    of == Some(step.as_str()) && parts.next() == Some(item.as_str())
}

fn request_has_effects(workflow: &Workflow, request: &AgentRequest) -> bool {
    workflow.step(&request.step_id).is_some_and(Step::has_effects)
}

fn propose(step: &Step, request: &AgentRequest, found: Option<Found>) -> AgentResponse {
    let headline = format!("{}: looked", step.name);
    match step.kind {
        StepKind::Manual => {
            let guide = Guide { proof: "the reference".to_owned(), ..Guide::default() };
            AgentResponse { headline, guide: Some(guide), ..AgentResponse::default() }
        }
        StepKind::Automated if !step.has_effects() => {
            AgentResponse { headline, outputs: outputs::of(step, 2), ..AgentResponse::default() }
        }
        kind => {
            let usual = if kind == StepKind::SemiAutomated { 3 } else { 2 };
            let count = found.map_or(usual, |found| u32::try_from(found.items).unwrap_or(usual));
            let proposals = (0..count).filter_map(|index| proposal(step, index, request)).collect();
            AgentResponse { headline, proposals, ..AgentResponse::default() }
        }
    }
}

fn proposal(step: &Step, index: u32, request: &AgentRequest) -> Option<Proposal> {
    let item_id = ItemId::parse(format!("item-{index}")).ok()?;
    let changes = request.modifications.get(&item_id);
    let effect = match changes {
        Some(changes) => json!({ "step": step.id, "item": index, "changes": changes }),
        None => json!({ "step": step.id, "item": index }),
    };
    let modifiable = step.kind == StepKind::SemiAutomated;
    Some(Proposal {
        title: format!("Do {item_id} of {}", step.name),
        item_id,
        reasons: Vec::new(),
        effect,
        monthly: serde_json::from_value(outputs::money()).ok(),
        kind: ImpactKind::Savings,
        evidence: vec![format!("tx-{index}")],
        modifications: if modifiable {
            BTreeMap::from([("plan".to_owned(), vec![json!("basic"), json!("free")])])
        } else {
            BTreeMap::new()
        },
        undo_until: None,
    })
}

/// What an agent offers instead of doing it at once.
fn offer(item: &AgentItem) -> Proposal {
    Proposal {
        item_id: item.item_id.clone(),
        title: format!("Take the offer for {}", item.item_id),
        reasons: Vec::new(),
        effect: json!({ "offer": item.effect }),
        monthly: None,
        kind: ImpactKind::Savings,
        evidence: Vec::new(),
        modifications: BTreeMap::new(),
        undo_until: None,
    }
}

fn results(request: &AgentRequest, outcome: impl Fn(&AgentItem) -> Outcome) -> AgentResponse {
    let result = |item: &AgentItem| ItemResult { item_id: item.item_id.clone(), outcome: outcome(item) };
    AgentResponse { results: request.items.iter().map(result).collect(), ..AgentResponse::default() }
}

fn in_force(item: &AgentItem) -> Outcome {
    let monthly = serde_json::from_value(outputs::money());
    let impact = monthly.map(|monthly| Impact {
        kind: ImpactKind::Savings,
        stage: ImpactStage::Confirmed,
        monthly,
        months: None,
        label: format!("{} saves", item.item_id),
        evidence: vec![item.key.clone()],
    });
    Outcome::Done {
        summary: format!("{} is done", item.item_id),
        reference: format!("ref-{}", item.item_id),
        impact: impact.into_iter().collect(),
        undo_until: None,
    }
}

fn declined() -> Outcome {
    Outcome::Declined { reason: "they said no".to_owned() }
}

fn unknown() -> Outcome {
    Outcome::Unknown { message: "nobody knows".to_owned() }
}
