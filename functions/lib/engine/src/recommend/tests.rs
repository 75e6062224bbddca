//! What is recommended, in which order and why.

use super::*;
use events::DebtFigure;
use jiff::civil::date;
use money::Money;

pub(crate) fn simulation() -> SimulationCompleted {
    SimulationCompleted {
        simulation_id: "sim-1".parse().unwrap(),
        as_of: "2026-06-30".parse().unwrap(),
        runway_months: 2.1,
        runway_months_lean: 2.8,
        liquid: Money::usd(840_000),
        monthly_essential_outflow: Money::usd(400_000),
        monthly_outflow: Money::usd(520_000),
        monthly_income: Money::usd(550_000),
        debts: vec![DebtFigure {
            name: "Card".to_owned(),
            apr: 22.9,
            balance: Money::usd(500_000),
            minimum: Money::usd(10_000),
        }],
        unrealised_losses: Money::usd(60_000),
        volatility: Some(0.25),
        accounts_linked: 2,
        recurring: None,
    }
}

/// The three workflows that these tests are about, whatever else the catalog has.
pub(crate) fn catalog() -> Catalog {
    let embedded = Catalog::embedded().unwrap();
    let known = |id: &str| embedded.latest(&id.parse().unwrap()).unwrap().clone();
    let ids = ["emergency-fund-builder", "debt-avalanche-accelerator", "investment-tax-harvester"];
    Catalog::default().with(ids.map(known).to_vec())
}

fn id() -> RecommendationId {
    "rec-1".parse().unwrap()
}

fn ranked(ranking: &Ranking) -> Vec<(u32, &str, bool)> {
    let actions = &ranking.actions.actions;
    actions.iter().map(|it| (it.rank, it.workflow_id.as_str(), it.available)).collect()
}

#[test]
fn selectable_before_planned_and_urgent_before_the_rest() {
    let catalog = catalog();
    let ranking = recommend(&catalog, id(), &simulation());
    assert_eq!(
        ranked(&ranking),
        [
            (1, "emergency-fund-builder", true),
            (2, "debt-avalanche-accelerator", false),
            (3, "investment-tax-harvester", false),
        ]
    );
    assert!(ranking.actions.not_triggered.is_empty() && ranking.broken.is_empty());
}

#[test]
fn within_a_category_the_higher_score_comes_first_and_ties_keep_the_names_order() {
    let three = catalog();
    let fund = three.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
    let copy = |name: &str, score: &str| {
        let mut copy = fund.clone();
        copy.id = name.parse().unwrap();
        copy.triggers[0].score = score.to_owned();
        copy
    };
    let catalog = Catalog::default().with(vec![copy("a", "1.0"), copy("c", "2.5"), copy("b", "2.5")]);
    let ranking = recommend(&catalog, id(), &simulation());
    assert_eq!(ranked(&ranking), [(1, "b", true), (2, "c", true), (3, "a", true)]);
}

#[test]
fn a_trigger_that_has_no_value_leaves_only_its_own_workflow_out() {
    let catalog = catalog();
    let mut broken = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
    broken.id = "broken".parse().unwrap();
    broken.triggers[0].when = "simulation.nothing < 3.0".to_owned();
    let ranking = recommend(&catalog.with(vec![broken]), id(), &simulation());
    assert_eq!(ranking.actions.actions.len(), 3);
    assert_eq!(ranking.broken[0].0.as_str(), "broken");
}

#[test]
fn a_workflow_with_several_triggers_fires_by_any_and_tells_all() {
    let three = catalog();
    let mut fund = three.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
    let mut second = fund.triggers[0].clone();
    second.when = "simulation.accounts_linked >= 2".to_owned();
    second.score = "7.0".to_owned();
    second.reason = "\"two accounts\"".to_owned();
    second.otherwise = "\"one account\"".to_owned();
    fund.triggers.push(second);
    let mut figures = simulation();
    figures.runway_months = 7.4;
    let it = opinion(&fund, &figures).unwrap();
    assert_eq!((it.fired, it.reasons.as_slice()), (true, ["two accounts".to_owned()].as_slice()));
    assert!(it.score > 6.9);
    figures.accounts_linked = 1;
    let it = opinion(&fund, &figures).unwrap();
    assert_eq!(it.reasons, ["runway is 7.4 months, the trigger is below 3.0", "one account"]);
}

#[test]
fn the_id_is_the_users_and_the_simulations() {
    let on = |user: &str, simulation: &str, day: Date| {
        recommendation_id(&user.parse().unwrap(), &simulation.parse().unwrap(), day).unwrap()
    };
    let id = |user, simulation| on(user, simulation, date(2026, 6, 30));
    assert!(on("u", "s", date(2026, 10, 1)) > on("u", "s", date(2026, 9, 30)), "they sort as the days do");
    assert_eq!(id("u", "s"), id("u", "s"));
    assert_ne!(id("u", "s"), id("us", "s"));
    assert_ne!(id("u", "s1"), id("u1", "s"), "parts do not run into each other");
    assert!(id(&"x".repeat(128), &"y".repeat(128)).as_str().len() < 64);
}
