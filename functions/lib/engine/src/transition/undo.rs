//! Taking effects back: by the agent, by hand, and what is left.

use super::{Draft, together};
use crate::change::Change;
use crate::run::StepEntry;
use crate::status::{Ending, RunStatus, StepStatus};
use events::{EventType, Severity, StepId};
use serde_json::json;

impl Draft<'_> {
    /// A change that undoes a step; any other changes nothing here.
    pub(super) fn take_back(&mut self, change: &Change, step: &StepId, name: &str, entry: &StepEntry) {
        match change {
            Change::Undo { agent_until, .. } => {
                let first = entry.status != StepStatus::Undoing;
                self.set(step, StepStatus::Undoing, |entry| {
                    entry.attempt = if first { 1 } else { entry.attempt + 1 };
                    entry.agent_until = Some(*agent_until);
                });
                if first {
                    self.step_note(
                        EventType::StepProgress,
                        Severity::Warning,
                        format!("Undoing: {name}"),
                        step,
                    );
                }
            }
            Change::UndoPaused { at_rest, .. } => {
                self.keep_watch(step, entry.agent_until.filter(|_| !at_rest));
            }
            Change::AskUndo { task, prompt, deadline, .. } => {
                self.set(step, StepStatus::Undoing, |entry| entry.agent_until = None);
                self.step_note(EventType::StepWaitingUser, Severity::Warning, prompt.clone(), step).ask(
                    task.clone(),
                    prompt,
                    *deadline,
                );
            }
            Change::Undone { failures, unconfirmed, in_force, .. } => {
                self.undone(step, name, failures, unconfirmed, in_force);
            }
            Change::Reversed { left, unconfirmed, in_force, kept, .. } => {
                self.undone(step, name, left, unconfirmed, in_force);
                let stopped = self.run.ending == Some(Ending::Stop);
                if left.is_empty() && stopped {
                    // A resume does not take up again what the user has reversed.
                    let status = if *kept { StepStatus::Complete } else { StepStatus::Skipped };
                    self.set(step, status, |entry| {
                        entry.unfinished = false;
                        entry.open_effects = *kept;
                    });
                }
                if self.run.steps.values().all(|entry| entry.status != StepStatus::UndoFailed) {
                    let (to, reason) = if stopped {
                        (RunStatus::Stopped, "What was in doubt is reversed, and the rest kept.")
                    } else {
                        (RunStatus::RolledBack, "Everything is reversed.")
                    };
                    self.enter(to, Some(reason.to_owned()));
                }
            }
            _ => {}
        }
    }

    fn undone(
        &mut self,
        step: &StepId,
        name: &str,
        failures: &[String],
        unconfirmed: &[String],
        in_force: &[events::Impact],
    ) {
        let now = self.now;
        let status = if failures.is_empty() { StepStatus::Undone } else { StepStatus::UndoFailed };
        self.set(step, status, |entry| {
            entry.agent_until = None;
            entry.ended_at = Some(now);
            entry.open_effects = !failures.is_empty();
            entry.fees = None;
            entry.charge(in_force);
        });
        if failures.is_empty() {
            let (severity, message) = match unconfirmed {
                [] => (Severity::Info, format!("Undone: {name}")),
                said => (Severity::Warning, format!("Undone: {name} (by your word: {})", together(said))),
            };
            self.step_note(EventType::StepCompleted, severity, message, step)
                .detail("outcome", json!("undone"))
                .detail("in_force", json!(in_force));
        } else {
            let message = match self.run.status {
                // The user reverses one after the other; why each could not be undone was told before.
                RunStatus::NeedsAttention => format!("{name}: {} left to be reversed", failures.len()),
                _ => together(failures),
            };
            self.step_note(EventType::StepFailed, Severity::Error, message, step)
                .detail("outcome", json!("undo-failed"))
                .detail("in_force", json!(in_force));
        }
    }
}
