//! Errors that know how they are recovered.

use events::ErrorClass;

/// An error of a handler: what kind of failure it is and what to tell the user.
///
/// `Display` and the chain of sources go to the log, so they carry no amounts, names, tokens or payloads.
pub trait Classified: std::error::Error {
    /// What kind of failure it is; becomes `errorType`.
    fn class(&self) -> ErrorClass;

    /// One sentence for the user; becomes `errorMessage`.
    fn message(&self) -> String {
        self.to_string()
    }
}

impl Classified for std::convert::Infallible {
    fn class(&self) -> ErrorClass {
        match *self {}
    }
}
