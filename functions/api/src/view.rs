//! What goes over the wire, apart from what is recorded: the record may change, the wire may not.

mod card;
mod catalog;
mod question;
mod recommendation;
mod run;
mod user;

pub use card::{
    Completed, Completion, Current, GoalImpact, Impact, ImpactLine, RemainingSeconds, RunCard, Upcoming,
};
pub use catalog::{StepLine, WorkflowLine, WorkflowList, WorkflowStatus};
pub(crate) use question::decisions;
pub use question::{Alert, AlertOption, Answered, Decision, Question, QuestionList};
pub use recommendation::{RecommendationList, RecommendationView, SelectionRequest, SelectionResult};
pub use run::{Ending, RunLine, RunList, RunStatus};
pub use user::{
    ConsentList, ConsentRequest, ConsentState, ConsentView, GoalView, GoalsView, LinkList, LinkRequest,
    LinkView,
};
