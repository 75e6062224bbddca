//! The table against DynamoDB's answers: what is asked, and what becomes of errors.

use crate::replay::{Answer, aws, error, ok};
use crate::sample::{a_run, a_run_of_many_steps, access, an_ended_run, at, goals, out, run, run_id, user};
use aws::{Table, stream};
use engine::Out;
use ports::{
    Commit, CommitError, FindDue, Guard, Key, List, Listing, PortError, Read, Record, Report, Stored, Write,
};
use serde_json::{Value, json};

fn table(answers: impl IntoIterator<Item = Answer>) -> (Table, crate::replay::Asked) {
    let (aws, asked) = aws(answers);
    (Table::new(&aws, "state"), asked)
}

fn condition_failed(item: Value) -> Answer {
    error(
        "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        json!({"message": "The conditional request failed", "Item": item}),
    )
}

fn canceled(codes: &[&str]) -> Answer {
    let reasons: Vec<_> = codes.iter().map(|code| json!({"Code": code})).collect();
    error(
        "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        json!({"Message": "Transaction cancelled", "CancellationReasons": reasons}),
    )
}

fn transaction_conflict() -> Answer {
    error("com.amazonaws.dynamodb.v20120810#TransactionConflictException", json!({"message": "in progress"}))
}

fn image(record: &Record, rev: u64, seq: u64) -> Value {
    json!({
        "pk": {"S": record.key().pk()},
        "sk": {"S": record.key().sk()},
        "body": {"S": serde_json::to_string(record).unwrap()},
        "rev": {"N": rev.to_string()},
        "seq": {"N": seq.to_string()},
    })
}

#[tokio::test(start_paused = true)]
async fn what_an_item_cannot_hold_is_refused_before_it_is_sent() {
    let (table, asked) = table([]);
    // Of the kind that does not deflate: hexadecimal digits of chance take half a byte each.
    let message: String =
        (0_u64..60_000).map(|it| format!("{:016x}", it.wrapping_mul(it ^ 0x9e37_79b9_7f4a_7c15))).collect();
    let write = Write::update(a_run("r1", 2, at(60)), 4).telling([out(Box::leak(message.into_boxed_str()))]);
    let too_large = CommitError::Port(PortError::TooLarge { key: "RUN#r1 META".to_owned() });
    assert_eq!(table.commit(vec![write.clone()]).await, Err(too_large.clone()));
    assert_eq!(table.commit(vec![Write::create(access("u")), write]).await, Err(too_large));
    assert!(asked.heads().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_write_is_one_update() {
    let (table, asked) = table([ok(json!({})), ok(json!({}))]);
    let record = a_run("r1", 2, at(60));
    let told = Write::update(record.clone(), 4).telling([out("a"), out("b")]);
    table.commit(vec![told]).await.unwrap();
    table.commit(vec![Write::create(an_ended_run("r1"))]).await.unwrap();
    let bodies = asked.bodies();

    let first = &bodies[0];
    assert_eq!(first["TableName"], "state");
    assert_eq!(first["Key"], json!({"pk": {"S": "RUN#r1"}, "sk": {"S": "META"}}));
    assert_eq!(first["ConditionExpression"], "rev = :rev");
    assert_eq!(
        first["UpdateExpression"],
        "SET write_id = :write_id, body = :body, rev = if_not_exists(rev, :zero) + :one, epoch = :epoch, \
         due_pk = :due_pk, due_at = :due_at, #out = :out, outbox = :outbox ADD seq :events"
    );
    assert_eq!(first["ExpressionAttributeNames"], json!({"#out": "out"}));
    let mut values = first["ExpressionAttributeValues"].clone();
    let write_id = values.as_object_mut().unwrap().remove(":write_id").unwrap();
    assert_eq!(
        values,
        json!({
            ":body": {"S": serde_json::to_string(&record).unwrap()},
            ":zero": {"N": "0"}, ":one": {"N": "1"}, ":rev": {"N": "4"}, ":epoch": {"N": "2"},
            ":due_pk": {"S": "DUE"}, ":due_at": {"S": "2026-05-28T20:27:40.000000000Z"},
            ":out": {"S": serde_json::to_string(&[out("a"), out("b")]).unwrap()},
            ":outbox": {"N": "2"}, ":events": {"N": "2"},
        })
    );

    let second = &bodies[1];
    assert_eq!(second["ConditionExpression"], "attribute_not_exists(pk)");
    assert_eq!(
        second["UpdateExpression"],
        "SET write_id = :write_id, body = :body, rev = if_not_exists(rev, :zero) + :one, epoch = :epoch \
         REMOVE due_pk, due_at, #out, outbox ADD seq :events"
    );
    assert_ne!(second["ExpressionAttributeValues"][":write_id"], write_id);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_could_read_is_forgotten_after_ninety_days_and_nothing_else_is() {
    let (table, asked) = table([ok(json!({})), ok(json!({}))]);
    let unread = engine::Unread::event("start", "e1".to_owned(), "not known".to_owned(), json!({}), at(0));
    table.commit(vec![Write::put(Record::Unread(unread))]).await.unwrap();
    table.commit(vec![Write::create(an_ended_run("r1"))]).await.unwrap();
    let bodies = asked.bodies();
    let expires = (at(0).as_second() + 90 * 24 * 3600).to_string();
    assert_eq!(bodies[0]["ExpressionAttributeValues"][":expires_at"], json!({ "N": expires }));
    assert!(!bodies[1]["UpdateExpression"].as_str().unwrap().contains("expires_at"));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_is_known_by_its_id() {
    // The first answer is lost; the SDK asks again and finds its own write. Which id it has is only known once it is asked.
    for guard in [Guard::Absent, Guard::Rev(1), Guard::Any] {
        let echo = aws_smithy_http_client::test_util::infallible_client_fn(|request| {
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let item = json!({"write_id": body["ExpressionAttributeValues"][":write_id"]});
            let answer = json!({
                "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
                "message": "The conditional request failed",
                "Item": item,
            });
            http::Response::builder().status(400).body(answer.to_string()).unwrap()
        });
        let table = Table::new(&crate::replay::with(echo), "state");
        let write = Write { record: access("a"), guard, out: vec![out("a")] };
        assert_eq!(table.commit(vec![write]).await, Ok(()), "{guard:?}");
        assert_eq!(table.report(&run_id("r"), 1, out("a")).await, Ok(true));
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_one_write() {
    let write = || vec![Write::update(access("a"), 1)];
    let conflict = Err(CommitError::Conflict { index: 0 });
    let unavailable = |reason: &str| {
        Err(CommitError::Port(PortError::Unavailable { operation: "commit", reason: reason.to_owned() }))
    };
    let throttled =
        || error("com.amazonaws.dynamodb.v20120810#ThrottlingException", json!({"message": "slow down"}));
    let unknown_table =
        || error("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", json!({"message": "no"}));
    let refused = || error("com.amazon.coral.validate#ValidationException", json!({"message": "too large"}));
    let cases = [
        ("the record is gone", vec![condition_failed(Value::Null)], conflict.clone(), 1),
        ("another wrote", vec![condition_failed(json!({"write_id": {"S": "another"}}))], conflict.clone(), 1),
        ("in the way once", vec![transaction_conflict(), ok(json!({}))], Ok(()), 2),
        (
            "in the way for long",
            (0..5).map(|_| transaction_conflict()).collect(),
            unavailable("TransactionConflictException: in progress"),
            5,
        ),
        ("throttled once", vec![throttled(), ok(json!({}))], Ok(()), 2),
        ("lost once", vec![ok(json!({})).status(503), ok(json!({}))], Ok(()), 2),
        ("no table", vec![unknown_table()], unavailable("ResourceNotFoundException: no"), 1),
        ("refused", vec![refused()], unavailable("ValidationException: too large"), 1),
    ];
    for (name, answers, expected, calls) in cases {
        let (table, asked) = table(answers);
        assert_eq!(table.commit(write()).await, expected, "{name}");
        assert_eq!(asked.bodies().len(), calls, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_several_writes() {
    let writes = || vec![Write::create(access("a")), Write::put(goals("a")), Write::update(access("b"), 1)];
    let cases = [
        ("written", vec![ok(json!({}))], Ok(()), 1),
        (
            "a condition failed",
            vec![canceled(&["None", "ConditionalCheckFailed", "ConditionalCheckFailed"])],
            Err(Some(1)),
            1,
        ),
        (
            "a failed condition counts more than being in the way",
            vec![canceled(&["TransactionConflict", "None", "ConditionalCheckFailed"])],
            Err(Some(2)),
            1,
        ),
        (
            "in the way once",
            vec![canceled(&["TransactionConflict", "None", "None"]), ok(json!({}))],
            Ok(()),
            2,
        ),
        ("throttled once", vec![canceled(&["None", "ThrottlingError", "None"]), ok(json!({}))], Ok(()), 2),
        (
            "in the way for long",
            (0..5).map(|_| canceled(&["TransactionConflict", "None"])).collect(),
            Err(None),
            5,
        ),
        ("refused", vec![canceled(&["None", "ValidationError", "None"])], Err(None), 1),
    ];
    for (name, answers, expected, calls) in cases {
        let (table, asked) = table(answers);
        let index = table.commit(writes()).await.map_err(|error| match error {
            CommitError::Conflict { index } => Some(index),
            CommitError::Port(_) => None,
        });
        assert_eq!(index, expected, "{name}");
        let bodies = asked.bodies();
        assert_eq!(bodies.len(), calls, "{name}");
        assert_eq!(bodies[0]["TransactItems"].as_array().unwrap().len(), 3);
        for body in &bodies {
            assert_eq!(body["ClientRequestToken"], bodies[0]["ClientRequestToken"], "{name}: one token");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_is_one_update_on_the_condition_of_the_epoch() {
    let (table, asked) =
        table([ok(json!({})), condition_failed(json!({"epoch": {"N": "4"}})), condition_failed(Value::Null)]);
    assert_eq!(table.report(&run_id("r1"), 3, out("a")).await, Ok(true));
    assert_eq!(table.report(&run_id("r1"), 3, out("a")).await, Ok(false));
    assert_eq!(table.report(&run_id("r1"), 3, out("a")).await, Ok(false));
    let body = &asked.bodies()[0];
    assert_eq!(
        body["UpdateExpression"],
        "SET write_id = :write_id, #out = :out, outbox = :outbox ADD seq :events"
    );
    assert_eq!(
        body["ConditionExpression"],
        "epoch = :epoch AND (attribute_not_exists(write_id) OR write_id <> :write_id)"
    );
    assert_eq!(body["ExpressionAttributeValues"][":epoch"], json!({"N": "3"}));
}

#[tokio::test(start_paused = true)]
async fn a_read_asks_again_for_what_was_left_out() {
    let (a, b) = (access("a"), access("b"));
    let key = |record: &Record| json!({"pk": {"S": record.key().pk()}, "sk": {"S": record.key().sk()}});
    let left = json!({"state": {"Keys": [key(&b)], "ConsistentRead": true}});
    let (table, asked) = table([
        ok(json!({"Responses": {"state": [image(&a, 1, 0)]}, "UnprocessedKeys": left})),
        ok(json!({"Responses": {"state": [image(&b, 2, 3)]}, "UnprocessedKeys": {}})),
    ]);
    let read = table.read(&[a.key(), b.key(), a.key()]).await.unwrap();
    assert_eq!(
        read,
        [Stored { record: a.clone(), rev: 1, seq: 0 }, Stored { record: b.clone(), rev: 2, seq: 3 }]
    );
    let bodies = asked.bodies();
    let wanted = |keys: Value| json!({"state": {"Keys": keys, "ConsistentRead": true}});
    assert_eq!(bodies[0]["RequestItems"], wanted(json!([key(&a), key(&b)])));
    assert_eq!(bodies[1]["RequestItems"], wanted(json!([key(&b)])));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_left_out_for_long_is_an_error() {
    let a = access("a");
    let keys = json!([{"pk": {"S": a.key().pk()}, "sk": {"S": a.key().sk()}}]);
    let answer =
        || ok(json!({"Responses": {"state": []}, "UnprocessedKeys": {"state": {"Keys": keys.clone()}}}));
    let (table, asked) = table((0..5).map(|_| answer()));
    let error = table.read(&[a.key()]).await.unwrap_err();
    assert_eq!(error.to_string(), "read did not go through: the table is throttled");
    assert_eq!(asked.bodies().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn many_keys_are_read_in_several_calls() {
    let nothing = || ok(json!({"Responses": {"state": []}, "UnprocessedKeys": {}}));
    let (table, asked) = table([nothing(), nothing()]);
    let keys: Vec<Key> = (1..=101).map(|seq| Key::Event(run_id("r"), seq)).collect();
    assert_eq!(table.read(&keys).await, Ok(vec![]));
    let sizes: Vec<_> = asked
        .bodies()
        .iter()
        .map(|body| body["RequestItems"]["state"]["Keys"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_read_is_named_and_not_shown() {
    let mut item = image(&access("a"), 1, 0);
    item["body"] = json!({"S": "{\"record\":\"access\",\"secret\":7}"});
    let (table, _) = table([ok(json!({"Responses": {"state": [item.clone()]}, "UnprocessedKeys": {}}))]);
    let expected = PortError::Unreadable { key: "USER#a ACCESS".to_owned() };
    assert_eq!(table.read(&[access("a").key()]).await, Err(expected.clone()));
    assert_eq!(stream::decode(&json!({"dynamodb": {"NewImage": item}})), Err(expected));
}

#[tokio::test(start_paused = true)]
async fn what_is_long_is_written_packed_and_read_wherever_it_comes_from() {
    let record = a_run_of_many_steps("r1");
    let told: Vec<Out> = (0..40).map(|step| out(&format!("step-{step}"))).collect();
    let (table, asked) = table([ok(json!({}))]);
    table.commit(vec![Write::update(record.clone(), 1).telling(told.clone())]).await.unwrap();
    let values = asked.bodies()[0]["ExpressionAttributeValues"].clone();
    let packed = |name: &str| values[name]["B"].as_str().unwrap().len() * 3 / 4;
    let text = serde_json::to_string(&record).unwrap();
    assert!(packed(":body") * 3 < text.len(), "{} of {} bytes", packed(":body"), text.len());
    assert!(packed(":out") < 1_024, "{} bytes", packed(":out"));

    let mut item = image(&record, 2, 40);
    let as_written_before = item.clone();
    (item["body"], item["out"]) = (values[":body"].clone(), values[":out"].clone());
    let stored = Stored { record, rev: 2, seq: 40 };
    for (item, told) in [(&item, told), (&as_written_before, vec![])] {
        let answer = ok(json!({"Responses": {"state": [item]}, "UnprocessedKeys": {}}));
        let (table, _) = self::table([answer]);
        assert_eq!(table.read(&[stored.record.key()]).await, Ok(vec![stored.clone()]));
        let shown = stream::decode(&json!({"dynamodb": {"NewImage": item}}));
        assert_eq!(shown, Ok(Some((stored.clone(), told))));
    }

    let unreadable = Err(PortError::Unreadable { key: "RUN#r1 META".to_owned() });
    for bytes in ["", "AAAA", "bm90IHBhY2tlZA=="] {
        item["body"] = json!({"B": bytes});
        assert_eq!(stream::decode(&json!({"dynamodb": {"NewImage": item}})), unreadable, "{bytes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_over_pages() {
    let (a, b) = (goals("a"), access("a"));
    let (table, asked) = table([
        ok(
            json!({"Items": [image(&a, 1, 0)], "LastEvaluatedKey": {"pk": {"S": "USER#a"}, "sk": {"S": "RUN#1"}}}),
        ),
        ok(json!({"Items": [image(&b, 1, 0)]})),
    ]);
    let list = table.list(Listing::UserRuns(user("a")), Some("RUN#0".to_owned()), 3).await.unwrap();
    assert_eq!(list.len(), 2);
    let bodies = asked.bodies();
    assert_eq!(bodies[0]["KeyConditionExpression"], "pk = :pk AND begins_with(sk, :prefix)");
    assert_eq!(bodies[0]["ExclusiveStartKey"]["sk"], json!({"S": "RUN#0"}));
    assert_eq!(bodies[0]["Limit"], 3);
    assert_eq!(bodies[1]["ExclusiveStartKey"]["sk"], json!({"S": "RUN#1"}));
    assert_eq!(bodies[1]["Limit"], 2);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_cannot_be_read_holds_its_place_and_nothing_else_does() {
    let item = |pk: &str, sk: &str| {
        let body = json!({"record": "event", "runId": "r1", "seq": 7, "type": "workflow.paused"});
        json!({
            "pk": {"S": pk}, "sk": {"S": sk}, "body": {"S": body.to_string()}, "rev": {"N": "1"}, "seq": {"N": "0"},
        })
    };
    let page = |pk: &str, sk: &str| ok(json!({"Items": [item(pk, sk)], "Count": 1}));
    let (table, _) = table([page("EVENTS#r1", "00000007"), page("USER#a", "RUN#1")]);
    let listed = table.list(Listing::Events(run_id("r1")), None, 9).await.unwrap();
    let unread = Record::UnreadEvent { run_id: run_id("r1"), seq: 7 };
    assert_eq!(listed, [Stored { record: unread, rev: 1, seq: 0 }]);
    let unreadable = PortError::Unreadable { key: "USER#a RUN#1".to_owned() };
    assert_eq!(table.list(Listing::UserRuns(user("a")), None, 9).await, Err(unreadable));
}

#[tokio::test(start_paused = true)]
async fn what_the_index_shows_is_checked_in_the_records() {
    let (due, moved, ended) = (a_run("r1", 1, at(5)), a_run("r2", 1, at(500)), an_ended_run("r3"));
    let keys: Vec<_> = ["r1", "r2", "r3"]
        .map(|run| json!({"pk": {"S": format!("RUN#{run}")}, "sk": {"S": "META"}, "due_pk": {"S": "DUE"}}))
        .into();
    let (table, asked) = table([
        ok(json!({"Items": keys})),
        ok(
            json!({"Responses": {"state": [image(&ended, 2, 2), image(&moved, 2, 2), image(&due, 1, 1)]}, "UnprocessedKeys": {}}),
        ),
    ]);
    let found = table.find_due(at(10), 25).await.unwrap();
    assert_eq!(found, [Stored { record: due, rev: 1, seq: 1 }]);
    let query = &asked.bodies()[0];
    assert_eq!(query["IndexName"], "due");
    assert_eq!(query["ExpressionAttributeValues"][":now"], json!({"S": "2026-05-28T20:26:50.000000000Z"}));
}

#[test]
fn a_stream_record_shows_the_record_and_its_events() {
    let record = Record::Run(run("r1", 1, at(5)));
    let mut item = image(&record, 3, 7);
    let stored = Stored { record, rev: 3, seq: 7 };
    let shown =
        |image: &Value| stream::decode(&json!({"eventName": "MODIFY", "dynamodb": {"NewImage": image}}));
    assert_eq!(shown(&item), Ok(Some((stored.clone(), vec![]))));
    let told = vec![out("a"), out("b")];
    item["out"] = json!({"S": serde_json::to_string(&told).unwrap()});
    item["outbox"] = json!({"N": "2"});
    assert_eq!(shown(&item), Ok(Some((stored, told))));
    item["out"] = json!({"S": "[{}]"});
    assert_eq!(shown(&item), Err(PortError::Unreadable { key: "RUN#r1 META".to_owned() }));
    assert_eq!(stream::decode(&json!({"eventName": "REMOVE", "dynamodb": {"Keys": {}}})), Ok(None));
}
