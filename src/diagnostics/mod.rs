//! Procedures as held, passages of persons, results by competence.

pub mod attend;
pub mod import;
pub mod import_procedures;
pub mod invite;
pub mod model;
pub mod own;
pub mod own_answer;
pub mod own_finish;
pub mod procedure;
pub mod questionnaire;
pub mod region_scale;
pub mod release;
pub mod rescale;
mod scores;
pub mod store;
pub mod tool;
mod wide;
pub mod words;

pub use model::{
    Diagnosis, DiagnosisId, DiagnosisKind, DiagnosisLevel, DiagnosisResult, Invitation, InvitationAnswer, InvitationId,
    InvitedFor, Procedure, ProcedureId, ProcedureState, ResultId,
};
