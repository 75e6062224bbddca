//! `PATCH /tasks/{task_id}`, `POST /tasks/{task_id}/proofs`, `PUT` and `GET /tasks/{task_id}/proofs/{file}`: what a user arranges about a
//! manual step besides answering it, and the files that prove it. A file goes between the browser and the bucket, not through here.

use crate::app::{App, Shared};
use crate::asked::{self, Asked, Found};
use crate::body::Body;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::routes::tasks::Which;
use crate::view::{ArrangeRequest, Arranged, ProofRequest, UploadForm};
use aws::FILE_NAME;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Redirect;
use engine::arrange::{Wish, arrange};
use engine::{ProofFile, Task};
use events::UserId;
use ports::{CommitError, Record, Write};
use ring::rand::{SecureRandom, SystemRandom};
use schemars::JsonSchema;
use serde::Deserialize;

/// The longest name of a file, in bytes, with what goes before it.
const LONGEST_NAME: usize = 300;

/// Times that a change is tried again because something else was written at the same time.
const TRIES: u32 = 5;

/// Which file of which question.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct File {
    /// The question.
    pub(crate) task_id: String,
    /// The file, as it was named when its upload was prepared.
    pub(crate) file: String,
}

/// Moves the due date, snoozes, or notes what whoever goes on with it should know.
pub(crate) async fn change<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { task_id }): Path<Which>,
    Body(request): Body<ArrangeRequest>,
) -> Result<Json<Arranged>, Problem> {
    let ArrangeRequest { due, snooze_until, hand_over } = request;
    let wish = Wish { due, snooze_until, hand_over, proof: None };
    apply(&app, &user, &task_id, &wish).await.map(Json)
}

/// Prepares the upload of a file.
pub(crate) async fn upload<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { task_id }): Path<Which>,
    Body(request): Body<ProofRequest>,
) -> Result<Json<UploadForm>, Problem> {
    let asked = find(&app, &user, &task_id).await?;
    let now = app.ports.now();
    // Whatever may not be arranged may not be proven either.
    arrange(&asked.task, Wish::default(), asked.run.expires, now)?;
    let file = format!("{}-{}", unguessable()?, request.name.as_deref().map(safe).unwrap_or_default());
    let then = app.site.absolute(&format!("/tasks/{task_id}/proofs/{file}"));
    let named = if request.name.is_some() { "" } else { FILE_NAME };
    let fields = app.ports.form(&key(&user, &asked.task, &format!("{file}{named}")), &then, now).await?;
    Ok(Json(UploadForm { address: app.ports.address(), fields, largest: app.ports.largest(), file }))
}

/// Takes a file that was uploaded as a proof; taking it again changes nothing.
pub(crate) async fn take<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(File { task_id, file }): Path<File>,
) -> Result<Json<Arranged>, Problem> {
    if !is_plain(&file) {
        return Err(Problem::not_found());
    }
    let asked = find(&app, &user, &task_id).await?;
    let (key, now) = (key(&user, &asked.task, &file), app.ports.now());
    if !app.ports.holds(&key, now).await? {
        return Err(Problem::not_found());
    }
    let name = file.split_once('-').map_or(file.as_str(), |(_, name)| name).to_owned();
    let wish = Wish { proof: Some(ProofFile { key, name, at: now }), ..Wish::default() };
    apply(&app, &user, &task_id, &wish).await.map(Json)
}

/// Leads to a file that was taken, for some minutes and for its owner alone; also after the question was decided.
pub(crate) async fn fetch<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(File { task_id, file }): Path<File>,
) -> Result<Redirect, Problem> {
    let Found::Here(asked) = asked::find(&app.ports, &user, &task_id).await? else {
        return Err(Problem::not_found());
    };
    let key = key(&user, &asked.task, &file);
    let proof = asked.task.arranged.proofs.iter().find(|it| it.key == key).ok_or_else(Problem::not_found)?;
    Ok(Redirect::to(&app.ports.link(&proof.key, &proof.name, app.ports.now()).await?))
}

async fn find<P: Outside>(app: &App<P>, user: &UserId, task_id: &str) -> Result<Box<Asked>, Problem> {
    match asked::find(&app.ports, user, task_id).await? {
        Found::Here(asked) if asked.takes_answers() => Ok(asked),
        Found::Here(_) => Err(Problem::conflict("This question no longer waits for an answer.")),
        Found::Replaced => Err(Problem::conflict("This was asked anew since; look again.")),
    }
}

async fn apply<P: Outside>(
    app: &App<P>,
    user: &UserId,
    task_id: &str,
    wish: &Wish,
) -> Result<Arranged, Problem> {
    for _ in 0..TRIES {
        let asked = find(app, user, task_id).await?;
        let after = arrange(&asked.task, wish.clone(), asked.run.expires, app.ports.now())?;
        if after == asked.task {
            return Ok(Arranged::of(&after));
        }
        match app.ports.commit(vec![Write::update(Record::Task(after.clone()), asked.rev)]).await {
            Ok(()) => return Ok(Arranged::of(&after)),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Problem::contended())
}

/// Where a file is kept: nobody else's question leads there.
fn key(user: &UserId, task: &Task, file: &str) -> String {
    // A question's name has colons, which are nothing but trouble in an address.
    format!("proofs/{user}/{}/{file}", task.task_id.as_str().replace(':', "."))
}

/// Whether this can be a file's name under a key of ours: in one folder, and short. What it was called by its owner may be anything.
fn is_plain(file: &str) -> bool {
    file.len() <= LONGEST_NAME && !file.chars().any(|it| it.is_control() || it == '/' || it == '\\')
}

/// A file's name as far as it can stand in an address.
fn safe(name: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || ".-_".contains(it);
    let name: String = name.chars().map(|it| if plain(it) { it } else { '_' }).collect();
    let begin = name.len().saturating_sub(100);
    name[begin..].trim_start_matches('.').to_owned()
}

fn unguessable() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    let missing =
        |_| Problem::unprocessable("A file cannot be named at the moment.", Vec::<FieldError>::new());
    SystemRandom::new().fill(&mut bytes).map_err(missing)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_fit_for_an_address() {
        for (name, expect) in [
            ("Receipt 7 (final).pdf", "Receipt_7__final_.pdf"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("\u{e4}.png", "_.png"),
        ] {
            assert_eq!(safe(name), expect);
            assert_eq!(safe(&safe(name)), safe(name));
        }
        assert_eq!(safe(&"x".repeat(300)).len(), 100);
    }
}
