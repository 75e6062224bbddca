//! How far an exploration is, told while it goes on: in a line that changes on a terminal, now and then elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often the line changes on a terminal.
const SHOWN: Duration = Duration::from_millis(200);

/// How often a line is written elsewhere.
const TOLD: Duration = Duration::from_secs(5);

/// How far an exploration is.
#[derive(Debug, Default)]
pub struct Progress {
    expected: AtomicUsize,
    done: AtomicUsize,
}

impl Progress {
    /// So many runs more there will be.
    pub fn expect(&self, runs: usize) {
        self.expected.fetch_add(runs, Ordering::Relaxed);
    }

    /// One run more is done.
    pub fn count(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Does the work, and tells how far it is until it is done.
    pub fn told<T>(&self, work: impl FnOnce() -> T) -> T {
        std::thread::scope(|scope| {
            let (ended, end) = std::sync::mpsc::channel::<()>();
            scope.spawn(move || self.tell(&end));
            let worked = work();
            drop(ended);
            worked
        })
    }

    fn tell(&self, end: &std::sync::mpsc::Receiver<()>) {
        let terminal = std::io::stderr().is_terminal();
        let every = if terminal { SHOWN } else { TOLD };
        let began = Instant::now();
        while end.recv_timeout(every) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let (done, expected) = (self.done.load(Ordering::Relaxed), self.expected.load(Ordering::Relaxed));
            let seconds = began.elapsed().as_secs();
            let line = format!("{done} of {expected} runs after {seconds} s");
            // On a terminal each line takes the place of the one before.
            let written = if terminal {
                write!(std::io::stderr(), "\r\x1b[K{line}").and_then(|()| std::io::stderr().flush())
            } else {
                writeln!(std::io::stderr(), "{line}")
            };
            if written.is_err() {
                return;
            }
        }
        if terminal {
            let _gone = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
