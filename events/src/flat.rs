//! Reading a tagged enum flat: all fields of all its variants in one struct, told apart afterwards.
//!
//! Serde's own reader keeps the fields in a buffer until it has met the tag, and every type in them would be compiled once more, for
//! that buffer.

use serde::{Deserialize, Deserializer};

/// Reads a field that is there, so that an absent one, and only that, is `None`.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// A field that the variant must have.
pub(crate) fn needed<T>(field: Option<T>, name: &str) -> Result<T, String> {
    field.ok_or_else(|| format!("missing field `{name}`"))
}

/// Refuses the first field that is left over: the variant has none of this name.
pub(crate) fn none_left(fields: &[(&str, bool)]) -> Result<(), String> {
    match fields.iter().find(|(_, left)| *left) {
        Some((name, _)) => Err(format!("unknown field `{name}`")),
        None => Ok(()),
    }
}
