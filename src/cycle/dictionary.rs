//! Rules of the dictionary: a table names the units of the pack, each once, in their zones and kinds of place.

use std::collections::{BTreeMap, BTreeSet};

use super::validation::{Contradiction, Found, Given, Row};
use crate::indicators::pack::PackUnit;
use crate::indicators::pack_tables::Rule;
use crate::units::names::name_key;

/// The unit that a name means.
fn unit_of<'a>(given: &Given<'a>, name: &str) -> Option<&'a PackUnit> {
    let key = name_key(name);
    given.pack.units.iter().find(|unit| {
        let names = std::iter::once(&unit.name).chain(&unit.synonyms);
        names.into_iter().any(|own| name_key(own) == key)
    })
}

fn unit<'a>(given: &Given<'a>, row: Row<'_>) -> Option<&'a PackUnit> {
    let column = given.described.unit.as_deref()?;
    unit_of(given, given.table.cell(row.1, column))
}

/// Each unit has one row in each year, and no other has any.
pub(super) fn units(given: &Given<'_>, rule: &Rule, found: &mut Found) {
    let Some(column) = given.described.unit.as_deref() else {
        return;
    };
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut years: BTreeSet<&str> = BTreeSet::new();
    for row in given.rows(rule) {
        let year = given.year(row.1);
        years.insert(year);
        match unit(given, row) {
            None => given.note(row, column, String::new(), ("unit_unknown", rule.severity), found),
            Some(unit) if !seen.insert((year, &unit.name)) => {
                given.note(row, column, String::new(), ("unit_twice", rule.severity), found);
            }
            Some(_) => {}
        }
    }
    for year in years {
        for unit in given.pack.units.iter().filter(|u| !seen.contains(&(year, &*u.name))) {
            found.of_table(Contradiction {
                row: format!("{} {year}", unit.name).trim_end().to_owned(),
                field: column.to_owned(),
                published: String::new(),
                expected: unit.name.clone(),
                rule: "unit_missing",
                severity: rule.severity,
            });
        }
    }
}

/// The zone of a unit is that of the pack.
pub(super) fn zone(
    given: &Given<'_>,
    rule: &Rule,
    (column, words): (&str, &BTreeMap<String, String>),
    found: &mut Found,
) {
    for row in given.rows(rule) {
        let printed = given.table.cell(row.1, column);
        let said = words.get(printed).map_or(printed, String::as_str);
        let Some(own) = unit(given, row).and_then(|u| u.zone.as_deref()) else {
            continue;
        };
        if !printed.is_empty() && name_key(said) != name_key(own) {
            given.note(
                row,
                column,
                own.to_owned(),
                ("zone_of_dictionary", rule.severity),
                found,
            );
        }
    }
}

/// The kind of place of a unit is that of the pack.
pub(super) fn place(
    given: &Given<'_>,
    rule: &Rule,
    (column, words): (&str, &BTreeMap<String, String>),
    found: &mut Found,
) {
    for row in given.rows(rule) {
        let printed = given.table.cell(row.1, column);
        let Some(own) = unit(given, row).and_then(|u| u.place) else {
            continue;
        };
        let said = words.iter().find(|(word, _)| name_key(word) == name_key(printed));
        if said.is_some_and(|(_, code)| code != own.code()) {
            let expected = words.iter().find(|(_, code)| *code == own.code());
            let expected = expected.map_or_else(|| own.label().to_owned(), |(word, _)| word.clone());
            given.note(row, column, expected, ("place_of_dictionary", rule.severity), found);
        }
    }
}
