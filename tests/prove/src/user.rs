//! The user: answers what is asked, as told, through the API.

use crate::agenda::later;
use crate::fault::{Act, Fault, HelpPolicy, HowAnswer};
use crate::provider::PROOF;
use engine::{RunStatus, Task};
use events::{Choice, ItemId, StepId, TaskId, TaskKind};
use jiff::Timestamp;
use serde_json::{Value, json};
use statemachines::Workflow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Who it is.
pub const USER: &str = "user-1";

/// How long the user thinks, in milliseconds: never a whole minute, at which the sweep looks.
const THINKING: u64 = 300_007;

/// How long after its end a run is taken up again, in milliseconds.
const PAUSE: u64 = 3_600_003;

/// Between the answers to two items: less than going on with one takes.
const NEXT_ITEM: u64 = 1_500;

/// Something the user does: one call of the API.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Picks the workflow.
    Select,
    /// Answers a question.
    Answer(TaskId, Value),
    /// Reverses an effect of a step with the provider.
    Reverse(StepId, ItemId),
    /// Cancels the run.
    Cancel,
    /// Stops the run and keeps what was done.
    Stop,
    /// Takes the run up again, where it was or from a checkpoint.
    Resume(Option<StepId>),
    /// Gives a consent.
    Grant(String),
    /// Takes a consent back.
    Revoke(String),
}

/// A call of the API.
pub struct Request {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// The address.
    pub path: String,
    /// The body.
    pub body: Option<Value>,
}

/// The user.
#[derive(Clone, Debug)]
pub struct User {
    workflow: Arc<Workflow>,
    how: Vec<(u64, HowAnswer)>,
    help: HelpPolicy,
    seen: BTreeSet<String>,
    resumes: Resumes,
    met: bool,
    /// How every approval is answered, unless told otherwise.
    pub usual: Option<HowAnswer>,
    /// How many questions there were.
    pub questions: u64,
}

impl User {
    /// The user of a workflow's run, as the faults tell.
    pub fn of(workflow: Arc<Workflow>, faults: &[Fault]) -> Self {
        let mut user = Self {
            how: Vec::new(),
            help: HelpPolicy::Continue,
            workflow,
            seen: BTreeSet::new(),
            resumes: Resumes::Never,
            met: false,
            usual: None,
            questions: 0,
        };
        user.is_told(faults);
        user
    }

    /// What the user does from now on.
    pub fn is_told(&mut self, faults: &[Fault]) {
        let how = faults.iter().filter_map(|fault| match fault {
            Fault::Answer(at, how) => Some((*at, *how)),
            _ => None,
        });
        self.how = how.collect();
        (self.help, self.resumes) = policy(faults);
    }

    /// Whether a user who is told this would have done the same until now: there was no recovery alert and no end, or they do the same
    /// about both.
    pub fn did_as(&self, faults: &[Fault]) -> bool {
        !self.met || (self.help, self.resumes) == policy(faults)
    }

    /// Looks at a question and says what will be done about what is new in it. `changes`: what can be changed, by item.
    pub fn look(
        &mut self,
        task: &Task,
        now: Timestamp,
        changes: impl Fn(&ItemId) -> Option<Value>,
    ) -> Vec<(Timestamp, Deed)> {
        if !task.open {
            return Vec::new();
        }
        self.met |= matches!(task.kind, TaskKind::Help | TaskKind::Undo);
        let how = self.how.iter().find(|(at, _)| *at == self.questions).map(|(_, how)| *how);
        let answers = match task.kind {
            TaskKind::Approve => self.decisions(task, how.or(self.usual), changes),
            TaskKind::Guide => self.proof(task, how.or(self.usual.filter(|it| *it == HowAnswer::SkipAll))),
            TaskKind::Help => self.way_out(task),
            TaskKind::Undo => self.reversals(task),
        };
        if answers.is_empty() {
            return Vec::new();
        }
        self.questions += 1;
        let asks_for_help = matches!(task.kind, TaskKind::Help | TaskKind::Undo);
        if asks_for_help && self.help == HelpPolicy::Never {
            return Vec::new();
        }
        when(task, how, now, answers)
    }

    /// What is done about a run that has ended: once for each way in which it can.
    pub fn after(&mut self, end: RunStatus, now: Timestamp) -> Vec<(Timestamp, Deed)> {
        let resumable = matches!(end, RunStatus::Stopped | RunStatus::NeedsAttention);
        self.met |= resumable;
        if !resumable || self.resumes == Resumes::Never || !self.is_new(format!("end/{}", end.as_str())) {
            return Vec::new();
        }
        let mut deeds = vec![(later(now, 2 * PAUSE), Deed::Resume(None))];
        let checkpoint = self.workflow.steps.iter().find(|step| step.checkpoint);
        if let Some(step) = checkpoint.filter(|_| self.resumes == Resumes::FromCheckpoint) {
            // Where the run had not come to it, it is refused, and goes on where it was.
            deeds.insert(0, (later(now, PAUSE), Deed::Resume(Some(step.id.clone()))));
        }
        deeds
    }

    /// What no agent can undo is reversed with the provider first.
    fn reversals(&mut self, task: &Task) -> Vec<Deed> {
        let mut deeds = Vec::new();
        for item in task.items.iter().filter(|item| item.decided.is_none()) {
            // While nothing waits for it, it is as good as never done.
            let waits = item.choices.contains(&Choice::Skip);
            if !waits && self.help != HelpPolicy::Thorough
                || !self.is_new(format!("{}/{}", task.task_id, item.item_id))
            {
                continue;
            }
            let leaves = matches!(self.help, HelpPolicy::Skip | HelpPolicy::Deny | HelpPolicy::Stop);
            let answer = if leaves {
                json!({ "type": "skip", "item_id": item.item_id })
            } else {
                deeds.push(Deed::Reverse(task.step_id.clone(), item.item_id.clone()));
                json!({ "type": "done", "proof": { "item_id": item.item_id, "reference": PROOF } })
            };
            deeds.push(Deed::Answer(task.task_id.clone(), answer));
        }
        deeds
    }

    fn is_new(&mut self, signature: String) -> bool {
        self.seen.insert(signature)
    }

    fn decisions(
        &mut self,
        task: &Task,
        how: Option<HowAnswer>,
        changes: impl Fn(&ItemId) -> Option<Value>,
    ) -> Vec<Deed> {
        // What counts only as a whole is wanted whole, unless told otherwise.
        let whole = self.workflow.step(&task.step_id).is_some_and(|step| step.group.is_some());
        let mut deeds = Vec::new();
        for (index, item) in task.items.iter().enumerate().filter(|(_, item)| item.decided.is_none()) {
            if !self.is_new(format!("{}/{}/{}", task.task_id, item.item_id, item.effect_hash)) {
                continue;
            }
            let again = self.seen.iter().filter(|it| it.contains(&format!("/{}/", item.item_id))).count() > 1;
            let approve =
                json!({ "type": "approve", "item_id": item.item_id, "effect_hash": item.effect_hash });
            let skip = json!({ "type": "skip", "item_id": item.item_id });
            let modify = item
                .choices
                .contains(&Choice::Modify)
                .then(|| changes(&item.item_id))
                .flatten()
                .map(|changes| json!({ "type": "modify", "item_id": item.item_id, "changes": changes }));
            let answer = match how {
                Some(HowAnswer::SkipAll) => skip,
                Some(HowAnswer::ApproveAll) => approve,
                _ if again => approve,
                _ if whole && index % 3 == 2 => approve,
                _ => match index % 3 {
                    0 => approve,
                    1 => modify.unwrap_or(approve),
                    _ => skip,
                },
            };
            deeds.push(Deed::Answer(task.task_id.clone(), answer));
        }
        deeds
    }

    fn proof(&mut self, task: &Task, how: Option<HowAnswer>) -> Vec<Deed> {
        if task.answer.is_some() || !self.is_new(format!("{}/{}", task.task_id, task.prompt)) {
            return Vec::new();
        }
        let answer = match how {
            Some(HowAnswer::SkipAll) => json!({ "type": "skip" }),
            // A wrong reference first.
            Some(HowAnswer::ApproveAll) => json!({ "type": "done", "proof": { "reference": "wrong" } }),
            _ => json!({ "type": "done", "proof": { "reference": PROOF } }),
        };
        vec![Deed::Answer(task.task_id.clone(), answer)]
    }

    fn way_out(&mut self, task: &Task) -> Vec<Deed> {
        if task.answer.is_some() || !self.is_new(task.task_id.to_string()) {
            return Vec::new();
        }
        let offered = |choice| task.items.iter().any(|item| item.choices.contains(&choice));
        let skip = json!({ "type": "skip" });
        let go_on = if offered(Choice::Continue) { json!({ "type": "continue" }) } else { skip.clone() };
        let mut deeds = Vec::new();
        let answer = match self.help {
            HelpPolicy::Deny if offered(Choice::Deny) => json!({ "type": "deny" }),
            HelpPolicy::Deny => go_on,
            _ if offered(Choice::Grant) => {
                deeds.extend(task.scopes.iter().cloned().map(Deed::Grant));
                json!({ "type": "grant" })
            }
            HelpPolicy::Thorough if offered(Choice::Override) => json!({ "type": "override" }),
            HelpPolicy::Skip => skip,
            HelpPolicy::Stop => json!({ "type": "stop" }),
            _ => go_on,
        };
        deeds.push(Deed::Answer(task.task_id.clone(), answer));
        deeds
    }

    /// What the user does when told to.
    pub fn deeds(&self, act: Act) -> Vec<Deed> {
        let mut scopes: Vec<&String> = self.workflow.steps.iter().flat_map(|step| &step.consents).collect();
        scopes.sort();
        scopes.dedup();
        match act {
            Act::Cancel => vec![Deed::Cancel],
            Act::Stop | Act::Pause | Act::Rewind => vec![Deed::Stop],
            Act::Revoke => scopes.into_iter().cloned().map(Deed::Revoke).collect(),
            Act::Abort => Vec::new(),
        }
    }
}

/// What the user does about recovery alerts, and whether a run that has ended is taken up again.
fn policy(faults: &[Fault]) -> (HelpPolicy, Resumes) {
    let help = faults.iter().find_map(|fault| match fault {
        Fault::Help(policy) => Some(*policy),
        _ => None,
    });
    let does = |wanted: Act| faults.iter().any(|fault| matches!(fault, Fault::Act(_, act) if *act == wanted));
    let resumes = if does(Act::Rewind) {
        Resumes::FromCheckpoint
    } else if does(Act::Pause) || help == Some(HelpPolicy::Thorough) {
        Resumes::WhereItWas
    } else {
        Resumes::Never
    };
    (help.unwrap_or(HelpPolicy::Continue), resumes)
}

/// Whether a run that has ended is taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resumes {
    Never,
    WhereItWas,
    FromCheckpoint,
}

/// When what is decided is answered.
fn when(task: &Task, how: Option<HowAnswer>, now: Timestamp, deeds: Vec<Deed>) -> Vec<(Timestamp, Deed)> {
    let sweep = next_minute(task.deadline);
    let first = match how {
        None | Some(HowAnswer::Twice | HowAnswer::SkipAll) => later(now, THINKING),
        Some(HowAnswer::ApproveAll) => later(now, THINKING),
        Some(HowAnswer::Late) => later(sweep, 90_000),
        Some(HowAnswer::Never) => return Vec::new(),
        Some(HowAnswer::AtDeadline) => sweep,
        Some(HowAnswer::AfterDeadline) => later(sweep, 1),
    };
    let apart =
        if matches!(how, Some(HowAnswer::ApproveAll | HowAnswer::AtDeadline)) { 0 } else { NEXT_ITEM };
    let mut timed = Vec::new();
    for (index, deed) in deeds.into_iter().enumerate() {
        let at = later(first, index as u64 * apart);
        if how == Some(HowAnswer::Twice) {
            timed.push((at, deed.clone()));
            timed.push((later(at, 61_000), deed.clone()));
        }
        timed.push((at, deed));
    }
    timed
}

/// The next whole minute, at which the sweep looks.
pub fn next_minute(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    let whole = at.subsec_nanosecond() == 0 && seconds % 60 == 0;
    let minute = if whole { seconds } else { (seconds.div_euclid(60) + 1) * 60 };
    Timestamp::from_second(minute).unwrap_or(Timestamp::MAX)
}

impl Deed {
    /// The call of the API; none where the user does something elsewhere.
    pub fn request(&self, run: &str, recommendation: &str, workflow: &str) -> Option<Request> {
        Some(match self {
            Self::Reverse(..) => return None,
            Self::Select => Request {
                method: "POST",
                path: "/selections".to_owned(),
                body: Some(json!({
                    "recommendation_id": recommendation, "workflow_id": workflow, "idempotency_key": "key-1",
                })),
            },
            Self::Answer(task, answer) => {
                Request { method: "POST", path: format!("/tasks/{task}/answers"), body: Some(answer.clone()) }
            }
            Self::Stop => Request { method: "POST", path: format!("/runs/{run}/stop"), body: None },
            Self::Resume(checkpoint) => {
                let wish = checkpoint.as_ref().map_or(json!({}), |it| json!({ "checkpoint": it }));
                Request { method: "POST", path: format!("/runs/{run}/resume"), body: Some(wish) }
            }
            Self::Cancel => Request { method: "POST", path: format!("/runs/{run}/cancel"), body: None },
            Self::Grant(scope) => {
                Request { method: "PUT", path: format!("/consents/{scope}"), body: Some(json!({})) }
            }
            Self::Revoke(scope) => {
                Request { method: "DELETE", path: format!("/consents/{scope}"), body: None }
            }
        })
    }
}
