//! What is reported and published: tables of the systems are taken as submissions and checked by the rules of the pack;
//! values are released as editions that never change.

pub mod dictionary;
pub mod edition;
pub mod store;
pub mod submission;
pub mod table;
pub mod validation;
pub mod whole;

pub use edition::{Edition, EditionId};
pub use table::Table;
pub use validation::{Contradiction, validate};
