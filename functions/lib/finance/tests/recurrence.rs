//! The cases every recurrence detection must pass, one table, and what holds for any history.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod household;

use finance::recurrence::{Cadence, Direction, Stream, StreamKind, StreamStatus, detect};
use finance::transaction::Transaction;
use household::{day, every, monthly, months, tx, usd};
use money::{Money, Rounding};
use proptest::prelude::*;

/// What is expected of one stream: merchant key, cadence, status, kind, how many charges.
type Expected = (&'static str, Cadence, StreamStatus, StreamKind, usize);

const MATURE: StreamStatus = StreamStatus::Mature;
const SUB: StreamKind = StreamKind::Subscription;

fn check(case: &str, transactions: &[Transaction], as_of: &str, expected: &[Expected]) -> Vec<Stream> {
    let streams = detect(transactions, day(as_of));
    let mut found: Vec<_> = streams
        .iter()
        .map(|one| (one.merchant_key.as_str(), one.cadence, one.status, one.kind, one.transaction_ids.len()))
        .collect();
    found.sort_by_key(|one| (one.0, one.1));
    assert_eq!(found, expected, "{case}");
    streams
}

fn amounts(days: &[String], description: &str, amounts: &[&str]) -> Vec<Transaction> {
    days.iter().zip(amounts).map(|(date, amount)| tx(date, description, amount)).collect()
}

#[test]
fn price_rise_in_the_middle() {
    let mut charges = monthly(1, 5, 12, "NETFLIX.COM", "15.49");
    charges.extend(monthly(6, 10, 12, "NETFLIX.COM", "17.99"));
    let streams =
        check("price rise", &charges, "2025-10-20", &[("netflix", Cadence::Monthly, MATURE, SUB, 10)]);
    let change = streams[0].price_change.as_ref().unwrap();
    assert_eq!((change.from, change.to, change.on), (usd("15.49"), usd("17.99"), day("2025-06-12")));
    assert_eq!((streams[0].monthly, streams[0].last), (usd("17.99"), usd("17.99")));
    assert_eq!(streams[0].next_expected, Some(day("2025-11-12")));
}

#[test]
fn variable_utilities() {
    let bills = amounts(
        &months(1, 8, 18),
        "CITY POWER & LIGHT",
        &["142.10", "131.77", "98.40", "80.05", "75.31", "90.12", "151.00", "163.94"],
    );
    let expected = [("city power light", Cadence::Monthly, MATURE, StreamKind::Bill, 8)];
    let streams = check("utility", &bills, "2025-08-25", &expected);
    assert!(!streams[0].fixed_amount && streams[0].price_change.is_none());
    assert_eq!(streams[0].monthly, usd("116.59"));
}

#[test]
fn a_missed_month() {
    let days = ["2025-01-05", "2025-02-05", "2025-04-05", "2025-05-05", "2025-06-05"];
    check(
        "missed month",
        &every(&days, "SPOTIFY USA", "11.99"),
        "2025-06-10",
        &[("spotify", Cadence::Monthly, MATURE, SUB, 5)],
    );
}

#[test]
fn month_end_and_weekend_drift() {
    let days = ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-06-02", "2025-06-30"];
    let expected = [("acme gym", Cadence::Monthly, MATURE, SUB, 6)];
    let streams = check("month end", &every(&days, "ACME GYM", "39.00"), "2025-07-05", &expected);
    assert_eq!(streams[0].next_expected, Some(day("2025-07-31")));
}

#[test]
fn two_subscriptions_at_one_merchant() {
    let mut charges = monthly(1, 6, 5, "APPLE.COM/BILL 866-712-7753 CA", "2.99");
    charges.extend(monthly(1, 6, 5, "APPLE.COM/BILL 866-712-7753 CA", "10.99"));
    let two = [("apple", Cadence::Monthly, MATURE, SUB, 6), ("apple", Cadence::Monthly, MATURE, SUB, 6)];
    check("same day", &charges, "2025-06-20", &two);
    let mut charges = monthly(1, 6, 5, "APPLE.COM/BILL", "9.99");
    charges.extend(monthly(1, 6, 20, "APPLE.COM/BILL", "9.99"));
    check("same price, two days", &charges, "2025-06-25", &two);
    let mut charges = monthly(1, 6, 4, "APPLE.COM/BILL", "0.99");
    charges.extend(monthly(1, 6, 19, "APPLE.COM/BILL", "14.99"));
    let streams = check("a price below one dollar is no trial", &charges, "2025-06-25", &two);
    assert!(streams.iter().all(|one| one.trial.is_none()));
}

#[test]
fn trial_then_full_price() {
    let mut charges = vec![tx("2025-03-02", "CALM TRIAL", "1.00")];
    charges.extend(monthly(3, 6, 16, "CALM TRIAL", "14.99"));
    let streams = check("trial", &charges, "2025-06-20", &[("calm trial", Cadence::Monthly, MATURE, SUB, 5)]);
    let trial = streams[0].trial.as_ref().unwrap();
    assert!(!trial.running && trial.started == day("2025-03-02"));
    assert_eq!(streams[0].monthly, usd("14.99"));

    let early = StreamStatus::EarlyDetection;
    let running = [tx("2025-06-10", "HULU FREE TRIAL", "0")];
    let streams = check("running", &running, "2025-06-20", &[("hulu", Cadence::Unknown, early, SUB, 1)]);
    assert!(streams[0].in_trial());
    let converted = [tx("2025-05-10", "HULU", "0.00"), tx("2025-06-09", "HULU", "18.99")];
    let streams =
        check("charged once", &converted, "2025-06-20", &[("hulu", Cadence::Monthly, early, SUB, 2)]);
    assert!(!streams[0].in_trial() && streams[0].trial.is_some());
}

#[test]
fn an_annual_charge_seen_twice() {
    let charges =
        [tx("2024-03-14", "AMAZON PRIME*RT4Y7", "139.00"), tx("2025-03-14", "Amazon Prime*ZK19Q", "139.00")];
    let streams =
        check("annual", &charges, "2025-05-01", &[("amazon prime", Cadence::Annual, MATURE, SUB, 2)]);
    assert_eq!((streams[0].monthly, streams[0].next_expected), (usd("11.58"), Some(day("2026-03-14"))));
}

#[test]
fn refunds_are_no_income_and_no_second_charge() {
    let mut charges = monthly(1, 6, 8, "ADOBE INC", "22.99");
    charges.push(tx("2025-04-09", "ADOBE  *REF", "22.99"));
    charges.push(tx("2025-04-15", "ADOBE", "-22.99"));
    charges.push(tx("2025-06-15", "ADOBE", "-22.99"));
    check("refund", &charges, "2025-06-20", &[("adobe", Cadence::Monthly, MATURE, SUB, 6)]);
    let refunds = every(&["2025-01-09", "2025-02-09", "2025-03-09"], "SHOE SHOP", "-40.00");
    let mut visits = every(&["2025-01-02", "2025-02-04", "2025-03-01", "2025-03-20"], "SHOE SHOP", "40.00");
    visits.extend(refunds);
    let streams = detect(&visits, day("2025-03-25"));
    assert!(streams.iter().all(|one| one.direction == Direction::Outflow), "{streams:?}");
}

#[test]
fn a_reissued_card() {
    let mut charges = monthly(1, 3, 21, "NETFLIX.COM", "15.49");
    let mut after = monthly(4, 6, 21, "NETFLIX.COM", "15.49");
    after.iter_mut().for_each(|one| one.account_id = "new-card".to_owned());
    charges.extend(after);
    let streams = check("card", &charges, "2025-06-25", &[("netflix", Cadence::Monthly, MATURE, SUB, 6)]);
    assert_eq!(streams[0].account_id, "new-card");
    // Two cards that both pay are two subscriptions.
    let mut charges = monthly(1, 4, 21, "NETFLIX.COM", "15.49");
    let mut other = monthly(1, 4, 3, "NETFLIX.COM", "15.49");
    other.iter_mut().for_each(|one| one.account_id = "other-card".to_owned());
    charges.extend(other);
    assert_eq!(detect(&charges, day("2025-04-25")).len(), 2);
}

#[test]
fn groceries_and_cafes_are_not_subscriptions() {
    let weekly =
        ["2025-01-04", "2025-01-11", "2025-01-18", "2025-01-25", "2025-02-01", "2025-02-08", "2025-02-15"];
    check("same coffee every Saturday", &every(&weekly, "TST* BLUE DOOR CAFE", "4.50"), "2025-02-20", &[]);
    let days: Vec<String> = weekly.iter().map(|date| (*date).to_owned()).collect();
    let shop =
        amounts(&days, "TRADER JOE'S #552", &["81.20", "77.95", "92.11", "68.40", "88.73", "79.99", "85.02"]);
    check("weekly shop", &shop, "2025-02-20", &[]);
}

#[test]
fn payroll_transfers_and_card_payments_recur_but_are_not_subscriptions() {
    let fridays = ["2025-01-03", "2025-01-17", "2025-01-31", "2025-02-14", "2025-02-28", "2025-03-14"];
    let mut all = every(&fridays, "ACME CORP PAYROLL PPD ID: 9111", "-2150.00");
    all.extend(every(
        &["2025-01-15", "2025-01-31", "2025-02-14", "2025-02-28", "2025-03-14", "2025-03-31"],
        "BETA LLC DIRECT DEP",
        "-1800.00",
    ));
    all.extend(monthly(1, 4, 2, "ONLINE TRANSFER TO SAVINGS", "200.00"));
    let card = ["2025-01-21", "2025-02-21", "2025-03-21", "2025-04-22"].map(str::to_owned);
    all.extend(amounts(&card, "DISCOVER CREDIT CARD PAYMENT", &["1745.32", "1098.42", "900.00", "1325.90"]));
    all.extend(monthly(1, 4, 10, "AUTO LOAN PAYMENT", "310.00"));
    let expected = [
        ("acme corp payroll", Cadence::Biweekly, StreamStatus::Tombstoned, StreamKind::Payroll, 6),
        ("auto loan payment", Cadence::Monthly, MATURE, StreamKind::Loan, 4),
        ("beta llc direct dep", Cadence::SemiMonthly, StreamStatus::Tombstoned, StreamKind::Payroll, 6),
        ("discover credit card payment", Cadence::Monthly, MATURE, StreamKind::CardPayment, 4),
        ("online transfer to savings", Cadence::Monthly, MATURE, StreamKind::Transfer, 4),
    ];
    check("not subscriptions", &all, "2025-04-28", &expected);
}

#[test]
fn pending_and_posted_are_one_charge() {
    let mut charges = monthly(1, 4, 7, "SPOTIFY", "11.99");
    let mut linked = tx("2025-04-06", "SPOTIFY P2", "11.99");
    linked.pending = true;
    charges[3].pending_transaction_id = Some(linked.id.clone());
    let mut unlinked = tx("2025-03-05", "SPOTIFY", "11.99");
    unlinked.pending = true;
    charges.extend([linked, unlinked]);
    check("pending", &charges, "2025-04-10", &[("spotify", Cadence::Monthly, MATURE, SUB, 4)]);
}

#[test]
fn descriptor_noise() {
    let days = months(1, 6, 9);
    let texts = [
        "SQ *FIT CLUB SEATTLE WA",
        "TST* FIT CLUB",
        "PAYPAL *FIT CLUB 402-935-7733",
        "FIT CLUB #1042",
        "POS DEBIT FIT CLUB 00412 PORTLAND OR",
        "Fit Club",
    ];
    let charges: Vec<Transaction> =
        days.iter().zip(texts).map(|(date, text)| tx(date, text, "25.00")).collect();
    check("noise", &charges, "2025-06-12", &[("fit club", Cadence::Monthly, MATURE, SUB, 6)]);
}

#[test]
fn statuses_and_slow_rhythms() {
    let ended = monthly(1, 5, 3, "NETFLIX", "15.49");
    let tombstoned = StreamStatus::Tombstoned;
    let streams = check("ended", &ended, "2025-08-01", &[("netflix", Cadence::Monthly, tombstoned, SUB, 5)]);
    assert!(streams[0].next_expected.is_none() && !streams[0].is_active());
    check(
        "seen twice",
        &monthly(4, 5, 3, "NETFLIX", "15.49"),
        "2025-05-10",
        &[("netflix", Cadence::Monthly, StreamStatus::EarlyDetection, SUB, 2)],
    );
    let quarters = ["2024-03-21", "2024-06-24", "2024-09-20", "2024-12-23"].map(str::to_owned);
    let tax = amounts(&quarters, "ADVANCE TAX", &["310.20", "288.00", "402.75", "350.10"]);
    let streams = check(
        "quarterly",
        &tax,
        "2025-01-10",
        &[("advance tax", Cadence::Quarterly, MATURE, StreamKind::Other, 4)],
    );
    assert_eq!(streams[0].next_expected, Some(day("2025-03-21")));
    let weeks = ["2025-01-06", "2025-01-13", "2025-01-21", "2025-01-27", "2025-02-03"];
    let streams = check(
        "weekly lesson",
        &every(&weeks, "YOGA LOFT", "18.00"),
        "2025-02-05",
        &[("yoga loft", Cadence::Weekly, MATURE, SUB, 5)],
    );
    assert_eq!(streams[0].monthly, usd("78.00"));
}

#[test]
fn the_future_is_not_seen() {
    let charges = monthly(1, 12, 3, "NETFLIX", "15.49");
    let known = detect(&charges, day("2025-06-15"));
    assert_eq!(known, detect(&charges[..6], day("2025-06-15")));
}

fn history() -> impl Strategy<Value = Vec<Transaction>> {
    let merchants =
        prop::sample::select(vec!["NETFLIX", "SQ *CAFE", "ACME PAYROLL", "CITY POWER", "SHOP", ""]);
    let one = (merchants, 0_i16..360, -200_000_i64..200_000, any::<bool>(), 0_u8..2);
    prop::collection::vec(one, 0..60).prop_map(|rows| {
        let row = |(index, (text, offset, minor, pending, account)): (usize, (&str, i16, i64, bool, u8))| {
            let mut one = tx("2025-01-01", text, "1");
            one.id = format!("t{index}");
            one.date = one.date.checked_add(jiff::Span::new().days(offset)).unwrap();
            one.amount = Money::usd(minor);
            one.pending = pending;
            one.account_id = format!("a{account}");
            one
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

/// What a stream comes to a month, computed anew from nothing but the charges it names as evidence.
fn monthly_by_evidence(stream: &Stream, transactions: &[Transaction]) -> Money {
    let amount = |id: &String| transactions.iter().find(|one| one.id == *id).unwrap().amount.abs().unwrap();
    let amounts: Vec<Money> = stream.evidence.iter().map(amount).collect();
    let price = if stream.fixed_amount {
        *amounts.last().unwrap()
    } else {
        let count = i64::try_from(amounts.len()).unwrap();
        Money::sum(amounts, stream.last.currency).unwrap().ratio(1, count, Rounding::HalfUp).unwrap()
    };
    if let Some(change) = &stream.price_change {
        assert!(
            [change.from, change.to]
                .iter()
                .all(|price| stream.evidence.iter().any(|id| amount(id) == *price))
        );
    }
    let (times, over) = match stream.cadence {
        Cadence::Weekly => (52, 12),
        Cadence::Biweekly => (26, 12),
        Cadence::SemiMonthly => (2, 1),
        Cadence::Monthly => (1, 1),
        Cadence::Quarterly => (1, 3),
        Cadence::SemiAnnual => (1, 6),
        Cadence::Annual => (1, 12),
        Cadence::Unknown => (0, 1),
    };
    price.ratio(times, over, Rounding::HalfUp).unwrap()
}

proptest! {
    #[test]
    fn any_history_gives_sound_streams(transactions in history(), seed in any::<u64>()) {
        let as_of = day("2025-12-31");
        let streams = detect(&transactions, as_of);
        let mut used = std::collections::BTreeSet::new();
        for stream in &streams {
            let inflow = stream.direction == Direction::Inflow;
            prop_assert!(stream.first_date <= stream.last_date && stream.last_date <= as_of);
            prop_assert!(!stream.monthly.is_negative() && !stream.last.is_negative());
            prop_assert!(stream.next_expected.is_none_or(|next| next > stream.last_date));
            prop_assert_eq!(stream.status == StreamStatus::Tombstoned, stream.next_expected.is_none() && !stream.in_trial());
            for id in &stream.transaction_ids {
                let one = transactions.iter().find(|one| one.id == *id).unwrap();
                prop_assert_eq!(one.amount.is_negative(), inflow);
                prop_assert!(used.insert(id.clone()), "a charge is in one stream at most");
            }
            prop_assert!(stream.evidence.iter().all(|id| stream.transaction_ids.contains(id)));
            prop_assert_eq!(stream.monthly, monthly_by_evidence(stream, &transactions));
        }
        // The order of the input does not matter.
        let mut shuffled = transactions;
        let count = shuffled.len().max(1);
        shuffled.rotate_left(usize::try_from(seed % u64::try_from(count).unwrap()).unwrap());
        shuffled.reverse();
        prop_assert_eq!(detect(&shuffled, as_of), streams);
    }
}
