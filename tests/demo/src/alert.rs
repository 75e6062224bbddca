//! The recovery alert as lines of text. Pure.

use crate::wire::{Alert, AlertImpact};
use events::Choice;

/// The alert, its options numbered from 1.
pub(crate) fn lines(alert: &Alert) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        format!("Recovery alert: {}", alert.status),
        String::new(),
        "  What happened".to_owned(),
        format!("    {}", alert.what_happened),
        String::new(),
        "  What's been done".to_owned(),
    ];
    lines.extend(alert.done.iter().map(|it| format!("    \u{2713} {it}")));
    lines.extend(alert.stuck.iter().map(|it| format!("    \u{26a0}\u{fe0f} Stuck at: {it}")));
    lines.extend([String::new(), "  Your options".to_owned()]);
    for (index, option) in alert.options.iter().enumerate() {
        let (mark, label) = (mark(option.choice), &option.label);
        lines.push(format!("    {mark} {} [{label}] \u{2192} {}", index + 1, option.leads_to));
    }
    lines.extend([String::new(), "  Impact so far".to_owned()]);
    lines.extend(impact(&alert.impact));
    lines
}

fn mark(choice: Choice) -> &'static str {
    match choice {
        Choice::Stop => "\u{1f534}",
        Choice::Skip | Choice::Deny => "\u{1f7e1}",
        _ => "\u{1f535}",
    }
}

fn impact(impact: &AlertImpact) -> Vec<String> {
    let saved = impact.saved.map_or_else(|| "nothing yet".to_owned(), |it| format!("{it} a month"));
    let pending =
        impact.pending.map(|it| format!(" ({it} a month pending in this step)")).unwrap_or_default();
    let (minutes, seconds) = (impact.seconds_invested / 60, impact.seconds_invested % 60);
    let here = match impact.items_remaining {
        0 => None,
        1 => Some("1 more in this step".to_owned()),
        more => Some(format!("{more} more in this step")),
    };
    let remaining: Vec<_> = here.into_iter().chain(impact.steps_remaining.iter().cloned()).collect();
    let remaining = if remaining.is_empty() { "none".to_owned() } else { remaining.join(", ") };
    vec![
        format!("    \u{1f4b0} Saved: {saved}{pending}"),
        format!("    \u{23f1}\u{fe0f} Time invested: {minutes} min {seconds} s"),
        format!("    \u{1f4ca} Other opportunities: {remaining}"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_stands_in_the_alert() {
        let alert: Alert = serde_json::from_value(json!({
            "status": "Workflow paused - need your help",
            "what_happened": "The account needs additional verification at the biller.",
            "done": ["Expense Audit: 12 can be reduced.", "Internet is $30.00 cheaper."],
            "stuck": ["Lower the cable bill"],
            "options": [
                {"choice": "continue", "label": "Provide verification", "leads_to": "Continue automatically"},
                {"choice": "skip", "label": "Skip what failed", "leads_to": "Go on with the rest"},
                {"choice": "stop", "label": "Stop the workflow", "leads_to": "Keep what was done so far"}
            ],
            "impact": {"pending": {"minor": 2000, "currency": "USD"}, "seconds_invested": 490, "items_remaining": 3,
                "steps_remaining": ["Automation Setup"]}
        }))
        .unwrap();
        let expect = "
Recovery alert: Workflow paused - need your help

  What happened
    The account needs additional verification at the biller.

  What's been done
    \u{2713} Expense Audit: 12 can be reduced.
    \u{2713} Internet is $30.00 cheaper.
    \u{26a0}\u{fe0f} Stuck at: Lower the cable bill

  Your options
    \u{1f535} 1 [Provide verification] \u{2192} Continue automatically
    \u{1f7e1} 2 [Skip what failed] \u{2192} Go on with the rest
    \u{1f534} 3 [Stop the workflow] \u{2192} Keep what was done so far

  Impact so far
    \u{1f4b0} Saved: nothing yet ($20.00 a month pending in this step)
    \u{23f1}\u{fe0f} Time invested: 8 min 10 s
    \u{1f4ca} Other opportunities: 3 more in this step, Automation Setup";
        assert_eq!(lines(&alert).join("\n"), expect);
    }
}
