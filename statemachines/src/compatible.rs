//! Whether a run that began with one version of a workflow can go on with another.

use crate::definition::{Status, Step, Workflow};
use crate::graph::Graph;
use events::StepId;
use std::collections::BTreeMap;

/// How far a run is with a step that it has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is settled and stays as it is.
    Settled,
    /// It is gone through (again); effects of it may be in force.
    Begun,
}

/// Why a run cannot go on with another version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Incompatible {
    /// They are not versions of one workflow.
    #[error("it is another workflow")]
    Workflow,
    /// Its agents do not exist yet.
    #[error("it cannot be run yet")]
    Planned,
    /// Its steps have no order, which the checks rule out.
    #[error("its steps have no order")]
    Unordered,
    /// A step that has begun is gone.
    #[error("it has no step {0}, which has begun")]
    Gone(StepId),
    /// A step that has begun is another.
    #[error("its step {step} has begun and has another {what}")]
    Changed {
        /// The step.
        step: StepId,
        /// What of it is another.
        what: &'static str,
    },
    /// A group that has begun is another.
    #[error("its all-or-nothing group {0} has begun and has other steps or another end")]
    Group(String),
    /// Something would have to run before what is done.
    #[error("its step {step} is not done and comes before {settled}, which is")]
    Before {
        /// The step that is not done.
        step: StepId,
        /// The one that is.
        settled: StepId,
    },
}

/// Every reason why a run that has begun these steps of `from` cannot go on with `to`; none when it can. What it has done must mean the
/// same in both and be undone in the same way, and nothing may be missing before it.
#[must_use]
pub fn compatible(
    from: &Workflow,
    to: &Workflow,
    progress: &BTreeMap<StepId, Progress>,
) -> Vec<Incompatible> {
    if from == to {
        return Vec::new();
    }
    if from.id != to.id {
        return vec![Incompatible::Workflow];
    }
    let mut reasons = Vec::new();
    if to.status == Status::Planned {
        reasons.push(Incompatible::Planned);
    }
    let mut groups = Vec::new();
    for id in progress.keys() {
        match (from.step(id), to.step(id)) {
            (Some(before), Some(now)) => {
                reasons.extend(
                    changed(before, now).map(|what| Incompatible::Changed { step: id.clone(), what }),
                );
                groups.extend(before.group.as_deref());
            }
            (_, None) => reasons.push(Incompatible::Gone(id.clone())),
            (None, Some(_)) => {}
        }
    }
    groups.sort_unstable();
    groups.dedup();
    reasons.extend(
        groups
            .into_iter()
            .filter(|it| !same_group(from, to, it))
            .map(|it| Incompatible::Group(it.to_owned())),
    );
    match Graph::of(to) {
        Ok(graph) => reasons.extend(missing_before(to, &graph, progress)),
        Err(_) => reasons.push(Incompatible::Unordered),
    }
    reasons
}

/// What of a step is another: how it is done, how it is undone, and what it gives to others.
fn changed<'a>(before: &'a Step, now: &'a Step) -> impl Iterator<Item = &'static str> {
    [
        ("kind", before.kind != now.kind),
        ("agent", before.agent != now.agent),
        ("group", before.group != now.group),
        ("fallback", before.fallback != now.fallback),
        ("reversibility", before.reversibility != now.reversibility),
        ("undo", before.undo != now.undo),
        ("set of outputs", before.outputs != now.outputs),
    ]
    .into_iter()
    .filter_map(|(what, differs)| differs.then_some(what))
}

/// Whether a group holds the same steps and ends in the same way.
fn same_group(from: &Workflow, to: &Workflow, group: &str) -> bool {
    let members = |workflow: &Workflow| {
        let mut members: Vec<StepId> = workflow.members(group).map(|step| step.id.clone()).collect();
        members.sort();
        members
    };
    members(from) == members(to) && from.on_group_failure(group) == to.on_group_failure(group)
}

/// Steps that would have to be done before what is settled. One that only runs in another's place is none of them.
fn missing_before(to: &Workflow, graph: &Graph, progress: &BTreeMap<StepId, Progress>) -> Vec<Incompatible> {
    let is_settled = |step: &Step| progress.get(&step.id) == Some(&Progress::Settled);
    let mut missing = Vec::new();
    for (place, step) in to.steps.iter().enumerate() {
        if is_settled(step) || to.is_fallback(&step.id) {
            continue;
        }
        let after = |later: &usize| graph.precedes(place, *later);
        let settled = to.steps.iter().enumerate().find(|(later, step)| is_settled(step) && after(later));
        missing.extend(
            settled.map(|(_, settled)| Incompatible::Before {
                step: step.id.clone(),
                settled: settled.id.clone(),
            }),
        );
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;
    use crate::definition::StepKind;

    fn fund() -> Workflow {
        Catalog::embedded().unwrap().latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone()
    }

    /// A run whose audit is settled and whose quick wins have begun.
    fn progress() -> BTreeMap<StepId, Progress> {
        [("expense-audit", Progress::Settled), ("quick-wins", Progress::Begun)]
            .map(|(step, how)| (step.parse().unwrap(), how))
            .into()
    }

    fn second(change: impl Fn(&mut Workflow)) -> Workflow {
        let mut workflow = fund();
        workflow.version = 2;
        change(&mut workflow);
        workflow
    }

    fn why_not(change: impl Fn(&mut Workflow)) -> String {
        let reasons = compatible(&fund(), &second(change), &progress());
        reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_is_done_must_mean_the_same_and_what_is_to_come_may_change() {
        assert_eq!(why_not(|_| {}), "", "nothing but the number");
        assert_eq!(why_not(|it| it.steps[0].name = "Audit".to_owned()), "", "words");
        assert_eq!(why_not(|it| it.steps[4].kind = StepKind::Automated), "", "a step to come");
        assert_eq!(why_not(|it| drop(it.steps.pop())), "", "a step to come is gone");
        assert_eq!(why_not(|it| it.id = "other".parse().unwrap()), "it is another workflow");
        assert_eq!(why_not(|it| it.status = Status::Planned), "it cannot be run yet");
        assert_eq!(
            why_not(|it| it.steps[1].id = "quicker-wins".parse().unwrap()),
            "it has no step quick-wins, which has begun; its steps have no order"
        );
        assert_eq!(
            why_not(|it| it.steps[1].agent = "income-coach".parse().unwrap()),
            "its step quick-wins has begun and has another agent"
        );
        assert_eq!(
            why_not(|it| {
                it.steps[0].kind = StepKind::Manual;
                it.steps[1].undo = None;
                it.steps[1].outputs.insert("more".to_owned(), "Text".to_owned());
            }),
            "its step expense-audit has begun and has another kind; its step quick-wins has begun and has another undo; its step \
             quick-wins has begun and has another set of outputs"
        );
    }

    #[test]
    fn nothing_may_be_missing_before_what_is_done() {
        let before = |it: &mut Workflow| {
            let mut step = it.steps[4].clone();
            step.id = "ask-first".parse().unwrap();
            step.depends_on.clear();
            it.steps[0].depends_on = vec![step.id.clone()];
            it.steps.insert(0, step);
        };
        assert_eq!(
            why_not(before),
            "its step ask-first is not done and comes before expense-audit, which is"
        );
        let after = |it: &mut Workflow| {
            let mut step = it.steps[4].clone();
            step.id = "ask-later".parse().unwrap();
            step.depends_on = vec!["expense-audit".parse().unwrap()];
            it.steps[1].depends_on = vec![step.id.clone()];
            it.steps.push(step);
        };
        assert_eq!(why_not(after), "", "between what is done and what has begun");
    }

    #[test]
    fn a_group_that_has_begun_stays_whole() {
        let grouped = |mut workflow: Workflow, members: &[usize]| {
            members.iter().for_each(|at| workflow.steps[*at].group = Some("pair".to_owned()));
            workflow
        };
        let (from, mut to) = (grouped(fund(), &[1, 2]), grouped(fund(), &[1, 2]));
        to.version = 2;
        assert_eq!(compatible(&from, &to, &progress()), []);
        let wider = grouped(to, &[3]);
        assert_eq!(compatible(&from, &wider, &progress()), [Incompatible::Group("pair".to_owned())]);
    }
}
