//! A release that was asked for on a page: it is made by a job, and the page shows where it stands.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::EditionId;
use crate::db::schema::edition_order;
use crate::db::{AnyConn, DbError, Tx};
use crate::units::UnitId;
use crate::{id_newtype, insert_many, text_enum};

id_newtype! {
    /// A release that was asked for.
    OrderId;
}

text_enum! {
    /// Where it stands.
    OrderState {
        Waiting = "waiting" "ждёт очереди",
        Working = "working" "готовится",
        Done = "done" "готов",
        Failed = "failed" "не удалось",
    }
}

/// A release that was asked for.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = edition_order, treat_none_as_default_value = false)]
pub struct Order {
    /// Id.
    pub id: OrderId,
    /// The region.
    pub region_id: UnitId,
    /// Code of the pack.
    pub pack: String,
    /// The period.
    pub period: String,
    /// How it is to be called.
    pub title: String,
    /// The last edition that was seen.
    pub seen_id: Option<EditionId>,
    /// Who asked.
    pub account_id: i64,
    /// In whose stead.
    pub on_behalf_of_id: Option<i64>,
    /// Their names.
    pub by_name: String,
    /// Where it stands.
    pub state: OrderState,
    /// What came of it.
    pub edition_id: Option<EditionId>,
    /// Why it failed.
    pub problem: Option<String>,
    /// When it was asked for.
    pub recorded_at: NaiveDateTime,
    /// When it changed last.
    pub changed_at: NaiveDateTime,
}

/// Writes what was asked for.
///
/// # Errors
/// Those of the database.
pub fn add(tx: &mut Tx<'_>, order: &Order) -> Result<(), DbError> {
    insert_many!(tx.conn(), edition_order::table, std::slice::from_ref(order))?;
    Ok(())
}

/// A release of a region that was asked for.
///
/// # Errors
/// Those of the database.
pub fn one(conn: &mut AnyConn, id: OrderId, region: Option<UnitId>) -> Result<Option<Order>, DbError> {
    let mut query = edition_order::table.filter(edition_order::id.eq(id)).into_boxed();
    if let Some(region) = region {
        query = query.filter(edition_order::region_id.eq(region));
    }
    Ok(query.select(Order::as_select()).first(conn).optional()?)
}

/// Says where it stands now.
///
/// # Errors
/// Those of the database.
pub fn moved(
    tx: &mut Tx<'_>,
    id: OrderId,
    state: OrderState,
    edition: Option<EditionId>,
    problem: Option<&str>,
) -> Result<(), DbError> {
    let now = tx.now();
    diesel::update(edition_order::table.filter(edition_order::id.eq(id)))
        .set((
            edition_order::state.eq(state),
            edition_order::edition_id.eq(edition),
            edition_order::problem.eq(problem),
            edition_order::changed_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}
