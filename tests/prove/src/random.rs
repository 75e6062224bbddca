//! Workflows of every shape, by a seed: what the catalog does not happen to have.

use serde_json::{Value, json};
use statemachines::Workflow;

/// The workflow of a seed.
///
/// # Errors
/// When what is made up is no definition, which is a mistake here.
pub fn workflow(seed: u64) -> anyhow::Result<Workflow> {
    let mut dice = Dice(seed);
    let count = 2 + dice.roll(5);
    let mut steps: Vec<Value> = (0..count).map(|index| step(&mut dice, index)).collect();
    for (index, step) in steps.iter_mut().enumerate() {
        let before: Vec<String> =
            (0..index).filter(|_| dice.roll(3) == 0).map(|earlier| format!("step-{earlier}")).collect();
        step["dependsOn"] = json!(before);
    }
    if dice.roll(3) == 0 {
        steps[0]["fallback"] = json!("step-fallback");
        let mut fallback = step(&mut dice, 99);
        fallback["id"] = json!("step-fallback");
        steps.push(fallback);
    }
    // Of a seed of its own, so that the even ones stay what they were before there were groups.
    let mut groups = Vec::new();
    if seed % 2 == 1 {
        let mut dice = Dice(seed ^ 0x6772_6f75_7073);
        by_hand(&mut dice, &mut steps);
        groups = group(&mut dice, &mut steps, usize::try_from(count)?);
        steps[0]["checkpoint"] = json!(true);
    }
    Ok(serde_json::from_value(json!({
        "id": format!("random-{seed}"), "version": 1, "name": "Random", "description": "Made up.",
        "category": "optimize", "status": "available",
        "triggers": [], "steps": steps, "groups": groups,
        "estimatedDuration": { "min": "1m", "max": "1h" },
        "estimatedImpact": { "summary": "None.", "kinds": ["savings"] },
        "agents": [{ "agent": "quick-saver", "capacity": 5 }],
        "externalDependencies": ["plaid", "savings", "savings-partner"], "maxAge": "7d", "queueExpiry": "1h",
    }))?)
}

/// Makes two steps that follow each other an all-or-nothing group, with each thing that can follow when it fails.
fn group(dice: &mut Dice, steps: &mut Vec<Value>, count: usize) -> Vec<Value> {
    // The first may have a fallback of its own, which would have to be in the group.
    let Some(first) = (count > 2).then(|| 1 + dice.pick(count - 2)) else { return Vec::new() };
    let name = steps[first]["id"].clone();
    if let Some(before) = steps[first + 1]["dependsOn"].as_array_mut()
        && !before.contains(&name)
    {
        before.push(name);
    }
    // What cannot be taken back can only come last.
    make_reversible(dice, &mut steps[first]);
    for member in &mut steps[first..=first + 1] {
        member["group"] = json!("both");
    }
    let on_failure = match dice.roll(3) {
        0 => json!("continue"),
        1 => json!("roll-back"),
        _ => {
            let mut instead = step(dice, 98);
            instead["id"] = json!("step-instead");
            steps.push(instead);
            json!({ "fallback": "step-instead" })
        }
    };
    // A member's fallback is a member too.
    if dice.roll(2) == 0 {
        let mut within = step(dice, 97);
        make_reversible(dice, &mut within);
        within["id"] = json!("step-within");
        within["group"] = json!("both");
        steps[first]["fallback"] = json!("step-within");
        steps.push(within);
    }
    vec![json!({ "id": "both", "onFailure": on_failure })]
}

fn make_reversible(dice: &mut Dice, step: &mut Value) {
    if step["reversibility"] == "irreversible" {
        step["reversibility"] = json!("reversible");
        step["undo"] = undo(dice);
    }
}

/// Some undos have a guide for a person, and some are only a person's.
fn by_hand(dice: &mut Dice, steps: &mut [Value]) {
    for undo in steps.iter_mut().filter_map(|step| step.get_mut("undo")) {
        if dice.roll(2) == 0 {
            undo["byHand"] = json!({
                "steps": ["Call them.", "Ask for it."], "contact": "Their support.", "proof": "The number.",
                "deadline": "48h",
            });
            undo["by"] = json!(["agent", "person"][dice.pick(2)]);
        }
    }
}

fn undo(dice: &mut Dice) -> Value {
    json!({
        "action": "put-back", "name": "Put it back",
        "retry": { "attempts": 1 + dice.roll(5), "interval": "2s", "backoff": 2.0, "maxDelay": "60s" },
    })
}

fn step(dice: &mut Dice, index: u64) -> Value {
    let kind = ["automated", "automated", "semi-automated", "manual"][dice.pick(4)];
    let may_ask = kind == "automated" && dice.roll(3) == 0;
    let attempts = 1 + dice.roll(4);
    let at_help = ["stop", "skip", "roll-back"][dice.pick(3)];
    let at_deadline = ["skip", "stop"][dice.pick(2)];
    let mut step = json!({
        "id": format!("step-{index}"), "name": format!("Step {index}"), "description": "Made up.",
        "type": kind, "agent": "quick-saver", "actions": [{ "id": "act", "name": "Act" }],
        "outputs": { "found": "Number", "list": "Bill[]", "sum": "Money" },
        "validations": [{ "check": "outputs.sum.minor >= 0", "else": "It came out negative." }],
        "retryPolicy": { "attempts": attempts, "interval": "2s", "backoff": 2.0, "maxDelay": "30s" },
        "timeout": "150s", "expectedDuration": "20s", "consents": ["read_transactions"],
        "onHelpTimeout": at_help,
    });
    if kind != "automated" || may_ask {
        step["userInteraction"] = json!({
            "prompt": "Decide.", "deadline": "24h", "remind": ["4h"],
            "choices": if kind == "manual" { json!(["skip"]) } else { json!(["approve", "modify", "skip"]) },
            "onTimeout": at_deadline,
        });
        step["mayAsk"] = json!(may_ask);
    }
    if may_ask || dice.roll(3) > 0 {
        let reversibility = ["reversible", "until-provider", "compensable", "irreversible"][dice.pick(4)];
        step["reversibility"] = json!(reversibility);
        if reversibility != "irreversible" {
            step["undo"] = undo(dice);
        }
    }
    if kind == "automated" && !may_ask && !step["reversibility"].is_null() {
        step["providers"] = json!(["savings", "savings-partner"]);
    }
    if dice.roll(6) == 0 {
        step["when"] = json!(if dice.roll(2) == 0 { "simulation.runway_months < 3.0" } else { "false" });
    }
    step
}

/// Numbers that look random and follow from a seed: splitmix64, by Sebastiano Vigna (public domain).
pub struct Dice(pub u64);

impl Dice {
    /// The next number below `below`.
    pub fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below.max(1)
    }

    /// The next index below `below`.
    pub fn pick(&mut self, below: usize) -> usize {
        usize::try_from(self.roll(below as u64)).unwrap_or_default()
    }
}
