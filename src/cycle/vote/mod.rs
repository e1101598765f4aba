//! Votes of colleagues for a title of a year: opening, voices, what they come to, the award. Nobody learns who voted for whom,
//! and voices are counted once the vote is over.

pub mod award;
pub mod ballot;
pub mod model;
pub mod opening;
pub mod results;
pub mod store;

pub use model::{Vote, VoteId};
