//! The cycle of a system on the screen: its stages with their documents, the calendar with what is one's own, and the
//! register of acts and orders.

pub mod act;
pub mod acts;
mod acts_form;
pub mod calendar;
mod described;
pub mod item;
pub(crate) mod named;
mod rows;
pub mod stages;
