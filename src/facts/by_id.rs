//! Facts of everyone in a region and a period in the order of ids, read along the keys: for whoever counts everything.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{IomFact, PersonFact, PersonFacts, PersonPlace};
use super::period::FactPeriodId;
use crate::db::schema::{iom_fact, person_fact, person_place};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::units::UnitId;

/// People read at once.
const STEP: i64 = 5000;

/// Shows everyone.
///
/// # Errors
/// Those of the database.
pub fn each(
    conn: &mut AnyConn,
    region: UnitId,
    period: FactPeriodId,
    mut seen: impl FnMut(&PersonFacts),
) -> Result<(), DbError> {
    // Plans stand by their own ids.
    let mut plans: HashMap<PersonId, Vec<IomFact>> = HashMap::new();
    let rows: Vec<IomFact> = iom_fact::table
        .filter(iom_fact::region_id.eq(region))
        .filter(iom_fact::period_id.eq(period))
        .order(iom_fact::iom_id)
        .select(IomFact::as_select())
        .load(conn)?;
    for row in rows {
        plans.entry(row.person_id).or_default().push(row);
    }
    let mut after = PersonId(i64::MIN);
    loop {
        let persons: Vec<PersonFact> = person_fact::table
            .filter(person_fact::region_id.eq(region))
            .filter(person_fact::period_id.eq(period))
            .filter(person_fact::person_id.gt(after))
            .order(person_fact::person_id)
            .limit(STEP)
            .select(PersonFact::as_select())
            .load(conn)?;
        let (Some(first), Some(last)) = (persons.first(), persons.last()) else {
            return Ok(());
        };
        let (first, last) = (first.person_id, last.person_id);
        let mut places: HashMap<PersonId, Vec<PersonPlace>> = HashMap::with_capacity(persons.len());
        let rows: Vec<PersonPlace> = person_place::table
            .filter(person_place::region_id.eq(region))
            .filter(person_place::period_id.eq(period))
            .filter(person_place::person_id.between(first, last))
            .order((person_place::person_id, person_place::organisation_id))
            .select(PersonPlace::as_select())
            .load(conn)?;
        for row in rows {
            places.entry(row.person_id).or_default().push(row);
        }
        for person in persons {
            let id = person.person_id;
            seen(&PersonFacts {
                person,
                places: places.remove(&id).unwrap_or_default(),
                plans: plans.remove(&id).unwrap_or_default(),
            });
        }
        after = last;
    }
}
