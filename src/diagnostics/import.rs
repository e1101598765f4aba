//! Results from a file: one row is one competence of one passage, or a passage with a column for each competence
//! ([`super::wide`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{DiagnosisKind, DiagnosisLevel, Procedure, ProcedureId};
use super::scores::{Before, Found, PASSAGE, RESULT, Score, Writing};
use super::wide::{self, Wide, WideCell};
use super::words::{KINDS, LEVELS};
use crate::competence::{Called, reference};
use crate::db::milli::Milli;
use crate::db::schema::{diagnosis, diagnosis_result, procedure, unit};
use crate::db::text_keys::search_key;
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::columns::Mapping;
use crate::exchange::undo::{not_of, standing_on};
use crate::exchange::{
    Applied, Batch, BatchId, Change, Fields, ImportRow, Kind, Problem, Staged, Table, Verdict, changed, made, repeats,
};
use crate::insert_many;
use crate::people::model::full_name;
use crate::people::{Person, PersonId, Snils, store as people};
use crate::units::UnitId;

/// Files of results.
pub struct ResultsFile;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    snils: Option<Snils>,
    /// Key of the full name, where the file gives one.
    key: Option<String>,
    birth_date: Option<NaiveDate>,
    procedure: String,
    kind: DiagnosisKind,
    level: Option<DiagnosisLevel>,
    held_on: NaiveDate,
    subject: String,
    said: Said,
}

/// What a row says of competences.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    /// One of them, by its code or name.
    One {
        competence: String,
        raw: Milli,
        max: Milli,
        tool_level: Option<String>,
    },
    /// Many, each in a column of the platform.
    Wide(Vec<WideCell>),
}

const PROCEDURE: &str = "procedure";

impl Table for ResultsFile {
    type Row = Row;
    const KIND: Kind = Kind::Results;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &["procedure", "diagnosis", "diagnosis_result"];

    fn takes_others(of: &Mapping) -> bool {
        of.place("competence").is_none()
    }

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let snils = fields.checked("snils", Snils::parse, |e| {
            Refusal::new("people.snils").with("why", e.advice())
        });
        let name = fields.name();
        let birth_date = fields.date("birth_date");
        let procedure = fields.required_text("procedure");
        let kind = fields.required_choice("kind", &KINDS);
        let level = fields.choice("level", &LEVELS);
        let held_on = fields.required_date("date");
        let subject = fields.text("subject").unwrap_or_default();
        let said = if fields.has("competence") {
            one(fields)
        } else {
            Some(Said::Wide(wide::cells(fields)))
        };
        Some(Row {
            snils,
            key: name.map(|n| search_key(&full_name(&n.last, &n.first, n.patronymic.as_deref()))),
            birth_date,
            procedure: procedure?,
            kind: kind?,
            level,
            held_on: held_on?,
            subject,
            said: said?,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let mut finding = Finding::load(tx, batch, &rows)?;
        let mut found = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            match finding.find(tx, number, row) {
                Ok(row) => found.push(Staged { number, row }),
                Err(refused) => applied.verdicts.extend(refused.into_iter().map(|v| (number, v))),
            }
        }
        insert_many!(tx.conn(), procedure::table, finding.made)?;
        // A row of many competences speaks for its whole passage.
        let rows = repeats::settle(
            found,
            |r| (r.passage(), r.one().map(|s| (s.competence, s.subject.clone()))),
            &mut applied.verdicts,
        );
        let mut regions: BTreeMap<UnitId, Vec<Staged<Found>>> = BTreeMap::new();
        for staged in rows {
            regions.entry(staged.row.region).or_default().push(staged);
        }
        let scale = reference::default_scale(tx.conn())?;
        // Everything is read before anything is written.
        let mut loaded = Vec::new();
        for (region, rows) in regions {
            loaded.push((Writing::load(tx, batch, region, scale, &rows)?, rows));
        }
        for (mut writing, rows) in loaded {
            for staged in rows {
                let number = staged.number;
                let verdict = writing.take(tx, &staged.row, number);
                applied.verdicts.push((number, verdict));
            }
            writing.write(tx)?;
        }
        // The row that first named an undescribed procedure carries it, whatever came of its own result.
        for (number, change) in finding.made_by {
            match applied
                .verdicts
                .iter_mut()
                .find(|(n, v)| *n == number && matches!(v, Verdict::New(_)))
            {
                Some((_, Verdict::New(changes))) => changes.push(change),
                _ => applied.verdicts.push((number, Verdict::Beside(change))),
            }
        }
        applied.notes.extend(finding.notes);
        applied.notes.extend(finding.wide.notes());
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let results = made(changes, RESULT);
        let passages = passages_made(tx, batch, &results)?;
        let procedures = made(changes, PROCEDURE);
        let others = not_of(batch);
        let mut found = standing_on(
            tx.conn(),
            &results,
            &[("iom_deficit", "result_id", "дефициты в ИОМ педагогов")],
            None,
        )?;
        found.extend(standing_on(
            tx.conn(),
            &passages,
            &[(RESULT, "diagnosis_id", "результаты")],
            Some(&others),
        )?);
        found.extend(standing_on(
            tx.conn(),
            &results,
            &[(RESULT, "id", "результаты, прочитанные по другой шкале")],
            Some("superseded_at IN (SELECT recorded_at FROM rescale)"),
        )?);
        let follow_up = [("iom", "follow_up_diagnosis_id", "повторные диагностики ИОМ педагогов")];
        found.extend(standing_on(tx.conn(), &passages, &follow_up, None)?);
        found.extend(standing_on(
            tx.conn(),
            &procedures,
            &[(PASSAGE, "procedure_id", "диагностики")],
            Some(&others),
        )?);
        let on_procedures = [
            ("iom", "procedure_id", "ИОМ педагогов"),
            ("procedure_person", "procedure_id", "приглашения педагогов"),
            ("procedure", "previous_id", "повторные диагностики"),
            ("questionnaire", "procedure_id", "опросники самооценки"),
        ];
        found.extend(standing_on(tx.conn(), &procedures, &on_procedures, None)?);
        Ok(found)
    }

    fn revert(tx: &mut Tx<'_>, batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        let results = made(changes, RESULT);
        let passages = passages_made(tx, batch, &results)?;
        for block in results.chunks(1000) {
            let persons: Vec<i64> = diagnosis_result::table
                .filter(diagnosis_result::id.eq_any(block))
                .select(diagnosis_result::person_id)
                .distinct()
                .load(tx.conn())?;
            persons.into_iter().for_each(|person| tx.touch(person));
            diesel::delete(diagnosis_result::table.filter(diagnosis_result::id.eq_any(block))).execute(tx.conn())?;
        }
        let replaced: Vec<i64> = changed(changes, RESULT).filter_map(|c| c.object_id).collect();
        for block in replaced.chunks(1000) {
            diesel::update(diagnosis_result::table.filter(diagnosis_result::id.eq_any(block)))
                .set(diagnosis_result::superseded_at.eq(None::<chrono::NaiveDateTime>))
                .execute(tx.conn())?;
        }
        for change in changed(changes, PASSAGE) {
            if let Some((id, before)) = change.before::<Before>()? {
                diesel::update(diagnosis::table.filter(diagnosis::id.eq(id)))
                    .set(diagnosis::level.eq(before.level))
                    .execute(tx.conn())?;
            }
        }
        for block in passages.chunks(1000) {
            diesel::delete(diagnosis::table.filter(diagnosis::id.eq_any(block))).execute(tx.conn())?;
        }
        for block in made(changes, PROCEDURE).chunks(1000) {
            diesel::delete(procedure::table.filter(procedure::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

/// Passages that the batch made: those of its new results that carry its number themselves.
fn passages_made(tx: &mut Tx<'_>, batch: BatchId, results: &[i64]) -> Result<Vec<i64>, DbError> {
    let mut passages = BTreeSet::new();
    for block in results.chunks(1000) {
        let found: Vec<i64> = diagnosis_result::table
            .inner_join(diagnosis::table.on(diagnosis::id.eq(diagnosis_result::diagnosis_id)))
            .filter(diagnosis_result::id.eq_any(block))
            .filter(diagnosis::batch_id.eq(batch.0))
            .select(diagnosis::id)
            .distinct()
            .load(tx.conn())?;
        passages.extend(found);
    }
    Ok(passages.into_iter().collect())
}

/// One competence as a row of the long form says it.
fn one(fields: &mut Fields<'_>) -> Option<Said> {
    let competence = fields.required_text("competence");
    let (raw, max) = (fields.score("raw"), fields.score("max"));
    if max.is_some_and(|max| max.0 <= 0) {
        fields.problem("max", Refusal::new("import.not_above_zero"));
    } else if raw.is_some_and(|raw| raw.0 < 0) {
        fields.problem("raw", Refusal::new("import.below_zero"));
    } else if raw.is_some_and(|raw| max.is_some_and(|max| raw > max)) {
        fields.problem("raw", Refusal::new("diagnostics.above_maximum"));
    }
    let tool_level = fields.text("tool_level");
    Some(Said::One {
        competence: competence?,
        raw: raw?,
        max: max?,
        tool_level,
    })
}

/// Finds persons, procedures and competences that rows name.
struct Finding<'a> {
    batch: &'a Batch,
    persons: HashMap<String, Vec<Person>>,
    names: BTreeSet<(String, NaiveDate)>,
    competences: Called,
    wide: Wide,
    procedures: HashMap<String, Procedure>,
    regions: HashMap<UnitId, UnitId>,
    made: Vec<Procedure>,
    made_by: Vec<(u32, Change)>,
    notes: Vec<String>,
}

impl<'a> Finding<'a> {
    fn load(tx: &mut Tx<'_>, batch: &'a Batch, rows: &[Staged<Row>]) -> Result<Self, DbError> {
        let numbers: BTreeSet<&str> = rows
            .iter()
            .filter_map(|s| s.row.snils.as_ref().map(Snils::as_str))
            .collect();
        let numbers: Vec<&str> = numbers.into_iter().collect();
        let mut persons: HashMap<String, Vec<Person>> = HashMap::new();
        // Whoever is held to a region sees no other: a number known elsewhere is unknown here.
        let found = people::with_numbers(tx.conn(), &numbers)?;
        for person in people::open_to(tx, batch, found)? {
            persons
                .entry(person.snils.clone().unwrap_or_default())
                .or_default()
                .push(person);
        }
        let competences = Called::load(tx.conn())?;
        let procedures: Vec<Procedure> = procedure::table.select(Procedure::as_select()).load(tx.conn())?;
        let regions: Vec<(UnitId, UnitId)> = unit::table.select((unit::id, unit::region_id)).load(tx.conn())?;
        let mut names = BTreeSet::new();
        if rows.iter().any(|s| s.row.snils.is_none()) {
            let keys: BTreeSet<&str> = rows
                .iter()
                .filter(|s| s.row.snils.is_none())
                .filter_map(|s| s.row.key.as_deref())
                .collect();
            let keys: Vec<&str> = keys.into_iter().collect();
            let all: BTreeSet<UnitId> = regions.iter().map(|(_, region)| *region).collect();
            for region in all.into_iter().filter(|region| batch.reaches(region.0)) {
                let named = people::named(tx.conn(), region, &keys)?;
                let named = people::open_to(tx, batch, named)?;
                names.extend(named.into_iter().filter_map(|p| Some((p.search_key, p.birth_date?))));
            }
        }
        Ok(Self {
            batch,
            persons,
            names,
            competences,
            wide: Wide::load(tx.conn())?,
            procedures: procedures.into_iter().map(|p| (p.code.clone(), p)).collect(),
            regions: regions.into_iter().collect(),
            made: Vec::new(),
            made_by: Vec::new(),
            notes: Vec::new(),
        })
    }

    fn find(&mut self, tx: &mut Tx<'_>, number: u32, row: Row) -> Result<Found, Vec<Verdict>> {
        let one = |verdict| vec![verdict];
        let (person, region) = self.person(&row).map_err(one)?;
        if row.held_on > tx.today() {
            let refusal = Refusal::new("diagnostics.future_day").with("today", tx.today().format("%d.%m.%Y"));
            let value = row.held_on.format("%d.%m.%Y");
            return Err(one(Verdict::Refused(Problem::at(
                Kind::Results,
                "date",
                value,
                refusal,
            ))));
        }
        let tool = self.procedures.get(&row.procedure).and_then(|p| p.tool.clone());
        let scores = match &row.said {
            Said::One {
                competence,
                raw,
                max,
                tool_level,
            } => {
                let Some(id) = self.competences.find(competence) else {
                    let refusal = Refusal::new("import.unknown_competence");
                    let problem = Problem::at(Kind::Results, "competence", competence, refusal);
                    return Err(one(Verdict::Refused(problem)));
                };
                vec![Score {
                    competence: id,
                    subject: row.subject.clone(),
                    raw: *raw,
                    max: *max,
                    tool_level: tool_level.clone(),
                }]
            }
            Said::Wide(cells) => {
                let of = (region, tool.as_deref());
                let read = self.wide.scores(of, &row.procedure, &row.subject, cells);
                read.map_err(|wrong| wrong.into_iter().map(Verdict::Refused).collect::<Vec<_>>())?
            }
        };
        let known = self.procedures.get(&row.procedure);
        let (procedure, scale) = match known {
            Some(known) => (known.id, known.scale_id),
            // A procedure is the whole region's: whoever holds a part of it makes none.
            None if self.batch.part.is_some() => {
                let refusal = Refusal::new("diagnostics.undescribed");
                let problem = Problem::at(Kind::Results, "procedure", &row.procedure, refusal);
                return Err(one(Verdict::Refused(problem)));
            }
            None => (self.make_procedure(tx, number, &row), None),
        };
        Ok(Found {
            person,
            region,
            procedure,
            scale,
            kind: row.kind,
            level: row.level,
            held_on: row.held_on,
            scores,
        })
    }

    fn person(&self, row: &Row) -> Result<(PersonId, UnitId), Verdict> {
        let unclear = |column: &str, refusal| Verdict::Quarantined(Problem::at(Kind::Results, column, "", refusal));
        let Some(snils) = &row.snils else {
            let named = row
                .key
                .clone()
                .zip(row.birth_date)
                .is_some_and(|name| self.names.contains(&name));
            return Err(unclear(
                "snils",
                if named {
                    Refusal::new("people.candidate")
                } else {
                    Refusal::new("people.no_number")
                },
            ));
        };
        let found = self.persons.get(snils.as_str()).map_or(&[][..], Vec::as_slice);
        let person = match found {
            [] => return Err(unclear("snils", Refusal::new("people.unknown_number"))),
            [person] => person,
            several => {
                let organiser = self.procedures.get(&row.procedure).and_then(|p| p.organiser_id);
                let region = organiser.and_then(|unit| self.regions.get(&unit));
                let Some(person) = several.iter().find(|p| Some(&p.region_id) == region) else {
                    let refusal = Refusal::new("diagnostics.two_regions");
                    return Err(Verdict::Refused(Problem::at(
                        Kind::Results,
                        "procedure",
                        &row.procedure,
                        refusal,
                    )));
                };
                person
            }
        };
        if row.key.as_ref().is_some_and(|key| *key != person.search_key) {
            return Err(unclear("last_name", Refusal::new("people.other_name")));
        }
        if row
            .birth_date
            .is_some_and(|day| person.birth_date.is_some_and(|own| own != day))
        {
            return Err(unclear("birth_date", Refusal::new("people.other_birth_date")));
        }
        Ok((person.id, person.region_id))
    }

    /// A procedure that a file names and nobody described: without limit, of the kind of its first row.
    fn make_procedure(&mut self, tx: &mut Tx<'_>, number: u32, row: &Row) -> ProcedureId {
        let made = Procedure {
            level: row.level,
            organiser_id: self.batch.region.map(UnitId),
            batch_id: Some(self.batch.id.0),
            ..Procedure::named(
                ProcedureId(tx.id()),
                row.procedure.clone(),
                row.procedure.clone(),
                row.kind,
                self.batch.now,
            )
        };
        self.notes.push(format!(
            "Процедура «{}» не была описана: создана по строкам файла (вид «{}», без срока действия).",
            made.code,
            made.kind.label()
        ));
        self.made_by.push((
            number,
            Change {
                kind: PROCEDURE,
                id: made.id.0,
                previous: None,
            },
        ));
        self.procedures.insert(made.code.clone(), made.clone());
        let id = made.id;
        self.made.push(made);
        id
    }
}
