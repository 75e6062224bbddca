//! Data made by others that tests hold this project against, where it is at hand: in the folder that `SHARED_DATA` names, else in
//! `../shared/data` beside the workspace. A test without its data says so in one line and passes.

#[cfg(feature = "plaid")]
pub mod plaid;

use std::path::{Path, PathBuf};

/// A file or folder of the data, by its path in there; says that the test is skipped where it is not.
#[must_use]
pub fn path(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("SHARED_DATA").map_or(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {name} is not at hand; SHARED_DATA can name the folder that has it");
    None
}

/// The text of a file of the data, as [`path`] finds it.
///
/// # Panics
/// When it is there and no text.
#[must_use]
#[expect(clippy::panic, reason = "only tests read it, and they fail by panicking")]
pub fn text(name: &str) -> Option<String> {
    let read = |path: PathBuf| {
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    path(name).map(read)
}
