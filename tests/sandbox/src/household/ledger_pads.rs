//! Pads: a transaction that a ledger leaves to be worked out, from the balance that is asserted after it
//! (<https://beancount.github.io/docs/beancount_language_syntax.html#pad>).

use std::path::PathBuf;

use beancount_parser::{Account, Amount, Date, Directive, DirectiveContent, Pad, Posting, Transaction};
use rust_decimal::Decimal;

use super::error::HouseholdError;
use super::ledger_amounts::amounts;

type Dated = (PathBuf, Directive<Decimal>);

/// Puts the transaction that it stands for in the place of every pad. `directives` are in order of date.
///
/// # Errors
/// [`HouseholdError::Bad`] with file and line, for a pad that no balance follows.
pub(super) fn fill_pads(directives: &mut [Dated], operating: &str) -> Result<(), HouseholdError> {
    for at in 0..directives.len() {
        let (file, one) = &directives[at];
        let DirectiveContent::Pad(pad) = &one.content else { continue };
        let wanted = balances(&directives[at..], pad);
        if wanted.is_empty() {
            let problem = format!("pads `{}`, and no balance of it follows", pad.account.as_str());
            return Err(HouseholdError::at(file, u64::from(one.line_number), problem));
        }
        // What it pads in other currencies, no account here shows.
        let Some((until, mut missing)) =
            wanted.into_iter().find(|(_, amount)| amount.currency.as_str() == operating)
        else {
            continue;
        };
        missing.value -= before(directives, &pad.account, until, operating);
        directives[at].1.content = DirectiveContent::Transaction(padding(pad, missing));
    }
    Ok(())
}

/// Days and amounts of the balances of the padded account after the pad's day, until its next pad.
fn balances(from_pad: &[Dated], pad: &Pad) -> Vec<(Date, Amount<Decimal>)> {
    let mut found = Vec::new();
    let Some(((_, this), rest)) = from_pad.split_first() else { return found };
    for (_, one) in rest {
        match &one.content {
            DirectiveContent::Balance(it) if it.account == pad.account && one.date > this.date => {
                found.push((one.date, it.amount.clone()));
            }
            DirectiveContent::Pad(next) if next.account == pad.account => break,
            _ => {}
        }
    }
    found
}

/// What an account and those below it hold at the beginning of a day.
fn before(directives: &[Dated], account: &Account, day: Date, operating: &str) -> Decimal {
    let mut sum = Decimal::ZERO;
    for (_, one) in directives.iter().filter(|(_, one)| one.date < day) {
        let DirectiveContent::Transaction(transaction) = &one.content else { continue };
        let held = transaction.postings.iter().zip(amounts(&transaction.postings, operating));
        sum += held
            .filter(|(posting, _)| is_within(posting, account))
            .filter_map(|(_, amount)| amount)
            .sum::<Decimal>();
    }
    sum
}

fn is_within(posting: &Posting<Decimal>, account: &Account) -> bool {
    let below = posting.account.as_str().strip_prefix(account.as_str());
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn padding(pad: &Pad, missing: Amount<Decimal>) -> Transaction<Decimal> {
    let mut taken = missing.clone();
    taken.value = -taken.value;
    let mut source = Posting::from_account(pad.source_account.clone());
    source.amount = Some(taken);
    let mut padded = Posting::from_account(pad.account.clone());
    padded.amount = Some(missing);
    let mut transaction = Transaction::default();
    transaction.narration = Some(format!("Padding of {}", pad.account.as_str()));
    transaction.postings = vec![padded, source];
    transaction
}
