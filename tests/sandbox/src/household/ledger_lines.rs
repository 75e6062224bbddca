//! Finds lines of a ledger that its parser passed over without a word: it takes whatever it cannot read for a comment.

use beancount_parser::{BeancountFile, DirectiveContent};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Directives that say nothing about money and that the parser leaves out.
const OTHERS: [&str; 4] = ["note", "document", "query", "custom"];

/// The first line (counted from 1) that should have been a directive or a posting and is none.
pub(super) fn passed_over(text: &str, parsed: &BeancountFile<Decimal>) -> Option<u64> {
    let postings: BTreeMap<usize, usize> = parsed
        .directives
        .iter()
        .map(|one| match &one.content {
            DirectiveContent::Transaction(it) => (one.line_number as usize, it.postings.len()),
            _ => (one.line_number as usize, 0),
        })
        .collect();
    // Postings still to come of the transaction that the line belongs to; none outside of one that was read.
    let mut left = None;
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with(|first: char| first.is_ascii_digit()) {
            left = postings.get(&number).copied();
            let word = line.split_whitespace().nth(1).unwrap_or_default();
            if left.is_none() && !OTHERS.contains(&word) {
                return Some(number as u64);
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some(count) = left.as_mut().filter(|_| is_posting(line)) {
                *count = match count.checked_sub(1) {
                    Some(rest) => rest,
                    None => return Some(number as u64),
                };
            }
        } else if !line.is_empty() {
            left = None;
        }
    }
    None
}

/// Whether an indented line names an account, behind a flag perhaps; metadata begins in lower case.
fn is_posting(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let account = if first.len() == 1 { words.next().unwrap_or_default() } else { first };
    account.starts_with(char::is_uppercase) && account.contains(':')
}
