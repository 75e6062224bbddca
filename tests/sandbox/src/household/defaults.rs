//! What the sandbox makes up for households whose files know nothing of providers: how retention desks behave, what
//! competes, what work is on offer. All of it is marked `sandbox-default` where the wire has room for it.

use money::{Currency, Money, MoneyError, Rounding};

use super::services::{
    Bill, BillKind, Gig, HoursRange, MarketOffer, MoveKind, OfferTerms, OfferType, Person, Plan, Retention,
    Round, RoundAnswer, Slot,
};

/// The mark on what is made up.
pub(super) const SOURCE: &str = "sandbox-default";

/// A retention desk that objects first, gives a tenth off against a competing offer, and 15 % against a contract of a
/// year; insurers give a twentieth off and nothing more.
///
/// # Errors
/// [`MoneyError::Overflow`] for absurd prices.
pub(super) fn retention(bill: &Bill) -> Result<Retention, MoneyError> {
    let (first, second) = if bill.kind == BillKind::Insurance { (500, None) } else { (1_000, Some(1_500)) };
    let mut rounds = vec![
        Round {
            on: vec![MoveKind::AskDiscount, MoveKind::CiteTenure, MoveKind::CiteUsage],
            answer: RoundAnswer::Objection {
                code: "price_is_standard".to_owned(),
                text: format!("That is the standard rate for {}.", bill.plan.name),
            },
        },
        Round {
            on: vec![MoveKind::CiteCompetitor, MoveKind::ThreatenToLeave],
            answer: RoundAnswer::Offer {
                text: "I can take something off your rate for the next twelve months.".to_owned(),
                terms: terms(bill, "loyalty", OfferType::Discount, first, 0)?,
            },
        },
    ];
    if let Some(second) = second {
        rounds.push(Round {
            on: vec![MoveKind::AskSupervisor, MoveKind::Reject, MoveKind::ThreatenToLeave],
            answer: RoundAnswer::Offer {
                text: "With a contract of a year I can do better.".to_owned(),
                terms: terms(bill, "contract", OfferType::DiscountWithContract, second, 12)?,
            },
        });
    }
    Ok(Retention { pin: None, rounds, refusal: "There is nothing more I can do today.".to_owned() })
}

fn terms(
    bill: &Bill,
    name: &str,
    kind: OfferType,
    off: i64,
    contract_months: u32,
) -> Result<OfferTerms, MoneyError> {
    Ok(OfferTerms {
        id: format!("ret_{}_{name}", bill.id),
        kind,
        price: bill.price.basis_points(10_000 - off, Rounding::HalfUp)?,
        plan: None,
        contract_months,
        promo_months: Some(12),
        price_after_promo: None,
        fee: None,
        valid_days: 14,
    })
}

/// A competing offer a fifth below the bill.
///
/// # Errors
/// As [`retention`].
pub(super) fn offer(bill: &Bill) -> Result<MarketOffer, MoneyError> {
    Ok(MarketOffer {
        id: format!("offer_default_{}", bill.id),
        kind: bill.kind,
        provider: "Sandbox Challenger".to_owned(),
        plan: plan(bill.kind),
        price: bill.price.basis_points(8_000, Rounding::HalfUp)?,
        contract_months: 0,
        promo_months: None,
        price_after_promo: None,
        source: SOURCE.to_owned(),
    })
}

/// A plan of middling size.
pub(super) fn plan(kind: BillKind) -> Plan {
    let (name, attributes): (&str, &[(&str, i64)]) = match kind {
        BillKind::Internet => ("Internet 200", &[("speed_down_mbps", 200), ("speed_up_mbps", 20)]),
        BillKind::Cable => ("Television 100", &[("channels", 100)]),
        BillKind::Phone => ("Mobile", &[("lines", 1), ("data_gb", 10)]),
        BillKind::Insurance => ("Insurance", &[("deductible_usd", 500)]),
    };
    Plan {
        id: "standard".to_owned(),
        name: name.to_owned(),
        attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
    }
}

/// A person of whom nothing is known but that evenings and weekends are free.
pub(super) fn person() -> Person {
    Person {
        skills: Vec::new(),
        has: vec!["smartphone".to_owned()],
        schedule: vec![Slot::WeekdayEvening, Slot::Weekend],
        hours_per_week: 8,
    }
}

/// Work that needs little to start.
pub(super) fn gigs(currency: Currency) -> Vec<Gig> {
    let gig = |id: &str, title: &str, platform: &str, cents: i64, hours: (u32, u32), remote: bool| Gig {
        id: id.to_owned(),
        title: title.to_owned(),
        platform: platform.to_owned(),
        pay_per_hour: Money::new(cents, currency),
        hours_per_week: HoursRange { min: hours.0, max: hours.1 },
        schedule: vec![Slot::WeekdayEvening, Slot::Weekend],
        skills: Vec::new(),
        requirements: vec!["smartphone".to_owned()],
        remote,
        days_to_first_pay: 10,
        start_cost: Money::zero(currency),
        start_guide: format!("https://{}.example/start", platform.to_lowercase()),
        steps: vec![
            "Create a profile".to_owned(),
            "Confirm who you are".to_owned(),
            "Submit the application".to_owned(),
        ],
    };
    vec![
        gig("gig_petcare", "Dog walking and pet sitting", "PawRound", 1_800, (3, 10), false),
        gig("gig_research", "Answering paid research studies", "StudyPanel", 1_200, (2, 6), true),
        gig("gig_events", "Helping at weekend events", "CrewCall", 1_950, (5, 12), false),
    ]
}
