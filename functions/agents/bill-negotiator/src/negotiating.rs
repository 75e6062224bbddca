//! Negotiating one bill, or taking the offer that the user approved.

use crate::accepting;
use crate::chatting::{Chat, Ending};
use crate::effect::{Effect, May, Terms};
use crate::proposing::MARGIN_BASIS_POINTS;
use crate::terms;
use agent::{AgentError, Item, Task, Update};
use events::{ErrorClass, Outcome};
use finance::negotiation::{Facts, WalkAway};
use finance::offers;
use providers::billers::{Bill, Writer};
use providers::{Billers, Offers, RetentionChat};
use serde_json::Value;

/// Does what the item's effect allows, once per key.
pub async fn execute(writer: &Writer, task: &Task, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let effect = &item.effect;
    let headline = format!("Connecting with {}", effect.provider);
    task.progress.say(Update::new(headline, 5).technical(format!("item {}", item.id)));
    let before = writer.accepted(&item.key).await.map_err(|error| task.unanswered(error))?;
    if before.is_some() {
        return accepting::confirm(writer, task, item).await;
    }
    let bill = match writer.bill(&effect.bill).await {
        Err(error) if error.is_not_found() => {
            let reason = format!("There is no account at {} any more.", effect.provider);
            return Ok(Outcome::NoEffect { reason });
        }
        found => found?,
    };
    match &effect.may {
        May::Take { offer } if item.approved && still_stands(writer, task, &bill, offer).await? => {
            accepting::accept(writer, task, item, &bill, &offer.session, &offer.offer).await
        }
        // What was approved is gone, or nobody approved it: a new chat, and a new question about what it brings.
        May::Take { offer } => {
            let chat_key = format!("{}:chat:after:{}", item.key, offer.session);
            negotiate(writer, task, item, &bill, &chat_key).await
        }
        May::Negotiate {} => {
            let chat_key = format!("{}:chat:{}", item.key, task.attempt);
            negotiate(writer, task, item, &bill, &chat_key).await
        }
    }
}

/// Whether the biller still makes the very offer that the user approved.
async fn still_stands(
    writer: &Writer,
    task: &Task,
    bill: &Bill,
    approved: &Terms,
) -> Result<bool, AgentError> {
    if approved.valid_until < task.as_of {
        return Ok(false);
    }
    match writer.chat(&bill.id, &approved.session).await {
        Ok(chat) => Ok(chat.offers.iter().any(|offer| Terms::of(&chat.session_id, offer) == *approved)),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn negotiate(
    writer: &Writer,
    task: &Task,
    item: &Item<Effect>,
    bill: &Bill,
    chat_key: &str,
) -> Result<Outcome, AgentError> {
    let effect = &item.effect;
    let Some(facts) = facts(writer, task, bill).await? else {
        let reason = format!("{} is not a bill that can be negotiated.", effect.provider);
        return Ok(Outcome::NoEffect { reason });
    };
    // Opening a chat binds nobody, so a lost answer here leaves no effect behind.
    let session = writer.open(&bill.id, &principal(bill), chat_key).await?;
    let chat = Chat {
        writer,
        bill,
        effect,
        facts: &facts,
        session_id: &session.session_id,
        secret: secret(task.provided.as_ref()),
        progress: &task.progress,
    };
    match chat.talk().await? {
        Ending::Accept(offer) => {
            accepting::accept(writer, task, item, bill, &session.session_id, &offer.offer_id).await
        }
        Ending::Ask(offer, because) => {
            let terms = Terms::of(&session.session_id, &offer);
            let proposal = effect.question(bill, terms, &because)?;
            Ok(Outcome::Ask { proposal: Box::new(proposal) })
        }
        Ending::Verification { method } => Ok(Outcome::Failed {
            class: ErrorClass::Permission,
            message: format!(
                "I couldn't complete the negotiation with {} because the account requires additional verification ({}).",
                effect.provider,
                method.replace('_', " "),
            ),
        }),
        Ending::Left(reason) => Ok(Outcome::Declined { reason: left(&effect.provider, reason) }),
    }
}

async fn facts(writer: &Writer, task: &Task, bill: &Bill) -> Result<Option<Facts>, AgentError> {
    let Some(known) = terms::bill(bill)? else {
        return Ok(None);
    };
    let competing = terms::competing(&writer.offers().await?);
    let best = offers::best(&known, &competing, task.as_of)?;
    Ok(Some(Facts::of(&known, best.as_ref(), MARGIN_BASIS_POINTS)?))
}

/// For whom the agent speaks: nothing is told that the biller does not know.
fn principal(bill: &Bill) -> String {
    match &bill.account_mask {
        Some(mask) => format!("the holder of the account ending in {mask}"),
        None => "the account holder".to_owned(),
    }
}

/// What the user told in the recovery alert: a text, or an object with one.
fn secret(provided: Option<&Value>) -> Option<&str> {
    match provided? {
        Value::String(text) => Some(text),
        Value::Object(fields) => fields.values().find_map(Value::as_str),
        _ => None,
    }
}

fn left(provider: &str, reason: WalkAway) -> String {
    match reason {
        WalkAway::NothingOffered => format!("{provider} offers nothing better."),
        WalkAway::Closed => format!("{provider} ended the conversation."),
        WalkAway::TooLong => format!("{provider} did not come to a decision."),
    }
}
