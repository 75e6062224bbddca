//! Bringing a notice to its user, at most once on a channel.
//!
//! Mail, SMS and push know no idempotency key. So a delivery is written down as being sent before it is sent, and is sent again only
//! when the first try is known not to have gone through. What may have been sent is not repeated: another channel takes over.

use crate::failed::Failed;
use crate::hear::{Heard, Known, Told, hear};
use crate::order::{Order, Recipient, Takeover};
use events::UserId;
use jiff::{SignedDuration, Timestamp};
use notices::{Channel, Decision, Delivery, DeliveryState, Notice, Preferences, Reason, decide, hash};
use ports::{
    Clock, Commit, CommitError, HandOver, Key, List, PortError, Read, Record, Schedule, SendError, Stored,
    Write,
};
use serde_json::{Value, json};
use shell::bus::is_bus_event;
use statemachines::Catalog;

/// How often sending is begun before another channel takes over: as often as the platform invokes for one event.
const ATTEMPTS: u8 = 3;

/// No invocation lives longer (Lambda's limit); what one was sending is not being sent any more.
const LONGEST_INVOCATION: SignedDuration = SignedDuration::from_mins(15);

/// The most characters of a schedule's name (its API reference).
const LONGEST_NAME: usize = 64;

/// Brings a notice to an address.
#[trait_variant::make(Send)]
pub trait Carry {
    /// By which channel.
    const CHANNEL: Channel;
    /// Brings it there, once.
    async fn carry(&self, notice: &Notice, to: &str, preferences: &Preferences) -> Result<(), SendError>;
    /// Brings the code there that confirms that the address is its user's.
    async fn carry_code(&self, code: &str, to: &str) -> Result<(), SendError>;
}

/// What became of what a channel was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is sent.
    Sent,
    /// It waits, for waking hours or for the digest.
    Waits,
    /// It is not for this channel, or its time is over.
    Dropped,
    /// It cannot be sent here; another channel takes over, if there is one.
    Failed,
    /// It was dealt with before, or is being dealt with.
    Before,
    /// There is nothing to tell.
    Nothing,
}

/// A channel that sends.
pub struct Courier<Table, Carrier, Schedules, Functions, Time> {
    /// Where everything is written.
    pub table: Table,
    /// The channel.
    pub carrier: Carrier,
    /// What is to happen later.
    pub schedules: Schedules,
    /// The other channels.
    pub functions: Functions,
    /// The clock.
    pub clock: Time,
    /// The workflows, for their names.
    pub catalog: Catalog,
}

/// One notice on its way.
pub(crate) struct Trip<'a> {
    told: Told,
    /// The channels that failed before.
    tried: Vec<Channel>,
    /// The invocation, the same when the platform repeats it.
    request: &'a str,
    /// What is settled with it: the notices that a digest tells.
    along: Vec<Write>,
}

impl<T, K, S, F, C> Courier<T, K, S, F, C>
where
    T: Read + Commit + List + Sync,
    K: Carry + Sync,
    S: Schedule + Sync,
    F: HandOver + Sync,
    C: Clock,
{
    /// Does what the channel is asked by an event of the bus, a schedule or another channel.
    ///
    /// # Errors
    /// [`Failed`]; nothing was sent for certain, and the same may be asked again.
    pub async fn handle(&self, payload: Value, request: &str) -> Result<Answer, Failed> {
        if is_bus_event(&payload) {
            let heard = hear(&self.table, &self.catalog, K::CHANNEL, payload, self.clock.now()).await?;
            return match heard {
                Heard::Told(told) => self.bring(Trip::of(*told, request)).await,
                Heard::Quiet | Heard::Kept => Ok(Answer::Nothing),
            };
        }
        match shell::parse::<Order>(payload)? {
            Order::Deferred(recipient) => self.bring_deferred(recipient, request).await,
            Order::Digest(recipient) => self.bring_digest(recipient, request).await,
            Order::Confirm { user_id } => self.bring_code(user_id).await,
            Order::Takeover(takeover) => {
                let Takeover { notice, tried } = *takeover;
                let told = Known::load(&self.table, K::CHANNEL, &notice).await?.told(notice);
                self.bring(Trip { tried, ..Trip::of(told, request) }).await
            }
        }
    }

    /// Sends a code to the address that it confirms. Who asks twice gets it twice: it is asked for by a person who waits for it.
    async fn bring_code(&self, user: UserId) -> Result<Answer, Failed> {
        let Some((wanted, _)) = self.preferences(&user).await? else { return Ok(Answer::Nothing) };
        let Some(waiting) = wanted.channel(K::CHANNEL).unconfirmed else { return Ok(Answer::Nothing) };
        let answer = match self.carrier.carry_code(&waiting.code, &waiting.address).await {
            Ok(()) => Answer::Sent,
            Err(SendError::NotNow { .. }) => return Err(Failed::NotNow(K::CHANNEL)),
            Err(error) => {
                tracing::warn!(notice.channel = %K::CHANNEL, error.chain = %error, "a code was not sent");
                Answer::Failed
            }
        };
        self.note_code(&user, &waiting.code, answer == Answer::Sent).await?;
        Ok(answer)
    }

    /// Notes whether a code was sent, for whoever waits for it; of a code that is waited for no more, nothing.
    async fn note_code(&self, user: &UserId, code: &str, sent: bool) -> Result<(), PortError> {
        for _ in 0..ATTEMPTS {
            let Some((mut wanted, rev)) = self.preferences(user).await? else { break };
            let waiting = wanted.channels.get_mut(&K::CHANNEL).and_then(|it| it.unconfirmed.as_mut());
            let Some(waiting) = waiting.filter(|it| it.code == code) else { break };
            waiting.sent = Some(sent);
            match self.table.commit(vec![Write::update(Record::Preferences(wanted), rev)]).await {
                Ok(()) => break,
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::Port(error)) => return Err(error),
            }
        }
        Ok(())
    }

    async fn preferences(&self, user: &UserId) -> Result<Option<(Preferences, u64)>, PortError> {
        let stored = self.table.read(&[Key::Preferences(user.clone())]).await?.pop();
        Ok(stored.and_then(|it| match it.record {
            Record::Preferences(wanted) => Some((wanted, it.rev)),
            _ => None,
        }))
    }

    pub(crate) async fn bring_deferred(&self, recipient: Recipient, request: &str) -> Result<Answer, Failed> {
        let key = Key::Delivery(recipient.user_id, K::CHANNEL, recipient.notice_id);
        let stored = self.table.read(&[key]).await?.into_iter().next();
        let Some(Record::Delivery(delivery)) = stored.map(|it| it.record) else { return Ok(Answer::Nothing) };
        let told = Known::load(&self.table, K::CHANNEL, &delivery.notice).await?.told(delivery.notice);
        self.bring(Trip { tried: delivery.tried, ..Trip::of(told, request) }).await
    }

    pub(crate) async fn bring(&self, mut trip: Trip<'_>) -> Result<Answer, Failed> {
        let now = self.clock.now();
        let (mut delivery, rev) = match trip.told.delivery.take() {
            Some(Stored { record: Record::Delivery(it), rev, .. }) => (it, Some(rev)),
            _ => (Delivery::new(K::CHANNEL, trip.told.notice.clone(), trip.tried.clone(), now), None),
        };
        match delivery.state {
            DeliveryState::Sent | DeliveryState::Failed | DeliveryState::Dropped => {
                return Ok(Answer::Before);
            }
            DeliveryState::Sending
                if delivery.by == trip.request || delivery.since + LONGEST_INVOCATION < now =>
            {
                "its sender died on the way".clone_into(&mut delivery.reason);
                return self.give_up(&trip, delivery, rev).await;
            }
            DeliveryState::Sending => return Ok(Answer::Before),
            DeliveryState::Deferred | DeliveryState::Digest
                if trip.tried.is_empty() && delivery.until.is_some_and(|until| now < until) =>
            {
                return self.await_it(&delivery).await;
            }
            DeliveryState::Again | DeliveryState::Deferred | DeliveryState::Digest => {}
        }
        delivery.tried.clone_from(&trip.tried);
        let decision =
            decide(&trip.told.notice, &trip.told.preferences, K::CHANNEL, !trip.tried.is_empty(), now);
        match decision {
            _ if trip.told.over => self.drop_it(&trip, delivery, rev, Reason::Late).await,
            Decision::Drop(reason) => self.drop_it(&trip, delivery, rev, reason).await,
            Decision::Defer(until) => self.wait(&trip, delivery, rev, DeliveryState::Deferred, until).await,
            Decision::Digest(until) => self.wait(&trip, delivery, rev, DeliveryState::Digest, until).await,
            Decision::Send(to) => self.send(trip, delivery, rev, &to.unwrap_or_default()).await,
        }
    }

    async fn send(
        &self,
        trip: Trip<'_>,
        mut delivery: Delivery,
        rev: Option<u64>,
        to: &str,
    ) -> Result<Answer, Failed> {
        delivery.state = DeliveryState::Sending;
        delivery.since = self.clock.now();
        trip.request.clone_into(&mut delivery.by);
        delivery.attempts += 1;
        match self.table.commit(trip.writes(&delivery, rev)).await {
            Ok(()) => {}
            // Another invocation has it.
            Err(CommitError::Conflict { .. }) => return Ok(Answer::Before),
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
        let rev = Some(rev.unwrap_or(0) + 1);
        let sent = self.carrier.carry(&trip.told.notice, to, &trip.told.preferences).await;
        delivery.since = self.clock.now();
        match sent {
            Ok(()) => {
                delivery.state = DeliveryState::Sent;
                self.note(delivery, rev).await;
                Ok(Answer::Sent)
            }
            Err(SendError::NotNow { reason }) if delivery.attempts < ATTEMPTS => {
                tracing::warn!(notice.channel = %K::CHANNEL, error.reason = reason, "not sent, to be tried again");
                delivery.state = DeliveryState::Again;
                delivery.reason = reason;
                settle(&self.table, delivery, rev).await?;
                Err(Failed::NotNow(K::CHANNEL))
            }
            Err(
                SendError::NotNow { reason } | SendError::Refused { reason } | SendError::Unknown { reason },
            ) => {
                delivery.reason = reason;
                self.give_up(&trip, delivery, rev).await
            }
        }
    }

    /// What is sent is sent, also when that cannot be written down: it stays as being sent, and is never sent again.
    async fn note(&self, delivery: Delivery, rev: Option<u64>) {
        if let Err(error) = settle(&self.table, delivery, rev).await {
            tracing::warn!(notice.channel = %K::CHANNEL, error.chain = %error, "sent, and not noted as sent");
        }
    }

    /// Another channel takes over before this one is settled, so that a crash between the two repeats and forgets nothing.
    async fn give_up(
        &self,
        trip: &Trip<'_>,
        mut delivery: Delivery,
        rev: Option<u64>,
    ) -> Result<Answer, Failed> {
        tracing::warn!(notice.channel = %K::CHANNEL, error.reason = delivery.reason, "given up on a channel");
        self.pass_on(trip).await?;
        delivery.state = DeliveryState::Failed;
        settle(&self.table, delivery, rev).await?;
        Ok(Answer::Failed)
    }

    async fn pass_on(&self, trip: &Trip<'_>) -> Result<(), PortError> {
        let mut tried = trip.tried.clone();
        tried.push(K::CHANNEL);
        let notice = trip.told.notice.clone();
        let Some(next) = Channel::after(&tried, notice.kind.is_critical()) else { return Ok(()) };
        let order = json!(Order::Takeover(Box::new(Takeover { notice, tried })));
        self.functions.hand_over(next.as_str(), &order).await
    }

    async fn drop_it(
        &self,
        trip: &Trip<'_>,
        mut delivery: Delivery,
        rev: Option<u64>,
        reason: Reason,
    ) -> Result<Answer, Failed> {
        // Whom this channel cannot reach, or may not, the next may.
        if !trip.tried.is_empty() && matches!(reason, Reason::NoAddress | Reason::SwitchedOff) {
            self.pass_on(trip).await?;
        }
        // What was never begun leaves no trace: asked again, it is decided again.
        if rev.is_some() {
            delivery.state = DeliveryState::Dropped;
            settle(&self.table, delivery, rev).await?;
        }
        Ok(Answer::Dropped)
    }

    async fn wait(
        &self,
        trip: &Trip<'_>,
        mut delivery: Delivery,
        rev: Option<u64>,
        state: DeliveryState,
        until: Timestamp,
    ) -> Result<Answer, Failed> {
        delivery.state = state;
        delivery.until = Some(until);
        match self.table.commit(trip.writes(&delivery, rev)).await {
            Ok(()) => self.await_it(&delivery).await,
            Err(CommitError::Conflict { .. }) => Ok(Answer::Before),
            Err(CommitError::Port(error)) => Err(error.into()),
        }
    }

    /// Has the channel invoked when the time has come; once for all that wait for the same digest.
    async fn await_it(&self, delivery: &Delivery) -> Result<Answer, Failed> {
        let until = delivery.until.unwrap_or(delivery.since);
        let user_id = delivery.notice.user_id.clone();
        let of_digest = delivery.state == DeliveryState::Digest;
        let notice_id = match of_digest {
            true => format!("digest-{}", until.as_second()),
            false => delivery.notice.notice_id.clone(),
        };
        // Of its time too: a schedule that fires is there until its function was invoked, and it may be deferred once more.
        let named = hash(&format!("{user_id} {notice_id} {}", until.as_second()));
        let mut name = format!("{}-{named}", K::CHANNEL);
        name.truncate(LONGEST_NAME);
        let recipient = Recipient { user_id, notice_id };
        let order = if of_digest { Order::Digest(recipient) } else { Order::Deferred(recipient) };
        self.schedules.schedule(&name, until, K::CHANNEL.as_str(), &json!(order)).await?;
        Ok(Answer::Waits)
    }
}

impl<'a> Trip<'a> {
    pub(crate) fn of(told: Told, request: &'a str) -> Self {
        Self { told, tried: Vec::new(), request, along: Vec::new() }
    }

    pub(crate) fn settling(self, along: Vec<Write>) -> Self {
        Self { along, ..self }
    }

    /// Its delivery, and what is settled with it.
    fn writes(&self, delivery: &Delivery, rev: Option<u64>) -> Vec<Write> {
        std::iter::once(write(delivery.clone(), rev)).chain(self.along.iter().cloned()).collect()
    }
}

fn write(delivery: Delivery, rev: Option<u64>) -> Write {
    let record = Record::Delivery(delivery);
    match rev {
        Some(rev) => Write::update(record, rev),
        None => Write::create(record),
    }
}

/// Whoever changed it meanwhile had it after this invocation and knows better.
async fn settle(table: &impl Commit, delivery: Delivery, rev: Option<u64>) -> Result<(), PortError> {
    match table.commit(vec![write(delivery, rev)]).await {
        Ok(()) | Err(CommitError::Conflict { .. }) => Ok(()),
        Err(CommitError::Port(error)) => Err(error),
    }
}
