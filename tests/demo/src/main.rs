//! The demo: a household from event to finished workflow, in a terminal.

fn main() {}
