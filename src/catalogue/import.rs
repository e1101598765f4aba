//! Programmes from a file.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{Programme, ProgrammeForm, ProgrammeId, ProgrammeKind, Topic};
use crate::competence::CompetenceId;
use crate::db::schema::{competence, programme, programme_competence, programme_topic, unit};
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::standing_on;
use crate::exchange::{
    Applied, Batch, BatchId, Change, Choice, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, made,
    previous, repeats,
};
use crate::insert_many;
use crate::units::UnitId;

/// Files of programmes.
pub struct ProgrammesFile;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    code: String,
    name: String,
    kind: ProgrammeKind,
    hours: i32,
    form: Option<ProgrammeForm>,
    provider: String,
    federal_ref: Option<String>,
    distance: Option<bool>,
    e_learning: Option<bool>,
    deficit_based: Option<bool>,
    priority_federal: Option<bool>,
    /// `None` where the file has no such column or an empty cell.
    competences: Option<BTreeSet<String>>,
    topics: Option<BTreeSet<&'static str>>,
}

const KINDS: Choice<ProgrammeKind> = Choice {
    values: ProgrammeKind::ALL,
    code: ProgrammeKind::code,
    label: ProgrammeKind::label,
    more: &[
        ("повышение квалификации", ProgrammeKind::Upskilling),
        ("дпп пк", ProgrammeKind::Upskilling),
        ("профессиональная переподготовка", ProgrammeKind::Retraining),
        ("дпп пп", ProgrammeKind::Retraining),
    ],
    formulas: true,
};

const FORMS: Choice<ProgrammeForm> = Choice {
    values: ProgrammeForm::ALL,
    code: ProgrammeForm::code,
    label: ProgrammeForm::label,
    more: &[
        ("очно", ProgrammeForm::FullTime),
        ("заочно", ProgrammeForm::Extramural),
        ("очно-заочно", ProgrammeForm::Mixed),
    ],
    formulas: true,
};

/// What a file may change, as it stood; with the lists beside the row.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct State {
    name: String,
    kind: ProgrammeKind,
    hours: i32,
    form: Option<ProgrammeForm>,
    provider: Option<UnitId>,
    federal_ref: Option<String>,
    distance: bool,
    e_learning: bool,
    deficit_based: bool,
    priority_federal: bool,
    competences: BTreeSet<i64>,
    topics: BTreeSet<String>,
    version: i32,
    batch_id: Option<i64>,
}

const TABLE: &str = "programme";

impl Table for ProgrammesFile {
    type Row = Row;
    const KIND: Kind = Kind::Programmes;
    const OF_PARTS: bool = false;
    const TABLES: &'static [&'static str] = &["programme", "programme_competence", "programme_topic"];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let code = fields.required_text("code");
        let name = fields.required_text("name");
        let kind = fields.required_choice("kind", &KINDS);
        let hours = fields.required_whole("hours");
        if hours == Some(0) {
            fields.problem("hours", Refusal::new("import.not_above_zero"));
        }
        let form = fields.choice("form", &FORMS);
        let provider = fields.required_text("provider");
        let federal_ref = fields.text("federal_ref");
        let flags = ["distance", "e_learning", "deficit_based", "priority_federal"].map(|name| fields.yes_no(name));
        let competences: BTreeSet<String> = fields.codes("competences").into_iter().collect();
        let topics = topics(fields);
        Some(Row {
            code: code?,
            name: name?,
            kind: kind?,
            hours: hours?,
            form,
            provider: provider?,
            federal_ref,
            distance: flags[0],
            e_learning: flags[1],
            deficit_based: flags[2],
            priority_federal: flags[3],
            competences: Some(competences).filter(|set| !set.is_empty()),
            topics: Some(topics).filter(|set| !set.is_empty()),
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
        let competences: HashMap<String, CompetenceId> = competence::table
            .select((competence::code, competence::id))
            .load::<(String, CompetenceId)>(tx.conn())?
            .into_iter()
            .collect();
        let stored = stored(tx.conn())?;
        let mut states = Vec::new();
        for Staged { number, row } in rows {
            let (provider, own) = match known(&row, &units, &competences, batch) {
                Ok(known) => known,
                Err(problem) => {
                    applied.verdicts.push((number, Verdict::Refused(problem)));
                    continue;
                }
            };
            let old = stored.get(&row.code);
            let theirs = old.and_then(|(_, old)| regions.get(&old.provider?));
            if theirs.is_some_and(|region| !batch.reaches(region.0)) {
                let refusal = Refusal::new("import.other_region");
                let problem = Problem::at(Kind::Programmes, "code", &row.code, refusal);
                applied.verdicts.push((number, Verdict::Refused(problem)));
                continue;
            }
            let said = state(&row, provider, own, old.map(|(_, state)| state), batch);
            let verdict = match old {
                None => {
                    let id = ProgrammeId(tx.id());
                    states.push((id, Some(row.code), said));
                    Verdict::New(vec![Change {
                        kind: TABLE,
                        id: id.0,
                        previous: None,
                    }])
                }
                Some((_, old))
                    if *old
                        == State {
                            version: old.version,
                            batch_id: old.batch_id,
                            ..said.clone()
                        } =>
                {
                    Verdict::Unchanged
                }
                Some(_) if batch.mode == Mode::Add => Verdict::Kept,
                Some((id, old)) => {
                    let change = Change {
                        kind: TABLE,
                        id: id.0,
                        previous: Some(previous(old)),
                    };
                    states.push((*id, None, said));
                    Verdict::Changed(vec![change])
                }
            };
            applied.verdicts.push((number, verdict));
        }
        write(tx, states, batch)?;
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let tables = [
            ("iom_item", "programme_id", "мероприятия ИОМ педагогов"),
            ("enrolment", "programme_id", "заявки и зачисления"),
            ("qualification_document", "programme_id", "документы о квалификации"),
        ];
        standing_on(tx.conn(), &made(changes, TABLE), &tables, None)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for change in changes {
            if let Some((id, state)) = change.before::<State>()? {
                set(tx, ProgrammeId(id), &state)?;
                put_lists(tx, &[(ProgrammeId(id), &state)])?;
            }
        }
        for block in made(changes, TABLE).chunks(1000) {
            diesel::delete(programme::table.filter(programme::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

fn topics(fields: &mut Fields<'_>) -> BTreeSet<&'static str> {
    let mut topics = BTreeSet::new();
    for word in fields.codes("topics") {
        let plain = search_key(&word);
        match Topic::ALL
            .iter()
            .find(|t| t.code() == plain || search_key(t.label()) == plain)
        {
            Some(topic) => {
                topics.insert(topic.code());
            }
            None => {
                let known: Vec<&str> = Topic::ALL.iter().map(|t| t.code()).collect();
                fields.problem(
                    "topics",
                    Refusal::new("import.unknown_value").with("known", known.join(", ")),
                );
            }
        }
    }
    topics
}

/// The provider and the competences that a row names, by their codes.
fn known(
    row: &Row,
    units: &HashMap<String, (UnitId, UnitId)>,
    competences: &HashMap<String, CompetenceId>,
    batch: &Batch,
) -> Result<(UnitId, Option<BTreeSet<i64>>), Problem> {
    let Some((provider, region)) = units.get(&row.provider) else {
        let refusal = Refusal::new("import.unknown_unit");
        return Err(Problem::at(Kind::Programmes, "provider", &row.provider, refusal));
    };
    if !batch.reaches(region.0) {
        let refusal = Refusal::new("import.other_region");
        return Err(Problem::at(Kind::Programmes, "provider", &row.provider, refusal));
    }
    let Some(codes) = &row.competences else {
        return Ok((*provider, None));
    };
    let mut ids = BTreeSet::new();
    for code in codes {
        match competences.get(code) {
            Some(id) => {
                ids.insert(id.0);
            }
            None => {
                let refusal = Refusal::new("import.unknown_competence");
                return Err(Problem::at(Kind::Programmes, "competences", code, refusal));
            }
        }
    }
    Ok((*provider, Some(ids)))
}

/// The programme as the row describes it; what the row leaves empty stays as it is.
fn state(row: &Row, provider: UnitId, competences: Option<BTreeSet<i64>>, old: Option<&State>, batch: &Batch) -> State {
    let flag = |said: Option<bool>, kept: fn(&State) -> bool| said.unwrap_or_else(|| old.is_some_and(kept));
    let topics = row
        .topics
        .as_ref()
        .map(|set| set.iter().map(|t| (*t).to_owned()).collect());
    State {
        name: row.name.clone(),
        kind: row.kind,
        hours: row.hours,
        form: row.form.or(old.and_then(|o| o.form)),
        provider: Some(provider),
        federal_ref: row
            .federal_ref
            .clone()
            .or_else(|| old.and_then(|o| o.federal_ref.clone())),
        distance: flag(row.distance, |o| o.distance),
        e_learning: flag(row.e_learning, |o| o.e_learning),
        deficit_based: flag(row.deficit_based, |o| o.deficit_based),
        priority_federal: flag(row.priority_federal, |o| o.priority_federal),
        competences: competences
            .or_else(|| old.map(|o| o.competences.clone()))
            .unwrap_or_default(),
        topics: topics.or_else(|| old.map(|o| o.topics.clone())).unwrap_or_default(),
        version: old.map_or(1, |o| o.version + 1),
        batch_id: Some(batch.id.0),
    }
}

fn stored(conn: &mut AnyConn) -> Result<HashMap<String, (ProgrammeId, State)>, DbError> {
    let programmes: Vec<Programme> = programme::table.select(Programme::as_select()).load(conn)?;
    let mut competences: HashMap<i64, BTreeSet<i64>> = HashMap::new();
    for (of, competence) in programme_competence::table
        .select((programme_competence::programme_id, programme_competence::competence_id))
        .load::<(i64, i64)>(conn)?
    {
        competences.entry(of).or_default().insert(competence);
    }
    let mut topics: HashMap<i64, BTreeSet<String>> = HashMap::new();
    for (of, topic) in programme_topic::table
        .select((programme_topic::programme_id, programme_topic::topic))
        .load::<(i64, String)>(conn)?
    {
        topics.entry(of).or_default().insert(topic);
    }
    Ok(programmes
        .into_iter()
        .map(|p| {
            let state = State {
                name: p.name,
                kind: p.kind,
                hours: p.hours,
                form: p.form,
                provider: p.provider_id,
                federal_ref: p.federal_ref,
                distance: p.distance,
                e_learning: p.e_learning,
                deficit_based: p.deficit_based,
                priority_federal: p.priority_federal,
                competences: competences.remove(&p.id.0).unwrap_or_default(),
                topics: topics.remove(&p.id.0).unwrap_or_default(),
                version: p.version,
                batch_id: p.batch_id,
            };
            (p.code, (p.id, state))
        })
        .collect())
}

/// Writes programmes: with a code new ones, without it changed ones.
fn write(tx: &mut Tx<'_>, states: Vec<(ProgrammeId, Option<String>, State)>, batch: &Batch) -> Result<(), DbError> {
    let new: Vec<Programme> = states
        .iter()
        .filter_map(|(id, code, state)| {
            Some(Programme {
                id: *id,
                code: code.clone()?,
                name: state.name.clone(),
                search_key: search_key(&state.name),
                kind: state.kind,
                hours: state.hours,
                form: state.form,
                provider_id: state.provider,
                federal_ref: state.federal_ref.clone(),
                distance: state.distance,
                e_learning: state.e_learning,
                deficit_based: state.deficit_based,
                priority_federal: state.priority_federal,
                version: state.version,
                recorded_at: batch.now,
                batch_id: state.batch_id,
            })
        })
        .collect();
    insert_many!(tx.conn(), programme::table, new)?;
    for (id, code, state) in &states {
        if code.is_none() {
            set(tx, *id, state)?;
        }
    }
    let lists: Vec<_> = states.iter().map(|(id, _, state)| (*id, state)).collect();
    put_lists(tx, &lists)
}

fn set(tx: &mut Tx<'_>, id: ProgrammeId, state: &State) -> Result<(), DbError> {
    diesel::update(programme::table.filter(programme::id.eq(id)))
        .set((
            programme::name.eq(&state.name),
            programme::search_key.eq(search_key(&state.name)),
            programme::kind.eq(state.kind),
            programme::hours.eq(state.hours),
            programme::form.eq(state.form),
            programme::provider_id.eq(state.provider),
            programme::federal_ref.eq(&state.federal_ref),
            programme::distance.eq(state.distance),
            programme::e_learning.eq(state.e_learning),
            programme::deficit_based.eq(state.deficit_based),
            programme::priority_federal.eq(state.priority_federal),
            programme::version.eq(state.version),
            programme::batch_id.eq(state.batch_id),
        ))
        .execute(tx.conn())?;
    // Topics of finished trainings are those of their programmes.
    tx.touch_everyone();
    Ok(())
}

fn put_lists(tx: &mut Tx<'_>, states: &[(ProgrammeId, &State)]) -> Result<(), DbError> {
    let ids: Vec<i64> = states.iter().map(|(id, _)| id.0).collect();
    for block in ids.chunks(1000) {
        diesel::delete(programme_competence::table.filter(programme_competence::programme_id.eq_any(block)))
            .execute(tx.conn())?;
        diesel::delete(programme_topic::table.filter(programme_topic::programme_id.eq_any(block)))
            .execute(tx.conn())?;
    }
    let mut competences = Vec::new();
    let mut topics = Vec::new();
    for (id, state) in states {
        competences.extend(state.competences.iter().map(|competence| {
            (
                programme_competence::programme_id.eq(id.0),
                programme_competence::competence_id.eq(*competence),
            )
        }));
        topics.extend(state.topics.iter().map(|topic| {
            (
                programme_topic::programme_id.eq(id.0),
                programme_topic::topic.eq(topic.clone()),
            )
        }));
    }
    insert_many!(tx.conn(), programme_competence::table, competences)?;
    insert_many!(tx.conn(), programme_topic::table, topics)?;
    Ok(())
}
