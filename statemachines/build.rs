//! Lists the catalog and the achievements and turns each into JSON, so that the functions carry them and no YAML parser.

#![expect(clippy::disallowed_methods, reason = "a build script reads and writes files; the library does not")]

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The catalog's folder, in this crate.
const CATALOG: &str = "catalog";

/// The folder of the rules for achievements, in this crate.
const ACHIEVEMENTS: &str = "achievements";

fn main() -> Result<(), Box<dyn Error>> {
    list(CATALOG, "sources.rs", |file, json| format!("Source {{ file: {file:?}, json: {json:?} }}"))?;
    list(ACHIEVEMENTS, "achievements.rs", |file, json| format!("({file:?}, {json:?})"))
}

/// Writes what stands in a folder as a list of Rust.
fn list(folder: &str, name: &str, entry: impl Fn(&str, &str) -> String) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={folder}");
    let mut files = Vec::new();
    collect(Path::new(folder), &mut files)?;
    files.sort();
    let mut sources = String::from("&[\n");
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        writeln!(sources, "    {},", entry(&file.display().to_string(), &json(&file, &text)?))?;
    }
    sources.push_str("]\n");
    let out = std::env::var_os("OUT_DIR").ok_or("cargo says no OUT_DIR")?;
    Ok(std::fs::write(Path::new(&out).join(name), sources)?)
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
