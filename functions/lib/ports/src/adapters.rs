//! One value that is all of a function's ports, put together from one adapter per outside system.

use crate::{
    AgentFailure, AskAgent, BusEntry, Clock, Commit, CommitError, CompleteTask, ContinueStep,
    DescribeExecution, ExecutionState, FetchApart, FindDue, Invoke, InvokeError, KeepApart, Key, List,
    Listing, OrderProviders, PortError, Publish, Read, Report, StartExecution, StepFunction, StepWork,
    Stored, Write,
};
use engine::{Apart, Out, Run, StepRecord};
use events::{AgentId, AgentRequest, AgentResponse, ErrorClass, RunId};
use jiff::Timestamp;
use serde_json::Value;

/// The adapters of a function; `()` for a system it does not use.
#[derive(Clone, Debug)]
pub struct Adapters<
    Table = (),
    Functions = (),
    Machines = (),
    Tokens = (),
    Bus = (),
    Bucket = (),
    Order = (),
    Time = (),
> {
    /// Holds the state.
    pub table: Table,
    /// Reaches agents and other functions.
    pub functions: Functions,
    /// Starts and describes executions.
    pub machines: Machines,
    /// Completes waiting states.
    pub tokens: Tokens,
    /// Takes events.
    pub bus: Bus,
    /// Holds what is too long for the table.
    pub bucket: Bucket,
    /// Orders providers that can stand in for each other.
    pub order: Order,
    /// Tells the time.
    pub clock: Time,
}

/// Implements a port by handing every call to the adapter of one field.
macro_rules! by {
    ($field:ident: $port:ident { $(async fn $name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)+ }) => {
        impl<Table, Functions, Machines, Tokens, Bus, Bucket, Order, Time> $port
            for Adapters<Table, Functions, Machines, Tokens, Bus, Bucket, Order, Time>
        where
            Table: Send + Sync,
            Functions: Send + Sync,
            Machines: Send + Sync,
            Tokens: Send + Sync,
            Bus: Send + Sync,
            Bucket: Send + Sync,
            Order: Send + Sync,
            Time: Send + Sync,
            by!(@$field Table Functions Machines Tokens Bus Bucket Order Time): $port,
        {
            $(async fn $name(&self, $($arg: $type),*) -> $answer {
                self.$field.$name($($arg),*).await
            })+
        }
    };
    (@table $t:ident $f:ident $m:ident $k:ident $b:ident $o:ident $r:ident $c:ident) => { $t };
    (@functions $t:ident $f:ident $m:ident $k:ident $b:ident $o:ident $r:ident $c:ident) => { $f };
    (@machines $t:ident $f:ident $m:ident $k:ident $b:ident $o:ident $r:ident $c:ident) => { $m };
    (@tokens $t:ident $f:ident $m:ident $k:ident $b:ident $o:ident $r:ident $c:ident) => { $k };
    (@bus $t:ident $f:ident $m:ident $k:ident $b:ident $o:ident $r:ident $c:ident) => { $b };
    (@order $t:ident $f:ident $m:ident $k:ident $b:ident $o:ident $r:ident $c:ident) => { $r };
    (@bucket $t:ident $f:ident $m:ident $k:ident $b:ident $o:ident $r:ident $c:ident) => { $o };
}

by!(table: Read { async fn read(keys: &[Key]) -> Result<Vec<Stored>, PortError>; });
by!(table: Commit { async fn commit(writes: Vec<Write>) -> Result<(), CommitError>; });
by!(table: Report { async fn report(run: &RunId, epoch: u32, out: Out) -> Result<bool, PortError>; });
by!(table: List {
    async fn list(list: Listing, after: Option<String>, limit: usize) -> Result<Vec<Stored>, PortError>;
});
by!(table: FindDue { async fn find_due(now: Timestamp, limit: usize) -> Result<Vec<Stored>, PortError>; });
by!(functions: AskAgent {
    async fn ask_agent(agent: &AgentId, request: &AgentRequest) -> Result<AgentResponse, AgentFailure>;
});
by!(functions: ContinueStep {
    async fn continue_step(function: StepFunction, work: &StepWork) -> Result<(), PortError>;
});
by!(functions: Invoke { async fn invoke(function: &str, payload: &Value) -> Result<Value, InvokeError>; });
by!(machines: StartExecution { async fn start_execution(run: &Run) -> Result<(), PortError>; });
by!(machines: DescribeExecution {
    async fn describe_execution(run: &Run) -> Result<Option<ExecutionState>, PortError>;
});
by!(tokens: CompleteTask {
    async fn succeed(token: &str) -> Result<(), PortError>;
    async fn fail(token: &str, class: ErrorClass, message: &str) -> Result<(), PortError>;
});
by!(bucket: KeepApart {
    async fn keep_apart(record: &StepRecord, apart: &Apart, text: String) -> Result<bool, PortError>;
});
by!(bucket: FetchApart { async fn fetch_apart(apart: &Apart) -> Result<String, PortError>; });
by!(order: OrderProviders { async fn order_providers(providers: &[String]) -> Vec<String>; });
by!(bus: Publish { async fn publish(entries: &[BusEntry]) -> Result<Vec<usize>, PortError>; });

impl<Table, Functions, Machines, Tokens, Bus, Bucket, Order, Time> Clock
    for Adapters<Table, Functions, Machines, Tokens, Bus, Bucket, Order, Time>
where
    Table: Send + Sync,
    Functions: Send + Sync,
    Machines: Send + Sync,
    Tokens: Send + Sync,
    Bus: Send + Sync,
    Bucket: Send + Sync,
    Order: Send + Sync,
    Time: Clock,
{
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
