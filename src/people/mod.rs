//! Teachers and leaders: names, СНИЛС, jobs.

pub mod import;
pub mod import_rules;
pub mod model;
pub mod snils;
pub mod store;

pub use model::{Employment, EmploymentId, EmploymentKind, EmploymentSubject, Person, PersonId, Sex, StaffKind};
pub use snils::Snils;
