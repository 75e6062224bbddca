//! Broadband offers by city, from a CSV file with the columns `city`, `state`, `provider`, `package`,
//! `price_usd_month`, `speed_down_mbps`, `speed_up_mbps` and `technology` (the investigation of The Markup, 2022).

use std::path::Path;

use money::{Currency, Money};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::error::HouseholdError;
use super::model::Address;
use super::services::{BillKind, MarketOffer, Plan};
use super::text;

#[derive(Deserialize)]
struct Line {
    city: String,
    state: String,
    provider: String,
    package: String,
    price_usd_month: String,
    speed_down_mbps: Decimal,
    speed_up_mbps: Decimal,
    technology: String,
}

/// The offers of `path` in the address's city, cheapest first; none when the address names no city.
///
/// # Errors
/// [`HouseholdError`] with the line that cannot be read.
pub(super) fn offers(path: &Path, address: &Address) -> Result<Vec<MarketOffer>, HouseholdError> {
    let (Some(city), Some(state)) = (&address.city, &address.state) else { return Ok(Vec::new()) };
    let text = text::read(path)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut offers = Vec::new();
    for (index, line) in reader.deserialize::<Line>().enumerate() {
        let line = line.map_err(|error| {
            HouseholdError::at(path, error.position().map(csv::Position::line), error.to_string())
        })?;
        if !line.city.eq_ignore_ascii_case(city) || !line.state.eq_ignore_ascii_case(state) {
            continue;
        }
        let price = Money::parse(&line.price_usd_month, Currency::USD)
            .map_err(|error| HouseholdError::at(path, u64::try_from(index + 2).ok(), error.to_string()))?;
        offers.push(offer(index, line, price));
    }
    offers.sort_by_key(|offer| offer.price.minor);
    Ok(offers)
}

fn offer(index: usize, line: Line, price: Money) -> MarketOffer {
    let attributes = [("speed_down_mbps", line.speed_down_mbps), ("speed_up_mbps", line.speed_up_mbps)];
    let whole = |value: Decimal| i64::try_from(value.trunc().mantissa()).unwrap_or(0);
    MarketOffer {
        id: format!("offer_isp_{:04}", index + 2),
        kind: BillKind::Internet,
        provider: line.provider,
        plan: Plan {
            id: format!("isp-{:04}", index + 2),
            name: format!("{} ({})", line.package, line.technology),
            attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), whole(*value))).collect(),
        },
        price,
        contract_months: 0,
        promo_months: None,
        price_after_promo: None,
        source: "isp-offers-by-city-2022".to_owned(),
    }
}
