//! The real functions over the world in memory.

use crate::flight::{Answer, Failure, Function, Work};
use crate::outside::Outside;
use crate::user::{Request, USER};
use api::{App, Invoked, Tokens};
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use coordinator::{Coordinator, Settings};
use dispatch::Dispatcher;
use engine::Out;
use jsonwebtoken::jwk::JwkSet;
use ports::memory::StreamRecord;
use ports::{PortError, StepWork, Stored};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};
use shell::Classified;
use statemachines::Catalog;
use std::cell::RefCell;
use std::sync::Arc;
use watchdog::Watchdog;

const ISSUER: &str = "https://issuer.test/pool";
const CLIENT: &str = "client-1";

thread_local! {
    /// What the reader of the stream is handed; its decoder finds it here by its index.
    static BATCH: RefCell<Vec<Arc<StreamRecord>>> = const { RefCell::new(Vec::new()) };
}

/// The functions.
pub struct Lambdas {
    outside: Outside,
    coordinator: Arc<Coordinator<Outside>>,
    watchdog: Arc<Watchdog<Outside>>,
    dispatcher: Arc<Dispatcher<Outside, Outside, Outside, Outside>>,
    catalog: Arc<Catalog>,
    api: Router,
    token: String,
}

/// The issuer of the user's token. Its key signs nothing else; it is the one of the API's own tests.
pub struct Issuer {
    key: RsaKeyPair,
}

impl Issuer {
    /// The issuer.
    ///
    /// # Errors
    /// When its key cannot be read.
    pub fn new() -> anyhow::Result<Self> {
        let key = include_bytes!("../../../functions/api/tests/api/keys/issuer.pk8");
        let key =
            RsaKeyPair::from_pkcs8(key).map_err(|_| anyhow::anyhow!("the issuer's key cannot be read"))?;
        Ok(Self { key })
    }

    /// Its public keys.
    ///
    /// # Errors
    /// None in practice.
    pub fn keys(&self) -> anyhow::Result<JwkSet> {
        let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(self.key.public());
        let key = json!({
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "issuer",
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e),
        });
        Ok(serde_json::from_value(json!({ "keys": [key] }))?)
    }

    /// The user's token.
    fn token(&self) -> anyhow::Result<String> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(&json!({ "alg": "RS256", "kid": "issuer", "typ": "JWT" }));
        let claims = json!({
            "iss": ISSUER, "sub": USER, "exp": 4_102_444_800_i64, "token_use": "access", "client_id": CLIENT,
        });
        let message = format!("{header}.{}", part(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| anyhow::anyhow!("the token cannot be signed"))?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl Lambdas {
    /// The functions of a catalog over an outside.
    ///
    /// # Errors
    /// When the user's token cannot be signed.
    pub fn over(outside: &Outside, catalog: &Catalog, issuer: &Issuer) -> anyhow::Result<Self> {
        let ports = || outside.clone();
        Ok(Self {
            coordinator: Arc::new(Coordinator {
                ports: ports(),
                catalog: catalog.clone(),
                settings: Settings::default(),
            }),
            watchdog: Arc::new(Watchdog { ports: ports(), catalog: catalog.clone() }),
            dispatcher: Arc::new(Dispatcher {
                table: ports(),
                agents: ports(),
                machines: ports(),
                clock: ports(),
                catalog: catalog.clone(),
            }),
            api: api::service(App::new(ports(), catalog.clone(), Tokens::of(ISSUER, CLIENT), "key")),
            catalog: Arc::new(catalog.clone()),
            token: issuer.token()?,
            outside: ports(),
        })
    }

    /// Begins an invocation.
    pub fn begin(&self, function: Function, payload: Value) -> Work {
        match function {
            Function::Automated | Function::SemiAutomated | Function::Manual | Function::Compensate => {
                self.step(function, payload)
            }
            Function::Watchdog => {
                let watchdog = Arc::clone(&self.watchdog);
                Box::pin(async move {
                    let swept = watchdog.handle(&payload).await.map_err(|error| failure(&error))?;
                    Ok(json!(swept))
                })
            }
            Function::Dispatch => {
                let dispatcher = Arc::clone(&self.dispatcher);
                Box::pin(async move {
                    let turns = dispatcher.handle(payload).await.map_err(|error| failure(&error))?;
                    Ok(json!(turns))
                })
            }
            Function::Start => {
                let (outside, catalog) = (self.outside.clone(), Arc::clone(&self.catalog));
                Box::pin(async move {
                    let started = start::handle(&outside, &outside, &catalog, payload).await;
                    Ok(json!(started.map_err(|error| failure(&error))?))
                })
            }
            Function::Publish => {
                let outside = self.outside.clone();
                Box::pin(async move {
                    let read = publish::handle(&outside, &outside, &outside, decode, payload).await;
                    Ok(json!(read.map_err(|error| failure(&error))?))
                })
            }
            Function::Api => self.call(payload),
        }
    }

    fn step(&self, function: Function, payload: Value) -> Work {
        let coordinator = Arc::clone(&self.coordinator);
        Box::pin(async move {
            let work: StepWork = serde_json::from_value(payload)
                .map_err(|error| Failure { error: "Validation".to_owned(), message: error.to_string() })?;
            let done = match function {
                Function::Manual => manual::handle(&coordinator, work).await.map(|it| json!(it)),
                Function::SemiAutomated => {
                    semi_automated::handle(&coordinator, work).await.map(|it| json!(it))
                }
                Function::Compensate => compensate::handle(&coordinator, work).await.map(|it| json!(it)),
                _ => automated::handle(&coordinator, work).await.map(|it| json!(it)),
            };
            done.map_err(|error| failure(&error))
        })
    }

    fn call(&self, payload: Value) -> Work {
        let api = self.api.clone();
        Box::pin(async move {
            let invoked: Invoked = serde_json::from_value(payload)
                .map_err(|error| Failure { error: "Defect".to_owned(), message: error.to_string() })?;
            let answered = api::answer(&api, invoked).await;
            Ok(json!(answered))
        })
    }

    /// A call of the API as the gateway hands it on.
    pub fn invoked(&self, request: &Request) -> Value {
        json!({
            "rawPath": request.path,
            "headers": {
                "authorization": format!("Bearer {}", self.token),
                "content-type": "application/json",
            },
            "requestContext": { "http": { "method": request.method } },
            "body": request.body.as_ref().map(Value::to_string),
        })
    }
}

/// Hands a batch to the stream's reader: what it is invoked with.
pub fn batch(records: Vec<(usize, i64, Arc<StreamRecord>)>) -> Value {
    let mut handed = Vec::new();
    let mut list = Vec::new();
    for (index, (number, seconds, change)) in records.into_iter().enumerate() {
        list.push(json!({
            "index": index,
            "dynamodb": { "SequenceNumber": format!("{number:06}"), "ApproximateCreationDateTime": seconds },
        }));
        handed.push(change);
    }
    BATCH.set(handed);
    json!({ "Records": list })
}

fn decode(record: &Value) -> Result<Option<(Stored, Vec<Out>)>, PortError> {
    let index = record["index"].as_u64().and_then(|index| usize::try_from(index).ok());
    let handed = |change: &Arc<StreamRecord>| (change.stored.clone(), change.out.clone());
    Ok(BATCH.with_borrow(|batch| index.and_then(|index| batch.get(index)).map(handed)))
}

fn failure(error: &impl Classified) -> Failure {
    let mut message = error.message();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        message = format!("{message}: {inner}");
        source = inner.source();
    }
    Failure { error: error.class().to_string(), message }
}

/// The status of an answer of the API.
pub fn status(answer: &Answer) -> Option<u64> {
    answer.as_ref().ok()?.get("statusCode")?.as_u64()
}
