//! What the gateway invokes the function with: to authorise a connection, and when one opens, speaks or closes.
//! Source: "Overview of WebSocket APIs" and "Control access with REQUEST authorizer" in the API Gateway developer guide.

use events::UserId;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An invocation by the gateway. Has no `Debug`: it carries tickets.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoked {
    /// `REQUEST`, of an authoriser's invocation.
    #[serde(default, rename = "type")]
    kind: Option<String>,
    /// What is asked for, of an authoriser's invocation.
    #[serde(default)]
    method_arn: String,
    #[serde(default)]
    query_string_parameters: Option<BTreeMap<String, String>>,
    request_context: RequestContext,
    #[serde(default)]
    body: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    connection_id: String,
    #[serde(default)]
    event_type: String,
    #[serde(default)]
    authorizer: Option<Authorizer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authorizer {
    principal_id: UserId,
}

/// What the gateway tells or asks.
pub enum Event {
    /// May this ticket open this?
    Authorize {
        /// The ticket.
        ticket: String,
        /// What it would open.
        resource: String,
    },
    /// A socket is opening.
    Connected(UserId, String),
    /// It has closed.
    Disconnected(UserId, String),
    /// Its client says something.
    Said(UserId, String, Value),
    /// Nothing that any user of ours does.
    Unknown,
}

impl From<Invoked> for Event {
    fn from(invoked: Invoked) -> Self {
        let Invoked { kind, method_arn, query_string_parameters, request_context, body } = invoked;
        if kind.as_deref() == Some("REQUEST") {
            let ticket = query_string_parameters.and_then(|mut it| it.remove("ticket")).unwrap_or_default();
            return Self::Authorize { ticket, resource: method_arn };
        }
        let RequestContext { connection_id, event_type, authorizer } = request_context;
        let Some(Authorizer { principal_id: user }) = authorizer else { return Self::Unknown };
        match event_type.as_str() {
            "CONNECT" => Self::Connected(user, connection_id),
            "DISCONNECT" => Self::Disconnected(user, connection_id),
            "MESSAGE" => {
                let said = body.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
                Self::Said(user, connection_id, said)
            }
            _ => Self::Unknown,
        }
    }
}
