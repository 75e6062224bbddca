//! A household with more subscriptions than is good for it: the sandbox's own, and as many more.

use anyhow::Context;
use std::fmt::Write;
use std::path::PathBuf;

/// The sandbox's own household.
const OWN: &str = "tests/sandbox/households/rivera.yaml";

/// Writes it down for the sandbox; where it stands. Unused subscriptions are worth cancelling, used ones are not.
pub(crate) fn household(more: usize, used: bool) -> anyhow::Result<PathBuf> {
    let own = std::fs::read_to_string(OWN).with_context(|| OWN.to_owned())?;
    let file = PathBuf::from(format!(
        ".local/run/{more}-{}-subscriptions.yaml",
        if used { "used" } else { "unused" }
    ));
    let text = own.replacen("\nsubscriptions:\n", &format!("\nsubscriptions:\n{}", entries(more, used)), 1);
    std::fs::write(&file, text).with_context(|| file.display().to_string())?;
    file.canonicalize().with_context(|| file.display().to_string())
}

fn entries(more: usize, used: bool) -> String {
    let usage = if used {
        "{ last_used_on: 2026-06-28, uses_last_90_days: 60 }"
    } else {
        "{ last_used_on: 2025-11-02, uses_last_90_days: 0 }"
    };
    let mut entries = String::new();
    for at in 0..more {
        let name = name(at);
        let day = at % 27 + 1;
        // Writing to a string cannot fail.
        let _ = writeln!(
            entries,
            "  - {{ id: sub_{lower}, merchant: {name}, descriptor: {upper}, category: {lower}, account: acc_card, \
             plan: {{ id: one, name: One }}, price: \"2.99\", cadence: monthly, started_on: 2025-01-{day:02}, \
             next_charge_on: 2026-07-{day:02}, usage: {usage} }}",
            lower = name.to_lowercase(),
            upper = name.to_uppercase(),
        );
    }
    entries
}

/// A name of four syllables that no other number has.
fn name(mut number: usize) -> String {
    const SYLLABLES: [&str; 12] =
        ["bar", "den", "fol", "gim", "hul", "jas", "kep", "lor", "mun", "pix", "rud", "vos"];
    let mut name = String::from("Z");
    for place in 0..4 {
        name.push_str(SYLLABLES[(number + place * 5) % SYLLABLES.len()]);
        number = number / SYLLABLES.len() + number;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_is_another() {
        let names: BTreeSet<String> = (0..300).map(name).collect();
        assert_eq!(names.len(), 300);
        assert_eq!(entries(3, false).lines().count(), 3);
    }
}
