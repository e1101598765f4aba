//! Rules of the dictionary: a table names the units of the pack, each once, in their zones and kinds of place.

use std::collections::{BTreeMap, BTreeSet};

use super::validation::{Contradiction, Found, Given, Row, text};
use crate::indicators::evaluate::Fraction;
use crate::indicators::pack::PackUnit;
use crate::indicators::pack_tables::{Rule, Severity};
use crate::units::names::name_key;

/// The unit that a name means.
pub(super) fn unit_of<'a>(given: &Given<'a>, name: &str) -> Option<&'a PackUnit> {
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
    for row in given.rows(rule) {
        let year = given.year(row.1);
        match unit(given, row) {
            None => given.note(row, column, String::new(), ("unit_unknown", rule.severity), found),
            Some(unit) if !seen.insert((year, &unit.name)) => {
                given.note(row, column, String::new(), ("unit_twice", rule.severity), found);
            }
            Some(_) => {}
        }
    }
    for year in given.years() {
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
            let word = words.iter().find(|(_, zone)| name_key(zone) == name_key(own));
            let expected = word.map_or_else(|| own.to_owned(), |(word, _)| word.clone());
            given.note(row, column, expected, ("zone_of_dictionary", rule.severity), found);
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
        if said.is_none() {
            let expected = words.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            given.note(row, column, expected, ("place_unknown", Severity::Warning), found);
        }
        if said.is_some_and(|(_, code)| code != own.code()) {
            let expected = words.iter().find(|(_, code)| *code == own.code());
            let expected = expected.map_or_else(|| own.label().to_owned(), |(word, _)| word.clone());
            given.note(row, column, expected, ("place_of_dictionary", rule.severity), found);
        }
    }
}

/// A cell says what the pack says of what stands in another.
pub(super) fn said(
    given: &Given<'_>,
    rule: &Rule,
    (column, by, words): (&str, &str, &BTreeMap<String, String>),
    found: &mut Found,
) {
    for row in given.rows(rule) {
        let key = name_key(given.table.cell(row.1, by));
        let Some((_, expected)) = words.iter().find(|(word, _)| name_key(word) == key) else {
            let expected = words.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            given.note(row, by, expected, ("word_unknown", rule.severity), found);
            continue;
        };
        if name_key(given.table.cell(row.1, column)) != name_key(expected) {
            given.note(row, column, expected.clone(), ("said_by_pack", rule.severity), found);
        }
    }
}

/// A cell is the target of the indicator that a row is of, and each indicator has one row.
pub(super) fn target(
    given: &Given<'_>,
    rule: &Rule,
    (column, by, indicators): (&str, &str, &BTreeMap<String, String>),
    found: &mut Found,
) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for row in given.rows(rule) {
        let code = given.table.cell(row.1, by);
        let Some((own, indicator)) = indicators.get_key_value(code) else {
            let expected = indicators.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            given.note(row, by, expected, ("indicator_unknown", rule.severity), found);
            continue;
        };
        if !seen.insert(own) {
            given.note(row, by, String::new(), ("indicator_twice", rule.severity), found);
        }
        let period = given.pack.years.last().map_or("", String::as_str);
        let target = given.pack.indicator(indicator).and_then(|of| of.target("", period));
        let printed = given.number(row.1, column).map(|printed| printed.milli);
        if let Some(target) = target.filter(|_| printed != target) {
            let expected = text(Fraction::whole(target), 1);
            given.note(row, column, expected, ("target_of_pack", rule.severity), found);
        }
    }
    for code in indicators.keys().filter(|code| !seen.contains(code.as_str())) {
        found.of_table(Contradiction {
            row: code.clone(),
            field: by.to_owned(),
            published: String::new(),
            expected: code.clone(),
            rule: "indicator_missing",
            severity: rule.severity,
        });
    }
}
