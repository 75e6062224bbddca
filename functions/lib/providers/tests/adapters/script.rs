//! A server that answers as told, one scripted answer a call.

use providers::{Connection, Http, Provider, Token};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one call.
pub enum Turn {
    /// Answers.
    Answer(u16, String),
    /// Takes the call and closes the connection without a word.
    HangUp,
    /// Takes the call and says nothing.
    Silence,
}

impl Turn {
    /// A successful answer.
    pub fn ok(body: &Value) -> Self {
        Self::Answer(200, body.to_string())
    }
}

/// One call as it arrived: the head in lower case, and the body.
#[derive(Clone, Debug)]
pub struct Call {
    /// Request line and headers.
    pub head: String,
    /// The body, where it is JSON.
    pub body: Value,
}

/// A scripted server.
pub struct Script {
    /// Where it listens.
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Script {
    /// Starts it.
    pub async fn of(turns: impl IntoIterator<Item = Turn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let mut turns: VecDeque<Turn> = turns.into_iter().collect();
        let seen = Arc::clone(&calls);
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(turn) = turns.pop_front() else { return };
                let call = read(&mut stream).await;
                seen.lock().unwrap().push(call);
                match turn {
                    Turn::Answer(status, body) => {
                        let length = body.len();
                        let answer = format!(
                            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                        );
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                    Turn::HangUp => drop(stream),
                    Turn::Silence => silent.push(stream),
                }
            }
        });
        Self { url, calls }
    }

    /// What arrived so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// A connection to it, for as long as told.
    pub fn connection(&self, provider: Provider, patience: Duration) -> Connection {
        let session = Http::new().unwrap().session(Instant::now() + patience);
        Connection::new(provider, &self.url, Token::new("access-1"), session)
    }
}

async fn read(stream: &mut TcpStream) -> Call {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            let body = serde_json::from_str(body).unwrap_or_default();
            return Call { head, body };
        }
    }
}
