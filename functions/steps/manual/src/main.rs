//! Step Lambda: manual.

fn main() {}
