//! What goes over the wire, apart from what is recorded: the record may change, the wire may not.

mod card;
mod catalog;
mod question;
mod recommendation;
mod user;

pub use card::{
    Completed, Completion, Current, Ending, GoalImpact, Impact, ImpactLine, RemainingSeconds, RunCard,
    RunLine, RunList, RunStatus, Upcoming,
};
pub use catalog::{StepLine, WorkflowLine, WorkflowList, WorkflowStatus};
pub(crate) use question::decisions;
pub use question::{Alert, AlertOption, Answered, Decision, Question, QuestionList};
pub use recommendation::{RecommendationList, RecommendationView, SelectionRequest, SelectionResult};
pub use user::{
    ConsentList, ConsentRequest, ConsentState, ConsentView, GoalView, GoalsView, LinkList, LinkRequest,
    LinkView,
};
