//! Invocations against Lambda's answers.

use crate::replay::{Answer, Asked, aws, ok, with};
use aws::{Aws, Functions};
use aws_smithy_http_client::test_util::NeverClient;
use events::{AgentId, AgentRequest, ErrorClass};
use jiff::{SignedDuration, Timestamp};
use ports::{AskAgent, ContinueStep, Invoke, Mode, StepFunction, StepWork};
use serde_json::{Value, json};

fn functions(answers: impl IntoIterator<Item = Answer>) -> (Functions, Asked) {
    let (aws, asked) = aws(answers);
    (Functions::new(&aws, "dev-"), asked)
}

fn agent() -> AgentId {
    AgentId::parse("quick-saver").unwrap()
}

fn request() -> AgentRequest {
    let deadline = Timestamp::now() + SignedDuration::from_secs(30);
    serde_json::from_value(json!({
        "op": "propose", "run_id": "r1", "step_id": "quick-wins", "user_id": "ada",
        "as_of": "2026-05-29", "attempt": 1, "deadline": deadline,
    }))
    .unwrap()
}

fn refused(status: u16, kind: &'static str) -> Answer {
    ok(json!({"Type": "User", "message": "Rate Exceeded."})).status(status).header("x-amzn-errortype", kind)
}

fn function_error(body: Value) -> Answer {
    ok(body).header("x-amz-function-error", "Unhandled")
}

#[tokio::test(start_paused = true)]
async fn an_agent_is_asked_once_and_its_answer_read() {
    let (functions, asked) = functions([ok(json!({"headline": "Found 3 trials"}))]);
    let request = request();
    let answer = functions.ask_agent(&agent(), &request).await.unwrap();
    assert_eq!(answer.headline, "Found 3 trials");
    assert_eq!(asked.bodies(), [serde_json::to_value(&request).unwrap()]);
    assert_eq!(
        asked.heads()[0].0,
        "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/dev-quick-saver/invocations"
    );
}

#[tokio::test(start_paused = true)]
async fn failures_of_an_agent() {
    let cases = [
        (
            "says so itself",
            function_error(
                json!({"errorType": "RateLimited", "errorMessage": "The bank asks for patience."}),
            ),
            ErrorClass::RateLimited,
            "The bank asks for patience.",
        ),
        (
            "crashed",
            function_error(
                json!({"errorType": "Runtime.ExitError", "errorMessage": "RequestId: 1 Error: exit status 1"}),
            ),
            ErrorClass::Interrupted,
            "The agent was interrupted (Runtime.ExitError).",
        ),
        (
            "ran out of time",
            function_error(
                json!({"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: 1 Error: Task timed out"}),
            ),
            ErrorClass::Interrupted,
            "The agent was interrupted (Sandbox.Timedout).",
        ),
        (
            "ran out of time, as older runtimes say",
            function_error(
                json!({"errorMessage": "2026-05-29T00:00:00Z 1 Task timed out after 60.00 seconds"}),
            ),
            ErrorClass::Interrupted,
            "The agent was interrupted.",
        ),
        (
            "an error of no class",
            function_error(json!({"errorType": "alloc::string::String", "errorMessage": "secret"})),
            ErrorClass::Defect,
            "The agent was interrupted (alloc::string::String).",
        ),
        (
            "throttled",
            refused(429, "TooManyRequestsException"),
            ErrorClass::AgentBusy,
            "The agent is busy with others.",
        ),
        (
            "not deployed",
            refused(404, "ResourceNotFoundException"),
            ErrorClass::Interrupted,
            "The agent could not be reached (ResourceNotFoundException).",
        ),
        (
            "the service failed",
            refused(500, "ServiceException"),
            ErrorClass::Interrupted,
            "The agent could not be reached (ServiceException).",
        ),
        (
            "too large",
            refused(413, "RequestTooLargeException"),
            ErrorClass::Defect,
            "The agent could not be reached (RequestTooLargeException).",
        ),
        (
            "another shape",
            ok(json!({"head": 1})),
            // Not the agent's own word that it began nothing: it is probed.
            ErrorClass::Interrupted,
            "The agent gave an answer that cannot be read.",
        ),
    ];
    for (name, answer, class, message) in cases {
        let (functions, asked) = functions([answer, ok(json!({}))]);
        let failure = functions.ask_agent(&agent(), &request()).await.unwrap_err();
        assert_eq!((failure.class, failure.message.as_str()), (class, message), "{name}");
        assert_eq!(failure.agent, agent());
        assert_eq!(asked.bodies().len(), 1, "{name}: one invocation, whatever became of it");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_past_the_deadline() {
    for (name, deadline) in [
        ("ahead", Timestamp::now() + SignedDuration::from_secs(30)),
        ("passed", Timestamp::now() - SignedDuration::from_secs(30)),
    ] {
        let functions = Functions::new(&with(NeverClient::new()), "dev-");
        let failure =
            functions.ask_agent(&agent(), &AgentRequest { deadline, ..request() }).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::Timeout, "{name}");
    }
    let functions = Functions::new(&with(NeverClient::new()), "dev-");
    assert_eq!(functions.invoke("start", &json!({})).await.unwrap_err().class, ErrorClass::Timeout);
}

#[tokio::test(start_paused = true)]
async fn nobody_there() {
    // No answers left: the connection fails.
    let (functions, _) = functions([]);
    let failure = functions.ask_agent(&agent(), &request()).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Interrupted);
    assert_eq!(failure.message, "The agent could not be reached (no connection).");
}

#[tokio::test(start_paused = true)]
async fn a_step_goes_on_without_being_waited_for() {
    let work = StepWork {
        run_id: request().run_id,
        user_id: request().user_id,
        epoch: 2,
        workflow: events::WorkflowId::parse("emergency-fund-builder").unwrap(),
        version: 3,
        step_id: Some(request().step_id),
        mode: Mode::Continue,
        token: None,
        error: None,
        undo_error: None,
        group: None,
    };
    // A hand-over may be repeated: the step Lambda takes it more than once.
    let (functions, asked) = functions([refused(500, "ServiceException"), ok(json!({})).status(202)]);
    functions.continue_step(StepFunction::SemiAutomated, &work).await.unwrap();
    assert_eq!(asked.bodies()[1], serde_json::to_value(&work).unwrap());
    let (uri, headers) = &asked.heads()[1];
    assert!(uri.ends_with("/functions/dev-semi-automated/invocations"), "{uri}");
    assert!(headers.contains(&("x-amz-invocation-type".to_owned(), "Event".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_function_is_invoked_for_its_answer() {
    let (functions, asked) = functions([
        ok(json!({"run_id": "r1"})),
        function_error(json!({"errorType": "Validation", "errorMessage": "No such workflow."})),
    ]);
    assert_eq!(functions.invoke("start", &json!({"n": 1})).await, Ok(json!({"run_id": "r1"})));
    assert_eq!(asked.bodies(), [json!({"n": 1})]);
    let error = functions.invoke("start", &json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "start: No such workflow.");
    assert_eq!(error.class, ErrorClass::Validation);
}

#[test]
fn adapters_can_be_shared_between_tasks() {
    fn shared<T: Send + Sync>() {}
    shared::<(Aws, Functions, aws::Table, aws::Bucket, aws::Executions, aws::Tokens, aws::Bus)>();
}
