//! The built Lambda under a runtime API of the test's own: how its answers, its errors and its log leave the process.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

/// How long the process may take for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the process sent back: the path it was sent to, and the body.
struct Posted {
    path: String,
    body: Value,
}

/// Hands the process one event after the other and collects what it sends back and logs.
async fn serve(events: &[Value]) -> (Vec<Posted>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_quick-saver"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "quick-saver")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        // Nothing listens on the discard port.
        .env("PROVIDER_BASE_URL", "http://127.0.0.1:9")
        .env("PLAID_CLIENT_ID", "client-1")
        .env("PLAID_SECRET", "secret-1")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut posted = Vec::new();
    let mut next = events.iter().enumerate();
    while posted.len() < events.len() {
        let (mut stream, _) = listener.accept().await.unwrap();
        // The runtime keeps its connection and may open others.
        while let Some((path, body)) = read(&mut stream).await {
            let answer = if path.ends_with("/invocation/next") {
                let Some((index, event)) = next.next() else { break };
                let text = event.to_string();
                format!(
                    "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: request-{index}\r\n\
                     lambda-runtime-deadline-ms: 9999999999999\r\n\
                     lambda-runtime-invoked-function-arn: arn:aws:lambda:x:1:function:quick-saver\r\n\
                     content-length: {}\r\n\r\n{text}",
                    text.len()
                )
            } else {
                posted.push(Posted { path, body });
                "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
    process.start_kill().unwrap();
    let mut log = String::new();
    process.stdout.take().unwrap().read_to_string(&mut log).await.unwrap();
    (posted, log)
}

async fn read(stream: &mut TcpStream) -> Option<(String, Value)> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let lower = head.to_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let chunked = lower.contains("transfer-encoding: chunked") && !body.ends_with("0\r\n\r\n");
        if body.len() >= length.unwrap_or(0) && !chunked {
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            return Some((path, serde_json::from_str(body).unwrap_or_default()));
        }
    }
}

fn request(op: &str) -> Value {
    json!({"op": op, "run_id": "run_1", "step_id": "quick-wins", "user_id": "user-17", "as_of": "2026-06-30",
        "attempt": 1, "credentials": {"plaid": "access-1", "subscriptions": "access-2"},
        "deadline": "2099-01-01T00:00:00Z"})
}

#[tokio::test]
async fn answers_and_errors_leave_with_their_class_and_the_log_tells_nothing_personal() {
    let mut unknown_field = request("propose");
    unknown_field["inputs"] = json!({"candidate": "a private note"});
    let mut wrong_type = request("propose");
    wrong_type["attempt"] = json!("a private note");
    let mut unlinked = request("propose");
    unlinked["credentials"] = json!({});
    let events = [request("describe"), unknown_field, wrong_type, unlinked, request("propose")];
    let (posted, log) = tokio::time::timeout(PATIENCE, serve(&events)).await.unwrap();
    assert!(posted[0].path.ends_with("/request-0/response"), "{}", posted[0].path);
    assert_eq!(posted[0].body["card"]["agent"], "quick-saver");
    assert_eq!(posted[0].body["card"]["providers"], json!({"plaid": false, "subscriptions": false}));
    for (posted, class, message) in [
        (
            &posted[1],
            "Validation",
            "The step's input is not valid: inputs.candidate: unknown field `candidate`",
        ),
        (&posted[2], "Validation", "attempt: expected u32"),
        (
            &posted[3],
            "Permission",
            "There is no access to your bank connection: link it, or allow its use again.",
        ),
        (&posted[4], "ProviderUnavailable", "Something is wrong at the subscription service right now."),
    ] {
        assert!(posted.path.ends_with("/error"), "{}", posted.path);
        assert_eq!(posted.body["errorType"], class);
        let said = posted.body["errorMessage"].as_str().unwrap();
        assert!(said.starts_with(message), "{said}");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let classes: Vec<&str> = lines.iter().filter_map(|line| line["error.class"].as_str()).collect();
    assert_eq!(
        classes,
        ["Validation", "Validation", "Permission", "ProviderUnavailable"],
        "each once: {log}"
    );
    for private in ["a private note", "access-1", "secret-1", "user-17"] {
        assert!(!log.contains(private), "{private} in {log}");
    }
}

#[tokio::test]
async fn a_missing_setting_ends_the_start_and_is_named() {
    let ended = Command::new(env!("CARGO_BIN_EXE_quick-saver")).env_clear().output().await.unwrap();
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("environment variable PROVIDER_BASE_URL is not set"), "{said}");
}
