//! Tables of a page as a workbook, each on a sheet of its own: what it is and of which day in the first row, headers, then
//! every row.
//! Numbers and dates are numbers and dates; texts are texts, whatever they begin with.

use chrono::{Datelike as _, NaiveDate};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::error::Error;

/// Media type of a workbook.
pub const MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Characters of the widest column.
const WIDEST: usize = 60;
/// Characters of a title in the name of a sheet; a sheet holds 31.
const LONGEST_NAME: usize = 28;
/// Rows of which the width of a column is taken.
const LOOKED_AT: usize = 200;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum FileCell {
    /// Words; never a formula.
    Text(String),
    /// A number.
    Number(i64),
    /// A number of thousandths.
    Milli(i64),
    /// Thousandths with so many decimals, and a word behind them: 30,6 %.
    Decimal(i64, u32, &'static str),
    /// A day.
    Day(NaiveDate),
    /// No value.
    Nothing,
}

impl FileCell {
    fn width(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::Number(_) | Self::Milli(_) | Self::Decimal(..) | Self::Day(_) => 10,
            Self::Nothing => 1,
        }
    }
}

impl From<String> for FileCell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<NaiveDate>> for FileCell {
    fn from(day: Option<NaiveDate>) -> Self {
        day.map_or(Self::Nothing, Self::Day)
    }
}

/// A table of a workbook.
#[derive(Debug, Clone)]
pub struct FileTable<'a> {
    /// How it is called; the name of its sheet too.
    pub title: &'a str,
    /// Headers.
    pub head: Vec<&'a str>,
    /// Rows.
    pub rows: &'a [Vec<FileCell>],
}

/// The workbook as bytes, the same for the same tables of a day. `about` is the line above the headers: which list, of
/// which day, what was chosen.
///
/// # Errors
/// A text longer than a cell holds, more rows than a sheet holds.
pub fn workbook(about: &str, today: NaiveDate, tables: &[FileTable<'_>]) -> Result<Vec<u8>, Error> {
    write(about, today, tables).map_err(|e| Error::Internal(e.to_string()))
}

/// The name of a sheet: without signs that no sheet may have, cut to what one holds, and of no other sheet.
fn sheet_name(title: &str, before: &[String]) -> String {
    let plain: String = title
        .chars()
        .map(|c| if "[]:*?/\\'".contains(c) { ' ' } else { c })
        .take(LONGEST_NAME)
        .collect();
    let name = match plain.trim() {
        "" => "Список",
        plain => plain,
    };
    if before.iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
        format!("{name} {}", before.len() + 1)
    } else {
        name.to_owned()
    }
}

fn write(about: &str, today: NaiveDate, tables: &[FileTable<'_>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_creation_datetime(&day_of(today)?));
    let mut names: Vec<String> = Vec::new();
    for table in tables {
        let name = sheet_name(table.title, &names);
        fill(book.add_worksheet().set_name(&name)?, about, table)?;
        names.push(name);
    }
    book.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, about: &str, table: &FileTable<'_>) -> Result<(), XlsxError> {
    let (head, rows) = (&table.head, table.rows);
    let bold = Format::new().set_bold();
    let words = Format::new().set_align(FormatAlign::Top);
    let day = Format::new().set_num_format("dd.mm.yyyy");
    sheet.set_freeze_panes(2, 0)?;
    for (column, title) in (0_u16..).zip(head) {
        let cells = rows
            .iter()
            .take(LOOKED_AT)
            .filter_map(|row| row.get(usize::from(column)));
        let widest = cells.map(FileCell::width).chain([title.chars().count()]).max();
        let characters = u32::try_from(widest.unwrap_or(0).min(WIDEST)).unwrap_or(0);
        sheet.set_column_width(column, f64::from(characters) + 2.0)?;
    }
    sheet.write_string_with_format(0, 0, about, &bold)?;
    for (column, title) in (0_u16..).zip(head) {
        sheet.write_string_with_format(1, column, *title, &bold)?;
    }
    for (place, row) in (2_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            match cell {
                FileCell::Text(text) => sheet.write_string_with_format(place, column, text, &words)?,
                #[expect(clippy::cast_precision_loss, reason = "counts of people lie far below 2^53")]
                FileCell::Number(number) => sheet.write_number(place, column, *number as f64)?,
                #[expect(clippy::cast_precision_loss, reason = "rates and shares lie far below 2^53")]
                FileCell::Milli(milli) => sheet.write_number(place, column, *milli as f64 / 1000.0)?,
                #[expect(clippy::cast_precision_loss, reason = "thousandths of a value lie far below 2^53")]
                FileCell::Decimal(milli, digits, after) => {
                    let format = decimal(*digits, after);
                    sheet.write_number_with_format(place, column, *milli as f64 / 1000.0, &format)?
                }
                FileCell::Day(on) => sheet.write_datetime_with_format(place, column, day_of(*on)?, &day)?,
                FileCell::Nothing => sheet,
            };
        }
    }
    let last_row = 1 + u32::try_from(rows.len()).unwrap_or(u32::MAX - 1);
    let last_column = u16::try_from(head.len().saturating_sub(1)).unwrap_or(0);
    sheet.autofilter(1, 0, last_row, last_column)?;
    Ok(())
}

/// `# ##0.0" %"`: the number as the page writes it.
fn decimal(digits: u32, after: &str) -> Format {
    let zeros = "0".repeat(usize::try_from(digits).unwrap_or(0));
    let point = if digits > 0 { "." } else { "" };
    let after = if after.is_empty() {
        String::new()
    } else {
        format!("\"\u{A0}{after}\"")
    };
    Format::new().set_num_format(format!("#,##0{point}{zeros}{after}"))
}

fn day_of(on: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        u16::try_from(on.year()).unwrap_or(1900),
        u8::try_from(on.month()).unwrap_or(1),
        u8::try_from(on.day()).unwrap_or(1),
    )
}
