//! The channel to phones: what is critical, as one SMS.

use delivery::Carry;
use notices::{Channel, Notice, Preferences, body};
use ports::{SendError, SendSms};

/// Carries notices to phones.
pub struct Sms<Phones>(pub Phones);

impl<Phones: SendSms + Send + Sync> Carry for Sms<Phones> {
    const CHANNEL: Channel = Channel::Sms;

    async fn carry(&self, notice: &Notice, to: &str, _preferences: &Preferences) -> Result<(), SendError> {
        self.0.send_sms(to, &body::sms(notice)).await
    }

    async fn carry_code(&self, code: &str, to: &str) -> Result<(), SendError> {
        self.0.send_sms(to, &body::code_sms(code)).await
    }
}
