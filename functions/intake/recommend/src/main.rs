//! Intake: recommend.

fn main() {}
