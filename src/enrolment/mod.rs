//! From an item of a plan to a course and back with a document.

pub mod model;

pub use model::{DocumentKind, Enrolment, EnrolmentId, EnrolmentState, QualificationDocument};
