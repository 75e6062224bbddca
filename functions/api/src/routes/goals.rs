//! `GET /goals` and `PUT /goals`.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::view::{GoalView, GoalsView};
use axum::Json;
use axum::extract::State;
use engine::Goals;
use ports::{Key, Record, Write};

/// The caller's goals.
pub(crate) async fn get<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<GoalsView>, Problem> {
    let mut goals = Vec::new();
    for stored in app.ports.read(&[Key::Goals(user)]).await? {
        if let Record::Goals(it) = stored.record {
            goals = it.goals.into_iter().map(GoalView::from).collect();
        }
    }
    Ok(Json(GoalsView { goals }))
}

/// Replaces all goals.
pub(crate) async fn put<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Body(request): Body<GoalsView>,
) -> Result<Json<GoalsView>, Problem> {
    let errors = wrong(&request.goals);
    if !errors.is_empty() {
        return Err(Problem::bad_request(errors));
    }
    let goals = request.goals.iter().cloned().map(Into::into).collect();
    // The last word wins: nobody but the user writes it.
    app.ports.commit(vec![Write::put(Record::Goals(Goals { user_id: user, goals }))]).await?;
    Ok(Json(request))
}

/// Everything that is wrong with goals and that their schema cannot say.
fn wrong(goals: &[GoalView]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (index, goal) in goals.iter().enumerate() {
        let mut say = |field: &str, what: &str| {
            errors.push(FieldError::new(format!("goals[{index}].{field}"), what));
        };
        if goal.name.trim().is_empty() || goals[..index].iter().any(|it| it.name == goal.name) {
            say("name", "must be a name that no goal before it has");
        }
        if goal.target.is_zero() || goal.target.is_negative() {
            say("target", "must be more than nothing");
        }
        if goal.saved.is_negative() {
            say("saved", "must not be less than nothing");
        }
        if goal.saved.currency != goal.target.currency {
            say("saved.currency", "must be the target's");
        }
    }
    errors
}
