//! Workbooks: the streaming reader, cell by cell; only inside the limited child.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, Xlsx, XlsxError};

use super::sheet::{Cell, CellKind, Cells, Format, Line, MAX_CHARACTERS, MAX_COLUMNS, MAX_ROWS};
use super::worker::{Stop, Writer};
use crate::error::Refusal;
use crate::planted;

impl From<XlsxError> for Stop {
    fn from(_: XlsxError) -> Self {
        Self::Refused(Refusal::new("exchange.damaged"))
    }
}

/// Writes every row of every sheet.
///
/// # Errors
/// The refusal of a file that is damaged or too large.
pub fn read(mut file: File, out: &mut Writer) -> Result<(), Stop> {
    file.seek(SeekFrom::Start(0))?;
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|e| match e {
        XlsxError::Password => Stop::Refused(Refusal::new("exchange.encrypted")),
        _ => Stop::Refused(Refusal::new("exchange.damaged")),
    })?;
    out.line(&Line::File(Format::Xlsx {
        from_1904: book.has_1904_epoch(),
    }))?;
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet)
        .map(|s| s.name.clone())
        .collect();
    for name in sheets {
        out.line(&Line::Sheet(name.clone()))?;
        if planted!("dense_reader") {
            #[expect(clippy::disallowed_methods, reason = "the fault itself")]
            let _reserved = book.worksheet_range(&name)?;
        }
        let mut cells = book.worksheet_cells_reader(&name)?;
        let mut row = Cells::default();
        let mut number = 0;
        // Value and formula come in one pass: whether a formula made a value is known with the value.
        while let Some(record) = cells.next_cell_with_formula_metadata()? {
            let formula = record.formula.is_some();
            let cell = convert(&record.value, formula);
            if cell.text.is_empty() && !formula {
                continue;
            }
            let (at_row, at_column) = (record.pos.0 + 1, record.pos.1 as usize);
            check(&cell, at_row, at_column)?;
            if at_row != number {
                if at_row < number {
                    return Err(Stop::Refused(Refusal::new("exchange.damaged")));
                }
                out.row(number, &row)?;
                row.0.clear();
                number = at_row;
            }
            if at_column < row.0.len() {
                return Err(Stop::Refused(Refusal::new("exchange.damaged")));
            }
            row.0.resize(at_column, Cell::EMPTY);
            row.0.push(cell);
        }
        out.row(number, &row)?;
    }
    Ok(())
}

fn check(cell: &Cell<'_>, row: u32, column: usize) -> Result<(), Stop> {
    if row > MAX_ROWS || column >= MAX_COLUMNS {
        let refusal = Refusal::new("exchange.far_cell")
            .with("row", row)
            .with("column", column + 1);
        return Err(Stop::Refused(refusal));
    }
    too_long(&cell.text, row, column)
}

/// Refuses a cell above the length that a sheet can hold.
pub(super) fn too_long(text: &str, row: u32, column: usize) -> Result<(), Stop> {
    if text.len() > MAX_CHARACTERS && text.chars().count() > MAX_CHARACTERS {
        let refusal = Refusal::new("exchange.long_cell")
            .with("row", row)
            .with("column", column + 1);
        return Err(Stop::Refused(refusal));
    }
    Ok(())
}

fn convert(value: &DataRef<'_>, formula: bool) -> Cell<'static> {
    let (kind, text) = match value {
        DataRef::Empty => (CellKind::Text, String::new()),
        DataRef::String(text) => (CellKind::Text, text.clone()),
        DataRef::SharedString(text) => (CellKind::Text, (*text).to_owned()),
        DataRef::Int(n) => (CellKind::Number, n.to_string()),
        DataRef::Float(n) => (CellKind::Number, number(*n)),
        DataRef::Bool(yes) => (CellKind::Bool, if *yes { "1" } else { "0" }.to_owned()),
        DataRef::DateTime(at) => date(at),
        DataRef::DateTimeIso(text) => (CellKind::Date, text.chars().take(10).collect()),
        DataRef::DurationIso(text) => (CellKind::Text, text.clone()),
        DataRef::Error(e) => (CellKind::Error, e.to_string()),
    };
    Cell {
        kind,
        formula,
        text: text.into(),
    }
}

/// A number as the sheet shows it: fifteen significant digits, so that 59,99 computed is 59.99.
fn number(value: f64) -> String {
    format!("{value:.14e}").parse::<f64>().unwrap_or(value).to_string()
}

fn date(at: &ExcelDateTime) -> (CellKind, String) {
    if !at.is_datetime() || at.as_f64() < 1.0 {
        return (CellKind::Number, number(at.as_f64()));
    }
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    (CellKind::Date, format!("{year:04}-{month:02}-{day:02}"))
}
