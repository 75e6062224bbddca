//! All-or-nothing groups: one that cannot be kept whole is undone while the run goes on around it.

use super::Draft;
use crate::change::{Change, Illegal};
use crate::run::FailedGroup;
use crate::status::{RunStatus, StepStatus};
use events::{EventType, Severity};
use serde_json::json;

impl Draft<'_> {
    pub(super) fn fail_group(&mut self, group: &str, reason: &str) -> Result<(), Illegal> {
        let change = Change::FailGroup { group: group.to_owned(), reason: reason.to_owned() };
        self.check_group(group, &change, None)?;
        self.run.failed_groups.insert(group.to_owned(), FailedGroup::Undoing);
        self.leave_alerts(group);
        self.note(EventType::PartialSuccess, Severity::Warning, reason.to_owned())
            .detail("group", json!(group));
        Ok(())
    }

    pub(super) fn end_group(&mut self, group: &str) -> Result<(), Illegal> {
        let change = Change::EndGroup { group: group.to_owned() };
        self.check_group(group, &change, Some(FailedGroup::Undoing))?;
        let workflow = self.workflow;
        let left = workflow.members(group).any(|step| self.run.entry(&step.id).open_effects);
        if left {
            return Err(Illegal::Group { group: group.to_owned(), change: change.name() });
        }
        self.run.failed_groups.insert(group.to_owned(), FailedGroup::Undone);
        let now = self.now;
        for step in workflow.members(group) {
            if self.run.entry(&step.id).status == StepStatus::Undone {
                continue;
            }
            self.set(&step.id, StepStatus::Skipped, |entry| {
                entry.ended_at = Some(now);
                entry.agent_until = None;
            });
            let message = format!("{}: left out, because its group could not be kept whole", step.name);
            self.step_note(EventType::StepCompleted, Severity::Info, message, &step.id)
                .detail("outcome", json!("skipped"));
        }
        self.complete_when_over();
        Ok(())
    }

    /// A change of a group of this run, in a run that goes on, and in the state it must be in.
    fn check_group(
        &self,
        group: &str,
        change: &Change,
        expected: Option<FailedGroup>,
    ) -> Result<(), Illegal> {
        let goes_on = matches!(self.run.status, RunStatus::Executing | RunStatus::Paused);
        if !goes_on || self.run.ending.is_some() {
            return Err(Illegal::Run { status: self.run.status, change: change.name() });
        }
        let exists = self.workflow.members(group).next().is_some();
        if !exists || self.run.failed_groups.get(group).copied() != expected {
            return Err(Illegal::Group { group: group.to_owned(), change: change.name() });
        }
        Ok(())
    }

    /// The alerts of a failed group need no answer any more.
    fn leave_alerts(&mut self, group: &str) {
        for step in self.workflow.members(group) {
            if let Some(entry) = self.run.steps.get_mut(&step.id) {
                entry.alerting = false;
            }
        }
        self.go_on_unless_alerting();
    }
}
