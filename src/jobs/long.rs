//! Work that cannot run inside one write: reading a file takes a child process and seconds. It is taken under a lease
//! that is renewed while it goes on; its effect and its mark are one transaction, so that a process that dies leaves
//! either all or nothing, and another takes the work up when the lease has run out.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::db::schema::job;
use crate::db::{Db, DbError, Tx};
use crate::error::Error;
use crate::first_unlocked;

/// How long a lease holds, seconds. Renewed three times within.
pub const LEASE_SECONDS: i64 = 30;

/// Begins the names of kinds of such work; [`super::run_due`] passes by them.
pub const PREFIX: &str = "long.";

/// Work that this process holds.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Id of the job.
    pub id: i64,
    /// What was asked for.
    pub payload: String,
    /// Which attempt this is, from 1.
    pub attempt: i32,
}

type Found = (i64, String, i32);

/// Takes the next work of a kind: what waits, or what a process left behind.
///
/// # Errors
/// Those of the database.
pub async fn take(db: &Db, kind: &'static str) -> Result<Option<Taken>, Error> {
    db.write(move |tx| {
        let now = tx.now();
        let due = job::state.eq("waiting").and(job::run_at.le(now)).or(job::state
            .eq("running")
            .and(job::leased_until.lt(now).assume_not_null()));
        let found: QueryResult<Found> = first_unlocked!(
            tx.conn(),
            job::table
                .filter(job::kind.eq(kind))
                .filter(due)
                .order((job::run_at, job::id))
                .select((job::id, job::payload, job::attempts))
        );
        let Some((id, payload, attempts)) = found.optional().map_err(DbError::from)? else {
            return Ok(None);
        };
        diesel::update(job::table.filter(job::id.eq(id)))
            .set((
                job::state.eq("running"),
                job::attempts.eq(attempts + 1),
                job::leased_until.eq(Some(lease(now))),
            ))
            .execute(tx.conn())
            .map_err(DbError::from)?;
        let attempt = attempts + 1;
        Ok(Some(Taken { id, payload, attempt }))
    })
    .await
}

fn lease(now: NaiveDateTime) -> NaiveDateTime {
    now + Duration::seconds(LEASE_SECONDS)
}

/// Holds work for another lease.
///
/// # Errors
/// Those of the database.
async fn renew(db: &Db, id: i64) -> Result<(), Error> {
    db.write(move |tx| -> Result<(), Error> {
        let until = lease(tx.now());
        diesel::update(job::table.filter(job::id.eq(id)).filter(job::state.eq("running")))
            .set(job::leased_until.eq(Some(until)))
            .execute(tx.conn())
            .map_err(DbError::from)?;
        Ok(())
    })
    .await
}

/// Renews the lease while the work goes on; whoever ends the work ends this too.
pub fn hold(db: &Db, job: i64) -> tokio::task::JoinHandle<()> {
    let db = db.clone();
    let every = std::time::Duration::from_secs(LEASE_SECONDS.unsigned_abs() / 3);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(every).await;
            if let Err(e) = renew(&db, job).await {
                eprintln!("работа {job} не продлена: {e}");
            }
        }
    })
}

/// Marks work as done, or as failed for good with the reason, in the transaction of its effect.
///
/// # Errors
/// Those of the database.
pub fn end(tx: &mut Tx<'_>, id: i64, failure: Option<&str>) -> Result<(), DbError> {
    let state = if failure.is_some() { "failed" } else { "done" };
    diesel::update(job::table.filter(job::id.eq(id)))
        .set((
            job::state.eq(state),
            job::leased_until.eq(None::<NaiveDateTime>),
            job::last_error.eq(failure),
        ))
        .execute(tx.conn())?;
    Ok(())
}
