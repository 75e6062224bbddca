//! Writing records: conditional, all or none, with the events that tell of it.

use crate::call::call;
use crate::item::{Attributes, WRITE_ID};
use crate::reason::{reason, unavailable};
use crate::retry;
use crate::store::{Item, Table};
use crate::update::Change;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use engine::Out;
use events::RunId;
use jiff::Timestamp;
use ports::{Commit, CommitError, PortError, Report, Write};

/// How one update ended.
enum Ended {
    Written,
    ConditionFailed,
}

impl Commit for Table {
    /// One UpdateItem, or one TransactWriteItems (twice the price) when there are several writes; at most 100, of different
    /// records (the limits of TransactWriteItems).
    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        let write_id = new_write_id();
        match writes.as_slice() {
            [] => Ok(()),
            [write] => match self.update("commit", &Change::write(write, &write_id)?, &write_id).await? {
                Ended::Written => Ok(()),
                Ended::ConditionFailed => Err(CommitError::Conflict { index: 0 }),
            },
            writes => {
                let parts = writes
                    .iter()
                    .map(|write| Change::write(write, &write_id)?.part(self))
                    .collect::<Result<Vec<_>, _>>()?;
                self.transact(parts, &write_id).await
            }
        }
    }
}

impl Report for Table {
    async fn report(&self, run: &RunId, epoch: u32, out: Out) -> Result<bool, PortError> {
        let write_id = new_write_id();
        let change = Change::report(run, epoch, &out, &write_id)?;
        let ended = self.update("report", &change, &write_id).await?;
        Ok(matches!(ended, Ended::Written))
    }
}

impl Table {
    async fn update(
        &self,
        operation: &'static str,
        change: &Change,
        write_id: &str,
    ) -> Result<Ended, PortError> {
        let mut attempt = 1;
        loop {
            let Err(error) = call(change.request(self).send()).await else {
                return Ok(Ended::Written);
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    return Ok(if failed.item().is_some_and(|item| is_of(item, write_id)) {
                        Ended::Written
                    } else {
                        Ended::ConditionFailed
                    });
                }
                Some(UpdateItemError::TransactionConflictException(_)) if attempt < retry::ATTEMPTS => {
                    retry::pause(attempt).await;
                    attempt += 1;
                }
                _ => return Err(unavailable(operation, &error)),
            }
        }
    }

    async fn transact(&self, parts: Vec<TransactWriteItem>, write_id: &str) -> Result<(), CommitError> {
        let mut attempt = 1;
        loop {
            let request = self
                .client()
                .transact_write_items()
                .set_transact_items(Some(parts.clone()))
                // The service knows a repeated transaction by its token.
                .client_request_token(write_id);
            let Err(error) = call(request.send()).await else {
                return Ok(());
            };
            match why_canceled(&error) {
                Canceled::Conflict { index } => return Err(CommitError::Conflict { index }),
                Canceled::ForNow if attempt < retry::ATTEMPTS => {
                    retry::pause(attempt).await;
                    attempt += 1;
                }
                Canceled::ForNow | Canceled::Otherwise => {
                    return Err(PortError::Unavailable { operation: "commit", reason: reason(&error) }.into());
                }
            }
        }
    }
}

/// Why a transaction did not happen.
enum Canceled {
    /// A condition failed.
    Conflict { index: usize },
    /// It was in the way of another, or throttled.
    ForNow,
    /// Anything else.
    Otherwise,
}

fn why_canceled(error: &SdkError<TransactWriteItemsError>) -> Canceled {
    let reasons = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            canceled.cancellation_reasons()
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => return Canceled::ForNow,
        _ => return Canceled::Otherwise,
    };
    let code_is =
        |reason: &CancellationReason, codes: &[&str]| reason.code().is_some_and(|code| codes.contains(&code));
    if let Some(index) = reasons.iter().position(|it| code_is(it, &["ConditionalCheckFailed"])) {
        return Canceled::Conflict { index };
    }
    let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    if reasons.iter().any(|it| code_is(it, &passing)) { Canceled::ForNow } else { Canceled::Otherwise }
}

/// Whether an item is as this write left it.
fn is_of(item: &Item, write_id: &str) -> bool {
    item.text(WRITE_ID) == Some(write_id)
}

/// An id that no other write has: 32 hexadecimal digits, of the time and of chance.
fn new_write_id() -> String {
    let nanos = Timestamp::now().as_nanosecond().unsigned_abs() & u128::from(u64::MAX);
    format!("{nanos:016x}{:016x}", fastrand::u64(..))
}
