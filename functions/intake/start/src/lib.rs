//! Intake: start.
