//! Surveys of people: those of the region with how many have answered, opening one, what the answers say together; and a
//! person's own.

pub mod list;
pub mod one;
pub mod opening;
pub mod own;
mod words;
