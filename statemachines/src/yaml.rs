//! Definitions as people write them: YAML, with the place of every mistake.

use crate::checks::Definition;
use crate::definition::Workflow;
use crate::finding::{Finding, Level};
use sha2::{Digest, Sha256};

/// Reads one definition. `file` names it in findings. A text that looks like a number, a boolean or nothing must be quoted, so that
/// the definition means the same to every reader of YAML, and as JSON.
///
/// # Errors
/// The place and reason when the text is no YAML or no definition; what a definition says is not checked here.
pub fn parse(file: &str, text: &str) -> Result<Workflow, Vec<Finding>> {
    let options = serde_saphyr::options! { no_schema: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| vec![unreadable(file, &error)])
}

impl Definition {
    /// Reads a file's text.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Finding>> {
        let workflow = parse(file, text)?;
        let digest = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { file: file.to_owned(), digest, workflow })
    }
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

    /// A definition of the catalog.
    const GOOD: &str = include_str!("../catalog/debt-avalanche-accelerator/1.yaml");

    #[test]
    fn a_file_that_does_not_parse_is_named_with_line_and_column() {
        for (from, to, place, what) in [
            ("status: planned", "status: maybe", ":7:", "maybe"),
            ("maxAge: 30d", "maxAge: soon", ":", "length of time"),
            ("queueExpiry: 24h", "", ":", "queueExpiry"),
            ("timeout: 150s", "timeuot: 150s", ":", "timeuot"),
            ("- link: plaid", "- check: accounts.linked > 1", ":24:", "needs `else`"),
            ("- link: plaid", "- link: plaid\n    consent: x", ":24:", "is one of `check` with `else`"),
            ("- link: plaid", "- lnik: plaid", ":24:", "lnik"),
            ("- link: plaid", "- link: 12.0", ":24:", "must be quoted"),
            ("id: debt-avalanche-accelerator", "id: [", ":", ""),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let findings = parse("x.yaml", &GOOD.replace(from, to)).unwrap_err();
            let found = &findings[0];
            assert!(found.file.starts_with(&format!("x.yaml{place}")), "{found}");
            assert!(found.what.contains(what), "{found}");
        }
    }
}
