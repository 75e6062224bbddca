//! Lists the catalog and turns each definition into JSON, so that the functions carry the catalog and no YAML parser.

#![expect(clippy::disallowed_methods, reason = "a build script reads and writes files; the library does not")]

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The catalog's folder, in this crate.
const CATALOG: &str = "catalog";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={CATALOG}");
    let mut files = Vec::new();
    collect(Path::new(CATALOG), &mut files)?;
    files.sort();
    let mut sources = String::from("&[\n");
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        let (file, json) = (file.display().to_string(), json(&file, &text)?);
        writeln!(sources, "    Source {{ file: {file:?}, json: {json:?} }},")?;
    }
    sources.push_str("]\n");
    let out = std::env::var_os("OUT_DIR").ok_or("cargo says no OUT_DIR")?;
    Ok(std::fs::write(Path::new(&out).join("sources.rs"), sources)?)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            found.push(path);
        }
    }
    Ok(())
}

/// A definition as JSON; empty for the tool when it is no YAML, because the tool is what says so best.
fn json(file: &Path, text: &str) -> Result<String, Box<dyn Error>> {
    match serde_saphyr::from_str::<serde_json::Value>(text) {
        Ok(definition) => Ok(definition.to_string()),
        Err(_) if std::env::var_os("CARGO_FEATURE_TOOL").is_some() => Ok(String::new()),
        Err(error) => Err(format!("{}: {error}", file.display()).into()),
    }
}
