//! The sandbox's doors: routes, credentials, faults and the connection itself. `API.md` documents them.

mod admin;
mod answer;
mod billers;
mod call;
mod fault_gate;
mod gigs;
mod routes;
mod savings;
mod serve;
mod subscriptions;

pub use routes::router;
pub use serve::{ServeError, Server};
