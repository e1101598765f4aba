//! Facts of the people of a region in the order of their names, a part at a time: for whoever shows the first of many.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{PersonFacts, PersonPlace};
use super::period::FactPeriodId;
use super::store::{self, Places, Reading};
use crate::db::schema::{person, person_place};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::Scope;

/// How far somebody has read: the key of the name, and of those who share it the person.
pub type Reached = (String, PersonId);

/// A part of the people by name.
#[derive(Debug)]
pub struct Part {
    /// Facts of those who have any and whom the reader may see, each with the key of the name.
    pub facts: Vec<(String, PersonFacts)>,
    /// Where to go on; `None` is the end.
    pub reached: Option<Reached>,
}

/// The next `most` people of a region after `after`, a thousand at most.
///
/// # Errors
/// Those of the database.
pub fn part(
    conn: &mut AnyConn,
    scope: &Scope,
    region: UnitId,
    period: FactPeriodId,
    after: Option<&Reached>,
    most: usize,
    reading: Reading,
) -> Result<Part, DbError> {
    let mut query = person::table
        .filter(person::region_id.eq(region))
        .select((person::sort_key, person::id))
        .order((person::sort_key, person::id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .into_boxed();
    if let Some((key, id)) = after {
        let further = person::sort_key
            .gt(key)
            .or(person::sort_key.eq(key).and(person::id.gt(id)));
        // Said twice, since an index is only entered by the first.
        query = query.filter(person::sort_key.ge(key)).filter(further);
    }
    let named: Vec<Reached> = query.load(conn)?;
    let reached = named.last().filter(|_| named.len() == most).cloned();
    let ids: Vec<PersonId> = named.iter().map(|(_, id)| *id).collect();
    let rows: Vec<PersonPlace> = person_place::table
        .filter(person_place::region_id.eq(region))
        .filter(person_place::period_id.eq(period))
        .filter(person_place::person_id.eq_any(&ids))
        .select(PersonPlace::as_select())
        .load(conn)?;
    let mut places = Places::new();
    for place in rows {
        places.entry((region, place.person_id)).or_default().push(place);
    }
    store::keep_seen(scope, &mut places);
    let known = store::with_facts(conn, period, places, reading)?;
    let mut known: HashMap<PersonId, PersonFacts> = known.into_iter().map(|f| (f.person.person_id, f)).collect();
    let facts = named
        .into_iter()
        .filter_map(|(key, id)| Some((key, known.remove(&id)?)));
    Ok(Part {
        facts: facts.collect(),
        reached,
    })
}
