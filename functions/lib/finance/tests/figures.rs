//! Runway, audit and flows: known households with figures worked out by hand, and what holds for any.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod household;

use finance::audit::{SuggestedAction, audit};
use finance::category::Category;
use finance::flows::flows;
use finance::recurrence::detect;
use finance::runway::{Figures, Household, figures};
use finance::transaction::{Account, AccountKind, Debt, Position, Transaction};
use household::{account, day, monthly, tx, usd};
use jiff::Span;
use jiff::civil::Date;
use money::{Currency, Money, Rounding};
use proptest::prelude::*;

const USD: Currency = Currency::USD;

fn accounts() -> Vec<Account> {
    vec![
        account("checking", AccountKind::Checking, "1200"),
        account("savings", AccountKind::Savings, "2400"),
        account("card", AccountKind::Credit, "800"),
        account("ira", AccountKind::Retirement, "50000"),
        account("broker", AccountKind::Investment, "9000"),
    ]
}

fn compute(accounts: &[Account], transactions: &[Transaction], as_of: &str) -> Figures {
    let streams = detect(transactions, day(as_of));
    let household = Household { accounts, transactions, streams: &streams, debts: &[], positions: &[] };
    figures(&household, USD, day(as_of)).unwrap()
}

/// Rent 1,200 and groceries 300 a month, 100 of dining, wages 2,500; moved to savings and paid to the card
/// besides.
fn plain_household() -> Vec<Transaction> {
    let mut all = monthly(1, 12, 1, "GREEN RESIDENCY RENT", "1200");
    all.extend(monthly(1, 12, 9, "WHOLE FOODS", "180"));
    all.extend(monthly(1, 12, 23, "TRADER JOES", "120"));
    all.extend(monthly(1, 12, 14, "BLUE DOOR CAFE", "100"));
    all.extend(monthly(1, 12, 28, "ACME PAYROLL", "-2500"));
    all.extend(monthly(1, 12, 5, "ONLINE TRANSFER TO SAVINGS", "250"));
    all.extend(monthly(1, 12, 6, "DISCOVER CREDIT CARD PAYMENT", "400"));
    all
}

#[test]
fn runway_by_hand() {
    let found = compute(&accounts(), &plain_household(), "2025-12-31");
    assert_eq!((found.from, found.days_covered), (day("2025-10-01"), 92));
    assert_eq!((found.liquid.amount, found.liquid.account_ids.len()), (usd("3600"), 2));
    assert_eq!(found.essential.amount, usd("1500"));
    assert_eq!(found.outflow.amount, usd("1600"));
    assert_eq!(found.income.amount, usd("2500"));
    assert_eq!(found.runway.unwrap().to_string(), "2.40");
    assert_eq!(found.essential.transaction_ids.len(), 9);
}

#[test]
fn a_monthly_bill_counts_three_times_whatever_the_day() {
    for as_of in ["2025-06-01", "2025-06-02", "2025-05-31", "2025-12-30", "2025-03-31", "2025-07-15"] {
        let rent = monthly(1, 12, 1, "RENT", "1200");
        assert_eq!(compute(&accounts(), &rent, as_of).essential.amount, usd("1200"), "{as_of}");
    }
}

#[test]
fn lean_is_the_leanest_month() {
    let mut all = monthly(1, 12, 1, "RENT", "1000");
    all.extend([
        tx("2025-10-10", "CITY POWER", "50"),
        tx("2025-11-10", "CITY POWER", "110"),
        tx("2025-12-10", "CITY POWER", "80"),
    ]);
    let found = compute(&accounts(), &all, "2025-12-31");
    assert_eq!((found.essential.amount, found.lean.amount), (usd("1080"), usd("1050")));
    assert!(found.runway_lean.unwrap() > found.runway.unwrap());
}

#[test]
fn one_offs_refunds_and_yearly_charges() {
    let mut all = plain_household();
    all.push(tx("2025-11-20", "CITY HOSPITAL", "2700"));
    all.push(tx("2025-12-03", "WHOLE FOODS", "30"));
    all.push(tx("2025-12-04", "WHOLE FOODS", "-30"));
    all.extend([
        tx("2024-11-11", "STATE FARM INSURANCE", "600"),
        tx("2025-11-11", "STATE FARM INSURANCE", "600"),
    ]);
    let found = compute(&accounts(), &all, "2025-12-31");
    assert_eq!(found.one_offs.amount, usd("2700"));
    // 1,500, and a twelfth of the yearly 600 instead of a third of it.
    assert_eq!(found.essential.amount, usd("1550"));
}

#[test]
fn short_history_is_averaged_over_what_there_is() {
    let found = compute(&accounts(), &monthly(11, 12, 3, "RENT", "900"), "2025-12-20");
    assert_eq!((found.days_covered, found.essential.amount), (48, usd("900")));
    let nothing = compute(&accounts(), &[], "2025-12-20");
    assert!(nothing.runway.is_none() && nothing.essential.amount.is_zero());
}

/// A purchase of so much on each of the last `count` days.
fn daily(as_of: Date, count: i64, description: &str, minor: i64) -> Vec<Transaction> {
    let on = |back: i64| {
        let date = as_of.checked_sub(Span::new().days(back)).unwrap();
        let mut one = tx(&date.to_string(), description, "1");
        one.amount = Money::usd(minor);
        one
    };
    (0..count).map(on).collect()
}

#[test]
fn a_month_just_begun_is_no_whole_month() {
    // 40 days of 10 each, rent and a utility twice or once, wages twice: by the days, and once a month.
    let mut all = daily(day("2025-12-31"), 40, "WHOLE FOODS", 1_000);
    all.extend(monthly(12, 12, 1, "GREEN RESIDENCY RENT", "1200"));
    all.extend([tx("2025-11-24", "CITY POWER", "80"), tx("2025-12-24", "CITY POWER", "110.01")]);
    all.extend([tx("2025-11-25", "ACME PAYROLL", "-2500"), tx("2025-12-24", "ACME PAYROLL", "-2600")]);
    let found = compute(&accounts(), &all, "2025-12-31");
    assert_eq!(found.days_covered, 40);
    // A third of 92 days, the rent whole, and the mean of the two bills.
    let groceries = usd("306.67");
    let essential = Money::sum([groceries, usd("1200"), usd("95.01")], USD).unwrap();
    assert_eq!((found.essential.amount, found.income.amount), (essential, usd("2550")));
    // December, and not the ten days before it: 310 + 1,200 + 110.01 is more than the average month.
    assert_eq!(found.lean.amount, essential);
    let essential_of = |all: &[Transaction]| compute(&accounts(), all, "2025-12-31").lean.amount;
    all.push(tx("2025-11-23", "CITY HOSPITAL", "300"));
    assert_eq!(essential_of(&all), usd("1620.01"), "the stub is dearer");
}

#[test]
fn of_a_few_days_no_month_is_made() {
    let found = compute(&accounts(), &daily(day("2025-12-31"), 3, "WHOLE FOODS", 2_800), "2025-12-31");
    assert_eq!((found.days_covered, found.essential.amount), (28, usd("92")));
}

#[test]
fn money_between_own_accounts_is_neither_spent_nor_earned() {
    let mut into = tx("2025-12-03", "MOBILE DEPOSIT REF 8812", "-250");
    into.account_id = "savings".to_owned();
    let mut paid = tx("2025-12-05", "THANKS", "-400");
    paid.account_id = "card".to_owned();
    let all =
        [tx("2025-12-02", "WITHDRAWAL REF 8812", "250"), into, paid, tx("2025-12-08", "ODD JOB", "-90")];
    let accounts = accounts();
    let found: Vec<Category> = flows(&all, &accounts, USD, (day("2025-12-01"), day("2025-12-31")))
        .iter()
        .map(|flow| flow.category)
        .collect();
    assert_eq!(found, [Category::Transfer, Category::Transfer, Category::CardPayment, Category::Income]);
}

#[test]
fn debts_and_losses() {
    let debt = |id: &str, rate: i64, balance: &str| Debt {
        account_id: id.to_owned(),
        name: id.to_owned(),
        apr_basis_points: rate,
        balance: usd(balance),
        minimum: usd("35"),
    };
    let position = |account: &str, cost: Option<&str>, value: &str| Position {
        account_id: account.to_owned(),
        symbol: "VTI".to_owned(),
        cost_basis: cost.map(usd),
        value: usd(value),
    };
    let household = Household {
        accounts: &accounts(),
        transactions: &[],
        streams: &[],
        debts: &[debt("loan", 450, "9000"), debt("card", 2_290, "800"), debt("paid", 2_900, "0")],
        positions: &[
            position("broker", Some("1000"), "750"),
            position("broker", Some("500"), "900"),
            position("broker", None, "10"),
            position("ira", Some("1000"), "100"),
        ],
    };
    let found = figures(&household, USD, day("2025-12-31")).unwrap();
    assert_eq!(found.debts.iter().map(|debt| debt.apr_basis_points).collect::<Vec<_>>(), [2_900, 2_290, 450]);
    assert_eq!(
        (found.unrealised_losses.amount, found.unrealised_losses.account_ids),
        (usd("250"), vec!["broker".to_owned()])
    );
}

#[test]
fn audit_ranks_what_can_be_cut() {
    let mut all = plain_household();
    all.extend(monthly(5, 12, 20, "NETFLIX.COM", "15.49"));
    all.extend(monthly(5, 12, 21, "XFINITY INTERNET", "90"));
    all.extend([tx("2025-11-03", "SHOE SHOP AMAZON", "60"), tx("2025-12-09", "AMAZON MKTP", "60")]);
    all.push(tx("2025-12-20", "HULU FREE TRIAL", "0"));
    let as_of = day("2025-12-31");
    let streams = detect(&all, as_of);
    let accounts = accounts();
    let household =
        Household { accounts: &accounts, transactions: &all, streams: &streams, debts: &[], positions: &[] };
    let found = audit(&household, USD, as_of).unwrap();
    let row = |label: &str| found.reducible.iter().find(|one| one.label == label).unwrap();
    let netflix = row("Netflix");
    assert_eq!(
        (netflix.monthly, netflix.saving, netflix.action),
        (usd("15.49"), usd("15.49"), SuggestedAction::Cancel)
    );
    // The price is the latest charge's, whatever was paid before.
    assert_eq!(
        netflix.transaction_ids,
        [all.iter().rfind(|one| one.description == "NETFLIX.COM").unwrap().id.clone()]
    );
    let internet = row("Xfinity Internet".split(' ').next().unwrap());
    assert_eq!((internet.saving, internet.action), (usd("18"), SuggestedAction::Negotiate));
    assert_eq!(row("Shopping").monthly, usd("40"));
    assert!(row("Hulu").reason.contains("trial"));
    assert!(
        found
            .reducible
            .iter()
            .all(|one| one.label != "Green Residency Rent" && one.category != Category::Income)
    );
    let savings: Vec<Money> = found.reducible.iter().map(|one| one.saving).collect();
    assert!(savings.is_sorted_by(|a, b| a >= b));
    assert_eq!(Money::sum(savings, USD).unwrap(), found.saving);
    let rent = found.categories.iter().find(|one| one.category == Category::Housing).unwrap();
    assert_eq!((rent.total, rent.monthly, rent.essential), (usd("3600"), usd("1200"), true));
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<finance::audit::Audit>(&json).unwrap(), found);
}

fn any_history() -> impl Strategy<Value = Vec<Transaction>> {
    let texts = vec!["NETFLIX", "RENT", "WHOLE FOODS", "ACME PAYROLL", "TRANSFER TO SAVINGS", "CAFE", "ODD"];
    let one = (prop::sample::select(texts), 0_i64..365, -300_000_i64..300_000);
    prop::collection::vec(one, 0..80).prop_map(|rows| {
        let row = |(index, (text, offset, minor)): (usize, (&str, i64, i64))| {
            let mut one = tx("2025-01-01", text, "1");
            one.id = format!("t{index}");
            one.date = one.date.checked_add(Span::new().days(offset)).unwrap();
            one.amount = Money::usd(minor);
            one
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

proptest! {
    #[test]
    fn constant_spending_costs_the_same_however_long_it_is_known(
        offset in 0_i64..730, count in 28_i64..150, minor in 1_i64..100_000,
    ) {
        let as_of = day("2025-01-01").checked_add(Span::new().days(offset)).unwrap();
        let accounts = accounts();
        let all = daily(as_of, count, "WHOLE FOODS", minor);
        let found = compute(&accounts, &all, &as_of.to_string());
        let whole = i64::from((as_of - found.from).get_days()) + 1;
        // An average month is a third of the window: 30 days and a bit.
        prop_assert_eq!(found.essential.amount, Money::usd(minor).ratio(whole, 3, Rounding::HalfUp).unwrap());
        prop_assert_eq!(found.outflow.amount, found.essential.amount);
        prop_assert!((2_966..=3_067).contains(&(whole * 100 / 3)));
        let dearest = Money::usd(minor * 31);
        prop_assert!(found.lean.amount <= found.essential.amount && found.lean.amount <= dearest);
    }

    #[test]
    fn a_monthly_bill_costs_the_same_however_long_it_is_known(
        offset in 0_i64..365, first in 28_i64..91, minor in 1_i64..1_000_000,
    ) {
        let as_of = day("2025-06-01").checked_add(Span::new().days(offset)).unwrap();
        let start = as_of.checked_sub(Span::new().days(first)).unwrap();
        let on = |months: i64| start.checked_add(Span::new().months(months)).unwrap();
        let charge = |date: Date| Transaction { amount: Money::usd(minor), ..tx(&date.to_string(), "RENT", "1") };
        let all: Vec<Transaction> = (0..4).map(on).filter(|date| *date <= as_of).map(charge).collect();
        prop_assert_eq!(compute(&accounts(), &all, &as_of.to_string()).essential.amount, Money::usd(minor));
    }

    #[test]
    fn figures_are_sound(all in any_history()) {
        let found = compute(&accounts(), &all, "2025-12-31");
        prop_assert!(found.essential.amount <= found.outflow.amount.max(found.essential.amount).unwrap());
        prop_assert!((28..=92).contains(&found.days_covered));
        for figure in [&found.essential, &found.lean, &found.outflow, &found.income] {
            prop_assert!(figure.transaction_ids.iter().all(|id| all.iter().any(|one| one.id == *id)));
        }
        prop_assert_eq!(found.runway.is_some(), found.essential.amount.is_positive());
    }

    #[test]
    fn every_transaction_of_the_window_is_in_one_category(all in any_history()) {
        let as_of = day("2025-12-31");
        let streams = detect(&all, as_of);
        let accounts = accounts();
        let household = Household { accounts: &accounts, transactions: &all, streams: &streams, debts: &[], positions: &[] };
        let found = audit(&household, USD, as_of).unwrap();
        let listed: usize = found.categories.iter().map(|one| one.transaction_ids.len()).sum();
        let inside = all.iter().filter(|one| one.date >= found.from && one.date <= as_of).count();
        prop_assert_eq!(listed, inside);
        let total = Money::sum(found.categories.iter().map(|one| one.total), USD).unwrap();
        let expected = all.iter().filter(|one| one.date >= found.from).map(|one| one.amount);
        prop_assert_eq!(total, Money::sum(expected, USD).unwrap());
        prop_assert!(found.reducible.iter().all(|one| one.saving <= one.monthly && !one.saving.is_negative()));
    }
}
