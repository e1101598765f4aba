//! A mentoring pair by hand: adding, ending, its documents and outcome, withdrawing with a reason, bringing back.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::by::{By, changed, fields};
use super::import_members::overlap;
use super::model::{ActivityId, MentoringPair, RecordId};
use crate::db::schema::mentoring_pair;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::people::PersonId;
use crate::units::UnitId;

/// What a form says of a pair beside its people and form.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub to: Option<NaiveDate>,
    /// Kinds of documents, a set of codes.
    pub documents: String,
    /// Link to them.
    pub link: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
}

/// A pair of a region as it stands.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: UnitId, id: RecordId) -> Result<Option<MentoringPair>, DbError> {
    Ok(mentoring_pair::table
        .filter(mentoring_pair::region_id.eq(region))
        .filter(mentoring_pair::record_id.eq(id))
        .filter(mentoring_pair::superseded_at.is_null())
        .select(MentoringPair::as_select())
        .first(conn)
        .optional()?)
}

/// Adds a pair.
///
/// # Errors
/// One person twice; the same pair in the same days; an end before the beginning.
pub fn add(
    tx: &mut Tx<'_>,
    by: &By,
    (mentor, mentee): (PersonId, PersonId),
    form: &str,
    terms: Terms,
) -> Result<RecordId, Error> {
    if mentor == mentee {
        return Err(Refusal::new("activity.own_mentor").into());
    }
    check(tx, (mentor, mentee, form), &terms, None)?;
    let id = tx.id();
    let row = MentoringPair {
        id: ActivityId(id),
        region_id: by.region,
        record_id: RecordId(id),
        mentor_id: mentor,
        mentee_id: mentee,
        form: form.to_owned(),
        valid_from: terms.from,
        valid_to: terms.to,
        documents: terms.documents,
        link: terms.link,
        outcome: terms.outcome,
        version: 1,
        recorded_at: tx.now(),
        superseded_at: None,
        withdrawn_at: None,
        withdrawn_reason: None,
        batch_id: None,
    };
    insert_many!(tx.conn(), mentoring_pair::table, [row])?;
    note(tx, by, "activity.pair_add", RecordId(id), (mentor, mentee), "")?;
    Ok(RecordId(id))
}

fn note(
    tx: &mut Tx<'_>,
    by: &By,
    action: &'static str,
    id: RecordId,
    (mentor, mentee): (PersonId, PersonId),
    detail: &str,
) -> Result<(), DbError> {
    tx.touch(mentor.0);
    tx.touch(mentee.0);
    by.note(tx, action, ("mentoring_pair", id.0), &[mentor.0, mentee.0], detail)
}

fn check(
    tx: &mut Tx<'_>,
    (mentor, mentee, form): (PersonId, PersonId, &str),
    terms: &Terms,
    but: Option<RecordId>,
) -> Result<(), Error> {
    if terms.to.is_some_and(|to| to <= terms.from) {
        return Err(Refusal::new("import.ends_before_start").into());
    }
    dialect::lock(tx.conn(), dialect::lock_space::PAIR, [mentor.0])?;
    let others: Vec<MentoringPair> = mentoring_pair::table
        .filter(mentoring_pair::mentor_id.eq(mentor))
        .filter(mentoring_pair::mentee_id.eq(mentee))
        .filter(mentoring_pair::form.eq(form))
        .filter(mentoring_pair::superseded_at.is_null())
        .filter(mentoring_pair::withdrawn_at.is_null())
        .select(MentoringPair::as_select())
        .load(tx.conn())?;
    let mut others = others.iter().filter(|o| Some(o.record_id) != but);
    match others.find(|o| overlap((terms.from, terms.to), (o.valid_from, o.valid_to))) {
        None => Ok(()),
        Some(other) => {
            let from = other.valid_from.format("%d.%m.%Y");
            Err(Refusal::new("activity.pair_twice").with("from", from).into())
        }
    }
}

/// Changes days, documents and outcome of a pair that stood at version `seen`.
///
/// # Errors
/// Somebody else has changed it; the days do not fit.
pub fn change(tx: &mut Tx<'_>, by: &By, stored: &MentoringPair, seen: i32, terms: Terms) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, "mentoring_pair", stored.record_id.0)?);
    }
    let own = (stored.mentor_id, stored.mentee_id, stored.form.as_str());
    check(tx, own, &terms, Some(stored.record_id))?;
    let differ = fields(&[
        ("starts_on", stored.valid_from != terms.from),
        ("ends_on", stored.valid_to != terms.to),
        ("documents", stored.documents != terms.documents),
        ("link", stored.link != terms.link),
        ("outcome", stored.outcome != terms.outcome),
    ]);
    let next = MentoringPair {
        valid_from: terms.from,
        valid_to: terms.to,
        documents: terms.documents,
        link: terms.link,
        outcome: terms.outcome,
        ..stored.clone()
    };
    replace(tx, by, next)?;
    let both = (stored.mentor_id, stored.mentee_id);
    note(tx, by, "activity.pair_change", stored.record_id, both, &differ)?;
    Ok(())
}

/// Withdraws a pair, or brings a withdrawn one back (`None`).
///
/// # Errors
/// Somebody else has changed it; the same pair works in those days.
pub fn set_withdrawn(
    tx: &mut Tx<'_>,
    by: &By,
    stored: &MentoringPair,
    seen: i32,
    reason: Option<&str>,
) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() == reason.is_some() {
        return Err(changed(tx, by, "mentoring_pair", stored.record_id.0)?);
    }
    let both = (stored.mentor_id, stored.mentee_id);
    match reason {
        Some(reason) => {
            let standing = mentoring_pair::table
                .filter(mentoring_pair::id.eq(stored.id))
                .filter(mentoring_pair::superseded_at.is_null())
                .filter(mentoring_pair::withdrawn_at.is_null());
            let done = diesel::update(standing)
                .set((
                    mentoring_pair::withdrawn_at.eq(tx.now()),
                    mentoring_pair::withdrawn_reason.eq(reason),
                ))
                .execute(tx.conn())?;
            if done != 1 {
                return Err(changed(tx, by, "mentoring_pair", stored.record_id.0)?);
            }
            note(tx, by, "activity.pair_withdraw", stored.record_id, both, "")?;
        }
        None => {
            let terms = Terms {
                from: stored.valid_from,
                to: stored.valid_to,
                documents: String::new(),
                link: None,
                outcome: None,
            };
            check(tx, (stored.mentor_id, stored.mentee_id, &stored.form), &terms, None)?;
            replace(tx, by, stored.clone())?;
            note(tx, by, "activity.pair_restore", stored.record_id, both, "")?;
        }
    }
    Ok(())
}

/// Puts the next version in the place of the one that carries this id.
fn replace(tx: &mut Tx<'_>, by: &By, said: MentoringPair) -> Result<(), Error> {
    let now = tx.now();
    let standing = mentoring_pair::table
        .filter(mentoring_pair::id.eq(said.id))
        .filter(mentoring_pair::superseded_at.is_null());
    let done = diesel::update(standing)
        .set(mentoring_pair::superseded_at.eq(now))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, "mentoring_pair", said.record_id.0)?);
    }
    let next = MentoringPair {
        id: ActivityId(tx.id()),
        version: said.version + 1,
        recorded_at: now,
        superseded_at: None,
        withdrawn_at: None,
        withdrawn_reason: None,
        batch_id: None,
        ..said
    };
    insert_many!(tx.conn(), mentoring_pair::table, [next])?;
    Ok(())
}
