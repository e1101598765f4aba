//! Procedures of diagnostics and what came of them.

pub mod list;
pub mod rows;
