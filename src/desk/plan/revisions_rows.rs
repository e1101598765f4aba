//! Goals of a plan and its revisions, with who made them and when the teacher read them.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::store::{called_if_any, holder, in_stead, names};
use crate::db::schema::{account, iom_acquaintance, iom_goal, iom_revision, person};
use crate::db::{AnyConn, DbError};
use crate::iom::{Goal, IomId, Revision};
use crate::units::UnitId;

/// A revision with what stands around it.
#[derive(Debug)]
pub struct Made {
    /// The revision.
    pub revision: Revision,
    /// Who made it; `None` is a command on the server.
    pub by: Option<String>,
    /// The day on which the teacher acknowledged it.
    pub read_on: Option<NaiveDate>,
}

/// Goals that stand, in their order.
///
/// # Errors
/// Those of the database.
pub fn goals(conn: &mut AnyConn, region: UnitId, plan: IomId) -> Result<Vec<Goal>, DbError> {
    Ok(iom_goal::table
        .filter(iom_goal::region_id.eq(region))
        .filter(iom_goal::iom_id.eq(plan))
        .filter(iom_goal::removed_at.is_null())
        .order((iom_goal::number, iom_goal::id))
        .select(Goal::as_select())
        .load(conn)?)
}

/// The latest revisions of a plan, newest first.
///
/// # Errors
/// Those of the database.
pub fn latest(conn: &mut AnyConn, region: UnitId, plan: IomId, most: i64) -> Result<Vec<Made>, DbError> {
    let rows: Vec<(Revision, Option<String>)> = iom_revision::table
        .left_join(account::table.on(account::id.nullable().eq(iom_revision::account_id)))
        .left_join(person::table.on(holder()))
        .filter(iom_revision::region_id.eq(region))
        .filter(iom_revision::iom_id.eq(plan))
        .order(iom_revision::number.desc())
        .limit(most)
        .select((Revision::as_select(), called_if_any()))
        .load(conn)?;
    let behalf: Vec<i64> = rows.iter().filter_map(|(of, _)| Some(of.on_behalf_of_id?.0)).collect();
    let whose = names(conn, &behalf)?;
    let read: Vec<(i32, NaiveDate)> = iom_acquaintance::table
        .filter(iom_acquaintance::region_id.eq(region))
        .filter(iom_acquaintance::iom_id.eq(plan))
        .select((iom_acquaintance::revision, iom_acquaintance::on_date))
        .load(conn)?;
    let read_on = |number: i32| read.iter().find(|(of, _)| *of == number).map(|(_, on)| *on);
    Ok(rows
        .into_iter()
        .map(|(revision, by)| {
            let whose = revision.on_behalf_of_id.and_then(|of| whose.get(&of.0));
            Made {
                read_on: read_on(revision.number),
                by: by.map(|by| in_stead(by, whose.map(String::as_str))),
                revision,
            }
        })
        .collect())
}
