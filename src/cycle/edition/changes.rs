//! What an edition says otherwise than the one it follows: every cell, with the cause where it is known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::content::Units;
use super::model::{Edition, EditionId};
use super::store;
use super::values::{COLUMNS, Row, at};
use crate::db::AnyConn;
use crate::error::Error;
use crate::indicators::difference;
use crate::indicators::parsed;
use crate::text_enum;

text_enum! {
    /// Why a cell changed.
    Cause {
        Formula = "formula" "изменилась методика показателя",
        Scale = "scale" "изменилась шкала",
        Target = "target" "изменился план",
        Reported = "reported" "изменилось поданное",
        UnitNew = "unit_new" "новая единица",
        UnitLeft = "unit_left" "единицы больше нет",
        IndicatorNew = "indicator_new" "новый показатель",
        IndicatorGone = "indicator_gone" "показателя больше нет",
        Composition = "composition" "изменился состав единицы",
        Renamed = "renamed" "изменилось название",
        Data = "data" "изменились данные",
    }
}

/// A cell that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Code of the indicator.
    pub indicator: String,
    /// What it is broken down by; empty where it is not.
    pub breakdown: String,
    /// Of what.
    pub breakdown_value: String,
    /// Code of the unit.
    pub unit: String,
    /// Its name, the later one.
    pub unit_name: String,
    /// The column, as the table for machines calls it.
    pub field: &'static str,
    /// What it was; empty for nothing.
    pub before: String,
    /// What it is.
    pub after: String,
    /// Why.
    pub cause: Cause,
}

/// The columns of the table for machines.
pub const CHANGED: [&str; 9] = [
    "indicator",
    "breakdown",
    "breakdown_value",
    "unit",
    "unit_name",
    "field",
    "before",
    "after",
    "cause",
];

impl Changed {
    /// The cells of its row for machines.
    #[must_use]
    pub fn cells(&self) -> [String; 9] {
        [
            self.indicator.clone(),
            self.breakdown.clone(),
            self.breakdown_value.clone(),
            self.unit.clone(),
            self.unit_name.clone(),
            self.field.to_owned(),
            self.before.clone(),
            self.after.clone(),
            self.cause.code().to_owned(),
        ]
    }
}

/// An edition as it is compared.
struct Side {
    rows: Vec<Row>,
    units: Units,
    pack: String,
}

impl Side {
    fn read(conn: &mut AnyConn, of: EditionId) -> Result<Self, Error> {
        Ok(Self {
            rows: store::all_rows(conn, of)?,
            units: store::units(conn, of)?,
            pack: store::pack_text(conn, of)?,
        })
    }
}

/// The edition that another one follows.
///
/// # Errors
/// Those of the database.
pub fn before(conn: &mut AnyConn, edition: &Edition) -> Result<Option<Edition>, Error> {
    match edition.before_id {
        Some(id) => Ok(store::one(conn, id)?),
        None => Ok(None),
    }
}

/// Every changed cell; nothing where the edition follows none.
///
/// # Errors
/// A part does not read; those of the database.
pub fn changes(conn: &mut AnyConn, edition: &Edition) -> Result<Vec<Changed>, Error> {
    let Some(before) = edition.before_id else {
        return Ok(Vec::new());
    };
    let (old, new) = (Side::read(conn, before)?, Side::read(conn, edition.id)?);
    Ok(compared(&old, &new))
}

/// Which parts of the method of an indicator changed.
#[derive(Debug, Clone, Copy, Default)]
struct Method {
    formula: bool,
    scale: bool,
}

/// By indicator, what of the method changed. Parts that are told by what a value is called change nothing.
fn methods(old: &Side, new: &Side) -> HashMap<String, Method> {
    if old.pack == new.pack {
        return HashMap::new();
    }
    let read = |text: &str| parsed::pack(text, &crate::audit::digest(text.as_bytes())).ok();
    let (Some(old), Some(new)) = (read(&old.pack), read(&new.pack)) else {
        return HashMap::new();
    };
    let whole = difference::difference(Some(&old), &new);
    let counts = ["Период", "Параметры"];
    let all = whole.pack.iter().any(|part| counts.contains(&part.what));
    let mut found = HashMap::new();
    for indicator in &whole.indicators {
        let mut method = Method {
            formula: all,
            scale: false,
        };
        if let difference::Change::Stayed(parts) = &indicator.change {
            for part in parts {
                match part.what {
                    "Формула"
                    | "Кого считают"
                    | "Значение над муниципалитетами"
                    | "Округление"
                    | "Разрез"
                    | "Источник"
                    | "Задача" => method.formula = true,
                    "Шкала" | "Зоны" | "Отметки" | "Направление" | "Наибольший балл по годам" => {
                        method.scale = true
                    }
                    _ => {}
                }
            }
        }
        found.insert(indicator.code.clone(), method);
    }
    found
}

/// Units in which others stand, or stood, that have moved, come or left.
fn recomposed(old: &Units, new: &Units) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for unit in old.all.iter().chain(&new.all) {
        let (was, is) = (old.get(&unit.code), new.get(&unit.code));
        if was.map(|u| &u.parent) == is.map(|u| &u.parent) {
            continue;
        }
        for units in [old, new] {
            if units.get(&unit.code).is_some() {
                found.extend(units.path(&unit.code).into_iter().skip(1).map(str::to_owned));
            }
        }
    }
    found
}

fn compared(old: &Side, new: &Side) -> Vec<Changed> {
    let methods = methods(old, new);
    let recomposed = recomposed(&old.units, &new.units);
    let indicators = |side: &Side| -> BTreeSet<String> { side.rows.iter().map(|r| r.indicator().to_owned()).collect() };
    let (were, are) = (indicators(old), indicators(new));
    let mut left: BTreeMap<[&str; 4], &Row> = old.rows.iter().map(|row| (row.key(), row)).collect();
    let mut found = Vec::new();
    for row in &new.rows {
        let was = left.remove(&row.key());
        let cause = |field: usize| -> Cause {
            let Some(was) = was else {
                return match () {
                    () if !were.contains(row.indicator()) => Cause::IndicatorNew,
                    () if old.units.get(row.unit()).is_none() => Cause::UnitNew,
                    () => Cause::Data,
                };
            };
            let method = methods.get(row.indicator()).copied().unwrap_or_default();
            let same = |place: usize| was.cell(place) == row.cell(place);
            match field {
                at::UNIT_NAME => Cause::Renamed,
                at::TARGET => Cause::Target,
                at::REPORTED => Cause::Reported,
                at::POINTS | at::ZONE if method.scale && same(at::VALUE) => Cause::Scale,
                at::ZONE if same(at::VALUE) && !same(at::TARGET) => Cause::Target,
                _ if method.formula => Cause::Formula,
                at::DIFFERENCE if same(at::NUMERATOR) => Cause::Reported,
                _ if recomposed.contains(row.unit()) => Cause::Composition,
                _ => Cause::Data,
            }
        };
        for (place, field) in COLUMNS.iter().enumerate().skip(at::UNIT_NAME) {
            let before = was.map_or("", |was| was.cell(place));
            if before != row.cell(place) {
                found.push(changed(row, field, before, row.cell(place), cause(place)));
            }
        }
    }
    // What is left stood in the edition before only, in its order.
    for row in old.rows.iter().filter(|row| left.contains_key(&row.key())) {
        let cause = match () {
            () if !are.contains(row.indicator()) => Cause::IndicatorGone,
            () if new.units.get(row.unit()).is_none() => Cause::UnitLeft,
            () => Cause::Data,
        };
        for (place, field) in COLUMNS.iter().enumerate().skip(at::UNIT_NAME) {
            if !row.cell(place).is_empty() {
                found.push(changed(row, field, row.cell(place), "", cause));
            }
        }
    }
    if crate::planted!("edition_change_unsaid") {
        found.retain(|c| c.field != COLUMNS[at::DENOMINATOR]);
    }
    found
}

fn changed(row: &Row, field: &'static str, before: &str, after: &str, cause: Cause) -> Changed {
    let [indicator, breakdown, breakdown_value, unit] = row.key().map(str::to_owned);
    Changed {
        indicator,
        breakdown,
        breakdown_value,
        unit,
        unit_name: row.cell(at::UNIT_NAME).to_owned(),
        field,
        before: before.to_owned(),
        after: after.to_owned(),
        cause,
    }
}
