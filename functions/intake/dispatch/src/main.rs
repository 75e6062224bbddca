//! Intake: dispatch.

fn main() {}
