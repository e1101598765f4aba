//! Indicators as data: formulas over facts, packs of them, values of units and the people behind each number.

pub mod check;
pub mod condition;
pub mod counters;
pub mod formula;
pub mod hook;
pub mod load;
pub mod measures;
pub mod pack;
pub mod people;
pub mod reported;
pub mod store;
pub mod values;

pub use condition::Subject;
pub use formula::{Formula, Leaf};
pub use hook::RefreshFacts;
pub use pack::{Indicator, Pack};
