//! The step coordinator: load, decide, let the agent act, settle.
