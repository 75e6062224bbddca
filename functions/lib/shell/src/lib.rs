//! The Lambda shell of every function.
