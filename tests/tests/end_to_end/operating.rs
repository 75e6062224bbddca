//! Whoever operates the system sees what was given up on, and has it tried again.

use crate::household::{Household, awaited};
use crate::turn;
use demo::Settings;
use demo::api::Api;
use demo::aws::Aws;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

const SIMULATION: &str = include_str!("../../../events/samples/simulation-completed.json");

/// Makes a user one who operates the system; their name and password in the user pool are those given.
pub(crate) async fn make_operator(aws: &Aws, name: &str) {
    let member = json!({
        "UserPoolId": std::env::var("USER_POOL_ID").unwrap(), "Username": name, "GroupName": "operators"
    });
    aws.call("cognito-idp", "AWSCognitoIdentityProviderService.AdminAddUserToGroup", &member).await.unwrap();
}

/// Someone who operates the system.
async fn operator() -> (Aws, Api) {
    let settings = Settings::from_env().unwrap();
    let aws = Aws::new(&settings).unwrap();
    let name = format!("operator-{}", Timestamp::now().as_microsecond());
    aws.sign_in(&name, "Operates-everything-1a").await.unwrap();
    make_operator(&aws, &name).await;
    let who = aws.sign_in(&name, "Operates-everything-1a").await.unwrap();
    let api = Api::new(&settings.api_url, who.token).unwrap();
    (aws, api)
}

/// What was given up on that is about this event.
async fn given_up(api: &Api, id: &str) -> Value {
    awaited("the failure", async || {
        let listed: Value = api.get("/operator/failures").await.unwrap();
        listed["failures"].as_array().unwrap().iter().find(|it| it["about"] == id).cloned()
    })
    .await
}

#[tokio::test]
async fn what_was_given_up_on_is_seen_and_tried_again() {
    let Some(_turn) = turn().await else { return };
    let (aws, api) = operator().await;
    let mut event: Value = serde_json::from_str(SIMULATION).unwrap();
    let id = format!("given-up-{}", Timestamp::now().as_microsecond());
    event["id"] = json!(id);
    event["user_id"] = json!(id);
    event["data"]["runway_months"] = json!("not a number");
    aws.put("household.simulation", "simulation.completed", &event).await.unwrap();

    let failure = given_up(&api, &id).await;
    assert_eq!((&failure["function"], &failure["replayable"]), (&json!("recommend"), &json!(true)));
    assert!(
        failure["reason"].as_str().unwrap().starts_with("Validation: detail.data.runway_months"),
        "{failure}"
    );
    assert!(failure["tries"].as_u64().unwrap() >= 1 && failure["alike"].as_u64().unwrap() >= 1, "{failure}");

    // It is out of the queue, fails again, and so comes back as another.
    let again = json!({ "id": failure["id"] });
    let _: Value = api.call(Method::POST, "/operator/failures/replay", Some(&again)).await.unwrap();
    let back = given_up(&api, &id).await;
    assert_ne!(back["id"], failure["id"]);
    assert!(api.call::<Value>(Method::POST, "/operator/failures/replay", Some(&again)).await.is_err());

    let household = Household::new("no-operator").await;
    let refused = household.api.get::<Value>("/operator/failures").await.unwrap_err();
    assert!(refused.to_string().contains("operate"), "{refused}");
}
