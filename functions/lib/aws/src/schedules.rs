//! Having a function invoked later, once, by EventBridge Scheduler.

use crate::call::call;
use crate::connection::Aws;
use crate::reason::unavailable;
use crate::signed::{Call, Service, Tries, address};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use ports::{PortError, Schedule};
use serde_json::{Value, json};
use shell::env::{EnvError, required};
use std::sync::OnceLock;

/// One-off schedules, which are gone once they have fired.
pub struct Schedules {
    aws: Aws,
    settings: Settings,
    service: OnceLock<Service>,
}

/// Where schedules are, and what they may do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The group they are in.
    pub group: String,
    /// The role that may invoke the functions.
    pub role: String,
    /// The ARN of a function is this and its name, such as `arn:aws:lambda:eu-west-1:123456789012:function:dev-`.
    pub functions: String,
}

impl Schedules {
    /// In the group `SCHEDULE_GROUP`, by the role `SCHEDULE_ROLE`, of the functions whose ARNs begin with `FUNCTION_ARN_PREFIX`.
    ///
    /// # Errors
    /// Names the variable that is not set.
    pub fn from_env(aws: &Aws) -> Result<Self, EnvError> {
        let settings = Settings {
            group: required("SCHEDULE_GROUP")?,
            role: required("SCHEDULE_ROLE")?,
            functions: required("FUNCTION_ARN_PREFIX")?,
        };
        Ok(Self::new(aws, settings))
    }

    /// With these settings.
    #[must_use]
    pub fn new(aws: &Aws, settings: Settings) -> Self {
        Self { aws: aws.clone(), settings, service: OnceLock::new() }
    }
}

impl Schedule for Schedules {
    async fn schedule(
        &self,
        name: &str,
        at: Timestamp,
        function: &str,
        payload: &Value,
    ) -> Result<(), PortError> {
        let there = address(&self.aws, "scheduler");
        let service =
            self.service.get_or_init(|| Service::new(&self.aws, "scheduler", &there, Tries::Several));
        let url = format!("{there}/schedules/{name}");
        let body = json!({
            "GroupName": self.settings.group,
            // Without fractions: the next whole second, never one before.
            "ScheduleExpression": format!("at({})", whole(at).strftime("%Y-%m-%dT%H:%M:%S")),
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": { "Mode": "OFF" },
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": format!("{}{function}", self.settings.functions),
                "RoleArn": self.settings.role,
                "Input": payload.to_string(),
            },
        });
        let headers = vec![("content-type", "application/json")];
        let payload = body.to_string().into_bytes();
        match call(service.call(Call { method: "POST", url, headers, payload })).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ConflictException") => Ok(()),
            Err(error) => Err(unavailable("schedule", &error)),
        }
    }
}

fn whole(at: Timestamp) -> Timestamp {
    let up = i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(at.as_second() + up).unwrap_or(at)
}
