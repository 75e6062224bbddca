//! Quick wins: which trials and subscriptions to cancel or downgrade, with a waste score and the reasons for
//! it.
//!
//! The score, 0 to 100, adds what speaks against a service: not used for long, a trial about to be charged, a
//! second service of the same purpose, a lasting price rise. Nothing is proposed without a reason; what is
//! used and alone is kept.

use jiff::civil::Date;
use money::{Money, MoneyError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::merchant;
use crate::order::sort_by;
use crate::recurrence::{Stream, StreamKind};
use crate::transaction::days_between;

/// A plan of a subscription's provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The provider's id.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// What it costs a month.
    pub monthly: Money,
}

/// A subscription as its provider's account shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The provider's id.
    pub id: String,
    /// Name of the service; its merchant key joins it to a stream.
    pub name: String,
    /// The present plan.
    pub plan: Plan,
    /// Day the trial turns into a paid subscription; none where no trial runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_ends: Option<Date>,
    /// Other plans one may change to.
    #[serde(default)]
    pub other_plans: Vec<Plan>,
    /// What it is for (`music`, `video`, `news`, `fitness` …), to find two of a kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Last day the service saw the user; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Date>,
    /// How many days of the last 90 it was used; none where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_used_of_90: Option<u32>,
    /// Whether it can be cancelled without a person.
    #[serde(default = "cancellable")]
    pub cancellable: bool,
}

fn cancellable() -> bool {
    true
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Action {
    /// End the running trial before it is charged.
    CancelTrial,
    /// End the subscription.
    Cancel,
    /// Change to a cheaper plan.
    Downgrade {
        /// The plan to change to.
        to: Plan,
    },
}

/// Why something is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Reason {
    /// The trial turns into a paid subscription.
    TrialEnds {
        /// Day it does.
        on: Date,
    },
    /// It is not used.
    Unused {
        /// Days since it was last used; none where it never was.
        days: Option<u32>,
    },
    /// It is used little.
    RarelyUsed {
        /// Days it was used of the last 90.
        days_of_90: u32,
    },
    /// Another running subscription has the same purpose and is used more, or costs less where use is not
    /// known.
    Duplicate {
        /// Name of the other.
        of: String,
    },
    /// The provider has a cheaper plan.
    CheaperPlan {
        /// Name of the plan.
        plan: String,
    },
    /// Its price rose.
    PriceRose {
        /// What it was.
        from: Money,
        /// What it is.
        to: Money,
    },
}

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// Stable: the subscription's id.
    pub id: String,
    /// Name of the service.
    pub label: String,
    /// What to do.
    pub action: Action,
    /// What it costs a month now; for a trial, what it will.
    pub monthly: Money,
    /// What the action saves a month.
    pub saves_monthly: Money,
    /// 0 (keep) to 100 (pure waste).
    pub waste_score: u8,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The last day on which acting avoids the next charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act_before: Option<Date>,
    /// Its recurring stream, where the bank shows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_id: Option<String>,
    /// The charges that the bank shows its price by: [`Stream::evidence`].
    pub transaction_ids: Vec<String>,
}

/// Not seen for so many days is unused.
const UNUSED_DAYS: i32 = 60;
/// Used on so few days of 90 is rarely used.
const RARE_DAYS: u32 = 3;

/// Proposals for a household's subscriptions, most pressing first: ending trials by day, then by waste and
/// saving.
///
/// # Errors
/// [`MoneyError`] where a price difference leaves its range or a plan is in another currency than its
/// subscription.
pub fn propose(
    subscriptions: &[Subscription],
    streams: &[Stream],
    as_of: Date,
) -> Result<Vec<Proposal>, MoneyError> {
    let mut proposals = Vec::new();
    for one in subscriptions {
        let stream = stream_of(one, streams);
        let reasons = reasons(one, subscriptions, stream, as_of);
        proposals.extend(proposal(one, stream, reasons)?);
    }
    sort_by(&mut proposals, |a: &Proposal, b: &Proposal| {
        let trial = |one: &Proposal| match (&one.action, one.act_before) {
            (Action::CancelTrial, Some(day)) => (0, day),
            _ => (1, Date::MAX),
        };
        let weight = |one: &Proposal| (-i64::from(one.waste_score), -one.saves_monthly.minor);
        (trial(a), weight(a), &a.id).cmp(&(trial(b), weight(b), &b.id))
    });
    Ok(proposals)
}

/// The stream that pays a subscription: the same merchant, the nearest price.
#[must_use]
pub fn stream_of<'a>(subscription: &Subscription, streams: &'a [Stream]) -> Option<&'a Stream> {
    let key = merchant::normalise(&subscription.name).key;
    let same = |stream: &&Stream| {
        stream.merchant_key == key
            && stream.is_active()
            && matches!(stream.kind, StreamKind::Subscription | StreamKind::Bill | StreamKind::Other)
            && stream.monthly.currency == subscription.plan.monthly.currency
    };
    let distance = |stream: &&Stream| stream.monthly.minor.abs_diff(subscription.plan.monthly.minor);
    streams.iter().filter(same).min_by_key(distance)
}

fn reasons(one: &Subscription, all: &[Subscription], stream: Option<&Stream>, as_of: Date) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let Some(on) = one.trial_ends.filter(|ends| *ends >= as_of) {
        reasons.push(Reason::TrialEnds { on });
    }
    reasons.extend(usage(one, as_of));
    if let Some(other) = all.iter().find(|other| is_preferred(other, one)) {
        reasons.push(Reason::Duplicate { of: other.name.clone() });
    }
    if let Some(change) =
        stream.and_then(|stream| stream.price_change.as_ref()).filter(|change| change.to > change.from)
    {
        reasons.push(Reason::PriceRose { from: change.from, to: change.to });
    }
    if let Some(plan) = cheaper(one) {
        reasons.push(Reason::CheaperPlan { plan: plan.name.clone() });
    }
    reasons
}

fn usage(one: &Subscription, as_of: Date) -> Option<Reason> {
    let since = one.last_used.and_then(|last| days_between(last, as_of));
    match (since, one.days_used_of_90) {
        (Some(days), _) if days >= UNUSED_DAYS => Some(Reason::Unused { days: u32::try_from(days).ok() }),
        (None, Some(0)) => Some(Reason::Unused { days: None }),
        (_, Some(days_of_90)) if days_of_90 <= RARE_DAYS => Some(Reason::RarelyUsed { days_of_90 }),
        _ => None,
    }
}

/// Whether `other` has the same purpose and is the one to keep of the two.
fn is_preferred(other: &Subscription, one: &Subscription) -> bool {
    let same_purpose = one.purpose.is_some() && other.purpose == one.purpose && other.id != one.id;
    let rank =
        |sub: &Subscription| (std::cmp::Reverse(sub.days_used_of_90), sub.plan.monthly.minor, sub.id.clone());
    same_purpose && other.trial_ends.is_none() && rank(other) < rank(one)
}

/// The cheapest other plan that costs less than the present one; it may be free.
fn cheaper(one: &Subscription) -> Option<&Plan> {
    let less = |plan: &&Plan| {
        plan.monthly < one.plan.monthly && plan.id != one.plan.id && !plan.monthly.is_negative()
    };
    one.other_plans.iter().filter(less).min_by_key(|plan| plan.monthly.minor)
}

fn proposal(
    one: &Subscription,
    stream: Option<&Stream>,
    reasons: Vec<Reason>,
) -> Result<Option<Proposal>, MoneyError> {
    let waste_score = waste_score(&reasons);
    let has = |found: fn(&Reason) -> bool| reasons.iter().any(found);
    let trial = has(|reason| matches!(reason, Reason::TrialEnds { .. }));
    let useless = has(|reason| {
        matches!(reason, Reason::Unused { .. } | Reason::RarelyUsed { .. } | Reason::Duplicate { .. })
    });
    let action = match cheaper(one) {
        _ if trial && one.cancellable => Action::CancelTrial,
        _ if useless && one.cancellable => Action::Cancel,
        Some(plan) => Action::Downgrade { to: plan.clone() },
        None => return Ok(None),
    };
    let monthly = one.plan.monthly;
    let saves_monthly = match &action {
        Action::Downgrade { to } => monthly.sub(to.monthly)?,
        Action::Cancel | Action::CancelTrial => monthly,
    };
    let next = stream.and_then(|stream| stream.next_expected);
    Ok(saves_monthly.is_positive().then(|| Proposal {
        id: one.id.clone(),
        label: one.name.clone(),
        action,
        monthly,
        saves_monthly,
        waste_score,
        reasons,
        act_before: one.trial_ends.or(next),
        stream_id: stream.map(|stream| stream.id.clone()),
        transaction_ids: stream.map(|stream| stream.evidence.clone()).unwrap_or_default(),
    }))
}

/// What the reasons add up to, at most 100.
#[must_use]
pub fn waste_score(reasons: &[Reason]) -> u8 {
    let points = |reason: &Reason| match reason {
        Reason::Unused { .. } => 70_u8,
        Reason::TrialEnds { .. } => 50,
        Reason::RarelyUsed { .. } | Reason::Duplicate { .. } => 40,
        Reason::PriceRose { .. } => 15,
        Reason::CheaperPlan { .. } => 10,
    };
    reasons.iter().map(points).fold(0_u8, u8::saturating_add).min(100)
}
