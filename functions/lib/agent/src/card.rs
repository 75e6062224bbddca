//! Who an agent is, before anybody asked its providers.

use providers::Provider;

/// Who an agent is.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// The agent; also the name of its crate and its Lambda.
    pub agent: &'static str,
    /// Name shown to the user.
    pub name: &'static str,
    /// What it can do, one line each.
    pub capabilities: &'static [&'static str],
    /// The consents it needs.
    pub scopes: &'static [&'static str],
    /// The providers it talks to.
    pub providers: &'static [Provider],
}
