//! The demo from beginning to end: a household, its simulation, what is recommended, the selection, the run, and what it brought.

use crate::api::Api;
use crate::aws::{Aws, SignedIn};
use crate::card;
use crate::console::how_to_sign_in;
use crate::faults::{self, Fault};
use crate::following::Following;
use crate::interruption::Interruption;
use crate::many;
use crate::prompt;
use crate::sandbox::{Linked, Sandbox};
use crate::session::{Asked, Session};
use crate::settings::{Auto, Settings};
use crate::wire::{Card, Recommendation};
use anyhow::{Context, bail};
use events::{Envelope, RecommendedAction, SimulationCompleted};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks at what changes.
const LOOK: Duration = Duration::from_millis(500);

/// How long the recommendation may take.
const RECOMMENDATION: Duration = Duration::from_secs(60);

/// The providers that a user links.
const PROVIDERS: [&str; 6] = ["plaid", "subscriptions", "billers", "savings", "savings-partner", "gigs"];

/// How the demo ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The run is completed, or nothing was to be done.
    Well,
    /// The run ended in another state.
    Otherwise(String),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Well => f.write_str("as it should"),
            Self::Otherwise(status) => write!(f, "otherwise: {status}"),
        }
    }
}

/// Runs the demo, once per fault where faults are asked for.
///
/// # Errors
/// What could not be reached or was refused, in words.
pub async fn run(settings: &Settings) -> anyhow::Result<Ended> {
    let Some(names) = &settings.faults else {
        return once(settings, None).await;
    };
    let mut summary = Vec::new();
    let mut worst = Ended::Well;
    for fault in faults::of(names)? {
        println!("\n=== under the fault {} ===", fault.name);
        let ended = once(settings, Some(&fault)).await?;
        summary.push(format!("  {:<14} {ended}", fault.name));
        if ended != Ended::Well {
            worst = ended;
        }
    }
    println!("\nUnder each fault:\n{}", summary.join("\n"));
    Ok(worst)
}

async fn once(settings: &Settings, fault: Option<&Fault>) -> anyhow::Result<Ended> {
    let aws = Aws::new(settings)?;
    let sandbox = Sandbox::new(settings)?;
    if let Some(session) = Session::left(settings).filter(|_| fault.is_none())
        && let Some(ended) = take_up(settings, &aws, &sandbox, session).await?
    {
        return Ok(ended);
    }
    let user = format!("demo-{}", Timestamp::now().as_millisecond());
    let password = format!("Demo-{user}-1a");
    println!("Setting up the household ...");
    sandbox.settle(&user, &household(settings, fault)?).await?;
    let (name, simulation) = sandbox.figures(&user).await?;
    let who = aws.sign_in(&user, &password).await?;
    let api = Api::new(&settings.api_url, who.token.clone())?;
    println!("  {name}, as of {}", simulation.as_of);
    println!("{}", how_to_sign_in(&settings.api_url, &user, &password));
    let linked = prepare(&api, &sandbox, &user, &simulation, settings.auto).await?;
    let recommendation = recommend(&api, &aws, &who, simulation).await?;
    let Some(action) = choose(&recommendation) else { return Ok(Ended::Well) };
    if let Some(fault) = fault {
        println!("\n{}", fault.shows);
        sandbox.no_faults(&user).await?;
        for (matching, what) in &fault.rules {
            sandbox.fault(&user, matching.clone(), what).await?;
        }
    }
    println!("\nSelecting {}", action.name);
    let run_id = api.select(&recommendation, action.workflow_id.as_str(), &format!("demo:{user}")).await?;
    let session = Session {
        user,
        password,
        api_url: settings.api_url.clone(),
        asked: Asked::of(settings),
        run_id: run_id.clone(),
        access_token: linked.token.clone(),
    };
    session.keep();
    let interrupted = fault.map_or(&[][..], |it| &it.interrupts);
    let mut following = Following::new(&api, &sandbox, &linked.token, settings.auto, &run_id)
        .interrupted(Interruption::new(&aws, &sandbox, &session.user, interrupted));
    let card = following.until_it_ends(fault.and_then(|it| it.word)).await?;
    let mut ended = close(&api, &card).await?;
    if let Some(fault) = fault {
        ended = as_expected(&card, fault.ends);
        if let Some(expected) = fault.resumed.filter(|_| ended == Ended::Well) {
            println!("\nNothing is in the way any more; resuming the run");
            sandbox.no_faults(&session.user).await?;
            api.resume(&run_id).await?;
            let card = following.until_it_ends(None).await?;
            close(&api, &card).await?;
            ended = as_expected(&card, expected);
        }
    }
    Session::forget();
    Ok(ended)
}

/// The settings of a household in which the fault can show itself.
fn household(settings: &Settings, fault: Option<&Fault>) -> anyhow::Result<Settings> {
    let household = match fault.and_then(|it| it.more).filter(|_| settings.household.is_none()) {
        Some((more, used)) => Some(many::household(more, used)?),
        None => settings.household.clone(),
    };
    Ok(Settings { household, ..settings.clone() })
}

/// Under a fault a run ends well when it ends as it should.
fn as_expected(card: &Card, expected: &str) -> Ended {
    if card.status == expected { Ended::Well } else { Ended::Otherwise(card.status.clone()) }
}

/// Goes on with the run that an interrupted demo left. `None`: there is nothing to go on with.
async fn take_up(
    settings: &Settings,
    aws: &Aws,
    sandbox: &Sandbox,
    session: Session,
) -> anyhow::Result<Option<Ended>> {
    let Ok(who) = aws.sign_in(&session.user, &session.password).await else { return Ok(None) };
    let api = Api::new(&settings.api_url, who.token)?;
    match api.card(&session.run_id).await {
        Ok(card) if !card.has_ended() => {}
        _ => {
            Session::forget();
            return Ok(None);
        }
    }
    println!("Going on with the run {} that was left", session.run_id);
    let mut following = Following::new(&api, sandbox, &session.access_token, settings.auto, &session.run_id);
    let card = following.until_it_ends(None).await?;
    Session::forget();
    Ok(Some(close(&api, &card).await?))
}

/// Links the user's providers, grants what the workflows need, and sets a goal.
///
/// # Errors
/// What was refused, or that the person refused the consents.
pub async fn prepare(
    api: &Api,
    sandbox: &Sandbox,
    user: &str,
    simulation: &SimulationCompleted,
    auto: Auto,
) -> anyhow::Result<Linked> {
    println!("Linking {}", PROVIDERS.join(", "));
    let linked = sandbox.link(user).await?;
    for provider in PROVIDERS {
        api.link(provider, &linked.token, &linked.accounts).await?;
    }
    let workflows = api.workflows().await?;
    let available = workflows.workflows.into_iter().filter(|it| it.status == "available");
    let scopes: BTreeSet<_> = available.flat_map(|it| it.consents).collect();
    let list = scopes.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    if auto == Auto::Ask && !prompt::yes(&format!("Allow {list} for a year?")).await? {
        bail!("nothing can be started without these consents");
    }
    for scope in &scopes {
        api.consent(scope).await?;
    }
    println!("Allowed {list}");
    let target = simulation.monthly_essential_outflow.times(3).context("the goal")?;
    // A household that spends nothing essential has nothing to save up for.
    if !target.is_zero() && !target.is_negative() {
        let saved = if simulation.liquid.is_negative() { target.times(0)? } else { simulation.liquid };
        let goal =
            json!({ "name": "Emergency fund", "kind": "emergency-fund", "target": target, "saved": saved });
        api.goals(&json!({ "goals": [goal] })).await?;
        println!("Goal: an emergency fund of {target} (three months); {saved} is there");
    }
    Ok(linked)
}

/// Publishes the simulation and waits for what is recommended because of it.
///
/// # Errors
/// That it did not come.
pub async fn recommend(
    api: &Api,
    aws: &Aws,
    who: &SignedIn,
    simulation: SimulationCompleted,
) -> anyhow::Result<Recommendation> {
    let id = simulation.simulation_id.clone();
    println!("Publishing the simulation: {:.1} months of runway", simulation.runway_months);
    let envelope =
        Envelope::new(format!("simulation:{id}"), Timestamp::now(), who.user_id.clone(), simulation);
    aws.publish(&envelope).await?;
    let begun = Instant::now();
    let mut said = 0;
    loop {
        if let Some(recommendation) = api.recommendation(&id).await? {
            return Ok(recommendation);
        }
        let waited = begun.elapsed();
        if waited > RECOMMENDATION {
            bail!("no recommendation after {} s; `make logs` shows why", waited.as_secs());
        }
        if waited.as_secs() >= said + 2 {
            said = waited.as_secs();
            println!("  waiting for the recommendation ({said} s)");
        }
        sleep(LOOK).await;
    }
}

/// Shows what is recommended, and the first that can be selected.
fn choose(recommendation: &Recommendation) -> Option<&RecommendedAction> {
    if !recommendation.actions.is_empty() {
        println!("\nRecommended");
    }
    for action in &recommendation.actions {
        let later = if action.available { "" } else { " (not yet available)" };
        println!("  {}. {}{later}", action.rank, action.name);
        action.reasons.iter().for_each(|it| println!("     because {it}"));
    }
    let chosen = recommendation.actions.iter().find(|it| it.available);
    if chosen.is_none() {
        println!("\nNothing is to be done that is available:");
        recommendation.not_triggered.iter().for_each(|it| println!("  {}: {}", it.workflow_id, it.reason));
    }
    chosen
}

/// Says how it ended, and what it brought; of a run that did not complete also what was done, undone and left.
async fn close(api: &Api, card: &Card) -> anyhow::Result<Ended> {
    // Nothing is redrawn any more, so no line needs to be cut.
    card::lines(card, Timestamp::now(), usize::MAX).iter().for_each(|line| println!("{line}"));
    card::sources(card).iter().for_each(|line| println!("{line}"));
    match card.completion.as_ref().map(|it| &it.suggestion) {
        Some(Some(next)) => {
            let later = if next.available { "" } else { " (not yet available)" };
            println!("\nNext: {}{later}", next.name);
            next.reasons.iter().for_each(|it| println!("  because {it}"));
        }
        Some(None) => println!("\nNext: nothing; these figures ask for no other workflow"),
        None => {}
    }
    println!("\n{} is {}.", card.name, card.status);
    if card.status == "Completed" {
        return Ok(Ended::Well);
    }
    println!("\nReport\n{}", api.report(&card.run_id).await?.text);
    Ok(Ended::Otherwise(card.status.clone()))
}
