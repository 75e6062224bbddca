//! What all clients share: region, credentials, endpoint, time limits and one HTTP client.

use crate::http::Http;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use shell::env::{Env, EnvError};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// One try of a call. The answer to all but a function's invocation is a matter of milliseconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// How the adapters reach AWS. Clones share one HTTP client, which is built at the first call.
#[derive(Clone)]
pub struct Aws {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    sdk: OnceLock<SdkConfig>,
}

enum Settings {
    Environment { region: String, credentials: Credentials, endpoint: Option<String> },
    Given(Box<SdkConfig>),
}

impl Aws {
    /// As the Lambda runtime tells: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. On Lambda they
    /// hold as long as the process lives, so no other source of credentials is linked. `AWS_ENDPOINT_URL` replaces the endpoint
    /// of every service.
    ///
    /// # Errors
    /// Names the variable that is not set.
    pub fn from_env() -> Result<Self, EnvError> {
        Self::of(&Env::process())
    }

    /// With the given settings, for tests and tools.
    #[must_use]
    pub fn new(sdk: SdkConfig) -> Self {
        Self::with(Settings::Given(Box::new(sdk)))
    }

    fn of(env: &Env<'_>) -> Result<Self, EnvError> {
        let credentials = Credentials::new(
            env.required("AWS_ACCESS_KEY_ID")?,
            env.required("AWS_SECRET_ACCESS_KEY")?,
            env.optional("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        Ok(Self::with(Settings::Environment {
            region: env.required("AWS_REGION")?,
            credentials,
            endpoint: env.optional("AWS_ENDPOINT_URL"),
        }))
    }

    fn with(settings: Settings) -> Self {
        Self { inner: Arc::new(Inner { settings, sdk: OnceLock::new() }) }
    }

    /// The settings of every client; for one that has no adapter here.
    #[must_use]
    pub fn sdk(&self) -> &SdkConfig {
        self.inner.sdk.get_or_init(|| match &self.inner.settings {
            Settings::Given(sdk) => SdkConfig::clone(sdk),
            Settings::Environment { region, credentials, endpoint } => {
                let mut sdk = base();
                sdk.set_region(Region::new(region.clone()));
                sdk.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials.clone())));
                sdk.set_endpoint_url(endpoint.clone());
                sdk.build()
            }
        })
    }
}

/// Without region, credentials and endpoint.
fn base() -> aws_types::sdk_config::Builder {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(Http::new())
        .timeout_config(timeouts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_the_environment_lacks() {
        let all = [
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ];
        for (missing, _) in &all[..3] {
            let some: Vec<_> = all.into_iter().filter(|(name, _)| name != missing).collect();
            let error = Aws::of(&Env::of(&some)).err().expect("an error").to_string();
            assert_eq!(error, format!("environment variable {missing} is not set"));
        }
        let aws = Aws::of(&Env::of(&all)).unwrap();
        assert_eq!(aws.sdk().endpoint_url(), Some("http://127.0.0.1:4566"));
        assert_eq!(aws.sdk().region().map(Region::as_ref), Some("eu-west-1"));
        let aws = Aws::of(&Env::of(&all[..3])).unwrap();
        assert_eq!(aws.sdk().endpoint_url(), None);
    }
}
