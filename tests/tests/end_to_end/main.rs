//! Everything at once, on the local AWS: the deployed functions, the generated state machines and the provider sandbox, as users and
//! the simulation upstream meet them. `make test` brings the stack and sets `E2E`; without it every test says that it is skipped.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

mod browser;
mod discretion;
mod emergency_fund;
mod event_kinds;
mod executions;
mod extending;
mod household;
mod live;
mod malformed;
mod once;
mod operating;
mod outage;
mod parallel_paths;
mod queues;
mod redrive;
mod rollback;
mod simulated;
mod sockets;
mod table_calls;
mod told;
mod unheard;

use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long anything is waited for: a machine with too much to do is slow, and not wrong.
const PATIENCE: Duration = Duration::from_secs(300);

/// Between two looks at what is waited for.
const LOOK: Duration = Duration::from_millis(200);

/// Tests at work at a time, and those of them with a browser; the others wait. A run waits far more than it works, and more of them
/// make each other slow.
const TURNS: u32 = 4;
const BROWSERS: u32 = 2;

static TURN: Semaphore = Semaphore::const_new(TURNS as usize);
static BROWSER: Semaphore = Semaphore::const_new(BROWSERS as usize);

/// A turn among others on the local AWS; none where it is not there.
async fn turn() -> Option<SemaphorePermit<'static>> {
    if on_local_aws() { Some(TURN.acquire().await.unwrap()) } else { None }
}

/// A turn alone, for whoever stops or breaks what all of them use; none where the local AWS is not there.
async fn alone() -> Option<Alone> {
    if !on_local_aws() {
        return None;
    }
    let _browsers = BROWSER.acquire_many(BROWSERS).await.unwrap();
    Some(Alone { turns: TURN.acquire_many(TURNS).await.unwrap(), _browsers })
}

/// All turns.
struct Alone {
    turns: SemaphorePermit<'static>,
    _browsers: SemaphorePermit<'static>,
}

impl Alone {
    /// From here on others may be at work too.
    fn among_others(mut self) -> SemaphorePermit<'static> {
        self.turns.split(1).expect("it has all of them")
    }
}

/// Whether the local AWS is there to run on.
fn on_local_aws() -> bool {
    let there = std::env::var_os("E2E").is_some();
    if !there {
        println!("skipped: needs the local AWS; `make test` has it");
    }
    there
}

/// The project's folder.
fn root() -> &'static std::path::Path {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests are in the project's folder")
}
