//! What to say: the script library, as data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Facts, Objection};

/// A line of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Who speaks, for whom, and why.
    Opening,
    /// Asks for a better price.
    Ask,
    /// Argues with the years as a customer.
    CiteTenure,
    /// Argues with the competing offer.
    CiteCompetitor,
    /// Asks for the desk that may decide.
    AskRetention,
    /// Asks to treat a loyal customer like a new one.
    RebutNewCustomers,
    /// Asks for a price that begins after the contract, or a credit now.
    RebutContract,
    /// Answers that the service compares well.
    RebutInferior,
    /// Asks one last time before leaving.
    LastAsk,
    /// Asks for another price.
    Counter,
    /// Accepts an offer.
    Accept,
}

/// Script texts. Words in braces are filled from the facts; a text whose competitor is not known is never
/// chosen.
const TEXTS: &[(Line, &str)] = &[
    (
        Line::Opening,
        "Hello. I am an automated assistant writing on behalf of a {provider} customer, with their permission. \
         It is about the price of their {plan} plan.",
    ),
    (
        Line::Ask,
        "They pay {price} a month for {plan}. Could you lower that to {target} without changing the service?",
    ),
    (
        Line::CiteTenure,
        "They have been with {provider} for {tenure} months. What can you do for a loyal customer?",
    ),
    (
        Line::CiteCompetitor,
        "{competitor} offers {competitor_plan} for {competitor_price} a month. \
         They would rather stay with {provider} if you can match it.",
    ),
    (
        Line::AskRetention,
        "Could you transfer us to the retention team, who can decide on prices for customers about to leave?",
    ),
    (
        Line::RebutNewCustomers,
        "A price that is good enough for a new customer should be possible for one who stays. Can you apply it?",
    ),
    (
        Line::RebutContract,
        "We do not ask to end the contract. Could a credit or a loyalty price be applied within it?",
    ),
    (
        Line::RebutInferior,
        "We have compared what both plans include, and it serves this household as well. Can you come closer in price?",
    ),
    (
        Line::LastAsk,
        "Without a better price they will look elsewhere. Is there anything else you can offer today?",
    ),
    (Line::Counter, "Thank you. If you can make it {target} a month, they will stay."),
    (Line::Accept, "Thank you, they accept this offer. Please confirm it with a reference number."),
];

/// The text of a line for these facts.
#[must_use]
pub fn say(line: Line, facts: &Facts) -> String {
    let template = TEXTS.iter().find(|(known, _)| *known == line).map_or("", |(_, text)| *text);
    let competitor = facts.competitor.as_ref();
    let fills = [
        ("{provider}", facts.provider.clone()),
        ("{plan}", facts.plan.clone()),
        ("{price}", facts.monthly.to_string()),
        ("{target}", facts.target.to_string()),
        ("{tenure}", facts.tenure_months.to_string()),
        ("{competitor}", competitor.map_or(String::new(), |one| one.provider.clone())),
        ("{competitor_plan}", competitor.map_or(String::new(), |one| one.plan.clone())),
        ("{competitor_price}", competitor.map_or(String::new(), |one| one.monthly.to_string())),
    ];
    fill(template, &fills)
}

/// Fills every brace once, from left to right, so that filled text is never read as a template.
fn fill(template: &str, fills: &[(&str, String)]) -> String {
    let (mut out, mut rest) = (String::new(), template);
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match fills.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, text)) => {
                out.push_str(text);
                rest = &rest[name.len()..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// Arguments in the order they are used.
pub(super) const LADDER: [Line; 5] =
    [Line::Ask, Line::CiteCompetitor, Line::CiteTenure, Line::AskRetention, Line::LastAsk];

/// The line that answers an objection best.
pub(super) fn rebuttal(objection: Objection) -> Option<Line> {
    match objection {
        Objection::BestPriceAlready => Some(Line::CiteCompetitor),
        Objection::NewCustomersOnly => Some(Line::RebutNewCustomers),
        Objection::UnderContract => Some(Line::RebutContract),
        Objection::CompetitorInferior => Some(Line::RebutInferior),
        Objection::NoAuthority => Some(Line::AskRetention),
        Objection::Other => None,
    }
}

/// Whether a line can be said with these facts: nothing is claimed that is not known.
pub(super) fn is_sayable(line: Line, facts: &Facts) -> bool {
    match line {
        Line::CiteCompetitor | Line::RebutInferior => facts.competitor.is_some(),
        Line::CiteTenure => facts.tenure_months >= 12,
        _ => true,
    }
}
