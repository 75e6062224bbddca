//! Reaching phones and devices through SNS.

use crate::connection::Aws;
use crate::sending::send;
use crate::signed::{Call, Service, Tries, address};
use ports::{SendError, SendPush, SendSms};
use serde_json::Value;
use std::fmt::Write;
use std::sync::OnceLock;

/// Phones by their numbers, and devices by the endpoints of a platform application.
pub struct Phones {
    aws: Aws,
    service: OnceLock<Service>,
}

impl Phones {
    /// Every phone and device that the account reaches.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        Self { aws: aws.clone(), service: OnceLock::new() }
    }

    async fn publish(&self, fields: &[(&str, &str)]) -> Result<(), SendError> {
        let at = address(&self.aws, "sns");
        let service = self.service.get_or_init(|| Service::new(&self.aws, "sns", &at, Tries::Once));
        let url = format!("{at}/");
        let mut body = "Action=Publish&Version=2010-03-31".to_owned();
        for (name, value) in fields {
            body.extend(["&", name, "=", &encoded(value)]);
        }
        let headers = vec![("content-type", "application/x-www-form-urlencoded")];
        send(service.call(Call { method: "POST", url, headers, payload: body.into_bytes() })).await
    }
}

impl SendSms for Phones {
    async fn send_sms(&self, to: &str, text: &str) -> Result<(), SendError> {
        self.publish(&[
            ("PhoneNumber", to),
            ("Message", text),
            // What must arrive, not what advertises.
            ("MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SMSType"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", "Transactional"),
        ])
        .await
    }
}

impl SendPush for Phones {
    async fn send_push(&self, to: &str, message: &Value) -> Result<(), SendError> {
        let message = message.to_string();
        self.publish(&[("TargetArn", to), ("MessageStructure", "json"), ("Message", &message)]).await
    }
}

/// A value of a form: all but letters, digits and four marks by their bytes.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
