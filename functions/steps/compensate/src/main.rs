//! Step Lambda: compensate.

fn main() {}
