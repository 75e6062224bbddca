//! Every message that crosses a boundary.
