//! The same file back with a column «Ошибка»: a workbook as a workbook with typed cells, delimited text in its own
//! dialect. Text that looks like a formula stays text.

use std::collections::HashMap;
use std::path::Path;

use chrono::NaiveDate;
use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};

use super::report::RowProblem;
use super::sheet::{CellKind, Encoding, Format, MAX_CHARACTERS};
use super::staging::Source;
use crate::error::Error;

/// The header of the added column.
const HEADER: &str = "Ошибка";

/// Writes the file.
///
/// # Errors
/// A path that cannot be written.
pub fn write(path: &Path, source: &Source, problems: &[RowProblem]) -> Result<(), Error> {
    let mut told: HashMap<u32, String> = HashMap::new();
    for p in problems {
        let text = match p.problem.column.as_str() {
            "" => p.problem.refusal.to_string(),
            column => format!("{column}: {}", p.problem.refusal),
        };
        told.entry(p.number)
            .and_modify(|before| *before = format!("{before}; {text}"))
            .or_insert(text);
    }
    told.insert(source.header, HEADER.to_owned());
    match source.format {
        Some(Format::Csv { encoding, delimiter }) => {
            std::fs::write(path, delimited(source, &told, encoding, delimiter)?).map_err(Error::from)
        }
        _ => workbook(path, source, &told).map_err(|e| Error::Internal(format!("{}: {e}", path.display()))),
    }
}

/// The column of the errors: the one of an earlier round, or the one after the last that is used in any row.
fn added_column(source: &Source) -> usize {
    let mut last = 0;
    for (number, cells) in source.rows() {
        if number == source.header
            && let Some(earlier) = cells.0.iter().position(|c| c.text == HEADER)
        {
            return earlier;
        }
        last = last.max(cells.0.len());
    }
    last
}

fn workbook(path: &Path, source: &Source, told: &HashMap<u32, String>) -> Result<(), XlsxError> {
    let mut book = Workbook::new();
    let dates = CellFormat::new().set_num_format("dd.mm.yyyy");
    let added = u16::try_from(added_column(source)).unwrap_or(u16::MAX);
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(&source.sheet)?;
    for (number, cells) in source.rows() {
        let row = number - 1;
        for (column, cell) in (0_u16..).zip(&cells.0) {
            if cell.text.is_empty() || column == added {
                continue;
            }
            let text = || cell.text.as_ref();
            match cell.kind {
                CellKind::Number => match cell.text.parse::<f64>() {
                    Ok(n) => sheet.write_number(row, column, n)?,
                    Err(_) => sheet.write_string(row, column, text())?,
                },
                CellKind::Bool => sheet.write_boolean(row, column, cell.text == "1")?,
                CellKind::Date => match NaiveDate::parse_from_str(text(), "%Y-%m-%d") {
                    Ok(date) => sheet.write_number_with_format(row, column, serial(date), &dates)?,
                    Err(_) => sheet.write_string(row, column, text())?,
                },
                CellKind::Text | CellKind::Error => sheet.write_string(row, column, text())?,
            };
        }
        if let Some(problem) = told.get(&number) {
            let cut: String = problem.chars().take(MAX_CHARACTERS).collect();
            sheet.write_string(row, added, cut)?;
        }
    }
    book.save(path)
}

/// A date as days of a sheet.
fn serial(date: NaiveDate) -> f64 {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    f64::from(i32::try_from((date - epoch).num_days()).unwrap_or(0))
}

fn delimited(
    source: &Source,
    told: &HashMap<u32, String>,
    encoding: Encoding,
    delimiter: char,
) -> Result<Vec<u8>, Error> {
    let added = added_column(source);
    let mut text = Vec::new();
    let mut next = 1;
    for (number, cells) in source.rows() {
        // Blank lines stay, so that row numbers are the same in both files.
        for _ in next..number {
            text.extend_from_slice(b"\r\n");
        }
        next = number + 1;
        let mut record: Vec<String> = cells.0.iter().map(|cell| neutral(&cell.text)).collect();
        let problem = told.get(&number).cloned().unwrap_or_default();
        if !problem.is_empty() || record.len() > added {
            record.resize(record.len().max(added + 1), String::new());
            record[added] = problem;
        }
        let mut line = csv::WriterBuilder::new()
            .delimiter(u8::try_from(delimiter).unwrap_or(b';'))
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        line.write_record(&record).map_err(|e| Error::Internal(e.to_string()))?;
        text.extend(line.into_inner().map_err(|e| Error::Internal(e.to_string()))?);
    }
    let text = String::from_utf8_lossy(&text);
    Ok(match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8Bom => [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
        Encoding::Utf16Le => [0xfe_ff_u16]
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(|unit| unit.to_le_bytes())
            .collect(),
        Encoding::Windows1251 => encoding_rs::WINDOWS_1251.encode(&text).0.into_owned(),
    })
}

/// Text that a spreadsheet would run gets an apostrophe; numbers stay numbers.
#[must_use]
pub fn neutral(text: &str) -> String {
    let runs = text
        .trim_start_matches([' ', '\u{a0}'])
        .starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = crate::db::milli::Milli::parse(text).is_some();
    if runs && !number && text.trim() != "-" {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
