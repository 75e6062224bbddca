//! What goes over the wire, apart from what is recorded: the record may change, the wire may not.

mod alert;
mod arranged;
mod by_hand;
mod card;
mod catalog;
mod history;
mod operator;
mod question;
mod recommendation;
mod report;
mod run;
mod told;
mod user;

pub use alert::{Alert, AlertImpact, AlertOption};
pub use arranged::{ArrangeRequest, Arranged, Proof, ProofRequest, UploadForm};
pub use by_hand::{ByHand, LeftItem};
pub use card::{
    Completed, Completion, Current, GoalImpact, Impact, ImpactLine, RemainingSeconds, RunCard, UndoTerms,
    Upcoming,
};
pub use catalog::{StepLine, WorkflowLine, WorkflowList, WorkflowStatus};
pub use history::{
    AchievementsView, DatedLine, DeclineRequest, DeclinedView, DeclinesView, GoalShare, ImpactView,
    LockedView, PointView, RealisedView, RunImpactView, UnlockedView,
};
pub use operator::{
    AsksForHelp, EndedLine, FailureLine, FailureList, FailureReplay, Kept, KeptList, LiveRun, LiveRuns,
    Overview, ReplayRequest,
};
pub(crate) use question::decisions;
pub use question::{Answered, Decision, HelpView, Question, QuestionList};
pub use recommendation::{RecommendationList, RecommendationView, SelectionRequest, SelectionResult};
pub use report::{ItemOutcome, Moment, Recovery, ReportItem, ReportStep, RunReport};
pub use run::{ResumeRequest, RunLine, RunList, RunState, RunStatus};
pub(crate) use told::Unwritable;
pub use told::{
    ChannelView, ConfirmationRequest, NoticeAction, NoticeList, NoticeView, PreferencesView, QuietView,
    SocketTicket,
};
pub use user::{
    ConsentList, ConsentRequest, ConsentState, ConsentView, GoalView, GoalsView, LinkList, LinkRequest,
    LinkView,
};
