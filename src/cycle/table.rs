//! A table as somebody published it: its cells as printed, with the rows they stand in.

use std::fs::File;

use crate::db::milli::Milli;
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
    /// Reads `12`, `12,5`, `61 %`; `None` for what is no number.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('%').trim_end();
        let milli = i64::from(Milli::parse(text)?.0);
        let decimals = text.rsplit_once([',', '.']).map_or(0, |(_, decimals)| decimals.len());
        let digits = u32::try_from(decimals).unwrap_or(u32::MAX).min(3);
        Some(Self { milli, digits })
    }
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
