//! Which outside systems there are.

use std::fmt;

/// An outside system, by the name that links, consents and configuration use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Bank data: <https://plaid.com/docs/api>.
    Plaid,
    /// Subscriptions: look at them, cancel, downgrade, restore.
    Subscriptions,
    /// Bills, competing offers and the billers' retention chat.
    Billers,
    /// Automatic savings rules.
    Savings,
    /// The same of a partner bank: it stands in where the first is away.
    SavingsPartner,
    /// Gig platforms.
    Gigs,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 6] =
        [Self::Plaid, Self::Subscriptions, Self::Billers, Self::Savings, Self::SavingsPartner, Self::Gigs];

    /// Its name, as in `externalDependencies` of the catalog.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plaid => "plaid",
            Self::Subscriptions => "subscriptions",
            Self::Billers => "billers",
            Self::Savings => "savings",
            Self::SavingsPartner => "savings-partner",
            Self::Gigs => "gigs",
        }
    }

    /// What a user reads in the middle of a sentence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Plaid => "your bank connection",
            Self::Subscriptions => "the subscription service",
            Self::Billers => "the biller",
            Self::Savings => "the savings service",
            Self::SavingsPartner => "the partner bank",
            Self::Gigs => "the gig platform",
        }
    }

    /// The variable that overrides `PROVIDER_BASE_URL` for it.
    #[must_use]
    pub fn base_url_variable(self) -> &'static str {
        match self {
            Self::Plaid => "PLAID_BASE_URL",
            Self::Subscriptions => "SUBSCRIPTIONS_BASE_URL",
            Self::Billers => "BILLERS_BASE_URL",
            Self::Savings => "SAVINGS_BASE_URL",
            Self::SavingsPartner => "SAVINGS_PARTNER_BASE_URL",
            Self::Gigs => "GIGS_BASE_URL",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
