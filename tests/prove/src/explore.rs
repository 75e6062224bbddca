//! Runs cases on every core and counts what came of them.

use crate::enumerate::{roots, singles};
use crate::fault::{Act, Case, Fault, HowDelivered, Kind};
use crate::progress::Progress;
use crate::random::Dice;
use crate::stage::Stage;
use crate::verdict::Verdict;
use engine::RunStatus;
use statemachines::Workflow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many cases one core takes at a time.
const CHUNK: usize = 100;

/// How many second faults are tried after one first fault.
const SECONDS: usize = 10;

/// Failing cases that are kept per workflow and kind; the others are counted.
const KEPT: usize = 5;

/// What is explored.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Every so many-th single fault; 1 for all.
    Singles {
        /// Every so many-th.
        stride: usize,
    },
    /// So many pairs of faults per workflow.
    Pairs {
        /// How many.
        number: usize,
    },
}

/// What came of a workflow's cases, by kind of fault.
#[derive(Debug, Default)]
pub struct Tally {
    /// Runs by kind.
    pub runs: BTreeMap<Kind, usize>,
    /// Failures by kind.
    pub failures: BTreeMap<Kind, usize>,
    /// Ends by state.
    pub ends: BTreeMap<String, usize>,
    /// Some of the failing cases with what does not hold.
    pub failing: Vec<(Case, Vec<String>)>,
}

impl Tally {
    fn count(&mut self, case: &Case, kind: Kind, verdict: &Verdict) {
        *self.runs.entry(kind).or_default() += 1;
        let end = verdict.status.map_or("not begun", RunStatus::as_str);
        *self.ends.entry(end.to_owned()).or_default() += 1;
        let wrong = wrong(case, kind, verdict);
        if wrong.is_empty() {
            return;
        }
        let failures = self.failures.entry(kind).or_default();
        *failures += 1;
        if *failures <= KEPT {
            self.failing.push((case.clone(), wrong));
        }
    }

    /// All runs.
    pub fn all(&self) -> usize {
        self.runs.values().sum()
    }

    /// What came of further cases.
    pub fn add(&mut self, other: Self) {
        for (kind, runs) in other.runs {
            *self.runs.entry(kind).or_default() += runs;
        }
        for (kind, failures) in other.failures {
            *self.failures.entry(kind).or_default() += failures;
        }
        for (end, count) in other.ends {
            *self.ends.entry(end).or_default() += count;
        }
        self.failing.extend(other.failing);
    }
}

/// What does not hold, with what is expected of the kind: the platform's own failures never change how a run ends, nor does a stop
/// after which it was resumed.
fn wrong(case: &Case, kind: Kind, verdict: &Verdict) -> Vec<String> {
    let mut wrong = verdict.wrong.clone();
    // Work that is never delivered may take so long that the run expires.
    let lost = case.faults.iter().any(|fault| matches!(fault, Fault::Deliver(_, HowDelivered::Lost)));
    let of_the_platform = matches!(kind, Kind::None | Kind::Crash | Kind::Deliver) && !lost;
    if of_the_platform && case.faults.len() <= 1 && verdict.status != Some(RunStatus::Completed) {
        wrong.push(format!("the platform's failure ends the run {:?}", verdict.status));
    }
    let resumed = matches!(case.faults.as_slice(), [Fault::Act(_, Act::Pause | Act::Rewind)]);
    // A stop in the middle of a group asks about what in it cannot be undone.
    let held = verdict.status == Some(RunStatus::NeedsAttention);
    if resumed && !held && verdict.status != Some(RunStatus::Completed) {
        wrong.push(format!("stopped and resumed, the run ends {:?}", verdict.status));
    }
    wrong
}

/// A part of the work.
enum Job {
    /// These cases, all of which begin with these faults.
    Cases(usize, Vec<Fault>, Vec<(Case, Kind)>),
    /// Pairs of a workflow that begin with this fault.
    Pairs(usize, Vec<Fault>, u64),
}

impl Job {
    fn cases(&self) -> usize {
        match self {
            Self::Cases(.., cases) => cases.len(),
            Self::Pairs(..) => SECONDS,
        }
    }
}

/// Explores workflows on every core; the seed decides about waits, and which pairs.
///
/// # Errors
/// When a workflow does not compile.
pub fn explore(
    workflows: &[Workflow],
    part: Part,
    seed: u64,
    progress: &Progress,
) -> anyhow::Result<Vec<Tally>> {
    let mut jobs = Vec::new();
    for (index, workflow) in workflows.iter().enumerate() {
        let begun = jobs.len();
        plan(index, workflow, (part, seed), &mut jobs)?;
        progress.expect(jobs.iter().skip(begun).map(Job::cases).sum());
    }
    let next = AtomicUsize::new(0);
    let tallies: Mutex<Vec<Tally>> = Mutex::new(workflows.iter().map(|_| Tally::default()).collect());
    let failed = Mutex::new(None);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                if let Err(error) = work(workflows, seed, &jobs, (&next, progress), &tallies) {
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(tallies.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn plan(
    index: usize,
    workflow: &Workflow,
    (part, seed): (Part, u64),
    jobs: &mut Vec<Job>,
) -> anyhow::Result<()> {
    let stage = Stage::of(workflow.clone())?;
    let case = |faults| Case { workflow: workflow.id.to_string(), faults, seed };
    let plain = stage.run(&case(Vec::new()), false);
    match part {
        Part::Singles { stride } => {
            let mut number = 0;
            for (root, from) in roots(&plain.points) {
                let mut cases = Vec::new();
                let points = if root.is_empty() {
                    cases.push((case(Vec::new()), Kind::None));
                    plain.points.clone()
                } else {
                    stage.run(&case(root.clone()), false).points
                };
                for faults in singles(&points, from) {
                    let kind = faults.first().map_or(Kind::None, Fault::kind);
                    cases.push((case([root.clone(), faults].concat()), kind));
                }
                cases.retain(|_| {
                    number += 1;
                    (number - 1) % stride == 0
                });
                jobs.extend(cases.chunks(CHUNK).map(|chunk| Job::Cases(index, root.clone(), chunk.to_vec())));
            }
        }
        Part::Pairs { number } => {
            let first = singles(&plain.points, 0);
            let mut dice = Dice(seed);
            for _ in 0..number.div_ceil(SECONDS) {
                let faults = first.get(dice.pick(first.len())).cloned().unwrap_or_default();
                jobs.push(Job::Pairs(index, faults, dice.roll(u64::MAX)));
            }
        }
    }
    Ok(())
}

fn work(
    workflows: &[Workflow],
    seed: u64,
    jobs: &[Job],
    (next, progress): (&AtomicUsize, &Progress),
    tallies: &Mutex<Vec<Tally>>,
) -> anyhow::Result<()> {
    let mut last: Option<(usize, Stage)> = None;
    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
        let (Job::Cases(index, ..) | Job::Pairs(index, ..)) = job;
        let stage = match last.take() {
            Some((of, stage)) if of == *index => stage,
            _ => Stage::of(workflows[*index].clone())?,
        };
        let mut tally = Tally::default();
        match job {
            Job::Cases(_, root, cases) => {
                let workflow = stage.workflow().id.to_string();
                let (_, prefix) = stage.prefix(&Case { workflow, faults: root.clone(), seed });
                for (case, kind) in cases {
                    tally.count(case, *kind, &stage.run_after(&prefix, case));
                    progress.count();
                }
            }
            Job::Pairs(_, first, seed) => pairs(&stage, first, *seed, &mut tally, progress),
        }
        tallies.lock().unwrap_or_else(PoisonError::into_inner)[*index].add(tally);
        last = Some((*index, stage));
    }
    Ok(())
}

/// Second faults after a first one, at places that the run passes because of it.
fn pairs(stage: &Stage, first: &[Fault], seed: u64, tally: &mut Tally, progress: &Progress) {
    let workflow = stage.workflow().id.to_string();
    let case = |faults| Case { workflow: workflow.clone(), faults, seed };
    let (verdict, prefix) = stage.prefix(&case(first.to_vec()));
    let seconds = singles(&verdict.points, 0);
    let mut dice = Dice(seed);
    for _ in 0..SECONDS {
        progress.count();
        let Some(second) = seconds.get(dice.pick(seconds.len())) else { continue };
        let case = case([first, second].concat());
        tally.count(&case, Kind::Pair, &stage.run_after(&prefix, &case));
    }
}
