//! A manual step: what to do, what helps, how it comes along, help, and what proves that it is done.

use super::{Task, arrangement, decided};
use crate::console::home::bar;
use crate::console::words::{self, amount};
use crate::view::HelpView;
use events::{Guide, GuideOption, Tool};
use maud::{Markup, html};

pub(super) fn view(task: &Task<'_>) -> Markup {
    let (question, request) = (task.question, &task.question.request);
    html! {
        h2 { (request.prompt) }
        @if let Some(help) = question.help.as_ref().filter(|_| question.open) { (offered(help)) }
        @if let Some(guide) = &request.guide { (instructions(guide, question.help.is_some())) }
        @match task.decision(None) {
            Some(decision) => (decided(decision)),
            None if question.open => {
                @if let Some(arranged) = &question.arranged { (arrangement::summary(arranged)) }
                (bar(question.percent, "How far you are"))
                div.manual {
                    (done(task))
                    (progress(task))
                    (help(task))
                    @if let Some(arranged) = &question.arranged { (arrangement::forms(task, arranged)) }
                    (task.form("skip", html! { button.link type="submit" { "Skip this step" } }))
                }
            },
            None => p.quiet { "This question no longer waits." },
        }
    }
}

/// What can be offered to who asked for help.
fn offered(help: &HelpView) -> Markup {
    html! {
        div.notice {
            p { b { "You asked for help" } " " (words::time(help.at)) @if !help.note.is_empty() { ": " (help.note) } @else { "." } }
            p { "Those who run this service see it. Below is every step again in detail, with what helps." }
            @if let Some(contact) = &help.contact { p { "Who helps on the other side: " (contact) } }
        }
    }
}

/// What to do; in all detail for who asked for help.
fn instructions(guide: &Guide, in_detail: bool) -> Markup {
    html! {
        ol.steps { @for text in &guide.instructions { li { (text) } } }
        @if !guide.tools.is_empty() {
            h3 { "What helps" }
            ul.plain { @for it in &guide.tools { li { (tool(it)) } } }
        }
        @if !guide.options.is_empty() {
            h3 { "What you can choose from" }
            ul.items { @for it in &guide.options { li.item { (option(it, in_detail)) } } }
        }
    }
}

/// A tool's address is an agent's word: only one of the web becomes a link.
fn tool(tool: &Tool) -> Markup {
    let is_web = tool.url.starts_with("https://") || tool.url.starts_with("http://");
    html! {
        @if is_web { a href=(tool.url) target="_blank" rel="noopener noreferrer" { (tool.name) span.hidden { " (opens in a new tab)" } } }
        @else { (tool.name) " " span.quiet { (tool.url) } }
    }
}

fn option(option: &GuideOption, in_detail: bool) -> Markup {
    html! {
        div.row { h4 { (option.title) } @if let Some(monthly) = option.monthly { p.worth { (amount(monthly)) span.unit { " a month" } } } }
        @if !option.reasons.is_empty() { ul.reasons { @for reason in &option.reasons { li { (reason) } } } }
        @if !option.steps.is_empty() {
            details #{ (if in_detail { "detail-" } else { "option-" }) (option.item_id) } open[in_detail] { summary { "How to begin" } ol.steps { @for step in &option.steps { li { (step) } } } }
        }
    }
}

fn done(task: &Task<'_>) -> Markup {
    let guide = task.question.request.guide.as_ref();
    let proofs = task.question.arranged.iter().flat_map(|it| &it.proofs);
    let file = proofs.last();
    html! {
        h3 { "Done?" }
        @if let Some(arranged) = &task.question.arranged { (arrangement::proofs(task, arranged)) }
        (task.form("done", html! {
            div.stack {
                @if let Some(guide) = guide.filter(|it| !it.options.is_empty()) {
                    label { "Which one"
                        select name="item_id" {
                            option value="" { "Another, or I do not know" }
                            @for it in &guide.options { option value=(it.item_id) { (it.title) } }
                        }
                    }
                }
                label { "Reference"
                    @if let Some(guide) = guide { span.hint { (guide.proof) } }
                    input name="reference" required[file.is_none()] maxlength="2000" autocomplete="off";
                }
                @if let Some(file) = file { input type="hidden" name="file" value=(file.name); }
                button.primary type="submit" { "It is done" }
                p.quiet.small { "We check it with the other side before the run goes on." }
            }
        }))
    }
}

fn progress(task: &Task<'_>) -> Markup {
    html! {
        details #{ "progress-" (task.question.request.task_id) } {
            summary { "Note how far you are" }
            (task.form("progress", html! {
                div.stack {
                    label { "Percent done" input name="percent" type="number" inputmode="numeric" min="0" max="100" value=(task.question.percent) required; }
                    label { "Note" input name="note" maxlength="2000" autocomplete="off"; }
                    button type="submit" { "Save" }
                }
            }))
        }
    }
}

fn help(task: &Task<'_>) -> Markup {
    html! {
        details #{ "help-" (task.question.request.task_id) } {
            summary { "I need help" }
            (task.form("help", html! {
                div.stack {
                    label { "What is unclear?" span.hint { "Those who run this service read it, with the run and the step" } textarea name="note" rows="3" maxlength="2000" {} }
                    button type="submit" { "Ask for help" }
                }
            }))
        }
    }
}
