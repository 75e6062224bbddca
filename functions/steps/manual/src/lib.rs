//! Step Lambda: manual.
