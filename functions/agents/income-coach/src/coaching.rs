//! The guide, the proof, and the way back.

use crate::{Inputs, Sources, matching};
use agent::{AgentError, BankData, Item, Task, Update};
use events::{
    AgentResponse, ErrorClass, Figure, Guide, GuideOption, Impact, ImpactKind, ImpactStage, ItemId,
    ItemResult, Outcome, Proof, Tool,
};
use finance::gigs::{self as algorithm, GigMatch};
use finance::recurrence::{Direction, StreamKind, StreamStatus};
use money::Money;
use providers::gigs::{Application, ApplicationStatus, Evidence, Gig, Profile, Reader, Writer};
use providers::{ApplyForGigs, Gigs};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// How far the user's application is, to be followed.
const APPLICATION: &str = "applicationProgress";

/// How many gigs are offered.
const OPTIONS: usize = 5;

/// What the user did: an application, by the reference that was shown as proof.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applied {
    /// The platform's reference.
    pub reference: String,
}

/// Guides the user to the gigs that suit best.
pub async fn propose(sources: &Sources, task: &Task, inputs: &Inputs) -> Result<AgentResponse, AgentError> {
    task.progress.figure(APPLICATION, &Figure::Percent { percent: 0 });
    task.progress.say(Update::new("Matching gigs to your skills and time", 20));
    let profile = sources.gigs.profile().await?;
    let gigs = sources.gigs.gigs().await?;
    let bank = BankData::read(&sources.plaid, task.as_of).await?;
    let known = matching::profile(&profile, has_irregular_income(&bank));
    let open: Vec<_> =
        gigs.iter().filter(|gig| matching::is_open_to(gig, &profile)).map(matching::gig).collect();
    let mut found = algorithm::rank(&known, &open)?;
    found.truncate(OPTIONS);
    let mut options = Vec::new();
    for one in &found {
        let gig = gigs.iter().find(|gig| gig.id == one.gig.id);
        options.push(option(one, gig, &profile, inputs)?);
    }
    Ok(AgentResponse {
        headline: match found.first() {
            Some(best) => format!(
                "{} gigs suit you; {} would bring about {} a month.",
                found.len(),
                best.gig.title,
                best.monthly,
            ),
            None => "No gig on offer suits you right now.".to_owned(),
        },
        guide: Some(Guide {
            instructions: instructions(found.first()),
            tools: tools(&found, &gigs),
            options,
            proof: "The reference of your application, from the platform, such as GIG-0B44D2A7".to_owned(),
        }),
        outputs: BTreeMap::from([("applications".to_owned(), json!([]))]),
        ..AgentResponse::default()
    })
}

/// Whether no wage comes regularly.
fn has_irregular_income(bank: &BankData) -> bool {
    !bank.streams.iter().any(|stream| {
        stream.direction == Direction::Inflow
            && stream.kind == StreamKind::Payroll
            && stream.status == StreamStatus::Mature
    })
}

fn instructions(best: Option<&GigMatch>) -> Vec<String> {
    let Some(best) = best else {
        return vec!["Add skills, free hours or a vehicle to your profile, or skip this step.".to_owned()];
    };
    let guide = algorithm::guide(best);
    vec![
        "Choose one of the gigs below.".to_owned(),
        format!("The best match is {}: {}", guide.title, guide.summary),
        "Open its platform, follow the steps and hand in the application.".to_owned(),
        "Tell us the application's reference; we check it with the platform.".to_owned(),
    ]
}

fn option(
    found: &GigMatch,
    gig: Option<&Gig>,
    profile: &Profile,
    inputs: &Inputs,
) -> Result<GuideOption, AgentError> {
    let mut reasons = found.reasons.clone();
    reasons.extend(gig.map(|gig| matching::still_needed(gig, profile)).unwrap_or_default());
    reasons.extend(share(found.monthly, inputs.monthly_essential_outflow, "what you need a month"));
    reasons.extend(share(found.monthly, inputs.monthly_income, "what you earn now"));
    reasons.extend(share(found.monthly, inputs.liquid, "what you have at hand"));
    Ok(GuideOption {
        item_id: ItemId::parse(found.gig.id.as_str())?,
        title: format!("{} with {}", found.gig.title, found.gig.platform),
        reasons,
        monthly: Some(found.monthly),
        steps: found.gig.steps.clone(),
    })
}

/// `That is 12 % of what you need a month`.
fn share(part: Money, whole: Option<Money>, of: &str) -> Option<String> {
    let whole = whole.filter(|whole| whole.is_positive() && whole.currency == part.currency)?;
    let percent = part.minor.checked_mul(100)?.checked_div(whole.minor)?;
    Some(format!("A month of it is {percent} % of {of}"))
}

/// Where to begin, each platform once.
fn tools(found: &[GigMatch], gigs: &[Gig]) -> Vec<Tool> {
    let mut tools: Vec<Tool> = Vec::new();
    for gig in found.iter().filter_map(|one| gigs.iter().find(|gig| gig.id == one.gig.id)) {
        if !tools.iter().any(|tool| tool.url == gig.start_guide) {
            tools.push(Tool { name: gig.platform.clone(), url: gig.start_guide.clone() });
        }
    }
    tools
}

/// Asks the platform whether a reference is a real application.
pub async fn verify(reader: &Reader, task: &Task, proof: &Proof) -> Result<AgentResponse, AgentError> {
    task.progress.say(Update::new("Checking with the platform", 50));
    let refused = |message: String| {
        let outcome = Outcome::Failed { class: ErrorClass::Validation, message: message.clone() };
        answered(proof.item_id.clone(), outcome, message)
    };
    let reference = match proof.reference.trim() {
        "" => match own_application(reader, proof.item_id.as_ref()).await? {
            Ok(reference) => reference,
            Err(message) => return refused(message.to_owned()),
        },
        said => said.to_owned(),
    };
    let found = match reader.proof(&reference).await {
        Ok(found) => found,
        Err(error) if error.is_not_found() => {
            return refused("The platform does not know this reference.".to_owned());
        }
        Err(error) => return Err(error.into()),
    };
    let application = &found.application;
    let so_far = |percent| task.progress.figure(APPLICATION, &Figure::Percent { percent });
    if !found.valid {
        if application.status == ApplicationStatus::Withdrawn {
            so_far(0);
            return refused("This application was withdrawn.".to_owned());
        }
        so_far(50);
        return refused("This application is begun and not handed in yet.".to_owned());
    }
    if proof.item_id.as_ref().is_some_and(|chosen| chosen.as_str() != application.gig_id) {
        return refused("This reference is for another gig than the one you chose.".to_owned());
    }
    so_far(100);
    let gigs = reader.gigs().await?;
    let profile = reader.profile().await?;
    let outcome = confirmed(application, &gigs, &profile)?;
    let mut answer = answered(
        Some(ItemId::parse(application.gig_id.as_str())?),
        outcome,
        format!("Your application {} is in.", application.reference),
    )?;
    let entry = json!({
        "id": application.application_id,
        "gig": application.gig_id,
        "status": application.status,
        "reference": application.reference,
    });
    answer.outputs.insert("applications".to_owned(), json!([entry]));
    Ok(answer)
}

/// The reference of the one application that the platform has of the user, for the gig they chose where they chose one: a file shows a
/// person that it is there, and the platform alone says so for certain. Else what is missing.
async fn own_application(
    reader: &Reader,
    chosen: Option<&ItemId>,
) -> Result<Result<String, &'static str>, AgentError> {
    let mut known = reader.applications().await?;
    known.retain(|it| it.status != ApplicationStatus::Withdrawn);
    known.retain(|it| chosen.is_none_or(|gig| gig.as_str() == it.gig_id));
    Ok(match known.as_slice() {
        [one] => Ok(one.reference.clone()),
        [] => Err("The platform has no application of yours for this yet; the file alone proves none."),
        _ => Err("The platform has several applications of yours; choose the gig, or give the reference."),
    })
}

fn answered(item: Option<ItemId>, outcome: Outcome, headline: String) -> Result<AgentResponse, AgentError> {
    let item_id = match item {
        Some(item) => item,
        None => ItemId::parse("proof")?,
    };
    Ok(AgentResponse { headline, results: vec![ItemResult { item_id, outcome }], ..AgentResponse::default() })
}

/// An application that is in. Only one that the platform has accepted is an income to come.
fn confirmed(application: &Application, gigs: &[Gig], profile: &Profile) -> Result<Outcome, AgentError> {
    let gig = gigs.iter().find(|gig| gig.id == application.gig_id);
    let title = gig.map_or(application.gig_id.as_str(), |gig| gig.title.as_str());
    let mut impact = Vec::new();
    if let (ApplicationStatus::Accepted, Some(gig)) = (application.status, gig) {
        let hours = profile.hours_per_week.min(gig.hours_per_week.max);
        impact.push(Impact {
            kind: ImpactKind::Income,
            stage: ImpactStage::Promised,
            monthly: algorithm::monthly(&matching::gig(gig), hours)?,
            months: None,
            label: format!("{title} with {}", gig.platform),
            evidence: vec![application.reference.clone(), format!("gig:{}", gig.id)],
        });
    }
    Ok(Outcome::Done {
        summary: format!("The platform confirms your application for {title}."),
        reference: application.reference.clone(),
        impact,
        undo_until: None,
    })
}

/// What became of an application.
pub async fn probe(reader: &Reader, item: &Item<Applied>) -> Result<Outcome, AgentError> {
    match find(reader, &item.effect.reference).await? {
        Some(found) if found.valid => {
            confirmed(&found.application, &reader.gigs().await?, &reader.profile().await?)
        }
        _ => Ok(Outcome::NoEffect { reason: "There is no open application.".to_owned() }),
    }
}

/// Withdraws an application.
pub async fn withdraw(writer: &Writer, item: &Item<Applied>) -> Result<Outcome, AgentError> {
    let reference = &item.effect.reference;
    let Some(found) = find(writer, reference).await? else {
        return Ok(Outcome::NoEffect { reason: "There is no such application.".to_owned() });
    };
    if found.application.status != ApplicationStatus::Withdrawn {
        let id = &found.application.application_id;
        writer.withdraw(id, &item.undo_key()).await.map_err(AgentError::Changing)?;
    }
    let now = find(writer, reference).await.map_err(AgentError::ReadBack)?;
    match now {
        Some(Evidence { valid: true, .. }) => {
            Ok(Outcome::Declined { reason: "The platform keeps the application.".to_owned() })
        }
        _ => Ok(Outcome::Done {
            summary: "Your application is withdrawn.".to_owned(),
            reference: reference.clone(),
            impact: Vec::new(),
            undo_until: None,
        }),
    }
}

async fn find(reader: &Reader, reference: &str) -> Result<Option<Evidence>, providers::ProviderError> {
    match reader.proof(reference).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
