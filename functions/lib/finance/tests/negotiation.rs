//! The negotiation policy: conversations by table, and that any conversation ends within its rounds.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod household;

use finance::negotiation::{
    Competitor, Condition, CounterOffer, Escalation, Facts, Line, MOST_COUNTERS, MOST_ROUNDS, Move,
    Negotiation, Objection, Reply, WalkAway, say,
};
use finance::offers::{LevelChange, ServiceKind};
use household::usd;
use proptest::prelude::*;

fn facts(competitor: bool, tenure_months: u32) -> Facts {
    let competitor = competitor.then(|| Competitor {
        offer_id: "att-500".to_owned(),
        provider: "AT&T".to_owned(),
        plan: "Fiber 500".to_owned(),
        monthly: usd("55"),
        source: "https://offers.example/att".to_owned(),
    });
    Facts {
        service: ServiceKind::Internet,
        provider: "Xfinity".to_owned(),
        plan: "Blast 300".to_owned(),
        monthly: usd("90"),
        tenure_months,
        customer_value: usd("1368"),
        target: competitor.as_ref().map_or(usd("72"), |one| one.monthly),
        acceptable: usd("85.50"),
        competitor,
    }
}

fn offer(id: &str, monthly: &str) -> CounterOffer {
    CounterOffer {
        id: id.to_owned(),
        monthly: usd(monthly),
        promo_months: Some(12),
        contract_months: 0,
        level: LevelChange::Same,
        new_plan: None,
        fee: None,
    }
}

fn says(offer: CounterOffer) -> Reply {
    Reply::Offer { offer }
}

fn objects(objection: Objection) -> Reply {
    Reply::Objection { objection }
}

fn confirms(id: &str, monthly: &str) -> Reply {
    Reply::Confirmed { offer_id: id.to_owned(), monthly: usd(monthly), confirmation: "R-1".to_owned() }
}

/// Plays the replies and answers with a short name of every move, the opening first.
fn play(facts: &Facts, replies: &[Reply], user: Option<bool>) -> Vec<String> {
    let (mut state, mut now) = Negotiation::open(facts);
    let mut moves = vec![name(&now)];
    for reply in replies {
        if let (Move::AskUser { .. }, Some(approved)) = (&now, user) {
            (state, now) = state.answered(facts, approved);
            moves.push(name(&now));
        }
        if now.is_final() {
            break;
        }
        (state, now) = state.next(facts, reply);
        moves.push(name(&now));
    }
    if let (Move::AskUser { .. }, Some(approved)) = (&now, user) {
        (_, now) = state.answered(facts, approved);
        moves.push(name(&now));
    }
    moves
}

fn name(now: &Move) -> String {
    match now {
        Move::Say { line, .. } => format!("{line:?}"),
        Move::Counter { monthly, .. } => format!("counter {monthly}"),
        Move::Accept { offer, .. } => format!("accept {}", offer.id),
        Move::AskUser { offer, because } => format!("ask {} {because:?}", offer.id),
        Move::Escalate { reason: Escalation::Mismatch } => "mismatch".to_owned(),
        Move::Escalate { .. } => "verification".to_owned(),
        Move::WalkAway { reason } => format!("{reason:?}"),
        Move::Done { monthly_saving, .. } => format!("saved {monthly_saving}"),
    }
}

#[test]
fn conversations() {
    use Objection::*;
    let with = facts(true, 38);
    let without = facts(false, 3);
    let mut bound = offer("bound", "50");
    (bound.contract_months, bound.new_plan) = (24, Some("Saver 300".to_owned()));
    let mut worse = offer("worse", "50");
    worse.level = LevelChange::Worse;
    type Case = (&'static str, Facts, Vec<Reply>, Option<bool>, Vec<&'static str>);
    let cases: Vec<Case> = vec![
        (
            "agrees to the target",
            with.clone(),
            vec![Reply::Greeting, says(offer("a", "55")), confirms("a", "55")],
            None,
            vec!["Opening", "Ask", "accept a", "saved $35.00"],
        ),
        (
            "counters to the target, then half-way, then takes what is worth it",
            with.clone(),
            vec![
                Reply::Greeting,
                says(offer("a", "80")),
                says(offer("b", "75")),
                says(offer("c", "70")),
                confirms("c", "70"),
            ],
            None,
            vec!["Opening", "Ask", "counter $55.00", "counter $65.00", "accept c", "saved $20.00"],
        ),
        (
            "objections are answered, each argument once",
            with.clone(),
            vec![
                Reply::Greeting,
                objects(BestPriceAlready),
                objects(CompetitorInferior),
                objects(NewCustomersOnly),
                objects(UnderContract),
                objects(NoAuthority),
                Reply::Transferred,
                objects(NoAuthority),
                objects(Other),
            ],
            None,
            vec![
                "Opening",
                "Ask",
                "CiteCompetitor",
                "RebutInferior",
                "RebutNewCustomers",
                "RebutContract",
                "AskRetention",
                "CiteTenure",
                "LastAsk",
                "NothingOffered",
            ],
        ),
        (
            "nothing is claimed that is not known",
            without.clone(),
            vec![Reply::Greeting, objects(BestPriceAlready), objects(CompetitorInferior), objects(Other)],
            None,
            vec!["Opening", "Ask", "AskRetention", "LastAsk", "NothingOffered"],
        ),
        (
            "a contract and a plan change are the user's to approve",
            with.clone(),
            vec![Reply::Greeting, says(bound.clone()), confirms("bound", "50")],
            Some(true),
            vec!["Opening", "Ask", "ask bound [Contract, PlanChange]", "accept bound", "saved $40.00"],
        ),
        (
            "a declined offer is not taken later",
            with.clone(),
            vec![Reply::Greeting, says(worse.clone()), says(worse), Reply::Refused, Reply::Refused],
            Some(false),
            vec![
                "Opening",
                "Ask",
                "ask worse [Downgrade]",
                "CiteCompetitor",
                "CiteTenure",
                "AskRetention",
                "NothingOffered",
            ],
        ),
        (
            "a small discount is not worth it",
            with.clone(),
            vec![Reply::Greeting, says(offer("a", "88")), Reply::Closed],
            None,
            vec!["Opening", "Ask", "CiteCompetitor", "Closed"],
        ),
        (
            "refused after an offer: the offer is taken",
            with.clone(),
            vec![
                Reply::Greeting,
                says(offer("a", "80")),
                Reply::Refused,
                Reply::Refused,
                confirms("a", "80"),
            ],
            None,
            vec!["Opening", "Ask", "counter $55.00", "AskRetention", "accept a", "saved $10.00"],
        ),
        (
            "verification needs the user",
            with.clone(),
            vec![Reply::Verification { asks: "last four digits".to_owned() }],
            None,
            vec!["Opening", "verification"],
        ),
        (
            "another price booked than accepted",
            with.clone(),
            vec![Reply::Greeting, says(offer("a", "55")), confirms("a", "75")],
            None,
            vec!["Opening", "Ask", "accept a", "mismatch"],
        ),
        (
            "something booked that nobody accepted",
            with,
            vec![confirms("z", "40")],
            None,
            vec!["Opening", "mismatch"],
        ),
    ];
    for (case, facts, replies, user, expected) in cases {
        assert_eq!(play(&facts, &replies, user), expected, "{case}");
    }
}

#[test]
fn what_is_said() {
    let facts = facts(true, 38);
    let opening = say(Line::Opening, &facts);
    assert!(opening.contains("automated assistant") && opening.contains("on behalf of a Xfinity customer"));
    let cite = say(Line::CiteCompetitor, &facts);
    assert!(cite.contains("AT&T offers Fiber 500") && cite.contains("$55.00"));
    // Text from outside is filled in once and never read as a template.
    let odd = Facts { plan: "{price}".to_owned(), ..facts };
    assert!(say(Line::Ask, &odd).contains("for {price}. Could"));
}

#[test]
fn conditions_of_an_offer() {
    let mut one = offer("a", "50");
    assert!(one.conditions().is_empty());
    (one.level, one.fee) = (LevelChange::Unknown, Some(usd("20")));
    assert_eq!(one.conditions(), [Condition::Downgrade, Condition::Fee]);
}

fn any_reply() -> impl Strategy<Value = Reply> {
    let objections = prop::sample::select(vec![
        Objection::BestPriceAlready,
        Objection::NewCustomersOnly,
        Objection::UnderContract,
        Objection::CompetitorInferior,
        Objection::NoAuthority,
        Objection::Other,
    ]);
    let offers = (0_u8..4, 3_000_i64..10_000, 0_u32..3, any::<bool>()).prop_map(
        |(id, minor, contract_months, worse)| {
            let mut one = offer(&format!("o{id}"), "1");
            (one.monthly, one.contract_months) = (money::Money::usd(minor), contract_months);
            one.level = if worse { LevelChange::Worse } else { LevelChange::Same };
            Reply::Offer { offer: one }
        },
    );
    prop_oneof![
        2 => Just(Reply::Greeting),
        4 => objections.prop_map(|objection| Reply::Objection { objection }),
        4 => offers,
        1 => Just(Reply::Refused),
        1 => Just(Reply::Transferred),
    ]
}

proptest! {
    #[test]
    fn every_conversation_ends(replies in prop::collection::vec(any_reply(), 40), answers in prop::collection::vec(any::<bool>(), 40), competitor: bool, tenure in 0_u32..60) {
        let facts = facts(competitor, tenure);
        let (mut state, mut now) = Negotiation::open(&facts);
        let (mut replies, mut answers) = (replies.into_iter(), answers.into_iter());
        let mut turns = 0;
        while !now.is_final() {
            turns += 1;
            prop_assert!(turns <= 3 * MOST_ROUNDS, "it goes on and on");
            // What waits for the user can be stored and read back.
            let stored = serde_json::to_string(&state).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Negotiation>(&stored).unwrap(), &state);
            let accepted = match &now {
                Move::Accept { offer, .. } => Some(offer.clone()),
                _ => None,
            };
            if let Move::AskUser { offer, because } = &now {
                prop_assert!(!because.is_empty() && !state.declined.contains(&offer.id));
                let (next, then) = state.answered(&facts, answers.next().unwrap());
                (state, now) = (next, then);
            } else if let Some(offer) = accepted {
                prop_assert!(offer.monthly <= facts.acceptable);
                let (next, then) = state.next(&facts, &Reply::Confirmed { offer_id: offer.id.clone(), monthly: offer.monthly, confirmation: "R".to_owned() });
                (state, now) = (next, then);
            } else {
                let (next, then) = state.next(&facts, &replies.next().unwrap());
                (state, now) = (next, then);
            }
        }
        prop_assert!(state.rounds <= MOST_ROUNDS + 1 && state.counters <= MOST_COUNTERS);
        if let Move::Done { offer, monthly_saving, .. } = &now {
            prop_assert!(monthly_saving.is_positive());
            prop_assert!(!state.declined.contains(&offer.id));
        }
        let closed = Move::WalkAway { reason: WalkAway::Closed };
        prop_assert_ne!(&now, &closed);
        let mut once = state.said.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), state.said.len(), "no line twice");
    }
}
