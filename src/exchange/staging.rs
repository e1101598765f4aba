//! The rows of a file understood one by one as the child sends them, before any transaction is opened.

use std::collections::BTreeMap;
use std::fs::File;

use super::batch::RowState;
use super::columns::{Chosen, Mapping, Missing};
use super::fields::{Fields, NamedUnit};
use super::reader;
use super::report::RowProblem;
use super::sheet::{Cells, Format, Line, Numbered};
use super::table::{Staged, Table};
use crate::error::{Error, Refusal};

/// How many rows from the top of a sheet may precede its headers.
const HEADER_WITHIN: usize = 50;

/// The sheet that was read, as it came: for the file that goes back and for rows that are refused.
#[derive(Debug, Default)]
pub struct Source {
    /// What the file is.
    pub format: Option<Format>,
    /// Name of the sheet.
    pub sheet: String,
    /// Row of the headers.
    pub header: u32,
    /// Coded rows one after another, and where each begins.
    text: String,
    starts: Vec<(u32, usize)>,
}

impl Source {
    fn push(&mut self, number: u32, line: &str) {
        self.starts.push((number, self.text.len()));
        self.text.push_str(line);
    }

    fn line(&self, index: usize) -> &str {
        let end = self.starts.get(index + 1).map_or(self.text.len(), |(_, start)| *start);
        self.starts.get(index).map_or("", |(_, start)| &self.text[*start..end])
    }

    /// The rows with their numbers.
    pub fn rows(&self) -> impl Iterator<Item = (u32, Cells<'_>)> {
        (0..self.starts.len()).filter_map(|index| match serde_json::from_str(self.line(index)) {
            Ok(Line::Row(Numbered(number, cells))) => Some((number, cells)),
            _ => None,
        })
    }

    /// The coded text of a row.
    #[must_use]
    pub fn raw(&self, number: u32) -> Option<&str> {
        let index = self.starts.binary_search_by_key(&number, |(n, _)| *n).ok()?;
        Some(self.line(index).trim_end())
    }
}

/// A file understood.
#[derive(Debug)]
pub struct Staging<R> {
    /// The sheet as it came.
    pub source: Source,
    /// Rows that were understood.
    pub rows: Vec<Staged<R>>,
    /// Rows that were not, with every wrong cell.
    pub problems: Vec<RowProblem>,
    /// Units that those rows name, each with the number of its row.
    pub named: Vec<(u32, NamedUnit)>,
    /// How many rows below the headers hold anything.
    pub total: usize,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

/// Reads a file by the limited child and understands its rows; `chosen` says where a person found the columns.
///
/// # Errors
/// A file that is refused as a whole: unreadable, or without the columns it must have.
pub fn read<T: Table>(file: &File, chosen: Option<&Chosen>) -> Result<Staging<T::Row>, Error> {
    let mut reading = Reading::<'_, T> {
        chosen,
        staging: Staging {
            source: Source::default(),
            rows: Vec::new(),
            problems: Vec::new(),
            named: Vec::new(),
            total: 0,
            notes: Vec::new(),
        },
        mapping: None,
        inside: false,
        sheet: String::new(),
        looked_at: 0,
        nearest: None,
        other_sheets: Vec::new(),
        formulas: BTreeMap::new(),
    };
    reader::read(file, |line, text| {
        match line {
            Line::File(format) => reading.staging.source.format = Some(format),
            Line::Sheet(name) => reading.begin(name),
            Line::Row(Numbered(number, cells)) => reading.row(number, &cells, text),
            Line::Refused(_) | Line::End => {}
        }
        Ok(())
    })?;
    reading.finish()
}

struct Reading<'c, T: Table> {
    chosen: Option<&'c Chosen>,
    staging: Staging<T::Row>,
    /// Set once the sheet is found.
    mapping: Option<Mapping>,
    /// Whether the rows that come now are of that sheet.
    inside: bool,
    sheet: String,
    looked_at: usize,
    nearest: Option<Missing>,
    other_sheets: Vec<String>,
    formulas: BTreeMap<usize, usize>,
}

impl<T: Table> Reading<'_, T> {
    fn begin(&mut self, sheet: String) {
        self.sheet = sheet;
        self.inside = false;
        self.looked_at = 0;
        if self.mapping.is_none() {
            let format = self.staging.source.format;
            self.staging.source = Source {
                format,
                sheet: self.sheet.clone(),
                ..Source::default()
            };
        }
    }

    fn row(&mut self, number: u32, cells: &Cells<'_>, text: &str) {
        if self.mapping.is_some() && !self.inside {
            self.remember_other();
            return;
        }
        if self.mapping.is_none() && self.looked_at >= HEADER_WITHIN {
            return;
        }
        self.staging.source.push(number, text);
        if cells.is_blank() {
            return;
        }
        match &self.mapping {
            Some(mapping) => {
                let from_1904 = matches!(self.staging.source.format, Some(Format::Xlsx { from_1904: true }));
                let mut fields = Fields::new(mapping, cells, from_1904);
                let row = T::parse(&mut fields);
                let (problems, formulas, units) = fields.finish();
                self.staging.total += 1;
                for place in formulas {
                    *self.formulas.entry(place).or_default() += 1;
                }
                match row.filter(|_| problems.is_empty()) {
                    Some(row) => self.staging.rows.push(Staged { number, row }),
                    None => {
                        let wrong = problems.into_iter().map(|problem| RowProblem {
                            number,
                            state: RowState::Refused,
                            problem,
                        });
                        self.staging.problems.extend(wrong);
                        self.staging.named.extend(units.into_iter().map(|unit| (number, unit)));
                    }
                }
            }
            None => self.look_for_headers(number, cells),
        }
    }

    fn look_for_headers(&mut self, number: u32, cells: &Cells<'_>) {
        self.looked_at += 1;
        let found = match self.chosen {
            None => Mapping::read(T::KIND, cells, &[]),
            Some(chosen) if !chosen.has_place() => Mapping::read(T::KIND, cells, &chosen.given),
            Some(chosen) if chosen.row == number && chosen.sheet == self.sheet => {
                Mapping::chosen(T::KIND, cells, chosen)
            }
            Some(_) => {
                self.remember_other();
                return;
            }
        };
        match found {
            Ok(mapping) => {
                self.mapping = Some(mapping);
                self.inside = true;
                self.staging.source.header = number;
            }
            Err(missing) => {
                if self
                    .nearest
                    .as_ref()
                    .is_none_or(|n| n.found.len() < missing.found.len())
                {
                    self.nearest = Some(missing);
                }
                self.remember_other();
            }
        }
    }

    fn remember_other(&mut self) {
        if self.other_sheets.last() != Some(&self.sheet) {
            self.other_sheets.push(self.sheet.clone());
        }
    }

    fn finish(self) -> Result<Staging<T::Row>, Error> {
        let mut staging = self.staging;
        let Some(mapping) = self.mapping else {
            let listed = |names: &[&str]| match names {
                [] => "ничего".to_owned(),
                names => names.iter().map(|n| format!("«{n}»")).collect::<Vec<_>>().join(", "),
            };
            let Missing { missing, found } = self.nearest.unwrap_or_else(|| Missing {
                missing: super::columns::of(T::KIND)
                    .iter()
                    .filter(|c| c.required)
                    .map(|c| c.title.as_str())
                    .collect(),
                found: Vec::new(),
            });
            let refusal = Refusal::new("import.no_header")
                .with("missing", listed(&missing))
                .with("found", listed(&found));
            return Err(refusal.into());
        };
        for sheet in self.other_sheets.iter().filter(|s| **s != staging.source.sheet) {
            staging.notes.push(format!(
                "Лист «{sheet}» не читался: нужные столбцы найдены на листе «{}».",
                staging.source.sheet
            ));
        }
        for header in mapping.unknown().into_iter().filter(|_| !T::takes_others(&mapping)) {
            staging.notes.push(format!("Столбец «{header}» не используется."));
        }
        for (place, count) in self.formulas {
            staging.notes.push(format!(
                "Столбец «{}»: формул {count}, взяты их последние вычисленные значения.",
                mapping.header(place)
            ));
        }
        Ok(staging)
    }
}
