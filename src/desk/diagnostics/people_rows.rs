//! People of a scope: those of a unit, those of some kinds of staff.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::employment;
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::Bounds;
use crate::desk::registers::reach::Held;
use crate::people::store::worked_on;
use crate::people::{PersonId, StaffKind};
use crate::units::UnitId;

/// What the visitor holds below a unit; without one, all of it.
pub(crate) fn below(held: &Held, unit: Option<UnitId>) -> Bounds {
    let mut bounds = held.bounds.clone();
    if let Some(unit) = unit {
        let reached = |u: &UnitId| held.bounds.organisations.as_ref().is_none_or(|all| all.contains(u));
        bounds.organisations = Some(held.tree.subtree(unit).into_iter().filter(reached).collect());
    }
    bounds
}

/// Persons who work on a day in one of these kinds of staff.
///
/// # Errors
/// Those of the database.
pub(crate) fn employed(
    c: &mut AnyConn,
    bounds: &Bounds,
    kinds: &[StaffKind],
    today: NaiveDate,
) -> Result<Vec<PersonId>, DbError> {
    let mut query = employment::table
        .filter(employment::region_id.eq(bounds.region))
        .filter(employment::staff_kind.eq_any(kinds))
        .filter(worked_on(today))
        .select(employment::person_id)
        .distinct()
        .order(employment::person_id)
        .into_boxed();
    if let Some(own) = &bounds.organisations {
        query = query.filter(employment::organisation_id.eq_any(own.clone()));
    }
    Ok(query.load(c)?)
}
