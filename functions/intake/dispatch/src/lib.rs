//! Intake: dispatch.
