//! Plaid's personal finance categories for sources that have other words or none.
//!
//! A bank's aggregator categorises what it delivers; a ledger or CSV file does not, so the sandbox does it for them
//! with the same classifier that the product uses for plain text.

use finance::category::{Category, categorise};
use finance::transaction::{ProviderCategory, Transaction as Movement};
use jiff::civil::Date;
use money::Money;

/// Plaid's primary categories.
const PRIMARIES: [&str; 17] = [
    "INCOME",
    "LOAN_DISBURSEMENTS",
    "LOAN_PAYMENTS",
    "TRANSFER_IN",
    "TRANSFER_OUT",
    "BANK_FEES",
    "ENTERTAINMENT",
    "FOOD_AND_DRINK",
    "GENERAL_MERCHANDISE",
    "HOME_IMPROVEMENT",
    "MEDICAL",
    "PERSONAL_CARE",
    "GENERAL_SERVICES",
    "GOVERNMENT_AND_NON_PROFIT",
    "TRANSPORTATION",
    "TRAVEL",
    "RENT_AND_UTILITIES",
];

/// The primary category a detailed one belongs to; the detailed name itself where Plaid has none for it.
#[must_use]
pub fn primary_of(detailed: &str) -> &str {
    PRIMARIES.into_iter().find(|primary| detailed.starts_with(primary)).unwrap_or(detailed)
}

/// Plaid's detailed category for a movement described by `text` and, perhaps, the source's own word for it.
#[must_use]
pub fn detailed_for(text: &str, word: Option<&str>, amount: Money, date: Date) -> &'static str {
    let movement = Movement {
        id: String::new(),
        account_id: String::new(),
        date,
        authorized_date: None,
        amount,
        description: text.to_owned(),
        merchant: None,
        category: word.map(|word| ProviderCategory { primary: word.to_owned(), detailed: None }),
        pending: false,
        pending_transaction_id: None,
    };
    detailed(categorise(&movement), !amount.is_negative())
}

/// Plaid's detailed category that comes closest to ours.
#[must_use]
pub fn detailed(category: Category, outflow: bool) -> &'static str {
    match category {
        Category::Housing => "RENT_AND_UTILITIES_RENT",
        Category::Groceries => "FOOD_AND_DRINK_GROCERIES",
        Category::Utilities => "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY",
        Category::Internet | Category::Cable => "RENT_AND_UTILITIES_INTERNET_AND_CABLE",
        Category::Phone => "RENT_AND_UTILITIES_TELEPHONE",
        Category::Insurance => "GENERAL_SERVICES_INSURANCE",
        Category::Transport => "TRANSPORTATION_PUBLIC_TRANSIT",
        Category::Health => "MEDICAL_OTHER_MEDICAL",
        Category::Education => "GENERAL_SERVICES_EDUCATION",
        Category::Tax => "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT",
        Category::Dining => "FOOD_AND_DRINK_RESTAURANT",
        Category::Entertainment => "ENTERTAINMENT_OTHER_ENTERTAINMENT",
        Category::Subscription => "ENTERTAINMENT_TV_AND_MOVIES",
        Category::Shopping => "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE",
        Category::Travel => "TRAVEL_OTHER_TRAVEL",
        Category::PersonalCare => "PERSONAL_CARE_OTHER_PERSONAL_CARE",
        Category::Giving => "GOVERNMENT_AND_NON_PROFIT_DONATIONS",
        Category::Income => "INCOME_OTHER_INCOME",
        Category::Transfer if outflow => "TRANSFER_OUT_ACCOUNT_TRANSFER",
        Category::Transfer => "TRANSFER_IN_ACCOUNT_TRANSFER",
        Category::CardPayment => "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT",
        Category::DebtPayment => "LOAN_PAYMENTS_OTHER_PAYMENT",
        Category::Fees => "BANK_FEES_OTHER_BANK_FEES",
        Category::Other => "GENERAL_SERVICES_OTHER_GENERAL_SERVICES",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_category_has_a_primary_of_plaids() {
        for category in Category::ALL {
            let detailed = detailed(category, true);
            assert!(PRIMARIES.contains(&primary_of(detailed)), "{category:?}: {detailed}");
        }
    }

    #[test]
    fn words_of_ledgers_and_csv_files_are_understood() {
        let day = date(2026, 1, 5);
        let check = |text: &str, word: Option<&str>, cents: i64, expect: &str| {
            assert_eq!(detailed_for(text, word, Money::usd(cents), day), expect, "{text} {word:?}");
        };
        check(
            "EDISON POWER",
            Some("Expenses:Home:Electricity"),
            6_500,
            "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY",
        );
        check("Green Residency", Some("housing"), 153_283, "RENT_AND_UTILITIES_RENT");
        check("Acme Payroll", Some("income"), -547_439, "INCOME_OTHER_INCOME");
        check("Discover credit card payment", None, 174_532, "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT");
    }
}
