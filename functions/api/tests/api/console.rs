//! The console as a browser sees it: who gets in, what is escaped, what a page may load, and that forms do what the API does.

use crate::looking::refresh;
use crate::outside::{
    Fake, GIVEN_OUT, PASSWORD, Signer, asked, asking, claims, now, record_of, run_of, task_of,
};
use crate::reading::recommend;
use api::{App, Site, Tokens, service};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use engine::{RunStatus, StepStatus, UserRun};
use events::TaskKind;
use ports::{Record, Slot};
use statemachines::Catalog;
use std::fmt::Write as _;
use tower::ServiceExt;

/// Every page that needs nothing but a user.
const PAGES: [&str; 11] = [
    "",
    "/runs",
    "/tasks",
    "/goals",
    "/consents",
    "/notices",
    "/impact",
    "/achievements",
    "/preferences",
    "/runs/run-1",
    "/runs/run-1/report",
];

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    fn cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect()
    }
}

/// Asks as a browser does on a page of ours, with these headers more.
pub async fn ask(app: &Router, line: &str, form: Option<&str>, more: &[(&str, &str)]) -> Page {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path).header("host", "money.example");
    if form.is_some() {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(form.unwrap_or_default().to_owned())).unwrap();
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Page { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
}

pub fn cookie(user: &str) -> String {
    format!("session={}", Signer::issuer().sign(&claims(user)))
}

pub async fn get(fake: &Fake, user: &str, path: &str) -> Page {
    ask(&fake.app(), &format!("GET /console{path}"), None, &[("cookie", &cookie(user))]).await
}

pub async fn post(fake: &Fake, user: &str, path: &str, form: &str) -> Page {
    let headers = [("cookie", cookie(user)), ("sec-fetch-site", "same-origin".to_owned())];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    ask(&fake.app(), &format!("POST /console{path}"), Some(form), &headers).await
}

/// As a form sends it.
pub fn form(fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        let value = value.bytes().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "%{byte:02X}");
            text
        });
        let _ = write!(text, "{name}={value}&");
    }
    text
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_sent_to_sign_in() {
    let fake = Fake::new();
    let app = fake.app();
    for (path, to) in [
        ("/console", "/console/sign-in"),
        ("/console/runs/r-1", "/console/sign-in?back=/runs/r-1"),
        ("/console/no-such-page", "/console/sign-in?back=/no-such-page"),
    ] {
        let page = ask(&app, &format!("GET {path}"), None, &[]).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, to));
    }
    for (page, to) in [
        ("https://api.example/prod/console/runs/r-1?seen=3", "/console/sign-in?back=/runs/r-1"),
        ("https://api.example/elsewhere", "/console/sign-in"),
    ] {
        let headers = [("hx-request", "true"), ("hx-current-url", page)];
        for line in
            ["GET /console/notices/unread", "GET /console/runs/r-1/card", "POST /console/notices/read"]
        {
            let same_origin = ("sec-fetch-site", "same-origin");
            let part = ask(&app, line, None, &[headers[0], headers[1], same_origin]).await;
            assert_eq!((part.status, part.header("hx-redirect")), (StatusCode::UNAUTHORIZED, to), "{line}");
        }
    }
}

#[tokio::test]
async fn signing_in_gives_cookies_that_no_script_reads() {
    let fake = Fake::new();
    let app = fake.app();
    let ours = [("sec-fetch-site", "same-origin")];
    let wrong = form(&[("name", "maya"), ("password", "no")]);
    let page = ask(&app, "POST /console/sign-in", Some(&wrong), &ours).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(
        page.body.contains("do not go together") && page.body.contains("value=\"maya\""),
        "{}",
        page.body
    );
    assert!(page.cookies().is_empty());
    let right = form(&[("name", " maya "), ("password", PASSWORD), ("back", "/runs/r-1")]);
    let page = ask(&app, "POST /console/sign-in", Some(&right), &ours).await;
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/console/runs/r-1"));
    let cookies = page.cookies();
    assert_eq!(cookies.len(), 2);
    assert!(cookies.iter().all(|it| it.ends_with("; HttpOnly; SameSite=Lax; Secure")), "{cookies:?}");
    assert!(
        cookies[0].starts_with("session=")
            && cookies[0].contains("Path=/;")
            && cookies[0].contains("Max-Age=3600;")
    );
    assert!(cookies[1].starts_with("refresh=refresh-maya; Path=/console;"));
    let elsewhere = form(&[("name", "maya"), ("password", PASSWORD), ("back", "//evil.example")]);
    let page = ask(&app, "POST /console/sign-in", Some(&elsewhere), &ours).await;
    assert_eq!(page.header("location"), "/console");
    let page = ask(&app, "POST /console/sign-in", Some(&right), &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.cookies().is_empty());
}

#[tokio::test]
async fn a_newcomer_chooses_a_password_and_is_in() {
    let fake = Fake::new();
    let app = fake.app();
    let ours = ("sec-fetch-site", "same-origin");
    let given = form(&[("name", "maya"), ("password", GIVEN_OUT), ("back", "/runs/r-1")]);
    let page = ask(&app, "POST /console/sign-in", Some(&given), &[ours]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Choose your password") && page.body.contains("/sign-in/password"));
    assert!(!page.body.contains("challenge-maya"), "no script reads it");
    let [first] = page.cookies()[..] else { panic!("{:?}", page.cookies()) };
    assert_eq!(
        first,
        "first-sign-in=challenge-maya; Path=/console; Max-Age=900; HttpOnly; SameSite=Lax; Secure"
    );
    let chosen = |password: &str, again: &str| {
        form(&[("name", "maya"), ("password", password), ("again", again), ("back", "/runs/r-1")])
    };
    let with = [ours, ("cookie", "first-sign-in=challenge-maya")];
    for (password, again, why) in [
        ("short", "short", "This password is not taken: Password not long enough."),
        (PASSWORD, "another", "The two passwords are not the same."),
    ] {
        let page = ask(&app, "POST /console/sign-in/password", Some(&chosen(password, again)), &with).await;
        assert_eq!((page.status, page.cookies().len()), (StatusCode::BAD_REQUEST, 0));
        assert!(page.body.contains(why) && page.body.contains("/sign-in/password"), "{}", page.body);
    }
    let good = chosen(PASSWORD, PASSWORD);
    for late in [vec![ours], vec![ours, ("cookie", "first-sign-in=challenge-of-another")]] {
        let page = ask(&app, "POST /console/sign-in/password", Some(&good), &late).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert!(page.body.contains("took too long") && page.body.contains("action=\"/console/sign-in\""));
    }
    let page = ask(&app, "POST /console/sign-in/password", Some(&good), &with[1..]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let page = ask(&app, "POST /console/sign-in/password", Some(&good), &with).await;
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/console/runs/r-1"));
    let names: Vec<_> = page.cookies().iter().filter_map(|it| it.split_once('=')).map(|it| it.0).collect();
    assert_eq!(names, ["session", "refresh", "first-sign-in"]);
    assert!(page.cookies()[2].contains("=; ") && page.cookies()[2].contains("Max-Age=0"));
}

#[tokio::test]
async fn a_session_goes_on_by_its_refresh_token_until_it_is_signed_out() {
    let fake = Fake::new();
    let app = fake.app();
    let mut expired = claims("maya");
    expired["exp"] = (now().as_second() - 100).into();
    let old = format!("session={}; refresh=refresh-maya", Signer::issuer().sign(&expired));
    let page = ask(&app, "GET /console", None, &[("cookie", &old)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.cookies()[0].starts_with("session=ey"), "{:?}", page.cookies());
    let ours = [("cookie", old.as_str()), ("sec-fetch-site", "same-origin")];
    let page = ask(&app, "POST /console/sign-out", Some(""), &ours).await;
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/console/sign-in"));
    let forgets = page.cookies().iter().filter(|it| it.contains("=; ") && it.contains("Max-Age=0")).count();
    assert_eq!(forgets, 2, "{:?}", page.cookies());
    let page = ask(&app, "GET /console", None, &[("cookie", &old)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "the refresh token is worthless");
}

#[tokio::test]
async fn another_page_changes_nothing() {
    let (fake, task) = asking().await;
    let app = fake.app();
    let mine = cookie("maya");
    let answer = form(&[("type", "skip")]);
    let page = format!("POST /console/tasks/{}/answers", task.task_id);
    let route = format!("POST /tasks/{}/answers", task.task_id);
    for site in [Some("cross-site"), Some("same-site"), Some("none"), None] {
        let mut headers = vec![("cookie", mine.as_str())];
        headers.extend(site.map(|site| ("sec-fetch-site", site)));
        let got = ask(&app, &page, Some(&answer), &headers).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{site:?}");
        headers.push(("content-type", "application/json"));
        let got = ask(&app, &route, None, &headers).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{site:?}");
    }
    assert!(fake.task("run-1", "quick-wins", Slot::Ask).decided_at.is_none());
}

pub async fn household() -> (Fake, engine::Task) {
    let (fake, task) = asking().await;
    recommend(&fake, "maya", "rec-1").await;
    let run = fake.run("run-1");
    let line = UserRun {
        user_id: run.user_id,
        run_id: run.run_id,
        workflow_id: run.workflow_id,
        queued_at: run.queued_at,
    };
    fake.put(Record::UserRun(line)).await;
    (fake, task)
}

#[tokio::test]
async fn every_page_is_whole_and_loads_nothing_but_ours() {
    let (fake, task) = household().await;
    let task = format!("/tasks/{}", task.task_id);
    for path in PAGES.into_iter().chain([task.as_str()]) {
        let page = get(&fake, "maya", path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        assert!(page.body.starts_with("<!DOCTYPE html>") && page.body.ends_with("</html>"), "{path}");
        for (inline, what) in
            [(" style=", "a style"), ("<style", "a style"), (" onclick=", "a script"), ("hx-on", "a script")]
        {
            assert!(!page.body.contains(inline), "{path} has {what} of its own");
        }
        assert!(
            page.body.split("<script").skip(1).all(|it| it.starts_with(" src=")),
            "{path} has a script of its own"
        );
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn what_is_another_users_is_not_there() {
    let (fake, task) = household().await;
    let of_task = format!("/tasks/{}", task.task_id);
    for path in ["/runs/run-1", "/runs/run-1/card", "/runs/run-1/report", &of_task, "/no-such-page"] {
        let page = get(&fake, "noah", path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.starts_with("<!DOCTYPE html>"), "{path}");
        assert!(!page.body.contains("sub_a"), "{path}");
    }
    let page = post(&fake, "noah", &format!("{of_task}/answers"), &form(&[("type", "skip")])).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let page = post(&fake, "noah", "/runs/run-1/cancel", "").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(fake.run("run-1").status, RunStatus::Executing);
}

#[tokio::test]
async fn words_from_outside_stay_words() {
    let fake = Fake::new();
    let evil = "<script>alert('x')</script><img src=x onerror=\"alert(1)\">";
    let run = run_of(
        "maya",
        "run-1",
        RunStatus::Paused,
        &[("expense-audit", StepStatus::Complete), ("quick-wins", StepStatus::WaitingUser)],
    );
    let mut record = record_of(&run, "quick-wins", &["sub_a"]);
    record.items[0].proposal.title = evil.to_owned();
    record.items[0].proposal.reasons = vec![evil.to_owned()];
    record.headline = evil.to_owned();
    let mut task = task_of(&run, "quick-wins", TaskKind::Approve, 1, asked(&record));
    task.prompt = evil.to_owned();
    let address = format!("/tasks/{}", task.task_id);
    let mut run = run;
    run.reason = Some(evil.to_owned());
    let line = UserRun {
        user_id: run.user_id.clone(),
        run_id: run.run_id.clone(),
        workflow_id: run.workflow_id.clone(),
        queued_at: run.queued_at,
    };
    for record in [Record::Run(run), Record::Step(record), Record::Task(task), Record::UserRun(line)] {
        fake.put(record).await;
    }
    for path in ["", "/runs", "/runs/run-1", "/runs/run-1/report", "/tasks", &address] {
        let page = get(&fake, "maya", path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains("&lt;script&gt;alert"), "{path} does not show it");
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{path}");
    }
}

#[tokio::test]
async fn a_form_answers_as_the_api_does() {
    let (fake, task) = household().await;
    let address = format!("/tasks/{}/answers", task.task_id);
    let approval =
        form(&[("type", "approve"), ("item_id", "sub_a"), ("effect_hash", &task.items[0].effect_hash)]);
    let page = post(&fake, "maya", &address, &approval).await;
    assert_eq!(
        (page.status, page.header("location")),
        (StatusCode::SEE_OTHER, format!("/console/tasks/{}", task.task_id).as_str())
    );
    assert!(fake.task("run-1", "quick-wins", Slot::Ask).items[0].decided.is_some());
    let otherwise = form(&[("type", "skip"), ("item_id", "sub_a")]);
    let page = post(&fake, "maya", &address, &otherwise).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.body.contains("It was approved by you. That was <time datetime=\"2026-07-01T12:00:00Z\">"),
        "{}",
        page.body
    );
    let stale = form(&[("type", "approve"), ("item_id", "sub_b"), ("effect_hash", &"0".repeat(64))]);
    let page = post(&fake, "maya", &address, &stale).await;
    assert!(page.status == StatusCode::CONFLICT && page.body.contains("It has changed since it was shown"));
    let headers = [
        ("cookie", cookie("maya")),
        ("sec-fetch-site", "same-origin".to_owned()),
        ("hx-request", "true".to_owned()),
    ];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let part = ask(
        &fake.app(),
        &format!("POST /console{address}"),
        Some(&form(&[("type", "skip"), ("item_id", "sub_b")])),
        &headers,
    )
    .await;
    assert_eq!(part.status, StatusCode::OK);
    assert!(part.body.starts_with("<article class=\"task\""), "{}", part.body);
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_changed() {
    let (fake, _) = household().await;
    let page = get(&fake, "maya", "/runs/run-1").await;
    let address = refresh(&page);
    let part = get(&fake, "maya", &address).await;
    assert_eq!((part.status, part.body.as_str()), (StatusCode::NO_CONTENT, ""));
    let mut run = fake.run("run-1");
    run.progress = 40;
    fake.put(Record::Run(run)).await;
    let part = get(&fake, "maya", &address).await;
    assert_eq!(part.status, StatusCode::OK);
    assert!(part.body.starts_with("<article") && part.body.contains("40"), "{}", part.body);
}

#[tokio::test]
async fn a_recommended_workflow_is_started_once_a_form() {
    let fake = Fake::new();
    recommend(&fake, "maya", "rec-1").await;
    let page = get(&fake, "maya", "").await;
    let key = page.body.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let choice = [("recommendation_id", "rec-1"), ("workflow_id", "emergency-fund-builder"), ("key", key)];
    let page = post(&fake, "maya", "/runs", &form(&choice)).await;
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/console/runs/run-new"));
    let started = fake.started.lock().unwrap().clone();
    assert_eq!(started[0]["selection"]["idempotency_key"], key);
    let planned =
        [("recommendation_id", "rec-1"), ("workflow_id", "debt-avalanche-accelerator"), ("key", "k")];
    let page = post(&fake, "maya", "/runs", &form(&planned)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("is not available yet"), "{}", page.body);
}

#[tokio::test]
async fn goals_and_consents_are_changed_by_forms() {
    let fake = Fake::new();
    let goal = [
        ("name", "Emergency fund"),
        ("kind", "emergency-fund"),
        ("target", "$6,000"),
        ("saved", "1500.50"),
        ("currency", "USD"),
    ];
    let page = post(&fake, "maya", "/goals", &form(&goal)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    let page = get(&fake, "maya", "/goals").await;
    assert!(
        page.body.contains("$1,500.50") && page.body.contains("of $6,000.00") && page.body.contains("25 %"),
        "{}",
        page.body
    );
    let page =
        post(&fake, "maya", "/goals", &form(&[("name", "x"), ("target", "much"), ("currency", "USD")])).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("<b>Target amount</b> must be an amount"), "{}", page.body);
    let page = post(&fake, "maya", "/goals", &form(&[("index", "0"), ("remove", "yes")])).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert!(get(&fake, "maya", "/goals").await.body.contains("No goal yet"));
    for (order, says) in [("grant", "Allowed"), ("revoke", "Revoked")] {
        let page = post(&fake, "maya", "/consents", &form(&[("order", order), ("what", "move_money")])).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        assert!(get(&fake, "maya", "/consents").await.body.contains(says), "{order}");
    }
}

#[tokio::test]
async fn preferences_are_changed_by_a_form() {
    let fake = Fake::new();
    let wanted = [
        ("email.on", "yes"),
        ("email.address", "maya@example.com"),
        ("email.kind", "question"),
        ("zone", "Europe/Berlin"),
    ];
    let page = post(&fake, "maya", "/preferences", &form(&wanted)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    let page = get(&fake, "maya", "/preferences").await;
    assert!(
        page.body.contains("value=\"maya@example.com\"")
            && page.body.contains("name=\"zone\" list=\"zones\" value=\"Europe/Berlin\""),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn below_a_stage_every_address_has_it() {
    let (fake, _) = household().await;
    let site = Site::at(&"http://127.0.0.1:4566/_aws/execute-api/abc/$default".parse().unwrap());
    let app = App::new(
        fake.clone(),
        Catalog::embedded().unwrap(),
        Tokens::of(crate::outside::ISSUER, crate::outside::CLIENT),
        "key",
    );
    let page =
        ask(&service(app.at(site)), "GET /console/runs/run-1", None, &[("cookie", &cookie("maya"))]).await;
    for attribute in ["href=\"", "src=\"", "action=\"", "hx-get=\"", "hx-post=\""] {
        for address in page.body.split(attribute).skip(1) {
            assert!(
                address.starts_with("/_aws/execute-api/abc/$default/") || address.starts_with('#'),
                "{attribute}{address:.60}"
            );
        }
    }
}

#[tokio::test]
async fn assets_are_kept_for_good_and_small() {
    let fake = Fake::new();
    let app = fake.app();
    let page = ask(&app, "GET /console/sign-in", None, &[]).await;
    let mut total = 0;
    let addresses: Vec<_> = page.body.split(['"']).filter(|it| it.starts_with("/console/assets/")).collect();
    assert_eq!(addresses.len(), 5);
    for address in addresses {
        let asset = ask(&app, &format!("GET {address}"), None, &[]).await;
        assert_eq!(asset.status, StatusCode::OK, "{address}");
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        let packed = Request::builder()
            .uri(address)
            .header("accept-encoding", "br, gzip")
            .body(Body::empty())
            .unwrap();
        let packed = app.clone().oneshot(packed).await.unwrap();
        let bytes = to_bytes(packed.into_body(), usize::MAX).await.unwrap();
        assert!(bytes.len() <= asset.body.len(), "{address}");
        total += bytes.len();
    }
    assert!(total < 60_000, "{total} bytes");
    let gone = ask(&app, "GET /console/assets/console.0000000000000000.css", None, &[]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_those_who_operate_the_system_see_how_it_is() {
    let (fake, _) = household().await;
    let page = get(&fake, "maya", "/operation").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!get(&fake, "maya", "").await.body.contains("/console/operation"));
    let mut operator = claims("olga");
    operator["cognito:groups"] = serde_json::json!(["operators"]);
    let cookie = format!("session={}", Signer::issuer().sign(&operator));
    let page = ask(&fake.app(), "GET /console/operation", None, &[("cookie", &cookie)]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("href=\"/console/operation\" aria-current=\"page\""), "{}", page.body);
    assert!(!page.body.contains("sub_a"), "an operator sees a household's things");
}
