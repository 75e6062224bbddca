//! Whose turn it is.

use super::*;
use crate::user::Link;
use jiff::Timestamp;
use proptest::prelude::*;
use statemachines::Catalog;
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::embedded().unwrap());

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Runs as told in one word each: `name:account:status[:check_at]`. Those that are not queued are running ones.
struct Told {
    queue: Queue,
    runs: BTreeMap<RunId, Run>,
    access: Access,
}

fn told(words: &[&str]) -> Told {
    let workflow = CATALOG.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
    let user: UserId = "u".parse().unwrap();
    let mut told = Told {
        queue: Queue { user_id: user.clone(), waiting: Vec::new(), running: Vec::new() },
        runs: BTreeMap::new(),
        access: Access::none(user.clone()),
    };
    for word in words {
        let parts: Vec<&str> = word.split(':').collect();
        let mut run = Run::queued(
            parts[0].parse().unwrap(),
            user.clone(),
            workflow,
            "2026-06-30".parse().unwrap(),
            at(0),
        );
        run.status = RunStatus::ALL.into_iter().find(|it| it.as_str() == parts[2]).unwrap();
        run.check_at = parts.get(3).map(|second| at(second.parse().unwrap()));
        let provider = format!("provider-of-{}", parts[1]);
        let accounts = BTreeSet::from([parts[1].to_owned()]);
        let link = Link { access_token: String::new(), accounts, linked_at: at(0) };
        told.access.links.insert(provider.clone(), link);
        let entry = Queued {
            run_id: run.run_id.clone(),
            workflow_id: run.workflow_id.clone(),
            providers: BTreeSet::from([provider]),
        };
        let list =
            if run.status == RunStatus::Queued { &mut told.queue.waiting } else { &mut told.queue.running };
        list.push(entry);
        told.runs.insert(run.run_id.clone(), run);
    }
    told
}

fn turn(words: &[&str], now: i64) -> Option<String> {
    let told = told(words);
    let queue = without_ended(&told.queue, &told.runs);
    next_turn(&queue, &told.runs, &told.access, at(now)).map(|it| it.to_string())
}

#[test]
fn the_next_turn() {
    let expiry = 24 * 3600;
    for (what, words, now, expect) in [
        ("nothing waits", vec!["a:x:Executing"], 0, None),
        ("first come, first served", vec!["a:x:Queued", "b:y:Queued"], 0, Some("a")),
        ("a shared account waits", vec!["a:x:Executing", "b:x:Queued"], 0, None),
        ("another account does not", vec!["a:x:Executing", "b:x:Queued", "c:y:Queued"], 0, Some("c")),
        ("an ended run frees its account", vec!["a:x:Completed", "b:x:Queued"], 0, Some("b")),
        ("a paused one does not", vec!["a:x:Paused", "b:x:Queued"], 0, None),
        ("a held run is not yet due", vec!["a:x:Queued:10"], 9, None),
        ("and then it is", vec!["a:x:Queued:10"], 10, Some("a")),
        ("a held run keeps nobody waiting", vec!["a:x:Queued:10", "b:x:Queued"], 9, Some("b")),
        ("a run that was left behind comes first", vec!["a:x:Queued", "b:y:Validating:5"], 5, Some("b")),
        ("but not while its lease holds", vec!["b:y:Validating:5"], 4, None),
        ("the same for one that was not begun", vec!["b:y:Ready:5"], 5, Some("b")),
        ("an executing run needs no turn", vec!["b:y:Executing:5"], 9, None),
        ("an expired run is told so, held or not", vec!["a:x:Queued:99999999"], expiry, Some("a")),
        ("and whoever runs", vec!["a:x:Executing", "b:x:Queued"], expiry, Some("b")),
    ] {
        assert_eq!(turn(&words, now).as_deref(), expect, "{what}");
    }
}

#[test]
fn nobody_overtakes_a_run_that_waits_for_the_same_account() {
    let mut told = told(&["a:x:Executing", "b:x:Queued", "c:y:Queued"]);
    // b needs y too, so c waits behind it although nobody runs on y.
    told.queue.waiting[0].providers.insert("provider-of-y".to_owned());
    assert_eq!(next_turn(&told.queue, &told.runs, &told.access, at(0)), None);
}

#[test]
fn a_link_without_accounts_is_one_account_and_no_link_is_none() {
    let mut told = told(&["a:x:Executing", "b:x:Queued"]);
    told.access.links["provider-of-x"].accounts.clear();
    assert_eq!(next_turn(&told.queue, &told.runs, &told.access, at(0)), None);
    told.access.links.clear();
    assert_eq!(next_turn(&told.queue, &told.runs, &told.access, at(0)).unwrap().as_str(), "b");
}

#[test]
fn accounts_count_wherever_they_are_linked() {
    let mut told = told(&["a:x:Executing", "b:y:Queued"]);
    let shared = BTreeSet::from(["one".to_owned()]);
    for link in told.access.links.values_mut() {
        link.accounts.clone_from(&shared);
    }
    assert_eq!(next_turn(&told.queue, &told.runs, &told.access, at(0)), None);
}

#[test]
fn a_run_moves_through_the_queue_and_keeps_its_turn_when_given_back() {
    let mut queue = told(&["a:x:Queued", "b:y:Queued"]).queue;
    let (a, b): (RunId, RunId) = ("a".parse().unwrap(), "b".parse().unwrap());
    let names = |entries: &[Queued]| entries.iter().map(|it| it.run_id.to_string()).collect::<Vec<_>>();
    take(&mut queue, &a);
    take(&mut queue, &a);
    assert_eq!((names(&queue.waiting), names(&queue.running)), (vec!["b".into()], vec!["a".into()]));
    give_back(&mut queue, &a);
    assert_eq!(names(&queue.waiting), ["a", "b"]);
    remove(&mut queue, &b);
    assert_eq!((names(&queue.waiting), names(&queue.running)), (vec!["a".into()], vec![]));
}

#[test]
fn a_run_of_which_nothing_is_stored_leaves_the_queue() {
    let mut told = told(&["a:x:Queued"]);
    told.runs.clear();
    assert!(without_ended(&told.queue, &told.runs).waiting.is_empty());
}

#[test]
fn a_run_takes_its_place_with_all_it_works_with() {
    let catalog = Catalog::embedded().unwrap();
    let harvester = catalog.latest(&"investment-tax-harvester".parse().unwrap()).unwrap();
    let user: UserId = "u".parse().unwrap();
    let run =
        Run::queued("a".parse().unwrap(), user.clone(), harvester, "2026-06-30".parse().unwrap(), at(0));
    let place = place(&run, harvester);
    assert!(["plaid", "broker"].iter().all(|it| place.providers.contains(*it)), "{:?}", place.providers);
    let event = queued(harvester);
    assert_eq!(event.message, "Investment Tax Harvester waits for its turn");
    assert_eq!(json!(event.details), json!({"from": null, "to": "Queued"}));
    assert_eq!(run_id(&user, "k").unwrap(), run_id(&user, "k").unwrap());
    assert_ne!(run_id(&user, "k").unwrap(), run_id(&user, "l").unwrap());
}

proptest! {
    /// Whatever accounts runs need and in whatever order they end: none runs beside another that shares an account, those that
    /// share one run in the order they came, and all of them run in the end.
    #[test]
    fn runs_exclude_each_other_keep_their_order_and_all_have_their_turn(
        needs in prop::collection::vec(prop::collection::btree_set(0_usize..4, 0..3), 1..12),
        ends in prop::collection::vec(any::<prop::sample::Index>(), 12),
    ) {
        let words: Vec<String> = (0..needs.len()).map(|it| format!("r{it}:x{it}:Queued")).collect();
        let mut told = told(&words.iter().map(String::as_str).collect::<Vec<_>>());
        for account in 0..4 {
            let accounts = BTreeSet::from([format!("account-{account}")]);
            let link = Link { access_token: String::new(), accounts, linked_at: at(0) };
            told.access.links.insert(format!("p{account}"), link);
        }
        for (entry, needs) in told.queue.waiting.iter_mut().zip(&needs) {
            entry.providers = needs.iter().map(|it| format!("p{it}")).collect();
        }
        let number = |run: &RunId| run.as_str()[1..].parse::<usize>().unwrap();
        let (mut order, mut running): (Vec<usize>, Vec<RunId>) = (Vec::new(), Vec::new());
        let mut ends = ends.iter();
        while order.len() < needs.len() || !running.is_empty() {
            while let Some(run) = next_turn(&told.queue, &told.runs, &told.access, at(0)) {
                take(&mut told.queue, &run);
                told.runs.get_mut(&run).unwrap().status = RunStatus::Executing;
                for other in &running {
                    prop_assert!(needs[number(&run)].is_disjoint(&needs[number(other)]));
                }
                order.push(number(&run));
                running.push(run);
            }
            prop_assert!(!running.is_empty(), "someone waits for nobody");
            let ended = running.remove(ends.next().map_or(0, |it| it.index(running.len())));
            told.runs.get_mut(&ended).unwrap().status = RunStatus::Completed;
            told.queue = without_ended(&told.queue, &told.runs);
        }
        for (place, later) in order.iter().enumerate() {
            for earlier in &order[..place] {
                prop_assert!(earlier < later || needs[*earlier].is_disjoint(&needs[*later]));
            }
        }
    }
}

#[test]
fn the_longer_a_run_waits_the_less_often_it_is_tried() {
    let workflow = CATALOG.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
    let run = told(&["a:x:Queued"]).runs.into_values().next().unwrap();
    for (waited, pause) in [(0, 30), (299, 30), (600, 60), (3_600, 360), (9_000, 900), (80_000, 900)] {
        let again = try_again_at(&run, workflow, at(waited));
        assert_eq!(again, at(waited + pause), "after {waited} s");
    }
    // A resumed run waits anew.
    let resumed = Run { expires: after(at(50_000), workflow.queue_expiry), ..run };
    assert_eq!(try_again_at(&resumed, workflow, at(50_000)), at(50_030));
}
