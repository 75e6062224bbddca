//! Structured logs: one JSON object a line on standard output.

use std::str::FromStr;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. `RUST_LOG` says what is logged: a level, or targets with levels such as `info,providers=debug`
/// (default: `info`). Anything else in it means the default. A release build has nothing below `debug`.
///
/// Calling it again does nothing.
pub fn start_logging() {
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false);
    // An error means that logging has started already.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(filter(std::env::var("RUST_LOG").ok().as_deref()))
        .try_init();
}

/// `Targets` and not `EnvFilter`: the same directives without a regular-expression engine in every binary.
fn filter(directives: Option<&str>) -> Targets {
    directives
        .filter(|text| !text.trim().is_empty())
        .and_then(|text| Targets::from_str(text).ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO))
        // The shell has logged the failure by then.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn directives_decide_what_is_logged() {
        for (directives, target, level, logged) in [
            (None, "quick_saver", Level::INFO, true),
            (None, "quick_saver", Level::DEBUG, false),
            (Some(""), "quick_saver", Level::INFO, true),
            (Some("warn"), "quick_saver", Level::INFO, false),
            (Some("warn,providers=debug"), "providers", Level::DEBUG, true),
            (Some("info,quick_saver=loud"), "quick_saver", Level::INFO, true),
            (Some("trace"), "lambda_runtime::layers::panic", Level::ERROR, false),
        ] {
            let enabled = filter(directives).would_enable(target, &level);
            assert_eq!(enabled, logged, "{directives:?} {target} {level}");
        }
    }
}
