//! The workflows that a function knows: those built in, and locally those of a folder.

use statemachines::{Catalog, InvalidCatalog, Workflow, parse_json};
use std::path::{Path, PathBuf};

/// The variable that names a folder of more workflows, `<id>/<version>.json` or flat, as `catalog json` prints them. For trying one
/// out locally; on AWS a workflow is deployed with the functions.
const CATALOG_DIR: &str = "CATALOG_DIR";

/// The catalog cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A definition is wrong.
    #[error("catalog: {0}")]
    Invalid(#[from] InvalidCatalog),
    /// The folder or a file in it cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The catalog of this function.
///
/// # Errors
/// [`CatalogError`] names the file and what is wrong.
pub fn catalog() -> Result<Catalog, CatalogError> {
    let catalog = Catalog::embedded()?;
    match crate::env::optional(CATALOG_DIR) {
        Some(folder) => Ok(catalog.with(read_folder(Path::new(&folder))?)),
        None => Ok(catalog),
    }
}

fn read_folder(folder: &Path) -> Result<Vec<Workflow>, CatalogError> {
    let unreadable = |path: &Path, source| CatalogError::Unreadable { path: path.to_owned(), source };
    let mut workflows = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        if path.is_dir() {
            workflows.extend(read_folder(&path)?);
        } else if path.extension().is_some_and(|it| it == "json") {
            let text = std::fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
            workflows.push(parse_json(&path.to_string_lossy(), &text).map_err(InvalidCatalog)?);
        }
    }
    Ok(workflows)
}
