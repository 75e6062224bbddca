//! The negotiation policy: conversations by table, and that any conversation ends within its rounds.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod household;

use finance::negotiation::{
    Condition, CounterOffer, Facts, MOST_COUNTERS, MOST_ROUNDS, Move, Negotiation, Objection, Reply, WalkAway,
};
use finance::offers::LevelChange;
use household::usd;
use proptest::prelude::*;

fn facts(competitor: bool, tenure_months: u32) -> Facts {
    Facts {
        monthly: usd("90"),
        tenure_months,
        customer_value: usd("1368"),
        target: usd(if competitor { "55" } else { "72" }),
        acceptable: usd("85.50"),
        competitor: competitor.then(|| "att-500".to_owned()),
    }
}

fn offer(id: &str, monthly: &str) -> CounterOffer {
    CounterOffer {
        id: id.to_owned(),
        monthly: usd(monthly),
        promo_months: Some(12),
        regular_monthly: None,
        contract_months: 0,
        level: LevelChange::Same,
        new_plan: None,
        fee: None,
    }
}

fn promo(id: &str, monthly: &str, months: u32, then: &str) -> CounterOffer {
    CounterOffer { promo_months: Some(months), regular_monthly: Some(usd(then)), ..offer(id, monthly) }
}

fn says(offer: CounterOffer) -> Reply {
    Reply::Offer { offer }
}

fn objects(objection: Objection) -> Reply {
    Reply::Objection { objection }
}

/// Plays the replies until it ends and answers with a short name of every move.
fn play(facts: &Facts, replies: &[Reply]) -> Vec<String> {
    let mut state = Negotiation::default();
    let mut moves = Vec::new();
    for reply in replies {
        let now;
        (state, now) = state.next(facts, reply);
        moves.push(name(&now));
        if !matches!(now, Move::Say { .. }) {
            break;
        }
    }
    moves
}

fn name(now: &Move) -> String {
    match now {
        Move::Say { line } => format!("{line:?}"),
        Move::Accept { offer } => format!("accept {}", offer.id),
        Move::AskUser { offer, because } => format!("ask {} {because:?}", offer.id),
        Move::Verify { .. } => "verification".to_owned(),
        Move::WalkAway { reason } => format!("{reason:?}"),
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
    type Case = (&'static str, Facts, Vec<Reply>, Vec<&'static str>);
    let cases: Vec<Case> = vec![
        (
            "agrees to the target",
            with.clone(),
            vec![Reply::Greeting, says(offer("a", "55"))],
            vec!["Ask", "accept a"],
        ),
        (
            "turns two offers down, then takes the best that is worth it",
            with.clone(),
            vec![Reply::Greeting, says(offer("a", "80")), says(offer("b", "70")), says(offer("c", "75"))],
            vec!["Ask", "Counter", "Counter", "accept b"],
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
                objects(NoAuthority),
                objects(Other),
                objects(Other),
            ],
            vec![
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
            without,
            vec![Reply::Greeting, objects(BestPriceAlready), objects(CompetitorInferior), objects(Other)],
            vec!["Ask", "AskRetention", "LastAsk", "NothingOffered"],
        ),
        (
            "a contract and a plan change are the user's to approve",
            with.clone(),
            vec![Reply::Greeting, says(bound)],
            vec!["Ask", "ask bound [Contract, PlanChange]"],
        ),
        (
            "so is a downgrade",
            with.clone(),
            vec![Reply::Greeting, says(worse)],
            vec!["Ask", "ask worse [Downgrade]"],
        ),
        (
            "so is a promotion that ends within the year, and what is dearer afterwards",
            with.clone(),
            vec![Reply::Greeting, says(promo("short", "50", 11, "50"))],
            vec!["Ask", "ask short [ShortPromotion]"],
        ),
        (
            "a later price above today's is asked about, however long the promotion",
            with.clone(),
            vec![Reply::Greeting, says(promo("later", "50", 24, "95"))],
            vec!["Ask", "ask later [DearerLater]"],
        ),
        (
            "a month of a low price that the next one takes back is worth nothing",
            with.clone(),
            vec![Reply::Greeting, says(promo("trap", "40", 1, "108")), Reply::Closed],
            vec!["Ask", "CiteCompetitor", "Closed"],
        ),
        (
            "the first year decides, not the first months",
            with.clone(),
            vec![
                Reply::Greeting,
                says(promo("teaser", "40", 3, "90")),
                says(offer("steady", "70")),
                says(offer("less", "75")),
            ],
            vec!["Ask", "Counter", "Counter", "accept steady"],
        ),
        (
            "a small discount is not worth it",
            with.clone(),
            vec![Reply::Greeting, says(offer("a", "88")), Reply::Closed],
            vec!["Ask", "CiteCompetitor", "Closed"],
        ),
        (
            "refused after an offer: the offer is taken",
            with.clone(),
            vec![Reply::Greeting, says(offer("a", "80")), Reply::Refused, Reply::Refused],
            vec!["Ask", "Counter", "AskRetention", "accept a"],
        ),
        (
            "verification needs the user",
            with,
            vec![Reply::Verification { asks: "last four digits".to_owned() }],
            vec!["verification"],
        ),
    ];
    for (case, facts, replies, expected) in cases {
        assert_eq!(play(&facts, &replies), expected, "{case}");
    }
}

#[test]
fn conditions_of_an_offer() {
    let mut one = offer("a", "50");
    let today = usd("90");
    assert!(one.conditions(today).is_empty());
    (one.level, one.fee) = (LevelChange::Unknown, Some(usd("20")));
    assert_eq!(one.conditions(today), [Condition::Downgrade, Condition::Fee]);
    let both = promo("b", "50", 6, "90.01").conditions(today);
    assert_eq!(both, [Condition::ShortPromotion, Condition::DearerLater]);
    assert!(promo("c", "50", 12, "90").conditions(today).is_empty(), "back to today's price after a year");
}

#[test]
fn the_first_year_counts_the_end_of_a_promotion_and_the_fee() {
    let mut feeful = offer("fee", "80");
    feeful.fee = Some(usd("25"));
    for (one, saved) in [
        (offer("year", "80"), "120"),
        (promo("two", "80", 24, "120"), "120"),
        (promo("half", "80", 6, "90"), "60"),
        (CounterOffer { regular_monthly: None, ..promo("unknown", "80", 6, "90") }, "60"),
        (promo("trap", "80", 1, "120"), "-320"),
        (CounterOffer { promo_months: None, ..offer("for good", "80") }, "120"),
        (feeful, "95"),
    ] {
        assert_eq!(one.first_year_saving(usd("90")).unwrap(), usd(saved), "{}", one.id);
    }
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
    let terms = (0_u8..4, 3_000_i64..10_000, 0_u32..3, any::<bool>(), 1_u32..26, 3_000_i64..12_000);
    let offers = terms.prop_map(|(id, minor, contract_months, worse, promo_months, later)| {
        let mut one = offer(&format!("o{id}"), "1");
        (one.promo_months, one.regular_monthly) = (Some(promo_months), Some(money::Money::usd(later)));
        (one.monthly, one.contract_months) = (money::Money::usd(minor), contract_months);
        one.level = if worse { LevelChange::Worse } else { LevelChange::Same };
        Reply::Offer { offer: one }
    });
    prop_oneof![
        2 => Just(Reply::Greeting),
        4 => objections.prop_map(|objection| Reply::Objection { objection }),
        4 => offers,
        1 => Just(Reply::Refused),
    ]
}

proptest! {
    #[test]
    fn every_conversation_ends(replies in prop::collection::vec(any_reply(), 40), competitor: bool, tenure in 0_u32..60) {
        let facts = facts(competitor, tenure);
        let mut state = Negotiation::default();
        let mut end = None;
        for reply in &replies {
            let now;
            (state, now) = state.next(&facts, reply);
            if !matches!(now, Move::Say { .. }) {
                end = Some(now);
                break;
            }
        }
        prop_assert!(state.rounds <= MOST_ROUNDS && state.counters <= MOST_COUNTERS);
        match end.expect("it goes on and on") {
            Move::Accept { offer } => {
                prop_assert!(facts.is_worth(&offer) && offer.conditions(facts.monthly).is_empty());
            }
            Move::AskUser { offer, because } => prop_assert!(facts.is_worth(&offer) && !because.is_empty()),
            other => prop_assert_ne!(other, Move::WalkAway { reason: WalkAway::Closed }),
        }
        let mut once = state.said.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), state.said.len(), "no line twice");
    }
}
