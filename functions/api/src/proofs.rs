//! Where the files that prove things are kept, as the API needs it.

use crate::http::Http;
use aws::Proofs;
use http::{Method, Request, StatusCode};
use jiff::Timestamp;
use ports::PortError;
use std::collections::BTreeMap;

/// Keeps files that browsers upload.
#[trait_variant::make(Send)]
pub trait KeepProofs {
    /// Where forms are sent to.
    fn address(&self) -> String;
    /// The largest file, in bytes.
    fn largest(&self) -> u64;
    /// The fields of a form that uploads one file under a key and then leads to the address `then`.
    async fn form(
        &self,
        key: &str,
        then: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<String, String>, PortError>;
    /// An address at which the file of a key can be had for some minutes, under this name.
    async fn link(&self, key: &str, name: &str, now: Timestamp) -> Result<String, PortError>;
    /// Whether there is a file under a key.
    async fn holds(&self, key: &str, now: Timestamp) -> Result<bool, PortError>;
}

/// A bucket of S3's.
pub struct ProofStore {
    proofs: Proofs,
    http: Http,
}

impl ProofStore {
    /// A bucket.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn of(proofs: Proofs) -> Result<Self, PortError> {
        Ok(Self { proofs, http: Http::new().map_err(unavailable)? })
    }
}

impl KeepProofs for ProofStore {
    fn address(&self) -> String {
        self.proofs.address().to_owned()
    }

    fn largest(&self) -> u64 {
        aws::LARGEST
    }

    async fn form(
        &self,
        key: &str,
        then: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<String, String>, PortError> {
        self.proofs.form(key, then, now).await
    }

    async fn link(&self, key: &str, name: &str, now: Timestamp) -> Result<String, PortError> {
        self.proofs.link("GET", key, Some(name), now).await
    }

    async fn holds(&self, key: &str, now: Timestamp) -> Result<bool, PortError> {
        let link = self.proofs.link("HEAD", key, None, now).await?;
        let mut call = Request::new(http_body_util::Full::default());
        *call.method_mut() = Method::HEAD;
        *call.uri_mut() = link.parse().map_err(|_| unavailable("no address".to_owned()))?;
        let answer = self.http.send(call).await.map_err(unavailable)?;
        match answer.status() {
            status if status.is_success() => Ok(true),
            // Without the right to list, S3 says to what is not there that it is not allowed.
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Ok(false),
            status => Err(unavailable(format!("it answered {status}"))),
        }
    }
}

fn unavailable(reason: String) -> PortError {
    PortError::Unavailable { operation: "ask after a proof", reason }
}
