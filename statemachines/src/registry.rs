//! The names that a definition may use: agents, consents, providers. A new agent is one line here.

/// An agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its name, which is also its folder, its crate and its Lambda.
    pub name: &'static str,
    /// Name shown to the user.
    pub title: &'static str,
    /// Whether there is one; a workflow that needs one that is not there can only be planned.
    pub implemented: bool,
    /// The records that its outputs are made of, beside the basic types.
    pub records: &'static [&'static str],
}

/// A line of the table.
const fn agent(name: &'static str, title: &'static str, records: &'static [&'static str]) -> Agent {
    Agent { name, title, implemented: true, records }
}

/// A line of an agent that is still to be written.
const fn planned(name: &'static str, title: &'static str, records: &'static [&'static str]) -> Agent {
    Agent { name, title, implemented: false, records }
}

/// Every agent.
pub const AGENTS: &[Agent] = &[
    agent("automation-builder", "Automation Builder", &["SavingsRule"]),
    agent("bill-negotiator", "Bill Negotiator", &["NegotiatedBill"]),
    agent("income-coach", "Income Coach", &["GigApplication"]),
    agent("quick-saver", "Quick Saver", &["ServiceChange"]),
    agent("spending-analyzer", "Spending Analyzer", &["ReducibleExpense", "Bill"]),
    planned("debt-analyst", "Debt Analyst", &["Debt", "PayoffTimeline"]),
    planned("debt-negotiator", "Debt Negotiator", &["NegotiatedTerms"]),
    planned("document-collector", "Document Collector", &[]),
    planned("fraud-monitor", "Fraud Monitor", &[]),
    planned("income-analyzer", "Income Analyzer", &[]),
    planned("insurance-auditor", "Insurance Auditor", &[]),
    planned("insurance-optimizer", "Insurance Optimizer", &[]),
    planned("investment-rebalancer", "Investment Rebalancer", &["TaxRecord"]),
    planned("network-activator", "Network Activator", &[]),
    planned("payment-optimizer", "Payment Optimizer", &["PaymentSchedule"]),
    planned("skill-matcher", "Skill Matcher", &[]),
    planned("subscription-hunter", "Subscription Hunter", &[]),
    planned("tax-optimizer", "Tax Optimizer", &["HarvestCandidate", "OrderPair"]),
    planned("trade-executor", "Trade Executor", &["Fill"]),
    planned("transfer-scout", "Transfer Scout", &["BalanceTransfer"]),
];

/// The types of outputs that need no agent's record.
pub const BASIC_TYPES: [&str; 6] = ["Boolean", "Date", "Money", "Number", "Text", "Timestamp"];

/// The scopes that a user can consent to.
pub const CONSENTS: [&str; 6] =
    ["call_on_behalf", "cancel_service", "move_money", "read_transactions", "share_profile", "trade"];

/// What consents allow, in words a person would use, as they follow a "to": `place orders with your broker`.
pub fn allowed_by(scopes: &[impl AsRef<str>]) -> String {
    let words = |scope: &str| match scope {
        "read_transactions" => "read your accounts and transactions".to_owned(),
        "cancel_service" => "cancel or change subscriptions that you approve".to_owned(),
        "call_on_behalf" => "talk to your billers on your behalf".to_owned(),
        "move_money" => "set up transfers into your savings".to_owned(),
        "share_profile" => "show your profile to platforms for extra work".to_owned(),
        "trade" => "place orders with your broker".to_owned(),
        other => other.replace('_', " "),
    };
    scopes.iter().map(|it| words(it.as_ref())).collect::<Vec<_>>().join(" and to ")
}

/// The outside systems that can be linked and probed.
pub const PROVIDERS: [&str; 10] = [
    "billers",
    "broker",
    "card-offers",
    "gigs",
    "plaid",
    "quotes",
    "savings",
    "savings-partner",
    "subscriptions",
    "telephony",
];

/// The agent of this name.
pub fn agent_named(name: &str) -> Option<&'static Agent> {
    AGENTS.iter().find(|agent| agent.name == name)
}

/// Whether this is the type of an output: a basic type or an agent's record, or a list of them (`Bill[]`).
pub fn is_output_type(name: &str) -> bool {
    let one = name.strip_suffix("[]").unwrap_or(name);
    BASIC_TYPES.contains(&one) || AGENTS.iter().any(|agent| agent.records.contains(&one))
}
