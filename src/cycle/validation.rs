//! Contradictions of a published table: each names the cell, what is printed, what was expected, and the rule.
//!
//! A sum is compared as it stands. What is divided is compared as it is printed: to its own decimals, rounded or cut,
//! since both are met in published tables. Rules of one row stand here, those of the dictionary in [`super::dictionary`], those over rows and tables in
//! [`super::whole`].

use std::collections::{BTreeMap, BTreeSet};

use super::table::{Printed, Table, is_blank};
use super::{dictionary, labels, whole};
use crate::db::milli::Milli;
use crate::indicators::Pack;
use crate::indicators::evaluate::Fraction;
use crate::indicators::pack::Rounding;
use crate::indicators::pack_tables::{Check, PublishedTable, Rule, Severity};
use crate::planted;

/// A cell that contradicts a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The row as it is called; empty for the table as a whole.
    pub row: String,
    /// The column.
    pub field: String,
    /// What is printed.
    pub published: String,
    /// What was expected; empty where nothing was.
    pub expected: String,
    /// The rule.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
}

/// What a table is checked with.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The pack.
    pub pack: &'a Pack,
    /// How the table is described.
    pub described: &'a PublishedTable,
    /// The table.
    pub table: &'a Table,
    /// Other tables of the pack, as they were published last.
    pub others: &'a BTreeMap<String, Table>,
}

/// Contradictions so far, each with the place of its row.
#[derive(Debug, Default)]
pub(super) struct Found(Vec<(usize, Contradiction)>);

/// A row of the table with its place.
pub(super) type Row<'a> = (usize, &'a [String]);

/// Checks a table: contradictions in the order of its rows, then of the rules.
#[must_use]
pub fn validate(given: Given<'_>) -> Vec<Contradiction> {
    let mut found = Found::default();
    labels::check(&given, &mut found);
    numbers(&given, &mut found);
    for rule in given.described.rules.iter().filter(|rule| given.has(rule)) {
        match &rule.check {
            Check::Units => dictionary::units(&given, rule, &mut found),
            Check::Zone { column, words } => dictionary::zone(&given, rule, (column, words), &mut found),
            Check::Place { column, words } => dictionary::place(&given, rule, (column, words), &mut found),
            Check::Total(columns) => whole::total(&given, rule, columns, &mut found),
            Check::TotalShare { column, of } => whole::pooled(&given, rule, (column, of, 100), &mut found),
            Check::TotalRatio { column, of } => whole::pooled(&given, rule, (column, of, 1), &mut found),
            Check::Count { column, by } => whole::count(&given, rule, (column, by), &mut found),
            Check::Same { column, by } => whole::same(&given, rule, (column, by), &mut found),
            Check::Mean {
                columns,
                from,
                table,
                of,
            } => whole::mean(&given, rule, (columns, from, table, of), &mut found),
            Check::Change { columns, from } => whole::change(&given, rule, (columns, from), &mut found),
            Check::OfMaximum { indicators, from } => whole::of_maximum(&given, rule, (indicators, from), &mut found),
            Check::Jump {
                columns,
                before,
                percent,
            } => whole::jump(&given, rule, (columns, before.as_deref(), *percent), &mut found),
            Check::Across { columns, table } => whole::across(&given, rule, (columns, table), &mut found),
            Check::AbsentThere {
                column,
                table,
                of,
                year,
            } => whole::absent_there(&given, rule, (column, table, of, year), &mut found),
            Check::Said { column, by, words } => dictionary::said(&given, rule, (column, by, words), &mut found),
            Check::Target { column, by, indicators } => {
                dictionary::target(&given, rule, (column, by, indicators), &mut found);
            }
            of_one_row => {
                for row in given.rows(rule) {
                    in_row(&given, rule, of_one_row, row, &mut found);
                }
            }
        }
    }
    found.0.sort_by_key(|(place, _)| *place);
    found.0.into_iter().map(|(_, of)| of).collect()
}

impl<'a> Given<'a> {
    /// Rows that a rule is for, the total left out.
    pub(super) fn rows(self, rule: &'a Rule) -> impl Iterator<Item = Row<'a>> {
        let all = self.table.rows.iter().map(Vec::as_slice).enumerate();
        all.filter(move |(_, row)| !self.is_total(row) && self.fits(row, &rule.rows))
    }

    /// Whether the table has the columns of a rule: what is optional is left out of one that has not.
    pub(super) fn has(self, rule: &Rule) -> bool {
        let has = |column: &String| self.table.columns.contains(column);
        !rule.optional || rule.check.columns().iter().all(has)
    }

    /// How much a contradiction of a rule weighs in a row.
    pub(super) fn weight(self, rule: &Rule, row: &[String]) -> Severity {
        if !rule.note_where.is_empty() && self.fits(row, &rule.note_where) {
            Severity::Note
        } else {
            rule.severity
        }
    }

    /// Years that the table is for, by the pack; those that stand in it where the pack names none.
    pub(super) fn years(self) -> BTreeSet<&'a str> {
        let named: BTreeSet<&str> = self.described.periods.keys().map(String::as_str).collect();
        if self.described.year.is_none() {
            return BTreeSet::from([""]);
        }
        if !named.is_empty() {
            return named;
        }
        let column = self.described.year.as_deref().unwrap_or_default();
        self.table.rows.iter().map(|row| self.table.cell(row, column)).collect()
    }

    /// Whether a row has these cells.
    pub(super) fn fits(self, row: &[String], cells: &BTreeMap<String, String>) -> bool {
        cells.iter().all(|(column, text)| self.table.cell(row, column) == text)
    }

    /// Whether a row is the total of the others.
    pub(super) fn is_total(self, row: &[String]) -> bool {
        let plain = |text: &str| text.trim_end_matches([':', '.', ' ']).to_lowercase();
        let first = self
            .described
            .row
            .first()
            .map(|column| plain(self.table.cell(row, column)));
        self.described.total.is_some() && first == self.described.total.as_deref().map(plain)
    }

    /// How a row is called.
    pub(super) fn name(self, row: &[String]) -> String {
        let cells = self.described.row.iter().map(|column| self.table.cell(row, column));
        cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The year of a row; empty where the table has none.
    pub(super) fn year(self, row: &[String]) -> &str {
        let table = self.table;
        let column = self.described.year.as_deref();
        match column.and_then(|column| table.columns.iter().position(|c| c == column)) {
            Some(place) => row.get(place).map_or("", String::as_str),
            None => "",
        }
    }

    pub(super) fn number(self, row: &[String], column: &str) -> Option<Printed> {
        self.table.number(row, column)
    }

    /// A contradiction in a cell.
    pub(super) fn note(
        self,
        (place, row): Row<'_>,
        column: &str,
        expected: String,
        (name, severity): (&'static str, Severity),
        found: &mut Found,
    ) {
        let of = Contradiction {
            row: self.name(row),
            field: column.to_owned(),
            published: self.table.cell(row, column).to_owned(),
            expected,
            rule: name,
            severity,
        };
        found.0.push((place, of));
    }

    /// A contradiction where a cell is not a sum, in thousandths.
    pub(super) fn compare_sum(
        self,
        row: Row<'_>,
        column: &str,
        sum: i64,
        name: (&'static str, Severity),
        found: &mut Found,
    ) {
        if let Some(printed) = self.number(row.1, column)
            && printed.milli != sum
            && !(planted!("sums_about_right") && (printed.milli - sum).abs() < 1000)
        {
            self.note(row, column, text(Fraction::whole(sum), 3), name, found);
        }
    }

    /// A contradiction where a cell is not what it should be, as it is printed.
    pub(super) fn compare(
        self,
        row: Row<'_>,
        column: &str,
        expected: Fraction,
        name: (&'static str, Severity),
        found: &mut Found,
    ) {
        if let Some(printed) = self.number(row.1, column)
            && !agrees(printed, expected)
        {
            self.note(row, column, text(expected, printed.digits), name, found);
        }
    }
}

impl Found {
    /// A contradiction of the table as a whole stands after its rows.
    pub(super) fn of_table(&mut self, of: Contradiction) {
        self.0.push((usize::MAX, of));
    }
}

/// Whether a number is printed as another one, rounded or cut.
#[must_use]
pub(super) fn agrees(printed: Printed, expected: Fraction) -> bool {
    let as_printed = |rounding| expected.brought_to(printed.digits, rounding) == Some(printed.milli);
    as_printed(Rounding::Round) || as_printed(Rounding::Cut)
}

/// A number that was expected, to the decimals of the cell, to one at least.
pub(super) fn text(expected: Fraction, digits: u32) -> String {
    let brought = expected.brought_to(digits.clamp(1, 3), Rounding::Round);
    let milli = brought.and_then(|milli| i32::try_from(milli).ok());
    milli.map_or_else(String::new, |milli| Milli(milli).to_string())
}

/// One number divided by another; `None` where the lower one is nothing.
pub(super) fn divided(upper: i64, lower: i64, times: i64) -> Option<Fraction> {
    (lower > 0).then(|| Fraction {
        upper: i128::from(upper) * i128::from(times) * 1000,
        lower: i128::from(lower),
    })
}

/// The columns that hold numbers hold nothing else, and those of counts and points none below zero.
fn numbers(given: &Given<'_>, found: &mut Found) {
    let mut told: BTreeSet<(usize, &str)> = BTreeSet::new();
    for rule in &given.described.rules {
        let Some((columns, counts)) = rule.check.numbers() else {
            continue;
        };
        let all = given.table.rows.iter().map(Vec::as_slice).enumerate();
        for row in all.filter(|(_, row)| given.fits(row, &rule.rows)) {
            for column in &columns {
                let cell = given.table.cell(row.1, column);
                if is_blank(cell) {
                    continue;
                }
                let name = match Printed::read(cell) {
                    None => "not_a_number",
                    Some(printed) if counts && printed.milli < 0 => "below_zero",
                    Some(_) => continue,
                };
                if told.insert((row.0, column)) {
                    given.note(row, column, String::new(), (name, Severity::Error), found);
                }
            }
        }
    }
}

fn in_row(given: &Given<'_>, rule: &Rule, check: &Check, row: Row<'_>, found: &mut Found) {
    let severity = rule.severity;
    let number = |column: &str| given.number(row.1, column).map(|n| n.milli);
    match check {
        Check::Sum { of, column } => {
            let parts: Vec<i64> = of.iter().filter_map(|part| number(part)).collect();
            // A sum that another table tells is held to that one: the part that is wrong is named there too.
            if !parts.is_empty() && !whole::is_told_elsewhere(given, row.1, column) {
                let sum = parts.iter().sum();
                if is_blank(given.table.cell(row.1, column)) {
                    let expected = text(Fraction::whole(sum), 3);
                    given.note(row, column, expected, ("sum_left_out", severity), found);
                }
                given.compare_sum(row, column, sum, ("sum_of_parts", severity), found);
            }
        }
        Check::Maximum(indicators) => {
            for (column, code) in indicators {
                let most = maximum(given, code, given.year(row.1));
                if let (Some(printed), Some(most)) = (number(column), most)
                    && printed > most
                {
                    let expected = text(Fraction::whole(most), 0);
                    given.note(row, column, expected, ("above_maximum", severity), found);
                }
            }
        }
        Check::Absent { of, column } => {
            let silent = of.iter().all(|part| is_blank(given.table.cell(row.1, part)));
            if silent && number(column).is_some() {
                given.note(row, column, String::new(), ("zero_not_submitted", severity), found);
            }
        }
        Check::AtMost { column, bound } => {
            if let (Some(printed), Some(most)) = (number(column), number(bound))
                && printed > most
            {
                let expected = text(Fraction::whole(most), 0);
                let weight = given.weight(rule, row.1);
                given.note(row, column, expected, ("numerator_above_denominator", weight), found);
            }
        }
        Check::Share { column, of } | Check::Ratio { column, of } => {
            let (times, name) = match check {
                Check::Share { .. } => (100, "percent_of_counts"),
                _ => (1, "ratio_of_counts"),
            };
            let divided = match (number(&of.numerator), number(&of.denominator)) {
                (Some(upper), Some(lower)) => divided(upper, lower, times),
                _ => None,
            };
            match (divided, is_blank(given.table.cell(row.1, column))) {
                (Some(expected), false) => given.compare(row, column, expected, (name, severity), found),
                (Some(expected), true) => {
                    given.note(row, column, text(expected, 1), ("share_left_out", severity), found);
                }
                // A share of nothing, or of what is not told.
                (None, false) => given.note(row, column, String::new(), ("share_of_nothing", severity), found),
                (None, true) => {}
            }
        }
        Check::Class { column, of, indicator } => {
            let zones = given.pack.indicator(indicator).map_or(&[][..], |i| i.zones.as_slice());
            let Some(value) = number(of) else { return };
            let own: Vec<_> = zones.iter().filter(|z| z.bounds.hold(value)).collect();
            let printed = given.table.cell(row.1, column);
            let same = |code: &str| match (Printed::read(printed), Printed::read(code)) {
                (Some(printed), Some(code)) => printed.milli == code.milli,
                _ => printed == code,
            };
            if own.is_empty() {
                let name = ("outside_all_classes", Severity::Note);
                given.note(row, of, String::new(), name, found);
            } else if !own
                .iter()
                .any(|z| same(&z.code) || printed.eq_ignore_ascii_case(&z.title))
            {
                let expected: Vec<&str> = own.iter().map(|z| z.code.as_str()).collect();
                given.note(
                    row,
                    column,
                    expected.join(", "),
                    ("class_of_parameter", severity),
                    found,
                );
            }
        }
        Check::Fall {
            column,
            before,
            percent,
        } => {
            if let (Some(now), Some(before)) = (number(column), number(before))
                && now * 100 < before * percent
            {
                let least = Fraction {
                    upper: i128::from(before) * i128::from(*percent),
                    lower: 100,
                };
                given.note(row, column, text(least, 0), ("fall_since_last_year", severity), found);
            }
        }
        _ => {}
    }
}

/// The most points of an indicator in the year of a row.
pub(super) fn maximum(given: &Given<'_>, indicator: &str, year: &str) -> Option<i64> {
    let period = given.described.periods.get(year).map_or(year, String::as_str);
    given.pack.indicator(indicator)?.maximum.get(period).copied()
}
