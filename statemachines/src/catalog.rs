//! The catalog: every version of every workflow, embedded in the binary, with room for more that a caller has read itself.

use crate::definition::{Status, Workflow};
use crate::finding::{Finding, InvalidCatalog, Level};
use events::WorkflowId;
use std::collections::BTreeMap;

/// One embedded file of the catalog.
pub(crate) struct Source {
    /// Its path inside this crate.
    pub file: &'static str,
    /// What stands in it.
    pub text: &'static str,
}

macro_rules! sources {
    ($($file:literal),+ $(,)?) => {
        &[$(Source { file: $file, text: include_str!(concat!("../", $file)) }),+]
    };
}

/// Every file of the catalog, one line each. A test compares this list with the folder.
pub(crate) const SOURCES: &[Source] = sources![
    "catalog/debt-avalanche-accelerator/1.yaml",
    "catalog/emergency-fund-builder/1.yaml",
    "catalog/investment-tax-harvester/1.yaml",
];

/// Workflows by id and version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    workflows: BTreeMap<(WorkflowId, u32), Workflow>,
}

impl Catalog {
    /// The catalog that ships with this crate.
    ///
    /// # Errors
    /// [`InvalidCatalog`] when an embedded file does not parse, which the tests rule out.
    pub fn embedded() -> Result<Self, InvalidCatalog> {
        let mut catalog = Self::default();
        let mut findings = Vec::new();
        for source in SOURCES {
            match parse(source.file, source.text) {
                Ok(workflow) => catalog.insert(workflow),
                Err(found) => findings.extend(found),
            }
        }
        if findings.is_empty() { Ok(catalog) } else { Err(InvalidCatalog(findings)) }
    }

    /// The files that are embedded, as seen from this crate's folder.
    pub fn registered() -> impl Iterator<Item = &'static str> {
        SOURCES.iter().map(|source| source.file)
    }

    /// This catalog with more workflows; one of the same id and version takes the place of ours.
    #[must_use]
    pub fn with(mut self, extra: Vec<Workflow>) -> Self {
        for workflow in extra {
            self.insert(workflow);
        }
        self
    }

    fn insert(&mut self, workflow: Workflow) {
        self.workflows.insert((workflow.id.clone(), workflow.version), workflow);
    }

    /// One version of a workflow: what a run that started with it keeps using.
    pub fn get(&self, id: &WorkflowId, version: u32) -> Option<&Workflow> {
        self.workflows.get(&(id.clone(), version))
    }

    /// The newest version of a workflow, whatever its status: what is recommended and what a new run is pinned to.
    pub fn latest(&self, id: &WorkflowId) -> Option<&Workflow> {
        self.workflows
            .range((id.clone(), 0)..=(id.clone(), u32::MAX))
            .next_back()
            .map(|(_, workflow)| workflow)
    }

    /// The newest version of every workflow, by id.
    pub fn newest(&self) -> impl Iterator<Item = &Workflow> {
        self.workflows
            .iter()
            .filter(|((id, version), _)| self.latest(id).is_some_and(|latest| latest.version == *version))
            .map(|(_, workflow)| workflow)
    }

    /// The newest version of every workflow that can be selected, by id.
    pub fn available(&self) -> impl Iterator<Item = &Workflow> {
        self.newest().filter(|workflow| workflow.status == Status::Available)
    }

    /// Every version of every workflow, by id and version.
    pub fn iter(&self) -> impl Iterator<Item = &Workflow> {
        self.workflows.values()
    }

    /// How many versions there are in all.
    pub fn len(&self) -> usize {
        self.workflows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.workflows.is_empty()
    }
}

/// Reads one definition. `file` names it in findings.
///
/// # Errors
/// The place and reason when the text is no YAML or no definition; what a definition says is not checked here.
pub fn parse(file: &str, text: &str) -> Result<Workflow, Vec<Finding>> {
    serde_saphyr::from_str(text).map_err(|error| vec![unreadable(file, &error)])
}

fn unreadable(file: &str, error: &serde_saphyr::Error) -> Finding {
    let error = error.without_snippet();
    let file = match error.location() {
        Some(at) => format!("{file}:{}:{}", at.line(), at.column()),
        None => file.to_owned(),
    };
    Finding {
        file,
        path: String::new(),
        check: "parse",
        what: error.to_string(),
        help: "compare with generated/workflow.schema.json; an editor that knows YAML schemas shows it while you type".to_owned(),
        severity: Level::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn the_embedded_catalog_parses_and_is_complete() {
        let catalog = Catalog::embedded().unwrap();
        let available: Vec<&str> = catalog.available().map(|workflow| workflow.id.as_str()).collect();
        assert_eq!(available, ["emergency-fund-builder"]);
        assert_eq!(catalog.len(), SOURCES.len());
    }

    #[test]
    fn every_file_under_catalog_is_registered() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = BTreeSet::new();
        for folder in std::fs::read_dir(root.join("catalog")).unwrap() {
            for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
                let path = file.unwrap().path();
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
        let registered: BTreeSet<String> = SOURCES.iter().map(|source| source.file.to_owned()).collect();
        assert_eq!(found, registered, "add the file to SOURCES in src/catalog.rs");
    }

    #[test]
    fn a_newer_version_takes_over_and_the_old_one_stays() {
        let catalog = Catalog::embedded().unwrap();
        let id: WorkflowId = "emergency-fund-builder".parse().unwrap();
        let mut second = catalog.latest(&id).unwrap().clone();
        second.version = 2;
        let catalog = catalog.with(vec![second]);
        assert_eq!(catalog.latest(&id).unwrap().version, 2);
        assert_eq!(catalog.get(&id, 1).unwrap().version, 1);
        assert!(catalog.get(&id, 3).is_none());
        assert_eq!(catalog.newest().count(), 3);
    }

    #[test]
    fn a_file_that_does_not_parse_is_named_with_line_and_column() {
        let good = SOURCES[0].text;
        for (text, place, what) in [
            (good.replace("status: planned", "status: maybe"), ":7:", "maybe"),
            (good.replace("maxAge: 30d", "maxAge: soon"), ":", "length of time"),
            (good.replace("queueExpiry: 24h", ""), ":", "queueExpiry"),
            (good.replace("timeout: 150s", "timeuot: 150s"), ":", "timeuot"),
            (good.replace("- link: plaid", "- check: accounts.linked > 1"), ":24:", "needs `else`"),
            (
                good.replace("- link: plaid", "- link: plaid\n    consent: x"),
                ":24:",
                "is one of `check` with `else`",
            ),
            (good.replace("- link: plaid", "- lnik: plaid"), ":24:", "lnik"),
            ("id: [".to_owned(), ":1:", ""),
        ] {
            let findings = parse("x.yaml", &text).unwrap_err();
            let found = &findings[0];
            assert!(found.file.starts_with(&format!("x.yaml{place}")), "{found}");
            assert!(found.what.contains(what), "{found}");
        }
    }
}
