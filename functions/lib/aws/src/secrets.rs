//! Secrets from the system's randomness.

use ports::{NewSecret, PortError};
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt::Write;

/// Bytes of a secret.
const BYTES: usize = 24;

/// Makes secrets of 48 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Secrets;

impl NewSecret for Secrets {
    fn new_secret(&self) -> Result<String, PortError> {
        let mut bytes = [0; BYTES];
        let failed =
            |_| PortError::Unavailable { operation: "new_secret", reason: "no randomness".to_owned() };
        SystemRandom::new().fill(&mut bytes).map_err(failed)?;
        let mut text = String::with_capacity(2 * BYTES);
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(text)
    }
}
