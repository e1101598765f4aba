//! The queries of people.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Employment, EmploymentId, EmploymentSubject, Person, PersonId};
use super::snils::Snils;
pub(crate) use crate::db::in_force::worked_on;
use crate::db::schema::{employment, employment_subject, person};
use crate::db::{AnyConn, DbError, Tx};
use crate::exchange::Batch;
use crate::units::UnitId;
use crate::web::{Reach, Scope};
use crate::{among, each_db};

/// Persons of all regions with these СНИЛС, each with the region.
///
/// # Errors
/// Those of the database.
pub fn with_snils(conn: &mut AnyConn, snils: &[String]) -> Result<Vec<(PersonId, UnitId)>, DbError> {
    let mut found = Vec::new();
    for block in snils.chunks(1000) {
        let rows: Vec<(PersonId, UnitId)> = person::table
            .filter(person::snils.eq_any(block))
            .select((person::id, person::region_id))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Persons with a СНИЛС that the scope sees: one per region at most.
///
/// # Errors
/// Those of the database.
pub fn by_snils(conn: &mut AnyConn, scope: &Scope, snils: &Snils) -> Result<Vec<Person>, DbError> {
    let mut query = person::table
        .filter(person::snils.eq(snils.as_str()))
        .select(Person::as_select())
        .into_boxed();
    if let Reach::Some { organisations, persons } = &scope.reach {
        let working = employment::table
            .filter(employment::organisation_id.eq_any(organisations.clone()))
            .filter(employment::superseded_at.is_null())
            .select(employment::person_id);
        query = query.filter(person::id.eq_any(persons.clone()).or(person::id.eq_any(working)));
    }
    Ok(query.order(person::region_id).load(conn)?)
}

/// Persons of a region who work in organisations on a day: for conditions of a query.
#[diesel::dsl::auto_type]
pub(crate) fn working(region: UnitId, organisations: Vec<UnitId>, day: NaiveDate) -> _ {
    let worked: worked_on = worked_on(day);
    employment::table
        .filter(employment::region_id.eq(region))
        .filter(employment::organisation_id.eq_any(organisations))
        .filter(worked)
        .select(employment::person_id)
}

/// Jobs in force (not superseded) of persons of several regions, whatever their dates.
///
/// # Errors
/// Those of the database.
pub fn employments(
    conn: &mut AnyConn,
    persons: impl IntoIterator<Item = (UnitId, PersonId)>,
) -> Result<Vec<Employment>, DbError> {
    let mut regions: BTreeMap<UnitId, Vec<PersonId>> = BTreeMap::new();
    for (region, person) in persons {
        regions.entry(region).or_default().push(person);
    }
    let mut found = Vec::new();
    for (region, persons) in regions {
        found.extend(jobs(conn, region, &persons)?);
    }
    Ok(found)
}

/// Where a person works or worked: who, the organisation, the first and the last day of the job.
pub type Workplace = (PersonId, UnitId, NaiveDate, Option<NaiveDate>);

/// Where persons of any region work or worked.
///
/// # Errors
/// Those of the database.
pub fn workplaces(conn: &mut AnyConn, persons: &[PersonId]) -> Result<Vec<Workplace>, DbError> {
    let mut found = Vec::new();
    for block in persons.chunks(1000) {
        let rows: Vec<Workplace> = among!(conn, c, employment::table, employment::person_id, block, rows => rows
            .filter(employment::superseded_at.is_null())
            .select((
                employment::person_id,
                employment::organisation_id,
                employment::valid_from,
                employment::valid_to,
            ))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// Persons of any region with one of these numbers, for imports.
///
/// # Errors
/// Those of the database.
pub fn with_numbers(conn: &mut AnyConn, numbers: &[&str]) -> Result<Vec<Person>, DbError> {
    let mut found = Vec::new();
    for block in numbers.chunks(1000) {
        let rows: Vec<Person> = each_db!(conn, c => person::table
            .filter(person::snils.eq_any(block))
            .select(Person::as_select())
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// Persons of a region without a number.
///
/// # Errors
/// Those of the database.
pub fn without_number(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Person>, DbError> {
    Ok(person::table
        .filter(person::region_id.eq(region))
        .filter(person::snils.is_null())
        .select(Person::as_select())
        .load(conn)?)
}

/// Persons of a region by the search keys of their full names.
///
/// # Errors
/// Those of the database.
pub fn named(conn: &mut AnyConn, region: UnitId, keys: &[&str]) -> Result<Vec<Person>, DbError> {
    let mut found = Vec::new();
    for block in keys.chunks(1000) {
        let rows: Vec<Person> = person::table
            .filter(person::region_id.eq(region))
            .filter(person::search_key.eq_any(block))
            .select(Person::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Those of these persons whom a file may write of; all others are as if they were not there.
///
/// # Errors
/// Those of the database.
pub fn open_to(tx: &mut Tx<'_>, batch: &Batch, mut found: Vec<Person>) -> Result<Vec<Person>, DbError> {
    found.retain(|p| batch.reaches(p.region_id.0));
    let ids: Vec<i64> = found.iter().map(|p| p.id.0).collect();
    let seen = batch.seen(tx, &ids)?;
    found.retain(|p| seen.contains(&p.id.0));
    Ok(found)
}

/// Jobs in force of persons of one region.
///
/// # Errors
/// Those of the database.
pub fn jobs(conn: &mut AnyConn, region: UnitId, persons: &[PersonId]) -> Result<Vec<Employment>, DbError> {
    let mut found = Vec::new();
    for block in persons.chunks(1000) {
        let rows: Vec<Employment> = among!(conn, c, employment::table, employment::person_id, block, rows => rows
            .filter(employment::region_id.eq(region))
            .filter(employment::superseded_at.is_null())
            .select(Employment::as_select())
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// Subjects of jobs of one region.
///
/// # Errors
/// Those of the database.
pub fn subjects(conn: &mut AnyConn, region: UnitId, jobs: &[EmploymentId]) -> Result<Vec<EmploymentSubject>, DbError> {
    let mut found = Vec::new();
    for block in jobs.chunks(1000) {
        let rows: Vec<EmploymentSubject> = employment_subject::table
            .filter(employment_subject::region_id.eq(region))
            .filter(employment_subject::employment_id.eq_any(block))
            .select(EmploymentSubject::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}
