//! A publication by hand: adding, changing, withdrawing with a reason, bringing back; with its authors in their order.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::authors;
use super::by::{By, changed, fields};
use super::undertakings::{self, Author, Need, Publication, PublicationId};
use crate::db::schema::{publication, publication_author};
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::people::PersonId;
use crate::units::UnitId;

/// Who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Writer {
    /// Somebody of the staff.
    Person(PersonId),
    /// The name of an outsider.
    Outside(String),
}

/// What a form or a file says of a publication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Kind.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Authors in their order.
    pub authors: Vec<Writer>,
    /// Year.
    pub year: i32,
    /// The journal or the publishing house.
    pub journal: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Whom it is for, a set of codes.
    pub addressees: String,
    /// Whose; `None` is the region.
    pub unit_id: Option<UnitId>,
    /// Link.
    pub link: Option<String>,
}

/// Each author once, where the first stood: an outsider is known by the letters of the name.
#[must_use]
pub fn each_once(writers: Vec<Writer>) -> Vec<Writer> {
    let same = |one: &Writer, other: &Writer| match (one, other) {
        (Writer::Outside(one), Writer::Outside(other)) => authors::key(one) == authors::key(other),
        _ => one == other,
    };
    let mut found: Vec<Writer> = Vec::new();
    for writer in writers {
        if !found.iter().any(|stands| same(stands, &writer)) {
            found.push(writer);
        }
    }
    found
}

impl Content {
    /// What its kind asks for and it does not say, a name that is none, or no author at all: the field and the refusal.
    #[must_use]
    pub fn lacks(&self) -> Option<(&'static str, Refusal)> {
        self.all_lacks().into_iter().next()
    }

    /// All of it.
    #[must_use]
    pub fn all_lacks(&self) -> Vec<(&'static str, Refusal)> {
        let mut outside = self.authors.iter().filter_map(|a| match a {
            Writer::Person(_) => None,
            Writer::Outside(name) => Some(name.as_str()),
        });
        let mut lacks = Vec::new();
        if outside.any(authors::is_none) {
            lacks.push(("authors", Refusal::new("activity.author_name")));
        }
        let kind = undertakings::kind(undertakings::publication_kinds(), &self.kind);
        let needs = kind.map_or(&[][..], |kind| &kind.needs);
        lacks.extend(needs.iter().filter_map(|need| match need {
            Need::Link if self.link.is_none() => Some(("link", Refusal::new("activity.needs_link"))),
            Need::Subject if self.subject.is_none() => Some(("subject", Refusal::new("activity.needs_subject"))),
            Need::Journal if self.journal.is_none() => Some(("journal", Refusal::new("activity.needs_journal"))),
            _ => None,
        }));
        if self.authors.is_empty() && kind.is_some() {
            lacks.push(("authors", Refusal::new("activity.no_authors")));
        }
        lacks
    }

    fn key(&self) -> String {
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        let outside = self.authors.iter().filter_map(|a| match a {
            Writer::Person(_) => None,
            Writer::Outside(name) => Some(name.as_str()),
        });
        let names: Vec<&str> = outside.collect();
        search_key(&format!(
            "{} {} {} {}",
            self.title,
            of(&self.journal),
            of(&self.subject),
            names.join(" ")
        ))
    }

    /// What a stored one says.
    #[must_use]
    pub fn of(stored: &Publication, authors: Vec<Writer>) -> Self {
        Self {
            kind: stored.kind.clone(),
            title: stored.title.clone(),
            authors,
            year: stored.year,
            journal: stored.journal.clone(),
            subject: stored.subject.clone(),
            addressees: stored.addressees.clone(),
            unit_id: stored.unit_id,
            link: stored.link.clone(),
        }
    }
}

/// A publication of a region.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: UnitId, id: PublicationId) -> Result<Option<Publication>, DbError> {
    Ok(publication::table
        .filter(publication::region_id.eq(region))
        .filter(publication::id.eq(id))
        .select(Publication::as_select())
        .first(conn)
        .optional()?)
}

/// Authors of publications in their order.
///
/// # Errors
/// Those of the database.
pub fn authors(conn: &mut AnyConn, of: &[PublicationId]) -> Result<HashMap<PublicationId, Vec<Writer>>, DbError> {
    let mut found: HashMap<PublicationId, Vec<Writer>> = HashMap::new();
    for block in of.chunks(1000) {
        let rows: Vec<Author> = publication_author::table
            .filter(publication_author::publication_id.eq_any(block))
            .order((publication_author::publication_id, publication_author::place))
            .select(Author::as_select())
            .load(conn)?;
        for row in rows {
            let writer = match row.person_id {
                Some(person) => Writer::Person(person),
                None => Writer::Outside(row.name.unwrap_or_default()),
            };
            found.entry(row.publication_id).or_default().push(writer);
        }
    }
    Ok(found)
}

/// A new row of the table.
pub(super) fn row(
    (region, id, code): (UnitId, PublicationId, String),
    said: &Content,
    now: chrono::NaiveDateTime,
    batch_id: Option<i64>,
) -> Publication {
    Publication {
        id,
        region_id: region,
        code,
        kind: said.kind.clone(),
        title: said.title.clone(),
        search_key: said.key(),
        year: said.year,
        journal: said.journal.clone(),
        subject: said.subject.clone(),
        addressees: said.addressees.clone(),
        unit_id: said.unit_id,
        link: said.link.clone(),
        version: 1,
        recorded_at: now,
        withdrawn_at: None,
        withdrawn_reason: None,
        batch_id,
    }
}

/// Puts authors in place of those that stood there.
pub(super) fn put_authors(
    tx: &mut Tx<'_>,
    (region, id): (UnitId, PublicationId),
    said: &Content,
) -> Result<(), DbError> {
    diesel::delete(publication_author::table.filter(publication_author::publication_id.eq(id))).execute(tx.conn())?;
    let mut rows = Vec::new();
    for (place, writer) in (1..).zip(&said.authors) {
        let (person_id, name) = match writer {
            Writer::Person(person) => (Some(*person), None),
            Writer::Outside(name) => (None, Some(name.clone())),
        };
        rows.push(Author {
            id: tx.id(),
            region_id: region,
            publication_id: id,
            place,
            person_id,
            name,
        });
    }
    insert_many!(tx.conn(), publication_author::table, rows)?;
    Ok(())
}

fn people(said: &Content) -> Vec<i64> {
    let of = said.authors.iter().filter_map(|a| match a {
        Writer::Person(person) => Some(person.0),
        Writer::Outside(_) => None,
    });
    of.collect()
}

/// Adds a publication; an empty code makes one.
///
/// # Errors
/// The code is taken or is none; the kind asks for more; there is no author, or one is a number.
pub fn add(tx: &mut Tx<'_>, by: &By, code: String, said: &Content) -> Result<PublicationId, Error> {
    let lack = said.lacks().map(|(_, refusal)| refusal);
    if let Some(refusal) = undertakings::odd_code(&code).or(lack) {
        return Err(refusal.into());
    }
    let id = PublicationId(tx.id());
    let code = if code.is_empty() { format!("П-{id}") } else { code };
    let taken: i64 = publication::table
        .filter(publication::region_id.eq(by.region))
        .filter(publication::code.eq(&code))
        .count()
        .get_result(tx.conn())?;
    if taken > 0 {
        return Err(Refusal::new("activity.code_taken").with("code", code).into());
    }
    let made = row((by.region, id, code), said, tx.now(), None);
    insert_many!(tx.conn(), publication::table, [made])?;
    put_authors(tx, (by.region, id), said)?;
    by.note(tx, "activity.publication_add", ("publication", id.0), &people(said), "")?;
    Ok(id)
}

/// Writes what is said over a stored one; `false` when somebody else was quicker.
pub(super) fn set(
    tx: &mut Tx<'_>,
    stored: &Publication,
    said: &Content,
    version: i32,
    batch_id: Option<i64>,
) -> Result<bool, DbError> {
    let standing = publication::table
        .filter(publication::id.eq(stored.id))
        .filter(publication::version.eq(stored.version));
    let done = diesel::update(standing)
        .set((
            publication::kind.eq(&said.kind),
            publication::title.eq(&said.title),
            publication::search_key.eq(said.key()),
            publication::year.eq(said.year),
            publication::journal.eq(&said.journal),
            publication::subject.eq(&said.subject),
            publication::addressees.eq(&said.addressees),
            publication::unit_id.eq(said.unit_id),
            publication::link.eq(&said.link),
            publication::version.eq(version),
            publication::batch_id.eq(batch_id),
        ))
        .execute(tx.conn())?;
    put_authors(tx, (stored.region_id, stored.id), said)?;
    Ok(done == 1)
}

/// Changes a publication that stood at version `seen`.
///
/// # Errors
/// Somebody else has changed it; the kind asks for more; there is no author, or one is a number.
pub fn change(tx: &mut Tx<'_>, by: &By, stored: &Publication, seen: i32, said: &Content) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, "publication", stored.id.0)?);
    }
    if let Some((_, refusal)) = said.lacks() {
        return Err(refusal.into());
    }
    let before = authors(tx.conn(), &[stored.id])?.remove(&stored.id).unwrap_or_default();
    let differ = fields(&[
        ("title", stored.title != said.title),
        ("kind", stored.kind != said.kind),
        ("authors", before != said.authors),
        ("year", stored.year != said.year),
        ("journal", stored.journal != said.journal),
        ("subject", stored.subject != said.subject),
        ("addressees", stored.addressees != said.addressees),
        ("unit", stored.unit_id != said.unit_id),
        ("link", stored.link != said.link),
    ]);
    if !set(tx, stored, said, stored.version + 1, stored.batch_id)? {
        return Err(changed(tx, by, "publication", stored.id.0)?);
    }
    let object = ("publication", stored.id.0);
    by.note(tx, "activity.publication_change", object, &people(said), &differ)?;
    Ok(())
}

/// Withdraws a publication with a reason, or brings a withdrawn one back.
///
/// # Errors
/// Somebody else has changed it.
pub fn set_withdrawn(
    tx: &mut Tx<'_>,
    by: &By,
    stored: &Publication,
    seen: i32,
    reason: Option<&str>,
) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() == reason.is_some() {
        return Err(changed(tx, by, "publication", stored.id.0)?);
    }
    let at = reason.map(|_| tx.now());
    let standing = publication::table
        .filter(publication::id.eq(stored.id))
        .filter(publication::version.eq(seen));
    let done = diesel::update(standing)
        .set((
            publication::withdrawn_at.eq(at),
            publication::withdrawn_reason.eq(reason),
            publication::version.eq(stored.version + 1),
        ))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, "publication", stored.id.0)?);
    }
    let action = match reason {
        Some(_) => "activity.publication_withdraw",
        None => "activity.publication_restore",
    };
    by.note(tx, action, ("publication", stored.id.0), &[], "")?;
    Ok(())
}
