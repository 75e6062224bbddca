//! Agent: spending-analyzer.

fn main() {}
