//! What the platform says about an invocation.

use jiff::Timestamp;
use lambda_runtime::Context;

/// One invocation of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The platform's id of the invocation; the same when it delivers one again.
    pub request_id: String,
    /// When the platform ends it.
    pub deadline: Timestamp,
}

impl Invocation {
    /// From what the runtime hands over. A deadline outside the calendar is the end of time.
    pub(crate) fn of(context: &Context) -> Self {
        let deadline =
            i64::try_from(context.deadline).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        Self { request_id: context.request_id.clone(), deadline: deadline.unwrap_or(Timestamp::MAX) }
    }
}
