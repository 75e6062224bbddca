//! Amounts of money: whole minor units of one currency.
