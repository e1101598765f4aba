//! Background work: a row in the transaction that asked for it, run once or again, kept when it fails.
//!
//! A job runs inside one write together with its own mark: it is done exactly when its effect is committed. Work that
//! leaves the database (mail) has its own claim and mark, see [`crate::mail::deliver`].

pub mod long;

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::db::schema::job;
use crate::db::{AnyConn, Db, DbError, Tx};
use crate::error::Error;
use crate::first_unlocked;

/// A kind of background work.
pub trait Job: Send + Sync {
    /// The name of the kind in the table.
    fn kind(&self) -> &'static str;
    /// Does the work; safe to run twice, since an error undoes it and it is tried again.
    ///
    /// # Errors
    /// Why it could not be done; the text is kept with the job.
    fn run(&self, tx: &mut Tx<'_>, payload: &str) -> Result<(), Error>;
}

#[derive(Insertable)]
#[diesel(table_name = job, treat_none_as_default_value = false)]
struct Row<'a> {
    id: i64,
    region_id: Option<i64>,
    kind: &'a str,
    payload: &'a str,
    state: &'a str,
    run_at: NaiveDateTime,
    attempts: i32,
    created_at: NaiveDateTime,
}

/// Asks for work in the transaction that causes it.
///
/// # Errors
/// Those of the database.
pub fn enqueue(tx: &mut Tx<'_>, region: Option<i64>, kind: &str, payload: &str) -> Result<(), DbError> {
    let row = Row {
        id: tx.id(),
        region_id: region,
        kind,
        payload,
        state: "waiting",
        run_at: tx.now(),
        attempts: 0,
        created_at: tx.now(),
    };
    crate::insert_many!(tx.conn(), job::table, [row])?;
    Ok(())
}

/// Attempts before a person has to look.
const ATTEMPTS: i32 = 8;

/// Runs what is due until nothing is; returns how many jobs were done.
///
/// # Errors
/// Those of the database; a job's own error is kept with the job.
pub async fn run_due(db: &Db, jobs: std::sync::Arc<Vec<Box<dyn Job>>>) -> Result<usize, Error> {
    let mut done = 0;
    loop {
        let jobs = jobs.clone();
        let ran = db.write(move |tx| run_one(tx, &jobs)).await?;
        match ran {
            None => return Ok(done),
            Some(true) => done += 1,
            Some(false) => {}
        }
    }
}

/// Runs one job that is due: `None` when there is none, else whether it succeeded.
fn run_one(tx: &mut Tx<'_>, jobs: &[Box<dyn Job>]) -> Result<Option<bool>, Error> {
    let now = tx.now();
    let Some((id, kind, payload, attempts)) = claim(tx.conn(), now)? else {
        return Ok(None);
    };
    let outcome = match jobs.iter().find(|j| j.kind() == kind) {
        None => Err(Error::Internal(format!(
            "вид работы {kind} неизвестен этой версии программы"
        ))),
        Some(found) => tx.savepoint(|inner| found.run(inner, &payload)),
    };
    let row = job::table.filter(job::id.eq(id));
    match outcome {
        Ok(()) => {
            diesel::update(row).set(job::state.eq("done")).execute(tx.conn())?;
            Ok(Some(true))
        }
        Err(e) => {
            let attempts = attempts + 1;
            let state = if attempts >= ATTEMPTS { "failed" } else { "waiting" };
            let again = now + Duration::minutes(1_i64 << attempts.clamp(0, 10));
            diesel::update(row)
                .set((
                    job::state.eq(state),
                    job::attempts.eq(attempts),
                    job::run_at.eq(again),
                    job::last_error.eq(Some(e.to_string())),
                ))
                .execute(tx.conn())?;
            Ok(Some(false))
        }
    }
}

type Claim = (i64, String, String, i32);

/// The next job that is due. On PostgreSQL its row is locked and others pass by it; SQLite has one writer.
fn claim(conn: &mut AnyConn, now: NaiveDateTime) -> Result<Option<Claim>, DbError> {
    let found: QueryResult<Claim> = first_unlocked!(
        conn,
        job::table
            .filter(job::state.eq("waiting"))
            .filter(job::run_at.le(now))
            .filter(job::kind.not_like(format!("{}%", long::PREFIX)))
            .order((job::run_at, job::id))
            .select((job::id, job::kind, job::payload, job::attempts))
    );
    Ok(found.optional()?)
}
