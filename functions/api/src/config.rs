//! What the API is told by its environment.

use shell::env::{Env, EnvError};

/// The API's settings.
#[derive(Clone)]
pub struct Config {
    /// `ISSUER`: whose tokens are accepted.
    pub issuer: String,
    /// `CLIENT_ID`: the client the tokens must be for.
    pub client_id: String,
    /// `JWKS_URL`: where the issuer's public keys are.
    pub jwks_url: http::Uri,
    /// `SIGN_IN_URL`: where the console signs users in; none where another issuer does.
    pub sign_in_url: Option<http::Uri>,
    /// `API_URL`: where this API is, as a browser sees it.
    pub api_url: http::Uri,
    /// `SOCKETS_URL`, as a browser opens sockets there; none where there are no live updates.
    pub live_url: Option<String>,
    /// `PROGRESS_KEY`: the key of the agents' progress tokens.
    pub progress_key: String,
}

impl Config {
    /// From the process's environment.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn from_env() -> Result<Self, EnvError> {
        Self::of(&Env::process())
    }

    fn of(env: &Env<'_>) -> Result<Self, EnvError> {
        Ok(Self {
            issuer: env.required("ISSUER")?,
            client_id: env.required("CLIENT_ID")?,
            jwks_url: env.parsed("JWKS_URL")?,
            sign_in_url: env.optional("SIGN_IN_URL").map(|_| env.parsed("SIGN_IN_URL")).transpose()?,
            api_url: env.parsed("API_URL")?,
            live_url: env.optional("SOCKETS_URL").map(|it| it.replacen("http", "ws", 1)),
            progress_key: env.required("PROGRESS_KEY")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_is_needed() {
        let all = [
            ("ISSUER", "https://issuer"),
            ("CLIENT_ID", "client"),
            ("JWKS_URL", "http://127.0.0.1:4566/pool/.well-known/jwks.json"),
            ("PROGRESS_KEY", "key"),
            ("API_URL", "https://api.example"),
        ];
        assert_eq!(Config::of(&Env::of(&all)).unwrap().jwks_url.port_u16(), Some(4566));
        let live = [all[0], all[1], all[2], all[3], all[4], ("SOCKETS_URL", "https://abc.example/live")];
        assert_eq!(Config::of(&Env::of(&live)).unwrap().live_url.as_deref(), Some("wss://abc.example/live"));
        for missing in 0..all.len() {
            let mut some = all.to_vec();
            let (name, _) = some.remove(missing);
            let error = Config::of(&Env::of(&some)).err().expect("an error").to_string();
            assert_eq!(error, format!("environment variable {name} is not set"));
        }
        let wrong = [all[0], all[1], ("JWKS_URL", "no address"), all[3], all[4]];
        assert!(Config::of(&Env::of(&wrong)).is_err());
    }
}
