//! What is reported and published: tables of the systems are taken as submissions and checked by the rules of the pack;
//! values are released as editions that never change.
//! What is reported and published: units answer in campaigns, and tables of the systems are checked by the rules of the pack.

pub mod burden;
pub mod campaign;
pub mod dictionary;
pub mod edition;
pub mod examination;
pub mod holders;
mod labels;
pub mod regulation;
pub mod report;
pub mod report_acts;
pub mod report_bulk;
mod report_force;
pub mod report_form;
pub mod report_telling;
pub mod store;
pub mod submission;
pub mod submission_status;
pub mod survey;
pub mod table;
pub mod task;
pub mod validation;
pub mod vote;
pub mod whole;

pub use edition::{Edition, EditionId};
pub use table::Table;
pub use validation::{Contradiction, validate};
