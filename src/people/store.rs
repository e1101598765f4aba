//! The queries of people.

use diesel::prelude::*;

use super::model::{Employment, Person, PersonId};
use super::snils::Snils;
use crate::db::schema::{employment, person};
use crate::db::{AnyConn, DbError};
use crate::web::{Reach, Scope};

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

/// Jobs in force (not superseded) of persons, whatever their dates.
///
/// # Errors
/// Those of the database.
pub fn employments(conn: &mut AnyConn, persons: &[PersonId]) -> Result<Vec<Employment>, DbError> {
    let mut found = Vec::new();
    for block in persons.chunks(1000) {
        let rows: Vec<Employment> = employment::table
            .filter(employment::person_id.eq_any(block))
            .filter(employment::superseded_at.is_null())
            .select(Employment::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}
