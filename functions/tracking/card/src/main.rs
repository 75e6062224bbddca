//! Tracking: card.

fn main() {}
