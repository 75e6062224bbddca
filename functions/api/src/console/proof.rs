//! Adding a file that proves what was done by hand. It goes from the browser straight into the bucket, which leads back here.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::layout::{Page, Part};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::{arranging, tasks};
use crate::view::ProofRequest;
use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use maud::html;
use serde::Deserialize;

/// The form.
pub(super) async fn page<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(task_id): Path<String>,
) -> Result<Page, Problem> {
    let which = tasks::Which { task_id: task_id.clone() };
    // What it is called is known when it is chosen; the bucket says it when it has it.
    let request = ProofRequest { name: None };
    let form = arranging::upload(State(app.clone()), caller, Path(which), Body(request)).await?.0;
    let body = html! {
        div.narrow {
            p.eyebrow { a href=(app.site.href(&format!("/tasks/{task_id}"))) { "Back without a file" } }
            h1 { "Add a file" }
            p { "A confirmation, a receipt or a screenshot, up to " (form.largest / 1024 / 1024) " MB. Only you and whoever checks it sees it." }
            form.stack method="post" action=(form.address) enctype="multipart/form-data" {
                @for (name, value) in &form.fields { input type="hidden" name=(name) value=(value); }
                label { "File" input type="file" name="file" required; }
                button.primary type="submit" { "Upload" }
            }
        }
    };
    Ok(Page::new(Part::Tasks, "Add a file", body))
}

/// What the bucket adds to where it leads.
#[derive(Deserialize)]
pub(super) struct Uploaded {
    #[serde(default)]
    key: String,
}

/// Where the bucket leads to once it has the file. Taking it is no more than noting that it is there, so that a repeated call is harmless.
pub(super) async fn take<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path((task_id, begin)): Path<(String, String)>,
    Query(uploaded): Query<Uploaded>,
) -> Result<Redirect, Problem> {
    let file =
        uploaded.key.rsplit('/').next().filter(|it| it.starts_with(&begin)).unwrap_or(&begin).to_owned();
    let address = app.site.href(&format!("/tasks/{task_id}"));
    let _taken = arranging::take(State(app), caller, Path(arranging::File { task_id, file })).await?;
    Ok(Redirect::to(&address))
}

/// Leads to a file that was taken.
pub(super) async fn fetch<P: Outside>(
    state: State<Shared<P>>,
    caller: Caller,
    Path((task_id, file)): Path<(String, String)>,
) -> Result<Redirect, Problem> {
    arranging::fetch(state, caller, Path(arranging::File { task_id, file })).await
}
