//! A user's open socket, as a browser has it.

use crate::PATIENCE;
use crate::household::Household;
use demo::api::Api;
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// A ticket's address, ready to connect to.
pub(crate) async fn ticket(api: &Api) -> String {
    let issued: Value = api.call(Method::POST, "/ws-ticket", None).await.unwrap();
    format!("{}?ticket={}", issued["url"].as_str().unwrap(), issued["ticket"].as_str().unwrap())
}

impl Socket {
    /// A household's, with a ticket of its own.
    pub(crate) async fn of(household: &Household) -> Self {
        Self::at(&ticket(&household.api).await).await.expect("a good ticket opens a socket")
    }

    /// At an address; the status of a refusal.
    pub(crate) async fn at(url: &str) -> Result<Self, u16> {
        match connect_async(url).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(refusal)) => Err(refusal.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    /// The next message; none when the other side has closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            let message =
                tokio::time::timeout(PATIENCE, self.0.next()).await.expect("nothing is heard any more");
            match message {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(_))) | None | Some(Err(_)) => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Listens until a message is as wanted; that message.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next().await.expect("the socket is open");
            if wanted(&message) {
                return message;
            }
        }
    }

    pub(crate) async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    pub(crate) async fn close(mut self) {
        self.0.close(None).await.unwrap();
        while self.next().await.is_some() {}
    }
}

/// What a socket says of itself.
pub(crate) fn i_am(user: &str) -> Value {
    json!({ "user_id": user })
}
