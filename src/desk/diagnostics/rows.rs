//! Procedures of a scope with what came of them: results are read once and counted by the same scale as profiles.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::competence::{CompetenceId, ScaleId, scale};
use crate::db::milli::Milli;
use crate::db::schema::{competence, diagnosis, diagnosis_result, iom, procedure};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::{Bounds, working};
use crate::diagnostics::model::{DiagnosisKind, Procedure, ProcedureId};
use crate::iom::{IomOutcome, IomState};
use crate::people::PersonId;

/// A procedure with its counts.
#[derive(Debug, Clone)]
pub struct Held {
    /// The procedure.
    pub procedure: Procedure,
    /// First and last day on which someone passed it.
    pub days: (NaiveDate, NaiveDate),
    /// Persons.
    pub persons: i64,
    /// Results.
    pub results: i64,
    /// Persons with a deficit; self-assessment has none.
    pub deficits: i64,
    /// Of those, persons without a plan of this procedure that was not broken off, or another open one.
    pub without_plan: i64,
}

impl Held {
    /// A procedure that nobody has passed yet.
    #[must_use]
    pub const fn of_nobody(procedure: Procedure, today: NaiveDate) -> Self {
        Self {
            procedure,
            days: (today, today),
            persons: 0,
            results: 0,
            deficits: 0,
            without_plan: 0,
        }
    }
}

struct Row {
    procedure: ProcedureId,
    person: PersonId,
    held_on: NaiveDate,
    competence: CompetenceId,
    scale: ScaleId,
    raw: Milli,
    max: Milli,
}

type RowTuple = (ProcedureId, PersonId, NaiveDate, CompetenceId, ScaleId, Milli, Milli);

fn rows(conn: &mut AnyConn, bounds: &Bounds, only: Option<ProcedureId>, today: NaiveDate) -> Result<Vec<Row>, DbError> {
    let mut query = diagnosis_result::table
        .inner_join(
            diagnosis::table.on(diagnosis::id
                .eq(diagnosis_result::diagnosis_id)
                .and(diagnosis::region_id.eq(diagnosis_result::region_id))),
        )
        .filter(diagnosis_result::region_id.eq(bounds.region))
        .filter(diagnosis_result::superseded_at.is_null())
        .filter(diagnosis::withdrawn_at.is_null())
        .select((
            diagnosis::procedure_id,
            diagnosis::person_id,
            diagnosis::held_on,
            diagnosis_result::competence_id,
            diagnosis_result::scale_id,
            diagnosis_result::raw_milli,
            diagnosis_result::max_milli,
        ))
        .into_boxed();
    if let Some(only) = only {
        query = query.filter(diagnosis::procedure_id.eq(only));
    }
    if let Some(organisations) = &bounds.organisations {
        query = query.filter(diagnosis::person_id.eq_any(working(bounds.region, organisations.clone(), today)));
    }
    let found: Vec<RowTuple> = query.load(conn)?;
    let row = |(procedure, person, held_on, competence, scale, raw, max)| Row {
        procedure,
        person,
        held_on,
        competence,
        scale,
        raw,
        max,
    };
    Ok(found.into_iter().map(row).collect())
}

/// Procedures that someone of the scope passed, the latest first.
///
/// # Errors
/// Those of the database.
pub fn held(conn: &mut AnyConn, bounds: &Bounds, today: NaiveDate) -> Result<Vec<Held>, DbError> {
    count(conn, bounds, None, today)
}

/// One procedure by its code, when someone of the scope passed it.
///
/// # Errors
/// Those of the database.
pub fn by_code(conn: &mut AnyConn, bounds: &Bounds, code: &str, today: NaiveDate) -> Result<Option<Held>, DbError> {
    let id: Option<ProcedureId> = procedure::table
        .filter(procedure::code.eq(code))
        .select(procedure::id)
        .first(conn)
        .optional()?;
    match id {
        Some(id) => Ok(count(conn, bounds, Some(id), today)?.pop()),
        None => Ok(None),
    }
}

#[derive(Default)]
struct Counts {
    days: Option<(NaiveDate, NaiveDate)>,
    persons: HashSet<PersonId>,
    results: i64,
    deficits: HashSet<PersonId>,
}

fn count(
    conn: &mut AnyConn,
    bounds: &Bounds,
    only: Option<ProcedureId>,
    today: NaiveDate,
) -> Result<Vec<Held>, DbError> {
    let bands = scale::bands(conn)?;
    let mut counts: HashMap<ProcedureId, Counts> = HashMap::new();
    for row in rows(conn, bounds, only, today)? {
        let of = counts.entry(row.procedure).or_default();
        let (first, last) = of.days.unwrap_or((row.held_on, row.held_on));
        of.days = Some((first.min(row.held_on), last.max(row.held_on)));
        of.persons.insert(row.person);
        of.results += 1;
        let level = bands.get(&row.scale).and_then(|b| scale::level_of(row.raw, row.max, b));
        if level.is_some_and(|l| l.is_deficit) {
            of.deficits.insert(row.person);
        }
    }
    type PlanRow = (PersonId, Option<ProcedureId>, IomState, Option<IomOutcome>);
    let mut plans = iom::table
        .filter(iom::region_id.eq(bounds.region))
        .select((iom::person_id, iom::procedure_id, iom::state, iom::outcome))
        .into_boxed();
    if let Some(organisations) = &bounds.organisations {
        plans = plans.filter(iom::person_id.eq_any(working(bounds.region, organisations.clone(), today)));
    }
    let plans: Vec<PlanRow> = plans.load(conn)?;
    let open: HashSet<PersonId> = plans
        .iter()
        .filter(|(_, _, state, _)| *state != IomState::Closed)
        .map(|(person, ..)| *person)
        .collect();
    let by_procedure: HashSet<(PersonId, ProcedureId)> = plans
        .iter()
        .filter(|(.., outcome)| *outcome != Some(IomOutcome::Terminated))
        .filter_map(|(person, procedure, ..)| Some((*person, (*procedure)?)))
        .collect();
    let ids: Vec<ProcedureId> = counts.keys().copied().collect();
    let procedures: Vec<Procedure> = procedure::table
        .filter(procedure::id.eq_any(ids))
        .select(Procedure::as_select())
        .load(conn)?;
    let mut found: Vec<Held> = procedures
        .into_iter()
        .filter_map(|procedure| {
            let of = counts.remove(&procedure.id)?;
            let formal = procedure.kind != DiagnosisKind::SelfAssessment;
            let has_plan = |p: &&PersonId| !open.contains(*p) && !by_procedure.contains(&(**p, procedure.id));
            let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
            Some(Held {
                days: of.days?,
                persons: number(of.persons.len()),
                results: of.results,
                deficits: if formal { number(of.deficits.len()) } else { 0 },
                without_plan: if formal {
                    number(of.deficits.iter().filter(has_plan).count())
                } else {
                    0
                },
                procedure,
            })
        })
        .collect();
    found.sort_by(|a, b| (b.days.1, &b.procedure.code).cmp(&(a.days.1, &a.procedure.code)));
    Ok(found)
}

/// A competence of a procedure: how many results fell on each level.
#[derive(Debug, Clone)]
pub struct Spread {
    /// Name of the competence.
    pub name: String,
    /// Results by label of the level.
    pub levels: BTreeMap<String, i64>,
    /// Results.
    pub all: i64,
    /// Of those, deficits.
    pub deficits: i64,
}

/// Competences of a procedure, those with most deficits first, and the labels of levels, the heaviest first.
///
/// # Errors
/// Those of the database.
pub fn spread(
    conn: &mut AnyConn,
    bounds: &Bounds,
    of: ProcedureId,
    today: NaiveDate,
) -> Result<(Vec<Spread>, Vec<String>), DbError> {
    let bands = scale::bands(conn)?;
    let mut found: HashMap<CompetenceId, Spread> = HashMap::new();
    let mut labels: BTreeMap<i32, String> = BTreeMap::new();
    for row in rows(conn, bounds, Some(of), today)? {
        let one = found.entry(row.competence).or_insert_with(|| Spread {
            name: String::new(),
            levels: BTreeMap::new(),
            all: 0,
            deficits: 0,
        });
        one.all += 1;
        let Some(scale) = bands.get(&row.scale) else { continue };
        labels.extend(scale.iter().map(|band| (-band.severity, band.label.clone())));
        if let Some(level) = scale::level_of(row.raw, row.max, scale) {
            *one.levels.entry(level.label.clone()).or_default() += 1;
            one.deficits += i64::from(level.is_deficit);
        }
    }
    let ids: Vec<CompetenceId> = found.keys().copied().collect();
    for block in ids.chunks(1000) {
        let names: Vec<(CompetenceId, String)> = competence::table
            .filter(competence::id.eq_any(block))
            .select((competence::id, competence::name))
            .load(conn)?;
        for (id, name) in names {
            if let Some(one) = found.get_mut(&id) {
                one.name = name;
            }
        }
    }
    let mut all: Vec<Spread> = found.into_values().collect();
    all.sort_by(|a, b| {
        let (left, right) = (a.deficits * b.all, b.deficits * a.all);
        right.cmp(&left).then_with(|| a.name.cmp(&b.name))
    });
    Ok((all, labels.into_values().collect()))
}
