//! Bodies from a file, by their codes.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::kinds;
use super::model::{Body, BodyId, Level};
use super::whom::{own_region, place, region_as_a_whole};
use super::words::{LEVELS, required_word};
use crate::db::schema::{body, body_member};
use crate::db::text_keys::search_key;
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::{edited_since, standing_on};
use crate::exchange::{
    Applied, Batch, BatchId, Change, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, made, previous,
    repeats,
};
use crate::insert_many;
use crate::units::{self, UnitId};

/// Files of bodies.
pub struct BodiesFile;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    code: String,
    name: String,
    kind: &'static str,
    level: Level,
    unit: Option<String>,
    duties: Option<Option<String>>,
    link: Option<Option<String>>,
}

/// What a file may change, as it stood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    name: String,
    kind: String,
    level: Level,
    unit: Option<UnitId>,
    duties: Option<String>,
    link: Option<String>,
    version: i32,
    batch_id: Option<i64>,
}

impl State {
    fn of(stored: &Body) -> Self {
        Self {
            name: stored.name.clone(),
            kind: stored.kind.clone(),
            level: stored.level,
            unit: stored.unit_id,
            duties: stored.duties.clone(),
            link: stored.link.clone(),
            version: stored.version,
            batch_id: stored.batch_id,
        }
    }
}

const TABLE: &str = "body";

impl Table for BodiesFile {
    type Row = Row;
    const KIND: Kind = Kind::Bodies;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &[TABLE];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let code = fields.required_text("code");
        let name = fields.required_text("name");
        let kind = required_word(fields, "kind", kinds::bodies());
        let level = fields.required_choice("level", &LEVELS);
        let unit = fields.unit("unit");
        let duties = fields.given("duties", |f, name| f.text(name));
        let link = fields.given("link", |f, name| f.text(name));
        Some(Row {
            code: code?,
            name: name?,
            kind: kind?,
            level: level?,
            unit,
            duties,
            link,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let rows = repeats::settle(rows, |r| (r.code.clone(), r.unit.clone()), &mut applied.verdicts);
        let units = units::store::places(tx.conn())?;
        let own = own_region(tx, batch)?;
        let stored: Vec<Body> = body::table.select(Body::as_select()).load(tx.conn())?;
        let mut stored: HashMap<(UnitId, String), Body> =
            stored.into_iter().map(|b| ((b.region_id, b.code.clone()), b)).collect();
        let used: Vec<BodyId> = body_member::table
            .filter(body_member::superseded_at.is_null())
            .filter(body_member::withdrawn_at.is_null())
            .select(body_member::body_id)
            .distinct()
            .load(tx.conn())?;
        let used: BTreeSet<BodyId> = used.into_iter().collect();
        let mut new = Vec::new();
        for Staged { number, row } in rows {
            let refused =
                |column, value: &str, refusal| Verdict::Refused(Problem::at(Kind::Bodies, column, value, refusal));
            let place = match &row.unit {
                None => region_as_a_whole(own, batch).map(|region| (None, region)),
                Some(code) => place(units.get(code), batch),
            };
            let (unit, region) = match place {
                Ok(place) => place,
                Err(refusal) => {
                    let value = row.unit.as_deref().unwrap_or_default();
                    applied.verdicts.push((number, refused("unit", value, refusal)));
                    continue;
                }
            };
            let old = stored.get(&(region, row.code.clone()));
            if old.is_some_and(|o| !batch.keeps(region.0, o.unit_id.map(|u| u.0))) {
                let refusal = Refusal::new("import.code_outside");
                applied.verdicts.push((number, refused("code", &row.code, refusal)));
                continue;
            }
            let said = State {
                name: row.name,
                kind: row.kind.to_owned(),
                level: row.level,
                unit,
                duties: row.duties.unwrap_or_else(|| old.and_then(|o| o.duties.clone())),
                link: row.link.unwrap_or_else(|| old.and_then(|o| o.link.clone())),
                version: old.map_or(1, |o| o.version),
                batch_id: old.map_or(Some(batch.id.0), |o| o.batch_id),
            };
            let verdict = match old {
                None => {
                    let id = BodyId(tx.id());
                    let made = Body {
                        id,
                        region_id: region,
                        code: row.code.clone(),
                        search_key: search_key(&said.name),
                        name: said.name,
                        kind: said.kind,
                        level: said.level,
                        unit_id: said.unit,
                        duties: said.duties,
                        link: said.link,
                        version: 1,
                        recorded_at: batch.now,
                        withdrawn_at: None,
                        withdrawn_reason: None,
                        batch_id: Some(batch.id.0),
                    };
                    stored.insert((region, row.code), made.clone());
                    new.push(made);
                    Verdict::New(vec![Change {
                        kind: TABLE,
                        id: id.0,
                        previous: None,
                    }])
                }
                Some(old) if old.withdrawn_at.is_some() => {
                    let at = old.withdrawn_at.unwrap_or(batch.now);
                    super::versions::withdrawn(Kind::Bodies, "code", at)
                }
                Some(old) if State::of(old) == said => Verdict::Unchanged,
                Some(_) if batch.mode == Mode::Add => Verdict::Kept,
                Some(old) if (&old.kind, old.level) != (&said.kind, said.level) && used.contains(&old.id) => {
                    refused("kind", &said.kind, Refusal::new("activity.body_kind"))
                }
                Some(old) => {
                    let change = Change {
                        kind: TABLE,
                        id: old.id.0,
                        previous: Some(previous(&State::of(old))),
                    };
                    let next = State {
                        version: old.version + 1,
                        batch_id: Some(batch.id.0),
                        ..said
                    };
                    set(tx, old.id, &next)?;
                    Verdict::Changed(vec![change])
                }
            };
            applied.verdicts.push((number, verdict));
        }
        insert_many!(tx.conn(), body::table, new)?;
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let tables = [
            ("body_member", "body_id", "участники объединений"),
            ("activity", "body_id", "записи педагогов"),
            ("undertaking_party", "body_id", "стороны соглашений и проектов"),
            ("expertise", "body_id", "записи экспертизы"),
        ];
        let mut found = standing_on(tx.conn(), &made(changes, TABLE), &tables, None)?;
        found.extend(edited_since(tx.conn(), TABLE, changes)?);
        Ok(found)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for change in changes {
            if let Some((id, state)) = change.before::<State>()? {
                set(tx, BodyId(id), &state)?;
            }
        }
        for block in made(changes, TABLE).chunks(1000) {
            diesel::delete(body::table.filter(body::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

fn set(tx: &mut Tx<'_>, id: BodyId, state: &State) -> Result<(), DbError> {
    diesel::update(body::table.filter(body::id.eq(id)))
        .set((
            body::name.eq(&state.name),
            body::search_key.eq(search_key(&state.name)),
            body::kind.eq(&state.kind),
            body::level.eq(state.level),
            body::unit_id.eq(state.unit),
            body::duties.eq(&state.duties),
            body::link.eq(&state.link),
            body::version.eq(state.version),
            body::batch_id.eq(state.batch_id),
        ))
        .execute(tx.conn())?;
    Ok(())
}
