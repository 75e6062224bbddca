//! Descriptors to merchants, and merchants to categories.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod household;

use finance::category::{Category, categorise};
use finance::merchant::normalise;
use finance::transaction::ProviderCategory;
use household::tx;
use proptest::prelude::*;

#[test]
fn descriptors() {
    let cases = [
        ("SQ *BLUE BOTTLE COFFEE", "Blue Bottle Coffee"),
        ("SQ *BLUE BOTTLE COFFEE Oakland CA", "Blue Bottle Coffee"),
        ("TST* THE CORNER DELI 0042", "The Corner Deli"),
        ("PAYPAL *SPOTIFY 402-935-7733 CA", "Spotify"),
        ("STARBUCKS STORE 01234 SEATTLE WA", "Starbucks"),
        ("STARBUCKS #1042", "Starbucks"),
        ("NETFLIX.COM 866-579-7172 CA", "Netflix"),
        ("Netflix.com Los Gatos CA", "Netflix"),
        ("AMZN Mktp US*2A34B5", "Amazon"),
        ("AMAZON PRIME*RT4Y7", "Amazon Prime"),
        ("APPLE.COM/BILL 866-712-7753 CA", "Apple"),
        ("GOOGLE *YouTubePremium", "YouTube Premium"),
        ("COMCAST CABLE COMM 800-266-2278", "Xfinity"),
        ("VZWRLSS*APOCC VISB", "Verizon Wireless"),
        ("ATT* BILL PAYMENT", "AT&T"),
        ("POS DEBIT WAL-MART #0123", "Walmart"),
        ("CHECKCARD 0412 TRADER JOE'S #552 BERKELEY CA", "Trader Joes"),
        ("RECURRING PAYMENT AUTHORIZED ON 03/14 HULU 877-8244858 CA", "Hulu"),
        ("ACME LLC", "Acme"),
        ("GEICO *AUTO 800-841-3000 DC", "GEICO"),
        ("Uber Payout", "Uber Payout"),
        ("7-ELEVEN", "7-eleven"),
        ("CITY POWER CO", "City Power"),
        ("Nature's Basket", "Natures Basket"),
        ("LINKEDIN 65238914", "Linkedin"),
        ("12345", "12345"),
        ("", ""),
    ];
    for (text, name) in cases {
        assert_eq!(normalise(text).name, name, "{text}");
    }
}

#[test]
fn categories_by_text() {
    use Category::*;
    let cases = [
        ("COMCAST CABLE COMM 800-266-2278", "89.99", Internet),
        ("VERIZON WIRELESS", "70", Phone),
        ("DIRECTV SERVICE", "110", Cable),
        ("GEICO *AUTO", "130", Insurance),
        ("NETFLIX.COM", "15.49", Subscription),
        ("WHOLE FOODS MARKET", "80", Groceries),
        ("SQ *BLUE DOOR CAFE", "5", Dining),
        ("CITY POWER & LIGHT", "120", Utilities),
        ("Mortgage Payment", "1800", Housing),
        ("Student Loan Repayment", "300", DebtPayment),
        ("Auto Loan Payment", "300", DebtPayment),
        ("Discover credit card payment", "900", CardPayment),
        ("AMEX EPAYMENT; ACH PMT", "900", CardPayment),
        ("ONLINE TRANSFER TO SAVINGS", "200", Transfer),
        ("Zelle payment to landlord", "50", Housing),
        ("ACME PAYROLL", "-2000", Income),
        ("Uber Payout", "-120", Income),
        ("Uber 072515 SF**POOL**", "18", Transport),
        ("UBER EATS", "25", Dining),
        ("OVERDRAFT FEE", "35", Fees),
        ("CVS PHARMACY", "12", Health),
        ("ESTIMATED TAX IRS", "500", Tax),
        ("UNKNOWN THING", "5", Other),
        ("SOMEBODY", "-5", Income),
        // Whole words only: "bar" is not in "barnes", "pub" not in "public storage".
        ("BARNES & NOBLE", "20", Other),
        ("PUBLIC STORAGE", "90", Other),
    ];
    for (text, amount, category) in cases {
        assert_eq!(categorise(&tx("2025-01-01", text, amount)), category, "{text}");
    }
}

#[test]
fn the_provider_knows_better_except_about_double_counting() {
    let with = |text: &str, primary: &str, detailed: Option<&str>| {
        let mut one = tx("2025-01-01", text, "20");
        one.category =
            Some(ProviderCategory { primary: primary.to_owned(), detailed: detailed.map(str::to_owned) });
        categorise(&one)
    };
    let cases = [
        ("ANYTHING", "RENT_AND_UTILITIES", Some("RENT_AND_UTILITIES_RENT"), Category::Housing),
        ("ANYTHING", "RENT_AND_UTILITIES", Some("RENT_AND_UTILITIES_INTERNET_AND_CABLE"), Category::Internet),
        ("ANYTHING", "FOOD_AND_DRINK", Some("FOOD_AND_DRINK_GROCERIES"), Category::Groceries),
        ("NETFLIX", "ENTERTAINMENT", Some("ENTERTAINMENT_OTHER_ENTERTAINMENT"), Category::Subscription),
        ("STARBUCKS", "TRAVEL", None, Category::Travel),
        ("CHASE CREDIT CARD PAYMENT", "GENERAL_SERVICES", None, Category::CardPayment),
        ("STUDENT LOAN TRANSFER", "LOAN_PAYMENTS", None, Category::DebtPayment),
        ("ANYTHING", "groceries", None, Category::Groceries),
        ("ANYTHING", "Expenses:Home:Rent", None, Category::Housing),
        ("ANYTHING", "Expenses:Food:Restaurant", None, Category::Dining),
        ("WHOLE FOODS", "a word nobody knows", None, Category::Groceries),
    ];
    for (text, primary, detailed, category) in cases {
        assert_eq!(with(text, primary, detailed), category, "{text} as {primary}");
    }
}

proptest! {
    #[test]
    fn a_key_is_its_own_key(text in "[A-Za-z0-9 #*./&-]{0,40}") {
        let once = normalise(&text);
        prop_assert_eq!(&normalise(&once.key).key, &once.key);
        prop_assert_eq!(once.key.is_empty(), !text.chars().any(char::is_alphanumeric));
    }

    #[test]
    fn any_text_is_read(text in ".{0,60}") {
        let _ = normalise(&text);
        let _ = categorise(&tx("2025-01-01", &text, "1"));
    }

    #[test]
    fn noise_around_a_name_is_dropped(number in 1_000_u32..99_999, prefix in prop::sample::select(vec!["", "SQ *", "TST* ", "PAYPAL *", "POS DEBIT "])) {
        let text = format!("{prefix}GREEN LEAF BOOKS #{number} PORTLAND OR");
        prop_assert_eq!(normalise(&text).key, "green leaf books");
    }
}
