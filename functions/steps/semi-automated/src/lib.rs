//! Step Lambda: semi-automated.
