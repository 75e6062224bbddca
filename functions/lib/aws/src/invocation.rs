//! Lambda's one operation that the functions call.

use crate::connection::Aws;
use crate::signed::{Answer, Call, Refusal, Service, Tries, address};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

/// Says whether the caller waits: `RequestResponse` or `Event`.
const INVOCATION_TYPE: &str = "x-amz-invocation-type";

/// Invokes functions in one way.
pub(crate) struct Invocations {
    address: String,
    kind: &'static str,
    lambda: Service,
}

impl Invocations {
    /// Once, and waited for.
    pub(crate) fn asked(aws: &Aws) -> Self {
        Self::new(aws, "RequestResponse", Tries::Once)
    }

    /// Handed over, again until it is taken.
    pub(crate) fn handed_over(aws: &Aws) -> Self {
        Self::new(aws, "Event", Tries::Several)
    }

    fn new(aws: &Aws, kind: &'static str, tries: Tries) -> Self {
        let address = address(aws, "lambda");
        let lambda = Service::new(aws, "lambda", &address, tries);
        Self { address, kind, lambda }
    }

    /// Invokes a function by its whole name.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        payload: Vec<u8>,
    ) -> Result<Answer, SdkError<Refusal, HttpResponse>> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.address);
        let headers = vec![("content-type", "application/json"), (INVOCATION_TYPE, self.kind)];
        self.lambda.call(Call { method: "POST", url, headers, payload }).await
    }
}
