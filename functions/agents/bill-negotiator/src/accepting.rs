//! Accepting an offer, confirming it, taking it back.

use crate::effect::Effect;
use agent::{AgentError, Item, Report, Task, Update, Worked, done_of, impacts, monthly_total_or_nothing};
use events::{Impact, ImpactKind, ImpactStage, Outcome};
use jiff::ToSpan;
use jiff::civil::Date;
use providers::billers::{Accepted, Bill, Confirmation, Reader, Writer};
use providers::{Billers, Cause, Performed, RetentionChat};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Accepts an offer and reads it back.
pub async fn accept(
    writer: &Writer,
    task: &Task,
    item: &Item<Effect>,
    bill: &Bill,
    session_id: &str,
    offer_id: &str,
) -> Result<Outcome, AgentError> {
    match writer.accept(&bill.id, session_id, offer_id, &item.key).await {
        Ok(accepted) => {
            task.progress.count("promisedMonthly", accepted.confirmation.monthly_saving);
            let promised =
                format!("{} promises {} a month less", bill.provider, accepted.confirmation.monthly_saving);
            task.progress.say(Update::new(promised, 80).technical(format!("offer {offer_id} accepted")));
        }
        Err(error) if matches!(error.cause, Cause::Refused { .. }) => {
            let reason = format!("{} took its offer back.", bill.provider);
            return Ok(Outcome::Declined { reason });
        }
        Err(error) => return Err(AgentError::Changing(error)),
    }
    confirm(writer, task, item).await
}

/// Reads an acceptance back that is known to have happened: what keeps it from being read leaves it in doubt.
pub async fn confirm(writer: &Writer, task: &Task, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let outcome = probe(writer, item).await.map_err(|error| match error {
        AgentError::Looking(error) => AgentError::ReadBack(error),
        other => other,
    })?;
    for impact in impacts(&outcome).iter().filter(|it| it.kind == ImpactKind::Savings) {
        task.progress.say(Update::new(format!("{}: {} a month less", impact.label, impact.monthly), 100));
    }
    Ok(outcome)
}

/// What became of the item's key, read back from the bill itself.
pub async fn probe(reader: &Reader, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let effect = &item.effect;
    let nothing = |reason: String| Ok(Outcome::NoEffect { reason });
    let Some(done) = reader.accepted(&item.key).await? else {
        return nothing(format!("Nothing was accepted at {}.", effect.provider));
    };
    if done.undone_by.is_some() {
        return nothing(format!("{} was returned to the old price.", effect.provider));
    }
    let bill = reader.bill(&effect.bill).await?;
    if !is_in_force(&bill, &done) {
        return nothing(format!("{} has changed the price since.", effect.provider));
    }
    let confirmation = &done.answer.body.confirmation;
    let mut evidence = vec![done.reference.clone()];
    evidence.extend(effect.all_evidence());
    Ok(Outcome::Done {
        summary: format!(
            "{} confirms {} instead of {} from {} (reference {}){}.",
            effect.provider,
            confirmation.new_price,
            confirmation.previous_price,
            confirmation.effective_on,
            done.reference,
            match confirmation.promo_ends_on {
                Some(ends) => format!(", until {ends}"),
                None => String::new(),
            },
        ),
        impact: brought(effect, confirmation, &bill, evidence)?,
        reference: done.reference,
        undo_until: None,
    })
}

/// The saving, and what was paid for it once.
fn brought(
    effect: &Effect,
    confirmation: &Confirmation,
    bill: &Bill,
    evidence: Vec<String>,
) -> Result<Vec<Impact>, AgentError> {
    let stage = ImpactStage::Confirmed;
    let since = bill.applied_offer.as_ref().map(|offer| offer.accepted_on);
    let saving = Impact {
        kind: ImpactKind::Savings,
        stage,
        monthly: confirmation.monthly_saving,
        months: since.zip(confirmation.promo_ends_on).and_then(|(since, ends)| months(since, ends)),
        label: effect.provider.clone(),
        evidence: evidence.clone(),
    };
    let mut brought = vec![saving];
    if let Some(fee) = confirmation.fee.filter(|fee| fee.is_positive()) {
        let label = format!("{} charges {fee} once", effect.provider);
        let kind = ImpactKind::Fee;
        brought.push(Impact { kind, stage, monthly: fee.neg()?, months: Some(1), label, evidence });
    }
    Ok(brought)
}

/// For how many whole months from its acceptance a price holds.
fn months(since: Date, ends: Date) -> Option<u32> {
    let years = i32::from(ends.year()) - i32::from(since.year());
    let months = years * 12 + i32::from(ends.month()) - i32::from(since.month());
    // The same day of the month, or the last where there is none.
    let whole = since.checked_add(months.months()).is_ok_and(|day| day <= ends);
    u32::try_from(if whole { months } else { months - 1 }).ok()
}

fn is_in_force(bill: &Bill, done: &Performed<Accepted>) -> bool {
    let applied = bill.applied_offer.as_ref().map(|offer| offer.reference.as_str());
    applied == Some(done.reference.as_str()) && bill.price == done.answer.body.confirmation.new_price
}

/// Returns a bill to what it was before the item's key, if anything was accepted.
pub async fn revert(writer: &Writer, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let effect = &item.effect;
    let never = || Outcome::NoEffect { reason: format!("Nothing was accepted at {}.", effect.provider) };
    let Some(done) = writer.accepted(&item.key).await? else {
        return Ok(never());
    };
    if done.undone_by.is_none() {
        match writer.revert(&effect.bill, &item.key, &item.undo_key()).await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(never()),
            Err(error) if error.conflict() == Some("cannot_undo") => {
                let reason = format!("{} does not go back to the old price any more.", effect.provider);
                return Ok(Outcome::Declined { reason });
            }
            Err(error) => return Err(AgentError::Changing(error)),
        }
    }
    let bill = writer.bill(&effect.bill).await.map_err(AgentError::ReadBack)?;
    let previous = done.answer.body.confirmation.previous_price;
    if bill.price != previous {
        let reason = format!("{} is not at the old price again.", effect.provider);
        return Ok(Outcome::Declined { reason });
    }
    Ok(Outcome::Done {
        summary: format!("{} is back at {previous}.", effect.provider),
        reference: done.reference,
        impact: Vec::new(),
        undo_until: None,
    })
}

/// What these items come to.
pub fn report(done: &[Worked<Effect>]) -> Report {
    let outcomes = || done.iter().map(|worked| &worked.outcome);
    let total = monthly_total_or_nothing(outcomes());
    let negotiated: Vec<Value> = done.iter().filter_map(entry).collect();
    let (count, all) = done_of(outcomes());
    Report {
        headline: format!("{count} of {all} bills lowered: {total} a month."),
        outputs: BTreeMap::from([
            ("negotiated".to_owned(), json!(negotiated)),
            ("promisedMonthly".to_owned(), json!(total)),
        ]),
    }
}

/// One entry of the output `negotiated`.
fn entry(worked: &Worked<Effect>) -> Option<Value> {
    let effect = &worked.item.effect;
    match &worked.outcome {
        Outcome::Done { reference, impact, summary, .. } => Some(json!({
            "id": effect.bill,
            "provider": effect.provider,
            "monthly": impact.first().map(|impact| impact.monthly),
            "reference": reference,
            "summary": summary,
        })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_holds_for_whole_months() {
        for (since, ends, expect) in [
            ("2026-06-30", "2027-06-30", Some(12)),
            ("2026-06-30", "2027-06-29", Some(11)),
            ("2026-08-31", "2027-02-28", Some(6)),
            ("2026-12-15", "2027-01-14", Some(0)),
            ("2026-06-30", "2026-05-30", None),
        ] {
            assert_eq!(months(since.parse().unwrap(), ends.parse().unwrap()), expect, "{since} to {ends}");
        }
    }
}
