//! Cards of the base of mentors within a scope and what is asked for: how many there are, how many were trained, and one
//! page of them.

use chrono::NaiveDate;
use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::activity::model::MentorCard;
use crate::db::schema::{mentor_card, person};
use crate::db::text_keys::{holding, words};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::working;
use crate::desk::registers::reach::Held;

/// What the address asks for.
#[derive(Clone, Default)]
pub(crate) struct Wanted {
    /// Key of a part of the name.
    pub text: Option<String>,
    /// A quality that is written down.
    pub quality: Option<String>,
    /// Whether the mentor was trained.
    pub trained: Option<bool>,
    /// Whether cards that are over, or have not begun, are found too.
    pub past: bool,
}

/// A page of what is found.
pub(crate) struct Found {
    /// By name.
    pub rows: Vec<MentorCard>,
    /// How many are found.
    pub total: usize,
    /// How many of them were trained.
    pub trained: i64,
}

/// Cards of today of the people who are seen; `span` says how many of so many are skipped and how many are read at most.
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
            let mut query = $query
                .filter(mentor_card::region_id.eq(held.region))
                .filter(mentor_card::superseded_at.is_null())
                .filter(mentor_card::withdrawn_at.is_null())
                .into_boxed();
            if !wanted.past {
                let runs = mentor_card::valid_to.is_null().or(mentor_card::valid_to.gt(today));
                query = query.filter(mentor_card::valid_from.le(today)).filter(runs);
            }
            if let Some(own) = &held.bounds.organisations {
                query = query.filter(mentor_card::person_id.eq_any(working(held.region, own.clone(), today)));
            }
            if let Some(quality) = &wanted.quality {
                let set = ",".into_sql::<Text>().concat(mentor_card::qualities).concat(",");
                query = query.filter(set.like(holding(&format!(",{quality},"))).escape('\\'));
            }
            query = match wanted.trained {
                Some(true) => query.filter(mentor_card::trained_on.is_not_null()),
                Some(false) => query.filter(mentor_card::trained_on.is_null()),
                None => query,
            };
            for word in wanted.text.iter().flat_map(|text| words(text)) {
                query = query.filter(person::search_key.like(holding(word)).escape('\\'));
            }
            query
        }};
    }
    let with_person = || {
        mentor_card::table.inner_join(
            person::table.on(person::id
                .eq(mentor_card::person_id)
                .and(person::region_id.eq(mentor_card::region_id))),
        )
    };
    let numbers = (count_star(), count(mentor_card::trained_on));
    let (total, trained): (i64, i64) = narrowed!(with_person().select(numbers)).first(c)?;
    let total = usize::try_from(total).unwrap_or_default();
    let (skipped, most) = span(total);
    let rows = narrowed!(with_person().select(MentorCard::as_select()))
        .order((person::sort_key, mentor_card::id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(c)?;
    Ok(Found { rows, total, trained })
}
