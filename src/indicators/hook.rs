//! The commit hook: whatever a transaction touched, facts and counters are fresh before it commits.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::counters::{self, Cells, Leaves};
use crate::db::{AnyConn, CommitHook, DbError, Tx};
use crate::facts::{FactPeriod, refresh};
use crate::people::PersonId;

/// Refreshes the opened periods. Places in the tree are read when values are read, so a touched unit changes nothing
/// that is stored.
#[derive(Debug, Clone, Copy)]
pub struct RefreshFacts;

/// From this many touched persons on, the share of them among all decides whether everything is rebuilt.
const MANY: usize = 2000;

impl CommitHook for RefreshFacts {
    fn before_commit(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let touched = tx.take_touched();
        if touched.everyone || is_most(tx.conn(), touched.persons.len())? {
            let periods = refresh::lock_everything(tx.conn())?;
            return rebuild(tx.conn(), &periods);
        }
        let by_days_alone = touched.persons.is_empty();
        let mut persons: BTreeSet<PersonId> = touched.persons.into_iter().map(PersonId).collect();
        persons.extend(refresh::of_new_days(tx.conn(), &touched.days)?);
        if persons.is_empty() {
            return Ok(());
        }
        let persons: Vec<PersonId> = persons.into_iter().collect();
        let mut held = refresh::lock_persons(tx.conn(), &persons)?;
        if by_days_alone {
            held.keep_those_of(&touched.days);
        }
        if held.periods.is_empty() {
            return Ok(());
        }
        let changed = refresh::persons(tx.conn(), &held, &persons)?;
        counters::follow(tx.conn(), &held, changed)
    }
}

/// Whether so many persons are a quarter of all: then one pass over everyone is cheaper than finding them.
fn is_most(conn: &mut AnyConn, touched: usize) -> Result<bool, DbError> {
    use diesel::prelude::*;
    if touched < MANY {
        return Ok(false);
    }
    let all: i64 = crate::db::schema::person::table.count().get_result(conn)?;
    Ok(i64::try_from(touched).unwrap_or(i64::MAX).saturating_mul(4) >= all)
}

/// Rewrites facts and counters of everyone in `periods`; everything is locked already.
///
/// # Errors
/// Those of the database.
pub fn rebuild(conn: &mut AnyConn, periods: &[FactPeriod]) -> Result<(), DbError> {
    if periods.is_empty() {
        return Ok(());
    }
    let mut leaves: Vec<Arc<Leaves>> = Vec::with_capacity(periods.len());
    for period in periods {
        counters::clear(conn, period.id)?;
        leaves.push(counters::leaves(conn, &period.basis)?);
    }
    let mut cells: Vec<Cells> = vec![Cells::new(); periods.len()];
    refresh::everyone(conn, periods, |i, known| {
        counters::add(&mut cells[i], &leaves[i], known)
    })?;
    for ((period, leaves), cells) in periods.iter().zip(&leaves).zip(&cells) {
        counters::insert(conn, period.id, leaves, cells)?;
    }
    Ok(())
}
