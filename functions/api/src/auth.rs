//! Who calls: the user pool's bearer tokens, verified here and not at the gateway, so that it is the same everywhere.

mod keys;
mod pool;
mod ring_signatures;

pub use keys::{FetchKeys, HttpKeys, KeysUnavailable};
pub use pool::{Newcomer, Session, SignIn, SignInError, UserPool};

use crate::problem::Problem;
use events::UserId;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use keys::Keys;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

/// A clock may be this many seconds behind the issuer's.
const LEEWAY: i64 = 30;

/// Verifies the bearer tokens of one issuer's client.
pub struct Tokens {
    issuer: String,
    client_id: String,
    keys: Keys,
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Unauthenticated {
    /// It is no token of this issuer's client, or no longer.
    #[error("{0}")]
    Refused(&'static str),
    /// The issuer's keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysUnavailable),
}

impl From<Unauthenticated> for Problem {
    fn from(error: Unauthenticated) -> Self {
        match error {
            Unauthenticated::Refused(why) => Self::unauthenticated(why),
            Unauthenticated::Keys(error) => {
                tracing::warn!(error.chain = %error, "a token could not be verified");
                let status = http::StatusCode::SERVICE_UNAVAILABLE;
                Self::new(status, "Tokens cannot be verified at the moment; try again.")
            }
        }
    }
}

/// The claims that are looked at. Cognito's access tokens carry `client_id`, its id tokens `aud`.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    token_use: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    aud: Value,
    #[serde(default, rename = "cognito:groups")]
    groups: Vec<String>,
}

/// Who a token says calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The user: its subject.
    pub user: UserId,
    /// Whether the user operates the system: is in the pool's group `operators`.
    pub operates: bool,
}

/// The group of those who operate the system.
const OPERATORS: &str = "operators";

impl Tokens {
    /// For the tokens that an issuer gives to a client.
    pub fn of(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        ring_signatures::install();
        Self { issuer: issuer.into(), client_id: client_id.into(), keys: Keys::default() }
    }

    /// The user whose token it is: its subject.
    ///
    /// # Errors
    /// [`Unauthenticated`] when it is not signed by the issuer, not for this client, not of this time, or names no user.
    pub async fn user_of(
        &self,
        token: &str,
        fetch: &impl FetchKeys,
        now: Timestamp,
    ) -> Result<UserId, Unauthenticated> {
        Ok(self.known_by(token, fetch, now).await?.user)
    }

    /// All that a token says of who calls.
    ///
    /// # Errors
    /// As [`Tokens::user_of`].
    pub async fn known_by(
        &self,
        token: &str,
        fetch: &impl FetchKeys,
        now: Timestamp,
    ) -> Result<Known, Unauthenticated> {
        use Unauthenticated::Refused;
        let header = decode_header(token).map_err(|_| Refused("The bearer token is no token."))?;
        if header.alg != Algorithm::RS256 {
            return Err(Refused("The bearer token is signed in a way that is not accepted."));
        }
        let kid = header.kid.ok_or(Refused("The bearer token does not name its key."))?;
        let key = self.keys.of(&kid, fetch, now).await?;
        let key = key.ok_or(Refused("The bearer token is signed by a key that is not the issuer's."))?;
        let claims = decode::<Claims>(token, &key, &signature_only())
            .map_err(|_| Refused("The bearer token's signature does not hold."))?
            .claims;
        self.check(&claims, now.as_second())?;
        let operates = claims.groups.iter().any(|group| group == OPERATORS);
        let user = UserId::parse(claims.sub).map_err(|_| Refused("The bearer token names no user."))?;
        Ok(Known { user, operates })
    }

    fn check(&self, claims: &Claims, now: i64) -> Result<(), Unauthenticated> {
        let refuse = |why| Err(Unauthenticated::Refused(why));
        if claims.iss != self.issuer {
            return refuse("The bearer token is of another issuer.");
        }
        if claims.exp + LEEWAY <= now {
            return refuse("The bearer token has expired.");
        }
        if claims.nbf.is_some_and(|from| now + LEEWAY < from) {
            return refuse("The bearer token is not valid yet.");
        }
        let ours = |id: &str| id == self.client_id;
        let client = claims.client_id.as_deref().is_some_and(ours);
        let audience = match &claims.aud {
            Value::String(one) => ours(one),
            Value::Array(many) => many.iter().filter_map(Value::as_str).any(ours),
            _ => false,
        };
        let for_us = match claims.token_use.as_deref() {
            Some("access") => client,
            Some("id") => audience,
            Some(_) => return refuse("The bearer token is for another use."),
            None => client || audience,
        };
        if for_us { Ok(()) } else { refuse("The bearer token is for another client.") }
    }
}

/// The claims are checked here, against the clock that the rest of the API uses.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims = HashSet::new();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}
