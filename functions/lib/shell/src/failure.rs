//! A failed invocation on its way out.

use crate::classified::Classified;
use events::ErrorClass;
use lambda_runtime::Diagnostic;
use std::error::Error;
use std::fmt;

/// A failed invocation: `errorType` and `errorMessage` of the function error.
///
/// `Debug` shows the class alone, because the runtime prints a failed handler with `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub class: ErrorClass,
    /// One sentence for the user.
    pub message: String,
}

impl Failure {
    /// The failure that an error is, logged here and nowhere else.
    pub(crate) fn logged(error: &impl Classified) -> Self {
        let class = error.class();
        let chain = chain(error);
        if class.is_transient() || class == ErrorClass::Ending {
            tracing::warn!(error.class = class.as_str(), error.chain = chain, "invocation failed");
        } else {
            tracing::error!(error.class = class.as_str(), error.chain = chain, "invocation failed");
        }
        Self { class, message: error.message() }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").field("class", &self.class).finish_non_exhaustive()
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.class.as_str().to_owned(), error_message: failure.message }
    }
}

/// An error and its sources, from the outside in.
fn chain(error: &impl Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
