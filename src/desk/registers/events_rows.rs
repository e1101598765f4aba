//! Events of a region within what is asked for: how many there are, how many people they name, and one page of them.

use chrono::NaiveDate;
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;

use crate::activity::model::{Event, Family, Level};
use crate::db::schema::{activity, event, event_unit};
use crate::db::text_keys::{holding, words};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::working;
use crate::desk::registers::events::{academic, year_of};
use crate::desk::registers::reach::Held;
use crate::each_db;
use crate::units::UnitId;

/// What the address asks for.
#[derive(Clone, Default)]
pub(crate) struct Wanted {
    /// Key of a part of the title or the series.
    pub text: Option<String>,
    /// Event or contest, and the kind of it.
    pub kind: Option<(Family, String)>,
    /// Level.
    pub level: Option<Level>,
    /// Series.
    pub series: Option<String>,
    /// The academic year, by its first calendar year.
    pub year: Option<i32>,
    /// A unit that took part or organises.
    pub unit: Option<UnitId>,
    /// Withdrawn ones in place of the others.
    pub withdrawn: bool,
}

/// A page of what is found.
pub(crate) struct Found {
    /// The last first.
    pub rows: Vec<Event>,
    /// How many are found.
    pub total: usize,
    /// Participants counted without names in everything that is found; `None` where none of it says how many.
    pub counted: Option<i64>,
    /// Records in force of everything that is found, of the people who are seen.
    pub named: i64,
}

/// Events that are asked for; `span` says how many of so many are skipped and how many are read at most.
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
            let mut query = $query.filter(event::region_id.eq(held.region)).into_boxed();
            query = match wanted.withdrawn {
                true => query.filter(event::withdrawn_at.is_not_null()),
                false => query.filter(event::withdrawn_at.is_null()),
            };
            for word in wanted.text.iter().flat_map(|text| words(text)) {
                query = query.filter(event::search_key.like(holding(word)).escape('\\'));
            }
            if let Some((family, kind)) = &wanted.kind {
                query = query
                    .filter(event::family.eq(*family))
                    .filter(event::kind.eq(kind.clone()));
            }
            if let Some(level) = wanted.level {
                query = query.filter(event::level.eq(level));
            }
            if let Some(series) = &wanted.series {
                query = query.filter(event::series.eq(series.clone()));
            }
            if let Some((from, to)) = wanted.year.and_then(academic) {
                query = query.filter(event::starts_on.between(from, to));
            }
            if let Some(unit) = wanted.unit {
                let there = event_unit::table
                    .filter(event_unit::unit_id.eq(unit))
                    .select(event_unit::event_id);
                query = query.filter(event::organiser_id.eq(unit).or(event::id.eq_any(there)));
            }
            query
        }};
    }
    // Participants of an event as a whole, and by units where it was not counted as a whole.
    let (total, whole): (i64, Option<i64>) =
        narrowed!(event::table.select((count_star(), sum(event::participants)))).first(c)?;
    let total = usize::try_from(total).unwrap_or_default();
    let parts: Option<i64> = each_db!(c, c => event_unit::table
        .filter(event_unit::event_id.eq_any(
            narrowed!(event::table.select(event::id)).filter(event::participants.is_null()),
        ))
        .select(sum(event_unit::participants))
        .first(c))?;
    let named: i64 = each_db!(c, c => {
        let mut records = activity::table
            .filter(activity::region_id.eq(held.region))
            .filter(activity::event_id.eq_any(narrowed!(event::table.select(event::id.nullable()))))
            .filter(activity::superseded_at.is_null())
            .filter(activity::withdrawn_at.is_null())
            .select(count_star())
            .into_boxed();
        if let Some(own) = &held.bounds.organisations {
            records = records.filter(activity::person_id.eq_any(working(held.region, own.clone(), today)));
        }
        records.first(c)
    })?;
    let (skipped, most) = span(total);
    let rows: Vec<Event> = narrowed!(event::table.select(Event::as_select()))
        .order((event::starts_on.desc(), event::id.desc()))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(c)?;
    Ok(Found {
        rows,
        total,
        counted: match (whole, parts) {
            (None, None) => (total == 0).then_some(0),
            (whole, parts) => Some(whole.unwrap_or(0) + parts.unwrap_or(0)),
        },
        named,
    })
}

/// Series and academic years to choose from: those of the events that stand.
///
/// # Errors
/// Those of the database.
pub(crate) fn choices(c: &mut AnyConn, region: UnitId) -> Result<(Vec<String>, Vec<i32>), DbError> {
    let series: Vec<Option<String>> = event::table
        .filter(event::region_id.eq(region))
        .filter(event::withdrawn_at.is_null())
        .filter(event::series.is_not_null())
        .select(event::series)
        .distinct()
        .load(c)?;
    let mut series: Vec<String> = series.into_iter().flatten().collect();
    series.sort();
    let days: Vec<NaiveDate> = event::table
        .filter(event::region_id.eq(region))
        .filter(event::withdrawn_at.is_null())
        .select(event::starts_on)
        .distinct()
        .load(c)?;
    let mut years: Vec<i32> = days.into_iter().map(year_of).collect();
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    Ok((series, years))
}
