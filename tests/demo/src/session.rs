//! The run that a demo left behind when it was interrupted: the next one finds it again here.

use crate::settings::Settings;
use events::RunId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Which household was asked for; the sandbox's own where nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    household: Option<PathBuf>,
    person: Option<String>,
    as_of: Option<Date>,
}

impl Asked {
    /// As the settings say.
    pub(crate) fn of(settings: &Settings) -> Self {
        let Settings { household, person, as_of, .. } = settings.clone();
        Self { household, person, as_of }
    }
}

/// A run that goes on, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The user's name in the user pool and at the sandbox.
    pub user: String,
    /// The user's password in the local user pool.
    pub password: String,
    /// The API it is at: another deployment knows nothing of it.
    pub api_url: String,
    /// The household that it is of.
    pub asked: Asked,
    /// The run.
    pub run_id: RunId,
    /// The user's access token at the providers.
    pub access_token: String,
}

impl Session {
    /// The one that was left, if it is of this deployment and of the household that is asked for, if any is.
    pub(crate) fn left(settings: &Settings) -> Option<Self> {
        let text = std::fs::read_to_string(file()).ok()?;
        let asked = Asked::of(settings);
        let same = |it: &Self| asked == Asked::default() || it.asked == asked;
        serde_json::from_str::<Self>(&text).ok().filter(|it| it.api_url == settings.api_url && same(it))
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
