//! The workflow definition language, its catalog, checks and compiler.

mod achievement;
pub mod asl;
mod budget;
mod catalog;
mod checks;
mod compatible;
pub mod compile;
mod cost;
mod definition;
pub mod diagram;
mod duration;
mod expr;
mod finding;
mod graph;
mod registry;
pub mod simulate;
mod trigger;
#[cfg(feature = "tool")]
mod yaml;

pub use achievement::Achievement;
pub use budget::{
    Budget, MAX_DEFINITION_BYTES, MAX_DOLLARS_PER_MILLION, MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES,
};
pub use catalog::{Catalog, parse_json};
pub use checks::{Definition, Published, check, check_names};
pub use compatible::{Incompatible, Progress, compatible};
pub use compile::compile;
pub use cost::Cost;
pub use definition::*;
pub use duration::{InvalidSeconds, Seconds};
pub use expr::{ExprError, FUNCTIONS, Names, Program, StepReference, Variables, eval_bool, eval_json};
pub use finding::{Finding, InvalidCatalog, Level};
pub use graph::{Block, Graph, GraphError};
pub use registry::{
    AGENTS, Agent, BASIC_TYPES, CONSENTS, PROVIDERS, agent_named, allowed_by, is_output_type,
};
pub use trigger::{TriggerOutcome, trigger_fires};
#[cfg(feature = "tool")]
pub use yaml::parse;
