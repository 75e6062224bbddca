//! The handler over a table in memory.

use super::*;
use engine::{Goals, Out, Run, RunStatus};
use events::{ErrorClass, EventType};
use notices::Sockets;
use ports::memory::{Memory, Outreach};
use serde_json::json;
use shell::Classified;

fn catalog() -> Catalog {
    Catalog::embedded().unwrap()
}

/// A run in the table, as queued; its events as the stream would bring them, with what the engine tells of a first step.
struct Story {
    memory: Memory,
    looking: Outreach,
    events: Vec<WorkflowEvent>,
}

impl Story {
    async fn told() -> Self {
        let memory = Memory::at("2026-06-30T12:00:00Z".parse().unwrap());
        let catalog = catalog();
        let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
        let mut run = Run::queued(
            "r".parse().unwrap(),
            "u".parse().unwrap(),
            workflow,
            "2026-06-30".parse().unwrap(),
            memory.now(),
        );
        let mut told = vec![engine::queue::queued(workflow)];
        let step: events::StepId = "expense-audit".parse().unwrap();
        let agent_until = memory.now();
        for change in [
            engine::Change::Validate,
            engine::Change::Pass,
            engine::Change::Begin,
            engine::Change::Start { step, agent_until },
        ] {
            let (next, events) = engine::apply(&run, workflow, &change, memory.now()).unwrap();
            run = next;
            told.extend(events);
        }
        memory.commit(vec![Write::create(Record::Run(run.clone()))]).await.unwrap();
        let numbered = (1..).zip(told);
        let events = numbered
            .map(|(seq, it)| it.numbered(run.run_id.clone(), run.workflow_id.clone(), seq, memory.now()))
            .collect();
        let story = Self { memory, looking: Outreach::default(), events };
        for event in &story.events {
            story.memory.commit(vec![Write::create(Record::Event(event.clone()))]).await.unwrap();
        }
        story
    }

    async fn deliver(&self, seq: usize) -> Result<Answer, Failed> {
        handle(&self.memory, &self.looking, &self.memory, &catalog(), bus_event(&self.events[seq - 1])).await
    }

    fn card(&self) -> Card {
        match self.memory.get(&Key::Card("r".parse().unwrap())).expect("a card").record {
            Record::Card(card) => card,
            _ => panic!("no card"),
        }
    }
}

fn bus_event(event: &WorkflowEvent) -> Value {
    json!({"detail-type": event.event_type.as_str(), "detail": {
        "version": 1, "id": format!("r-{}", event.seq), "time": "2026-06-30T12:00:00Z", "user_id": "u", "data": event,
    }})
}

#[tokio::test]
async fn events_in_order_make_the_card() {
    let story = Story::told().await;
    for seq in 1..=story.events.len() {
        assert_eq!(story.deliver(seq).await.unwrap(), Answer::Folded(seq as u64));
    }
    let card = story.card();
    assert_eq!((card.status, card.current.len(), card.upcoming.len()), (RunStatus::Executing, 1, 4));
    assert_eq!(card.current[0].agent, "Spending Analyzer");
}

#[tokio::test]
async fn any_order_and_any_repetition_make_the_same_card() {
    let straight = Story::told().await;
    for seq in 1..=straight.events.len() {
        straight.deliver(seq).await.unwrap();
    }
    let last = straight.events.len();
    for order in [vec![last], vec![3, 1, 1, 2, last, 4], vec![1, last, 2, 2]] {
        let story = Story::told().await;
        for seq in &order {
            story.deliver(*seq).await.unwrap();
        }
        assert_eq!(story.card(), straight.card(), "{order:?}");
    }
}

#[tokio::test]
async fn an_event_the_card_has_writes_nothing() {
    let story = Story::told().await;
    story.deliver(3).await.unwrap();
    let written = story.memory.stream().len();
    assert_eq!(story.deliver(2).await.unwrap(), Answer::Seen);
    assert_eq!(story.memory.stream().len(), written);
}

#[tokio::test]
async fn an_event_whose_predecessor_was_never_stored_is_not_held_up() {
    let story = Story::told().await;
    let mut late = story.events[0].clone();
    late.seq = 500;
    let answer =
        handle(&story.memory, &story.looking, &story.memory, &catalog(), bus_event(&late)).await.unwrap();
    assert_eq!(answer, Answer::Folded(500));
    assert_eq!(story.card().current.len(), 1, "what is stored was folded before it");
}

#[tokio::test]
async fn a_failed_write_leaves_the_card_and_the_next_event_catches_up() {
    let story = Story::told().await;
    story.deliver(1).await.unwrap();
    story.memory.fail_write(0);
    assert_eq!(story.deliver(2).await.unwrap_err().class(), ErrorClass::Interrupted);
    assert_eq!(story.card().seq, 1);
    story.deliver(3).await.unwrap();
    assert_eq!(story.card().seq, story.events.len() as u64);
}

#[tokio::test]
async fn a_goal_of_the_user_is_on_the_card() {
    let story = Story::told().await;
    let goal = Goal {
        name: "Three months".to_owned(),
        kind: "emergency-fund".to_owned(),
        target: money::Money::usd(1_200_000),
        saved: money::Money::usd(0),
    };
    let goals = Goals { user_id: "u".parse().unwrap(), goals: vec![goal] };
    story.memory.commit(vec![Write::create(Record::Goals(goals))]).await.unwrap();
    let mut saved = story.events[0].clone();
    saved.seq = story.events.len() as u64 + 1;
    saved.event_type = EventType::SavingsAchieved;
    saved.step_id = Some("quick-wins".parse().unwrap());
    saved.data.details = json!({"impact": {
        "kind": "savings", "stage": "confirmed", "monthly": {"minor": 2_300, "currency": "USD"},
        "label": "Cancelled", "evidence": ["t1"],
    }});
    handle(&story.memory, &story.looking, &story.memory, &catalog(), bus_event(&saved)).await.unwrap();
    let impact = story.card().impact;
    assert_eq!(impact.annual, Some(money::Money::usd(27_600)));
    assert_eq!(impact.goal.unwrap().tenths_of_percent, 23);
}

#[tokio::test]
async fn a_stored_event_that_cannot_be_read_is_passed_over() {
    let story = Story::told().await;
    let unread = Record::UnreadEvent { run_id: "r".parse().unwrap(), seq: 2 };
    story.memory.commit(vec![Write::put(unread)]).await.unwrap();
    let last = story.events.len();
    assert_eq!(story.deliver(last).await.unwrap(), Answer::Folded(last as u64));
    assert_eq!(story.card().current[0].agent, "Spending Analyzer", "all the others are on it");
}

#[tokio::test]
async fn what_is_not_for_the_card_fails_or_is_kept() {
    let story = Story::told().await;
    let mut stranger = story.events[0].clone();
    stranger.run_id = "other".parse().unwrap();
    let failed = handle(&story.memory, &story.looking, &story.memory, &catalog(), bus_event(&stranger))
        .await
        .unwrap_err();
    assert!(matches!(failed, Failed::UnknownRun(_)));
    let mut malformed = bus_event(&story.events[0]);
    malformed["detail"]["data"]["seq"] = json!("one");
    let failed =
        handle(&story.memory, &story.looking, &story.memory, &catalog(), malformed).await.unwrap_err();
    assert_eq!(failed.message(), "detail.data.seq: expected u64");
    let mut newer = bus_event(&story.events[0]);
    newer["detail"]["version"] = json!(2);
    let mut unknown = bus_event(&story.events[0]);
    unknown["detail-type"] = json!("workflow.paused");
    unknown["detail"]["data"]["type"] = json!("workflow.paused");
    for event in [newer, unknown] {
        let answer = handle(&story.memory, &story.looking, &story.memory, &catalog(), event).await.unwrap();
        assert_eq!(answer, Answer::Kept);
    }
    let told: Vec<Out> = story.memory.stream().into_iter().flat_map(|it| it.out).collect();
    assert!(told.is_empty(), "the card tells nothing");
}

#[tokio::test]
async fn whoever_looks_at_the_card_hears_that_it_changed_and_need_not() {
    let story = Story::told().await;
    let mut open = Sockets::none("u".parse().unwrap());
    open.add("c".to_owned(), story.memory.now());
    story.memory.commit(vec![Write::create(Record::Sockets(open))]).await.unwrap();
    story.deliver(2).await.unwrap();
    story.deliver(1).await.unwrap();
    let expect = ("c".to_owned(), json!({"type": "run", "run_id": "r", "seq": story.events.len()}));
    assert_eq!(story.looking.said().live, [expect], "what the card had before is no news");
    let behind = Story::told().await;
    behind.looking.set_down(true);
    assert!(matches!(behind.deliver(1).await.unwrap(), Answer::Folded(_)));
}
