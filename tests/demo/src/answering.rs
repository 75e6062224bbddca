//! Answering a run's questions: by the person at the terminal, or by itself.

use crate::alert;
use crate::api::{Api, Taken};
use crate::card::undoable;
use crate::deciding::{Decider, approval, omission, undecided};
use crate::prompt;
use crate::sandbox::Sandbox;
use crate::settings::Auto;
use crate::wire::{Question, UndoTerms};
use anyhow::Context;
use events::{Answer, Choice, Guide, GuideOption, ItemId, Proof, Reversibility, StepId, TaskItem, TaskKind};
use std::collections::{BTreeMap, BTreeSet};

/// Answers the questions of one run.
pub struct Answering<'a> {
    api: &'a Api,
    sandbox: &'a Sandbox,
    /// The user's access token at the providers.
    access_token: &'a str,
    auto: Auto,
    decider: Decider,
    /// Steps whose alert was answered by trying again.
    tried: BTreeSet<StepId>,
    /// Manual steps that were followed without a person.
    followed: BTreeSet<StepId>,
}

impl<'a> Answering<'a> {
    /// As the user who calls this API and has this access token at the sandbox.
    pub fn new(api: &'a Api, sandbox: &'a Sandbox, access_token: &'a str, auto: Auto) -> Self {
        Self {
            api,
            sandbox,
            access_token,
            auto,
            decider: Decider::new(auto),
            tried: BTreeSet::new(),
            followed: BTreeSet::new(),
        }
    }

    /// Answers a question; what was decided before is left alone.
    pub async fn answer(&mut self, question: &Question) -> anyhow::Result<()> {
        // Decided whole: its step is on its way.
        if question.decisions.iter().any(|it| it.item_id.is_none()) {
            return Ok(());
        }
        match (question.request.kind, self.auto) {
            (TaskKind::Approve, Auto::Ask) => self.ask_items(question).await,
            (TaskKind::Approve, _) => {
                for answer in self.decider.answers(question) {
                    say(question, &answer);
                    self.send(question, &answer).await?;
                }
                Ok(())
            }
            (TaskKind::Guide, Auto::Ask) => self.guide(question).await,
            (TaskKind::Guide, _) => self.follow(question).await,
            (TaskKind::Undo, Auto::Ask) => self.ask_undo(question).await,
            // Nobody is here who could: it is left as it is, and told in the end.
            (TaskKind::Undo, _) => self.leave(question).await,
            (TaskKind::Help, Auto::Ask) => self.ask_alert(question).await,
            (TaskKind::Help, _) => {
                let tried = !self.tried.insert(question.request.step_id.clone());
                let answer = self.decider.alert(question, tried);
                let lines = question.alert.as_ref().map(alert::lines).unwrap_or_default();
                lines.iter().for_each(|line| println!("{line}"));
                println!();
                say(question, &answer);
                self.send(question, &answer).await
            }
        }
    }

    async fn send(&self, question: &Question, answer: &Answer) -> anyhow::Result<()> {
        if let Taken::No(why) = self.api.answer(&question.request.task_id, answer).await? {
            println!("  {why}");
        }
        Ok(())
    }

    async fn ask_items(&self, question: &Question) -> anyhow::Result<()> {
        println!("\n{}", question.request.prompt);
        let mut rest = None;
        for item in undecided(question) {
            println!();
            described(item, question.request.reversibility).iter().for_each(|it| println!("{it}"));
            let answer = match rest {
                Some(Choice::Approve) => approval(item),
                Some(_) => omission(&item.item_id),
                None => {
                    let (answer, all) = ask_item(item).await?;
                    rest = all;
                    answer
                }
            };
            self.send(question, &answer).await?;
        }
        Ok(())
    }

    async fn ask_alert(&self, question: &Question) -> anyhow::Result<()> {
        let Some(alert) = &question.alert else { return Ok(()) };
        alert::lines(alert).iter().for_each(|line| println!("{line}"));
        let chosen = loop {
            let said = prompt::line("  Your choice:").await?;
            let number = said.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            match number.and_then(|index| alert.options.get(index)) {
                Some(option) => break option.choice,
                None => println!("  please answer with a number"),
            }
        };
        let answer = match chosen {
            Choice::Continue => {
                let said = prompt::line("  What was missing (nothing to simply try again):").await?;
                Answer::Continue { input: (!said.is_empty()).then(|| said.into()) }
            }
            Choice::Override => Answer::Override {},
            Choice::Grant => Answer::Grant {},
            Choice::Deny => Answer::Deny {},
            Choice::Stop => Answer::Stop {},
            _ => Answer::Skip { item_id: None },
        };
        self.send(question, &answer).await
    }

    /// What is to be reversed by hand: how, and the proof of it, item by item.
    async fn ask_undo(&self, question: &Question) -> anyhow::Result<()> {
        let Some(by_hand) = &question.by_hand else { return Ok(()) };
        println!("\n{}", question.request.prompt);
        for (index, step) in by_hand.steps.iter().enumerate() {
            println!("  {}. {step}", index + 1);
        }
        println!("  Who helps: {}\n  What to keep as proof: {}", by_hand.contact, by_hand.proof);
        for item in undecided(question) {
            let left = by_hand.items.iter().find(|it| it.item_id == item.item_id);
            let reference = left.map_or("", |it| it.reference.as_str());
            println!("\n  ! {} (reference {reference})", item.title);
            let said = prompt::line("    the reference of its reversal (nothing to leave it):").await?;
            let answer = if said.is_empty() {
                omission(&item.item_id)
            } else {
                Answer::Done {
                    proof: Proof { item_id: Some(item.item_id.clone()), reference: said, file: None },
                }
            };
            self.send(question, &answer).await?;
        }
        Ok(())
    }

    async fn leave(&self, question: &Question) -> anyhow::Result<()> {
        println!("! {}", question.request.prompt);
        for item in undecided(question).filter(|item| item.choices.contains(&Choice::Skip)) {
            println!("- left as it is: {}", item.title);
            self.send(question, &omission(&item.item_id)).await?;
        }
        Ok(())
    }

    /// A manual step without a person: the best option is applied for, or the step is left out.
    async fn follow(&mut self, question: &Question) -> anyhow::Result<()> {
        // The same application proves no more the second time.
        let first = self.followed.insert(question.request.step_id.clone());
        let best = question.request.guide.as_ref().and_then(|guide| guide.options.first());
        let Some(option) = best.filter(|_| first && self.decider.approves()) else {
            println!("- left out: {}", question.request.prompt);
            return self.send(question, &Answer::Skip { item_id: None }).await;
        };
        self.apply(question, option).await
    }

    /// Does what the user does outside: applies, tells how it comes along, and shows the reference.
    async fn apply(&self, question: &Question, option: &GuideOption) -> anyhow::Result<()> {
        println!("+ applying: {}", option.title);
        let progress = |percent, note: &str| Answer::Progress { percent, note: note.to_owned() };
        self.send(question, &progress(20, "Chosen; the application is begun")).await?;
        let key = question.request.task_id.as_str();
        let application = self.sandbox.apply(self.access_token, option.item_id.as_str(), key).await?;
        self.send(question, &progress(70, "The application is filled in")).await?;
        self.sandbox.submit(self.access_token, &application, key).await?;
        println!("  submitted; its reference is {}", application.reference);
        let item_id = Some(option.item_id.clone());
        self.send(
            question,
            &Answer::Done { proof: Proof { item_id, reference: application.reference, file: None } },
        )
        .await
    }

    async fn guide(&self, question: &Question) -> anyhow::Result<()> {
        let guide = question.request.guide.as_ref().context("the step shows no guide")?;
        println!("\n{}", question.request.prompt);
        show(guide);
        loop {
            println!("  apply N: apply for option N | done REFERENCE | progress PERCENT | help | skip");
            let said = prompt::line("  >").await?;
            let (word, rest) = said.split_once(' ').unwrap_or((&said, ""));
            match word {
                "apply" => match option(guide, rest) {
                    Some(option) => return self.apply(question, option).await,
                    None => println!("  there is no option {rest}"),
                },
                "done" if !rest.is_empty() => {
                    let proof = Proof { reference: rest.trim().to_owned(), ..Proof::default() };
                    return self.send(question, &Answer::Done { proof }).await;
                }
                "progress" => match rest.trim().trim_end_matches('%').parse() {
                    Ok(percent) => {
                        self.send(question, &Answer::Progress { percent, note: String::new() }).await?;
                        println!("  noted");
                    }
                    Err(_) => println!("  progress takes a number from 0 to 100"),
                },
                "help" => {
                    let help = Answer::Help { note: rest.to_owned() };
                    match self.api.answer(&question.request.task_id, &help).await? {
                        Taken::Yes(answered) => {
                            show(answered.guide.as_ref().unwrap_or(guide));
                            let contact = answered.help.as_ref().and_then(|it| it.contact.as_ref());
                            if let Some(contact) = contact {
                                println!("  who helps on the other side: {contact}");
                            }
                        }
                        Taken::No(why) => println!("  {why}"),
                    }
                }
                "skip" => return self.send(question, &Answer::Skip { item_id: None }).await,
                _ => {}
            }
        }
    }
}

/// The number of an option, as shown.
fn option<'g>(guide: &'g Guide, number: &str) -> Option<&'g GuideOption> {
    guide.options.get(number.trim().parse::<usize>().ok()?.checked_sub(1)?)
}

fn show(guide: &Guide) {
    for (index, text) in guide.instructions.iter().enumerate() {
        println!("  {}. {text}", index + 1);
    }
    for tool in &guide.tools {
        println!("  tool: {} {}", tool.name, tool.url);
    }
    for (index, option) in guide.options.iter().enumerate() {
        let monthly = option.monthly.map(|it| format!(", about {it} a month")).unwrap_or_default();
        println!("  [{}] {}{monthly}", index + 1, option.title);
        option.reasons.iter().for_each(|it| println!("      {it}"));
    }
    println!("  proof: {}", guide.proof);
}

/// The exact effect of an item, what it is worth, why, and whether and until when it can be undone.
fn described(item: &TaskItem, reversibility: Option<Reversibility>) -> Vec<String> {
    let undo = reversibility.map(|reversibility| UndoTerms { reversibility, until: item.undo_until });
    let mut lines = vec![format!("  {}", item.title)];
    lines.extend(item.monthly.map(|monthly| format!("    worth {monthly} a month")));
    lines.extend(item.reasons.iter().map(|it| format!("    because: {it}")));
    lines.extend(undo.map(|terms| format!("    {}", undoable(&terms))));
    lines
}

/// One item's answer, and what to do with the rest where that was said.
async fn ask_item(item: &TaskItem) -> anyhow::Result<(Answer, Option<Choice>)> {
    let offers = |choice| item.choices.contains(&choice);
    let modify = offers(Choice::Modify) && !item.modifications.is_empty();
    let more = if modify { ", [m]odify" } else { "" };
    let question = format!("    [a]pprove, [s]kip{more}; A or S for this and all others:");
    loop {
        let said = prompt::line(&question).await?;
        match said.as_str() {
            "a" | "approve" => return Ok((approval(item), None)),
            "A" => return Ok((approval(item), Some(Choice::Approve))),
            "s" | "skip" => return Ok((omission(&item.item_id), None)),
            "S" => return Ok((omission(&item.item_id), Some(Choice::Skip))),
            "m" | "modify" if modify => return Ok((modification(item).await?, None)),
            _ => {}
        }
    }
}

/// Changes of an item, each one of the values offered.
async fn modification(item: &TaskItem) -> anyhow::Result<Answer> {
    let mut changes = BTreeMap::new();
    for (name, values) in &item.modifications {
        for (index, value) in values.iter().enumerate() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            println!("      [{}] {name}: {value}", index + 1);
        }
        let said = prompt::line(&format!("      {name} (a number; nothing leaves it):")).await?;
        let chosen = said.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some(value) = chosen.and_then(|index| values.get(index)) {
            changes.insert(name.clone(), value.clone());
        }
    }
    if changes.is_empty() {
        return Ok(approval(item));
    }
    Ok(Answer::Modify { item_id: item.item_id.clone(), changes })
}

/// Says on the screen what is answered without a person.
fn say(question: &Question, answer: &Answer) {
    let title = |id: &ItemId| {
        let item = question.request.items.iter().find(|it| it.item_id == *id);
        item.map_or_else(|| id.to_string(), |it| it.title.clone())
    };
    match answer {
        Answer::Approve { item_id, .. } => println!("+ approved: {}", title(item_id)),
        Answer::Skip { item_id: Some(item_id) } => println!("- left out: {}", title(item_id)),
        Answer::Skip { item_id: None } => println!("- left out"),
        Answer::Continue { .. } => println!("+ trying again"),
        Answer::Override {} => println!("+ taken as it is"),
        Answer::Grant {} => println!("+ allowed"),
        Answer::Deny {} => println!("- not allowed"),
        Answer::Stop {} => println!("- stopped"),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_approved_says_whether_it_can_be_undone() {
        let item = |until: Option<&str>| -> TaskItem {
            let item = json!({
                "item_id": "a", "title": "Sell 10 shares", "effect_hash": "h", "choices": ["approve"], "undo_until": until
            });
            serde_json::from_value(item).unwrap()
        };
        for (reversibility, until, expect) in [
            (Some(Reversibility::Irreversible), None, Some("    cannot be undone")),
            (Some(Reversibility::Compensable), None, Some("    made up for by a new action")),
            (
                Some(Reversibility::UntilProvider),
                Some("2026-07-14T23:59:59Z"),
                Some("    can be undone until 2026-07-14 23:59 UTC"),
            ),
            (None, None, None),
        ] {
            let lines = described(&item(until), reversibility);
            assert_eq!(lines.get(1).map(String::as_str), expect);
        }
    }
}
