//! Time: trials convert, subscriptions and bills are charged, promotions end and savings move, day by day, at the
//! prices then in force.

use jiff::civil::Date;

use super::refusal::{Code, Refusal};
use super::state::World;
use super::transfers;
use crate::calendar::plus_days;
use crate::household::{Bill, Household, Subscription, SubscriptionStatus, bill_charge, subscription_charge};

impl World {
    /// Moves the clock to `day`.
    ///
    /// # Errors
    /// `conflict` when `day` lies in the past; `bad_request` when it lies more than five years ahead.
    pub fn move_clock(&mut self, household: &Household, day: Date) -> Result<(), Refusal> {
        if day < self.clock {
            let message = format!("it is {} already and the clock only moves forward", self.clock);
            return Err(Refusal::new(Code::Conflict, message));
        }
        if day > plus_days(self.clock, 5 * 366) {
            return Err(Refusal::bad("as_of", "lies more than five years ahead"));
        }
        while self.clock < day {
            self.clock = plus_days(self.clock, 1);
            self.live_through(household)?;
        }
        Ok(())
    }

    /// What happens on the clock's day.
    fn live_through(&mut self, household: &Household) -> Result<(), Refusal> {
        let today = self.clock;
        for subscription in self.subscriptions.values_mut() {
            if subscription.next_charge_on == Some(today) {
                self.charges.push(subscription_charge(subscription, subscription.price, today));
            }
            catch_up_subscription(subscription, today);
        }
        for bill in self.bills.values_mut() {
            if bill.next_charge_on == today {
                self.charges.push(bill_charge(bill, bill.price, today));
            }
            catch_up_bill(bill, today);
        }
        transfers::run(self, household)
    }
}

/// Brings a subscription's dates to `today`: a trial that is over is charged for, and the next charge lies ahead.
pub(super) fn catch_up_subscription(subscription: &mut Subscription, today: Date) {
    if subscription.status == SubscriptionStatus::Trial
        && subscription.trial_ends_on.is_some_and(|ends| ends < today)
    {
        subscription.status = SubscriptionStatus::Active;
        subscription.trial_ends_on = None;
    }
    if let Some(next) = subscription.next_charge_on.filter(|next| *next <= today) {
        subscription.next_charge_on = Some(subscription.cadence.next_after(next, today));
    }
}

/// Brings a bill's dates to `today`: a promotion that is over ends, and the next charge lies ahead.
pub(super) fn catch_up_bill(bill: &mut Bill, today: Date) {
    if bill.next_charge_on <= today {
        bill.next_charge_on = bill.cadence.next_after(bill.next_charge_on, today);
    }
    if bill.promo_ends_on.is_some_and(|ends| ends < today) {
        bill.promo_ends_on = None;
        bill.price = bill.price_after_promo.take().unwrap_or(bill.price);
        bill.applied_offer = None;
    }
    if bill.contract_ends_on.is_some_and(|ends| ends < today) {
        bill.contract_ends_on = None;
        bill.early_termination_fee = None;
    }
}
