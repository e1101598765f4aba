//! Surveys of people: what is asked of whom by when, answering, and what the answers say together. Nobody learns who answered
//! what, and answers are read from five people up, once the survey is over.

pub mod answering;
pub mod model;
pub mod opening;
pub mod results;
pub mod store;

pub use model::{Sheet, Survey, SurveyId};
