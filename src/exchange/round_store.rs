//! Files of round trips that were brought back: they wait for an answer, are written once, and are forgotten in a day.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use crate::db::schema::returned_file;
use crate::db::{AnyConn, DbError, Tx};
use crate::{id_newtype, insert_many, text_enum};

id_newtype! {
    /// A file that was brought back.
    ReturnedId;
}

text_enum! {
    /// Where it stands.
    ReturnedState {
        Waiting = "waiting" "ждёт решения",
        Done = "done" "записан",
    }
}

/// A file that was brought back.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = returned_file, treat_none_as_default_value = false)]
pub struct Returned {
    /// Id.
    pub id: ReturnedId,
    /// The region.
    pub region_id: i64,
    /// Who brought it: nobody else sees it.
    pub account_id: i64,
    /// Code of the list.
    pub list: String,
    /// Its name, for people.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_digest: String,
    /// What it says: [`super::round::Brought`] in JSON; empty once it is forgotten.
    pub content: String,
    /// Where it stands.
    pub state: ReturnedState,
    /// What came of it, in JSON.
    pub outcome: Option<String>,
    /// When it was brought.
    pub recorded_at: NaiveDateTime,
    /// When it changed last.
    pub changed_at: NaiveDateTime,
}

/// Writes a file that has just been brought.
///
/// # Errors
/// Those of the database.
pub fn add(tx: &mut Tx<'_>, row: Returned) -> Result<(), DbError> {
    insert_many!(tx.conn(), returned_file::table, [row])?;
    Ok(())
}

/// A file of an account in a region.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, (region, account): (i64, i64), id: ReturnedId) -> Result<Option<Returned>, DbError> {
    Ok(returned_file::table
        .filter(returned_file::region_id.eq(region))
        .filter(returned_file::account_id.eq(account))
        .filter(returned_file::id.eq(id))
        .select(Returned::as_select())
        .first(conn)
        .optional()?)
}

/// Takes a file that waits for whoever writes it; `false` where it waits no more.
///
/// # Errors
/// Those of the database.
pub fn take(tx: &mut Tx<'_>, id: ReturnedId) -> Result<bool, DbError> {
    let now = tx.now();
    let waits = returned_file::table
        .filter(returned_file::id.eq(id))
        .filter(returned_file::state.eq(ReturnedState::Waiting));
    let moved = diesel::update(waits)
        .set((
            returned_file::state.eq(ReturnedState::Done),
            returned_file::changed_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(moved == 1)
}

/// Says what came of a file that was taken.
///
/// # Errors
/// Those of the database.
pub fn tell(tx: &mut Tx<'_>, id: ReturnedId, outcome: &str) -> Result<(), DbError> {
    diesel::update(returned_file::table.filter(returned_file::id.eq(id)))
        .set(returned_file::outcome.eq(Some(outcome)))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets what stands in files that were brought so long ago.
///
/// # Errors
/// Those of the database.
pub fn forget(tx: &mut Tx<'_>, after: TimeDelta) -> Result<(), DbError> {
    let now = tx.now();
    let old = returned_file::table
        .filter(returned_file::changed_at.lt(now - after))
        .filter(returned_file::content.ne(""));
    diesel::update(old)
        .set((returned_file::content.eq(""), returned_file::outcome.eq(None::<String>)))
        .execute(tx.conn())?;
    Ok(())
}
