//! The agent trait, its protocol and its Lambda shell.
