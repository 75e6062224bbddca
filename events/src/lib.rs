//! Every message that crosses a boundary: what the simulation upstream publishes, what this system answers on the bus, what an
//! agent says and what a user is asked. JSON Schemas generated from these types stand in `schemas/`, one sample of each in `samples/`.
//!
//! Amounts are [`money::Money`], dates are calendar dates without time zone, times are RFC 3339 in UTC.

mod achievement;
mod agent_message;
mod agent_protocol;
mod class;
mod contract;
mod envelope;
mod flat;
mod ids;
pub mod json;
mod simulation;
mod told;
mod user_task;
mod workflow;

pub use achievement::AchievementUnlocked;
pub use agent_message::{AgentMessage, Content, Context, Figure, MessageType, Question, QuestionKind};
pub use agent_protocol::{
    AgentCard, AgentItem, AgentRequest, AgentResponse, ItemResult, Operation, Outcome, ProgressAddress,
    Proposal,
};
pub use class::ErrorClass;
pub use contract::{Contract, contracts};
pub use envelope::{Envelope, Event, SOURCE, VERSION, is_known};
pub use ids::{
    AgentId, InvalidId, ItemId, RecommendationId, RunId, SimulationId, StepId, TaskId, UserId, WorkflowId,
};
pub use simulation::{
    ActionsRecommended, Category, Charge, DebtFigure, NotTriggered, RecommendedAction, RecurringCharge,
    SimulationCompleted, WorkflowSelected, WorkflowSuggested,
};
pub use told::{TOLD, Told};
pub use user_task::{
    Answer, Choice, Guide, GuideOption, Proof, Reversibility, TaskItem, TaskKind, Tool, UserTaskAnswer,
    UserTaskRequest,
};
pub use workflow::{
    EventData, EventType, Impact, ImpactKind, ImpactStage, Metrics, RequiredAction, Resource, Severity,
    WorkflowEvent,
};
