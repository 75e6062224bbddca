//! The user's goals: how far each is, and changing them.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::home::bar;
use crate::console::layout::{Page, Part, problem_words};
use crate::console::site::Site;
use crate::console::words::amount;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::routes::goals;
use crate::view::{GoalView, GoalsView};
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use money::{Currency, Money};
use serde::Deserialize;

/// The kinds of goal that workflows know, and their words.
const KINDS: [(&str, &str); 4] = [
    ("emergency-fund", "Emergency fund"),
    ("debt-free", "Free of debt"),
    ("retirement", "Retirement"),
    ("purchase", "Something to buy"),
];

/// The page.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, caller: Caller) -> Result<Page, Problem> {
    let goals = goals::get(State(app.clone()), caller).await?.0.goals;
    Ok(page_of(&app, &goals, None))
}

fn page_of<P>(app: &Shared<P>, goals: &[GoalView], said: Option<Markup>) -> Page {
    let body = html! {
        h1 { "Goals" }
        @if let Some(said) = said { (said) }
        @if goals.is_empty() {
            div.panel.empty { p { b { "No goal yet." } } p.quiet { "With a goal you see with every run how much nearer it brings you." } }
        }
        ul.cards { @for (index, it) in goals.iter().enumerate() { li.card { (goal(&app.site, index, it)) } } }
        section.panel aria-labelledby="new" {
            h2 #new { "A new goal" }
            (form(&app.site, None, None))
        }
    };
    Page::new(Part::Goals, "Goals", body)
}

fn goal(site: &Site, index: usize, goal: &GoalView) -> Markup {
    html! {
        div.row { h2 { (goal.name) } p.worth { (amount(goal.saved)) span.unit { " of " (amount(goal.target)) } } }
        (bar(percent(goal), &goal.name))
        details {
            summary { "Change" span.hidden { " " (goal.name) } }
            (form(site, Some(index), Some(goal)))
            form method="post" action=(site.href("/goals")) {
                input type="hidden" name="index" value=(index);
                button.link name="remove" value="yes" type="submit" { "Remove this goal" }
            }
        }
    }
}

/// Whole percents that are there, from 0 to 100.
fn percent(goal: &GoalView) -> u8 {
    let reached = i128::from(goal.saved.minor.max(0)) * 100 / i128::from(goal.target.minor.max(1));
    u8::try_from(reached.min(100)).unwrap_or(100)
}

fn form(site: &Site, index: Option<usize>, goal: Option<&GoalView>) -> Markup {
    let plain = |money: Option<Money>| money.map(|it| it.to_decimal().to_string()).unwrap_or_default();
    html! {
        form.stack method="post" action=(site.href("/goals")) {
            @if let Some(index) = index { input type="hidden" name="index" value=(index); }
            label { "Name" input name="name" required maxlength="100" value=(goal.map_or("", |it| &it.name)) autocomplete="off"; }
            label { "Kind"
                select name="kind" {
                    @for (kind, words) in KINDS { option value=(kind) selected[goal.is_some_and(|it| it.kind == kind)] { (words) } }
                    @if let Some(goal) = goal.filter(|it| KINDS.iter().all(|(kind, _)| it.kind != *kind)) {
                        option value=(goal.kind) selected { (goal.kind) }
                    }
                }
            }
            label { "To reach" input name="target" required inputmode="decimal" value=(plain(goal.map(|it| it.target))) autocomplete="off"; }
            label { "There already" input name="saved" inputmode="decimal" value=(plain(goal.map(|it| it.saved))) autocomplete="off"; }
            input type="hidden" name="currency" value=(goal.map_or(Currency::USD, |it| it.target.currency));
            button type="submit" { "Save" }
        }
    }
}

/// What the form sends: a goal, in place of one where it has an index.
#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    index: Option<usize>,
    #[serde(default)]
    remove: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    saved: String,
    #[serde(default)]
    currency: String,
}

/// Saves one, or removes it.
pub(super) async fn save<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Form(wish): Form<Wish>,
) -> Result<Response, Problem> {
    let mut all = goals::get(State(app.clone()), caller.clone()).await?.0.goals;
    let before = all.clone();
    let saved = match changed(&mut all, &wish) {
        Ok(()) => goals::put(State(app.clone()), caller, Body(GoalsView { goals: all })).await,
        Err(problem) => Err(problem),
    };
    match saved {
        Ok(_) => Ok(Redirect::to(&app.site.href("/goals")).into_response()),
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            Ok((status, page_of(&app, &before, Some(problem_words(&problem)))).into_response())
        }
    }
}

fn changed(goals: &mut Vec<GoalView>, wish: &Wish) -> Result<(), Problem> {
    let place = wish.index.filter(|index| *index < goals.len());
    if wish.remove.is_some() {
        place.map(|index| goals.remove(index));
        return Ok(());
    }
    let currency = Currency::new(&wish.currency).unwrap_or(Currency::USD);
    let money = |field: &str, text: &str| {
        let text = text.trim().trim_start_matches('$').replace(',', "");
        let text = if text.is_empty() { "0" } else { &text };
        Money::parse(text, currency).map_err(|_| {
            Problem::bad_request(vec![FieldError::new(field, "must be an amount such as 1500 or 1500.50")])
        })
    };
    let goal = GoalView {
        name: wish.name.trim().to_owned(),
        kind: wish.kind.clone(),
        target: money("target", &wish.target)?,
        saved: money("saved", &wish.saved)?,
    };
    match place {
        Some(index) => goals[index] = goal,
        None => goals.push(goal),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_never_more_than_reached() {
        for (saved, target, expect) in
            [(0, 100, 0), (50, 200, 25), (300, 200, 100), (i64::MAX, i64::MAX, 100), (-5, 100, 0)]
        {
            let goal = GoalView {
                name: "g".to_owned(),
                kind: "k".to_owned(),
                target: Money::usd(target),
                saved: Money::usd(saved),
            };
            assert_eq!(percent(&goal), expect);
        }
    }
}
