//! The same scenarios for the table in memory and the table on AWS: what holds in every other test holds in operation.
//!
//! The table on AWS is played only with `E2E=1` and the environment of a running local AWS: `AWS_ENDPOINT_URL`, `AWS_REGION`,
//! `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.

use crate::sample::{a_run, access, an_ended_run, at, goals, out, run_id, selection, user, user_run};
use aws::{Aws, Table};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use jiff::Timestamp;
use ports::memory::Memory;
use ports::{Commit, CommitError, FindDue, Key, List, Listing, Read, Record, Report, Stored, Write};

/// A table.
trait Store: Read + Commit + Report + List + FindDue {}
impl<T: Read + Commit + Report + List + FindDue> Store for T {}

/// One call of a scenario.
#[derive(Clone, Debug)]
enum Call {
    Commit(Vec<Write>),
    Read(Vec<Key>),
    /// Run, epoch, message.
    Report(&'static str, u32, &'static str),
    /// What, after which sort key, how many.
    List(Listing, Option<&'static str>, usize),
    /// When, how many.
    Due(Timestamp, usize),
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Written,
    Conflict(usize),
    Reported(bool),
    Records(Vec<Stored>),
}

async fn play(store: &impl Store, call: Call) -> Outcome {
    match call {
        Call::Commit(writes) => match store.commit(writes).await {
            Ok(()) => Outcome::Written,
            Err(CommitError::Conflict { index }) => Outcome::Conflict(index),
            Err(error) => panic!("{error}"),
        },
        Call::Read(keys) => {
            let mut records = store.read(&keys).await.unwrap();
            records.sort_by_key(|it| it.record.key());
            Outcome::Records(records)
        }
        Call::Report(run, epoch, message) => {
            Outcome::Reported(store.report(&run_id(run), epoch, out(message)).await.unwrap())
        }
        Call::List(list, after, limit) => {
            Outcome::Records(store.list(list, after.map(str::to_owned), limit).await.unwrap())
        }
        Call::Due(now, limit) => Outcome::Records(store.find_due(now, limit).await.unwrap()),
    }
}

fn stored(record: Record, rev: u64, seq: u64) -> Stored {
    Stored { record, rev, seq }
}

type Scenario = (&'static str, Vec<(Call, Outcome)>);

fn scenarios() -> Vec<Scenario> {
    use Call::{Commit, Due, List, Read, Report};
    use Outcome::{Conflict, Records, Reported, Written};
    let one = |write| Commit(vec![write]);
    let far = at(1_000_000);
    vec![
        (
            "what is not there is not read",
            vec![(Read(vec![]), Records(vec![])), (Read(vec![access("a").key()]), Records(vec![]))],
        ),
        (
            "a record is created once",
            vec![
                (one(Write::create(access("a"))), Written),
                (one(Write::create(access("a"))), Conflict(0)),
                (Read(vec![access("a").key()]), Records(vec![stored(access("a"), 1, 0)])),
            ],
        ),
        (
            "an update names the revision it read",
            vec![
                (one(Write::update(access("a"), 1)), Conflict(0)),
                (one(Write::create(access("a"))), Written),
                (one(Write::update(access("a"), 2)), Conflict(0)),
                (one(Write::update(access("a"), 1)), Written),
                (one(Write::update(access("a"), 1)), Conflict(0)),
                (Read(vec![access("a").key()]), Records(vec![stored(access("a"), 2, 0)])),
            ],
        ),
        (
            "a put assumes nothing",
            vec![
                (one(Write::put(access("a"))), Written),
                (one(Write::put(access("a"))), Written),
                (Read(vec![access("a").key()]), Records(vec![stored(access("a"), 2, 0)])),
            ],
        ),
        (
            "several writes happen all or none, and the first that may not is told",
            vec![
                (Commit(vec![]), Written),
                (Commit(vec![Write::create(access("a")), Write::create(goals("a"))]), Written),
                (
                    Commit(vec![
                        Write::put(user_run("a", "r1", 0)),
                        Write::create(access("a")),
                        Write::update(goals("a"), 9),
                    ]),
                    Conflict(1),
                ),
                (Commit(vec![Write::update(access("a"), 1), Write::update(goals("a"), 2)]), Conflict(1)),
                (
                    Read(vec![goals("a").key(), access("a").key(), user_run("a", "r1", 0).key()]),
                    Records(vec![stored(access("a"), 1, 0), stored(goals("a"), 1, 0)]),
                ),
            ],
        ),
        (
            "events are numbered through",
            vec![
                (one(Write::create(a_run("r1", 1, far)).telling([out("a"), out("b")])), Written),
                (one(Write::update(a_run("r1", 1, far), 7).telling([out("lost")])), Conflict(0)),
                (one(Write::update(a_run("r1", 1, far), 1)), Written),
                (
                    Commit(vec![
                        Write::update(a_run("r1", 1, far), 2).telling([out("c")]),
                        Write::create(access("a")).telling([out("d"), out("e"), out("f")]),
                    ]),
                    Written,
                ),
                (
                    Read(vec![a_run("r1", 1, far).key(), access("a").key()]),
                    Records(vec![stored(a_run("r1", 1, far), 3, 3), stored(access("a"), 1, 3)]),
                ),
            ],
        ),
        (
            "a report adds an event to a run of this epoch and leaves the revision",
            vec![
                (Report("r1", 1, "early"), Reported(false)),
                (one(Write::create(a_run("r1", 2, far)).telling([out("a")])), Written),
                (Report("r1", 1, "old"), Reported(false)),
                (Report("r1", 2, "b"), Reported(true)),
                (Report("r1", 2, "b"), Reported(true)),
                (one(Write::update(a_run("r1", 3, far), 1)), Written),
                (Report("r1", 2, "old"), Reported(false)),
                (Report("r1", 3, "c"), Reported(true)),
                (Read(vec![a_run("r1", 3, far).key()]), Records(vec![stored(a_run("r1", 3, far), 2, 4)])),
            ],
        ),
        (
            "a key that is asked for twice is answered once",
            vec![
                (one(Write::create(access("a"))), Written),
                (
                    Read(vec![access("a").key(), access("a").key(), access("b").key()]),
                    Records(vec![stored(access("a"), 1, 0)]),
                ),
            ],
        ),
        (
            "a list of runs holds one user's alone, the newest first, page by page",
            vec![
                (
                    Commit(vec![
                        Write::create(user_run("a", "r1", 1)),
                        Write::create(user_run("a", "r3", 0)),
                        Write::create(user_run("a", "r2", 2)),
                        Write::create(user_run("b", "r0", 3)),
                        Write::create(selection("a", "zzz")),
                        Write::create(access("a")),
                    ]),
                    Written,
                ),
                (
                    List(Listing::UserRuns(user("a")), None, 2),
                    Records(vec![stored(user_run("a", "r2", 2), 1, 0), stored(user_run("a", "r1", 1), 1, 0)]),
                ),
                (
                    List(Listing::UserRuns(user("a")), Some("RUN#1780000001000-r1"), 2),
                    Records(vec![stored(user_run("a", "r3", 0), 1, 0)]),
                ),
                (
                    List(Listing::UserRuns(user("a")), Some("RUN#17800000015"), 1),
                    Records(vec![stored(user_run("a", "r1", 1), 1, 0)]),
                ),
                (List(Listing::UserRuns(user("a")), Some("RUN#1780000000000-r3"), 2), Records(vec![])),
                (List(Listing::UserRuns(user("a")), Some("A"), 2), Records(vec![])),
                (
                    List(Listing::UserRuns(user("a")), Some("Z"), 1),
                    Records(vec![stored(user_run("a", "r2", 2), 1, 0)]),
                ),
                (List(Listing::UserRuns(user("a")), None, 0), Records(vec![])),
                (List(Listing::Recommendations(user("a")), None, 9), Records(vec![])),
                (List(Listing::Recommendations(user("a")), Some("A"), 9), Records(vec![])),
                (List(Listing::Recommendations(user("a")), Some("Z"), 9), Records(vec![])),
            ],
        ),
        (
            "everything of a run",
            vec![
                (one(Write::create(a_run("r1", 1, far))), Written),
                (one(Write::create(a_run("r2", 1, far))), Written),
                (List(Listing::Run(run_id("r1")), None, 9), Records(vec![stored(a_run("r1", 1, far), 1, 0)])),
                (List(Listing::Run(run_id("r1")), Some("META"), 9), Records(vec![])),
                (List(Listing::Events(run_id("r1")), Some("00000000"), 9), Records(vec![])),
            ],
        ),
        (
            "what is due is found, soonest first, until it is not",
            vec![
                (one(Write::create(a_run("r2", 1, at(20)))), Written),
                (one(Write::create(a_run("r1", 1, at(30)))), Written),
                (one(Write::create(a_run("r3", 1, at(10)))), Written),
                (one(Write::create(access("a"))), Written),
                (Due(at(9), 9), Records(vec![])),
                (Due(at(10), 9), Records(vec![stored(a_run("r3", 1, at(10)), 1, 0)])),
                (
                    Due(at(99), 2),
                    Records(vec![stored(a_run("r3", 1, at(10)), 1, 0), stored(a_run("r2", 1, at(20)), 1, 0)]),
                ),
                (one(Write::update(an_ended_run("r3"), 1)), Written),
                (one(Write::update(a_run("r2", 1, at(200)), 1)), Written),
                (Report("r1", 1, "a"), Reported(true)),
                (Due(at(99), 9), Records(vec![stored(a_run("r1", 1, at(30)), 1, 1)])),
            ],
        ),
    ]
}

async fn holds(name: &str, store: &impl Store, calls: Vec<(Call, Outcome)>) {
    for (index, (call, expected)) in calls.into_iter().enumerate() {
        assert_eq!(play(store, call).await, expected, "{name}: call {index}");
    }
}

#[tokio::test]
async fn the_table_in_memory_does_as_told() {
    for (name, calls) in scenarios() {
        holds(name, &Memory::at(at(0)), calls).await;
    }
}

#[tokio::test]
async fn the_table_on_aws_does_as_told() {
    let Some(local) = Local::found() else { return };
    for (name, calls) in scenarios() {
        let table = local.create_table().await;
        holds(name, &table, calls).await;
        local.delete_table().await;
    }
}

/// Calls by chance, the same to both.
#[tokio::test]
async fn the_table_on_aws_does_as_the_one_in_memory() {
    let Some(local) = Local::found() else { return };
    let table = local.create_table().await;
    let memory = Memory::at(at(0));
    let seed = 20_260_529;
    let mut chance = fastrand::Rng::with_seed(seed);
    for index in 0..400 {
        let call = any_call(&mut chance);
        let expected = play(&memory, call.clone()).await;
        let what = format!("seed {seed}, call {index}: {call:?}");
        assert_eq!(play(&table, call).await, expected, "{what}");
    }
    local.delete_table().await;
}

fn any_call(chance: &mut fastrand::Rng) -> Call {
    const RUNS: [&str; 3] = ["r1", "r2", "r3"];
    let run = RUNS[chance.usize(..3)];
    match chance.u8(..10) {
        0..=4 => {
            let line = user_run("ada", run, chance.i64(0..3));
            let mut records: Vec<Record> = RUNS
                .into_iter()
                .map(|run| a_run(run, chance.u32(1..3), at(chance.i64(0..50))))
                .chain([an_ended_run("r4"), access("ada"), line])
                .collect();
            chance.shuffle(&mut records);
            records.truncate(chance.usize(1..4));
            Call::Commit(records.into_iter().map(|record| any_write(record, chance)).collect())
        }
        5 => Call::Read(RUNS.into_iter().map(|run| a_run(run, 1, at(0)).key()).collect()),
        6 | 7 => Call::Report(run, chance.u32(1..3), "a"),
        8 => {
            let after = chance
                .choice([
                    None,
                    Some("RUN#1780000000000-r1"),
                    Some("RUN#1780000001000-r2"),
                    Some("RUN#1780000001000-r3"),
                ])
                .flatten();
            Call::List(Listing::UserRuns(user("ada")), after, chance.usize(1..4))
        }
        _ => Call::Due(at(chance.i64(0..50)), 9),
    }
}

fn any_write(record: Record, chance: &mut fastrand::Rng) -> Write {
    let write = match chance.u8(..4) {
        0 => Write::create(record),
        1 => Write::put(record),
        _ => Write::update(record, chance.u64(1..5)),
    };
    let events = chance.usize(..3);
    write.telling((0..events).map(|_| out("a")))
}

/// The local AWS.
struct Local {
    aws: Aws,
    client: Client,
    table: String,
}

impl Local {
    /// The one that is running, or a line that says why it is left out.
    fn found() -> Option<Self> {
        let set = |name| std::env::var(name).is_ok_and(|value| !value.is_empty());
        if std::env::var("E2E").as_deref() != Ok("1") || !set("AWS_ENDPOINT_URL") {
            println!("skipped: the table on AWS needs E2E=1 and AWS_ENDPOINT_URL");
            return None;
        }
        let aws = Aws::from_env().unwrap();
        let client = Client::new(aws.sdk());
        Some(Self { aws, client, table: format!("conformance-{:016x}", fastrand::u64(..)) })
    }

    /// The table as `infra` describes it.
    async fn create_table(&self) -> Table {
        let attribute = |name: &str| {
            let definition = AttributeDefinition::builder().attribute_name(name);
            definition.attribute_type(ScalarAttributeType::S).build().unwrap()
        };
        let key = |name: &str, kind| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
        };
        let due = GlobalSecondaryIndex::builder()
            .index_name("due")
            .key_schema(key("due_pk", KeyType::Hash))
            .key_schema(key("due_at", KeyType::Range))
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .unwrap();
        self.client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(["pk", "sk", "due_pk", "due_at"].map(attribute).into()))
            .key_schema(key("pk", KeyType::Hash))
            .key_schema(key("sk", KeyType::Range))
            .global_secondary_indexes(due)
            .send()
            .await
            .unwrap();
        Table::new(&self.aws, &self.table)
    }

    async fn delete_table(&self) {
        self.client.delete_table().table_name(&self.table).send().await.unwrap();
    }
}
