//! The nouns: a procedure, a passage, a result.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::competence::{CompetenceId, ScaleId};
use crate::db::milli::Milli;
use crate::db::schema::{diagnosis, diagnosis_result, procedure};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A procedure.
    ProcedureId;
    /// One person's passage of a procedure.
    DiagnosisId;
    /// A result by competence.
    ResultId;
}

text_enum! {
    /// Why it was held. Self-assessment is never formal.
    DiagnosisKind {
        Full = "full" "полная",
        SelfAssessment = "self" "самодиагностика",
        Entry = "entry" "входная",
        CorporateOrder = "corporate_order" "корпоративный заказ",
        FollowUp = "follow_up" "повторная",
    }
}

text_enum! {
    /// Who held it.
    DiagnosisLevel {
        Federal = "federal" "федеральный",
        Regional = "regional" "региональный",
        Municipal = "municipal" "муниципальный",
        School = "school" "школьный",
    }
}

/// An assessment procedure as held.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = procedure, treat_none_as_default_value = false)]
pub struct Procedure {
    /// Id.
    pub id: ProcedureId,
    /// Stable code, the key of files.
    pub code: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: DiagnosisKind,
    /// Level.
    pub level: Option<DiagnosisLevel>,
    /// Who holds it.
    pub organiser_id: Option<UnitId>,
    /// First day.
    pub starts_on: Option<NaiveDate>,
    /// Last day, included.
    pub ends_on: Option<NaiveDate>,
    /// A result is valid through its date plus these days; `None` is without limit.
    pub valid_days: Option<i32>,
    /// Whether someone described it, or it was made from rows of a results file.
    pub described: bool,
    /// Grows with each change.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// One person's passage of a procedure on a day.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = diagnosis, treat_none_as_default_value = false)]
pub struct Diagnosis {
    /// Id.
    pub id: DiagnosisId,
    /// The region.
    pub region_id: UnitId,
    /// Who passed.
    pub person_id: PersonId,
    /// What.
    pub procedure_id: ProcedureId,
    /// Kind of this passage.
    pub kind: DiagnosisKind,
    /// Level, where the file gave it.
    pub level: Option<DiagnosisLevel>,
    /// The day.
    pub held_on: NaiveDate,
    /// Who held it, where it differs from the procedure.
    pub organiser_id: Option<UnitId>,
    /// Reference to the consent, where needed.
    pub consent: Option<String>,
    /// When the passage was withdrawn; its results then count nowhere.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// A result by competence. A replaced one stays, superseded.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = diagnosis_result, treat_none_as_default_value = false)]
pub struct DiagnosisResult {
    /// Id.
    pub id: ResultId,
    /// The region.
    pub region_id: UnitId,
    /// The passage.
    pub diagnosis_id: DiagnosisId,
    /// Whose.
    pub person_id: PersonId,
    /// Competence.
    pub competence_id: CompetenceId,
    /// School subject; empty where none.
    pub subject: String,
    /// Score.
    pub raw_milli: Milli,
    /// The most that could be scored, above zero.
    pub max_milli: Milli,
    /// The scale it is read by.
    pub scale_id: ScaleId,
    /// Sheet of the file.
    pub source_sheet: String,
    /// Row of the file.
    pub source_row: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another result took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}
