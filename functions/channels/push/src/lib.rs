//! The channel to devices.

use delivery::Carry;
use notices::{Channel, Notice, Preferences, body};
use ports::{SendError, SendPush};

/// Carries notices to devices.
pub struct Push<Devices>(pub Devices);

impl<Devices: SendPush + Send + Sync> Carry for Push<Devices> {
    const CHANNEL: Channel = Channel::Push;

    async fn carry(&self, notice: &Notice, to: &str, _preferences: &Preferences) -> Result<(), SendError> {
        self.0.send_push(to, &body::push(notice)).await
    }

    async fn carry_code(&self, _code: &str, _to: &str) -> Result<(), SendError> {
        Err(SendError::Refused { reason: "a device is known by its app".to_owned() })
    }
}
