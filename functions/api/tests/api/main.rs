//! The API from outside: every route, called as API Gateway's function would be, over the table in memory.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod alerts;
mod answers;
mod arranging;
mod console;
mod document;
mod ending;
mod forms;
mod gateway;
mod history;
mod looking;
mod operating;
mod outside;
mod progress;
mod reading;
mod reports;
mod resuming;
mod selecting;
mod tokens;
mod told;
mod user;
