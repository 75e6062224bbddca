//! What can go wrong with an amount of money.

use crate::Currency;

/// Why an amount could not be read or computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// The text is not three ASCII capitals.
    #[error("`{text}` is not a three-letter currency code")]
    BadCurrency {
        /// The text that was given.
        text: String,
    },
    /// Two currencies met in one operation.
    #[error("{left} and {right} cannot be combined without an exchange rate")]
    CurrencyMismatch {
        /// Currency of the left operand.
        left: Currency,
        /// Currency of the right operand.
        right: Currency,
    },
    /// The result does not fit 64 bits of minor units.
    #[error("an amount in {currency} left the range of 64 bits")]
    Overflow {
        /// Currency of the amount.
        currency: Currency,
    },
    /// A ratio over zero was asked for.
    #[error("a ratio needs a denominator other than zero")]
    ZeroDenominator,
    /// The text is not a decimal number.
    #[error("`{text}` is not a decimal amount")]
    BadAmount {
        /// The text that was given.
        text: String,
    },
    /// The text has more decimals than the currency has.
    #[error("`{text}` has more than the {decimals} decimals of {currency}")]
    TooPrecise {
        /// The text that was given.
        text: String,
        /// Currency it was read for.
        currency: Currency,
        /// Decimals that currency has.
        decimals: u32,
    },
}
