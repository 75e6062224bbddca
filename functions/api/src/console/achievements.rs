//! Achievements: those unlocked, with the figures that made them true, and those to come.

use crate::app::Shared;
use crate::caller::Caller;
use crate::console::layout::{Page, Part};
use crate::console::site::Site;
use crate::console::words;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::history;
use crate::view::UnlockedView;
use axum::extract::State;
use maud::{Markup, html};

/// The page.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, caller: Caller) -> Result<Page, Problem> {
    let all = history::achievements(State(app.clone()), caller).await?.0;
    let body = html! {
        h1 { "Achievements" }
        @if all.unlocked.is_empty() {
            div.panel.empty { p { b { "None yet." } } p.quiet { "They come with what is confirmed or seen, never with what is only promised." } }
        }
        ul.cards.two { @for it in &all.unlocked { li.card.unlocked { (unlocked(&app.site, it)) } } }
        @if !all.locked.is_empty() {
            section aria-labelledby="to-come" {
                h2 #to-come { "To come" }
                ul.cards.two { @for it in &all.locked { li.card.locked { h3 { (it.name) } p { (it.description) } } } }
            }
        }
    };
    Ok(Page::new(Part::Achievements, "Achievements", body))
}

fn unlocked(site: &Site, it: &UnlockedView) -> Markup {
    html! {
        div.row {
            h2 { span.star aria-hidden="true" { "\u{2605} " } (it.name) }
            span.badge.good { "Unlocked" }
        }
        p { (it.description) }
        p.quiet { (it.reason) }
        p.quiet.small {
            (words::time(it.at))
            @if let Some(run) = &it.run_id { " \u{b7} " a href=(site.href(&format!("/runs/{run}"))) { "The run" span.hidden { " of " (it.name) } } }
        }
    }
}
