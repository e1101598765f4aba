//! Records of persons by hand: many who took part in one event, withdrawing with a reason, bringing back.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::by::{By, changed};
use super::content::Content;
use super::model::{Achieved, Activity, ActivityId, Event, Part, RecordId};
use crate::db::schema::activity;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::insert_many;
use crate::people::PersonId;
use crate::units::UnitId;

/// Records in force or withdrawn, each as it stands, of the persons or of an event.
///
/// # Errors
/// Those of the database.
pub fn of_event(conn: &mut AnyConn, event: &Event) -> Result<Vec<Activity>, DbError> {
    Ok(activity::table
        .filter(activity::event_id.eq(event.id))
        .filter(activity::superseded_at.is_null())
        .order(activity::id)
        .select(Activity::as_select())
        .load(conn)?)
}

/// Records of a person in force, the last first.
///
/// # Errors
/// Those of the database.
pub fn of_person(conn: &mut AnyConn, region: UnitId, person: PersonId) -> Result<Vec<Activity>, DbError> {
    Ok(activity::table
        .filter(activity::region_id.eq(region))
        .filter(activity::person_id.eq(person))
        .filter(activity::superseded_at.is_null())
        .filter(activity::withdrawn_at.is_null())
        .order((activity::starts_on.desc(), activity::id.desc()))
        .select(Activity::as_select())
        .load(conn)?)
}

/// Records by their ids, as they stand.
///
/// # Errors
/// Those of the database.
pub fn named(conn: &mut AnyConn, region: UnitId, ids: &[RecordId]) -> Result<Vec<Activity>, DbError> {
    let mut found = Vec::new();
    for block in ids.chunks(1000) {
        let rows: Vec<Activity> = activity::table
            .filter(activity::region_id.eq(region))
            .filter(activity::record_id.eq_any(block))
            .filter(activity::superseded_at.is_null())
            .select(Activity::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Who was quicker with a record: by itself, or with others of its event.
fn quicker(tx: &mut Tx<'_>, by: &By, of: &Activity) -> Result<Error, DbError> {
    match (changed(tx, by, "activity", of.record_id.0)?, of.event_id) {
        (Error::Conflict, Some(event)) => changed(tx, by, "event", event.0),
        (told, _) => Ok(told),
    }
}

/// Withdraws records, whatever they are about.
///
/// # Errors
/// One of them is withdrawn already.
pub fn withdraw_all(tx: &mut Tx<'_>, by: &By, records: &[Activity], reason: &str) -> Result<(), Error> {
    if let Some(gone) = records.iter().find(|r| r.withdrawn_at.is_some()) {
        return Err(quicker(tx, by, gone)?);
    }
    set_withdrawn(tx, records, Some(reason))?;
    for record in records {
        let object = ("activity", record.record_id.0);
        by.note(tx, "activity.withdraw", object, &[record.person_id.0], "")?;
    }
    Ok(())
}

/// Brings withdrawn records back.
///
/// # Errors
/// One of them is in force already.
pub fn restore_all(tx: &mut Tx<'_>, by: &By, records: &[Activity]) -> Result<(), Error> {
    if let Some(back) = records.iter().find(|r| r.withdrawn_at.is_none()) {
        return Err(quicker(tx, by, back)?);
    }
    bring_back(tx, records, |tx, old| {
        let now = tx.now();
        Content::of(old).record(tx, (old.region_id, old.person_id), Some(old), now, old.batch_id)
    })?;
    for record in records {
        let object = ("activity", record.record_id.0);
        by.note(tx, "activity.restore", object, &[record.person_id.0], "")?;
    }
    Ok(())
}

/// Writes that persons took part in an event; whoever stands there already and is said the same of is passed over.
/// Returns how many are new.
///
/// # Errors
/// Somebody else has recorded one of them otherwise.
pub fn take_part(
    tx: &mut Tx<'_>,
    by: &By,
    event: &Event,
    persons: &[PersonId],
    part: Part,
    result: Option<Achieved>,
) -> Result<usize, Error> {
    let stored = of_event(tx.conn(), event)?;
    let standing = stored.iter().filter(|r| r.withdrawn_at.is_none());
    let wanted: BTreeSet<PersonId> = persons.iter().copied().collect();
    let otherwise = |r: &&Activity| wanted.contains(&r.person_id) && (r.role != Some(part) || r.result != result);
    if standing.clone().any(|r| otherwise(&r)) {
        return Err(changed(tx, by, "event", event.id.0)?);
    }
    let there: BTreeSet<PersonId> = standing.map(|r| r.person_id).collect();
    let new: BTreeSet<PersonId> = persons.iter().copied().filter(|p| !there.contains(p)).collect();
    let now = tx.now();
    let mut rows = Vec::with_capacity(new.len());
    for person in &new {
        let content = Content {
            family: event.family,
            kind: event.kind.clone(),
            level: Some(event.level),
            role: Some(part),
            title: event.title.clone(),
            category: None,
            starts_on: event.starts_on,
            ends_on: Some(event.ends_on).filter(|day| *day != event.starts_on),
            event_id: Some(event.id),
            body_id: None,
            organiser_id: None,
            organiser: None,
            result,
            hours_milli: None,
            document: None,
            link: None,
        };
        tx.touch(person.0);
        rows.push(content.record(tx, (by.region, *person), None, now, None));
    }
    insert_many!(tx.conn(), activity::table, rows)?;
    let persons: Vec<i64> = new.iter().map(|p| p.0).collect();
    if !persons.is_empty() {
        by.note(tx, "activity.take_part", ("event", event.id.0), &persons, "")?;
    }
    Ok(new.len())
}

/// Writes a new record of each of these persons, all alike. Returns them in the order of the persons.
///
/// # Errors
/// Those of the database.
pub fn add_all(tx: &mut Tx<'_>, by: &By, persons: &[PersonId], content: &Content) -> Result<Vec<RecordId>, Error> {
    let now = tx.now();
    let mut rows = Vec::with_capacity(persons.len());
    for person in persons {
        tx.touch(person.0);
        rows.push(content.clone().record(tx, (by.region, *person), None, now, None));
    }
    insert_many!(tx.conn(), activity::table, rows)?;
    for row in &rows {
        by.note(
            tx,
            "activity.add",
            ("activity", row.record_id.0),
            &[row.person_id.0],
            "",
        )?;
    }
    Ok(rows.iter().map(|row| row.record_id).collect())
}

/// Withdraws records of an event that are in force.
///
/// # Errors
/// One of them is no longer in force.
pub fn withdraw(tx: &mut Tx<'_>, by: &By, event: &Event, ids: &[RecordId], reason: &str) -> Result<usize, Error> {
    let found = chosen(tx, by, event, ids, false)?;
    set_withdrawn(tx, &found, Some(reason))?;
    let persons: Vec<i64> = found.iter().map(|r| r.person_id.0).collect();
    by.note(tx, "activity.withdraw", ("event", event.id.0), &persons, "")?;
    Ok(found.len())
}

/// Brings withdrawn records of an event back.
///
/// # Errors
/// One of them is in force already, or its person stands there under another record.
pub fn restore(tx: &mut Tx<'_>, by: &By, event: &Event, ids: &[RecordId]) -> Result<usize, Error> {
    let found = chosen(tx, by, event, ids, true)?;
    let standing: BTreeSet<PersonId> = of_event(tx.conn(), event)?
        .into_iter()
        .filter(|r| r.withdrawn_at.is_none())
        .map(|r| r.person_id)
        .collect();
    if found.iter().any(|r| standing.contains(&r.person_id)) {
        return Err(changed(tx, by, "event", event.id.0)?);
    }
    let back = bring_back(tx, &found, |tx, old| {
        let now = tx.now();
        Content::of(old).record(tx, (old.region_id, old.person_id), Some(old), now, old.batch_id)
    })?;
    let persons: Vec<i64> = found.iter().map(|r| r.person_id.0).collect();
    by.note(tx, "activity.restore", ("event", event.id.0), &persons, "")?;
    Ok(back.len())
}

fn chosen(tx: &mut Tx<'_>, by: &By, event: &Event, ids: &[RecordId], withdrawn: bool) -> Result<Vec<Activity>, Error> {
    let wanted: BTreeSet<RecordId> = ids.iter().copied().collect();
    let found: Vec<Activity> = of_event(tx.conn(), event)?
        .into_iter()
        .filter(|r| wanted.contains(&r.record_id) && r.withdrawn_at.is_some() == withdrawn)
        .collect();
    if found.len() == wanted.len() {
        Ok(found)
    } else {
        Err(changed(tx, by, "event", event.id.0)?)
    }
}

/// Marks versions as withdrawn now.
pub(super) fn set_withdrawn(tx: &mut Tx<'_>, records: &[Activity], reason: Option<&str>) -> Result<(), Error> {
    let ids: Vec<ActivityId> = records.iter().map(|r| r.id).collect();
    let at = reason.map(|_| tx.now());
    for block in ids.chunks(1000) {
        let standing = activity::table
            .filter(activity::id.eq_any(block))
            .filter(activity::superseded_at.is_null())
            .filter(activity::withdrawn_at.is_null());
        let done = diesel::update(standing)
            .set((activity::withdrawn_at.eq(at), activity::withdrawn_reason.eq(reason)))
            .execute(tx.conn())?;
        if done != block.len() {
            return Err(Error::Conflict);
        }
    }
    records.iter().for_each(|r| tx.touch(r.person_id.0));
    Ok(())
}

/// Puts a new version in the place of each: what was withdrawn stays known as withdrawn for as long as it was.
pub(super) fn bring_back(
    tx: &mut Tx<'_>,
    records: &[Activity],
    make: impl Fn(&mut Tx<'_>, &Activity) -> Activity,
) -> Result<Vec<ActivityId>, Error> {
    let ids: Vec<ActivityId> = records.iter().map(|r| r.id).collect();
    let now = tx.now();
    for block in ids.chunks(1000) {
        let standing = activity::table
            .filter(activity::id.eq_any(block))
            .filter(activity::superseded_at.is_null());
        let done = diesel::update(standing)
            .set(activity::superseded_at.eq(now))
            .execute(tx.conn())?;
        if done != block.len() {
            return Err(Error::Conflict);
        }
    }
    let rows: Vec<Activity> = records.iter().map(|old| make(tx, old)).collect();
    insert_many!(tx.conn(), activity::table, rows)?;
    records.iter().for_each(|r| tx.touch(r.person_id.0));
    Ok(rows.iter().map(|r| r.id).collect())
}
