//! What becomes of a question that nobody answers: what its step declares, which is never a rollback unless it says so.

use crate::run::Run;
use crate::status::{Ending, StepStatus};
use events::TaskKind;
use statemachines::{OnHelpTimeout, OnTimeout, Step, Workflow};

/// What a step declares for a question that nobody answered in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// What is undecided is left out.
    Skip,
    /// The workflow stops and keeps what was done.
    Stop,
    /// Everything is rolled back.
    RollBack,
}

impl Unanswered {
    /// What becomes of it then, as a part of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Skip => "what you have not decided is left out",
            Self::Stop => "the workflow stops and keeps what was done",
            Self::RollBack => "everything that was done is undone",
        }
    }
}

/// What a step declares for a kind of question.
pub fn unanswered(step: &Step, kind: TaskKind) -> Unanswered {
    match kind {
        TaskKind::Help => match step.on_help_timeout {
            OnHelpTimeout::Stop => Unanswered::Stop,
            OnHelpTimeout::Skip => Unanswered::Skip,
            OnHelpTimeout::RollBack => Unanswered::RollBack,
        },
        TaskKind::Approve | TaskKind::Guide => match step.interaction.as_ref().map(|it| it.on_timeout) {
            Some(OnTimeout::Stop) => Unanswered::Stop,
            Some(OnTimeout::Skip) | None => Unanswered::Skip,
        },
        // What nobody reversed is left as it is, and said to be.
        TaskKind::Undo => Unanswered::Skip,
    }
}

/// How a run is ended, and why, that cannot go on because its time is over or the platform failed: no step of it went wrong, so what
/// was done is kept. Only an alert of a step that declares it rolls everything back. To leave out is to stop here: nothing comes after.
pub fn out_of_time(run: &Run, workflow: &Workflow) -> (Ending, String) {
    let waiting = workflow.steps.iter().filter(|step| {
        let entry = run.entry(&step.id);
        entry.alerting || entry.status == StepStatus::WaitingUser
    });
    let (mut ending, mut names) = (Ending::Stop, Vec::new());
    for step in waiting {
        names.push(step.name.as_str());
        if run.entry(&step.id).alerting && unanswered(step, TaskKind::Help) == Unanswered::RollBack {
            ending = Ending::RollBack;
        }
    }
    let reason = match names.as_slice() {
        [] => "the run could not be brought to its end in time".to_owned(),
        names => format!("{}: no answer in time", names.join(", ")),
    };
    (ending, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statemachines::Catalog;

    #[test]
    fn only_an_alert_that_says_so_is_unsafe() {
        let catalog = Catalog::embedded().unwrap();
        let mut workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
        let at = "2026-06-30T12:00:00Z".parse().unwrap();
        let as_of = "2026-06-30".parse().unwrap();
        let run = Run::queued("r".parse().unwrap(), "u".parse().unwrap(), &workflow, as_of, at);
        let id = workflow.steps[1].id.clone();
        for (what, declared, waiting, alerting, expect) in [
            ("nobody is asked", OnHelpTimeout::RollBack, false, false, Ending::Stop),
            ("a question", OnHelpTimeout::RollBack, true, false, Ending::Stop),
            ("an alert that stops", OnHelpTimeout::Stop, true, true, Ending::Stop),
            ("an alert that leaves out", OnHelpTimeout::Skip, true, true, Ending::Stop),
            ("an alert that rolls back", OnHelpTimeout::RollBack, true, true, Ending::RollBack),
        ] {
            workflow.steps[1].on_help_timeout = declared;
            let mut run = run.clone();
            let entry = run.steps.get_mut(&id).unwrap();
            entry.status = if waiting { StepStatus::WaitingUser } else { StepStatus::InProgress };
            entry.alerting = alerting;
            let (ending, reason) = out_of_time(&run, &workflow);
            assert_eq!(ending, expect, "{what}");
            assert_eq!(reason == "Quick Wins: no answer in time", waiting, "{what}: {reason}");
        }
    }
}
