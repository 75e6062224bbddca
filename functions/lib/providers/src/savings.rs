//! Automatic savings rules: look at them, create, undo.

use crate::connection::{Connection, Performed, Receipt, segment};
use crate::error::ProviderError;
use crate::provider::Provider;
use jiff::civil::Date;
use money::Money;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// Looks at savings rules and the accounts they can use.
pub trait SavingsRules {
    /// The accounts between which money can be moved.
    async fn accounts(&self) -> Result<Vec<SavingsAccount>, ProviderError>;

    /// The rules in force.
    async fn rules(&self) -> Result<Vec<Rule>, ProviderError>;

    /// One rule; [`crate::Cause::NotFound`] once it is deleted.
    async fn rule(&self, id: &str) -> Result<Rule, ProviderError>;

    /// What became of a key; `None` when nothing did.
    async fn performed(&self, key: &str) -> Result<Option<Performed<Changed>>, ProviderError>;
}

/// Changes savings rules. Each call has one effect per `key`.
pub trait ChangeSavingsRules {
    /// Creates a rule.
    async fn create(&self, rule: &NewRule, key: &str) -> Result<Changed, ProviderError>;

    /// Deletes the rule that the operation of `undo_of` created.
    async fn undo(&self, undo_of: &str, key: &str) -> Result<Changed, ProviderError>;
}

/// An account that rules can use.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SavingsAccount {
    /// The provider's id.
    pub account_id: String,
    /// Name shown to the user.
    pub name: String,
    /// Such as `checking`.
    pub subtype: String,
    /// What can be moved now.
    pub available: Money,
    /// Whether money can be taken from it.
    pub can_send: bool,
    /// Whether money can be put into it.
    pub can_receive: bool,
}

/// A rule to be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// The account that pays.
    pub from_account: String,
    /// The account that is filled.
    pub to_account: String,
    /// What no transfer may take the paying account below.
    pub floor: Money,
    /// The user's written authorisation (Reg E, 12 CFR 1005.10).
    pub authorisation: Authorisation,
    /// What moves when.
    pub rule: RuleKind,
}

/// The user's written authorisation of preauthorised transfers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorisation {
    /// Where it is kept.
    pub reference: String,
    /// When it was given.
    pub signed_on: Date,
}

/// What moves when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "FlatRule")]
pub enum RuleKind {
    /// The difference to the next `multiple` of every settled debit, moved once it adds up to `threshold`.
    RoundUp {
        /// Rounded up to multiples of this.
        multiple: Money,
        /// Moved when this much has come together.
        threshold: Money,
    },
    /// A part of every paycheck.
    PercentOfPaycheck {
        /// 500 is 5 %.
        basis_points: i64,
    },
    /// A fixed amount every week.
    FixedWeekly {
        /// How much.
        amount: Money,
        /// Such as `friday`.
        weekday: String,
    },
}

/// The same as it stands on the wire. Read flat, because a tagged enum would be compiled once more for its buffer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlatRule {
    kind: FlatKind,
    multiple: Option<Money>,
    threshold: Option<Money>,
    basis_points: Option<i64>,
    amount: Option<Money>,
    weekday: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FlatKind {
    RoundUp,
    PercentOfPaycheck,
    FixedWeekly,
}

impl TryFrom<FlatRule> for RuleKind {
    type Error = &'static str;

    fn try_from(flat: FlatRule) -> Result<Self, &'static str> {
        let FlatRule { kind, multiple, threshold, basis_points, amount, weekday } = flat;
        match (kind, (multiple, threshold), basis_points, (amount, weekday)) {
            (FlatKind::RoundUp, (Some(multiple), Some(threshold)), None, (None, None)) => {
                Ok(Self::RoundUp { multiple, threshold })
            }
            (FlatKind::PercentOfPaycheck, (None, None), Some(basis_points), (None, None)) => {
                Ok(Self::PercentOfPaycheck { basis_points })
            }
            (FlatKind::FixedWeekly, (None, None), None, (Some(amount), Some(weekday))) => {
                Ok(Self::FixedWeekly { amount, weekday })
            }
            _ => Err("a rule with other figures than its kind has"),
        }
    }
}

/// A rule in force.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rule {
    /// The provider's id.
    pub rule_id: String,
    /// How it stands.
    pub status: RuleStatus,
    /// The account that pays.
    pub from_account: String,
    /// The account that is filled.
    pub to_account: String,
    /// What no transfer may take the paying account below.
    pub floor: Money,
    /// What moves when.
    pub rule: RuleKind,
    /// The next transfer.
    pub next_transfer_on: Option<Date>,
}

/// How a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleStatus {
    /// In force.
    Active,
    /// Gone.
    Deleted,
}

/// What a change answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Changed {
    /// The operation.
    pub operation: Receipt,
    /// The rule after it.
    pub rule: Rule,
}

/// The providers of savings rules, of one API.
pub const PROVIDERS: [Provider; 2] = [Provider::Savings, Provider::SavingsPartner];

/// Looks at savings rules and cannot change them.
#[derive(Clone)]
pub struct Reader(Connection);

impl Reader {
    /// Over a connection to one of [`PROVIDERS`].
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self(connection)
    }

    /// Which of them it looks at.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.0.provider()
    }

    fn path(&self, rest: &str) -> String {
        format!("/{}{rest}", self.provider())
    }
}

/// Looks at savings rules and changes them.
pub struct Writer(Reader);

impl Writer {
    /// Over a connection to one of [`PROVIDERS`].
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
struct AccountList {
    accounts: Vec<SavingsAccount>,
}

#[derive(Deserialize)]
struct RuleList {
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Undo<'a> {
    undo_of: &'a str,
}

impl SavingsRules for Reader {
    async fn accounts(&self) -> Result<Vec<SavingsAccount>, ProviderError> {
        let list: AccountList = self.0.get(&self.path("/accounts")).await?;
        Ok(list.accounts)
    }

    async fn rules(&self) -> Result<Vec<Rule>, ProviderError> {
        let list: RuleList = self.0.get(&self.path("/rules")).await?;
        Ok(list.rules)
    }

    async fn rule(&self, id: &str) -> Result<Rule, ProviderError> {
        self.0.get(&self.path(&format!("/rules/{}", segment(id)))).await
    }

    async fn performed(&self, key: &str) -> Result<Option<Performed<Changed>>, ProviderError> {
        self.0.operation(key).await
    }
}

impl ChangeSavingsRules for Writer {
    async fn create(&self, rule: &NewRule, key: &str) -> Result<Changed, ProviderError> {
        self.0.0.change(&self.path("/rules"), key, rule).await
    }

    async fn undo(&self, undo_of: &str, key: &str) -> Result<Changed, ProviderError> {
        self.0.0.change(&self.path("/rules/undo"), key, &Undo { undo_of }).await
    }
}
