//! Procedures as held, passages of persons, results by competence.

pub mod import;
pub mod import_procedures;
pub mod model;
pub mod words;

pub use model::{
    Diagnosis, DiagnosisId, DiagnosisKind, DiagnosisLevel, DiagnosisResult, Procedure, ProcedureId, ResultId,
};
