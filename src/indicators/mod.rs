//! Indicators as data: formulas over facts, packs of them, values of units and the people behind each number.

pub mod check;
pub mod condition;
pub mod counters;
pub mod difference;
pub mod edges;
pub mod edit;
pub mod evaluate;
pub mod finding;
pub mod form;
pub mod formula;
pub mod ground;
pub mod hook;
pub mod import;
pub mod load;
pub mod measures;
pub mod pack;
pub mod pack_check;
mod pack_text;
pub mod parse;
mod parse_test;
pub mod people;
pub mod reported;
pub mod scale;
pub mod scoring;
pub mod sets;
pub mod store;
pub mod subjects;
pub mod taking_part;
pub mod values;
pub mod words;

pub use condition::Subject;
pub use formula::{Formula, Leaf};
pub use hook::RefreshFacts;
pub use pack::{Indicator, Pack};
