//! The workflows that are explored: the catalog's, the compiler's fixtures, and made-up ones.

use crate::random;
use anyhow::Context as _;
use statemachines::{Catalog, Workflow, parse};
use std::path::Path;

/// Every version of every workflow of the catalog, planned ones too.
///
/// # Errors
/// When the catalog cannot be read.
pub fn catalog() -> anyhow::Result<Vec<Workflow>> {
    Ok(Catalog::embedded()?.iter().cloned().collect())
}

/// The compiler's fixtures.
///
/// # Errors
/// When they cannot be read.
pub fn fixtures() -> anyhow::Result<Vec<Workflow>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../statemachines/fixtures");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .with_context(|| format!("{}", folder.display()))?
        .map(|file| file.map(|file| file.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    files
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path)?;
            parse(&path.display().to_string(), &text).map_err(|findings| anyhow::anyhow!("{findings:?}"))
        })
        .collect()
}

/// The workflow of this id.
///
/// # Errors
/// When the workflows cannot be read.
pub fn named(id: &str) -> anyhow::Result<Option<Workflow>> {
    if let Some(seed) = id.strip_prefix("random-") {
        return random::workflow(seed.parse()?).map(Some);
    }
    let mut all = catalog()?;
    all.extend(fixtures()?);
    Ok(all.into_iter().find(|workflow| workflow.id.as_str() == id))
}
