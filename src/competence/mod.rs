//! Frameworks of competences, their groups, and the scales that turn a score into a level.

pub mod called;
pub mod import;
pub mod model;
pub mod reference;
pub mod scale;

pub use called::Called;
pub use model::{Competence, CompetenceId, ScaleDirection, ScaleId};
pub use scale::Band;
