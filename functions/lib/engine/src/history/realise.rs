//! What was promised is realised once later charges show it: the charge is gone, or is less by it.

use super::{Realised, RunImpact};
use crate::card::ImpactLine;
use crate::out::{Note, RunEvent};
use events::{
    Charge, EventType, Impact, ImpactKind, ImpactStage, RecurringCharge, Severity, SimulationCompleted,
};
use jiff::ToSpan;
use jiff::civil::Date;
use money::Money;
use serde_json::json;

/// Days between the charges of what is paid monthly, where no charges say otherwise.
const A_MONTH: i64 = 30;

/// How often something is paid, taken from the gaps between the charges before a day.
#[derive(Clone, Copy)]
struct Rhythm {
    /// Days from one charge to the next.
    days: i64,
}

impl Rhythm {
    fn of(charges: &[Charge], until: Date) -> Self {
        let before = charges.iter().map(|charge| charge.date).filter(|date| *date <= until);
        let dates: Vec<Date> = before.collect();
        let mut gaps: Vec<i64> =
            dates.windows(2).map(|pair| i64::from((pair[1] - pair[0]).get_days())).collect();
        gaps.sort_unstable();
        // The middle one: a missed charge makes one gap longer. Of what is paid more often, a month is looked at.
        Self { days: gaps.get(gaps.len() / 2).map_or(A_MONTH, |days| A_MONTH.max(*days)) }
    }

    /// Days after which the next charge must have come, banks' holidays and a late bill counted: 35 of a month, 375 of a year.
    fn due_within(self) -> i64 {
        self.days + (self.days / 10).clamp(5, 10)
    }

    /// How many months a charge pays for.
    fn months(self) -> i64 {
        ((self.days + A_MONTH / 2) / A_MONTH).min(12)
    }
}

/// A run of which something was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The run's impact with what was seen.
    pub impact: RunImpact,
    /// What tells of it, an event a line; how far its run came is for the run to say.
    pub events: Vec<RunEvent>,
}

/// What a later simulation shows of a run's confirmed savings; nothing when it shows nothing new, or says nothing of charges.
///
/// A saving is seen where its evidence names charges of something the household pays again and again, and since it was confirmed no
/// charge of it came though it was due, or only lower ones. What is not among the recurring charges any more is not paid any more.
pub fn seen(run: &RunImpact, simulation: &SimulationCompleted) -> Option<Seen> {
    let recurring = simulation.recurring.as_ref()?;
    let mut impact = run.clone();
    let mut events = Vec::new();
    for dated in &mut impact.lines {
        let confirmed =
            dated.confirmed_at.filter(|_| dated.realised.is_none()).map(|at| run.household_day(at));
        if let Some(realised) = confirmed.and_then(|on| look(&dated.line, on, recurring, simulation)) {
            events.push(event(&dated.line, &realised));
            dated.realised = Some(realised);
        }
    }
    (!events.is_empty()).then_some(Seen { impact, events })
}

/// What is seen of a line that was confirmed on a day of the household.
fn look(
    line: &ImpactLine,
    confirmed: Date,
    recurring: &[RecurringCharge],
    simulation: &SimulationCompleted,
) -> Option<Realised> {
    if line.kind != ImpactKind::Savings || !line.monthly.is_positive() {
        return None;
    }
    let is_evidence = |charge: &Charge| line.evidence.contains(&charge.transaction);
    let found = recurring.iter().find(|it| it.charges.iter().any(is_evidence));
    let rhythm = Rhythm::of(found.map_or(&[], |it| &it.charges), confirmed);
    let due = confirmed.checked_add(rhythm.due_within().days()).ok()?;
    if simulation.as_of < due {
        return None;
    }
    let (monthly, mut charges) = match found {
        Some(it) => saved(line, &it.charges, confirmed, rhythm)?,
        None => (line.monthly, Vec::new()),
    };
    let mut evidence = vec![format!("simulation:{}", simulation.simulation_id)];
    evidence.append(&mut charges);
    Some(Realised { monthly, on: simulation.as_of, evidence })
}

/// How much less is paid a month since, at most what was promised, and the charges that show it.
fn saved(
    line: &ImpactLine,
    charges: &[Charge],
    confirmed: Date,
    rhythm: Rhythm,
) -> Option<(Money, Vec<String>)> {
    let before = charges.iter().rfind(|charge| charge.date <= confirmed)?;
    let Some(after) = charges.iter().rfind(|charge| charge.date > confirmed) else {
        return Some((line.monthly, vec![before.transaction.clone()]));
    };
    let less = before.amount.minor.checked_sub(after.amount.minor)?.checked_div(rhythm.months())?;
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
        months: None,
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
    events.remove(0)
}
