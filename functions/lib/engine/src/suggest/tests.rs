//! What is suggested after a run.

use super::*;
use crate::recommend::tests::simulation;
use money::Money;

fn suggested(simulation: &SimulationCompleted, workflow: &str, busy: &[&str]) -> Option<WorkflowSuggested> {
    let catalog = Catalog::embedded().unwrap();
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
