//! The catalog's files on disk, read afresh so that an edit needs no new build.

use anyhow::Context;
use statemachines::{Definition, Finding, Level};
use std::path::{Path, PathBuf};

/// The catalog's folder below the root.
pub(crate) const CATALOG: &str = "statemachines/catalog";

/// Definitions, and what is wrong with those that could not be read.
pub(crate) struct Definitions {
    pub readable: Vec<Definition>,
    pub unreadable: Vec<Finding>,
}

/// Reads every `*.yaml` under the catalog's folder and the extra ones (folders or files), sorted by path. Files are named as seen
/// from the root.
pub(crate) fn read(root: &Path, extra: &[PathBuf]) -> anyhow::Result<Definitions> {
    let mut paths = Vec::new();
    collect(&root.join(CATALOG), &mut paths)?;
    for path in extra {
        if path.is_dir() {
            collect(path, &mut paths)?;
        } else {
            paths.push(path.clone());
        }
    }
    paths.sort();
    let mut definitions = Definitions { readable: Vec::new(), unreadable: Vec::new() };
    for path in paths {
        let file = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        match utf8(&file, &bytes).and_then(|text| Definition::read(&file, text)) {
            Ok(definition) => definitions.readable.push(definition),
            Err(findings) => definitions.unreadable.extend(findings),
        }
    }
    Ok(definitions)
}

/// A definition's text, or the line at which it is no text.
fn utf8<'b>(file: &str, bytes: &'b [u8]) -> Result<&'b str, Vec<Finding>> {
    std::str::from_utf8(bytes).map_err(|error| {
        let read = &bytes[..error.valid_up_to()];
        let line = 1 + read.iter().filter(|byte| **byte == b'\n').count();
        vec![Finding {
            file: format!("{file}:{line}"),
            path: String::new(),
            check: "parse",
            what: format!("byte {:#04x} is not UTF-8", bytes[error.valid_up_to()]),
            help: "save the file as UTF-8".to_owned(),
            severity: Level::Error,
        }]
    })
}

/// A file's text.
pub(crate) fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            found.push(path);
        }
    }
    Ok(())
}
