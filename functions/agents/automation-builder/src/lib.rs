//! Agent: automation-builder.
