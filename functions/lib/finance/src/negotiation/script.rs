//! What can be said, and when: the ladder of arguments.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Facts, Objection};

/// A line of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Line {
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
    /// Turns an offer down to hear a better one.
    Counter,
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
