//! Entered values beside the computed ones: written anew, never over the earlier ones, and never mixed with them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::measures::MeasureSource;
use crate::audit;
use crate::db::schema::measure_value;
use crate::db::{DbError, Tx};
use crate::insert_many;
use crate::units::UnitId;

/// A value to record.
#[derive(Debug, Clone, PartialEq)]
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
}

#[derive(Insertable)]
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
    recorded_at: NaiveDateTime,
}

/// Records values; what stood for the same unit, measure, period and source is superseded and stays. A value equal to
/// the one in force is not written again. Returns how many were written.
///
/// # Errors
/// Those of the database.
pub fn record(tx: &mut Tx<'_>, key: &[u8], values: &[Entered]) -> Result<usize, DbError> {
    type Key = (UnitId, String, String, MeasureSource);
    type Stored = (i64, UnitId, String, String, MeasureSource, Option<i64>, Option<String>);
    let mut units: Vec<UnitId> = values.iter().map(|v| v.unit).collect();
    units.sort_unstable();
    units.dedup();
    let mut in_force: std::collections::HashMap<Key, (i64, Option<i64>, Option<String>)> =
        std::collections::HashMap::new();
    for part in units.chunks(1000) {
        let rows: Vec<Stored> = measure_value::table
            .filter(measure_value::unit_id.eq_any(part))
            .filter(measure_value::superseded_at.is_null())
            .select((
                measure_value::id,
                measure_value::unit_id,
                measure_value::measure,
                measure_value::period,
                measure_value::source,
                measure_value::value_milli,
                measure_value::value_text,
            ))
            .load(tx.conn())?;
        for (id, unit, measure, period, source, milli, text) in rows {
            in_force.insert((unit, measure, period, source), (id, milli, text));
        }
    }
    let mut replaced = Vec::new();
    let mut rows = Vec::new();
    for value in values {
        let place = (value.unit, value.measure.clone(), value.period.clone(), value.source);
        if let Some((id, milli, text)) = in_force.get(&place) {
            if (*milli, text) == (value.value_milli, &value.value_text) {
                continue;
            }
            replaced.push(*id);
        }
        let id = tx.id();
        in_force.insert(place, (id, value.value_milli, value.value_text.clone()));
        rows.push(Row {
            id,
            region_id: value.region,
            unit_id: value.unit,
            measure: value.measure.clone(),
            period: value.period.clone(),
            value_milli: value.value_milli,
            value_text: value.value_text.clone(),
            source: value.source,
            recorded_at: tx.now(),
        });
    }
    if rows.is_empty() {
        return Ok(0);
    }
    insert_many!(tx.conn(), measure_value::table, rows)?;
    let now = tx.now();
    for part in replaced.chunks(1000) {
        diesel::update(measure_value::table.filter(measure_value::id.eq_any(part)))
            .set(measure_value::superseded_at.eq(now))
            .execute(tx.conn())?;
    }
    let mut entry = audit::Entry::of_server("indicators.record", "measure_value", None);
    entry.detail = format!("values={} superseded={}", rows.len(), replaced.len());
    audit::record(tx, key, &[entry])?;
    Ok(rows.len())
}
