//! Procedures as a region finds them: those it made or holds, and those that its people passed.

use diesel::prelude::*;

use super::model::{Procedure, ProcedureId};
use crate::db::schema::{diagnosis, procedure, questionnaire, unit};
use crate::db::{AnyConn, DbError};
use crate::units::UnitId;

/// A procedure that a region may see.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The procedure.
    pub procedure: Procedure,
    /// Whether the region may change it: it made or holds it, and nobody of another region passed it.
    pub kept: bool,
    /// Whether anybody passed it: then its kind and its scale stay.
    pub has_results: bool,
}

/// A procedure by its code; none that the region did not make, does not hold and did not pass.
///
/// # Errors
/// Those of the database.
pub fn by_code(conn: &mut AnyConn, region: UnitId, code: &str) -> Result<Option<Known>, DbError> {
    let found: Option<Procedure> = procedure::table
        .filter(procedure::code.eq(code))
        .select(Procedure::as_select())
        .first(conn)
        .optional()?;
    let Some(procedure) = found else {
        return Ok(None);
    };
    let passed: Vec<UnitId> = diagnosis::table
        .filter(diagnosis::procedure_id.eq(procedure.id))
        .select(diagnosis::region_id)
        .distinct()
        .load(conn)?;
    let organised: Option<UnitId> = match procedure.organiser_id {
        None => None,
        Some(organiser) => unit::table
            .filter(unit::id.eq(organiser))
            .select(unit::region_id)
            .first(conn)
            .optional()?,
    };
    let here = passed.contains(&region);
    // What comes with the program is nobody's to change.
    let questionnaires: i64 = questionnaire::table
        .filter(questionnaire::procedure_id.eq(procedure.id))
        .count()
        .get_result(conn)?;
    let own = match (procedure.region_id, organised) {
        (Some(maker), _) => maker == region,
        (None, Some(holder)) => holder == region,
        (None, None) => here,
    };
    Ok((own || here).then(|| Known {
        kept: own && questionnaires == 0 && passed.iter().all(|other| *other == region),
        has_results: !passed.is_empty(),
        procedure,
    }))
}

/// Procedures that a region made or holds, by name.
///
/// # Errors
/// Those of the database.
pub fn own(conn: &mut AnyConn, region: UnitId) -> Result<Vec<Procedure>, DbError> {
    let units = unit::table
        .filter(unit::region_id.eq(region))
        .select(unit::id.nullable());
    let held = procedure::region_id
        .is_null()
        .and(procedure::organiser_id.eq_any(units));
    Ok(procedure::table
        .filter(procedure::region_id.eq(region).or(held))
        .order((procedure::name, procedure::id))
        .select(Procedure::as_select())
        .load(conn)?)
}

/// A procedure that a region made or holds, by its id.
///
/// # Errors
/// Those of the database.
pub fn own_by_id(conn: &mut AnyConn, region: UnitId, id: ProcedureId) -> Result<Option<Procedure>, DbError> {
    Ok(own(conn, region)?.into_iter().find(|of| of.id == id))
}
