//! Tests across crates: contract, end to end, oracles.
