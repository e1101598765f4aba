//! A vacancy: a post that a list says is free from a day to a day.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::db::milli::Milli;
use crate::db::schema::vacancy;
use crate::db::{AnyConn, DbError};
use crate::error::Refusal;
use crate::units::UnitId;
use crate::{id_newtype, text_enum};

id_newtype! {
    /// A record of a vacancy.
    VacancyId;
}

text_enum! {
    /// Whose list names it.
    VacancySource {
        Own = "own" "сведения организаций",
        Municipal = "municipal" "перечень муниципалитета",
        Official = "official" "официальный перечень",
    }
}

/// A vacancy of a list.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = vacancy, treat_none_as_default_value = false)]
pub struct Vacancy {
    /// Id.
    pub id: VacancyId,
    /// The region.
    pub region_id: UnitId,
    /// Where.
    pub organisation_id: UnitId,
    /// Должность as written.
    pub position: String,
    /// Key of the position.
    pub position_key: String,
    /// Subject as written; empty for a post without one.
    pub subject: String,
    /// Key of the subject.
    pub subject_key: String,
    /// How many rates are free.
    pub rate_milli: Option<Milli>,
    /// First day.
    pub valid_from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub valid_to: Option<NaiveDate>,
    /// Whose list names it.
    pub source: VacancySource,
    /// Where it is published.
    pub link: Option<String>,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When another record took its place.
    pub superseded_at: Option<NaiveDateTime>,
    /// The file that brought it.
    pub batch_id: Option<i64>,
}

/// What a vacancy is told apart by within its list: organisation, position, subject and source, first day.
pub type VacancyKey = (UnitId, String, String, VacancySource, NaiveDate);

impl Vacancy {
    /// What it is told apart by within its list.
    #[must_use]
    pub fn key(&self) -> VacancyKey {
        (
            self.organisation_id,
            self.position_key.clone(),
            self.subject_key.clone(),
            self.source,
            self.valid_from,
        )
    }

    /// Whether it is open on a day.
    #[must_use]
    pub fn is_open(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day < to)
    }
}

/// The most that one record says is free: more is a lost comma.
const MOST: Milli = Milli(10_000);

/// Refuses a rate that nobody can be taken on for.
#[must_use]
pub fn odd_rate(rate: Milli) -> Option<Refusal> {
    (rate.0 <= 0 || rate > MOST).then(|| Refusal::new("people.vacancy_rate"))
}

/// The vacancy that a record of a region tells of, as it stands: the record itself, or the one that took its place.
///
/// # Errors
/// Those of the database.
pub fn standing(conn: &mut AnyConn, region: UnitId, id: VacancyId) -> Result<Option<Vacancy>, DbError> {
    let known: Option<Vacancy> = vacancy::table
        .filter(vacancy::region_id.eq(region))
        .filter(vacancy::id.eq(id))
        .select(Vacancy::as_select())
        .first(conn)
        .optional()?;
    match known {
        Some(known) if known.superseded_at.is_some() => Ok(vacancy::table
            .filter(vacancy::region_id.eq(region))
            .filter(vacancy::organisation_id.eq(known.organisation_id))
            .filter(vacancy::position_key.eq(known.position_key))
            .filter(vacancy::subject_key.eq(known.subject_key))
            .filter(vacancy::source.eq(known.source))
            .filter(vacancy::valid_from.eq(known.valid_from))
            .filter(vacancy::superseded_at.is_null())
            .select(Vacancy::as_select())
            .first(conn)
            .optional()?),
        known => Ok(known),
    }
}

/// Vacancies in force of organisations of a region (`None`: of all of them), whatever their days.
///
/// # Errors
/// Those of the database.
pub fn in_force(conn: &mut AnyConn, region: UnitId, organisations: Option<&[UnitId]>) -> Result<Vec<Vacancy>, DbError> {
    let all = || {
        vacancy::table
            .filter(vacancy::region_id.eq(region))
            .filter(vacancy::superseded_at.is_null())
            .order((vacancy::position_key, vacancy::subject_key, vacancy::id))
            .select(Vacancy::as_select())
    };
    let Some(organisations) = organisations else {
        return Ok(all().load(conn)?);
    };
    let mut found: Vec<Vacancy> = Vec::new();
    for block in organisations.chunks(1000) {
        found.extend(
            all()
                .filter(vacancy::organisation_id.eq_any(block))
                .load::<Vacancy>(conn)?,
        );
    }
    found.sort_by(|a, b| (&a.position_key, &a.subject_key, a.id).cmp(&(&b.position_key, &b.subject_key, b.id)));
    Ok(found)
}
