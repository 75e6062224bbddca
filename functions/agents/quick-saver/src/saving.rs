//! Doing what was approved, and finding out what became of it.

use crate::effect::{Action, Effect};
use agent::{AgentError, Item, Report, Task, Update, Worked, done_of, impacts, monthly_total_or_nothing};
use events::{Impact, ImpactKind, ImpactStage, Outcome};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use providers::subscriptions::{Reader, Status, Subscription, Writer};
use providers::{ChangeSubscriptions, Subscriptions};
use serde_json::json;
use std::collections::BTreeMap;

/// Cancels or downgrades, once per key, if the subscription is still what the user approved.
pub async fn execute(writer: &Writer, task: &Task, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let effect = &item.effect;
    task.progress.say(Update::new(doing(effect), 30).technical(format!("item {}", item.id)));
    let before = writer.performed(&item.key).await.map_err(|error| task.unanswered(error))?;
    if before.is_none() {
        let subscription = match writer.subscription(&effect.subscription).await {
            Err(error) if error.is_not_found() => return Ok(gone(effect)),
            found => found?,
        };
        if effect.is_in_force(&subscription) {
            return Ok(Outcome::NoEffect { reason: format!("{} is that already.", effect.merchant) });
        }
        if !effect.holds_for(&subscription) {
            return ask_again(effect, &subscription);
        }
        let version = &subscription.version;
        let changed = match &effect.action {
            Action::Cancel {} => writer.cancel(&effect.subscription, version, &item.key).await,
            Action::Downgrade { tier, .. } => {
                writer.downgrade(&effect.subscription, tier, version, &item.key).await
            }
        };
        match changed {
            Ok(_) => {}
            // It changed between looking and doing.
            Err(error) if error.conflict() == Some("conflict") => {
                let now = writer.subscription(&effect.subscription).await?;
                return ask_again(effect, &now);
            }
            Err(error) => return Err(AgentError::Changing(error)),
        }
    }
    let outcome = probe(writer, item).await.map_err(unconfirmed)?;
    for impact in impacts(&outcome) {
        task.progress.count("confirmedMonthly", impact.monthly);
    }
    Ok(outcome)
}

/// What became of the item's key, read back from the subscription itself.
pub async fn probe(reader: &Reader, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let effect = &item.effect;
    let Some(done) = reader.performed(&item.key).await? else {
        return Ok(Outcome::NoEffect { reason: format!("{} was not changed.", effect.merchant) });
    };
    if done.undone_by.is_some() {
        return Ok(Outcome::NoEffect { reason: format!("{} was restored.", effect.merchant) });
    }
    let subscription = reader.subscription(&effect.subscription).await?;
    if !effect.is_in_force(&subscription) {
        let reason = format!("{} was changed back outside of this.", effect.merchant);
        return Ok(Outcome::NoEffect { reason });
    }
    let mut evidence = vec![done.reference.clone()];
    evidence.extend(effect.all_evidence());
    Ok(Outcome::Done {
        summary: confirmed(effect, &subscription),
        impact: vec![Impact {
            kind: ImpactKind::Savings,
            stage: ImpactStage::Confirmed,
            monthly: effect.monthly_saving()?,
            months: None,
            label: match &effect.action {
                Action::Cancel {} => format!("{} cancelled", effect.merchant),
                Action::Downgrade { name, .. } => format!("{} on {name}", effect.merchant),
            },
            evidence,
        }],
        reference: done.reference,
        undo_until: subscription.restorable_until.and_then(end_of),
    })
}

/// What was done and could not be read back is in doubt, whatever kept it from being read.
fn unconfirmed(error: AgentError) -> AgentError {
    match error {
        AgentError::Looking(error) => AgentError::ReadBack(error),
        other => other,
    }
}

/// What these items come to.
pub fn report(done: &[Worked<Effect>]) -> Report {
    let outcomes = || done.iter().map(|worked| &worked.outcome);
    let total = monthly_total_or_nothing(outcomes());
    // What was a trial has cost nothing so far: without it no month has more left than before.
    let paid = done.iter().filter(|worked| worked.item.effect.from_status != Status::Trial);
    let freed = monthly_total_or_nothing(paid.map(|worked| &worked.outcome));
    let changed: Vec<_> = done.iter().filter_map(change).collect();
    let (count, all) = done_of(outcomes());
    Report {
        headline: format!("{count} of {all} changed: {total} a month saved."),
        outputs: BTreeMap::from([
            ("changed".to_owned(), json!(changed)),
            ("confirmedMonthly".to_owned(), json!(total)),
            ("freedMonthly".to_owned(), json!(freed)),
        ]),
    }
}

/// The last second of a day.
fn end_of(day: Date) -> Option<Timestamp> {
    day.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).ok().map(|end| end.timestamp())
}

/// One entry of the output `changed`.
fn change(worked: &Worked<Effect>) -> Option<serde_json::Value> {
    let effect = &worked.item.effect;
    match &worked.outcome {
        Outcome::Done { reference, impact, .. } => Some(json!({
            "id": effect.subscription,
            "merchant": effect.merchant,
            "action": effect.action.name(),
            "monthly": impact.first().map(|impact| impact.monthly),
            "reference": reference,
        })),
        _ => None,
    }
}

fn ask_again(effect: &Effect, now: &Subscription) -> Result<Outcome, AgentError> {
    if now.status == Status::Cancelled {
        return Ok(Outcome::NoEffect { reason: format!("{} is cancelled already.", effect.merchant) });
    }
    let action = match &effect.action {
        Action::Cancel {} => Action::Cancel {},
        Action::Downgrade { tier, .. } => match now.tiers.iter().find(|one| one.id == *tier) {
            Some(tier) => {
                Action::Downgrade { tier: tier.id.clone(), name: tier.name.clone(), price: tier.price }
            }
            None => return Ok(gone(effect)),
        },
    };
    let fresh = Effect::on(now, action, effect.evidence.clone());
    let reasons = vec![format!("{} has changed since you approved this", effect.merchant)];
    Ok(Outcome::Ask { proposal: Box::new(fresh.proposal(now, reasons)?) })
}

fn gone(effect: &Effect) -> Outcome {
    Outcome::NoEffect { reason: format!("What was approved for {} is no longer possible.", effect.merchant) }
}

fn doing(effect: &Effect) -> String {
    match &effect.action {
        Action::Cancel {} => format!("Cancelling {}", effect.merchant),
        Action::Downgrade { name, .. } => format!("Changing {} to {name}", effect.merchant),
    }
}

fn confirmed(effect: &Effect, subscription: &Subscription) -> String {
    match (&effect.action, subscription.access_until) {
        (Action::Cancel {}, Some(until)) => {
            format!("{} is cancelled; you can use it until {until}.", effect.merchant)
        }
        (Action::Cancel {}, None) => format!("{} is cancelled.", effect.merchant),
        (Action::Downgrade { name, price, .. }, _) => {
            format!("{} is on {name} now, for {price}.", effect.merchant)
        }
    }
}
