//! Rows of reading that could not wait for the one writer of SQLite: a file of their own beside the database, with a
//! writer of its own. So whoever reads waits for nobody who writes, and still sees no name that is not written down.
//!
//! A row has its id, its moment and its keyed digest before it comes here; whoever seals next brings it into the journal
//! under the same id and then takes it away. A stop between the two repeats the first and changes nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::r2d2::ManageConnection as _;

use super::Row;
use crate::db::connection::{Backend, Connector, Purpose};
use crate::db::schema::audit_event;
use crate::db::{AnyConn, DbError, Tx};
use crate::insert_many;

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
    path: PathBuf,
    /// Opened when first needed: as a rule no read has to wait, and there is no file.
    conn: Mutex<Option<AnyConn>>,
}

impl Inner {
    fn with<T>(&self, work: impl FnOnce(&mut AnyConn) -> Result<T, DbError>) -> Result<T, DbError> {
        let mut held = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut conn = match held.take() {
            Some(conn) => conn,
            None => open(&self.path)?,
        };
        let done = work(&mut conn)?;
        // After an error the next one opens the file anew.
        *held = Some(conn);
        Ok(done)
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

impl Reads {
    /// The log that belongs to a database.
    #[must_use]
    pub fn beside(backend: &Backend) -> Self {
        let inner = match backend {
            Backend::Postgres(_) => None,
            Backend::Sqlite(file) => Some(Arc::new(Inner {
                path: Path::new(file).with_extension("reads.sqlite"),
                conn: Mutex::default(),
            })),
        };
        Self { inner }
    }

    /// Keeps rows until they are brought into the journal. Blocks its thread; on the disk when it returns.
    ///
    /// # Errors
    /// Those of the file; nothing may be shown then.
    pub(super) fn keep(&self, rows: &[Row]) -> Result<(), DbError> {
        let Some(inner) = &self.inner else {
            return Err(DbError::Busy);
        };
        inner.with(|conn| {
            conn.transaction(|conn| insert_many!(conn, audit_event::table, rows))?;
            Ok(())
        })
    }

    /// Rows that wait, the oldest first, at most a block. Blocks its thread.
    ///
    /// # Errors
    /// Those of the file.
    pub(super) fn waiting(&self) -> Result<Vec<Row>, DbError> {
        match &self.inner {
            Some(inner) if inner.path.exists() => inner.with(|conn| {
                Ok(audit_event::table
                    .order(audit_event::id)
                    .limit(BLOCK)
                    .select(Row::as_select())
                    .load(conn)?)
            }),
            _ => Ok(Vec::new()),
        }
    }

    /// Takes away rows that stand in the journal now. Blocks its thread.
    ///
    /// # Errors
    /// Those of the file; they are brought once more then, which changes nothing.
    pub(super) fn forget(&self, rows: &[Row]) -> Result<(), DbError> {
        let Some(inner) = &self.inner else { return Ok(()) };
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        inner.with(|conn| {
            diesel::delete(audit_event::table.filter(audit_event::id.eq_any(ids))).execute(conn)?;
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
    let there: Vec<i64> = audit_event::table
        .filter(audit_event::id.eq_any(ids))
        .select(audit_event::id)
        .load(tx.conn())?;
    let new: Vec<Row> = rows.iter().filter(|row| !there.contains(&row.id)).cloned().collect();
    insert_many!(tx.conn(), audit_event::table, new)?;
    Ok(())
}
