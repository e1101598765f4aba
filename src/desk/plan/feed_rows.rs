//! The steps of an account's own plans as days of a calendar.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::model::AccountState;
use crate::db::schema::{account, iom, iom_item};
use crate::db::{AnyConn, DbError};
use crate::iom::{IomState, ItemId, ItemState};
use crate::mail::calendar::{Event, Status};
use crate::mail::feed;
use crate::people::PersonId;

/// Steps of a calendar at most, newest first.
const MOST: i64 = 500;

type Step = (
    (ItemId, i32, ItemState, String, Option<NaiveDate>, i32),
    (String, IomState, i32),
);

/// The days of whoever an address was made for; `None` for an address that opens nothing, or whose account is closed.
///
/// # Errors
/// Those of the database.
pub fn days(conn: &mut AnyConn, token: &str, page: Option<&str>) -> Result<Option<Vec<Event>>, DbError> {
    let Some(owner) = feed::owner(conn, token)? else {
        return Ok(None);
    };
    let person: Option<Option<PersonId>> = account::table
        .filter(account::id.eq(owner))
        .filter(account::state.eq(AccountState::Active))
        .select(account::person_id)
        .first(conn)
        .optional()?;
    let person = match person {
        None => return Ok(None),
        Some(None) => return Ok(Some(Vec::new())),
        Some(Some(person)) => person,
    };
    // A plan that was never approved has no days that anybody promised.
    let steps: Vec<Step> = iom_item::table
        .inner_join(iom::table.on(iom::region_id.eq(iom_item::region_id).and(iom::id.eq(iom_item::iom_id))))
        .filter(iom::person_id.eq(person))
        .filter(iom::revision.gt(0))
        .filter(iom_item::due_on.is_not_null())
        .order((iom_item::due_on.desc(), iom_item::id.desc()))
        .limit(MOST)
        .select((
            (
                iom_item::id,
                iom_item::number,
                iom_item::state,
                iom_item::title,
                iom_item::due_on,
                iom_item::version,
            ),
            (iom::number, iom::state, iom::version),
        ))
        .load(conn)?;
    let event = |((id, number, state, title, due, version), (plan, standing, plan_version)): Step| {
        let done = if state.is_settled() { "Зачтено: " } else { "" };
        Some(Event {
            uid: format!("step-{id}@vekha"),
            // Both only grow, and whatever changes a day changes one of them.
            sequence: i64::from(version) + i64::from(plan_version),
            day: due?,
            title: format!("{done}{title}"),
            text: format!("Маршрут {plan}, шаг {number}. Это последний день шага."),
            page: page.map(str::to_owned),
            status: status(state, standing),
        })
    };
    Ok(Some(steps.into_iter().filter_map(event).collect()))
}

/// Whether the day of a step holds.
fn status(step: ItemState, plan: IomState) -> Status {
    match (step, plan) {
        (ItemState::Cancelled, _) => Status::Cancelled,
        (step, _) if step.is_settled() => Status::Confirmed,
        (_, IomState::Closed) => Status::Cancelled,
        (_, IomState::Paused) => Status::Tentative,
        _ => Status::Confirmed,
    }
}
