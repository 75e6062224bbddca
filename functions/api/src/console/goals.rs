//! The user's goals: how far each is, and changing them.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::home::bar;
use crate::console::layout::{After, Page, Part, form_words};
use crate::console::site::Site;
use crate::console::words::amount;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::routes::goals;
use crate::view::{GoalView, GoalsView};
use axum::Form;
use axum::extract::{Query, State};
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

/// What is called how on the form.
const LABELS: [(&str, &str); 5] = [
    ("name", "Name"),
    ("kind", "Kind"),
    ("target", "Target amount"),
    ("saved", "Saved so far"),
    ("goals", "Goals"),
];

/// A form that was refused: what was sent, and what is wrong with it.
struct Refused {
    wish: Wish,
    problem: Problem,
}

/// The page.
pub(super) async fn page<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Query(after): Query<After>,
) -> Result<Page, Problem> {
    let goals = goals::get(State(app.clone()), caller).await?.0.goals;
    Ok(page_of(&app.site, &goals, after.said(), None))
}

fn page_of(site: &Site, goals: &[GoalView], said: Option<Markup>, refused: Option<&Refused>) -> Page {
    let of = |index: Option<usize>| refused.filter(|it| it.wish.place(goals) == index);
    let body = html! {
        h1 { "Goals" }
        @if let Some(said) = said { (said) }
        @if let Some(refused) = refused { (form_words(&refused.problem, label)) }
        @if goals.is_empty() {
            div.panel.empty { p { b { "No goal yet." } } p.quiet { "With a goal you see with every run how much nearer it brings you." } }
        }
        ul.cards { @for (index, it) in goals.iter().enumerate() { li.card { (goal(site, index, it, of(Some(index)))) } } }
        section.panel aria-labelledby="new" {
            h2 #new { "A new goal" }
            (form(site, &Wish::default(), of(None)))
        }
    };
    Page::new(Part::Goals, "Goals", body)
}

fn goal(site: &Site, index: usize, goal: &GoalView, refused: Option<&Refused>) -> Markup {
    html! {
        div.row { h2 { (goal.name) } p.worth { (amount(goal.saved)) span.unit { " of " (amount(goal.target)) } } }
        (bar(percent(goal), &goal.name))
        details open[refused.is_some()] {
            summary { "Change" span.hidden { " " (goal.name) } }
            (form(site, &Wish::of(index, goal), refused))
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

/// The form of a goal. What was refused stands there as it was sent.
fn form(site: &Site, wish: &Wish, refused: Option<&Refused>) -> Markup {
    let wish = refused.map_or(wish, |it| &it.wish);
    let wrong = |name: &str| {
        let is_wrong = refused.is_some_and(|it| it.problem.errors.iter().any(|it| leaf(&it.field) == name));
        is_wrong.then_some("true")
    };
    html! {
        form.stack method="post" action=(site.href("/goals")) {
            @if let Some(index) = wish.index { input type="hidden" name="index" value=(index); }
            label { "Name" input name="name" required maxlength="100" value=(wish.name) autocomplete="off" aria-invalid=[wrong("name")]; }
            label { "Kind"
                select name="kind" aria-invalid=[wrong("kind")] {
                    @for (kind, words) in KINDS { option value=(kind) selected[wish.kind == kind] { (words) } }
                    @if !wish.kind.is_empty() && KINDS.iter().all(|(kind, _)| wish.kind != *kind) {
                        option value=(wish.kind) selected { (wish.kind) }
                    }
                }
            }
            label { "Target amount" input name="target" required inputmode="decimal" value=(wish.target) autocomplete="off" aria-invalid=[wrong("target")]; }
            label { "Saved so far" input name="saved" inputmode="decimal" value=(wish.saved) autocomplete="off" aria-invalid=[wrong("saved")]; }
            input type="hidden" name="currency" value=(wish.currency);
            button type="submit" { "Save" }
        }
    }
}

/// `goals[1].saved.currency` → `saved`.
fn leaf(field: &str) -> &str {
    let field = field.rsplit_once("].").map_or(field, |(_, leaf)| leaf);
    field.split('.').next().unwrap_or(field)
}

fn label(field: &str) -> Option<&'static str> {
    LABELS.iter().find(|(name, _)| *name == leaf(field)).map(|(_, words)| *words)
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

impl Default for Wish {
    fn default() -> Self {
        let (name, kind, target, saved) = Default::default();
        Self { index: None, remove: None, name, kind, target, saved, currency: Currency::USD.to_string() }
    }
}

impl Wish {
    /// A goal as it stands in its form.
    fn of(index: usize, goal: &GoalView) -> Self {
        let plain = |money: Money| money.to_decimal().to_string();
        Self {
            index: Some(index),
            remove: None,
            name: goal.name.clone(),
            kind: goal.kind.clone(),
            target: plain(goal.target),
            saved: plain(goal.saved),
            currency: goal.target.currency.to_string(),
        }
    }

    /// Which of these goals it is about; none: a new one.
    fn place(&self, goals: &[GoalView]) -> Option<usize> {
        self.index.filter(|index| *index < goals.len())
    }
}

/// Saves one, or removes it.
pub(super) async fn save<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Form(wish): Form<Wish>,
) -> Result<Response, Problem> {
    let before = goals::get(State(app.clone()), caller.clone()).await?.0.goals;
    let saved = match changed(before.clone(), &wish).and_then(|goals| Body::checked(&GoalsView { goals })) {
        Ok(goals) => goals::put(State(app.clone()), caller, goals).await,
        Err(problem) => Err(problem),
    };
    match saved {
        Ok(_) => Ok(Redirect::to(&app.site.href("/goals?saved=yes")).into_response()),
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            let refused = Refused { wish, problem };
            Ok((status, page_of(&app.site, &before, None, Some(&refused))).into_response())
        }
    }
}

fn changed(mut goals: Vec<GoalView>, wish: &Wish) -> Result<Vec<GoalView>, Problem> {
    let place = wish.place(&goals);
    if wish.remove.is_some() {
        place.map(|index| goals.remove(index));
        return Ok(goals);
    }
    let currency = Currency::new(&wish.currency).unwrap_or(Currency::USD);
    let money = |field: &str, text: &str| {
        let text = text.trim().trim_start_matches('$').replace(',', "");
        let text = if text.is_empty() { "0" } else { &text };
        Money::parse(text, currency)
            .map_err(|_| FieldError::new(field, "must be an amount such as 1500 or 1500.50"))
    };
    let (target, saved) = match (money("target", &wish.target), money("saved", &wish.saved)) {
        (Ok(target), Ok(saved)) => (target, saved),
        (target, saved) => {
            return Err(Problem::bad_request([target, saved].into_iter().filter_map(Result::err).collect()));
        }
    };
    let goal = GoalView { name: wish.name.trim().to_owned(), kind: wish.kind.clone(), target, saved };
    match place {
        Some(index) => goals[index] = goal,
        None => goals.push(goal),
    }
    Ok(goals)
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
