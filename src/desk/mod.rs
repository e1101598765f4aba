//! Desks: read-only screens over many stages, one for each kind of work. Acts on them go to the use cases of the stages.

pub mod acts;
pub mod design;
pub mod figures;
pub mod figures_rows;
pub mod plan;
pub mod plan_rows;
pub mod start;
pub mod support;
pub mod support_rows;
pub mod teacher;
