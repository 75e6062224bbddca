//! Which events are logged.

use tracing::Level;
use tracing::level_filters::LevelFilter;

/// Levels by the beginning of a target, the longest first; the last is for every other.
pub(super) struct Filter(Vec<(String, LevelFilter)>);

impl Filter {
    /// What directives such as `info,providers=debug` say; `info` where they say nothing that can be understood.
    pub(super) fn of(directives: Option<&str>) -> Self {
        let directives = directives.map(str::trim).filter(|text| !text.is_empty());
        let levels: Option<Vec<_>> =
            directives.map_or(Some(Vec::new()), |text| text.split(',').map(directive).collect());
        let mut levels = levels.unwrap_or_default();
        let everything = |(target, _): &(String, LevelFilter)| target.is_empty();
        if !levels.iter().any(everything) {
            let rest = if levels.is_empty() { LevelFilter::INFO } else { LevelFilter::OFF };
            levels.push((String::new(), rest));
        }
        // The shell has logged the failure by then.
        levels.push(("lambda_runtime::layers::panic".to_owned(), LevelFilter::OFF));
        levels.sort_by_key(|(target, _)| std::cmp::Reverse(target.len()));
        Self(levels)
    }

    pub(super) fn allows(&self, target: &str, level: Level) -> bool {
        let of_target = self.0.iter().find(|(start, _)| target.starts_with(start.as_str()));
        of_target.is_some_and(|(_, most)| level <= *most)
    }

    /// The most that any target may log.
    pub(super) fn most(&self) -> LevelFilter {
        self.0.iter().map(|(_, level)| *level).max().unwrap_or(LevelFilter::OFF)
    }
}

/// `debug` or `providers=debug`.
fn directive(text: &str) -> Option<(String, LevelFilter)> {
    let (target, level) = text.split_once('=').unwrap_or(("", text));
    Some((target.trim().to_owned(), level.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_decide_what_is_logged() {
        for (directives, target, level, logged) in [
            (None, "quick_saver", Level::INFO, true),
            (None, "quick_saver", Level::DEBUG, false),
            (Some(""), "quick_saver", Level::INFO, true),
            (Some("warn"), "quick_saver", Level::INFO, false),
            (Some("warn,providers=debug"), "providers", Level::DEBUG, true),
            (Some("warn, providers=debug"), "providers::http", Level::DEBUG, true),
            (Some("providers=debug"), "quick_saver", Level::ERROR, false),
            (Some("off"), "quick_saver", Level::ERROR, false),
            (Some("info,quick_saver=loud"), "quick_saver", Level::INFO, true),
            (Some("trace"), "lambda_runtime::layers::panic", Level::ERROR, false),
        ] {
            let enabled = Filter::of(directives).allows(target, level);
            assert_eq!(enabled, logged, "{directives:?} {target} {level}");
        }
    }

    #[test]
    fn the_most_that_is_logged_bounds_what_is_looked_at() {
        for (directives, most) in [
            (None, LevelFilter::INFO),
            (Some("warn,providers=debug"), LevelFilter::DEBUG),
            (Some("off"), LevelFilter::OFF),
        ] {
            assert_eq!(Filter::of(directives).most(), most);
        }
    }
}
