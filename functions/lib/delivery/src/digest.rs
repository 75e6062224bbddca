//! The mail that tells of a day at once.

use crate::courier::{Answer, Carry, Courier, Trip};
use crate::failed::Failed;
use crate::hear::Known;
use crate::order::Recipient;
use jiff::SignedDuration;
use notices::{Delivery, DeliveryState, digest};
use ports::{Clock, Commit, HandOver, List, Listing, Read, Record, Schedule, Write};

/// The most notices of one digest: what a transaction settles at once, its own delivery included.
const MOST: usize = 99;

/// How old what waits for a digest can be: a day, and what delayed it.
const OLDEST: SignedDuration = SignedDuration::from_hours(72);

impl<T, K, S, F, C> Courier<T, K, S, F, C>
where
    T: Read + Commit + List + Sync,
    K: Carry + Sync,
    S: Schedule + Sync,
    F: HandOver + Sync,
    C: Clock,
{
    /// Tells of everything whose time has come as one, and settles it with the digest itself: none is told twice.
    pub(crate) async fn bring_digest(&self, recipient: Recipient, request: &str) -> Result<Answer, Failed> {
        let Recipient { user_id, notice_id } = recipient;
        let now = self.clock.now();
        let list = Listing::Mailed(user_id.clone());
        let (_, prefix) = list.partition();
        let from = format!("{prefix}{}", Delivery::first_from(now - OLDEST));
        let mut waiting = Vec::new();
        let mut after = Some(from);
        loop {
            let page = self.table.list(list.clone(), after, MOST).await?;
            let full = page.len() == MOST;
            after = page.last().map(|stored| stored.record.key().sk());
            waiting.extend(page.into_iter().filter_map(|stored| match stored.record {
                Record::Delivery(it)
                    if it.state == DeliveryState::Digest && it.until.is_some_and(|at| at <= now) =>
                {
                    Some((it, stored.rev))
                }
                _ => None,
            }));
            if !full {
                break;
            }
        }
        waiting.truncate(MOST);
        if waiting.is_empty() {
            return self.bring_deferred(Recipient { user_id, notice_id }, request).await;
        }
        let of: Vec<_> = waiting.iter().map(|(it, _)| it.notice.clone()).collect();
        let notice = digest(&user_id, &notice_id, now, &of);
        let along = waiting.into_iter().map(|(delivery, rev)| {
            let told = Delivery { state: DeliveryState::Sent, since: now, until: None, ..delivery };
            Write::update(Record::Delivery(told), rev)
        });
        let told = Known::load(&self.table, K::CHANNEL, &notice).await?.told(notice);
        self.bring(Trip::of(told, request).settling(along.collect())).await
    }
}
