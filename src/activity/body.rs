//! A body and its members by hand: adding, changing, ending a membership, withdrawing with a reason, bringing back.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::by::{By, changed, fields};
use super::import_members::clash;
use super::model::{ActivityId, Body, BodyId, BodyMember, Level, MemberRole, RecordId};
use crate::db::schema::{body, body_member};
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::people::PersonId;
use crate::units::UnitId;

/// What a form says of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyInput {
    /// Code; empty makes one.
    pub code: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: String,
    /// Level.
    pub level: Level,
    /// Home unit; `None` is the region.
    pub unit_id: Option<UnitId>,
    /// Duties.
    pub duties: Option<String>,
    /// Link.
    pub link: Option<String>,
}

/// A body of a region.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: UnitId, id: BodyId) -> Result<Option<Body>, DbError> {
    Ok(body::table
        .filter(body::region_id.eq(region))
        .filter(body::id.eq(id))
        .select(Body::as_select())
        .first(conn)
        .optional()?)
}

/// Memberships of bodies as they stand, withdrawn ones among them.
///
/// # Errors
/// Those of the database.
pub fn members(conn: &mut AnyConn, bodies: &[BodyId]) -> Result<Vec<BodyMember>, DbError> {
    let mut found = Vec::new();
    for block in bodies.chunks(1000) {
        let rows: Vec<BodyMember> = body_member::table
            .filter(body_member::body_id.eq_any(block))
            .filter(body_member::superseded_at.is_null())
            .order(body_member::id)
            .select(BodyMember::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Adds a body.
///
/// # Errors
/// The code is taken.
pub fn add(tx: &mut Tx<'_>, by: &By, input: BodyInput) -> Result<BodyId, Error> {
    let id = BodyId(tx.id());
    let code = if input.code.is_empty() {
        format!("О-{id}")
    } else {
        input.code
    };
    let taken: i64 = body::table
        .filter(body::region_id.eq(by.region))
        .filter(body::code.eq(&code))
        .count()
        .get_result(tx.conn())?;
    if taken > 0 {
        return Err(Refusal::new("activity.code_taken").with("code", code).into());
    }
    let row = Body {
        id,
        region_id: by.region,
        code,
        search_key: search_key(&input.name),
        name: input.name,
        kind: input.kind,
        level: input.level,
        unit_id: input.unit_id,
        duties: input.duties,
        link: input.link,
        version: 1,
        recorded_at: tx.now(),
        withdrawn_at: None,
        withdrawn_reason: None,
        batch_id: None,
    };
    insert_many!(tx.conn(), body::table, [row])?;
    by.note(tx, "activity.body_add", ("body", id.0), &[], "")?;
    Ok(id)
}

/// Changes a body that stood at version `seen`. Kind and level stay while it has members.
///
/// # Errors
/// Somebody else has changed it; it has members and the form changes its kind or level.
pub fn change(tx: &mut Tx<'_>, by: &By, stored: &Body, seen: i32, input: &BodyInput) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, "body", stored.id.0)?);
    }
    if (&stored.kind, stored.level) != (&input.kind, input.level) && has_members(tx, stored.id)? {
        return Err(Refusal::new("activity.body_kind").into());
    }
    let done = diesel::update(
        body::table
            .filter(body::id.eq(stored.id))
            .filter(body::version.eq(seen)),
    )
    .set((
        body::name.eq(&input.name),
        body::search_key.eq(search_key(&input.name)),
        body::kind.eq(&input.kind),
        body::level.eq(input.level),
        body::unit_id.eq(input.unit_id),
        body::duties.eq(&input.duties),
        body::link.eq(&input.link),
        body::version.eq(stored.version + 1),
    ))
    .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, "body", stored.id.0)?);
    }
    let differ = fields(&[
        ("name", stored.name != input.name),
        ("kind", stored.kind != input.kind),
        ("level", stored.level != input.level),
        ("unit", stored.unit_id != input.unit_id),
        ("duties", stored.duties != input.duties),
        ("link", stored.link != input.link),
    ]);
    by.note(tx, "activity.body_change", ("body", stored.id.0), &[], &differ)?;
    Ok(())
}

fn has_members(tx: &mut Tx<'_>, id: BodyId) -> Result<bool, DbError> {
    Ok(members(tx.conn(), &[id])?.iter().any(|m| m.withdrawn_at.is_none()))
}

/// Withdraws a body that has no members, or brings a withdrawn one back.
///
/// # Errors
/// Somebody else has changed it; it has members.
pub fn set_withdrawn(tx: &mut Tx<'_>, by: &By, stored: &Body, seen: i32, reason: Option<&str>) -> Result<(), Error> {
    if stored.version != seen || stored.withdrawn_at.is_some() == reason.is_some() {
        return Err(changed(tx, by, "body", stored.id.0)?);
    }
    if reason.is_some() && has_members(tx, stored.id)? {
        return Err(Refusal::new("activity.body_members").into());
    }
    let at = reason.map(|_| tx.now());
    let done = diesel::update(
        body::table
            .filter(body::id.eq(stored.id))
            .filter(body::version.eq(seen)),
    )
    .set((
        body::withdrawn_at.eq(at),
        body::withdrawn_reason.eq(reason),
        body::version.eq(stored.version + 1),
    ))
    .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, "body", stored.id.0)?);
    }
    let action = if reason.is_some() {
        "activity.body_withdraw"
    } else {
        "activity.body_restore"
    };
    by.note(tx, action, ("body", stored.id.0), &[], "")?;
    Ok(())
}

/// Adds a member.
///
/// # Errors
/// The body is withdrawn; the person is a member in those days, or the body has a head.
pub fn join(
    tx: &mut Tx<'_>,
    by: &By,
    stored: &Body,
    (person, role): (PersonId, MemberRole),
    (from, to): (NaiveDate, Option<NaiveDate>),
) -> Result<(), Error> {
    if stored.withdrawn_at.is_some() {
        return Err(changed(tx, by, "body", stored.id.0)?);
    }
    dialect::lock(tx.conn(), dialect::lock_space::BODY, [stored.id.0])?;
    let others = members(tx.conn(), &[stored.id])?;
    let others = others.iter().filter(|m| m.withdrawn_at.is_none());
    if let Some(refusal) = clash((person, role, from, to), others) {
        return Err(refusal.into());
    }
    let id = tx.id();
    let row = BodyMember {
        id: ActivityId(id),
        region_id: by.region,
        record_id: RecordId(id),
        body_id: stored.id,
        person_id: person,
        role,
        valid_from: from,
        valid_to: to,
        version: 1,
        recorded_at: tx.now(),
        superseded_at: None,
        withdrawn_at: None,
        withdrawn_reason: None,
        batch_id: None,
    };
    insert_many!(tx.conn(), body_member::table, [row])?;
    tx.touch(person.0);
    by.note(tx, "activity.join", ("body", stored.id.0), &[person.0], "")?;
    Ok(())
}

/// What becomes of a membership.
#[derive(Debug, Clone)]
pub enum Turn {
    /// It ends on this day, the last one.
    End(NaiveDate),
    /// It was entered by mistake; the reason.
    Withdraw(String),
    /// It was right after all.
    Restore,
}

/// Ends, withdraws or restores a membership that stood at version `seen`.
///
/// # Errors
/// Somebody else has changed it; the end lies before the beginning; it cannot come back beside others.
pub fn turn(tx: &mut Tx<'_>, by: &By, stored: &BodyMember, seen: i32, turn: Turn) -> Result<(), Error> {
    let withdrawn = stored.withdrawn_at.is_some();
    if stored.version != seen || withdrawn != matches!(turn, Turn::Restore) {
        return Err(changed(tx, by, "body", stored.body_id.0)?);
    }
    let object = ("body", stored.body_id.0);
    dialect::lock(tx.conn(), dialect::lock_space::BODY, [stored.body_id.0])?;
    let action = match turn {
        Turn::Withdraw(reason) => {
            let standing = body_member::table
                .filter(body_member::id.eq(stored.id))
                .filter(body_member::superseded_at.is_null())
                .filter(body_member::withdrawn_at.is_null());
            let done = diesel::update(standing)
                .set((
                    body_member::withdrawn_at.eq(tx.now()),
                    body_member::withdrawn_reason.eq(reason),
                ))
                .execute(tx.conn())?;
            if done != 1 {
                return Err(changed(tx, by, "body", stored.body_id.0)?);
            }
            "activity.leave_withdraw"
        }
        Turn::End(last) => {
            if last < stored.valid_from {
                return Err(Refusal::new("import.ends_before_start").into());
            }
            replace(tx, by, stored, last.succ_opt())?;
            "activity.leave"
        }
        Turn::Restore => {
            let others = members(tx.conn(), &[stored.body_id])?;
            let others = others.iter().filter(|m| m.withdrawn_at.is_none());
            let own = (stored.person_id, stored.role, stored.valid_from, stored.valid_to);
            if let Some(refusal) = clash(own, others) {
                return Err(refusal.into());
            }
            replace(tx, by, stored, stored.valid_to)?;
            "activity.join_restore"
        }
    };
    tx.touch(stored.person_id.0);
    by.note(tx, action, object, &[stored.person_id.0], "")?;
    Ok(())
}

fn replace(tx: &mut Tx<'_>, by: &By, old: &BodyMember, valid_to: Option<NaiveDate>) -> Result<(), Error> {
    let now = tx.now();
    let standing = body_member::table
        .filter(body_member::id.eq(old.id))
        .filter(body_member::superseded_at.is_null());
    let done = diesel::update(standing)
        .set(body_member::superseded_at.eq(now))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, "body", old.body_id.0)?);
    }
    let next = BodyMember {
        id: ActivityId(tx.id()),
        valid_to,
        version: old.version + 1,
        recorded_at: now,
        superseded_at: None,
        withdrawn_at: None,
        withdrawn_reason: None,
        ..old.clone()
    };
    insert_many!(tx.conn(), body_member::table, [next])?;
    Ok(())
}
