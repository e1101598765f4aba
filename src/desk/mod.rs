//! Desks: read-only screens over many stages, one for each kind of work. Acts on them go to the use cases of the stages.

pub mod acts;
pub mod bounds;
pub mod card;
pub mod card_acts;
pub mod closing;
pub mod design;
pub mod diagnostics;
pub mod diagnostics_rows;
pub mod drafting;
pub mod figures;
pub mod figures_rows;
pub mod listing;
pub mod plan;
pub mod plan_rows;
pub mod plans;
pub mod plans_rows;
pub mod start;
pub mod support;
pub mod support_rows;
pub mod supporters;
pub mod supporters_rows;
pub mod teacher;
