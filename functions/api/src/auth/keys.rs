//! The issuer's public keys: fetched once, kept, and fetched again when a token names one that is not known.

use crate::http::Http;
use http::Request;
use http_body_util::Full;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::JwkSet;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long fetched keys are good without asking again: an issuer that withdraws one is believed that much later.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(1);

/// An unknown key makes a fetch at most this often, so that made-up tokens cannot have the issuer flooded.
const APART: SignedDuration = SignedDuration::from_secs(30);

/// The issuer's keys cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the issuer's keys cannot be fetched: {reason}")]
pub struct KeysUnavailable {
    /// Why.
    pub reason: String,
}

/// Fetches the issuer's key set.
#[trait_variant::make(Send)]
pub trait FetchKeys {
    /// The key set as it is now.
    async fn fetch_keys(&self) -> Result<JwkSet, KeysUnavailable>;
}

/// The keys known so far.
#[derive(Default)]
pub(super) struct Keys(Mutex<Option<Known>>);

struct Known {
    keys: HashMap<String, Arc<DecodingKey>>,
    at: Timestamp,
}

impl Keys {
    /// The RSA key of this id; `None` when the issuer has none.
    pub(super) async fn of(
        &self,
        kid: &str,
        fetch: &impl FetchKeys,
        now: Timestamp,
    ) -> Result<Option<Arc<DecodingKey>>, KeysUnavailable> {
        let mut known = self.0.lock().await;
        let found = known.as_ref().and_then(|known| known.keys.get(kid)).cloned();
        let age = known.as_ref().map(|known| now.duration_since(known.at));
        let fresh_for = if found.is_some() { GOOD_FOR } else { APART };
        if age.is_some_and(|age| age < fresh_for) {
            return Ok(found);
        }
        match fetch.fetch_keys().await {
            Ok(set) => {
                let fetched = Known { keys: rsa_keys(&set), at: now };
                Ok(known.insert(fetched).keys.get(kid).cloned())
            }
            // A key that was good an hour ago is better than turning everyone away while the issuer is down.
            Err(_) if found.is_some() => Ok(found),
            Err(error) => Err(error),
        }
    }
}

fn rsa_keys(set: &JwkSet) -> HashMap<String, Arc<DecodingKey>> {
    set.keys
        .iter()
        .filter_map(|jwk| Some((jwk.common.key_id.clone()?, Arc::new(DecodingKey::from_jwk(jwk).ok()?))))
        .collect()
}

/// The key set at an address.
pub struct HttpKeys {
    url: http::Uri,
    http: Http,
}

impl HttpKeys {
    /// From `http://` (a local AWS) or `https://`.
    ///
    /// # Errors
    /// [`KeysUnavailable`] when TLS cannot be set up.
    pub fn at(url: http::Uri) -> Result<Self, KeysUnavailable> {
        Ok(Self { url, http: Http::new().map_err(unavailable)? })
    }
}

impl FetchKeys for HttpKeys {
    async fn fetch_keys(&self) -> Result<JwkSet, KeysUnavailable> {
        let mut call = Request::new(Full::default());
        *call.uri_mut() = self.url.clone();
        let answer = self.http.send(call).await.map_err(unavailable)?;
        if !answer.status().is_success() {
            return Err(unavailable(format!("the issuer answered {}", answer.status())));
        }
        serde_json::from_slice(answer.body()).map_err(unavailable)
    }
}

fn unavailable(reason: impl ToString) -> KeysUnavailable {
    KeysUnavailable { reason: reason.to_string() }
}
