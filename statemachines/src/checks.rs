//! What is wrong with a catalog: a table of named checks, all run over every definition, all findings reported and sorted.

mod effects;
mod expressions;
mod limits;
mod naming;
mod order;
mod sample;
mod versions;
mod waits;

#[cfg(test)]
pub(crate) use sample::sample_simulation;

use crate::definition::{Step, Workflow};
use crate::finding::{Finding, Level};
use crate::graph::Graph;
use std::collections::BTreeMap;

/// A definition with the file it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The file, as findings name it.
    pub file: String,
    /// SHA-256 of its text, in hex.
    pub digest: String,
    /// What stands in it.
    pub workflow: Workflow,
}

/// Digests of the versions that were published, by `<id>/<version>`. They can never change again.
pub type Published = BTreeMap<String, String>;

/// What a check looks at.
struct Subject<'a> {
    definition: &'a Definition,
    workflow: &'a Workflow,
    /// The order of the steps; absent when they have none, which a check of its own reports.
    graph: Option<Graph>,
    all: &'a [Definition],
    published: &'a Published,
}

/// Where a check puts what it finds.
struct Report<'a> {
    file: &'a str,
    check: &'static str,
    findings: &'a mut Vec<Finding>,
}

impl Report<'_> {
    fn error(&mut self, path: impl Into<String>, what: impl Into<String>, help: impl Into<String>) {
        self.add(Level::Error, path.into(), what.into(), help.into());
    }

    fn warning(&mut self, path: impl Into<String>, what: impl Into<String>, help: impl Into<String>) {
        self.add(Level::Warning, path.into(), what.into(), help.into());
    }

    fn add(&mut self, severity: Level, path: String, what: String, help: String) {
        let file = self.file.to_owned();
        self.findings.push(Finding { file, path, check: self.check, what, help, severity });
    }
}

type Check = fn(&Subject, &mut Report);

/// Every check by name.
const CHECKS: [(&str, Check); 25] = [
    ("action-names", naming::action_names),
    ("agents", naming::agents),
    ("budget", limits::budget),
    ("consents", naming::consents),
    ("file-name", versions::file_name),
    ("group", effects::group),
    ("irreversible", effects::irreversible),
    ("names", naming::names),
    ("order", order::order),
    ("output-types", naming::output_types),
    ("prerequisites", expressions::prerequisites),
    ("providers", naming::providers),
    ("published", versions::published),
    ("retry", limits::retry),
    ("rollback-plan", effects::rollback_plan),
    ("status", naming::status),
    ("step-expressions", expressions::steps),
    ("step-references", expressions::references),
    ("timeout", limits::timeout),
    ("triggers", expressions::triggers),
    ("undo", effects::undo),
    ("version-twice", versions::twice),
    ("wait", waits::interaction),
    ("wait-blocks", waits::blocks),
    ("whole-run", limits::whole_run),
];

/// The names of all checks.
pub fn check_names() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(name, _)| *name)
}

/// Runs every check over every definition. Sorted by file, place and check.
pub fn check(definitions: &[Definition], published: &Published) -> Vec<Finding> {
    let mut findings = Vec::new();
    for definition in definitions {
        let workflow = &definition.workflow;
        let subject =
            Subject { definition, workflow, graph: Graph::of(workflow).ok(), all: definitions, published };
        for (name, check) in &CHECKS {
            let mut report = Report { file: &definition.file, check: name, findings: &mut findings };
            check(&subject, &mut report);
        }
    }
    findings.extend(versions::missing(definitions, published));
    findings.sort();
    findings
}

/// The place of a step in its file.
fn at(step: &Step) -> String {
    format!("steps[{}]", step.id)
}
