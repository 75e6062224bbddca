//! Agent: income-coach.

fn main() {}
