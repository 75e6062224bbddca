//! Household-finance types and algorithms: pure, deterministic, without clock, files or network. "Today" is
//! always an argument, `as_of`. Amounts are [`money::Money`]; positive is money out, as Plaid has it; errors
//! are [`money::MoneyError`], for sums that leave their range or mix currencies.
//!
//! # Where to find what
//!
//! | module | what it answers | main entry |
//! |---|---|---|
//! | [`transaction`] | what a household is made of | [`Transaction`](transaction::Transaction), [`Account`](transaction::Account), [`settled`](transaction::settled) |
//! | [`merchant`] | which merchant a descriptor names | [`normalise`](merchant::normalise), [`merchant`](merchant::merchant) |
//! | [`category`] | what it was for, essential or not | [`categorise`](category::categorise), [`Category`](category::Category) |
//! | [`recurrence`] | which charges and wages come again | [`detect`](recurrence::detect) → [`Stream`](recurrence::Stream) |
//! | [`flows`] | what counts as spent and earned | [`flows`](flows::flows) |
//! | [`runway`] | how long the money lasts; the simulation's figures | [`figures`](runway::figures) of a [`Household`](runway::Household) |
//! | [`audit`] | where it went and what can be cut | [`audit`](audit::audit) |
//! | [`cancel`] | which trials and subscriptions to end or downgrade | [`propose`](cancel::propose) |
//! | [`offers`] | which real offer beats a bill | [`best`](offers::best), [`rank`](offers::rank) |
//! | [`negotiation`] | what to say next in a retention chat | [`Facts::of`](negotiation::Facts::of), [`Negotiation`](negotiation::Negotiation) |
//! | [`savings`] | round-ups, rules, the floor | [`propose`](savings::propose), [`FloorCheck`](savings::FloorCheck) |
//! | [`gigs`] | which side income suits | [`rank`](gigs::rank), [`guide`](gigs::guide) |
//!
//! # From transactions to figures
//!
//! ```
//! use finance::{audit, recurrence, runway};
//! use finance::transaction::{Account, AccountKind, Transaction};
//! use jiff::civil::date;
//! use money::{Currency, Money};
//!
//! let rent = |id: &str, day| Transaction {
//!     id: id.to_owned(),
//!     account_id: "checking".to_owned(),
//!     date: day,
//!     authorized_date: None,
//!     amount: Money::usd(120_000),
//!     description: "GREEN RESIDENCY RENT".to_owned(),
//!     merchant: None,
//!     category: None,
//!     pending: false,
//!     pending_transaction_id: None,
//! };
//! let transactions = [rent("1", date(2025, 10, 1)), rent("2", date(2025, 11, 1)), rent("3", date(2025, 12, 1))];
//! let accounts = [Account {
//!     id: "checking".to_owned(),
//!     name: "Checking".to_owned(),
//!     kind: AccountKind::Checking,
//!     available: None,
//!     current: Money::usd(240_000),
//!     limit: None,
//! }];
//! let as_of = date(2025, 12, 31);
//! let streams = recurrence::detect(&transactions, as_of);
//! let household = runway::Household {
//!     accounts: &accounts,
//!     transactions: &transactions,
//!     streams: &streams,
//!     debts: &[],
//!     positions: &[],
//! };
//! let figures = runway::figures(&household, Currency::USD, as_of)?;
//! assert_eq!(figures.runway.map(|months| months.to_string()).as_deref(), Some("2.00"));
//! assert_eq!(figures.essential.transaction_ids, ["1", "2", "3"]);
//! assert!(audit::audit(&household, Currency::USD, as_of)?.reducible.is_empty());
//! # Ok::<(), money::MoneyError>(())
//! ```
//!
//! # A negotiation
//!
//! [`Negotiation::default`](negotiation::Negotiation) is the state at the start. For each
//! [`Reply`](negotiation::Reply) of the other side [`next`](negotiation::Negotiation::next) gives the state after
//! it and the [`Move`](negotiation::Move) to make; any but `Move::Say` ends it.
//!
//! # Invariants
//!
//! - Every figure names the transactions or accounts it comes from.
//! - The order of the input never matters; nothing after `as_of` is seen.
//! - A promise is rounded down, a share of a sum half up; no amount is ever a floating-point number.
//! - Offers, plans and gigs are only ever chosen from those given: none is made up.

pub mod audit;
pub mod cancel;
pub mod category;
pub mod flows;
pub mod gigs;
pub mod merchant;
pub mod negotiation;
pub mod offers;
mod order;
pub mod recurrence;
pub mod runway;
pub mod savings;
pub mod transaction;
