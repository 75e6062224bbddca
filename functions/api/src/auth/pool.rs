//! Signing in with the user pool, for the console: by name and password, without an SDK, as these calls of Cognito's are not signed.
//! Source: "InitiateAuth", "RespondToAuthChallenge" and "RevokeToken" in the Amazon Cognito user pools API reference.

use crate::http::Http;
use http::{Method, Request, Response, StatusCode, Uri, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;

/// What is asked of a user whom an administrator has made.
const NEW_PASSWORD: &str = "NEW_PASSWORD_REQUIRED";

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

/// Who has said the password that an administrator gave out, and must choose their own: what the user pool is answered with.
#[derive(Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// The user's name, as the user pool has it.
    pub name: String,
    /// The user pool's token of this one sign-in.
    pub session: String,
}

impl fmt::Debug for Newcomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Newcomer").finish_non_exhaustive()
    }
}

/// Nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The name and the password, or the refresh token, are not good.
    #[error("the user pool refused")]
    Refused,
    /// The password that was given out is good, and a new one is to be chosen before anything else.
    #[error("the user pool asks for a new password")]
    NewPassword(Newcomer),
    /// The new password is not taken; why, in the user pool's words.
    #[error("the user pool does not take the new password")]
    NotTaken(String),
    /// The user pool asks for more than the console can show, such as a second factor.
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
    /// With the password that a newcomer chose.
    async fn choose_password(&self, who: &Newcomer, password: &str) -> Result<Session, SignInError>;
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
        session(&self.call("InitiateAuth", &body).await?)
    }
}

/// The session of an answer; an error is what the user pool asks for first.
fn session(answer: &Value) -> Result<Session, SignInError> {
    match (answer["ChallengeName"].as_str(), answer["Session"].as_str()) {
        (Some(NEW_PASSWORD), Some(session)) => {
            // Who signed in by another name, such as an address, is answered for by their own.
            let name = answer["ChallengeParameters"]["USER_ID_FOR_SRP"].as_str().unwrap_or_default();
            let newcomer = Newcomer { name: name.to_owned(), session: session.to_owned() };
            return Err(SignInError::NewPassword(newcomer));
        }
        (Some(challenge), _) => return Err(SignInError::More(challenge.to_owned())),
        (None, _) => {}
    }
    let tokens = Tokens::deserialize(&answer["AuthenticationResult"])
        .map_err(|_| SignInError::Unavailable("its answer has no tokens".to_owned()))?;
    Ok(Session {
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token,
        lasts: tokens.expires_in,
    })
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
    let message = body["message"].as_str().unwrap_or_default();
    match kind.rsplit('#').next().unwrap_or_default() {
        // It is good for seven days; only an administrator gives another one.
        "NotAuthorizedException" if message.starts_with("Temporary password has expired") => {
            SignInError::More("another password to be given out".to_owned())
        }
        "NotAuthorizedException" | "UserNotFoundException" | "UserNotConfirmedException" => {
            SignInError::Refused
        }
        "InvalidParameterException" => SignInError::Refused,
        "InvalidPasswordException" => SignInError::NotTaken(why(&body)),
        "PasswordResetRequiredException" => SignInError::More("a new password".to_owned()),
        kind => SignInError::Unavailable(kind.to_owned()),
    }
}

/// "Password did not conform with policy: Password not long enough" → "Password not long enough".
fn why(body: &Value) -> String {
    let message = body["message"].as_str().unwrap_or_default();
    message.rsplit(": ").next().unwrap_or_default().to_owned()
}

impl SignIn for UserPool {
    async fn sign_in(&self, name: &str, password: &str) -> Result<Session, SignInError> {
        self.initiate("USER_PASSWORD_AUTH", json!({ "USERNAME": name, "PASSWORD": password })).await
    }

    async fn choose_password(&self, who: &Newcomer, password: &str) -> Result<Session, SignInError> {
        let body = json!({
            "ChallengeName": NEW_PASSWORD,
            "ClientId": self.client_id,
            "Session": who.session,
            "ChallengeResponses": { "USERNAME": who.name, "NEW_PASSWORD": password },
        });
        session(&self.call("RespondToAuthChallenge", &body).await?)
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Session, SignInError> {
        self.initiate("REFRESH_TOKEN_AUTH", json!({ "REFRESH_TOKEN": refresh_token })).await
    }

    async fn sign_out(&self, refresh_token: &str) -> Result<(), SignInError> {
        let body = json!({ "ClientId": self.client_id, "Token": refresh_token });
        self.call("RevokeToken", &body).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::{JoinHandle, spawn};

    /// A user pool that gives one answer; what it was asked: the action and the body.
    fn pool(status: u16, answer: &Value) -> (UserPool, JoinHandle<(String, Value)>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let body = answer.to_string();
        let asked = spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = String::new();
            let call = loop {
                let mut part = [0; 4_096];
                let read = stream.read(&mut part).unwrap();
                text.push_str(std::str::from_utf8(&part[..read]).unwrap());
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                if let Ok(body) = serde_json::from_str(body) {
                    let action = head.lines().find_map(|it| it.strip_prefix("x-amz-target: ")).unwrap();
                    break (action.rsplit('.').next().unwrap().to_owned(), body);
                }
            };
            let head =
                format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
            call
        });
        (UserPool::at(Some(address.parse().unwrap()), "client-1").unwrap(), asked)
    }

    fn newcomer() -> Newcomer {
        Newcomer { name: "3f2a".to_owned(), session: "AYAB+/=".to_owned() }
    }

    #[tokio::test]
    async fn a_user_whom_an_administrator_made_is_asked_for_a_password() {
        let (pool, _asked) = pool(
            200,
            &json!({
                "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "AYAB+/=",
                "ChallengeParameters": {"USER_ID_FOR_SRP": "3f2a", "requiredAttributes": "[]"}
            }),
        );
        let error = pool.sign_in("maya@example.com", "given out").await.unwrap_err();
        assert_eq!(error, SignInError::NewPassword(newcomer()));
        assert!(!format!("{error:?}").contains("AYAB"), "it is secret");
    }

    #[tokio::test]
    async fn the_password_chosen_answers_the_challenge() {
        let tokens = json!({"AccessToken": "a", "RefreshToken": "r", "ExpiresIn": 3_600});
        let (pool, asked) = pool(200, &json!({ "AuthenticationResult": tokens }));
        let session = pool.choose_password(&newcomer(), "Quiet-harbour-7").await.unwrap();
        assert_eq!((session.access_token.as_str(), session.lasts), ("a", 3_600));
        let expect = json!({
            "ChallengeName": "NEW_PASSWORD_REQUIRED", "ClientId": "client-1", "Session": "AYAB+/=",
            "ChallengeResponses": {"USERNAME": "3f2a", "NEW_PASSWORD": "Quiet-harbour-7"}
        });
        assert_eq!(asked.join().unwrap(), ("RespondToAuthChallenge".to_owned(), expect));
    }

    #[tokio::test]
    async fn a_password_given_out_too_long_ago_is_not_said_to_be_wrong() {
        let message = "Temporary password has expired and must be reset by an administrator.";
        let (pool, _asked) = pool(400, &json!({ "__type": "NotAuthorizedException", "message": message }));
        let error = pool.sign_in("maya", "given out").await.unwrap_err();
        assert_eq!(error, SignInError::More("another password to be given out".to_owned()));
    }

    #[tokio::test]
    async fn what_the_user_pool_refuses_is_told_apart() {
        let policy = "Password did not conform with policy: Password not long enough";
        for (kind, message, expect) in [
            (
                "InvalidPasswordException",
                policy,
                SignInError::NotTaken("Password not long enough".to_owned()),
            ),
            (
                "NotAuthorizedException",
                "Invalid session for the user, session is expired.",
                SignInError::Refused,
            ),
            ("TooManyRequestsException", "", SignInError::Unavailable("TooManyRequestsException".to_owned())),
        ] {
            let (pool, _asked) = pool(400, &json!({ "__type": kind, "message": message }));
            assert_eq!(pool.choose_password(&newcomer(), "short").await.unwrap_err(), expect);
        }
    }
}
