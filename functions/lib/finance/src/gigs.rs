//! Side income: which gigs suit a person, what they would bring a month, and how to start.
//!
//! A gig is offered only where nothing rules it out: a vehicle that is not there, a skill that is missing,
//! hours that do not meet. The estimate is pay × hours × 52 / 12 after the gig's own costs, and says so; it
//! promises nothing.

use crate::order::sort_by;
use money::{Money, MoneyError, Rounding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a person can work or a gig needs doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeSlot {
    /// Monday to Friday, daytime.
    Weekdays,
    /// Monday to Friday, after work.
    Evenings,
    /// Saturday and Sunday.
    Weekends,
}

/// What a person can drive or ride, from the least to the most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vehicle {
    /// Nothing.
    #[default]
    None,
    /// A bicycle or scooter.
    Bicycle,
    /// A car.
    Car,
}

/// What is known of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Skills, in lower case.
    #[serde(default)]
    pub skills: Vec<String>,
    /// When there is time.
    pub available: Vec<TimeSlot>,
    /// Hours a week there is time for.
    pub hours_per_week: u32,
    /// What there is to drive.
    #[serde(default)]
    pub vehicle: Vehicle,
    /// Whether present income is irregular: steady pay is then worth more.
    #[serde(default)]
    pub irregular_income: bool,
    /// Kinds of work not wanted.
    #[serde(default)]
    pub unwanted: Vec<String>,
}

/// One gig, from a provider of gigs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gig {
    /// The provider's id.
    pub id: String,
    /// What one does.
    pub title: String,
    /// Where one signs up.
    pub platform: String,
    /// Kind of work (`delivery`, `tutoring` …).
    pub kind: String,
    /// Usual pay an hour, before costs.
    pub hourly: Money,
    /// Own costs an hour, such as fuel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hourly_cost: Option<Money>,
    /// Fewest hours a week.
    #[serde(default)]
    pub least_hours: u32,
    /// Most hours a week.
    pub most_hours: u32,
    /// When it can be done; any one of them is enough.
    pub slots: Vec<TimeSlot>,
    /// What one needs to drive.
    #[serde(default)]
    pub vehicle: Vehicle,
    /// Skills one must have.
    #[serde(default)]
    pub required_skills: Vec<String>,
    /// Skills that help.
    #[serde(default)]
    pub helpful_skills: Vec<String>,
    /// Whether the hours, and so the pay, are steady.
    #[serde(default)]
    pub steady: bool,
    /// Paid once before the first hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upfront_cost: Option<Money>,
    /// Usual days from application to first pay.
    pub days_to_first_pay: u32,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// What proves that it has begun, for the user to show.
    pub proof: String,
}

/// A gig that suits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GigMatch {
    /// The gig.
    pub gig: Gig,
    /// Hours a week the estimate is for.
    pub hours_per_week: u32,
    /// Estimated income a month after the gig's own costs, before tax.
    pub monthly: Money,
    /// 0 to 100, higher suits better.
    pub score: u8,
    /// Why.
    pub reasons: Vec<String>,
}

/// How to start a gig.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// The gig.
    pub gig_id: String,
    /// Headline.
    pub title: String,
    /// What to expect.
    pub summary: String,
    /// Steps, in order.
    pub steps: Vec<String>,
    /// What to show when done.
    pub proof: String,
}

/// The gigs nothing rules out, best first.
///
/// # Errors
/// [`MoneyError`] where an estimate leaves its range.
pub fn rank(profile: &Profile, gigs: &[Gig]) -> Result<Vec<GigMatch>, MoneyError> {
    let mut found = Vec::new();
    for gig in gigs.iter().filter(|gig| is_possible(profile, gig)) {
        let hours = profile.hours_per_week.min(gig.most_hours);
        let monthly = monthly(gig, hours)?;
        if monthly.is_positive() {
            let (score, reasons) = rate(profile, gig, monthly);
            found.push(GigMatch { gig: gig.clone(), hours_per_week: hours, monthly, score, reasons });
        }
    }
    sort_by(&mut found, |a, b| {
        let merit = |one: &GigMatch| (std::cmp::Reverse(one.score), -one.monthly.minor);
        (merit(a), &a.gig.id).cmp(&(merit(b), &b.gig.id))
    });
    Ok(found)
}

/// Income a month at so many hours a week, after the gig's own costs, rounded down.
///
/// # Errors
/// [`MoneyError`] outside the range or where costs are in another currency.
pub fn monthly(gig: &Gig, hours_per_week: u32) -> Result<Money, MoneyError> {
    let cost = gig.hourly_cost.unwrap_or(Money::zero(gig.hourly.currency));
    gig.hourly.sub(cost)?.times(i64::from(hours_per_week))?.ratio(52, 12, Rounding::Floor)
}

fn is_possible(profile: &Profile, gig: &Gig) -> bool {
    let has = |skill: &String| profile.skills.iter().any(|own| own.eq_ignore_ascii_case(skill));
    profile.vehicle >= gig.vehicle
        && profile.hours_per_week >= gig.least_hours.max(1)
        && gig.most_hours > 0
        && gig.slots.iter().any(|slot| profile.available.contains(slot))
        && gig.required_skills.iter().all(has)
        && !profile.unwanted.iter().any(|kind| kind.eq_ignore_ascii_case(&gig.kind))
}

/// Score and reasons: pay is the base, then skills, speed, steadiness; a cost up front speaks against.
fn rate(profile: &Profile, gig: &Gig, monthly: Money) -> (u8, Vec<String>) {
    let mut reasons = vec![format!("About {monthly} a month at {} an hour", gig.hourly)];
    // One point per dollar (major unit) an hour up to 50.
    let unit = 10_i64.pow(gig.hourly.currency.exponent());
    let mut score = (gig.hourly.minor / unit).clamp(0, 50);
    let helpful: Vec<&str> = gig
        .helpful_skills
        .iter()
        .chain(&gig.required_skills)
        .filter(|skill| profile.skills.iter().any(|own| own.eq_ignore_ascii_case(skill)))
        .map(String::as_str)
        .collect();
    if !helpful.is_empty() {
        score += 20;
        reasons.push(format!("Uses what you know: {}", helpful.join(", ").replace('_', " ")));
    }
    if gig.days_to_first_pay <= 7 {
        score += 15;
        reasons.push(format!("First pay after about {} days", gig.days_to_first_pay));
    }
    if profile.irregular_income && gig.steady {
        score += 15;
        reasons.push("Steady hours, which even out an irregular income".to_owned());
    }
    if let Some(cost) = gig.upfront_cost.filter(|cost| cost.is_positive()) {
        score -= 10;
        reasons.push(format!("Costs {cost} before the first hour"));
    }
    (u8::try_from(score.clamp(0, 100)).unwrap_or(100), reasons)
}

/// The guide to a gig that suits, from the gig's own data.
#[must_use]
pub fn guide(found: &GigMatch) -> Guide {
    let gig = &found.gig;
    let upfront = gig.upfront_cost.map_or(String::new(), |cost| format!(", {cost} to start with"));
    Guide {
        gig_id: gig.id.clone(),
        title: format!("{} with {}", gig.title, gig.platform),
        summary: format!(
            "{} hours a week at {} an hour: about {} a month before tax{upfront}; first pay after about {} days.",
            found.hours_per_week, gig.hourly, found.monthly, gig.days_to_first_pay,
        ),
        steps: gig.steps.clone(),
        proof: gig.proof.clone(),
    }
}
