//! Definitions as people write them: YAML, with the place of every mistake.

mod located;
mod structure;

use crate::checks::Definition;
use crate::definition::Workflow;
use crate::finding::{Finding, Level};
use sha2::{Digest, Sha256};

/// Reads one definition. `file` names it in findings. A text that looks like a number, a boolean or nothing must be quoted, so that
/// the definition means the same to every reader of YAML, and as JSON.
///
/// # Errors
/// Places and reasons when the text is no YAML or no definition: all that its schema tells at once, else the first that the parser
/// meets. What a definition says is not checked here.
pub fn parse(file: &str, text: &str) -> Result<Workflow, Vec<Finding>> {
    let options = serde_saphyr::options! { no_schema: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let mistakes = structure::mistakes(file, text);
        if mistakes.is_empty() { vec![unreadable(file, &error)] } else { mistakes }
    })
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

    /// A definition without a mistake.
    const GOOD: &str = include_str!("../fixtures/parallel-paths.yaml");

    #[test]
    fn a_file_that_does_not_parse_is_named_with_line_and_column() {
        let first = "- consent: read_transactions";
        for (from, to, place, what) in [
            ("status: available", "status: maybe", ":7:9", "`maybe` is none of available, planned"),
            ("version: 1", "version: one", ":3:10", "`one` must be a whole number"),
            ("maxAge: 7d", "maxAge: soon", ":167:9", "`soon` has another form than"),
            ("queueExpiry: 1h", "", ":2:1", "`queueExpiry` is missing"),
            (first, "- check: accounts.linked > 1", ":16:5", "`else` is missing"),
            (
                first,
                "- consent: read_transactions\n    link: plaid",
                ":16:5",
                "`link` is not a field here; or `consent` is not",
            ),
            (first, "- consnet: a", ":16:5", "`consent` is missing and `consnet` is not a field here; or"),
            (first, "- consent: 12.0", ":16:14", "put `12.0` in quotes"),
            (first, "- read_transactions", ":16:5", "is of another type than"),
            // What only the parser knows.
            ("id: fixture-parallel-paths", "id: [", ":", ""),
            ("version: 1", "version: 1\nversion: 2", ":4:1", "duplicate"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let findings = parse("x.yaml", &GOOD.replacen(from, to, 1)).unwrap_err();
            let found = &findings[0];
            assert_eq!(findings.len(), 1, "{found}");
            assert!(found.file.starts_with(&format!("x.yaml{place}")), "{found}");
            assert!(found.what.contains(what), "{found}");
            assert!(!found.help.is_empty(), "{found}");
        }
    }

    #[test]
    fn every_mistake_in_the_structure_is_told_at_once_with_its_step() {
        let mut text = GOOD.to_owned();
        for (from, to) in [
            ("status: available", "status: maybe"),
            ("maxAge: 7d", "maxAge: soon"),
            ("timeout: 150s", "timeuot: 150s"),
            ("choices: [approve, modify, skip]", "choices: [approve, decline]"),
            ("- consent: read_transactions", "- check: accounts.linked > 1"),
        ] {
            text = text.replacen(from, to, 1);
        }
        let findings = parse("x.yaml", &text).unwrap_err();
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(told.join("\n\n"));
    }
}
