//! From an event of the bus to what its user is told.

use crate::failed::Failed;
use engine::{Card, Task, unanswered};
use events::{EventType, UserId};
use jiff::Timestamp;
use notices::{Around, Channel, Fact, Notice, Preferences, notice_of};
use ports::{Commit, Key, Read, Record, Stored, keep_event};
use serde_json::Value;
use shell::bus::{Received, receive};
use statemachines::{Catalog, Workflow};

/// What became of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// Its user is told something.
    Told(Box<Told>),
    /// It is nothing to be told of.
    Quiet,
    /// It is of a later version, or of an unknown kind, and was kept.
    Kept,
}

/// A notice, and what a channel must know to tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What is told.
    pub notice: Notice,
    /// What its user wants.
    pub preferences: Preferences,
    /// How far the channel is with it.
    pub delivery: Option<Stored>,
    /// Whether the question it is about has been closed since.
    pub over: bool,
}

/// Reads an event of the bus for a channel.
///
/// # Errors
/// [`Failed`]: it is malformed, or the table cannot be read.
pub async fn hear(
    table: &(impl Read + Commit),
    catalog: &Catalog,
    channel: Channel,
    event: Value,
    now: Timestamp,
) -> Result<Heard, Failed> {
    let kind = event.get("detail-type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let envelope = match receive::<Value>(event)? {
        Received::Known(envelope) => envelope,
        Received::Unread(unread) => {
            keep_event(table, channel.as_str(), unread.into_parts(), now).await?;
            return Ok(Heard::Kept);
        }
    };
    let (id, at, user) = (envelope.id, envelope.time, envelope.user_id);
    let Some(fact) = fact(&kind, envelope.data)? else { return Ok(Heard::Quiet) };
    let Some(notice) = notice_of(&id, at, &user, &fact, Around::default()) else { return Ok(Heard::Quiet) };
    let known = Known::load(table, channel, &notice).await?;
    let notice = notice_of(&id, at, &user, &fact, known.around(&fact, catalog)).unwrap_or(notice);
    Ok(Heard::Told(Box::new(known.told(notice))))
}

/// What happened; none of a kind that nobody is told of.
fn fact(kind: &str, data: Value) -> Result<Option<Fact>, Failed> {
    Ok(Some(match kind {
        "workflow.suggested" => Fact::Suggested(shell::parse(data)?),
        "actions.recommended" => Fact::Recommended(shell::parse(data)?),
        "achievement.unlocked" => {
            let text = |name| data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            Fact::Achieved { title: text("name"), reason: text("reason") }
        }
        _ if EventType::ALL.iter().any(|it| it.as_str() == kind) => Fact::Run(Box::new(shell::parse(data)?)),
        _ => return Ok(None),
    }))
}

/// What is recorded around a notice.
pub(crate) struct Known {
    pub(crate) preferences: Preferences,
    pub(crate) delivery: Option<Stored>,
    pub(crate) task: Option<Task>,
    card: Option<Card>,
    over: bool,
}

impl Known {
    pub(crate) async fn load(table: &impl Read, channel: Channel, notice: &Notice) -> Result<Self, Failed> {
        let user = &notice.user_id;
        let mut known = Self::of(user);
        let asked = notice.action.as_ref().map(|action| &action.task_id);
        let mut keys = vec![
            Key::Preferences(user.clone()),
            Key::Delivery(user.clone(), channel, notice.notice_id.clone()),
        ];
        keys.extend(notice.run_id.clone().map(Key::Card));
        keys.extend(asked.and_then(Key::of_task));
        for stored in table.read(&keys).await? {
            match &stored.record {
                Record::Preferences(it) => known.preferences = it.clone(),
                Record::Delivery(_) => known.delivery = Some(stored),
                Record::Card(it) => known.card = Some(it.clone()),
                Record::Task(it) => known.task = Some(it.clone()),
                _ => {}
            }
        }
        known.over =
            asked.is_some_and(|id| known.task.as_ref().is_some_and(|it| !it.open || it.task_id != *id));
        Ok(known)
    }

    fn of(user: &UserId) -> Self {
        let preferences = Preferences::of(user.clone());
        Self { preferences, delivery: None, task: None, card: None, over: false }
    }

    fn around<'a>(&'a self, fact: &Fact, catalog: &'a Catalog) -> Around<'a> {
        let Fact::Run(event) = fact else { return Around::default() };
        let workflow: Option<&Workflow> = catalog.latest(&event.workflow_id);
        let step = event.step_id.as_ref().and_then(|id| workflow?.step(id));
        Around {
            workflow: workflow.map(|it| it.name.as_str()),
            step: step.map(|it| it.name.as_str()),
            task: self.task.as_ref(),
            // The card is folded from the same events: one that has not come as far says less, or what is undone since.
            impact: self.card.as_ref().filter(|it| it.seq >= event.seq).map(|it| &it.impact),
            unanswered: step.zip(self.task.as_ref()).map(|(step, task)| unanswered(step, task.kind)),
        }
    }

    pub(crate) fn told(self, mut notice: Notice) -> Told {
        // It may have been given more time since.
        if let (Some(action), Some(task), false) = (&mut notice.action, &self.task, self.over) {
            action.deadline = task.deadline;
        }
        Told { notice, preferences: self.preferences, delivery: self.delivery, over: self.over }
    }
}
