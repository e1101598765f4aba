//! What can be learnt: programmes, the competences they develop, their topics.

pub mod import;
pub mod model;

pub use model::{Programme, ProgrammeForm, ProgrammeId, ProgrammeKind, Topic};
