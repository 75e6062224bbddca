//! Subscriptions: look at them, cancel, downgrade, restore.

use crate::connection::{Connection, Performed, Receipt, segment};
use crate::error::ProviderError;
use jiff::civil::Date;
use money::{Money, MoneyError, Rounding};
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// Looks at subscriptions.
pub trait Subscriptions {
    /// All of the user's subscriptions.
    async fn subscriptions(&self) -> Result<Vec<Subscription>, ProviderError>;

    /// One subscription.
    async fn subscription(&self, id: &str) -> Result<Subscription, ProviderError>;

    /// What became of a key; `None` when nothing did.
    async fn performed(&self, key: &str) -> Result<Option<Performed<Changed>>, ProviderError>;
}

/// Changes subscriptions. Each call has one effect per `key`.
pub trait ChangeSubscriptions {
    /// Cancels, if it is still at `version`.
    async fn cancel(&self, id: &str, version: &str, key: &str) -> Result<Changed, ProviderError>;

    /// Moves to a cheaper tier, if it is still at `version`.
    async fn downgrade(
        &self,
        id: &str,
        tier: &str,
        version: &str,
        key: &str,
    ) -> Result<Changed, ProviderError>;

    /// Brings back plan, price, status and dates as they were before the operation of `undo_of`.
    async fn restore(&self, id: &str, undo_of: &str, key: &str) -> Result<Changed, ProviderError>;
}

/// One subscription.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    /// The provider's id.
    pub id: String,
    /// Name shown to the user.
    pub merchant: String,
    /// How it stands on statements.
    pub descriptor: String,
    /// Such as `video_streaming`.
    pub category: String,
    /// How it stands.
    pub status: Status,
    /// What is subscribed.
    pub plan: Plan,
    /// Per cadence; of a trial: what it will cost once it converts.
    pub price: Money,
    /// How often it is charged.
    pub cadence: Cadence,
    /// Last day of a trial.
    pub trial_ends_on: Option<Date>,
    /// When it is charged next; none when cancelled.
    pub next_charge_on: Option<Date>,
    /// When cancelled: until when it is paid for.
    pub access_until: Option<Date>,
    /// How much it is used.
    pub usage: Usage,
    /// Cheaper plans it can be downgraded to.
    #[serde(default)]
    pub tiers: Vec<Tier>,
    /// After a cancellation or downgrade: the last day for restoring it.
    pub restorable_until: Option<Date>,
    /// Changes whenever anything but the usage changes.
    pub version: String,
}

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Free until it converts.
    Trial,
    /// Paid for.
    Active,
    /// Ended.
    Cancelled,
}

/// How often something is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Every week.
    Weekly,
    /// Every two weeks.
    Biweekly,
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every year.
    Annual,
}

impl Cadence {
    /// What a price per cadence is a month, rounded down: savings are promised from it.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn monthly(self, price: Money) -> Result<Money, MoneyError> {
        let (times, over) = match self {
            Self::Weekly => (52, 12),
            Self::Biweekly => (26, 12),
            Self::Monthly => (1, 1),
            Self::Quarterly => (1, 3),
            Self::Annual => (1, 12),
        };
        price.ratio(times, over, Rounding::Floor)
    }
}

/// What is subscribed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Plan {
    /// The provider's id.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
}

/// A cheaper plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Tier {
    /// The provider's id.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
    /// Per cadence of the subscription.
    pub price: Money,
}

/// How much a subscription is used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Usage {
    /// The last day; none: no signal.
    pub last_used_on: Option<Date>,
    /// How often in the last 90 days.
    pub uses_last_90_days: u32,
}

/// What a change answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Changed {
    /// The operation.
    pub operation: Receipt,
    /// The subscription after it.
    pub subscription: Subscription,
}

/// Looks at subscriptions and cannot change them.
#[derive(Clone)]
pub struct Reader(Connection);

impl Reader {
    /// Over a connection to [`crate::Provider::Subscriptions`].
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self(connection)
    }
}

/// Looks at subscriptions and changes them.
pub struct Writer(Reader);

impl Writer {
    /// Over a connection to [`crate::Provider::Subscriptions`].
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self(Reader(connection))
    }
}

/// Who may change may look.
impl Deref for Writer {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
    }
}

#[derive(Deserialize)]
struct List {
    subscriptions: Vec<Subscription>,
}

#[derive(Serialize)]
struct Cancel<'a> {
    expected_version: &'a str,
}

#[derive(Serialize)]
struct Downgrade<'a> {
    tier: &'a str,
    expected_version: &'a str,
}

#[derive(Serialize)]
struct Restore<'a> {
    undo_of: &'a str,
}

impl Subscriptions for Reader {
    async fn subscriptions(&self) -> Result<Vec<Subscription>, ProviderError> {
        let list: List = self.0.get("/subscriptions").await?;
        Ok(list.subscriptions)
    }

    async fn subscription(&self, id: &str) -> Result<Subscription, ProviderError> {
        self.0.get(&format!("/subscriptions/{}", segment(id))).await
    }

    async fn performed(&self, key: &str) -> Result<Option<Performed<Changed>>, ProviderError> {
        self.0.operation(key).await
    }
}

impl ChangeSubscriptions for Writer {
    async fn cancel(&self, id: &str, version: &str, key: &str) -> Result<Changed, ProviderError> {
        let path = format!("/subscriptions/{}/cancel", segment(id));
        self.0.0.change(&path, key, &Cancel { expected_version: version }).await
    }

    async fn downgrade(
        &self,
        id: &str,
        tier: &str,
        version: &str,
        key: &str,
    ) -> Result<Changed, ProviderError> {
        let path = format!("/subscriptions/{}/downgrade", segment(id));
        let body = Downgrade { tier, expected_version: version };
        self.0.0.change(&path, key, &body).await
    }

    async fn restore(&self, id: &str, undo_of: &str, key: &str) -> Result<Changed, ProviderError> {
        let path = format!("/subscriptions/{}/restore", segment(id));
        self.0.0.change(&path, key, &Restore { undo_of }).await
    }
}
