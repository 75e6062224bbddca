//! The API over the table in memory, with an issuer of tokens of its own.

use api::{
    App, FetchKeys, KeepProofs, KeysUnavailable, Newcomer, Session, SignIn, SignInError, Tokens, service,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::{Arrangement, AskedItem, Item, ItemState, Out, Run, RunStatus, StepRecord, StepStatus, Task};
use events::{Choice, ErrorClass, ImpactKind, Proposal, RunId, StepId, TaskKind, UserId};
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use money::{Currency, Money};
use ports::memory::Memory;
use ports::{
    Clock, Commit, CommitError, ContinueStep, DeadLetter, FindDue, HandOver, Invoke, InvokeError, Key, List,
    Listing, LookThroughFailures, Mode, PortError, Read, Record, Report, Slot, StepFunction, StepWork,
    Stored, Write,
};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};
use statemachines::{Catalog, Workflow};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

pub const ISSUER: &str = "https://issuer.test/pool";
pub const CLIENT: &str = "client-1";
pub const PROGRESS_KEY: &str = "a key of the tests";
pub const PASSWORD: &str = "a password of the tests";
/// Good once: then a password of one's own is to be chosen.
pub const GIVEN_OUT: &str = "a password given out";
pub const NOW: &str = "2026-07-01T12:00:00Z";

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A key of whoever signs tokens. The keys under `keys/` sign nothing but these tests' tokens.
pub struct Signer {
    kid: &'static str,
    key: RsaKeyPair,
}

impl Signer {
    pub fn issuer() -> Self {
        Self { kid: "issuer", key: RsaKeyPair::from_pkcs8(include_bytes!("keys/issuer.pk8")).unwrap() }
    }

    pub fn stranger() -> Self {
        Self { kid: "stranger", key: RsaKeyPair::from_pkcs8(include_bytes!("keys/stranger.pk8")).unwrap() }
    }

    pub fn called(self, kid: &'static str) -> Self {
        Self { kid, ..self }
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"}), claims)
    }

    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn jwk(&self) -> Value {
        let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(self.key.public());
        json!({
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)
        })
    }
}

/// The claims of a good access token.
pub fn claims(user: &str) -> Value {
    json!({
        "iss": ISSUER, "sub": user, "exp": now().as_second() + 3_600, "token_use": "access", "client_id": CLIENT
    })
}

/// What the API needs from outside, and what it did there.
#[derive(Clone)]
pub struct Fake {
    pub memory: Memory,
    pub continued: Arc<Mutex<Vec<(StepFunction, StepWork)>>>,
    pub started: Arc<Mutex<Vec<Value>>>,
    /// What `start` answers.
    pub start: Arc<Mutex<Result<Value, InvokeError>>>,
    /// How often the issuer's keys were fetched, and whether they can be.
    pub fetches: Arc<Mutex<u32>>,
    pub issuer_down: Arc<Mutex<bool>>,
    /// The refresh tokens that are worthless.
    pub signed_out: Arc<Mutex<BTreeSet<String>>>,
    /// The files that were uploaded.
    pub uploaded: Arc<Mutex<BTreeSet<String>>>,
    /// The failure queue.
    pub failures: Arc<Mutex<Vec<DeadLetter>>>,
    /// What was handed to functions without waiting.
    pub handed_over: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Fake {
    pub fn new() -> Self {
        Self {
            memory: Memory::at(now()),
            continued: Arc::default(),
            started: Arc::default(),
            start: Arc::new(Mutex::new(Ok(json!({"run_id": "run-new", "created": true})))),
            fetches: Arc::default(),
            issuer_down: Arc::default(),
            signed_out: Arc::default(),
            uploaded: Arc::default(),
            failures: Arc::default(),
            handed_over: Arc::default(),
        }
    }

    pub fn app(&self) -> Router {
        let catalog = Catalog::embedded().unwrap();
        service(App::new(self.clone(), catalog, Tokens::of(ISSUER, CLIENT), PROGRESS_KEY))
    }

    pub async fn put(&self, record: Record) {
        self.memory.commit(vec![Write::put(record)]).await.unwrap();
    }

    pub fn run(&self, run: &str) -> Run {
        match self.memory.get(&Key::Run(run.parse().unwrap())).unwrap().record {
            Record::Run(run) => run,
            other => panic!("{other:?}"),
        }
    }

    pub fn task(&self, run: &str, step: &str, slot: Slot) -> Task {
        match self.memory.get(&Key::Task(run.parse().unwrap(), step.parse().unwrap(), slot)).unwrap().record {
            Record::Task(task) => task,
            other => panic!("{other:?}"),
        }
    }

    pub fn continued(&self) -> Vec<(StepFunction, String, Mode)> {
        let continued = self.continued.lock().unwrap();
        continued
            .iter()
            .map(|(function, work)| {
                (*function, work.step_id.as_ref().map_or_else(String::new, ToString::to_string), work.mode)
            })
            .collect()
    }

    /// What was told of runs since the start, by kind and message.
    pub fn told(&self) -> Vec<(String, String, Value)> {
        let out = self.memory.stream().into_iter().flat_map(|change| change.out);
        out.filter_map(|out| match out {
            Out::Run(event) => {
                Some((event.kind.as_str().to_owned(), event.message, Value::Object(event.details)))
            }
            _ => None,
        })
        .collect()
    }
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        self.memory.now()
    }
}

impl Read for Fake {
    async fn read(&self, keys: &[Key]) -> Result<Vec<Stored>, PortError> {
        self.memory.read(keys).await
    }
}

impl Commit for Fake {
    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        self.memory.commit(writes).await
    }
}

impl Report for Fake {
    async fn report(&self, run: &RunId, epoch: u32, out: Out) -> Result<bool, PortError> {
        self.memory.report(run, epoch, out).await
    }
}

impl List for Fake {
    async fn list(
        &self,
        list: Listing,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Stored>, PortError> {
        self.memory.list(list, after, limit).await
    }
}

impl FindDue for Fake {
    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Stored>, PortError> {
        self.memory.find_due(now, limit).await
    }
}

impl Invoke for Fake {
    async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, InvokeError> {
        assert!(matches!(function, "start" | "recommend" | "email"), "{function}");
        self.started.lock().unwrap().push(payload.clone());
        self.start.lock().unwrap().clone()
    }
}

impl ContinueStep for Fake {
    async fn continue_step(&self, function: StepFunction, work: &StepWork) -> Result<(), PortError> {
        self.continued.lock().unwrap().push((function, work.clone()));
        Ok(())
    }
}

impl FetchKeys for Fake {
    async fn fetch_keys(&self) -> Result<JwkSet, KeysUnavailable> {
        *self.fetches.lock().unwrap() += 1;
        if *self.issuer_down.lock().unwrap() {
            return Err(KeysUnavailable { reason: "down as told".to_owned() });
        }
        Ok(serde_json::from_value(json!({"keys": [Signer::issuer().jwk()]})).unwrap())
    }
}

/// Knows one password, and the refresh tokens that it gave out. A session's access token is good for its time alone.
impl SignIn for Fake {
    async fn sign_in(&self, name: &str, password: &str) -> Result<Session, SignInError> {
        match password {
            PASSWORD => Ok(session(name, Some(format!("refresh-{name}")))),
            "down" => Err(SignInError::Unavailable("down as told".to_owned())),
            "more" => Err(SignInError::More("SMS_MFA".to_owned())),
            GIVEN_OUT => {
                let session = format!("challenge-{name}");
                Err(SignInError::NewPassword(Newcomer { name: name.to_owned(), session }))
            }
            _ => Err(SignInError::Refused),
        }
    }

    async fn choose_password(&self, who: &Newcomer, password: &str) -> Result<Session, SignInError> {
        match password {
            PASSWORD if who.session == format!("challenge-{}", who.name) => {
                Ok(session(&who.name, Some(format!("refresh-{}", who.name))))
            }
            PASSWORD => Err(SignInError::Refused),
            _ => Err(SignInError::NotTaken("Password not long enough".to_owned())),
        }
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Session, SignInError> {
        if self.signed_out.lock().unwrap().contains(refresh_token) {
            return Err(SignInError::Refused);
        }
        let name = refresh_token.strip_prefix("refresh-").ok_or(SignInError::Refused)?;
        Ok(session(name, None))
    }

    async fn sign_out(&self, refresh_token: &str) -> Result<(), SignInError> {
        self.signed_out.lock().unwrap().insert(refresh_token.to_owned());
        Ok(())
    }
}

/// Holds the files that a test says it holds.
impl KeepProofs for Fake {
    fn address(&self) -> String {
        "https://proofs.test".to_owned()
    }

    fn largest(&self) -> u64 {
        1_000
    }

    async fn form(
        &self,
        key: &str,
        then: &str,
        _now: Timestamp,
    ) -> Result<BTreeMap<String, String>, PortError> {
        Ok([("key", key), ("success_action_redirect", then)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into())
    }

    async fn link(&self, key: &str, name: &str, _now: Timestamp) -> Result<String, PortError> {
        Ok(format!("https://proofs.test/{key}?called={name}"))
    }

    async fn holds(&self, key: &str, _now: Timestamp) -> Result<bool, PortError> {
        Ok(self.uploaded.lock().unwrap().contains(key))
    }
}

impl LookThroughFailures for Fake {
    async fn failures(&self, most: usize) -> Result<Vec<DeadLetter>, PortError> {
        Ok(self.failures.lock().unwrap().iter().take(most).cloned().collect())
    }

    async fn hold_failure(&self, id: &str, _most: usize) -> Result<Option<DeadLetter>, PortError> {
        Ok(self.failures.lock().unwrap().iter().find(|it| it.id == id).cloned())
    }

    async fn remove_failure(&self, receipt: &str) -> Result<(), PortError> {
        self.failures.lock().unwrap().retain(|it| it.receipt != receipt);
        Ok(())
    }
}

impl HandOver for Fake {
    async fn hand_over(&self, function: &str, payload: &Value) -> Result<(), PortError> {
        self.handed_over.lock().unwrap().push((function.to_owned(), payload.clone()));
        Ok(())
    }
}

fn session(name: &str, refresh_token: Option<String>) -> Session {
    Session { access_token: Signer::issuer().sign(&claims(name)), refresh_token, lasts: 3_600 }
}

/// `start` failed in this class.
pub fn start_failed(class: ErrorClass, message: &str) -> Result<Value, InvokeError> {
    Err(InvokeError { function: "start".to_owned(), class, message: message.to_owned() })
}

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub content_type: String,
    pub location: String,
    pub body: Value,
}

impl Answer {
    /// The wrong fields of a problem.
    pub fn fields(&self) -> Vec<&str> {
        self.body["errors"].as_array().into_iter().flatten().filter_map(|it| it["field"].as_str()).collect()
    }

    pub fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }
}

/// Calls as a user with a good token.
pub async fn call(fake: &Fake, user: &str, line: &str, body: Option<Value>) -> Answer {
    let token = Signer::issuer().sign(&claims(user));
    call_with(&fake.app(), Some(&token), line, body.map(|body| body.to_string())).await
}

/// Calls with any token or none. `line` is method and path.
pub async fn call_with(app: &Router, token: Option<&str>, line: &str, body: Option<String>) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let request = request.body(Body::from(body.unwrap_or_default())).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let header = |name| match response.headers().get(name) {
        Some(value) => value.to_str().unwrap().to_owned(),
        None => String::new(),
    };
    let (content_type, location) = (header("content-type"), header("location"));
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Answer { status, content_type, location, body }
}

pub fn workflow() -> Workflow {
    Catalog::embedded().unwrap().latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone()
}

pub fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

pub fn step(name: &str) -> StepId {
    name.parse().unwrap()
}

pub fn dollars(amount: i64) -> Money {
    Money::new(amount * 100, Currency::new("USD").unwrap())
}

/// A run of `owner` whose steps are in these states.
pub fn run_of(owner: &str, id: &str, status: RunStatus, steps: &[(&str, StepStatus)]) -> Run {
    let mut run =
        Run::queued(id.parse().unwrap(), user(owner), &workflow(), "2026-06-30".parse().unwrap(), now());
    run.status = status;
    if status.is_terminal() {
        run.ended_at = Some(now());
    }
    for (order, (name, status)) in steps.iter().enumerate() {
        let entry = run.steps.get_mut(*name).unwrap();
        entry.status = *status;
        entry.order = u32::try_from(order).unwrap() + 1;
        entry.started_at = Some(now());
    }
    run
}

/// A question of `owner`'s run.
pub fn task_of(run: &Run, step_id: &str, kind: TaskKind, round: u32, items: Vec<AskedItem>) -> Task {
    let slot = Slot::of(kind).as_str();
    Task {
        task_id: format!("{}:{step_id}:{slot}:{round}", run.run_id).parse().unwrap(),
        run_id: run.run_id.clone(),
        user_id: run.user_id.clone(),
        step_id: step(step_id),
        kind,
        prompt: "Shall this be done?".to_owned(),
        items,
        scopes: Vec::new(),
        answer: None,
        percent: 0,
        help: None,
        open: true,
        token: "token".to_owned(),
        asked_at: now(),
        deadline: "2026-07-04T12:00:00Z".parse().unwrap(),
        remind: Vec::new(),
        arranged: Arrangement::default(),
        leased_until: None,
        decided_at: None,
    }
}

/// The record of a step that proposes these subscriptions.
pub fn record_of(run: &Run, step_id: &str, items: &[&str]) -> StepRecord {
    let mut record = StepRecord::new(run.run_id.clone(), step(step_id));
    record.proposed = true;
    for name in items {
        let proposal: Proposal = serde_json::from_value(json!({
            "item_id": name, "title": format!("Cancel {name}"), "reasons": ["unused for 90 days"],
            "effect": {"cancel": name}, "monthly": dollars(10), "kind": ImpactKind::Savings,
            "evidence": ["tx-1"], "modifications": {"tier": ["basic"]}
        }))
        .unwrap();
        let mut item = Item::proposed(&record, proposal);
        item.state = ItemState::Asked;
        record.items.push(item);
    }
    record
}

/// The items of a record as they are asked.
pub fn asked(record: &StepRecord) -> Vec<AskedItem> {
    let item = |it: &Item| AskedItem {
        item_id: it.proposal.item_id.clone(),
        effect_hash: it.effect_hash(),
        choices: vec![Choice::Approve, Choice::Modify, Choice::Skip],
        decided: None,
    };
    record.items.iter().map(item).collect()
}

/// Maya's run that asks about two subscriptions.
pub async fn asking() -> (Fake, Task) {
    let fake = Fake::new();
    let run = run_of(
        "maya",
        "run-1",
        RunStatus::Executing,
        &[("expense-audit", StepStatus::Complete), ("quick-wins", StepStatus::WaitingUser)],
    );
    let record = record_of(&run, "quick-wins", &["sub_a", "sub_b"]);
    let task = task_of(&run, "quick-wins", TaskKind::Approve, 1, asked(&record));
    fake.put(Record::Run(run)).await;
    fake.put(Record::Step(record)).await;
    fake.put(Record::Task(task.clone())).await;
    (fake, task)
}
