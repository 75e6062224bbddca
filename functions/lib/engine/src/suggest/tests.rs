//! What is suggested after a run.

use super::*;
use crate::recommend::tests::{catalog, simulation};
use crate::{Consent, Link};
use money::Money;
use statemachines::Prerequisite;

const NOW: &str = "2026-07-01T12:00:00Z";

/// A user who allows everything.
fn allowed() -> Access {
    let now: Timestamp = NOW.parse().unwrap();
    let mut access = Access::none("u".parse().unwrap());
    let consent = Consent { granted_at: now, expires_at: Timestamp::MAX, revoked_at: None };
    for workflow in catalog().iter() {
        let listed = workflow.prerequisites.iter().filter_map(|it| match it {
            Prerequisite::Consent { consent } => Some(consent),
            _ => None,
        });
        for scope in listed.chain(workflow.steps.iter().flat_map(|step| &step.consents)) {
            access.consents.insert(scope.clone(), consent.clone());
        }
    }
    for provider in statemachines::PROVIDERS {
        let accounts = BTreeSet::from([format!("account-{provider}")]);
        let link = Link { access_token: String::new(), accounts, linked_at: now };
        access.links.insert(provider.to_owned(), link);
    }
    access
}

fn suggested(simulation: &SimulationCompleted, workflow: &str, busy: &[&str]) -> Option<WorkflowSuggested> {
    let catalog = catalog();
    let impact = LiveImpact { confirmed: Some(Money::usd(2_000)), ..LiveImpact::default() };
    let busy = busy.iter().map(|it| it.parse().unwrap()).collect();
    suggest(
        &catalog,
        &Ended {
            run_id: &"r".parse().unwrap(),
            workflow: catalog.latest(&workflow.parse().unwrap()).unwrap(),
            impact: &impact,
            simulation,
            busy: &busy,
            access: &allowed(),
            declined: None,
            learned: &BTreeMap::new(),
            now: NOW.parse().unwrap(),
        },
    )
}

#[test]
fn what_fires_is_suggested_with_its_figures_and_marked_when_planned() {
    let next = suggested(&simulation(), "emergency-fund-builder", &[]).unwrap();
    assert_eq!((next.workflow_id.as_str(), next.available), ("debt-avalanche-accelerator", false));
    assert_eq!(
        next.reasons,
        [
            "Card costs 22.9 % a year on $5000.00, the trigger is 15.0 % or more",
            "Emergency Fund Builder freed $20.00 a month",
        ]
    );
}

#[test]
fn order_and_exclusions() {
    let calm =
        SimulationCompleted { runway_months: 7.4, debts: Vec::new(), volatility: None, ..simulation() };
    let volatile = SimulationCompleted { debts: Vec::new(), ..simulation() };
    let cheap_debt = SimulationCompleted {
        debts: simulation().debts.into_iter().map(|debt| events::DebtFigure { apr: 4.0, ..debt }).collect(),
        ..calm.clone()
    };
    for (what, figures, workflow, busy, expect) in [
        (
            "the more urgent",
            &simulation(),
            "emergency-fund-builder",
            vec![],
            Some("debt-avalanche-accelerator"),
        ),
        ("fired", &volatile, "emergency-fund-builder", vec![], Some("investment-tax-harvester")),
        ("busy", &volatile, "emergency-fund-builder", vec!["investment-tax-harvester"], None),
        // What cannot help is not suggested, whatever usually comes next.
        ("no debt, no holdings", &calm, "emergency-fund-builder", vec![], None),
        ("debt that is not expensive", &cheap_debt, "emergency-fund-builder", vec![], None),
        ("selectable", &simulation(), "investment-tax-harvester", vec![], Some("emergency-fund-builder")),
    ] {
        let next = suggested(figures, workflow, &busy);
        assert_eq!(next.as_ref().map(|it| it.workflow_id.as_str()), expect, "{what}");
    }
}

#[test]
fn what_was_declined_what_is_lacking_and_what_runs_brought_decide() {
    let catalog = catalog();
    let (debt, tax) = ("debt-avalanche-accelerator", "investment-tax-harvester");
    let ask = |declined: Option<&str>, brings: i64, access: &Access| {
        let at = declined.map(|at| (debt.parse().unwrap(), at.parse().unwrap()));
        let declined = Declined { user_id: "u".parse().unwrap(), workflows: at.into_iter().collect() };
        let id: WorkflowId = tax.parse().unwrap();
        let confirms = [(money::Currency::USD, vec![brings; 7])].into();
        let learned = Learned { runs: 7, confirms, ..Learned::nothing(id.clone()) };
        let ended = Ended {
            run_id: &"r".parse().unwrap(),
            workflow: catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap(),
            impact: &LiveImpact::default(),
            simulation: &simulation(),
            busy: &BTreeSet::new(),
            access,
            declined: Some(&declined),
            learned: &BTreeMap::from([(id, learned)]),
            now: NOW.parse().unwrap(),
        };
        suggest(&catalog, &ended).unwrap()
    };
    let mut without_trading = allowed();
    without_trading.consents.shift_remove("trade");
    for (what, declined, brings, access, expect) in [
        ("the more urgent", None, 0, allowed(), debt),
        ("what has brought more", None, 9_000, allowed(), tax),
        ("what can begin at once", None, 9_000, without_trading.clone(), debt),
        ("declined just now", Some("2026-06-28T12:00:00Z"), 0, allowed(), tax),
        ("declined long ago", Some("2026-01-01T12:00:00Z"), 0, without_trading.clone(), tax),
    ] {
        assert_eq!(ask(declined, brings, &access).workflow_id.as_str(), expect, "{what}");
    }
    let reasons = ask(Some("2026-06-28T12:00:00Z"), 9_000, &without_trading).reasons;
    assert!(
        reasons.contains(&"its latest 7 runs have usually confirmed $90.00 a month".to_owned()),
        "{reasons:?}"
    );
    assert!(reasons.contains(&"before it begins: the consent trade is not given".to_owned()), "{reasons:?}");
}
