//! Mail, phones, sockets and schedules against answers as the services write them.

use crate::replay::{Answer, Asked, aws, ok};
use aws::{Aws, Mail, OpenSockets, Phones, ScheduleSettings, Schedules};
use notices::body::Email;
use ports::{Heard, PushLive, Schedule, SendEmail, SendError, SendPush, SendSms};
use serde_json::json;

fn letter() -> Email {
    Email { subject: "S".to_owned(), text: "T".to_owned(), html: "<p>H</p>".to_owned(), ..Email::default() }
}

fn refused(status: u16, kind: &'static str) -> Answer {
    ok(json!({"message": "to ada@example.com"})).status(status).header("x-amzn-errortype", kind)
}

fn in_xml(status: u16, kind: &str) -> Answer {
    let body =
        format!("<ErrorResponse><Error><Type>Sender</Type><Code>{kind}</Code></Error></ErrorResponse>");
    ok(json!({})).status(status).text(&body)
}

#[tokio::test(start_paused = true)]
async fn a_mail_is_sent_once_as_html_and_text() {
    let (aws, asked) = aws([ok(json!({"MessageId": "m"}))]);
    Mail::new(&aws, Some("us@example.com".to_owned()))
        .send_email("ada@example.com", &letter())
        .await
        .unwrap();
    assert_eq!(asked.heads()[0].0, "https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails");
    let body = &asked.bodies()[0];
    assert_eq!(body["Destination"]["ToAddresses"], json!(["ada@example.com"]));
    assert_eq!(body["Content"]["Simple"]["Body"]["Html"]["Data"], "<p>H</p>");
}

/// What becomes of a mail, and how often it was tried.
async fn mailed(answer: Answer) -> (SendError, usize) {
    let (aws, asked): (Aws, Asked) = aws([answer]);
    let error = Mail::new(&aws, Some("us@example.com".to_owned()))
        .send_email("ada@example.com", &letter())
        .await
        .unwrap_err();
    (error, asked.bodies().len())
}

#[tokio::test(start_paused = true)]
async fn whether_a_mail_that_failed_was_sent() {
    let reason = |it: &str| it.to_owned();
    for (status, kind, expect) in [
        (400, "MessageRejected", SendError::Refused { reason: reason("MessageRejected") }),
        (400, "LimitExceededException", SendError::NotNow { reason: reason("LimitExceededException") }),
        (403, "AccountSuspendedException", SendError::NotNow { reason: reason("AccountSuspendedException") }),
        (429, "TooManyRequestsException", SendError::NotNow { reason: reason("TooManyRequestsException") }),
        (500, "InternalFailure", SendError::Unknown { reason: reason("InternalFailure") }),
    ] {
        let (error, tries) = mailed(refused(status, kind)).await;
        assert_eq!((&error, tries), (&expect, 1), "{kind}");
        assert!(!error.to_string().contains('@'), "an address in {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_sends_nothing() {
    let (aws, asked) = aws([]);
    let refused = Mail::new(&aws, None).send_email("ada@example.com", &letter()).await.unwrap_err();
    assert!(matches!(refused, SendError::Refused { .. }));
    assert!(asked.bodies().is_empty());
}

#[tokio::test(start_paused = true)]
async fn phones_and_devices() {
    let (aws, asked) =
        aws([ok(json!({})), ok(json!({})), in_xml(400, "Throttling"), in_xml(404, "NotFound")]);
    let phones = Phones::new(&aws);
    phones.send_sms("+15550100", "a & b=ü").await.unwrap();
    phones.send_push("arn:endpoint", &json!({"default": "d"})).await.unwrap();
    let texts = asked.texts();
    assert!(texts[0].contains("&PhoneNumber=%2B15550100&Message=a%20%26%20b%3D%C3%BC&"), "{}", texts[0]);
    assert!(texts[1].contains("&TargetArn=arn%3Aendpoint&MessageStructure=json&Message=%7B"), "{}", texts[1]);
    let throttled = phones.send_sms("+15550100", "a").await.unwrap_err();
    assert_eq!(throttled, SendError::NotNow { reason: "Throttling".to_owned() });
    let gone = phones.send_push("arn:endpoint", &json!({})).await.unwrap_err();
    assert_eq!(gone, SendError::Refused { reason: "NotFound".to_owned() });
}

#[tokio::test(start_paused = true)]
async fn a_socket_takes_it_or_is_gone() {
    let (aws, asked) =
        aws([ok(json!({})), refused(410, "GoneException"), refused(500, "InternalFailure"), ok(json!({}))]);
    let sockets = OpenSockets::new(&aws, "https://x.execute-api.eu-west-1.amazonaws.com/live");
    let message = json!({"type": "run"});
    assert_eq!(sockets.push_live("L0SM9cOFvHcCIhw=", &message).await, Ok(Heard::Taken));
    assert_eq!(sockets.push_live("c", &message).await, Ok(Heard::Gone));
    assert!(sockets.push_live("c", &message).await.is_err());
    sockets.close_live("c").await.unwrap();
    let heads = asked.heads();
    let base = "https://x.execute-api.eu-west-1.amazonaws.com/live/%40connections";
    assert_eq!(heads[0].0, format!("{base}/L0SM9cOFvHcCIhw%3D"));
    assert_eq!(heads.len(), 4, "each was tried once");
}

#[tokio::test(start_paused = true)]
async fn a_schedule_is_made_once() {
    let (aws, asked) =
        aws([ok(json!({})), refused(409, "ConflictException"), refused(404, "ResourceNotFoundException")]);
    let settings = ScheduleSettings {
        group: "dev-notices".to_owned(),
        role: "arn:role".to_owned(),
        functions: "arn:function:dev-".to_owned(),
    };
    let schedules = Schedules::new(&aws, settings);
    let at = "2026-07-01T07:00:00.5Z".parse().unwrap();
    let payload = json!({"deferred": {}});
    schedules.schedule("email-1", at, "email", &payload).await.unwrap();
    schedules.schedule("email-1", at, "email", &payload).await.unwrap();
    assert!(schedules.schedule("email-1", at, "email", &payload).await.is_err());
    assert_eq!(asked.heads()[0].0, "https://scheduler.eu-west-1.amazonaws.com/schedules/email-1");
    let body = &asked.bodies()[0];
    assert_eq!(body["ScheduleExpression"], "at(2026-07-01T07:00:01)");
    assert_eq!(body["Target"]["Arn"], "arn:function:dev-email");
    assert_eq!(body["Target"]["Input"], payload.to_string());
}
