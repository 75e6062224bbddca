//! Tracking: card.
