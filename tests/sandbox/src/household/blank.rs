//! A household with nothing in it yet, for the readers to fill.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::Currency;

use super::model::{Address, Household};
use super::services::Person;

impl Household {
    /// An empty household of `user_id`, in `currency`, on `as_of`.
    pub(super) fn blank(user_id: &str, currency: Currency, as_of: Date) -> Self {
        Self {
            user_id: user_id.to_owned(),
            name: user_id.to_owned(),
            currency,
            as_of,
            address: Address::default(),
            accounts: Vec::new(),
            transactions: Vec::new(),
            subscriptions: BTreeMap::new(),
            bills: BTreeMap::new(),
            retention: BTreeMap::new(),
            offers: Vec::new(),
            gigs: Vec::new(),
            person: Person::default(),
            goals: Vec::new(),
            liabilities: Vec::new(),
            holdings: Vec::new(),
        }
    }
}
