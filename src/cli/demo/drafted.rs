//! What the story of the demo needs to know of drafted plans.

use std::collections::HashMap;

use diesel::prelude::*;

use super::story::Plan;
use crate::db::AnyConn;
use crate::db::schema::{competence, iom, iom_deficit, iom_item, person};
use crate::error::Error;
use crate::iom::model::IomState;
use crate::people::PersonId;

/// Persons of the demo by СНИЛС.
///
/// # Errors
/// Those of the database.
pub fn persons(conn: &mut AnyConn) -> Result<HashMap<String, PersonId>, Error> {
    let rows: Vec<(Option<String>, PersonId)> = person::table.select((person::snils, person::id)).load(conn)?;
    Ok(rows.into_iter().filter_map(|(snils, id)| Some((snils?, id))).collect())
}

/// Plans that are drafts, by the person's place in the staff list.
///
/// # Errors
/// Those of the database.
pub fn plans(conn: &mut AnyConn, by_snils: &HashMap<String, usize>) -> Result<HashMap<usize, Plan>, Error> {
    let drafts: Vec<(i64, Option<String>)> = iom::table
        .inner_join(person::table.on(person::id.eq(iom::person_id).and(person::region_id.eq(iom::region_id))))
        .filter(iom::state.eq(IomState::Draft))
        .select((iom::id, person::snils))
        .load(conn)?;
    let of: HashMap<i64, usize> = drafts
        .into_iter()
        .filter_map(|(id, snils)| Some((id, *by_snils.get(&snils?)?)))
        .collect();
    let items: Vec<(i64, i32, Option<i64>)> = iom_item::table
        .order(iom_item::number)
        .select((iom_item::iom_id, iom_item::number, iom_item::programme_id))
        .load(conn)?;
    let deficits: Vec<(i64, String)> = iom_deficit::table
        .inner_join(competence::table.on(competence::id.eq(iom_deficit::competence_id)))
        .order(competence::code)
        .select((iom_deficit::iom_id, competence::code))
        .load(conn)?;
    let mut plans: HashMap<usize, Plan> = of.values().map(|h| (*h, Plan::default())).collect();
    for (id, number, programme) in items {
        if let Some(plan) = of.get(&id).and_then(|h| plans.get_mut(h)) {
            plan.items.push((number, programme.is_some()));
        }
    }
    for (id, code) in deficits {
        if let Some(plan) = of.get(&id).and_then(|h| plans.get_mut(h)) {
            plan.deficits.push(code);
        }
    }
    Ok(plans)
}
