//! Gigs and the user's profile in the algorithm's terms.

use finance::gigs::{self as algorithm, TimeSlot, Vehicle};
use providers::gigs::{Gig, Profile};
use std::collections::BTreeSet;

/// What a gig asks for that cannot be got in an afternoon.
const HARD: [&str; 1] = ["driver_licence"];

/// A profile; `irregular_income` says whether wages come irregularly.
pub fn profile(profile: &Profile, irregular_income: bool) -> algorithm::Profile {
    algorithm::Profile {
        skills: profile.skills.clone(),
        available: slots(&profile.schedule),
        hours_per_week: profile.hours_per_week,
        vehicle: vehicle(&profile.has),
        irregular_income,
        unwanted: Vec::new(),
    }
}

/// A gig.
pub fn gig(gig: &Gig) -> algorithm::Gig {
    algorithm::Gig {
        id: gig.id.clone(),
        title: gig.title.clone(),
        platform: gig.platform.clone(),
        kind: gig.platform.clone(),
        hourly: gig.pay_per_hour,
        hourly_cost: None,
        least_hours: gig.hours_per_week.min,
        most_hours: gig.hours_per_week.max,
        slots: slots(&gig.schedule),
        vehicle: vehicle(&gig.requirements),
        required_skills: gig.skills.clone(),
        helpful_skills: Vec::new(),
        steady: false,
        upfront_cost: Some(gig.start_cost).filter(|cost| cost.is_positive()),
        days_to_first_pay: gig.days_to_first_pay,
        steps: gig.steps.clone(),
        proof: format!("The reference of your application, from {}", gig.platform),
    }
}

/// Whether nothing is missing that cannot be got easily.
pub fn is_open_to(gig: &Gig, profile: &Profile) -> bool {
    let missing = |thing: &&str| {
        gig.requirements.iter().any(|needed| needed == *thing) && !profile.has.iter().any(|own| own == *thing)
    };
    !HARD.iter().any(missing)
}

/// What the user still needs, in words.
pub fn still_needed(gig: &Gig, profile: &Profile) -> Vec<String> {
    let missing = gig.requirements.iter().filter(|needed| !profile.has.contains(needed));
    missing.map(|needed| format!("You need a {}", needed.replace('_', " "))).collect()
}

fn slots(schedule: &[String]) -> Vec<TimeSlot> {
    let known = schedule.iter().filter_map(|time| match time.as_str() {
        "weekday_morning" | "weekday_day" => Some(TimeSlot::Weekdays),
        "weekday_evening" => Some(TimeSlot::Evenings),
        "weekend" => Some(TimeSlot::Weekends),
        _ => None,
    });
    let mut slots = BTreeSet::new();
    slots.extend(known);
    slots.into_iter().collect()
}

fn vehicle(things: &[String]) -> Vehicle {
    let best = things.iter().map(|thing| match thing.as_str() {
        "car" => Vehicle::Car,
        "bicycle" | "bike" | "scooter" => Vehicle::Bicycle,
        _ => Vehicle::None,
    });
    best.max().unwrap_or(Vehicle::None)
}
