//! Every agent, operation by operation, against the provider sandbox: what it proposes, that it does exactly that and once,
//! that it finds out what became of an effect whose answer was lost, and that its undo leaves nothing behind.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod automation_builder;
mod bench;
mod bill_negotiator;
mod households;
mod income_coach;
mod progress;
mod quick_saver;
mod requests;
mod spending_analyzer;
