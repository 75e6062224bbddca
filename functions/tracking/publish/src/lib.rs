//! Tracking: publish.
