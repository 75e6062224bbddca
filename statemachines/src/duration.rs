//! Lengths of time as people write them in a catalog: `30s`, `2m`, `72h`, `14d`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A length of time in whole seconds, written with one unit: `s`, `m`, `h` or `d`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9]+[smhd]$"))]
pub struct Seconds(pub u32);

impl Seconds {
    /// The number of seconds.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// A text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no length of time: write a whole number and one of s, m, h, d, such as 30s or 72h")]
pub struct InvalidSeconds(String);

impl FromStr for Seconds {
    type Err = InvalidSeconds;

    fn from_str(text: &str) -> Result<Self, InvalidSeconds> {
        let invalid = || InvalidSeconds(text.to_owned());
        let unit = text.chars().last().ok_or_else(invalid)?;
        let factor = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(invalid()),
        };
        let number: u32 = text[..text.len() - 1].parse().map_err(|_| invalid())?;
        number.checked_mul(factor).map(Self).ok_or_else(invalid)
    }
}

impl TryFrom<String> for Seconds {
    type Error = InvalidSeconds;

    fn try_from(text: String) -> Result<Self, InvalidSeconds> {
        text.parse()
    }
}

impl From<Seconds> for String {
    fn from(value: Seconds) -> Self {
        value.to_string()
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        match n {
            0 => write!(f, "0s"),
            _ if n.is_multiple_of(86_400) => write!(f, "{}d", n / 86_400),
            _ if n.is_multiple_of(3_600) => write!(f, "{}h", n / 3_600),
            _ if n.is_multiple_of(60) => write!(f, "{}m", n / 60),
            _ => write!(f, "{n}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_one_unit() {
        for (text, seconds) in [("30s", 30), ("2m", 120), ("72h", 259_200), ("14d", 1_209_600), ("0s", 0)] {
            assert_eq!(text.parse::<Seconds>().unwrap().0, seconds, "{text}");
        }
        for text in ["", "s", "5", "1.5h", "-1s", "5w", "99999999d", "5µ"] {
            assert!(text.parse::<Seconds>().is_err(), "{text}");
        }
        assert_eq!(Seconds(259_200).to_string(), "3d");
        assert_eq!(Seconds(90).to_string(), "90s");
    }
}
