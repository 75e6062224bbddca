//! Files that prove what users did by hand, in S3: forms with which a browser uploads one straight into the bucket, and links to one.
//! Both are signed here and nothing is called, so no client of S3 is linked.
//! Source: "Browser-based uploads using POST" and "Authenticating requests: using query parameters" in the Amazon S3 API reference.

use crate::connection::Aws;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::{SigningParams, calculate_signature, generate_signing_key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ports::PortError;
use serde_json::{Value, json};
use shell::env::{Env, EnvError};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// The largest file, in bytes.
pub const LARGEST: u64 = 10 * 1024 * 1024;

/// Stands at the end of a key for what the file that is uploaded is called.
pub const FILE_NAME: &str = "${filename}";

/// How long a form can be sent.
const FORM: SignedDuration = SignedDuration::from_mins(60);

/// How long a link is good.
const LINK: Duration = Duration::from_secs(300);

/// The bucket of proofs.
#[derive(Clone)]
pub struct Proofs {
    aws: Aws,
    bucket: String,
    address: String,
}

impl Proofs {
    /// The bucket `PROOFS_BUCKET` at `PROOFS_URL`, as a browser finds it.
    ///
    /// # Errors
    /// Names the variable that is not set.
    pub fn from_env(aws: &Aws) -> Result<Self, EnvError> {
        let env = Env::process();
        Ok(Self::new(aws, env.required("PROOFS_BUCKET")?, &env.required("PROOFS_URL")?))
    }

    /// A bucket at an address.
    #[must_use]
    pub fn new(aws: &Aws, bucket: String, address: &str) -> Self {
        Self { aws: aws.clone(), bucket, address: address.trim_end_matches('/').to_owned() }
    }

    /// Where forms are sent to.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The fields of a form that uploads one file under this key, no larger than [`LARGEST`], and then leads to the address `then`, to
    /// which the bucket adds the key. Where the key ends in [`FILE_NAME`], what the file is called comes in its place.
    /// The file's own field is called `file` and comes last.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] without credentials.
    pub async fn form(
        &self,
        key: &str,
        then: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<String, String>, PortError> {
        let (credentials, region) = self.identity().await?;
        let utc = now.to_zoned(TimeZone::UTC);
        let day = utc.strftime("%Y%m%d").to_string();
        let mut fields = BTreeMap::from([
            ("key", key.to_owned()),
            ("success_action_redirect", then.to_owned()),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", format!("{}/{day}/{region}/s3/aws4_request", credentials.access_key_id())),
            ("x-amz-date", utc.strftime("%Y%m%dT%H%M%SZ").to_string()),
        ]);
        if let Some(token) = credentials.session_token() {
            fields.insert("x-amz-security-token", token.to_owned());
        }
        let condition = |(name, value): (&&'static str, &String)| match value.strip_suffix(FILE_NAME) {
            Some(begin) if *name == "key" => json!(["starts-with", "$key", begin]),
            _ => json!({ *name: value }),
        };
        let mut conditions: Vec<Value> = fields.iter().map(condition).collect();
        conditions.push(json!({ "bucket": self.bucket }));
        conditions.push(json!(["content-length-range", 1, LARGEST]));
        let until = now.checked_add(FORM).unwrap_or(Timestamp::MAX);
        let policy = json!({ "expiration": format!("{until:.3}"), "conditions": conditions });
        let policy = STANDARD.encode(policy.to_string());
        let signing = generate_signing_key(credentials.secret_access_key(), time(now), &region, "s3");
        fields.insert("x-amz-signature", calculate_signature(signing, policy.as_bytes()));
        fields.insert("policy", policy);
        Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// An address at which the file of a key can be had, or with `HEAD` be asked after, for some minutes. A browser that is led there
    /// saves it under the name that is `called`.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] without credentials.
    pub async fn link(
        &self,
        method: &str,
        key: &str,
        called: Option<&str>,
        now: Timestamp,
    ) -> Result<String, PortError> {
        let (credentials, region) = self.identity().await?;
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(LINK);
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
        let identity = credentials.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name("s3")
            .time(time(now))
            .settings(settings)
            .build()
            .map_err(unavailable)?
            .into();
        let mut url = format!("{}/{}", self.address, encoded(key, "/"));
        if let Some(name) = called {
            let saved = format!("attachment; filename*=UTF-8''{}", encoded(name, ""));
            url.extend(["?response-content-disposition=", &encoded(&saved, "")]);
        }
        let signable = SignableRequest::new(method, &url, std::iter::empty(), SignableBody::UnsignedPayload)
            .map_err(unavailable)?;
        let (signed, _) = sign(signable, &params).map_err(unavailable)?.into_parts();
        let mut request = http::Request::builder().uri(&url).body(()).map_err(unavailable)?;
        signed.apply_to_request_http1x(&mut request);
        Ok(request.uri().to_string())
    }

    async fn identity(&self) -> Result<(Credentials, String), PortError> {
        let sdk = self.aws.sdk();
        let provider = sdk.credentials_provider().ok_or_else(|| unavailable("no credentials"))?;
        let credentials = provider.provide_credentials().await.map_err(unavailable)?;
        Ok((credentials, sdk.region().map(ToString::to_string).unwrap_or_default()))
    }
}

/// Text as it stands in an address: all but letters, digits, four marks and `plain` by their bytes.
fn encoded(text: &str, plain: &str) -> String {
    let mut address = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || plain.as_bytes().contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

fn time(now: Timestamp) -> SystemTime {
    SystemTime::from(now)
}

fn unavailable(reason: impl ToString) -> PortError {
    PortError::Unavailable { operation: "sign", reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_types::SdkConfig;
    use aws_types::region::Region;

    /// The example of "Example: Browser-based upload using HTTP POST (using AWS signature version 4)" in the S3 API reference.
    #[test]
    fn a_policy_is_signed_as_amazon_says() {
        let day = "2015-12-29T00:00:00Z".parse().unwrap();
        let key =
            generate_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", time(day), "us-east-1", "s3");
        let policy = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
        assert_eq!(
            calculate_signature(key, policy.as_bytes()),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }

    fn proofs() -> Proofs {
        let credentials = Credentials::new("key", "secret", Some("session".to_owned()), None, "test");
        let sdk = SdkConfig::builder()
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        Proofs::new(&Aws::new(sdk), "proofs".to_owned(), "https://proofs.s3.eu-west-1.amazonaws.com/")
    }

    #[tokio::test]
    async fn a_form_takes_one_file_and_no_larger_one() {
        let now = "2026-07-01T12:00:00Z".parse().unwrap();
        let form = proofs().form("u/t/1", "https://api.example/then", now).await.unwrap();
        let names: Vec<_> = form.keys().map(String::as_str).collect();
        let expect = [
            "key",
            "policy",
            "success_action_redirect",
            "x-amz-algorithm",
            "x-amz-credential",
            "x-amz-date",
            "x-amz-security-token",
            "x-amz-signature",
        ];
        assert_eq!(names, expect);
        let policy: Value = serde_json::from_slice(&STANDARD.decode(&form["policy"]).unwrap()).unwrap();
        assert_eq!(policy["expiration"], "2026-07-01T13:00:00.000Z");
        let conditions = policy["conditions"].as_array().unwrap();
        for condition in [
            json!({"key": "u/t/1"}),
            json!({"bucket": "proofs"}),
            json!(["content-length-range", 1, LARGEST]),
        ] {
            assert!(conditions.contains(&condition), "{condition}");
        }
        assert_eq!(
            conditions.len(),
            names.len(),
            "every field but policy and signature, the bucket and the length"
        );
    }

    #[tokio::test]
    async fn a_file_may_keep_its_name() {
        let now = "2026-07-01T12:00:00Z".parse().unwrap();
        let form = proofs().form("u/t/1-${filename}", "https://api.example/then", now).await.unwrap();
        assert_eq!(form["key"], "u/t/1-${filename}");
        let policy: Value = serde_json::from_slice(&STANDARD.decode(&form["policy"]).unwrap()).unwrap();
        assert!(
            policy["conditions"].as_array().unwrap().contains(&json!(["starts-with", "$key", "u/t/1-"])),
            "{policy}"
        );
    }

    #[tokio::test]
    async fn a_link_is_signed_for_some_minutes() {
        let now = "2026-07-01T12:00:00Z".parse().unwrap();
        let link = proofs().link("GET", "u/t/1 a.pdf", Some("a b\u{e4}.pdf"), now).await.unwrap();
        assert!(link.starts_with("https://proofs.s3.eu-west-1.amazonaws.com/u/t/1%20a.pdf?"), "{link}");
        assert!(
            link.contains(
                "response-content-disposition=attachment%3B%20filename%2A%3DUTF-8%27%27a%2520b%25C3%25A4.pdf&"
            ),
            "{link}"
        );
        for part in [
            "X-Amz-Expires=300",
            "X-Amz-Signature=",
            "X-Amz-Security-Token=session",
            "X-Amz-Date=20260701T120000Z",
        ] {
            assert!(link.contains(part), "{link} has no {part}");
        }
    }
}
