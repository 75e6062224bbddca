//! `catalog check` and `catalog publish`.

use crate::files;
use anyhow::{Context, bail};
use statemachines::{Finding, Level, Published, check};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The digests of the versions that were published, below the root.
const PUBLISHED: &str = "statemachines/generated/published.json";

/// Prints what is wrong. Fails when something must be fixed; warnings alone pass.
pub(crate) fn run(root: &Path, extra: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let (mut findings, checked) = findings(root, extra)?;
    findings.sort();
    for finding in &findings {
        eprintln!("{finding}\n");
    }
    let errors = findings.iter().filter(|finding| finding.severity == Level::Error).count();
    let warnings = findings.len() - errors;
    let summary = format!("{checked} definitions: {errors} errors, {warnings} warnings");
    if errors > 0 {
        eprintln!("{summary}");
        return Ok(ExitCode::FAILURE);
    }
    println!("{summary}");
    Ok(ExitCode::SUCCESS)
}

fn findings(root: &Path, extra: &[PathBuf]) -> anyhow::Result<(Vec<Finding>, usize)> {
    let definitions = files::read(root, extra)?;
    let mut findings = definitions.unreadable;
    let checked = definitions.readable.len() + findings.len();
    findings.extend(check(&definitions.readable, &published(root)?));
    Ok((findings, checked))
}

/// Records that versions are published: from now on they never change. Refuses while something is wrong.
pub(crate) fn publish(root: &Path) -> anyhow::Result<ExitCode> {
    let (findings, _) = findings(root, &[])?;
    if let Some(finding) = findings.iter().find(|finding| finding.severity == Level::Error) {
        bail!("a catalog with mistakes cannot be published\n{finding}");
    }
    let mut published = published(root)?;
    let before = published.len();
    for definition in files::read(root, &[])?.readable {
        let key = format!("{}/{}", definition.workflow.id, definition.workflow.version);
        published.entry(key).or_insert(definition.digest);
    }
    let path = root.join(PUBLISHED);
    let text = serde_json::to_string_pretty(&published)? + "\n";
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{} versions newly published, {} in all", published.len() - before, published.len());
    Ok(ExitCode::SUCCESS)
}

fn published(root: &Path) -> anyhow::Result<Published> {
    let path = root.join(PUBLISHED);
    if !path.exists() {
        return Ok(Published::new());
    }
    serde_json::from_str(&files::text(&path)?)
        .with_context(|| format!("{} is no list of digests", path.display()))
}
