//! One taken run: checked, started, begun. Each step is one conditional write, so that it can be taken up at any of them.

use crate::dispatcher::{Dispatcher, Outcome, TRIES, transition};
use crate::failed::Failed;
use crate::scene::Scene;
use engine::preflight::{Probe, Situation, Verdict, check};
use engine::{Access, Change, Out, Queue, Run, RunStatus, after, queue};
use events::{AgentId, AgentRequest, ErrorClass, EventType, Operation, RunId};
use futures_util::future::join_all;
use jiff::Timestamp;
use ports::{AskAgent, Clock, Commit, CommitError, Key, PortError, Read, Record, StartExecution, Write};
use serde_json::Value;
use statemachines::{Seconds, Workflow};
use std::collections::BTreeMap;

/// How long an agent has to say whether it and its providers are there.
const PROBE: Seconds = Seconds(10);

/// A run that this dispatcher has taken.
pub(crate) struct Flight<'a, T, A, M, C> {
    pub(crate) dispatcher: &'a Dispatcher<T, A, M, C>,
    pub(crate) workflow: &'a Workflow,
    pub(crate) access: &'a Access,
    /// Why it was held back before, if it was.
    pub(crate) held: Option<&'a str>,
}

impl<T: Read + Commit, A: AskAgent, M: StartExecution, C: Clock> Flight<'_, T, A, M, C> {
    /// From wherever the run stands.
    pub(crate) async fn fly(&self, mut run: Run, mut rev: u64) -> Result<Outcome, Failed> {
        if run.status == RunStatus::Validating {
            match self.verdict(&run).await? {
                Verdict::Pass => {}
                Verdict::Refuse(failures) => {
                    return self.leave(&run, Change::Refuse { failures }, queue::remove).await;
                }
                Verdict::Hold(reason) => {
                    return self.leave(&run, Change::Hold { reason }, queue::give_back).await;
                }
            }
            let (ready, events) = transition(&run, self.workflow, &Change::Pass, self.now())?;
            let write = Write::update(Record::Run(ready.clone()), rev);
            if !self.write(vec![write.telling(events.into_iter().map(Out::Run))]).await? {
                return Ok(Outcome::Lost);
            }
            (run, rev) = (ready, rev + 1);
        }
        self.start(run, rev).await
    }

    async fn start(&self, run: Run, rev: u64) -> Result<Outcome, Failed> {
        if let Err(error) = self.dispatcher.machines.start_execution(&run).await {
            self.put_off(run, rev).await;
            return Err(error.into());
        }
        let (mut begun, events) = transition(&run, self.workflow, &Change::Begin, self.now())?;
        begun.check_at = None;
        let write = Write::update(Record::Run(begun), rev).telling(events.into_iter().map(Out::Run));
        // Not written: its first step was faster and has noted it, or the run is being ended, which its execution finds out.
        self.write(vec![write]).await?;
        Ok(Outcome::Started)
    }

    /// Lets the next dispatcher try before the lease ends. When this is not written either, the lease ends by itself.
    async fn put_off(&self, mut run: Run, rev: u64) {
        run.check_at = Some(queue::try_again_at(&run, self.workflow, self.now()));
        if let Err(error) = self.write(vec![Write::update(Record::Run(run), rev)]).await {
            tracing::warn!(error.chain = %error, "lease not shortened");
        }
    }

    async fn verdict(&self, run: &Run) -> Result<Verdict, Failed> {
        let dispatcher = self.dispatcher;
        let pinned = dispatcher.catalog.get(&run.workflow_id, run.version);
        let simulation = self.simulation(&run.run_id).await?;
        let agents = match pinned {
            Some(workflow) => join_all(self.steps_by_agent(workflow).map(|it| self.probe(run, it))).await,
            None => Vec::new(),
        };
        Ok(check(&Situation {
            workflow: pinned,
            access: self.access,
            simulation: &simulation,
            agents: &agents,
            now: self.now(),
        }))
    }

    async fn simulation(&self, run: &RunId) -> Result<Value, PortError> {
        let found = self.dispatcher.table.read(&[Key::Context(run.clone())]).await?;
        Ok(found
            .into_iter()
            .find_map(|it| match it.record {
                Record::Context(context) => Some(context.simulation),
                _ => None,
            })
            .unwrap_or_default())
    }

    /// Every agent of the workflow, with a step in whose name it is asked.
    fn steps_by_agent<'w>(
        &self,
        workflow: &'w Workflow,
    ) -> impl Iterator<Item = &'w statemachines::Step> + use<'w, T, A, M, C> {
        let mut agents: BTreeMap<&AgentId, &statemachines::Step> = BTreeMap::new();
        for step in &workflow.steps {
            agents.entry(&step.agent).or_insert(step);
        }
        agents.into_values()
    }

    async fn probe(&self, run: &Run, step: &statemachines::Step) -> Probe {
        let request = AgentRequest {
            op: Operation::Describe,
            run_id: run.run_id.clone(),
            step_id: step.id.clone(),
            user_id: run.user_id.clone(),
            as_of: run.as_of,
            attempt: 1,
            inputs: BTreeMap::new(),
            items: Vec::new(),
            modifications: BTreeMap::new(),
            proof: None,
            provided: None,
            provider: None,
            credentials: BTreeMap::new(),
            progress: None,
            deadline: after(self.now(), PROBE),
        };
        let answer = self.dispatcher.agents.ask_agent(&step.agent, &request).await;
        Probe {
            agent: step.agent.clone(),
            answer: match answer {
                Ok(answer) => answer.card.ok_or(ErrorClass::Defect),
                Err(failure) => Err(failure.class),
            },
        }
    }

    /// Takes the run out of flight: refused, or held back. The verdict stands while the queue changes around it.
    async fn leave(
        &self,
        taken: &Run,
        change: Change,
        edit: fn(&mut Queue, &RunId),
    ) -> Result<Outcome, Failed> {
        let held = matches!(change, Change::Hold { .. });
        for _ in 0..TRIES {
            let Some(scene) = Scene::load(&self.dispatcher.table, &taken.user_id).await? else {
                return Ok(Outcome::Lost);
            };
            let Some((run, rev)) = scene.run(&taken.run_id).filter(|(run, _)| *run == taken) else {
                return Ok(Outcome::Lost);
            };
            let now = self.now();
            let (mut left, mut events) = transition(run, self.workflow, &change, now)?;
            if held {
                left.check_at = Some(queue::try_again_at(&left, self.workflow, now));
                // The sweep has nothing to look for before.
                left.look_at = left.check_at;
            } else {
                left.check_at = None;
            }
            if left.reason.as_deref() == self.held {
                // It was told when it began.
                events.retain(|event| event.kind != EventType::DependencyIssue);
            }
            let mut queue = scene.queue.clone();
            edit(&mut queue, &taken.run_id);
            let write = Write::update(Record::Run(left), rev).telling(events.into_iter().map(Out::Run));
            let writes = std::iter::once(write).chain(scene.queue_write(&queue)).collect();
            if self.write(writes).await? {
                return Ok(if held { Outcome::Held } else { Outcome::Refused });
            }
        }
        Err(Failed::Contended(TRIES))
    }

    /// `false`: something was not as it was read.
    async fn write(&self, writes: Vec<Write>) -> Result<bool, Failed> {
        match self.dispatcher.table.commit(writes).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict { .. }) => Ok(false),
            Err(CommitError::Port(error)) => Err(error.into()),
        }
    }

    fn now(&self) -> Timestamp {
        self.dispatcher.clock.now()
    }
}
