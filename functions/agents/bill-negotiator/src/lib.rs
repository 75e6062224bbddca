//! Agent: bill-negotiator.
