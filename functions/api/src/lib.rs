//! The HTTP API: what was recommended, runs and their cards, questions and their answers, what a user wants and allows.
//!
//! One function behind one catch-all route: it routes itself, verifies every call's token itself, and serves its own description.
//! What it decides is in `engine`; here it is loaded, asked and written down.

mod access;
mod app;
mod asked;
mod auth;
mod body;
mod caller;
mod config;
mod console;
mod dead_letter;
mod gateway;
mod http;
mod openapi;
mod outside;
mod page;
mod problem;
mod proofs;
mod recent;
mod report;
mod routes;
pub mod view;
mod work;

pub use app::{App, service};
pub use auth::{
    FetchKeys, HttpKeys, KeysUnavailable, Newcomer, Session, SignIn, SignInError, Tokens, Unauthenticated,
    UserPool,
};
pub use config::Config;
pub use console::Site;
pub use gateway::{Answered, Invoked, answer};
pub use openapi::{DOCUMENT, document};
pub use outside::{Adapters, Outside};
pub use problem::{FieldError, PROBLEM_JSON, Problem};
pub use proofs::{KeepProofs, ProofStore};
pub use routes::EventList;
