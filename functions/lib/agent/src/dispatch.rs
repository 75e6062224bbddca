//! From a request to an answer: parse, hand each operation what it may use, item by item, and report.

use crate::access::{Access, Outside};
use crate::contract::{Agent, Report};
use crate::error::AgentError;
use crate::progress::{Progress, Update};
use crate::task::{Item, Task, Worked};
use events::{AgentCard, AgentId, AgentItem, AgentRequest, AgentResponse, ItemResult, Operation, Outcome};
use jiff::{SignedDuration, Timestamp};
use providers::Session;
use serde::de::DeserializeOwned;
use shell::env::Env;
use shell::{Classified, InvalidPayload, Invocation};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What an agent keeps of the time it has to give its answer.
const TO_ANSWER: SignedDuration = SignedDuration::from_millis(1_500);

/// Serves an agent as a Lambda until the platform ends the process.
///
/// # Errors
/// When a setting is missing or the platform's runtime API cannot be reached.
pub async fn run(agent: impl Agent) -> Result<(), shell::Error> {
    shell::start_logging();
    let outside = Outside::from_env(&Env::process(), agent.card().providers)?;
    shell::run(async |mut request: AgentRequest, invocation: Invocation| {
        request.deadline = last_moment(request.deadline, invocation.deadline);
        answer(&agent, &outside, request).await
    })
    .await
}

/// Until when an agent works: so that its answer still finds its caller listening, and its process alive.
fn last_moment(caller: Timestamp, process: Timestamp) -> Timestamp {
    let end = caller.min(process);
    end.checked_sub(TO_ANSWER).unwrap_or(end)
}

/// What an agent answers to one request.
///
/// # Errors
/// [`AgentError`] when the request as a whole fails; what fails at one item stands in that item's outcome.
pub async fn answer<A: Agent>(
    agent: &A,
    outside: &Outside,
    request: AgentRequest,
) -> Result<AgentResponse, AgentError> {
    let session = outside.session(instant(request.deadline));
    if request.op == Operation::Describe {
        return describe(agent, outside, &session).await;
    }
    let AgentRequest { op, inputs, items, proof, provider, credentials, deadline, .. } = request;
    let access = Access::new(outside, session.clone(), &credentials, provider.as_deref());
    let task = Task {
        progress: Progress::to(
            request.progress.as_ref(),
            session,
            request.run_id.clone(),
            request.step_id.clone(),
        ),
        run_id: request.run_id,
        step_id: request.step_id,
        user_id: request.user_id,
        as_of: request.as_of,
        attempt: request.attempt,
        modifications: request.modifications,
        provided: request.provided,
    };
    let result = match op {
        Operation::Describe | Operation::Propose => {
            let inputs = within("inputs", shell::parse(inputs.into_iter().collect()))?;
            agent.propose(&agent.sources(&access)?, &task, inputs).await
        }
        Operation::Verify => {
            let proof = proof.ok_or_else(|| InvalidPayload {
                path: "proof".to_owned(),
                problem: "missing field `proof`".to_owned(),
            })?;
            agent.verify(&agent.sources(&access)?, &task, &proof).await
        }
        Operation::Execute => {
            let effects = agent.effects(&access)?;
            Ok(execute(agent, &effects, &task, items, deadline).await)
        }
        Operation::Compensate => {
            let effects = agent.effects(&access)?;
            Ok(compensate(agent, &effects, &task, items, deadline).await)
        }
        Operation::Probe => {
            let sources = agent.sources(&access)?;
            probe(agent, &sources, &task, items).await
        }
    };
    report(&task, op, &result);
    task.progress.finish().await;
    result
}

/// The last word to the user and the one line of the log.
fn report(task: &Task, op: Operation, result: &Result<AgentResponse, AgentError>) {
    match result {
        Ok(answer) => {
            let percent =
                matches!(op, Operation::Execute | Operation::Verify).then(|| share(&answer.results));
            task.progress.done(answer.headline.clone(), percent);
            tracing::info!(
                run.id = task.run_id.as_str(),
                step.id = task.step_id.as_str(),
                attempt = task.attempt,
                proposals = answer.proposals.len(),
                results = answer.results.len(),
                "{} {op:?} for {} answered",
                task.step_id,
                task.run_id,
            );
        }
        // The shell logs it.
        Err(error) => task.progress.failed(Update::new(error.message(), 0)),
    }
}

/// How many of a hundred items are settled.
fn share(results: &[ItemResult]) -> u8 {
    let percent = (settled(results) * 100).checked_div(results.len()).unwrap_or(100);
    u8::try_from(percent).unwrap_or(100)
}

/// How many items nothing is left to do for: one that asks is not done, nor one that may be tried again.
fn settled(results: &[ItemResult]) -> usize {
    let settled = |result: &&ItemResult| {
        matches!(result.outcome, Outcome::Done { .. } | Outcome::NoEffect { .. } | Outcome::Declined { .. })
    };
    results.iter().filter(settled).count()
}

async fn describe<A: Agent>(
    agent: &A,
    outside: &Outside,
    session: &Session,
) -> Result<AgentResponse, AgentError> {
    let card = agent.card();
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Ok(AgentResponse {
        headline: format!("{} is ready.", card.name),
        card: Some(AgentCard {
            agent: AgentId::parse(card.agent)?,
            name: card.name.to_owned(),
            capabilities: owned(card.capabilities),
            scopes: owned(card.scopes),
            providers: outside.reachable(session).await,
        }),
        ..AgentResponse::default()
    })
}

async fn execute<A: Agent>(
    agent: &A,
    effects: &A::Effects,
    task: &Task,
    items: Vec<AgentItem>,
    deadline: Timestamp,
) -> AgentResponse {
    let (mut done, mut results) = (Vec::new(), Vec::new());
    let of = items.len();
    let mut safe = true;
    for item in items {
        task.progress.at_item(settled(&results), of);
        let item_id = item.item_id.clone();
        let outcome = match typed(item) {
            Ok(item) => {
                let outcome = match in_time(deadline) {
                    Ok(()) if !safe => Err(AgentError::NotBegun),
                    Ok(()) => agent.execute(effects, task, &item).await,
                    Err(late) => Err(late),
                };
                let outcome = outcome.unwrap_or_else(AgentError::outcome);
                let kept = outcome.clone();
                done.push(Worked { item, outcome });
                kept
            }
            Err(error) => error.outcome(),
        };
        safe &= !matches!(outcome, Outcome::Failed { class, .. } if class.is_unsafe());
        results.push(ItemResult { item_id, outcome });
    }
    let Report { headline, outputs } = agent.report(&done);
    AgentResponse { headline, outputs, results, ..AgentResponse::default() }
}

async fn compensate<A: Agent>(
    agent: &A,
    effects: &A::Effects,
    task: &Task,
    items: Vec<AgentItem>,
    deadline: Timestamp,
) -> AgentResponse {
    let mut results = Vec::new();
    for item in items {
        let item_id = item.item_id.clone();
        let undone = match in_time(deadline).and_then(|()| typed(item)) {
            Ok(item) => agent.compensate(effects, task, &item).await,
            Err(error) => Err(error),
        };
        let outcome = undone.unwrap_or_else(AgentError::outcome);
        results.push(ItemResult { item_id, outcome });
    }
    AgentResponse {
        headline: "Undone as far as the providers allow.".to_owned(),
        results,
        ..AgentResponse::default()
    }
}

async fn probe<A: Agent>(
    agent: &A,
    sources: &A::Sources,
    task: &Task,
    items: Vec<AgentItem>,
) -> Result<AgentResponse, AgentError> {
    let (mut done, mut results) = (Vec::new(), Vec::new());
    for item in items {
        let item_id = item.item_id.clone();
        let item = typed(item)?;
        let outcome = match agent.probe(sources, task, &item).await {
            Ok(outcome) => outcome,
            // What cannot be looked up now is as unknown as before; any other failure says nothing about the item.
            Err(error) if error.class().is_transient() => Outcome::Unknown { message: error.message() },
            Err(error) => return Err(error),
        };
        if matches!(outcome, Outcome::Done { .. }) {
            let outcome = outcome.clone();
            done.push(Worked { item, outcome });
        }
        results.push(ItemResult { item_id, outcome });
    }
    // Whoever did it could not say what it comes to.
    let outputs = if done.is_empty() { BTreeMap::new() } else { agent.report(&done).outputs };
    let headline = "Looked up what became of it.".to_owned();
    Ok(AgentResponse { headline, outputs, results, ..AgentResponse::default() })
}

/// An item with its effect in the agent's own terms.
fn typed<Effect: DeserializeOwned>(item: AgentItem) -> Result<Item<Effect>, AgentError> {
    Ok(Item {
        id: item.item_id,
        key: item.key,
        effect: within("effect", shell::parse(item.effect))?,
        approved: item.approved,
    })
}

/// Names the part of the request that a path is in.
fn within<T>(part: &str, parsed: Result<T, InvalidPayload>) -> Result<T, InvalidPayload> {
    parsed.map_err(|InvalidPayload { path, problem }| InvalidPayload {
        path: match path.as_str() {
            "." => part.to_owned(),
            path => format!("{part}.{path}"),
        },
        problem,
    })
}

/// Nothing is begun once nobody waits for it: what was not begun has no effect, and another attempt does it.
fn in_time(deadline: Timestamp) -> Result<(), AgentError> {
    if Timestamp::now() < deadline { Ok(()) } else { Err(AgentError::OutOfTime) }
}

/// The moment on the clock that cannot be set.
fn instant(deadline: Timestamp) -> Instant {
    let left = Duration::try_from(deadline.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO);
    let now = Instant::now();
    now.checked_add(left).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_given_before_anybody_stops_waiting_for_it() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        for (caller, process, expect) in [(55_000, 45_000, 43_500), (10_000, 45_000, 8_500)] {
            assert_eq!(last_moment(at(caller), at(process)), at(expect));
        }
        assert_eq!(last_moment(Timestamp::MIN, at(0)), Timestamp::MIN);
    }
}
