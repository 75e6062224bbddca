//! A step that fails hard takes everything back that was done before it.

use crate::household::Household;
use crate::turn;
use demo::Auto;
use std::collections::BTreeSet;

/// Effects of every kind there is, and what undoes them.
const UNDONE_BY: [(&str, &str); 5] = [
    ("subscription.cancel", "subscription.restore"),
    ("subscription.downgrade", "subscription.restore"),
    ("biller.accept_offer", "biller.revert"),
    ("savings.create_rule", "savings.delete_rule"),
    ("gig.apply", "gig.withdraw"),
];

#[tokio::test]
async fn a_hard_failure_leaves_the_providers_as_they_were() {
    let Some(_turn) = turn().await else { return };
    let household = Household::new("rollback").await;
    let before = household.state().await;
    let run = household.started("hard-failure").await;
    let card = household.ended(&run, Auto::Approve).await;
    assert_eq!(card.status, "RolledBack", "{card:#?}");

    let effects = household.effects().await;
    let done: BTreeSet<_> = effects.iter().map(|it| it["operation"].as_str().unwrap()).collect();
    for (operation, undoing) in UNDONE_BY {
        assert!(done.contains(operation) && done.contains(undoing), "{operation}, {undoing}: {done:?}");
    }
    // Whole: subscriptions, bills, rules, applications and balances. What was done and undone is in the ledger alone.
    assert_eq!(household.state().await, before);
}
