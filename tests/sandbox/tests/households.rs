//! Household files of every kind: what is read from them, and what is said of those that cannot be read.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so by panicking")]

use std::path::{Path, PathBuf};

use jiff::civil::date;
use money::Money;
use sandbox::figures;
use sandbox::household::{
    AccountType, BillKind, Household, HouseholdError, MoveKind, OfferType, Place, RoundAnswer, Source,
    SubscriptionStatus, load,
};
use tempfile::TempDir;

/// A file with that name and content.
fn file(name: &str, content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

fn read(name: &str, content: &str) -> Result<Household, HouseholdError> {
    let (_folder, path) = file(name, content);
    load(&Source::of(path))
}

/// Line and problem of a file that cannot be used.
fn problem(name: &str, content: &str) -> (Option<u64>, String) {
    match read(name, content) {
        Err(HouseholdError::Bad { place: Place { line, file }, problem }) => {
            assert!(file.ends_with(name), "{file:?}");
            (line, problem)
        }
        other => panic!("{name}: {:?}", other.map(|household| household.user_id)),
    }
}

mod own {
    use super::*;

    fn rivera() -> Household {
        load(&Source::of(Path::new(env!("CARGO_MANIFEST_DIR")).join("households/rivera.yaml"))).unwrap()
    }

    #[test]
    fn the_projects_own_household_is_rich_enough_for_every_step() {
        let rivera = rivera();
        let trials = rivera.subscriptions.values().filter(|one| one.status == SubscriptionStatus::Trial);
        assert_eq!(trials.count(), 2);
        for kind in [BillKind::Internet, BillKind::Cable, BillKind::Phone, BillKind::Insurance] {
            assert!(rivera.bills.values().any(|bill| bill.kind == kind), "{kind:?}");
            assert!(rivera.offers.iter().any(|offer| offer.kind == kind), "{kind:?}");
        }
        let offered: Vec<OfferType> = rivera
            .retention
            .values()
            .flat_map(|desk| &desk.rounds)
            .filter_map(|round| match &round.answer {
                RoundAnswer::Offer { terms, .. } => Some(terms.kind),
                RoundAnswer::Objection { .. } => None,
            })
            .collect();
        for kind in [OfferType::DiscountWithContract, OfferType::Downgrade] {
            assert!(offered.contains(&kind), "{kind:?}");
        }
        assert!(!offered.contains(&OfferType::Discount), "nothing is lowered here without the user's word");
        assert!(rivera.retention["bill_renters"].rounds.is_empty(), "one refuses flatly");
        assert!(
            rivera.transactions.iter().any(|one| one.date <= rivera.as_of && one.posted_on > rivera.as_of)
        );
        let first = rivera.transactions.first().unwrap().date;
        assert!(first < date(2025, 6, 30), "{first}");
    }

    #[test]
    fn its_past_has_price_rises_and_both_legs_of_transfers() {
        let (rivera, again) = (rivera(), rivera());
        let streamly = |month: i8| {
            let id = format!("txn_sub_streamly_{}", date(2026, month, 11));
            rivera.transactions.iter().find(|one| one.id == id).unwrap().amount
        };
        assert_eq!((streamly(1), streamly(2)), (Money::usd(1_999), Money::usd(2_299)));
        let leg = |id: &str| rivera.transactions.iter().find(|one| one.id == id).unwrap();
        let (out, back) = (leg("txn_card_payment_2026-06-17"), leg("txn_card_payment_2026-06-17_in"));
        assert_eq!((out.account_id.as_str(), back.account_id.as_str()), ("acc_checking", "acc_card"));
        assert_eq!((out.amount, back.amount), (Money::usd(15_000), Money::usd(-15_000)));
        assert_eq!(rivera.transactions, again.transactions, "told the same every time");
    }

    #[test]
    fn its_figures_trigger_the_emergency_fund() {
        let figures = figures::of_household(&rivera()).unwrap();
        assert!((1.0..3.0).contains(&figures.runway_months), "{}", figures.runway_months);
        assert!(figures.unrealised_losses.is_positive());
        assert_eq!(figures.accounts_linked, 6);
    }

    const SMALL: &str = r#"household: 1
user_id: sam
name: Sam
currency: USD
as_of: 2026-06-30
accounts:
  - { id: acc_a, name: A, type: depository, subtype: checking, balance: "100.00" }
transactions:
  - { account: acc_a, date: 2026-06-01, name: Rent, category: RENT_AND_UTILITIES_RENT, amount: "50.00" }
subscriptions:
  - id: sub_x
    merchant: X
    descriptor: X
    category: music
    account: acc_a
    plan: { id: p, name: P }
    price: "9.99"
    cadence: monthly
    started_on: 2026-01-05
    next_charge_on: 2026-07-05
    tiers: []
bills:
  - id: bill_y
    kind: phone
    provider: Y
    descriptor: Y
    account: acc_a
    account_mask: "1"
    plan: { id: p, name: P }
    price: "20.00"
    next_charge_on: 2026-07-09
    started_on: 2024-01-09
    retention:
      pin: "4411"
      refusal: no
      rounds:
        - { on: [ask_discount], objection: { code: price_is_standard, text: no } }
"#;

    #[test]
    fn mistakes_are_named_with_their_line() {
        assert!(read("small.yaml", SMALL).is_ok());
        let check = |from: &str, to: &str, line: u64, says: &str| {
            let changed = SMALL.replacen(from, to, 1);
            assert_ne!(changed, SMALL, "{from}");
            let (at, problem) = problem("small.yaml", &changed);
            assert!(problem.contains(says), "{from} -> {to}: {problem}");
            assert_eq!(at, Some(line), "{from} -> {to}: {problem}");
        };
        check("household: 1", "household: 2", 1, "must be 1");
        check("currency: USD", "currency: dollars", 4, "three-letter");
        check("as_of: 2026-06-30", "as_of: yesterday", 5, "year");
        check("balance: \"100.00\"", "balance: lots", 7, "not a decimal amount");
        check("account: acc_a, date", "account: acc_b, date", 9, "no account `acc_b`; there are: acc_a");
        check("amount: \"50.00\"", "amount: \"50.001\"", 9, "50.001");
        check("    merchant: X\n", "    merchant: X\n    colour: red\n", 13, "colour");
        check("next_charge_on: 2026-07-05", "next_charge_on: 2026-06-05", 20, "after `as_of`");
        check("kind: phone", "kind: pigeon", 24, "pigeon");
        check(
            "objection: { code: price_is_standard, text: no }",
            "",
            37,
            "either an `objection` or an `offer`",
        );
        check("[ask_discount]", "[shout]", 37, "shout");
        check("user_id: sam", "user_id: [", 2, "");
    }

    #[test]
    fn desks_and_pins_are_read() {
        let small = read("small.yaml", SMALL).unwrap();
        let desk = &small.retention["bill_y"];
        assert_eq!(desk.pin.as_deref(), Some("4411"));
        assert_eq!(desk.rounds[0].on, [MoveKind::AskDiscount]);
        assert_eq!(small.bills["bill_y"].price, Money::usd(2_000));
    }

    #[test]
    fn it_is_not_moved_by_as_of() {
        let (_folder, path) = file("small.yaml", SMALL);
        let error = load(&Source { as_of: Some(date(2026, 5, 1)), ..Source::of(path) }).unwrap_err();
        assert!(error.to_string().contains("PUT /admin/clock"), "{error}");
    }
}

mod csv {
    use super::*;

    const TWO: &str = "transaction_id,user_id,timestamp,merchant,category,amount,transaction_type,balance_after\n\
        t1,u1,2026-01-01 11:15:00,Acme Payroll,income,5474.39,credit,9173.21\n\
        t2,u2,2026-01-02 08:00:00,Wages,income,100.00,credit,100.00\n\
        t3,u1,2026-01-03 14:06:00,Green Residency,housing,-1532.83,debit,7640.38\n";

    #[test]
    fn one_person_of_several_is_read_with_the_sign_turned() {
        let (_folder, path) = file("two.csv", TWO);
        let source = Source { person: Some("u1".into()), ..Source::of(&path) };
        let household = load(&source).unwrap();
        assert_eq!((household.user_id.as_str(), household.as_of), ("u1", date(2026, 1, 3)));
        let amounts: Vec<i64> = household.transactions.iter().map(|one| one.amount.minor).collect();
        assert_eq!(amounts, [-547_439, 153_283]);
        assert_eq!(household.transactions[1].category, "RENT_AND_UTILITIES_RENT");
        assert_eq!(household.accounts[0].balance, Money::usd(764_038), "of the last row");
        let asked = load(&Source::of(&path)).unwrap_err().to_string();
        assert!(asked.contains("PERSON=<id>") && asked.ends_with("u1, u2"), "{asked}");
        let unknown =
            load(&Source { person: Some("u3".into()), ..Source::of(&path) }).unwrap_err().to_string();
        assert!(unknown.contains("no person `u3`") && unknown.ends_with("u1, u2"), "{unknown}");
    }

    #[test]
    fn an_earlier_start_lets_the_rest_wait() {
        let (_folder, path) = file("two.csv", TWO);
        let as_of = Some(date(2026, 1, 2));
        let household = load(&Source { person: Some("u1".into()), as_of, ..Source::of(path) }).unwrap();
        assert_eq!((household.as_of, household.accounts[0].balance), (date(2026, 1, 2), Money::usd(917_321)));
        assert_eq!(household.transactions.len(), 2);
    }

    #[test]
    fn other_headers_mean_the_same() {
        let check = |content: &str, expect: &[i64], balance: i64| {
            let household = read("plain.csv", content).unwrap();
            let amounts: Vec<i64> = household.transactions.iter().map(|one| one.amount.minor).collect();
            assert_eq!(
                (amounts.as_slice(), household.accounts[0].balance.minor),
                (expect, balance),
                "{content}"
            );
        };
        check(
            "Date,Description,Amount\n01/31/2026,Rent,\"-1,250.50\"\n02/01/2026,Wages,2000\n",
            &[125_050, -200_000],
            200_000,
        );
        check(
            "Posting Date,Payee,Debit,Credit,Balance\n2026-01-31,Rent,1250.50,,49.50\n2026-02-01,Wages,,10,59.50\n",
            &[125_050, -1_000],
            5_950,
        );
        check("booking_date,details,value,dr_cr\n2026-01-31,Rent,$12.00,DR\n", &[1_200], 0);
        check("date,name,amount\n2026-01-31,Rent,(12.00)\n", &[1_200], 0);
        check("date,name,amount\n2026-01-31,Rent,\"($1,250.50)\"\n", &[125_050], 0);
        check("date,name,amount\n2026-01-31,House,\"+12,345,678.90\"\n", &[-1_234_567_890], 1_234_567_890);
    }

    #[test]
    fn the_latest_balance_is_found_whichever_way_the_file_is_sorted() {
        let header = "date,description,amount,account,balance\n";
        let checking = [
            "2026-01-30,Wages,500,Checking,900\n",
            "2026-01-31,Rent,-600,Checking,300\n",
            "2026-01-31,Shoes,-50,Checking,250\n",
            "2026-01-31,Cafe,-5,Checking,245\n",
        ];
        let savings = [
            "2026-01-02,Interest,1,Savings,501\n",
            "2026-01-31,In,40,Savings,541\n",
            "2026-01-31,In,9,Savings,550\n",
        ];
        let upwards = [checking.concat(), savings.concat()].concat();
        let turned = |rows: &[&str]| rows.iter().rev().copied().collect::<String>();
        // One account after the other, so that the second begins anew.
        let downwards = turned(&checking) + &turned(&savings);
        for rows in [upwards, downwards] {
            let household = read("sorted.csv", &format!("{header}{rows}")).unwrap();
            let balances: Vec<i64> = household.accounts.iter().map(|one| one.balance.minor).collect();
            assert_eq!(balances, [24_500, 55_000], "{rows}");
        }
    }

    #[test]
    fn without_balances_a_file_means_the_same_whichever_way_it_is_sorted() {
        let rows = ["2026-01-30,A,-10\n", "2026-01-31,Wages,100\n", "2026-01-31,Rent,-90\n"];
        let turned: Vec<&str> = rows.iter().rev().copied().collect();
        for rows in [rows.concat(), turned.concat()] {
            let household = read("sorted.csv", &format!("date,name,amount\n{rows}")).unwrap();
            assert_eq!(household.accounts[0].balance, Money::usd(1_000), "{rows}");
        }
    }

    #[test]
    fn amounts_that_do_not_say_which_way_they_go_are_refused() {
        let rent = |name: &str, header: &str, rows: &str| read(name, &format!("{header}\n{rows}"));
        for (header, rows) in [
            ("date,description,Value", "2026-01-01,Rent,900\n2026-01-02,Wages,2500.00\n"),
            // A word that says something else.
            ("date,description,Value,type", "2026-01-01,Rent,900,POS\n2026-01-02,Wages,2500.00,ACH\n"),
        ] {
            let (line, problem) = problem("bare.csv", &format!("{header}\n{rows}"));
            assert_eq!(line, Some(2), "{problem}");
            assert!(
                problem.contains("column `Value`") && problem.contains("write money out as -12.50"),
                "{problem}"
            );
        }
        for (header, rows) in [
            ("date,description,amount", "2026-01-01,Rent,-900\n2026-01-02,Wages,2500\n"),
            ("date,description,amount", "2026-01-02,Wages,+2500\n"),
            ("date,description,amount,type", "2026-01-02,Wages,2500,credit\n"),
            ("date,description,debit,credit", "2026-01-02,Wages,,2500\n"),
        ] {
            rent("said.csv", header, rows).unwrap();
        }
    }

    #[test]
    fn several_accounts_are_kept_apart() {
        let content = "date,description,amount,account,balance\n2026-01-01,Wages,10,Checking,10\n\
            2026-01-02,Interest,1,Savings,501\n2026-01-03,Shoes,-40,Credit Card,-40\n";
        let household = read("accounts.csv", content).unwrap();
        let kinds: Vec<(AccountType, &str, i64)> = household
            .accounts
            .iter()
            .map(|one| (one.kind, one.subtype.as_str(), one.balance.minor))
            .collect();
        let expect = [
            (AccountType::Depository, "checking", 1_000),
            (AccountType::Credit, "credit card", 4_000),
            (AccountType::Depository, "savings", 50_100),
        ];
        assert_eq!(kinds, expect);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let check = |content: &str, line: Option<u64>, says: &str| {
            let (at, problem) = problem("bad.csv", content);
            assert!(problem.contains(says), "{content}: {problem}");
            assert_eq!(at, line, "{content}: {problem}");
        };
        check("when,description,amount\n", Some(1), "date column");
        check("date,amount\n", Some(1), "description column");
        check("date,description,debit\n", Some(1), "amount (or a debit and a credit)");
        check("date,description,amount\n", None, "no transaction");
        check("date,description,amount\n2026-01-01,A,1\nsoon,B,2\n", Some(3), "`soon` is not a date");
        check("date,description,amount\n2026-01-01,A,1\n2026-01-02,B,two\n", Some(3), "two");
        check("date,description,amount\n2026-01-01,A,\n", Some(2), "amount is missing");
        for amount in ["12,50", "-12,50", "1250,5", "1,2345", "1.250,00", ",500", "1,00,000", "12.5,000"] {
            let content = format!("date,description,amount\n2026-01-01,A,1\n2026-01-02,B,\"{amount}\"\n");
            check(&content, Some(3), &format!("`{amount}` has a comma that separates no thousands"));
        }
        check("date,description,amount\n2026-01-01,A\n", Some(2), "2 fields");
        check("id,date,description,amount\nx,2026-01-01,A,-1\nx,2026-01-02,B,-2\n", Some(3), "appears twice");
        check("date,description,amount,currency\n2026-01-01,A,1,euros\n", Some(2), "three-letter");
    }
}

mod beancount {
    use super::*;

    const LEDGER: &str = r#"option "title" "The Smiths"
option "operating_currency" "USD"
2025-01-01 open Assets:Bank:Checking USD
2026-01-02 * "Opening"
  Assets:Bank:Checking   1000.00 USD
  Equity:Opening-Balances
2026-01-04 * "RiverBank Properties" "Paying the rent"
  Assets:Bank:Checking  -400.00 USD
  Expenses:Home:Rent     400.00 USD
2026-01-05 * "Cafe" "Eating out"
  Liabilities:US:Chase:Slate  -25.31 USD
  Expenses:Food:Restaurant
2026-01-06 * "Paying off credit card"
  Liabilities:US:Chase:Slate   20.00 USD
  Assets:Bank:Checking        -20.00 USD
2026-01-07 * "Buy"
  Assets:US:ETrade:VEA    2 VEA {50.00 USD}
  Assets:US:ETrade:Cash  -100.00 USD
2026-01-07 * "Savings"
  Assets:Bank:Checking   -150.00 USD
  Assets:US:ETrade:Cash   150.00 USD
2026-01-08 * "Payroll"
  Assets:Bank:Checking    900.00 USD
  Assets:US:Vanguard:Cash 100.00 USD
  Income:US:Hooli:Match401k -100.00 USD
  Income:US:Hooli:Salary
2026-01-08 * "Plan buys"
  Assets:US:Vanguard:RGAGX 1 RGAGX {90.00 USD}
  Assets:US:Vanguard:Cash
2026-01-09 price VEA 45.00 USD
"#;

    #[test]
    fn accounts_balances_and_categories_come_from_the_postings() {
        let household = read("smith.beancount", LEDGER).unwrap();
        assert_eq!((household.name.as_str(), household.as_of), ("The Smiths", date(2026, 1, 8)));
        let accounts: Vec<(&str, &str, i64)> = household
            .accounts
            .iter()
            .map(|one| (one.id.as_str(), one.subtype.as_str(), one.balance.minor))
            .collect();
        let expect = [
            ("acc_assets_bank_checking", "checking", 133_000),
            ("acc_assets_us_etrade", "brokerage", 14_000),
            ("acc_assets_us_vanguard", "401k", 10_000),
            ("acc_liabilities_us_chase_slate", "credit card", 531),
        ];
        assert_eq!(accounts, expect);
        let seen: Vec<(&str, i64, &str)> = household
            .transactions
            .iter()
            .map(|one| (one.name.as_str(), one.amount.minor, one.category.as_str()))
            .collect();
        let card = "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT";
        let expect = [
            ("Opening", -100_000, "TRANSFER_IN_ACCOUNT_TRANSFER"),
            ("RiverBank Properties Paying the rent", 40_000, "RENT_AND_UTILITIES_RENT"),
            ("Cafe Eating out", 2_531, "FOOD_AND_DRINK_RESTAURANT"),
            ("Paying off credit card", -2_000, card),
            ("Paying off credit card", 2_000, card),
            ("Savings", 15_000, "TRANSFER_OUT_INVESTMENT_AND_RETIREMENT_FUNDS"),
            ("Payroll", -90_000, "INCOME_OTHER_INCOME"),
        ];
        assert_eq!(seen, expect);
        assert_eq!(household.holdings.len(), 2);
        let figures = figures::of_household(&household).unwrap();
        assert_eq!(figures.liquid, Money::usd(133_000));
        assert_eq!(figures.unrealised_losses, Money::usd(1_000), "in the taxable account");
    }

    #[test]
    fn mistakes_are_named_with_file_and_line() {
        let check = |content: &str, line: u64, says: &str| {
            let (at, problem) = problem("bad.beancount", content);
            assert!(problem.contains(says), "{problem}");
            assert_eq!(at, Some(line), "{problem}");
        };
        check(&LEDGER.replacen("2026-01-05 * \"Cafe\"", "2026-01-05 * Cafe", 1), 10, "not valid beancount");
        check(
            &LEDGER.replacen("Liabilities:US:Chase:Slate  -25.31 USD", "Liabilities:US:Chase:Slate", 1),
            10,
            "more than one posting",
        );
        // What the parser passes over like a comment.
        check(
            &LEDGER.replacen("  Assets:Bank:Checking  -400.00 USD", "  Assets:Bank:Checking  -400.0x USD", 1),
            8,
            "not valid",
        );
        check(
            &LEDGER.replacen("  Assets:Bank:Checking  -400.00 USD", "  ! Assets:Bank:Checking  USD", 1),
            8,
            "not valid",
        );
        check(&LEDGER.replacen("2026-01-05 * \"Cafe\"", "2026-13-05 * \"Cafe\"", 1), 10, "not valid");
        check(&LEDGER.replacen("2026-01-09 price", "2026-01-09 prize", 1), 30, "not valid");
        let (at, problem) = problem("empty.beancount", "2025-01-01 open Assets:Bank:Checking USD\n");
        assert_eq!((at, problem.as_str()), (None, "has no transaction"));
        let missing = read("top.beancount", "include \"gone.beancount\"\n").unwrap_err();
        assert!(missing.to_string().contains("gone.beancount"), "{missing}");
    }

    /// Accounts and figures of a ledger that keeps its money at `Assets:Bank:Chase`, in `currency`.
    fn named_after_its_bank(options: &str, currency: &str) -> Result<Household, HouseholdError> {
        let ledger = format!(
            "{options}\n2026-01-02 * \"Acme\" \"Salary\"\n  Assets:Bank:Chase  2000.00 {currency}\n  Income:Salary\n\
            2026-01-04 * \"Rent\"\n  Assets:Bank:Chase  -900.00 {currency}\n  Expenses:Rent\n\
            2026-01-05 * \"Dinner\"\n  Assets:Bank:Chase  -40.00 {currency}\n  Assets:Receivable:Bob  20.00 {currency}\n  Expenses:Food\n\
            2026-01-06 * \"Plan\"\n  Assets:Work:401k  50.00 {currency}\n  Income:Match\n\
            2026-01-07 * \"Wear\"\n  Assets:Car  -100.00 {currency}\n  Expenses:Depreciation\n\
            2026-01-07 * \"New car\"\n  Assets:Car  300.00 {currency}\n  Expenses:Fees  10.00 {currency}\n  Equity:Gift\n\
            2026-01-08 * \"Leave\"\n  Assets:Work:Leave  5 HOURS\n  Income:Leave\n"
        );
        read("chase.beancount", &ledger)
    }

    #[test]
    fn an_account_that_pays_and_earns_is_a_bank_account_whatever_its_name() {
        for (options, currency) in [
            ("option \"operating_currency\" \"USD\"", "USD"),
            ("option \"operating_currency\" \"EUR\"", "EUR"),
            // Without the option, in what most postings are in.
            ("", "EUR"),
            ("", "USD"),
        ] {
            let household = named_after_its_bank(options, currency).unwrap();
            let accounts: Vec<(&str, &str, i64)> = household
                .accounts
                .iter()
                .map(|one| (one.name.as_str(), one.subtype.as_str(), one.balance.minor))
                .collect();
            assert_eq!(accounts, [("Assets:Bank:Chase", "checking", 106_000)], "{options} {currency}");
            assert_eq!(household.currency.code(), currency);
            let figures = figures::of_household(&household).unwrap();
            assert_eq!(figures.liquid.to_string(), Money::new(106_000, household.currency).to_string());
        }
    }

    #[test]
    fn a_ledger_without_a_bank_account_is_refused_with_account_and_line() {
        let Err(HouseholdError::Bad { place, problem: said }) =
            named_after_its_bank("option \"operating_currency\" \"USD\"", "EUR")
        else {
            panic!("accounts in another currency were read");
        };
        assert_eq!(place.line, Some(2), "{said}");
        for part in ["`Assets:Bank:Chase`", "Checking, Savings or MoneyMarket", "in USD"] {
            assert!(said.contains(part), "{said}");
        }
        let (line, problem) = problem(
            "card.beancount",
            "2026-01-02 * \"Cafe\"\n  Liabilities:Card  -5.00 USD\n  Expenses:Food\n",
        );
        assert!(line.is_none() && problem.contains("has no bank account"), "{problem}");
    }

    #[test]
    fn what_says_nothing_about_money_is_no_mistake() {
        let more = "* Notes\n2026-01-01 note Assets:Bank:Checking \"hello\"\n2026-01-02 custom \"budget\" 1.00 USD\n; 2026-13-01 *\n";
        let tagged =
            LEDGER.replacen("\"Paying the rent\"", "\"Paying the rent\" #flat\n  place: \"Home\"", 1);
        read("more.beancount", &format!("{tagged}{more}")).unwrap();
    }

    #[test]
    fn a_pad_is_what_the_next_balance_lacks() {
        let balances = |ledger: &str| -> Vec<(String, i64)> {
            let household = read("padded.beancount", ledger).unwrap();
            household.accounts.into_iter().map(|one| (one.id, one.balance.minor)).collect()
        };
        let opening =
            "2026-01-02 * \"Opening\"\n  Assets:Bank:Checking   1000.00 USD\n  Equity:Opening-Balances\n";
        let pad = "2026-01-02 pad Assets:Bank:Checking Equity:Opening-Balances\n";
        // At the beginning of its day: before the rent, and after it, what was left out in between in euros or below.
        for balance in [
            "2026-01-03 balance Assets:Bank:Checking 1000.00 USD\n",
            "2026-01-04 balance Assets:Bank:Checking 1000.00 USD\n",
            "2026-01-05 balance Assets:Bank:Checking 600.00 USD\n2026-01-07 balance Assets:Bank:Checking 580.00 USD\n",
        ] {
            let padded = LEDGER.replacen(opening, &format!("{pad}{balance}"), 1);
            assert_ne!(padded, LEDGER);
            assert_eq!(balances(&padded), balances(LEDGER), "{balance}");
        }
        let twice = "2026-01-03 balance Assets:Bank:Checking 900.00 USD\n2026-01-03 pad Assets:Bank:Checking Expenses:Unknown\n2026-01-05 balance Assets:Bank:Checking 600.00 USD\n";
        let padded = LEDGER.replacen(opening, &format!("{pad}{twice}"), 1);
        assert_eq!(balances(&padded), balances(LEDGER), "900 at first, then 100 more");
        for after in [
            "",
            "2026-01-02 balance Assets:Bank:Checking 1000.00 USD\n",
            "2026-01-03 balance Assets:Bank:Savings 5.00 USD\n",
        ] {
            let (at, problem) =
                problem("bad.beancount", &LEDGER.replacen(opening, &format!("{pad}{after}"), 1));
            assert_eq!(at, Some(4), "{after}");
            assert!(
                problem.contains("pads `Assets:Bank:Checking`, and no balance of it follows"),
                "{problem}"
            );
        }
    }

    #[test]
    fn a_total_price_goes_the_way_of_the_units() {
        for (euros, dollars) in [
            ("-100 EUR @@ 110 USD", 11_000),
            ("100 EUR @@ 110 USD", -11_000),
            ("-100 EUR @ 1.10 USD", 11_000),
        ] {
            let more =
                format!("2026-01-09 * \"Exchange\"\n  Assets:Bank:Euro  {euros}\n  Assets:Bank:Checking\n");
            let household = read("euro.beancount", &format!("{LEDGER}{more}")).unwrap();
            let checking = household.accounts.iter().find(|one| one.subtype == "checking").unwrap();
            assert_eq!(checking.balance.minor, 133_000 + dollars, "{euros}");
        }
    }

    #[test]
    fn the_projects_own_ledger_and_table_say_the_same_and_trigger() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("households");
        let known = ["okafor.beancount", "okafor.csv"].map(|name| {
            let household = load(&Source::of(folder.join(name))).unwrap();
            let figures = figures::of_household(&household).unwrap();
            assert!(
                figures.runway_months < 3.0 && figures.runway_months > 1.0,
                "{name}: {}",
                figures.runway_months
            );
            assert!(household.subscriptions.len() >= 2, "{name}: {:?}", household.subscriptions.keys());
            let mut kinds: Vec<BillKind> = household.bills.values().map(|bill| bill.kind).collect();
            kinds.sort_unstable();
            assert_eq!(kinds, [BillKind::Internet, BillKind::Phone, BillKind::Insurance], "{name}");
            (figures.liquid, figures.monthly_income, figures.monthly_outflow, household.subscriptions.len())
        });
        assert_eq!(known[0], known[1]);
    }

    #[test]
    fn the_example_ledger_triggers() {
        let Some(path) = others::path("households/bean-example-seed42.beancount") else { return };
        let household = load(&Source::of(path)).unwrap();
        let oldest = household.transactions.first().unwrap().date;
        assert!(oldest >= date(2023, 12, 1), "the last 24 months only: {oldest}");
        // The ledger itself asserts 370.40 on 2025-12-13; nothing but those movements follows.
        let checking = household.accounts.iter().find(|one| one.subtype == "checking").unwrap();
        let since: i64 = household
            .transactions
            .iter()
            .filter(|one| one.account_id == checking.id && one.date >= date(2025, 12, 13))
            .map(|one| one.amount.minor)
            .sum();
        assert_eq!(checking.balance.minor, 37_040 - since);
        let figures = figures::of_household(&household).unwrap();
        assert!(figures.runway_months < 3.0, "{}", figures.runway_months);
        let kinds: Vec<BillKind> = household.bills.values().map(|bill| bill.kind).collect();
        assert!(kinds.contains(&BillKind::Phone) && kinds.contains(&BillKind::Internet), "{kinds:?}");
        for bill in household.bills.values() {
            assert!(household.retention.contains_key(&bill.id), "{}", bill.id);
            assert!(bill.next_charge_on > household.as_of, "{}", bill.id);
        }
    }
}

mod plaid_users {
    use super::*;

    #[test]
    fn a_card_with_its_terms() {
        let content = r#"{"override_accounts": [{"type": "credit", "subtype": "credit card", "starting_balance": 1245.67,
            "meta": {"name": "Card", "limit": 10000}, "liability": {"type": "credit", "purchase_apr": 16.99, "minimum_payment_amount": 35},
            "identity": {"names": ["Ann Lee"], "addresses": [{"data": {"city": "Reno", "region": "NV"}}]},
            "transactions": [{"date_transacted": "2026-07-20", "date_posted": "2026-07-21", "amount": 87.43, "description": "Shop"}]}]}"#;
        let household = read("ann.json", content).unwrap();
        assert_eq!((household.name.as_str(), household.user_id.as_str()), ("Ann Lee", "ann"));
        assert_eq!(household.accounts[0].balance, Money::usd(124_567));
        assert_eq!(household.accounts[0].limit, Some(Money::usd(1_000_000)));
        assert_eq!(household.liabilities[0].apr.to_string(), "16.99");
        assert_eq!(household.address.city.as_deref(), Some("Reno"));
        assert_eq!(household.as_of, date(2026, 7, 21));
    }

    #[test]
    fn an_account_without_a_balance_never_went_below_zero() {
        let content = r#"{"override_accounts": [{"type": "depository", "subtype": "checking", "transactions": [
            {"date_transacted": "2026-07-01", "amount": 30, "description": "Shop"},
            {"date_transacted": "2026-07-02", "amount": -100, "description": "Wages"},
            {"date_transacted": "2026-07-03", "amount": 50.5, "description": "Rent"}]}]}"#;
        assert_eq!(read("x.json", content).unwrap().accounts[0].balance, Money::usd(4_950));
    }

    #[test]
    fn mistakes_are_named() {
        let check = |content: &str, line: Option<u64>, says: &str| {
            let (at, problem) = problem("bad.json", content);
            assert!(problem.contains(says), "{content}: {problem}");
            assert_eq!(at, line, "{content}: {problem}");
        };
        check("{\n\"override_accounts\": [\n", Some(3), "EOF");
        check("{}", None, "no `override_accounts`");
        check(r#"{"override_accounts": [{"type": "shoe box"}]}"#, None, "no dated transaction");
        let typed = |kind: &str, amount: &str| {
            format!(
                "{{\"override_accounts\": [{{\"type\": {kind}, \"transactions\": [\n{{\"date_transacted\": \"2026-07-01\", \"amount\": {amount}, \"description\": \"x\"}}]}}]}}"
            )
        };
        check(&typed("\"shoe box\"", "1"), None, "override_accounts[0].type: `shoe box`");
        check(&typed("null", "1"), None, "override_accounts[0].type: is missing");
        check(&typed("\"depository\"", "\"ten\""), Some(2), "ten");
        check(&typed("\"depository\"", "1.005"), None, "transactions[0]");
        check(&typed("\"payroll\"", "1"), None, "no bank, card, loan or investment account");
    }

    #[test]
    fn each_of_plaids_own_is_read_or_said_why_not() {
        let Some(users) = others::path("plaid-sandbox-users") else { return };
        let mut read = 0;
        for entry in std::fs::read_dir(users).unwrap() {
            let path = entry.unwrap().path();
            let source = Source { as_of: Some(date(2026, 9, 1)), ..Source::of(&path) };
            match load(&source) {
                Ok(household) => {
                    read += 1;
                    figures::of_household(&household).unwrap();
                }
                Err(error) => {
                    let text = error.to_string();
                    let known = ["no `override_accounts`", "no bank, card", "expected a date"];
                    assert!(known.iter().any(|reason| text.contains(reason)), "{text}");
                }
            }
        }
        assert!(read >= 22, "{read}");
    }
}

mod made_up {
    use super::*;

    /// Two years of monthly charges.
    fn statement(lines: &[(&str, &str, &str)]) -> String {
        let mut content = "date,description,amount,category\n".to_owned();
        for month in 1..=12 {
            for (name, amount, category) in lines {
                content += &format!("2026-{month:02}-05,{name},{amount},{category}\n");
            }
        }
        content
    }

    #[test]
    fn recurring_charges_become_subscriptions_and_bills() {
        let lines = [
            ("Netflix", "-15.49", "subscription"),
            ("Verizon Wireless", "-70.00", "phone"),
            ("Green Residency", "-900.00", "housing"),
            ("Acme Payroll", "2500.00", "income"),
        ];
        let household = read("made.csv", &statement(&lines)).unwrap();
        let netflix = household.subscriptions.values().next().unwrap();
        assert_eq!((netflix.price, netflix.next_charge_on), (Money::usd(1_549), Some(date(2027, 1, 5))));
        assert_eq!(netflix.tiers[0].price, Money::usd(929));
        let verizon = household.bills.values().next().unwrap();
        assert_eq!((verizon.kind, verizon.price), (BillKind::Phone, Money::usd(7_000)));
        assert_eq!((household.subscriptions.len(), household.bills.len()), (1, 1), "rent is no such bill");
        assert_eq!(household.offers[0].price, Money::usd(5_600));
        assert_eq!(household.offers[0].source, "sandbox-default");
        assert_eq!(household.gigs.len(), 3);
    }

    #[test]
    fn broadband_offers_are_added_by_city() {
        let csv = "city,state,provider,package,price_usd_month,speed_down_mbps,speed_up_mbps,technology,addresses_offered\n\
            reno,NV,Fast,Fast 10,49.95,10.0,0.75,Copper,2\nReno,nv,Slow,Slow 3,39.95,3.0,0.5,Copper,2\nelko,NV,Far,Far 1,9.95,1,1,Copper,2\n";
        let (_folder, broadband) = file("isp.csv", csv);
        let rivera = Path::new(env!("CARGO_MANIFEST_DIR")).join("households/rivera.yaml");
        let text = std::fs::read_to_string(rivera)
            .unwrap()
            .replace("city: Albuquerque, state: NM", "city: Reno, state: NV");
        let (_other, path) = file("reno.yaml", &text);
        let own = load(&Source::of(&path)).unwrap().offers.len();
        let household = load(&Source { broadband: Some(broadband), ..Source::of(&path) }).unwrap();
        let added: Vec<(&str, i64)> =
            household.offers[own..].iter().map(|one| (one.provider.as_str(), one.price.minor)).collect();
        assert_eq!(added, [("Slow", 3_995), ("Fast", 4_995)]);
    }

    #[test]
    fn a_file_in_another_encoding_is_named_with_its_line() {
        for name in ["latin.csv", "latin.json", "latin.yaml", "latin.beancount"] {
            let (_folder, path) = file(name, "");
            std::fs::write(&path, b"date,description,amount\n2026-01-01,Caf\xe9,-3\n").unwrap();
            let error = load(&Source::of(&path)).unwrap_err().to_string();
            let said = format!("{name}:2: byte 0xe9 is not UTF-8; save the file as UTF-8");
            assert!(error.contains(&said), "{error}");
        }
    }

    #[test]
    fn other_files_are_no_households() {
        assert!(matches!(read("notes.txt", "hello"), Err(HouseholdError::UnknownFormat { .. })));
        assert!(matches!(load(&Source::of("/nowhere.csv")), Err(HouseholdError::Unreadable { .. })));
    }

    #[test]
    fn labelled_people_are_read_one_by_one() {
        let Some(path) = others::path("households/finforge-seed42-20users.csv") else { return };
        for number in 1..=20 {
            let person = format!("user_{number:06}");
            let household = load(&Source { person: Some(person.clone()), ..Source::of(&path) }).unwrap();
            figures::of_household(&household).unwrap();
            assert_eq!(household.user_id, person);
        }
        let early = Source {
            person: Some("user_000005".into()),
            as_of: Some(date(2026, 2, 28)),
            ..Source::of(&path)
        };
        let figures = figures::of_household(&load(&early).unwrap()).unwrap();
        assert!(figures.runway_months < 3.0, "{}", figures.runway_months);
    }
}
