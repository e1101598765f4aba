//! Who of a plan's supporters carries more than there may be once it goes on: paused it weighed little, and nobody is asked
//! when it weighs as a whole again.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::AccountId;
use crate::access::store::{called, holder};
use crate::db::in_force::assigned_on;
use crate::db::schema::{account, person, supporter};
use crate::db::{AnyConn, DbError};
use crate::desk::plan::supporters::in_plans;
use crate::iom::accompany::role_of;
use crate::iom::capacity::{self, Limits};
use crate::iom::{Iom, SupporterKind};
use crate::planted;

/// What is told of them to whoever resumed the plan; empty where nobody carries too much.
///
/// # Errors
/// Those of the database.
pub fn said(conn: &mut AnyConn, plan: &Iom, today: NaiveDate) -> Result<String, DbError> {
    let in_force: assigned_on = assigned_on(today);
    let supporters: Vec<(AccountId, SupporterKind, String)> = supporter::table
        .inner_join(account::table.on(account::id.eq(supporter::account_id)))
        .left_join(person::table.on(holder()))
        .filter(supporter::region_id.eq(plan.region_id))
        .filter(supporter::iom_id.eq(plan.id))
        .filter(in_force)
        .order(supporter::id)
        .select((supporter::account_id, supporter::kind, called()))
        .load(conn)?;
    let ids: Vec<AccountId> = supporters.iter().map(|(of, ..)| *of).collect();
    let carried = capacity::carried(conn, &ids, today)?;
    let limits = Limits::of(conn, plan.region_id, &ids)?;
    let over = supporters.iter().filter_map(|(of, kind, name)| {
        let load = carried.get(of).map_or(0, capacity::weigh);
        let most = limits.get(*of, role_of(*kind)).most.filter(|most| load > *most)?;
        let (load, most) = (in_plans(Some(load)), in_plans(Some(most)));
        Some(format!("{name} ({}) – {load} при норме {most}", kind.label()))
    });
    let over: Vec<String> = over.collect();
    if over.is_empty() || planted!("norm_passed_unsaid") {
        return Ok(String::new());
    }
    Ok(format!(
        " Нагрузка теперь выше нормы: {}. Часть маршрутов ЦНППМ может передать другому: раздел «Тьюторы».",
        over.join("; ")
    ))
}
