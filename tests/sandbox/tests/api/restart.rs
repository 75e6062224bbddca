//! A sandbox that is stopped, or killed, goes on where it was.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use sandbox::household::Source;
use sandbox::service::Service;
use sandbox::store::Store;
use serde_json::json;

use super::client::{Sandbox, rivera};

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let sandbox = Sandbox::new().await;
    let done = sandbox.effect("/subscriptions/sub_streamly/cancel", "k", json!({})).await;
    sandbox.put("/admin/clock", json!({"as_of": "2026-07-08"})).await;
    sandbox
        .post(
            "/admin/faults",
            json!({"match": {"path_prefix": "/gigs"}, "fault": {"kind": "status", "status": 503}}),
        )
        .await;
    let before = (sandbox.state().await, sandbox.get("/admin/ledger").await.body);
    let sandbox = sandbox.restarted(Source::of(rivera())).await;
    assert_eq!((sandbox.state().await, sandbox.get("/admin/ledger").await.body), before);
    let again = sandbox.effect("/subscriptions/sub_streamly/cancel", "k", json!({})).await;
    assert_eq!((again.replayed, again.body), (true, done.body));
    assert_eq!(sandbox.get("/gigs").await.status, 503);
    assert_eq!(sandbox.get("/gigs").await.status, 200);
}

#[test]
fn a_state_of_another_household_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("state.json"));
    let copy = folder.path().join("copy.yaml");
    std::fs::copy(rivera(), &copy).unwrap();
    Service::start(store.clone(), Source::of(&copy), false).unwrap();
    let error = Service::start(store.clone(), Source::of(rivera()), false).unwrap_err().to_string();
    assert!(error.contains("--reset"), "{error}");
    let changed = std::fs::read_to_string(&copy).unwrap().replace("22.99", "23.99");
    std::fs::write(&copy, changed).unwrap();
    assert!(Service::start(store.clone(), Source::of(&copy), false).is_err());
    Service::start(store.clone(), Source::of(&copy), true).unwrap();
    std::fs::write(store.file(), "{").unwrap();
    let error = Service::start(store, Source::of(&copy), false).unwrap_err().to_string();
    assert!(error.contains("state.json") && error.contains("--reset"), "{error}");
}

#[test]
fn a_user_whose_household_is_gone_is_left_out_and_served_again_once_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("state.json"));
    let copy = folder.path().join("copy.yaml");
    std::fs::copy(rivera(), &copy).unwrap();
    let begin = || Service::start(store.clone(), Source::of(rivera()), false).unwrap();
    let looks = |service: &Service, user: &str| service.look(user, |_, _| Ok(())).map_err(|it| it.message);
    begin().add_user("other", Some(copy.clone()), None, None).unwrap();
    let text = std::fs::read_to_string(&copy).unwrap();
    std::fs::remove_file(&copy).unwrap();
    let gone = begin();
    assert!(gone.left_out()[0].starts_with("other: ") && gone.left_out()[0].contains("copy.yaml"));
    assert!(looks(&gone, "other").unwrap_err().contains("copy.yaml"));
    assert_eq!(looks(&gone, &gone.read(|state| state.default_user.clone())), Ok(()));
    std::fs::write(&copy, text.replace("22.99", "23.99")).unwrap();
    let changed = begin();
    assert!(changed.left_out()[0].contains("has changed"), "{:?}", changed.left_out());
    std::fs::write(&copy, text).unwrap();
    let back = begin();
    assert!(back.left_out().is_empty());
    assert_eq!(looks(&back, "other"), Ok(()));
}

/// The program itself, listening.
struct Program {
    child: Child,
    base: String,
}

impl Program {
    fn start(state: &std::path::Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sandbox"))
            .args(["--port", "0", "--household"])
            .arg(rivera())
            .arg("--state")
            .arg(state)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { child, base }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn a_killed_program_has_saved_what_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    // A client of the program, made from one that is logged in elsewhere.
    let mut sandbox = Sandbox::new().await;
    let program = Program::start(&state);
    sandbox.base.clone_from(&program.base);
    sandbox.token = sandbox.log_in(None).await;
    let done = sandbox.effect("/subscriptions/sub_ironhouse/cancel", "k", json!({})).await;
    assert_eq!(done.status, 200);
    program.kill();
    let program = Program::start(&state);
    sandbox.base.clone_from(&program.base);
    assert_eq!(sandbox.get("/subscriptions/sub_ironhouse").await.body["status"], "cancelled");
    let again = sandbox.effect("/subscriptions/sub_ironhouse/cancel", "k", json!({})).await;
    assert_eq!((again.replayed, again.body), (true, done.body));
    program.kill();
}
