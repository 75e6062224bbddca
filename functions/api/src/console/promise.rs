//! What a workflow can promise about taking back what it does: what its steps say of themselves, and no more.

use crate::view::StepLine;
use statemachines::Reversibility;

/// One or two sentences.
pub(crate) fn of(steps: &[StepLine]) -> String {
    let names = |which: Reversibility| -> Vec<&str> {
        steps.iter().filter(|it| it.reversibility == Some(which)).map(|it| it.name.as_str()).collect()
    };
    let (never, anew) = (names(Reversibility::Irreversible), names(Reversibility::Compensable));
    let (provider, always) = (names(Reversibility::UntilProvider), names(Reversibility::Reversible));
    let mut sentences = Vec::new();
    if !never.is_empty() {
        sentences.push(format!("What {} {} cannot be undone.", listed(&never), does(&never)));
    }
    if !anew.is_empty() {
        let (steps, does) = (listed(&anew), does(&anew));
        sentences.push(format!("What {steps} {does} cannot be taken back; a new action makes up for it."));
    }
    let what = if sentences.is_empty() { "What it does" } else { "All else" };
    match (provider.is_empty(), always.is_empty()) {
        (true, true) if sentences.is_empty() => sentences.push("It changes nothing by itself.".to_owned()),
        (true, true) => {}
        (true, false) => sentences.push(format!("{what} can be undone.")),
        (false, true) => sentences.push(format!("{what} can be undone as long as the provider allows it.")),
        (false, false) => sentences.push(format!(
            "{what} can be undone; what {} {}, as long as the provider allows it.",
            listed(&provider),
            does(&provider)
        )),
    }
    sentences.join(" ")
}

fn does(names: &[&str]) -> &'static str {
    if names.len() == 1 { "does" } else { "do" }
}

/// `A`, `A and B`, `A, B and C`.
fn listed(names: &[&str]) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        names => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::WorkflowLine;
    use statemachines::Catalog;

    #[test]
    fn what_cannot_be_undone_is_named() {
        let catalog = Catalog::embedded().unwrap();
        for (workflow, expect) in [
            (
                "emergency-fund-builder",
                "What it does can be undone; what Quick Wins and Bill Negotiation do, as long as the provider allows it.",
            ),
            (
                "debt-avalanche-accelerator",
                "What Transfer Opportunities and Negotiation do cannot be taken back; a new action makes up for it. All else can be undone.",
            ),
            ("investment-tax-harvester", "What Trade Execution and Rebalancing do cannot be undone."),
        ] {
            let line = WorkflowLine::from(catalog.latest(&workflow.parse().unwrap()).unwrap());
            assert_eq!(of(&line.steps), expect);
        }
        assert_eq!(of(&[]), "It changes nothing by itself.");
    }
}
