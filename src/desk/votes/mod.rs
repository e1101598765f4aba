//! Votes of colleagues: those of a scope with whom they awarded, opening one, its results and the award; and a person's own.

pub mod list;
pub mod one;
pub mod opening;
pub mod own;
mod words;
