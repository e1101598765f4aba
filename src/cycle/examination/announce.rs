//! Telling units their points: in the same transaction they become values of the experts, one row an expert and section; after
//! an appeal the earlier rows are superseded and stay.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::acts::{About, Doing, Held, hold, step};
use super::model::{ExaminationAct, ExaminationId, ExaminedId};
use super::standing::Whole;
use super::store;
use crate::access::{self, by::By};
use crate::db::schema::{examination_unit, measure_value};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::indicators::measures::MeasureSource;
use crate::indicators::reported::{self, Detail, Entered};
use crate::planted;
use crate::text_enum;
use crate::units::UnitId;

text_enum! {
    /// What becomes of points of experts that came by file for the same unit and section.
    FromFile {
        Ask = "ask" "остановиться и сказать",
        Beside = "beside" "считать вместе: это баллы других экспертов",
        Replace = "replace" "заменить: это баллы тех же экспертов",
    }
}

/// A value of an expert that stands.
#[derive(Queryable)]
struct Standing {
    id: i64,
    measure: String,
    value_milli: Option<i64>,
    expert: String,
    examined: Option<i64>,
}

fn standing(
    conn: &mut AnyConn,
    (region, unit): (UnitId, UnitId),
    period: &str,
    of: &[&str],
) -> Result<Vec<Standing>, DbError> {
    Ok(measure_value::table
        .filter(measure_value::region_id.eq(region))
        .filter(measure_value::unit_id.eq(unit))
        .filter(measure_value::period.eq(period))
        .filter(measure_value::source.eq(MeasureSource::Expert))
        .filter(measure_value::measure.eq_any(of))
        .filter(measure_value::superseded_at.is_null())
        .order(measure_value::id)
        .select((
            measure_value::id,
            measure_value::measure,
            measure_value::value_milli,
            measure_value::expert,
            measure_value::examination_unit_id,
        ))
        .load(conn)?)
}

/// The names under which the values of experts are kept: those of the accounts; two of one name are told apart.
fn called(conn: &mut AnyConn, whole: &Whole) -> Result<HashMap<i64, String>, DbError> {
    let accounts: Vec<i64> = whole.seats.iter().map(|s| s.seat.account_id).collect();
    let names = access::store::names(conn, &accounts)?;
    let mut times: HashMap<&str, usize> = HashMap::new();
    for name in names.values() {
        *times.entry(name).or_default() += 1;
    }
    let told = |(id, name): (&i64, &String)| {
        let alone = times.get(name.as_str()).is_none_or(|n| *n == 1);
        (*id, if alone { name.clone() } else { format!("{name} ({id})") })
    };
    Ok(names.iter().map(told).collect())
}

/// Writes the points of a unit as values of its experts; what stands and says the same stays, the rest is superseded.
///
/// # Errors
/// Points of experts stand that came by file, and nobody has said what becomes of them; those of the database.
pub(super) fn publish(tx: &mut Tx<'_>, by: &By, held: &Held, from_file: FromFile) -> Result<(), Error> {
    let Held { of, sheet, whole } = held;
    let names = called(tx.conn(), whole)?;
    let decided = whole.decided();
    let mut wanted: BTreeMap<(String, String), i64> = BTreeMap::new();
    for section in &sheet.sections {
        for seat in whole.of_section(&section.code) {
            if let Some(sum) = seat.sum(section, &decided) {
                let name = names.get(&seat.seat.account_id).cloned().unwrap_or_default();
                wanted.insert((section.measure.clone(), name), sum);
            }
        }
    }
    let measures: Vec<&str> = sheet.sections.iter().map(|s| s.measure.as_str()).collect();
    let place = (by.region, whole.row.unit_id);
    let (mut gone, mut foreign) = (Vec::new(), Vec::new());
    for row in standing(tx.conn(), place, &of.period, &measures)? {
        let key = (row.measure.clone(), row.expert.clone());
        if row.examined != Some(whole.row.id.0) {
            let same = wanted.contains_key(&key);
            match from_file {
                FromFile::Replace => gone.push(row.id),
                FromFile::Beside if !same => {}
                FromFile::Ask | FromFile::Beside if planted!("file_overwritten") => gone.push(row.id),
                FromFile::Ask | FromFile::Beside => foreign.push(row.measure),
            }
        } else if wanted.get(&key).copied() == row.value_milli {
            wanted.remove(&key);
        } else {
            gone.push(row.id);
        }
    }
    if !foreign.is_empty() {
        let own = sheet.sections.iter().filter(|s| foreign.contains(&s.measure));
        let codes: Vec<&str> = own.map(|s| s.code.as_str()).collect();
        return Err(Refusal::new("cycle.exam_from_file")
            .with("sections", codes.join(", "))
            .into());
    }
    if planted!("appeal_overwrites") {
        diesel::delete(measure_value::table.filter(measure_value::id.eq_any(&gone))).execute(tx.conn())?;
    }
    let new = wanted.into_iter().map(|((measure, expert), sum)| Entered {
        region: by.region,
        unit: whole.row.unit_id,
        measure,
        period: of.period.clone(),
        value_milli: Some(sum),
        value_text: None,
        source: MeasureSource::Expert,
        detail: Detail {
            expert,
            ..Detail::default()
        },
    });
    reported::write_examined(tx, new.collect(), &gone, (by.account, by.on_behalf_of), whole.row.id.0)?;
    Ok(())
}

fn announced(tx: &mut Tx<'_>, by: &By, held: &Held, from_file: FromFile) -> Result<(), Error> {
    if let Some(refusal) = held.whole.refused(&held.sheet, held.of.divergence_milli) {
        return Err(refusal.into());
    }
    publish(tx, by, held, from_file)?;
    let today = tx.today();
    let row = examination_unit::table
        .filter(examination_unit::region_id.eq(by.region))
        .filter(examination_unit::id.eq(held.whole.row.id));
    diesel::update(row)
        .set(examination_unit::announced_on.eq(Some(today)))
        .execute(tx.conn())?;
    step(tx, by, &held.whole.row, ExaminationAct::Announce, About::default())
}

/// Announces the points of a unit.
///
/// # Errors
/// Not every section is scored; experts part; points of a file stand in the way; somebody else was quicker.
pub fn one(tx: &mut Tx<'_>, doing: &Doing, from_file: FromFile) -> Result<(), Error> {
    let held = doing.held(tx)?;
    announced(tx, &doing.by, &held, from_file)
}

/// Announces the points of all units that are ready; the others stay. Returns how many were announced.
///
/// # Errors
/// None is ready; points of a file stand in the way.
pub fn all_ready(tx: &mut Tx<'_>, by: &By, id: ExaminationId, from_file: FromFile) -> Result<usize, Error> {
    let units: Vec<ExaminedId> = store::units(tx.conn(), by.region, &[id])?
        .iter()
        .map(|u| u.id)
        .collect();
    let mut done = 0;
    for unit in units {
        let held = hold(tx, by, unit)?;
        if held.whole.refused(&held.sheet, held.of.divergence_milli).is_none() {
            announced(tx, by, &held, from_file)?;
            done += 1;
        }
    }
    if done == 0 {
        return Err(Refusal::new("cycle.exam_none_ready").into());
    }
    Ok(done)
}
