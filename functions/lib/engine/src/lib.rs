//! Decisions of a run: states, settlement, rollback order, progress, impact.
