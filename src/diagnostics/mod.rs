//! Procedures as held, passages of persons, results by competence.

pub mod model;

pub use model::{
    Diagnosis, DiagnosisId, DiagnosisKind, DiagnosisLevel, DiagnosisResult, Procedure, ProcedureId, ResultId,
};
