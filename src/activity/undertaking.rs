//! An undertaking by hand: adding, changing, dating who opened its link, withdrawing with a reason, bringing back.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::by::{By, changed, fields};
use super::model::{BodyId, Level};
use super::undertakings::{self, Need, Party, State, TakingUnit, Undertaking, UndertakingId};
use crate::db::schema::{undertaking, undertaking_party, undertaking_unit};
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::units::UnitId;
use crate::{insert_many, planted};

/// Acts are kept from this year on: an older one is a slip of the pen.
const FIRST_ACTS: i32 = 1990;

/// What a form or a file says of an undertaking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Kind.
    pub kind: String,
    /// Title.
    pub title: String,
    /// What it is about.
    pub about: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Level.
    pub level: Level,
    /// Whose; `None` is the region.
    pub unit_id: Option<UnitId>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: Option<NaiveDate>,
    /// Where it stands.
    pub state: State,
    /// Number of the act.
    pub act: Option<String>,
    /// Date of the act.
    pub act_on: Option<NaiveDate>,
    /// Link.
    pub link: Option<String>,
    /// Bodies that are parties.
    pub parties: Vec<BodyId>,
    /// Units that take part.
    pub units: Vec<UnitId>,
}

impl Content {
    /// The key for searching.
    #[must_use]
    pub fn key(&self) -> String {
        search_key(&format!(
            "{} {}",
            self.title,
            self.subject.as_deref().unwrap_or_default()
        ))
    }

    /// What its kind asks for and it does not say: the field and the refusal.
    #[must_use]
    pub fn lacks(&self) -> Option<(&'static str, Refusal)> {
        self.all_lacks().into_iter().next()
    }

    /// All of it.
    #[must_use]
    pub fn all_lacks(&self) -> Vec<(&'static str, Refusal)> {
        let kind = undertakings::kind(undertakings::kinds(), &self.kind);
        let needs = kind.map_or(&[][..], |kind| &kind.needs);
        let lacks = needs.iter().filter_map(|need| match need {
            Need::Act if self.act.is_none() => Some(("act", Refusal::new("activity.needs_act"))),
            Need::Act if self.act_on.is_none() => Some(("act_on", Refusal::new("activity.needs_act"))),
            Need::Link if self.link.is_none() => Some(("link", Refusal::new("activity.needs_link"))),
            Need::Parties if self.parties.len() < if planted!("one_party") { 1 } else { 2 } => {
                Some(("parties", Refusal::new("activity.needs_parties")))
            }
            Need::Subject if self.subject.is_none() => Some(("subject", Refusal::new("activity.needs_subject"))),
            Need::About if self.about.is_none() => Some(("about", Refusal::new("activity.needs_about"))),
            _ => None,
        });
        lacks.collect()
    }

    /// What cannot be of its days and its state on a day: the field and the refusal. One that is going on past its last
    /// day may be, and one that is still prepared after its first: [`late`] says so.
    #[must_use]
    pub fn contradicts(&self, today: NaiveDate) -> Option<(&'static str, Refusal)> {
        if self.ends_on.is_some_and(|last| last < self.starts_on) {
            return Some(("to", Refusal::new("import.ends_before_start")));
        }
        match self.act_on {
            Some(on) if on > today => return Some(("act_on", Refusal::new("activity.act_ahead"))),
            Some(on) if on.year() < FIRST_ACTS => {
                return Some(("act_on", Refusal::new("activity.act_long_ago").with("year", FIRST_ACTS)));
            }
            _ => {}
        }
        let (field, refusal) = match self.state {
            State::Planned if self.ends_on.is_some_and(|last| last < today) => {
                ("to", Refusal::new("activity.ended_already"))
            }
            State::Running | State::Finished if self.starts_on > today => ("from", Refusal::new("activity.not_begun")),
            State::Finished | State::Stopped if self.ends_on.is_some_and(|last| last > today) => {
                ("to", Refusal::new("activity.not_ended"))
            }
            State::Finished | State::Stopped if self.ends_on.is_none() => ("to", Refusal::new("activity.no_last_day")),
            _ => return None,
        };
        Some((field, refusal.with("state", self.state.label())))
    }

    /// What a stored one says.
    #[must_use]
    pub fn of(stored: &Undertaking, parties: Vec<BodyId>, units: Vec<UnitId>) -> Self {
        Self {
            kind: stored.kind.clone(),
            title: stored.title.clone(),
            about: stored.about.clone(),
            subject: stored.subject.clone(),
            level: stored.level,
            unit_id: stored.unit_id,
            starts_on: stored.starts_on,
            ends_on: stored.ends_on,
            state: stored.state,
            act: stored.act.clone(),
            act_on: stored.act_on,
            link: stored.link.clone(),
            parties,
            units,
        }
    }
}

/// How an undertaking lags behind its own days: by which day it had to begin, or to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It had to begin on this day.
    Begins(NaiveDate),
    /// Its last day was this one.
    Ends(NaiveDate),
}

/// Whether an undertaking that stands lags behind its days: its state says one thing, the calendar another. Both may
/// be, so nobody is refused; nothing of it is stored.
#[must_use]
pub fn late(of: &Undertaking, today: NaiveDate) -> Option<Late> {
    if of.withdrawn_at.is_some() {
        return None;
    }
    match of.state {
        State::Planned if of.starts_on < today => Some(Late::Begins(of.starts_on)),
        State::Running => of.ends_on.filter(|last| *last < today).map(Late::Ends),
        State::Planned | State::Finished | State::Stopped => None,
    }
}

/// An undertaking of a region.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: UnitId, id: UndertakingId) -> Result<Option<Undertaking>, DbError> {
    Ok(undertaking::table
        .filter(undertaking::region_id.eq(region))
        .filter(undertaking::id.eq(id))
        .select(Undertaking::as_select())
        .first(conn)
        .optional()?)
}

/// Parties of undertakings.
///
/// # Errors
/// Those of the database.
pub fn parties(conn: &mut AnyConn, of: &[UndertakingId]) -> Result<Vec<Party>, DbError> {
    let mut found = Vec::new();
    for block in of.chunks(1000) {
        let rows: Vec<Party> = undertaking_party::table
            .filter(undertaking_party::undertaking_id.eq_any(block))
            .order((undertaking_party::undertaking_id, undertaking_party::body_id))
            .select(Party::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Units that take part in undertakings.
///
/// # Errors
/// Those of the database.
pub fn units(conn: &mut AnyConn, of: &[UndertakingId]) -> Result<Vec<TakingUnit>, DbError> {
    let mut found = Vec::new();
    for block in of.chunks(1000) {
        let rows: Vec<TakingUnit> = undertaking_unit::table
            .filter(undertaking_unit::undertaking_id.eq_any(block))
            .order((undertaking_unit::undertaking_id, undertaking_unit::unit_id))
            .select(TakingUnit::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// A new row of the table.
pub(super) fn row(
    (region, id, code): (UnitId, UndertakingId, String),
    said: &Content,
    now: chrono::NaiveDateTime,
    batch_id: Option<i64>,
) -> Undertaking {
    Undertaking {
        id,
        region_id: region,
        code,
        kind: said.kind.clone(),
        title: said.title.clone(),
        search_key: said.key(),
        about: said.about.clone(),
        subject: said.subject.clone(),
        level: said.level,
        unit_id: said.unit_id,
        starts_on: said.starts_on,
        ends_on: said.ends_on,
        state: said.state,
        act: said.act.clone(),
        act_on: said.act_on,
        link: said.link.clone(),
        checked_by: None,
        checked_on: None,
        version: 1,
        recorded_at: now,
        withdrawn_at: None,
        withdrawn_reason: None,
        batch_id,
    }
}

/// Puts parties and units in place of those that stood there.
pub(super) fn put_beside(tx: &mut Tx<'_>, id: UndertakingId, said: &Content) -> Result<(), DbError> {
    diesel::delete(undertaking_party::table.filter(undertaking_party::undertaking_id.eq(id))).execute(tx.conn())?;
    diesel::delete(undertaking_unit::table.filter(undertaking_unit::undertaking_id.eq(id))).execute(tx.conn())?;
    let parties = said.parties.iter().map(|body| Party {
        undertaking_id: id,
        body_id: *body,
    });
    let units = said.units.iter().map(|unit| TakingUnit {
        undertaking_id: id,
        unit_id: *unit,
    });
    let (parties, units): (Vec<Party>, Vec<TakingUnit>) = (parties.collect(), units.collect());
    insert_many!(tx.conn(), undertaking_party::table, parties)?;
    insert_many!(tx.conn(), undertaking_unit::table, units)?;
    Ok(())
}

/// Adds an undertaking; an empty code makes one.
///
/// # Errors
/// The code is taken or is none; the kind asks for more; the days contradict the state.
pub fn add(tx: &mut Tx<'_>, by: &By, code: String, said: &Content) -> Result<UndertakingId, Error> {
    let contradiction = said.contradicts(tx.today()).map(|(_, refusal)| refusal);
    let lack = said.lacks().map(|(_, refusal)| refusal);
    if let Some(refusal) = undertakings::odd_code(&code).or(lack).or(contradiction) {
        return Err(refusal.into());
    }
    let id = UndertakingId(tx.id());
    let code = if code.is_empty() { format!("Д-{id}") } else { code };
    let taken: i64 = undertaking::table
        .filter(undertaking::region_id.eq(by.region))
        .filter(undertaking::code.eq(&code))
        .count()
        .get_result(tx.conn())?;
    if taken > 0 {
        return Err(Refusal::new("activity.code_taken").with("code", code).into());
    }
    let made = row((by.region, id, code), said, tx.now(), None);
    insert_many!(tx.conn(), undertaking::table, [made])?;
    put_beside(tx, id, said)?;
    by.note(tx, "activity.undertaking_add", ("undertaking", id.0), &[], "")?;
    Ok(id)
}

/// Changes an undertaking that stood at version `seen`. Another link is one that nobody has opened yet.
///
/// # Errors
/// Somebody else has changed it; the kind asks for more; the days contradict the state.
pub fn change(tx: &mut Tx<'_>, by: &By, stored: &Undertaking, seen: i32, said: &Content) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, "undertaking", stored.id.0)?);
    }
    if let Some((_, refusal)) = said.lacks().or(said.contradicts(tx.today())) {
        return Err(refusal.into());
    }
    let differ = differences(tx, stored, said)?;
    if !set(tx, stored, said, stored.version + 1, stored.batch_id)? {
        return Err(changed(tx, by, "undertaking", stored.id.0)?);
    }
    let object = ("undertaking", stored.id.0);
    by.note(tx, "activity.undertaking_change", object, &[], &differ)?;
    Ok(())
}

/// Which fields of a stored undertaking a form gives another value.
fn differences(tx: &mut Tx<'_>, stored: &Undertaking, said: &Content) -> Result<String, DbError> {
    let parties: BTreeSet<BodyId> = parties(tx.conn(), &[stored.id])?
        .into_iter()
        .map(|p| p.body_id)
        .collect();
    let units: BTreeSet<UnitId> = units(tx.conn(), &[stored.id])?.into_iter().map(|u| u.unit_id).collect();
    Ok(fields(&[
        ("title", stored.title != said.title),
        ("kind", stored.kind != said.kind),
        ("about", stored.about != said.about),
        ("subject", stored.subject != said.subject),
        ("level", stored.level != said.level),
        ("unit", stored.unit_id != said.unit_id),
        ("starts_on", stored.starts_on != said.starts_on),
        ("ends_on", stored.ends_on != said.ends_on),
        ("state", stored.state != said.state),
        ("act", stored.act != said.act),
        ("act_on", stored.act_on != said.act_on),
        ("link", stored.link != said.link),
        ("parties", parties != said.parties.iter().copied().collect()),
        ("units", units != said.units.iter().copied().collect()),
    ]))
}

/// Writes what is said over a stored one; `false` when somebody else was quicker.
pub(super) fn set(
    tx: &mut Tx<'_>,
    stored: &Undertaking,
    said: &Content,
    version: i32,
    batch_id: Option<i64>,
) -> Result<bool, DbError> {
    let kept = stored.link == said.link || planted!("link_stays_checked");
    let done = diesel::update(
        undertaking::table
            .filter(undertaking::id.eq(stored.id))
            .filter(undertaking::version.eq(stored.version)),
    )
    .set((
        undertaking::kind.eq(&said.kind),
        undertaking::title.eq(&said.title),
        undertaking::search_key.eq(said.key()),
        undertaking::about.eq(&said.about),
        undertaking::subject.eq(&said.subject),
        undertaking::level.eq(said.level),
        undertaking::unit_id.eq(said.unit_id),
        undertaking::starts_on.eq(said.starts_on),
        undertaking::ends_on.eq(said.ends_on),
        undertaking::state.eq(said.state),
        undertaking::act.eq(&said.act),
        undertaking::act_on.eq(said.act_on),
        undertaking::link.eq(&said.link),
        undertaking::checked_by.eq(stored.checked_by.filter(|_| kept)),
        undertaking::checked_on.eq(stored.checked_on.filter(|_| kept)),
        undertaking::version.eq(version),
        undertaking::batch_id.eq(batch_id),
    ))
    .execute(tx.conn())?;
    put_beside(tx, stored.id, said)?;
    Ok(done == 1)
}

/// Records that whoever acts has opened the link, on a day that has come.
///
/// # Errors
/// Somebody else has changed it; there is no link; the day lies ahead.
pub fn check_link(tx: &mut Tx<'_>, by: &By, stored: &Undertaking, seen: i32, on: NaiveDate) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, "undertaking", stored.id.0)?);
    }
    if stored.link.is_none() {
        return Err(Refusal::new("activity.needs_link").into());
    }
    let done = diesel::update(
        undertaking::table
            .filter(undertaking::id.eq(stored.id))
            .filter(undertaking::version.eq(seen)),
    )
    .set((
        undertaking::checked_by.eq(Some(by.account)),
        undertaking::checked_on.eq(Some(on)),
        undertaking::version.eq(stored.version + 1),
    ))
    .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, "undertaking", stored.id.0)?);
    }
    by.note(tx, "activity.link_checked", ("undertaking", stored.id.0), &[], "")?;
    Ok(())
}

/// Withdraws an undertaking with a reason, or brings a withdrawn one back.
///
/// # Errors
/// Somebody else has changed it.
pub fn set_withdrawn(
    tx: &mut Tx<'_>,
    by: &By,
    stored: &Undertaking,
    seen: i32,
    reason: Option<&str>,
) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() == reason.is_some() {
        return Err(changed(tx, by, "undertaking", stored.id.0)?);
    }
    let at = reason.map(|_| tx.now());
    let done = diesel::update(
        undertaking::table
            .filter(undertaking::id.eq(stored.id))
            .filter(undertaking::version.eq(seen)),
    )
    .set((
        undertaking::withdrawn_at.eq(at),
        undertaking::withdrawn_reason.eq(reason),
        undertaking::version.eq(stored.version + 1),
    ))
    .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, "undertaking", stored.id.0)?);
    }
    let action = if reason.is_some() {
        "activity.undertaking_withdraw"
    } else {
        "activity.undertaking_restore"
    };
    by.note(tx, action, ("undertaking", stored.id.0), &[], "")?;
    Ok(())
}
