//! Mail, phones, devices, sockets and schedules in memory: they remember what they were told, and fail as told.

use crate::{
    HandOver, Heard, NewSecret, PortError, PushLive, Schedule, SendEmail, SendError, SendPush, SendSms,
};
use jiff::Timestamp;
use notices::body::Email;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Everything that was said, to whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Mails by address.
    pub mails: Vec<(String, Email)>,
    /// SMS by number.
    pub texts: Vec<(String, String)>,
    /// Messages by device.
    pub pushes: Vec<(String, Value)>,
    /// Messages by connection.
    pub live: Vec<(String, Value)>,
    /// Connections that were closed.
    pub closed: Vec<String>,
    /// What is to happen, by name: when, which function, with what.
    pub schedules: BTreeMap<String, (Timestamp, String, Value)>,
    /// What was handed to functions.
    pub handed: Vec<(String, Value)>,
}

#[derive(Default)]
struct State {
    said: Said,
    failures: VecDeque<SendError>,
    gone: BTreeSet<String>,
    down: bool,
    secrets: u64,
}

/// The ways to users. Clones share it.
#[derive(Clone, Default)]
pub struct Outreach {
    state: Arc<Mutex<State>>,
}

impl Outreach {
    /// What was said so far.
    pub fn said(&self) -> Said {
        self.state().said.clone()
    }

    /// The next messages fail so, one after the other.
    pub fn fail(&self, failures: impl IntoIterator<Item = SendError>) {
        self.state().failures.extend(failures);
    }

    /// A connection has ended.
    pub fn end(&self, connection: &str) {
        self.state().gone.insert(connection.to_owned());
    }

    /// Sockets, schedules and hand-overs are out of reach, or are not any more.
    pub fn set_down(&self, down: bool) {
        self.state().down = down;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, say: impl FnOnce(&mut Said)) -> Result<(), SendError> {
        let mut state = self.state();
        match state.failures.pop_front() {
            Some(failure) => Err(failure),
            None => {
                say(&mut state.said);
                Ok(())
            }
        }
    }

    fn reach(&self, operation: &'static str) -> Result<MutexGuard<'_, State>, PortError> {
        let state = self.state();
        if state.down {
            return Err(PortError::Unavailable { operation, reason: "down as told".to_owned() });
        }
        Ok(state)
    }
}

impl SendEmail for Outreach {
    async fn send_email(&self, to: &str, mail: &Email) -> Result<(), SendError> {
        self.send(|said| said.mails.push((to.to_owned(), mail.clone())))
    }
}

impl SendSms for Outreach {
    async fn send_sms(&self, to: &str, text: &str) -> Result<(), SendError> {
        self.send(|said| said.texts.push((to.to_owned(), text.to_owned())))
    }
}

impl SendPush for Outreach {
    async fn send_push(&self, to: &str, message: &Value) -> Result<(), SendError> {
        self.send(|said| said.pushes.push((to.to_owned(), message.clone())))
    }
}

impl PushLive for Outreach {
    async fn push_live(&self, connection: &str, message: &Value) -> Result<Heard, PortError> {
        let mut state = self.reach("push_live")?;
        if state.gone.contains(connection) {
            return Ok(Heard::Gone);
        }
        state.said.live.push((connection.to_owned(), message.clone()));
        Ok(Heard::Taken)
    }

    async fn close_live(&self, connection: &str) -> Result<(), PortError> {
        let mut state = self.reach("close_live")?;
        state.gone.insert(connection.to_owned());
        state.said.closed.push(connection.to_owned());
        Ok(())
    }
}

impl Schedule for Outreach {
    async fn schedule(
        &self,
        name: &str,
        at: Timestamp,
        function: &str,
        payload: &Value,
    ) -> Result<(), PortError> {
        let mut state = self.reach("schedule")?;
        let entry = (at, function.to_owned(), payload.clone());
        state.said.schedules.entry(name.to_owned()).or_insert(entry);
        Ok(())
    }
}

impl HandOver for Outreach {
    async fn hand_over(&self, function: &str, payload: &Value) -> Result<(), PortError> {
        self.reach("hand_over")?.said.handed.push((function.to_owned(), payload.clone()));
        Ok(())
    }
}

impl NewSecret for Outreach {
    fn new_secret(&self) -> Result<String, PortError> {
        let mut state = self.state();
        state.secrets += 1;
        Ok(format!("secret-{}", state.secrets))
    }
}
