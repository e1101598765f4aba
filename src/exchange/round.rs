//! A round trip of a list: given out as a workbook to be changed, brought back, compared cell by cell with what was given
//! out and with what stands now. Knows no stage: each list brings its columns and rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::fields::read_date;
use super::sheet::{Cell, CellKind};
use crate::db::milli::Milli;
use crate::db::text_keys::{clean, search_key};
use crate::error::Refusal;
use crate::planted;

/// What a workbook of this program begins its stamp with.
pub const MARK: &str = "vekha-round";
/// The form of the stamp.
pub const FORMAT: u32 = 1;
/// Header of the column of row keys.
pub const KEY: &str = "Ключ строки";
/// Header of the column of what is wrong.
pub const WRONG: &str = "Ошибка";
/// Rows of a workbook at most, given out and brought back.
pub const MOST_ROWS: usize = 2_000;
/// Bytes of text of a workbook that is brought back, at most: what waits for an answer is kept.
pub const MOST_TEXT: usize = 8 * 1024 * 1024;
/// Days for which a workbook holds.
pub const HOLDS_DAYS: i64 = 30;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// Words.
    Words,
    /// Codes with semicolons between them; their order says nothing.
    Codes,
    /// A whole number.
    Whole,
    /// A day.
    Day,
    /// A number, or a word in its place: «да», «–».
    Value,
    /// One of a list.
    One(Listed),
    /// Some of a list, with semicolons between them.
    Several(Listed),
}

impl Holds {
    /// One of a list of codes and names.
    #[must_use]
    pub fn one(list: Vec<(String, String)>) -> Self {
        Self::One(Listed::new(list))
    }

    /// The same list, of which one word says that nothing is chosen: its code and its name.
    #[must_use]
    pub fn or_nothing(mut self, code: &str, name: &str) -> Self {
        if let Self::One(list) | Self::Several(list) = &mut self {
            for word in [code, name] {
                list.of_words.insert(search_key(word), String::new());
            }
        }
        self
    }

    /// Some of a list of codes and names.
    #[must_use]
    pub fn several(list: Vec<(String, String)>) -> Self {
        Self::Several(Listed::new(list))
    }
}

/// A list that is chosen from: a name that stands twice is told apart by its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    shown: Vec<String>,
    of_code: HashMap<String, usize>,
    of_words: HashMap<String, String>,
}

impl Listed {
    fn new(list: Vec<(String, String)>) -> Self {
        let mut times: HashMap<&str, usize> = HashMap::new();
        for (_, name) in &list {
            *times.entry(name).or_default() += 1;
        }
        let said = |(code, name): &(String, String)| match times.get(name.as_str()) {
            Some(1) => name.clone(),
            _ => format!("{name} ({code})"),
        };
        let shown: Vec<String> = list.iter().map(said).collect();
        let words = list.iter().zip(&shown);
        Self {
            of_words: words
                .map(|((code, _), said)| (search_key(said), code.clone()))
                .collect(),
            of_code: list
                .iter()
                .enumerate()
                .map(|(at, (code, _))| (code.clone(), at))
                .collect(),
            shown,
        }
    }

    /// What is chosen from, as people read it.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.shown
    }

    /// Whether all of some words with semicolons between them are names of the list.
    #[must_use]
    pub fn names(&self, shown: &str) -> bool {
        shown
            .split(';')
            .all(|one| self.shown.iter().any(|word| word == one.trim()))
    }

    /// How a code is called.
    fn said(&self, code: &str) -> String {
        let found = self.of_code.get(code).and_then(|at| self.shown.get(*at));
        found.map_or(code, String::as_str).to_owned()
    }

    /// The code that is meant by a name, a name with its code, or the code itself.
    fn meant(&self, text: &str) -> String {
        let found = self.of_words.get(&search_key(text));
        found.map_or(text, String::as_str).to_owned()
    }
}

/// A column of the workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundColumn {
    /// The field of the form that it fills.
    pub name: &'static str,
    /// Header.
    pub title: &'static str,
    /// How it is filled in; empty where the header says enough.
    pub hint: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether it may be changed; else it is there to be read.
    pub edited: bool,
}

impl RoundColumn {
    /// A column that may be changed.
    #[must_use]
    pub const fn edited(name: &'static str, title: &'static str, holds: Holds) -> Self {
        Self {
            name,
            title,
            hint: "",
            holds,
            edited: true,
        }
    }

    /// A column that is only read.
    #[must_use]
    pub const fn read(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            hint: "",
            holds: Holds::Words,
            edited: false,
        }
    }

    /// The same with a word on how to fill it in.
    #[must_use]
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// A value as people read it.
    #[must_use]
    pub fn shown(&self, value: &str) -> String {
        match &self.holds {
            Holds::One(list) => list.said(value),
            Holds::Several(list) => {
                let words = value.split(',').map(str::trim).filter(|code| !code.is_empty());
                words.map(|code| list.said(code)).collect::<Vec<_>>().join("; ")
            }
            _ => value.to_owned(),
        }
    }

    /// A value as a cell that nobody has touched brings it back.
    #[must_use]
    pub fn plain(&self, value: &str) -> String {
        match &self.holds {
            Holds::Value => self::value(CellKind::Text, &clean(value)),
            Holds::Codes => codes(&clean(value)),
            _ => clean(value),
        }
    }

    /// The value of a cell as the form of the list has it. What is in no list stays as it was typed: the form refuses it.
    ///
    /// # Errors
    /// A formula; an error of the sheet; no date where a date is needed.
    pub fn read_cell(&self, cell: &Cell<'_>, from_1904: bool) -> Result<String, Refusal> {
        if cell.formula {
            return Err(Refusal::new("round.formula"));
        }
        if cell.kind == CellKind::Error {
            return Err(Refusal::new("import.error_value"));
        }
        let text = clean(&cell.text);
        if text.is_empty() {
            return Ok(text);
        }
        Ok(match &self.holds {
            Holds::Day => day(read_date(cell, from_1904)?),
            Holds::One(list) => list.meant(&text),
            Holds::Several(list) => {
                let words = text.split(';').map(str::trim).filter(|word| !word.is_empty());
                let mut codes: Vec<String> = words.map(|word| list.meant(word)).collect();
                codes.sort_unstable();
                codes.dedup();
                codes.join(",")
            }
            Holds::Value => value(cell.kind, &text),
            Holds::Codes => codes(&words(cell.kind, text)),
            Holds::Words | Holds::Whole => words(cell.kind, text),
        })
    }
}

fn day(on: NaiveDate) -> String {
    on.format("%d.%m.%Y").to_string()
}

/// Codes in their order, each once.
fn codes(text: &str) -> String {
    let words = text.split([';', ',']).map(str::trim).filter(|word| !word.is_empty());
    let words: BTreeSet<&str> = words.collect();
    words.into_iter().collect::<Vec<_>>().join("; ")
}

/// A cell of words, whatever the sheet has made of them.
fn words(kind: CellKind, text: String) -> String {
    match kind {
        CellKind::Number => text.replace('.', ","),
        CellKind::Date => NaiveDate::parse_from_str(&text, "%Y-%m-%d").map_or(text, day),
        CellKind::Bool => if text == "1" { "да" } else { "нет" }.to_owned(),
        CellKind::Text | CellKind::Error => text,
    }
}

fn value(kind: CellKind, text: &str) -> String {
    match (kind, text) {
        (_, "-" | "—" | "–") => "–".to_owned(),
        _ => Milli::parse(text).map_or_else(
            || words(kind, text.to_owned()),
            |milli| milli.to_string().replace('.', ","),
        ),
    }
}

/// A row of a list as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundRow {
    /// What it is known by.
    pub key: String,
    /// Its version.
    pub version: i32,
    /// How it is called.
    pub named: String,
    /// Its values, one a column.
    pub cells: Vec<String>,
    /// Values to choose from that a column has in this row alone.
    pub own: Vec<(usize, &'static [&'static str])>,
}

/// What the hidden sheet of a workbook says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Code of the list.
    pub list: String,
    /// Which of its kind: the report; what was chosen.
    pub of: String,
    /// The region.
    pub region: i64,
    /// Whose account it was given to.
    pub account: i64,
    /// When it was given out, UTC.
    pub given: NaiveDateTime,
    /// The last day on which it is taken back.
    pub until: NaiveDate,
}

/// What was given out of a row: its version and values.
pub type Given = (i32, Vec<String>);

/// A workbook that was brought back, as it came. It is compared anew each time it is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Brought {
    /// The stamp.
    pub stamp: Stamp,
    /// Names of the columns that were given out.
    pub names: Vec<String>,
    /// What was given out, by row key.
    pub given: BTreeMap<String, Given>,
    /// Name of the sheet.
    pub sheet: String,
    /// Whether its serial dates count from 1904.
    pub from_1904: bool,
    /// Headers.
    pub head: Vec<String>,
    /// Rows below the headers: number as the sheet shows it, coded cells.
    pub rows: Vec<(u32, Vec<String>)>,
}

impl Brought {
    /// The place of a header.
    #[must_use]
    pub fn place(&self, title: &str) -> Option<usize> {
        let key = search_key(title);
        self.head.iter().position(|own| search_key(own) == key)
    }

    /// What was given out in a column of a row.
    #[must_use]
    pub fn given_out(&self, key: &str, name: &str) -> Option<&str> {
        let place = self.names.iter().position(|own| own == name)?;
        self.given.get(key)?.1.get(place).map(String::as_str)
    }
}

/// How a cell stands between what was given out, what is stored now, and what the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Meeting {
    /// The file says what is stored.
    Same,
    /// The file has left it as it was given out; it may have been changed since.
    Left,
    /// The file has changed it, and nobody else has.
    Changed,
    /// Both have changed it, each in another way: a person is asked.
    Conflict,
}

/// Compares the three.
#[must_use]
pub fn meet(given: &str, now: &str, file: &str) -> Meeting {
    let given = if planted!("base_ignored") { now } else { given };
    if file == now {
        Meeting::Same
    } else if file == given {
        Meeting::Left
    } else if now == given || planted!("conflict_taken_from_file") {
        Meeting::Changed
    } else {
        Meeting::Conflict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_conflict_only_where_both_have_changed_it_differently() {
        assert_eq!(meet("а", "а", "а"), Meeting::Same);
        assert_eq!(meet("а", "б", "а"), Meeting::Left);
        assert_eq!(meet("а", "а", "б"), Meeting::Changed);
        assert_eq!(meet("а", "б", "б"), Meeting::Same);
        assert_eq!(meet("а", "б", "в"), Meeting::Conflict);
    }

    #[test]
    fn cells_come_back_as_the_form_has_them() {
        let list = || {
            let of = |code: &str, name: &str| (code.to_owned(), name.to_owned());
            vec![of("a", "Школа"), of("b", "Школа"), of("c", "Лицей")]
        };
        let one = RoundColumn::edited("unit", "Кто", Holds::one(list()));
        assert_eq!(one.shown("a"), "Школа (a)");
        for code in ["a", "b", "c", ""] {
            let back = one.read_cell(&Cell::text(one.shown(code)), false);
            assert_eq!(back.as_deref().ok(), Some(code));
        }
        let several = RoundColumn::edited("whom", "Кому", Holds::several(list()));
        assert_eq!(
            several.read_cell(&Cell::text("лицей; a"), false).as_deref().ok(),
            Some("a,c")
        );
        let number = |text: &'static str| Cell {
            kind: CellKind::Number,
            formula: false,
            text: text.into(),
        };
        let value = RoundColumn::edited("value", "Подано", Holds::Value);
        assert_eq!(value.read_cell(&number("12.5"), false).as_deref().ok(), Some("12,5"));
        assert_eq!(
            value.read_cell(&Cell::text("12,50"), false).as_deref().ok(),
            Some("12,5")
        );
        assert_eq!(value.read_cell(&Cell::text("-"), false).as_deref().ok(), Some("–"));
        let day = RoundColumn::edited("from", "С", Holds::Day);
        assert_eq!(
            day.read_cell(&number("45170"), false).as_deref().ok(),
            Some("01.09.2023")
        );
        let codes = RoundColumn::edited("units", "Кто", Holds::Codes);
        assert_eq!(
            codes.read_cell(&Cell::text("М2=8;М1, М2=8"), false).as_deref().ok(),
            Some("М1; М2=8")
        );
        let whole = RoundColumn::edited("unit", "Кто", Holds::one(list()).or_nothing("r", "Регион"));
        for nothing in ["r", "регион", ""] {
            assert_eq!(whole.read_cell(&Cell::text(nothing), false).as_deref().ok(), Some(""));
        }
        let words = RoundColumn::edited("title", "Название", Holds::Words);
        assert_eq!(
            words.read_cell(&Cell::text("=1+1"), false).as_deref().ok(),
            Some("=1+1")
        );
        let made = Cell {
            formula: true,
            ..number("2")
        };
        assert!(words.read_cell(&made, false).is_err());
    }
}
