//! Which step's progress was written down when, so that a chatty agent's words in between cost at most one write a second.

use events::{RunId, StepId};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The shortest time between two writes of one step's progress.
const APART: SignedDuration = SignedDuration::from_secs(1);

/// Forgets everything when it holds more than this: it is a saving, not a record.
const MOST: usize = 1_000;

/// The steps that reported of late to this process; another process of the function has its own.
#[derive(Default)]
pub struct Recent(Mutex<HashMap<(RunId, StepId), Timestamp>>);

impl Recent {
    /// Whether this step's progress may be written down now; if so, it counts as written.
    pub fn admit(&self, run: &RunId, step: &StepId, now: Timestamp) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (run.clone(), step.clone());
        if seen.get(&key).is_some_and(|last| now.duration_since(*last) < APART) {
            return false;
        }
        if seen.len() >= MOST {
            seen.clear();
        }
        seen.insert(key, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_second_and_step() {
        let recent = Recent::default();
        let (run, step, other) = ("r".parse().unwrap(), "s".parse().unwrap(), "t".parse().unwrap());
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        assert!(recent.admit(&run, &step, at(0)));
        assert!(!recent.admit(&run, &step, at(999)));
        assert!(recent.admit(&run, &other, at(999)));
        assert!(recent.admit(&run, &step, at(1_000)));
    }
}
