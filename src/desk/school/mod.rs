//! A school and the schools of a municipality: staff, coverage, work on the platform.

pub mod coverage;
pub mod coverage_rows;
pub mod needs;
pub mod needs_rows;
pub mod platform_use;
pub mod procedures;
mod procedures_rows;
pub mod schools;
pub mod staff;
pub mod staff_person;
pub mod staff_rows;
mod work_rows;
