//! The workflow definition language, its catalog, checks and compiler.
