//! Sending e-mail through SES, version 2 of its API.

use crate::connection::Aws;
use crate::sending::send;
use crate::signed::{Call, Service, Tries, address};
use notices::body::Email;
use ports::{SendEmail, SendError};
use serde_json::{Value, json};
use shell::env::Env;
use std::sync::OnceLock;

/// The post office.
pub struct Mail {
    aws: Aws,
    from: Option<String>,
    service: OnceLock<Service>,
}

impl Mail {
    /// From the address `EMAIL_FROM`, of which SES knows that it is ours; without one every mail is refused.
    #[must_use]
    pub fn from_env(aws: &Aws) -> Self {
        Self::new(aws, Env::process().optional("EMAIL_FROM"))
    }

    /// From this address, if there is one.
    #[must_use]
    pub fn new(aws: &Aws, from: Option<String>) -> Self {
        Self { aws: aws.clone(), from, service: OnceLock::new() }
    }
}

impl SendEmail for Mail {
    async fn send_email(&self, to: &str, mail: &Email) -> Result<(), SendError> {
        let at = address(&self.aws, "email");
        let service = self.service.get_or_init(|| Service::new(&self.aws, "ses", &at, Tries::Once));
        let url = format!("{at}/v2/email/outbound-emails");
        let nobody = || SendError::Refused { reason: "nobody to send it".to_owned() };
        let from = self.from.as_ref().ok_or_else(nobody)?;
        let payload = letter(from, to, mail).to_string().into_bytes();
        let headers = vec![("content-type", "application/json")];
        send(service.call(Call { method: "POST", url, headers, payload })).await
    }
}

fn letter(from: &str, to: &str, mail: &Email) -> Value {
    let headers = match mail.unsubscribe.as_str() {
        "" => json!([]),
        // One click in a mail program, which then posts there; whoever merely looks at the address changes nothing.
        address => json!([
            { "Name": "List-Unsubscribe", "Value": format!("<{address}>") },
            { "Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click" },
        ]),
    };
    let part = |data: &str| json!({ "Data": data, "Charset": "UTF-8" });
    json!({
        "FromEmailAddress": from,
        "Destination": { "ToAddresses": [to] },
        "Content": { "Simple": {
            "Subject": part(&mail.subject),
            "Body": { "Text": part(&mail.text), "Html": part(&mail.html) },
            "Headers": headers,
        }},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Http;
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
    use aws_types::SdkConfig;
    use aws_types::region::Region;

    #[test]
    fn a_mail_program_can_unsubscribe_with_one_click() {
        let mail = Email { unsubscribe: "https://api/unsubscribe/s".to_owned(), ..Email::default() };
        let headers =
            letter("us@example.com", "ada@example.com", &mail)["Content"]["Simple"]["Headers"].take();
        assert_eq!(
            headers,
            json!([
                { "Name": "List-Unsubscribe", "Value": "<https://api/unsubscribe/s>" },
                { "Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click" },
            ])
        );
    }

    #[tokio::test]
    async fn without_a_connection_nothing_was_sent() {
        // Nothing listens there any more.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let credentials = Credentials::new("key", "secret", None, None, "test");
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(Http::new())
            .endpoint_url(url)
            .build();
        let mail = Mail::new(&Aws::new(sdk), Some("us@example.com".to_owned()));
        let letter = Email::default();
        let error = mail.send_email("ada@example.com", &letter).await.unwrap_err();
        assert!(matches!(error, SendError::NotNow { .. }), "{error}");
    }
}
