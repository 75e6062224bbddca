//! Every check, and all failures at once.

use super::*;
use crate::run::after;
use crate::user::{Consent, Link};
use statemachines::{Catalog, Seconds};

/// A user, a workflow and its agents, all as they should be.
struct Told {
    workflow: Workflow,
    access: Access,
    simulation: Value,
    probes: Vec<Probe>,
}

fn told() -> Told {
    let catalog = Catalog::embedded().unwrap();
    let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
    let mut access = Access::none("u".parse().unwrap());
    for scope in workflow.steps.iter().flat_map(|step| &step.consents) {
        access.consents.insert(scope.clone(), consent());
    }
    let accounts = BTreeSet::from(["checking".to_owned(), "savings".to_owned()]);
    let link = Link { access_token: String::new(), accounts, linked_at: now() };
    for provider in ["plaid", "subscriptions", "billers", "savings", "gigs"] {
        access.links.insert(provider.to_owned(), link.clone());
    }
    let probes = workflow.agents.iter().map(|it| answers(&it.agent, &workflow)).collect();
    Told { workflow, access, simulation: json!({"runway_months": 2.1}), probes }
}

fn now() -> Timestamp {
    "2026-06-30T12:00:00Z".parse().unwrap()
}

fn consent() -> Consent {
    Consent { granted_at: now(), expires_at: after(now(), Seconds(60)), revoked_at: None }
}

fn answers(agent: &AgentId, workflow: &Workflow) -> Probe {
    let providers = workflow.external_dependencies.iter().map(|it| (it.clone(), true)).collect();
    let card = AgentCard {
        agent: agent.clone(),
        name: agent.to_string(),
        capabilities: Vec::new(),
        scopes: Vec::new(),
        providers,
    };
    Probe { agent: agent.clone(), answer: Ok(card) }
}

impl Told {
    fn verdict(&self) -> Verdict {
        check(&Situation {
            workflow: Some(&self.workflow),
            access: &self.access,
            simulation: &self.simulation,
            agents: &self.probes,
            now: now(),
        })
    }

    fn card(&mut self, agent: usize) -> &mut AgentCard {
        self.probes[agent].answer.as_mut().unwrap()
    }

    fn unreached(&mut self, agent: usize, provider: &str) {
        self.card(agent).providers.insert(provider.to_owned(), false);
    }
}

fn refuse(failures: &[&str]) -> Verdict {
    Verdict::Refuse(failures.iter().map(|it| (*it).to_owned()).collect())
}

fn hold(reason: &str) -> Verdict {
    Verdict::Hold(reason.to_owned())
}

type Edit = fn(&mut Told);

#[test]
fn each_check_by_itself() {
    let cases: [(&str, Edit, Verdict); 21] = [
        ("all is well", |_| {}, Verdict::Pass),
        (
            "planned",
            |it| it.workflow.status = Status::Planned,
            refuse(&["Emergency Fund Builder is not yet available"]),
        ),
        (
            "no link",
            |it| it.access.links.clear(),
            refuse(&[
                "Link a bank account first.",
                "plaid is not linked",
                "subscriptions is not linked",
                "billers is not linked",
                "savings or savings-partner is not linked",
                "gigs is not linked",
            ]),
        ),
        (
            "what a step cannot do without",
            |it| it.access.links.retain(|name, _| name != "billers"),
            refuse(&["billers is not linked"]),
        ),
        (
            "one that another can take the part of",
            |it| {
                let link = it.access.links.shift_remove("savings").unwrap();
                it.access.links.insert("savings-partner".to_owned(), link);
            },
            Verdict::Pass,
        ),
        (
            "a link without listed accounts counts as one account",
            |it| it.access.links["plaid"].accounts.clear(),
            Verdict::Pass,
        ),
        (
            "a condition on the figures",
            |it| {
                it.workflow.prerequisites.push(Prerequisite::Check {
                    check: "simulation.runway_months < 2.0 && has(links.plaid)".to_owned(),
                    otherwise: "Your runway is long enough.".to_owned(),
                });
            },
            refuse(&["Your runway is long enough."]),
        ),
        (
            "a condition without a value does not hold",
            |it| {
                it.simulation = json!({});
                it.workflow.prerequisites.push(Prerequisite::Check {
                    check: "simulation.runway_months < 3.0".to_owned(),
                    otherwise: "Run a simulation.".to_owned(),
                });
            },
            refuse(&[
                "Run a simulation. (`simulation.runway_months < 3.0` cannot be evaluated: there is no `runway_months`)",
            ]),
        ),
        (
            "a consent that was never given",
            |it| it.access.consents.retain(|scope, _| scope != "move_money"),
            refuse(&["the consent move_money is not given"]),
        ),
        (
            "a revoked one",
            |it| it.access.consents["move_money"].revoked_at = Some(now()),
            refuse(&["the consent move_money was revoked"]),
        ),
        (
            "an expired one",
            |it| it.access.consents["move_money"].expires_at = now(),
            refuse(&["the consent move_money has expired"]),
        ),
        (
            "a consent that only a step names, and the link that it is about",
            |it| it.workflow.steps[0].consents.push("trade".to_owned()),
            refuse(&["broker is not linked", "the consent trade is not given"]),
        ),
        (
            "a dependency that one agent cannot reach",
            |it| it.unreached(2, "billers"),
            hold("billers does not answer"),
        ),
        (
            "one whose part another could take, if it were linked",
            |it| it.unreached(3, "savings"),
            hold("savings does not answer"),
        ),
        (
            "one whose part another takes",
            |it| {
                let link = it.access.links["plaid"].clone();
                it.access.links.insert("savings-partner".to_owned(), link);
                it.unreached(3, "savings");
            },
            Verdict::Pass,
        ),
        (
            "a dependency that nobody knows",
            |it| it.workflow.external_dependencies.push("weather".to_owned()),
            refuse(&["none of the workflow's agents can reach weather"]),
        ),
        (
            "an agent that may come back",
            |it| it.probes[0].answer = Err(ErrorClass::AgentBusy),
            hold("the agent spending-analyzer does not answer"),
        ),
        (
            "one that will not",
            |it| it.probes[0].answer = Err(ErrorClass::Defect),
            refuse(&["the agent spending-analyzer is not available (Defect)"]),
        ),
        (
            "another agent in its place",
            |it| it.card(0).agent = "other".parse().unwrap(),
            refuse(&["other answers for the agent spending-analyzer"]),
        ),
        (
            "while an agent is silent, nobody may know its provider",
            |it| {
                it.workflow.external_dependencies.push("weather".to_owned());
                it.probes[0].answer = Err(ErrorClass::Timeout);
            },
            hold("the agent spending-analyzer does not answer"),
        ),
        (
            "what may pass by itself is told with what will not",
            |it| {
                it.access.links.shift_remove("billers");
                it.unreached(1, "plaid");
            },
            refuse(&["billers is not linked", "plaid does not answer"]),
        ),
    ];
    for (what, edit, expect) in cases {
        let mut told = told();
        edit(&mut told);
        assert_eq!(told.verdict(), expect, "{what}");
    }
}

#[test]
fn all_that_is_down_is_named() {
    let mut told = told();
    for name in ["gigs", "plaid"] {
        told.unreached(0, name);
    }
    told.probes[1].answer = Err(ErrorClass::Timeout);
    assert_eq!(
        told.verdict(),
        hold("the agent quick-saver does not answer; plaid does not answer; gigs does not answer")
    );
}

#[test]
fn a_version_that_is_gone_is_refused() {
    let told = told();
    let verdict = check(&Situation {
        workflow: None,
        access: &told.access,
        simulation: &told.simulation,
        agents: &[],
        now: now(),
    });
    assert_eq!(verdict, refuse(&["this version of the workflow no longer exists"]));
}
