//! What an answer of the user does to the question it answers: recorded, the same as before, or refused with the reason.

use crate::task::{AskedItem, CallForHelp, Decided, DecidedBy, Task};
use events::{Answer, Choice, ItemId, Proof, Proposal, TaskKind};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// The longest note or reference that is taken, in characters.
const LONGEST_TEXT: usize = 2_000;

/// Why an answer is not recorded; the question is unchanged.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Fields of the answer are wrong; all of them.
    #[error("the answer has wrong fields")]
    Fields(Vec<WrongField>),
    /// The question does not offer this, or not with these values; all of them.
    #[error("the question does not offer this")]
    NotOffered(Vec<WrongField>),
    /// What was shown has changed since.
    #[error("{item} has changed since it was shown; look again")]
    Changed {
        /// The item.
        item: ItemId,
    },
    /// Something else was decided before.
    #[error("it was decided otherwise before")]
    Decided(Box<Decided>),
    /// The question no longer waits, and nothing was decided.
    #[error("the question is closed")]
    Closed,
}

/// A field of an answer and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongField {
    /// Its path, such as `proof.reference`.
    pub field: String,
    /// What is wrong, without the value.
    pub what: String,
}

impl WrongField {
    /// A field and what is wrong with it.
    pub fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into() }
    }
}

/// Records an answer on its question: the question as it is then, equal to `task` when the very same was decided before.
///
/// `decided_at` is set when an outcome is to follow. A progress report changes the percentage alone; a call for help is kept, and the same
/// one said again is no second.
///
/// # Errors
/// [`Refusal`], in this order: wrong fields, what the question does not offer, a decision made before, a closed question, an effect
/// that has changed since it was shown.
pub fn record(task: &Task, answer: &Answer, now: Timestamp) -> Result<Task, Refusal> {
    check_fields(task, answer)?;
    check_offered(task, answer)?;
    match task.kind {
        TaskKind::Approve | TaskKind::Undo => record_items(task, answer, now),
        TaskKind::Guide | TaskKind::Help => record_whole(task, answer, now),
    }
}

/// Checks the changes of a [`Answer::Modify`] against what the proposal lets the user change.
///
/// # Errors
/// [`Refusal::NotOffered`] naming every change that is not offered.
pub fn check_changes(proposal: &Proposal, changes: &BTreeMap<String, Value>) -> Result<(), Refusal> {
    let wrong: Vec<_> = changes
        .iter()
        .filter_map(|(name, value)| {
            let field = format!("changes.{name}");
            match proposal.modifications.get(name) {
                None => Some(WrongField::new(field, "cannot be changed")),
                Some(values) if !values.contains(value) => {
                    Some(WrongField::new(field, "is none of the values offered"))
                }
                Some(_) => None,
            }
        })
        .collect();
    none_or(wrong, Refusal::NotOffered)
}

/// Whether two decisions are the same; a repeated one is no second decision.
fn same(before: &Decided, answer: &Answer) -> bool {
    before.answer == *answer
}

fn none_or(wrong: Vec<WrongField>, refusal: fn(Vec<WrongField>) -> Refusal) -> Result<(), Refusal> {
    if wrong.is_empty() { Ok(()) } else { Err(refusal(wrong)) }
}

fn check_fields(task: &Task, answer: &Answer) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    match answer {
        Answer::Approve { effect_hash, .. } => {
            if effect_hash.len() != 64 || !effect_hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                wrong.push(WrongField::new("effect_hash", "must be the 64 hex digits that were shown"));
            }
        }
        Answer::Modify { changes, .. } if changes.is_empty() => {
            wrong.push(WrongField::new("changes", "must name at least one change"));
        }
        Answer::Progress { percent, note } => {
            if *percent > 100 {
                wrong.push(WrongField::new("percent", "must be from 0 to 100"));
            }
            check_length(&mut wrong, "note", note);
        }
        Answer::Help { note } => check_length(&mut wrong, "note", note),
        Answer::Done { proof } => check_proof(&mut wrong, task, proof),
        Answer::Modify { .. }
        | Answer::Skip { .. }
        | Answer::Continue { .. }
        | Answer::Override {}
        | Answer::Grant {}
        | Answer::Deny {}
        | Answer::Stop {} => {}
    }
    none_or(wrong, Refusal::Fields)
}

/// A reference, or for a manual step a file that was taken. What was undone by hand is known by the other side's reference alone.
fn check_proof(wrong: &mut Vec<WrongField>, task: &Task, proof: &Proof) {
    let named = proof.file.as_ref();
    let taken = named.is_some_and(|name| task.arranged.proofs.iter().any(|it| it.name == *name));
    if named.is_some() && !taken {
        wrong.push(WrongField::new("proof.file", "is no file of this question"));
    }
    if proof.reference.trim().is_empty() && (!taken || task.kind != TaskKind::Guide) {
        wrong.push(WrongField::new("proof.reference", "must not be empty"));
    }
    check_length(wrong, "proof.reference", &proof.reference);
}

fn check_length(wrong: &mut Vec<WrongField>, field: &str, text: &str) {
    if text.chars().count() > LONGEST_TEXT {
        let what = format!("must have at most {LONGEST_TEXT} characters");
        wrong.push(WrongField::new(field, what));
    }
}

/// Refuses an answer that this kind of question, or this item, does not take.
fn check_offered(task: &Task, answer: &Answer) -> Result<(), Refusal> {
    let name = name(answer);
    let takes: &[&str] = match task.kind {
        TaskKind::Approve => &["approve", "modify", "skip"],
        TaskKind::Guide => &["progress", "help", "done", "skip"],
        TaskKind::Help => &["continue", "override", "grant", "deny", "skip", "stop"],
        TaskKind::Undo => &["done", "skip"],
    };
    if !takes.contains(&name) {
        let what = format!("must be one of {}", takes.join(", "));
        return Err(Refusal::NotOffered(vec![WrongField::new("type", what)]));
    }
    let Some(choice) = choice(answer) else {
        return Ok(());
    };
    let item = item_of(task.kind, answer);
    let asked: Vec<&AskedItem> =
        task.items.iter().filter(|it| item.is_none_or(|id| it.item_id == *id)).collect();
    if asked.is_empty() && item.is_some() {
        let what = "is not an item of this question";
        return Err(Refusal::Fields(vec![WrongField::new("item_id", what)]));
    }
    if asked.is_empty() || asked.iter().any(|it| it.choices.contains(&choice)) {
        return Ok(());
    }
    let what = format!("{name} is not offered here");
    Err(Refusal::NotOffered(vec![WrongField::new("type", what)]))
}

/// An approval, change, reversal or omission of one item, or the reversal or omission of all that is undecided.
fn record_items(task: &Task, answer: &Answer, now: Timestamp) -> Result<Task, Refusal> {
    let mut after = task.clone();
    let item = item_of(task.kind, answer);
    let choice = choice(answer);
    let wanted = |asked: &&mut AskedItem| match item {
        Some(id) => asked.item_id == *id,
        None => choice.is_some_and(|choice| asked.choices.contains(&choice)),
    };
    let all = item.is_none();
    let mut refused = None;
    let mut fresh = false;
    for asked in after.items.iter_mut().filter(wanted) {
        let answer = of_item(answer, &asked.item_id);
        match &asked.decided {
            Some(before) if same(before, &answer) => {}
            Some(before) => refused = refused.or(Some(Refusal::Decided(Box::new(before.clone())))),
            None => {
                if let Answer::Approve { effect_hash, .. } = &answer
                    && task.open
                    && *effect_hash != asked.effect_hash
                {
                    let item = asked.item_id.clone();
                    return Err(Refusal::Changed { item });
                }
                asked.decided = Some(by_user(answer, now));
                fresh = true;
            }
        }
    }
    match refused {
        // Leaving out the rest is no contradiction to what was decided before, as long as there is a rest.
        Some(refusal) if !(all && fresh) => return Err(refusal),
        _ => {}
    }
    if !fresh {
        return Ok(after);
    }
    if !task.open {
        return Err(Refusal::Closed);
    }
    after.decided_at = Some(now);
    Ok(after)
}

/// The answer to a guide or an alert.
fn record_whole(task: &Task, answer: &Answer, now: Timestamp) -> Result<Task, Refusal> {
    if let Some(before) = &task.answer {
        return if same(before, answer) {
            Ok(task.clone())
        } else {
            Err(Refusal::Decided(Box::new(before.clone())))
        };
    }
    if !task.open {
        return Err(Refusal::Closed);
    }
    let mut after = task.clone();
    match answer {
        Answer::Progress { percent, .. } => after.percent = *percent,
        Answer::Help { note } => {
            let note = note.trim().to_owned();
            if after.help.as_ref().is_none_or(|before| before.note != note) {
                after.help = Some(CallForHelp { note, at: now });
            }
        }
        _ => {
            after.answer = Some(by_user(answer.clone(), now));
            after.decided_at = Some(now);
        }
    }
    Ok(after)
}

fn by_user(answer: Answer, at: Timestamp) -> Decided {
    Decided { answer, at, by: DecidedBy::User }
}

/// The answer as it is recorded on one item: an omission of all is one of each.
fn of_item(answer: &Answer, item: &ItemId) -> Answer {
    match answer {
        Answer::Skip { item_id: None } => Answer::Skip { item_id: Some(item.clone()) },
        answer => answer.clone(),
    }
}

/// The item that an answer is about. The proof of a guide names an option, which is none.
fn item_of(kind: TaskKind, answer: &Answer) -> Option<&ItemId> {
    match answer {
        Answer::Approve { item_id, .. } | Answer::Modify { item_id, .. } => Some(item_id),
        Answer::Skip { item_id } => item_id.as_ref(),
        Answer::Done { proof } if kind == TaskKind::Undo => proof.item_id.as_ref(),
        _ => None,
    }
}

/// The choice that an answer takes, where it takes one.
fn choice(answer: &Answer) -> Option<Choice> {
    match answer {
        Answer::Approve { .. } => Some(Choice::Approve),
        Answer::Modify { .. } => Some(Choice::Modify),
        Answer::Skip { .. } => Some(Choice::Skip),
        Answer::Continue { .. } => Some(Choice::Continue),
        Answer::Override {} => Some(Choice::Override),
        Answer::Grant {} => Some(Choice::Grant),
        Answer::Deny {} => Some(Choice::Deny),
        Answer::Stop {} => Some(Choice::Stop),
        Answer::Done { .. } => Some(Choice::Done),
        Answer::Progress { .. } | Answer::Help { .. } => None,
    }
}

/// The name of an answer on the wire.
fn name(answer: &Answer) -> &'static str {
    match answer {
        Answer::Approve { .. } => "approve",
        Answer::Modify { .. } => "modify",
        Answer::Skip { .. } => "skip",
        Answer::Progress { .. } => "progress",
        Answer::Help { .. } => "help",
        Answer::Done { .. } => "done",
        Answer::Continue { .. } => "continue",
        Answer::Override {} => "override",
        Answer::Grant {} => "grant",
        Answer::Deny {} => "deny",
        Answer::Stop {} => "stop",
    }
}

#[cfg(test)]
mod tests;
