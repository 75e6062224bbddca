//! Reaching users: by mail, phone, device and open sockets.

use crate::PortError;
use jiff::Timestamp;
use notices::body::Email;
use serde_json::Value;

/// A message was not taken, or may not have been. Names no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It was not sent, for certain, and may be another time: throttled, or no connection.
    #[error("not sent for now: {reason}")]
    NotNow {
        /// The service's word.
        reason: String,
    },
    /// It was refused for good: the address is none, or no longer one.
    #[error("refused: {reason}")]
    Refused {
        /// The service's word.
        reason: String,
    },
    /// There was no answer: it may have been sent.
    #[error("not known to be sent: {reason}")]
    Unknown {
        /// What became of the call.
        reason: String,
    },
}

/// Sends an e-mail. Never tried again by itself: the service knows no idempotency key.
#[trait_variant::make(Send)]
pub trait SendEmail {
    /// To one address.
    async fn send_email(&self, to: &str, mail: &Email) -> Result<(), SendError>;
}

/// Sends an SMS. As [`SendEmail`].
#[trait_variant::make(Send)]
pub trait SendSms {
    /// To a phone number in E.164 form.
    async fn send_sms(&self, to: &str, text: &str) -> Result<(), SendError>;
}

/// Sends a message to a device. As [`SendEmail`].
#[trait_variant::make(Send)]
pub trait SendPush {
    /// To an endpoint; the message has one body per platform.
    async fn send_push(&self, to: &str, message: &Value) -> Result<(), SendError>;
}

/// Whether someone still listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The gateway took it.
    Taken,
    /// The connection has ended.
    Gone,
}

/// Reaches open sockets.
#[trait_variant::make(Send)]
pub trait PushLive {
    /// Says something over a connection.
    async fn push_live(&self, connection: &str, message: &Value) -> Result<Heard, PortError>;
    /// Ends a connection; one that has ended is no error.
    async fn close_live(&self, connection: &str) -> Result<(), PortError>;
}

/// Has a function invoked later, once.
#[trait_variant::make(Send)]
pub trait Schedule {
    /// At that time, with this payload. A name that is taken keeps what it was given first: no error.
    async fn schedule(
        &self,
        name: &str,
        at: Timestamp,
        function: &str,
        payload: &Value,
    ) -> Result<(), PortError>;
}

/// Hands work to a function of this system without waiting; at least once.
#[trait_variant::make(Send)]
pub trait HandOver {
    /// Hands it over.
    async fn hand_over(&self, function: &str, payload: &Value) -> Result<(), PortError>;
}

/// Makes secrets that nobody can guess.
pub trait NewSecret: Send + Sync {
    /// A new one, of characters that may stand in an address.
    ///
    /// # Errors
    /// When the system has no randomness.
    fn new_secret(&self) -> Result<String, PortError>;
}
