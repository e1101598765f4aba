//! Procedures from a file.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{DiagnosisKind, DiagnosisLevel, Procedure, ProcedureId};
use super::words::{KINDS, LEVELS};
use crate::db::schema::{diagnosis, procedure, unit};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::{edited_since, standing_on};
use crate::exchange::{
    Applied, Batch, BatchId, Change, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, made, previous,
    repeats,
};
use crate::insert_many;
use crate::units::UnitId;

/// Files of procedures.
pub struct ProceduresFile;

/// A row. Days are the last ones, included.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    code: String,
    name: String,
    kind: DiagnosisKind,
    level: DiagnosisLevel,
    organiser: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    valid_days: Option<i32>,
}

/// What a file may change, as it stood.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct State {
    name: String,
    kind: DiagnosisKind,
    level: Option<DiagnosisLevel>,
    organiser: Option<UnitId>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    valid_days: Option<i32>,
    described: bool,
    version: i32,
    batch_id: Option<i64>,
}

const TABLE: &str = "procedure";

impl Table for ProceduresFile {
    type Row = Row;
    const KIND: Kind = Kind::Procedures;
    const OF_PARTS: bool = false;
    const TABLES: &'static [&'static str] = &["procedure"];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let code = fields.required_text("code");
        let name = fields.required_text("name");
        let kind = fields.required_choice("kind", &KINDS);
        let level = fields.required_choice("level", &LEVELS);
        let organiser = fields.text("organiser");
        let (from, to) = (fields.date("from"), fields.date("to"));
        if from.is_some_and(|from| to.is_some_and(|to| to < from)) {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        let valid_days = fields.whole("valid_days");
        Some(Row {
            code: code?,
            name: name?,
            kind: kind?,
            level: level?,
            organiser,
            from,
            to,
            valid_days,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let rows = repeats::settle(rows, |row| row.code.clone(), &mut applied.verdicts);
        let units: HashMap<String, (UnitId, UnitId)> = unit::table
            .select((unit::code, (unit::id, unit::region_id)))
            .load::<(String, (UnitId, UnitId))>(tx.conn())?
            .into_iter()
            .collect();
        let regions: HashMap<UnitId, UnitId> = units.values().copied().collect();
        let stored: Vec<Procedure> = procedure::table.select(Procedure::as_select()).load(tx.conn())?;
        let elsewhere = held_elsewhere(tx.conn(), batch)?;
        let stored: HashMap<String, Procedure> = stored.into_iter().map(|p| (p.code.clone(), p)).collect();
        let mut new = Vec::new();
        for Staged { number, row } in rows {
            let organiser = match row.organiser.as_ref().map(|code| (code, units.get(code))) {
                None => None,
                Some((_, Some((id, region)))) if batch.reaches(region.0) => Some(*id),
                Some((code, Some(_))) => {
                    applied.verdicts.push((number, other_region("organiser", code)));
                    continue;
                }
                Some((code, None)) => {
                    let refusal = Refusal::new("import.unknown_unit");
                    let problem = Problem::at(Kind::Procedures, "organiser", code, refusal);
                    applied.verdicts.push((number, Verdict::Refused(problem)));
                    continue;
                }
            };
            let old = stored.get(&row.code);
            let foreign = old.is_some_and(|old| {
                let organised = old.organiser_id.and_then(|unit| regions.get(&unit));
                let made = old.region_id.is_some_and(|region| !batch.reaches(region.0));
                made || elsewhere.contains(&old.id) || organised.is_some_and(|region| !batch.reaches(region.0))
            });
            if foreign {
                applied.verdicts.push((number, other_region("code", &row.code)));
                continue;
            }
            let own = batch.region.map(UnitId).filter(|_| old.is_none());
            let said = State {
                organiser: organiser.or(old.and_then(|o| o.organiser_id)).or(own),
                name: row.name,
                kind: row.kind,
                level: Some(row.level),
                from: row.from,
                to: row.to,
                // Empty is "without limit", so an empty cell does change what is stored.
                valid_days: row.valid_days,
                described: true,
                version: old.map_or(1, |o| o.version + 1),
                batch_id: Some(batch.id.0),
            };
            let verdict = match old {
                None => {
                    let id = ProcedureId(tx.id());
                    new.push(made_of(id, row.code, said, batch));
                    Verdict::New(vec![Change {
                        kind: TABLE,
                        id: id.0,
                        previous: None,
                    }])
                }
                Some(old)
                    if state(old)
                        == State {
                            version: old.version,
                            batch_id: old.batch_id,
                            ..said.clone()
                        } =>
                {
                    Verdict::Unchanged
                }
                Some(_) if batch.mode == Mode::Add => Verdict::Kept,
                Some(old) => {
                    let change = Change {
                        kind: TABLE,
                        id: old.id.0,
                        previous: Some(previous(&state(old))),
                    };
                    set(tx, old.id, said)?;
                    Verdict::Changed(vec![change])
                }
            };
            applied.verdicts.push((number, verdict));
        }
        insert_many!(tx.conn(), procedure::table, new)?;
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let tables = [
            ("diagnosis", "procedure_id", "диагностики людей"),
            ("iom", "procedure_id", "ИОМ педагогов"),
            ("procedure_person", "procedure_id", "приглашения педагогов"),
            ("procedure", "previous_id", "повторные диагностики"),
            ("questionnaire", "procedure_id", "опросники самооценки"),
        ];
        let mut found = standing_on(tx.conn(), &made(changes, TABLE), &tables, None)?;
        found.extend(edited_since(tx.conn(), TABLE, changes)?);
        Ok(found)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for change in changes {
            if let Some((id, state)) = change.before::<State>()? {
                set(tx, ProcedureId(id), state)?;
            }
        }
        for block in made(changes, TABLE).chunks(1000) {
            diesel::delete(procedure::table.filter(procedure::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

fn other_region(column: &str, value: &str) -> Verdict {
    let refusal = Refusal::new("import.other_region");
    Verdict::Refused(Problem::at(Kind::Procedures, column, value, refusal))
}

/// Procedures by which people of regions out of reach were diagnosed: a change would reach their profiles.
fn held_elsewhere(conn: &mut AnyConn, batch: &Batch) -> Result<HashSet<ProcedureId>, DbError> {
    let Some(own) = batch.region else {
        return Ok(HashSet::new());
    };
    let ids: Vec<ProcedureId> = diagnosis::table
        .filter(diagnosis::region_id.ne(own))
        .select(diagnosis::procedure_id)
        .distinct()
        .load(conn)?;
    Ok(ids.into_iter().collect())
}

fn made_of(id: ProcedureId, code: String, said: State, batch: &Batch) -> Procedure {
    Procedure {
        level: said.level,
        organiser_id: said.organiser,
        starts_on: said.from,
        ends_on: said.to,
        valid_days: said.valid_days,
        described: said.described,
        version: said.version,
        batch_id: said.batch_id,
        ..Procedure::named(id, code, said.name, said.kind, batch.now)
    }
}

fn state(of: &Procedure) -> State {
    State {
        name: of.name.clone(),
        kind: of.kind,
        level: of.level,
        organiser: of.organiser_id,
        from: of.starts_on,
        to: of.ends_on,
        valid_days: of.valid_days,
        described: of.described,
        version: of.version,
        batch_id: of.batch_id,
    }
}

/// Changes a procedure: everyone's profile may rest on how long its results are valid.
fn set(tx: &mut Tx<'_>, id: ProcedureId, state: State) -> Result<(), DbError> {
    diesel::update(procedure::table.filter(procedure::id.eq(id)))
        .set((
            procedure::name.eq(state.name),
            procedure::kind.eq(state.kind),
            procedure::level.eq(state.level),
            procedure::organiser_id.eq(state.organiser),
            procedure::starts_on.eq(state.from),
            procedure::ends_on.eq(state.to),
            procedure::valid_days.eq(state.valid_days),
            procedure::described.eq(state.described),
            procedure::version.eq(state.version),
            procedure::batch_id.eq(state.batch_id),
        ))
        .execute(tx.conn())?;
    tx.touch_everyone();
    Ok(())
}
