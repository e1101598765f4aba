//! Campaigns and the reports of units: the unit's own, those that are checked, and what the operator opens.

pub mod campaign;
pub mod campaigns;
pub mod check;
pub mod one;
pub mod opening;
pub mod own;
pub mod own_fields;
pub mod own_rows;
pub mod remind;
pub mod rows;
pub(crate) mod waiting;
mod words;
