//! A person's way through the questionnaire: the nouns, and where one stands.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::DiagnosisId;
use super::questionnaire::QuestionnaireId;
use crate::db::schema::{own_answer, own_attempt};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A way through a questionnaire.
    AttemptId;
}

text_enum! {
    /// How far it is.
    AttemptState {
        Begun = "begun" "начата",
        Finished = "finished" "завершена",
    }
}

/// A person's way through a version of the questionnaire.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = own_attempt, treat_none_as_default_value = false)]
pub struct Attempt {
    /// Id.
    pub id: AttemptId,
    /// The region.
    pub region_id: UnitId,
    /// Whose.
    pub person_id: PersonId,
    /// Through what.
    pub questionnaire_id: QuestionnaireId,
    /// How far.
    pub state: AttemptState,
    /// When the first answer was given.
    pub begun_at: NaiveDateTime,
    /// When it was finished.
    pub finished_at: Option<NaiveDateTime>,
    /// The passage that it became.
    pub diagnosis_id: Option<DiagnosisId>,
    /// Grows with each saving.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
}

/// What was chosen for a statement.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = own_answer, treat_none_as_default_value = false)]
pub struct Answered {
    /// The region.
    pub region_id: UnitId,
    /// Of which attempt.
    pub attempt_id: AttemptId,
    /// Code of the statement.
    pub statement: String,
    /// The anchor from 0; `None`: the statement is not about this person's work.
    pub value: Option<i32>,
    /// When it was chosen.
    pub answered_at: NaiveDateTime,
}

/// Where a person stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standing {
    /// The attempt that goes on.
    pub begun: Option<Attempt>,
    /// The last one that was finished.
    pub last: Option<Attempt>,
}

impl Standing {
    /// What tells one round from the next: the last one that was finished, 0 before the first.
    #[must_use]
    pub fn round(&self) -> i64 {
        self.last.as_ref().map_or(0, |last| last.id.0)
    }
}

/// Where a person stands.
///
/// # Errors
/// Those of the database.
pub fn standing(conn: &mut AnyConn, region: UnitId, person: PersonId) -> Result<Standing, DbError> {
    // The one that goes on is younger than all that were finished.
    let rows: Vec<Attempt> = own_attempt::table
        .filter(own_attempt::region_id.eq(region))
        .filter(own_attempt::person_id.eq(person))
        .order(own_attempt::id.desc())
        .limit(2)
        .select(Attempt::as_select())
        .load(conn)?;
    let (begun, finished): (Vec<Attempt>, Vec<Attempt>) =
        rows.into_iter().partition(|a| a.state == AttemptState::Begun);
    Ok(Standing {
        begun: begun.into_iter().next(),
        last: finished.into_iter().next(),
    })
}

/// What was answered in an attempt, by statement.
///
/// # Errors
/// Those of the database.
pub fn answers(conn: &mut AnyConn, of: &Attempt) -> Result<HashMap<String, Option<i32>>, DbError> {
    let rows: Vec<(String, Option<i32>)> = own_answer::table
        .filter(own_answer::region_id.eq(of.region_id))
        .filter(own_answer::attempt_id.eq(of.id))
        .select((own_answer::statement, own_answer::value))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
