//! The kinds of provider fault that the demo can run under: `FAULT=<name>`, or `all` one after the other.

use anyhow::bail;
use serde_json::{Value, json};

/// A kind of provider fault.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// Its name.
    pub name: &'static str,
    /// Which calls it hits.
    pub matching: Value,
    /// What happens to them.
    pub fault: Value,
}

/// Every kind.
fn all() -> Vec<Fault> {
    let effects = || json!({ "method": "POST", "path_prefix": "/subscriptions/", "skip": 0, "times": 1 });
    vec![
        Fault {
            name: "unavailable",
            matching: json!({ "path_prefix": "/transactions/sync", "skip": 0, "times": 2 }),
            fault: json!({ "kind": "status", "status": 503 }),
        },
        Fault {
            name: "rate-limited",
            matching: json!({ "path_prefix": "/offers", "skip": 0, "times": 1 }),
            fault: json!({ "kind": "status", "status": 429, "retry_after_s": 1 }),
        },
        Fault { name: "timeout", matching: effects(), fault: json!({ "kind": "timeout", "ms": 3_000 }) },
        Fault {
            name: "answer-lost",
            matching: effects(),
            fault: json!({ "kind": "drop_answer_after_effect" }),
        },
        Fault {
            name: "verification",
            matching: json!({ "method": "POST", "path_prefix": "/billers/", "skip": 0, "times": 1 }),
            fault: json!({ "kind": "needs_verification" }),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_go_by_name() {
        assert_eq!(of("all").unwrap().len(), 5);
        assert_eq!(of("timeout").unwrap()[0].name, "timeout");
        let error = of("flood").unwrap_err().to_string();
        assert!(error.contains("unavailable, rate-limited"), "{error}");
    }
}
