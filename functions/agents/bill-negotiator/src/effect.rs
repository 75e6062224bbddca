//! The exact effect on one bill: what may be negotiated, or the very offer to take.

use agent::AgentError;
use events::{ImpactKind, ItemId, Proposal};
use finance::negotiation::Condition;
use jiff::civil::Date;
use money::Money;
use providers::billers::{Bill, RetentionOffer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is done about a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// The biller's id of the account.
    pub bill: String,
    /// Who bills.
    pub provider: String,
    /// The present plan.
    pub plan: String,
    /// The present price a month.
    pub monthly: Money,
    /// The charges that the figures come from.
    pub evidence: Vec<String>,
    /// How far the agent may go.
    pub may: May,
}

/// How far the agent may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", try_from = "FlatMay")]
pub enum May {
    /// Negotiate, and accept a lower price for the same service.
    Negotiate {},
    /// Take this very offer.
    Take {
        /// It.
        offer: Terms,
    },
}

/// The same as it is written. Read flat, because a tagged enum would be compiled once more for its buffer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlatMay {
    kind: MayKind,
    offer: Option<Terms>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MayKind {
    Negotiate,
    Take,
}

impl TryFrom<FlatMay> for May {
    type Error = &'static str;

    fn try_from(flat: FlatMay) -> Result<Self, &'static str> {
        match (flat.kind, flat.offer) {
            (MayKind::Negotiate, None) => Ok(Self::Negotiate {}),
            (MayKind::Take, Some(offer)) => Ok(Self::Take { offer }),
            (MayKind::Negotiate, Some(_)) => Err("an offer to take while negotiating"),
            (MayKind::Take, None) => Err("nothing to take"),
        }
    }
}

/// An offer of a biller, word for word what the user approves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The chat it was made in.
    pub session: String,
    /// The biller's id of it.
    pub offer: String,
    /// The plan it is for.
    pub plan: String,
    /// Its price, per cadence of the bill.
    pub price: Money,
    /// What it saves a month.
    pub monthly_saving: Money,
    /// For how many months it binds.
    pub contract_months: u32,
    /// For how many months the price holds.
    pub promo_months: Option<u32>,
    /// What it costs after.
    pub price_after_promo: Option<Money>,
    /// What it costs once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
    /// The last day to accept it.
    pub valid_until: Date,
}

impl Terms {
    /// The terms of an offer made in a chat.
    pub fn of(session: &str, offer: &RetentionOffer) -> Self {
        Self {
            session: session.to_owned(),
            offer: offer.offer_id.clone(),
            plan: offer.plan.name.clone(),
            price: offer.price,
            monthly_saving: offer.monthly_saving,
            contract_months: offer.contract_months,
            promo_months: offer.promo_months,
            price_after_promo: offer.price_after_promo,
            fee: offer.fee,
            valid_until: offer.valid_until,
        }
    }
}

impl Effect {
    /// The provider's record and the charges.
    pub fn all_evidence(&self) -> Vec<String> {
        let mut evidence = vec![format!("bill:{}", self.bill)];
        evidence.extend(self.evidence.iter().cloned());
        evidence
    }

    /// As it is proposed before anything was said; `worth` is what the agent will ask for.
    pub fn proposal(&self, worth: Money, reasons: Vec<String>) -> Result<Proposal, AgentError> {
        let Self { provider, plan, monthly, .. } = self;
        let title = format!(
            "Negotiate with {provider} about {plan} at {monthly} a month; accept only a lower price for the same service"
        );
        self.shown(title, worth, reasons)
    }

    /// As the user is asked about a biller's offer.
    pub fn question(&self, bill: &Bill, terms: Terms, because: &[Condition]) -> Result<Proposal, AgentError> {
        let asked = Self { may: May::Take { offer: terms.clone() }, ..self.clone() };
        let title = format!(
            "Accept {}'s offer of {} for {} instead of {}{}",
            self.provider,
            terms.plan,
            terms.price,
            bill.price,
            match terms.contract_months {
                0 => String::new(),
                months => format!(", bound for {months} months"),
            },
        );
        let mut reasons: Vec<String> = because.iter().map(|one| in_words(*one).to_owned()).collect();
        if let Some(months) = terms.promo_months {
            let plural = if months == 1 { "" } else { "s" };
            let then = match terms.price_after_promo {
                Some(then) => format!("then it is {then}"),
                None => "what it is then was not said".to_owned(),
            };
            reasons.push(format!("The price holds for {months} month{plural}, {then}"));
        }
        reasons.extend(terms.fee.map(|fee| format!("{fee} is paid once")));
        reasons.push(format!("The offer stands until {}", terms.valid_until));
        asked.shown(title, terms.monthly_saving, reasons)
    }

    fn shown(&self, title: String, monthly: Money, reasons: Vec<String>) -> Result<Proposal, AgentError> {
        Ok(Proposal {
            item_id: ItemId::parse(self.bill.as_str())?,
            title,
            reasons,
            effect: serde_json::to_value(self)?,
            monthly: Some(monthly),
            kind: ImpactKind::Savings,
            evidence: self.all_evidence(),
            modifications: BTreeMap::new(),
            undo_until: None,
        })
    }
}

fn in_words(condition: Condition) -> &'static str {
    match condition {
        Condition::Downgrade => "The service is less than what you have, or cannot be compared with it",
        Condition::Contract => "It binds you",
        Condition::PlanChange => "It is another plan",
        Condition::Fee => "It costs something once",
        Condition::ShortPromotion => "The price does not hold for a year",
        Condition::DearerLater => "Later it costs more than you pay now",
    }
}
