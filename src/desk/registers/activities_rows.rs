//! Records of what people did within a scope and what is asked for: how many there are, about how many people, of which
//! academic years, and one page of them.

use chrono::NaiveDate;
use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use crate::activity::model::{Achieved, Activity, Family, Level};
use crate::db::schema::{activity, person};
use crate::db::text_keys::{holding, words};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::working;
use crate::desk::registers::events::year_of;
use crate::units::UnitId;

/// What the address asks for.
#[derive(Clone, Default)]
pub(crate) struct Wanted {
    /// Key of a part of the name.
    pub text: Option<String>,
    /// Family, and the kind within it.
    pub kind: Option<(Family, Option<String>)>,
    /// Level.
    pub level: Option<Level>,
    /// What came of it.
    pub result: Option<Achieved>,
    /// First and last day.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Of people who work in these; `None` is everyone of the region.
    pub organisations: Option<Vec<UnitId>>,
    /// Withdrawn ones in place of the others.
    pub withdrawn: bool,
}

/// A page of what is found.
pub(crate) struct Found {
    /// The last first.
    pub rows: Vec<Activity>,
    /// How many are found.
    pub total: usize,
    /// About how many people they are.
    pub people: i64,
    /// Academic years of what is found, whichever of them is asked for; the last first.
    pub years: Vec<i32>,
}

/// Records that are asked for; `span` says how many of so many are skipped and how many are read at most.
///
/// # Errors
/// Those of the database.
pub(crate) fn find(
    c: &mut AnyConn,
    region: UnitId,
    wanted: &Wanted,
    today: NaiveDate,
    span: impl FnOnce(usize) -> (usize, usize),
) -> Result<Found, DbError> {
    // Boxed queries are not cloned: the same conditions make the numbers and the page.
    macro_rules! narrowed {
        ($query:expr, $days:expr) => {{
            let mut query = $query
                .filter(activity::region_id.eq(region))
                .filter(activity::superseded_at.is_null())
                .into_boxed();
            query = match wanted.withdrawn {
                true => query.filter(activity::withdrawn_at.is_not_null()),
                false => query.filter(activity::withdrawn_at.is_null()),
            };
            if let Some((family, kind)) = &wanted.kind {
                query = query.filter(activity::family.eq(*family));
                if let Some(kind) = kind {
                    query = query.filter(activity::kind.eq(kind.clone()));
                }
            }
            if let Some(level) = wanted.level {
                query = query.filter(activity::level.eq(level));
            }
            if let Some(result) = wanted.result {
                query = query.filter(activity::result.eq(result));
            }
            if let Some((from, to)) = $days {
                query = query.filter(activity::starts_on.between(from, to));
            }
            if let Some(organisations) = &wanted.organisations {
                query = query.filter(activity::person_id.eq_any(working(region, organisations.clone(), today)));
            }
            for word in wanted.text.iter().flat_map(|text| words(text)) {
                let named = person::table
                    .filter(person::region_id.eq(region))
                    .filter(person::search_key.like(holding(word)).escape('\\'))
                    .select(person::id);
                query = query.filter(activity::person_id.eq_any(named));
            }
            query
        }};
    }
    let every: Option<(NaiveDate, NaiveDate)> = None;
    let records = activity::table;
    let on: Vec<NaiveDate> = narrowed!(records.select(activity::starts_on).distinct(), every).load(c)?;
    let mut years: Vec<i32> = on.into_iter().map(year_of).collect();
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    let numbers = (count_star(), count(activity::person_id).aggregate_distinct());
    let (total, people): (i64, i64) = narrowed!(records.select(numbers), wanted.days).first(c)?;
    let total = usize::try_from(total).unwrap_or_default();
    let (skipped, most) = span(total);
    let rows = narrowed!(records.select(Activity::as_select()), wanted.days)
        .order((activity::starts_on.desc(), activity::id.desc()))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(c)?;
    Ok(Found {
        rows,
        total,
        people,
        years,
    })
}
