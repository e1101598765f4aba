//! A list as a workbook to be changed and brought back: a line that says what it is, headers, row keys, typed cells, lists to
//! choose from; on a hidden sheet the stamp and the values as they were given out. Text stays text, whatever it begins with.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Note,
    Workbook, Worksheet, XlsxError, utility,
};

use super::fields::read_date;
use super::round::{FORMAT, Given, Holds, KEY, MARK, RoundColumn, RoundRow, Stamp, WRONG};
use super::round_read::MOMENT;
use super::sheet::{Cell, CellKind, MAX_CHARACTERS};
use crate::db::milli::Milli;
use crate::error::Error;

/// Name of the sheet that is changed.
const DATA: &str = "Правка";
/// Name of the sheet of the lists.
pub const LISTS: &str = "Справочники";
/// Name of the hidden sheet.
const HIDDEN: &str = "Веха";
/// Characters of the widest column.
const WIDEST: usize = 60;
/// Rows below the last one that have lists to choose from as well.
const SPARE: u32 = 200;

/// A cell of the sheet.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// Words.
    Words(String),
    /// A number.
    Number(f64),
    /// A day.
    Day(NaiveDate),
    /// Nothing.
    Nothing,
}

impl Shown {
    /// A value of a column.
    #[must_use]
    pub fn of(column: &RoundColumn, value: &str) -> Self {
        if value.is_empty() {
            return Self::Nothing;
        }
        let words = || Self::Words(column.shown(value));
        match &column.holds {
            Holds::Day => read_date(&Cell::text(value), false).map_or_else(|_| words(), Self::Day),
            Holds::Whole | Holds::Value => {
                Milli::parse(value).map_or_else(words, |milli| Self::Number(f64::from(milli.0) / 1000.0))
            }
            Holds::Words | Holds::Codes | Holds::One(_) | Holds::Several(_) => words(),
        }
    }

    /// A cell as it came; what a formula has made is told as words, never as a formula.
    #[must_use]
    pub fn as_it_came(cell: &Cell<'_>) -> Self {
        let words = || Self::Words(cell.text.clone().into_owned());
        match cell.kind {
            _ if cell.text.is_empty() => Self::Nothing,
            CellKind::Number => cell.text.parse().map_or_else(|_| words(), Self::Number),
            CellKind::Date => read_date(&Cell::text(cell.text.as_ref()), false).map_or_else(|_| words(), Self::Day),
            CellKind::Bool => Self::Words(if cell.text == "1" { "да" } else { "нет" }.into()),
            CellKind::Text | CellKind::Error => words(),
        }
    }

    fn width(&self) -> usize {
        match self {
            Self::Words(text) => text.chars().count(),
            Self::Number(_) | Self::Day(_) => 10,
            Self::Nothing => 1,
        }
    }
}

/// A row of the sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct BookLine {
    /// Its key; empty for a new one.
    pub key: String,
    /// Its cells, one a column.
    pub cells: Vec<Shown>,
    /// Values to choose from in this row alone.
    pub own: Vec<(usize, &'static [&'static str])>,
    /// What is wrong with it.
    pub wrong: String,
}

impl BookLine {
    /// A row as it stands.
    #[must_use]
    pub fn of(columns: &[RoundColumn], row: &RoundRow) -> Self {
        let cells = columns.iter().zip(&row.cells);
        Self {
            key: row.key.clone(),
            cells: cells.map(|(column, value)| Shown::of(column, value)).collect(),
            own: row.own.clone(),
            wrong: String::new(),
        }
    }
}

/// A workbook of a round trip.
#[derive(Debug, Clone)]
pub struct Book<'a> {
    /// The first line: what it is, of which day, until when it holds.
    pub about: &'a str,
    /// The stamp.
    pub stamp: &'a Stamp,
    /// The columns.
    pub columns: &'a [RoundColumn],
    /// The rows.
    pub lines: &'a [BookLine],
    /// What was given out, by row key, under the names of its columns.
    pub given: (&'a [String], &'a BTreeMap<String, Given>),
    /// Whether a column says what is wrong.
    pub tells: bool,
    /// The day on which it is made.
    pub today: NaiveDate,
}

impl Book<'_> {
    /// The workbook as bytes.
    ///
    /// # Errors
    /// A text longer than a cell holds.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        self.write().map_err(|e| Error::Internal(e.to_string()))
    }

    fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        book.set_properties(&DocProperties::new().set_creation_datetime(&day_of(self.today)?));
        self.data(book.add_worksheet().set_name(DATA)?)?;
        self.lists(book.add_worksheet().set_name(LISTS)?)?;
        self.hidden(book.add_worksheet().set_name(HIDDEN)?.set_very_hidden(true))?;
        book.save_to_buffer()
    }

    /// Columns with a list, in their order on the sheet of the lists.
    fn listed(&self) -> impl Iterator<Item = (usize, &RoundColumn, &[String])> {
        self.columns
            .iter()
            .enumerate()
            .filter_map(|(place, column)| match &column.holds {
                Holds::One(list) | Holds::Several(list) => Some((place, column, list.words())),
                _ => None,
            })
    }

    fn data(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let bold = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
        // What is typed into a cell of words stays words.
        let words = Format::new()
            .set_num_format("@")
            .set_align(FormatAlign::Top)
            .set_text_wrap();
        let day = Format::new().set_num_format("dd.mm.yyyy").set_align(FormatAlign::Top);
        let plain = Format::new().set_align(FormatAlign::Top);
        let grey = Color::RGB(0x00EE_EEEE);
        let read = words.clone().set_background_color(grey);
        let format = |column: &RoundColumn| match (&column.holds, column.edited) {
            (_, false) => read.clone(),
            (Holds::Day, _) => day.clone(),
            (Holds::Whole | Holds::Value, _) => plain.clone(),
            _ => words.clone(),
        };
        sheet.set_freeze_panes(2, 1)?;
        sheet.write_string_with_format(0, 0, self.about, &Format::new().set_bold())?;
        sheet.write_string_with_format(1, 0, KEY, &bold.clone().set_background_color(grey))?;
        sheet.set_column_format(0, &read)?.set_column_width(0, 22)?;
        for (place, column) in (1_u16..).zip(self.columns) {
            let own = format(column);
            let at = usize::from(place) - 1;
            let cells = self.lines.iter().filter_map(|line| line.cells.get(at));
            let widest = cells.map(Shown::width).chain([column.title.chars().count()]).max();
            sheet.set_column_format(place, &own)?;
            sheet.set_column_width(place, wide(widest.unwrap_or(0)))?;
            let head = if column.edited {
                bold.clone()
            } else {
                bold.clone().set_background_color(grey)
            };
            sheet.write_string_with_format(1, place, column.title, &head)?;
            let hint = if column.edited {
                column.hint
            } else {
                "Только для чтения: правка здесь не читается"
            };
            if !hint.is_empty() {
                sheet.insert_note(1, place, &Note::new(hint).add_author_prefix(false))?;
            }
        }
        for (row, line) in (2_u32..).zip(self.lines) {
            sheet.write_string_with_format(row, 0, &line.key, &read)?;
            for ((place, cell), column) in (1_u16..).zip(&line.cells).zip(self.columns) {
                let own = format(column);
                match cell {
                    Shown::Words(text) => sheet.write_string_with_format(row, place, text, &own)?,
                    Shown::Number(number) => sheet.write_number_with_format(row, place, *number, &own)?,
                    Shown::Day(on) => sheet.write_datetime_with_format(row, place, day_of(*on)?, &day)?,
                    Shown::Nothing => sheet.write_blank(row, place, &own)?,
                };
            }
            for (place, values) in &line.own {
                let choice = DataValidation::new().allow_list_strings(values)?;
                let column = u16::try_from(place + 1).unwrap_or(u16::MAX);
                sheet.add_data_validation(row, column, row, column, &choice)?;
            }
        }
        let last = 1 + u32::try_from(self.lines.len()).unwrap_or(u32::MAX - SPARE - 1);
        for (nth, (place, column, list)) in (0_u16..).zip(self.listed()) {
            if matches!(column.holds, Holds::Several(_)) || list.is_empty() {
                continue;
            }
            let name = utility::column_number_to_name(nth);
            let range = format!("='{LISTS}'!${name}$2:${name}${}", list.len() + 1);
            // The list helps; what is wrong is said in words when the file comes back.
            let choice = DataValidation::new()
                .allow_list_formula(Formula::new(range))
                .set_error_style(DataValidationErrorStyle::Warning);
            let at = u16::try_from(place + 1).unwrap_or(u16::MAX);
            sheet.add_data_validation(2, at, last + SPARE, at, &choice)?;
        }
        let mut columns = u16::try_from(self.columns.len()).unwrap_or(u16::MAX - 1);
        if self.tells {
            columns += 1;
            sheet.write_string_with_format(1, columns, WRONG, &bold)?;
            sheet.set_column_width(columns, wide(WIDEST))?;
            for (row, line) in (2_u32..).zip(self.lines) {
                let cut: String = line.wrong.chars().take(MAX_CHARACTERS).collect();
                sheet.write_string_with_format(row, columns, cut, &words)?;
            }
        }
        sheet.autofilter(1, 0, last.max(2), columns)?;
        Ok(())
    }

    fn lists(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let bold = Format::new().set_bold();
        sheet.set_freeze_panes(1, 0)?;
        for (place, (_, column, list)) in (0_u16..).zip(self.listed()) {
            sheet.write_string_with_format(0, place, column.title, &bold)?;
            sheet.set_column_width(place, wide(WIDEST / 2))?;
            for (row, words) in (1_u32..).zip(list) {
                sheet.write_string(row, place, words)?;
            }
        }
        Ok(())
    }

    fn hidden(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let stamp = self.stamp;
        let said = [
            (MARK, FORMAT.to_string()),
            ("list", stamp.list.clone()),
            ("of", stamp.of.clone()),
            ("region", stamp.region.to_string()),
            ("account", stamp.account.to_string()),
            ("given", stamp.given.format(MOMENT).to_string()),
            ("until", stamp.until.format("%Y-%m-%d").to_string()),
        ];
        let mut row = 0_u32;
        for (word, value) in said {
            sheet.write_string(row, 0, word)?.write_string(row, 1, value)?;
            row += 1;
        }
        let (names, given) = self.given;
        sheet.write_string(row, 0, "key")?.write_string(row, 1, "version")?;
        for (place, name) in (2_u16..).zip(names) {
            sheet.write_string(row, place, name)?;
        }
        for (key, (version, values)) in given {
            row += 1;
            sheet
                .write_string(row, 0, key)?
                .write_string(row, 1, version.to_string())?;
            for (place, value) in (2_u16..).zip(values) {
                sheet.write_string(row, place, value)?;
            }
        }
        Ok(())
    }
}

/// A width in characters with a little air.
fn wide(characters: usize) -> f64 {
    f64::from(u32::try_from(characters.min(WIDEST)).unwrap_or(0)) + 3.0
}

fn day_of(on: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        u16::try_from(on.year()).unwrap_or(1900),
        u8::try_from(on.month()).unwrap_or(1),
        u8::try_from(on.day()).unwrap_or(1),
    )
}
