//! What is known of each person and plan in each period, refreshed before every commit that touches what it rests on.

pub mod attributes;
pub mod by_id;
pub mod by_name;
pub mod check;
pub mod load;
pub mod model;
pub mod period;
pub mod person;
pub mod plan;
pub mod reference;
pub mod refresh;
pub mod sources;
pub mod store;

pub use model::{IomFact, MOST_PLACES, PersonFact, PersonFacts, PersonPlace};
pub use period::{Basis, FactPeriod, FactPeriodId, Window};
