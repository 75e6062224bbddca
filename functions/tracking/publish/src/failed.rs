//! How publishing fails as a whole; a single record's failure is reported per record instead.

use events::ErrorClass;
use shell::{Classified, InvalidPayload};

/// A payload that is no batch of the table's stream.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Failed(#[from] InvalidPayload);

impl Classified for Failed {
    fn class(&self) -> ErrorClass {
        ErrorClass::Validation
    }
}
