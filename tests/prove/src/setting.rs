//! What a run starts from: a user who allows everything, and a recommendation of the workflow.

use crate::fault::{Case, HowAnswer};
use crate::provider::Findings;
use crate::user::USER;
use crate::world::World;
use engine::{Access, Consent, Link, Recommendation, queue};
use events::{ActionsRecommended, RecommendedAction, SimulationCompleted, UserId};
use jiff::{SignedDuration, Timestamp};
use ports::{Commit, Record, Write};
use serde_json::json;
use statemachines::asl::Machine;
use statemachines::{Budget, Catalog, PROVIDERS, Status, Workflow, compile};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// The recommendation that the user picks from.
pub const RECOMMENDATION: &str = "recommendation-1";

/// What every run of a workflow starts from.
pub struct Setting {
    /// The workflow, as if it could be selected.
    pub workflow: Arc<Workflow>,
    /// A catalog of it alone.
    pub catalog: Catalog,
    /// Its machine.
    pub machine: Arc<Machine>,
    /// What it may cost at most.
    pub budget: Budget,
    /// What its agents find to do.
    pub findings: Arc<Findings>,
    /// How the user answers every approval, unless told otherwise.
    pub usual: Option<HowAnswer>,
    /// The run's id.
    pub run: String,
    recommendation: Recommendation,
    access: Access,
    now: Timestamp,
}

impl Setting {
    /// The setting of a workflow.
    ///
    /// # Errors
    /// When the workflow does not compile.
    pub fn of(mut workflow: Workflow) -> anyhow::Result<Self> {
        workflow.status = Status::Available;
        let named = |errors: Vec<_>| anyhow::anyhow!("{}: {errors:?}", workflow.id);
        let machine = compile(&workflow).map_err(named)?;
        let budget = Budget::of(&workflow).map_err(named)?;
        let now: Timestamp = "2026-07-01T12:00:00Z".parse()?;
        let user = UserId::parse(USER)?;
        Ok(Self {
            catalog: Catalog::default().with(vec![workflow.clone()]),
            machine: Arc::new(machine),
            budget,
            findings: Arc::default(),
            usual: None,
            run: queue::run_id(&user, "key-1")?.to_string(),
            recommendation: recommendation(&workflow, &user, now)?,
            access: access(&workflow, user, now),
            workflow: Arc::new(workflow),
            now,
        })
    }

    /// The world of a case before anything happened.
    pub fn world(&self, case: &Case) -> World {
        let machine = (Arc::clone(&self.workflow), Arc::clone(&self.machine));
        let mut world = World::of(case, machine, Arc::clone(&self.findings), self.now);
        world.user.usual = self.usual;
        let writes = vec![
            Write::create(Record::Recommendation(self.recommendation.clone())),
            Write::create(Record::Access(self.access.clone())),
        ];
        let mut written = Box::pin(world.memory.commit(writes));
        // The table in memory never waits.
        if let Poll::Ready(Err(error)) = written.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            tracing::error!(error = %error, "the setting cannot be written");
        }
        drop(written);
        world
    }
}

fn recommendation(workflow: &Workflow, user: &UserId, now: Timestamp) -> anyhow::Result<Recommendation> {
    let usd = |cents: i64| json!({ "minor": cents, "currency": "USD" });
    let simulation: SimulationCompleted = serde_json::from_value(json!({
        "simulation_id": "simulation-1", "as_of": "2026-06-30", "runway_months": 2.1, "runway_months_lean": 2.8,
        "liquid": usd(840_000), "monthly_essential_outflow": usd(400_000), "monthly_outflow": usd(520_000),
        "monthly_income": usd(550_000), "unrealised_losses": usd(200_000), "accounts_linked": 2,
        "debts": [{ "name": "Card", "apr": 22.9, "balance": usd(500_000), "minimum": usd(10_000) }],
    }))?;
    Ok(Recommendation {
        recommendation_id: RECOMMENDATION.parse()?,
        user_id: user.clone(),
        actions: ActionsRecommended {
            recommendation_id: RECOMMENDATION.parse()?,
            simulation_id: simulation.simulation_id.clone(),
            as_of: simulation.as_of,
            actions: vec![RecommendedAction {
                workflow_id: workflow.id.clone(),
                version: workflow.version,
                name: workflow.name.clone(),
                category: workflow.category,
                rank: 1,
                score: 1.0,
                reasons: Vec::new(),
                available: true,
            }],
            not_triggered: Vec::new(),
        },
        simulation,
        made_at: now,
    })
}

fn access(workflow: &Workflow, user: UserId, now: Timestamp) -> Access {
    let mut access = Access::none(user);
    let year = now.checked_add(SignedDuration::from_hours(24 * 365)).unwrap_or(Timestamp::MAX);
    let consent = Consent { granted_at: now, expires_at: year, revoked_at: None };
    let listed = workflow.prerequisites.iter().filter_map(|it| match it {
        statemachines::Prerequisite::Consent { consent } => Some(consent),
        _ => None,
    });
    for scope in listed.chain(workflow.steps.iter().flat_map(|step| &step.consents)) {
        access.consents.insert(scope.clone(), consent.clone());
    }
    for provider in PROVIDERS {
        let accounts = BTreeSet::from([format!("account-{provider}")]);
        let link = Link { access_token: format!("token-{provider}"), accounts, linked_at: now };
        access.links.insert(provider.to_owned(), link);
    }
    access
}
