//! Results of a procedure read by another scale. What was scored stays: a result gets a new row with the new scale, and the old
//! one stays beside it, superseded. A plan remembers the levels that it was drafted from.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{DiagnosisId, DiagnosisResult, Procedure, ProcedureId, ResultId};
use super::procedure::{AREA, OBJECT};
use super::region_scale;
use crate::access::by::{By, changed};
use crate::competence::scale::{self, Band, level_of};
use crate::competence::{CompetenceId, ScaleId};
use crate::db::milli::Milli;
use crate::db::schema::{diagnosis, diagnosis_result, procedure, rescale as table};
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{id_newtype, insert_many, planted};

id_newtype! {
    /// A change of the scale that results are read by.
    RescaleId;
}

/// Signs of a reason at most.
pub const REASON: usize = 500;
/// Results rewritten together.
const BLOCK: i64 = 5_000;

/// A change of scale that was made.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
pub struct Rescale {
    /// Id.
    pub id: RescaleId,
    /// The region.
    pub region_id: UnitId,
    /// The procedure.
    pub procedure_id: ProcedureId,
    /// The scale that its results are read by since then.
    pub scale_id: ScaleId,
    /// Why.
    pub reason: String,
    /// How many results got another row.
    pub results: i32,
    /// When.
    pub recorded_at: NaiveDateTime,
}

/// How many results move from one level to another; `None` is a score that falls into no level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The level that stands.
    pub from: Option<Band>,
    /// The level by the new scale.
    pub to: Option<Band>,
    /// Results.
    pub results: i64,
}

/// What a change of scale would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outlook {
    /// Results that would be read anew.
    pub results: i64,
    /// Level by level, from the lowest of the levels that stand.
    pub moves: Vec<Move>,
    /// Results that become a deficit.
    pub become_deficit: i64,
    /// Results that are one no more.
    pub no_deficit: i64,
}

/// What would come of reading the results of a procedure by another scale: counted by scores, however many people there are.
///
/// # Errors
/// Those of the database.
pub fn outlook(conn: &mut AnyConn, (region, of): (UnitId, ProcedureId), to: ScaleId) -> Result<Outlook, DbError> {
    let scores: Vec<(Milli, Milli, ScaleId, i64)> = diagnosis_result::table
        .inner_join(
            diagnosis::table.on(diagnosis::region_id
                .eq(diagnosis_result::region_id)
                .and(diagnosis::id.eq(diagnosis_result::diagnosis_id))),
        )
        .filter(diagnosis_result::region_id.eq(region))
        .filter(diagnosis::procedure_id.eq(of))
        .filter(diagnosis_result::superseded_at.is_null())
        .filter(diagnosis_result::scale_id.ne(to))
        .group_by((
            diagnosis_result::raw_milli,
            diagnosis_result::max_milli,
            diagnosis_result::scale_id,
        ))
        .select((
            diagnosis_result::raw_milli,
            diagnosis_result::max_milli,
            diagnosis_result::scale_id,
            diesel::dsl::count_star(),
        ))
        .load(conn)?;
    let bands = scale::bands(conn)?;
    let of_scale = |id: ScaleId| bands.get(&id).map_or(&[][..], Vec::as_slice);
    let mut found = Outlook::default();
    let mut moves: BTreeMap<(i32, i32), Move> = BTreeMap::new();
    for (raw, max, standing, results) in scores {
        let (from, to) = (level_of(raw, max, of_scale(standing)), level_of(raw, max, of_scale(to)));
        let number = |band: Option<&Band>| band.map_or(i32::MAX, |band| band.number);
        let is_deficit = |band: Option<&Band>| band.is_some_and(|band| band.is_deficit);
        found.results += results;
        match (is_deficit(from), is_deficit(to)) {
            (false, true) => found.become_deficit += results,
            (true, false) => found.no_deficit += results,
            _ => {}
        }
        moves
            .entry((number(from), number(to)))
            .or_insert_with(|| Move {
                from: from.cloned(),
                to: to.cloned(),
                results: 0,
            })
            .results += results;
    }
    found.moves = moves.into_values().collect();
    Ok(found)
}

/// Reads the results of a procedure that stood at version `seen` by another scale, and its later ones too.
///
/// # Errors
/// Somebody else has changed it; no reason; the scale is none of the region's, or the one that stands.
pub fn rescale(
    tx: &mut Tx<'_>,
    by: &By,
    (stored, seen): (&Procedure, i32),
    to: ScaleId,
    reason: &str,
) -> Result<i32, Error> {
    if reason.is_empty() || reason.chars().count() > REASON {
        return Err(Refusal::new("scale.reason").with("most", REASON).into());
    }
    // A file of results may come at the same time: it reads the scale of the procedure.
    dialect::lock(tx.conn(), dialect::lock_space::IMPORT, [0])?;
    let scales = region_scale::all(tx.conn(), by.region)?;
    let of = scales
        .iter()
        .find(|of| of.id == to)
        .ok_or_else(|| Error::NotFound("шкала".into()))?;
    // A procedure without a scale of its own is read by the common one.
    let own = of.own.then_some(to);
    let standing = procedure::table
        .filter(procedure::id.eq(stored.id))
        .filter(procedure::version.eq(seen));
    let done = diesel::update(standing)
        .set((procedure::scale_id.eq(own), procedure::version.eq(seen + 1)))
        .execute(tx.conn())?;
    if done != 1 {
        return Err(changed(tx, by, AREA, OBJECT, stored.id.0)?);
    }
    let results = read_anew(tx, (by.region, stored.id), to)?;
    if results == 0 {
        return Err(Refusal::new("scale.nothing").into());
    }
    let made = Rescale {
        id: RescaleId(tx.id()),
        region_id: by.region,
        procedure_id: stored.id,
        scale_id: to,
        reason: reason.to_owned(),
        results,
        recorded_at: tx.now(),
    };
    insert_many!(tx.conn(), table::table, [made])?;
    let detail = format!("results={results}");
    by.note(tx, "diagnostics.rescale", (OBJECT, stored.id.0), &[], &detail)?;
    Ok(results)
}

/// Gives the results in force of a procedure another row each, a block after another.
fn read_anew(tx: &mut Tx<'_>, (region, of): (UnitId, ProcedureId), to: ScaleId) -> Result<i32, DbError> {
    let now = tx.now();
    let (mut after, mut results) = (ResultId(0), 0_i32);
    loop {
        let block: Vec<DiagnosisResult> = diagnosis_result::table
            .inner_join(
                diagnosis::table.on(diagnosis::region_id
                    .eq(diagnosis_result::region_id)
                    .and(diagnosis::id.eq(diagnosis_result::diagnosis_id))),
            )
            .filter(diagnosis_result::region_id.eq(region))
            .filter(diagnosis::procedure_id.eq(of))
            .filter(diagnosis_result::superseded_at.is_null())
            .filter(diagnosis_result::scale_id.ne(to))
            .filter(diagnosis_result::id.gt(after))
            .order(diagnosis_result::id)
            .limit(BLOCK)
            .select(DiagnosisResult::as_select())
            .load(tx.conn())?;
        let Some(last) = block.last() else {
            return Ok(results);
        };
        after = last.id;
        results = results.saturating_add(i32::try_from(block.len()).unwrap_or(i32::MAX));
        let replaced: Vec<ResultId> = block.iter().map(|of| of.id).collect();
        let persons: BTreeSet<i64> = block.iter().map(|of| of.person_id.0).collect();
        let new: Vec<DiagnosisResult> = block
            .into_iter()
            .map(|of| DiagnosisResult {
                id: ResultId(tx.id()),
                scale_id: to,
                recorded_at: now,
                batch_id: None,
                ..of
            })
            .collect();
        for ids in replaced.chunks(1000) {
            let old = diagnosis_result::table
                .filter(diagnosis_result::region_id.eq(region))
                .filter(diagnosis_result::id.eq_any(ids));
            if planted!("rescale_replaces") {
                diesel::delete(old).execute(tx.conn())?;
            } else {
                diesel::update(old)
                    .set(diagnosis_result::superseded_at.eq(now))
                    .execute(tx.conn())?;
            }
        }
        insert_many!(tx.conn(), diagnosis_result::table, new)?;
        if !planted!("rescale_unseen_by_facts") {
            persons.into_iter().for_each(|person| tx.touch(person));
        }
    }
}

/// The changes of scale of a procedure, the latest first.
///
/// # Errors
/// Those of the database.
pub fn of_procedure(conn: &mut AnyConn, (region, of): (UnitId, ProcedureId)) -> Result<Vec<Rescale>, DbError> {
    Ok(table::table
        .filter(table::region_id.eq(region))
        .filter(table::procedure_id.eq(of))
        .order((table::recorded_at.desc(), table::id.desc()))
        .select(Rescale::as_select())
        .load(conn)?)
}

/// The level that each standing result of a person had by the scale before, and whether it was a deficit: the same score of the
/// same passage, read otherwise.
///
/// # Errors
/// Those of the database.
pub fn earlier_levels(
    conn: &mut AnyConn,
    person: PersonId,
    bands: &HashMap<ScaleId, Vec<Band>>,
) -> Result<HashMap<ResultId, (String, bool)>, DbError> {
    type Row = (
        ResultId,
        (DiagnosisId, CompetenceId, String),
        (Milli, Milli, ScaleId),
        Option<NaiveDateTime>,
    );
    let rows: Vec<Row> = diagnosis_result::table
        .filter(diagnosis_result::person_id.eq(person))
        .order((diagnosis_result::recorded_at, diagnosis_result::id))
        .select((
            diagnosis_result::id,
            (
                diagnosis_result::diagnosis_id,
                diagnosis_result::competence_id,
                diagnosis_result::subject,
            ),
            (
                diagnosis_result::raw_milli,
                diagnosis_result::max_milli,
                diagnosis_result::scale_id,
            ),
            diagnosis_result::superseded_at,
        ))
        .load(conn)?;
    let mut before: HashMap<&(DiagnosisId, CompetenceId, String), &(Milli, Milli, ScaleId)> = HashMap::new();
    let mut found = HashMap::new();
    for (id, key, score, superseded_at) in &rows {
        let earlier = before.insert(key, score);
        let Some((raw, max, scale)) = earlier.filter(|of| (of.0, of.1) == (score.0, score.1) && of.2 != score.2) else {
            continue;
        };
        let level = level_of(*raw, *max, bands.get(scale).map_or(&[][..], Vec::as_slice));
        if let (None, Some(level)) = (superseded_at, level) {
            found.insert(*id, (level.label.clone(), level.is_deficit));
        }
    }
    Ok(found)
}
