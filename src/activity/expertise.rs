//! Expertise of an undertaking: what a body said of it, on which day; entered, withdrawn, brought back.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::by::{By, changed};
use super::model::{BodyId, Level};
use super::undertakings::{Expertise, ExpertiseId, Outcome, Undertaking, UndertakingId};
use crate::db::schema::expertise;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::insert_many;

/// What is said of an undertaking.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Who says it.
    pub body_id: BodyId,
    /// When.
    pub held_on: NaiveDate,
    /// Level.
    pub level: Level,
    /// What.
    pub outcome: Outcome,
    /// In words.
    pub note: Option<String>,
}

/// What was said of undertakings, the last first, withdrawn ones among them.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, of: &[UndertakingId]) -> Result<Vec<Expertise>, DbError> {
    let mut found = Vec::new();
    for block in of.chunks(1000) {
        let rows: Vec<Expertise> = expertise::table
            .filter(expertise::undertaking_id.eq_any(block))
            .order((expertise::held_on.desc(), expertise::id.desc()))
            .select(Expertise::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Enters what a body said.
///
/// # Errors
/// The undertaking is withdrawn.
pub fn add(tx: &mut Tx<'_>, by: &By, of: &Undertaking, said: Judgement) -> Result<(), Error> {
    if of.withdrawn_at.is_some() {
        return Err(changed(tx, by, "undertaking", of.id.0)?);
    }
    let row = Expertise {
        id: ExpertiseId(tx.id()),
        region_id: by.region,
        undertaking_id: of.id,
        body_id: said.body_id,
        held_on: said.held_on,
        level: said.level,
        outcome: said.outcome,
        note: said.note,
        version: 1,
        recorded_at: tx.now(),
        withdrawn_at: None,
        withdrawn_reason: None,
    };
    insert_many!(tx.conn(), expertise::table, [row])?;
    by.note(tx, "activity.expertise_add", ("undertaking", of.id.0), &[], "")?;
    Ok(())
}

/// Withdraws with a reason what was entered by mistake, or brings it back.
///
/// # Errors
/// Somebody else has changed it.
pub fn set_withdrawn(
    tx: &mut Tx<'_>,
    by: &By,
    stored: &Expertise,
    seen: i32,
    reason: Option<&str>,
) -> Result<(), Error> {
    let at = reason.map(|_| tx.now());
    let standing = expertise::table
        .filter(expertise::id.eq(stored.id))
        .filter(expertise::version.eq(seen));
    let same_state = stored.withdrawn_at.is_some() == reason.is_some();
    let done = if same_state {
        0
    } else {
        diesel::update(standing)
            .set((
                expertise::withdrawn_at.eq(at),
                expertise::withdrawn_reason.eq(reason),
                expertise::version.eq(seen + 1),
            ))
            .execute(tx.conn())?
    };
    if done != 1 {
        return Err(changed(tx, by, "undertaking", stored.undertaking_id.0)?);
    }
    let action = match reason {
        Some(_) => "activity.expertise_withdraw",
        None => "activity.expertise_restore",
    };
    by.note(tx, action, ("undertaking", stored.undertaking_id.0), &[], "")?;
    Ok(())
}
