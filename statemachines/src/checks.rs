//! What is wrong with a catalog: a table of named checks, all run, all findings reported.

mod sample;

#[cfg(test)]
pub(crate) use sample::sample_simulation;
