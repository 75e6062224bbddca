//! The API, call by call.

use crate::http;
use crate::wire::{
    Answered, Card, Problem, Questions, Recommendation, Recommendations, Report, Selected, Workflows,
};
use anyhow::bail;
use events::{Answer, RunId, SimulationId, TaskId};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A client of the API, as one user. A call fails with the API's own words.
pub struct Api {
    client: reqwest::Client,
    url: String,
    token: String,
}

/// What became of an answer to a question.
pub enum Taken {
    /// It was recorded.
    Yes(Answered),
    /// The question has changed or is closed; why.
    No(String),
}

impl Api {
    /// At this address, with the access token of the user.
    pub fn new(url: &str, token: String) -> anyhow::Result<Self> {
        Ok(Self { client: http::client()?, url: url.to_owned(), token })
    }

    /// The catalog.
    pub async fn workflows(&self) -> anyhow::Result<Workflows> {
        self.get("/workflows").await
    }

    /// The recommendation that answers a simulation, once it is there.
    pub async fn recommendation(&self, simulation: &SimulationId) -> anyhow::Result<Option<Recommendation>> {
        let mut path = "/recommendations".to_owned();
        loop {
            let page: Recommendations = self.get(&path).await?;
            let found = page.recommendations.into_iter().find(|it| it.simulation_id == *simulation);
            match page.next {
                Some(next) if found.is_none() => path = format!("/recommendations?after={next}"),
                _ => return Ok(found),
            }
        }
    }

    /// Selects a workflow that was recommended, once per key.
    pub async fn select(&self, from: &Recommendation, workflow: &str, key: &str) -> anyhow::Result<RunId> {
        let body = json!({
            "recommendation_id": from.recommendation_id, "workflow_id": workflow, "idempotency_key": key
        });
        let selected: Selected = self.call(Method::POST, "/selections", Some(&body)).await?;
        Ok(selected.run_id)
    }

    /// The progress card of a run.
    pub async fn card(&self, run: &RunId) -> anyhow::Result<Card> {
        self.get(&format!("/runs/{run}")).await
    }

    /// The open questions of a run.
    pub async fn questions(&self, run: &RunId) -> anyhow::Result<Questions> {
        self.get(&format!("/runs/{run}/tasks")).await
    }

    /// Answers a question.
    pub async fn answer(&self, task: &TaskId, answer: &Answer) -> anyhow::Result<Taken> {
        let path = format!("/tasks/{task}/answers");
        let body = serde_json::to_value(answer)?;
        let answered = self.send(Method::POST, &path, Some(&body)).await?;
        match answered.status {
            StatusCode::OK => Ok(Taken::Yes(serde_json::from_value(answered.body)?)),
            StatusCode::CONFLICT => Ok(Taken::No(words(&answered))),
            _ => bail!("{path}: {}", words(&answered)),
        }
    }

    /// Links a provider by the access token that it gave.
    pub async fn link(&self, provider: &str, token: &str, accounts: &[String]) -> anyhow::Result<()> {
        let body = json!({ "access_token": token, "accounts": accounts });
        self.call::<Value>(Method::PUT, &format!("/links/{provider}"), Some(&body)).await.map(drop)
    }

    /// Grants a consent.
    pub async fn consent(&self, scope: &str) -> anyhow::Result<()> {
        self.call::<Value>(Method::PUT, &format!("/consents/{scope}"), Some(&json!({}))).await.map(drop)
    }

    /// Takes a consent back.
    pub async fn revoke(&self, scope: &str) -> anyhow::Result<()> {
        self.call::<Value>(Method::DELETE, &format!("/consents/{scope}"), None).await.map(drop)
    }

    /// Ends a run: `cancel` has everything undone, `stop` keeps it.
    pub async fn end(&self, run: &RunId, how: &str) -> anyhow::Result<()> {
        self.call::<Value>(Method::POST, &format!("/runs/{run}/{how}"), None).await.map(drop)
    }

    /// Takes an ended run up again.
    pub async fn resume(&self, run: &RunId) -> anyhow::Result<()> {
        self.call::<Value>(Method::POST, &format!("/runs/{run}/resume"), Some(&json!({}))).await.map(drop)
    }

    /// What a run has done, undone and left.
    pub async fn report(&self, run: &RunId) -> anyhow::Result<Report> {
        self.get(&format!("/runs/{run}/report")).await
    }

    /// Replaces the goals.
    pub async fn goals(&self, goals: &Value) -> anyhow::Result<()> {
        self.call::<Value>(Method::PUT, "/goals", Some(goals)).await.map(drop)
    }

    /// Reads anything.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.call(Method::GET, path, None).await
    }

    /// Calls anything.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<T> {
        let line = format!("{method} {path}");
        let answer = self.send(method, path, body).await?;
        if !answer.status.is_success() {
            bail!("{line}: {}", words(&answer));
        }
        Ok(serde_json::from_value(answer.body)?)
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<http::Answer> {
        let line = format!("{method} {path}");
        let request =
            http::call(&self.client, method, format!("{}{path}", self.url), body).bearer_auth(&self.token);
        http::send(request, &line).await
    }
}

/// Why a call was refused.
fn words(answer: &http::Answer) -> String {
    let Ok(problem) = serde_json::from_value::<Problem>(answer.body.clone()) else {
        return answer.status.to_string();
    };
    let fields: Vec<_> = problem.errors.iter().map(|it| format!("{} {}", it.field, it.what)).collect();
    if fields.is_empty() { problem.detail } else { format!("{} ({})", problem.detail, fields.join(", ")) }
}
