//! What cases have in common at their beginning is played once: until its first fault, a case is the run without it.

use super::{Play, Stage};
use crate::fault::{Case, Fault};
use crate::verdict::Verdict;
use crate::watch::Watch;
use crate::world::World;
use jiff::Timestamp;

/// A run that was played, with the places from which others can go on.
pub struct Prefix {
    faults: usize,
    marks: Vec<Mark>,
}

/// A moment at which no function is at work.
pub(crate) struct Mark {
    world: World,
    next: u64,
    swept: Timestamp,
    watch: Watch,
}

impl Stage {
    /// Plays a case, and keeps where others with the same first faults can go on.
    pub fn prefix(&self, case: &Case) -> (Verdict, Prefix) {
        *self.outside.world() = self.setting.world(case);
        let mut play = Play {
            stage: self,
            flights: Vec::new(),
            next: 0,
            swept: Timestamp::MIN,
            watch: Watch::default(),
            marks: Some(Vec::new()),
        };
        play.begin();
        let verdict = play.judged();
        (verdict, Prefix { faults: case.faults.len(), marks: play.marks.unwrap_or_default() })
    }

    /// Runs a case that begins with the faults of a prefix, from where its other faults come in.
    pub fn run_after(&self, prefix: &Prefix, case: &Case) -> Verdict {
        let own = case.faults.get(prefix.faults..).unwrap_or_default();
        let common = |mark: &Mark| {
            mark.world.user.did_as(&case.faults) && own.iter().all(|fault| mark.is_before(fault))
        };
        let last = prefix.marks.partition_point(common).checked_sub(1);
        let Some(mark) = last.and_then(|last| prefix.marks.get(last)) else {
            return self.run(case, false);
        };
        *self.outside.world() = mark.world.fork(&case.faults);
        let mut play = Play {
            stage: self,
            flights: Vec::new(),
            next: mark.next,
            swept: mark.swept,
            watch: mark.watch.clone(),
            marks: None,
        };
        play.judged()
    }
}

impl Mark {
    /// Whether the place of a fault is still to come.
    fn is_before(&self, fault: &Fault) -> bool {
        let points = &self.world.points;
        let (passed, place) = match fault {
            Fault::Port(at, _) | Fault::Act(at, _) => (points.ports.len(), *at),
            Fault::Agent(at, _) => (points.agents.len(), *at),
            Fault::Call(at, _) => (points.calls.len(), *at),
            Fault::Answer(at, _) => (points.questions.len(), *at),
            Fault::Deliver(at, _) => (points.deliveries.len(), *at),
            Fault::Stream(at) => (points.batches.len(), *at),
            Fault::Help(_) => return true,
        };
        passed as u64 <= place
    }
}

impl Play<'_> {
    /// Marks the moment, if no function is at work and something was passed since the last one.
    pub(super) fn mark(&mut self) {
        let Some(marks) = self.marks.as_mut().filter(|_| self.flights.is_empty()) else { return };
        let world = self.stage.outside.world();
        let passed = |world: &World| (world.points.ports.len(), world.points.calls.len());
        if marks.last().is_none_or(|last| passed(&last.world) != passed(&world)) {
            let world = world.fork(&world.faults);
            marks.push(Mark { world, next: self.next, swept: self.swept, watch: self.watch.clone() });
        }
    }
}
