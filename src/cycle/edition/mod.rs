//! Editions: values of a pack in a period, released for a region and never changed again.
//!
//! An edition is what it says: the text of the pack, the units as they were called, every value, who stands behind each, and
//! the workbook itself. Nothing of it is made anew when it is read; its digest is over all of it.

pub mod acts;
pub mod book;
pub mod changes;
pub mod check;
pub mod content;
pub mod model;
pub mod order;
pub mod people;
pub mod release;
pub mod store;
mod telling;
pub mod values;

pub use model::{Edition, EditionId};
