//! Facts kept fresh: those of some persons, or of everyone.
//!
//! Nothing is read before the locks are taken: of two writers that touch one person, the second computes its facts
//! from what the first has committed.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;

use chrono::{NaiveDate, NaiveDateTime};

use super::load::{self, Block, Reference};
use super::model::PersonFacts;
use super::period::{FactPeriod, FactPeriodId, Window};
use super::sources::Sources;
use super::store::StoredRows;
use super::{person, store};
use crate::db::dialect::{self, lock_space};
use crate::db::{AnyConn, DbError, TouchedDay};
use crate::people::PersonId;
use crate::planted;
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
    reference: &mut Reference,
    block: &Block,
    asked: &[Asked],
    known: Option<NaiveDateTime>,
) -> Result<Vec<Vec<PersonFacts>>, DbError> {
    let sources = load::sources(conn, reference, block, known)?;
    Ok(of_sources(&sources, asked))
}

/// The facts that follow from sources, a list for each period asked.
fn of_sources(sources: &[Sources], asked: &[Asked]) -> Vec<Vec<PersonFacts>> {
    let of = |a: &Asked| {
        let facts = |s| person::facts(s, a.period, &a.window, a.looking_back);
        sources.iter().filter_map(facts).collect()
    };
    asked.iter().map(of).collect()
}

/// So few persons are followed one by one, their counters by what each brings; of more the cells are counted anew.
pub const FEW: usize = 50;

/// What a refresh of some persons stands on, locked.
#[derive(Debug)]
pub struct Held {
    /// The opened periods.
    pub periods: Vec<FactPeriod>,
    /// The regions.
    pub regions: Vec<UnitId>,
    /// Organisations whose counters may change; not looked up where nobody else writes and few are touched.
    pub organisations: Option<BTreeSet<UnitId>>,
}

impl Held {
    /// Keeps the periods that hold one of the days: facts of the others do not rest on them.
    pub fn keep_those_of(&mut self, days: &[TouchedDay]) {
        let holds = |window: &Window| days.iter().any(|day| window.contains(day.on)) && !planted!("period_of_day_left");
        self.periods.retain(|period| holds(&period.window()));
    }
}

/// Locks what a refresh of some persons reads and writes.
///
/// # Errors
/// Those of the database.
pub fn lock_persons(conn: &mut AnyConn, persons: &[PersonId]) -> Result<Held, DbError> {
    dialect::lock_shared(conn, lock_space::FACTS, 0)?;
    let mut held = Held {
        periods: store::periods(conn)?,
        regions: store::regions(conn)?,
        organisations: None,
    };
    if held.periods.is_empty() || (dialect::has_one_writer(conn) && persons.len() <= FEW) {
        return Ok(held);
    }
    let organisations = store::organisations_of(conn, &held.regions, persons)?;
    // A person without any organisation is locked by itself.
    let keys = organisations
        .iter()
        .map(|o| o.0)
        .chain(persons.first().map(|p| p.0).filter(|_| organisations.is_empty()));
    dialect::lock(conn, lock_space::COUNTER, keys)?;
    held.organisations = Some(organisations);
    Ok(held)
}

/// Persons whose facts rest on a day anew: in some period nothing of the kind was done before.
///
/// # Errors
/// Those of the database.
pub fn of_new_days(conn: &mut AnyConn, days: &[TouchedDay]) -> Result<Vec<PersonId>, DbError> {
    // Whoever was helped on that very day is helped in every period that holds it.
    let new: Vec<&TouchedDay> = days.iter().filter(|day| !day.before.contains(&day.on)).collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    dialect::lock_shared(conn, lock_space::FACTS, 0)?;
    let windows: Vec<Window> = store::periods(conn)?.iter().map(FactPeriod::window).collect();
    let is_first = |day: &&&TouchedDay| {
        let known = |window: &Window| {
            let within = |on: &NaiveDate| window.contains(*on) || planted!("day_of_another_period");
            day.before.iter().any(within)
        };
        windows.iter().any(|window| window.contains(day.on) && !known(window))
    };
    Ok(new.iter().filter(is_first).map(|day| PersonId(day.person)).collect())
}

/// Locks everything: nobody refreshes or opens beside this. Returns the opened periods.
///
/// # Errors
/// Those of the database.
pub fn lock_everything(conn: &mut AnyConn) -> Result<Vec<FactPeriod>, DbError> {
    dialect::lock(conn, lock_space::FACTS, [0])?;
    store::periods(conn)
}

/// Facts of some persons in a period that were not what is stored.
#[derive(Debug)]
pub struct Changed {
    /// The place of the period in [`Held::periods`].
    pub period: usize,
    /// What was stored; `None` where it did not read.
    pub before: Option<Vec<PersonFacts>>,
    /// What is stored now.
    pub after: Vec<PersonFacts>,
}

/// Rewrites the facts of persons where they are not what is stored; [`lock_persons`] came before. Most acts change no
/// fact, and then no counter either.
///
/// # Errors
/// Those of the database.
pub fn persons(conn: &mut AnyConn, held: &Held, persons: &[PersonId]) -> Result<Vec<Changed>, DbError> {
    let asked: Vec<Asked> = held.periods.iter().map(Asked::from).collect();
    let blocks = load::named(conn, &held.regions, persons)?;
    let mut changed = Vec::new();
    let known: BTreeSet<PersonId> = blocks.iter().flat_map(|b| b.persons.iter().copied()).collect();
    let gone: Vec<PersonId> = persons.iter().copied().filter(|p| !known.contains(p)).collect();
    if !gone.is_empty() {
        store::remove(conn, &held.periods, &gone)?;
        changed.extend((0..held.periods.len()).map(|period| Changed {
            period,
            before: None,
            after: Vec::new(),
        }));
    }
    let mut reference = if persons.len() <= FEW {
        Reference::default()
    } else {
        Reference::load(conn)?
    };
    for block in blocks {
        let computed = compute(conn, &mut reference, &block, &asked, None)?;
        let mut all = match store::stored_in_all(conn, &block) {
            Ok(rows) => Some(rows),
            // Written past the program: each period for itself.
            Err(e) if e.is_unreadable() => None,
            Err(e) => return Err(e),
        };
        for (place, (period, after)) in held.periods.iter().zip(computed).enumerate() {
            let rows = match &mut all {
                Some(rows) => Ok(rows.remove(&period.id).unwrap_or_default()),
                None => store::stored(conn, period.id, &block),
            };
            let before = match rows {
                Ok(rows) => {
                    let now = StoredRows::from(after.clone());
                    if rows == now {
                        continue;
                    }
                    store::replace(conn, period.id, &block, &rows, now)?;
                    rows.facts()
                }
                // Rewritten like anything else that is not as computed.
                Err(e) if e.is_unreadable() => {
                    store::remove(conn, std::slice::from_ref(period), &block.persons)?;
                    store::insert(conn, after.clone())?;
                    None
                }
                Err(e) => return Err(e),
            };
            changed.push(Changed {
                period: place,
                before,
                after,
            });
        }
    }
    Ok(changed)
}

/// Rewrites the facts of everyone in `periods`; [`lock_everything`] came before. `seen` is shown every person of every
/// period, by the place of the period in the list.
///
/// Facts of a block are computed by a second thread while the database reads the next one and writes the one before.
///
/// # Errors
/// Those of the database.
pub fn everyone(
    conn: &mut AnyConn,
    periods: &[FactPeriod],
    mut seen: impl FnMut(usize, &PersonFacts) + Send,
) -> Result<(), DbError> {
    let mut reference = Reference::load(conn)?;
    let asked: Vec<Asked> = periods.iter().map(Asked::from).collect();
    for period in periods {
        store::clear(conn, period.id)?;
    }
    let blocks = load::everyone(conn, None)?;
    thread::scope(|scope| {
        let (give, given) = mpsc::sync_channel::<Vec<Sources>>(1);
        let (done, made) = mpsc::sync_channel(1);
        scope.spawn(move || {
            for sources in given {
                let facts = of_sources(&sources, &asked);
                for (period, of) in facts.iter().enumerate() {
                    of.iter().for_each(|known| seen(period, known));
                }
                if done.send(facts).is_err() {
                    return;
                }
            }
        });
        let write = |conn: &mut AnyConn| -> Result<(), DbError> {
            // A thread that fell says why when the scope ends.
            let facts = made.recv().unwrap_or_default();
            facts.into_iter().try_for_each(|of| store::insert(conn, of))
        };
        let mut waits = false;
        for block in blocks {
            let sources = load::sources(conn, &mut reference, &block, None)?;
            if give.send(sources).is_err() {
                return Ok(());
            }
            if waits {
                write(conn)?;
            }
            waits = true;
        }
        if waits { write(conn) } else { Ok(()) }
    })
}
