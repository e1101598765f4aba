//! The queries of packs and of entered values.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::measures::MeasureSource;
use super::pack::Pack;
use super::parsed;
use crate::db::schema::{iom, measure_value, pack, person};
use crate::db::{AnyConn, DbError};
use crate::iom::IomId;
use crate::people::PersonId;
use crate::people::model::full_name;
use crate::units::UnitId;

/// A pack as loaded. Older versions stay, retired.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = pack, treat_none_as_default_value = false)]
pub struct PackRow {
    /// Id.
    pub id: i64,
    /// Code.
    pub code: String,
    /// Version.
    pub version: i32,
    /// Title.
    pub title: String,
    /// The text.
    pub source: String,
    /// SHA-256 of the text.
    pub digest: String,
    /// When it was loaded.
    pub loaded_at: NaiveDateTime,
    /// When another version took its place.
    pub retired_at: Option<NaiveDateTime>,
}

/// Packs in force, by code.
///
/// # Errors
/// Those of the database.
pub fn packs(conn: &mut AnyConn) -> Result<Vec<PackRow>, DbError> {
    Ok(pack::table
        .filter(pack::retired_at.is_null())
        .select(PackRow::as_select())
        .order(pack::code)
        .load(conn)?)
}

/// Every version of a pack that was ever loaded, the earliest first.
///
/// # Errors
/// Those of the database.
pub fn versions(conn: &mut AnyConn, code: &str) -> Result<Vec<PackRow>, DbError> {
    Ok(pack::table
        .filter(pack::code.eq(code))
        .select(PackRow::as_select())
        .order((pack::loaded_at, pack::id))
        .load(conn)?)
}

/// The pack in force with a code.
///
/// # Errors
/// Those of the database.
pub fn pack(conn: &mut AnyConn, code: &str) -> Result<Option<PackRow>, DbError> {
    Ok(pack::table
        .filter(pack::retired_at.is_null())
        .filter(pack::code.eq(code))
        .select(PackRow::as_select())
        .first(conn)
        .optional()?)
}

/// How many versions each pack has had.
///
/// # Errors
/// Those of the database.
pub fn version_counts(conn: &mut AnyConn) -> Result<HashMap<String, i64>, DbError> {
    let rows: Vec<(String, i64)> = pack::table
        .group_by(pack::code)
        .select((pack::code, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Packs in force, read; one whose stored text no longer reads is left out (`check` names it).
///
/// # Errors
/// Those of the database.
pub fn read_packs(conn: &mut AnyConn) -> Result<Vec<Arc<Pack>>, DbError> {
    let in_force: Vec<(i64, String)> = pack::table
        .filter(pack::retired_at.is_null())
        .select((pack::id, pack::digest))
        .order(pack::code)
        .load(conn)?;
    let mut read = Vec::with_capacity(in_force.len());
    for (id, digest) in in_force {
        if let Some(known) = parsed::pack_of(&digest) {
            read.push(known);
            continue;
        }
        // Once in a process for each text.
        let text: String = pack::table.find(id).select(pack::source).first(conn)?;
        read.extend(parsed::pack(&text, &digest));
    }
    Ok(read)
}

/// A value that was entered for a unit.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct EnteredValue {
    /// The unit.
    pub unit: UnitId,
    /// The measure.
    pub measure: String,
    /// Thousandths, for a number.
    pub value_milli: Option<i64>,
    /// Text, for what is no number.
    pub value_text: Option<String>,
    /// Where it comes from.
    pub source: MeasureSource,
    /// The upper part of a share, thousandths.
    pub numerator_milli: Option<i64>,
    /// The lower part of a share, thousandths.
    pub denominator_milli: Option<i64>,
    /// The expert.
    pub expert: String,
}

/// What was entered, by measure and unit.
#[derive(Debug, Clone, Default)]
pub struct EnteredValues(HashMap<String, HashMap<UnitId, Vec<EnteredValue>>>);

impl EnteredValues {
    /// What was entered for a unit, in the order of recording.
    #[must_use]
    pub fn of(&self, unit: UnitId, measure: &str) -> Option<&[EnteredValue]> {
        self.0.get(measure)?.get(&unit).map(Vec::as_slice)
    }
}

/// Entered values of these measures in a period, as known at a moment (`None`: now), in the order of recording.
///
/// # Errors
/// Those of the database.
pub fn entered(
    conn: &mut AnyConn,
    measures: &BTreeSet<String>,
    period: &str,
    known: Option<NaiveDateTime>,
) -> Result<EnteredValues, DbError> {
    let regions = crate::facts::store::regions(conn)?;
    let mut query = measure_value::table
        .filter(measure_value::region_id.eq_any(regions))
        .filter(measure_value::measure.eq_any(measures))
        .filter(measure_value::period.eq(period))
        .order(measure_value::id)
        .select((
            measure_value::unit_id,
            measure_value::measure,
            measure_value::value_milli,
            measure_value::value_text,
            measure_value::source,
            measure_value::numerator_milli,
            measure_value::denominator_milli,
            measure_value::expert,
        ))
        .into_boxed();
    query = match known {
        None => query.filter(measure_value::superseded_at.is_null()),
        Some(at) => query.filter(measure_value::recorded_at.le(at)).filter(
            measure_value::superseded_at
                .is_null()
                .or(measure_value::superseded_at.gt(at)),
        ),
    };
    let mut found = EnteredValues::default();
    for value in query.load::<EnteredValue>(conn)? {
        let of_measure = found.0.entry(value.measure.clone()).or_default();
        of_measure.entry(value.unit).or_default().push(value);
    }
    Ok(found)
}

/// What a list shows of a person.
#[derive(Debug, Clone)]
pub struct Named {
    /// СНИЛС.
    pub snils: Option<String>,
    /// Фамилия Имя Отчество.
    pub name: String,
    /// Key for sorting.
    pub sort_key: String,
}

/// Ids by regions, as many as one statement takes at once.
fn blocks<T: Copy>(all: &BTreeSet<(UnitId, T)>) -> Vec<(UnitId, Vec<T>)> {
    let all: Vec<(UnitId, T)> = all.iter().copied().collect();
    all.chunk_by(|a, b| a.0 == b.0)
        .flat_map(|of_region| of_region.chunks(1000))
        .map(|part| (part[0].0, part.iter().map(|(_, id)| *id).collect()))
        .collect()
}

/// Names of persons that the caller's scope has let through already.
///
/// # Errors
/// Those of the database.
pub fn names(conn: &mut AnyConn, persons: &BTreeSet<(UnitId, PersonId)>) -> Result<HashMap<PersonId, Named>, DbError> {
    type Row = (PersonId, Option<String>, String, String, Option<String>, String);
    let mut found = HashMap::with_capacity(persons.len());
    for (region, ids) in blocks(persons) {
        let rows: Vec<Row> = person::table
            .filter(person::region_id.eq(region))
            .filter(person::id.eq_any(ids))
            .select((
                person::id,
                person::snils,
                person::last_name,
                person::first_name,
                person::patronymic,
                person::sort_key,
            ))
            .load(conn)?;
        for (id, snils, last, first, patronymic, sort_key) in rows {
            let name = full_name(&last, &first, patronymic.as_deref());
            found.insert(id, Named { snils, name, sort_key });
        }
    }
    Ok(found)
}

/// What persons are ordered by, of persons that the caller's scope has let through already.
///
/// # Errors
/// Those of the database.
pub fn sort_keys(
    conn: &mut AnyConn,
    persons: &BTreeSet<(UnitId, PersonId)>,
) -> Result<HashMap<PersonId, String>, DbError> {
    let mut found = HashMap::with_capacity(persons.len());
    for (region, ids) in blocks(persons) {
        let rows: Vec<(PersonId, String)> = person::table
            .filter(person::region_id.eq(region))
            .filter(person::id.eq_any(ids))
            .select((person::id, person::sort_key))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Numbers of plans.
///
/// # Errors
/// Those of the database.
pub fn numbers(conn: &mut AnyConn, plans: &BTreeSet<(UnitId, IomId)>) -> Result<HashMap<IomId, String>, DbError> {
    let mut found = HashMap::with_capacity(plans.len());
    for (region, ids) in blocks(plans) {
        let rows: Vec<(IomId, String)> = iom::table
            .filter(iom::region_id.eq(region))
            .filter(iom::id.eq_any(ids))
            .select((iom::id, iom::number))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}
