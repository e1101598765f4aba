//! Rows of reading that could not wait for the one writer of SQLite: a file of their own beside the database, with a
//! writer of its own. So whoever reads waits for nobody who writes, and still sees no name that is not written down.
//!
//! A row has its id, its moment and its keyed digest before it comes here; whoever seals next brings it into the journal
//! under the same id and then takes it away. A stop between the two repeats the first and changes nothing.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::r2d2::ManageConnection as _;

use super::Row;
use crate::db::connection::{Backend, Connector, Purpose};
use crate::db::schema::audit_event;
use crate::db::{AnyConn, DbError, Tx};
use crate::insert_many;
use crate::planted;

/// The columns of the journal; the digest of a row tells what was changed in it here.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS audit_event (
    id INTEGER NOT NULL PRIMARY KEY,
    region_id BIGINT,
    at TIMESTAMP NOT NULL,
    account_id BIGINT,
    on_behalf_of_id BIGINT,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BIGINT,
    person_id BIGINT,
    detail TEXT NOT NULL,
    digest TEXT NOT NULL
)";
/// What stands after the name of the database.
pub const ENDING: &str = ".reads";
/// How many are brought over in one write.
const BLOCK: i64 = 2000;
/// How long one process waits for another at this file, seconds.
const WAIT_S: u32 = 5;

/// The log of reads beside the database; cheap to clone. On PostgreSQL there is none: writers work beside each other.
#[derive(Clone)]
pub struct Reads {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    /// The whole name of the database with an ending of its own: no two databases of a folder share it.
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Opened when first needed: as a rule no read has to wait, and there is no file.
    conn: Option<AnyConn>,
    /// What this process has kept and nobody has brought over yet: whoever empties the file takes nothing away.
    kept: Vec<Row>,
}

/// What waits to be brought over.
#[derive(Default)]
pub(super) struct Waiting {
    /// Rows, at most a block of the file and what this process holds.
    pub rows: Vec<Row>,
    /// What does not read, a line of Russian text each. It stays where it is and stops nothing.
    pub trouble: Vec<String>,
}

impl Inner {
    /// The file, opened anew where somebody has taken it away meanwhile.
    fn with<T>(&self, state: &mut State, work: impl FnOnce(&mut AnyConn) -> Result<T, DbError>) -> Result<T, DbError> {
        let held = state
            .conn
            .take()
            .filter(|_| self.path.exists() || planted!("file_taken_away"));
        let mut conn = match held {
            Some(conn) => conn,
            None => open(&self.path)?,
        };
        let done = work(&mut conn)?;
        // After an error the next one opens the file anew.
        state.conn = Some(conn);
        Ok(done)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn said(&self, what: &str) -> String {
        format!("журнал просмотров ({}): {what}", self.path.display())
    }
}

fn open(path: &Path) -> Result<AnyConn, DbError> {
    let connector = Connector {
        backend: Backend::Sqlite(path.display().to_string()),
        purpose: Purpose::Write,
        password: None,
        statement_timeout_ms: 0,
        wait_s: WAIT_S,
    };
    let mut conn = connector.connect()?;
    conn.batch_execute(TABLE)?;
    Ok(conn)
}

/// The oldest rows of the file, and the ids of those that do not read.
fn rows(conn: &mut AnyConn) -> Result<(Vec<Row>, Vec<i64>), DbError> {
    let ids: Vec<i64> = audit_event::table
        .order(audit_event::id)
        .limit(BLOCK)
        .select(audit_event::id)
        .load(conn)?;
    let (found, unreadable) = super::rows(conn, &ids)?;
    let mut found: Vec<Row> = found.into_values().collect();
    found.sort_unstable_by_key(|row| row.id);
    Ok((found, unreadable.into_iter().collect()))
}

impl Reads {
    /// The log that belongs to a database.
    #[must_use]
    pub fn beside(backend: &Backend) -> Self {
        let inner = match backend {
            Backend::Postgres(_) => None,
            Backend::Sqlite(file) => Some(Arc::new(Inner {
                path: PathBuf::from(format!("{file}{ENDING}")),
                state: Mutex::default(),
            })),
        };
        Self { inner }
    }

    /// Keeps rows until they are brought into the journal. Blocks its thread; on the disk when it returns.
    ///
    /// # Errors
    /// Those of the file; nothing may be shown then.
    pub(super) fn keep(&self, rows: Vec<Row>) -> Result<(), DbError> {
        let Some(inner) = &self.inner else {
            return Err(DbError::Busy);
        };
        let mut state = inner.state();
        inner.with(&mut state, |conn| {
            conn.transaction(|conn| insert_many!(conn, audit_event::table, rows))?;
            Ok(())
        })?;
        if !planted!("looks_in_file_alone" | "file_taken_away") {
            state.kept.extend(rows);
        }
        Ok(())
    }

    /// What waits, the oldest first. Blocks its thread. A file that does not read is told of and keeps nobody from sealing.
    pub(super) fn waiting(&self) -> Waiting {
        let Some(inner) = &self.inner else {
            return Waiting::default();
        };
        let mut state = inner.state();
        let mut waiting = Waiting::default();
        if inner.path.exists() {
            match inner.with(&mut state, rows) {
                Ok((rows, unreadable)) => {
                    waiting.rows = rows;
                    let said = |id| inner.said(&format!("запись {id} изменена и не читается"));
                    waiting.trouble = unreadable.into_iter().map(said).collect();
                }
                Err(e) => waiting.trouble.push(inner.said(&format!("файл не читается: {e}"))),
            }
        }
        let there: HashSet<i64> = waiting.rows.iter().map(|row| row.id).collect();
        let own = state.kept.iter().filter(|row| !there.contains(&row.id));
        waiting.rows.extend(own.cloned());
        waiting.rows.sort_unstable_by_key(|row| row.id);
        waiting
    }

    /// Takes away rows that stand in the journal now. Blocks its thread.
    ///
    /// # Errors
    /// Those of the file; they are brought once more then, which changes nothing.
    pub(super) fn forget(&self, rows: &[Row]) -> Result<(), DbError> {
        let Some(inner) = &self.inner else { return Ok(()) };
        let ids: HashSet<i64> = rows.iter().map(|row| row.id).collect();
        let mut state = inner.state();
        state.kept.retain(|row| !ids.contains(&row.id));
        if !inner.path.exists() {
            return Ok(());
        }
        let ids: Vec<i64> = ids.into_iter().collect();
        inner.with(&mut state, |conn| {
            for block in ids.chunks(1000) {
                diesel::delete(audit_event::table.filter(audit_event::id.eq_any(block))).execute(conn)?;
            }
            Ok(())
        })
    }
}

/// Brings rows into the journal that are not there yet.
///
/// # Errors
/// Those of the database.
pub(super) fn bring(tx: &mut Tx<'_>, rows: &[Row]) -> Result<(), DbError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut there: HashSet<i64> = HashSet::new();
    for block in ids.chunks(1000) {
        let found: Vec<i64> = audit_event::table
            .filter(audit_event::id.eq_any(block))
            .select(audit_event::id)
            .load(tx.conn())?;
        there.extend(found);
    }
    let new: Vec<Row> = rows.iter().filter(|row| !there.contains(&row.id)).cloned().collect();
    insert_many!(tx.conn(), audit_event::table, new)?;
    Ok(())
}
