//! The yearly examination of units: what they show, what experts who do not see each other give, what is announced, what is
//! appealed against, which errors come again.

pub mod acts;
pub mod announce;
pub mod appeal;
pub mod documents;
pub mod experts;
pub mod full_cycle;
pub mod model;
pub mod opening;
pub mod scoring;
pub mod sheet;
pub mod standing;
pub mod store;
pub mod typical;

pub use model::{Examination, ExaminationId, Examined, ExaminedId, Seat, SeatId};
