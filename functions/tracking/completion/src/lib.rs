//! Tracking: completion.
