//! Which record of a register a row of the journal is about: titles and codes as they stand now, looked up for a page of
//! rows at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;

use crate::db::schema::{
    activity, body, campaign, event, import_batch, mentoring_pair, person, procedure, publication, regulation,
    submission, undertaking, unit, vote,
};
use crate::db::{AnyConn, DbError};
use crate::desk::journal::rows::Row;
use crate::pages::text::short_name;

/// Kinds of objects that are named, each with the code of `detail` that names one by its id.
const KINDS: &[(&str, &str)] = &[
    ("event", "event"),
    ("body", "body"),
    ("undertaking", "undertaking"),
    ("publication", "publication"),
    ("regulation", "regulation"),
    ("mentoring_pair", "pair"),
    ("procedure", ""),
    ("submission", ""),
    ("campaign", ""),
    ("activity", ""),
    ("vote", "vote"),
    ("unit", ""),
    ("import_batch", ""),
];

/// Titles by kind and id.
type Titles = HashMap<(&'static str, i64), String>;

/// The kind of records that a kind of objects is, where they are named.
#[must_use]
pub fn kind(object: &str) -> Option<&'static str> {
    KINDS.iter().find(|(kind, _)| *kind == object).map(|(kind, _)| *kind)
}

/// The kind of records that a code of `detail` names by their ids.
#[must_use]
pub fn kind_of_code(key: &str) -> Option<&'static str> {
    let own = |code: &str| !code.is_empty() && code == key;
    KINDS.iter().find(|(_, code)| own(code)).map(|(kind, _)| *kind)
}

/// Titles of the records that rows are about or name in their codes; what is gone has none.
///
/// # Errors
/// Those of the database.
pub fn titles(conn: &mut AnyConn, rows: &[Row]) -> Result<Titles, DbError> {
    let mut wanted: BTreeMap<&'static str, BTreeSet<i64>> = BTreeMap::new();
    for row in rows {
        let own = kind(&row.object_kind).zip(row.object);
        let coded = row.detail.split(' ').filter_map(|part| part.split_once('='));
        let coded = coded.filter_map(|(key, value)| kind_of_code(key).zip(value.parse().ok()));
        for (kind, id) in own.into_iter().chain(coded) {
            wanted.entry(kind).or_default().insert(id);
        }
    }
    let mut found = Titles::new();
    for (kind, ids) in wanted {
        let ids: Vec<i64> = ids.into_iter().collect();
        for block in ids.chunks(1000) {
            let titles = block_of(conn, kind, block)?;
            found.extend(titles.into_iter().map(|(id, title)| ((kind, id), title)));
        }
    }
    Ok(found)
}

fn block_of(conn: &mut AnyConn, kind: &'static str, ids: &[i64]) -> Result<Vec<(i64, String)>, DbError> {
    macro_rules! coded {
        ($table:ident, $title:ident) => {{
            let rows: Vec<(i64, String, String)> = $table::table
                .filter($table::id.eq_any(ids))
                .select(($table::id, $table::$title, $table::code))
                .load(conn)?;
            rows.into_iter()
                .map(|(id, title, code)| (id, format!("«{title}» ({code})")))
                .collect()
        }};
    }
    Ok(match kind {
        "event" => coded!(event, title),
        "body" => coded!(body, name),
        "procedure" => coded!(procedure, name),
        "undertaking" => coded!(undertaking, title),
        "publication" => coded!(publication, title),
        "regulation" => {
            let rows: Vec<(i64, String)> = regulation::table
                .filter(regulation::id.eq_any(ids))
                .select((regulation::id, regulation::title))
                .load(conn)?;
            rows.into_iter().map(|(id, title)| (id, format!("«{title}»"))).collect()
        }
        "vote" => {
            let rows: Vec<(i64, String, i32)> = vote::table
                .filter(vote::id.eq_any(ids))
                .select((vote::id, vote::title, vote::year))
                .load(conn)?;
            let titled = rows
                .into_iter()
                .map(|(id, title, year)| (id, format!("«{title}», {year} год")));
            titled.collect()
        }
        "unit" => coded!(unit, name),
        "import_batch" => import_batch::table
            .filter(import_batch::id.eq_any(ids))
            .select((import_batch::id, import_batch::code))
            .load(conn)?,
        "activity" => {
            let rows: Vec<(i64, String)> = activity::table
                .filter(activity::record_id.eq_any(ids))
                .filter(activity::superseded_at.is_null())
                .select((activity::record_id, activity::title))
                .load(conn)?;
            let quoted = rows.into_iter().map(|(id, title)| (id, format!("«{title}»")));
            quoted.collect()
        }
        "campaign" => coded!(campaign, title),
        "submission" => {
            let rows: Vec<(i64, String, String)> = submission::table
                .inner_join(
                    campaign::table.on(campaign::id
                        .eq(submission::campaign_id)
                        .and(campaign::region_id.eq(submission::region_id))),
                )
                .inner_join(unit::table.on(unit::id.eq(submission::unit_id)))
                .filter(submission::id.eq_any(ids))
                .select((submission::id, unit::name, campaign::code))
                .load(conn)?;
            let named = rows
                .into_iter()
                .map(|(id, unit, code)| (id, format!("{unit} ({code})")));
            named.collect()
        }
        "mentoring_pair" => pairs(conn, ids)?,
        _ => Vec::new(),
    })
}

/// A pair has no title of its own: it is called by its two people.
fn pairs(conn: &mut AnyConn, ids: &[i64]) -> Result<Vec<(i64, String)>, DbError> {
    let pairs: Vec<(i64, i64, i64)> = mentoring_pair::table
        .filter(mentoring_pair::record_id.eq_any(ids))
        .filter(mentoring_pair::superseded_at.is_null())
        .select((
            mentoring_pair::record_id,
            mentoring_pair::mentor_id,
            mentoring_pair::mentee_id,
        ))
        .load(conn)?;
    let both: Vec<i64> = pairs
        .iter()
        .flat_map(|(_, mentor, mentee)| [*mentor, *mentee])
        .collect();
    let mut names = HashMap::new();
    for block in both.chunks(1000) {
        let rows: Vec<(i64, String, String, Option<String>)> = person::table
            .filter(person::id.eq_any(block))
            .select((person::id, person::last_name, person::first_name, person::patronymic))
            .load(conn)?;
        let short = |(id, last, first, patronymic): (i64, String, String, Option<String>)| {
            (id, short_name(&last, &first, patronymic.as_deref()))
        };
        names.extend(rows.into_iter().map(short));
    }
    let named = |id: i64| names.get(&id).map_or("человека больше нет в базе", String::as_str);
    let title = |(id, mentor, mentee): (i64, i64, i64)| {
        let title = format!("наставник {}, наставляемый {}", named(mentor), named(mentee));
        (id, title)
    };
    Ok(pairs.into_iter().map(title).collect())
}
