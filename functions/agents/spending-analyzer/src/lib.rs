//! Agent: spending-analyzer.
