//! The sandbox's APIs over real connections, one module per subject.

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
