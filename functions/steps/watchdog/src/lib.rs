//! Step Lambda: watchdog.
