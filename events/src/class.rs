//! The classes of error, one list for agents, step Lambdas (`errorType`), the compiler (`ErrorEquals`) and the recovery UI.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of failure something is; decides how it is recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ErrorClass {
    /// No answer in time: probe, then retry.
    Timeout,
    /// The outside system is down: probe, alternate provider, then retry.
    ProviderUnavailable,
    /// The outside system asks for patience: retry.
    RateLimited,
    /// The agent, or an earlier attempt of this step, is still at work: retry.
    AgentBusy,
    /// The platform failed: probe, retry, then help; never a rollback by itself.
    Interrupted,
    /// Bad input or output: ask the user.
    Validation,
    /// Consent or authorisation is missing: permission flow, then retry.
    Permission,
    /// The other side said no: fallback path, else partial.
    Declined,
    /// Unsafe to go on: roll everything back.
    Critical,
    /// Our bug: roll back and alarm.
    Defect,
    /// The run is being cancelled, stopped or rolled back: drain.
    Ending,
}

impl ErrorClass {
    /// Every class.
    pub const ALL: [Self; 11] = [
        Self::Timeout,
        Self::ProviderUnavailable,
        Self::RateLimited,
        Self::AgentBusy,
        Self::Interrupted,
        Self::Validation,
        Self::Permission,
        Self::Declined,
        Self::Critical,
        Self::Defect,
        Self::Ending,
    ];

    /// The name in `errorType` and `ErrorEquals`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "Timeout",
            Self::ProviderUnavailable => "ProviderUnavailable",
            Self::RateLimited => "RateLimited",
            Self::AgentBusy => "AgentBusy",
            Self::Interrupted => "Interrupted",
            Self::Validation => "Validation",
            Self::Permission => "Permission",
            Self::Declined => "Declined",
            Self::Critical => "Critical",
            Self::Defect => "Defect",
            Self::Ending => "Ending",
        }
    }

    /// The class of an `errorType`. A name of the platform is [`Self::Interrupted`], anything else unknown a [`Self::Defect`].
    pub fn of_error_type(name: &str) -> Self {
        if let Some(class) = Self::ALL.into_iter().find(|class| class.as_str() == name) {
            return class;
        }
        let platform =
            ["Lambda.", "Sandbox.", "Runtime.", "States."].iter().any(|prefix| name.starts_with(prefix));
        if platform { Self::Interrupted } else { Self::Defect }
    }

    /// Whether trying again may help without a person.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::ProviderUnavailable
                | Self::RateLimited
                | Self::AgentBusy
                | Self::Interrupted
        )
    }

    /// Whether nothing more may be tried after it: what was done is undone.
    pub fn is_unsafe(self) -> bool {
        matches!(self, Self::Critical | Self::Defect)
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_type_has_a_class() {
        for class in ErrorClass::ALL {
            assert_eq!(ErrorClass::of_error_type(class.as_str()), class);
            assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
        }
        for name in ["Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "States.Timeout"] {
            assert_eq!(ErrorClass::of_error_type(name), ErrorClass::Interrupted, "{name}");
        }
        assert_eq!(ErrorClass::of_error_type("alloc::string::String"), ErrorClass::Defect);
    }
}
