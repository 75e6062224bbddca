//! The other half of the own format: what is on offer (retention desks, competing offers, gigs).

use std::collections::BTreeMap;

use super::error::HouseholdError;
use super::own::Reader;
use super::own_format::{FileBill, FileGig, FileOffer, FileRetention, FileRound, FileTerms};
use super::services::{Gig, MarketOffer, OfferTerms, Retention, Round, RoundAnswer};

impl Reader<'_> {
    pub(super) fn all_retention(
        &self,
        bills: &[FileBill],
    ) -> Result<BTreeMap<String, Retention>, HouseholdError> {
        let mut all = BTreeMap::new();
        for bill in bills {
            if let Some(retention) = &bill.retention {
                all.insert(bill.id.value.clone(), self.retention(retention)?);
            }
        }
        Ok(all)
    }

    fn retention(&self, one: &FileRetention) -> Result<Retention, HouseholdError> {
        let rounds = one.rounds.iter().map(|round| self.round(round)).collect::<Result<_, _>>()?;
        Ok(Retention { pin: one.pin.clone(), rounds, refusal: one.refusal.clone() })
    }

    fn round(&self, one: &FileRound) -> Result<Round, HouseholdError> {
        let answer = match (&one.objection, &one.offer) {
            (Some(objection), None) => {
                RoundAnswer::Objection { code: objection.code.clone(), text: objection.text.clone() }
            }
            (None, Some(terms)) => RoundAnswer::Offer { text: terms.text.clone(), terms: self.terms(terms)? },
            _ => return Err(self.at(&one.on, "a round has either an `objection` or an `offer`")),
        };
        Ok(Round { on: one.on.value.clone(), answer })
    }

    fn terms(&self, one: &FileTerms) -> Result<OfferTerms, HouseholdError> {
        Ok(OfferTerms {
            id: one.id.clone(),
            kind: one.r#type,
            price: self.money(&one.price)?,
            plan: one.plan.clone(),
            contract_months: one.contract_months,
            promo_months: one.promo_months,
            price_after_promo: self.optional_money(one.price_after_promo.as_ref())?,
            fee: self.optional_money(one.fee.as_ref())?,
            valid_days: one.valid_days,
        })
    }

    pub(super) fn offer(&self, one: FileOffer) -> Result<MarketOffer, HouseholdError> {
        Ok(MarketOffer {
            price: self.money(&one.price)?,
            price_after_promo: self.optional_money(one.price_after_promo.as_ref())?,
            id: one.id.value,
            kind: one.kind,
            provider: one.provider,
            plan: one.plan,
            contract_months: one.contract_months,
            promo_months: one.promo_months,
            source: "household".to_owned(),
        })
    }

    pub(super) fn gig(&self, one: FileGig) -> Result<Gig, HouseholdError> {
        Ok(Gig {
            pay_per_hour: self.money(&one.pay_per_hour)?,
            start_cost: self.money(&one.start_cost)?,
            id: one.id,
            title: one.title,
            platform: one.platform,
            hours_per_week: one.hours_per_week,
            schedule: one.schedule,
            skills: one.skills,
            requirements: one.requirements,
            remote: one.remote,
            days_to_first_pay: one.days_to_first_pay,
            start_guide: one.start_guide,
            steps: one.steps,
        })
    }
}
