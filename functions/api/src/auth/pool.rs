//! Signing in with the user pool, for the console: by name and password, without an SDK, as these calls of Cognito's are not signed.
//! Source: "InitiateAuth" and "RevokeToken" in the Amazon Cognito user pools API reference.

use crate::http::Http;
use http::{Method, Request, Response, StatusCode, Uri, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;

/// What a user who is signed in has. Has no `Debug`: it is all secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The bearer token of the API's calls.
    pub access_token: String,
    /// What a new one is had for; none when this one was had for it.
    pub refresh_token: Option<String>,
    /// For how many seconds the access token is good.
    pub lasts: u32,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("lasts", &self.lasts).finish_non_exhaustive()
    }
}

/// Nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The name and the password, or the refresh token, are not good.
    #[error("the user pool refused")]
    Refused,
    /// The user pool asks for more than the console can show, such as a new password.
    #[error("the user pool asks for more: {0}")]
    More(String),
    /// The user pool cannot be asked.
    #[error("the user pool cannot be asked: {0}")]
    Unavailable(String),
}

/// Signs users in and out.
#[trait_variant::make(Send)]
pub trait SignIn {
    /// By name and password.
    async fn sign_in(&self, name: &str, password: &str) -> Result<Session, SignInError>;
    /// By what was had when signing in.
    async fn refresh(&self, refresh_token: &str) -> Result<Session, SignInError>;
    /// Makes a refresh token and what was had for it worthless.
    async fn sign_out(&self, refresh_token: &str) -> Result<(), SignInError>;
}

/// A user pool of Cognito's.
pub struct UserPool {
    /// None: another issuer's tokens are taken, and nobody signs in here.
    address: Option<Uri>,
    client_id: String,
    http: Http,
}

impl UserPool {
    /// Cognito at an address.
    ///
    /// # Errors
    /// [`SignInError::Unavailable`] when TLS cannot be set up.
    pub fn at(address: Option<Uri>, client_id: impl Into<String>) -> Result<Self, SignInError> {
        let http = Http::new().map_err(SignInError::Unavailable)?;
        Ok(Self { address, client_id: client_id.into(), http })
    }

    async fn call(&self, action: &str, body: &Value) -> Result<Value, SignInError> {
        let unavailable = |reason: String| SignInError::Unavailable(reason);
        let address = self.address.clone().ok_or_else(|| unavailable("there is none".to_owned()))?;
        let call = Request::builder()
            .method(Method::POST)
            .uri(address)
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AWSCognitoIdentityProviderService.{action}"))
            .body(body.to_string().into())
            .map_err(|error| unavailable(error.to_string()))?;
        let answer = self.http.send(call).await.map_err(unavailable)?;
        if answer.status() == StatusCode::BAD_REQUEST {
            return Err(refusal(&answer));
        }
        if !answer.status().is_success() {
            return Err(unavailable(format!("it answered {}", answer.status())));
        }
        // An empty answer is one too.
        Ok(serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    async fn initiate(&self, flow: &str, parameters: Value) -> Result<Session, SignInError> {
        let body = json!({ "AuthFlow": flow, "ClientId": self.client_id, "AuthParameters": parameters });
        let answer = self.call("InitiateAuth", &body).await?;
        if let Some(challenge) = answer["ChallengeName"].as_str() {
            return Err(SignInError::More(challenge.to_owned()));
        }
        let tokens = Tokens::deserialize(&answer["AuthenticationResult"])
            .map_err(|_| SignInError::Unavailable("its answer has no tokens".to_owned()))?;
        Ok(Session {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            lasts: tokens.expires_in,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tokens {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    expires_in: u32,
}

/// Cognito says 400 to what is wrong and to what is too much alike.
fn refusal(answer: &Response<bytes::Bytes>) -> SignInError {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let kind = body["__type"].as_str().unwrap_or_default();
    match kind.rsplit('#').next().unwrap_or_default() {
        "NotAuthorizedException" | "UserNotFoundException" | "UserNotConfirmedException" => {
            SignInError::Refused
        }
        "InvalidParameterException" => SignInError::Refused,
        "PasswordResetRequiredException" => SignInError::More("a new password".to_owned()),
        kind => SignInError::Unavailable(kind.to_owned()),
    }
}

impl SignIn for UserPool {
    async fn sign_in(&self, name: &str, password: &str) -> Result<Session, SignInError> {
        self.initiate("USER_PASSWORD_AUTH", json!({ "USERNAME": name, "PASSWORD": password })).await
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Session, SignInError> {
        self.initiate("REFRESH_TOKEN_AUTH", json!({ "REFRESH_TOKEN": refresh_token })).await
    }

    async fn sign_out(&self, refresh_token: &str) -> Result<(), SignInError> {
        let body = json!({ "ClientId": self.client_id, "Token": refresh_token });
        self.call("RevokeToken", &body).await.map(|_| ())
    }
}
