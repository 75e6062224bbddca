//! The provider sandbox: a stateful server that speaks the providers' wire formats.

fn main() {}
