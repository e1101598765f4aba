//! People of a scope by the kind of staff they are, for invitations.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::employment;
use crate::db::types::codes;
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::Bounds;
use crate::people::store::worked_on;
use crate::people::{PersonId, StaffKind};

/// Persons who work on a day in one of these kinds of staff.
///
/// # Errors
/// Those of the database.
pub(crate) fn employed(
    c: &mut AnyConn,
    bounds: &Bounds,
    kinds: &str,
    today: NaiveDate,
) -> Result<Vec<PersonId>, DbError> {
    let kinds: Vec<StaffKind> = codes(kinds).filter_map(StaffKind::from_code).collect();
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
