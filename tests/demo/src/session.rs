//! The run that a demo left behind when it was interrupted: the next one finds it again here.

use events::RunId;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A run that goes on, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The user's name in the user pool and at the sandbox.
    pub user: String,
    /// The user's password in the local user pool.
    pub password: String,
    /// The API it is at: another deployment knows nothing of it.
    pub api_url: String,
    /// The run.
    pub run_id: RunId,
    /// The user's access token at the providers.
    pub access_token: String,
}

impl Session {
    /// The one that was left, if it is of this deployment.
    pub(crate) fn left(api_url: &str) -> Option<Self> {
        let text = std::fs::read_to_string(file()).ok()?;
        serde_json::from_str::<Self>(&text).ok().filter(|it| it.api_url == api_url)
    }

    /// Remembers it. Without the folder of the local AWS there is nowhere to, and nothing is lost but this.
    pub(crate) fn keep(&self) {
        if let Ok(text) = serde_json::to_string_pretty(self) {
            let _ = std::fs::write(file(), text);
        }
    }

    /// Forgets it.
    pub(crate) fn forget() {
        let _ = std::fs::remove_file(file());
    }
}

fn file() -> PathBuf {
    PathBuf::from(".local/run/demo-session.json")
}
