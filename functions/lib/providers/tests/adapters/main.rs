//! The adapters against a scripted server: what they send, how they read what comes back, and what they make of calls that
//! go wrong. Plaid's requests are held against its published spec, and the spec's own examples against the adapter.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod plaid;
mod script;
mod transport;
