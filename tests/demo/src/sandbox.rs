//! The provider sandbox: as its keeper, who sets up a household, and as the user, who has accounts there.

use crate::http;
use crate::settings::Settings;
use anyhow::{Context, bail};
use events::SimulationCompleted;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// A client of the sandbox. A call fails with the sandbox's own words.
pub struct Sandbox {
    client: reqwest::Client,
    url: String,
}

/// A user's way into the providers.
pub struct Linked {
    /// The access token; the sandbox's own APIs take it too.
    pub token: String,
    /// The accounts behind it.
    pub accounts: Vec<String>,
}

/// A user's application for a gig.
pub struct Application {
    /// The application.
    pub id: String,
    /// Its reference: the proof.
    pub reference: String,
}

impl Sandbox {
    /// At the settings' address.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        Ok(Self { client: http::client()?, url: settings.sandbox_url.clone() })
    }

    /// A world of its own for a user, as its household file begins.
    pub async fn settle(&self, user: &str, settings: &Settings) -> anyhow::Result<()> {
        let mut body = json!({ "user_id": user });
        if let Some(file) = &settings.household {
            body["household"] = json!(file);
        }
        if let Some(person) = &settings.person {
            body["person"] = json!(person);
        }
        if let Some(as_of) = &settings.as_of {
            body["as_of"] = json!(as_of);
        }
        let request = self.request(Method::POST, "/admin/users", Some(&body));
        self.done(request, "household").await.map(drop)
    }

    /// What a simulation would publish about a user's household.
    pub async fn figures(&self, user: &str) -> anyhow::Result<(String, SimulationCompleted)> {
        let request = self.request(Method::GET, &format!("/admin/household?user={user}"), None);
        let answer = self.done(request, "the household's figures").await?;
        let name = answer["name"].as_str().unwrap_or(user).to_owned();
        Ok((name, serde_json::from_value(answer["figures"].clone()).context("the household's figures")?))
    }

    /// Links a user as Plaid's Link would.
    pub async fn link(&self, user: &str) -> anyhow::Result<Linked> {
        let create = json!({
            "institution_id": "ins_109508", "initial_products": ["transactions"],
            "options": { "override_username": user, "override_password": "pass_good" }
        });
        let public = self.plaid("/sandbox/public_token/create", create).await?;
        let exchange = json!({ "public_token": public["public_token"] });
        let item = self.plaid("/item/public_token/exchange", exchange).await?;
        let token = item["access_token"].as_str().context("linking gave no access token")?.to_owned();
        let accounts = self.plaid("/accounts/get", json!({ "access_token": token })).await?;
        let accounts = accounts["accounts"].as_array().cloned().unwrap_or_default();
        let ids = accounts.iter().filter_map(|it| it["account_id"].as_str()).map(str::to_owned).collect();
        Ok(Linked { token, accounts: ids })
    }

    /// Applies for a gig, as the user.
    pub async fn apply(&self, token: &str, gig: &str, key: &str) -> anyhow::Result<Application> {
        let body = json!({ "gig_id": gig });
        let answer = self.effect("/gigs/applications", token, &format!("{key}:start"), &body).await?;
        let application = &answer["application"];
        let text = |name: &str| {
            application[name].as_str().map(str::to_owned).context("the application is incomplete")
        };
        Ok(Application { id: text("application_id")?, reference: text("reference")? })
    }

    /// Submits an application, as the user.
    pub async fn submit(&self, token: &str, application: &Application, key: &str) -> anyhow::Result<()> {
        let path = format!("/gigs/applications/{}/status", application.id);
        let body = json!({ "status": "submitted" });
        self.effect(&path, token, &format!("{key}:submit"), &body).await.map(drop)
    }

    /// Takes a subscription back, as the user: what a cancellation or a smaller plan did under `key` is reversed.
    pub async fn restore(&self, token: &str, subscription: &str, key: &str) -> anyhow::Result<()> {
        let body = json!({ "undo_of": key });
        let path = format!("/subscriptions/{subscription}/restore");
        self.effect(&path, token, &format!("{key}:by-hand"), &body).await.map(drop)
    }

    /// What its keeper can look at, such as `/admin/ledger?user=…`.
    pub async fn look(&self, path: &str) -> anyhow::Result<Value> {
        self.done(self.request(Method::GET, path, None), path).await
    }

    /// Lets a user's providers fail.
    pub async fn fault(&self, user: &str, matching: Value, fault: &Value) -> anyhow::Result<()> {
        let mut matching = matching;
        matching["user"] = json!(user);
        let body = json!({ "match": matching, "fault": fault });
        self.done(self.request(Method::POST, "/admin/faults", Some(&body)), "the fault").await.map(drop)
    }

    /// Forgets a user's faults.
    pub async fn no_faults(&self, user: &str) -> anyhow::Result<()> {
        let path = format!("/admin/faults?user={user}");
        self.done(self.request(Method::DELETE, &path, None), "the faults").await.map(drop)
    }

    /// How many calls each of a user's faults has hit so far, in the order in which they were made.
    pub(crate) async fn hits(&self, user: &str) -> anyhow::Result<Vec<u64>> {
        let answer = self.look("/admin/faults").await?;
        let rules = answer["faults"].as_array().cloned().unwrap_or_default();
        let own = rules.iter().filter(|rule| rule["match"]["user"] == user);
        Ok(own.map(|rule| rule["hits"].as_u64().unwrap_or(0)).collect())
    }

    async fn effect(&self, path: &str, token: &str, key: &str, body: &Value) -> anyhow::Result<Value> {
        let request =
            self.request(Method::POST, path, Some(body)).bearer_auth(token).header("Idempotency-Key", key);
        self.done(request, path).await
    }

    async fn plaid(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let request = self
            .request(Method::POST, path, Some(&body))
            .header("PLAID-CLIENT-ID", "demo")
            .header("PLAID-SECRET", "demo");
        self.done(request, path).await
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> RequestBuilder {
        http::call(&self.client, method, format!("{}{path}", self.url), body)
    }

    async fn done(&self, request: RequestBuilder, what: &str) -> anyhow::Result<Value> {
        let answer = http::send(request, what).await?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        let own = answer.body["error"]["message"].as_str();
        match own.or(answer.body["error_message"].as_str()) {
            Some(words) => bail!("{what}: {words}"),
            None => bail!("{what}: {}", answer.status),
        }
    }
}
