//! Desks: read-only screens over many stages, one for each kind of work. Acts on them go to the use cases of the stages.

pub mod design;
pub mod start;
