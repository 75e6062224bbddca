//! The recovery alert: what happened, what has been done, the options, the impact so far.

use crate::asked::Asked;
use engine::{Item, ItemState, LiveImpact, StepRecord};
use events::{Choice, ErrorClass};
use jiff::Timestamp;
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statemachines::{Step, Workflow, allowed_by};

/// A recovery alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// In what state the workflow is, for the user.
    pub status: String,
    /// What went wrong.
    pub what_happened: String,
    /// What has been done all the same: of the steps before, then of this one.
    pub done: Vec<String>,
    /// What this step could not do.
    pub stuck: Vec<String>,
    /// What the user can do.
    pub options: Vec<AlertOption>,
    /// What the run has brought so far.
    pub impact: AlertImpact,
}

/// One way on from a recovery alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertOption {
    /// What to answer.
    pub choice: Choice,
    /// What the user does.
    pub label: String,
    /// What happens then.
    pub leads_to: String,
}

/// What a run has brought when it shows an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertImpact {
    /// Saved a month: read back from the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Money>,
    /// What this step may bring a month and has not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Money>,
    /// Seconds from the run's start to the alert.
    pub seconds_invested: u32,
    /// Things of this step that are still to be decided or done, those that are stuck left out.
    pub items_remaining: u32,
    /// The steps to come.
    pub steps_remaining: Vec<String>,
}

impl Alert {
    /// An alert as the records of its run tell it.
    pub(crate) fn of(asked: &Asked, workflow: Option<&Workflow>) -> Self {
        let record = asked.record();
        let items = || record.into_iter().flat_map(|it| &it.items);
        let failure = record.and_then(|it| it.failure.as_ref());
        let step = workflow.and_then(|it| it.step(&asked.task.step_id));
        let mut stuck: Vec<String> =
            items().filter(|it| is_stuck(it)).map(|it| it.proposal.title.clone()).collect();
        if stuck.is_empty() {
            stuck.extend(step.map(|it| it.name.clone()));
        }
        let offered = asked.task.items.first().map(|it| it.choices.clone());
        let choices = offered.unwrap_or_else(|| vec![Choice::Continue, Choice::Skip, Choice::Stop]);
        let class = failure.map(|it| it.class);
        let before = workflow.into_iter().flat_map(|it| &it.steps);
        let earlier = before.filter(|it| it.id != asked.task.step_id).filter_map(|step| earlier(asked, step));
        Self {
            status: "Workflow paused - need your help".to_owned(),
            what_happened: failure.map_or_else(|| asked.task.prompt.clone(), |it| it.message.clone()),
            done: earlier
                .chain(items().filter(|it| it.state.is_done()).map(|it| it.summary.clone()))
                .collect(),
            stuck,
            options: choices.into_iter().map(|choice| option(choice, class, &asked.task.scopes)).collect(),
            impact: impact(asked, workflow),
        }
    }
}

/// What an earlier step has come to.
fn earlier(asked: &Asked, step: &Step) -> Option<String> {
    let record = asked.records.get(&step.id)?;
    if !asked.run.entry(&step.id).status.is_settled() || record.skipped {
        return None;
    }
    let done: Vec<_> = record.items.iter().filter(|it| it.state.is_done()).map(summary).collect();
    let words = if done.is_empty() { record.headline.clone() } else { done.join(" ") };
    (!words.is_empty()).then(|| format!("{}: {words}", step.name))
}

fn summary(item: &Item) -> String {
    item.summary.clone()
}

fn is_stuck(item: &Item) -> bool {
    matches!(item.state, ItemState::Failed { .. } | ItemState::Unknown | ItemState::Executing)
}

fn is_open(item: &Item) -> bool {
    use ItemState::{Approved, Asked, Changed, Proposed};
    matches!(item.state, Proposed | Asked | Approved | Changed)
}

fn impact(asked: &Asked, workflow: Option<&Workflow>) -> AlertImpact {
    let record = asked.record();
    let items = || record.into_iter().flat_map(|it| &it.items);
    let pending = items()
        .filter(|it| is_stuck(it) || is_open(it))
        .filter_map(|it| it.proposal.monthly)
        .map(Some)
        .reduce(|sum, more| sum.zip(more).and_then(|(sum, more)| sum.add(more).ok()))
        .flatten();
    let begun = asked.run.started_at.map_or(0, |at| seconds(at, asked.task.asked_at));
    let to_come = workflow.into_iter().flat_map(|it| {
        it.steps.iter().filter(|step| {
            step.id != asked.task.step_id && !asked.run.is_over(step) && asked.run.is_on_path(it, &step.id)
        })
    });
    AlertImpact {
        saved: workflow.and_then(|it| brought(asked.records.values(), it).confirmed),
        pending,
        seconds_invested: begun,
        items_remaining: u32::try_from(items().filter(|it| is_open(it)).count()).unwrap_or(u32::MAX),
        steps_remaining: to_come.map(|step| step.name.clone()).collect(),
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.as_second() - from.as_second()).unwrap_or(0)
}

/// What the user can choose, in words that fit what went wrong.
fn option(choice: Choice, class: Option<ErrorClass>, scopes: &[String]) -> AlertOption {
    let scopes = allowed_by(scopes);
    let (label, leads_to) = match choice {
        Choice::Continue => match class {
            Some(class) if class.is_transient() => ("Try again".to_owned(), "Continue automatically"),
            Some(ErrorClass::Permission) => ("Provide verification".to_owned(), "Continue automatically"),
            _ => ("Provide what was missing".to_owned(), "Continue automatically"),
        },
        Choice::Override => ("Take the result as it is".to_owned(), "Continue with it"),
        Choice::Grant => (format!("For a year, allow it to {scopes}"), "Continue automatically"),
        Choice::Deny => (format!("Do not allow it to {scopes}"), "See what else can be done"),
        Choice::Skip => ("Skip what failed".to_owned(), "Go on with the rest"),
        Choice::Stop => ("Stop the workflow".to_owned(), "Keep what was done so far"),
        Choice::Done => ("It is reversed".to_owned(), "It is checked"),
        Choice::Approve => ("Do exactly this".to_owned(), "It is done"),
        Choice::Modify => ("Change it".to_owned(), "It is shown again"),
    };
    AlertOption { choice, label, leads_to: leads_to.to_owned() }
}

/// What all that is done in these steps comes to.
pub(crate) fn brought<'a>(
    records: impl IntoIterator<Item = &'a StepRecord>,
    workflow: &Workflow,
) -> LiveImpact {
    let lines = records.into_iter().flat_map(|record| {
        record.impact().map(|it| engine::ImpactLine::of(Some(record.step_id.clone()), it.clone()))
    });
    engine::fold::totals(lines.collect(), workflow, &[])
}
