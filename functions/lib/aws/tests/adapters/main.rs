//! The adapters against answers as AWS writes them, and the table against a running AWS.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what tests share may fail them")]

mod bucket;
mod bus;
mod conformance;
mod executions;
mod functions;
mod outreach;
mod replay;
mod sample;
mod table;
mod tokens;
