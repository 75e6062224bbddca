//! The list of messages with their schemas: what `schemas/` is generated from.

use crate::{
    AchievementUnlocked, ActionsRecommended, AgentMessage, AgentRequest, AgentResponse, Envelope,
    SimulationCompleted, UserTaskAnswer, UserTaskRequest, WorkflowEvent, WorkflowSelected, WorkflowSuggested,
};
use schemars::{JsonSchema, Schema, schema_for};

/// One kind of message.
pub struct Contract {
    /// The name of its schema and sample files, without ending.
    pub name: &'static str,
    /// The JSON Schema of the enveloped message.
    pub schema: Schema,
}

/// Every kind of message on the bus, by name.
pub fn contracts() -> Vec<Contract> {
    vec![
        contract::<AchievementUnlocked>("achievement-unlocked"),
        contract::<ActionsRecommended>("actions-recommended"),
        contract::<AgentMessage>("agent-message"),
        Contract { name: "agent-request", schema: schema_for!(AgentRequest) },
        Contract { name: "agent-response", schema: schema_for!(AgentResponse) },
        contract::<SimulationCompleted>("simulation-completed"),
        contract::<UserTaskAnswer>("user-task-answer"),
        contract::<UserTaskRequest>("user-task-request"),
        contract::<WorkflowEvent>("workflow-event"),
        contract::<WorkflowSelected>("workflow-selected"),
        contract::<WorkflowSuggested>("workflow-suggested"),
    ]
}

fn contract<T: JsonSchema>(name: &'static str) -> Contract {
    Contract { name, schema: schema_for!(Envelope<T>) }
}
