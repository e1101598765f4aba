//! Applications that wait for the head of the organisation: whose, for which course, by which step of the plan.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::catalogue::{ProgrammeForm, ProgrammeId};
use crate::db::schema::{competence, enrolment, iom, iom_deficit, iom_item, person, programme};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::working;
use crate::enrolment::{EnrolmentId, EnrolmentState};
use crate::iom::{DeficitId, IomId, IomState};
use crate::pages::text::short_name;
use crate::people::PersonId;
use crate::units::UnitId;

/// An application.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its id.
    pub id: EnrolmentId,
    /// Whose.
    pub person: PersonId,
    /// Фамилия И. О.
    pub who: String,
    /// Key for searching.
    pub search_key: String,
    /// Title of the course.
    pub course: String,
    /// Volume in hours.
    pub hours: i32,
    /// Form of study.
    pub form: Option<ProgrammeForm>,
    /// The plan that asked for it.
    pub plan: IomId,
    /// Number of the step in the plan.
    pub item: i32,
    /// By when the step is due.
    pub due_on: Option<NaiveDate>,
    /// When it was sent.
    pub applied_on: NaiveDate,
    /// Name of the competence that the step works on.
    pub topic: Option<String>,
    /// How often the person's applications for this course have changed.
    pub seen: i32,
}

type Row = (
    (EnrolmentId, PersonId, ProgrammeId, NaiveDate),
    (IomId, i32, Option<NaiveDate>, Option<DeficitId>),
    (String, i32, Option<ProgrammeForm>),
    (String, String, Option<String>, String),
);

/// Applications of people who work in organisations today, the longest waiting first.
///
/// # Errors
/// Those of the database.
pub fn waiting(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &[UnitId],
    today: NaiveDate,
) -> Result<Vec<Application>, DbError> {
    let staff = working(region, organisations.to_vec(), today);
    let rows: Vec<Row> = enrolment::table
        .inner_join(
            iom_item::table.on(iom_item::region_id
                .eq(enrolment::region_id)
                .and(iom_item::id.nullable().eq(enrolment::item_id))),
        )
        .inner_join(
            iom::table.on(iom::region_id
                .eq(enrolment::region_id)
                .and(iom::id.eq(iom_item::iom_id))),
        )
        .inner_join(programme::table.on(programme::id.eq(enrolment::programme_id)))
        .inner_join(
            person::table.on(person::region_id
                .eq(enrolment::region_id)
                .and(person::id.eq(enrolment::person_id))),
        )
        .filter(enrolment::region_id.eq(region))
        .filter(enrolment::state.eq(EnrolmentState::Applied))
        .filter(enrolment::person_id.eq_any(staff))
        .filter(iom::state.eq_any([IomState::Approved, IomState::Active, IomState::Paused]))
        .order((enrolment::applied_on, person::sort_key, enrolment::id))
        .select((
            (
                enrolment::id,
                enrolment::person_id,
                enrolment::programme_id,
                enrolment::applied_on,
            ),
            (iom::id, iom_item::number, iom_item::due_on, iom_item::deficit_id),
            (programme::name, programme::hours, programme::form),
            (
                person::last_name,
                person::first_name,
                person::patronymic,
                person::search_key,
            ),
        ))
        .load(conn)?;
    let deficits: Vec<DeficitId> = rows.iter().filter_map(|(_, (.., deficit), ..)| *deficit).collect();
    let topics = topics(conn, region, &deficits)?;
    let persons: Vec<PersonId> = rows.iter().map(|((_, person, ..), ..)| *person).collect();
    let versions = versions(conn, region, &persons)?;
    let of = |row: Row| {
        let seen = versions.get(&(row.0.1, row.0.2)).copied().unwrap_or_default();
        application(row, &topics, seen)
    };
    Ok(rows.into_iter().map(of).collect())
}

/// How often the applications of persons for each course have changed, as an act on one compares it.
///
/// # Errors
/// Those of the database.
pub fn versions(
    conn: &mut AnyConn,
    region: UnitId,
    persons: &[PersonId],
) -> Result<HashMap<(PersonId, ProgrammeId), i32>, DbError> {
    let mut found = HashMap::new();
    for block in persons.chunks(1000) {
        let rows: Vec<(PersonId, ProgrammeId, i32)> = enrolment::table
            .filter(enrolment::region_id.eq(region))
            .filter(enrolment::person_id.eq_any(block))
            .select((enrolment::person_id, enrolment::programme_id, enrolment::version))
            .load(conn)?;
        for (person, programme, version) in rows {
            *found.entry((person, programme)).or_default() += version;
        }
    }
    Ok(found)
}

/// Whose application each of these is and which step it serves, in whatever state, of people who work in organisations
/// today.
///
/// # Errors
/// Those of the database.
pub fn of_ids(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &[UnitId],
    ids: &[i64],
    today: NaiveDate,
) -> Result<Vec<(EnrolmentId, PersonId, i32)>, DbError> {
    let mut all = Vec::new();
    for block in ids.chunks(1000) {
        let found: Vec<(EnrolmentId, PersonId, i32)> = enrolment::table
            .inner_join(
                iom_item::table.on(iom_item::region_id
                    .eq(enrolment::region_id)
                    .and(iom_item::id.nullable().eq(enrolment::item_id))),
            )
            .filter(enrolment::region_id.eq(region))
            .filter(enrolment::id.eq_any(block))
            .filter(enrolment::person_id.eq_any(working(region, organisations.to_vec(), today)))
            .select((enrolment::id, enrolment::person_id, iom_item::number))
            .load(conn)?;
        all.extend(found);
    }
    Ok(all)
}

/// How many of these applications, in whatever state, are of people who work in organisations today.
///
/// # Errors
/// Those of the database.
pub fn known(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &[UnitId],
    ids: &[i64],
    today: NaiveDate,
) -> Result<usize, DbError> {
    let mut known = 0;
    for block in ids.chunks(1000) {
        let found: i64 = enrolment::table
            .filter(enrolment::region_id.eq(region))
            .filter(enrolment::id.eq_any(block))
            .filter(enrolment::person_id.eq_any(working(region, organisations.to_vec(), today)))
            .count()
            .get_result(conn)?;
        known += usize::try_from(found).unwrap_or_default();
    }
    Ok(known)
}

/// Those of the people who work in some organisations today.
///
/// # Errors
/// Those of the database.
pub fn at_work(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &[UnitId],
    persons: &[PersonId],
    today: NaiveDate,
) -> Result<Vec<PersonId>, DbError> {
    let mut found = Vec::new();
    for block in persons.chunks(1000) {
        let rows: Vec<PersonId> = person::table
            .filter(person::region_id.eq(region))
            .filter(person::id.eq_any(block))
            .filter(person::id.eq_any(working(region, organisations.to_vec(), today)))
            .select(person::id)
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

fn application(
    ((id, person, _, applied_on), (plan, item, due_on, deficit), (course, hours, form), names): Row,
    topics: &HashMap<DeficitId, String>,
    seen: i32,
) -> Application {
    let (last, first, patronymic, search_key) = names;
    Application {
        id,
        person,
        who: short_name(&last, &first, patronymic.as_deref()),
        search_key,
        course,
        hours,
        form,
        plan,
        item,
        due_on,
        applied_on,
        topic: deficit.and_then(|d| topics.get(&d)).cloned(),
        seen,
    }
}

/// Names of the competences of deficits.
///
/// # Errors
/// Those of the database.
pub fn topics(
    conn: &mut AnyConn,
    region: UnitId,
    deficits: &[DeficitId],
) -> Result<HashMap<DeficitId, String>, DbError> {
    let mut found = HashMap::new();
    for block in deficits.chunks(1000) {
        let rows: Vec<(DeficitId, String)> = iom_deficit::table
            .inner_join(competence::table.on(competence::id.eq(iom_deficit::competence_id)))
            .filter(iom_deficit::region_id.eq(region))
            .filter(iom_deficit::id.eq_any(block))
            .select((iom_deficit::id, competence::name))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}
