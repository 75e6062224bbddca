//! What functions log as errors while a case runs: what raises the alarm in operation is a finding here.
//!
//! A refused transition need not fail the function that wanted it, so the log is where all of them are seen.

use std::cell::RefCell;
use std::fmt::{Debug, Write as _};
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

thread_local! {
    /// What this thread has heard; a case runs on one.
    static HEARD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Listens from now on, on every thread.
pub fn listen() {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        if tracing::subscriber::set_global_default(Ears).is_err() {
            HEARD.with_borrow_mut(|heard| heard.push("nobody listens to what functions log".to_owned()));
        }
    });
}

/// What was heard since this was last asked.
pub fn heard() -> Vec<String> {
    HEARD.take()
}

/// Hears errors.
struct Ears;

impl Subscriber for Ears {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() == Level::ERROR
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::ERROR)
    }

    fn event(&self, event: &Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        HEARD.with_borrow_mut(|heard| heard.push(words.0));
    }

    // No span is enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The values of an event's fields.
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        let separator = if self.0.is_empty() { "" } else { ", " };
        // Writing to a text cannot fail.
        let _ = write!(self.0, "{separator}{value:?}");
    }
}
