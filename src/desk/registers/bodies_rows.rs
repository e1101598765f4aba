//! Bodies of a region within what is asked for: how many there are, how many people stand in them today, and one page.

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::activity::model::{Body, Level};
use crate::db::schema::{body, body_member};
use crate::db::text_keys::{holding, words};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::working;
use crate::desk::registers::reach::Held;
use crate::each_db;
use crate::units::UnitId;

/// What the address asks for.
#[derive(Clone, Default)]
pub(crate) struct Wanted {
    /// Key of a part of the name.
    pub text: Option<String>,
    /// Kind.
    pub kind: Option<String>,
    /// Level.
    pub level: Option<Level>,
    /// Bodies of these units alone.
    pub units: Option<Vec<UnitId>>,
    /// Withdrawn ones in place of the others.
    pub withdrawn: bool,
}

/// A page of what is found.
pub(crate) struct Found {
    /// By name.
    pub rows: Vec<Body>,
    /// How many are found.
    pub total: usize,
    /// Memberships of today in everything that is found, of the people who are seen.
    pub members: i64,
}

/// Bodies that are asked for; `span` says how many of so many are skipped and how many are read at most.
///
/// # Errors
/// Those of the database.
pub(crate) fn find(
    c: &mut AnyConn,
    held: &Held,
    wanted: &Wanted,
    today: NaiveDate,
    span: impl FnOnce(usize) -> (usize, usize),
) -> Result<Found, DbError> {
    // Boxed queries are not cloned: the same conditions make the numbers and the page.
    macro_rules! narrowed {
        ($query:expr) => {{
            let mut query = $query.filter(body::region_id.eq(held.region)).into_boxed();
            query = match wanted.withdrawn {
                true => query.filter(body::withdrawn_at.is_not_null()),
                false => query.filter(body::withdrawn_at.is_null()),
            };
            for word in wanted.text.iter().flat_map(|text| words(text)) {
                query = query.filter(body::search_key.like(holding(word)).escape('\\'));
            }
            if let Some(kind) = &wanted.kind {
                query = query.filter(body::kind.eq(kind.clone()));
            }
            if let Some(level) = wanted.level {
                query = query.filter(body::level.eq(level));
            }
            if let Some(units) = &wanted.units {
                query = query.filter(body::unit_id.eq_any(units.clone()));
            }
            query
        }};
    }
    let total: i64 = narrowed!(body::table.select(count_star())).first(c)?;
    let total = usize::try_from(total).unwrap_or_default();
    // A number of people who are not seen would tell of a few.
    let members: i64 = each_db!(c, c => {
        let mut members = body_member::table
            .filter(body_member::region_id.eq(held.region))
            .filter(body_member::body_id.eq_any(narrowed!(body::table.select(body::id))))
            .filter(body_member::superseded_at.is_null())
            .filter(body_member::withdrawn_at.is_null())
            .filter(body_member::valid_from.le(today))
            .filter(body_member::valid_to.is_null().or(body_member::valid_to.gt(today)))
            .select(count_star())
            .into_boxed();
        if let Some(own) = &held.bounds.organisations {
            members = members.filter(body_member::person_id.eq_any(working(held.region, own.clone(), today)));
        }
        members.first(c)
    })?;
    let (skipped, most) = span(total);
    let rows: Vec<Body> = narrowed!(body::table.select(Body::as_select()))
        .order((body::search_key, body::id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(c)?;
    Ok(Found { rows, total, members })
}
