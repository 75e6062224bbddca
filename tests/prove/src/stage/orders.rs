//! What executions want done.

use super::Play;
use crate::agenda::{Event, later};
use crate::flight::{Function, Launch, Origin};
use crate::world::{CallPoint, World};
use serde_json::{Value, json};
use statemachines::simulate::{End, Order, Timer};

impl Play<'_> {
    /// Takes what executions want done, and tells the watchdog of those that ended otherwise than well.
    pub(super) fn order(&mut self) {
        let mut world = self.stage.outside.world();
        let names: Vec<String> = world.executions.keys().cloned().collect();
        for name in names {
            let Some(execution) = world.executions.get_mut(&name) else { continue };
            let orders = execution.take_orders();
            let end = execution.run().end.clone();
            for order in orders {
                place(&mut world, &name, order);
            }
            if let Some(end) = end.filter(|_| self.watch.ended.insert(name.clone())) {
                world.tell(|| format!("execution {name} ended: {end:?}"));
                if end != End::Succeeded {
                    let payload = died(&name);
                    world.hand_over(Function::Watchdog, payload);
                }
            }
        }
    }
}

/// Puts what an execution wants done on the agenda.
fn place(world: &mut World, name: &str, order: Order) {
    let now = world.now;
    match order {
        Order::Call(call) => {
            let number = world.points.calls.len() as u64;
            let port = world.points.ports.len() as u64;
            let waits = call.token.is_some();
            world.points.calls.push(CallPoint { state: call.state.clone(), waits, port });
            world.tell(|| format!("call {number}: {} attempt {}", call.state, call.attempt));
            let Some(function) = Function::named(&call.function) else {
                world.wrong.push(format!("there is no function {}", call.function));
                return;
            };
            let origin = Origin::Machine { execution: name.to_owned(), call: call.id, number };
            let launch = Launch { function, payload: call.payload, origin };
            world.agenda.put(now, Event::Launch(Box::new(launch)));
        }
        Order::Timer(timer @ Timer::Timeout { seconds, .. }) => {
            world.agenda.put(later(now, u64::from(seconds) * 1_000), Event::Timer(name.to_owned(), timer));
        }
        Order::Timer(timer @ Timer::Retry { least, most, .. }) => {
            let place = world.points.ports.len() as u64;
            let delay = least + world.choose(place, most - least + 1);
            world.agenda.put(later(now, delay), Event::Timer(name.to_owned(), timer));
        }
    }
}

/// The platform's word that an execution ended otherwise than well.
fn died(name: &str) -> Value {
    let (run, epoch) = name.rsplit_once('-').unwrap_or((name, "0"));
    let epoch: u32 = epoch.parse().unwrap_or_default();
    json!({
        "detail-type": "Step Functions Execution Status Change",
        "detail": { "input": json!({ "run_id": run, "user_id": crate::user::USER, "epoch": epoch }).to_string() },
    })
}
