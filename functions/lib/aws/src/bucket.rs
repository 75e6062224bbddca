//! The bucket: what is too long for a record of the table.

use crate::call::call;
use crate::connection::Aws;
use crate::item::record_is_short;
use crate::reason::unavailable;
use crate::signed::{Call, Service, Tries, address};
use engine::{Apart, StepRecord};
use ports::{FetchApart, KeepApart, PortError};
use shell::env::{EnvError, required};
use std::sync::OnceLock;

/// The bucket that long outputs are kept in.
pub struct Bucket {
    aws: Aws,
    name: String,
    s3: OnceLock<Service>,
}

impl Bucket {
    /// The bucket named by `OUTPUTS_BUCKET`.
    ///
    /// # Errors
    /// When `OUTPUTS_BUCKET` is not set.
    pub fn from_env(aws: &Aws) -> Result<Self, EnvError> {
        Ok(Self::new(aws, required("OUTPUTS_BUCKET")?))
    }

    /// The bucket of this name.
    #[must_use]
    pub fn new(aws: &Aws, name: impl Into<String>) -> Self {
        Self { aws: aws.clone(), name: name.into(), s3: OnceLock::new() }
    }

    async fn object(
        &self,
        operation: &'static str,
        method: &'static str,
        apart: &Apart,
        payload: Vec<u8>,
    ) -> Result<Vec<u8>, PortError> {
        let address = self.address();
        let s3 = self.s3.get_or_init(|| Service::new(&self.aws, "s3", &address, Tries::Several));
        // Of what an id may have, only these two mean something in an address.
        let key = apart.key.replace('#', "%23").replace(':', "%3A");
        let request = Call { method, url: format!("{address}/{key}"), headers: Vec::new(), payload };
        let answer = call(s3.call(request)).await.map_err(|error| unavailable(operation, &error))?;
        Ok(answer.payload)
    }

    /// The bucket is a part of the host's name, and of the path where the settings name a host.
    fn address(&self) -> String {
        let address = address(&self.aws, "s3");
        match address.strip_prefix("https://s3.") {
            Some(region) => format!("https://{}.s3.{region}", self.name),
            None => format!("{address}/{}", self.name),
        }
    }
}

impl KeepApart for Bucket {
    async fn keep_apart(&self, record: &StepRecord, apart: &Apart, text: String) -> Result<bool, PortError> {
        if record_is_short(record) {
            return Ok(false);
        }
        self.object("keep_apart", "PUT", apart, text.into_bytes()).await?;
        Ok(true)
    }
}

impl FetchApart for Bucket {
    async fn fetch_apart(&self, apart: &Apart) -> Result<String, PortError> {
        let text = self.object("fetch_apart", "GET", apart, Vec::new()).await?;
        String::from_utf8(text).map_err(|_| PortError::Unreadable { key: apart.key.clone() })
    }
}
