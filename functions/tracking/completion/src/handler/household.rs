//! What is known of a household beside the records of the run that ended.

use super::achievements::awards;
use super::all;
use crate::failed::Failed;
use engine::suggest::Ended;
use engine::{Access, Declined, Goal, Learned, LiveImpact, RunImpact};
use events::{RunId, SimulationCompleted, UserId, WorkflowId};
use jiff::Timestamp;
use ports::{Key, List, Listing, Read, Record, Write};
use statemachines::{Catalog, Workflow};
use std::collections::{BTreeMap, BTreeSet};

/// What is known beside the run's own records.
pub(super) struct Household {
    pub(super) completed: bool,
    pub(super) goals: Vec<Goal>,
    /// What its other runs that have ended brought.
    runs: Vec<RunImpact>,
    /// What this one had brought when it ended before.
    pub(super) before: Option<(RunImpact, u64)>,
    /// Its achievements.
    achieved: BTreeSet<String>,
    /// The workflows of other runs under way.
    busy: BTreeSet<WorkflowId>,
    access: Access,
    declined: Option<Declined>,
    learned: BTreeMap<WorkflowId, Learned>,
}

impl Household {
    pub(super) async fn load(
        table: &(impl Read + List),
        catalog: &Catalog,
        run: &RunId,
        user: &UserId,
    ) -> Result<Self, Failed> {
        let mut keys = vec![
            Key::Completion(run.clone()),
            Key::Goals(user.clone()),
            Key::Queue(user.clone()),
            Key::Access(user.clone()),
            Key::Declined(user.clone()),
        ];
        keys.extend(catalog.newest().map(|it| Key::Learned(it.id.clone())));
        let (runs, achieved) = history(table, user).await?;
        let (before, others): (Vec<_>, Vec<_>) = runs.into_iter().partition(|(it, _)| it.run_id == *run);
        let mut household = Self {
            completed: false,
            goals: Vec::new(),
            runs: others.into_iter().map(|(it, _)| it).collect(),
            before: before.into_iter().next(),
            achieved,
            busy: BTreeSet::new(),
            access: Access::none(user.clone()),
            declined: None,
            learned: BTreeMap::new(),
        };
        for stored in table.read(&keys).await? {
            household.add(stored.record, run);
        }
        Ok(household)
    }

    fn add(&mut self, record: Record, run: &RunId) {
        match record {
            Record::Completion(_) => self.completed = true,
            Record::Goals(it) => self.goals = it.goals,
            Record::Queue(it) => {
                let runs = it.waiting.into_iter().chain(it.running);
                self.busy = runs.filter(|it| it.run_id != *run).map(|it| it.workflow_id).collect();
            }
            Record::Access(it) => self.access = it,
            Record::Declined(it) => self.declined = Some(it),
            Record::Learned(it) => drop(self.learned.insert(it.workflow_id.clone(), it)),
            _ => {}
        }
    }

    /// What is written of what the run brought, in the place of what it had brought before, with the achievements that makes true.
    pub(super) fn counting(&self, brought: RunImpact, now: Timestamp) -> Vec<Write> {
        let mut runs = self.runs.clone();
        runs.push(brought.clone());
        let unlocked = awards(&runs, &self.achieved, &brought.user_id, Some(&brought.run_id), now);
        let record = Record::Impact(brought);
        let write = match &self.before {
            Some((_, rev)) => Write::update(record, *rev),
            None => Write::create(record),
        };
        std::iter::once(write).chain(unlocked).collect()
    }

    /// A run of it that ended, as the next suggestion reads it.
    pub(super) fn ended<'a>(
        &'a self,
        run_id: &'a RunId,
        workflow: &'a Workflow,
        impact: &'a LiveImpact,
        simulation: &'a SimulationCompleted,
        now: Timestamp,
    ) -> Ended<'a> {
        Ended {
            run_id,
            workflow,
            impact,
            simulation,
            busy: &self.busy,
            access: &self.access,
            declined: self.declined.as_ref(),
            learned: &self.learned,
            now,
        }
    }
}

/// What a user's runs that have ended brought, with their revisions, and the ids of their achievements.
pub(super) async fn history(
    table: &impl List,
    user: &UserId,
) -> Result<(Vec<(RunImpact, u64)>, BTreeSet<String>), Failed> {
    let runs =
        all(table, Listing::Impacts(user.clone())).await?.into_iter().filter_map(|it| match it.record {
            Record::Impact(impact) => Some((impact, it.rev)),
            _ => None,
        });
    let achieved = all(table, Listing::Achievements(user.clone())).await?;
    let achieved = achieved.into_iter().filter_map(|it| match it.record {
        Record::Achievement(it) => Some(it.unlocked.achievement_id),
        _ => None,
    });
    Ok((runs.collect(), achieved.collect()))
}
