//! Savings rules: standing instructions that move money between two deposits, never below a floor.

use jiff::civil::{Date, Weekday};
use money::Money;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::accounts::balances;
use super::operations::{Answer, Done, Prefix, Request};
use super::refusal::Refusal;
use super::state::World;
use crate::calendar::plus_days;
use crate::hash::digest_of;
use crate::household::{Account, AccountType, Household};

/// The most of a paycheck that a rule may take.
const MOST_BASIS_POINTS: i64 = 5_000;

/// What a rule moves and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleKind {
    /// The change to the next multiple of every settled purchase, moved once it reaches the threshold.
    RoundUp {
        /// Usually one dollar.
        multiple: Money,
        /// Moved once this much has gathered.
        threshold: Money,
    },
    /// A share of every paycheck.
    PercentOfPaycheck {
        /// 500 is 5 %.
        basis_points: i64,
    },
    /// The same amount every week.
    FixedWeekly {
        /// How much.
        amount: Money,
        /// On which day.
        weekday: Day,
    },
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    /// The first such day after `date`.
    #[must_use]
    pub fn after(self, date: Date) -> Date {
        let weekday = match self {
            Self::Monday => Weekday::Monday,
            Self::Tuesday => Weekday::Tuesday,
            Self::Wednesday => Weekday::Wednesday,
            Self::Thursday => Weekday::Thursday,
            Self::Friday => Weekday::Friday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        };
        let mut day = plus_days(date, 1);
        while day.weekday() != weekday {
            day = plus_days(day, 1);
        }
        day
    }
}

/// The user's written authorisation (12 CFR 1005.10(b)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorisation {
    /// Where it is kept.
    pub reference: String,
    /// When it was given.
    pub signed_on: Date,
}

/// Body of a creation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateRule {
    from_account: String,
    to_account: String,
    floor: Money,
    authorisation: Authorisation,
    rule: RuleKind,
}

/// Body of the undoing of a creation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoRule {
    /// The key of the creation.
    pub undo_of: String,
}

/// A rule in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id.
    pub rule_id: String,
    /// `active` or, in the answer to its deletion, `deleted`.
    pub status: String,
    /// First day.
    pub created_on: Date,
    /// The account that gives.
    pub from_account: String,
    /// The account that takes.
    pub to_account: String,
    /// What the giving account always keeps.
    pub floor: Money,
    /// Who allowed it.
    pub authorisation: Authorisation,
    /// What is moved and when.
    pub rule: RuleKind,
    /// The next move, where its day is known.
    pub next_transfer_on: Option<Date>,
    /// Moved so far.
    pub transferred: Money,
    /// Change that has gathered and not been moved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gathered: Option<Money>,
}

impl World {
    /// Every rule in force, as on the wire.
    #[must_use]
    pub fn list_rules(&self) -> Value {
        json!({ "as_of": self.clock, "rules": self.rules.values().collect::<Vec<_>>() })
    }

    /// A rule in force.
    ///
    /// # Errors
    /// `not_found`, also once it is deleted.
    pub fn rule(&self, id: &str) -> Result<&Rule, Refusal> {
        self.rules.get(id).ok_or_else(|| Refusal::missing("savings rule", id))
    }

    /// The accounts that can give or take.
    ///
    /// # Errors
    /// `bad_request` when a balance cannot be computed.
    pub fn savings_accounts(&self, household: &Household) -> Result<Value, Refusal> {
        let balances = balances(self, household)?;
        let accounts: Vec<Value> = household
            .accounts
            .iter()
            .filter(|account| account.kind == AccountType::Depository)
            .map(|account| {
                let available = balances.get(account.id.as_str()).and_then(|balance| balance.available);
                json!({
                    "account_id": account.id, "name": account.name, "subtype": account.subtype,
                    "available": available, "can_send": account.subtype == "checking", "can_receive": true,
                })
            })
            .collect();
        Ok(json!({ "as_of": self.clock, "accounts": accounts }))
    }

    /// Creates a rule.
    ///
    /// # Errors
    /// `bad_request` naming the field.
    pub fn create_rule(
        &mut self,
        household: &Household,
        request: &Request,
        body: &CreateRule,
    ) -> Result<Answer, Refusal> {
        self.once(household, Prefix::Savings, request, |world, ticket| {
            check(ticket.household, body, world.clock)?;
            let rule_id = format!("rule_{}", digest_of(&[&world.user_id, ticket.key]));
            let round_up = matches!(body.rule, RuleKind::RoundUp { .. });
            let zero = Money::zero(body.floor.currency);
            let rule = Rule {
                rule_id: rule_id.clone(),
                status: "active".to_owned(),
                created_on: world.clock,
                from_account: body.from_account.clone(),
                to_account: body.to_account.clone(),
                floor: body.floor,
                authorisation: body.authorisation.clone(),
                rule: body.rule.clone(),
                next_transfer_on: match &body.rule {
                    RuleKind::FixedWeekly { weekday, .. } => Some(weekday.after(world.clock)),
                    RuleKind::RoundUp { .. } | RuleKind::PercentOfPaycheck { .. } => None,
                },
                transferred: zero,
                gathered: round_up.then_some(zero),
            };
            let wire = json!({ "rule": rule });
            world.rules.insert(rule_id.clone(), rule);
            Ok(Done {
                status: 201,
                operation: "savings.create_rule",
                subject: rule_id,
                body: wire,
                before: None,
                undo_of: None,
            })
        })
    }

    /// Deletes a rule.
    ///
    /// # Errors
    /// `not_found`.
    pub fn delete_rule(
        &mut self,
        household: &Household,
        id: &str,
        request: &Request,
    ) -> Result<Answer, Refusal> {
        self.once(household, Prefix::Savings, request, |world, _| {
            let created = world
                .operations
                .values()
                .find(|one| one.operation == "savings.create_rule" && one.subject == id)
                .map(|one| one.key.clone());
            world.end_rule(id, created)
        })
    }

    /// Deletes the rule that a key created.
    ///
    /// # Errors
    /// `unknown_operation`.
    pub fn undo_rule(
        &mut self,
        household: &Household,
        request: &Request,
        body: &UndoRule,
    ) -> Result<Answer, Refusal> {
        if let Some(answer) = self.rule_undone_already(request, &body.undo_of) {
            return Ok(answer);
        }
        self.once(household, Prefix::Savings, request, |world, _| {
            let created = world.to_undo(&body.undo_of, &["savings.create_rule"])?;
            world.end_rule(&created.subject, Some(created.key))
        })
    }

    fn rule_undone_already(&self, request: &Request, undo_of: &str) -> Option<Answer> {
        let by = self.operations.get(undo_of)?.undone_by.as_ref().filter(|by| **by != request.key)?;
        Some(Answer { replayed: true, ..self.operations.get(by)?.answer.clone() })
    }

    fn end_rule(&mut self, id: &str, created: Option<String>) -> Result<Done, Refusal> {
        let mut rule = self.rules.remove(id).ok_or_else(|| Refusal::missing("savings rule", id))?;
        rule.status = "deleted".to_owned();
        rule.next_transfer_on = None;
        Ok(Done {
            status: 200,
            operation: "savings.delete_rule",
            subject: id.to_owned(),
            body: json!({ "rule": rule }),
            before: None,
            undo_of: created,
        })
    }
}

fn check(household: &Household, body: &CreateRule, today: Date) -> Result<(), Refusal> {
    let from = deposit(household, &body.from_account, "from_account")?;
    deposit(household, &body.to_account, "to_account")?;
    let currency = from.balance.currency;
    if body.from_account == body.to_account {
        return Err(Refusal::bad("to_account", "is the sending account"));
    }
    if from.subtype != "checking" {
        return Err(Refusal::bad("from_account", format!("`{}` cannot send", from.id)));
    }
    if body.floor.currency != currency || body.floor.is_negative() {
        return Err(Refusal::bad("floor", format!("must be {currency} and not below zero")));
    }
    if body.authorisation.reference.trim().is_empty() {
        return Err(Refusal::bad("authorisation.reference", "is empty"));
    }
    if body.authorisation.signed_on > today {
        return Err(Refusal::bad("authorisation.signed_on", format!("lies after today ({today})")));
    }
    let positive = |amount: &Money| amount.is_positive() && amount.currency == currency;
    match &body.rule {
        RuleKind::RoundUp { multiple, .. } if !positive(multiple) => {
            Err(Refusal::bad("rule.multiple", format!("must be {currency} above zero")))
        }
        RuleKind::RoundUp { threshold, .. } if !positive(threshold) => {
            Err(Refusal::bad("rule.threshold", format!("must be {currency} above zero")))
        }
        RuleKind::PercentOfPaycheck { basis_points } if !(1..=MOST_BASIS_POINTS).contains(basis_points) => {
            Err(Refusal::bad("rule.basis_points", format!("must lie in 1..={MOST_BASIS_POINTS}")))
        }
        RuleKind::FixedWeekly { amount, .. } if !positive(amount) => {
            Err(Refusal::bad("rule.amount", format!("must be {currency} above zero")))
        }
        _ => Ok(()),
    }
}

fn deposit<'a>(household: &'a Household, id: &str, field: &str) -> Result<&'a Account, Refusal> {
    let found = household.accounts.iter().find(|account| account.id == id);
    found
        .filter(|account| account.kind == AccountType::Depository)
        .ok_or_else(|| Refusal::bad(field, format!("no deposit account `{id}`")))
}
