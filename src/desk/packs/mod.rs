//! «Методики»: packs, their versions, what they describe.

pub mod bodies;
mod cycle;
pub mod difference;
pub mod edges;
pub mod editing;
pub mod list;
pub mod one;
