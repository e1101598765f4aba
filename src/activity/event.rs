//! An event of the register by hand: adding, changing, withdrawing with a reason, bringing back.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};
use diesel::prelude::*;

use super::by::{By, changed, fields};
use super::content::Content;
use super::model::{Activity, ActivityId, Event, EventId, EventUnit, Family, Level};
use crate::db::schema::{activity, event, event_unit};
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::planted;
use crate::units::{Tree, UnitId};

/// What a form says of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct EventInput {
    /// Code.
    pub code: String,
    /// Series.
    pub series: Option<String>,
    /// Title.
    pub title: String,
    /// Event or contest.
    pub family: Family,
    /// Kind within the family.
    pub kind: String,
    /// Level.
    pub level: Level,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// The organiser among the units.
    pub organiser_id: Option<UnitId>,
    /// Another organiser.
    pub organiser: Option<String>,
    /// Participants counted without names.
    pub participants: Option<i32>,
    /// Link.
    pub link: Option<String>,
    /// Units that took part, each with its participants counted.
    pub units: Vec<(UnitId, Option<i32>)>,
}

/// An event of a region.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: UnitId, id: EventId) -> Result<Option<Event>, DbError> {
    Ok(event::table
        .filter(event::region_id.eq(region))
        .filter(event::id.eq(id))
        .select(Event::as_select())
        .first(conn)
        .optional()?)
}

/// Units that took part in events.
///
/// # Errors
/// Those of the database.
pub fn units(conn: &mut AnyConn, events: &[EventId]) -> Result<Vec<EventUnit>, DbError> {
    let mut found = Vec::new();
    for block in events.chunks(1000) {
        let rows: Vec<EventUnit> = event_unit::table
            .filter(event_unit::event_id.eq_any(block))
            .order((event_unit::event_id, event_unit::unit_id))
            .select(EventUnit::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Years from now in which an event may begin at the latest, in months.
const AHEAD: u32 = 24;

/// The longest event, in days.
const LONGEST: i64 = 366;

/// What is wrong with the days of an event, and in which of them: a year that was mistyped counts the event where it never
/// was.
#[must_use]
pub fn odd_days(from: NaiveDate, to: NaiveDate, today: NaiveDate) -> Option<(&'static str, Refusal)> {
    if planted!("event_of_any_day") {
        return None;
    }
    let last = today.checked_add_months(Months::new(AHEAD));
    if from.year() < 1990 {
        Some(("from", Refusal::new("activity.event_long_ago")))
    } else if last.is_some_and(|last| from > last) {
        Some(("from", Refusal::new("activity.event_ahead")))
    } else if (to - from).num_days() >= LONGEST {
        Some(("to", Refusal::new("activity.event_too_long").with("most", LONGEST)))
    } else {
        None
    }
}

/// Units of an event that stand in another one of its units, by their codes, and what is wrong: whoever takes part from there
/// would be counted twice.
#[must_use]
pub fn nested(tree: &Tree, named: &BTreeSet<UnitId>) -> Vec<(String, Refusal)> {
    let within = |unit: &UnitId| {
        let above = tree
            .path(*unit)
            .into_iter()
            .skip(1)
            .find(|above| named.contains(above))?;
        let (inner, outer) = (tree.unit(*unit)?, tree.unit(above)?);
        let refusal = Refusal::new("activity.units_nested")
            .with("inner", &inner.code)
            .with("outer", &outer.code);
        Some((inner.code.clone(), refusal))
    };
    let found = named.iter().filter_map(within);
    found.filter(|_| !planted!("nested_units_taken")).collect()
}

/// Adds an event; `None` as code makes one.
///
/// # Errors
/// The code is taken.
pub fn add(tx: &mut Tx<'_>, by: &By, input: EventInput) -> Result<EventId, Error> {
    let id = EventId(tx.id());
    let code = if input.code.is_empty() {
        format!("М-{id}")
    } else {
        input.code.clone()
    };
    let taken: i64 = event::table
        .filter(event::region_id.eq(by.region))
        .filter(event::code.eq(&code))
        .count()
        .get_result(tx.conn())?;
    if taken > 0 {
        return Err(Refusal::new("activity.code_taken").with("code", code).into());
    }
    let row = Event {
        id,
        region_id: by.region,
        code,
        search_key: key_of(&input),
        series: input.series,
        title: input.title,
        family: input.family,
        kind: input.kind,
        level: input.level,
        starts_on: input.starts_on,
        ends_on: input.ends_on,
        organiser_id: input.organiser_id,
        organiser: input.organiser,
        participants: input.participants,
        link: input.link,
        version: 1,
        recorded_at: tx.now(),
        withdrawn_at: None,
        withdrawn_reason: None,
        batch_id: None,
    };
    insert_many!(tx.conn(), event::table, [row])?;
    put_units(tx, id, &input.units)?;
    by.note(tx, "activity.event_add", ("event", id.0), &[], "")?;
    Ok(id)
}

fn key_of(input: &EventInput) -> String {
    search_key(&format!(
        "{} {}",
        input.series.as_deref().unwrap_or_default(),
        input.title
    ))
}

fn put_units(tx: &mut Tx<'_>, id: EventId, units: &[(UnitId, Option<i32>)]) -> Result<(), DbError> {
    diesel::delete(event_unit::table.filter(event_unit::event_id.eq(id))).execute(tx.conn())?;
    let rows: Vec<EventUnit> = units
        .iter()
        .map(|(unit, participants)| EventUnit {
            event_id: id,
            unit_id: *unit,
            participants: *participants,
        })
        .collect();
    insert_many!(tx.conn(), event_unit::table, rows)?;
    Ok(())
}

/// Changes an event that stood at version `seen`. Its kind, level and days stay while somebody's record rests on them.
///
/// # Errors
/// Somebody else has changed it; people took part and the form changes what their records say.
pub fn change(tx: &mut Tx<'_>, by: &By, stored: &Event, seen: i32, input: EventInput) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, "event", stored.id.0)?);
    }
    let of = |e: &Event| (e.family, e.kind.clone(), e.level, e.starts_on, e.ends_on);
    let said = (
        input.family,
        input.kind.clone(),
        input.level,
        input.starts_on,
        input.ends_on,
    );
    if of(stored) != said && !people(tx, stored.id, None)?.is_empty() {
        return Err(Refusal::new("activity.event_kind").into());
    }
    let differ = differences(tx, stored, &input)?;
    let changed_rows = diesel::update(
        event::table
            .filter(event::id.eq(stored.id))
            .filter(event::version.eq(seen)),
    )
    .set((
        event::series.eq(&input.series),
        event::title.eq(&input.title),
        event::search_key.eq(key_of(&input)),
        event::family.eq(input.family),
        event::kind.eq(&input.kind),
        event::level.eq(input.level),
        event::starts_on.eq(input.starts_on),
        event::ends_on.eq(input.ends_on),
        event::organiser_id.eq(input.organiser_id),
        event::organiser.eq(&input.organiser),
        event::participants.eq(input.participants),
        event::link.eq(&input.link),
        event::version.eq(stored.version + 1),
    ))
    .execute(tx.conn())?;
    if changed_rows != 1 {
        return Err(changed(tx, by, "event", stored.id.0)?);
    }
    put_units(tx, stored.id, &input.units)?;
    by.note(tx, "activity.event_change", ("event", stored.id.0), &[], &differ)?;
    Ok(())
}

/// Which fields of a stored event a form gives another value.
fn differences(tx: &mut Tx<'_>, stored: &Event, said: &EventInput) -> Result<String, DbError> {
    let there = units(tx.conn(), &[stored.id])?;
    let there: BTreeSet<_> = there.into_iter().map(|u| (u.unit_id, u.participants)).collect();
    let units: BTreeSet<_> = said.units.iter().copied().collect();
    Ok(fields(&[
        ("title", stored.title != said.title),
        ("series", stored.series != said.series),
        ("kind", (stored.family, &stored.kind) != (said.family, &said.kind)),
        ("level", stored.level != said.level),
        ("starts_on", stored.starts_on != said.starts_on),
        ("ends_on", stored.ends_on != said.ends_on),
        (
            "organiser",
            (stored.organiser_id, &stored.organiser) != (said.organiser_id, &said.organiser),
        ),
        ("units", there != units),
        ("participants", stored.participants != said.participants),
        ("link", stored.link != said.link),
    ]))
}

/// Records of an event that are in force, or were withdrawn with it at a moment.
fn people(tx: &mut Tx<'_>, id: EventId, withdrawn: Option<chrono::NaiveDateTime>) -> Result<Vec<Activity>, DbError> {
    let query = activity::table
        .filter(activity::event_id.eq(id))
        .filter(activity::superseded_at.is_null())
        .select(Activity::as_select())
        .into_boxed();
    let query = match withdrawn {
        None => query.filter(activity::withdrawn_at.is_null()),
        Some(at) => query.filter(activity::withdrawn_at.eq(at)),
    };
    Ok(query.load(tx.conn())?)
}

/// Withdraws an event, and with it the records of those who took part. Returns how many there were.
///
/// # Errors
/// Somebody else has changed it.
pub fn withdraw(tx: &mut Tx<'_>, by: &By, stored: &Event, seen: i32, reason: &str) -> Result<usize, Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, "event", stored.id.0)?);
    }
    let records = people(tx, stored.id, None)?;
    set_withdrawn(tx, by, stored, Some(reason))?;
    super::record::set_withdrawn(tx, &records, Some(reason))?;
    let persons: Vec<i64> = records.iter().map(|r| r.person_id.0).collect();
    by.note(tx, "activity.event_withdraw", ("event", stored.id.0), &persons, "")?;
    Ok(records.len())
}

/// Brings a withdrawn event back with the records that went with it.
///
/// # Errors
/// Somebody else has changed it.
pub fn restore(tx: &mut Tx<'_>, by: &By, stored: &Event, seen: i32) -> Result<usize, Error> {
    let Some(at) = stored.withdrawn_at.filter(|_| stored.version == seen) else {
        return Err(changed(tx, by, "event", stored.id.0)?);
    };
    let records = people(tx, stored.id, Some(at))?;
    set_withdrawn(tx, by, stored, None)?;
    let back: Vec<ActivityId> = super::record::bring_back(tx, &records, |tx, old| {
        let now = tx.now();
        Content::of(old).record(tx, (old.region_id, old.person_id), Some(old), now, old.batch_id)
    })?;
    let persons: Vec<i64> = records.iter().map(|r| r.person_id.0).collect();
    by.note(tx, "activity.event_restore", ("event", stored.id.0), &persons, "")?;
    Ok(back.len())
}

fn set_withdrawn(tx: &mut Tx<'_>, by: &By, stored: &Event, reason: Option<&str>) -> Result<(), Error> {
    let at = reason.map(|_| tx.now());
    let of = event::table
        .filter(event::id.eq(stored.id))
        .filter(event::version.eq(stored.version));
    let changed_rows = diesel::update(of)
        .set((
            event::withdrawn_at.eq(at),
            event::withdrawn_reason.eq(reason),
            event::version.eq(stored.version + 1),
        ))
        .execute(tx.conn())?;
    match changed_rows {
        1 => Ok(()),
        _ => Err(changed(tx, by, "event", stored.id.0)?),
    }
}
