//! The mail server as a whole: while it does not answer, no letter is charged for it, and all wait together.
//!
//! The state stands in the database: every process that serves it waits, and pages can say so.

use chrono::{Duration, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::db::{AnyConn, DbError, Tx, settings};

const KEY: &str = "mail.outage";

/// The longest wait between two tries, minutes.
const LONGEST_MINUTES: i64 = 10;

/// A mail server that does not take letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// Since when.
    pub since: NaiveDateTime,
    /// Tries in a row that failed.
    pub tries: u32,
    /// When it is tried again.
    pub again_at: NaiveDateTime,
    /// Why, in words, without addresses.
    pub why: String,
}

/// The outage that goes on, if one does.
///
/// # Errors
/// Those of the database.
pub fn current(conn: &mut AnyConn) -> Result<Option<Outage>, DbError> {
    Ok(settings::get(conn, KEY)?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Notes one more failed try: waits 1, 2, 4, 8, then 10 minutes.
pub(super) fn note(tx: &mut Tx<'_>, why: &str) -> Result<(), DbError> {
    let now = tx.now();
    let before = current(tx.conn())?;
    let tries = before.as_ref().map_or(1, |o| o.tries.saturating_add(1));
    let minutes = (1_i64 << (tries - 1).min(4)).min(LONGEST_MINUTES);
    let outage = Outage {
        since: before.map_or(now, |o| o.since),
        tries,
        again_at: now + Duration::minutes(minutes),
        why: why.to_owned(),
    };
    settings::put(tx.conn(), KEY, &serde_json::to_string(&outage).unwrap_or_default())
}

/// The server took a letter.
pub(super) fn end(tx: &mut Tx<'_>) -> Result<(), DbError> {
    settings::remove(tx.conn(), KEY)
}
