//! A simulation with every field present, for expressions to be tried on.

use serde_json::{Value, json};

/// A `simulation.completed` with a short runway, an expensive debt and volatile holdings with losses: every trigger has
/// something to say.
pub(crate) fn sample_simulation() -> Value {
    json!({
        "simulation_id": "sample",
        "as_of": "2026-06-30",
        "runway_months": 2.1,
        "runway_months_lean": 2.8,
        "liquid": {"minor": 840_000, "currency": "USD"},
        "monthly_essential_outflow": {"minor": 400_000, "currency": "USD"},
        "monthly_outflow": {"minor": 520_000, "currency": "USD"},
        "monthly_income": {"minor": 550_000, "currency": "USD"},
        "debts": [{
            "name": "Card",
            "apr": 22.9,
            "balance": {"minor": 500_000, "currency": "USD"},
            "minimum": {"minor": 10_000, "currency": "USD"},
        }],
        "unrealised_losses": {"minor": 120_000, "currency": "USD"},
        "volatility": 0.25,
        "accounts_linked": 3,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::SimulationCompleted;

    #[test]
    fn the_sample_has_every_field() {
        let simulation: SimulationCompleted = serde_json::from_value(sample_simulation()).unwrap();
        assert_eq!(serde_json::to_value(simulation).unwrap(), sample_simulation());
    }
}
