//! Publications from a file, by their codes: authors of the staff by СНИЛС, outsiders by name.

use std::collections::HashMap;

use chrono::Datelike;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::authors;
use super::kinds;
use super::publication::{self, Content, Writer};
use super::undertakings::{self, Publication, PublicationId};
use super::whom::{Persons, Whom, own_region, place, region_as_a_whole};
use crate::db::schema::publication as table;
use crate::db::types::code_set;
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::edited_since;
use crate::exchange::{
    Applied, Batch, BatchId, Change, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, made, previous,
    repeats,
};
use crate::insert_many;
use crate::people::Snils;
use crate::units::{self, UnitId};

/// Files of publications.
pub struct PublicationsFile;

/// An author as a cell names one.
#[derive(Debug, Clone, PartialEq)]
enum Named {
    Number(Whom),
    Outside(String),
}

/// A row. What the file has no column for is `None`: it says nothing of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    code: String,
    kind: &'static str,
    title: String,
    authors: Option<Vec<Named>>,
    year: i32,
    journal: Option<Option<String>>,
    subject: Option<Option<String>>,
    addressees: String,
    unit: Option<String>,
    link: Option<Option<String>>,
}

/// What a file may change, as it stood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Before {
    said: Content,
    version: i32,
    batch_id: Option<i64>,
}

const TABLE: &str = "publication";

fn named(fields: &mut Fields<'_>, name: &str) -> Vec<Named> {
    let Some(text) = fields.lines(name) else {
        return Vec::new();
    };
    let words = authors::names(&text);
    if words.is_empty() {
        fields.problem(name, Refusal::new("activity.no_authors"));
    }
    let mut found = Vec::new();
    for word in words {
        // A name has letters, a number has none.
        if word.chars().any(char::is_alphabetic) {
            if authors::is_none(&word) {
                fields.problem(name, Refusal::new("activity.author_name"));
            }
            found.push(Named::Outside(word));
            continue;
        }
        match Snils::parse(&word) {
            Ok(snils) => found.push(Named::Number(Whom::numbered(snils))),
            Err(e) => fields.problem(name, Refusal::new("people.snils").with("why", e.advice())),
        }
    }
    found
}

impl Table for PublicationsFile {
    type Row = Row;
    const KIND: Kind = Kind::Publications;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &[TABLE, "publication_author"];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let code = fields.required_text("code");
        let kind = fields.required_text("kind").and_then(|text| {
            let found = undertakings::kind(undertakings::publication_kinds(), &text);
            if found.is_none() {
                fields.problem("kind", Refusal::new("activity.unknown_kind"));
            }
            found
        });
        let title = fields.required_text("title");
        let authors = fields.given("authors", named);
        let year = fields.required_whole("year");
        let journal = fields.given("journal", |f, name| f.text(name));
        let subject = fields.given("subject", |f, name| f.text(name));
        let mut codes: Vec<&str> = Vec::new();
        if let Some(text) = fields.required_text("addressees") {
            for word in text.split([';', ',']).map(str::trim).filter(|w| !w.is_empty()) {
                match kinds::word(undertakings::addressees(), word) {
                    Some(found) => codes.push(&found.code),
                    None => fields.problem(
                        "addressees",
                        Refusal::new("activity.unknown_addressee").with("word", word),
                    ),
                }
            }
        }
        let unit = fields.unit("unit");
        let link = fields.given("link", |f, name| f.text(name));
        Some(Row {
            code: code?,
            kind: &kind?.code,
            title: title?,
            authors,
            year: year?,
            journal,
            subject,
            addressees: code_set(codes),
            unit,
            link,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let units = units::store::places(tx.conn())?;
        let own = own_region(tx, batch)?;
        let numbered = rows
            .iter()
            .flat_map(|s| s.row.authors.iter().flatten())
            .filter_map(|a| match a {
                Named::Number(whom) => Some(whom),
                Named::Outside(_) => None,
            });
        let persons = Persons::load(tx, batch, Kind::Publications, numbered)?;
        let mut found = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            let problem =
                |value: &str, refusal| Verdict::Refused(Problem::at(Kind::Publications, "unit", value, refusal));
            let place = match &row.unit {
                None => match region_as_a_whole(own, batch) {
                    Ok(region) => Ok((None, region)),
                    Err(refusal) => Err(problem("", refusal)),
                },
                Some(code) => place(units.get(code), batch).map_err(|refusal| problem(code, refusal)),
            };
            match place {
                Ok((unit, region)) => found.push(Staged {
                    number,
                    row: (region, unit, row),
                }),
                Err(verdict) => applied.verdicts.push((number, verdict)),
            }
        }
        let rows = repeats::settle(found, |(region, _, r)| (*region, r.code.clone()), &mut applied.verdicts);
        let stored = stored(tx, &rows)?;
        let this_year = tx.today().year();
        let mut new: Vec<(Publication, Content)> = Vec::new();
        for Staged {
            number,
            row: (region, unit, row),
        } in rows
        {
            let old = stored.get(&(region, row.code.clone()));
            if old.is_some_and(|(o, _)| !batch.keeps(region.0, o.unit_id.map(|u| u.0))) {
                let refusal = Refusal::new("import.code_outside");
                let problem = Problem::at(Kind::Publications, "code", &row.code, refusal);
                applied.verdicts.push((number, Verdict::Refused(problem)));
                continue;
            }
            let verdict = match content(&persons, (region, unit), &row, old.map(|(_, said)| said), this_year) {
                Err(verdict) => verdict,
                Ok(said) => match beyond(&row.code, old, &said) {
                    Some((column, refusal)) => {
                        let value = if column == "code" { row.code.as_str() } else { "" };
                        Verdict::Refused(Problem::at(Kind::Publications, column, value, refusal))
                    }
                    None => settle(tx, batch, (region, row.code), old, said, &mut new)?,
                },
            };
            applied.verdicts.push((number, verdict));
        }
        let made: Vec<Publication> = new.iter().map(|(row, _)| row).cloned().collect();
        insert_many!(tx.conn(), table::table, made)?;
        for (row, said) in &new {
            publication::put_authors(tx, (row.region_id, row.id), said)?;
        }
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        // A later file is named by its own.
        edited_since(tx.conn(), TABLE, changes)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for change in changes {
            let Some((id, before)) = change.before::<Before>()? else {
                continue;
            };
            let now: Option<Publication> = table::table
                .filter(table::id.eq(PublicationId(id)))
                .select(Publication::as_select())
                .first(tx.conn())
                .optional()?;
            if let Some(now) = now {
                let _written = publication::set(tx, &now, &before.said, before.version, before.batch_id)?;
            }
        }
        for block in made(changes, TABLE).chunks(1000) {
            diesel::delete(table::table.filter(table::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

/// What a row says, over what is stored.
fn content(
    persons: &Persons,
    (region, unit): (UnitId, Option<UnitId>),
    row: &Row,
    old: Option<&Content>,
    this_year: i32,
) -> Result<Content, Verdict> {
    if !(1950..=this_year).contains(&row.year) {
        let refusal = Refusal::new("activity.bad_year");
        return Err(Verdict::Refused(Problem::at(
            Kind::Publications,
            "year",
            row.year,
            refusal,
        )));
    }
    let mut authors: Vec<Writer> = Vec::new();
    for named in row.authors.iter().flatten() {
        let writer = match named {
            Named::Outside(name) => Writer::Outside(name.clone()),
            Named::Number(whom) => match persons.find(whom, "authors", Some(region))? {
                (person, theirs) if theirs == region => Writer::Person(person),
                _ => {
                    let refusal = Refusal::new("activity.no_author");
                    return Err(Verdict::Refused(Problem::at(
                        Kind::Publications,
                        "authors",
                        "",
                        refusal,
                    )));
                }
            },
        };
        authors.push(writer);
    }
    let authors = publication::each_once(authors);
    let kept = |given: &Option<Option<String>>, old: Option<&Option<String>>| {
        given.clone().unwrap_or_else(|| old.cloned().flatten())
    };
    Ok(Content {
        kind: row.kind.to_owned(),
        title: row.title.clone(),
        authors: match (&row.authors, old) {
            (None, Some(old)) => old.authors.clone(),
            _ => authors,
        },
        year: row.year,
        journal: kept(&row.journal, old.map(|o| &o.journal)),
        subject: kept(&row.subject, old.map(|o| &o.subject)),
        addressees: row.addressees.clone(),
        unit_id: unit,
        link: kept(&row.link, old.map(|o| &o.link)),
    })
}

/// What is wrong with what a row says anew: the code of a new record, or what it lacks.
fn beyond(code: &str, old: Option<&(Publication, Content)>, said: &Content) -> Option<(&'static str, Refusal)> {
    if let Some(refusal) = undertakings::odd_code(code).filter(|_| old.is_none()) {
        return Some(("code", refusal));
    }
    // A file that says what already stands changes nothing.
    said.lacks().filter(|_| old.is_none_or(|(_, before)| before != said))
}

/// Compares what is said with what is stored, and writes what differs.
fn settle(
    tx: &mut Tx<'_>,
    batch: &Batch,
    (region, code): (UnitId, String),
    old: Option<&(Publication, Content)>,
    said: Content,
    new: &mut Vec<(Publication, Content)>,
) -> Result<Verdict, DbError> {
    let Some((old, before)) = old else {
        let id = PublicationId(tx.id());
        let row = publication::row((region, id, code), &said, batch.now, Some(batch.id.0));
        new.push((row, said));
        return Ok(Verdict::New(vec![Change {
            kind: TABLE,
            id: id.0,
            previous: None,
        }]));
    };
    if let Some(at) = old.withdrawn_at {
        return Ok(super::versions::withdrawn(Kind::Publications, "code", at));
    }
    if *before == said {
        return Ok(Verdict::Unchanged);
    }
    if batch.mode == Mode::Add {
        return Ok(Verdict::Kept);
    }
    let state = Before {
        said: before.clone(),
        version: old.version,
        batch_id: old.batch_id,
    };
    let _written = publication::set(tx, old, &said, old.version + 1, Some(batch.id.0))?;
    Ok(Verdict::Changed(vec![Change {
        kind: TABLE,
        id: old.id.0,
        previous: Some(previous(&state)),
    }]))
}

/// Publications with what they say, by region and code.
type Stored = HashMap<(UnitId, String), (Publication, Content)>;

/// What is stored under the codes of the rows.
fn stored(tx: &mut Tx<'_>, rows: &[Staged<(UnitId, Option<UnitId>, Row)>]) -> Result<Stored, DbError> {
    let codes: Vec<&str> = rows.iter().map(|s| s.row.2.code.as_str()).collect();
    let mut found: Vec<Publication> = Vec::new();
    for block in codes.chunks(1000) {
        let some: Vec<Publication> = table::table
            .filter(table::code.eq_any(block))
            .select(Publication::as_select())
            .load(tx.conn())?;
        found.extend(some);
    }
    let ids: Vec<PublicationId> = found.iter().map(|p| p.id).collect();
    let mut authors = publication::authors(tx.conn(), &ids)?;
    let of = found.into_iter().map(|p| {
        let said = Content::of(&p, authors.remove(&p.id).unwrap_or_default());
        ((p.region_id, p.code.clone()), (p, said))
    });
    Ok(of.collect())
}
