//! What a dispatcher sees of a user: the queue, its runs, and what the user allows.

use engine::{Access, Queue, Run};
use events::{RunId, UserId};
use ports::{Guard, Key, PortError, Read, Record, Write};
use std::collections::BTreeMap;

/// A user's queue with its runs.
pub(crate) struct Scene {
    /// The queue.
    pub(crate) queue: Queue,
    /// What a write of the queue assumes.
    pub(crate) guard: Guard,
    /// The runs of the queue that exist.
    pub(crate) runs: BTreeMap<RunId, Run>,
    /// Their revisions.
    pub(crate) revs: BTreeMap<RunId, u64>,
    /// What the user allows.
    pub(crate) access: Access,
}

impl Scene {
    /// Two reads: the user's records, then the runs of the queue. `None` for a user without a queue.
    pub(crate) async fn load(table: &impl Read, user: &UserId) -> Result<Option<Self>, PortError> {
        let keys = [Key::Queue(user.clone()), Key::Access(user.clone())];
        let mut queue = None;
        let mut access = Access::none(user.clone());
        for stored in table.read(&keys).await? {
            match stored.record {
                Record::Queue(it) => queue = Some((it, Guard::Rev(stored.rev))),
                Record::Access(it) => access = it,
                _ => {}
            }
        }
        let Some((queue, guard)) = queue else {
            return Ok(None);
        };
        let mut scene = Self { queue, guard, runs: BTreeMap::new(), revs: BTreeMap::new(), access };
        scene.load_runs(table).await?;
        Ok(Some(scene))
    }

    async fn load_runs(&mut self, table: &impl Read) -> Result<(), PortError> {
        let entries = self.queue.running.iter().chain(&self.queue.waiting);
        let keys: Vec<Key> = entries.map(|entry| Key::Run(entry.run_id.clone())).collect();
        if keys.is_empty() {
            return Ok(());
        }
        for stored in table.read(&keys).await? {
            if let Record::Run(run) = stored.record {
                self.revs.insert(run.run_id.clone(), stored.rev);
                self.runs.insert(run.run_id.clone(), run);
            }
        }
        Ok(())
    }

    /// A run of the queue with its revision.
    pub(crate) fn run(&self, id: &RunId) -> Option<(&Run, u64)> {
        Some((self.runs.get(id)?, *self.revs.get(id)?))
    }

    /// A write of the queue as it shall be; none when it is that already.
    pub(crate) fn queue_write(&self, queue: &Queue) -> Option<Write> {
        (*queue != self.queue).then(|| Write {
            record: Record::Queue(queue.clone()),
            guard: self.guard,
            out: Vec::new(),
        })
    }
}
