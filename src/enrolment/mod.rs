//! From an item of a plan to a course and back with a document; the aggregate that acts of a person run through.

pub mod apply;
pub mod course;
pub mod journey;
pub mod marks;
pub mod marks_file;
pub mod model;
mod progress;
#[cfg(test)]
mod random_acts;
pub mod shared;
pub mod status;
pub mod store;
pub mod training;
pub mod waiving;

pub use journey::{Ask, Done, Journey};
pub use model::{DocumentKind, Enrolment, EnrolmentId, EnrolmentState, QualificationDocument};
