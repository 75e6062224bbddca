//! The workflow definition language, its catalog, checks and compiler.

mod definition;
mod duration;

pub use definition::*;
pub use duration::{InvalidSeconds, Seconds};
