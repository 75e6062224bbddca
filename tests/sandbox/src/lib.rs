//! The provider sandbox: a stateful server that speaks the providers' wire formats.
//!
//! A [`household`] file says who banks, subscribes and is billed where; a [`world`] is what the providers make of it
//! as calls arrive and the clock moves; [`http`] and [`plaid`] are the doors to it. `API.md` documents the latter.

pub mod calendar;
pub mod faults;
pub mod figures;
pub mod hash;
pub mod household;
pub mod http;
pub mod plaid;
pub mod service;
pub mod store;
pub mod world;
