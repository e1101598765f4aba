//! Results of many persons at once, as the rules of the profile take them.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::rules::Measured;
use crate::competence::{CompetenceId, ScaleId};
use crate::db::milli::Milli;
use crate::db::schema::{diagnosis, diagnosis_result, procedure};
use crate::db::{AnyConn, DbError};
use crate::diagnostics::{DiagnosisKind, ProcedureId, ResultId};
use crate::each_db;
use crate::people::PersonId;

type Row = (
    PersonId,
    (ResultId, CompetenceId, String, Milli, Milli, ScaleId),
    (DiagnosisKind, NaiveDate),
    (ProcedureId, Option<i32>),
);

/// Results of persons, superseded and withdrawn ones left out, as known at `known` (`None`: now). A procedure's
/// validity is the one known now: it describes the tool, not the person.
///
/// # Errors
/// Those of the database.
pub fn results(
    conn: &mut AnyConn,
    persons: &[PersonId],
    known: Option<NaiveDateTime>,
) -> Result<HashMap<PersonId, Vec<Measured>>, DbError> {
    let mut found: HashMap<PersonId, Vec<Measured>> = HashMap::with_capacity(persons.len());
    for block in persons.chunks(1000) {
        for (person, (result, competence, subject, raw, max, scale), (kind, held_on), (procedure, valid_days)) in
            rows(conn, block, known)?
        {
            found.entry(person).or_default().push(Measured {
                result,
                competence,
                subject,
                kind,
                held_on,
                procedure,
                valid_days,
                raw,
                max,
                scale,
            });
        }
    }
    Ok(found)
}

fn rows(conn: &mut AnyConn, persons: &[PersonId], known: Option<NaiveDateTime>) -> Result<Vec<Row>, DbError> {
    // The join spells the region out, so that PostgreSQL walks its keys; both branches are one statement for the cache.
    let joined = diagnosis_result::table
        .inner_join(
            diagnosis::table.on(diagnosis::id
                .eq(diagnosis_result::diagnosis_id)
                .and(diagnosis::region_id.eq(diagnosis_result::region_id))),
        )
        .inner_join(procedure::table.on(procedure::id.eq(diagnosis::procedure_id)))
        .filter(diagnosis_result::person_id.eq_any(persons))
        .select((
            diagnosis_result::person_id,
            (
                diagnosis_result::id,
                diagnosis_result::competence_id,
                diagnosis_result::subject,
                diagnosis_result::raw_milli,
                diagnosis_result::max_milli,
                diagnosis_result::scale_id,
            ),
            (diagnosis::kind, diagnosis::held_on),
            (procedure::id, procedure::valid_days),
        ));
    let rows = match known {
        None => each_db!(conn, c => joined
            .filter(diagnosis_result::superseded_at.is_null())
            .filter(diagnosis::withdrawn_at.is_null())
            .load::<Row>(c)),
        Some(known) => each_db!(conn, c => joined
            .filter(diagnosis_result::recorded_at.le(known))
            .filter(diagnosis_result::superseded_at.is_null().or(diagnosis_result::superseded_at.gt(known)))
            .filter(diagnosis::withdrawn_at.is_null().or(diagnosis::withdrawn_at.gt(known)))
            .load::<Row>(c)),
    };
    Ok(rows?)
}
