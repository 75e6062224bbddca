//! Decimal text and [`Decimal`] to [`Money`] and back, exactly.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::{Currency, Money, MoneyError};

impl Money {
    /// Reads decimal text such as `12.99`, `-3`, `+0.5` or `1e2`; surrounding blanks are ignored, grouping is
    /// not read.
    ///
    /// Trailing zeros do not count as decimals (`1.500` is $1.50). For a JSON number pass its text
    /// (`serde_json::Number::to_string`), which is the shortest decimal that reads back as the same number.
    ///
    /// # Errors
    /// [`MoneyError::BadAmount`], [`MoneyError::TooPrecise`] or [`MoneyError::Overflow`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let trimmed = text.trim();
        let bad = || MoneyError::BadAmount { text: text.to_owned() };
        let exponent_form = trimmed.contains(['e', 'E']);
        let decimal = if exponent_form {
            Decimal::from_scientific(trimmed).map_err(|_| bad())?
        } else {
            // Exact or an error: the plain `from_str` would round what does not fit 96 bits.
            Decimal::from_str_exact(trimmed).map_err(|_| bad())?
        };
        Self::from_decimal(decimal, currency).map_err(|error| match error {
            MoneyError::TooPrecise { currency, decimals, .. } => {
                MoneyError::TooPrecise { text: text.to_owned(), currency, decimals }
            }
            other => other,
        })
    }

    /// An exact decimal number of major units (`12.99` dollars) as money.
    ///
    /// # Errors
    /// [`MoneyError::TooPrecise`] or [`MoneyError::Overflow`].
    pub fn from_decimal(major: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let decimals = currency.exponent();
        let mut scaled = major.normalize();
        if scaled.scale() > decimals {
            return Err(MoneyError::TooPrecise { text: major.to_string(), currency, decimals });
        }
        // Scale is at most `decimals` here, so the rescaling is exact unless it runs out of bits, when it
        // keeps less.
        scaled.rescale(decimals);
        if scaled.scale() != decimals {
            return Err(MoneyError::Overflow { currency });
        }
        let minor = scaled.mantissa().to_i64().ok_or(MoneyError::Overflow { currency })?;
        Ok(Self::new(minor, currency))
    }

    /// The amount as an exact decimal number of major units: 1299 cents is `12.99`.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.minor), self.currency.exponent())
    }
}
