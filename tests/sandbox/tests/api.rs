//! The sandbox's APIs over real connections, one module per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod api {
    mod admin;
    mod billers;
    mod client;
    mod faults;
    mod gigs;
    mod plaid;
    mod restart;
    mod savings;
    mod subscriptions;
}
