//! A table as somebody published it: its cells as printed, with the rows they stand in.

use std::fs::File;

use crate::error::{Error, Refusal};
use crate::exchange::reader;
use crate::exchange::sheet::{Cells, Line, Numbered};

/// How many rows may precede the headers.
const HEADER_WITHIN: usize = 50;

/// Cells as printed, by column.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Table {
    /// Columns in their order.
    pub columns: Vec<String>,
    /// Rows, each with a cell for every column.
    pub rows: Vec<Vec<String>>,
}

/// A number as it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    /// Thousandths.
    pub milli: i64,
    /// Decimals.
    pub digits: u32,
}

impl Printed {
    /// Reads `12`, `12,5`, `1 019`, `61 %`; `None` for what is no number. Of more than three decimals, as a workbook
    /// keeps what it has divided, the fourth rounds the third.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('%');
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        let (whole, decimals) = text.split_once([',', '.']).unwrap_or((text, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(decimals) || text.ends_with([',', '.']) {
            return None;
        }
        let kept: String = decimals.chars().chain("000".chars()).take(3).collect();
        let rounds = decimals.as_bytes().get(3).is_some_and(|digit| *digit >= b'5');
        let thousandths = whole.parse::<i64>().ok()?.checked_mul(1000)?;
        let milli = thousandths.checked_add(kept.parse::<i64>().ok()? + i64::from(rounds))?;
        let digits = u32::try_from(decimals.len()).unwrap_or(u32::MAX).min(3);
        Some(Self {
            milli: if negative { -milli } else { milli },
            digits,
        })
    }

    /// One in the last place that is printed, thousandths; a whole number among decimals stands for one decimal.
    pub(super) fn last_place(self) -> i64 {
        10_i64.pow(3 - self.digits.clamp(1, 3))
    }
}

/// Whether nothing stands in a cell: it is empty, or holds a dash.
#[must_use]
pub(super) fn is_blank(cell: &str) -> bool {
    matches!(cell, "" | "-" | "–" | "—")
}

impl Table {
    /// Reads a file of any kind that the limited child knows; the headers stand in the first row that has the columns.
    ///
    /// # Errors
    /// A file that does not read; one that lacks columns, with their names.
    pub fn read(file: &File, needed: &[String]) -> Result<Self, Error> {
        let mut table = Self::default();
        let mut places: Vec<usize> = Vec::new();
        let (mut looked_at, mut nearest, mut ended) = (0, needed.to_vec(), false);
        reader::read(file, |line, _| {
            match line {
                // The first sheet that has the columns is the table.
                Line::Sheet(_) => ended = !table.columns.is_empty(),
                Line::Row(Numbered(_, cells)) if !ended && !cells.is_blank() => {
                    if !table.columns.is_empty() {
                        let cell = |place: &usize| cells.at(*place).text.trim().to_owned();
                        table.rows.push(places.iter().map(cell).collect());
                    } else if looked_at < HEADER_WITHIN {
                        looked_at += 1;
                        let headers = headers(&cells);
                        let lacks = |column: &&String| !headers.iter().any(|(_, header)| header == *column);
                        let missing: Vec<String> = needed.iter().filter(lacks).cloned().collect();
                        if missing.is_empty() {
                            (places, table.columns) = headers.into_iter().unzip();
                        } else if missing.len() < nearest.len() {
                            nearest = missing;
                        }
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        if table.columns.is_empty() {
            return Err(Refusal::new("cycle.columns_missing")
                .with("columns", nearest.join(", "))
                .into());
        }
        Ok(table)
    }

    /// A cell; empty where there is no such column.
    #[must_use]
    pub fn cell<'a>(&self, row: &'a [String], column: &str) -> &'a str {
        let place = self.columns.iter().position(|c| c == column);
        place.and_then(|place| row.get(place)).map_or("", String::as_str)
    }

    /// A number of a row.
    #[must_use]
    pub fn number(&self, row: &[String], column: &str) -> Option<Printed> {
        Printed::read(self.cell(row, column))
    }
}

/// Headers with their places; an empty cell is none.
fn headers(cells: &Cells<'_>) -> Vec<(usize, String)> {
    let texts = cells.0.iter().map(|cell| cell.text.trim().to_owned()).enumerate();
    texts.filter(|(_, text)| !text.is_empty()).collect()
}
