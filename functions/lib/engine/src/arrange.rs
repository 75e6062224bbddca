//! What a user arranges about a manual step besides answering it: when it is due, when to be reminded of it again, what whoever goes on
//! with it should know, and the files that prove it.

use crate::answer::{Refusal, WrongField};
use crate::task::Task;
use events::TaskKind;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest note, in characters.
const LONGEST_NOTE: usize = 2_000;

/// The most files that prove one step.
const MOST_PROOFS: usize = 10;

/// How long before a moved due date its reminder comes.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// What is arranged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// Until when the user does not want to hear of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Timestamp>,
    /// What whoever goes on with it should know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hand_over: String,
    /// The files that prove it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<ProofFile>,
}

/// A file that proves something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofFile {
    /// Where it is kept; unguessable.
    pub key: String,
    /// What the user's file was called.
    pub name: String,
    /// When it was taken.
    pub at: Timestamp,
}

impl Arrangement {
    /// Whether nothing is arranged.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What is to be arranged; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// When it is due from now on.
    pub due: Option<Timestamp>,
    /// When to be reminded of it; not before.
    pub snooze_until: Option<Timestamp>,
    /// What whoever goes on with it should know; empty to remove it.
    pub hand_over: Option<String>,
    /// A file that proves it.
    pub proof: Option<ProofFile>,
}

/// The question with what was wished. `ends` is when its run is brought to an end, whatever is arranged.
///
/// # Errors
/// [`Refusal`]: it is no manual step, it is closed or decided, or a wish cannot be had; all of those.
pub fn arrange(task: &Task, wish: Wish, ends: Timestamp, now: Timestamp) -> Result<Task, Refusal> {
    if !matches!(task.kind, TaskKind::Guide | TaskKind::Undo) {
        let what = "only what is done by hand can be arranged";
        return Err(Refusal::NotOffered(vec![WrongField::new("", what)]));
    }
    if let Some(decided) = &task.answer {
        return Err(Refusal::Decided(Box::new(decided.clone())));
    }
    if !task.open {
        return Err(Refusal::Closed);
    }
    let wrong = check(task, &wish, ends, now);
    if !wrong.is_empty() {
        return Err(Refusal::Fields(wrong));
    }
    let mut after = task.clone();
    if let Some(due) = wish.due {
        after.deadline = due;
        after.remind.retain(|at| *at < due);
        remind(&mut after, due - AHEAD, now);
    }
    if let Some(until) = wish.snooze_until {
        after.arranged.snoozed_until = Some(until);
        after.remind.retain(|at| *at > until);
        remind(&mut after, until, now);
    }
    if let Some(note) = wish.hand_over {
        after.arranged.hand_over = note.trim().to_owned();
    }
    if let Some(proof) = wish.proof
        && after.arranged.proofs.iter().all(|it| it.key != proof.key)
    {
        after.arranged.proofs.push(proof);
    }
    Ok(after)
}

fn check(task: &Task, wish: &Wish, ends: Timestamp, now: Timestamp) -> Vec<WrongField> {
    let mut wrong = Vec::new();
    let due = wish.due.unwrap_or(task.deadline);
    if wish.due.is_some_and(|at| at <= now || at >= ends) {
        wrong.push(WrongField::new("due", "must be later than now, and before the run is brought to an end"));
    }
    if wish.snooze_until.is_some_and(|at| at <= now || at >= due) {
        wrong.push(WrongField::new("snooze_until", "must be later than now, and before it is due"));
    }
    if wish.hand_over.as_ref().is_some_and(|it| it.chars().count() > LONGEST_NOTE) {
        let what = format!("must have at most {LONGEST_NOTE} characters");
        wrong.push(WrongField::new("hand_over", what));
    }
    if wish.proof.is_some() && task.arranged.proofs.len() >= MOST_PROOFS {
        wrong.push(WrongField::new("proof", format!("there may be at most {MOST_PROOFS} files")));
    }
    wrong
}

/// One more reminder, if it is still to come.
fn remind(task: &mut Task, at: Timestamp, now: Timestamp) {
    if at > now && !task.remind.contains(&at) {
        task.remind.push(at);
        task.remind.sort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn guide() -> Task {
        serde_json::from_value(json!({
            "task_id": "t", "run_id": "r", "user_id": "u", "step_id": "s", "kind": "guide", "prompt": "", "open": true,
            "token": "", "asked_at": at(0), "deadline": at(100)
        }))
        .unwrap()
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    /// Due after 100 hours; reminders after 24 and 48; the run ends after 500. It is hour 10.
    fn arranged(wish: Wish) -> Result<Task, String> {
        let task = Task { deadline: at(100), remind: vec![at(24), at(48)], ..guide() };
        arrange(&task, wish, at(500), at(10)).map_err(|refusal| match refusal {
            Refusal::Fields(wrong) | Refusal::NotOffered(wrong) => {
                wrong.iter().map(|it| it.field.clone()).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        })
    }

    #[test]
    fn a_due_date_moves_with_its_reminders() {
        for (due, remind) in [
            (at(200), vec![at(24), at(48), at(176)]),
            (at(40), vec![at(16), at(24)]),
            (at(30), vec![at(24)]),
            (at(20), vec![]),
        ] {
            let task = arranged(Wish { due: Some(due), ..Wish::default() }).unwrap();
            assert_eq!((task.deadline, task.remind), (due, remind));
        }
    }

    #[test]
    fn who_snoozes_is_left_alone_until_then() {
        let task = arranged(Wish { snooze_until: Some(at(30)), ..Wish::default() }).unwrap();
        assert_eq!((task.arranged.snoozed_until, task.remind), (Some(at(30)), vec![at(30), at(48)]));
    }

    #[test]
    fn what_cannot_be_had_is_named() {
        for (wish, expect) in [
            (Wish { due: Some(at(10)), ..Wish::default() }, "due"),
            (Wish { due: Some(at(500)), ..Wish::default() }, "due"),
            (Wish { snooze_until: Some(at(100)), ..Wish::default() }, "snooze_until"),
            (Wish { due: Some(at(20)), snooze_until: Some(at(30)), ..Wish::default() }, "snooze_until"),
            (Wish { hand_over: Some("x".repeat(2_001)), ..Wish::default() }, "hand_over"),
        ] {
            assert_eq!(arranged(wish).unwrap_err(), expect);
        }
    }

    #[test]
    fn a_file_is_kept_once_and_a_closed_question_is_left_alone() {
        let file = || ProofFile { key: "k".to_owned(), name: "a.pdf".to_owned(), at: at(11) };
        let task = arranged(Wish { proof: Some(file()), ..Wish::default() }).unwrap();
        let again = arrange(&task, Wish { proof: Some(file()), ..Wish::default() }, at(500), at(12)).unwrap();
        assert_eq!(again.arranged.proofs, [file()]);
        let closed = Task { open: false, ..guide() };
        assert_eq!(arrange(&closed, Wish::default(), at(500), at(12)), Err(Refusal::Closed));
    }
}
