//! Creating rules, confirming them, deleting them.

use crate::effect::Effect;
use crate::{Effects, guard};
use agent::{
    AgentError, BankData, Item, Report, Task, Update, Worked, done_of, impacts, monthly_total_or_nothing,
};
use events::{Impact, ImpactKind, ImpactStage, Outcome};
use providers::savings::{Reader, Rule, RuleStatus, Writer};
use providers::{ChangeSavingsRules, Provider, ProviderError, SavingsRules};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Creates a rule, once per key, if the account still carries it.
pub async fn execute(effects: &Effects, task: &Task, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let (writer, effect) = (&effects.savings, &item.effect);
    let headline = format!("Setting up a {} rule", effect.kind().replace('-', " "));
    task.progress.say(Update::new(headline, 20).technical(format!("item {}", item.id)));
    let before = writer.performed(&item.key).await.map_err(|error| task.unanswered(error))?;
    if before.is_none() {
        if !still_carries(effects, task, effect).await? {
            let floor = effect.rule.floor;
            let reason = format!("{} is too close to your floor of {floor} for this now.", effect.from_name);
            return Ok(Outcome::NoEffect { reason });
        }
        writer.create(&effect.rule, &item.key).await.map_err(AgentError::Changing)?;
    }
    let outcome = probe(writer, item).await.map_err(|error| match error {
        AgentError::Looking(error) => AgentError::ReadBack(error),
        other => other,
    })?;
    for impact in impacts(&outcome) {
        task.progress.count("projectedMonthlyIncrease", impact.monthly);
    }
    Ok(outcome)
}

/// The floor guard again, with the balance of this moment.
async fn still_carries(effects: &Effects, task: &Task, effect: &Effect) -> Result<bool, AgentError> {
    let Some(first) = effect.first_transfer() else {
        return Ok(true);
    };
    let accounts = effects.savings.accounts().await?;
    let Some(account) = accounts.iter().find(|one| one.account_id == effect.rule.from_account) else {
        return Ok(false);
    };
    let bank = BankData::read(&effects.plaid, task.as_of).await?;
    Ok(guard::check(&bank, account, effect.rule.floor, task.as_of)?.allows(first)?)
}

/// What became of the item's key, read back from the rule itself.
pub async fn probe(reader: &Reader, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let effect = &item.effect;
    let nothing = |reason: &str| Ok(Outcome::NoEffect { reason: reason.to_owned() });
    let Some(done) = reader.performed(&item.key).await? else {
        return nothing("No rule was created.");
    };
    if done.undone_by.is_some() {
        return nothing("The rule was deleted again.");
    }
    let rule = match still_there(reader.rule(&done.answer.body.rule.rule_id).await)? {
        Some(rule) if is_as_agreed(&rule, effect) => rule,
        _ => return nothing("The rule was changed or deleted outside of this."),
    };
    let mut evidence = vec![done.reference.clone(), format!("rule:{}", rule.rule_id)];
    evidence.extend(effect.all_evidence());
    let next = match rule.next_transfer_on {
        Some(day) => format!(" First transfer on {day}."),
        None => String::new(),
    };
    Ok(Outcome::Done {
        summary: format!("In force{}: {}.{next}", place(reader.provider()), effect.what()),
        impact: vec![Impact {
            kind: ImpactKind::SetAside,
            stage: ImpactStage::Confirmed,
            monthly: effect.projected,
            months: None,
            label: format!("{} to {}", effect.kind().replace('-', " "), effect.to_name),
            evidence,
        }],
        reference: done.reference,
        undo_until: None,
    })
}

/// Where a rule is in force, when that is not where most are.
fn place(provider: Provider) -> String {
    match provider {
        Provider::Savings => String::new(),
        other => format!(" at {}", other.title()),
    }
}

fn still_there(found: Result<Rule, ProviderError>) -> Result<Option<Rule>, ProviderError> {
    match found {
        Ok(rule) => Ok(Some(rule).filter(|rule| rule.status == RuleStatus::Active)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_as_agreed(rule: &Rule, effect: &Effect) -> bool {
    let agreed = &effect.rule;
    rule.rule == agreed.rule
        && rule.floor == agreed.floor
        && rule.from_account == agreed.from_account
        && rule.to_account == agreed.to_account
}

/// Deletes the rule that the item's key created, if it created one.
pub async fn compensate(writer: &Writer, item: &Item<Effect>) -> Result<Outcome, AgentError> {
    let never = || Outcome::NoEffect { reason: "No rule was created.".to_owned() };
    let Some(done) = writer.performed(&item.key).await? else {
        return Ok(never());
    };
    if done.undone_by.is_none() {
        match writer.undo(&item.key, &item.undo_key()).await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(never()),
            Err(error) => return Err(AgentError::Changing(error)),
        }
    }
    let found = writer.rule(&done.answer.body.rule.rule_id).await;
    match still_there(found).map_err(AgentError::ReadBack)? {
        None => Ok(Outcome::Done {
            summary: "The rule is deleted.".to_owned(),
            reference: done.reference,
            impact: Vec::new(),
            undo_until: None,
        }),
        Some(_) => Ok(Outcome::Declined { reason: "The savings service keeps the rule.".to_owned() }),
    }
}

/// What these items come to.
pub fn report(done: &[Worked<Effect>]) -> Report {
    let outcomes = || done.iter().map(|worked| &worked.outcome);
    let total = monthly_total_or_nothing(outcomes());
    let rules: Vec<Value> = done.iter().filter_map(entry).collect();
    let (count, all) = done_of(outcomes());
    Report {
        headline: format!("{count} of {all} rules set up: about {total} a month set aside."),
        outputs: BTreeMap::from([
            ("rules".to_owned(), json!(rules)),
            ("projectedMonthlyIncrease".to_owned(), json!(total)),
        ]),
    }
}

/// One entry of the output `rules`.
fn entry(worked: &Worked<Effect>) -> Option<Value> {
    match &worked.outcome {
        Outcome::Done { reference, impact, .. } => Some(json!({
            "id": worked.item.id,
            "kind": worked.item.effect.kind(),
            "monthly": impact.first().map(|impact| impact.monthly),
            "floor": worked.item.effect.rule.floor,
            "reference": reference,
        })),
        _ => None,
    }
}
