//! A survey and what belongs to it, as they are stored.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::cycle::regulation::RegulationId;
use crate::db::schema::{survey, survey_answer, survey_participant, survey_sheet};
use crate::db::types::codes;
use crate::error::Error;
use crate::id_newtype;
use crate::indicators::pack_surveys::Question;
use crate::people::{PersonId, StaffKind};
use crate::units::UnitId;

id_newtype! {
    /// A survey.
    SurveyId;
    /// The answers of one person together.
    SheetId;
}

/// A survey.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = survey, treat_none_as_default_value = false)]
pub struct Survey {
    /// Id.
    pub id: SurveyId,
    /// The region.
    pub region_id: UnitId,
    /// Code of the pack.
    pub pack: String,
    /// Code of the description in it.
    pub template: String,
    /// Title.
    pub title: String,
    /// What it is held for.
    pub guide: String,
    /// Kinds of staff that are asked, a set of codes.
    pub audience: String,
    /// First day.
    pub opens_on: NaiveDate,
    /// Last day, included.
    pub closes_on: NaiveDate,
    /// How many minutes it takes a person.
    pub minutes: i32,
    /// What is asked, as JSON.
    pub questions: String,
    /// The act that approves it.
    pub regulation_id: Option<RegulationId>,
    /// Grows with each change.
    pub version: i32,
    /// Who opened it.
    pub account_id: Option<i64>,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// When.
    pub recorded_at: NaiveDateTime,
}

impl Survey {
    /// What is asked, in order.
    ///
    /// # Errors
    /// What is stored does not read.
    pub fn questions(&self) -> Result<Vec<Question>, Error> {
        serde_json::from_str(&self.questions).map_err(|e| Error::Internal(format!("survey {}: {e}", self.id)))
    }

    /// Kinds of staff that are asked.
    #[must_use]
    pub fn kinds(&self) -> Vec<StaffKind> {
        codes(&self.audience).filter_map(StaffKind::from_code).collect()
    }

    /// Whether it takes answers on a day.
    #[must_use]
    pub fn is_open(&self, today: NaiveDate) -> bool {
        (self.opens_on..=self.closes_on).contains(&today)
    }

    /// Whether it takes no answers any more, so that they may be read.
    #[must_use]
    pub fn is_over(&self, today: NaiveDate) -> bool {
        today > self.closes_on || crate::planted!("answers_read_early")
    }

    /// The day on which those who are asked are counted: today while it goes on, its last day afterwards.
    #[must_use]
    pub fn counted_on(&self, today: NaiveDate) -> NaiveDate {
        today.clamp(self.opens_on, self.closes_on)
    }
}

/// Who has answered.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = survey_participant, treat_none_as_default_value = false)]
pub struct Participant {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The survey.
    pub survey_id: SurveyId,
    /// Who.
    pub person_id: PersonId,
    /// Where the person worked then.
    pub organisation_id: UnitId,
    /// When.
    pub recorded_at: NaiveDateTime,
}

/// The answers of one person together; whose they are is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = survey_sheet, treat_none_as_default_value = false)]
pub struct Sheet {
    /// Id.
    pub id: SheetId,
    /// The region.
    pub region_id: UnitId,
    /// The survey.
    pub survey_id: SurveyId,
    /// Where the person worked.
    pub organisation_id: UnitId,
}

/// What was answered to a question.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = survey_answer, treat_none_as_default_value = false)]
pub struct Answer {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: UnitId,
    /// The sheet that it stands on.
    pub survey_sheet_id: SheetId,
    /// The question.
    pub question: String,
    /// The place of the option from 0; `None` for words.
    pub choice: Option<i32>,
    /// The words.
    pub words: Option<String>,
}
