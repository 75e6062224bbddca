//! What is wrong with a definition, where, and what to do about it.

use std::fmt;

/// One mistake in a definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, as it was named to the parser, with `:line:column` where the text does not parse.
    pub file: String,
    /// Where in the file, such as `steps[quick-wins].undo`. Empty for the file as a whole.
    pub path: String,
    /// Which check found it.
    pub check: &'static str,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub help: String,
    /// Whether it may stay.
    pub severity: Level,
}

/// Whether a finding may stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It must be fixed.
    Error,
    /// Think about it.
    Warning,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.severity {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        writeln!(f, "{level}[{}]: {}", self.check, self.what)?;
        if self.path.is_empty() {
            writeln!(f, "  --> {}", self.file)?;
        } else {
            writeln!(f, "  --> {} at {}", self.file, self.path)?;
        }
        write!(f, "  help: {}", self.help)
    }
}

/// Definitions that cannot be used, with every reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} mistake(s) in the catalog:\n{}", .0.len(), list(.0))]
pub struct InvalidCatalog(pub Vec<Finding>);

fn list(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
