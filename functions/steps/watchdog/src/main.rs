//! Step Lambda: watchdog.

fn main() {}
