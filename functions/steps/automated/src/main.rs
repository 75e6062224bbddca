//! Step Lambda: automated.

fn main() {}
