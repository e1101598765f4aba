//! An examination and what belongs to it, as they are stored.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::sheet::Sheet;
use crate::cycle::regulation::RegulationId;
use crate::db::schema::{
    examination, examination_act, examination_appeal, examination_document, examination_expert, examination_point,
    examination_unit,
};
use crate::error::Error;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// An examination.
    ExaminationId;
    /// A unit that is examined.
    ExaminedId;
    /// An expert of such a unit.
    SeatId;
}

text_enum! {
    /// What is done with a unit that is examined.
    ExaminationAct {
        Assign = "assign" "назначен эксперт",
        Unassign = "unassign" "эксперт снят",
        Done = "done" "эксперт закончил",
        GiveBack = "give_back" "оценка возвращена эксперту",
        LookAgain = "look_again" "экспертов просят посмотреть ещё раз",
        Leave = "leave" "расхождение оставлено",
        Announce = "announce" "результаты объявлены",
        Appeal = "appeal" "подана апелляция",
        Keep = "keep" "апелляция: балл оставлен",
        Change = "change" "апелляция: балл изменён",
    }
}

/// An examination.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = examination, treat_none_as_default_value = false)]
pub struct Examination {
    /// Id.
    pub id: ExaminationId,
    /// The region.
    pub region_id: UnitId,
    /// Code of the pack.
    pub pack: String,
    /// Name of the period.
    pub period: String,
    /// Title.
    pub title: String,
    /// The order that appoints it.
    pub order_id: Option<RegulationId>,
    /// The letter that tells units of it.
    pub letter_id: Option<RegulationId>,
    /// Last day to show documents.
    pub documents_until: NaiveDate,
    /// Last day to score.
    pub scoring_until: NaiveDate,
    /// Last day to appeal.
    pub appeals_until: NaiveDate,
    /// The divergence of experts that has to be explained, thousandths of a per cent of the maximum of a section.
    pub divergence_milli: i64,
    /// What is scored, as JSON.
    pub sheet: String,
    /// Grows with each change.
    pub version: i32,
    /// Who opened it.
    pub account_id: Option<i64>,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
}

impl Examination {
    /// What is scored.
    ///
    /// # Errors
    /// What is stored does not read.
    pub fn sheet(&self) -> Result<Sheet, Error> {
        serde_json::from_str(&self.sheet).map_err(|e| Error::Internal(format!("examination {}: {e}", self.id)))
    }
}

/// A unit that is examined.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = examination_unit, treat_none_as_default_value = false)]
pub struct Examined {
    /// Id.
    pub id: ExaminedId,
    /// The region.
    pub region_id: UnitId,
    /// The examination.
    pub examination_id: ExaminationId,
    /// The unit.
    pub unit_id: UnitId,
    /// The day on which it was told its points.
    pub announced_on: Option<NaiveDate>,
    /// Grows with each act of the operator.
    pub version: i32,
    /// When it was chosen.
    pub recorded_at: NaiveDateTime,
}

/// An expert of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = examination_expert, treat_none_as_default_value = false)]
pub struct Seat {
    /// Id.
    pub id: SeatId,
    /// The region.
    pub region_id: UnitId,
    /// The unit that is examined.
    pub examination_unit_id: ExaminedId,
    /// The expert.
    pub account_id: i64,
    /// Codes of sections with commas between them.
    pub sections: String,
    /// The day on which the expert finished.
    pub done_on: Option<NaiveDate>,
    /// Grows with each change.
    pub version: i32,
    /// When the expert was assigned.
    pub recorded_at: NaiveDateTime,
    /// When the expert was taken off.
    pub ended_at: Option<NaiveDateTime>,
}

impl Seat {
    /// Codes of its sections.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.sections.split(',').filter(|code| !code.is_empty())
    }

    /// Whether a section is the expert's.
    #[must_use]
    pub fn has(&self, section: &str) -> bool {
        self.codes().any(|code| code == section)
    }
}

/// A document, or the word that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = examination_document, treat_none_as_default_value = false)]
pub struct Document {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The unit that is examined.
    pub examination_unit_id: ExaminedId,
    /// The criterion that it shows.
    pub criterion: String,
    /// Whether there is none.
    pub is_absent: bool,
    /// Kind; empty where there is none.
    pub kind: String,
    /// Title, or why there is none.
    pub title: String,
    /// Number; empty for one without.
    pub number: String,
    /// Its date.
    pub issued_on: Option<NaiveDate>,
    /// Where it is.
    pub link: Option<String>,
    /// The same in the register of acts.
    pub regulation_id: Option<RegulationId>,
    /// Who said it.
    pub account_id: i64,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
}

/// What an expert says of a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = examination_point, treat_none_as_default_value = false)]
pub struct PointRow {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The expert.
    pub examination_expert_id: SeatId,
    /// The criterion, or the section for what is said of all of it.
    pub criterion: String,
    /// Points, thousandths.
    pub value_milli: Option<i64>,
    /// Whether nothing was presented.
    pub is_absent: bool,
    /// The comment.
    pub note: String,
    /// Codes of errors with commas between them.
    pub errors: String,
    /// Who typed it.
    pub account_id: i64,
    /// When.
    pub recorded_at: NaiveDateTime,
    /// When something else was said.
    pub superseded_at: Option<NaiveDateTime>,
}

impl PointRow {
    /// Codes of its errors.
    pub fn ticked(&self) -> impl Iterator<Item = &str> {
        self.errors.split(',').filter(|code| !code.is_empty())
    }

    /// Whether the criterion is scored, with points or as not presented.
    #[must_use]
    pub fn is_said(&self) -> bool {
        self.is_absent || self.value_milli.is_some()
    }
}

/// What a unit does not agree with.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = examination_appeal, treat_none_as_default_value = false)]
pub struct Appeal {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The unit that is examined.
    pub examination_unit_id: ExaminedId,
    /// The criterion.
    pub criterion: String,
    /// Why.
    pub reason: String,
    /// Where the proof lies.
    pub link: Option<String>,
    /// Who appeals.
    pub account_id: i64,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
    /// The new points, thousandths; none where they were kept.
    pub decided_milli: Option<i64>,
    /// Why it was decided so.
    pub decided_why: Option<String>,
    /// Who decided.
    pub decided_by: Option<i64>,
    /// In whose stead.
    pub decided_in_stead_of: Option<i64>,
    /// When.
    pub decided_at: Option<NaiveDateTime>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = examination_act, treat_none_as_default_value = false)]
pub struct ActRow {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The unit that is examined.
    pub examination_unit_id: ExaminedId,
    /// What.
    pub act: ExaminationAct,
    /// The expert it was about.
    pub examination_expert_id: Option<SeatId>,
    /// The criterion or the section it was about.
    pub criterion: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The day.
    pub on_date: NaiveDate,
    /// Who did it.
    pub account_id: i64,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
}
