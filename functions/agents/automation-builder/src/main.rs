//! Agent: automation-builder.

fn main() {}
