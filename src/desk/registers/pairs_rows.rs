//! Mentoring pairs within a scope and what is asked for: how many there are, of how many people, and one page of them.

use chrono::NaiveDate;
use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::activity::model::{MentoringPair, PairDocument};
use crate::db::schema::{mentoring_pair, person};
use crate::db::text_keys::{holding, words};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::working;
use crate::desk::registers::reach::Held;
use crate::each_db;

/// Where a pair stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// Works, or will.
    #[default]
    Works,
    /// Ended.
    Ended,
    /// Withdrawn.
    Withdrawn,
    /// All but the withdrawn ones.
    All,
}

/// What the address asks for.
#[derive(Clone, Default)]
pub(crate) struct Wanted {
    /// Key of a part of the name of one of the two.
    pub text: Option<String>,
    /// Form.
    pub form: Option<String>,
    /// A document that is not there.
    pub lacks: Option<PairDocument>,
    /// Where it stands.
    pub state: State,
}

/// A page of what is found.
pub(crate) struct Found {
    /// The last first.
    pub rows: Vec<MentoringPair>,
    /// How many are found.
    pub total: usize,
    /// Different mentors of everything that is found.
    pub mentors: i64,
    /// Different mentees.
    pub mentees: i64,
}

/// Pairs of which one of the two is seen; `span` says how many of so many are skipped and how many are read at most.
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
    macro_rules! named {
        ($text:expr) => {{
            let mut query = person::table
                .filter(person::region_id.eq(held.region))
                .select(person::id)
                .into_boxed();
            for word in words($text) {
                query = query.filter(person::search_key.like(holding(word)).escape('\\'));
            }
            query
        }};
    }
    // Boxed queries are not cloned: the same conditions make the numbers and the page.
    macro_rules! narrowed {
        ($query:expr) => {{
            let mut query = $query
                .filter(mentoring_pair::region_id.eq(held.region))
                .filter(mentoring_pair::superseded_at.is_null())
                .into_boxed();
            query = match wanted.state {
                State::Withdrawn => query.filter(mentoring_pair::withdrawn_at.is_not_null()),
                State::Works | State::Ended | State::All => query.filter(mentoring_pair::withdrawn_at.is_null()),
            };
            query = match wanted.state {
                State::Works => query.filter(
                    mentoring_pair::valid_to
                        .is_null()
                        .or(mentoring_pair::valid_to.gt(today)),
                ),
                State::Ended => query.filter(mentoring_pair::valid_to.le(today)),
                State::Withdrawn | State::All => query,
            };
            if let Some(own) = &held.bounds.organisations {
                let work = || working(held.region, own.clone(), today);
                query = query.filter(
                    mentoring_pair::mentor_id
                        .eq_any(work())
                        .or(mentoring_pair::mentee_id.eq_any(work())),
                );
            }
            if let Some(form) = &wanted.form {
                query = query.filter(mentoring_pair::form.eq(form.clone()));
            }
            if let Some(document) = wanted.lacks {
                let set = ",".into_sql::<Text>().concat(mentoring_pair::documents).concat(",");
                query = query.filter(set.not_like(holding(&format!(",{},", document.code()))).escape('\\'));
            }
            if let Some(text) = &wanted.text {
                query = query.filter(
                    mentoring_pair::mentor_id
                        .eq_any(named!(text))
                        .or(mentoring_pair::mentee_id.eq_any(named!(text))),
                );
            }
            query
        }};
    }
    let pairs = mentoring_pair::table;
    let numbers = (
        count_star(),
        count(mentoring_pair::mentor_id).aggregate_distinct(),
        count(mentoring_pair::mentee_id).aggregate_distinct(),
    );
    let (total, mentors, mentees): (i64, i64, i64) = each_db!(c, c => narrowed!(pairs.select(numbers)).first(c))?;
    let total = usize::try_from(total).unwrap_or_default();
    let (skipped, most) = span(total);
    let rows: Vec<MentoringPair> = each_db!(c, c => narrowed!(pairs.select(MentoringPair::as_select()))
        .order((mentoring_pair::valid_from.desc(), mentoring_pair::id.desc()))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(c))?;
    Ok(Found {
        rows,
        total,
        mentors,
        mentees,
    })
}
