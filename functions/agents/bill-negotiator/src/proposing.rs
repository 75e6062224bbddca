//! Which bills to negotiate.

use crate::effect::{Effect, May};
use crate::{Inputs, terms};
use agent::{AgentError, Task, Update};
use events::AgentResponse;
use finance::audit::ReducibleExpense;
use finance::merchant;
use finance::negotiation::Facts;
use finance::offers;
use money::{Currency, Money};
use providers::billers::{Bill, Reader};
use providers::{Billers, Offers};
use serde_json::json;
use std::collections::BTreeMap;

/// What a biller is taken to earn on a bill, in basis points: a planning figure for what a customer is worth to it.
pub const MARGIN_BASIS_POINTS: i64 = 3_000;

struct Candidate {
    effect: Effect,
    worth: Money,
    reasons: Vec<String>,
}

/// Proposes the bills with the most to gain against real competing offers.
pub async fn propose(reader: &Reader, task: &Task, inputs: &Inputs) -> Result<AgentResponse, AgentError> {
    task.progress.say(Update::new("Gathering account details", 10));
    let bills = reader.bills().await?;
    task.progress.say(Update::new("Researching competing offers at your address", 50));
    let competing = terms::competing(&reader.offers().await?);
    let mut candidates = Vec::new();
    for bill in bills.iter().filter(|bill| bill.applied_offer.is_none()) {
        candidates.extend(candidate(bill, &competing, &inputs.bills, task)?);
    }
    candidates.sort_by(|a, b| (-a.worth.minor, &a.effect.bill).cmp(&(-b.worth.minor, &b.effect.bill)));
    candidates.truncate(inputs.top);
    let currency = bills.first().map_or(Currency::USD, |bill| bill.price.currency);
    let proposals = candidates.iter().map(|one| one.effect.proposal(one.worth, one.reasons.clone()));
    let proposals = proposals.collect::<Result<Vec<_>, _>>()?;
    Ok(AgentResponse {
        headline: match proposals.len() {
            0 => "No bill is worth negotiating.".to_owned(),
            1 => "One bill is worth negotiating.".to_owned(),
            many => format!("{many} bills are worth negotiating."),
        },
        outputs: BTreeMap::from([
            ("negotiated".to_owned(), json!([])),
            ("promisedMonthly".to_owned(), json!(Money::zero(currency))),
        ]),
        proposals,
        ..AgentResponse::default()
    })
}

fn candidate(
    bill: &Bill,
    competing: &[offers::Offer],
    audited: &[ReducibleExpense],
    task: &Task,
) -> Result<Option<Candidate>, AgentError> {
    let Some(known) = terms::bill(bill)? else {
        return Ok(None);
    };
    let best = offers::best(&known, competing, task.as_of)?;
    let facts = Facts::of(&known, best.as_ref(), MARGIN_BASIS_POINTS)?;
    let worth = facts.monthly.sub(facts.target)?;
    if !worth.is_positive() {
        return Ok(None);
    }
    let mut reasons = vec![format!("Up to {worth} a month is asked for")];
    let none = || vec!["No comparable offer was found; a customer's loyalty is the argument".to_owned()];
    reasons.extend(best.map_or_else(none, |best| best.reasons));
    Ok(Some(Candidate {
        effect: Effect {
            bill: bill.id.clone(),
            provider: bill.provider.clone(),
            plan: bill.plan.name.clone(),
            monthly: facts.monthly,
            evidence: charges(bill, audited),
            may: May::Negotiate {},
        },
        worth,
        reasons,
    }))
}

/// The charges of a bill among what the audit found: the same merchant by descriptor or by name.
fn charges(bill: &Bill, audited: &[ReducibleExpense]) -> Vec<String> {
    let keys = [&bill.descriptor, &bill.provider].map(|name| merchant::normalise(name).key);
    let same = |one: &&ReducibleExpense| keys.contains(&merchant::normalise(&one.label).key);
    audited.iter().find(same).map(|one| one.transaction_ids.clone()).unwrap_or_default()
}
