//! The door of the WebSocket API: who may open a socket, and which are open.
//!
//! A socket is opened with a ticket of `POST /ws-ticket`, good once and for 30 seconds. It says nothing but what changed; what the user
//! may see of it is asked of the API as ever. A client may say who it is, and is shut out when that is not true.

mod event;
mod handler;

pub use event::{Event, Invoked};
pub use handler::{Answer, Failed, handle};
