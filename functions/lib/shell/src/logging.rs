//! Structured logs: one JSON object a line on standard output.
//!
//! Written here because a function needs so little of it: no spans, as a process works on one request at a time, and a filter by
//! target. The layers, registry and formatters of a general subscriber would be a twentieth of an agent.

mod filter;

use filter::Filter;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The request that the process works on.
static REQUEST: Mutex<String> = Mutex::new(String::new());

/// Starts logging. `RUST_LOG` says what is logged: a level, or targets with levels such as `info,providers=debug`
/// (default: `info`). Anything else in it means the default. A release build has nothing below `debug`.
///
/// Calling it again does nothing.
pub fn start_logging() {
    let filter = Filter::of(std::env::var("RUST_LOG").ok().as_deref());
    // An error means that logging has started already.
    let _ = tracing::subscriber::set_global_default(Lines { filter });
}

/// From now on every line names this request.
pub(crate) fn begin_request(id: &str) {
    id.clone_into(&mut REQUEST.lock().unwrap_or_else(PoisonError::into_inner));
}

/// Writes events as lines.
struct Lines {
    filter: Filter,
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && self.filter.allows(metadata.target(), *metadata.level())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.filter.most())
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(Map::new());
        line.0.insert("timestamp".to_owned(), json!(Timestamp::now()));
        line.0.insert("level".to_owned(), json!(metadata.level().as_str()));
        line.0.insert("target".to_owned(), json!(metadata.target()));
        line.0
            .insert("request_id".to_owned(), json!(*REQUEST.lock().unwrap_or_else(PoisonError::into_inner)));
        event.record(&mut line);
        let mut line = Value::Object(line.0).to_string();
        line.push('\n');
        // A line that cannot be written has nowhere to be complained about.
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
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

/// A line being put together; a field of the event comes before one of the same name that every line has.
struct Line(Map<String, Value>);

impl Line {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, json!(format!("{value:?}")));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, json!(value));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }
}
