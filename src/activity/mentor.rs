//! A card of the base of mentors by hand: adding one, and changing what it says. The version that stood stays under the one
//! that takes its place, as it does when a file says something new.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::by::{By, changed, fields};
use super::model::{ActivityId, MentorCard, RecordId};
use crate::db::schema::mentor_card as table;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::people::PersonId;
use crate::units::UnitId;

/// What is said of a mentor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Qualities, a set of codes of the dictionary.
    pub qualities: String,
    /// Subject in which the mentor helps.
    pub subject: Option<String>,
    /// When the mentor was trained as such.
    pub trained_on: Option<NaiveDate>,
    /// First day in the base.
    pub from: NaiveDate,
    /// The day after the last one; `None` is open.
    pub to: Option<NaiveDate>,
}

impl Content {
    /// What contradicts itself, or the day: the field and the refusal.
    #[must_use]
    pub fn refused(&self, today: NaiveDate) -> Option<(&'static str, Refusal)> {
        if self.trained_on.is_some_and(|day| day > today) {
            return Some(("trained", Refusal::new("activity.mentor_untrained")));
        }
        if self.from > today {
            return Some(("from", Refusal::new("activity.mentor_ahead")));
        }
        let ends = self.to.is_some_and(|to| to <= self.from);
        ends.then(|| ("to", Refusal::new("import.ends_before_start")))
    }
}

/// Those of some people who have a card, one that is over or was withdrawn among them: nobody gets a second one.
///
/// # Errors
/// Those of the database.
pub fn with_cards(conn: &mut AnyConn, region: UnitId, of: &[PersonId]) -> Result<HashSet<PersonId>, DbError> {
    let mut found = HashSet::new();
    for block in of.chunks(1000) {
        let persons: Vec<PersonId> = table::table
            .filter(table::region_id.eq(region))
            .filter(table::person_id.eq_any(block))
            .filter(table::superseded_at.is_null())
            .select(table::person_id)
            .load(conn)?;
        found.extend(persons);
    }
    Ok(found)
}

/// Adds the card of a person who has none.
///
/// # Errors
/// There is one, or it was withdrawn; an end before the beginning.
pub fn add(tx: &mut Tx<'_>, by: &By, person: PersonId, said: Content) -> Result<RecordId, Error> {
    if !with_cards(tx.conn(), by.region, &[person])?.is_empty() {
        return Err(Refusal::new("activity.mentor_twice").into());
    }
    let id = tx.id();
    let row = MentorCard {
        id: ActivityId(id),
        region_id: by.region,
        record_id: RecordId(id),
        person_id: person,
        qualities: String::new(),
        subject: None,
        trained_on: None,
        valid_from: said.from,
        valid_to: None,
        version: 1,
        recorded_at: tx.now(),
        superseded_at: None,
        withdrawn_at: None,
        withdrawn_reason: None,
        batch_id: None,
    };
    put(tx, row, said)?;
    tx.touch(person.0);
    by.note(tx, "activity.mentor_add", ("mentor_card", id), &[person.0], "")?;
    Ok(RecordId(id))
}

/// Changes a card that stood at version `seen`.
///
/// # Errors
/// Somebody else or a file has changed it; an end before the beginning.
pub fn change(tx: &mut Tx<'_>, by: &By, stored: &MentorCard, seen: i32, said: Content) -> Result<(), Error> {
    let object = ("mentor_card", stored.record_id.0);
    if stored.version != seen || stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, object.0, object.1)?);
    }
    let differ = fields(&[
        ("qualities", stored.qualities != said.qualities),
        ("subject", stored.subject != said.subject),
        ("trained_on", stored.trained_on != said.trained_on),
        ("starts_on", stored.valid_from != said.from),
        ("ends_on", stored.valid_to != said.to),
    ]);
    let standing = table::table
        .filter(table::id.eq(stored.id))
        .filter(table::superseded_at.is_null());
    let done = diesel::update(standing)
        .set(table::superseded_at.eq(tx.now()))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, object.0, object.1)?);
    }
    let row = MentorCard {
        id: ActivityId(tx.id()),
        version: stored.version + 1,
        recorded_at: tx.now(),
        batch_id: None,
        ..stored.clone()
    };
    put(tx, row, said)?;
    tx.touch(stored.person_id.0);
    by.note(tx, "activity.mentor_change", object, &[stored.person_id.0], &differ)?;
    Ok(())
}

fn put(tx: &mut Tx<'_>, row: MentorCard, said: Content) -> Result<(), Error> {
    if let Some((_, refusal)) = said.refused(tx.today()) {
        return Err(refusal.into());
    }
    let row = MentorCard {
        qualities: said.qualities,
        subject: said.subject,
        trained_on: said.trained_on,
        valid_from: said.from,
        valid_to: said.to,
        ..row
    };
    insert_many!(tx.conn(), table::table, [row])?;
    Ok(())
}
