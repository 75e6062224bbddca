//! The table's stream and its reader: one batch at a time, from where the last one was read.

use super::Play;
use crate::agenda::{Event, later};
use crate::fault::Fault;
use crate::flight::{Answer, Function, Launch, Origin};
use crate::lambdas::batch;

impl Play<'_> {
    /// Looks at what changed in the table since.
    pub(super) fn look(&mut self) {
        let mut world = self.stage.outside.world();
        let changes = world.memory.stream_after(self.watch.looked);
        self.watch.looked += changes.len();
        for change in &changes {
            self.watch.see(&mut world, change);
            if !change.out.is_empty() && !self.watch.reading {
                self.watch.reading = true;
                let now = world.now;
                world.agenda.put(now, Event::Stream);
            }
        }
    }

    pub(super) fn read_stream(&mut self) {
        let (payload, upto) = {
            let mut world = self.stage.outside.world();
            let from = self.watch.read;
            let records: Vec<_> = world
                .memory
                .stream_after(from)
                .into_iter()
                .enumerate()
                .filter(|(_, change)| !change.out.is_empty())
                .map(|(index, change)| (from + index, self.watch.second_of(from + index), change))
                .collect();
            let number = world.points.batches.len() as u64;
            let port = world.points.ports.len() as u64;
            world.points.batches.push(port);
            let twice = world.faults.contains(&Fault::Stream(number));
            if twice && !self.watch.twice.contains(&number) {
                self.watch.twice.insert(number);
                let now = world.now;
                world.agenda.put(now, Event::Stream);
                self.watch.reread = Some(from);
            }
            (batch(records), world.memory.changes())
        };
        self.launch(Launch { function: Function::Publish, payload, origin: Origin::Stream(upto) });
    }

    pub(super) fn streamed(&mut self, upto: usize, answer: &Answer) {
        let mut world = self.stage.outside.world();
        let failed = answer.as_ref().ok().and_then(|answer| {
            let first = answer.pointer("/batchItemFailures/0/itemIdentifier")?.as_str()?;
            first.parse::<usize>().ok()
        });
        let read = match (answer, failed) {
            (Err(_), _) => self.watch.read,
            (Ok(_), Some(first)) => first,
            (Ok(_), None) => upto,
        };
        let again = read < upto;
        self.watch.read = self.watch.reread.take().unwrap_or(read);
        let more = world.memory.stream_after(self.watch.read).iter().any(|change| !change.out.is_empty());
        self.watch.reading = more;
        if more {
            let at = later(world.now, if again { 1_000 } else { 0 });
            world.agenda.put(at, Event::Stream);
        }
    }
}
