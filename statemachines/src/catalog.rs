//! The catalog: every version of every workflow, compiled in, with room for more that a caller has read itself.

use crate::definition::{Status, Workflow};
use crate::finding::{Finding, InvalidCatalog, Level};
use events::WorkflowId;
use std::collections::BTreeMap;

/// One file of the catalog.
struct Source {
    /// Its path inside this crate.
    file: &'static str,
    /// What stands in it, as JSON.
    json: &'static str,
}

/// Every file of the catalog; `build.rs` lists them.
const SOURCES: &[Source] = include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// Workflows by id and version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    workflows: BTreeMap<(WorkflowId, u32), Workflow>,
}

impl Catalog {
    /// The catalog that ships with this crate.
    ///
    /// # Errors
    /// [`InvalidCatalog`] when a file is no definition, which the tests rule out.
    pub fn embedded() -> Result<Self, InvalidCatalog> {
        let mut catalog = Self::default();
        let mut findings = Vec::new();
        for source in SOURCES {
            match parse_json(source.file, source.json) {
                Ok(workflow) => catalog.insert(workflow),
                Err(found) => findings.extend(found),
            }
        }
        if findings.is_empty() { Ok(catalog) } else { Err(InvalidCatalog(findings)) }
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

/// Reads one definition as `catalog json` prints it. `file` names it in findings.
///
/// # Errors
/// The place and reason when the text is no JSON or no definition; what a definition says is not checked here.
pub fn parse_json(file: &str, text: &str) -> Result<Workflow, Vec<Finding>> {
    // From bytes, as the functions deserialise all else, so that nothing is compiled for a second reader.
    events::json::from_slice(text.as_bytes()).map_err(|error| {
        vec![Finding {
            file: file.to_owned(),
            path: String::new(),
            check: "parse",
            what: error.to_string(),
            help: "check the definition that it was made of: `catalog check <file>`".to_owned(),
            severity: Level::Error,
        }]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(feature = "tool")]
    use std::path::{Path, PathBuf};

    #[test]
    fn the_embedded_catalog_parses_and_is_complete() {
        let catalog = Catalog::embedded().unwrap();
        assert_eq!(catalog.len(), SOURCES.len());
        let is_available =
            |id: &str| catalog.available().any(|workflow| workflow.id == id.parse::<WorkflowId>().unwrap());
        assert!(is_available("emergency-fund-builder"));
        assert!(!is_available("debt-avalanche-accelerator") && !is_available("investment-tax-harvester"));
    }

    #[test]
    #[cfg(feature = "tool")]
    #[expect(clippy::disallowed_methods, reason = "the files are what it compares with")]
    fn what_is_compiled_in_is_what_the_files_say() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        for folder in std::fs::read_dir(root.join("catalog")).unwrap() {
            for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
                files.push(file.unwrap().path());
            }
        }
        files.sort();
        let read = |path: &PathBuf| {
            let file = path.strip_prefix(root).unwrap().to_str().unwrap();
            (file.to_owned(), crate::parse(file, &std::fs::read_to_string(path).unwrap()).unwrap())
        };
        let written: Vec<(String, Workflow)> = files.iter().map(read).collect();
        let embedded: Vec<(String, Workflow)> = SOURCES
            .iter()
            .map(|source| (source.file.to_owned(), parse_json(source.file, source.json).unwrap()))
            .collect();
        assert_eq!(embedded, written);
    }

    #[test]
    fn a_newer_version_takes_over_and_the_old_one_stays() {
        let catalog = Catalog::embedded().unwrap();
        let id: WorkflowId = "emergency-fund-builder".parse().unwrap();
        let newest = catalog.newest().count();
        let mut second = catalog.latest(&id).unwrap().clone();
        second.version = 2;
        let catalog = catalog.with(vec![second]);
        assert_eq!(catalog.latest(&id).unwrap().version, 2);
        assert_eq!(catalog.get(&id, 1).unwrap().version, 1);
        assert!(catalog.get(&id, 3).is_none());
        assert_eq!(catalog.newest().count(), newest);
    }

    #[test]
    fn text_that_is_no_definition_is_named() {
        for text in ["", "{}", SOURCES[0].json.replacen("version", "revision", 1).as_str()] {
            let findings = parse_json("x.json", text).unwrap_err();
            assert_eq!((findings.len(), findings[0].file.as_str()), (1, "x.json"));
        }
    }
}
