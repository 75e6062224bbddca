//! Completing waiting states against Step Functions' answers.

use crate::replay::{aws, error, ok};
use aws::Tokens;
use events::ErrorClass;
use ports::CompleteTask;
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn a_state_succeeds_with_nothing_and_fails_with_its_class() {
    let (aws, asked) = aws([ok(json!({})), ok(json!({}))]);
    let tokens = Tokens::new(&aws);
    tokens.succeed("t1").await.unwrap();
    tokens.fail("t2", ErrorClass::Declined, "The provider said no.").await.unwrap();
    let bodies = asked.bodies();
    assert_eq!(bodies[0], json!({"taskToken": "t1", "output": "{}"}));
    assert_eq!(bodies[1]["taskToken"], "t2");
    assert_eq!(bodies[1]["error"], "Declined");
    let cause: Value = serde_json::from_str(bodies[1]["cause"].as_str().unwrap()).unwrap();
    assert_eq!(cause, json!({"errorType": "Declined", "errorMessage": "The provider said no."}));
}

#[tokio::test(start_paused = true)]
async fn a_state_that_waits_no_more_is_no_error() {
    for kind in ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"] {
        let gone = || error(kind, json!({"message": "Task Timed Out"}));
        let (aws, _) = aws([gone(), gone()]);
        let tokens = Tokens::new(&aws);
        assert_eq!(tokens.succeed("t").await, Ok(()), "{kind}");
        assert_eq!(tokens.fail("t", ErrorClass::Ending, "").await, Ok(()), "{kind}");
    }
    let refused = || error("InvalidOutput", json!({"message": "no"}));
    let (aws, _) = aws([refused(), refused()]);
    let tokens = Tokens::new(&aws);
    assert_eq!(
        tokens.succeed("t").await.unwrap_err().to_string(),
        "succeed did not go through: InvalidOutput: no"
    );
    assert!(tokens.fail("t", ErrorClass::Ending, "").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_long_message_is_cut_between_characters() {
    let (aws, asked) = aws([ok(json!({}))]);
    Tokens::new(&aws).fail("t", ErrorClass::Defect, &"é\u{1}".repeat(40_000)).await.unwrap();
    let cause = asked.bodies()[0]["cause"].as_str().unwrap().to_owned();
    assert!(cause.chars().count() <= 32_768, "{}", cause.chars().count());
    assert!(serde_json::from_str::<Value>(&cause).is_ok());
}
