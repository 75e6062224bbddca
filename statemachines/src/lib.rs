//! The workflow definition language, its catalog, checks and compiler.

mod catalog;
mod checks;
mod definition;
mod duration;
mod expr;
mod finding;
mod trigger;

pub use catalog::{Catalog, parse};
pub use definition::*;
pub use duration::{InvalidSeconds, Seconds};
pub use expr::{ExprError, FUNCTIONS, Names, Program, StepReference, eval_bool, eval_json};
pub use finding::{Finding, InvalidCatalog, Level};
pub use trigger::{TriggerOutcome, trigger_fires};
