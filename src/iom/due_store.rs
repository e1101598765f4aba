//! Steps whose last day is near or has passed, for reminders.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{IomId, IomState, ItemId, ItemState};
use crate::db::schema::{iom, iom_item};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::units::UnitId;

/// A step that is still to be done.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Due {
    /// The step.
    pub item: ItemId,
    /// Its number in the plan.
    pub number: i32,
    /// Its last day.
    pub due_on: Option<NaiveDate>,
    /// The plan.
    pub plan: IomId,
    /// Number of the plan.
    pub plan_number: String,
    /// Whose.
    pub person: PersonId,
}

/// The next steps of a region that end on one of these days and wait for their teacher, in plans that are in work.
///
/// # Errors
/// Those of the database.
pub fn due(
    conn: &mut AnyConn,
    region: UnitId,
    days: &[NaiveDate],
    after: ItemId,
    most: i64,
) -> Result<Vec<Due>, DbError> {
    let plans = iom::table.on(iom::region_id.eq(iom_item::region_id).and(iom::id.eq(iom_item::iom_id)));
    Ok(iom_item::table
        .inner_join(plans)
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::id.gt(after))
        .filter(iom_item::due_on.eq_any(days))
        .filter(iom_item::state.eq_any([ItemState::Planned, ItemState::InProgress, ItemState::Returned]))
        .filter(iom::state.eq_any([IomState::Approved, IomState::Active]))
        .order(iom_item::id)
        .limit(most)
        .select((
            iom_item::id,
            iom_item::number,
            iom_item::due_on,
            iom::id,
            iom::number,
            iom::person_id,
        ))
        .load(conn)?)
}
