//! Bringing a subscription back as it was.

use crate::effect::Effect;
use agent::{AgentError, Item};
use events::Outcome;
use providers::subscriptions::Writer;
use providers::{ChangeSubscriptions, Subscriptions};

/// Restores what the item's key changed, if it changed anything.
pub async fn compensate(writer: &Writer, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let effect = &item.effect;
    let never = || Outcome::NoEffect { reason: format!("{} was never changed.", effect.merchant) };
    let Some(done) = writer.performed(&item.key).await? else {
        return Ok(never());
    };
    if done.undone_by.is_none() {
        let restored = writer.restore(&effect.subscription, &item.key, &item.undo_key()).await;
        match restored {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(never()),
            Err(error) if error.conflict() == Some("cannot_undo") => {
                let reason = format!("{} does not let it be restored any more.", effect.merchant);
                return Ok(Outcome::Declined { reason });
            }
            Err(error) => return Err(AgentError::Changing(error)),
        }
    }
    let now = writer.subscription(&effect.subscription).await.map_err(AgentError::ReadBack)?;
    if !effect.holds_for(&now) {
        let reason = format!("{} is not as it was before.", effect.merchant);
        return Ok(Outcome::Declined { reason });
    }
    Ok(Outcome::Done {
        summary: format!("{} is back as it was.", effect.merchant),
        reference: done.reference,
        impact: Vec::new(),
        undo_until: None,
    })
}
