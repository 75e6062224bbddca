//! The audit and how it is told.

use agent::{AgentError, BankData, Task, Update};
use events::AgentResponse;
use finance::audit::{self, Audit, CategoryTotal, ReducibleExpense, SuggestedAction};
use finance::recurrence::{Direction, Stream};
use providers::plaid::{Reader, Streams};
use providers::{Cause, RecurringStreams};
use serde_json::json;
use shell::InvalidPayload;
use std::collections::{BTreeMap, BTreeSet};

/// How many days the audit looks at.
pub const WINDOW_DAYS: u32 = 90;

/// How many categories a message shows.
const CATEGORIES_SHOWN: usize = 8;

/// Reads the household's bank data and audits it.
pub async fn audit(plaid: &Reader, task: &Task, window_days: u32) -> Result<AgentResponse, AgentError> {
    if window_days != WINDOW_DAYS {
        return Err(AgentError::Input(InvalidPayload {
            path: "inputs.windowDays".to_owned(),
            problem: format!("expected {WINDOW_DAYS}"),
        }));
    }
    task.progress.say(Update::new("Reading your transactions", 10));
    let bank = BankData::read(plaid, task.as_of).await?;
    task.progress.figure("transactionsRead", &bank.transactions.len());
    task.progress.say(Update::new("Finding recurring charges", 50));
    let confidence = confidence(&bank.streams, second_opinion(plaid).await?.as_ref());
    let audit = audit::audit(&bank.household(), bank.currency(), task.as_of)?;
    task.progress.figure("reducibleMonthly", &audit.saving);
    task.progress.figure("categories", &shown(&audit));
    task.progress.say(Update::new("Ranking what can be reduced", 90).confidence(confidence));
    let bills: Vec<&ReducibleExpense> = audit.reducible.iter().filter(|one| is_bill(one)).collect();
    Ok(AgentResponse {
        headline: format!(
            "{} transactions read; {} expenses can be reduced, by about {} a month.",
            bank.transactions.len(),
            audit.reducible.len(),
            audit.saving,
        ),
        outputs: BTreeMap::from([
            ("bills".to_owned(), json!(bills)),
            ("reducible".to_owned(), json!(audit.reducible)),
            ("reducibleMonthly".to_owned(), json!(audit.saving)),
        ]),
        ..AgentResponse::default()
    })
}

fn is_bill(expense: &ReducibleExpense) -> bool {
    expense.action == SuggestedAction::Negotiate && expense.category.is_negotiable()
}

/// What the bank data provider itself finds recurring; `None` where it does not offer that for this bank.
async fn second_opinion(plaid: &Reader) -> Result<Option<Streams>, AgentError> {
    match plaid.recurring().await {
        Ok(streams) => Ok(Some(streams)),
        Err(error) if matches!(error.cause, Cause::NotFound { .. } | Cause::Misconfigured { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// How many of the running charges found here the provider finds recurring too, 0 to 1; one half where there is nothing to
/// compare.
fn confidence(found: &[Stream], opinion: Option<&Streams>) -> f64 {
    let known: BTreeSet<&str> = opinion
        .into_iter()
        .flat_map(|streams| &streams.outflow)
        .flat_map(|stream| &stream.transaction_ids)
        .map(String::as_str)
        .collect();
    let running: Vec<&Stream> =
        found.iter().filter(|one| one.is_active() && one.direction == Direction::Outflow).collect();
    let confirmed =
        running.iter().filter(|one| one.transaction_ids.iter().any(|id| known.contains(id.as_str())));
    let (confirmed, all) = (confirmed.count(), running.len());
    match (u32::try_from(confirmed), u32::try_from(all)) {
        (Ok(confirmed), Ok(all)) if all > 0 && opinion.is_some() => f64::from(confirmed) / f64::from(all),
        _ => 0.5,
    }
}

/// The largest categories, for a chart.
fn shown(audit: &Audit) -> serde_json::Value {
    let spent = audit.categories.iter().filter(|one| one.category.is_spending());
    let rows = spent.take(CATEGORIES_SHOWN).map(|one: &CategoryTotal| {
        json!({"label": one.category.label(), "monthly": one.monthly, "essential": one.essential})
    });
    rows.collect()
}
