//! Savings rules: round-ups to the cent, the floor never crossed, projections with their evidence.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod household;

use finance::recurrence::detect;
use finance::runway::Household;
use finance::savings::{
    FloorCheck, RuleKind, SavingsRule, project, propose, round_up, round_ups, scheduled_bills,
};
use finance::transaction::{AccountKind, Transaction};
use household::{account, day, monthly, tx, usd};
use money::{Currency, Money};
use proptest::prelude::*;

#[test]
fn change_to_the_next_unit() {
    for (amount, change) in
        [("4.50", "0.50"), ("4.01", "0.99"), ("4.99", "0.01"), ("4", "0"), ("0", "0"), ("-4.50", "0")]
    {
        assert_eq!(round_up(usd(amount)), usd(change), "{amount}");
    }
    assert!(round_up(Money::new(450, Currency::JPY)).is_zero());
}

#[test]
fn settled_debits_only_refunds_reversed_at_a_threshold() {
    let mut pending = tx("2025-12-04", "CAFE", "3.10");
    pending.pending = true;
    let mut other = tx("2025-12-04", "CAFE", "3.10");
    (other.id, other.account_id) = ("other".to_owned(), "card".to_owned());
    let all = [
        tx("2025-12-01", "CAFE", "4.40"),
        tx("2025-12-02", "SHOE SHOP", "50.10"),
        pending,
        other,
        tx("2025-12-03", "ONLINE TRANSFER TO SAVINGS", "10.25"),
        tx("2025-12-05", "CAFE", "2.20"),
        tx("2025-12-09", "SHOE SHOP", "-50.10"),
        tx("2025-12-10", "SHOE SHOP", "-50.10"),
        tx("2025-12-11", "ACME PAYROLL", "-900.10"),
        tx("2025-12-12", "CAFE", "5.00"),
        tx("2025-12-13", "CAFE", "5.35"),
    ];
    let window = (day("2025-12-01"), day("2025-12-31"));
    let found = round_ups(&all, "checking", usd("2"), window).unwrap();
    let change: Vec<Money> = found.entries.iter().map(|entry| entry.amount).collect();
    assert_eq!(change, [usd("0.60"), usd("0.90"), usd("0.80"), usd("-0.90"), usd("0.65")]);
    assert_eq!(found.transfers.len(), 1);
    assert_eq!((found.transfers[0].date, found.transfers[0].amount), (day("2025-12-05"), usd("2.30")));
    assert_eq!(found.carried, usd("-0.25"));
}

#[test]
fn the_floor_guard() {
    let check = |available: &str, pending: &str, bills: &str, reserved: &str, floor: &str| FloorCheck {
        available: usd(available),
        pending: usd(pending),
        scheduled_bills: usd(bills),
        reservations: usd(reserved),
        floor: usd(floor),
    };
    let cases = [
        (check("1000", "0", "0", "0", "500"), "500", true),
        (check("1000", "0", "0", "0", "500"), "500.01", false),
        (check("1000", "50", "200", "100", "500"), "150", true),
        (check("1000", "50", "200", "100", "500"), "151", false),
        (check("100", "0", "0", "0", "500"), "0.01", false),
        (check("1000", "0", "0", "0", "0"), "0", false),
        (check("1000", "0", "0", "0", "0"), "-5", false),
    ];
    for (check, amount, allowed) in cases {
        assert_eq!(check.allows(usd(amount)).unwrap(), allowed, "{check:?} {amount}");
    }
}

fn household() -> Vec<Transaction> {
    let mut all = monthly(1, 12, 1, "RENT", "1200.00");
    all.extend(monthly(1, 12, 10, "WHOLE FOODS", "180.25"));
    all.extend(monthly(1, 12, 12, "CAFE", "4.40"));
    all.extend(monthly(1, 12, 28, "ACME PAYROLL", "-2000.00"));
    all
}

#[test]
fn bills_still_to_come() {
    let streams = detect(&household(), day("2025-12-20"));
    let due = |from: &str, to: &str| {
        scheduled_bills(&streams, "checking", Currency::USD, (day(from), day(to))).unwrap()
    };
    assert_eq!(due("2025-12-20", "2025-12-31"), usd("0"));
    assert_eq!(due("2025-12-20", "2026-01-05"), usd("1200"));
    assert_eq!(due("2025-12-20", "2026-01-12"), usd("1384.65"));
    assert_eq!(
        scheduled_bills(&streams, "other", Currency::USD, (day("2025-12-20"), day("2026-01-05"))).unwrap(),
        usd("0")
    );
}

#[test]
fn a_bill_counts_as_often_as_it_comes() {
    let weeks = ["2025-11-21", "2025-11-28", "2025-12-05", "2025-12-12", "2025-12-19"];
    let all: Vec<_> = weeks.iter().map(|day| tx(day, "KINDERGARTEN", "80.00")).collect();
    let streams = detect(&all, day("2025-12-20"));
    for (until, expect) in [
        ("2025-12-25", "0"),
        ("2025-12-26", "80"),
        ("2026-01-01", "80"),
        ("2026-01-02", "160"),
        ("2026-01-09", "240"),
    ] {
        let bills = scheduled_bills(&streams, "checking", Currency::USD, (day("2025-12-20"), day(until)));
        assert_eq!(bills.unwrap(), usd(expect), "until {until}");
    }
}

#[test]
fn projections_are_what_the_rules_would_have_saved() {
    let (all, as_of) = (household(), day("2025-12-31"));
    let streams = detect(&all, as_of);
    let accounts =
        [account("checking", AccountKind::Checking, "900"), account("pot", AccountKind::Savings, "10")];
    let known =
        Household { accounts: &accounts, transactions: &all, streams: &streams, debts: &[], positions: &[] };
    let rule = |kind: RuleKind| SavingsRule {
        id: "r".to_owned(),
        rule: kind,
        from_account: "checking".to_owned(),
        to_account: None,
        floor: usd("300"),
    };
    // 3 × (0.75 + 0.60) / 3
    let change = project(&known, &rule(RuleKind::RoundUp { threshold: usd("5") }), as_of).unwrap();
    assert_eq!((change.monthly, change.transaction_ids.len()), (usd("1.35"), 6));
    let share = project(&known, &rule(RuleKind::PaycheckShare { basis_points: 500 }), as_of).unwrap();
    assert_eq!((share.monthly, share.transaction_ids.len()), (usd("100"), 3));
    let weekly = project(&known, &rule(RuleKind::Weekly { amount: usd("10") }), as_of).unwrap();
    assert_eq!(weekly.monthly, usd("43.33"));

    let plan = propose(&known, usd("0"), usd("300"), as_of).unwrap();
    let ids: Vec<&str> = plan.proposals.iter().map(|one| one.rule.id.as_str()).collect();
    assert_eq!(ids, ["round-up:checking", "paycheck-share:checking"]);
    assert_eq!(plan.proposals[0].rule.to_account.as_deref(), Some("pot"));
    assert_eq!((plan.surplus, plan.monthly), (usd("615.35"), usd("101.35")));
}

#[test]
fn irregular_income_saves_by_the_week_and_no_surplus_saves_change_only() {
    let as_of = day("2025-12-31");
    let mut all = monthly(1, 12, 1, "RENT", "1200.00");
    all.extend([
        tx("2025-10-03", "UBER PAYOUT", "-2000"),
        tx("2025-11-21", "CLIENT", "-1900"),
        tx("2025-12-02", "ODD JOB", "-900"),
    ]);
    all.push(tx("2025-12-03", "CAFE", "4.40"));
    let streams = detect(&all, as_of);
    let accounts = [account("checking", AccountKind::Checking, "900")];
    let known =
        Household { accounts: &accounts, transactions: &all, streams: &streams, debts: &[], positions: &[] };
    let plan = propose(&known, usd("0"), usd("300"), as_of).unwrap();
    // 1,600 − 1,201.47 = 398.53 left; half of it is 45 a week.
    assert_eq!(plan.proposals[1].rule.rule, RuleKind::Weekly { amount: usd("45") });
    let mut dearer = all.clone();
    dearer.extend(monthly(1, 12, 2, "HOA", "500.00"));
    let known = Household { transactions: &dearer, ..known };
    let plan = propose(&known, usd("0"), usd("300"), as_of).unwrap();
    assert_eq!(plan.surplus, usd("-101.47"));
    assert!(matches!(plan.proposals[..], [ref only] if matches!(only.rule.rule, RuleKind::RoundUp { .. })));
    // What earlier steps freed counts.
    let plan = propose(&known, usd("188.20"), usd("300"), as_of).unwrap();
    assert_eq!(plan.proposals[1].rule.rule, RuleKind::Weekly { amount: usd("10") });
}

proptest! {
    #[test]
    fn what_gathers_is_transferred_or_carried(minors in prop::collection::vec(-10_000_i64..10_000, 0..50), threshold in 1_i64..2_000) {
        let make = |(index, minor): (usize, i64)| {
            let mut one = tx("2025-12-01", "CAFE", "1");
            (one.id, one.amount) = (format!("t{index:03}"), Money::usd(minor));
            one
        };
        let all: Vec<Transaction> = minors.into_iter().enumerate().map(make).collect();
        let window = (day("2025-12-01"), day("2025-12-31"));
        let found = round_ups(&all, "checking", Money::usd(threshold), window).unwrap();
        let gathered: i64 = found.entries.iter().map(|entry| entry.amount.minor).sum();
        let moved: i64 = found.transfers.iter().map(|transfer| transfer.amount.minor).sum();
        prop_assert_eq!(gathered, moved + found.carried.minor);
        prop_assert!(found.transfers.iter().all(|transfer| transfer.amount.minor >= threshold));
        prop_assert!(found.entries.iter().all(|entry| entry.amount.minor.abs() < 100));
        prop_assert!(found.carried.minor < threshold);
    }

    #[test]
    fn an_allowed_transfer_leaves_the_floor(available in -100_000_i64..100_000, pending in 0_i64..50_000, bills in 0_i64..50_000, reserved in 0_i64..50_000, floor in 0_i64..50_000, amount in -100_i64..100_000) {
        let check = FloorCheck {
            available: Money::usd(available),
            pending: Money::usd(pending),
            scheduled_bills: Money::usd(bills),
            reservations: Money::usd(reserved),
            floor: Money::usd(floor),
        };
        if check.allows(Money::usd(amount)).unwrap() {
            prop_assert!(amount > 0 && available - pending - bills - reserved - amount >= floor);
        }
    }
}
