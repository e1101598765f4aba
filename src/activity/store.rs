//! Records by blocks of persons: a fixed number of queries a block, as known at a moment.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::model::{Achieved, Family, Level, MemberRole, Part};
use super::token::{Dated, Token};
use crate::db::schema::{activity, body, body_member, mentor_card, mentoring_pair};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;

/// Persons read by one round of queries.
const BLOCK: usize = 1000;

/// Keeps what is in force now, or was at the moment `known`.
macro_rules! in_force {
    ($query:expr, $table:ident, $known:expr) => {
        match $known {
            None => $query
                .filter($table::superseded_at.is_null())
                .filter($table::withdrawn_at.is_null()),
            Some(at) => $query
                .filter($table::recorded_at.le(at))
                .filter($table::superseded_at.is_null().or($table::superseded_at.gt(at)))
                .filter($table::withdrawn_at.is_null().or($table::withdrawn_at.gt(at))),
        }
    };
}

/// Whether a column is one of the persons. A statement about one of them is prepared once, about a list each time anew.
macro_rules! of_persons {
    ($query:expr, $column:expr, $block:expr) => {
        match $block {
            [only] => $query.into_boxed().filter($column.eq(*only)),
            several => $query.into_boxed().filter($column.eq_any(several)),
        }
    };
}

/// What the records of persons say and when, as known at `known` (`None`: now). Withdrawn records say nothing.
///
/// # Errors
/// Those of the database.
pub fn dated(
    conn: &mut AnyConn,
    persons: &[PersonId],
    known: Option<NaiveDateTime>,
) -> Result<HashMap<PersonId, Vec<Dated>>, DbError> {
    let mut all: HashMap<PersonId, Vec<Dated>> = HashMap::new();
    for block in persons.chunks(BLOCK) {
        for (person, dated) in records(conn, block, known)?
            .into_iter()
            .chain(memberships(conn, block, known)?)
            .chain(pairs(conn, block, known)?)
            .chain(cards(conn, block, known)?)
        {
            all.entry(person).or_default().push(dated);
        }
    }
    Ok(all)
}

/// The tokens of persons that count from one day to another, both included, as known at `known_at` (`None`: now);
/// sorted, each once. Whoever has none is not in the map.
///
/// # Errors
/// Those of the database.
pub fn tokens(
    conn: &mut AnyConn,
    persons: &[PersonId],
    from: NaiveDate,
    to: NaiveDate,
    known_at: Option<NaiveDateTime>,
) -> Result<HashMap<PersonId, Vec<Token>>, DbError> {
    let said = dated(conn, persons, known_at)?.into_iter();
    let counted = said.map(|(person, dated)| {
        let tokens: BTreeSet<Token> = dated
            .into_iter()
            .filter(|d| d.counts_in(from, to))
            .map(|d| d.token)
            .collect();
        (person, tokens.into_iter().collect::<Vec<_>>())
    });
    Ok(counted.filter(|(_, tokens)| !tokens.is_empty()).collect())
}

type Record = (
    PersonId,
    Family,
    String,
    Option<Level>,
    Option<Part>,
    Option<Achieved>,
    NaiveDate,
    Option<NaiveDate>,
);

fn records(
    conn: &mut AnyConn,
    block: &[PersonId],
    known: Option<NaiveDateTime>,
) -> Result<Vec<(PersonId, Dated)>, DbError> {
    let query = of_persons!(activity::table, activity::person_id, block).select((
        activity::person_id,
        activity::family,
        activity::kind,
        activity::level,
        activity::role,
        activity::result,
        activity::starts_on,
        activity::ends_on,
    ));
    let rows: Vec<Record> = in_force!(query, activity, known).load(conn)?;
    let said = rows
        .into_iter()
        .map(|(person, family, kind, level, part, result, from, last)| {
            let token = Token::of_record(family, &kind, level, part, result);
            let lasts = family.lasts();
            (
                person,
                Dated {
                    token,
                    from,
                    last,
                    lasts,
                },
            )
        });
    Ok(said.collect())
}

/// The last day of a link whose end is exclusive.
fn last_day(valid_to: Option<NaiveDate>) -> Option<NaiveDate> {
    valid_to.and_then(|day| day.pred_opt())
}

fn memberships(
    conn: &mut AnyConn,
    block: &[PersonId],
    known: Option<NaiveDateTime>,
) -> Result<Vec<(PersonId, Dated)>, DbError> {
    let query = body_member::table.inner_join(body::table.on(body::id.eq(body_member::body_id)));
    let query = of_persons!(query, body_member::person_id, block).select((
        body_member::person_id,
        body::kind,
        body::level,
        body_member::role,
        body_member::valid_from,
        body_member::valid_to,
    ));
    type Row = (PersonId, String, Level, MemberRole, NaiveDate, Option<NaiveDate>);
    let rows: Vec<Row> = in_force!(query, body_member, known).load(conn)?;
    let mut said = Vec::with_capacity(rows.len());
    for (person, kind, level, role, from, to) in rows {
        let dated = |token| Dated {
            token,
            from,
            last: last_day(to),
            lasts: true,
        };
        if kind == "management_team" {
            said.push((person, dated(Token::new("team", "-", None, None))));
        }
        said.push((person, dated(Token::of_member(&kind, level, role))));
    }
    Ok(said)
}

fn pairs(
    conn: &mut AnyConn,
    block: &[PersonId],
    known: Option<NaiveDateTime>,
) -> Result<Vec<(PersonId, Dated)>, DbError> {
    type Row = (PersonId, String, NaiveDate, Option<NaiveDate>);
    let of = |(person, form, from, to): Row, side| {
        let dated = Dated {
            token: Token::new("mentoring", &form, None, Some(side)),
            from,
            last: last_day(to),
            lasts: true,
        };
        (person, dated)
    };
    let tail = (
        mentoring_pair::form,
        mentoring_pair::valid_from,
        mentoring_pair::valid_to,
    );
    let mentors = of_persons!(mentoring_pair::table, mentoring_pair::mentor_id, block).select((
        mentoring_pair::mentor_id,
        tail.0,
        tail.1,
        tail.2,
    ));
    let mentees = of_persons!(mentoring_pair::table, mentoring_pair::mentee_id, block).select((
        mentoring_pair::mentee_id,
        tail.0,
        tail.1,
        tail.2,
    ));
    let mentors: Vec<Row> = in_force!(mentors, mentoring_pair, known).load(conn)?;
    let mentees: Vec<Row> = in_force!(mentees, mentoring_pair, known).load(conn)?;
    let mentors = mentors.into_iter().map(|row| of(row, "mentor"));
    Ok(mentors
        .chain(mentees.into_iter().map(|row| of(row, "mentee")))
        .collect())
}

fn cards(
    conn: &mut AnyConn,
    block: &[PersonId],
    known: Option<NaiveDateTime>,
) -> Result<Vec<(PersonId, Dated)>, DbError> {
    let query = of_persons!(mentor_card::table, mentor_card::person_id, block).select((
        mentor_card::person_id,
        mentor_card::valid_from,
        mentor_card::valid_to,
    ));
    let rows: Vec<(PersonId, NaiveDate, Option<NaiveDate>)> = in_force!(query, mentor_card, known).load(conn)?;
    let said = rows.into_iter().map(|(person, from, to)| {
        let dated = Dated {
            token: Token::new("role", "mentor_base", None, None),
            from,
            last: last_day(to),
            lasts: true,
        };
        (person, dated)
    });
    Ok(said.collect())
}
