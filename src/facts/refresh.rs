//! Facts kept fresh: those of some persons, or of everyone.
//!
//! Nothing is read before the locks are taken: of two writers that touch one person, the second computes its facts
//! from what the first has committed.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::load::{self, Block, Reference};
use super::model::PersonFacts;
use super::period::{FactPeriod, FactPeriodId, Window};
use super::{person, store};
use crate::db::dialect::{self, lock_space};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::units::UnitId;

/// A period to compute facts for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The period the rows are written for; of no meaning when nothing is written.
    pub period: FactPeriodId,
    /// Its days.
    pub window: Window,
    /// Whether acts after the last day are left aside altogether.
    pub looking_back: bool,
}

impl From<&FactPeriod> for Asked {
    fn from(period: &FactPeriod) -> Self {
        Self {
            period: period.id,
            window: period.window(),
            looking_back: false,
        }
    }
}

/// The facts of the persons of a block, a list for each period asked.
///
/// # Errors
/// Those of the database.
pub fn compute(
    conn: &mut AnyConn,
    reference: &Reference,
    block: &Block,
    asked: &[Asked],
    known: Option<NaiveDateTime>,
) -> Result<Vec<Vec<PersonFacts>>, DbError> {
    let sources = load::sources(conn, reference, block, known)?;
    Ok(asked
        .iter()
        .map(|a| {
            sources
                .iter()
                .filter_map(|s| person::facts(s, a.period, &a.window, a.looking_back))
                .collect()
        })
        .collect())
}

/// Locks what a refresh of some persons reads and writes. Returns the opened periods and the organisations whose
/// counters may change.
///
/// # Errors
/// Those of the database.
pub fn lock_persons(conn: &mut AnyConn, persons: &[PersonId]) -> Result<(Vec<FactPeriod>, BTreeSet<UnitId>), DbError> {
    dialect::lock_shared(conn, lock_space::FACTS, 0)?;
    let periods = store::periods(conn)?;
    if periods.is_empty() {
        return Ok((periods, BTreeSet::new()));
    }
    let organisations = store::organisations_of(conn, persons, &periods)?;
    // A person without any organisation is locked by itself.
    let keys = organisations
        .iter()
        .map(|o| o.0)
        .chain(persons.first().map(|p| p.0).filter(|_| organisations.is_empty()));
    dialect::lock(conn, lock_space::COUNTER, keys)?;
    Ok((periods, organisations))
}

/// Locks everything: nobody refreshes or opens beside this. Returns the opened periods.
///
/// # Errors
/// Those of the database.
pub fn lock_everything(conn: &mut AnyConn) -> Result<Vec<FactPeriod>, DbError> {
    dialect::lock(conn, lock_space::FACTS, [0])?;
    store::periods(conn)
}

/// Rewrites the facts of persons in `periods` where they are not what is stored; [`lock_persons`] came before. Returns
/// the periods where they were not: most acts change no fact, and then no counter either.
///
/// # Errors
/// Those of the database.
pub fn persons(
    conn: &mut AnyConn,
    periods: &[FactPeriod],
    persons: &[PersonId],
) -> Result<BTreeSet<FactPeriodId>, DbError> {
    let reference = Reference::load(conn)?;
    let asked: Vec<Asked> = periods.iter().map(Asked::from).collect();
    let blocks = load::named(conn, persons)?;
    let mut changed = BTreeSet::new();
    let known: BTreeSet<PersonId> = blocks.iter().flat_map(|b| b.persons.iter().copied()).collect();
    let gone: Vec<PersonId> = persons.iter().copied().filter(|p| !known.contains(p)).collect();
    if !gone.is_empty() {
        store::remove(conn, periods, &gone)?;
        changed.extend(periods.iter().map(|p| p.id));
    }
    for block in blocks {
        let computed = compute(conn, &reference, &block, &asked, None)?;
        for (period, facts) in periods.iter().zip(computed) {
            let same = match store::stored(conn, period.id, &block) {
                Ok(rows) => rows.are(&facts),
                // Written past the program: rewritten like anything else that is not as computed.
                Err(e) if e.is_unreadable() => false,
                Err(e) => return Err(e),
            };
            if same {
                continue;
            }
            store::remove(conn, std::slice::from_ref(period), &block.persons)?;
            store::insert(conn, facts)?;
            changed.insert(period.id);
        }
    }
    Ok(changed)
}

/// Rewrites the facts of everyone in `periods`; [`lock_everything`] came before. `seen` is shown every person of every
/// period, by the place of the period in the list.
///
/// # Errors
/// Those of the database.
pub fn everyone(
    conn: &mut AnyConn,
    periods: &[FactPeriod],
    mut seen: impl FnMut(usize, &PersonFacts),
) -> Result<(), DbError> {
    let reference = Reference::load(conn)?;
    let asked: Vec<Asked> = periods.iter().map(Asked::from).collect();
    for period in periods {
        store::clear(conn, period.id)?;
    }
    for block in load::everyone(conn, None)? {
        for (i, facts) in compute(conn, &reference, &block, &asked, None)?.into_iter().enumerate() {
            facts.iter().for_each(|known| seen(i, known));
            store::insert(conn, facts)?;
        }
    }
    Ok(())
}
