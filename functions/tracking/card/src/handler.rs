//! Event in, card written over the revision read.

use crate::failed::Failed;
use engine::fold::{blank, card as fold};
use engine::{Card, Goal, Learned};
use events::{Envelope, RunId, WorkflowEvent, WorkflowId};
use notices::body::run_changed;
use ports::{
    Clock, Commit, CommitError, Guard, Key, List, Listing, PushLive, Read, Record, Stored, Write, keep_event,
    tell_live,
};
use serde_json::Value;
use shell::bus::{Received, receive};
use statemachines::{Catalog, Workflow};

/// How often an event is folded again because another changed the card meanwhile.
const TRIES: u32 = 8;

/// Events read at a time when the card is behind.
const PAGE: usize = 100;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The card has it now, with this as its last event.
    Folded(u64),
    /// The card had it already.
    Seen,
    /// It is of a kind or a version that is not known, and was kept.
    Kept,
}

/// Folds an event of the bus into its run's card. Events come twice and in any order: one the card has is dropped, and when the card
/// is behind, the stored events are folded in their own order up to the newest. Whoever looks at the card over an open socket hears that
/// it has changed; that nobody can be told fails nothing.
///
/// # Errors
/// [`Failed`]; nothing was written.
pub async fn handle(
    table: &(impl Read + Commit + List),
    sockets: &impl PushLive,
    clock: &impl Clock,
    catalog: &Catalog,
    event: Value,
) -> Result<Answer, Failed> {
    match receive::<WorkflowEvent>(event)? {
        Received::Known(envelope) => {
            let (user, run) = (envelope.user_id.clone(), envelope.data.run_id.clone());
            let (answer, listening) = follow(table, catalog, envelope).await?;
            if let (Answer::Folded(seq), Some(open)) = (answer, listening) {
                let message = run_changed(&run, seq);
                tell_live(table, sockets, &user, Some(open), &message, clock.now()).await;
            }
            Ok(answer)
        }
        Received::Unread(unread) => {
            keep_event(table, "card", unread.into_parts(), clock.now()).await?;
            Ok(Answer::Kept)
        }
    }
}

/// Folds an event in, and the user's open sockets.
async fn follow(
    table: &(impl Read + Commit + List),
    catalog: &Catalog,
    envelope: Envelope<WorkflowEvent>,
) -> Result<(Answer, Option<Stored>), Failed> {
    let event = envelope.data;
    for _ in 0..TRIES {
        let known = Known::load(table, catalog, &event.run_id, &event.workflow_id, &envelope.user_id).await?;
        let mut card = known.card;
        if event.seq <= card.seq {
            return Ok((Answer::Seen, None));
        }
        for next in missing(table, &card, &event).await? {
            card = fold(card, &next, known.workflow, &known.goals, known.learned.as_ref());
        }
        let seq = card.seq;
        let write = Write { record: Record::Card(card), guard: known.guard, out: Vec::new() };
        match table.commit(vec![write]).await {
            Ok(()) => return Ok((Answer::Folded(seq), known.sockets)),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES))
}

/// The card as it is, and what folding takes.
struct Known<'a> {
    card: Card,
    guard: Guard,
    workflow: &'a Workflow,
    goals: Vec<Goal>,
    /// The user's open sockets.
    sockets: Option<Stored>,
    /// How long the workflow's steps have taken in other runs.
    learned: Option<Learned>,
}

impl<'a> Known<'a> {
    async fn load(
        table: &impl Read,
        catalog: &'a Catalog,
        run: &RunId,
        of: &WorkflowId,
        user: &events::UserId,
    ) -> Result<Self, Failed> {
        let keys = [
            Key::Card(run.clone()),
            Key::Run(run.clone()),
            Key::Goals(user.clone()),
            Key::Sockets(user.clone()),
            Key::Learned(of.clone()),
        ];
        let (mut card, mut owner, mut goals) = (None, None, Vec::new());
        let (mut sockets, mut learned) = (None, None);
        for stored in table.read(&keys).await? {
            match stored.record {
                Record::Card(it) => card = Some((it, Guard::Rev(stored.rev))),
                Record::Run(it) => owner = Some(it),
                Record::Goals(it) => goals = it.goals,
                Record::Sockets(_) => sockets = Some(stored),
                Record::Learned(it) => learned = Some(it),
                _ => {}
            }
        }
        let unknown = || Failed::UnknownRun(run.clone());
        let run = owner.ok_or_else(unknown)?;
        let pinned = catalog.get(&run.workflow_id, run.version);
        let workflow = pinned.or_else(|| catalog.latest(&run.workflow_id)).ok_or_else(unknown)?;
        let (card, guard) = card.unwrap_or_else(|| (blank(&run, workflow), Guard::Absent));
        Ok(Self { card, guard, workflow, goals, sockets, learned })
    }
}

/// The events that the card lacks, in order: the one that came, or when it is not the next, all that are stored. An event is stored
/// before it, or any later one, is on the bus.
async fn missing(
    table: &impl List,
    card: &Card,
    event: &WorkflowEvent,
) -> Result<Vec<WorkflowEvent>, Failed> {
    let mut events = Vec::new();
    let mut last = card.seq;
    while last + 1 < event.seq {
        let after = Key::Event(event.run_id.clone(), last).sk();
        let page = table.list(Listing::Events(event.run_id.clone()), Some(after), PAGE).await?;
        // One that this version cannot read is passed over.
        let Some(Key::Event(_, newest)) = page.last().map(|it| it.record.key()) else { break };
        last = newest;
        events.extend(page.into_iter().filter_map(|it| match it.record {
            Record::Event(event) => Some(event),
            _ => None,
        }));
    }
    if last < event.seq {
        events.push(event.clone());
    }
    Ok(events)
}

#[cfg(test)]
mod tests;
