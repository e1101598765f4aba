//! The catalogue of a teacher, applications and their approval.

pub mod applications;
pub mod applications_bulk;
pub mod applications_file;
pub mod applications_rows;
pub mod apply;
pub mod catalogue;
pub mod rows;
