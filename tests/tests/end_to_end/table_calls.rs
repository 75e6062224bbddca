//! What an automated step costs at the table: the coordinator as it is deployed, on the real table with the real agents and the
//! project's own household, through a proxy that sees every call.
//!
//! Counted are the calls of the step's own Lambda, and the write units that the table says they consumed, those of its index
//! included: one for each KiB begun, two in a transaction. Apart from it, and not counted: an agent's progress messages, which the
//! API writes at most once a second, and what the readers of the stream keep.

use crate::household::Household;
use crate::turn;
use aws::{Aws, Bucket, Functions, SystemClock, Table, Tokens};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use coordinator::{Coordinator, Settings};
use engine::{Change, Run, RunContext};
use events::{RunId, StepId};
use ports::{Adapters, CatalogOrder, Clock, Commit, Mode, Record, StepWork, Write};
use serde_json::{Value, json};
use statemachines::{Catalog, Workflow};
use std::sync::{Arc, Mutex};

/// One call of the table.
#[derive(Clone, Debug)]
struct Call {
    operation: String,
    /// Write units that the table told, those of its index included.
    write_units: f64,
}

impl Call {
    /// A call with what was told.
    fn of(operation: &str, told: &Value) -> Self {
        let units = |one: &Value| one["CapacityUnits"].as_f64().expect("a write tells what it consumed");
        let write_units = match operation {
            "BatchGetItem" => 0.0,
            "UpdateItem" => units(&told["ConsumedCapacity"]),
            "TransactWriteItems" => told["ConsumedCapacity"].as_array().unwrap().iter().map(units).sum(),
            other => panic!("{other} is none of a step's calls"),
        };
        Self { operation: operation.to_owned(), write_units }
    }
}

/// Stands between the coordinator and the local AWS.
#[derive(Clone)]
struct Proxy {
    aws: String,
    client: reqwest::Client,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Proxy {
    /// Listens; its address and itself.
    async fn start() -> (String, Self) {
        let aws = std::env::var("AWS_ENDPOINT_URL").unwrap();
        let proxy = Self { aws, client: reqwest::Client::new(), calls: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(pass).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (url, proxy)
    }

    fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

/// Hands a call of the table on, asking what it consumes.
async fn pass(State(proxy): State<Proxy>, headers: HeaderMap, body: Bytes) -> (StatusCode, HeaderMap, Bytes) {
    let target = headers["x-amz-target"].to_str().unwrap().to_owned();
    let operation = target.strip_prefix("DynamoDB_20120810.").expect("only the table is behind it");
    let mut asked: Value = serde_json::from_slice(&body).unwrap();
    asked["ReturnConsumedCapacity"] = json!("TOTAL");
    let mut request = proxy.client.post(&proxy.aws).body(asked.to_string());
    for name in ["x-amz-target", "content-type", "authorization"] {
        request = request.header(name, headers[name].clone());
    }
    let answer = request.send().await.unwrap();
    let (status, kind) = (answer.status(), answer.headers()["content-type"].clone());
    let body = answer.bytes().await.unwrap();
    let told: Value = serde_json::from_slice(&body).unwrap();
    proxy.calls.lock().unwrap().push(Call::of(operation, &told));
    (status, HeaderMap::from_iter([(axum::http::header::CONTENT_TYPE, kind)]), body)
}

/// A run of the household that executes, and that no machine works for.
async fn run_of(household: &Household, workflow: &Workflow, table: &Table) -> RunId {
    let run_id: RunId = format!("run-{}", household.name).parse().unwrap();
    let now = SystemClock.now();
    let as_of = household.simulation.as_of;
    let mut run = Run::queued(run_id.clone(), household.user_id().clone(), workflow, as_of, now);
    // As the dispatcher leaves it to its machine.
    for change in [Change::Validate, Change::Pass, Change::Begin] {
        (run, _) = engine::apply(&run, workflow, &change, now).unwrap();
    }
    let simulation = serde_json::to_value(&household.simulation).unwrap();
    let context = RunContext { run_id: run_id.clone(), simulation };
    let records = [Record::Run(run), Record::Context(context)];
    table.commit(records.into_iter().map(Write::create).collect()).await.unwrap();
    run_id
}

#[tokio::test]
async fn an_automated_step_keeps_to_its_calls_and_write_units() {
    let Some(_turn) = turn().await else { return };
    let household = Household::new("calls").await;
    let (url, proxy) = Proxy::start().await;
    let direct = Aws::from_env().unwrap();
    let counted = Aws::new(direct.sdk().to_builder().endpoint_url(url).build());
    let name = std::env::var("TABLE_NAME").unwrap();
    let prefix = format!("{}-", std::env::var("STAGE").unwrap());
    let catalog = Catalog::embedded().unwrap();
    let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
    let run_id = run_of(&household, &workflow, &Table::new(&direct, name.clone())).await;
    let ports = Adapters {
        table: Table::new(&counted, name),
        functions: Functions::new(&direct, prefix),
        tokens: Tokens::new(&direct),
        clock: SystemClock,
        machines: (),
        bus: (),
        bucket: Bucket::new(&direct, std::env::var("OUTPUTS_BUCKET").unwrap()),
        order: CatalogOrder,
    };
    let coordinator = Coordinator { ports, catalog, settings: Settings::default() };
    for (step, write_units) in [("expense-audit", 5.0), ("automation-setup", 8.0)] {
        let work = StepWork {
            run_id: run_id.clone(),
            user_id: household.user_id().clone(),
            epoch: 1,
            workflow: workflow.id.clone(),
            version: workflow.version,
            step_id: Some(StepId::parse(step).unwrap()),
            mode: Mode::Step,
            token: None,
            error: None,
            undo_error: None,
            group: None,
        };
        coordinator.work(&work).await.unwrap();
        let calls = proxy.take();
        let operations: Vec<_> = calls.iter().map(|it| it.operation.as_str()).collect();
        assert!(calls.len() <= 3, "{step}: {operations:?}");
        let units: f64 = calls.iter().map(|it| it.write_units).sum();
        assert!(units <= write_units, "{step}: {units} write units, {operations:?}");
        println!("{step}: {units} write units, {operations:?}");
    }
}
