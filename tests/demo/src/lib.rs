//! The demo: a household from simulation event to finished workflow, in a terminal. A client of the HTTP API like any other: it knows
//! what the API's document says and nothing of what is behind it. The sandbox it knows as the user would, who has an account there.
//! The end-to-end tests are users by the same clients.

mod alert;
pub mod answering;
pub mod api;
pub mod aws;
pub mod card;
pub mod console;
mod deciding;
mod faults;
mod following;
mod http;
mod interruption;
mod many;
mod prompt;
pub mod sandbox;
mod screen;
mod session;
mod settings;
pub mod story;
pub mod wire;

pub use aws::Aws;
pub use faults::list as faults;
pub use screen::restore;
pub use settings::{Auto, Settings};
pub use story::{Ended, run};
