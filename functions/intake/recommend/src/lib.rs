//! Intake: recommend.
