//! Trees that were read once, kept for the next question. A region says by its stamp, which triggers of the database change
//! with every unit and link whoever writes them, whether a kept tree is still the one that stands there.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::UnitLink;
use super::tree::{Tree, Units};
use crate::db::schema::unit_stamp;
use crate::db::{AnyConn, DbError};

/// Which tree is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The tree of a day.
    Of(NaiveDate),
    /// The tree of a day in which what was closed before stands where it stood last.
    WithClosed(NaiveDate),
}

impl Asked {
    fn day(self) -> NaiveDate {
        match self {
            Self::Of(day) | Self::WithClosed(day) => day,
        }
    }
}

/// The stamps of all regions: equal where no unit and no link has changed. They are random numbers, so that a change that
/// was taken back never leaves its stamp to another one, and databases do not meet in one process.
type Stamps = Vec<(i64, i64)>;

struct Kept {
    stamps: Stamps,
    asked: Asked,
    tree: Arc<Tree>,
}

/// The trees used last stand last.
static KEPT: Mutex<VecDeque<Kept>> = Mutex::new(VecDeque::new());

/// The most trees that are kept: a few days (today, the reference days of periods) of a few databases.
const TREES: usize = 24;

/// The most units in all kept trees together, a tree that stands for several days counted once: eight trees of a country.
/// The units themselves, some 300 bytes each, are shared by all trees of one stamp; what stands in what takes as much again.
const UNITS: usize = 350_000;

/// The kept tree, or one that is made of the links that `read` brings, kept from now on. The stamps are read before the
/// tree: a tree may be newer than the stamps it is kept under, which nobody reads again then, and never older.
///
/// # Errors
/// Those of the database.
pub(super) fn or_read(
    conn: &mut AnyConn,
    asked: Asked,
    read: impl FnOnce(&mut AnyConn) -> Result<Vec<UnitLink>, DbError>,
) -> Result<Arc<Tree>, DbError> {
    let stamps: Stamps = unit_stamp::table
        .select((unit_stamp::region_id, unit_stamp::stamp))
        .order(unit_stamp::region_id)
        .load(conn)?;
    if let Some(tree) = find(&stamps, asked) {
        return Ok(tree);
    }
    let units = match units_of(&stamps) {
        Some(units) => units,
        None => Arc::new(super::store::units(conn)?),
    };
    let tree = Tree::on(asked.day(), units, &read(conn)?);
    Ok(keep(stamps, asked, tree))
}

fn find(stamps: &Stamps, asked: Asked) -> Option<Arc<Tree>> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let at = kept
        .iter()
        .position(|k| k.asked == asked && (k.stamps == *stamps || crate::planted!("old_tree")))?;
    let found = kept.remove(at)?;
    let tree = Arc::clone(&found.tree);
    kept.push_back(found);
    Some(tree)
}

/// The units of a kept tree of these stamps, of whatever day.
fn units_of(stamps: &Stamps) -> Option<Arc<Units>> {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let of = kept.iter().find(|k| k.stamps == *stamps)?;
    Some(Arc::clone(of.tree.all()))
}

/// Keeps a tree; one that stands as a kept one of another day is the same tree.
fn keep(stamps: Stamps, asked: Asked, tree: Tree) -> Arc<Tree> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let same = kept.iter().find(|k| k.stamps == stamps && k.tree.stands_as(&tree));
    let tree = same.map_or_else(|| Arc::new(tree), |k| Arc::clone(&k.tree));
    let new = Arc::clone(&tree);
    kept.push_back(Kept {
        stamps,
        asked,
        tree: new,
    });
    while kept.len() > 1 && (kept.len() > TREES || units_in(&kept) > UNITS) {
        kept.pop_front();
    }
    tree
}

/// Units of all kept trees together.
fn units_in(kept: &VecDeque<Kept>) -> usize {
    let trees: HashMap<*const Tree, usize> = kept.iter().map(|k| (Arc::as_ptr(&k.tree), k.tree.len())).collect();
    trees.values().sum()
}
