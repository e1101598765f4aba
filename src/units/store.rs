//! The queries of units.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::kept::{self, Asked};
use super::model::{Unit, UnitId, UnitKind, UnitLink, holds_on};
use super::tree::{Tree, Units};
use crate::db::schema::{unit, unit_link};
use crate::db::{AnyConn, DbError};
use crate::each_db;

/// The tree of every region on a day, as known at `known` (`None`: now). Units are a small table (40,000 at most in a
/// country) and no secret: names of organisations are public, so no scope is asked here.
///
/// # Errors
/// Those of the database.
pub fn tree(conn: &mut AnyConn, day: NaiveDate, known: Option<NaiveDateTime>) -> Result<Arc<Tree>, DbError> {
    let Some(known) = known else {
        return kept::or_read(conn, Asked::Of(day), standing_links);
    };
    let units = Arc::new(units(conn)?);
    let links: Vec<UnitLink> = unit_link::table
        .filter(unit_link::recorded_at.le(known))
        .filter(
            unit_link::superseded_at
                .is_null()
                .or(unit_link::superseded_at.gt(known)),
        )
        .select(UnitLink::as_select())
        .load(conn)?;
    Ok(Arc::new(Tree::on(day, units, &links)))
}

/// The tree of a day in which organisations that were closed before stand where they stood last: a role over a unit goes
/// on reaching what it has done there.
///
/// # Errors
/// Those of the database.
pub fn tree_with_closed(conn: &mut AnyConn, day: NaiveDate) -> Result<Arc<Tree>, DbError> {
    kept::or_read(conn, Asked::WithClosed(day), |conn| {
        let mut links = standing_links(conn)?;
        leave_closed_where_they_stood(&mut links, day);
        Ok(links)
    })
}

/// Every unit by its id.
pub(super) fn units(conn: &mut AnyConn) -> Result<Units, DbError> {
    let all: Vec<Unit> = each_db!(conn, c => unit::table.select(Unit::as_select()).load(c))?;
    Ok(all.into_iter().map(|unit| (unit.id, unit)).collect())
}

/// The links as they are known now.
fn standing_links(conn: &mut AnyConn) -> Result<Vec<UnitLink>, DbError> {
    Ok(each_db!(conn, c => unit_link::table
        .filter(unit_link::superseded_at.is_null())
        .select(UnitLink::as_select())
        .load(c))?)
}

/// Takes the end off the last links of what stands nowhere on `day`.
fn leave_closed_where_they_stood(links: &mut [UnitLink], day: NaiveDate) {
    let stand: HashSet<UnitId> = links
        .iter()
        .filter(|l| holds_on(l.valid_from, l.valid_to, day))
        .map(|l| l.unit_id)
        .collect();
    let mut last: HashMap<UnitId, NaiveDate> = HashMap::new();
    for link in links.iter().filter(|l| !stand.contains(&l.unit_id)) {
        if let Some(to) = link.valid_to.filter(|to| *to <= day) {
            let known = last.entry(link.unit_id).or_insert(to);
            *known = to.max(*known);
        }
    }
    for link in links {
        if link.valid_to.is_some() && last.get(&link.unit_id) == link.valid_to.as_ref() {
            link.valid_to = None;
        }
    }
}

/// A unit by its code.
///
/// # Errors
/// Those of the database.
pub fn by_code(conn: &mut AnyConn, code: &str) -> Result<Option<Unit>, DbError> {
    Ok(unit::table
        .filter(unit::code.eq(code))
        .select(Unit::as_select())
        .first(conn)
        .optional()?)
}

/// Code of every unit: its id, region and kind. For files, which name units by codes.
///
/// # Errors
/// Those of the database.
pub fn places(conn: &mut AnyConn) -> Result<HashMap<String, (UnitId, UnitId, UnitKind)>, DbError> {
    let rows: Vec<(String, UnitId, UnitId, UnitKind)> = unit::table
        .select((unit::code, unit::id, unit::region_id, unit::kind))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(code, id, region, kind)| (code, (id, region, kind)))
        .collect())
}
