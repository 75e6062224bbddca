//! A sandbox on a free port, and a client that is logged in at it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::Method;
use sandbox::household::Source;
use sandbox::http::Server;
use sandbox::service::Service;
use sandbox::store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The project's own household.
pub fn rivera() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("households/rivera.yaml")
}

/// A running sandbox; it ends when dropped.
pub struct Sandbox {
    pub base: String,
    pub token: String,
    folder: Arc<TempDir>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

/// Status and body of an answer.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub replayed: bool,
    pub body: Value,
}

impl Sandbox {
    /// A fresh sandbox of the project's own household.
    pub async fn new() -> Self {
        Self::of(Source::of(rivera())).await
    }

    /// A fresh sandbox of any household.
    pub async fn of(source: Source) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut sandbox = Self::start(source, folder, String::new()).await;
        sandbox.token = sandbox.log_in(None).await;
        sandbox
    }

    async fn start(source: Source, folder: Arc<TempDir>, token: String) -> Self {
        let store = Store::new(folder.path().join("state.json"));
        let service = Arc::new(Service::start(store, source, false).unwrap());
        let server = Server::bind(0, service).await.unwrap();
        let base = format!("http://{}", server.address());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { base, token, folder, stop: Some(stop), served }
    }

    /// The same sandbox after it was stopped and started again.
    pub async fn restarted(mut self, source: Source) -> Self {
        drop(self.stop.take());
        self.served.await.unwrap();
        Self::start(source, self.folder, self.token).await
    }

    /// A new access token.
    pub async fn log_in(&self, user: Option<&str>) -> String {
        let options = user.map(|user| json!({ "override_username": user })).unwrap_or(json!({}));
        let created = self
            .plaid(
                "/sandbox/public_token/create",
                json!({"institution_id": "ins_109508", "initial_products": ["transactions"], "options": options}),
            )
            .await;
        let exchange = json!({ "public_token": created.body["public_token"] });
        let exchanged = self.plaid("/item/public_token/exchange", exchange).await;
        assert_eq!(exchanged.status, 200, "{exchanged:?}");
        exchanged.body["access_token"].as_str().unwrap().to_owned()
    }

    /// A call of Plaid's as it stands.
    pub async fn plaid(&self, path: &str, body: Value) -> Answer {
        let call = reqwest::Client::new()
            .post(format!("{}{path}", self.base))
            .header("PLAID-CLIENT-ID", "client")
            .header("PLAID-SECRET", "secret");
        answer(call.json(&body)).await.unwrap()
    }

    /// A call of Plaid's with the access token.
    pub async fn item(&self, path: &str, mut body: Value) -> Answer {
        body["access_token"] = json!(self.token);
        self.plaid(path, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None, None).await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, None, Some(body)).await.unwrap()
    }

    /// An effect under a key.
    pub async fn effect(&self, path: &str, key: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(key), Some(body)).await.unwrap()
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, None, Some(body)).await.unwrap()
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> Result<Answer, reqwest::Error> {
        let mut call =
            reqwest::Client::new().request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(key) = key {
            call = call.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            call = call.json(&body);
        }
        answer(call).await
    }

    /// The state that must be the same after everything is undone.
    pub async fn state(&self) -> Value {
        self.get("/admin/state").await.body
    }

    /// Operations of the ledger, in order.
    pub async fn operations(&self) -> Vec<String> {
        let ledger = self.get("/admin/ledger").await.body;
        let lines = ledger["effects"].as_array().unwrap();
        lines.iter().map(|line| line["operation"].as_str().unwrap().to_owned()).collect()
    }
}

async fn answer(call: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = call.send().await?;
    let status = response.status().as_u16();
    let replayed = response.headers().contains_key("idempotent-replayed");
    let bytes = response.bytes().await?;
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Ok(Answer { status, replayed, body })
}

impl Answer {
    /// Code and field of a refusal.
    pub fn refusal(&self) -> (u16, &str, Option<&str>) {
        let error = &self.body["error"];
        (self.status, error["code"].as_str().unwrap_or("none"), error["field"].as_str())
    }
}
