//! Inviting people to a procedure: once each, while it is ahead or going on.

use std::collections::HashSet;

use diesel::prelude::*;

use super::model::{Invitation, InvitationId, InvitedFor, Procedure};
use super::procedure::OBJECT;
use crate::access::by::By;
use crate::db::schema::procedure_person;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::people::PersonId;
use crate::units::UnitId;

/// Invitations of a region to a procedure.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(conn: &mut AnyConn, region: UnitId, of: &Procedure) -> Result<Vec<Invitation>, DbError> {
    Ok(procedure_person::table
        .filter(procedure_person::region_id.eq(region))
        .filter(procedure_person::procedure_id.eq(of.id))
        .order(procedure_person::id)
        .select(Invitation::as_select())
        .load(conn)?)
}

/// Invites those of these people who are not invited yet, and says how many they are.
///
/// # Errors
/// The procedure is over; those of the database.
pub fn invite(tx: &mut Tx<'_>, by: &By, to: &Procedure, persons: &[PersonId], why: InvitedFor) -> Result<usize, Error> {
    if !to.state.is_ahead() {
        return Err(Refusal::new("procedure.over").with("state", to.state.label()).into());
    }
    let known = of_procedure(tx.conn(), by.region, to)?;
    let mut known: HashSet<PersonId> = known.into_iter().map(|one| one.person_id).collect();
    let mut rows = Vec::new();
    for person in persons {
        if known.insert(*person) {
            rows.push(Invitation {
                id: InvitationId(tx.id()),
                region_id: by.region,
                procedure_id: to.id,
                person_id: *person,
                why,
                answer: None,
                answered_at: None,
                consent_digest: None,
                came: None,
                first_seen_at: None,
                version: 1,
                recorded_at: tx.now(),
            });
        }
    }
    let invited: Vec<i64> = rows.iter().map(|row| row.person_id.0).collect();
    insert_many!(tx.conn(), procedure_person::table, rows)?;
    if !invited.is_empty() {
        by.note(tx, "diagnostics.invite", (OBJECT, to.id.0), &invited, "")?;
    }
    Ok(invited.len())
}
