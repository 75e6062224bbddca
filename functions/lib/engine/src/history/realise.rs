//! What was promised is realised once later charges show it: the charge is gone, or is less by it.

use super::{DatedImpact, Realised, RunImpact};
use crate::card::ImpactLine;
use crate::out::{Note, RunEvent};
use events::{
    Charge, EventType, Impact, ImpactKind, ImpactStage, RecurringCharge, Severity, SimulationCompleted,
};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Money;
use serde_json::json;

/// How many days after it was confirmed a monthly charge must have come again.
const A_MONTH_AND_SOME: i64 = 35;

/// A run of which something was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The run's impact with what was seen.
    pub impact: RunImpact,
    /// What tells of it, an event a line.
    pub events: Vec<RunEvent>,
}

/// What a later simulation shows of a run's confirmed savings; nothing when it shows nothing new, or says nothing of charges.
///
/// A saving is seen where its evidence names charges of something the household pays again and again, and since it was confirmed no
/// charge of it came, or only lower ones. What is not among the recurring charges any more is not paid any more.
pub fn seen(run: &RunImpact, simulation: &SimulationCompleted) -> Option<Seen> {
    let recurring = simulation.recurring.as_ref()?;
    let mut impact = run.clone();
    let mut events = Vec::new();
    for dated in &mut impact.lines {
        if let Some(realised) = look(dated, recurring, simulation) {
            events.push(event(&dated.line, &realised));
            dated.realised = Some(realised);
        }
    }
    (!events.is_empty()).then_some(Seen { impact, events })
}

fn look(
    dated: &DatedImpact,
    recurring: &[RecurringCharge],
    simulation: &SimulationCompleted,
) -> Option<Realised> {
    let line = &dated.line;
    let confirmed = dated.confirmed_at.filter(|_| dated.realised.is_none())?.to_zoned(TimeZone::UTC).date();
    let due = confirmed.checked_add(A_MONTH_AND_SOME.days()).ok()?;
    if line.kind != ImpactKind::Savings || !line.monthly.is_positive() || simulation.as_of < due {
        return None;
    }
    let is_evidence = |charge: &Charge| line.evidence.contains(&charge.transaction);
    let found = recurring.iter().find(|it| it.charges.iter().any(is_evidence));
    let (monthly, mut charges) = match found {
        Some(it) => saved(line, &it.charges, confirmed)?,
        None => (line.monthly, Vec::new()),
    };
    let mut evidence = vec![format!("simulation:{}", simulation.simulation_id)];
    evidence.append(&mut charges);
    Some(Realised { monthly, on: simulation.as_of, evidence })
}

/// How much less is paid since, at most what was promised, and the charges that show it.
fn saved(line: &ImpactLine, charges: &[Charge], confirmed: Date) -> Option<(Money, Vec<String>)> {
    let before = charges.iter().rfind(|charge| charge.date <= confirmed)?;
    let Some(after) = charges.iter().rfind(|charge| charge.date > confirmed) else {
        return Some((line.monthly, vec![before.transaction.clone()]));
    };
    let less = before.amount.minor.checked_sub(after.amount.minor)?;
    let same =
        before.amount.currency == after.amount.currency && line.monthly.currency == after.amount.currency;
    let monthly = Money { minor: less.min(line.monthly.minor), ..line.monthly };
    (same && less > 0).then(|| (monthly, vec![before.transaction.clone(), after.transaction.clone()]))
}

fn event(line: &ImpactLine, realised: &Realised) -> RunEvent {
    let impact = Impact {
        kind: line.kind,
        stage: ImpactStage::Realised,
        monthly: realised.monthly,
        label: format!("{}: seen in later charges, {} a month", line.label, realised.monthly),
        evidence: realised.evidence.clone(),
    };
    let mut events = Vec::with_capacity(1);
    let label = impact.label.clone();
    let note = Note::push(&mut events, EventType::SavingsAchieved, Severity::Success, label)
        .detail("impact", json!(impact));
    if let Some(step) = &line.step_id {
        note.step(step.clone());
    }
    let mut event = events.remove(0);
    event.progress = 100;
    event
}
