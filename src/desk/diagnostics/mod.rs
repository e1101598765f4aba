//! Procedures of diagnostics and what came of them.

pub(crate) mod compare;
pub(crate) mod described;
pub mod edit;
mod inviting;
pub mod list;
pub mod next;
mod next_rows;
pub mod people;
pub(crate) mod people_rows;
pub mod rescale;
pub mod rows;
pub mod scales;
pub mod tools;
