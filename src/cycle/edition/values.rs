//! Values as an edition says them: rows of text, the same that its table for machines has.

use std::collections::BTreeMap;

use super::content::Units;
use crate::error::Error;
use crate::indicators::evaluate::Reason;
use crate::indicators::formula::{Attribute, Formula};
use crate::indicators::scale::plain;
use crate::indicators::values::Value;
use crate::indicators::{Indicator, Pack, classes, row};
use crate::units::{Locality, MunicipalityKind};

/// How many columns a row has.
pub const WIDTH: usize = 14;

/// The columns of the table: those of `values`, and what was reported less what was computed.
pub const COLUMNS: [&str; WIDTH] = {
    let mut columns = [""; WIDTH];
    let mut at = 0;
    while at < row::COLUMNS.len() {
        columns[at] = row::COLUMNS[at];
        at += 1;
    }
    columns[at] = "difference";
    columns
};

/// Where the columns stand.
pub mod at {
    /// The unit.
    pub const UNIT: usize = 4;
    /// Its name.
    pub const UNIT_NAME: usize = 5;
    /// What stands above the line.
    pub const NUMERATOR: usize = 6;
    /// What stands below.
    pub const DENOMINATOR: usize = 7;
    /// The value.
    pub const VALUE: usize = 8;
    /// Points, or why there are none.
    pub const POINTS: usize = 9;
    /// Level, or why there is none.
    pub const ZONE: usize = 10;
    /// The target.
    pub const TARGET: usize = 11;
    /// What was reported.
    pub const REPORTED: usize = 12;
    /// What was reported less what was computed.
    pub const DIFFERENCE: usize = 13;
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub [String; WIDTH]);

impl Row {
    /// A value as an edition says it.
    #[must_use]
    pub fn of(pack: &Pack, value: &Value) -> Self {
        let mut cells: [String; WIDTH] = Default::default();
        for (cell, said) in cells.iter_mut().zip(row::cells(pack, value)) {
            *cell = said;
        }
        // What stands as the value itself has nothing computed beside it.
        let computed = value.numerator_milli.filter(|_| !value.is_reported);
        if let (Some(reported), Some(computed)) = (value.reported_milli, computed) {
            cells[at::DIFFERENCE] = plain(reported - computed);
        }
        Self(cells)
    }

    /// A cell by the place of its column.
    #[must_use]
    pub fn cell(&self, place: usize) -> &str {
        self.0.get(place).map_or("", String::as_str)
    }

    /// A number of a cell, thousandths.
    #[must_use]
    pub fn milli(&self, place: usize) -> Option<i64> {
        milli(self.cell(place))
    }

    /// Code of the indicator.
    #[must_use]
    pub fn indicator(&self) -> &str {
        self.cell(1)
    }

    /// Code of the unit.
    #[must_use]
    pub fn unit(&self) -> &str {
        self.cell(at::UNIT)
    }

    /// What it is broken down by, and of what this row is.
    #[must_use]
    pub fn breakdown(&self) -> Option<(&str, &str)> {
        Some((self.cell(2), self.cell(3))).filter(|(by, _)| !by.is_empty())
    }

    /// What tells it from the other rows: the indicator, the breakdown and the unit.
    #[must_use]
    pub fn key(&self) -> [&str; 4] {
        [self.cell(1), self.cell(2), self.cell(3), self.cell(at::UNIT)]
    }
}

/// Thousandths of a decimal number with a point.
#[must_use]
pub fn milli(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let of = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse::<i64>().ok())
            .flatten()
    };
    let thousandths = match part.len() {
        0 => 0,
        length @ 1..=3 => of(part)? * 10_i64.pow(3 - u32::try_from(length).unwrap_or(3)),
        _ => return None,
    };
    Some(sign * (of(whole)?.checked_mul(1000)? + thousandths))
}

/// Rows as lines of a table for machines, without its headers.
///
/// # Errors
/// Memory.
pub fn lines<'a>(rows: impl IntoIterator<Item = &'a [String]>) -> Result<Vec<u8>, Error> {
    let broken = |e: csv::Error| Error::Internal(e.to_string());
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(broken)?;
    }
    writer.into_inner().map_err(|e| Error::Internal(e.to_string()))
}

/// The headers of the table.
///
/// # Errors
/// Memory.
pub fn head(columns: &[&str]) -> Result<Vec<u8>, Error> {
    let columns: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
    lines([columns.as_slice()])
}

/// The rows of such lines.
///
/// # Errors
/// They are no rows of an edition.
pub fn rows(lines: &[u8]) -> Result<Vec<Row>, Error> {
    let broken = || Error::Internal("часть выпуска не читается".into());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(lines);
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|_| broken())?;
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            cells.try_into().map(Row).map_err(|_| broken())
        })
        .collect()
}

/// What the word of a level says, for people: its title by the pack of the edition, or why there is none.
#[must_use]
pub fn level(indicator: Option<&Indicator>, units: &Units, word: &str) -> String {
    if word.is_empty() {
        return String::new();
    }
    if let Some(reason) = Reason::from_code(word) {
        return reason.label().to_owned();
    }
    match word {
        "target_met" => return "цель достигнута".into(),
        "target_missed" => return "цель не достигнута".into(),
        _ => {}
    }
    let Some(indicator) = indicator else {
        return word.to_owned();
    };
    match &indicator.formula {
        Some(Formula::Attribute(Attribute::Locality)) => {
            Locality::from_code(word).map_or_else(|| word.to_owned(), |l| l.label().to_owned())
        }
        Some(Formula::Attribute(Attribute::MunicipalityKind)) => {
            MunicipalityKind::from_code(word).map_or_else(|| word.to_owned(), |kind| kind.label().to_owned())
        }
        Some(Formula::Attribute(Attribute::Zone)) => {
            units.get(word).map_or_else(|| word.to_owned(), |u| u.name.clone())
        }
        _ => {
            let levels: BTreeMap<String, String> = classes::levels(indicator)
                .into_iter()
                .map(|l| (l.word, l.title))
                .collect();
            levels.get(word).cloned().unwrap_or_else(|| word.to_owned())
        }
    }
}

/// What the points cell says, for people: the reason in words where it is one.
#[must_use]
pub fn points(word: &str) -> String {
    Reason::from_code(word).map_or_else(|| word.to_owned(), |reason| reason.label().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_are_read_as_they_are_written() {
        for (text, says) in [
            ("12", Some(12_000)),
            ("-0.05", Some(-50)),
            ("31.4", Some(31_400)),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(milli(text), says, "{text}");
        }
        assert_eq!(milli(&plain(-1_234_567)), Some(-1_234_567));
    }

    #[test]
    fn rows_come_back_from_their_lines() {
        let mut cells: [String; WIDTH] = Default::default();
        cells[5] = "МО «Имени, с запятой»".into();
        let row = Row(cells);
        assert_eq!(rows(&lines([row.0.as_slice()]).unwrap()).unwrap(), [row]);
    }
}
