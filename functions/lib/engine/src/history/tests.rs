//! What later charges show, and what follows from a user's runs.

use super::*;
use crate::recommend::tests::simulation;
use events::{Charge, EventType, RecurringCharge, SimulationCompleted};

const CONFIRMED: &str = "2026-07-01T12:00:00Z";

const TODAY: &str = "2026-07-01";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn line(cents: i64, stage: ImpactStage, evidence: &str) -> ImpactLine {
    ImpactLine {
        step_id: Some("quick-wins".parse().unwrap()),
        kind: ImpactKind::Savings,
        stage,
        monthly: Money::usd(cents),
        months: None,
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
        queued_at: at,
        as_of: Some("2026-07-01".parse().unwrap()),
        ended_at: at,
        status: RunStatus::Completed,
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

/// What is paid less often than monthly is not seen before it would have been paid again.
#[test]
fn a_saving_waits_for_the_rhythm_of_its_charges() {
    let monthly = [("t0", "2026-05-20", 1_200), ("t1", "2026-06-20", 1_200)];
    let quarterly = [("q1", "2025-12-20", 3_600), ("q2", "2026-03-20", 3_600), ("t1", "2026-06-20", 3_600)];
    let annual = [("y1", "2024-06-20", 14_400), ("y2", "2025-06-20", 14_400), ("t1", "2026-06-20", 14_400)];
    let missed = [("m1", "2026-03-20", 1_200), ("m2", "2026-04-20", 1_200), ("t1", "2026-06-20", 1_200)];
    let weekly = [("w1", "2026-06-06", 300), ("w2", "2026-06-13", 300), ("t1", "2026-06-20", 300)];
    let with = |before: &[(&'static str, &'static str, i64)], after: (&'static str, &'static str, i64)| {
        [before, &[after]].concat()
    };
    for (what, as_of, charges, expect) in [
        ("monthly, a day early", "2026-08-05", monthly.to_vec(), None),
        ("monthly", "2026-08-06", monthly.to_vec(), Some(1_200)),
        ("a month missed before makes one gap longer", "2026-10-01", missed.to_vec(), Some(1_200)),
        ("weekly, but the saving is a month's", "2026-07-20", weekly.to_vec(), None),
        ("quarterly, after five weeks", "2026-08-06", quarterly.to_vec(), None),
        ("quarterly, a day early", "2026-10-09", quarterly.to_vec(), None),
        ("quarterly", "2026-10-10", quarterly.to_vec(), Some(1_200)),
        ("quarterly, paid less", "2026-10-10", with(&quarterly, ("q3", "2026-09-20", 3_000)), Some(200)),
        ("annual, after half a year", "2027-01-01", annual.to_vec(), None),
        ("annual, a day early", "2027-07-10", annual.to_vec(), None),
        ("annual", "2027-07-11", annual.to_vec(), Some(1_200)),
        ("annual, paid as before", "2027-07-11", with(&annual, ("y4", "2027-06-20", 14_400)), None),
        ("annual, paid less", "2027-07-11", with(&annual, ("y4", "2027-06-20", 12_000)), Some(200)),
    ] {
        let seen = seen(&run(vec![line(1_200, ImpactStage::Confirmed, "t1")]), &later(as_of, Some(&charges)));
        let monthly = seen.and_then(|it| it.impact.lines[0].realised.clone()).map(|it| it.monthly.minor);
        assert_eq!(monthly, expect, "{what}");
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

/// A household whose own day is not the clock's: its figures are of an earlier year.
#[test]
fn a_run_is_looked_back_on_by_the_calendar_of_its_household() {
    let mut run = run(vec![line(1_599, ImpactStage::Confirmed, "t1")]);
    run.as_of = Some("2025-03-10".parse().unwrap());
    run.lines[0].confirmed_at = Some("2026-07-03T09:00:00Z".parse().unwrap());
    let before = ("t1", "2025-02-20", 1_599);
    for (what, as_of, charges, expect) in [
        ("too early", "2025-04-15", vec![before], None),
        ("no charge since", "2025-04-16", vec![before], Some(1_599)),
        ("it is paid as before", "2025-04-16", vec![before, ("t2", "2025-03-20", 1_599)], None),
        ("it is paid less", "2025-04-16", vec![before, ("t2", "2025-03-20", 999)], Some(600)),
    ] {
        let seen = seen(&run, &later(as_of, Some(&charges)));
        let monthly = seen.and_then(|it| it.impact.lines[0].realised.clone()).map(|it| it.monthly.minor);
        assert_eq!(monthly, expect, "{what}");
    }
    let realised = seen(&run, &later("2025-04-16", Some(&[before]))).unwrap().impact;
    let points: Vec<_> = series(&[realised], Currency::USD, day("2026-09-01"))
        .into_iter()
        .map(|it| (it.date.to_string(), it.agreed, it.confirmed, it.realised))
        .collect();
    let begun = |date: &str, confirmed, realised| (date.to_owned(), 1_599, confirmed, realised);
    let expect =
        [begun("2026-07-01", 0, 0), begun("2026-07-03", 1_599, 0), begun("2026-08-07", 1_599, 1_599)];
    assert_eq!(points, expect, "by the clock, as what runs of other calendars brought");
    // What was written before the day was kept is dated by the clock.
    run.as_of = None;
    assert_eq!(run.household_day(run.queued_at), day("2026-07-01"));
}

#[test]
fn a_series_adds_up_day_by_day() {
    let mut run =
        run(vec![line(1_000, ImpactStage::Confirmed, "t1"), line(500, ImpactStage::Promised, "t2")]);
    run.lines[0].realised =
        Some(Realised { monthly: Money::usd(900), on: "2026-08-05".parse().unwrap(), evidence: Vec::new() });
    let points: Vec<_> = series(&[run], Currency::USD, day("2026-09-01"))
        .into_iter()
        .map(|it| (it.date.to_string(), it.agreed, it.confirmed, it.realised))
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
    let sums = sums(&[run.clone(), run], day("2026-09-01"));
    assert_eq!((sums.confirmed, sums.realised), (Some(Money::usd(2_000)), Some(Money::usd(1_800))));
}

/// A price that holds for six months from 1 July 2026: until the last day of the year.
fn promotion(cents: i64) -> ImpactLine {
    ImpactLine { months: Some(6), ..line(cents, ImpactStage::Confirmed, "t9") }
}

#[test]
fn what_has_ended_counts_no_more() {
    let runs = [run(vec![line(1_000, ImpactStage::Confirmed, "t1"), promotion(3_000)])];
    for (today, confirmed, annual) in [
        ("2026-07-01", 4_000, 12_000 + 6 * 3_000),
        ("2026-07-02", 4_000, 12_000 + 6 * 3_000),
        ("2026-11-15", 4_000, 12_000 + 2 * 3_000),
        ("2026-12-31", 4_000, 12_000 + 3_000),
        ("2027-01-01", 1_000, 12_000),
    ] {
        let sums = sums(&runs, day(today));
        assert_eq!(
            (sums.confirmed, sums.annual),
            (Some(Money::usd(confirmed)), Some(Money::usd(annual))),
            "{today}"
        );
    }
    assert_eq!(runs[0].lines[1].ends(), Some(day("2027-01-01")));
    let fee = ImpactLine { kind: ImpactKind::Fee, months: Some(1), ..promotion(-500) };
    let paid = sums(&[run(vec![fee])], day("2028-01-01"));
    assert_eq!(paid.fees, Some(Money::usd(500)), "what was paid once stays paid");
}

#[test]
fn a_series_goes_down_where_something_ends() {
    let mut run = run(vec![line(1_000, ImpactStage::Confirmed, "t1"), promotion(3_000)]);
    let seen = |on: &str| Realised { monthly: Money::usd(3_000), on: day(on), evidence: Vec::new() };
    run.lines[1].realised = Some(seen("2026-08-05"));
    let points = |run: &RunImpact, today: &str| -> Vec<_> {
        let all = series(std::slice::from_ref(run), Currency::USD, day(today));
        all.into_iter().map(|it| (it.date.to_string(), it.agreed, it.confirmed, it.realised)).collect()
    };
    let [begun, shown, over] = [
        ("2026-07-01".to_owned(), 4_000, 4_000, 0),
        ("2026-08-05".to_owned(), 4_000, 4_000, 3_000),
        ("2027-01-01".to_owned(), 1_000, 1_000, 0),
    ];
    assert_eq!(points(&run, "2026-12-31"), [begun.clone(), shown.clone()]);
    assert_eq!(points(&run, "2027-01-01"), [begun.clone(), shown, over.clone()]);
    run.lines[1].realised = Some(seen("2027-02-01"));
    assert_eq!(points(&run, "2027-03-01"), [begun, over], "seen after its end, it is no saving any more");
}

#[test]
fn what_has_ended_unlocks_nothing() {
    let runs = [run(vec![promotion(10_000)])];
    let ids = |today: &str| -> Vec<_> {
        let all = unlocked(&runs, &BTreeSet::new(), None, day(today)).unwrap();
        all.into_iter().map(|it| it.achievement_id).collect()
    };
    assert_eq!(ids("2026-12-31"), ["first-step", "hundred-a-month"]);
    assert_eq!(ids("2027-01-01"), [""; 0]);
}

#[test]
fn a_run_lists_what_has_ended_and_does_not_count_it() {
    let catalog = statemachines::Catalog::embedded().unwrap();
    let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
    let mut run = Run::queued(
        "r".parse().unwrap(),
        "u".parse().unwrap(),
        workflow,
        day(TODAY),
        CONFIRMED.parse().unwrap(),
    );
    let lines = vec![line(1_000, ImpactStage::Confirmed, "t1"), promotion(3_000)];
    let impact = crate::fold::sums(lines);
    let whole = in_force(impact.clone(), &run, day("2028-01-01"));
    assert_eq!(whole, impact, "what no step has settled has not begun to end");
    run.steps.get_mut("quick-wins").unwrap().ended_at = Some(CONFIRMED.parse().unwrap());
    assert_eq!(ends_of(&impact.items[1], &run), Some(day("2027-01-01")));
    let left = in_force(impact, &run, day("2027-01-01"));
    assert_eq!((left.confirmed, left.items.len()), (Some(Money::usd(1_000)), 2));
}

#[test]
fn achievements_are_unlocked_once_and_never_by_a_promise() {
    let none = BTreeSet::new();
    let promised = [run(vec![line(90_000, ImpactStage::Promised, "t1")])];
    assert_eq!(unlocked(&promised, &none, None, day(TODAY)).unwrap(), []);
    let confirmed = [run(vec![line(10_000, ImpactStage::Confirmed, "t1")])];
    let run_id = "r".parse().unwrap();
    let first = unlocked(&confirmed, &none, Some(&run_id), day(TODAY)).unwrap();
    let ids: Vec<_> = first.iter().map(|it| it.achievement_id.as_str()).collect();
    assert_eq!(ids, ["first-step", "hundred-a-month"]);
    assert_eq!(
        (first[1].reason.as_str(), &first[1].run_id),
        ("$100.00 a month are confirmed", &Some(run_id))
    );
    let before = ids.into_iter().map(str::to_owned).collect();
    assert_eq!(unlocked(&confirmed, &before, None, day(TODAY)).unwrap(), []);
    assert_eq!(unlocked(&[], &none, None, day(TODAY)).unwrap(), []);
}

#[test]
fn a_run_that_was_stopped_counts_with_what_is_in_force_and_is_not_a_completed_one() {
    let mut stopped = run(vec![line(10_000, ImpactStage::Confirmed, "t1")]);
    stopped.status = RunStatus::Stopped;
    let unlocked = unlocked(&[stopped], &BTreeSet::new(), None, day(TODAY)).unwrap();
    let ids: Vec<_> = unlocked.iter().map(|it| it.achievement_id.as_str()).collect();
    assert_eq!(ids, ["hundred-a-month"]);
}

#[test]
fn a_line_that_was_there_before_keeps_its_dates_and_what_was_seen() {
    let catalog = statemachines::Catalog::embedded().unwrap();
    let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
    let queued: Timestamp = "2026-07-02T12:00:00Z".parse().unwrap();
    let as_of: Date = "2026-06-30".parse().unwrap();
    let mut again = Run::queued("r".parse().unwrap(), "u".parse().unwrap(), workflow, as_of, queued);
    again.status = RunStatus::Completed;
    again.ended_at = Some("2026-07-03T12:00:00Z".parse().unwrap());
    let (old, new) = (line(1_000, ImpactStage::Confirmed, "t1"), line(500, ImpactStage::Confirmed, "t2"));
    let mut before = run(vec![old.clone(), line(700, ImpactStage::Confirmed, "t3")]);
    before.lines[0].realised =
        Some(Realised { monthly: Money::usd(900), on: "2026-08-05".parse().unwrap(), evidence: Vec::new() });
    let impact = LiveImpact { items: vec![old, new], ..LiveImpact::default() };
    let brought = RunImpact::of(&again, workflow, &impact, Currency::USD, Some(&before));
    assert_eq!(brought.lines[0], before.lines[0]);
    assert_eq!((brought.lines.len(), brought.lines[1].confirmed_at), (2, again.ended_at));
    assert_eq!(
        (brought.queued_at, brought.as_of, Some(brought.ended_at), brought.status),
        (queued, Some(as_of), again.ended_at, again.status)
    );
}
