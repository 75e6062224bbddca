//! The kinds of failure that the demo can run under: `FAULT=<name>`, or `all` one after the other. Each says what the provider, or
//! the user in the middle of the run, does, and how the run ends.

use crate::wire::Card;
use anyhow::bail;
use serde_json::{Value, json};

/// A kind of failure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// Its name.
    pub name: &'static str,
    /// What there is to see.
    pub shows: &'static str,
    /// Which calls of providers it hits, and what happens to them.
    pub rules: Vec<(Value, Value)>,
    /// The agents whose process the platform ends while these rules hold their calls, in the order of the rules.
    pub interrupts: Vec<&'static str>,
    /// What the user does in the middle of the run.
    pub word: Option<Word>,
    /// The household's extra subscriptions: how many, and whether they are used.
    pub more: Option<(usize, bool)>,
    /// The state in which the run ends.
    pub ends: &'static str,
    /// The state in which it ends once it was resumed, where it then is.
    pub resumed: Option<&'static str>,
}

/// What the user does in the middle of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Takes a consent back as soon as the run executes.
    Revoke(&'static str),
    /// Cancels once something has been done.
    Cancel,
    /// Stops once something has been done, and keeps it.
    Stop,
}

impl Word {
    /// Whether the moment has come.
    pub(crate) fn is_due(self, card: &Card) -> bool {
        match self {
            Self::Revoke(_) => card.status == "Executing",
            Self::Cancel | Self::Stop => {
                card.completed.iter().any(|step| step.outcome == "complete" && step.undo.is_some())
            }
        }
    }
}

fn fault(name: &'static str, shows: &'static str, rules: Vec<(Value, Value)>) -> Fault {
    let interrupts = Vec::new();
    Fault { name, shows, rules, interrupts, word: None, more: None, ends: "Completed", resumed: None }
}

/// Calls of this method under this path, so many times; without a number always.
fn calls(method: &str, path: &str, times: Option<u32>) -> Value {
    json!({ "method": method, "path_prefix": path, "skip": 0, "times": times })
}

/// The provider is down.
fn down() -> Value {
    json!({ "kind": "status", "status": 503 })
}

/// Every kind.
fn all() -> Vec<Fault> {
    [passing(), asking(), ending(), ended_by_the_user()].concat()
}

/// What passes by itself.
fn passing() -> Vec<Fault> {
    let effects = || calls("POST", "/subscriptions/", Some(1));
    vec![
        fault(
            "timeout",
            "Timeout: no answer in time; it is asked by its key what happened, then tried again with growing pauses",
            vec![(effects(), json!({ "kind": "timeout", "ms": 3_000 }))],
        ),
        fault(
            "unavailable",
            "API error: the bank's interface is down twice; tried again until it answers",
            vec![(calls("POST", "/transactions/sync", Some(2)), down())],
        ),
        fault(
            "alternate",
            "Alternate provider: the savings service is down; asked by its keys, then the partner bank sets the rules up",
            vec![(calls("POST", "/savings/", None), down())],
        ),
        fault(
            "rate-limited",
            "Rate limit: the offers' service asks for patience once; tried again after that",
            vec![(
                json!({ "path_prefix": "/offers", "times": 1 }),
                json!({ "kind": "status", "status": 429, "retry_after_s": 1 }),
            )],
        ),
        fault(
            "answer-lost",
            "Unknown outcome: a cancellation is done and its answer lost; found by its key, done once",
            vec![(effects(), json!({ "kind": "drop_answer_after_effect" }))],
        ),
        fault(
            "declined",
            "Declined: one provider says no; the rest is done, and what is missing is told (partial success)",
            vec![(effects(), json!({ "kind": "refused" }))],
        ),
    ]
}

/// What a recovery alert asks about.
fn asking() -> Vec<Fault> {
    let validation = "Validation: the audit finds more than a household can have; you are asked, and take it as it is (override)";
    let permission = "Permission: a consent is taken back in the middle; it is asked for, granted, and the step tried again";
    vec![
        Fault { more: Some((205, true)), ..fault("validation", validation, Vec::new()) },
        fault(
            "verification",
            "Verification: a biller wants to see the account holder; the run pauses with a recovery alert",
            vec![(calls("POST", "/billers/", Some(1)), json!({ "kind": "needs_verification" }))],
        ),
        Fault { word: Some(Word::Revoke("move_money")), ..fault("permission", permission, Vec::new()) },
        interrupted(),
    ]
}

/// The platform's own error, in a step without effects until help is asked for, then in the middle of effects.
fn interrupted() -> Fault {
    let held = || json!({ "kind": "timeout", "ms": 8_000 });
    let mut second = calls("POST", "/subscriptions/", Some(1));
    second["skip"] = json!(1);
    let shows = "Interrupted: the platform ends an agent's process in the middle of a call; tried again, then you are asked; in the \
                 middle of effects it is asked by their keys what happened; nothing is rolled back";
    Fault {
        interrupts: vec!["spending-analyzer", "quick-saver"],
        ..fault(
            "interrupted",
            shows,
            vec![(calls("POST", "/transactions/sync", Some(3)), held()), (second, held())],
        )
    }
}

/// What ends the run.
fn ending() -> Vec<Fault> {
    let frozen = || (calls("POST", "/billers/", Some(1)), json!({ "kind": "account_frozen" }));
    let mut restores = calls("POST", "/subscriptions/", None);
    restores["path_suffix"] = json!("/restore");
    let critical = "Critical: a biller freezes the account; the workflow aborts and everything is undone";
    let defect = "Defect: an agent proposes more effects than it may; nothing goes on, what was done is undone, an alarm goes out";
    let undo =
        "Undo fails: a rollback cannot restore a subscription; manual recovery, then resumed until clean";
    vec![
        Fault { ends: "RolledBack", ..fault("critical", critical, vec![frozen()]) },
        Fault { more: Some((40, false)), ends: "RolledBack", ..fault("defect", defect, Vec::new()) },
        Fault {
            ends: "NeedsAttention",
            resumed: Some("RolledBack"),
            ..fault("undo-fails", undo, vec![frozen(), (restores, down())])
        },
    ]
}

/// What the user ends.
fn ended_by_the_user() -> Vec<Fault> {
    let cancel = "Cancel: you cancel in the middle; what was done is undone, latest first";
    let stop = "Stop and resume: you stop and keep what was saved; resumed, the run skips what is done";
    vec![
        Fault { word: Some(Word::Cancel), ends: "RolledBack", ..fault("cancel", cancel, Vec::new()) },
        Fault {
            word: Some(Word::Stop),
            ends: "Stopped",
            resumed: Some("Completed"),
            ..fault("stop", stop, Vec::new())
        },
    ]
}

/// The faults of a name.
pub(crate) fn of(name: &str) -> anyhow::Result<Vec<Fault>> {
    let all = all();
    if name == "all" {
        return Ok(all);
    }
    let names: Vec<_> = all.iter().map(|it| it.name).collect();
    match all.iter().find(|it| it.name == name) {
        Some(fault) => Ok(vec![fault.clone()]),
        None => bail!("FAULT={name}: must be all, none, or one of {}", names.join(", ")),
    }
}

/// Every kind with what there is to see, a line each.
pub fn list() -> String {
    let line = |it: &Fault| format!("  {:<13} {}\n", it.name, it.shows);
    all().iter().map(line).collect::<String>() + "\n  make demo FAULT=<name>   (all: one after the other)"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_go_by_name() {
        let all = of("all").unwrap();
        assert!(all.iter().all(|it| list().contains(&format!("  {:<13} {}", it.name, it.shows))));
        assert_eq!(of("timeout").unwrap()[0].name, "timeout");
        let error = of("flood").unwrap_err().to_string();
        assert!(error.contains("timeout, unavailable, alternate, rate-limited"), "{error}");
    }
}
