//! Agent: quick-saver.
