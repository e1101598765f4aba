//! The profile of deficits: a view of a person's results at a date. Nothing of it is stored.

pub mod compare;
pub mod next;
pub mod rules;
pub mod store;

pub use rules::{Expired, Level, Line, Measured, Profile, Standing, percent, profile};
