//! A run that fails, is ended, undone and taken up again, on its card.

use super::*;

#[test]
fn a_failed_step_waits_for_help_and_a_stop_closes_it() {
    let mut story = Story::begun();
    story.start(WINS);
    let failure = Failure::new(ErrorClass::Timeout, "no answer");
    let fail = |retry| Change::Fail {
        step: id(WINS),
        failure: failure.clone(),
        retry,
        at_rest: true,
        open_effects: false,
    };
    story.change(fail(true));
    assert_eq!(story.card.current[0].status, "Trying again: no answer");
    story.start(WINS);
    story.change(fail(false));
    assert_eq!(story.card.current[0].status, "no answer");
    story.change(Change::Alert {
        step: id(WINS),
        task: "t1".parse().unwrap(),
        prompt: "Quick Wins needs your help".to_owned(),
        deadline: story.now,
    });
    assert_eq!(story.card.status, RunStatus::Paused);
    assert!(story.card.current[0].waiting_user);
    story.change(Change::End { ending: Ending::Stop, reason: "You stopped".to_owned() });
    story.change(Change::Finish);
    let card = &story.card;
    assert_eq!((card.status, card.reason.as_deref()), (RunStatus::Stopped, Some("You stopped")));
    assert_eq!((card.current.len(), card.completed[0].outcome.as_str()), (0, "skipped"));
}

#[test]
fn nobody_is_asked_by_a_run_that_is_being_ended() {
    let asks = |step: &str| Change::Ask {
        step: id(step),
        task: "t1".parse().unwrap(),
        prompt: "Shall this be done?".to_owned(),
        deadline: UNDO_UNTIL,
        open_effects: false,
        again: false,
    };
    let end = || Change::End { ending: Ending::Cancel, reason: "You cancelled".to_owned() };
    let mut story = Story::begun();
    story.start(WINS);
    story.change(asks(WINS));
    assert!(story.card.current[0].waiting_user);
    story.change(end());
    assert_eq!(story.card.status, RunStatus::RollingBack);
    let line = &story.card.completed[0];
    assert_eq!((story.card.current.len(), line.outcome.as_str()), (0, "skipped"));
    assert_eq!(line.message, "The run was ended before this was decided.");

    let mut story = Story::begun();
    story.start(WINS);
    let failure = Failure::new(ErrorClass::Permission, "It wants a code.");
    story.change(Change::Fail { step: id(WINS), failure, retry: false, at_rest: true, open_effects: false });
    story.change(Change::Alert {
        step: id(WINS),
        task: "t1".parse().unwrap(),
        prompt: "Quick Wins needs your help".to_owned(),
        deadline: story.now,
    });
    story.change(end());
    assert!(!story.card.current[0].waiting_user, "it asks no more");
    story.change(Change::Finish);
    assert_eq!(story.card.completed[0].outcome, "failed");
}

#[test]
fn a_settled_step_says_until_when_it_can_be_undone() {
    let mut story = Story::begun();
    story.start(AUDIT);
    story.settle(AUDIT, false, Vec::new());
    story.start(WINS);
    story.settle(WINS, false, vec![confirmed(1_599)]);
    let terms: Vec<_> = story.card.completed.iter().map(|it| it.undo).collect();
    let reversibility = statemachines::Reversibility::UntilProvider;
    assert_eq!(terms, [None, Some(UndoTerms { reversibility, until: Some(UNDO_UNTIL) })]);
    story.change(Change::End { ending: Ending::Cancel, reason: "You cancelled".to_owned() });
    story.undo(WINS, &[]);
    assert!(story.card.completed.iter().all(|it| it.undo.is_none()), "nothing of it is left");
}

#[test]
fn what_is_undone_by_the_users_word_alone_says_so_on_its_line() {
    let mut story = Story::begun();
    story.start(WINS);
    story.settle(WINS, false, vec![confirmed(1_599)]);
    story.change(Change::End { ending: Ending::Cancel, reason: "You cancelled".to_owned() });
    let word = "Cancel Streamly: reversed by you, reference C-1; the provider could not confirm it";
    story.undo(WINS, &[word]);
    let line = story.card.completed.last().unwrap();
    assert_eq!(line.message, format!("Undone: Quick Wins (by your word: {word})"));
    assert_eq!(story.events.last().unwrap().severity, Severity::Warning);
}

#[test]
fn a_run_that_is_taken_up_again_has_its_steps_to_come_once_more() {
    let mut story = Story::begun();
    story.start(AUDIT);
    story.settle(AUDIT, false, Vec::new());
    story.start(WINS);
    story.change(Change::End { ending: Ending::Stop, reason: "You stopped".to_owned() });
    story.change(Change::Finish);
    assert!(story.card.ended_at.is_some() && story.card.upcoming.is_empty());
    let reopened = crate::reopened(&story.run, &story.workflow(), None).unwrap();
    story.change(Change::Resume { version: 1, reopened });
    let card = &story.card;
    assert_eq!((card.status, card.ended_at), (RunStatus::Queued, None));
    let names = |steps: Vec<&str>| steps.join(" ");
    assert_eq!(names(card.completed.iter().map(|it| it.step_id.as_str()).collect()), AUDIT);
    assert_eq!(
        names(card.upcoming.iter().map(|it| it.step_id.as_str()).collect()),
        "quick-wins bill-negotiation automation-setup side-income"
    );
    story.change(Change::Validate);
    story.change(Change::Pass);
    story.change(Change::Begin);
    story.start(WINS);
    assert_eq!(story.card.current[0].step_id.as_str(), WINS);
}
