//! Step Lambda: semi-automated.

fn main() {}
