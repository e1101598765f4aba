//! The queries of units.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::model::{Unit, UnitLink};
use super::tree::Tree;
use crate::db::schema::{unit, unit_link};
use crate::db::{AnyConn, DbError};

/// The tree of every region on a day, as known at `known` (`None`: now). Units are a small table (40,000 at most in a
/// country) and no secret: names of organisations are public, so no scope is asked here.
///
/// # Errors
/// Those of the database.
pub fn tree(conn: &mut AnyConn, day: NaiveDate, known: Option<NaiveDateTime>) -> Result<Tree, DbError> {
    let units: Vec<Unit> = unit::table.select(Unit::as_select()).load(conn)?;
    let mut links = unit_link::table.select(UnitLink::as_select()).into_boxed();
    links = match known {
        None => links.filter(unit_link::superseded_at.is_null()),
        Some(known) => links.filter(unit_link::recorded_at.le(known)).filter(
            unit_link::superseded_at
                .is_null()
                .or(unit_link::superseded_at.gt(known)),
        ),
    };
    Ok(Tree::on(day, units, &links.load(conn)?))
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
