//! Who sees a result first: until the day of release, or the first look of the person, the school is told that the result
//! is with the teacher, and nothing of it.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::ProcedureId;
use crate::db::schema::{diagnosis, procedure, procedure_person};
use crate::db::{AnyConn, DbError, Tx};
use crate::people::PersonId;
use crate::units::UnitId;

/// What is not told to a school yet.
#[derive(Debug, Default)]
pub struct Withheld {
    procedures: HashSet<ProcedureId>,
    seen: HashSet<(PersonId, ProcedureId)>,
}

impl Withheld {
    /// What is held back on a day of the results of these persons.
    ///
    /// # Errors
    /// Those of the database.
    pub fn on(conn: &mut AnyConn, persons: &[PersonId], day: NaiveDate) -> Result<Self, DbError> {
        let procedures: Vec<ProcedureId> = procedure::table
            .filter(procedure::released_on.gt(day))
            .select(procedure::id)
            .load(conn)?;
        let mut seen = HashSet::new();
        if procedures.is_empty() {
            return Ok(Self::default());
        }
        for block in persons.chunks(1000) {
            let rows: Vec<(PersonId, ProcedureId)> = procedure_person::table
                .filter(procedure_person::procedure_id.eq_any(&procedures))
                .filter(procedure_person::person_id.eq_any(block))
                .filter(procedure_person::first_seen_at.is_not_null())
                .select((procedure_person::person_id, procedure_person::procedure_id))
                .load(conn)?;
            seen.extend(rows);
        }
        Ok(Self {
            procedures: procedures.into_iter().collect(),
            seen,
        })
    }

    /// Whether a result of a person by a procedure is not told yet.
    #[must_use]
    pub fn holds(&self, person: PersonId, by: ProcedureId) -> bool {
        self.procedures.contains(&by) && !self.seen.contains(&(person, by))
    }
}

/// Procedures whose results a person has and looks at for the first time; only of those that are told later to others.
///
/// # Errors
/// Those of the database.
pub fn unseen(conn: &mut AnyConn, region: UnitId, person: PersonId) -> Result<Vec<ProcedureId>, DbError> {
    let passed = diagnosis::table
        .filter(diagnosis::region_id.eq(region))
        .filter(diagnosis::person_id.eq(person))
        .filter(diagnosis::withdrawn_at.is_null())
        .select(diagnosis::procedure_id);
    Ok(procedure_person::table
        .inner_join(procedure::table.on(procedure::id.eq(procedure_person::procedure_id)))
        .filter(procedure_person::region_id.eq(region))
        .filter(procedure_person::person_id.eq(person))
        .filter(procedure_person::first_seen_at.is_null())
        .filter(procedure::released_on.is_not_null())
        .filter(procedure_person::procedure_id.eq_any(passed))
        .select(procedure_person::procedure_id)
        .load(conn)?)
}

/// Keeps that a person has looked at results by procedures.
///
/// # Errors
/// Those of the database.
pub fn saw(tx: &mut Tx<'_>, region: UnitId, person: PersonId, of: &[ProcedureId]) -> Result<(), DbError> {
    let now = tx.now();
    diesel::update(
        procedure_person::table
            .filter(procedure_person::region_id.eq(region))
            .filter(procedure_person::person_id.eq(person))
            .filter(procedure_person::procedure_id.eq_any(of))
            .filter(procedure_person::first_seen_at.is_null()),
    )
    .set(procedure_person::first_seen_at.eq(now))
    .execute(tx.conn())?;
    Ok(())
}
