//! `GET /operator/failures` and `POST /operator/failures/replay`: what no retry could handle, as the failure queue keeps it. It stays
//! there until it is handed over again.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Operator;
use crate::dead_letter::said;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::view::{FailureLine, FailureList, FailureReplay};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use ports::{DeadLetter, LookThroughFailures};
use std::collections::BTreeMap;

/// Messages that are looked at.
const MOST: usize = 100;

/// How often a message is looked for; a look that finds nothing takes a second.
const LOOKS: u32 = 5;

/// What was given up on.
pub(crate) async fn list<P: Outside>(
    State(app): State<Shared<P>>,
    Operator(_): Operator,
) -> Result<Json<FailureList>, Problem> {
    let letters = app.ports.failures(MOST).await?;
    let more = letters.len() == MOST;
    Ok(Json(FailureList { failures: lines(&letters, app.ports.now()), more }))
}

/// Each with how many are of the same kind.
fn lines(letters: &[DeadLetter], now: Timestamp) -> Vec<FailureLine> {
    let mut lines: Vec<_> = letters.iter().map(|it| line(it, now)).collect();
    let mut alike: BTreeMap<_, u32> = BTreeMap::new();
    for line in &lines {
        *alike.entry((line.function.clone(), line.reason.clone())).or_default() += 1;
    }
    for line in &mut lines {
        line.alike = alike.get(&(line.function.clone(), line.reason.clone())).copied().unwrap_or(1);
    }
    lines
}

fn line(letter: &DeadLetter, now: Timestamp) -> FailureLine {
    let said = said(letter);
    let age = now.duration_since(letter.at).as_secs();
    FailureLine {
        id: letter.id.clone(),
        replayable: said.function.is_some() && said.payload.is_some(),
        function: said.function.map(str::to_owned),
        reason: said.reason,
        about: said.about,
        tries: said.tries,
        alike: 1,
        at: letter.at,
        age_seconds: u64::try_from(age).unwrap_or(0),
    }
}

/// Hands something that was given up on to its function once more, and takes it out of the queue. What fails again comes back.
pub(crate) async fn replay<P: Outside>(
    State(app): State<Shared<P>>,
    Operator(operator): Operator,
    Body(FailureReplay { id }): Body<FailureReplay>,
) -> Result<Json<FailureLine>, Problem> {
    let letter = hold(&app.ports, &id).await?.ok_or_else(Problem::not_found)?;
    let said = said(&letter);
    let (Some(function), Some(payload)) = (said.function, said.payload) else {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "There is nobody to hand it to."));
    };
    app.ports.hand_over(function, &payload).await?;
    app.ports.remove_failure(&letter.receipt).await?;
    tracing::info!(operator = %operator, function, "something that was given up on was handed over again");
    Ok(Json(line(&letter, app.ports.now())))
}

/// A message; what somebody else looks at is hidden for that moment.
async fn hold(queue: &impl LookThroughFailures, id: &str) -> Result<Option<DeadLetter>, Problem> {
    for _ in 0..LOOKS {
        if let Some(letter) = queue.hold_failure(id, MOST).await? {
            return Ok(Some(letter));
        }
    }
    Ok(None)
}
