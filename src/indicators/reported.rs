//! Entered values beside the computed ones: written anew, never over the earlier ones, and never mixed with them.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::measures::MeasureSource;
use crate::audit;
use crate::db::schema::{measure_value, submission};
use crate::db::{AnyConn, DbError, Tx};
use crate::insert_many;
use crate::units::UnitId;

/// A value to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// The region.
    pub region: UnitId,
    /// The unit it is of.
    pub unit: UnitId,
    /// The measure: `pack:indicator` for the value of an indicator.
    pub measure: String,
    /// Name of the period.
    pub period: String,
    /// Thousandths, for a number.
    pub value_milli: Option<i64>,
    /// Text, for what is no number (a class, a zone as printed).
    pub value_text: Option<String>,
    /// Where it comes from; never [`MeasureSource::Computed`].
    pub source: MeasureSource,
    /// The parts of a share, and who gave it with which proof.
    pub detail: Detail,
}

/// What an entered value carries beside itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Detail {
    /// The upper part of a share, thousandths.
    pub numerator_milli: Option<i64>,
    /// The lower part of a share, thousandths.
    pub denominator_milli: Option<i64>,
    /// The expert; empty where there is none.
    pub expert: String,
    /// Where the proof lies.
    pub link: Option<String>,
}

/// A value of a report that is accepted: who said it, and in whose stead.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The value.
    pub value: Entered,
    /// The report.
    pub submission: i64,
    /// Who said it.
    pub by: (i64, Option<i64>),
}

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = measure_value, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    region_id: UnitId,
    unit_id: UnitId,
    measure: String,
    period: String,
    value_milli: Option<i64>,
    value_text: Option<String>,
    source: MeasureSource,
    account_id: Option<i64>,
    submission_id: Option<i64>,
    examination_unit_id: Option<i64>,
    recorded_at: NaiveDateTime,
    batch_id: Option<i64>,
    numerator_milli: Option<i64>,
    denominator_milli: Option<i64>,
    expert: String,
    link: Option<String>,
    on_behalf_of_id: Option<i64>,
}

/// What a value is told apart by: unit, measure, period, source, expert.
pub type Place = (UnitId, String, String, MeasureSource, String);

/// A value in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Id of its row.
    pub id: i64,
    /// Thousandths.
    pub value_milli: Option<i64>,
    /// Text.
    pub value_text: Option<String>,
    /// What it carries beside itself.
    pub detail: Detail,
}

impl Entered {
    /// What it is told apart by.
    #[must_use]
    pub fn place(&self) -> Place {
        (
            self.unit,
            self.measure.clone(),
            self.period.clone(),
            self.source,
            self.detail.expert.clone(),
        )
    }

    /// Whether this is what stands there.
    #[must_use]
    pub fn says(&self, stored: &InForce) -> bool {
        (self.value_milli, &self.value_text, &self.detail) == (stored.value_milli, &stored.value_text, &stored.detail)
    }
}

#[derive(Queryable)]
struct Stored {
    id: i64,
    unit: UnitId,
    measure: String,
    period: String,
    source: MeasureSource,
    value_milli: Option<i64>,
    value_text: Option<String>,
    numerator_milli: Option<i64>,
    denominator_milli: Option<i64>,
    expert: String,
    link: Option<String>,
}

/// Values in force of some units.
///
/// # Errors
/// Those of the database.
pub fn in_force(
    conn: &mut AnyConn,
    units: impl IntoIterator<Item = UnitId>,
) -> Result<HashMap<Place, InForce>, DbError> {
    let mut units: Vec<UnitId> = units.into_iter().collect();
    units.sort_unstable();
    units.dedup();
    let mut found = HashMap::new();
    for part in units.chunks(1000) {
        let rows: Vec<Stored> = measure_value::table
            .filter(measure_value::unit_id.eq_any(part))
            .filter(measure_value::superseded_at.is_null())
            .order(measure_value::id)
            .select((
                measure_value::id,
                measure_value::unit_id,
                measure_value::measure,
                measure_value::period,
                measure_value::source,
                measure_value::value_milli,
                measure_value::value_text,
                measure_value::numerator_milli,
                measure_value::denominator_milli,
                measure_value::expert,
                measure_value::link,
            ))
            .load(conn)?;
        found.extend(rows.into_iter().map(|row| {
            let place = (row.unit, row.measure, row.period, row.source, row.expert.clone());
            let stored = InForce {
                id: row.id,
                value_milli: row.value_milli,
                value_text: row.value_text,
                detail: Detail {
                    numerator_milli: row.numerator_milli,
                    denominator_milli: row.denominator_milli,
                    expert: row.expert,
                    link: row.link,
                },
            };
            (place, stored)
        }));
    }
    Ok(found)
}

/// Writes values as new rows and supersedes the rows they replace; the caller has compared them. Returns the ids.
///
/// # Errors
/// Those of the database.
pub fn write(tx: &mut Tx<'_>, values: Vec<Entered>, replaced: &[i64], batch: Option<i64>) -> Result<Vec<i64>, DbError> {
    write_by(tx, values, replaced, batch, None)
}

/// The same by the hand of an account, and in whose stead.
///
/// # Errors
/// Those of the database.
pub fn write_by(
    tx: &mut Tx<'_>,
    values: Vec<Entered>,
    replaced: &[i64],
    batch: Option<i64>,
    by: Option<(i64, Option<i64>)>,
) -> Result<Vec<i64>, DbError> {
    let whence = values.into_iter().map(|value| (value, (batch, by, None, None)));
    written(tx, whence.collect(), replaced)
}

/// The same as the values of reports.
///
/// # Errors
/// Those of the database.
pub fn write_submitted(tx: &mut Tx<'_>, values: Vec<Submitted>, replaced: &[i64]) -> Result<Vec<i64>, DbError> {
    let whence = values
        .into_iter()
        .map(|of| (of.value, (None, Some(of.by), Some(of.submission), None)));
    written(tx, whence.collect(), replaced)
}

/// Takes the values of reports out of force; what stood before them comes back, as new rows, where it still counts: values of
/// other reports only if those are accepted.
///
/// # Errors
/// Those of the database.
pub fn take_back(tx: &mut Tx<'_>, region: UnitId, submissions: &[i64]) -> Result<(), DbError> {
    let mut standing: Vec<Row> = Vec::new();
    for part in submissions.chunks(1000) {
        let rows: Vec<Row> = measure_value::table
            .filter(measure_value::region_id.eq(region))
            .filter(measure_value::submission_id.eq_any(part))
            .filter(measure_value::source.ne(MeasureSource::Reported))
            .filter(measure_value::superseded_at.is_null())
            .select(Row::as_select())
            .load(tx.conn())?;
        standing.extend(rows);
    }
    let units: Vec<UnitId> = standing.iter().map(|row| row.unit_id).collect();
    let mut earlier: HashMap<(Place, NaiveDateTime), Row> = HashMap::new();
    for part in units.chunks(1000) {
        let rows: Vec<(Row, Option<NaiveDateTime>, Option<String>)> = measure_value::table
            .left_join(
                submission::table.on(submission::id
                    .nullable()
                    .eq(measure_value::submission_id)
                    .and(submission::region_id.eq(measure_value::region_id))),
            )
            .filter(measure_value::region_id.eq(region))
            .filter(measure_value::unit_id.eq_any(part))
            .filter(measure_value::superseded_at.is_not_null())
            .order(measure_value::id)
            .select((
                Row::as_select(),
                measure_value::superseded_at,
                submission::state.nullable(),
            ))
            .load(tx.conn())?;
        for (row, ended, state) in rows {
            if let Some(ended) = ended.filter(|_| state.is_none_or(|state| state == "accepted")) {
                earlier.insert((row.place(), ended), row);
            }
        }
    }
    let now = tx.now();
    let mut back = Vec::new();
    for row in &standing {
        if let Some(before) = earlier.get(&(row.place(), row.recorded_at)) {
            back.push(Row {
                id: tx.id(),
                recorded_at: now,
                ..before.clone()
            });
        }
    }
    let ids: Vec<i64> = standing.iter().map(|row| row.id).collect();
    for part in ids.chunks(1000) {
        diesel::update(measure_value::table.filter(measure_value::id.eq_any(part)))
            .set(measure_value::superseded_at.eq(now))
            .execute(tx.conn())?;
    }
    insert_many!(tx.conn(), measure_value::table, back)?;
    Ok(())
}

impl Row {
    fn place(&self) -> Place {
        let (measure, period) = (self.measure.clone(), self.period.clone());
        (self.unit_id, measure, period, self.source, self.expert.clone())
    }
}

/// The same as points of experts that are announced to a unit.
///
/// # Errors
/// Those of the database.
pub fn write_examined(
    tx: &mut Tx<'_>,
    values: Vec<Entered>,
    replaced: &[i64],
    by: (i64, Option<i64>),
    examined: i64,
) -> Result<Vec<i64>, DbError> {
    let whence = values
        .into_iter()
        .map(|value| (value, (None, Some(by), None, Some(examined))));
    written(tx, whence.collect(), replaced)
}

/// The file, the account with whom it stands in for, the report and the examined unit that values come from.
type Whence = (Option<i64>, Option<(i64, Option<i64>)>, Option<i64>, Option<i64>);

fn written(tx: &mut Tx<'_>, values: Vec<(Entered, Whence)>, replaced: &[i64]) -> Result<Vec<i64>, DbError> {
    let now = tx.now();
    for part in replaced.chunks(1000) {
        diesel::update(measure_value::table.filter(measure_value::id.eq_any(part)))
            .set(measure_value::superseded_at.eq(now))
            .execute(tx.conn())?;
    }
    let rows: Vec<Row> = values
        .into_iter()
        .map(|(value, (batch, by, submission, examined))| Row {
            id: tx.id(),
            region_id: value.region,
            unit_id: value.unit,
            measure: value.measure,
            period: value.period,
            value_milli: value.value_milli,
            value_text: value.value_text,
            source: value.source,
            account_id: by.map(|(account, _)| account),
            submission_id: submission,
            examination_unit_id: examined,
            on_behalf_of_id: by.and_then(|(_, whose)| whose),
            recorded_at: now,
            batch_id: batch,
            numerator_milli: value.detail.numerator_milli,
            denominator_milli: value.detail.denominator_milli,
            expert: value.detail.expert,
            link: value.detail.link,
        })
        .collect();
    let ids = rows.iter().map(|row| row.id).collect();
    insert_many!(tx.conn(), measure_value::table, rows)?;
    Ok(ids)
}

/// Records values; what stood for the same unit, measure, period, source and expert is superseded and stays. A value
/// equal to the one in force is not written again. Returns how many were written.
///
/// # Errors
/// Those of the database.
pub fn record(tx: &mut Tx<'_>, key: &[u8], values: &[Entered]) -> Result<usize, DbError> {
    let stored = in_force(tx.conn(), values.iter().map(|v| v.unit))?;
    let mut last: HashMap<Place, Entered> = HashMap::new();
    let mut order = Vec::new();
    for value in values {
        let place = value.place();
        if last.insert(place.clone(), value.clone()).is_none() {
            order.push(place);
        }
    }
    let (mut new, mut replaced) = (Vec::new(), Vec::new());
    for place in order {
        let Some(value) = last.remove(&place) else { continue };
        match stored.get(&place) {
            Some(before) if value.says(before) => continue,
            Some(before) => replaced.push(before.id),
            None => {}
        }
        new.push(value);
    }
    if new.is_empty() {
        return Ok(0);
    }
    let written = new.len();
    write(tx, new, &replaced, None)?;
    let mut entry = audit::Entry::of_server("indicators.record", "measure_value", None);
    entry.detail = format!("values={written} superseded={}", replaced.len());
    audit::record(tx, key, &[entry])?;
    Ok(written)
}
