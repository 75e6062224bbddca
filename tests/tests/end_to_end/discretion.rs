//! What a household's data is never seen in: logs, execution histories and failure queues, and on the bus nothing but what a run tells its
//! user. Unmistakable values are given to a whole run, one that completes and one that is undone, and looked for in everything that the
//! platform keeps of it.

use crate::household::{Household, awaited};
use crate::queues::{drained, failures, looked_through, overheard, unpublished};
use crate::told::{links, reach};
use crate::{executions, root, turn};
use aws::Table;
use demo::Auto;
use demo::aws::Aws;
use demo::wire::Card;
use events::{RunId, WorkflowEvent};
use jiff::Timestamp;
use ports::{List, Listing, Record};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

const WORKFLOW: &str = "emergency-fund-builder";

/// What the project's own household is called by here, and never anywhere else. Of a person and of their bank; nobody but the person
/// and the agents sees it.
const SECRET: [(&str, &str); 13] = [
    ("Maya Rivera", "Quillonia Zzyxmarrow"),
    ("412 Silver Ave SW", "7419 Vantablack Crescent"),
    ("Everyday Checking", "Obsidianfold Checking"),
    ("Mesa Rewards", "Glimmerwick Rewards"),
    ("RIVERSIDE APARTMENTS", "QUAGSTONE APARTMENTS"),
    ("Riverside Apartments", "Quagstone Apartments"),
    ("MESA DESIGN CO", "BRAMBLEQUILL CO"),
    ("Mesa Design Co", "Bramblequill Co"),
    ("STRIPE TRANSFER", "ZORBLAX TRANSFER"),
    ("PRESBYTERIAN CLINIC", "WYRDMOTH CLINIC"),
    ("\"2084.37\"", "\"2091.83\""),
    ("\"1395.00\"", "\"1394.71\""),
    ("\"3412.18\"", "\"3419.57\""),
];

/// Whom the run deals with and what they charge: the user is told of it, by events too.
const TOLD: [(&str, &str); 5] = [
    ("Rainy Day Savings", "Marzipanthorn Savings"),
    ("Streamly", "Vorpalstream"),
    ("STREAMLY", "VORPALSTREAM"),
    ("\"22.99\"", "\"23.17\""),
    ("Piedra Casualty", "Snarkfin Casualty"),
];

/// Kinds of event that tell what a run brought or proposes, in the words of its agents.
const TELLING: [&str; 6] = [
    "impact.savings",
    "impact.risk_reduced",
    "step.progress",
    "step.waiting_user",
    "step.completed",
    "warning.partial",
];

/// The project's household, with these values in place of its own.
fn household() -> String {
    let file = root().join("tests/sandbox/households/rivera.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    SECRET.iter().chain(&TOLD).fold(text, |text, (before, after)| {
        assert!(text.contains(before), "the household has no {before}");
        text.replace(before, after)
    })
}

/// Text as it is looked for: an amount in full and in its smallest unit.
fn forms(value: &str) -> Vec<String> {
    let value = value.trim_matches('"');
    match value.split_once('.') {
        Some((whole, cents)) if whole.bytes().all(|it| it.is_ascii_digit()) => {
            let grouped = format!(
                "{},{}.{cents}",
                &whole[..whole.len().saturating_sub(3)],
                &whole[whole.len().saturating_sub(3)..]
            );
            vec![value.to_owned(), grouped, format!("{whole}{cents}")]
        }
        _ => vec![value.to_owned()],
    }
}

/// Whether a text has this as a word of its own: digits in the middle of an id, hyphens included, or of a second are none.
fn has(text: &str, wanted: &str) -> bool {
    let letter = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    let number = wanted.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b','));
    let mut at = 0;
    while let Some(found) = text[at..].find(wanted) {
        let (from, until) = (at + found, at + found + wanted.len());
        let (mut before, mut after) = (text[..from].chars().rev(), text[until..].chars());
        let within = match (before.next(), after.next()) {
            (Some('.'), _) => true,
            (Some('-'), _) if letter(before.next()) => true,
            (_, Some('-')) if letter(after.next()) => true,
            (before, after) => letter(before) || letter(after),
        };
        if !number || !within {
            return true;
        }
        at = until;
    }
    false
}

/// Keys to a run's questions.
struct Keys {
    links: Vec<String>,
    tokens: Vec<String>,
}

/// A household under watch.
struct Watched {
    household: Household,
    mailbox: String,
    /// What must be seen nowhere.
    secrets: Vec<String>,
    /// What may be seen in some events.
    told: Vec<String>,
    queue: String,
    since: Timestamp,
}

impl Watched {
    async fn new(name: &str) -> Self {
        let since = Timestamp::now();
        // It stays: whoever starts the sandbox again reads every household anew.
        let file =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.yaml", std::process::id()));
        std::fs::write(&file, household()).unwrap();
        let household = Household::of(name, Some(file)).await;
        let mailbox = format!("{}@zzyxmarrow.example", household.name);
        let digits = household.name.rsplit('-').next().unwrap();
        let phone = format!("+1{}", &digits[digits.len() - 10..]).replacen("+10", "+11", 1);
        let wanted = json!({
            "in_app": {"on": true}, "push": {"on": true}, "zone": "UTC",
            "email": {"on": true, "address": mailbox}, "sms": {"on": true, "address": phone},
        });
        reach(&household, &wanted).await;
        let mut secrets: Vec<String> = SECRET.iter().flat_map(|(_, value)| forms(value)).collect();
        secrets.extend([
            mailbox.clone(),
            phone,
            household.linked.token.clone(),
            household.password(),
            household.token().to_owned(),
        ]);
        let mut told: Vec<String> = TOLD.iter().flat_map(|(_, value)| forms(value)).collect();
        // The bank's ids of accounts are evidence of what was brought.
        told.extend(household.linked.accounts.iter().cloned());
        let pattern = json!({ "detail": { "user_id": [household.user_id()] } });
        let queue = overheard(&household.aws, &household.name, &pattern).await;
        Self { household, mailbox, secrets, told, queue, since }
    }

    /// What lets its holder answer for the user or for an agent: the links of the mails and the questions' task tokens.
    async fn keys(&self, runs: &[&RunId]) -> Keys {
        let links = links(&self.mailbox).await;
        let table = Table::from_env(&aws::Aws::from_env().unwrap()).unwrap();
        let mut tokens = Vec::new();
        for run in runs {
            let records = table.list(Listing::Run((*run).clone()), None, 1000).await.unwrap();
            let task = |it: ports::Stored| match it.record {
                Record::Task(task) => Some(task.token),
                _ => None,
            };
            tokens.extend(records.into_iter().filter_map(task).filter(|token| !token.is_empty()));
        }
        assert!(links.len() > 1 && tokens.len() > 1, "links {links:?}, tokens {tokens:?}");
        Keys { links, tokens }
    }

    /// Everything put on the bus for the user, until what these runs have stored is there too.
    async fn bus(&self, runs: &[&RunId]) -> Vec<Value> {
        let mut wanted = BTreeSet::new();
        for run in runs {
            wanted.extend(self.household.events(run).await.iter().map(|it| format!("{run}-{}", it.seq)));
        }
        let mut heard = Vec::new();
        awaited("every event on the bus", async || {
            for body in drained(&self.household.aws, &self.queue).await {
                let event: Value = serde_json::from_str(&body).unwrap();
                wanted.remove(event["detail"]["id"].as_str().unwrap_or_default());
                heard.push(event);
            }
            wanted.is_empty().then_some(())
        })
        .await;
        heard
    }

    /// Fails when a text has what it must not.
    fn hold(&self, what: &str, text: &str) {
        self.hold_but(what, text, |_| false);
    }

    /// The same, but for what may be seen there.
    fn hold_but(&self, what: &str, text: &str, may: impl Fn(&String) -> bool) {
        let all = self.secrets.iter().chain(&self.told);
        let found: Vec<_> = all.filter(|it| has(text, it) && !may(it)).collect();
        assert!(found.is_empty(), "{what} has {found:?}:\n{text}");
    }

    /// An event says what its kind is there to say.
    fn hold_event(&self, event: &Value) {
        let (kind, text) = (event["detail-type"].as_str().unwrap(), event.to_string());
        let simulation = json!(self.household.simulation).to_string();
        self.hold_but(kind, &text, |value| match kind {
            // It came in from outside; what is recommended answers it with the figures that it has.
            "simulation.completed" | "actions.recommended" => {
                has(&simulation, value) || has(&simulation, &value.replace(['.', ','], ""))
            }
            _ => TELLING.contains(&kind) && self.told.contains(value),
        });
    }
}

/// Everything that the functions have logged since then, function by function.
async fn logs(aws: &Aws, since: Timestamp) -> Vec<(String, String)> {
    let call = async |what: &str, body: Value| {
        aws.call("logs", &format!("Logs_20140328.{what}"), &body).await.unwrap()
    };
    let groups = call("DescribeLogGroups", json!({ "logGroupNamePrefix": "/aws/lambda/" })).await;
    let mut all = Vec::new();
    for group in groups["logGroups"].as_array().unwrap() {
        let name = group["logGroupName"].as_str().unwrap().to_owned();
        let mut text = String::new();
        let mut request = json!({ "logGroupName": name, "startTime": since.as_millisecond() });
        loop {
            let mut page = call("FilterLogEvents", request.clone()).await;
            for event in page["events"].as_array().unwrap() {
                let line = event["message"].as_str().unwrap();
                // The platform's own line, with how long it took.
                if !line.starts_with("REPORT ") {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            match page["nextToken"].take() {
                Value::Null => break,
                token => request["nextToken"] = token,
            }
        }
        all.push((name, text));
    }
    all
}

/// Puts one of a run's events on the bus again, with a field that it must not have: a function fails with it in its hands.
async fn malformed(household: &Household, event: &WorkflowEvent) -> String {
    let id = format!("{}-discretion", household.name);
    let mut data = json!(event);
    data["data"]["surprise"] = json!(1);
    let detail = json!({
        "id": id, "version": 1, "time": Timestamp::now(), "user_id": household.user_id(), "data": data,
    });
    household.aws.put("household.workflows", event.event_type.as_str(), &detail).await.unwrap();
    id
}

#[tokio::test]
async fn nothing_of_a_household_is_seen_where_it_need_not_be() {
    let Some(_turn) = turn().await else { return };
    let it = Watched::new("discretion").await;
    let household = &it.household;
    let state = household.state().await.to_string();
    assert!(state.contains("Vorpalstream") && state.contains("209183"), "nothing is seeded: {state}");

    let calls =
        |path: &str, times: u32| json!({ "method": "POST", "path_prefix": path, "skip": 0, "times": times });
    // A run that is undone, with a provider that fails at first; and one that completes, with one that wants to see the account holder.
    let down = json!({ "kind": "status", "status": 503 });
    let mut restores = calls("/subscriptions/", 2);
    restores["path_suffix"] = json!("/restore");
    for (matching, fault) in [
        (calls("/transactions/sync", 2), down.clone()),
        (restores, down),
        (calls("/billers/", 1), json!({ "kind": "needs_verification" })),
    ] {
        household.sandbox.fault(&household.name, matching, &fault).await.unwrap();
    }
    let recommendation = household.recommended().await;
    let undone = household.api.select(&recommendation, WORKFLOW, "undone").await.unwrap();
    let worked = |card: &Card| card.current.iter().any(|it| it.name != "Quick Wins" && it.waiting_user);
    household.until(&undone, Auto::Approve, worked).await;
    household.api.end(&undone, "cancel").await.unwrap();
    assert_eq!(household.ended(&undone, Auto::Approve).await.status, "RolledBack");
    let done = household.api.select(&recommendation, WORKFLOW, "done").await.unwrap();
    assert_eq!(household.ended(&done, Auto::Approve).await.status, "Completed");

    let runs = [&done, &undone];
    let events = household.events(&done).await;
    let kept = malformed(household, events.last().unwrap()).await;
    awaited("the failure of what is malformed", async || {
        let kept_back = looked_through(&household.aws, &failures()).await;
        kept_back.iter().any(|it| it.contains(&kept)).then_some(())
    })
    .await;
    look(it, &runs).await;
}

/// Looks at everything.
async fn look(mut it: Watched, runs: &[&RunId]) {
    let Keys { links, tokens } = it.keys(runs).await;
    it.secrets.extend(links.into_iter().chain(tokens.iter().cloned()));
    let household = &it.household;
    let bus = it.bus(runs).await;
    assert!(bus.len() > 40, "{} events", bus.len());
    bus.iter().for_each(|event| it.hold_event(event));
    for run in runs {
        let histories = executions::histories(&household.aws, "emergency-fund-builder-v1", run).await;
        assert!(histories.contains("StateEntered"), "no history");
        // It is Step Functions that hands a task its token.
        it.hold_but("an execution", &histories, |secret| tokens.contains(secret));
    }
    let logs = logs(&household.aws, it.since).await;
    for function in ["automated", "api", "publish", "card", "email", "quick-saver", "dispatch"] {
        let log = logs.iter().find(|(name, _)| name.ends_with(&format!("-{function}")));
        assert!(log.is_some_and(|(_, text)| !text.is_empty()), "{function} has logged nothing");
    }
    for (name, text) in &logs {
        it.hold(name, text);
    }
    for queue in [failures(), unpublished()] {
        for body in looked_through(&household.aws, &queue).await {
            it.hold(&queue, &body);
        }
    }
}

#[test]
fn a_value_is_found_in_whatever_form_and_not_within_another() {
    assert_eq!(forms("\"2091.83\""), ["2091.83", "2,091.83", "209183"]);
    for (text, wanted, expect) in [
        ("{\"minor\":209183}", "209183", true),
        ("at 2026-11-23T09:00:00.209183Z", "209183", false),
        ("run-7209183", "209183", false),
        ("27d191b1-2317-4e8e-866f-e2ea55abe0c1", "2317", false),
        ("e2ea55ab-2317", "2317", false),
        ("a change of -23.17 a month", "23.17", true),
        ("{\"minor\":-2317}", "2317", true),
        ("it costs 2,091.83.", "2,091.83", true),
        ("of Obsidianfold's", "Obsidianfold", true),
    ] {
        assert_eq!(has(text, wanted), expect, "{text}");
    }
}
