//! What to cancel or downgrade.

use crate::Sources;
use crate::effect::{Action, Effect};
use agent::{AgentError, BankData, Task, Update};
use events::{AgentResponse, ItemId, Proposal};
use finance::audit::ReducibleExpense;
use finance::cancel::{self, Reason};
use money::Money;
use providers::Subscriptions;
use providers::subscriptions::{Status, Subscription};
use serde_json::{Value, json};
use shell::InvalidPayload;
use std::collections::BTreeMap;

type Changes = BTreeMap<String, Value>;

/// Proposes each cancellation or downgrade that is worth it, and those the user changed as they changed them.
pub async fn propose(
    sources: &Sources,
    task: &Task,
    candidates: &[ReducibleExpense],
) -> Result<AgentResponse, AgentError> {
    task.progress.say(Update::new("Looking at your subscriptions", 10));
    let mut running = sources.subscriptions.subscriptions().await?;
    running.retain(|one| one.status != Status::Cancelled);
    let bank = BankData::read(&sources.plaid, task.as_of).await?;
    task.progress.say(Update::new("Comparing charges with use", 60));
    let known = running.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let mut proposals = Vec::new();
    for found in cancel::propose(&known, &bank.streams, task.as_of)? {
        let Some(subscription) = running.iter().find(|one| one.id == found.id) else { continue };
        let evidence = bank.posted(&found.transaction_ids);
        let mut reasons: Vec<String> = found.reasons.iter().map(in_words).collect();
        reasons.extend(audited(candidates, found.stream_id.as_deref()));
        let action = action(&found.action, subscription);
        let Some(action) = changed(action, subscription, task)? else { continue };
        let effect = Effect::on(subscription, action, evidence);
        proposals.push(effect.proposal(subscription, reasons)?);
    }
    let currency = bank.currency();
    let total = Money::sum(proposals.iter().filter_map(|one: &Proposal| one.monthly), currency)?;
    Ok(AgentResponse {
        headline: match proposals.len() {
            0 => "No subscription is worth cancelling.".to_owned(),
            1 => format!("One subscription to change would save {total} a month."),
            many => format!("{many} subscriptions to change would save {total} a month."),
        },
        outputs: BTreeMap::from([
            ("changed".to_owned(), json!([])),
            ("confirmedMonthly".to_owned(), json!(Money::zero(currency))),
            ("freedMonthly".to_owned(), json!(Money::zero(currency))),
        ]),
        proposals,
        ..AgentResponse::default()
    })
}

/// A subscription in the algorithm's terms, prices a month.
fn known(one: &Subscription) -> Result<cancel::Subscription, AgentError> {
    let plan = |id: &str, name: &str, price: Money| {
        Ok::<_, AgentError>(cancel::Plan {
            id: id.to_owned(),
            name: name.to_owned(),
            monthly: one.cadence.monthly(price)?,
        })
    };
    let tiers = one.tiers.iter().map(|tier| plan(&tier.id, &tier.name, tier.price));
    Ok(cancel::Subscription {
        id: one.id.clone(),
        name: one.merchant.clone(),
        plan: plan(&one.plan.id, &one.plan.name, one.price)?,
        trial_ends: one.trial_ends_on.filter(|_| one.status == Status::Trial),
        other_plans: tiers.collect::<Result<_, _>>()?,
        purpose: Some(one.category.clone()),
        last_used: one.usage.last_used_on,
        // Without a last use the provider has no signal, and no signal is not disuse.
        days_used_of_90: one.usage.last_used_on.map(|_| one.usage.uses_last_90_days),
        cancellable: true,
    })
}

fn action(found: &cancel::Action, subscription: &Subscription) -> Action {
    let tier = match found {
        cancel::Action::CancelTrial | cancel::Action::Cancel => None,
        cancel::Action::Downgrade { to } => subscription.tiers.iter().find(|tier| tier.id == to.id),
    };
    match tier {
        Some(tier) => Action::Downgrade { tier: tier.id.clone(), name: tier.name.clone(), price: tier.price },
        None => Action::Cancel {},
    }
}

/// The action as the user changed it. `None` when what they chose does not exist any more.
fn changed(proposed: Action, subscription: &Subscription, task: &Task) -> Result<Option<Action>, AgentError> {
    let id = ItemId::parse(subscription.id.as_str())?;
    let Some(changes) = task.modifications.get(&id) else {
        return Ok(Some(proposed));
    };
    if let Some(name) = changes.keys().find(|name| !matches!(name.as_str(), "action" | "plan")) {
        return Err(wrong(&id, name, "expected `action` or `plan`"));
    }
    let wanted = text(changes, "plan", &id)?;
    match text(changes, "action", &id)? {
        Some("cancel") => Ok(Some(Action::Cancel {})),
        Some("downgrade") => Ok(downgrade(subscription, wanted)),
        None if wanted.is_some() => Ok(downgrade(subscription, wanted)),
        None => Ok(Some(proposed)),
        Some(_) => Err(wrong(&id, "action", "expected `cancel` or `downgrade`")),
    }
}

/// To the plan wanted, else to the cheapest.
fn downgrade(subscription: &Subscription, wanted: Option<&str>) -> Option<Action> {
    let tiers = subscription.tiers.iter().filter(|tier| wanted.is_none_or(|wanted| tier.id == wanted));
    tiers.min_by_key(|tier| tier.price.minor).map(|tier| Action::Downgrade {
        tier: tier.id.clone(),
        name: tier.name.clone(),
        price: tier.price,
    })
}

fn text<'a>(changes: &'a Changes, name: &str, id: &ItemId) -> Result<Option<&'a str>, AgentError> {
    let value = changes.get(name);
    match value.map(Value::as_str) {
        Some(None) => Err(wrong(id, name, "expected a text")),
        Some(found) => Ok(found),
        None => Ok(None),
    }
}

fn wrong(id: &ItemId, name: &str, problem: &str) -> AgentError {
    AgentError::Input(InvalidPayload {
        path: format!("modifications.{id}.{name}"),
        problem: problem.to_owned(),
    })
}

/// What the audit said about the same stream.
fn audited<'a>(
    candidates: &'a [ReducibleExpense],
    stream: Option<&'a str>,
) -> impl Iterator<Item = String> + 'a {
    let same = move |one: &&ReducibleExpense| stream.is_some() && one.stream_id.as_deref() == stream;
    candidates.iter().filter(same).map(|one| one.reason.clone())
}

fn in_words(reason: &Reason) -> String {
    match reason {
        Reason::TrialEnds { on } => format!("The trial ends on {on} and is charged from then on"),
        Reason::Unused { days: Some(days) } => format!("Not used for {days} days"),
        Reason::Unused { days: None } => "Never used".to_owned(),
        Reason::RarelyUsed { days_of_90 } => format!("Used on {days_of_90} of the last 90 days"),
        Reason::Duplicate { of } => format!("{of} serves the same purpose"),
        Reason::CheaperPlan { plan } => format!("There is a cheaper plan: {plan}"),
        Reason::PriceRose { from, to } => format!("The price rose from {from} to {to}"),
    }
}
