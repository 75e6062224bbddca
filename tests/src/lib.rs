//! Tests across crates. They are in `tests/`; those that need the local AWS run under `make test`, which sets `E2E`.
