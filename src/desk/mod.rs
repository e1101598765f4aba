//! Desks: read-only screens over many stages, one for each kind of work. Acts on them go to the use cases of the stages.

pub mod acts;
pub mod applications;
pub mod applications_bulk;
pub mod applications_rows;
pub mod apply;
pub mod courses;
pub mod courses_rows;
pub mod coverage;
pub mod coverage_rows;
pub mod design;
pub mod figures;
pub mod figures_rows;
pub mod list;
pub mod once;
pub mod plan;
pub mod plan_rows;
pub mod schools;
pub mod small_cells;
pub mod staff;
pub mod staff_person;
pub mod staff_rows;
pub mod start;
pub mod support;
pub mod support_rows;
pub mod teacher;
