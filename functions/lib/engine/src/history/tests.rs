//! What later charges show, and what follows from a user's runs.

use super::*;
use crate::recommend::tests::simulation;
use events::{Charge, EventType, RecurringCharge, SimulationCompleted};

const CONFIRMED: &str = "2026-07-01T12:00:00Z";

fn line(cents: i64, stage: ImpactStage, evidence: &str) -> ImpactLine {
    ImpactLine {
        step_id: Some("quick-wins".parse().unwrap()),
        kind: ImpactKind::Savings,
        stage,
        monthly: Money::usd(cents),
        label: "Cancelled".to_owned(),
        evidence: vec!["ref-1".to_owned(), evidence.to_owned()],
    }
}

fn run(lines: Vec<ImpactLine>) -> RunImpact {
    let at: Timestamp = CONFIRMED.parse().unwrap();
    let dated = |line: ImpactLine| DatedImpact {
        confirmed_at: (line.stage != ImpactStage::Promised).then_some(at),
        line,
        promised_at: at,
        realised: None,
    };
    RunImpact {
        user_id: "u".parse().unwrap(),
        run_id: "r".parse().unwrap(),
        workflow_id: "emergency-fund-builder".parse().unwrap(),
        name: "Emergency Fund Builder".to_owned(),
        completed_at: at,
        currency: Currency::USD,
        lines: lines.into_iter().map(dated).collect(),
        goal: None,
    }
}

fn later(as_of: &str, charges: Option<&[(&str, &str, i64)]>) -> SimulationCompleted {
    let charge = |(id, date, cents): &(&str, &str, i64)| Charge {
        transaction: (*id).to_owned(),
        date: date.parse().unwrap(),
        amount: Money::usd(*cents),
    };
    let recurring = charges.map(|charges| {
        let charges: Vec<_> = charges.iter().map(charge).collect();
        if charges.is_empty() {
            Vec::new()
        } else {
            vec![RecurringCharge { name: "Stream".to_owned(), charges }]
        }
    });
    SimulationCompleted { as_of: as_of.parse().unwrap(), recurring, ..simulation() }
}

#[test]
fn a_saving_is_realised_once_later_charges_show_it() {
    let before = ("t1", "2026-06-20", 1_599);
    for (what, as_of, charges, expect) in [
        ("the upstream says nothing of charges", "2026-09-01", None, None),
        ("too early", "2026-08-04", Some(vec![before]), None),
        ("no charge since", "2026-08-05", Some(vec![before]), Some(1_599)),
        ("it is no recurring charge any more", "2026-08-05", Some(vec![]), Some(1_599)),
        ("it is paid as before", "2026-08-05", Some(vec![before, ("t2", "2026-07-20", 1_599)]), None),
        ("it is paid more", "2026-08-05", Some(vec![before, ("t2", "2026-07-20", 1_799)]), None),
        ("it is paid less", "2026-08-05", Some(vec![before, ("t2", "2026-07-20", 999)]), Some(600)),
        ("paid on the day itself", "2026-08-05", Some(vec![("t1", "2026-07-01", 1_599)]), Some(1_599)),
    ] {
        let run = run(vec![line(1_599, ImpactStage::Confirmed, "t1")]);
        let seen = seen(&run, &later(as_of, charges.as_deref()));
        let monthly =
            seen.as_ref().and_then(|it| it.impact.lines[0].realised.clone()).map(|it| it.monthly.minor);
        assert_eq!(monthly, expect, "{what}");
        let Some(seen) = seen else { continue };
        assert_eq!(seen.events[0].kind, EventType::SavingsAchieved);
        assert_eq!(seen.events[0].details["impact"]["stage"], "realised");
        assert!(super::seen(&seen.impact, &later(as_of, charges.as_deref())).is_none(), "{what}: once");
    }
}

#[test]
fn what_is_only_promised_or_more_than_promised_is_not_realised() {
    let charges: &[_] = &[("t1", "2026-06-20", 5_000), ("t2", "2026-07-20", 1_000)];
    let later = later("2026-08-05", Some(charges));
    assert_eq!(seen(&run(vec![line(1_000, ImpactStage::Promised, "t1")]), &later), None);
    let more = seen(&run(vec![line(1_000, ImpactStage::Confirmed, "t1")]), &later).unwrap();
    let realised = more.impact.lines[0].realised.as_ref().unwrap();
    assert_eq!(realised.monthly, Money::usd(1_000), "no more than what this run did");
    assert_eq!(realised.evidence, ["simulation:sim-1", "t1", "t2"]);
}

#[test]
fn a_series_adds_up_day_by_day() {
    let mut run =
        run(vec![line(1_000, ImpactStage::Confirmed, "t1"), line(500, ImpactStage::Promised, "t2")]);
    run.lines[0].realised =
        Some(Realised { monthly: Money::usd(900), on: "2026-08-05".parse().unwrap(), evidence: Vec::new() });
    let points: Vec<_> = series(&[run], Currency::USD)
        .into_iter()
        .map(|it| (it.date.to_string(), it.promised, it.confirmed, it.realised))
        .collect();
    assert_eq!(
        points,
        [("2026-07-01".to_owned(), 1_500, 1_000, 0), ("2026-08-05".to_owned(), 1_500, 1_000, 900)]
    );
}

#[test]
fn sums_count_what_was_seen_beside_what_was_confirmed() {
    let mut run = run(vec![line(1_000, ImpactStage::Confirmed, "t1")]);
    run.lines[0].realised =
        Some(Realised { monthly: Money::usd(900), on: "2026-08-05".parse().unwrap(), evidence: Vec::new() });
    let sums = sums(&[run.clone(), run]);
    assert_eq!((sums.confirmed, sums.realised), (Some(Money::usd(2_000)), Some(Money::usd(1_800))));
}

#[test]
fn achievements_are_unlocked_once_and_never_by_a_promise() {
    let none = BTreeSet::new();
    let promised = [run(vec![line(90_000, ImpactStage::Promised, "t1")])];
    assert_eq!(unlocked(&promised, &none, None).unwrap(), []);
    let confirmed = [run(vec![line(10_000, ImpactStage::Confirmed, "t1")])];
    let run_id = "r".parse().unwrap();
    let first = unlocked(&confirmed, &none, Some(&run_id)).unwrap();
    let ids: Vec<_> = first.iter().map(|it| it.achievement_id.as_str()).collect();
    assert_eq!(ids, ["first-step", "hundred-a-month"]);
    assert_eq!(
        (first[1].reason.as_str(), &first[1].run_id),
        ("$100.00 a month are confirmed", &Some(run_id))
    );
    let before = ids.into_iter().map(str::to_owned).collect();
    assert_eq!(unlocked(&confirmed, &before, None).unwrap(), []);
    assert_eq!(unlocked(&[], &none, None).unwrap(), []);
}
