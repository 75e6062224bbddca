//! Tracking: publish.

fn main() {}
