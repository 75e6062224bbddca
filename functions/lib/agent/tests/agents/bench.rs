//! A sandbox with the project's own household, and requests to agents as a step Lambda makes them.

use agent::{Agent, AgentError, Outside};
use events::{
    AgentItem, AgentRequest, AgentResponse, ItemId, Operation, Outcome, Proposal, RunId, StepId, UserId,
};
use http::Request;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use providers::{Http, Provider, Session};
use sandbox::household::Source;
use sandbox::http::Server;
use sandbox::service::Service;
use sandbox::store::Store;
use serde_json::{Value, json};
use shell::env::Env;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The household's last date.
pub const AS_OF: Date = date(2026, 6, 30);

/// How long a test waits for an agent at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// A sandbox of a test's own.
pub struct Bench {
    /// Where it listens.
    pub url: String,
    token: String,
    /// The household's last date.
    pub as_of: Date,
    session: Session,
    _state: TempDir,
}

impl Bench {
    /// Starts a sandbox and links the household's bank.
    pub async fn start() -> Self {
        Self::start_with("", "").await
    }

    /// The same with a line of the household's file put in after another.
    pub async fn start_with(after: &str, line: &str) -> Self {
        let state = tempfile::tempdir().unwrap();
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/sandbox/households/rivera.yaml");
        let text = generous(&std::fs::read_to_string(own).unwrap());
        assert!(text.contains(after), "the household has no line `{after}`");
        let file = state.path().join("household.yaml");
        std::fs::write(&file, text.replacen(after, &format!("{after}{line}"), 1)).unwrap();
        Self::serve(state, Source { file, person: None, as_of: None, broadband: None }).await
    }

    /// Starts a sandbox with another household.
    pub async fn start_from(source: Source) -> Self {
        Self::serve(tempfile::tempdir().unwrap(), source).await
    }

    async fn serve(state: TempDir, source: Source) -> Self {
        let store = Store::new(state.path().join("state.json"));
        let service = Arc::new(Service::start(store, source, true).unwrap());
        let server = Server::bind(0, service).await.unwrap();
        let url = format!("http://{}", server.address());
        tokio::spawn(server.run(std::future::pending()));
        let session = Http::new().unwrap().session(Instant::now() + PATIENCE);
        let mut bench = Self { url, token: String::new(), as_of: AS_OF, session, _state: state };
        bench.token = bench.link().await;
        bench.as_of =
            bench.call("GET", "/admin/clock", None).await["as_of"].as_str().unwrap().parse().unwrap();
        bench
    }

    async fn link(&self) -> String {
        let app = json!({"client_id": "id", "secret": "secret"});
        let create = json!({"client_id": "id", "secret": "secret", "institution_id": "ins_1",
            "initial_products": ["transactions"]});
        let public = self.call("POST", "/sandbox/public_token/create", Some(create)).await;
        let mut exchange = app;
        exchange["public_token"] = public["public_token"].clone();
        let linked = self.call("POST", "/item/public_token/exchange", Some(exchange)).await;
        linked["access_token"].as_str().expect("an access token").to_owned()
    }

    /// Calls the sandbox itself, as the household or its test would.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token))
            .header("idempotency-key", format!("test-{method}-{path}"))
            .body(body.map(|body| body.to_string()).unwrap_or_default().into())
            .unwrap();
        let answer =
            self.session.send(request).await.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"));
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.status.is_success(), "{method} {path}: {} {text}", answer.status);
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
    }

    /// The provider's whole state of the household.
    pub async fn state(&self) -> Value {
        self.call("GET", "/admin/state", None).await
    }

    /// Every effect that happened, in order, as `operation subject`.
    pub async fn effects(&self) -> Vec<String> {
        let ledger = self.call("GET", "/admin/ledger", None).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let effects = ledger["effects"].as_array().expect("effects");
        effects.iter().map(|one| format!("{} {}", text(&one["operation"]), text(&one["subject"]))).collect()
    }

    /// Makes the next calls of a path go wrong.
    pub async fn fault(&self, method: &str, path_prefix: &str, times: u32, fault: Value) {
        let rule =
            json!({"match": {"method": method, "path_prefix": path_prefix, "times": times}, "fault": fault});
        self.call("POST", "/admin/faults", Some(rule)).await;
    }

    /// Loses the answer of the call after the first `skip` to a path.
    pub async fn lose_answer_after(&self, path_prefix: &str, skip: usize) {
        let rule = json!({"match": {"method": "POST", "path_prefix": path_prefix, "skip": skip, "times": 1},
            "fault": {"kind": "drop_answer_after_effect"}});
        self.call("POST", "/admin/faults", Some(rule)).await;
    }

    /// Lifts all faults.
    pub async fn no_faults(&self) {
        self.call("DELETE", "/admin/faults", None).await;
    }

    /// A request as a step Lambda makes it, with all credentials.
    pub fn request(&self, op: Operation, inputs: Value) -> AgentRequest {
        let credentials = Provider::ALL.map(|one| (one.as_str().to_owned(), self.token.clone()));
        AgentRequest {
            op,
            run_id: RunId::parse("run_1").unwrap(),
            step_id: StepId::parse("step").unwrap(),
            user_id: UserId::parse("maya").unwrap(),
            as_of: self.as_of,
            attempt: 1,
            inputs: serde_json::from_value(inputs).unwrap(),
            items: Vec::new(),
            modifications: BTreeMap::new(),
            proof: None,
            provided: None,
            provider: None,
            credentials: credentials.into_iter().collect(),
            progress: None,
            deadline: Timestamp::now() + PATIENCE,
        }
    }

    /// Asks an agent.
    pub async fn ask<A: Agent>(&self, agent: &A, request: AgentRequest) -> Result<AgentResponse, AgentError> {
        let outside = outside(&self.url, agent.card().providers);
        agent::answer(agent, &outside, request).await
    }

    /// What an agent proposes.
    pub async fn propose<A: Agent>(&self, agent: &A, inputs: Value) -> AgentResponse {
        self.ask(agent, self.request(Operation::Propose, inputs)).await.unwrap()
    }

    /// Asks an agent about items.
    pub async fn items<A: Agent>(&self, agent: &A, op: Operation, items: &[AgentItem]) -> Vec<Outcome> {
        self.items_with(agent, op, items, |_| {})
            .await
            .results
            .into_iter()
            .map(|result| result.outcome)
            .collect()
    }

    /// Asks an agent about items, with a request of the test's own making.
    pub async fn items_with<A: Agent>(
        &self,
        agent: &A,
        op: Operation,
        items: &[AgentItem],
        change: impl FnOnce(&mut AgentRequest),
    ) -> AgentResponse {
        let mut request = self.request(op, json!({}));
        request.items = items.to_vec();
        change(&mut request);
        let response = self.ask(agent, request).await.unwrap();
        let ids: Vec<&ItemId> = response.results.iter().map(|result| &result.item_id).collect();
        assert_eq!(ids, items.iter().map(|item| &item.item_id).collect::<Vec<_>>(), "one result an item");
        response
    }

    /// Asks an agent about one item.
    pub async fn item<A: Agent>(&self, agent: &A, op: Operation, item: &AgentItem) -> Outcome {
        let mut outcomes = self.items(agent, op, std::slice::from_ref(item)).await;
        outcomes.remove(0)
    }
}

/// How an agent's process sees the sandbox.
pub fn outside(url: &str, providers: &[Provider]) -> Outside {
    let values = [("PROVIDER_BASE_URL", url), ("PLAID_CLIENT_ID", "id"), ("PLAID_SECRET", "secret")];
    Outside::from_env(&Env::of(&values), providers).unwrap()
}

/// An approved item, as a step Lambda hands it on.
pub fn approved(proposal: &Proposal) -> AgentItem {
    AgentItem {
        item_id: proposal.item_id.clone(),
        key: format!("run_1/step/{}", proposal.item_id),
        effect: proposal.effect.clone(),
        approved: true,
    }
}

/// The item that a proposal with this id makes.
pub fn item_of(response: &AgentResponse, id: &str) -> AgentItem {
    approved(proposal_of(response, id))
}

/// The proposal with this id.
pub fn proposal_of<'a>(response: &'a AgentResponse, id: &str) -> &'a Proposal {
    let ids: Vec<&str> = response.proposals.iter().map(|one| one.item_id.as_str()).collect();
    let found = response.proposals.iter().find(|one| one.item_id.as_str() == id);
    found.unwrap_or_else(|| panic!("no proposal {id} among {ids:?}"))
}

/// Of an outcome that is in force: what it changed a month, in cents. Its figures have evidence.
pub fn done(outcome: &Outcome) -> i64 {
    match outcome {
        Outcome::Done { summary, reference, impact, .. } => {
            assert!(!summary.is_empty() && !reference.is_empty(), "{outcome:?}");
            assert!(impact.iter().all(|one| one.evidence.contains(reference)), "{outcome:?}");
            impact.iter().map(|one| one.monthly.minor).sum()
        }
        other => panic!("expected done, found {other:?}"),
    }
}

/// The name of an outcome.
pub fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done { .. } => "done",
        Outcome::NoEffect { .. } => "no-effect",
        Outcome::Declined { .. } => "declined",
        Outcome::Ask { .. } => "ask",
        Outcome::Failed { .. } => "failed",
        Outcome::Unknown { .. } => "unknown",
    }
}

/// The household with two billers that lower a price without a contract, as the project's own has none.
fn generous(household: &str) -> String {
    let contract = "type: discount_with_contract";
    let plain = |line: &str| line.replace(contract, "type: discount").replace("contract_months: 12, ", "");
    let mut changed = 0;
    let lines = household.lines().map(|line| {
        if line.contains("id: ret_internet_match") || line.contains("id: ret_auto_loyalty") {
            changed += usize::from(line.contains(contract));
            plain(line)
        } else {
            line.to_owned()
        }
    });
    let text: Vec<_> = lines.collect();
    assert_eq!(changed, 2, "the household's file has changed");
    text.join("\n")
}
