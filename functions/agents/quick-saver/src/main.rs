//! Agent: quick-saver.

fn main() {}
