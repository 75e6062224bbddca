//! Intake: start.

fn main() {}
