//! Results on their way into the database: compared with what stands, written where they say something new. A replaced one
//! stays, superseded.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{Diagnosis, DiagnosisId, DiagnosisKind, DiagnosisLevel, DiagnosisResult, ProcedureId, ResultId};
use crate::competence::{CompetenceId, ScaleId};
use crate::db::milli::Milli;
use crate::db::schema::{diagnosis, diagnosis_result};
use crate::db::{AnyConn, DbError, Tx};
use crate::each_db;
use crate::exchange::{Batch, Change, Mode, Staged, Verdict, previous};
use crate::insert_many;
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;

/// A result of one competence.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Score {
    /// Competence.
    pub competence: CompetenceId,
    /// School subject; empty where none.
    pub subject: String,
    /// What was scored.
    pub raw: Milli,
    /// The most that could be.
    pub max: Milli,
    /// The level that the platform gave.
    pub tool_level: Option<String>,
}

/// A row whose person, procedure and competences are found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// Whose.
    pub person: PersonId,
    /// The region of the person.
    pub region: UnitId,
    /// What was passed.
    pub procedure: ProcedureId,
    /// The scale of the procedure, where it has one of its own.
    pub scale: Option<ScaleId>,
    /// The kind of the passage.
    pub kind: DiagnosisKind,
    /// Its level, where the row says one.
    pub level: Option<DiagnosisLevel>,
    /// Its day.
    pub held_on: NaiveDate,
    /// What came of it; never empty.
    pub scores: Vec<Score>,
}

/// A passage: person, procedure, kind, day.
pub(super) type Passage = (PersonId, ProcedureId, DiagnosisKind, NaiveDate);

impl Found {
    /// Its passage.
    pub fn passage(&self) -> Passage {
        (self.person, self.procedure, self.kind, self.held_on)
    }

    /// The only result of a row of the long form.
    pub fn one(&self) -> Option<&Score> {
        self.scores.first().filter(|_| self.scores.len() == 1)
    }
}

/// The level of a passage as it stood.
#[derive(Serialize, Deserialize)]
pub(super) struct Before {
    /// The level.
    pub level: Option<DiagnosisLevel>,
}

/// The table of results.
pub(super) const RESULT: &str = "diagnosis_result";
/// The table of passages.
pub(super) const PASSAGE: &str = "diagnosis";

/// The rows of one region being compared and written.
pub(super) struct Writing<'a> {
    batch: &'a Batch,
    region: UnitId,
    scale: ScaleId,
    passages: HashMap<Passage, (DiagnosisId, Option<DiagnosisLevel>)>,
    results: Results,
    new_passages: Vec<Diagnosis>,
    new_results: Vec<DiagnosisResult>,
    replaced: Vec<ResultId>,
    levels: Vec<(DiagnosisId, DiagnosisLevel)>,
}

impl<'a> Writing<'a> {
    /// Reads what stands of the people and procedures of the rows.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(
        tx: &mut Tx<'_>,
        batch: &'a Batch,
        region: UnitId,
        scale: ScaleId,
        rows: &[Staged<Found>],
    ) -> Result<Self, DbError> {
        let persons: BTreeSet<PersonId> = rows.iter().map(|s| s.row.person).collect();
        let procedures: BTreeSet<ProcedureId> = rows.iter().map(|s| s.row.procedure).collect();
        let persons: Vec<PersonId> = persons.into_iter().collect();
        let mut passages = HashMap::new();
        for (id, person, procedure, kind, held_on, level) in stored_passages(tx.conn(), region, &persons)? {
            if procedures.contains(&procedure) {
                passages.insert((person, procedure, kind, held_on), (id, level));
            }
        }
        let ids: Vec<DiagnosisId> = passages.values().map(|(id, _)| *id).collect();
        let results = stored_results(tx.conn(), region, &ids)?;
        Ok(Self {
            batch,
            region,
            scale,
            passages,
            results,
            new_passages: Vec::new(),
            new_results: Vec::with_capacity(rows.len()),
            replaced: Vec::new(),
            levels: Vec::new(),
        })
    }

    /// Compares a row with what stands and notes what is to be written.
    pub fn take(&mut self, tx: &mut Tx<'_>, row: &Found, number: u32) -> Verdict {
        let mut changes = Vec::new();
        let key = row.passage();
        let passage = match self.passages.get(&key).copied() {
            Some((id, level)) => {
                if let Some(said) = row.level.filter(|said| level != Some(*said)) {
                    if self.batch.mode == Mode::Add {
                        return Verdict::Kept;
                    }
                    self.passages.insert(key, (id, Some(said)));
                    self.levels.push((id, said));
                    changes.push(Change {
                        kind: PASSAGE,
                        id: id.0,
                        previous: Some(previous(&Before { level })),
                    });
                }
                id
            }
            None => self.new_passage(tx, row, key),
        };
        let (mut changed, mut new, mut kept) = (!changes.is_empty(), false, false);
        for score in &row.scores {
            let stored = self.results.get(&(passage, score.competence, score.subject.clone()));
            match stored.cloned() {
                Some(stored) if stored.says(score) => continue,
                Some(_) if self.batch.mode == Mode::Add => {
                    kept = true;
                    continue;
                }
                Some(stored) => {
                    changed = true;
                    self.replaced.push(stored.id);
                    changes.push(Change {
                        kind: RESULT,
                        id: stored.id.0,
                        previous: Some("{}".to_owned()),
                    });
                }
                None => new = true,
            }
            changes.push(self.new_result(tx, (row, passage), score, number));
        }
        match (changed, new, kept) {
            (true, ..) => Verdict::Changed(changes),
            (_, true, _) => Verdict::New(changes),
            (_, _, true) => Verdict::Kept,
            _ => Verdict::Unchanged,
        }
    }

    fn new_result(
        &mut self,
        tx: &mut Tx<'_>,
        (row, passage): (&Found, DiagnosisId),
        score: &Score,
        number: u32,
    ) -> Change {
        let id = ResultId(tx.id());
        self.new_results.push(DiagnosisResult {
            id,
            region_id: self.region,
            diagnosis_id: passage,
            person_id: row.person,
            competence_id: score.competence,
            subject: score.subject.clone(),
            raw_milli: score.raw,
            max_milli: score.max,
            scale_id: row.scale.unwrap_or(self.scale),
            source_sheet: self.batch.sheet.clone(),
            source_row: i32::try_from(number).unwrap_or(i32::MAX),
            recorded_at: self.batch.now,
            superseded_at: None,
            batch_id: Some(self.batch.id.0),
            tool_level: score.tool_level.clone().filter(|_| !planted!("tool_level_lost")),
        });
        tx.touch(row.person.0);
        Change {
            kind: RESULT,
            id: id.0,
            previous: None,
        }
    }

    fn new_passage(&mut self, tx: &mut Tx<'_>, row: &Found, key: Passage) -> DiagnosisId {
        let id = DiagnosisId(tx.id());
        self.new_passages.push(Diagnosis {
            id,
            region_id: self.region,
            person_id: row.person,
            procedure_id: row.procedure,
            kind: row.kind,
            level: row.level,
            held_on: row.held_on,
            organiser_id: None,
            consent: None,
            withdrawn_at: None,
            recorded_at: self.batch.now,
            batch_id: Some(self.batch.id.0),
        });
        self.passages.insert(key, (id, row.level));
        id
    }

    /// Writes what was noted.
    ///
    /// # Errors
    /// Those of the database.
    pub fn write(self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        insert_many!(tx.conn(), diagnosis::table, self.new_passages)?;
        for (id, level) in self.levels {
            diesel::update(diagnosis::table.filter(diagnosis::id.eq(id)))
                .set(diagnosis::level.eq(level))
                .execute(tx.conn())?;
        }
        for block in self.replaced.chunks(1000) {
            diesel::update(diagnosis_result::table.filter(diagnosis_result::id.eq_any(block)))
                .set(diagnosis_result::superseded_at.eq(self.batch.now))
                .execute(tx.conn())?;
        }
        insert_many!(tx.conn(), diagnosis_result::table, self.new_results)?;
        Ok(())
    }
}

type StoredPassage = (
    DiagnosisId,
    PersonId,
    ProcedureId,
    DiagnosisKind,
    NaiveDate,
    Option<DiagnosisLevel>,
);

fn stored_passages(conn: &mut AnyConn, region: UnitId, persons: &[PersonId]) -> Result<Vec<StoredPassage>, DbError> {
    let mut found = Vec::new();
    for block in persons.chunks(1000) {
        let rows: Vec<StoredPassage> = each_db!(conn, c => diagnosis::table
            .filter(diagnosis::region_id.eq(region))
            .filter(diagnosis::person_id.eq_any(block))
            .select((
                diagnosis::id,
                diagnosis::person_id,
                diagnosis::procedure_id,
                diagnosis::kind,
                diagnosis::held_on,
                diagnosis::level,
            ))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// A result in force.
#[derive(Debug, Clone)]
struct StoredScore {
    id: ResultId,
    raw: Milli,
    max: Milli,
    tool_level: Option<String>,
}

impl StoredScore {
    /// Whether a row says the same; of the level of the platform it may say nothing.
    fn says(&self, score: &Score) -> bool {
        let level = score.tool_level.is_none() || score.tool_level == self.tool_level;
        (self.raw, self.max) == (score.raw, score.max) && level
    }
}

/// Results in force by passage, competence and subject.
type Results = HashMap<(DiagnosisId, CompetenceId, String), StoredScore>;

type StoredResult = (
    ResultId,
    DiagnosisId,
    CompetenceId,
    String,
    Milli,
    Milli,
    Option<String>,
);

fn stored_results(conn: &mut AnyConn, region: UnitId, passages: &[DiagnosisId]) -> Result<Results, DbError> {
    let mut found = HashMap::new();
    for block in passages.chunks(1000) {
        let rows: Vec<StoredResult> = each_db!(conn, c => diagnosis_result::table
            .filter(diagnosis_result::region_id.eq(region))
            .filter(diagnosis_result::diagnosis_id.eq_any(block))
            .filter(diagnosis_result::superseded_at.is_null())
            .select((
                diagnosis_result::id,
                diagnosis_result::diagnosis_id,
                diagnosis_result::competence_id,
                diagnosis_result::subject,
                diagnosis_result::raw_milli,
                diagnosis_result::max_milli,
                diagnosis_result::tool_level,
            ))
            .load(c))?;
        for (id, passage, competence, subject, raw, max, tool_level) in rows {
            let stored = StoredScore {
                id,
                raw,
                max,
                tool_level,
            };
            found.insert((passage, competence, subject), stored);
        }
    }
    Ok(found)
}
