//! Teachers and leaders: names, СНИЛС, jobs.

pub mod composition;
pub mod import;
pub mod import_rules;
pub mod import_vacancies;
pub mod model;
pub mod snils;
pub mod store;
pub mod vacancy;

pub use model::{Employment, EmploymentId, EmploymentKind, EmploymentSubject, Person, PersonId, Sex, StaffKind};
pub use snils::Snils;
