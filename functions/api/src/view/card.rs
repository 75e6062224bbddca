//! The progress card of a run.

use crate::view::run::{RunLine, RunStatus, is_stopping};
use engine::history::{ends_of, in_force};
use engine::{Card, CompletedStep, CurrentStep, LiveImpact, Run, StepStatus, UpcomingStep};
use events::{Figure, ImpactKind, ImpactStage, RunId, StepId, WorkflowId, WorkflowSuggested};
use jiff::Timestamp;
use jiff::civil::Date;
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statemachines::{Reversibility, Step, Workflow};
use std::collections::BTreeMap;

/// A run's progress card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunCard {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// The workflow's name.
    pub name: String,
    /// The run's state.
    pub status: RunStatus,
    /// Whether it is being stopped: `RollingBack` keeps what was done then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopping: bool,
    /// Why it is where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Overall progress in percent, which never falls. Steps weigh half by their number, half by how long they usually take; a
    /// manual step no more than the longest of the others.
    pub progress: u8,
    /// How much work is left, people's waiting left out.
    pub remaining_seconds: RemainingSeconds,
    /// How long the steps left usually wait for people; none before enough runs were seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_seconds: Option<RemainingSeconds>,
    /// When its first step could begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How long it has taken so far, or took in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_seconds: Option<u64>,
    /// Steps under way.
    pub current: Vec<Current>,
    /// Settled steps, in the order settled.
    pub completed: Vec<Completed>,
    /// Steps to come.
    pub upcoming: Vec<Upcoming>,
    /// What it brought so far.
    pub impact: Impact,
    /// The last event that is in the card.
    pub seq: u64,
    /// Whether the run is further than that: its state is told already, the steps and the impact that go with it come in a moment.
    pub behind: bool,
    /// What was calculated once it was completed; comes shortly after the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion: Option<Completion>,
}

/// Seconds of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemainingSeconds {
    /// At best.
    pub min: u32,
    /// At worst.
    pub max: u32,
}

/// A step under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Current {
    /// The step.
    pub step_id: StepId,
    /// Its name.
    pub name: String,
    /// Its agent.
    pub agent: String,
    /// What it is doing, in the agent's words.
    pub status: String,
    /// How far it is, in percent.
    pub percent: u8,
    /// Whether it waits for the user.
    pub waiting_user: bool,
    /// When it began.
    pub since: Timestamp,
    /// Figures to follow, by label.
    pub figures: BTreeMap<String, Figure>,
}

/// A settled step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Completed {
    /// The step.
    pub step_id: StepId,
    /// Its name.
    pub name: String,
    /// `complete`, `skipped`, `failed` or `undone`.
    pub outcome: String,
    /// What was found or done.
    pub message: String,
    /// How long it took.
    pub seconds: u32,
    /// Whether and until when what it did can be undone; none when it changed nothing, or nothing of it is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoTerms>,
}

/// Whether and until when something can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UndoTerms {
    /// `reversible` at any time, `until-provider` says no more, `compensable` by a new action, or `irreversible`.
    pub reversibility: Reversibility,
    /// Until when the first of it can be undone, where the provider says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl From<engine::UndoTerms> for UndoTerms {
    fn from(terms: engine::UndoTerms) -> Self {
        Self { reversibility: terms.reversibility, until: terms.until }
    }
}

/// A step to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Upcoming {
    /// The step.
    pub step_id: StepId,
    /// Its name.
    pub name: String,
}

/// What a run brought, a month: what of it still holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// Savings agreed and not yet read back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Money>,
    /// Savings read back from the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Money>,
    /// Savings seen on a statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realised: Option<Money>,
    /// Put aside automatically; not a saving in cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<Money>,
    /// Extra income.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income: Option<Money>,
    /// Extra income that was agreed and not seen yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income_promised: Option<Money>,
    /// Confirmed savings over the next twelve months; of one that ends before, only the months it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual: Option<Money>,
    /// What providers charged for it, once each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fees: Option<Money>,
    /// What this means for a goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<GoalImpact>,
    /// Each figure with what it comes from.
    pub lines: Vec<ImpactLine>,
}

/// How a run brings a goal nearer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GoalImpact {
    /// The goal.
    pub name: String,
    /// Tenths of a percent of the target that a year of it adds.
    pub tenths_of_percent: i64,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImpactLine {
    /// What kind of change.
    pub kind: ImpactKind,
    /// How certain.
    pub stage: ImpactStage,
    /// A month.
    pub monthly: Money,
    /// For how many months it holds, where its end is known; of all runs together, how many are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// The first day on which it does not hold any more, where that is known: the sums do not count it from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Date>,
    /// One sentence.
    pub label: String,
    /// The transactions or provider records it comes from.
    pub evidence: Vec<String>,
}

/// What was calculated once a run was completed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Completion {
    /// Its impact.
    pub impact: Impact,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<WorkflowSuggested>,
}

impl RunCard {
    /// The card as it is to be seen at a moment.
    pub(crate) fn at(self, now: Timestamp) -> Self {
        let lasted =
            self.started_at.map(|begin| self.ended_at.unwrap_or(now).duration_since(begin).as_secs());
        Self { elapsed_seconds: lasted.map(|it| u64::try_from(it).unwrap_or(0)), ..self }
    }

    /// The card as it was folded from the run's events, with the run's own state where that is ahead of them; `seq` is the number of
    /// the run's last event.
    pub(crate) fn folded(card: Card, run: &Run, seq: u64, today: Date) -> Self {
        let behind = card.seq < seq;
        // Nothing is under way or left in a run that has ended, whatever the card has heard of it.
        let ended = run.status.is_terminal();
        let (min, max) = if ended { (0, 0) } else { card.remaining_seconds };
        let waiting = card.waiting_seconds.filter(|_| !ended);
        let current = card.current.into_iter().filter(|_| !ended).map(Current::from).collect();
        let upcoming = card.upcoming.into_iter().filter(|_| !ended).map(Upcoming::from).collect();
        Self {
            run_id: card.run_id,
            workflow_id: card.workflow_id,
            name: card.name,
            status: run.status.into(),
            stopping: is_stopping(run),
            reason: run.reason.clone(),
            progress: run.progress.max(card.progress),
            remaining_seconds: RemainingSeconds { min, max },
            waiting_seconds: waiting.map(|(min, max)| RemainingSeconds { min, max }),
            started_at: run.started_at,
            ended_at: run.ended_at,
            elapsed_seconds: None,
            current,
            completed: card.completed.into_iter().map(Completed::from).collect(),
            upcoming,
            impact: Impact::at(card.impact, run, today),
            seq: card.seq,
            behind,
            completion: None,
        }
    }

    /// The card of a run of which no event was folded yet.
    pub(crate) fn unfolded(run: &Run, workflow: Option<&Workflow>, seq: u64) -> Self {
        let line = RunLine::of(run, workflow);
        let left = workflow.map_or(0, |it| engine::remaining(run, it).get());
        let steps = || workflow.into_iter().flat_map(|it| &it.steps);
        let pending = |step: &&Step| run.entry(&step.id).status == StepStatus::Pending;
        let under_way = |step: &&Step| {
            let status = run.entry(&step.id).status;
            !status.is_settled() && status != StepStatus::Pending
        };
        Self {
            run_id: line.run_id,
            workflow_id: line.workflow_id,
            name: line.name,
            status: line.status,
            stopping: line.stopping,
            reason: line.reason,
            progress: line.progress,
            remaining_seconds: RemainingSeconds { min: left, max: left },
            waiting_seconds: None,
            started_at: run.started_at,
            ended_at: run.ended_at,
            elapsed_seconds: None,
            current: steps().filter(under_way).map(|step| current(run, step)).collect(),
            completed: steps()
                .filter(|step| run.entry(&step.id).status.is_settled())
                .map(|step| completed(run, step))
                .collect(),
            upcoming: steps()
                .filter(pending)
                .filter(|step| !workflow.is_some_and(|it| it.is_fallback(&step.id)))
                .map(|step| Upcoming { step_id: step.id.clone(), name: step.name.clone() })
                .collect(),
            impact: Impact::default(),
            seq,
            behind: seq > 0,
            completion: None,
        }
    }
}

fn current(run: &Run, step: &Step) -> Current {
    let entry = run.entry(&step.id);
    Current {
        step_id: step.id.clone(),
        name: step.name.clone(),
        agent: step.agent.to_string(),
        status: step.description.clone(),
        percent: 0,
        waiting_user: entry.status == StepStatus::WaitingUser && run.ending.is_none(),
        since: entry.started_at.unwrap_or(run.queued_at),
        figures: BTreeMap::new(),
    }
}

fn completed(run: &Run, step: &Step) -> Completed {
    let entry = run.entry(&step.id);
    let lasted =
        entry.started_at.zip(entry.ended_at).map_or(0, |(start, end)| end.as_second() - start.as_second());
    Completed {
        step_id: step.id.clone(),
        name: step.name.clone(),
        outcome: if entry.status == StepStatus::Skipped { "skipped" } else { "complete" }.to_owned(),
        message: String::new(),
        seconds: u32::try_from(lasted).unwrap_or(0),
        undo: None,
    }
}

impl From<CurrentStep> for Current {
    fn from(step: CurrentStep) -> Self {
        Self {
            step_id: step.step_id,
            name: step.name,
            agent: step.agent,
            status: step.status,
            percent: step.percent,
            waiting_user: step.waiting_user,
            since: step.since,
            figures: step.figures.into_iter().collect(),
        }
    }
}

impl From<CompletedStep> for Completed {
    fn from(step: CompletedStep) -> Self {
        Self {
            step_id: step.step_id,
            name: step.name,
            outcome: step.outcome,
            message: step.message,
            seconds: step.seconds,
            undo: step.undo.map(UndoTerms::from),
        }
    }
}

impl From<UpcomingStep> for Upcoming {
    fn from(step: UpcomingStep) -> Self {
        Self { step_id: step.step_id, name: step.name }
    }
}

impl From<LiveImpact> for Impact {
    fn from(impact: LiveImpact) -> Self {
        let goal =
            |it: engine::GoalProgress| GoalImpact { name: it.name, tenths_of_percent: it.tenths_of_percent };
        let line = |it: engine::ImpactLine| ImpactLine {
            kind: it.kind,
            stage: it.stage,
            monthly: it.monthly,
            months: it.months,
            ends: None,
            label: it.label,
            evidence: it.evidence,
        };
        Self {
            promised: impact.promised,
            confirmed: impact.confirmed,
            realised: impact.realised,
            set_aside: impact.set_aside,
            income: impact.income,
            income_promised: impact.income_promised,
            annual: impact.annual,
            fees: impact.fees,
            goal: impact.goal.map(goal),
            lines: impact.items.into_iter().map(line).collect(),
        }
    }
}

impl Impact {
    /// What a run has brought, as it is on a day.
    pub(crate) fn at(impact: LiveImpact, run: &Run, today: Date) -> Self {
        let ends: Vec<_> = impact.items.iter().map(|it| ends_of(it, run)).collect();
        let mut view = Self::from(in_force(impact, run, today));
        view.lines.iter_mut().zip(ends).for_each(|(line, ends)| line.ends = ends);
        view
    }

    /// With what was seen on statements, which is found after the run and is in its card alone.
    pub(crate) fn with_realised(mut self, card: &Self) -> Self {
        self.lines.retain(|it| it.stage != ImpactStage::Realised);
        self.lines.extend(card.lines.iter().filter(|it| it.stage == ImpactStage::Realised).cloned());
        Self { realised: card.realised, ..self }
    }
}

impl Completion {
    /// What was calculated, as it is on a day.
    pub(crate) fn at(completion: engine::Completion, run: &Run, today: Date) -> Self {
        Self { impact: Impact::at(completion.impact, run, today), suggestion: completion.suggestion }
    }
}
