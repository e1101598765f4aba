//! Competences from a file.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{Competence, CompetenceId};
use super::reference;
use crate::db::schema::{competence, diagnosis_result};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::{not_of, standing_on};
use crate::exchange::{
    Applied, Batch, BatchId, Change, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, made, previous,
    repeats,
};
use crate::insert_many;

/// Files of competences.
pub struct CompetencesFile;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    code: String,
    group: &'static str,
    name: String,
    parent: Option<String>,
}

/// What a file may change, as it stood.
#[derive(Serialize, Deserialize)]
struct Before {
    group_code: String,
    name: String,
    parent_id: Option<CompetenceId>,
    version: i32,
    batch_id: Option<i64>,
}

const TABLE: &str = "competence";

impl Table for CompetencesFile {
    type Row = Row;
    const KIND: Kind = Kind::Competences;
    const OF_PARTS: bool = false;
    const TABLES: &'static [&'static str] = &["competence"];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let code = fields.required_text("code");
        let group = fields.required_text("group").and_then(|text| {
            let found = reference::group_code(&text);
            if found.is_none() {
                let known: Vec<&str> = reference::groups().iter().map(|g| g.name.as_str()).collect();
                fields.problem(
                    "group",
                    Refusal::new("import.unknown_value").with("known", known.join(", ")),
                );
            }
            found
        });
        let name = fields.required_text("name");
        let parent = fields.text("parent");
        Some(Row {
            code: code?,
            group: group?,
            name: name?,
            parent,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let rows = repeats::settle(rows, |row| row.code.clone(), &mut applied.verdicts);
        let stored: Vec<Competence> = competence::table.select(Competence::as_select()).load(tx.conn())?;
        let stored: HashMap<String, Competence> = stored.into_iter().map(|c| (c.code.clone(), c)).collect();
        let used_elsewhere = used_elsewhere(tx.conn(), batch)?;
        let rows = with_parents(rows, &stored, &mut applied.verdicts);
        let ids: HashMap<String, CompetenceId> = rows
            .iter()
            .map(|s| {
                let known = stored.get(&s.row.code).map(|c| c.id);
                (s.row.code.clone(), known.unwrap_or_else(|| CompetenceId(tx.id())))
            })
            .collect();
        let id_of = |code: &String| ids.get(code).copied().or_else(|| stored.get(code).map(|c| c.id));
        let mut new = Vec::new();
        let mut changed = Vec::new();
        for Staged { number, row } in rows {
            let said = Competence {
                id: ids[&row.code],
                code: row.code.clone(),
                group_code: row.group.to_owned(),
                name: row.name.clone(),
                parent_id: row.parent.as_ref().and_then(id_of),
                version: 1,
                recorded_at: batch.now,
                batch_id: Some(batch.id.0),
            };
            let verdict = match stored.get(&row.code) {
                None => {
                    let change = Change {
                        kind: TABLE,
                        id: said.id.0,
                        previous: None,
                    };
                    new.push(said);
                    Verdict::New(vec![change])
                }
                Some(old) => {
                    let parent_id = said.parent_id.or(old.parent_id);
                    let same = (&old.group_code, &old.name, old.parent_id) == (&said.group_code, &said.name, parent_id);
                    if same {
                        Verdict::Unchanged
                    } else if used_elsewhere.contains(&old.id) {
                        let refusal = Refusal::new("import.other_region");
                        Verdict::Refused(Problem::at(Kind::Competences, "code", &row.code, refusal))
                    } else if batch.mode == Mode::Add {
                        Verdict::Kept
                    } else {
                        let change = Change {
                            kind: TABLE,
                            id: old.id.0,
                            previous: Some(previous(&before(old))),
                        };
                        changed.push((
                            said.id,
                            before(&Competence {
                                parent_id,
                                version: old.version + 1,
                                ..said
                            }),
                        ));
                        Verdict::Changed(vec![change])
                    }
                }
            };
            applied.verdicts.push((number, verdict));
        }
        insert_many!(tx.conn(), competence::table, new)?;
        for (id, state) in changed {
            set(tx, id, state)?;
        }
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let ids = made(changes, TABLE);
        let others = not_of(batch);
        let mut found = standing_on(
            tx.conn(),
            &ids,
            &[(TABLE, "parent_id", "компетенции внутри")],
            Some(&others),
        )?;
        let tables = [
            ("diagnosis_result", "competence_id", "результаты диагностики"),
            ("programme_competence", "competence_id", "программы"),
            ("iom_deficit", "competence_id", "дефициты в ИОМ педагогов"),
        ];
        found.extend(standing_on(tx.conn(), &ids, &tables, None)?);
        Ok(found)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for change in changes {
            if let Some((id, before)) = change.before::<Before>()? {
                set(tx, CompetenceId(id), before)?;
            }
        }
        for block in made(changes, TABLE).chunks(1000) {
            diesel::delete(competence::table.filter(competence::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

/// Competences by which people of regions out of reach were measured: a change would reach their profiles.
fn used_elsewhere(conn: &mut AnyConn, batch: &Batch) -> Result<HashSet<CompetenceId>, DbError> {
    let Some(own) = batch.region else {
        return Ok(HashSet::new());
    };
    let ids: Vec<CompetenceId> = diagnosis_result::table
        .filter(diagnosis_result::region_id.ne(own))
        .select(diagnosis_result::competence_id)
        .distinct()
        .load(conn)?;
    Ok(ids.into_iter().collect())
}

fn before(of: &Competence) -> Before {
    Before {
        group_code: of.group_code.clone(),
        name: of.name.clone(),
        parent_id: of.parent_id,
        version: of.version,
        batch_id: of.batch_id,
    }
}

fn set(tx: &mut Tx<'_>, id: CompetenceId, state: Before) -> Result<(), DbError> {
    diesel::update(competence::table.filter(competence::id.eq(id)))
        .set((
            competence::group_code.eq(state.group_code),
            competence::name.eq(state.name),
            competence::parent_id.eq(state.parent_id),
            competence::version.eq(state.version),
            competence::batch_id.eq(state.batch_id),
        ))
        .execute(tx.conn())?;
    // Deficits are counted by group.
    tx.touch_everyone();
    Ok(())
}

/// Refuses rows whose parent is unknown, refused or below themselves.
fn with_parents(
    rows: Vec<Staged<Row>>,
    stored: &HashMap<String, Competence>,
    verdicts: &mut Vec<(u32, Verdict)>,
) -> Vec<Staged<Row>> {
    let codes: HashMap<CompetenceId, &String> = stored.values().map(|c| (c.id, &c.code)).collect();
    let mut parents: HashMap<String, Option<String>> = stored
        .values()
        .map(|c| {
            (
                c.code.clone(),
                c.parent_id.and_then(|id| codes.get(&id).map(|code| (*code).clone())),
            )
        })
        .collect();
    for staged in &rows {
        let known = parents.get(&staged.row.code).cloned().flatten();
        parents.insert(staged.row.code.clone(), staged.row.parent.clone().or(known));
    }
    let mut kept = Vec::new();
    for staged in rows {
        let mut code = &staged.row.code;
        let mut steps = 0;
        let refusal = loop {
            match parents.get(code) {
                None if *code == staged.row.code => break None,
                None => break Some(Refusal::new("competence.unknown_parent")),
                Some(None) => break None,
                Some(Some(parent)) if *parent == staged.row.code || steps > 100 => {
                    break Some(Refusal::new("competence.circle"));
                }
                Some(Some(parent)) => code = parent,
            }
            steps += 1;
        };
        match refusal {
            None => kept.push(staged),
            Some(refusal) => {
                let value = staged.row.parent.as_deref().unwrap_or("");
                let problem = Problem::at(Kind::Competences, "parent", value, refusal);
                verdicts.push((staged.number, Verdict::Refused(problem)));
            }
        }
    }
    kept
}
