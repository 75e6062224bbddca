//! What every page has around it, and what every answer of the console is sent with.

use crate::app::Shared;
use crate::console::assets::{self, CONSOLE, HTMX, ICON, MORPH, STYLE};
use crate::console::site::Site;
use crate::console::words;
use crate::problem::Problem;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use std::fmt::Write as _;
use std::io::Write as _;

/// What is smaller is not worth compressing.
const SMALL: usize = 1_000;

/// What htmx is told: it adds no style and evaluates nothing, as the content policy has it, and shows what is refused.
const HTMX_CONFIG: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"scrollBehavior":"auto","responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"4..","swap":true},{"code":"5..","swap":false,"error":true}]}"#;

/// Which part of the console a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Home,
    Tasks,
    Runs,
    Goals,
    Impact,
    Achievements,
    Notices,
    Consents,
    Preferences,
    Operation,
    /// None: signing in, and problems.
    Outside,
}

/// The parts with a place of their own, their words, addresses and drawings.
const FIRST: [(Part, &str, &str, &str); 4] = [
    (Part::Home, "Home", "", "M3 11 12 4l9 7v9h-6v-6H9v6H3z"),
    (Part::Tasks, "To do", "/tasks", "M4 6h16M4 12h16M4 18h9M17 17l2 2 3-4"),
    (Part::Runs, "Runs", "/runs", "M12 4a8 8 0 1 0 8 8M12 8v4l3 2M15 4h5v5"),
    (Part::Impact, "Impact", "/impact", "M4 20V4M4 20h16M8 16l4-5 3 2 5-7"),
];

/// The others.
const MORE: [(Part, &str, &str); 6] = [
    (Part::Goals, "Goals", "/goals"),
    (Part::Achievements, "Achievements", "/achievements"),
    (Part::Notices, "Notifications", "/notices"),
    (Part::Consents, "Permissions", "/consents"),
    (Part::Preferences, "Notification settings", "/preferences"),
    (Part::Operation, "Operation", "/operation"),
];

/// A page before its frame is put around it, or a part of one, which gets none.
#[derive(Clone)]
pub(crate) struct Page {
    part: Part,
    title: Option<String>,
    body: Markup,
}

impl IntoResponse for Page {
    /// Whole only once [`around`] has put the frame around it, which alone knows who looks.
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        let mut response = ([(header::CONTENT_TYPE, kind)], ()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl Page {
    /// A page of this part.
    pub(crate) fn new(part: Part, title: impl Into<String>, body: Markup) -> Self {
        Self { part, title: Some(title.into()), body }
    }

    /// A part of a page, to be put in its place.
    pub(crate) fn partial(body: Markup) -> Self {
        Self { part: Part::Outside, title: None, body }
    }

    fn markup(self, site: &Site, viewer: Viewer) -> Markup {
        match self.title {
            Some(title) => shell(site, viewer, self.part, &title, &self.body),
            None => self.body,
        }
    }
}

/// Who looks at a page, as far as its frame depends on it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Viewer {
    /// Whether they operate the system.
    pub operates: bool,
}

fn shell(site: &Site, viewer: Viewer, part: Part, title: &str, body: &Markup) -> Markup {
    let asset = |it: &assets::Asset| site.href(&format!("/assets/{}", it.name()));
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="htmx-config" content=(HTMX_CONFIG);
                title { (title) " \u{b7} Household" }
                link rel="icon" href=(asset(&ICON)) type="image/svg+xml";
                link rel="stylesheet" href=(asset(&STYLE));
                script src=(asset(&HTMX)) defer {}
                script src=(asset(&MORPH)) defer {}
                script src=(asset(&CONSOLE)) type="module" {}
            }
            body data-base=(site.base) data-listens[part != Part::Outside] {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    a.brand href=(site.href("")) { (mark()) span { "Household" } }
                    @if part != Part::Outside { (first(site, part)) (more(site, viewer, part)) }
                }
                div #connection.connection role="status" {}
                main #main tabindex="-1" { (body) }
            }
        }
    }
}

fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" {
            path d="M12 21c-4.5-3.4-8-6.500-8-10.500C4 7.500 6.200 5.500 8.700 5.500c1.400 0 2.600.7 3.300 1.800.7-1.100 1.900-1.800 3.300-1.800 2.500 0 4.700 2 4.700 5" {}
            path.leaf d="M12 21c0-5 2.500-9 9-10-.3 6-3.500 9.500-9 10z" {}
        }
    }
}

fn current(here: bool) -> Option<&'static str> {
    here.then_some("page")
}

fn first(site: &Site, part: Part) -> Markup {
    html! {
        nav.first aria-label="Main" {
            ul {
                @for (it, words, path, drawing) in FIRST {
                    li {
                        a href=(site.href(path)) aria-current=[current(it == part)] {
                            svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" { path d=(drawing) {} }
                            span { (words) }
                        }
                    }
                }
            }
        }
    }
}

fn more(site: &Site, viewer: Viewer, part: Part) -> Markup {
    html! {
        details.more {
            summary {
                span { "More" }
                // How many notices are unread: asked for once the page stands, and whenever one comes.
                span #unread.news hx-get=(site.href("/notices/unread")) hx-trigger="load, told" {}
            }
            nav aria-label="More" {
                ul {
                    @for (it, words, path) in MORE.into_iter().filter(|(it, ..)| *it != Part::Operation || viewer.operates) {
                        li { a href=(site.href(path)) aria-current=[current(it == part)] { (words) } }
                    }
                    li {
                        form method="post" action=(site.href("/sign-out")) { button.link type="submit" { "Sign out" } }
                    }
                }
            }
        }
    }
}

/// Whether htmx asks for a part of a page.
pub(crate) fn is_partial(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request")
}

/// Text as a part of an address.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Around every answer: a problem becomes a page, the content policy is named, and what is long is compressed.
pub(super) async fn around<P: Send + Sync + 'static>(
    State(app): State<Shared<P>>,
    request: Request,
    next: Next,
) -> Response {
    let partial = is_partial(request.headers());
    let packs = request.headers().get(header::ACCEPT_ENCODING).and_then(|it| it.to_str().ok());
    let packs = packs.is_some_and(|it| it.split(',').any(|it| it.trim().starts_with("gzip")));
    let mut response = next.run(request).await;
    let viewer = response.extensions_mut().remove::<Viewer>().unwrap_or_default();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let status = response.status();
        response = (status, problem_page(&app.site, &problem, partial)).into_response();
    }
    if let Some(page) = response.extensions_mut().remove::<Page>() {
        *response.body_mut() = Body::from(page.markup(&app.site, viewer).into_string());
    }
    app.site.guard(response.headers_mut());
    if packs { packed(response).await } else { response }
}

/// What could not be done, for a person.
fn problem_page(site: &Site, problem: &Problem, partial: bool) -> Page {
    let words = problem_words(problem);
    if partial {
        return Page::partial(words);
    }
    let title = match StatusCode::from_u16(problem.status) {
        Ok(StatusCode::NOT_FOUND) => "There is nothing here",
        Ok(status) if status.is_server_error() => "That did not work",
        _ => "That cannot be done",
    };
    let body = html! {
        div.narrow {
            h1 { (title) }
            (words)
            p { a.button href=(site.href("")) { "Go to Home" } }
        }
    };
    Page::new(Part::Home, title, body)
}

/// What could not be done and which fields are wrong.
fn problem_words(problem: &Problem) -> Markup {
    form_words(problem, |_| None)
}

/// The same of a form, whose fields have names that stand on it.
pub(crate) fn form_words(problem: &Problem, label: impl Fn(&str) -> Option<&'static str>) -> Markup {
    let named = |field: &str| label(field).map_or_else(|| field.to_owned(), str::to_owned);
    html! {
        div.notice.bad role="alert" {
            p { (problem.detail) @if let Some(at) = problem.decided_at { " That was " (words::time(at)) "." } }
            @if !problem.errors.is_empty() {
                ul { @for error in &problem.errors { li { @if !error.field.is_empty() { b { (named(&error.field)) } " " } (error.what) } } }
            }
        }
    }
}

/// What a page is shown after: `?saved=yes`.
#[derive(Default, Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    saved: Option<String>,
}

impl After {
    /// What it says then.
    pub(crate) fn said(&self) -> Option<Markup> {
        self.saved.as_ref().map(|_| html! { p.notice.good role="status" { "Saved." } })
    }
}

/// The same, compressed where that saves something.
async fn packed(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // Bodies are made here, in memory.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if bytes.len() < SMALL {
        return Response::from_parts(parts, Body::from(bytes));
    }
    let mut packer = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::default());
    match packer.write_all(&bytes).and_then(|()| packer.finish()) {
        Ok(smaller) => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(smaller))
        }
        Err(_) => Response::from_parts(parts, Body::from(bytes)),
    }
}
