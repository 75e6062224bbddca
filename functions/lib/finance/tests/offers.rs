//! Competing offers, quick wins and gigs: tables and what holds for any input.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod household;

use finance::cancel::{Action, Plan, Reason, Subscription, propose};
use finance::gigs::{self, Gig, Profile, TimeSlot, Vehicle};
use finance::offers::{Bill, LevelChange, Offer, ServiceKind, ServiceLevel, best, customer_value, rank};
use finance::recurrence::detect;
use household::{day, monthly, usd};
use money::{Currency, Money};
use proptest::prelude::*;

fn internet(mbps: u32) -> ServiceLevel {
    ServiceLevel { download_kbps: Some(mbps * 1_000), ..ServiceLevel::default() }
}

fn bill() -> Bill {
    Bill {
        id: "xfinity-1".to_owned(),
        service: ServiceKind::Internet,
        provider: "Xfinity".to_owned(),
        plan: "Blast 300".to_owned(),
        monthly: usd("89.99"),
        level: internet(300),
        tenure_months: 38,
        leaving_fee: None,
        stream_id: None,
    }
}

fn offer(id: &str, monthly: &str, mbps: u32) -> Offer {
    Offer {
        id: id.to_owned(),
        service: ServiceKind::Internet,
        provider: "AT&T".to_owned(),
        plan: format!("Fiber {mbps}"),
        monthly: usd(monthly),
        level: internet(mbps),
        setup_fee: None,
        contract_months: 0,
        promo_months: None,
        regular_monthly: None,
        valid_until: None,
        source: "https://offers.example/1".to_owned(),
    }
}

fn chosen(offers: &[Offer]) -> Option<String> {
    best(&bill(), offers, day("2025-06-01")).unwrap().map(|found| found.offer.id)
}

#[test]
fn only_better_and_cheaper_real_offers() {
    let mut other_service = offer("phone", "10", 300);
    other_service.service = ServiceKind::Phone;
    let mut same_provider = offer("same", "10", 300);
    same_provider.provider = "XFINITY".to_owned();
    let mut expired = offer("expired", "10", 300);
    expired.valid_until = Some(day("2025-05-31"));
    let mut unknown = offer("unknown", "10", 300);
    unknown.level = ServiceLevel::default();
    let mut fees = offer("fees", "85", 300);
    fees.setup_fee = Some(usd("99"));
    let mut euro = offer("euro", "10", 300);
    euro.monthly = Money::new(1_000, Currency::EUR);
    let useless = [
        offer("slow", "40", 100),
        offer("dear", "95", 1000),
        other_service,
        same_provider,
        expired,
        unknown,
        fees,
        euro,
    ];
    assert_eq!(chosen(&useless), None);
    assert_eq!(chosen(&[]), None);
    assert_eq!(chosen(&[offer("a", "70", 300), offer("b", "55", 500), offer("c", "60", 1000)]).unwrap(), "b");
}

#[test]
fn fees_promotions_and_break_even() {
    let mut one = offer("promo", "49.99", 500);
    one.setup_fee = Some(usd("99"));
    one.promo_months = Some(6);
    one.regular_monthly = Some(usd("79.99"));
    let found = best(&bill(), &[one.clone()], day("2025-06-01")).unwrap().unwrap();
    assert_eq!((found.monthly_saving, found.one_off), (usd("40"), usd("99")));
    // 6 × 40 + 6 × 10 − 99
    assert_eq!(found.first_year_saving, usd("201"));
    assert_eq!((found.break_even_months, found.promo_ends), (Some(3), Some(day("2025-12-01"))));
    assert_eq!(found.level, LevelChange::Better);
    assert!(found.reasons.iter().any(|reason| reason.contains("https://offers.example/1")));
    // An unknown price afterwards promises nothing.
    one.regular_monthly = None;
    assert_eq!(best(&bill(), &[one], day("2025-06-01")).unwrap().unwrap().first_year_saving, usd("141"));
    assert_eq!(customer_value(&bill(), 4_000).unwrap(), usd("1367.85"));
}

#[test]
fn insurance_with_a_higher_deductible_is_worse() {
    let level = |coverage: &str, deductible: &str| ServiceLevel {
        coverage: Some(usd(coverage)),
        deductible: Some(usd(deductible)),
        ..ServiceLevel::default()
    };
    let present = level("100000", "500");
    assert_eq!(level("100000", "1000").compared_with(&present), LevelChange::Worse);
    assert_eq!(level("100000", "250").compared_with(&present), LevelChange::Better);
    assert_eq!(level("100000", "500").compared_with(&present), LevelChange::Same);
    assert_eq!(internet(300).compared_with(&present), LevelChange::Unknown);
    let unlimited = ServiceLevel { unlimited_data: Some(true), ..ServiceLevel::default() };
    let limited = ServiceLevel { data_megabytes: Some(10_000), ..ServiceLevel::default() };
    assert_eq!(unlimited.compared_with(&limited), LevelChange::Better);
    assert_eq!(limited.compared_with(&unlimited), LevelChange::Worse);
}

fn subscription(id: &str, monthly: &str) -> Subscription {
    Subscription {
        id: id.to_owned(),
        name: id.to_owned(),
        plan: Plan { id: format!("{id}-now"), name: "Standard".to_owned(), monthly: usd(monthly) },
        trial_ends: None,
        other_plans: Vec::new(),
        purpose: None,
        last_used: Some(day("2025-06-14")),
        days_used_of_90: Some(40),
        cancellable: true,
    }
}

#[test]
fn quick_wins() {
    let as_of = day("2025-06-15");
    let mut trial = subscription("hulu", "18.99");
    trial.trial_ends = Some(day("2025-06-20"));
    let mut unused = subscription("gym", "39");
    (unused.last_used, unused.days_used_of_90) = (Some(day("2025-02-01")), Some(0));
    let mut dear = subscription("netflix", "24.99");
    dear.other_plans = vec![
        Plan { id: "ads".to_owned(), name: "With ads".to_owned(), monthly: usd("7.99") },
        Plan { id: "more".to_owned(), name: "Family".to_owned(), monthly: usd("29.99") },
    ];
    let mut music = subscription("spotify", "11.99");
    music.purpose = Some("music".to_owned());
    let mut twice = subscription("tidal", "10.99");
    (twice.purpose, twice.days_used_of_90) = (Some("music".to_owned()), Some(5));
    let kept = subscription("kept", "5");
    let over = Subscription { trial_ends: Some(day("2025-06-01")), ..subscription("over", "9") };
    let mut history = monthly(1, 3, 3, "GYM", "29");
    history.extend(monthly(4, 6, 3, "GYM", "39"));
    let streams = detect(&history, as_of);
    let all = [unused, dear, music, twice, kept, over, trial];
    let found = propose(&all, &streams, as_of).unwrap();
    let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["hulu", "gym", "tidal", "netflix"]);
    assert_eq!((&found[0].action, found[0].act_before), (&Action::CancelTrial, Some(day("2025-06-20"))));
    // Before the rise, after it, and the latest.
    let charges = [2, 3, 5].map(|at| history[at].id.clone());
    assert_eq!((found[1].waste_score, &found[1].transaction_ids[..]), (85, &charges[..]));
    assert!(found[1].reasons.contains(&Reason::PriceRose { from: usd("29"), to: usd("39") }));
    assert_eq!(found[1].act_before, Some(day("2025-07-03")));
    assert_eq!(found[2].reasons, [Reason::Duplicate { of: "spotify".to_owned() }]);
    assert!(matches!(&found[3].action, Action::Downgrade { to } if to.id == "ads"));
    assert_eq!(found[3].saves_monthly, usd("17"));
    let saved = found.iter().map(|one| one.saves_monthly);
    assert_eq!(Money::sum(saved, Currency::USD).unwrap(), usd("85.98"));
}

fn gig(id: &str, hourly: &str) -> Gig {
    Gig {
        id: id.to_owned(),
        title: id.to_owned(),
        platform: "Platform".to_owned(),
        kind: "delivery".to_owned(),
        hourly: usd(hourly),
        hourly_cost: None,
        least_hours: 2,
        most_hours: 20,
        slots: vec![TimeSlot::Evenings],
        vehicle: Vehicle::None,
        required_skills: Vec::new(),
        helpful_skills: Vec::new(),
        steady: false,
        upfront_cost: None,
        days_to_first_pay: 14,
        steps: vec!["Sign up".to_owned()],
        proof: "A screenshot".to_owned(),
    }
}

fn profile() -> Profile {
    Profile {
        skills: vec!["legal_spanish".to_owned()],
        available: vec![TimeSlot::Evenings],
        hours_per_week: 8,
        vehicle: Vehicle::Bicycle,
        irregular_income: true,
        unwanted: vec!["telesales".to_owned()],
    }
}

#[test]
fn gigs_that_suit() {
    let mut car = gig("car", "40");
    (car.vehicle, car.hourly_cost) = (Vehicle::Car, Some(usd("6")));
    let mut skill = gig("nurse", "60");
    skill.required_skills = vec!["nursing".to_owned()];
    let mut weekend = gig("weekend", "60");
    weekend.slots = vec![TimeSlot::Weekends];
    let mut long = gig("long", "60");
    long.least_hours = 20;
    let mut unwanted = gig("calls", "60");
    unwanted.kind = "Telesales".to_owned();
    let mut tutor = gig("tutor", "25");
    (tutor.required_skills, tutor.steady, tutor.most_hours) = (vec!["Legal_Spanish".to_owned()], true, 4);
    let all = [car, skill, weekend, long, unwanted, tutor, gig("courier", "18")];
    let found = gigs::rank(&profile(), &all).unwrap();
    let ids: Vec<&str> = found.iter().map(|one| one.gig.id.as_str()).collect();
    assert_eq!(ids, ["tutor", "courier"]);
    // 25 × 4 × 52 / 12 = 433.33; 18 × 8 × 52 / 12 = 624
    assert_eq!((found[0].monthly, found[1].monthly), (usd("433.33"), usd("624")));
    assert_eq!(found[0].score, 60);
    assert!(found[0].reasons.contains(&"Uses what you know: Legal Spanish".to_owned()));
    let guide = gigs::guide(&found[0]);
    assert!(guide.summary.contains("$433.33") && guide.steps == ["Sign up"]);
}

proptest! {
    #[test]
    fn a_ranked_offer_is_always_worth_it(prices in prop::collection::vec((1_i64..20_000, 1_u32..1_000, 0_i64..30_000, prop::option::of(1_u32..24)), 0..12)) {
        let make = |(index, (minor, mbps, fee, promo)): (usize, (i64, u32, i64, Option<u32>))| {
            let mut one = offer(&format!("o{index}"), "1", mbps);
            (one.monthly, one.setup_fee, one.promo_months) = (Money::usd(minor), Some(Money::usd(fee)), promo);
            one
        };
        let offers: Vec<Offer> = prices.into_iter().enumerate().map(make).collect();
        let found = rank(&bill(), &offers, day("2025-06-01")).unwrap();
        for one in &found {
            prop_assert!(offers.contains(&one.offer), "never invented");
            prop_assert!(one.monthly_saving.is_positive() && one.first_year_saving.is_positive());
            prop_assert!(one.offer.level.download_kbps >= bill().level.download_kbps);
            prop_assert!(one.first_year_saving <= one.monthly_saving.times(12).unwrap());
        }
        prop_assert!(found.is_sorted_by(|a, b| a.first_year_saving >= b.first_year_saving));
    }

    #[test]
    fn a_proposal_saves_something_and_says_why(rows in prop::collection::vec((0_i64..5_000, prop::option::of(0_u32..90), any::<bool>()), 0..10)) {
        let make = |(index, (minor, used, trial)): (usize, (i64, Option<u32>, bool))| {
            let mut one = subscription(&format!("s{index}"), "1");
            (one.plan.monthly, one.days_used_of_90, one.last_used) = (Money::usd(minor), used, None);
            one.trial_ends = trial.then(|| day("2025-07-01"));
            one.purpose = Some("video".to_owned());
            one
        };
        let all: Vec<Subscription> = rows.into_iter().enumerate().map(make).collect();
        let found = propose(&all, &[], day("2025-06-15")).unwrap();
        for one in &found {
            prop_assert!(one.saves_monthly.is_positive() && one.saves_monthly <= one.monthly);
            prop_assert!(!one.reasons.is_empty() && one.waste_score <= 100);
        }
    }
}
