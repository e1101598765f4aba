//! How rows are called: each year that the pack knows, each row that the rules speak of once, one total.

use std::collections::{BTreeMap, BTreeSet};

use super::table::is_blank;
use super::validation::{Contradiction, Found, Given};
use crate::indicators::pack_tables::Severity;

/// Checks years, names of rows and the total.
pub(super) fn check(given: &Given<'_>, found: &mut Found) {
    years(given, found);
    names(given, found);
    total(given, found);
}

/// A year that the pack does not know is none of the table's: nothing in such a row could be held to a maximum.
fn years(given: &Given<'_>, found: &mut Found) {
    let Some(column) = given.described.year.as_deref() else {
        return;
    };
    let known = given.years();
    for row in given.table.rows.iter().map(Vec::as_slice).enumerate() {
        if !given.is_total(row.1) && !known.contains(given.year(row.1)) {
            let expected = known.iter().copied().collect::<Vec<_>>().join(", ");
            given.note(row, column, expected, ("year_unknown", Severity::Error), found);
        }
    }
}

/// A table whose rows are called by words has those that its rules speak of, each once in a year, and no others.
fn names(given: &Given<'_>, found: &mut Found) {
    let Some(column) = given.described.row.first().filter(|_| given.described.unit.is_none()) else {
        return;
    };
    let rules = || given.described.rules.iter();
    let spoken: BTreeSet<&str> = rules().flat_map(|rule| rule.names(column)).collect();
    // What other rows are counted from has to be there.
    let needed: BTreeSet<&str> = rules().filter_map(|rule| rule.from(column)).collect();
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in given.table.rows.iter().map(Vec::as_slice).enumerate() {
        let name = given.table.cell(row.1, column);
        let times = seen.entry((name, given.year(row.1))).or_default();
        *times += 1;
        if *times > 1 {
            given.note(row, column, String::new(), ("row_twice", Severity::Error), found);
        } else if !spoken.is_empty() && !spoken.contains(name) && !is_blank(name) {
            let expected = spoken.iter().copied().collect::<Vec<_>>().join(", ");
            given.note(row, column, expected, ("row_unknown", Severity::Error), found);
        }
    }
    for name in spoken
        .into_iter()
        .filter(|name| !seen.keys().any(|(own, _)| own == name))
    {
        let severity = if needed.contains(name) {
            Severity::Error
        } else {
            Severity::Note
        };
        found.of_table(of_table(name, column, ("row_missing", severity)));
    }
}

/// One row is the total of the others.
fn total(given: &Given<'_>, found: &mut Found) {
    let (Some(name), Some(column)) = (given.described.total.as_deref(), given.described.row.first()) else {
        return;
    };
    let rows = given.table.rows.iter().map(Vec::as_slice).enumerate();
    let mut totals = rows.filter(|(_, row)| given.is_total(row));
    if totals.next().is_none() {
        found.of_table(of_table(name, column, ("total_missing", Severity::Error)));
    }
    for row in totals {
        given.note(row, column, String::new(), ("total_twice", Severity::Error), found);
    }
}

fn of_table(name: &str, column: &str, (rule, severity): (&'static str, Severity)) -> Contradiction {
    Contradiction {
        row: name.to_owned(),
        field: column.to_owned(),
        published: String::new(),
        expected: name.to_owned(),
        rule,
        severity,
    }
}
