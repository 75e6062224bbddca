//! The workflow definition language, its catalog, checks and compiler.

mod catalog;
mod definition;
mod duration;
mod finding;

pub use catalog::{Catalog, parse};
pub use definition::*;
pub use duration::{InvalidSeconds, Seconds};
pub use finding::{Finding, InvalidCatalog, Level};
