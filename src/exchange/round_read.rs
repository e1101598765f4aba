//! A workbook of a round trip as it comes back: read by the limited child, known by its stamp, wherever its sheets stand.

use std::collections::BTreeMap;
use std::fs::File;

use chrono::{NaiveDate, NaiveDateTime};

use super::reader;
use super::round::{Brought, FORMAT, Given, KEY, MARK, MOST_ROWS, MOST_TEXT, Stamp};
use super::sheet::{Cells, Format, Line, Numbered};
use crate::db::text_keys::{clean, search_key};
use crate::error::{Error, Refusal};

/// Rows from the top of a sheet within which its headers stand.
const HEAD_WITHIN: usize = 20;
/// How the moment of giving out is written.
pub(super) const MOMENT: &str = "%Y-%m-%d %H:%M:%S%.f";

/// A sheet of the file.
struct Sheet {
    name: String,
    rows: Vec<(u32, Vec<String>)>,
}

impl Sheet {
    fn is_stamp(&self) -> bool {
        let first = self.rows.first().and_then(|(_, cells)| cells.first());
        first.is_some_and(|cell| plain(cell) == MARK)
    }

    /// Where the headers stand.
    fn head(&self) -> Option<usize> {
        let key = search_key(KEY);
        let has = |cells: &[String]| cells.iter().any(|cell| search_key(plain(cell)) == key);
        self.rows.iter().take(HEAD_WITHIN).position(|(_, cells)| has(cells))
    }
}

/// The text of a coded cell.
fn plain(coded: &str) -> &str {
    coded.get(1..).unwrap_or_default()
}

/// Reads a file that was brought back.
///
/// # Errors
/// A file that cannot be read; one without its stamp or its sheet; too many rows.
pub fn read(file: &File) -> Result<Brought, Error> {
    let mut sheets: Vec<Sheet> = Vec::new();
    let (mut from_1904, mut too_many, mut taken) = (false, false, 0);
    reader::read(file, |line, text| {
        taken += text.len();
        if taken > MOST_TEXT {
            return Err(Refusal::new("round.too_large").into());
        }
        match line {
            Line::File(Format::Xlsx { from_1904: from }) => from_1904 = from,
            Line::File(Format::Csv { .. }) => return Err(Refusal::new("round.no_stamp").into()),
            Line::Sheet(name) => sheets.push(Sheet { name, rows: Vec::new() }),
            Line::Row(Numbered(number, cells)) => {
                if let Some(sheet) = sheets.last_mut() {
                    // The stamp has as many rows as the list, and some of its own.
                    if sheet.rows.len() > MOST_ROWS + HEAD_WITHIN {
                        too_many = true;
                    } else if !cells.is_blank() {
                        sheet.rows.push((number, coded(&cells)));
                    }
                }
            }
            Line::Refused(_) | Line::End => {}
        }
        Ok(())
    })?;
    let Some(stamp) = sheets.iter().position(Sheet::is_stamp) else {
        return Err(Refusal::new("round.no_stamp").into());
    };
    let stamp = sheets.remove(stamp);
    let (stamp, names, given) = understood(&stamp)?;
    let Some((sheet, head)) = sheets.iter().find_map(|sheet| Some((sheet, sheet.head()?))) else {
        return Err(Refusal::new("round.no_sheet").with("key", KEY).into());
    };
    if too_many || sheet.rows.len() > head + 1 + MOST_ROWS {
        return Err(Refusal::new("round.too_many").with("most", MOST_ROWS).into());
    }
    Ok(Brought {
        stamp,
        names,
        given,
        sheet: sheet.name.clone(),
        from_1904,
        head: sheet.rows[head].1.iter().map(|cell| clean(plain(cell))).collect(),
        rows: sheet.rows[head + 1..].to_vec(),
    })
}

fn coded(cells: &Cells<'_>) -> Vec<String> {
    cells.0.iter().map(super::sheet::Cell::coded).collect()
}

/// The stamp, the names of the columns that were given out, and what was given out by row key.
type Understood = (Stamp, Vec<String>, BTreeMap<String, Given>);

/// What the hidden sheet says: pairs of a word and its value, then what was given out under its own headers.
fn understood(sheet: &Sheet) -> Result<Understood, Refusal> {
    let text = |cells: &[String], place: usize| cells.get(place).map_or("", |cell| plain(cell)).to_owned();
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    let mut rows = sheet.rows.iter();
    let mut names = None;
    for (_, cells) in rows.by_ref() {
        if text(cells, 0) == "key" {
            names = Some(cells.iter().skip(2).map(|cell| plain(cell).to_owned()).collect());
            break;
        }
        said.insert(text(cells, 0), text(cells, 1));
    }
    let broken = || Refusal::new("round.no_stamp");
    let of = |name: &str| said.get(name).cloned().unwrap_or_default();
    if of(MARK) != FORMAT.to_string() {
        return Err(Refusal::new("round.other_form"));
    }
    let names: Vec<String> = names.ok_or_else(broken)?;
    let stamp = Stamp {
        list: of("list"),
        of: of("of"),
        region: of("region").parse().map_err(|_| broken())?,
        account: of("account").parse().map_err(|_| broken())?,
        given: NaiveDateTime::parse_from_str(&of("given"), MOMENT).map_err(|_| broken())?,
        until: NaiveDate::parse_from_str(&of("until"), "%Y-%m-%d").map_err(|_| broken())?,
    };
    let mut given = BTreeMap::new();
    for (_, cells) in rows {
        let version = text(cells, 1).parse().map_err(|_| broken())?;
        let values = (0..names.len()).map(|place| text(cells, place + 2));
        given.insert(text(cells, 0), (version, values.collect()));
    }
    Ok((stamp, names, given))
}
