//! Descriptor normalisation: one key for all the ways a bank writes one merchant.
//!
//! Plain ordered rules, no guessing: payment-processor prefixes (`SQ *`, `TST*`, `PAYPAL *`), card and
//! transfer boilerplate, phone, store and reference numbers, web-address wrapping, trailing city and state,
//! legal suffixes; then a table of brands whose descriptors vary beyond that (`AMZN MKTP`, `VZWRLSS`). Rules
//! run until nothing changes, so normalising a key again gives the same key.

mod brands;
mod places;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::transaction::Transaction;

/// A merchant as read from a descriptor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// Lower-case key to group by, such as `blue bottle coffee`.
    pub key: String,
    /// Name to show, such as `Blue Bottle Coffee`.
    pub name: String,
}

/// Text before the merchant's name that names a processor, a card network or a bank's own boilerplate.
#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "SQ *", "SQ*", "SQC*", "GOSQ.COM ", "TST* ", "TST*", "PAYPAL *", "PAYPAL*", "PAYPAL INST XFER ",
    "PYPL *", "PYPL*", "PP*", "SP * ", "SP *", "SP*", "IN *", "CKE*", "EB *", "WPY*", "FS *", "BT*",
    "PY *", "ZZZ*", "STRIPE*", "KLARNA*", "AFTERPAY *", "GOOGLE *", "GOOGLE*", "APL*", "APL* ", "HLU*",
    "DD *", "CLOVER*", "LEVELUP*", "PAR*", "ACT*", "2CO*", "2CO.COM*", "FSP*", "POS DEBIT ",
    "POS PURCHASE ", "POS WITHDRAWAL ", "POS ", "DEBIT CARD PURCHASE ", "DEBIT CARD ", "DEBIT PURCHASE ",
    "CHECKCARD ", "CHECK CARD ", "CARD PURCHASE ", "PURCHASE AUTHORIZED ON ",
    "RECURRING PAYMENT AUTHORIZED ON ", "RECURRING PAYMENT ", "RECURRING ", "PREAUTHORIZED DEBIT ",
    "PREAUTHORIZED WD ", "ACH DEBIT ", "ACH CREDIT ", "ACH WITHDRAWAL ", "ACH DEPOSIT ", "ACH ",
    "VISA PURCHASE ", "VISA DDA PUR ", "WITHDRAWAL DEBIT CARD ", "WITHDRAWAL ", "EXTERNAL WITHDRAWAL ",
    "ONLINE PAYMENT TO ", "BILL PAYMENT TO ", "BILL PAY ", "PURCHASE ", "HTTPS", "HTTP", "WWW.",
 ];

/// Words at the end that say nothing about who the merchant is.
#[rustfmt::skip]
const SUFFIXES: &[&str] = &[
    "INC", "LLC", "LTD", "CORP", "CO", "COMPANY", "PBC", "GMBH", "USA", "US", "PPD", "CCD", "WEB",
    "RECURRING", "AUTOPAY", "AUTO PAY", "AUTOMATIC PAYMENT", "PURCHASE", "PMT", "PYMT", "PYMNT",
    "BILLPAY", "BILL PAYMENT", "ONLINE", "STORE",
 ];

/// Domain endings; what follows them is a path or a support number.
const DOMAINS: &[&str] = &[".COM", ".NET", ".ORG", ".CO", ".IO", ".TV", ".US", ".AI", ".APP"];

/// The merchant of a transaction: from the provider's clean name where there is one, else from the raw text.
#[must_use]
pub fn merchant(transaction: &Transaction) -> Merchant {
    let text = transaction.merchant.as_deref().filter(|name| !name.trim().is_empty());
    normalise(text.unwrap_or(&transaction.description))
}

/// The grouping key of a transaction's merchant.
#[must_use]
pub fn key(transaction: &Transaction) -> String {
    merchant(transaction).key
}

/// Reads a descriptor. Text made of noise alone keeps its letters and digits, so the key is empty only for
/// text that has neither.
#[must_use]
pub fn normalise(descriptor: &str) -> Merchant {
    let plain = ascii_upper(descriptor);
    let mut text = pass(&plain);
    // Every pass only drops text or maps to a brand that maps to itself, so a handful of passes reaches the
    // end.
    for _ in 0..8 {
        let next = pass(&text);
        if next == text {
            break;
        }
        text = next;
    }
    let name = title(&text);
    Merchant { key: text.to_lowercase(), name }
}

/// Letters to capitals, accents and typographic quotes dropped to plain text.
fn ascii_upper(text: &str) -> String {
    let labelled = text.rsplit_once("Merchant name:").map_or(text, |(_, name)| name);
    labelled.chars().flat_map(char::to_uppercase).filter(|c| *c != '\'' && *c != '’').collect()
}

fn pass(text: &str) -> String {
    let text = strip_prefixes(text.trim());
    let text = strip_domain(text);
    let text = text
        .split_once('*')
        .map_or(text.as_str(), |(name, _)| if has_letters(name) { name } else { text.as_str() });
    let tokens = words(text);
    let kept = strip_location(drop_numbers(&tokens));
    let kept = strip_suffixes(kept);
    let joined = if kept.is_empty() { tokens.join(" ") } else { kept.join(" ") };
    brands::canonical(&joined).map_or(joined, str::to_owned)
}

fn has_letters(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() >= 3
}

fn strip_prefixes(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        if !has_letters(rest) {
            break;
        }
        text = rest.trim_start_matches([' ', '*', ':', '/', '.']);
    }
    text
}

/// `NETFLIX.COM/BILL 866-579` → `NETFLIX`; a dot inside a name that is no known ending stays a word break.
fn strip_domain(text: &str) -> String {
    for domain in DOMAINS {
        if let Some(at) = text.find(domain) {
            let after = text[at + domain.len()..].chars().next();
            if has_letters(&text[..at]) && !after.is_some_and(char::is_alphanumeric) {
                let rest = text[at + domain.len()..].split_once(' ').map_or("", |(_, rest)| rest);
                return format!("{} {rest}", &text[..at]).trim().to_owned();
            }
        }
    }
    text.to_owned()
}

/// Words of letters and digits; `#`, `/` and `-` stay inside a word so that numbers can be recognised.
fn words(text: &str) -> Vec<String> {
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '#' | '&' | '-' | '/' | '+');
    let spaced: String = text.chars().map(|c| if keep(c) { c } else { ' ' }).collect();
    let words =
        spaced.split_whitespace().map(|word| word.trim_matches(|c: char| matches!(c, '-' | '/' | '+' | '&')));
    words.filter(|word| word.contains(char::is_alphanumeric)).map(str::to_owned).collect()
}

/// Whether a word is a store, reference, phone or card number, a date, or masked digits, rather than part of
/// a name.
fn is_number(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let masked = word.len() >= 2 && word.chars().all(|c| matches!(c, 'X' | '/' | '-')) && word.contains("XX");
    let date = word.contains('/') && digits >= 2 && letters == 0;
    word.starts_with('#')
        || masked
        || date
        || (letters == 0 && digits >= 3)
        || (digits >= 3 && letters + digits >= 6)
}

/// Drops numbers; everything after a number that follows a name is kept too, as the place rules know what to
/// do with it.
fn drop_numbers(tokens: &[String]) -> Vec<&str> {
    let kept: Vec<&str> = tokens.iter().map(String::as_str).filter(|word| !is_number(word)).collect();
    let number_at = tokens.iter().position(|word| is_number(word));
    let ends_in_state = kept.last().is_some_and(|word| places::is_state(word));
    match number_at {
        // `STARBUCKS 01234 SEATTLE WA`: after the store number comes only the place.
        Some(at) if at > 0 && ends_in_state && tokens[..at].iter().any(|word| has_letters(word)) => {
            tokens[..at].iter().map(String::as_str).filter(|word| !is_number(word)).collect()
        }
        _ => kept,
    }
}

/// Drops a trailing state and the city before it; the first word always stays.
fn strip_location(words: Vec<&str>) -> Vec<&str> {
    let mut words = words;
    if words.len() >= 2 && words.last().is_some_and(|word| places::is_state(word)) {
        let city = places::city_length(&words[..words.len() - 1]);
        // A two-letter word that is also a common word (`IN`, `OR`, `CO`) is a state only behind a known
        // city.
        if city > 0 || !words.last().is_some_and(|word| places::is_ambiguous(word)) {
            words.pop();
            words.truncate(words.len() - city);
        }
    } else {
        let city = places::city_length(&words);
        words.truncate(words.len() - city);
    }
    words
}

fn strip_suffixes(words: Vec<&str>) -> Vec<&str> {
    let mut words = words;
    loop {
        let length = SUFFIXES.iter().map(|suffix| ending(&words, suffix)).find(|length| *length > 0);
        let Some(length) = length else { return words };
        words.truncate(words.len() - length);
    }
}

/// How many words the ending has, if the words end so and are not that alone; else 0.
fn ending(words: &[&str], ending: &str) -> usize {
    let mut length = 0;
    for part in ending.rsplit(' ') {
        length += 1;
        // Something must stand before the ending.
        if length >= words.len() || words[words.len() - length] != part {
            return 0;
        }
    }
    length
}

/// `BLUE BOTTLE COFFEE` → `Blue Bottle Coffee`; brands the table spells its own way are left so.
fn title(text: &str) -> String {
    if let Some(spelled) = brands::spelled(text) {
        return spelled.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        let mut letters = word.chars();
        out.extend(letters.next());
        out.extend(letters.flat_map(char::to_lowercase));
    }
    out
}
