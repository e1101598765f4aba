//! Units of a region, their dated tree, and the periods that things are counted over.

pub mod import;
mod kept;
pub mod model;
pub mod names;
pub mod period;
pub mod spans;
pub mod store;
pub mod tree;

pub use model::{Locality, MunicipalityKind, OrgKind, Unit, UnitId, UnitKind, UnitLink};
pub use period::{Period, PeriodKind};
pub use tree::{Group, Tree};
