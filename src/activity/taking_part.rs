//! People of an undertaking, from day to day: somebody joins, the part ends, is withdrawn with a reason, comes back.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::body::Turn;
use super::by::{By, changed};
use super::undertakings::{PartId, PartRole, TakingPart, Undertaking, UndertakingId};
use crate::db::schema::undertaking_person;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::people::PersonId;

/// Parts in an undertaking, withdrawn ones among them.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, of: UndertakingId) -> Result<Vec<TakingPart>, DbError> {
    Ok(undertaking_person::table
        .filter(undertaking_person::undertaking_id.eq(of))
        .order(undertaking_person::id)
        .select(TakingPart::as_select())
        .load(conn)?)
}

/// The part of the same person that touches these days.
fn clash(
    tx: &mut Tx<'_>,
    of: UndertakingId,
    person: PersonId,
    (from, to): (NaiveDate, Option<NaiveDate>),
) -> Result<Option<Refusal>, DbError> {
    let others = all(tx.conn(), of)?;
    let other = others.into_iter().find(|o| {
        o.person_id == person
            && o.withdrawn_at.is_none()
            && to.is_none_or(|to| o.valid_from < to)
            && o.valid_to.is_none_or(|last| from < last)
    });
    Ok(other.map(|o| Refusal::new("activity.part_twice").with("from", o.valid_from.format("%d.%m.%Y"))))
}

/// Somebody joins.
///
/// # Errors
/// The undertaking is withdrawn; the person takes part in those days already.
pub fn join(
    tx: &mut Tx<'_>,
    by: &By,
    of: &Undertaking,
    (person, role): (PersonId, PartRole),
    days: (NaiveDate, Option<NaiveDate>),
) -> Result<(), Error> {
    if of.withdrawn_at.is_some() {
        return Err(changed(tx, by, "undertaking", of.id.0)?);
    }
    dialect::lock(tx.conn(), dialect::lock_space::UNDERTAKING, [of.id.0])?;
    if let Some(refusal) = clash(tx, of.id, person, days)? {
        return Err(refusal.into());
    }
    let row = TakingPart {
        id: PartId(tx.id()),
        region_id: by.region,
        undertaking_id: of.id,
        person_id: person,
        role,
        valid_from: days.0,
        valid_to: days.1,
        version: 1,
        recorded_at: tx.now(),
        withdrawn_at: None,
        withdrawn_reason: None,
    };
    insert_many!(tx.conn(), undertaking_person::table, [row])?;
    by.note(tx, "activity.part_add", ("undertaking", of.id.0), &[person.0], "")?;
    Ok(())
}

/// Ends, withdraws or restores a part that stood at version `seen`.
///
/// # Errors
/// Somebody else has changed it; the end lies before the beginning; it cannot come back beside another.
pub fn turn(tx: &mut Tx<'_>, by: &By, stored: &TakingPart, seen: i32, turn: Turn) -> Result<(), Error> {
    let object = ("undertaking", stored.undertaking_id.0);
    if stored.version != seen || stored.withdrawn_at.is_some() != matches!(turn, Turn::Restore) {
        return Err(changed(tx, by, object.0, object.1)?);
    }
    dialect::lock(tx.conn(), dialect::lock_space::UNDERTAKING, [stored.undertaking_id.0])?;
    let mut next = stored.clone();
    let action = match turn {
        Turn::End(last) if last < stored.valid_from => {
            return Err(Refusal::new("import.ends_before_start").into());
        }
        Turn::End(last) => {
            next.valid_to = last.succ_opt();
            "activity.part_end"
        }
        Turn::Withdraw(reason) => {
            next.withdrawn_at = Some(tx.now());
            next.withdrawn_reason = Some(reason);
            "activity.part_withdraw"
        }
        Turn::Restore => {
            let days = (stored.valid_from, stored.valid_to);
            if let Some(refusal) = clash(tx, stored.undertaking_id, stored.person_id, days)? {
                return Err(refusal.into());
            }
            next.withdrawn_at = None;
            next.withdrawn_reason = None;
            "activity.part_restore"
        }
    };
    let standing = undertaking_person::table
        .filter(undertaking_person::region_id.eq(stored.region_id))
        .filter(undertaking_person::id.eq(stored.id))
        .filter(undertaking_person::version.eq(seen));
    let done = diesel::update(standing)
        .set((
            undertaking_person::valid_to.eq(next.valid_to),
            undertaking_person::withdrawn_at.eq(next.withdrawn_at),
            undertaking_person::withdrawn_reason.eq(next.withdrawn_reason),
            undertaking_person::version.eq(seen + 1),
        ))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, object.0, object.1)?);
    }
    by.note(tx, action, object, &[stored.person_id.0], "")?;
    Ok(())
}
