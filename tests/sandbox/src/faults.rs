//! Fault rules: which calls go wrong, and how.

use serde::{Deserialize, Serialize};

/// A fault rule as it is posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFault {
    /// Which calls.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// How they go wrong.
    pub fault: Fault,
}

/// A fault rule in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Its id.
    pub fault_id: String,
    /// Which calls.
    #[serde(rename = "match")]
    pub matches: Match,
    /// How they go wrong.
    pub fault: Fault,
    /// Calls that matched so far, those let pass included.
    pub seen: u64,
    /// Calls that went wrong so far.
    pub hits: u64,
}

/// Which calls a rule is about; what is left out matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Calls of this user.
    #[serde(default)]
    pub user: Option<String>,
    /// Calls with this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Calls whose path starts so.
    #[serde(default)]
    pub path_prefix: Option<String>,
    /// Calls whose path ends so.
    #[serde(default)]
    pub path_suffix: Option<String>,
    /// Calls let pass first.
    #[serde(default)]
    pub skip: u64,
    /// Calls that go wrong; `null` means until the rule is deleted.
    #[serde(default = "once")]
    pub times: Option<u64>,
}

impl Default for Match {
    fn default() -> Self {
        Self { user: None, method: None, path_prefix: None, path_suffix: None, skip: 0, times: once() }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the type of the field it is the default of")]
fn once() -> Option<u64> {
    Some(1)
}

/// How a call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Held that long, then the connection is closed: no answer, no effect.
    Timeout {
        /// Milliseconds.
        ms: u64,
    },
    /// Answered with this status, no effect.
    Status {
        /// 429 or 5xx.
        status: u16,
        /// Seconds for `Retry-After`.
        #[serde(default)]
        retry_after_s: Option<u64>,
    },
    /// Done and saved, then the connection is closed without an answer.
    DropAnswerAfterEffect,
    /// The account holder must prove who they are.
    NeedsVerification,
    /// A business no, no effect.
    Refused,
    /// Misuse is suspected, no effect.
    AccountFrozen,
    /// An error of Plaid's.
    PlaidError {
        /// HTTP status.
        status: u16,
        /// Plaid's type.
        error_type: String,
        /// Plaid's code.
        error_code: String,
    },
}

/// What is known of a call when faults are matched.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The user, where the call names one.
    pub user: Option<&'a str>,
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
}

impl Match {
    fn fits(&self, call: Call<'_>) -> bool {
        self.user.as_deref().is_none_or(|user| call.user == Some(user))
            && self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(call.method))
            && self.path_prefix.as_deref().is_none_or(|prefix| call.path.starts_with(prefix))
            && self.path_suffix.as_deref().is_none_or(|suffix| call.path.ends_with(suffix))
    }
}

/// The fault of the first rule that strikes this call; counts the calls of every rule it passes on the way.
pub fn strike(rules: &mut [FaultRule], call: Call<'_>) -> Option<Fault> {
    for rule in rules.iter_mut().filter(|rule| rule.matches.fits(call)) {
        rule.seen += 1;
        let spent = rule.matches.times.is_some_and(|times| rule.hits >= times);
        if rule.seen > rule.matches.skip && !spent {
            rule.hits += 1;
            return Some(rule.fault.clone());
        }
    }
    None
}

/// Whether any rule is about this call, so that counting it must be saved.
#[must_use]
pub fn concerns(rules: &[FaultRule], call: Call<'_>) -> bool {
    rules.iter().any(|rule| rule.matches.fits(call))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(skip: u64, times: Option<u64>) -> FaultRule {
        FaultRule {
            fault_id: "fault_1".into(),
            matches: Match {
                method: Some("POST".into()),
                path_prefix: Some("/subscriptions".into()),
                skip,
                times,
                ..Match::default()
            },
            fault: Fault::Status { status: 503, retry_after_s: None },
            seen: 0,
            hits: 0,
        }
    }

    #[test]
    fn rules_strike_the_calls_they_name() {
        let check = |skip, times, expect: &[bool]| {
            let mut rules = [rule(skip, times)];
            let call = Call { user: None, method: "POST", path: "/subscriptions/sub_a/cancel" };
            let struck: Vec<bool> = expect.iter().map(|_| strike(&mut rules, call).is_some()).collect();
            assert_eq!(struck, expect, "skip {skip}, times {times:?}");
        };
        check(0, Some(1), &[true, false, false]);
        check(1, Some(2), &[false, true, true, false]);
        check(0, None, &[true, true, true]);
        let other = Call { user: None, method: "GET", path: "/subscriptions" };
        assert_eq!(strike(&mut [rule(0, None)], other), None);
    }

    #[test]
    fn a_rule_may_name_how_a_path_ends() {
        let mut rules = [rule(0, None)];
        rules[0].matches.path_suffix = Some("/restore".into());
        let call = |path| Call { user: None, method: "POST", path };
        assert_eq!(strike(&mut rules, call("/subscriptions/sub_a/cancel")), None);
        assert!(strike(&mut rules, call("/subscriptions/sub_a/restore")).is_some());
    }

    #[test]
    fn a_rule_of_one_user_leaves_others_alone() {
        let mut rules = [FaultRule {
            matches: Match { user: Some("u1".into()), times: None, ..Match::default() },
            ..rule(0, None)
        }];
        let call = |user| Call { user, method: "GET", path: "/gigs" };
        assert_eq!(strike(&mut rules, call(Some("u2"))), None);
        assert_eq!(strike(&mut rules, call(None)), None);
        assert!(strike(&mut rules, call(Some("u1"))).is_some());
    }
}
