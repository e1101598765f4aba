//! What a school reads to put its people forward for a procedure: what is announced, who of its people may be named, who of
//! them stands on the list already.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{employment, procedure, procedure_person};
use crate::db::types::codes;
use crate::db::{AnyConn, DbError};
use crate::diagnostics::attend::takes_answers;
use crate::diagnostics::{DiagnosisKind, DiagnosisLevel, Invitation, Procedure, ProcedureId, ProcedureState};
use crate::people::store::worked_on;
use crate::people::{PersonId, StaffKind};
use crate::units::{Tree, UnitId, UnitKind};

/// Whether a procedure is held for these schools: one of a municipality for those that stand in it, one of a school for
/// itself, any other for all of the region. Nobody is put forward to assess oneself.
pub(crate) fn fits(of: &Procedure, schools: &[UnitId], tree: &Tree) -> bool {
    if of.kind == DiagnosisKind::SelfAssessment {
        return false;
    }
    let Some(organiser) = of.organiser_id else {
        return true;
    };
    match of.level {
        Some(DiagnosisLevel::School) => schools.contains(&organiser),
        Some(DiagnosisLevel::Municipal) => {
            let town = tree.ancestor(organiser, UnitKind::Municipality);
            town.is_none_or(|town| {
                let stands = |school: &UnitId| tree.ancestor(*school, UnitKind::Municipality) == Some(town);
                schools.iter().any(stands)
            })
        }
        _ => true,
    }
}

/// Procedures of the region that take people still, the nearest first.
///
/// # Errors
/// Those of the database.
pub(crate) fn announced(
    c: &mut AnyConn,
    region: UnitId,
    schools: &[UnitId],
    tree: &Tree,
    today: NaiveDate,
) -> Result<Vec<Procedure>, DbError> {
    let mut found: Vec<Procedure> = procedure::table
        .filter(procedure::region_id.eq(region))
        .filter(procedure::state.eq_any([ProcedureState::Planned, ProcedureState::Open]))
        .order(procedure::id)
        .select(Procedure::as_select())
        .load(c)?;
    found.retain(|of| takes_answers(of, today) && fits(of, schools, tree));
    found.sort_by_key(|of| (of.starts_on.is_none(), of.starts_on, of.id));
    Ok(found)
}

/// Who works in the schools today in the kinds of staff that a procedure is held for, with the school.
///
/// # Errors
/// Those of the database.
pub(crate) fn people(
    c: &mut AnyConn,
    region: UnitId,
    schools: &[UnitId],
    of: &Procedure,
    today: NaiveDate,
) -> Result<BTreeMap<PersonId, UnitId>, DbError> {
    let set = of.audience.as_deref().unwrap_or_default();
    let mut kinds: Vec<StaffKind> = codes(set).filter_map(StaffKind::from_code).collect();
    if kinds.is_empty() {
        kinds = StaffKind::ALL.to_vec();
    }
    let mut found = BTreeMap::new();
    for block in schools.chunks(1000) {
        let rows: Vec<(PersonId, UnitId)> = employment::table
            .filter(employment::region_id.eq(region))
            .filter(employment::organisation_id.eq_any(block))
            .filter(employment::staff_kind.eq_any(&kinds))
            .filter(worked_on(today))
            .order(employment::id.desc())
            .select((employment::person_id, employment::organisation_id))
            .load(c)?;
        // The job that was entered first stands.
        found.extend(rows);
    }
    Ok(found)
}

/// Invitations of these people to a procedure.
///
/// # Errors
/// Those of the database.
pub(crate) fn invited(
    c: &mut AnyConn,
    region: UnitId,
    of: ProcedureId,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, Invitation>, DbError> {
    let mut found = HashMap::new();
    for block in persons.chunks(1000) {
        let rows: Vec<Invitation> = procedure_person::table
            .filter(procedure_person::region_id.eq(region))
            .filter(procedure_person::procedure_id.eq(of))
            .filter(procedure_person::person_id.eq_any(block))
            .select(Invitation::as_select())
            .load(c)?;
        found.extend(rows.into_iter().map(|one| (one.person_id, one)));
    }
    Ok(found)
}

/// Whom the schools have put forward from a day on, the latest first, with the procedures.
///
/// # Errors
/// Those of the database.
pub(crate) fn put_forward(
    c: &mut AnyConn,
    region: UnitId,
    schools: &[UnitId],
    since: NaiveDate,
) -> Result<Vec<(Invitation, Procedure)>, DbError> {
    let mut found: Vec<(Invitation, Procedure)> = Vec::new();
    for block in schools.chunks(1000) {
        let rows: Vec<(Invitation, Procedure)> = procedure_person::table
            .inner_join(procedure::table.on(procedure::id.eq(procedure_person::procedure_id)))
            .filter(procedure_person::region_id.eq(region))
            .filter(procedure_person::asked_by_id.eq_any(block))
            .filter(procedure_person::recorded_at.ge(since.and_time(chrono::NaiveTime::MIN)))
            .order(procedure_person::id.desc())
            .select((Invitation::as_select(), Procedure::as_select()))
            .load(c)?;
        found.extend(rows);
    }
    Ok(found)
}
