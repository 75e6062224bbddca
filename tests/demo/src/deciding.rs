//! Deciding without a person: what `AUTO` answers to each question. Pure.

use crate::settings::Auto;
use crate::wire::Question;
use events::{Answer, Choice, ItemId, TaskItem};

/// Answers by itself, in turn where it is mixed.
#[derive(Debug)]
pub(crate) struct Decider {
    auto: Auto,
    /// Decisions so far.
    made: u32,
}

impl Decider {
    pub(crate) fn new(auto: Auto) -> Self {
        Self { auto, made: 0 }
    }

    /// Whether the next thing is approved; the first of a mixed run is.
    pub(crate) fn approves(&mut self) -> bool {
        self.made += 1;
        match self.auto {
            Auto::Skip => false,
            Auto::Mixed => self.made % 2 == 1,
            Auto::Approve | Auto::Ask => true,
        }
    }

    /// The answers to the undecided items of a question.
    pub(crate) fn answers(&mut self, question: &Question) -> Vec<Answer> {
        undecided(question)
            .map(|item| if self.approves() { approval(item) } else { omission(&item.item_id) })
            .collect()
    }

    /// The answer to a recovery alert: try again first, then leave it out.
    pub(crate) fn alert(&mut self, question: &Question, tried: bool) -> Answer {
        let offers = |choice| {
            question.alert.as_ref().is_some_and(|alert| alert.options.iter().any(|it| it.choice == choice))
        };
        if self.auto != Auto::Skip && offers(Choice::Grant) {
            Answer::Grant {}
        } else if offers(Choice::Deny) {
            Answer::Deny {}
        } else if self.auto != Auto::Skip && offers(Choice::Override) {
            Answer::Override {}
        } else if !tried && self.auto != Auto::Skip && offers(Choice::Continue) {
            Answer::Continue { input: None }
        } else if offers(Choice::Skip) {
            Answer::Skip { item_id: None }
        } else {
            Answer::Stop {}
        }
    }
}

/// The items that nobody has decided on yet.
pub(crate) fn undecided(question: &Question) -> impl Iterator<Item = &TaskItem> {
    let decided =
        |item: &TaskItem| question.decisions.iter().any(|it| it.item_id.as_ref() == Some(&item.item_id));
    question.request.items.iter().filter(move |item| !decided(item))
}

/// Do exactly this.
pub(crate) fn approval(item: &TaskItem) -> Answer {
    Answer::Approve { item_id: item.item_id.clone(), effect_hash: item.effect_hash.clone() }
}

/// Leave it.
pub(crate) fn omission(item: &ItemId) -> Answer {
    Answer::Skip { item_id: Some(item.clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn question(decided: &[&str]) -> Question {
        let items: Vec<_> = ["a", "b", "c", "d"]
            .iter()
            .map(|id| json!({"item_id": id, "title": id, "effect_hash": "h", "choices": ["approve", "skip"]}))
            .collect();
        let decisions: Vec<_> = decided
            .iter()
            .map(|id| json!({"item_id": id, "answer": {"type": "skip", "item_id": id}}))
            .collect();
        serde_json::from_value(json!({
            "request": {"task_id": "t", "run_id": "r", "step_id": "s", "kind": "approve", "prompt": "?",
                "items": items, "deadline": "2026-07-04T12:00:00Z"},
            "decisions": decisions,
            "alert": {"status": "paused", "what_happened": "x", "done": [], "stuck": [], "options": [
                {"choice": "continue", "label": "a", "leads_to": "on"}, {"choice": "skip", "label": "b", "leads_to": "out"}],
                "impact": {"seconds_invested": 1, "items_remaining": 0, "steps_remaining": []}}
        }))
        .unwrap()
    }

    fn approved(auto: Auto, decided: &[&str]) -> String {
        let answers = Decider::new(auto).answers(&question(decided));
        answers
            .iter()
            .map(|answer| match answer {
                Answer::Approve { item_id, .. } => format!("+{item_id}"),
                _ => "-".to_owned(),
            })
            .collect()
    }

    #[test]
    fn each_undecided_item_gets_an_answer() {
        assert_eq!(approved(Auto::Approve, &[]), "+a+b+c+d");
        assert_eq!(approved(Auto::Skip, &[]), "----");
        assert_eq!(approved(Auto::Mixed, &[]), "+a-+c-");
        assert_eq!(approved(Auto::Mixed, &["a"]), "+b-+d");
    }

    #[test]
    fn an_alert_is_tried_once_and_then_left_out() {
        for (auto, tried, expect) in [
            (Auto::Approve, false, Answer::Continue { input: None }),
            (Auto::Approve, true, Answer::Skip { item_id: None }),
            (Auto::Skip, false, Answer::Skip { item_id: None }),
        ] {
            assert_eq!(Decider::new(auto).alert(&question(&[]), tried), expect, "{auto:?} {tried}");
        }
    }
}
