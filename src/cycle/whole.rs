//! Rules over rows and tables: totals, means, changes, counts.

use std::collections::BTreeMap;

use super::table::{Printed, Table};
use super::validation::{Found, Given, Row, agrees, divided, maximum, text};
use crate::indicators::evaluate::Fraction;
use crate::indicators::pack_tables::{Parts, Rule};
use crate::planted;

/// The rows that are totals.
fn totals<'a>(given: &Given<'a>) -> impl Iterator<Item = Row<'a>> {
    let given = *given;
    let all = given.table.rows.iter().map(Vec::as_slice).enumerate();
    all.filter(move |(_, row)| given.is_total(row))
}

/// Numbers of a column, that of the total left out.
fn column(given: &Given<'_>, rule: &Rule, column: &str) -> Vec<i64> {
    let numbers = given.rows(rule).filter_map(|(_, row)| given.number(row, column));
    numbers.map(|n| n.milli).collect()
}

/// The total of a column is its sum.
pub(super) fn total(given: &Given<'_>, rule: &Rule, columns: &[String], found: &mut Found) {
    for of in columns {
        let sum = column(given, rule, of).iter().sum();
        for row in totals(given) {
            given.compare_sum(row, of, sum, ("total_of_rows", rule.severity), found);
        }
    }
}

/// The share or ratio of the total is that of the sums.
pub(super) fn pooled(given: &Given<'_>, rule: &Rule, (of, parts, times): (&str, &Parts, i64), found: &mut Found) {
    let sum = |of: &str| column(given, rule, of).iter().sum::<i64>();
    let Some(expected) = divided(sum(&parts.numerator), sum(&parts.denominator), times) else {
        return;
    };
    let own = column(given, rule, of);
    let count = i64::try_from(own.len()).unwrap_or(i64::MAX);
    let mean = divided(own.iter().sum(), count.saturating_mul(1000), 1);
    for row in totals(given) {
        let printed = given.number(row.1, of);
        let is_mean = printed.zip(mean).is_some_and(|(printed, mean)| agrees(printed, mean));
        let name = if is_mean { "mean_of_shares" } else { "share_of_totals" };
        given.compare(row, of, expected, (name, rule.severity), found);
    }
}

/// A cell is the number of rows that have the same in a column.
pub(super) fn count(given: &Given<'_>, rule: &Rule, (of, by): (&str, &str), found: &mut Found) {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for (_, row) in given.rows(rule) {
        *counts.entry(given.table.cell(row, by)).or_default() += 1;
    }
    for row in given.rows(rule) {
        let count = counts.get(given.table.cell(row.1, by)).copied().unwrap_or(0);
        let expected = Fraction::whole(count.saturating_mul(1000));
        given.compare(row, of, expected, ("count_of_rows", rule.severity), found);
    }
}

/// Rows with the same in one column have the same in another: what most of them say.
pub(super) fn same(given: &Given<'_>, rule: &Rule, (of, by): (&str, &str), found: &mut Found) {
    let mut said: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (_, row) in given.rows(rule) {
        let group = said.entry(given.table.cell(row, by)).or_default();
        *group.entry(given.table.cell(row, of)).or_default() += 1;
    }
    for row in given.rows(rule) {
        let group = said.get(given.table.cell(row.1, by)).into_iter().flatten();
        let most = group.max_by_key(|(_, rows)| **rows).map_or("", |(cell, _)| cell);
        if given.table.cell(row.1, of) != most {
            given.note(row, of, most.to_owned(), ("same_for_all", rule.severity), found);
        }
    }
}

/// The row with some cells in a year.
fn row_of<'a>(given: &Given<'a>, cells: &BTreeMap<String, String>, year: &str) -> Option<&'a [String]> {
    let mut rows = given.table.rows.iter().map(Vec::as_slice);
    rows.find(|row| given.fits(row, cells) && given.year(row) == year)
}

/// Rows of another table in a year.
fn others<'a>(given: &Given<'a>, table: &'a Table, year: &'a str) -> impl Iterator<Item = &'a [String]> {
    let year_of = given.described.year.as_deref().unwrap_or_default();
    let rows = table.rows.iter().map(Vec::as_slice);
    rows.filter(move |row| table.cell(row, year_of) == year)
}

/// A mean over those who submitted; who did not is no zero.
pub(super) fn mean(
    given: &Given<'_>,
    rule: &Rule,
    (columns, from, table, of): (&[String], &BTreeMap<String, String>, &str, &[String]),
    found: &mut Found,
) {
    for row in given.rows(rule) {
        let year = given.year(row.1);
        let Some(sums) = row_of(given, from, year) else {
            continue;
        };
        let known = given.others.get(table);
        let all = known.map_or(given.pack.units.len(), |table| others(given, table, year).count());
        let submitted = known.map_or(all, |table| {
            let given_any =
                |row: &&[String]| planted!("absent_counted") || of.iter().any(|part| table.number(row, part).is_some());
            others(given, table, year).filter(given_any).count()
        });
        let (all, submitted) = (amount(all), amount(submitted));
        let means: Vec<(&String, Printed, Fraction, Fraction)> = columns
            .iter()
            .filter_map(|column| {
                let sum = given.number(sums, column)?.milli;
                let printed = given.number(row.1, column)?;
                Some((column, printed, divided(sum, submitted, 1)?, divided(sum, all, 1)?))
            })
            .collect();
        // A row that counts the absent in one cell counts them in all that fit, however few decimals a cell has.
        let counts_absent = means
            .iter()
            .any(|(_, printed, right, absent)| agrees(*printed, *absent) && !agrees(*printed, *right));
        for (column, printed, right, absent) in means {
            if counts_absent && agrees(printed, absent) {
                let expected = text(right, printed.digits);
                if expected != text(Fraction::whole(printed.milli), printed.digits) {
                    given.note(row, column, expected, ("mean_counts_absent", rule.severity), found);
                }
            } else {
                given.compare(row, column, right, ("mean_of_sum", rule.severity), found);
            }
        }
    }
}

/// So many, in thousandths.
fn amount(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(1000)
}

/// What another row has changed by since the year before.
pub(super) fn change(
    given: &Given<'_>,
    rule: &Rule,
    (columns, from): (&[String], &BTreeMap<String, String>),
    found: &mut Found,
) {
    for row in given.rows(rule) {
        let year = given.year(row.1);
        let Some(before) = year.parse::<i32>().ok().map(|year| (year - 1).to_string()) else {
            continue;
        };
        let (Some(now), Some(then)) = (row_of(given, from, year), row_of(given, from, &before)) else {
            continue;
        };
        for column in columns {
            if let (Some(now), Some(then)) = (given.number(now, column), given.number(then, column)) {
                let name = ("change_since_last_year", rule.severity);
                given.compare_sum(row, column, now.milli - then.milli, name, found);
            }
        }
    }
}

/// The share of another row in the maximum.
pub(super) fn of_maximum(
    given: &Given<'_>,
    rule: &Rule,
    (indicators, from): (&BTreeMap<String, String>, &BTreeMap<String, String>),
    found: &mut Found,
) {
    for row in given.rows(rule) {
        let year = given.year(row.1);
        let Some(of) = row_of(given, from, year) else { continue };
        for (column, code) in indicators {
            let most = maximum(given, code, year);
            let expected = given.number(of, column).zip(most);
            if let Some(expected) = expected.and_then(|(of, most): (Printed, i64)| divided(of.milli, most, 100)) {
                given.compare(row, column, expected, ("percent_of_maximum", rule.severity), found);
            }
        }
    }
}

/// A cell is the sum of the column of another table in the same year.
pub(super) fn across(given: &Given<'_>, rule: &Rule, (columns, table): (&[String], &str), found: &mut Found) {
    let Some(table) = given.others.get(table) else { return };
    for row in given.rows(rule) {
        let year = given.year(row.1);
        for column in columns {
            let parts = others(given, table, year).filter_map(|row| table.number(row, column));
            let parts: Vec<i64> = parts.map(|n| n.milli).collect();
            if !parts.is_empty() {
                let name = ("sum_of_other_table", rule.severity);
                given.compare_sum(row, column, parts.iter().sum(), name, found);
            }
        }
    }
}
