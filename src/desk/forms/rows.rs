//! What the pages of facts by form read: the unit, the period, what is asked for, and what stands there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access;
use crate::db::schema::{import_batch, measure_value};
use crate::db::{AnyConn, DbError};
use crate::desk::registers::reach::{Held, missing};
use crate::error::Error;
use crate::facts;
use crate::indicators::form::{self, Known};
use crate::indicators::measures::{self, Measure};
use crate::indicators::store;
use crate::units::{Period, PeriodKind, Unit, UnitId, UnitKind};
use crate::web::Visitor;

/// The form of a unit in a period.
pub(crate) struct Found {
    pub period: String,
    /// Periods for which something is asked of such a unit, or has been said of this one, the latest first.
    pub periods: Vec<String>,
    /// Nothing where no pack is in force for the period: then there is no form.
    pub asked: Vec<&'static Measure>,
    /// The period whose form may be meant, where such a unit is asked nothing for periods of this kind.
    pub meant: Option<String>,
    pub known: Vec<Known>,
    /// Values of the year before, by measure.
    pub last: BTreeMap<String, i64>,
    /// Names of accounts, and of files.
    pub names: HashMap<i64, String>,
    pub files: HashMap<i64, String>,
}

/// Reads it; `None` where no pack in force asks anything of such a unit.
///
/// # Errors
/// A unit outside the scope, a period nobody knows; those of the database.
pub(crate) fn find(
    c: &mut AnyConn,
    visitor: &Visitor,
    (unit, period): (Option<&str>, Option<&str>),
    today: NaiveDate,
) -> Result<(Held, Unit, Option<Found>), Error> {
    let held = Held::of(c, visitor, today)?;
    let own: Vec<Unit> = held.own().into_iter().cloned().collect();
    let unit = match unit {
        Some(code) => own.iter().find(|u| u.code == code),
        None => own.first(),
    };
    let unit = unit.cloned().ok_or_else(missing)?;
    let (periods, kinds) = years(c, &unit, today)?;
    // The last that has begun and has a form.
    let mut formed = periods.iter().filter(|(_, (_, asked))| !asked.is_empty());
    let begun = formed.clone().rev().find(|(start, _)| **start <= today);
    let formed = begun.or_else(|| formed.next()).map(|(_, found)| found);
    let chosen = match period {
        _ if periods.is_empty() => None,
        Some(code) => Some(periods.values().find(|(year, _)| year == code).ok_or_else(missing)?),
        None => formed.or_else(|| periods.values().next_back()),
    };
    let other = |code: &str| Period::parse(code).is_some_and(|p| !kinds.contains(&p.kind));
    let meant = formed.filter(|_| chosen.is_some_and(|(code, _)| other(code)));
    let meant = meant.map(|(code, _)| code.clone());
    let Some((period, asked)) = chosen.cloned() else {
        return Ok((held, unit, None));
    };
    let known = form::known(c, unit.id, &period)?;
    let last = last_year(c, unit.id, &period, &asked)?;
    let accounts: BTreeSet<i64> = known
        .iter()
        .flat_map(|k| [k.account, k.on_behalf_of, k.checked_by])
        .flatten()
        .collect();
    let accounts: Vec<i64> = accounts.into_iter().collect();
    let found = Found {
        names: access::store::names(c, &accounts)?,
        files: files(c, known.iter().filter_map(|k| k.batch))?,
        period,
        meant,
        periods: periods.into_values().rev().map(|(year, _)| year).collect(),
        asked,
        known,
        last,
    };
    Ok((held, unit, Some(found)))
}

/// What stands of the unit for the year before, by measure: of the measure's own source before any other.
fn last_year(
    c: &mut AnyConn,
    unit: UnitId,
    period: &str,
    asked: &[&'static Measure],
) -> Result<BTreeMap<String, i64>, DbError> {
    let Some(before) = Period::parse(period).and_then(|p| p.before()) else {
        return Ok(BTreeMap::new());
    };
    let known = form::known(c, unit, &before)?;
    let in_force = |of: &&Measure| {
        let own = || {
            known
                .iter()
                .filter(|k| k.measure == of.code && k.superseded_at.is_none())
        };
        let found = own().find(|k| k.source == of.source).or_else(|| own().next())?;
        Some((of.code.clone(), found.value_milli?))
    };
    Ok(asked.iter().filter_map(in_force).collect())
}

/// Periods by their first day: the name, and what is asked.
type Years = BTreeMap<NaiveDate, (String, Vec<&'static Measure>)>;

/// Periods by their first day, with what is asked of such a unit in each: those of the packs in force and those whose
/// facts are kept by their definitions; without a form, the years of today and those for which the unit has said something.
/// Beside them the kinds of periods for which such a unit is asked anything.
fn years(c: &mut AnyConn, unit: &Unit, today: NaiveDate) -> Result<(Years, Vec<PeriodKind>), DbError> {
    let packs = store::read_packs(c)?;
    let kept = facts::store::periods(c)?;
    let bases: BTreeSet<String> = packs.iter().map(|p| p.basis.key()).collect();
    let opened = kept.iter().filter(|p| bases.contains(&p.basis)).map(|p| &p.code);
    let mut found = Years::new();
    for year in packs.iter().flat_map(|p| &p.years).chain(opened) {
        let Some(read) = Period::parse(year) else { continue };
        let asked = form::asked(&packs, unit.kind, read.kind);
        if !asked.is_empty() {
            found.insert(read.starts_on, (year.clone(), asked));
        }
    }
    let kinds = [PeriodKind::CalendarYear, PeriodKind::AcademicYear].into_iter();
    let kinds: Vec<PeriodKind> = kinds
        .filter(|kind| !form::asked(&packs, unit.kind, *kind).is_empty())
        .collect();
    let due = kinds.iter().filter_map(|kind| Period::of_day(*kind, today));
    for year in due.chain(form::told(c, unit.id)?) {
        if let Some(read) = Period::parse(&year) {
            found.entry(read.starts_on).or_insert((year, Vec::new()));
        }
    }
    Ok((found, kinds))
}

fn files(c: &mut AnyConn, batches: impl Iterator<Item = i64>) -> Result<HashMap<i64, String>, DbError> {
    let ids: BTreeSet<i64> = batches.collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let rows: Vec<(i64, String)> = import_batch::table
        .filter(import_batch::id.eq_any(ids))
        .select((import_batch::id, import_batch::file_name))
        .load(c)?;
    Ok(rows.into_iter().collect())
}

/// A link of a value in force.
pub(crate) struct Linked {
    pub id: i64,
    pub unit: Unit,
    pub title: String,
    pub period: String,
    pub link: String,
    pub checked: Option<(NaiveDate, String)>,
}

/// Links of values in force of the visitor's units, those that nobody has looked at first.
///
/// # Errors
/// Those of the database.
pub(crate) fn links(c: &mut AnyConn, held: &Held) -> Result<Vec<Linked>, DbError> {
    type Row = (
        i64,
        UnitId,
        String,
        String,
        Option<String>,
        Option<i64>,
        Option<NaiveDate>,
    );
    let rows: Vec<Row> = measure_value::table
        .filter(measure_value::region_id.eq(held.region))
        .filter(measure_value::superseded_at.is_null())
        .filter(measure_value::link.is_not_null())
        .order((measure_value::checked_on, measure_value::id))
        .select((
            measure_value::id,
            measure_value::unit_id,
            measure_value::measure,
            measure_value::period,
            measure_value::link,
            measure_value::checked_by,
            measure_value::checked_on,
        ))
        .load(c)?;
    let accounts: BTreeSet<i64> = rows.iter().filter_map(|r| r.5).collect();
    let names = access::store::names(c, &accounts.into_iter().collect::<Vec<_>>())?;
    let own: HashMap<UnitId, &Unit> = held.own().into_iter().map(|u| (u.id, u)).collect();
    let mut found: Vec<Linked> = Vec::new();
    for (id, unit, measure, period, link, by, on) in rows {
        let (Some(unit), Some(link)) = (own.get(&unit), link) else {
            continue;
        };
        found.push(Linked {
            id,
            unit: (*unit).clone(),
            title: measures::of_units(&measure).map_or(measure, |m| m.title.clone()),
            period,
            link,
            checked: on.map(|on| (on, by.and_then(|by| names.get(&by).cloned()).unwrap_or_default())),
        });
    }
    found.sort_by_key(|l| l.checked.is_some());
    Ok(found)
}

/// How the form of a unit is called.
pub(crate) fn called(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Organisation => "Сведения организации",
        UnitKind::Municipality => "Сведения муниципалитета",
        UnitKind::Zone => "Сведения зоны",
        UnitKind::Region => "Сведения региона",
    }
}
