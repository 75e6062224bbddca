//! AWS as a list of answers.

use aws::Aws;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::{Value, json};

/// One answer.
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

/// An answer with status 200.
pub fn ok(body: Value) -> Answer {
    Answer { status: 200, headers: Vec::new(), body: body.to_string() }
}

/// An error of a service that speaks AWS JSON, status 400.
pub fn error(kind: &str, mut body: Value) -> Answer {
    body["__type"] = json!(kind);
    Answer { status: 400, headers: Vec::new(), body: body.to_string() }
}

impl Answer {
    /// With this text.
    pub fn text(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    fn event(self) -> ReplayEvent {
        let mut response = http::Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        ReplayEvent::new(
            http::Request::new(SdkBody::empty()),
            response.body(SdkBody::from(self.body)).unwrap(),
        )
    }
}

/// What was asked of an [`AWS`](Aws) that gives these answers, in order.
pub struct Asked(StaticReplayClient);

impl Asked {
    /// The bodies of all requests.
    pub fn bodies(&self) -> Vec<Value> {
        let requests = self.0.actual_requests();
        requests.map(|it| serde_json::from_slice(it.body().bytes().unwrap()).unwrap()).collect()
    }

    /// The bodies of all requests, as they are.
    pub fn texts(&self) -> Vec<String> {
        let requests = self.0.actual_requests();
        requests.map(|it| String::from_utf8(it.body().bytes().unwrap().to_vec()).unwrap()).collect()
    }

    /// The addresses and headers of all requests.
    pub fn heads(&self) -> Vec<(String, Vec<(String, String)>)> {
        let requests = self.0.actual_requests();
        requests
            .map(|it| {
                let headers = it.headers().iter();
                (
                    it.uri().to_owned(),
                    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
                )
            })
            .collect()
    }
}

/// An AWS that gives these answers, in order, and then none.
pub fn aws(answers: impl IntoIterator<Item = Answer>) -> (Aws, Asked) {
    let client = StaticReplayClient::new(answers.into_iter().map(Answer::event).collect());
    (with(client.clone()), Asked(client))
}

/// An AWS behind an HTTP client.
pub fn with(client: impl HttpClient + 'static) -> Aws {
    Aws::new(
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "key", "secret", None, None, "test",
            )))
            .http_client(client)
            .build(),
    )
}
