//! The workflow definition language: what one file of the catalog says.
//!
//! Conditions are CEL. What each may read: a trigger `simulation`; a prerequisite `accounts`, `links`; a step's `when`
//! and `inputs` `steps["<id>"].<output>` and `simulation`; a validation `outputs` and `inputs`.

mod recovery;

pub use events::Reversibility;
pub use recovery::*;

use crate::duration::Seconds;
use events::{AgentId, Category, StepId, WorkflowId};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One version of one workflow: `catalog/<id>/<version>.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Workflow {
    /// The workflow; the folder's name.
    pub id: WorkflowId,
    /// The version; the file's name. Any change of a published version needs a new one.
    pub version: u32,
    /// Name shown to the user.
    pub name: String,
    /// What it does, one sentence.
    pub description: String,
    /// What it is for.
    pub category: Category,
    /// `planned` workflows may be suggested but never selected.
    pub status: Status,
    /// When it is recommended.
    pub triggers: Vec<Trigger>,
    /// What must hold before it starts; all are checked at once.
    #[serde(default)]
    pub prerequisites: Vec<Prerequisite>,
    /// The steps. Order in the file is the order shown; what runs when is told by `dependsOn`.
    pub steps: Vec<Step>,
    /// In which order steps are undone, where it is not simply the reverse of their start. Names steps that have an `undo`.
    #[serde(default)]
    pub rollback_plan: Vec<RollbackStep>,
    /// What happens when one of its all-or-nothing groups fails. After the failure of one not named here the run goes on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// How long a run takes, people's waiting left out.
    pub estimated_duration: DurationRange,
    /// What a run may bring, shown before any figure is known.
    pub estimated_impact: EstimatedImpact,
    /// The agents it needs.
    pub agents: Vec<RequiredAgent>,
    /// Outside systems it needs, probed before the start.
    #[serde(default)]
    pub external_dependencies: Vec<String>,
    /// A run older than this is brought to an end.
    pub max_age: Seconds,
    /// How long a queued run waits for a dependency to come back before it fails.
    pub queue_expiry: Seconds,
}

/// Whether a workflow can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It can be selected.
    Available,
    /// It is written but its agents are not: shown as not yet available.
    Planned,
}

/// When a workflow is recommended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// CEL over `simulation`, a boolean.
    pub when: String,
    /// CEL over `simulation`, a number: the higher, the earlier it is recommended.
    pub score: String,
    /// CEL over `simulation`, a text: why, with the figures in it.
    pub reason: String,
    /// CEL over `simulation`, a text: figure and threshold, when it did not fire.
    pub otherwise: String,
}

/// What must hold before a run starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields, try_from = "PrerequisiteFields")]
#[schemars(!try_from)]
pub enum Prerequisite {
    /// A condition.
    Check {
        /// CEL, a boolean.
        check: String,
        /// What the user can do when it does not hold.
        #[serde(rename = "else")]
        otherwise: String,
    },
    /// A consent that must be granted, not expired and not revoked.
    Consent {
        /// Its scope, such as `read_transactions`.
        consent: String,
    },
    /// A provider that must be linked.
    Link {
        /// Its name, such as `plaid`.
        link: String,
    },
}

/// What a prerequisite may say, before it is told apart, so that a mistake in it is named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrerequisiteFields {
    check: Option<String>,
    #[serde(rename = "else")]
    otherwise: Option<String>,
    consent: Option<String>,
    link: Option<String>,
}

impl TryFrom<PrerequisiteFields> for Prerequisite {
    type Error = &'static str;

    fn try_from(fields: PrerequisiteFields) -> Result<Self, Self::Error> {
        match (fields.check, fields.otherwise, fields.consent, fields.link) {
            (Some(check), Some(otherwise), None, None) => Ok(Self::Check { check, otherwise }),
            (Some(_), None, None, None) => {
                Err("a prerequisite with `check` needs `else`: what the user can do")
            }
            (None, None, Some(consent), None) => Ok(Self::Consent { consent }),
            (None, None, None, Some(link)) => Ok(Self::Link { link }),
            _ => Err("a prerequisite is one of `check` with `else`, `consent`, `link`"),
        }
    }
}

/// One step of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    /// The step.
    pub id: StepId,
    /// Name shown to the user.
    pub name: String,
    /// What it does, one sentence.
    pub description: String,
    /// How it is carried out.
    #[serde(rename = "type")]
    pub kind: StepKind,
    /// The agent that does it.
    pub agent: AgentId,
    /// Providers of its effects that can stand in for each other, the preferred one first; none where its agent has no choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
    /// The steps that must be settled before it.
    #[serde(default)]
    pub depends_on: Vec<StepId>,
    /// CEL, a boolean; when false the step settles as skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// By name: CEL over `steps` and `simulation`.
    #[serde(default)]
    pub inputs: IndexMap<String, String>,
    /// What the agent does, one line each; shown to the user.
    pub actions: Vec<Action>,
    /// By name: what it gives, as a type such as `ReducibleExpense[]`, `Money`, `Text`, `Number`.
    #[serde(default)]
    pub outputs: IndexMap<String, String>,
    /// What its outputs must satisfy.
    #[serde(default)]
    pub validations: Vec<Validation>,
    /// How it is retried.
    #[serde(default, rename = "retryPolicy")]
    pub retry: RetryPolicy,
    /// How long one attempt of an automated step may take.
    pub timeout: Seconds,
    /// How long it usually takes, people's waiting left out; weighs in the overall progress.
    pub expected_duration: Seconds,
    /// An automated step whose agent may have to ask the user.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_ask: bool,
    /// What the user is asked. Required for semi-automated and manual steps and for `mayAsk`.
    #[serde(default, rename = "userInteraction", skip_serializing_if = "Option::is_none")]
    pub interaction: Option<Interaction>,
    /// What the user can follow while it runs, by the name of the agent's figure, such as `promisedMonthly`.
    #[serde(default)]
    pub tracking_events: Vec<TrackingEvent>,
    /// The step that takes its place when the other side says no. It is on no path of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<StepId>,
    /// The all-or-nothing group it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A run can be resumed from here by name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub checkpoint: bool,
    /// Whether and until when its effects can be undone. Absent: it has no effects outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversibility: Option<Reversibility>,
    /// How its effects are undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// The consents it needs; an agent sees the credentials of these alone.
    #[serde(default)]
    pub consents: Vec<String>,
    /// What happens when a recovery alert is not answered in time.
    #[serde(default)]
    pub on_help_timeout: OnHelpTimeout,
}

/// How a step is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// By its agent alone.
    Automated,
    /// By its agent, each item approved, modified or skipped by the user.
    SemiAutomated,
    /// By the user, guided.
    Manual,
}

/// One thing a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Short name, such as `categorise`.
    pub id: String,
    /// Shown to the user, such as `Categorise the last 90 days`.
    pub name: String,
}

/// A condition on a step's outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// CEL over `outputs` and `inputs`, a boolean.
    pub check: String,
    /// What is wrong when it does not hold, for the user.
    #[serde(rename = "else")]
    pub otherwise: String,
}

/// What the user is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Interaction {
    /// One sentence.
    pub prompt: String,
    /// What can be chosen per item: `approve`, `modify`, `skip`. A manual step needs none.
    #[serde(default)]
    pub choices: Vec<events::Choice>,
    /// How long the user has.
    pub deadline: Seconds,
    /// When to remind, counted from the question.
    #[serde(default)]
    pub remind: Vec<Seconds>,
    /// What happens to undecided items at the deadline.
    #[serde(default)]
    pub on_timeout: OnTimeout,
}

/// What happens to undecided items at the deadline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnTimeout {
    /// They are skipped; nothing is done without an answer.
    #[default]
    Skip,
    /// The workflow stops and keeps what was done.
    Stop,
}

/// A figure the user can follow while a step runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrackingEvent {
    /// The figure's name in the agent's messages.
    pub figure: String,
    /// Shown beside it.
    pub label: String,
}

/// How long something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DurationRange {
    /// At best.
    pub min: Seconds,
    /// At worst.
    pub max: Seconds,
}

/// What a run may bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EstimatedImpact {
    /// One sentence, without figures that were not measured.
    pub summary: String,
    /// The kinds of impact, best first.
    pub kinds: Vec<events::ImpactKind>,
    /// Kinds of goal it brings nearer, such as `emergency-fund`.
    #[serde(default)]
    pub goals: Vec<String>,
}

/// An agent that a workflow needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequiredAgent {
    /// The agent.
    pub agent: AgentId,
    /// How many of its kind may work at once; the function's reserved concurrency.
    pub capacity: u32,
}

impl Workflow {
    /// The step of this id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Whether this step only runs in the place of another step or of a group.
    pub fn is_fallback(&self, id: &StepId) -> bool {
        self.steps.iter().any(|step| step.fallback.as_ref() == Some(id))
            || self.groups.iter().any(|group| group.fallback() == Some(id))
    }

    /// The steps of an all-or-nothing group.
    pub fn members<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Step> {
        self.steps.iter().filter(move |step| step.group.as_deref() == Some(group))
    }

    /// What happens when a group fails.
    pub fn on_group_failure(&self, group: &str) -> &OnGroupFailure {
        let named = self.groups.iter().find(|it| it.id == group);
        named.map_or(&OnGroupFailure::Continue, |it| &it.on_failure)
    }
}

impl Step {
    /// Whether it can wait for a person or a late answer: its Task is a token wait.
    pub fn waits(&self) -> bool {
        self.kind != StepKind::Automated || self.may_ask
    }

    /// Whether a person undoes its effects, guided.
    pub fn is_undone_by_hand(&self) -> bool {
        self.undo.as_ref().is_some_and(|undo| undo.by == UndoneBy::Person)
    }

    /// Whether it changes something outside.
    pub fn has_effects(&self) -> bool {
        self.reversibility.is_some()
    }
}
