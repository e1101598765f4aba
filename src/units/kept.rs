//! Trees that were read once, kept for the next question. A region says by its stamp, which triggers of the database change
//! with every unit and link whoever writes them, whether a kept tree is still the one that stands there.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::tree::Tree;
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

/// The most units in all kept trees together, some 300 bytes each: five trees of a country.
const UNITS: usize = 200_000;

/// The kept tree, or the one that `read` brings, kept from now on. The stamps are read before the tree: a tree may be
/// newer than the stamps it is kept under, which nobody reads again then, and never older.
///
/// # Errors
/// Those of the database.
pub(super) fn or_read(
    conn: &mut AnyConn,
    asked: Asked,
    read: impl FnOnce(&mut AnyConn) -> Result<Tree, DbError>,
) -> Result<Arc<Tree>, DbError> {
    let stamps: Stamps = unit_stamp::table
        .select((unit_stamp::region_id, unit_stamp::stamp))
        .order(unit_stamp::region_id)
        .load(conn)?;
    if let Some(tree) = find(&stamps, asked) {
        return Ok(tree);
    }
    let tree = Arc::new(read(conn)?);
    keep(Kept {
        stamps,
        asked,
        tree: Arc::clone(&tree),
    });
    Ok(tree)
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

fn keep(new: Kept) {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push_back(new);
    let mut units: usize = kept.iter().map(|k| k.tree.len()).sum();
    while kept.len() > 1 && (kept.len() > TREES || units > UNITS) {
        units -= kept.pop_front().map_or(0, |k| k.tree.len());
    }
}
