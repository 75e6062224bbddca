//! The short-lived token with which an agent reports progress: good for one step of one run in one epoch, until it expires.
//!
//! `<epoch>.<expiry>.<mac>`: expiry in seconds since 1970, `mac` = HMAC-SHA256 (RFC 2104) in hex over run, step, epoch and expiry.

use events::{RunId, StepId};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use std::fmt::Write;

/// A token that is not good for what it is shown for. Says nothing more, so that it cannot be used to guess one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the progress token is not good for this step, or has expired")]
pub struct InvalidToken;

/// A token for a step, good until `expires_at` (whole seconds).
#[must_use]
pub fn mint(key: &str, run: &RunId, step: &StepId, epoch: u32, expires_at: Timestamp) -> String {
    let expiry = expires_at.as_second();
    let mut token = format!("{epoch}.{expiry}.");
    let Some(mac) = mac(key, run, step, epoch, expiry) else {
        return token;
    };
    for byte in mac.finalize().into_bytes() {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    token
}

/// The epoch of the run that a token is good for. Compares in constant time.
///
/// # Errors
/// [`InvalidToken`] when it was minted with another key or for another step, or has expired.
pub fn verify(
    key: &str,
    run: &RunId,
    step: &StepId,
    token: &str,
    now: Timestamp,
) -> Result<u32, InvalidToken> {
    let (epoch, expiry, shown) = parts(token).ok_or(InvalidToken)?;
    let mac = mac(key, run, step, epoch, expiry).ok_or(InvalidToken)?;
    mac.verify_slice(&shown).map_err(|_| InvalidToken)?;
    if now.as_second() < expiry { Ok(epoch) } else { Err(InvalidToken) }
}

fn mac(key: &str, run: &RunId, step: &StepId, epoch: u32, expiry: i64) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    // No identifier has a line break in it, so that no two steps give the same text.
    mac.update(format!("{run}\n{step}\n{epoch}\n{expiry}").as_bytes());
    Some(mac)
}

fn parts(token: &str) -> Option<(u32, i64, Vec<u8>)> {
    let mut parts = token.splitn(3, '.');
    let epoch = parts.next()?.parse().ok()?;
    let expiry = parts.next()?.parse().ok()?;
    Some((epoch, expiry, bytes_of_hex(parts.next()?)?))
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> RunId {
        RunId::parse(text).unwrap()
    }

    fn step(text: &str) -> StepId {
        StepId::parse(text).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn is_good_for_its_step_until_it_expires() {
        let token = mint("key", &run("r:1"), &step("s"), 3, at(100));
        for (key, the_run, the_step, now, expect) in [
            ("key", "r:1", "s", 0, Ok(3)),
            ("key", "r:1", "s", 99, Ok(3)),
            ("key", "r:1", "s", 100, Err(InvalidToken)),
            ("other", "r:1", "s", 0, Err(InvalidToken)),
            ("key", "r", "1:s", 0, Err(InvalidToken)),
            ("key", "r:1", "s2", 0, Err(InvalidToken)),
        ] {
            let got = verify(key, &run(the_run), &step(the_step), &token, at(now));
            assert_eq!(got, expect, "{key} {the_run} {the_step} {now}");
        }
    }

    #[test]
    fn a_changed_token_is_not_good() {
        let token = mint("key", &run("r"), &step("s"), 3, at(100));
        let mac = token.rsplit('.').next().unwrap();
        for changed in [
            format!("4.100.{mac}"),
            format!("3.999.{mac}"),
            format!("3.100.{}", "0".repeat(64)),
            "3.100.".to_owned(),
            "3.100.+1".to_owned(),
            "3.100.ä".to_owned(),
            String::new(),
        ] {
            assert_eq!(verify("key", &run("r"), &step("s"), &changed, at(0)), Err(InvalidToken), "{changed}");
        }
    }
}
