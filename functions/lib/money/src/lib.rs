//! Amounts of money: whole minor units of one currency.
//!
//! [`Money`] never holds a fraction of a cent, never mixes currencies and never rounds silently: arithmetic
//! is checked and answers a typed [`MoneyError`]; what must round, [`Money::ratio`] and [`Money::basis_points`],
//! names its [`Rounding`]. Decimal text is parsed exactly, so an amount that arrives as a JSON number (Plaid)
//! is read from its decimal text and not from a binary float.
//!
//! ```
//! use money::{Currency, Money};
//! let price = Money::parse("12.99", Currency::USD)?;
//! assert_eq!(price.minor, 1299);
//! assert_eq!(price.annual()?.to_string(), "$155.88");
//! # Ok::<(), money::MoneyError>(())
//! ```

mod currency;
mod error;
mod parse;

pub use currency::Currency;
pub use error::MoneyError;

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An amount in whole minor units (cents for USD, yen for JPY) of one currency; negative amounts are allowed.
///
/// Serialised as `{"minor":1299,"currency":"USD"}`. Ordered only within a currency: comparing two currencies
/// answers `None`, so `<` and `>` are both false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Whole minor units: 1299 is $12.99.
    pub minor: i64,
    /// The currency the amount is in.
    pub currency: Currency,
}

/// How [`Money::basis_points`] treats the fraction of a minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest; an exact half goes away from zero, as lenders and retailers round.
    HalfUp,
    /// To the nearest; an exact half goes to the even neighbour, so that many roundings do not drift.
    HalfEven,
    /// Toward negative infinity; for promises, where a saving may be understated but never overstated.
    Floor,
}

#[expect(
    clippy::should_implement_trait,
    reason = "the operators cannot answer an error, and sums of money must"
)]
impl Money {
    /// An amount from whole minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// US dollars from whole cents.
    #[must_use]
    pub const fn usd(cents: i64) -> Self {
        Self::new(cents, Currency::USD)
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Whether the amount is exactly zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] across currencies, [`MoneyError::Overflow`] outside `i64`.
    pub fn add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.with_minor(self.minor.checked_add(other.minor))
    }

    /// The difference `self - other`.
    ///
    /// # Errors
    /// As [`Money::add`].
    pub fn sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.with_minor(self.minor.checked_sub(other.minor))
    }

    /// The amount with its sign turned.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for `i64::MIN` minor units.
    pub fn neg(self) -> Result<Self, MoneyError> {
        self.with_minor(self.minor.checked_neg())
    }

    /// The amount without its sign.
    ///
    /// # Errors
    /// As [`Money::neg`].
    pub fn abs(self) -> Result<Self, MoneyError> {
        self.with_minor(self.minor.checked_abs())
    }

    /// The amount `factor` times.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] outside `i64`.
    pub fn times(self, factor: i64) -> Result<Self, MoneyError> {
        self.with_minor(self.minor.checked_mul(factor))
    }

    /// What a monthly amount comes to in a year (twelve times).
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] outside `i64`.
    pub fn annual(self) -> Result<Self, MoneyError> {
        self.times(12)
    }

    /// `numerator / denominator` of the amount, rounded as told; computed in 128 bits, so only the result can overflow.
    ///
    /// # Errors
    /// [`MoneyError::ZeroDenominator`], or [`MoneyError::Overflow`] when the result leaves `i64`.
    pub fn ratio(self, numerator: i64, denominator: i64, rounding: Rounding) -> Result<Self, MoneyError> {
        if denominator == 0 {
            return Err(MoneyError::ZeroDenominator);
        }
        let product = i128::from(self.minor) * i128::from(numerator);
        let rounded = divide(product, i128::from(denominator), rounding);
        self.with_minor(i64::try_from(rounded).ok())
    }

    /// A percentage of the amount in basis points: `750` is 7.5 %.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when the result leaves `i64`.
    pub fn basis_points(self, basis_points: i64, rounding: Rounding) -> Result<Self, MoneyError> {
        self.ratio(basis_points, 10_000, rounding)
    }

    /// The checked sum; `currency` is that of an empty sum and must be that of every amount.
    ///
    /// # Errors
    /// As [`Money::add`].
    pub fn sum<I>(amounts: I, currency: Currency) -> Result<Self, MoneyError>
    where
        I: IntoIterator<Item = Self>,
    {
        amounts.into_iter().try_fold(Self::zero(currency), Self::add)
    }

    /// The larger of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] across currencies.
    pub fn max(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if self.minor >= other.minor { self } else { other })
    }

    /// The smaller of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] across currencies.
    pub fn min(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if self.minor <= other.minor { self } else { other })
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
        }
    }

    fn with_minor(self, minor: Option<i64>) -> Result<Self, MoneyError> {
        minor.map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow { currency: self.currency })
    }
}

/// `value / by` rounded; `by` is not zero.
fn divide(value: i128, by: i128, rounding: Rounding) -> i128 {
    let (value, by) = if by < 0 { (-value, -by) } else { (value, by) };
    let floor = value.div_euclid(by);
    let twice = value.rem_euclid(by) * 2;
    let up = match twice.cmp(&by) {
        _ if rounding == Rounding::Floor => false,
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal if rounding == Rounding::HalfEven => floor % 2 != 0,
        Ordering::Equal => value > 0,
    };
    floor + i128::from(up)
}

impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.currency == other.currency).then(|| self.minor.cmp(&other.minor))
    }
}

impl fmt::Display for Money {
    /// `$12.99`, `-$3.00`, `€5.00`, and the code where there is no unmistakable sign: `CAD 1.00`, `-CAD 1.00`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let places = self.currency.exponent() as usize;
        let unit = 10_u64.pow(self.currency.exponent());
        let (whole, rest) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        let text = match (self.currency.symbol(), places) {
            (Some(symbol), 0) => format!("{sign}{symbol}{whole}"),
            (Some(symbol), _) => format!("{sign}{symbol}{whole}.{rest:0places$}"),
            (None, 0) => format!("{sign}{} {whole}", self.currency),
            (None, _) => format!("{sign}{} {whole}.{rest:0places$}", self.currency),
        };
        out.pad(&text)
    }
}
