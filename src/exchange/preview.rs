//! The first look at a file: which sheet and row hold the headers, what they mean, and the rows below them.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use serde::{Deserialize, Serialize};

use super::batch::Kind;
use super::columns::{Chosen, Mapping, headers_of, missing};
use super::reader;
use super::sheet::{Cells, Line, Numbered};
use crate::error::{Error, Refusal};

/// How many rows of a sheet are looked at for headers.
const LOOKED_AT: usize = 50;
/// How many rows below the headers are shown.
const SHOWN: usize = 5;
/// Longest text of a shown cell.
const SHOWN_CHARACTERS: usize = 60;

/// What a first look shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The sheet.
    pub sheet: String,
    /// Row of the headers.
    pub row: u32,
    /// Headers as they stand.
    pub headers: Vec<String>,
    /// The first rows below.
    pub rows: Vec<Vec<String>>,
    /// What the headers mean: name of the column in the program and its place.
    pub places: Vec<(String, usize)>,
}

impl Preview {
    /// The columns as the headers name them, to be changed by a person.
    #[must_use]
    pub fn columns(&self) -> Chosen {
        Chosen {
            sheet: self.sheet.clone(),
            row: self.row,
            places: self.places.clone(),
            given: Vec::new(),
        }
    }

    /// Titles of required columns that nothing stands for.
    #[must_use]
    pub fn missing(kind: Kind, chosen: &Chosen) -> Vec<&'static str> {
        let has = |name: &str| {
            let names = chosen.places.iter().map(|(own, _)| own);
            names
                .chain(chosen.given.iter().map(|(own, _)| own))
                .any(|own| own == name)
        };
        missing(kind, has)
    }
}

/// Refuses a text that is called a workbook: whoever chose it meant another file.
///
/// # Errors
/// It is one; those of the disk.
pub fn fits_name(mut file: &File, name: &str) -> Result<(), Error> {
    let name = name.to_lowercase();
    if !["xlsx", "xlsm", "xls"].iter().any(|e| name.ends_with(&format!(".{e}"))) {
        return Ok(());
    }
    let mut head = Vec::new();
    file.take(4).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    // An archive, or the container of the old format: what it holds is looked at by the reader.
    if head.is_empty() || head.starts_with(b"PK") || head.starts_with(&[0xd0, 0xcf]) {
        return Ok(());
    }
    Err(Refusal::new("exchange.named_workbook").into())
}

struct Looking {
    kind: Kind,
    sheet: String,
    looked_at: usize,
    best: Preview,
    /// Whether the best row has every column that is needed.
    complete: bool,
    /// Whether the rows that come now stand below the best row.
    below: bool,
}

impl Looking {
    fn row(&mut self, number: u32, cells: &Cells<'_>) {
        if cells.is_blank() {
            return;
        }
        self.looked_at += 1;
        if !self.complete && self.looked_at <= LOOKED_AT {
            let headers = headers_of(cells);
            let places = Mapping::recognised(self.kind, &headers);
            let complete = Mapping::read(self.kind, cells, &[]).is_ok();
            if complete || self.best.row == 0 || places.len() > self.best.places.len() {
                self.complete = complete;
                self.below = true;
                self.best = Preview {
                    sheet: self.sheet.clone(),
                    row: number,
                    headers,
                    rows: Vec::new(),
                    places: places
                        .into_iter()
                        .map(|(name, place)| (name.to_owned(), place))
                        .collect(),
                };
                return;
            }
        }
        if self.below && self.best.rows.len() < SHOWN {
            let shown = cells.0.iter().map(|c| c.text.chars().take(SHOWN_CHARACTERS).collect());
            self.best.rows.push(shown.collect());
        }
    }

    fn is_enough(&self) -> bool {
        self.complete && self.best.rows.len() >= SHOWN
    }
}

/// Looks at a file by the limited child and stops as soon as it has seen enough.
///
/// # Errors
/// A file that is refused as a whole, or that holds nothing.
pub fn look(file: &File, kind: Kind) -> Result<Preview, Error> {
    let mut looking = Looking {
        kind,
        sheet: String::new(),
        looked_at: 0,
        best: Preview::default(),
        complete: false,
        below: false,
    };
    let read = reader::read(file, |line, _| {
        match line {
            Line::Sheet(name) => (looking.sheet, looking.looked_at, looking.below) = (name, 0, false),
            Line::Row(Numbered(number, cells)) => looking.row(number, &cells),
            Line::File(_) | Line::Refused(_) | Line::End => {}
        }
        if looking.is_enough() {
            return Err(Error::Internal("увидено достаточно".into()));
        }
        Ok(())
    });
    match read {
        Err(e) if !looking.is_enough() => Err(e),
        _ if looking.best.row == 0 => Err(Refusal::new("exchange.empty_file").into()),
        _ => Ok(looking.best),
    }
}
