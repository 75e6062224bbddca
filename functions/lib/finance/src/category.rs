//! Categories: what a transaction is for, whether a household can do without it, and what can usually be cut.
//!
//! Order of evidence: the provider's own category (Plaid's detailed, then primary; or the word of a CSV or a
//! ledger account), else the merchant, by a table of keywords, else the direction of the money. Two findings
//! override the provider: a payment to a card or between own accounts, as counting those would count the same
//! spending twice.

mod provider;
mod rules;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::merchant::{self, Merchant};
use crate::transaction::Transaction;

/// What money is spent on or comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Rent, mortgage, home owners' fees.
    Housing,
    /// Food to prepare at home.
    Groceries,
    /// Power, gas, water, waste.
    Utilities,
    /// Internet access.
    Internet,
    /// Mobile or fixed telephone.
    Phone,
    /// Cable or satellite television.
    Cable,
    /// Insurance of any kind.
    Insurance,
    /// Fuel, fares, parking, repairs.
    Transport,
    /// Doctors, pharmacies, hospitals.
    Health,
    /// School, tuition, child care.
    Education,
    /// Taxes.
    Tax,
    /// Restaurants, cafés, bars, delivered meals.
    Dining,
    /// Tickets, games, outings.
    Entertainment,
    /// Streaming, software, gyms, memberships, boxes.
    Subscription,
    /// Goods that are none of the above.
    Shopping,
    /// Hotels and flights.
    Travel,
    /// Hairdressers, laundries, cosmetics.
    PersonalCare,
    /// Donations.
    Giving,
    /// Wages, benefits, interest, payouts.
    Income,
    /// Between own accounts, to savings, or person to person.
    Transfer,
    /// Payment of a card balance: its purchases are counted already.
    CardPayment,
    /// Payment of a loan other than the home's.
    DebtPayment,
    /// Bank fees and interest charged.
    Fees,
    /// Cannot be told.
    Other,
}

impl Category {
    /// Every category, in the order they are shown.
    pub const ALL: [Self; 24] = [
        Self::Housing,
        Self::Groceries,
        Self::Utilities,
        Self::Internet,
        Self::Phone,
        Self::Cable,
        Self::Insurance,
        Self::Transport,
        Self::Health,
        Self::Education,
        Self::Tax,
        Self::Dining,
        Self::Entertainment,
        Self::Subscription,
        Self::Shopping,
        Self::Travel,
        Self::PersonalCare,
        Self::Giving,
        Self::Income,
        Self::Transfer,
        Self::CardPayment,
        Self::DebtPayment,
        Self::Fees,
        Self::Other,
    ];

    /// Name to show.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Housing => "Housing",
            Self::Groceries => "Groceries",
            Self::Utilities => "Utilities",
            Self::Internet => "Internet",
            Self::Phone => "Phone",
            Self::Cable => "Cable TV",
            Self::Insurance => "Insurance",
            Self::Transport => "Transport",
            Self::Health => "Health",
            Self::Education => "Education",
            Self::Tax => "Taxes",
            Self::Dining => "Dining",
            Self::Entertainment => "Entertainment",
            Self::Subscription => "Subscriptions",
            Self::Shopping => "Shopping",
            Self::Travel => "Travel",
            Self::PersonalCare => "Personal care",
            Self::Giving => "Giving",
            Self::Income => "Income",
            Self::Transfer => "Transfers",
            Self::CardPayment => "Card payments",
            Self::DebtPayment => "Debt payments",
            Self::Fees => "Fees",
            Self::Other => "Other",
        }
    }

    /// Whether it is household spending: not income, not moved between own pockets, not a card's balance.
    #[must_use]
    pub fn is_spending(self) -> bool {
        !matches!(self, Self::Income | Self::Transfer | Self::CardPayment)
    }

    /// Whether a household goes on paying for it when its income stops: the essential outflow of the
    /// emergency fund.
    #[must_use]
    pub fn is_essential(self) -> bool {
        matches!(
            self,
            Self::Housing
                | Self::Groceries
                | Self::Utilities
                | Self::Internet
                | Self::Phone
                | Self::Insurance
                | Self::Transport
                | Self::Health
                | Self::Education
                | Self::Tax
                | Self::DebtPayment
        )
    }

    /// Whether it is a bill that as a rule comes once a month.
    #[must_use]
    pub fn is_bill(self) -> bool {
        matches!(
            self,
            Self::Housing
                | Self::Utilities
                | Self::Internet
                | Self::Phone
                | Self::Cable
                | Self::Insurance
                | Self::Subscription
                | Self::DebtPayment
        )
    }

    /// What is usually cut without moving house or going hungry, in basis points of the spending; 0 is not
    /// reducible.
    ///
    /// Planning figures of this project, deliberately cautious: they rank ideas, and no saving is booked from
    /// them.
    #[must_use]
    pub fn typical_cut_basis_points(self) -> i64 {
        match self {
            Self::Subscription => 10_000,
            Self::Fees => 8_000,
            Self::Entertainment | Self::Shopping => 3_000,
            Self::Cable | Self::Dining | Self::Travel => 2_500,
            Self::Internet | Self::Phone | Self::PersonalCare => 2_000,
            Self::Insurance => 1_200,
            Self::Groceries => 800,
            Self::Utilities | Self::Transport => 500,
            _ => 0,
        }
    }

    /// Whether there is usually something to cut.
    #[must_use]
    pub fn is_reducible(self) -> bool {
        self.typical_cut_basis_points() > 0
    }

    /// Whether it is a bill whose price can be negotiated with its provider.
    #[must_use]
    pub fn is_negotiable(self) -> bool {
        matches!(self, Self::Internet | Self::Phone | Self::Cable | Self::Insurance)
    }
}

/// How a category was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The provider's own category.
    Provider,
    /// A keyword of the merchant or the descriptor.
    Keyword,
    /// Nothing but the direction of the money.
    Direction,
}

/// The category of a transaction.
#[must_use]
pub fn categorise(transaction: &Transaction) -> Category {
    explain(transaction).0
}

/// The category of a transaction and how it was found.
#[must_use]
pub fn explain(transaction: &Transaction) -> (Category, Evidence) {
    explain_at(transaction, &merchant::merchant(transaction))
}

/// The same, where the merchant is known already.
pub(crate) fn explain_at(transaction: &Transaction, merchant: &Merchant) -> (Category, Evidence) {
    let outflow = !transaction.amount.is_negative();
    let text = searchable(transaction, merchant);
    let by_text = rules::by_keyword(&text.split_whitespace().collect::<Vec<_>>(), outflow);
    let by_provider = transaction.category.as_ref().and_then(provider::lookup);
    match (by_provider, by_text) {
        // A card payment or transfer the provider missed would count the same spending twice; only a provider
        // that itself says "loan" or "income" knows better than the words.
        (
            Some(said @ (Category::DebtPayment | Category::Income)),
            Some(Category::CardPayment | Category::Transfer),
        ) => (said, Evidence::Provider),
        (_, Some(found @ (Category::CardPayment | Category::Transfer))) => (found, Evidence::Keyword),
        // Streaming, gyms, phone plans and fares are filed under broad heads; a keyword that names the
        // service is finer.
        (Some(broad), Some(fine)) if is_broad(broad) && refines(fine) && outflow => (fine, Evidence::Keyword),
        (Some(said), _) => (said, Evidence::Provider),
        (None, Some(found)) => (found, Evidence::Keyword),
        (None, None) if outflow => (Category::Other, Evidence::Direction),
        (None, None) => (Category::Income, Evidence::Direction),
    }
}

/// The text keywords are looked for in: merchant and raw description, in capitals, signs as blanks.
fn searchable(transaction: &Transaction, merchant: &Merchant) -> String {
    let whole = format!("{} | {}", merchant.name, transaction.description).to_uppercase();
    whole.chars().map(|c| if c.is_alphanumeric() || matches!(c, '&' | '+' | '|') { c } else { ' ' }).collect()
}

fn is_broad(category: Category) -> bool {
    use Category::{Entertainment, Health, Other, PersonalCare, Shopping, Travel, Utilities};
    matches!(category, Entertainment | Health | Other | PersonalCare | Shopping | Travel | Utilities)
}

fn refines(category: Category) -> bool {
    use Category::{Cable, Insurance, Internet, Phone, Subscription, Transport};
    matches!(category, Cable | Insurance | Internet | Phone | Subscription | Transport)
}
