//! Agent: bill-negotiator.

fn main() {}
