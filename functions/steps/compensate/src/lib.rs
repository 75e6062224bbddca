//! Step Lambda: compensate.
