//! What the pages of changes read: both sides of a comparison of one indicator of a unit, within the scope.

use chrono::{NaiveDate, NaiveDateTime};

use crate::db::AnyConn;
use crate::error::Error;
use crate::indicators::Cause;
use crate::indicators::change::{Change, Explained, Moment};
use crate::indicators::change_list::{self, Row};
use crate::indicators::versions;
use crate::units::UnitId;
use crate::web::{Reach, Scope};

/// Which two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Between {
    /// Two days as they are known now.
    Days(NaiveDate, NaiveDate),
    /// One day, as it was known at the end of another and as it is known now.
    Knowledge(NaiveDate, NaiveDate),
}

impl Between {
    fn moments(self, zone_hours: i32) -> (Moment, Moment) {
        match self {
            Self::Days(from, to) => (Moment::of(from, zone_hours), Moment::of(to, zone_hours)),
            Self::Knowledge(on, known) => {
                let then = versions::end_of(known, zone_hours);
                let side = |known, version| Moment {
                    day: on,
                    known,
                    version,
                };
                (side(Some(then), then), side(None, NaiveDateTime::MAX))
            }
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub pack: String,
    pub indicator: String,
    pub unit: UnitId,
    pub between: Between,
    pub zone_hours: i32,
}

/// What was found.
pub(crate) struct Compared {
    /// The unit's own difference.
    pub own: Explained,
    /// Those of units below that differ, by the order asked for.
    pub below: Vec<Explained>,
    /// Numbers of the two versions of the pack.
    pub versions: (i32, i32),
    /// Whether on the earlier of the days no version had been loaded yet.
    pub before_first: bool,
    /// Names of the two periods.
    pub periods: (String, String),
}

fn load(conn: &mut AnyConn, scope: &Scope, asked: &Asked) -> Result<Change, Error> {
    let moments = asked.between.moments(asked.zone_hours);
    let only = [asked.indicator.clone()];
    let change = Change::load(conn, &asked.pack, asked.unit, moments, Some(&only))?;
    // On both days nothing of the unit may lie outside what the visitor sees.
    if let Reach::Some { organisations, .. } = &scope.reach
        && !change
            .organisations(asked.unit)
            .iter()
            .all(|o| organisations.contains(&o.0))
    {
        return Err(Error::NotFound("показатель".into()));
    }
    Ok(change)
}

/// Both sides of the unit and of those units below that differ.
///
/// # Errors
/// The unit lies outside the scope on one of the days; the indicator has no parts; those of the database.
pub(crate) fn compared(conn: &mut AnyConn, scope: &Scope, asked: &Asked, below: &[UnitId]) -> Result<Compared, Error> {
    let change = load(conn, scope, asked)?;
    let own = change.explain(&asked.indicator, asked.unit)?;
    let mut differ = Vec::new();
    for unit in below {
        let one = change.explain(&asked.indicator, *unit)?;
        if !one.parts.is_empty() {
            differ.push(one);
        }
    }
    let (first, last) = change.periods();
    Ok(Compared {
        own,
        below: differ,
        versions: (change.versions.0.number, change.versions.1.number),
        before_first: change.versions.0.is_later,
        periods: (first.code.clone(), last.code.clone()),
    })
}

/// The list of one part.
///
/// # Errors
/// As [`compared`].
pub(crate) fn listed(conn: &mut AnyConn, scope: &Scope, asked: &Asked, cause: Cause) -> Result<Vec<Row>, Error> {
    let change = load(conn, scope, asked)?;
    let own = change.explain(&asked.indicator, asked.unit)?;
    Ok(change_list::rows(conn, scope, &change, &own, cause)?)
}
