//! A user with a household of their own: signed in, linked, with consents given. No two tests share one.

use crate::{LOOK, PATIENCE};
use demo::answering::Answering;
use demo::api::Api;
use demo::aws::{Aws, SignedIn};
use demo::sandbox::{Linked, Sandbox};
use demo::story;
use demo::wire::{Card, Recommendation};
use demo::{Auto, Settings};
use engine::RunStatus;
use events::{Envelope, EventType, RunId, SimulationCompleted, UserId, WorkflowEvent};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;
use tokio::time::{Instant, sleep};

/// A user and their household.
pub(crate) struct Household {
    /// The name at the sandbox and in the user pool.
    pub(crate) name: String,
    pub(crate) aws: Aws,
    pub(crate) api: Api,
    pub(crate) sandbox: Sandbox,
    pub(crate) simulation: SimulationCompleted,
    pub(crate) linked: Linked,
    who: SignedIn,
}

fn password(name: &str) -> String {
    format!("Test-{name}-1a")
}

/// A page of a run's events.
#[derive(Deserialize)]
struct Page {
    events: Vec<WorkflowEvent>,
    next: u64,
}

impl Household {
    /// The project's own household, for a user whose name begins so.
    pub(crate) async fn new(name: &str) -> Self {
        Self::of(name, None).await
    }

    /// A household of a file.
    pub(crate) async fn of(name: &str, file: Option<PathBuf>) -> Self {
        let settings = Settings { household: file, auto: Auto::Approve, ..Settings::from_env().unwrap() };
        let name = format!("{name}-{}", Timestamp::now().as_microsecond());
        let (aws, sandbox) = (Aws::new(&settings).unwrap(), Sandbox::new(&settings).unwrap());
        sandbox.settle(&name, &settings).await.unwrap();
        let (_, simulation) = sandbox.figures(&name).await.unwrap();
        let who = aws.sign_in(&name, &password(&name)).await.unwrap();
        let api = Api::new(&settings.api_url, who.token.clone()).unwrap();
        let linked = story::prepare(&api, &sandbox, &name, &simulation, settings.auto).await.unwrap();
        Self { name, aws, api, sandbox, simulation, linked, who }
    }

    /// The user's password in the user pool.
    pub(crate) fn password(&self) -> String {
        password(&self.name)
    }

    /// The token the user is signed in with.
    pub(crate) fn token(&self) -> &str {
        &self.who.token
    }

    pub(crate) fn user_id(&self) -> &UserId {
        &self.who.user_id
    }

    /// The event of the household's simulation.
    pub(crate) fn simulated(&self) -> Envelope<SimulationCompleted> {
        let id = format!("simulation:{}", self.simulation.simulation_id);
        Envelope::new(id, Timestamp::now(), self.user_id().clone(), self.simulation.clone())
    }

    /// Publishes the simulation; what is recommended because of it.
    pub(crate) async fn recommended(&self) -> Recommendation {
        story::recommend(&self.api, &self.aws, &self.who, self.simulation.clone()).await.unwrap()
    }

    /// A run of a workflow, from simulation to selection.
    pub(crate) async fn started(&self, workflow: &str) -> RunId {
        let recommendation = self.recommended().await;
        self.api.select(&recommendation, workflow, &format!("test:{}", self.name)).await.unwrap()
    }

    /// Answers the run's questions until its card is as wanted; that card.
    pub(crate) async fn until(&self, run: &RunId, auto: Auto, wanted: impl Fn(&Card) -> bool) -> Card {
        let mut answering = Answering::new(&self.api, &self.sandbox, &self.linked.token, auto);
        let begun = Instant::now();
        loop {
            let card = self.api.card(run).await.unwrap();
            if wanted(&card) {
                return card;
            }
            assert!(begun.elapsed() < PATIENCE, "{}: {card:#?}", self.name);
            if card.may_ask() {
                for question in self.api.questions(run).await.unwrap().tasks {
                    answering.answer(&question).await.unwrap();
                }
            }
            sleep(LOOK).await;
        }
    }

    /// The card of the run once it has ended, its questions answered on the way.
    pub(crate) async fn ended(&self, run: &RunId, auto: Auto) -> Card {
        self.until(run, auto, Card::has_ended).await
    }

    /// Every event of a run that has ended, in order.
    pub(crate) async fn events(&self, run: &RunId) -> Vec<WorkflowEvent> {
        let mut events: Vec<WorkflowEvent> = Vec::new();
        let mut after = 0;
        let is_terminal =
            |to: &Value| serde_json::from_value::<RunStatus>(to.clone()).is_ok_and(RunStatus::is_terminal);
        // The end is told twice, and a page may end between the two.
        let last = |events: &[WorkflowEvent]| {
            let is_end = |it: &&WorkflowEvent| {
                matches!(it.event_type, EventType::WorkflowCompleted | EventType::WorkflowFailed)
            };
            let is_change = |it: &&WorkflowEvent| it.event_type == EventType::RunStateChanged;
            let change = events.iter().rfind(is_change).map(|it| &it.data.details["to"]);
            events.iter().any(|it| is_end(&it)) && change.is_some_and(is_terminal)
        };
        let begun = Instant::now();
        // They are published after the change that they tell of.
        while !last(&events) {
            assert!(begun.elapsed() < PATIENCE, "{}: the run's end is not told", self.name);
            let page: Page = self.api.get(&format!("/runs/{run}/events?after={after}")).await.unwrap();
            if page.events.is_empty() {
                sleep(LOOK).await;
            }
            after = page.next;
            events.extend(page.events);
        }
        events
    }

    /// What the providers hold for the household: subscriptions, bills, savings rules, applications and balances.
    pub(crate) async fn state(&self) -> Value {
        self.sandbox.look(&format!("/admin/state?user={}", self.name)).await.unwrap()
    }

    /// Every effect the providers carried out for the household, undoings included.
    pub(crate) async fn effects(&self) -> Vec<Value> {
        let mut ledger = self.sandbox.look(&format!("/admin/ledger?user={}", self.name)).await.unwrap();
        serde_json::from_value(ledger["effects"].take()).unwrap()
    }
}

/// Looks again and again until something is there.
pub(crate) async fn awaited<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what} did not come");
        sleep(LOOK).await;
    }
}
