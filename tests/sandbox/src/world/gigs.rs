//! Work on offer and applications for it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::operations::{Answer, Done, Prefix, Request};
use super::refusal::{Code, Refusal};
use super::state::World;
use crate::hash::digest_of;
use crate::household::Household;

/// How far an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationStatus {
    /// Begun.
    Started,
    /// Sent.
    Submitted,
    /// Under way.
    Interview,
    /// Taken on.
    Accepted,
    /// Taken back.
    Withdrawn,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its id.
    pub application_id: String,
    /// The work.
    pub gig_id: String,
    /// How far it is.
    pub status: ApplicationStatus,
    /// The marketplace's confirmation, which proves it.
    pub reference: String,
    /// First day.
    pub started_on: Date,
    /// Day of the latest change.
    pub updated_on: Date,
}

/// Body of an application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// The work.
    pub gig_id: String,
}

/// Body of a progress report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    /// How far it is now.
    pub status: ApplicationStatus,
}

/// Body of a withdrawal by key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// The key of the application.
    pub undo_of: String,
}

impl World {
    /// Work on offer, as on the wire.
    #[must_use]
    pub fn list_gigs(&self, household: &Household) -> Value {
        json!({ "as_of": self.clock, "gigs": household.gigs })
    }

    /// Open applications, as on the wire.
    #[must_use]
    pub fn list_applications(&self) -> Value {
        json!({ "as_of": self.clock, "applications": self.applications.values().collect::<Vec<_>>() })
    }

    /// An application, withdrawn ones too.
    ///
    /// # Errors
    /// `not_found`.
    pub fn application(&self, id: &str) -> Result<&Application, Refusal> {
        let found = self.applications.get(id).or_else(|| self.withdrawn.get(id));
        found.ok_or_else(|| Refusal::missing("application", id))
    }

    /// What a confirmation proves: that an application was sent and stands.
    ///
    /// # Errors
    /// `not_found`.
    pub fn proof(&self, reference: &str) -> Result<Value, Refusal> {
        let mut all = self.applications.values().chain(self.withdrawn.values());
        let found = all.find(|one| one.reference == reference);
        let found = found.ok_or_else(|| Refusal::missing("confirmation", reference))?;
        let valid = !matches!(found.status, ApplicationStatus::Started | ApplicationStatus::Withdrawn);
        Ok(json!({ "reference": reference, "valid": valid, "application": found }))
    }

    /// Begins an application.
    ///
    /// # Errors
    /// `bad_request` for work that is not on offer, `conflict` when an application for it is open.
    pub fn apply_for_gig(
        &mut self,
        household: &Household,
        request: &Request,
        body: &Apply,
    ) -> Result<Answer, Refusal> {
        self.once(household, Prefix::Gig, request, |world, ticket| {
            if !ticket.household.gigs.iter().any(|gig| gig.id == body.gig_id) {
                return Err(Refusal::bad("gig_id", format!("no gig `{}`", body.gig_id)));
            }
            if world.applications.values().any(|one| one.gig_id == body.gig_id) {
                let message = format!("an application for `{}` is open", body.gig_id);
                return Err(Refusal::new(Code::Conflict, message));
            }
            let application = Application {
                application_id: format!("app_{}", digest_of(&[&world.user_id, ticket.key])),
                gig_id: body.gig_id.clone(),
                status: ApplicationStatus::Started,
                reference: ticket.reference.clone(),
                started_on: world.clock,
                updated_on: world.clock,
            };
            let done = done(201, "gig.apply", &application, None);
            world.applications.insert(application.application_id.clone(), application);
            Ok(done)
        })
    }

    /// Notes how far an application is.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it would go back.
    pub fn set_application_status(
        &mut self,
        household: &Household,
        id: &str,
        request: &Request,
        body: &SetStatus,
    ) -> Result<Answer, Refusal> {
        self.once(household, Prefix::Gig, request, |world, _| {
            let mut application = world.application(id)?.clone();
            if body.status == ApplicationStatus::Withdrawn || body.status <= application.status {
                return Err(Refusal::new(Code::Conflict, format!("`{id}` cannot go back")));
            }
            application.status = body.status;
            application.updated_on = world.clock;
            let done = done(200, "gig.set_status", &application, None);
            world.applications.insert(id.to_owned(), application);
            Ok(done)
        })
    }

    /// Withdraws an application.
    ///
    /// # Errors
    /// `not_found`.
    pub fn withdraw_application(
        &mut self,
        household: &Household,
        id: &str,
        request: &Request,
    ) -> Result<Answer, Refusal> {
        self.once(household, Prefix::Gig, request, |world, _| {
            let created = world
                .operations
                .values()
                .find(|one| one.operation == "gig.apply" && one.subject == id)
                .map(|one| one.key.clone());
            world.end_application(id, created)
        })
    }

    /// Withdraws the application that a key began.
    ///
    /// # Errors
    /// `unknown_operation`.
    pub fn undo_application(
        &mut self,
        household: &Household,
        request: &Request,
        body: &Withdraw,
    ) -> Result<Answer, Refusal> {
        if let Some(answer) = self.application_undone_already(request, &body.undo_of) {
            return Ok(answer);
        }
        self.once(household, Prefix::Gig, request, |world, _| {
            let created = world.to_undo(&body.undo_of, &["gig.apply"])?;
            world.end_application(&created.subject, Some(created.key))
        })
    }

    fn application_undone_already(&self, request: &Request, undo_of: &str) -> Option<Answer> {
        let by = self.operations.get(undo_of)?.undone_by.as_ref().filter(|by| **by != request.key)?;
        Some(Answer { replayed: true, ..self.operations.get(by)?.answer.clone() })
    }

    fn end_application(&mut self, id: &str, created: Option<String>) -> Result<Done, Refusal> {
        let mut application =
            self.applications.remove(id).ok_or_else(|| Refusal::missing("open application", id))?;
        application.status = ApplicationStatus::Withdrawn;
        application.updated_on = self.clock;
        let done = done(200, "gig.withdraw", &application, created);
        self.withdrawn.insert(id.to_owned(), application);
        Ok(done)
    }
}

fn done(status: u16, operation: &'static str, application: &Application, undo_of: Option<String>) -> Done {
    Done {
        status,
        operation,
        subject: application.application_id.clone(),
        body: json!({ "application": application }),
        before: None,
        undo_of,
    }
}
