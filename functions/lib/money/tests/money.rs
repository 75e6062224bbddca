//! What an amount of money promises: exact text, checked arithmetic, no mixing of currencies, stated rounding.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use money::{Currency, Money, MoneyError, Rounding};
use proptest::prelude::*;

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

#[test]
fn text_reads_and_prints() {
    let cad = Currency::CAD;
    let cases = [
        ("12.99", Currency::USD, 1299, "$12.99"),
        ("-3", Currency::USD, -300, "-$3.00"),
        ("1", cad, 100, "CAD 1.00"),
        ("-1", cad, -100, "-CAD 1.00"),
        ("5.5", Currency::EUR, 550, "€5.50"),
        ("0.05", Currency::GBP, 5, "£0.05"),
        ("1200", Currency::JPY, 1200, "JPY 1200"),
        (" 1.500 ", Currency::USD, 150, "$1.50"),
        ("-0", Currency::USD, 0, "$0.00"),
        ("1e2", Currency::USD, 10_000, "$100.00"),
        ("+7.10", Currency::USD, 710, "$7.10"),
    ];
    for (text, currency, minor, shown) in cases {
        let money = Money::parse(text, currency).unwrap();
        assert_eq!(money.minor, minor, "{text}");
        assert_eq!(money.to_string(), shown, "{text}");
    }
}

#[test]
fn bad_text_is_refused() {
    for text in
        ["", "12.999", "twelve", "1,000", "$5", "NaN", "1.2.3", "--1", "99999999999999999999999999999999"]
    {
        assert!(Money::parse(text, Currency::USD).is_err(), "{text}");
    }
    let error = Money::parse("12.999", Currency::USD).unwrap_err();
    assert_eq!(error.to_string(), "`12.999` has more than the 2 decimals of USD");
    assert!(matches!(Money::parse("1.5", Currency::JPY), Err(MoneyError::TooPrecise { decimals: 0, .. })));
    assert!(matches!(Money::parse("92233720368547758.08", Currency::USD), Err(MoneyError::Overflow { .. })));
    assert_eq!(Money::parse("92233720368547758.07", Currency::USD).unwrap().minor, i64::MAX);
    for code in ["", "usd", "US", "USDD", "U$D"] {
        assert!(Currency::new(code).is_err(), "{code}");
    }
}

#[test]
fn json_is_minor_and_currency() {
    let json = serde_json::to_string(&Money::usd(1299)).unwrap();
    assert_eq!(json, r#"{"minor":1299,"currency":"USD"}"#);
    assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), Money::usd(1299));
    for bad in [
        r#"{"minor":1.5,"currency":"USD"}"#,
        r#"{"minor":1,"currency":"usd"}"#,
        r#"{"minor":1}"#,
        r#"{"minor":1,"currency":"USD","more":1}"#,
    ] {
        assert!(serde_json::from_str::<Money>(bad).is_err(), "{bad}");
    }
    let schema = schemars::schema_for!(Money);
    assert_eq!(schema.as_value()["required"], serde_json::json!(["minor", "currency"]));
}

#[test]
fn currencies_do_not_mix() {
    let euro = Money::new(100, Currency::EUR);
    assert!(matches!(usd("1").add(euro), Err(MoneyError::CurrencyMismatch { .. })));
    assert!(usd("1").sub(euro).is_err() && usd("1").max(euro).is_err() && usd("1").min(euro).is_err());
    assert_eq!(usd("1").partial_cmp(&euro), None);
    assert_ne!(usd("1"), euro);
    assert!(Money::sum([usd("1"), euro], Currency::USD).is_err());
    assert_eq!(Money::sum([], Currency::EUR).unwrap(), Money::zero(Currency::EUR));
}

#[test]
fn overflow_is_an_error() {
    let most = Money::usd(i64::MAX);
    let least = Money::usd(i64::MIN);
    assert!(most.add(Money::usd(1)).is_err() && least.sub(Money::usd(1)).is_err());
    assert!(least.neg().is_err() && least.abs().is_err() && most.annual().is_err());
    assert!(most.basis_points(10_001, Rounding::HalfUp).is_err());
    assert_eq!(Money::usd(1).ratio(1, 0, Rounding::Floor), Err(MoneyError::ZeroDenominator));
    assert_eq!(least.to_string(), "-$92233720368547758.08");
}

#[test]
fn rounding_is_as_named() {
    // (minor, basis points, half up, half even, floor)
    let cases = [
        (50, 100, 1, 0, 0),
        (150, 100, 2, 2, 1),
        (250, 100, 3, 2, 2),
        (-50, 100, -1, 0, -1),
        (-150, 100, -2, -2, -2),
        (-149, 100, -1, -1, -2),
        (1299, 10_000, 1299, 1299, 1299),
        (1299, 750, 97, 97, 97),
    ];
    for (minor, points, up, even, floor) in cases {
        let money = Money::usd(minor);
        let rounded = |rounding| money.basis_points(points, rounding).unwrap().minor;
        assert_eq!(
            [rounded(Rounding::HalfUp), rounded(Rounding::HalfEven), rounded(Rounding::Floor)],
            [up, even, floor],
            "{minor} x {points}"
        );
    }
}

proptest! {
    #[test]
    fn decimal_round_trips(minor: i64) {
        for currency in [Currency::USD, Currency::JPY, Currency::new("KWD").unwrap()] {
            let money = Money::new(minor, currency);
            prop_assert_eq!(Money::from_decimal(money.to_decimal(), currency).unwrap(), money);
            prop_assert_eq!(Money::parse(&money.to_decimal().to_string(), currency).unwrap(), money);
        }
    }

    #[test]
    fn a_json_number_is_read_to_the_cent(minor in -9_000_000_000_000_i64..9_000_000_000_000) {
        // A provider's JSON number goes through binary on its way; its shortest text is the cents it stood for.
        let number: serde_json::Number = serde_json::from_str(&Money::usd(minor).to_decimal().to_string()).unwrap();
        prop_assert_eq!(Money::parse(&number.to_string(), Currency::USD).unwrap().minor, minor);
    }

    #[test]
    fn adding_is_reversible(a: i32, b: i32) {
        let (a, b) = (Money::usd(i64::from(a)), Money::usd(i64::from(b)));
        prop_assert_eq!(a.add(b).unwrap().sub(b).unwrap(), a);
        prop_assert_eq!(a.add(b), b.add(a));
        prop_assert_eq!(a.sub(b).unwrap(), b.sub(a).unwrap().neg().unwrap());
    }

    #[test]
    fn rounding_errs_by_less_than_a_minor_unit(minor: i32, points in -20_000_i64..20_000) {
        let exact = i128::from(minor) * i128::from(points);
        for (rounding, most) in [(Rounding::HalfUp, 5_000), (Rounding::HalfEven, 5_000), (Rounding::Floor, 9_999)] {
            let rounded = Money::usd(i64::from(minor)).basis_points(points, rounding).unwrap();
            let error = i128::from(rounded.minor) * 10_000 - exact;
            prop_assert!(error.abs() <= most);
            prop_assert!(rounding != Rounding::Floor || error <= 0);
        }
    }

    #[test]
    fn any_text_reads_or_errs(text in ".*") {
        let _ = Money::parse(&text, Currency::USD);
    }
}
