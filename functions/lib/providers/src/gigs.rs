//! Gig platforms: what is on offer, the user's profile, applications and their proof.

use crate::connection::{Connection, Performed, Receipt, segment};
use crate::error::ProviderError;
use money::Money;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// Looks at gigs and applications.
pub trait Gigs {
    /// What is on offer.
    async fn gigs(&self) -> Result<Vec<Gig>, ProviderError>;

    /// What the user can do and when.
    async fn profile(&self) -> Result<Profile, ProviderError>;

    /// The user's open applications.
    async fn applications(&self) -> Result<Vec<Application>, ProviderError>;

    /// Whether a reference proves an application; [`crate::Cause::NotFound`] when the platform does not know it.
    async fn proof(&self, reference: &str) -> Result<Evidence, ProviderError>;

    /// What became of a key; `None` when nothing did.
    async fn performed(&self, key: &str) -> Result<Option<Performed<Changed>>, ProviderError>;
}

/// Changes applications. Each call has one effect per `key`.
pub trait ApplyForGigs {
    /// Starts an application.
    async fn apply(&self, gig_id: &str, key: &str) -> Result<Changed, ProviderError>;

    /// Withdraws an application.
    async fn withdraw(&self, application_id: &str, key: &str) -> Result<Changed, ProviderError>;
}

/// A gig on offer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Gig {
    /// The platform's id.
    pub id: String,
    /// Name shown to the user.
    pub title: String,
    /// Who runs it.
    pub platform: String,
    /// Pay of an hour.
    pub pay_per_hour: Money,
    /// Hours a week.
    pub hours_per_week: Hours,
    /// When the work is.
    pub schedule: Vec<String>,
    /// What one must be able to do.
    pub skills: Vec<String>,
    /// What one must have.
    pub requirements: Vec<String>,
    /// Whether it can be done from home.
    pub remote: bool,
    /// Days until the first pay.
    pub days_to_first_pay: u32,
    /// What it costs to begin.
    pub start_cost: Money,
    /// Where to begin.
    pub start_guide: String,
    /// How to apply, in order.
    pub steps: Vec<String>,
}

/// A range of hours a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Hours {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
}

/// What the user can do and when.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Profile {
    /// Such as `bookkeeping`.
    pub skills: Vec<String>,
    /// Such as `car`.
    pub has: Vec<String>,
    /// Free times.
    pub schedule: Vec<String>,
    /// Free hours a week.
    pub hours_per_week: u32,
}

/// An application for a gig.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Application {
    /// The platform's id.
    pub application_id: String,
    /// The gig.
    pub gig_id: String,
    /// How it stands.
    pub status: ApplicationStatus,
    /// What the user shows as proof.
    pub reference: String,
}

/// How an application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationStatus {
    /// Begun.
    Started,
    /// Handed in.
    Submitted,
    /// Invited.
    Interview,
    /// Taken.
    Accepted,
    /// Taken back.
    Withdrawn,
}

/// What a platform says about a reference.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Evidence {
    /// Whether it proves an application that was handed in and not withdrawn.
    pub valid: bool,
    /// The application.
    pub application: Application,
}

/// What a change answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Changed {
    /// The operation.
    pub operation: Receipt,
    /// The application after it.
    pub application: Application,
}

/// Looks at gigs and cannot apply.
#[derive(Clone)]
pub struct Reader(Connection);

impl Reader {
    /// Over a connection to [`crate::Provider::Gigs`].
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self(connection)
    }
}

/// Looks at gigs, applies and withdraws.
pub struct Writer(Reader);

impl Writer {
    /// Over a connection to [`crate::Provider::Gigs`].
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
struct GigList {
    gigs: Vec<Gig>,
}

#[derive(Deserialize)]
struct ApplicationList {
    applications: Vec<Application>,
}

#[derive(Serialize)]
struct Apply<'a> {
    gig_id: &'a str,
}

#[derive(Serialize)]
struct Nothing {}

impl Gigs for Reader {
    async fn gigs(&self) -> Result<Vec<Gig>, ProviderError> {
        let list: GigList = self.0.get("/gigs").await?;
        Ok(list.gigs)
    }

    async fn profile(&self) -> Result<Profile, ProviderError> {
        self.0.get("/gigs/profile").await
    }

    async fn applications(&self) -> Result<Vec<Application>, ProviderError> {
        let list: ApplicationList = self.0.get("/gigs/applications").await?;
        Ok(list.applications)
    }

    async fn proof(&self, reference: &str) -> Result<Evidence, ProviderError> {
        self.0.get(&format!("/gigs/proofs/{}", segment(reference))).await
    }

    async fn performed(&self, key: &str) -> Result<Option<Performed<Changed>>, ProviderError> {
        self.0.operation(key).await
    }
}

impl ApplyForGigs for Writer {
    async fn apply(&self, gig_id: &str, key: &str) -> Result<Changed, ProviderError> {
        self.0.0.change("/gigs/applications", key, &Apply { gig_id }).await
    }

    async fn withdraw(&self, application_id: &str, key: &str) -> Result<Changed, ProviderError> {
        let path = format!("/gigs/applications/{}/withdraw", segment(application_id));
        self.0.0.change(&path, key, &Nothing {}).await
    }
}
