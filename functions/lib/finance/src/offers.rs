//! Competing offers for a household's bills: which real offer is at least as good and costs less, and what
//! switching costs.
//!
//! Offers come from a provider of offers and keep its source; none is ever made up, and an offer whose
//! service cannot be compared with the bill's is not proposed.

use jiff::ToSpan;
use jiff::civil::Date;
use money::{Money, MoneyError, Rounding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::order::sort_by;

/// What a bill is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// Internet access.
    Internet,
    /// Cable or satellite television.
    Cable,
    /// Mobile or fixed telephone.
    Phone,
    /// Insurance.
    Insurance,
}

impl ServiceKind {
    /// The service a category of bills is for, where it can be negotiated.
    #[must_use]
    pub fn of(category: Category) -> Option<Self> {
        match category {
            Category::Internet => Some(Self::Internet),
            Category::Cable => Some(Self::Cable),
            Category::Phone => Some(Self::Phone),
            Category::Insurance => Some(Self::Insurance),
            _ => None,
        }
    }
}

/// What a plan gives, as far as it can be compared; absent means not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceLevel {
    /// Download speed in kilobits per second: 300 Mbps is 300,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_kbps: Option<u32>,
    /// Upload speed in kilobits per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_kbps: Option<u32>,
    /// Television channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<u32>,
    /// Mobile data in megabytes a month; `unlimited_data` says more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_megabytes: Option<u32>,
    /// Whether data is not limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlimited_data: Option<bool>,
    /// Telephone lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<u32>,
    /// Insured sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Money>,
    /// What the insured pays first; less is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deductible: Option<Money>,
}

/// How a service level compares with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LevelChange {
    /// Better in something known, worse in nothing.
    Better,
    /// The same in everything known.
    Same,
    /// Worse in something known: a downgrade, which needs the user's approval.
    Worse,
    /// Something the present plan has is not known of the other.
    Unknown,
}

impl ServiceLevel {
    /// How `self` compares with the present level: worse beats unknown beats better.
    #[must_use]
    pub fn compared_with(&self, present: &Self) -> LevelChange {
        let limited = |level: &Self| {
            if level.unlimited_data == Some(true) { Some(u32::MAX) } else { level.data_megabytes }
        };
        let fewer = |level: &Self| level.deductible.map(|money| -money.minor);
        let changes = [
            change(self.download_kbps, present.download_kbps),
            change(self.upload_kbps, present.upload_kbps),
            change(self.channels, present.channels),
            change(limited(self), limited(present)),
            change(self.lines, present.lines),
            change(self.coverage.map(|money| money.minor), present.coverage.map(|money| money.minor)),
            change(fewer(self), fewer(present)),
        ];
        [LevelChange::Worse, LevelChange::Unknown, LevelChange::Better]
            .into_iter()
            .find(|found| changes.contains(found))
            .unwrap_or(LevelChange::Same)
    }
}

fn change<T: Ord>(offered: Option<T>, present: Option<T>) -> LevelChange {
    match (offered, present) {
        (Some(offered), Some(present)) if offered < present => LevelChange::Worse,
        (Some(offered), Some(present)) if offered > present => LevelChange::Better,
        (None, Some(_)) => LevelChange::Unknown,
        _ => LevelChange::Same,
    }
}

/// A household's present plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bill {
    /// The biller's id of the account.
    pub id: String,
    /// What it is for.
    pub service: ServiceKind,
    /// Who sends it.
    pub provider: String,
    /// Name of the plan.
    pub plan: String,
    /// What it costs a month.
    pub monthly: Money,
    /// What it gives.
    #[serde(default)]
    pub level: ServiceLevel,
    /// Whole months the household has been a customer.
    pub tenure_months: u32,
    /// Fee for leaving now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving_fee: Option<Money>,
    /// The recurring stream it is paid by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_id: Option<String>,
}

/// An offer on the market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its id at the source.
    pub id: String,
    /// What it is for.
    pub service: ServiceKind,
    /// Who makes it.
    pub provider: String,
    /// Name of the plan.
    pub plan: String,
    /// What it costs a month, during the promotion if there is one.
    pub monthly: Money,
    /// What it gives.
    #[serde(default)]
    pub level: ServiceLevel,
    /// Paid once at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_fee: Option<Money>,
    /// Months one is bound; 0 is not bound.
    #[serde(default)]
    pub contract_months: u32,
    /// Months the price holds, where it is a promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo_months: Option<u32>,
    /// The price after the promotion; not known means the present bill's, so that nothing is promised beyond
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regular_monthly: Option<Money>,
    /// Last day it can be taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// Where it was found, for the user to look up.
    pub source: String,
}

/// What taking an offer instead of a bill means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The bill.
    pub bill_id: String,
    /// The offer, with its source.
    pub offer: Offer,
    /// How its service compares: `Better` or `Same`.
    pub level: LevelChange,
    /// Saved a month while the price holds.
    pub monthly_saving: Money,
    /// Set-up and leaving fees.
    pub one_off: Money,
    /// Saved in the first twelve months, fees and the end of a promotion counted.
    pub first_year_saving: Money,
    /// Months until the fees are earned back; 0 without fees, none where the promotion ends before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_even_months: Option<u32>,
    /// Day the promotion ends if taken today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo_ends: Option<Date>,
    /// What to tell the user.
    pub reasons: Vec<String>,
}

/// The best offer for a bill: the most saved in the first year, if any is saved at all.
///
/// # Errors
/// [`MoneyError`] where a sum leaves its range.
pub fn best(bill: &Bill, offers: &[Offer], as_of: Date) -> Result<Option<Comparison>, MoneyError> {
    Ok(rank(bill, offers, as_of)?.into_iter().next())
}

/// All offers worth taking instead of a bill, most saved in the first year first.
///
/// An offer counts if it is for the same service by another provider, in the same currency, still valid, no
/// worse in anything known of the present plan, cheaper a month, and saves something in the first year with
/// all fees.
///
/// # Errors
/// [`MoneyError`] where a sum leaves its range.
pub fn rank(bill: &Bill, offers: &[Offer], as_of: Date) -> Result<Vec<Comparison>, MoneyError> {
    let mut found = Vec::new();
    for offer in offers.iter().filter(|offer| is_alternative(bill, offer, as_of)) {
        let level = offer.level.compared_with(&bill.level);
        if matches!(level, LevelChange::Worse | LevelChange::Unknown) {
            continue;
        }
        let comparison = compare(bill, offer, level, as_of)?;
        if comparison.first_year_saving.is_positive() {
            found.push(comparison);
        }
    }
    sort_by(&mut found, |a, b| {
        let terms =
            |one: &Comparison| (-one.first_year_saving.minor, one.offer.contract_months, one.one_off.minor);
        (terms(a), &a.offer.id).cmp(&(terms(b), &b.offer.id))
    });
    Ok(found)
}

fn is_alternative(bill: &Bill, offer: &Offer, as_of: Date) -> bool {
    offer.service == bill.service
        && !offer.provider.eq_ignore_ascii_case(&bill.provider)
        && offer.monthly.currency == bill.monthly.currency
        && offer.monthly < bill.monthly
        && !offer.monthly.is_negative()
        && offer.valid_until.is_none_or(|last| last >= as_of)
}

fn compare(bill: &Bill, offer: &Offer, level: LevelChange, as_of: Date) -> Result<Comparison, MoneyError> {
    let currency = bill.monthly.currency;
    let monthly_saving = bill.monthly.sub(offer.monthly)?;
    let fees = [offer.setup_fee, bill.leaving_fee];
    let one_off = Money::sum(fees.into_iter().flatten(), currency)?;
    let first_year = first_year(bill.monthly, offer.monthly, offer.promo_months, offer.regular_monthly)?;
    let promo_ends = offer.promo_months.and_then(|months| as_of.checked_add(i64::from(months).months()).ok());
    let mut comparison = Comparison {
        bill_id: bill.id.clone(),
        level,
        monthly_saving,
        one_off,
        first_year_saving: first_year.sub(one_off)?,
        break_even_months: break_even(monthly_saving, one_off, offer.promo_months),
        promo_ends,
        reasons: Vec::new(),
        offer: offer.clone(),
    };
    comparison.reasons = reasons(bill, &comparison)?;
    Ok(comparison)
}

/// What twelve months at an offered price save, what is paid once left out. After a promotion the regular price counts;
/// where it is not known the present one, so that nothing is promised beyond the promotion.
pub(crate) fn first_year(
    present: Money,
    offered: Money,
    promo_months: Option<u32>,
    regular: Option<Money>,
) -> Result<Money, MoneyError> {
    let promo = i64::from(promo_months.unwrap_or(12).min(12));
    let after = present.sub(regular.unwrap_or(present))?;
    present.sub(offered)?.times(promo)?.add(after.times(12 - promo)?)
}

/// Months until the saving has paid the fees, rounded up.
fn break_even(saving: Money, one_off: Money, promo_months: Option<u32>) -> Option<u32> {
    if !one_off.is_positive() {
        return Some(0);
    }
    let months = (one_off.minor - 1).checked_div(saving.minor)?.checked_add(1)?;
    let months = u32::try_from(months).ok()?;
    promo_months.is_none_or(|promo| months <= promo).then_some(months)
}

fn reasons(bill: &Bill, comparison: &Comparison) -> Result<Vec<String>, MoneyError> {
    let offer = &comparison.offer;
    let mut reasons = vec![format!(
        "{} offers {} for {} a month, {} less than {} ({})",
        offer.provider, offer.plan, offer.monthly, comparison.monthly_saving, bill.provider, offer.source
    )];
    if comparison.level == LevelChange::Better {
        reasons.push("The service is better than the present one".to_owned());
    }
    if comparison.one_off.is_positive() {
        reasons.push(format!("Switching costs {} once", comparison.one_off));
    }
    if offer.contract_months > 0 {
        reasons.push(format!("It binds for {} months", offer.contract_months));
    }
    if let Some(ends) = comparison.promo_ends {
        let then = offer.regular_monthly.map_or("an unknown price".to_owned(), |regular| regular.to_string());
        reasons.push(format!("The price holds until {ends}, then {then}"));
    }
    Ok(reasons)
}

/// What a customer is worth to a provider: the months they have stayed times the margin, as a negotiator
/// argues with it.
///
/// `margin_basis_points` of the monthly price is the provider's margin: value = tenure × margin.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn customer_value(bill: &Bill, margin_basis_points: i64) -> Result<Money, MoneyError> {
    bill.monthly.times(i64::from(bill.tenure_months))?.basis_points(margin_basis_points, Rounding::HalfUp)
}
