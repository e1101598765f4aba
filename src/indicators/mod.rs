//! Indicators as data: formulas over facts, packs of them, values of units and the people behind each number.

mod causes;
pub mod change;
pub mod change_list;
pub mod check;
pub mod condition;
pub mod contributions;
pub mod counters;
pub mod edges;
pub mod evaluate;
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
pub mod versions;
pub mod words;

pub use causes::Cause;
pub use condition::Subject;
pub use formula::{Formula, Leaf};
pub use hook::RefreshFacts;
pub use pack::{Indicator, Pack};
