//! The nouns: a programme and the dictionary of topics.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::schema::programme;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A programme.
    ProgrammeId;
}

text_enum! {
    /// ДПП ПК or ДПП ПП.
    ProgrammeKind {
        Upskilling = "upskilling" "ПК",
        Retraining = "retraining" "ПП",
    }
}

text_enum! {
    /// Form of study.
    ProgrammeForm {
        FullTime = "full_time" "очная",
        Mixed = "mixed" "очно-заочная",
        Extramural = "extramural" "заочная",
    }
}

text_enum! {
    /// Topics that indicators ask for.
    Topic {
        EducationQualityAssessment = "education_quality_assessment" "оценка качества образования",
        LowPerformingSchools = "low_performing_schools" "школы с низкими результатами",
        GiftedChildren = "gifted_children" "способности и таланты",
        CareerGuidance = "career_guidance" "профориентация",
        Upbringing = "upbringing" "воспитание",
        PreschoolQuality = "preschool_quality" "качество дошкольного образования",
        FunctionalLiteracy = "functional_literacy" "функциональная грамотность",
        UpdatedFgos = "updated_fgos" "обновлённые ФГОС",
        DigitalEnvironment = "digital_environment" "цифровая среда",
        BurnoutPrevention = "burnout_prevention" "профилактика выгорания",
        GiaExpert = "gia_expert" "эксперты ГИА",
        AttestationExpert = "attestation_expert" "эксперты аттестации",
    }
}

/// A programme.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = programme, treat_none_as_default_value = false)]
pub struct Programme {
    /// Id.
    pub id: ProgrammeId,
    /// Stable code, the key of files.
    pub code: String,
    /// Title.
    pub name: String,
    /// Key for searching.
    pub search_key: String,
    /// ПК or ПП.
    pub kind: ProgrammeKind,
    /// Volume in academic hours.
    pub hours: i32,
    /// Form of study.
    pub form: Option<ProgrammeForm>,
    /// Who gives it.
    pub provider_id: Option<UnitId>,
    /// Number in the federal register.
    pub federal_ref: Option<String>,
    /// With distance technologies.
    pub distance: bool,
    /// With e-learning.
    pub e_learning: bool,
    /// Made from the results of a diagnosis.
    pub deficit_based: bool,
    /// Within a priority federal programme.
    pub priority_federal: bool,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}
