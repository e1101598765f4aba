//! Rules over rows and tables: totals, means, changes, counts.

use std::collections::BTreeMap;

use super::dictionary;
use super::table::{Printed, Table};
use super::validation::{Found, Given, Row, agrees, divided, maximum, text};
use crate::indicators::evaluate::Fraction;
use crate::indicators::jump;
use crate::indicators::pack_tables::{Check, Parts, Rule, Severity};
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
        let name = match (is_mean, times) {
            (true, 1) => "mean_of_ratios",
            (true, _) => "mean_of_shares",
            (false, _) => "share_of_totals",
        };
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

/// The sum of a column over the rows of another table in a year: of what is a sum itself, its parts are added up, whatever
/// it is printed as.
fn sum_there(given: &Given<'_>, name: &str, column: &str, year: &str) -> Option<i64> {
    let table = given.others.get(name)?;
    let rules = given.pack.table(name).map_or(&[][..], |of| of.rules.as_slice());
    let parts = rules.iter().find_map(|rule| match &rule.check {
        Check::Sum { of, column: own } if own == column && rule.rows.is_empty() => Some(of.as_slice()),
        _ => None,
    });
    let own = [column.to_owned()];
    let of = parts.unwrap_or(&own);
    let numbers = others(given, table, year).flat_map(|row| of.iter().filter_map(|part| table.number(row, part)));
    let numbers: Vec<i64> = numbers.map(|n| n.milli).collect();
    (!numbers.is_empty()).then(|| numbers.iter().sum())
}

/// Whether a cell is told by another table that was taken.
pub(super) fn is_told_elsewhere(given: &Given<'_>, row: &[String], column: &str) -> bool {
    let year = given.year(row);
    given.described.rules.iter().any(|rule| match &rule.check {
        Check::Across { columns, table } => {
            let own = columns.iter().any(|own| own == column) && given.fits(row, &rule.rows);
            own && sum_there(given, table, column, year).is_some()
        }
        _ => false,
    })
}

/// A mean that is to be checked.
struct Mean<'a> {
    column: &'a str,
    printed: Printed,
    /// The sum as the table prints it.
    sum: i64,
    /// The sum of the other table, where it is known; else the same.
    told: i64,
}

impl Mean<'_> {
    fn is(&self, sum: i64, by: i64) -> bool {
        divided(sum, by, 1).is_some_and(|of| agrees(self.printed, of))
    }
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
        let means: Vec<Mean<'_>> = columns
            .iter()
            .filter_map(|column| {
                let sum = given.number(sums, column)?.milli;
                Some(Mean {
                    column,
                    printed: given.number(row.1, column)?,
                    sum,
                    told: sum_there(given, table, column, year).unwrap_or(sum),
                })
            })
            .collect();
        let Some(known) = given.others.get(table) else {
            most_likely(given, rule, row, &means, found);
            continue;
        };
        let all = others(given, known, year).count();
        let given_any =
            |row: &&[String]| planted!("absent_counted") || of.iter().any(|part| known.number(row, part).is_some());
        let submitted = others(given, known, year).filter(given_any).count();
        let (all, submitted) = (amount(all), amount(submitted));
        let fits = |mean: &Mean<'_>, by: i64| mean.is(mean.told, by) || mean.is(mean.sum, by);
        // A row that counts the absent in one cell counts them in all that fit, however few decimals a cell has.
        let counts_absent = means.iter().any(|mean| fits(mean, all) && !fits(mean, submitted));
        for mean in &means {
            let Some(right) = divided(mean.told, submitted, 1) else {
                continue;
            };
            let name = match () {
                () if counts_absent && fits(mean, all) => ("mean_counts_absent", rule.severity),
                () if mean.is(mean.told, submitted) => continue,
                // What follows from a sum that is named already weighs no more than a note.
                () if mean.is(mean.sum, submitted) => ("mean_of_sum", Severity::Note),
                () => ("mean_of_sum", rule.severity),
            };
            let expected = text(right, mean.printed.digits);
            if expected != text(Fraction::whole(mean.printed.milli), mean.printed.digits) {
                given.note(row, mean.column, expected, name, found);
            }
        }
    }
}

/// Who submitted is not known: the number by which most means of the row come out is taken, where there is one.
fn most_likely(given: &Given<'_>, rule: &Rule, row: Row<'_>, means: &[Mean<'_>], found: &mut Found) {
    let fit = |by: &usize| means.iter().filter(|mean| mean.is(mean.sum, amount(*by))).count();
    let Some(by) = (1..=given.pack.units.len()).max_by_key(fit) else {
        return;
    };
    if fit(&by) * 2 <= means.len() {
        return;
    }
    for mean in means.iter().filter(|mean| !mean.is(mean.sum, amount(by))) {
        if let Some(right) = divided(mean.sum, amount(by), 1) {
            let expected = text(right, mean.printed.digits);
            given.note(row, mean.column, expected, ("mean_of_sum", rule.severity), found);
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
                let Some(printed) = given.number(row.1, column) else {
                    continue;
                };
                // Both are printed: each may be off by half of its last place, and so may their difference.
                let (change, slack) = (
                    now.milli - then.milli,
                    now.last_place() + then.last_place() + printed.last_place(),
                );
                if printed.milli != change && (printed.milli - change).abs() * 2 >= slack {
                    let expected = text(Fraction::whole(change), 3);
                    given.note(row, column, expected, ("change_since_last_year", rule.severity), found);
                }
            }
        }
    }
}

/// A cell is not far from last year's of the same unit.
pub(super) fn jump(
    given: &Given<'_>,
    rule: &Rule,
    (columns, before, percent): (&[String], Option<&str>, i64),
    found: &mut Found,
) {
    let year_column = given.described.year.as_deref();
    let named: Vec<&String> = given
        .described
        .row
        .iter()
        .filter(|column| Some(column.as_str()) != year_column)
        .collect();
    let last_year = |row: &[String]| -> Option<&[String]> {
        let year = given.year(row).parse::<i32>().ok()? - 1;
        let same = |other: &&[String]| {
            let of_unit = |column: &&String| given.table.cell(other, column) == given.table.cell(row, column);
            given.year(other).parse() == Ok(year) && named.iter().all(of_unit)
        };
        given.table.rows.iter().map(Vec::as_slice).find(same)
    };
    for row in given.rows(rule) {
        let other = match before {
            Some(_) => Some(row.1),
            None => last_year(row.1),
        };
        for column in columns {
            let then = other.and_then(|other| given.number(other, before.unwrap_or(column)));
            if let (Some(then), Some(now)) = (then, given.number(row.1, column))
                && jump::jumps(then.milli, now.milli, percent)
            {
                let bound = |hundredths: i64| Fraction {
                    upper: i128::from(then.milli) * i128::from(hundredths),
                    lower: 100,
                };
                let least = bound((100 - percent).max(0));
                let expected = format!(
                    "{}–{}",
                    text(least, then.digits),
                    text(bound(100 + percent), then.digits)
                );
                let weight = given.weight(rule, row.1);
                given.note(row, column, expected, ("jump_from_last_year", weight), found);
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
            let (Some(most), Some(of), Some(printed)) = (
                maximum(given, code, year),
                given.number(of, column),
                given.number(row.1, column),
            ) else {
                continue;
            };
            let Some(expected) = divided(of.milli, most, 100) else {
                continue;
            };
            // The mean is printed too: it may be off by half of its last place, and so may the share.
            let most = i128::from(most);
            let whole = 100 * 1000;
            let slack = i128::from(of.last_place()) * whole + i128::from(printed.last_place()) * most;
            let off = (i128::from(printed.milli) * most - i128::from(of.milli) * whole).abs() * 2;
            if !agrees(printed, expected) && off >= slack {
                let expected = text(expected, printed.digits);
                given.note(row, column, expected, ("percent_of_maximum", rule.severity), found);
            }
        }
    }
}

/// A cell is the sum of the column of another table in the same year.
pub(super) fn across(given: &Given<'_>, rule: &Rule, (columns, table): (&[String], &str), found: &mut Found) {
    for row in given.rows(rule) {
        let year = given.year(row.1);
        for column in columns {
            if let Some(sum) = sum_there(given, table, column, year) {
                let name = ("sum_of_other_table", rule.severity);
                given.compare_sum(row, column, sum, name, found);
            }
        }
    }
}

/// Nothing is told of a unit that submitted nothing by another table in a year: a number there is no zero.
pub(super) fn absent_there(
    given: &Given<'_>,
    rule: &Rule,
    (column, table, of, year): (&str, &str, &[String], &str),
    found: &mut Found,
) {
    let (Some(known), Some(described)) = (given.others.get(table), given.pack.table(table)) else {
        return;
    };
    let (Some(there), Some(here)) = (described.unit.as_deref(), given.described.unit.as_deref()) else {
        return;
    };
    let year_of = described.year.as_deref().unwrap_or_default();
    let silent = |row: &&Vec<String>| {
        known.cell(row, year_of) == year && of.iter().all(|part| known.number(row, part).is_none())
    };
    let absent: Vec<&str> = known
        .rows
        .iter()
        .filter(silent)
        .map(|row| known.cell(row, there))
        .collect();
    for row in given.rows(rule) {
        let own = dictionary::unit_of(given, given.table.cell(row.1, here));
        let is_absent = own.is_some_and(|own| {
            let mut named = absent.iter().filter_map(|name| dictionary::unit_of(given, name));
            named.any(|unit| unit.name == own.name)
        });
        if is_absent && given.number(row.1, column).is_some() {
            given.note(row, column, String::new(), ("zero_not_submitted", rule.severity), found);
        }
    }
}
