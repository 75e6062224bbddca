//! The API from outside: every route, called as API Gateway's function would be, over the table in memory.

mod answers;
mod cancelling;
mod document;
mod outside;
mod progress;
mod reading;
mod selecting;
mod tokens;
mod user;
