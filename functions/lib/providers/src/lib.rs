//! One small adapter per outside system.
