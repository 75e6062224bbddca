//! Records of the table's stream, as an event source mapping hands them to a function.

use crate::item::Attributes;
use engine::Out;
use ports::{PortError, Stored};
use serde_json::Value;
use std::borrow::Cow;

/// What a stream record (one of the event's `Records`) shows: the record after the change and the events that tell of it, of
/// which the last has the number `seq`. `None` for a removal, such as that of an expired record.
///
/// # Errors
/// [`PortError::Unreadable`] when the image holds no record of ours; never shows what it holds.
pub fn decode(record: &Value) -> Result<Option<(Stored, Vec<Out>)>, PortError> {
    let Some(image) = record.pointer("/dynamodb/NewImage") else {
        return Ok(None);
    };
    let image = Image(image);
    Ok(Some((image.stored()?, image.out()?)))
}

/// An item in the JSON form of streams: `{"pk": {"S": "…"}, "rev": {"N": "1"}}`.
struct Image<'a>(&'a Value);

impl Attributes for Image<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.get("S")?.as_str()
    }

    fn number(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.get("N")?.as_str()
    }

    fn bytes(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        aws_smithy_types::base64::decode(self.0.get(name)?.get("B")?.as_str()?).ok().map(Cow::Owned)
    }
}
