//! Recurrence on Plaid's own custom sandbox users: what a person would read off the statement, and nothing
//! else.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use finance::recurrence::{Cadence, Stream, StreamKind, detect};
use finance::transaction::Transaction;
use jiff::civil::Date;
use money::{Currency, Money};
use serde_json::Value;

/// The streams of a user, as of the last day of the file.
fn streams(file: &str) -> Option<Vec<Stream>> {
    let text = others::text(&format!("plaid-sandbox-users/{file}"))?;
    let user: Value = serde_json::from_str(&text).unwrap();
    let mut transactions = Vec::new();
    for (account, one) in user["override_accounts"].as_array().unwrap().iter().enumerate() {
        for row in one["transactions"].as_array().into_iter().flatten() {
            transactions.push(transaction(account, transactions.len(), row));
        }
    }
    let last = transactions.iter().map(|one| one.date).max().unwrap();
    Some(detect(&transactions, last))
}

fn transaction(account: usize, number: usize, row: &Value) -> Transaction {
    Transaction {
        id: number.to_string(),
        account_id: account.to_string(),
        date: row["date_posted"].as_str().unwrap().parse::<Date>().unwrap(),
        authorized_date: None,
        // The decimal text of the JSON number, never the number itself.
        amount: Money::parse(&row["amount"].to_string(), Currency::USD).unwrap(),
        description: row["description"].as_str().unwrap_or_default().to_owned(),
        merchant: None,
        category: None,
        pending: false,
        pending_transaction_id: None,
    }
}

#[test]
fn sandbox_users() {
    use Cadence::{Biweekly, Monthly, SemiMonthly, Weekly};
    use StreamKind::{Bill, CardPayment, Loan, Other, Payroll};
    let loans = |wage: &'static str| {
        vec![
            ("mortgage payment", Monthly, Bill),
            ("discover credit card payment", Monthly, CardPayment),
            ("auto loan payment", Monthly, Loan),
            ("student loan repayment", Monthly, Loan),
            (wage, Monthly, Payroll),
        ]
    };
    let cases = [
        ("income_bank_income_basic.json", loans("plaid direct dep")),
        ("income_welderTestUser.json", loans("direct deposit excelsior welding")),
        (
            "income_bank_income_custom_user_5_income_sources.json",
            vec![
                ("lyft payment", Weekly, Payroll),
                ("social security administration", Monthly, Payroll),
                ("plaid direct dep", Monthly, Payroll),
                ("uber payment", SemiMonthly, Payroll),
                ("bank interest payment", Monthly, Other),
            ],
        ),
        (
            "income_SSAuser.json",
            vec![
                ("social security administration", Monthly, Payroll),
                ("unemployment benefits", Biweekly, Payroll),
            ],
        ),
        ("liabilities_credit_card_custom_user.json", vec![]),
        ("assets_assets_credit_categories.json", vec![]),
    ];
    for (file, expected) in cases {
        let Some(found) = streams(file) else { continue };
        let found: Vec<_> =
            found.iter().map(|one| (one.merchant_key.as_str(), one.cadence, one.kind)).collect();
        assert_eq!(found, expected, "{file}");
    }
}
