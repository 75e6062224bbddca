//! What billers say, in the terms of the negotiation.

use agent::AgentError;
use finance::negotiation::{CounterOffer, Line, Objection};
use finance::offers::{self, LevelChange, ServiceKind, ServiceLevel};
use money::{Currency, Money};
use providers::billers::{Bill, Kind, Move, Offer, OfferType, Plan, RetentionOffer};

/// What the bill is for; `None` for what cannot be negotiated.
pub fn service(kind: Kind) -> Option<ServiceKind> {
    match kind {
        Kind::Internet => Some(ServiceKind::Internet),
        Kind::Cable => Some(ServiceKind::Cable),
        Kind::Phone => Some(ServiceKind::Phone),
        Kind::Insurance => Some(ServiceKind::Insurance),
        Kind::Other => None,
    }
}

/// A bill, prices a month; `None` for what cannot be negotiated.
pub fn bill(bill: &Bill) -> Result<Option<offers::Bill>, AgentError> {
    let Some(service) = service(bill.kind) else {
        return Ok(None);
    };
    Ok(Some(offers::Bill {
        id: bill.id.clone(),
        service,
        provider: bill.provider.clone(),
        plan: bill.plan.name.clone(),
        monthly: bill.cadence.monthly(bill.price)?,
        level: level(&bill.plan),
        tenure_months: bill.tenure_months,
        leaving_fee: bill.early_termination_fee,
        stream_id: None,
    }))
}

/// Competing offers of the kinds that can be compared.
pub fn competing(found: &[Offer]) -> Vec<offers::Offer> {
    let comparable = found.iter().filter_map(|offer| {
        Some(offers::Offer {
            id: offer.id.clone(),
            service: service(offer.kind)?,
            provider: offer.provider.clone(),
            plan: offer.plan.name.clone(),
            monthly: offer.price,
            level: level(&offer.plan),
            setup_fee: None,
            contract_months: offer.contract_months,
            promo_months: offer.promo_months.filter(|months| *months > 0),
            regular_monthly: offer.price_after_promo,
            valid_until: None,
            source: offer.source.clone(),
        })
    });
    comparable.collect()
}

/// A biller's offer as the policy judges it.
pub fn counter(bill: &Bill, offer: &RetentionOffer) -> Result<CounterOffer, AgentError> {
    let level = match (offer.kind, level(&offer.plan).compared_with(&level(&bill.plan))) {
        // The biller's own word that it is less counts, whatever the figures say.
        (OfferType::Downgrade, _) => LevelChange::Worse,
        (_, found) => found,
    };
    Ok(CounterOffer {
        id: offer.offer_id.clone(),
        monthly: bill.cadence.monthly(offer.price)?,
        promo_months: offer.promo_months,
        regular_monthly: offer.price_after_promo.map(|later| bill.cadence.monthly(later)).transpose()?,
        contract_months: match offer.kind {
            // Bound is bound, also where the length is missing.
            OfferType::DiscountWithContract => offer.contract_months.max(1),
            OfferType::Discount | OfferType::Downgrade => offer.contract_months,
        },
        level,
        new_plan: (offer.plan.id != bill.plan.id).then(|| offer.plan.name.clone()),
        fee: offer.fee,
    })
}

/// What a plan comprises.
fn level(plan: &Plan) -> ServiceLevel {
    let number = |name: &str| plan.attributes.get(name).and_then(|value| u32::try_from(*value).ok());
    let thousands = |name: &str| number(name).and_then(|value| value.checked_mul(1_000));
    let dollars = |name: &str| {
        let whole = plan.attributes.get(name)?;
        Some(Money::new(whole.checked_mul(100)?, Currency::USD))
    };
    ServiceLevel {
        download_kbps: thousands("speed_down_mbps"),
        upload_kbps: thousands("speed_up_mbps"),
        channels: number("channels"),
        data_megabytes: thousands("data_gb").or_else(|| thousands("data_cap_gb")),
        unlimited_data: None,
        lines: number("lines"),
        coverage: dollars("coverage_usd"),
        deductible: dollars("deductible_usd"),
    }
}

/// How a line of the script is said in a chat; `None` where nothing fits.
pub fn say(line: Line, competitor: Option<&str>, last_offer: Option<&str>) -> Option<Move> {
    let reject = last_offer.map(|offer| Move::Reject { offer_id: offer.to_owned() });
    match line {
        Line::Ask | Line::RebutContract => Some(Move::AskDiscount {}),
        Line::CiteTenure => Some(Move::CiteTenure {}),
        Line::CiteCompetitor => competitor.map(|offer| Move::CiteCompetitor { offer_id: offer.to_owned() }),
        Line::AskRetention => Some(Move::AskSupervisor {}),
        Line::RebutInferior => Some(Move::CiteUsage {}),
        Line::RebutNewCustomers | Line::LastAsk => Some(Move::ThreatenToLeave {}),
        Line::Counter => reject,
    }
}

/// A documented code as the policy knows it. `price_is_standard` and `loyalty_only` say nothing that an argument of the
/// ladder does not answer anyway.
pub fn objection(code: &str) -> Objection {
    match code {
        "already_discounted" => Objection::BestPriceAlready,
        "offer_not_comparable" => Objection::CompetitorInferior,
        _ => Objection::Other,
    }
}
