//! Reading surveys, those who are asked and those who have answered.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use foldhash::{HashMap, HashMapExt as _};

use super::model::{Participant, Survey, SurveyId};
use crate::db::schema::{employment, survey, survey_participant};
use crate::db::{AnyConn, DbError};
use crate::each_db;
use crate::people::store::worked_on;
use crate::people::{EmploymentKind, PersonId, StaffKind};
use crate::units::UnitId;

/// Surveys of a region, the latest to open first.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Survey>, DbError> {
    Ok(survey::table
        .filter(survey::region_id.eq(region))
        .order((survey::opens_on.desc(), survey::id.desc()))
        .select(Survey::as_select())
        .load(conn)?)
}

/// A survey of a region.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, region: UnitId, id: SurveyId) -> Result<Option<Survey>, DbError> {
    Ok(survey::table
        .filter(survey::region_id.eq(region))
        .filter(survey::id.eq(id))
        .select(Survey::as_select())
        .first(conn)
        .optional()?)
}

/// How many have answered, by survey and by where they worked.
///
/// # Errors
/// Those of the database.
pub fn answered(conn: &mut AnyConn, region: UnitId) -> Result<BTreeMap<SurveyId, BTreeMap<UnitId, i64>>, DbError> {
    let rows: Vec<(SurveyId, UnitId, i64)> = survey_participant::table
        .filter(survey_participant::region_id.eq(region))
        .group_by((survey_participant::survey_id, survey_participant::organisation_id))
        .select((
            survey_participant::survey_id,
            survey_participant::organisation_id,
            count_star(),
        ))
        .load(conn)?;
    let mut found: BTreeMap<SurveyId, BTreeMap<UnitId, i64>> = BTreeMap::new();
    for (survey, organisation, many) in rows {
        found.entry(survey).or_default().insert(organisation, many);
    }
    Ok(found)
}

/// How many people are asked on a day, each in the place that the person answers from.
///
/// # Errors
/// Those of the database.
pub fn asked(
    conn: &mut AnyConn,
    region: UnitId,
    kinds: &[StaffKind],
    day: NaiveDate,
) -> Result<BTreeMap<UnitId, i64>, DbError> {
    let jobs: Vec<(PersonId, Job)> = employment::table
        .filter(employment::region_id.eq(region))
        .filter(employment::staff_kind.eq_any(kinds))
        .filter(worked_on(day))
        .select((
            employment::person_id,
            (employment::kind, employment::id, employment::organisation_id),
        ))
        .load(conn)?;
    let mut places: HashMap<PersonId, Job> = HashMap::with_capacity(jobs.len());
    for (person, job) in jobs {
        let first = places.entry(person).or_insert(job);
        if order(&job) < order(first) {
            *first = job;
        }
    }
    let mut found: BTreeMap<UnitId, i64> = BTreeMap::new();
    for (.., unit) in places.into_values() {
        *found.entry(unit).or_default() += 1;
    }
    Ok(found)
}

/// A job: how it is held, its id, where.
type Job = (EmploymentKind, i64, UnitId);

/// Which of several jobs a person answers from: the main one first, then the oldest row.
fn order((kind, id, _): &Job) -> (bool, i64) {
    (*kind != EmploymentKind::Main, *id)
}

/// Where a person answers from on a day: the main job of those that a survey asks, else the first one; `None` where it does
/// not ask this person.
///
/// # Errors
/// Those of the database.
pub fn place_of(
    conn: &mut AnyConn,
    (region, person): (UnitId, PersonId),
    kinds: &[StaffKind],
    day: NaiveDate,
) -> Result<Option<UnitId>, DbError> {
    let mut jobs: Vec<Job> = employment::table
        .filter(employment::region_id.eq(region))
        .filter(employment::person_id.eq(person))
        .filter(employment::staff_kind.eq_any(kinds))
        .filter(worked_on(day))
        .select((employment::kind, employment::id, employment::organisation_id))
        .load(conn)?;
    jobs.sort_by_key(order);
    Ok(jobs.first().map(|(.., unit)| *unit))
}

/// What a person has answered.
///
/// # Errors
/// Those of the database.
pub fn of_person(conn: &mut AnyConn, region: UnitId, person: PersonId) -> Result<Vec<Participant>, DbError> {
    Ok(survey_participant::table
        .filter(survey_participant::region_id.eq(region))
        .filter(survey_participant::person_id.eq(person))
        .select(Participant::as_select())
        .load(conn)?)
}

/// A survey that a person is asked, or has answered.
#[derive(Debug, Clone)]
pub struct Own {
    /// The survey.
    pub of: Survey,
    /// When it was answered.
    pub answered: Option<Participant>,
}

/// The surveys that wait for a person: open today, and not answered. Where none is open, as on most days, nothing more is read.
///
/// # Errors
/// Those of the database.
pub fn waiting(conn: &mut AnyConn, region: UnitId, person: PersonId, today: NaiveDate) -> Result<Vec<Survey>, DbError> {
    // Asked by every page of a plan: a statement that stays prepared.
    let open: i64 = each_db!(conn, c => survey::table
        .filter(survey::region_id.eq(region))
        .filter(survey::opens_on.le(today))
        .filter(survey::closes_on.ge(today))
        .count()
        .get_result(c))?;
    if open == 0 {
        return Ok(Vec::new());
    }
    let own = own(conn, region, person, today)?;
    Ok(own
        .into_iter()
        .filter(|own| own.answered.is_none())
        .map(|own| own.of)
        .collect())
}

/// The surveys of a person: those that are open and ask this person, and those that were answered; the open ones first.
///
/// # Errors
/// Those of the database.
pub fn own(conn: &mut AnyConn, region: UnitId, person: PersonId, today: NaiveDate) -> Result<Vec<Own>, DbError> {
    let mut answered: BTreeMap<SurveyId, Participant> = of_person(conn, region, person)?
        .into_iter()
        .map(|p| (p.survey_id, p))
        .collect();
    let jobs: Vec<StaffKind> = employment::table
        .filter(employment::region_id.eq(region))
        .filter(employment::person_id.eq(person))
        .filter(worked_on(today))
        .select(employment::staff_kind)
        .load(conn)?;
    let own = all(conn, region)?.into_iter().filter_map(|of| {
        let answered = answered.remove(&of.id);
        let asks = of.is_open(today) && of.kinds().iter().any(|kind| jobs.contains(kind));
        (asks || answered.is_some()).then_some(Own { of, answered })
    });
    let (waiting, rest): (Vec<Own>, Vec<Own>) = own.partition(|own| own.answered.is_none());
    Ok(waiting.into_iter().chain(rest).collect())
}

/// How many people of a region are asked on a day: each once, wherever they work.
///
/// # Errors
/// Those of the database.
pub fn people_asked(conn: &mut AnyConn, region: UnitId, kinds: &[StaffKind], day: NaiveDate) -> Result<i64, DbError> {
    Ok(employment::table
        .filter(employment::region_id.eq(region))
        .filter(employment::staff_kind.eq_any(kinds))
        .filter(worked_on(day))
        .select(count(employment::person_id).aggregate_distinct())
        .first(conn)?)
}
