//! What a card adds up, and what it takes back.

use super::*;

#[test]
fn impact_adds_up_and_what_is_undone_is_taken_back() {
    let mut story = Story::begun();
    story.goals = vec![Goal {
        name: "Three months".to_owned(),
        kind: "emergency-fund".to_owned(),
        target: Money::usd(1_200_000),
        saved: Money::usd(0),
    }];
    story.start(WINS);
    story.settle(WINS, false, vec![confirmed(1_300), confirmed(1_000)]);
    let impact = &story.card.impact;
    assert_eq!((impact.confirmed, impact.annual), (Some(Money::usd(2_300)), Some(Money::usd(27_600))));
    // 27,600 of 1,200,000 is 2.3 %.
    assert_eq!(impact.goal.as_ref().unwrap().tenths_of_percent, 23);
    story.start("automation-setup");
    let aside = saving(2_700, ImpactStage::Confirmed, ImpactKind::SetAside);
    let promised = saving(500, ImpactStage::Promised, ImpactKind::Savings);
    story.settle("automation-setup", false, vec![aside, promised]);
    let impact = &story.card.impact;
    assert_eq!((impact.set_aside, impact.promised), (Some(Money::usd(2_700)), Some(Money::usd(500))));
    assert_eq!((impact.confirmed, impact.items.len()), (Some(Money::usd(2_300)), 4));
    assert_eq!(impact.goal.as_ref().unwrap().tenths_of_percent, 23, "what is put aside was there before");

    story.change(Change::End { ending: Ending::Cancel, reason: "You cancelled".to_owned() });
    assert_eq!(story.card.reason.as_deref(), Some("You cancelled"));
    story.change(Change::Undo { step: id(WINS), agent_until: story.now });
    assert_eq!(story.card.current[0].status, "Undoing: Quick Wins");
    story.change(Change::Undone {
        step: id(WINS),
        failures: Vec::new(),
        unconfirmed: Vec::new(),
        in_force: Vec::new(),
    });
    let impact = &story.card.impact;
    assert_eq!((impact.confirmed, impact.items.len()), (None, 2));
    let wins = story.card.completed.iter().find(|it| it.step_id == id(WINS)).unwrap();
    assert_eq!((wins.outcome.as_str(), wins.seconds), ("undone", 10));
    story.change(Change::Undo { step: id("automation-setup"), agent_until: story.now });
    story.change(Change::Undone {
        step: id("automation-setup"),
        failures: vec!["the rule stays".to_owned()],
        unconfirmed: Vec::new(),
        in_force: vec![saving(2_700, ImpactStage::Confirmed, ImpactKind::SetAside)],
    });
    let setup = story.card.completed.iter().find(|it| it.step_id == id("automation-setup")).unwrap();
    assert_eq!((setup.outcome.as_str(), setup.message.as_str()), ("failed", "the rule stays"));
    assert_eq!(story.card.impact.set_aside, Some(Money::usd(2_700)), "it is still in force");
    story.change(Change::Finish);
    assert_eq!(story.card.status, RunStatus::NeedsAttention);
    assert!(story.card.upcoming.is_empty() && story.card.remaining_seconds == (0, 0));
}

#[test]
fn of_a_partly_undone_step_only_what_is_in_force_counts() {
    let mut story = Story::begun();
    story.start(WINS);
    story.settle(WINS, false, vec![confirmed(1_300), confirmed(1_000)]);
    let seq = story.card.seq;
    story.tell(RunEvent {
        kind: EventType::StepFailed,
        step: Some(id(WINS)),
        severity: Severity::Error,
        progress: 0,
        message: "One stays cancelled".to_owned(),
        details: json!({"outcome": "undo-failed", "in_force": [confirmed(1_000)]})
            .as_object()
            .unwrap()
            .clone(),
        user_action: None,
        lasted: 0,
    });
    assert_eq!(story.card.seq, seq + 1);
    let impact = &story.card.impact;
    assert_eq!((impact.confirmed, impact.items.len()), (Some(Money::usd(1_000)), 1));
}

#[test]
fn totals_leave_out_what_cannot_be_added_up() {
    let workflow = Story::new().workflow();
    let line = |impact| ImpactLine::of(None, impact);
    let mut foreign = confirmed(100);
    foreign.monthly = Money::new(100, money::Currency::EUR);
    let mixed = totals(vec![line(confirmed(100)), line(foreign)], &workflow, &[]);
    assert_eq!((mixed.confirmed, mixed.annual, mixed.items.len()), (None, None, 2));
    let huge = totals(vec![line(confirmed(i64::MAX)), line(confirmed(1))], &workflow, &[]);
    assert_eq!(huge.confirmed, None);
    assert_eq!(totals(Vec::new(), &workflow, &[]), crate::LiveImpact::default());
}

#[test]
fn a_fee_is_a_cost_and_no_saving() {
    let mut story = Story::begun();
    story.goals = vec![Goal {
        name: "Three months".to_owned(),
        kind: "emergency-fund".to_owned(),
        target: Money::usd(120_000),
        saved: Money::usd(0),
    }];
    story.start(WINS);
    let fee = Impact { months: Some(1), ..saving(-3_000, ImpactStage::Confirmed, ImpactKind::Fee) };
    story.settle(WINS, false, vec![confirmed(1_000), fee.clone()]);
    let impact = &story.card.impact;
    assert_eq!((impact.confirmed, impact.annual), (Some(Money::usd(1_000)), Some(Money::usd(12_000))));
    assert_eq!((impact.fees, impact.items.len()), (Some(Money::usd(3_000)), 2));
    // 12,000 less 3,000 of 120,000.
    assert_eq!(impact.goal.as_ref().unwrap().tenths_of_percent, 75);
    assert_eq!(story.run.fees(Some(&id(WINS))), Some(Money::usd(3_000)));
    assert_eq!(story.run.fees(Some(&id("automation-setup"))), None);
    story.start("automation-setup");
    story.settle("automation-setup", false, vec![fee]);
    assert_eq!(story.run.fees(None), Some(Money::usd(6_000)));

    story.change(Change::End { ending: Ending::Cancel, reason: "You cancelled".to_owned() });
    story.undo(WINS, &[]);
    assert_eq!(story.run.fees(None), Some(Money::usd(3_000)), "what was undone has cost nothing");
    assert_eq!(story.card.impact.fees, Some(Money::usd(3_000)));
}

#[test]
fn a_year_counts_the_months_that_a_price_holds() {
    let workflow = Story::new().workflow();
    let goals = [Goal {
        name: "Three months".to_owned(),
        kind: "emergency-fund".to_owned(),
        target: Money::usd(120_000),
        saved: Money::usd(0),
    }];
    for (months, year, tenths) in [
        (None, 12_000, 100),
        (Some(24), 12_000, 100),
        (Some(12), 12_000, 100),
        (Some(5), 5_000, 41),
        (Some(0), 0, 0),
    ] {
        let line = ImpactLine::of(None, Impact { months, ..confirmed(1_000) });
        let impact = totals(vec![line], &workflow, &goals);
        assert_eq!(
            (impact.confirmed, impact.annual),
            (Some(Money::usd(1_000)), Some(Money::usd(year))),
            "{months:?}"
        );
        assert_eq!(impact.goal.map(|it| it.tenths_of_percent), Some(tenths), "{months:?}");
    }
}

#[test]
fn the_runway_grows_by_what_is_saved_and_not_by_what_is_put_aside() {
    let workflow = Story::new().workflow();
    let simulation = crate::recommend::tests::simulation();
    let told = |impacts: Vec<Impact>| {
        let lines = impacts.into_iter().map(|it| ImpactLine::of(None, it)).collect();
        risk_event(&totals(lines, &workflow, &[]), &workflow, &simulation).map(|it| it.message)
    };
    let aside = || saving(400_000, ImpactStage::Confirmed, ImpactKind::SetAside);
    let income = saving(20_000, ImpactStage::Confirmed, ImpactKind::Income);
    let saved = || confirmed(20_000);
    assert_eq!(told(vec![aside()]), None);
    let alone = told(vec![saved()]).unwrap();
    assert_eq!(told(vec![saved(), aside()]), Some(alone.clone()));
    assert_ne!(told(vec![saved(), income]), Some(alone.clone()));
    // Of a price that holds for a month, a month.
    assert_ne!(told(vec![Impact { months: Some(1), ..saved() }]), Some(alone));
}

#[test]
fn a_goal_counts_when_the_workflow_serves_it() {
    let workflow = Story::new().workflow();
    let goal = |kind: &str, target| Goal {
        name: kind.to_owned(),
        kind: kind.to_owned(),
        target,
        saved: Money::usd(0),
    };
    let line = ImpactLine::of(None, confirmed(1_000));
    for (goals, expect) in [
        (vec![], None),
        (vec![goal("house", Money::usd(120_000))], None),
        (vec![goal("house", Money::usd(1)), goal("emergency-fund", Money::usd(120_000))], Some(100)),
        (vec![goal("emergency-fund", Money::usd(0))], None),
        (vec![goal("emergency-fund", Money::new(120_000, money::Currency::EUR))], None),
        // Rounded down: a promise may be understated, never overstated.
        (vec![goal("emergency-fund", Money::usd(120_001))], Some(99)),
    ] {
        let impact = totals(vec![line.clone()], &workflow, &goals);
        assert_eq!(impact.goal.map(|it| it.tenths_of_percent), expect, "{goals:?}");
    }
}

#[test]
fn a_share_has_its_sign_and_only_a_goal_that_came_nearer_is_told() {
    for (share, words) in [(23, "2.3"), (-23, "-2.3"), (-4, "-0.4"), (0, "0.0"), (105, "10.5")] {
        assert_eq!(tenths(share), words);
    }
    let goal = |tenths_of_percent| crate::GoalProgress { name: "Home".to_owned(), tenths_of_percent };
    let told = goal_event(&goal(23)).unwrap().message;
    assert_eq!(told, "Home: a year of this adds 2.3 % of the target");
    assert!(goal_event(&goal(0)).is_none() && goal_event(&goal(-23)).is_none());
}

#[test]
fn income_that_is_promised_is_told_as_promised() {
    let workflow = Story::new().workflow();
    let income = |cents, stage| ImpactLine::of(None, saving(cents, stage, ImpactKind::Income));
    let lines = vec![income(20_000, ImpactStage::Promised), income(5_000, ImpactStage::Confirmed)];
    let impact = totals(lines, &workflow, &[]);
    assert_eq!((impact.income, impact.income_promised), (Some(Money::usd(5_000)), Some(Money::usd(20_000))));
}
