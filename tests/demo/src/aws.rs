//! What a client needs of the local AWS beside the API: signing in, putting an event on the bus, and a platform that fails. Plain JSON
//! calls, as a local AWS checks no signatures; a client of a real one would use the SDK.

use crate::http;
use crate::settings::Settings;
use anyhow::{Context, bail};
use events::{Envelope, Event, UserId};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde_json::{Value, json};

/// The `source` of the simulation upstream's events.
const UPSTREAM: &str = "household.simulation";

/// A client of the local AWS.
pub struct Aws {
    client: reqwest::Client,
    url: String,
    region: String,
    bus: String,
    stage: String,
    pool: String,
    app: String,
}

/// A user who is signed in.
pub struct SignedIn {
    /// The access token.
    pub token: String,
    /// The user's id in everything.
    pub user_id: UserId,
}

impl Aws {
    /// As the settings say.
    ///
    /// # Errors
    /// When no HTTP client can be set up.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        Ok(Self {
            client: http::client_that_tries_again(&settings.aws_url)?,
            url: settings.aws_url.clone(),
            region: settings.region.clone(),
            bus: settings.bus.clone(),
            stage: settings.stage.clone(),
            pool: settings.user_pool.clone(),
            app: settings.client.clone(),
        })
    }

    /// Creates the user where there is none, and signs in.
    pub async fn sign_in(&self, name: &str, password: &str) -> anyhow::Result<SignedIn> {
        let user = json!({ "UserPoolId": self.pool, "Username": name, "MessageAction": "SUPPRESS" });
        if let Err(error) = self.cognito("AdminCreateUser", &user).await {
            let exists = error.to_string().contains("UsernameExists");
            if !exists {
                return Err(error);
            }
        }
        self.set_password(name, password, true).await?;
        let parameters = json!({ "USERNAME": name, "PASSWORD": password });
        let auth =
            json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": self.app, "AuthParameters": parameters });
        let answer = self.cognito("InitiateAuth", &auth).await?;
        let token =
            answer["AuthenticationResult"]["AccessToken"].as_str().context("signing in gave no token")?;
        let who = self.cognito("GetUser", &json!({ "AccessToken": token })).await?;
        let attributes = who["UserAttributes"].as_array().cloned().unwrap_or_default();
        let sub = attributes
            .iter()
            .find(|it| it["Name"] == "sub")
            .and_then(|it| it["Value"].as_str())
            .context("the user has no id")?;
        Ok(SignedIn { token: token.to_owned(), user_id: UserId::parse(sub)? })
    }

    /// Gives a user a password: their own, or one that is good for choosing it.
    ///
    /// # Errors
    /// When the user pool refuses it.
    pub async fn set_password(&self, name: &str, password: &str, for_good: bool) -> anyhow::Result<()> {
        let set =
            json!({ "UserPoolId": self.pool, "Username": name, "Password": password, "Permanent": for_good });
        self.cognito("AdminSetUserPassword", &set).await.map(drop)
    }

    /// Puts an event of the simulation upstream on the bus.
    pub async fn publish<T: Event>(&self, envelope: &Envelope<T>) -> anyhow::Result<()> {
        self.put(UPSTREAM, envelope.data.detail_type(), envelope).await
    }

    /// Puts any event on the bus.
    ///
    /// # Errors
    /// When the bus refuses it.
    pub async fn put(&self, source: &str, detail_type: &str, detail: &impl Serialize) -> anyhow::Result<()> {
        let entry = json!({
            "EventBusName": self.bus, "Source": source, "DetailType": detail_type,
            "Detail": serde_json::to_string(detail)?
        });
        let answer = self.call("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] })).await?;
        if answer["FailedEntryCount"].as_u64().unwrap_or(0) > 0 {
            bail!("the bus refused the event: {}", answer["Entries"][0]["ErrorMessage"]);
        }
        Ok(())
    }

    /// Has the platform end the processes of a function in the middle of whatever they do: the local AWS does so when the function's
    /// configuration is written, even as it was.
    pub(crate) async fn end_processes(&self, function: &str) -> anyhow::Result<()> {
        let name = format!("{}-{function}", self.stage);
        let url = format!("{}/2015-03-31/functions/{name}/configuration", self.url);
        let read = self.signed(http::call(&self.client, Method::GET, url.clone(), None), "lambda");
        let configuration = http::send(read, &name).await?.body;
        let same = json!({ "MemorySize": configuration["MemorySize"] });
        let write = self.signed(http::call(&self.client, Method::PUT, url, Some(&same)), "lambda");
        let answer = http::send(write, &name).await?;
        if !answer.status.is_success() {
            bail!("{name}: {} {}", answer.status, answer.body);
        }
        Ok(())
    }

    async fn cognito(&self, action: &str, body: &Value) -> anyhow::Result<Value> {
        self.call("cognito-idp", &format!("AWSCognitoIdentityProviderService.{action}"), body).await
    }

    /// Calls an operation of a service that speaks JSON.
    ///
    /// # Errors
    /// The service's own words.
    pub async fn call(&self, service: &str, target: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self
            .client
            .post(format!("{}/", self.url))
            .header(CONTENT_TYPE, "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(body.to_string());
        let answer = http::send(self.signed(request, service), target).await?;
        if !answer.status.is_success() {
            let kind = answer.body["__type"].as_str().unwrap_or_default();
            let message =
                answer.body["message"].as_str().or(answer.body["Message"].as_str()).unwrap_or_default();
            bail!("{target}: {} {kind} {message}", answer.status);
        }
        Ok(answer.body)
    }

    /// A call with the form of a signature, which is all that a local AWS looks at.
    fn signed(&self, request: RequestBuilder, service: &str) -> RequestBuilder {
        let scope = format!("test/20200101/{}/{service}/aws4_request", self.region);
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none");
        request.header("x-amz-date", "20200101T000000Z").header(AUTHORIZATION, signature)
    }
}
