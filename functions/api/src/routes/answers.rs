//! `POST /tasks/{task_id}/answers`: the decision is written on the question first, then its step goes on.

use crate::access;
use crate::app::{App, Shared};
use crate::asked::{self, Asked, Found};
use crate::body::Body;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::report::{Progress, report};
use crate::routes::tasks::{Which, workflow_of};
use crate::view::{Answered, HelpView, decisions};
use crate::work::{function, work};
use axum::Json;
use axum::extract::{Path, State};
use engine::answer::{check_changes, record};
use engine::{Run, Task};
use events::{Answer, UserId};
use ports::{CommitError, ContinueStep, Mode, Record, Slot, Write};

/// Times that a decision is tried again because something else was written at the same time.
const TRIES: u32 = 5;

/// Answers.
pub(crate) async fn answer<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { task_id }): Path<Which>,
    Body(answer): Body<Answer>,
) -> Result<Json<Answered>, Problem> {
    for _ in 0..TRIES {
        if let Some(answered) = attempt(&app, &user, &task_id, &answer).await? {
            return Ok(Json(answered));
        }
    }
    Err(Problem::contended())
}

/// `None`: something else was written at the same time.
async fn attempt<P: Outside>(
    app: &App<P>,
    user: &UserId,
    task_id: &str,
    answer: &Answer,
) -> Result<Option<Answered>, Problem> {
    let asked = match asked::find(&app.ports, user, task_id).await? {
        Found::Here(asked) => asked,
        Found::Replaced => {
            return Err(Problem::conflict(
                "This was asked anew since; look again and answer the new question.",
            ));
        }
    };
    let after = record(&asked.task, answer, app.ports.now())?;
    if after == asked.task {
        say(app, &asked, answer).await?;
        return Ok(Some(answered(app, &asked, &after, answer)));
    }
    check_offered_changes(&asked, answer)?;
    check_running(&asked)?;
    let mut writes = vec![Write::update(Record::Task(after.clone()), asked.rev)];
    if matches!(answer, Answer::Grant {}) {
        // With the decision or not at all: the step that goes on finds them.
        let now = app.ports.now();
        writes.push(access::granting(&app.ports, user, &asked.task.scopes, now).await?);
    }
    match app.ports.commit(writes).await {
        Ok(()) => {}
        Err(CommitError::Conflict { .. }) => return Ok(None),
        Err(CommitError::Port(error)) => return Err(error.into()),
    }
    if after.decided_at.is_some() {
        go_on(app, &asked.run, &after).await;
    }
    say(app, &asked, answer).await?;
    Ok(Some(answered(app, &asked, &after, answer)))
}

fn check_offered_changes(asked: &Asked, answer: &Answer) -> Result<(), Problem> {
    let Answer::Modify { item_id, changes } = answer else { return Ok(()) };
    let item = asked.record().and_then(|it| it.items.iter().find(|it| it.proposal.item_id == *item_id));
    item.map_or(Ok(()), |item| check_changes(&item.proposal, changes)).map_err(Problem::from)
}

fn check_running(asked: &Asked) -> Result<(), Problem> {
    if asked.takes_answers() {
        return Ok(());
    }
    let status = asked.run.status;
    Err(Problem::in_state(status, format!("The run is {}; this question is closed.", status.as_str())))
}

/// Lets the step go on. The decision stands whatever comes of this: the sweep finds decisions without outcome.
async fn go_on<P: ContinueStep>(app: &App<P>, run: &Run, task: &Task) {
    let slot = Slot::of(task.kind);
    let mode = match slot {
        Slot::Ask => Mode::Continue,
        Slot::Help => Mode::ContinueHelp,
        Slot::Undo => Mode::ContinueUndo,
    };
    let function = function(&app.catalog, run, &task.step_id, slot);
    let work = work(run, Some(&task.step_id), mode);
    if let Err(error) = app.ports.continue_step(function, &work).await {
        tracing::warn!(run.id = %run.run_id, error.chain = %error, "run {} waits for the sweep to go on", run.run_id);
    }
}

/// Tells of a manual step's progress, and that its user asks for help: with what, stays on the question.
async fn say<P: Outside>(app: &App<P>, asked: &Asked, answer: &Answer) -> Result<(), Problem> {
    let (percent, headline) = match answer {
        Answer::Progress { percent, note } if note.is_empty() => (*percent, format!("{percent} % done")),
        Answer::Progress { percent, note } => (*percent, note.clone()),
        Answer::Help { .. } => (asked.task.percent, "You asked for help.".to_owned()),
        _ => return Ok(()),
    };
    let progress = Progress { step: &asked.task.step_id, percent, headline, figures: None };
    report(app, &asked.run, progress).await?;
    Ok(())
}

fn answered<P>(app: &App<P>, asked: &Asked, after: &Task, answer: &Answer) -> Answered {
    let guide = || asked.record().and_then(|it| it.guide.clone());
    let help = matches!(answer, Answer::Help { .. });
    let step = workflow_of(&app.catalog, asked).and_then(|it| it.step(&asked.task.step_id));
    let undecided = matches!(answer, Answer::Help { .. } | Answer::Progress { .. });
    Answered {
        task_id: after.task_id.clone(),
        repeated: !undecided && *after == asked.task,
        decisions: decisions(after),
        percent: after.percent,
        guide: if help { guide() } else { None },
        help: if help { HelpView::of(after, step) } else { None },
    }
}
