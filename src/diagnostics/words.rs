//! How files name kinds and levels of a diagnosis.

use super::model::{DiagnosisKind, DiagnosisLevel};
use crate::exchange::Choice;

/// Kinds.
pub const KINDS: Choice<DiagnosisKind> = Choice {
    values: DiagnosisKind::ALL,
    code: DiagnosisKind::code,
    label: DiagnosisKind::label,
    more: &[
        ("самооценка", DiagnosisKind::SelfAssessment),
        ("корп. заказ", DiagnosisKind::CorporateOrder),
        ("корпоративная", DiagnosisKind::CorporateOrder),
    ],
    formulas: false,
};

/// Levels.
pub const LEVELS: Choice<DiagnosisLevel> = Choice {
    values: DiagnosisLevel::ALL,
    code: DiagnosisLevel::code,
    label: DiagnosisLevel::label,
    more: &[
        ("федеральная", DiagnosisLevel::Federal),
        ("региональная", DiagnosisLevel::Regional),
        ("муниципальная", DiagnosisLevel::Municipal),
        ("школьная", DiagnosisLevel::School),
        ("школа", DiagnosisLevel::School),
        ("оо", DiagnosisLevel::School),
    ],
    formulas: false,
};
