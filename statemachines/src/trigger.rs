//! Whether a workflow is recommended for a simulation, and in which words.

use crate::definition::Trigger;
use crate::expr::{ExprError, Program, Variables};
use events::SimulationCompleted;
use serde_json::{Value, json};

/// What a trigger says of a simulation.
#[derive(Clone, Debug, PartialEq)]
pub struct TriggerOutcome {
    /// Whether the workflow is recommended.
    pub fired: bool,
    /// The higher, the earlier it is recommended; 0 when it did not fire.
    pub score: f64,
    /// Why, with the figures in it; empty when it did not fire.
    pub reason: String,
    /// Figure and threshold; empty when it fired.
    pub otherwise: String,
}

/// Evaluates a trigger.
///
/// # Errors
/// [`ExprError`] of the first of its expressions that has no value of the right kind.
pub fn trigger_fires(
    trigger: &Trigger,
    simulation: &SimulationCompleted,
) -> Result<TriggerOutcome, ExprError> {
    // A struct of named fields always has a JSON form.
    outcome(trigger, &serde_json::to_value(simulation).unwrap_or_default())
}

/// Evaluates a trigger over a simulation in its JSON form.
pub(crate) fn outcome(trigger: &Trigger, simulation: &Value) -> Result<TriggerOutcome, ExprError> {
    let variables = Variables::of(&json!({ "simulation": simulation }));
    let fired = Program::compile(&trigger.when)?.boolean(&variables)?;
    let mut outcome = TriggerOutcome { fired, score: 0.0, reason: String::new(), otherwise: String::new() };
    if fired {
        outcome.score = Program::compile(&trigger.score)?.number(&variables)?;
        outcome.reason = Program::compile(&trigger.reason)?.text(&variables)?;
    } else {
        outcome.otherwise = Program::compile(&trigger.otherwise)?.text(&variables)?;
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;
    use crate::checks::sample_simulation;
    use events::DebtFigure;
    use money::Money;

    fn sample() -> SimulationCompleted {
        serde_json::from_value(sample_simulation()).unwrap()
    }

    fn outcome(workflow: &str, simulation: &SimulationCompleted) -> TriggerOutcome {
        let catalog = Catalog::embedded().unwrap();
        let workflow = catalog.latest(&workflow.parse().unwrap()).unwrap();
        trigger_fires(&workflow.triggers[0], simulation).unwrap()
    }

    #[test]
    fn a_short_runway_recommends_the_emergency_fund() {
        let mut simulation = sample();
        for (runway, fired) in [(0.0, true), (2.1, true), (2.99, true), (3.0, false), (7.4, false)] {
            simulation.runway_months = runway;
            let outcome = outcome("emergency-fund-builder", &simulation);
            assert_eq!(outcome.fired, fired, "{runway}");
            assert_eq!(outcome.score > 0.0, fired);
        }
        assert_eq!(
            outcome("emergency-fund-builder", &simulation).otherwise,
            "runway is 7.4 months, the trigger is below 3.0"
        );
        simulation.runway_months = 2.1;
        assert_eq!(
            outcome("emergency-fund-builder", &simulation).reason,
            "runway is 2.1 months ($8400.00 against $4000.00 of essentials a month), the trigger is below 3.0"
        );
    }

    #[test]
    fn expensive_debt_recommends_the_avalanche() {
        let mut simulation = sample();
        simulation.debts = Vec::new();
        assert_eq!(
            outcome("debt-avalanche-accelerator", &simulation).otherwise,
            "no debt is known, the trigger is 15.0 % a year or more"
        );
        let debt = |apr| DebtFigure {
            name: "Card".into(),
            apr,
            balance: Money::usd(500_000),
            minimum: Money::usd(10_000),
        };
        simulation.debts = vec![debt(14.9)];
        assert!(!outcome("debt-avalanche-accelerator", &simulation).fired);
        simulation.debts = vec![debt(22.9), debt(14.9)];
        assert_eq!(
            outcome("debt-avalanche-accelerator", &simulation).reason,
            "Card costs 22.9 % a year on $5000.00, the trigger is 15.0 % or more"
        );
    }

    #[test]
    fn volatility_with_losses_recommends_the_harvester() {
        let mut simulation = sample();
        simulation.volatility = None;
        assert!(
            outcome("investment-tax-harvester", &simulation)
                .otherwise
                .starts_with("the portfolio's volatility is not known")
        );
        simulation.volatility = Some(0.25);
        simulation.unrealised_losses = Money::usd(60_000);
        assert_eq!(
            outcome("investment-tax-harvester", &simulation).reason,
            "volatility is 25.0 % and unrealised losses are $600.00, the trigger is 20.0 % and $500.00"
        );
        simulation.unrealised_losses = Money::usd(40_000);
        assert!(!outcome("investment-tax-harvester", &simulation).fired);
    }
}
