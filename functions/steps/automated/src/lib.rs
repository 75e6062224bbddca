//! Step Lambda: automated.
