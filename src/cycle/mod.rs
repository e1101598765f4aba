//! What is reported and published: tables of the systems are taken as submissions and checked by the rules of the pack.

pub mod dictionary;
pub mod holders;
pub mod regulation;
pub mod store;
pub mod submission;
pub mod table;
pub mod task;
pub mod validation;
pub mod whole;

pub use table::Table;
pub use validation::{Contradiction, validate};
