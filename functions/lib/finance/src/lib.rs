//! Household-finance types and algorithms.
