//! Every single fault of a run, from the places that it passed; and pairs of them, by a seed.

use crate::fault::{Act, Fault, HelpPolicy, HowAnswer, HowCall, HowDelivered, HowPort, Twist};
use crate::flight::Function;
use crate::world::{AgentPoint, Points, Verb};
use events::{ErrorClass, Operation};
use statemachines::compile::PLATFORM_ERRORS;

/// Errors that no class and no platform knows.
const UNKNOWN_ERROR: &str = "alloc::string::String";

/// A state took too long.
const STATE_TIMEOUT: &str = "States.Timeout";

/// Every single fault at places after the first `from` port calls.
pub fn singles(points: &Points, from: u64) -> Vec<Vec<Fault>> {
    let mut cases = Vec::new();
    cases.extend(ports(points, from));
    cases.extend(acts(points, from));
    cases.extend(agents(points, from));
    cases.extend(calls(points, from));
    let late = |places: &[u64]| places.iter().filter(|port| **port < from).count() as u64;
    for at in late(&points.questions)..points.questions.len() as u64 {
        cases.extend(HowAnswer::ALL.iter().map(|how| vec![Fault::Answer(at, *how)]));
    }
    for at in late(&points.deliveries)..points.deliveries.len() as u64 {
        cases.push(vec![Fault::Deliver(at, HowDelivered::Twice)]);
        cases.push(vec![Fault::Deliver(at, HowDelivered::Lost)]);
    }
    for at in late(&points.batches)..points.batches.len() as u64 {
        cases.push(vec![Fault::Stream(at)]);
    }
    cases
}

fn ports(points: &Points, from: u64) -> Vec<Vec<Fault>> {
    let mut faults = Vec::new();
    for (at, point) in (0_u64..).zip(&points.ports).filter(|(at, _)| *at >= from) {
        faults.push(Fault::Port(at, HowPort::DieBefore));
        faults.push(Fault::Port(at, HowPort::Refuse));
        if !matches!(point.verb, Verb::Read | Verb::AskAgent | Verb::Invoke) {
            faults.push(Fault::Port(at, HowPort::Lose));
        }
        if point.verb == Verb::Commit {
            // What was read is older than what it is written over.
            faults.push(Fault::Port(at, HowPort::Linger));
        }
        // After any other call is before the next one: nothing happens between.
        let rest = points.ports.iter().skip(usize::try_from(at).unwrap_or(usize::MAX).saturating_add(1));
        if !rest.clone().any(|later| later.flight == point.flight) {
            faults.push(Fault::Port(at, HowPort::DieAfter));
        }
    }
    faults.into_iter().map(|fault| vec![fault]).collect()
}

fn acts(points: &Points, from: u64) -> Vec<Vec<Fault>> {
    let mut faults = Vec::new();
    for (at, point) in (0_u64..).zip(&points.ports).filter(|(at, _)| *at >= from) {
        faults.extend([Act::Cancel, Act::Stop, Act::Pause].map(|act| Fault::Act(at, act)));
        let step = matches!(
            point.function,
            Function::Automated | Function::SemiAutomated | Function::Manual | Function::Compensate
        );
        if step {
            faults.extend([Act::Abort, Act::Rewind].map(|act| Fault::Act(at, act)));
        }
        if (step || point.function == Function::Dispatch) && point.verb == Verb::Read {
            faults.push(Fault::Act(at, Act::Revoke));
        }
    }
    faults.into_iter().map(|fault| vec![fault]).collect()
}

fn agents(points: &Points, from: u64) -> Vec<Vec<Fault>> {
    let mut cases = Vec::new();
    for (at, point) in (0_u64..).zip(&points.agents).filter(|(_, point)| point.port >= from) {
        cases.extend(twists(point).into_iter().map(|twist| vec![Fault::Agent(at, twist)]));
        if point.op == Operation::Describe {
            continue;
        }
        for policy in HelpPolicy::ALL.iter().copied().filter(|policy| *policy != HelpPolicy::Continue) {
            for twist in [
                Twist::Fail(ErrorClass::Validation),
                Twist::Fail(ErrorClass::Permission),
                Twist::Always(ErrorClass::Critical),
                Twist::Always(ErrorClass::ProviderUnavailable),
                Twist::Always(ErrorClass::Interrupted),
            ] {
                cases.push(vec![Fault::Agent(at, twist), Fault::Help(policy)]);
            }
        }
    }
    cases
}

fn twists(point: &AgentPoint) -> Vec<Twist> {
    let mut twists: Vec<Twist> = ErrorClass::ALL.into_iter().map(Twist::Fail).collect();
    twists.extend([Twist::LoseAnswer, Twist::DieAfter, Twist::CutOff, Twist::OutliveCaller, Twist::Slow]);
    if point.op != Operation::Describe {
        twists.extend(ErrorClass::ALL.into_iter().map(Twist::Always));
    }
    if matches!(point.op, Operation::Execute | Operation::Compensate) {
        twists.extend(ErrorClass::ALL.into_iter().map(Twist::FailItem));
        twists.extend([Twist::Decline, Twist::UnknownDone, Twist::UnknownNotDone, Twist::Silent]);
        twists.push(Twist::NoEffect);
        if point.items > 1 {
            twists.push(Twist::DeclineAll);
        }
    }
    twists
}

fn calls(points: &Points, from: u64) -> Vec<Vec<Fault>> {
    let classes = ErrorClass::ALL.into_iter().map(ErrorClass::as_str);
    let errors: Vec<&str> = classes.chain(PLATFORM_ERRORS).chain([STATE_TIMEOUT, UNKNOWN_ERROR]).collect();
    let mut faults = Vec::new();
    for (at, _) in (0_u64..).zip(&points.calls).filter(|(_, point)| point.port >= from) {
        for error in &errors {
            faults.push(Fault::Call(at, HowCall::FailBefore((*error).to_owned())));
            faults.push(Fault::Call(at, HowCall::FailAfter((*error).to_owned())));
        }
        faults.push(Fault::Call(at, HowCall::GiveUp("Lambda.ClientExecutionTimeoutException".to_owned())));
        faults.push(Fault::Call(at, HowCall::GiveUp(STATE_TIMEOUT.to_owned())));
        faults.push(Fault::Call(at, HowCall::Hang));
        faults.push(Fault::Call(at, HowCall::Twice));
    }
    faults.into_iter().map(|fault| vec![fault]).collect()
}

/// What a run without faults is varied by before single faults are tried: nothing; a rollback; a recovery alert. Each with the number
/// of port calls before it.
pub fn roots(points: &Points) -> Vec<(Vec<Fault>, u64)> {
    let mut roots = vec![(Vec::new(), 0)];
    let mut executed = (0_u64..).zip(&points.agents).filter(|(_, point)| point.op == Operation::Execute);
    let first = executed.next();
    let last = executed.last().or(first);
    if let Some((at, point)) = last {
        roots.push((vec![Fault::Agent(at, Twist::Fail(ErrorClass::Critical))], point.port + 1));
    }
    if let Some((at, point)) = first {
        roots.push((vec![Fault::Agent(at, Twist::Fail(ErrorClass::Validation))], point.port + 1));
    }
    roots
}
