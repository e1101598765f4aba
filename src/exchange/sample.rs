//! An empty workbook of a kind of file: headers to fill in under, what each column holds, and the lists it refers to.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

use super::batch::Kind;
use super::columns;
use crate::error::Error;

/// Name of the sheet that is filled in; the reader takes the first sheet.
const DATA: &str = "Данные";
/// Name of the sheet that explains.
const COLUMNS: &str = "Столбцы";
/// Characters of the widest column.
const WIDEST: usize = 60;

/// A list that cells refer to: codes and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Name of its sheet.
    pub sheet: &'static str,
    /// What stands in it: a code (empty where only names count) and a name.
    pub rows: Vec<(String, String)>,
}

/// The workbook as bytes.
///
/// # Errors
/// A text longer than a cell holds.
pub fn workbook(kind: Kind, lists: &[Listed]) -> Result<Vec<u8>, Error> {
    write(kind, lists).map_err(|e| Error::Internal(e.to_string()))
}

fn write(kind: Kind, lists: &[Listed]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let needed = Format::new().set_bold().set_text_wrap();
    let explained = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    // One column for all parts of a name is another way to say the same; it stands among the explanations only.
    let known = columns::of(kind).iter().filter(|c| c.replaces.is_empty());
    let data = book.add_worksheet();
    data.set_name(DATA)?.set_freeze_panes(1, 0)?;
    for (place, column) in (0_u16..).zip(known) {
        if column.required || column.usual {
            data.write_string_with_format(0, place, &column.title, &needed)?;
        } else {
            data.write_string(0, place, &column.title)?;
        }
        data.set_column_width(place, wide(column.title.chars().count()))?;
    }
    let sheet = book.add_worksheet();
    sheet.set_name(COLUMNS)?.set_freeze_panes(1, 0)?;
    for (place, (header, width)) in (0_u16..).zip([
        ("Столбец", 28),
        ("Нужен ли", 14),
        ("Что писать", WIDEST),
        ("Как ещё может называться", WIDEST),
    ]) {
        sheet.write_string_with_format(0, place, header, &needed)?;
        sheet.set_column_width(place, wide(width))?;
    }
    for (row, column) in (1_u32..).zip(columns::of(kind)) {
        let need = if column.required || column.usual {
            "нужен"
        } else {
            "можно"
        };
        let cells = [&column.title, need, &column.holds, &column.aliases.join(", ")];
        for (place, text) in (0_u16..).zip(cells) {
            sheet.write_string_with_format(row, place, text, &explained)?;
        }
    }
    for list in lists {
        let sheet = book.add_worksheet();
        sheet.set_name(list.sheet)?.set_freeze_panes(1, 0)?;
        sheet.set_column_width(0, wide(18))?.set_column_width(1, wide(WIDEST))?;
        for (place, header) in (0_u16..).zip(["Код", "Название"]) {
            sheet.write_string_with_format(0, place, header, &needed)?;
        }
        for (row, (code, name)) in (1_u32..).zip(&list.rows) {
            sheet.write_string(row, 0, code)?.write_string(row, 1, name)?;
        }
    }
    book.save_to_buffer()
}

/// A width in characters with a little air.
fn wide(characters: usize) -> f64 {
    f64::from(u32::try_from(characters.min(WIDEST)).unwrap_or(0)) + 4.0
}
