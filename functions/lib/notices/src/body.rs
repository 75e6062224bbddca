//! A notice as the body of each channel. Pure mappers: sending is apart.

mod code;
mod email;
mod push;
mod sms;

pub use code::{code_email, code_sms};
pub use email::{Email, Links, email};
pub use push::{LARGEST_PUSH, push};
pub use sms::{LARGEST_SMS, septets, sms};

use crate::notice::Notice;
use serde_json::{Value, json};

/// What an open app is told over its socket: which notice came, not what it says.
pub fn live(notice: &Notice) -> Value {
    json!({ "type": "notice", "notice_id": notice.notice_id })
}

/// What an open app is told of a run whose card has changed.
pub fn run_changed(run: &events::RunId, seq: u64) -> Value {
    json!({ "type": "run", "run_id": run, "seq": seq })
}
