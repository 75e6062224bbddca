//! Decisions of a run: states, settlement, rollback order, progress, impact. Pure: no clock, environment, random, files or network;
//! "now" and "today" are arguments.

mod allowed;
pub mod answer;
mod apart;
pub mod arrange;
mod card;
mod change;
pub mod fold;
pub mod history;
pub mod learn;
mod out;
mod plan;
pub mod preflight;
mod progress;
pub mod queue;
pub mod recommend;
mod resume;
mod run;
mod status;
mod step;
pub mod suggest;
mod task;
mod transition;
mod unanswered;
mod undo;
mod unread;
mod user;

pub use apart::Apart;
pub use arrange::{Arrangement, ProofFile};
pub use card::{
    Card, CompletedStep, Completion, CurrentStep, GoalProgress, ImpactLine, LiveImpact, UndoTerms,
    UpcomingStep,
};
pub use change::{Change, Illegal, Settlement};
pub use history::{Achieved, DatedImpact, Declined, Realised, RunImpact};
pub use learn::Learned;
pub use out::{Out, RunEvent, lost, restated};
pub use plan::{Action, forget_outputs, next, prepare_attempt, ready_again, settle_unfinished, skip_failed};
pub use progress::{overall, remaining};
pub use resume::{NotResumable, reopen, reopened};
pub use run::{FailedGroup, Run, RunContext, StepEntry, after};
pub use status::{Ending, RunStatus, StepStatus};
pub use step::{Failure, Item, ItemState, StepRecord, effect_hash};
pub use task::{AskedItem, CallForHelp, Decided, DecidedBy, Task};
pub use transition::apply;
pub use unanswered::{Unanswered, out_of_time, unanswered};
pub use undo::{is_left, may_retry_undo, next_broken_group, next_undo, next_unfinished, open_items};
pub use unread::Unread;
pub use user::{
    Access, Consent, EndedRun, Goal, Goals, Link, Queue, Queued, Recommendation, Selection, UserRun,
    providers_of,
};
