//! The yearly examination: the operator's examinations and units, the desk of an expert, what a unit shows and is told.

pub mod cycle;
pub mod desk;
pub mod errors;
pub mod list;
pub mod one;
pub mod opening;
pub mod own;
pub mod own_told;
pub mod rows;
pub mod score;
pub mod unit;
pub mod words;
