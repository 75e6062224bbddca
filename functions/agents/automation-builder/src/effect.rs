//! The exact effect: one savings rule.

use agent::AgentError;
use events::{ImpactKind, ItemId, Proposal};
use money::Money;
use providers::savings::{NewRule, RuleKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A rule to be created, and what it would have set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// The rule as the provider takes it.
    pub rule: NewRule,
    /// Name of the paying account.
    pub from_name: String,
    /// Name of the account that is filled.
    pub to_name: String,
    /// What it would have set aside in an average month of the last three.
    pub projected: Money,
    /// The purchases or wages that the projection comes from.
    pub evidence: Vec<String>,
}

impl Effect {
    /// What the first transfer takes, where the rule and not a paycheck decides when it comes.
    pub fn first_transfer(&self) -> Option<Money> {
        match &self.rule.rule {
            RuleKind::RoundUp { threshold, .. } => Some(*threshold),
            RuleKind::FixedWeekly { amount, .. } => Some(*amount),
            // Comes out of money that has just come in.
            RuleKind::PercentOfPaycheck { .. } => None,
        }
    }

    /// Name of the kind of rule.
    pub fn kind(&self) -> &'static str {
        match &self.rule.rule {
            RuleKind::RoundUp { .. } => "round-up",
            RuleKind::PercentOfPaycheck { .. } => "percent-of-paycheck",
            RuleKind::FixedWeekly { .. } => "fixed-weekly",
        }
    }

    /// What moves, in words.
    pub fn what(&self) -> String {
        let Self { from_name, to_name, .. } = self;
        match &self.rule.rule {
            RuleKind::RoundUp { multiple, threshold } => format!(
                "round every purchase on {from_name} up to the next {multiple} and move the change to {to_name} \
                 when {threshold} have gathered"
            ),
            RuleKind::PercentOfPaycheck { basis_points } => {
                let (whole, part) = (basis_points / 100, basis_points % 100);
                let part = if part == 0 { String::new() } else { format!(".{part:02}") };
                format!("move {whole}{part} % of every paycheck from {from_name} to {to_name}")
            }
            RuleKind::FixedWeekly { amount, weekday } => {
                format!("move {amount} from {from_name} to {to_name} every {weekday}")
            }
        }
    }

    /// As it is shown to the user.
    pub fn proposal(&self, id: &str, reason: String) -> Result<Proposal, AgentError> {
        let what = self.what();
        let first = what.get(..1).map(str::to_uppercase).unwrap_or_default();
        Ok(Proposal {
            item_id: ItemId::parse(id)?,
            title: format!("{first}{}", what.get(1..).unwrap_or_default()),
            reasons: vec![reason, format!("It never takes {} below {}", self.from_name, self.rule.floor)],
            effect: serde_json::to_value(self)?,
            monthly: Some(self.projected),
            kind: ImpactKind::SetAside,
            evidence: self.all_evidence(),
            modifications: BTreeMap::new(),
            undo_until: None,
        })
    }

    /// The account and the transactions.
    pub fn all_evidence(&self) -> Vec<String> {
        let mut evidence = vec![format!("account:{}", self.rule.from_account)];
        evidence.extend(self.evidence.iter().cloned());
        evidence
    }
}
