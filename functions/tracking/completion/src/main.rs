//! Tracking: completion.

fn main() {}
