//! Sheets of figures as a workbook: the same rows and columns as the page, numbers as numbers, with what it is, what was
//! chosen, the day and who took it in the first row of each.

use crate::error::Error;
use crate::exchange::list_file::{FileCell, FileTable, MEDIA, workbook};
use crate::pages::parts::{Held, Sheet, SheetCell};
use crate::pages::text::date;
use crate::web::{Answer, Call};

/// Whether the address asks for the workbook.
///
/// # Errors
/// Another kind of file.
pub(crate) fn wanted(call: &Call) -> Result<bool, Error> {
    match call.query.get("as") {
        None => Ok(false),
        Some("xlsx") => Ok(true),
        Some(_) => Err(Error::NotFound("файл".into())),
    }
}

/// The address of the workbook of a page.
pub(crate) fn of(here: &str) -> String {
    let sign = if here.contains('?') { '&' } else { '?' };
    format!("{here}{sign}as=xlsx")
}

/// The workbook of a sheet; `about` says what it is and what was chosen.
pub(crate) fn answer(call: &Call, named: &str, about: &str, sheet: &Sheet) -> Result<Answer, Error> {
    book(call, named, about, &[sheet])
}

/// The workbook of all sheets of a page; the first one is called by what all of them are.
pub(crate) fn book(call: &Call, named: &str, about: &str, sheets: &[&Sheet]) -> Result<Answer, Error> {
    let today = call.app().clock.today();
    let by = call.visitor()?.name.clone();
    let first = format!("{named} · {about} · по состоянию на {} · {by}", date(today));
    let rows: Vec<Vec<Vec<FileCell>>> = sheets.iter().map(|sheet| rows(sheet)).collect();
    let tables = sheets
        .iter()
        .zip(&rows)
        .enumerate()
        .map(|(place, (sheet, rows))| FileTable {
            title: if place == 0 {
                "Показатели"
            } else {
                &sheet.caption
            },
            head: sheet.columns.iter().map(|c| c.label.as_str()).collect(),
            rows,
        });
    let bytes = workbook(&first, today, &tables.collect::<Vec<_>>())?;
    Ok(Answer::bytes(bytes, MEDIA).file(&format!("{named} {}.xlsx", date(today)), false))
}

pub(crate) fn rows(sheet: &Sheet) -> Vec<Vec<FileCell>> {
    let mut rows: Vec<Vec<FileCell>> = Vec::new();
    for part in &sheet.parts {
        if !part.title.is_empty() {
            rows.push(vec![FileCell::Text(part.title.clone())]);
        }
        rows.extend(part.rows.iter().map(|row| row.iter().map(cell).collect()));
    }
    rows
}

fn cell(of: &SheetCell) -> FileCell {
    match of.held {
        Held::Words => FileCell::Text(of.text.clone()),
        Held::Number(milli, digits, after) => FileCell::Decimal(milli, digits, after),
        Held::Nothing => FileCell::Nothing,
    }
}
