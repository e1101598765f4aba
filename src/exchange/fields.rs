//! Typed reading of a row's cells: every wrong cell is named with its column, its value and what to do.

use chrono::{Datelike, NaiveDate};

use super::batch::Kind;
use super::columns::{self, Mapping};
use super::sheet::{Cell, CellKind, Cells};
use crate::db::milli::Milli;
use crate::db::text_keys::clean;
use crate::error::Refusal;

/// What is wrong with a row, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Header of the column; empty when the whole row is meant.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// Why it is refused and what to do.
    pub refusal: Refusal,
}

impl Problem {
    /// A problem of the row as a whole.
    #[must_use]
    pub fn of_row(refusal: Refusal) -> Self {
        Self {
            column: String::new(),
            value: String::new(),
            refusal,
        }
    }

    /// A problem of a column that showed itself when the row was compared with what is stored.
    #[must_use]
    pub fn at(kind: Kind, name: &str, value: impl std::fmt::Display, refusal: Refusal) -> Self {
        let column = columns::of(kind).iter().find(|c| c.name == name);
        Self {
            column: column.map_or_else(String::new, |c| c.title.clone()),
            value: value.to_string(),
            refusal,
        }
    }
}

/// A unit that a cell names by its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedUnit {
    /// Header of the column.
    pub column: String,
    /// The code.
    pub code: String,
}

/// Фамилия, имя, отчество as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameParts {
    /// Фамилия.
    pub last: String,
    /// Имя.
    pub first: String,
    /// Отчество, where there is one.
    pub patronymic: Option<String>,
}

/// Whether a text of a cell says "no value".
#[must_use]
pub fn is_nothing(text: &str) -> bool {
    matches!(text.trim(), "" | "-" | "–" | "—")
}

/// The cells of one row by the names of their columns.
#[derive(Debug)]
pub struct Fields<'a> {
    mapping: &'a Mapping,
    cells: &'a Cells<'a>,
    from_1904: bool,
    problems: Vec<Problem>,
    formulas: Vec<usize>,
    units: Vec<NamedUnit>,
}

impl<'a> Fields<'a> {
    /// The cells of a row; `from_1904` says from when the sheet counts days.
    #[must_use]
    pub fn new(mapping: &'a Mapping, cells: &'a Cells<'a>, from_1904: bool) -> Self {
        Self {
            mapping,
            cells,
            from_1904,
            problems: Vec::new(),
            formulas: Vec::new(),
            units: Vec::new(),
        }
    }

    /// What was found wrong, the columns whose cached formula values were taken, and the units that the row names.
    #[must_use]
    pub fn finish(self) -> (Vec<Problem>, Vec<usize>, Vec<NamedUnit>) {
        (self.problems, self.formulas, self.units)
    }

    /// What a column says, or `None` where the file has no such column: an empty cell says "no value", a missing column
    /// says nothing.
    pub fn given<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> T) -> Option<T> {
        self.has(name).then(|| read(self, name))
    }

    /// Whether the file has a column, or something is given for it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.mapping.place(name).is_some() || self.mapping.given(name).is_some()
    }

    /// The header of a column as the file has it, or its usual title.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        self.mapping.called(name).to_owned()
    }

    /// Adds a problem of a column.
    pub fn problem(&mut self, name: &str, refusal: Refusal) {
        let problem = self.problem_at(name, refusal);
        self.problems.push(problem);
    }

    /// A problem of a column, for rules that are checked later.
    #[must_use]
    pub fn problem_at(&self, name: &str, refusal: Refusal) -> Problem {
        let value = self.cell_of(name).map_or("", |cell| &cell.text);
        Problem {
            column: self.header(name),
            value: value.chars().take(80).collect(),
            refusal,
        }
    }

    /// Cells that hold something under headers that mean nothing to the kind of file: header and text, and whether a
    /// formula made it.
    pub fn others(&self) -> impl Iterator<Item = (&'a str, &'a Cell<'a>)> {
        let (mapping, cells) = (self.mapping, self.cells);
        let all = mapping.others().map(|(place, header)| (header, cells.at(place)));
        all.filter(|(_, cell)| !is_nothing(&cell.text))
    }

    /// Where a column stands in the sheet or what is given for it.
    fn cell_of(&self, name: &str) -> Option<&'a Cell<'a>> {
        match self.mapping.place(name) {
            Some(place) => Some(self.cells.at(place)),
            None => self.mapping.given(name),
        }
    }

    /// The cell of a column unless it is empty; `-` is an empty one too.
    fn cell(&mut self, name: &str, takes_formulas: bool) -> Option<&'a Cell<'a>> {
        let cell = self.cell_of(name)?;
        if cell.formula && !takes_formulas {
            self.problem(name, Refusal::new("import.formula"));
            return None;
        }
        if is_nothing(&cell.text) {
            return None;
        }
        if cell.kind == CellKind::Error {
            self.problem(name, Refusal::new("import.error_value"));
            return None;
        }
        if let Some(place) = self.mapping.place(name).filter(|_| cell.formula) {
            self.formulas.push(place);
        }
        Some(cell)
    }

    /// Text, clean; `None` when empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let cell = self.cell(name, true)?;
        let text = match cell.kind {
            CellKind::Date => self.plain_date(name, cell)?.format("%d.%m.%Y").to_string(),
            _ => clean(&cell.text),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// Text with its lines as they are, for whoever takes it apart and cleans the parts; `None` when empty.
    pub fn lines(&mut self, name: &str) -> Option<String> {
        let cell = self.cell(name, true)?;
        match cell.kind {
            CellKind::Date => Some(self.plain_date(name, cell)?.format("%d.%m.%Y").to_string()),
            _ => Some(cell.text.to_string()),
        }
    }

    /// Text that must be there.
    pub fn required_text(&mut self, name: &str) -> Option<String> {
        let before = self.problems.len();
        let text = self.text(name);
        if text.is_none() && self.problems.len() == before {
            self.problem(name, Refusal::new("import.required"));
        }
        text
    }

    /// A date; `None` when empty.
    pub fn date(&mut self, name: &str) -> Option<NaiveDate> {
        let cell = self.cell(name, false)?;
        self.plain_date(name, cell)
    }

    /// A date that must be there.
    pub fn required_date(&mut self, name: &str) -> Option<NaiveDate> {
        let before = self.problems.len();
        let date = self.date(name);
        if date.is_none() && self.problems.len() == before {
            self.problem(name, Refusal::new("import.required"));
        }
        date
    }

    fn plain_date(&mut self, name: &str, cell: &Cell<'_>) -> Option<NaiveDate> {
        match read_date(cell, self.from_1904) {
            Ok(date) => Some(date),
            Err(refusal) => {
                self.problem(name, refusal);
                None
            }
        }
    }

    /// A number of thousandths that no formula made (a score, a maximum).
    pub fn score(&mut self, name: &str) -> Option<Milli> {
        let cell = self.cell(name, false);
        if cell.is_none() && !self.problems.iter().any(|p| p.column == self.header(name)) {
            self.problem(name, Refusal::new("import.required"));
        }
        self.milli(name, cell?)
    }

    /// A number of thousandths, not below zero; `None` when empty.
    pub fn amount(&mut self, name: &str) -> Option<Milli> {
        let cell = self.cell(name, true)?;
        let number = self.milli(name, cell)?;
        if number.0 < 0 {
            self.problem(name, Refusal::new("import.below_zero"));
            return None;
        }
        Some(number)
    }

    fn milli(&mut self, name: &str, cell: &Cell<'_>) -> Option<Milli> {
        let number = Milli::parse(&cell.text).filter(|_| cell.kind != CellKind::Date);
        if number.is_none() {
            self.problem(name, Refusal::new("import.not_a_number"));
        }
        number
    }

    /// A whole number, not below zero; `None` when empty.
    pub fn whole(&mut self, name: &str) -> Option<i32> {
        let number = self.amount(name)?;
        if number.0 % 1000 != 0 {
            self.problem(name, Refusal::new("import.not_whole"));
            return None;
        }
        Some(number.0 / 1000)
    }

    /// A whole number that must be there.
    pub fn required_whole(&mut self, name: &str) -> Option<i32> {
        let before = self.problems.len();
        let number = self.whole(name);
        if number.is_none() && self.problems.len() == before {
            self.problem(name, Refusal::new("import.required"));
        }
        number
    }

    /// «да» or «нет»; `None` when empty.
    pub fn yes_no(&mut self, name: &str) -> Option<bool> {
        let cell = self.cell(name, true)?;
        match clean(&cell.text).to_lowercase().as_str() {
            "да" | "1" | "+" | "true" | "истина" | "yes" | "соответствует" => Some(true),
            "нет" | "0" | "false" | "ложь" | "no" | "не соответствует" => Some(false),
            _ => {
                self.problem(name, Refusal::new("import.yes_no"));
                None
            }
        }
    }

    /// A value of a list, by its label, its code or another word for it, in any case; `None` when empty.
    pub fn choice<T: Copy>(&mut self, name: &str, list: &Choice<T>) -> Option<T> {
        let cell = self.cell(name, list.formulas)?;
        let found = list.find(&cell.text);
        if found.is_none() {
            let refusal = Refusal::new("import.unknown_value").with("known", list.known());
            self.problem(name, refusal);
        }
        found
    }

    /// A value of a list that must be there.
    pub fn required_choice<T: Copy>(&mut self, name: &str, list: &Choice<T>) -> Option<T> {
        let before = self.problems.len();
        let found = self.choice(name, list);
        if found.is_none() && self.problems.len() == before {
            self.problem(name, Refusal::new("import.required"));
        }
        found
    }

    /// A value that no formula may have made and that `parse` accepts (СНИЛС); `None` when empty.
    pub fn checked<T, E>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
        advice: impl FnOnce(E) -> Refusal,
    ) -> Option<T> {
        let cell = self.cell(name, false)?;
        match parse(&cell.text) {
            Ok(value) => Some(value),
            Err(e) => {
                self.problem(name, advice(e));
                None
            }
        }
    }

    /// Words separated by `;`.
    pub fn list(&mut self, name: &str) -> std::collections::BTreeSet<String> {
        self.text(name).map_or_else(Default::default, |text| {
            text.split(';')
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty())
                .collect()
        })
    }

    /// Codes separated by `;` or `,`.
    pub fn codes(&mut self, name: &str) -> Vec<String> {
        self.text(name).map_or_else(Vec::new, |text| {
            text.split([';', ','])
                .map(|code| code.trim().to_owned())
                .filter(|code| !code.is_empty())
                .collect()
        })
    }

    /// The code of a unit; `None` when empty.
    pub fn unit(&mut self, name: &str) -> Option<String> {
        let code = self.text(name)?;
        self.names_unit(name, &code);
        Some(code)
    }

    /// The code of a unit that must be there.
    pub fn required_unit(&mut self, name: &str) -> Option<String> {
        let code = self.required_text(name)?;
        self.names_unit(name, &code);
        Some(code)
    }

    /// Codes of units separated by `;` or `,`.
    pub fn units(&mut self, name: &str) -> Vec<String> {
        let codes = self.codes(name);
        for code in &codes {
            self.names_unit(name, code);
        }
        codes
    }

    /// Notes that a column names a unit by its code: of a row that is refused for something else it is said at once whether
    /// there is such a unit.
    pub fn names_unit(&mut self, name: &str, code: &str) {
        let column = self.header(name);
        self.units.push(NamedUnit {
            column,
            code: code.to_owned(),
        });
    }

    /// The name from its three columns or from «ФИО»; `None` when none is given at all.
    pub fn name(&mut self) -> Option<NameParts> {
        if self.mapping.place("last_name").is_some() {
            let (last, first) = (self.text("last_name"), self.text("first_name"));
            let patronymic = self.text("patronymic");
            return match (last, first) {
                (Some(last), Some(first)) => Some(NameParts {
                    last,
                    first,
                    patronymic,
                }),
                (None, None) => None,
                (last, _) => {
                    let lacking = if last.is_none() { "last_name" } else { "first_name" };
                    self.problem(lacking, Refusal::new("import.required"));
                    None
                }
            };
        }
        let full = self.text("full_name")?;
        let mut words = full.splitn(3, ' ').map(str::to_owned);
        match (words.next(), words.next(), words.next()) {
            (Some(last), Some(first), patronymic) => Some(NameParts {
                last,
                first,
                patronymic,
            }),
            _ => {
                self.problem("full_name", Refusal::new("import.full_name"));
                None
            }
        }
    }

    /// The name, which must be there.
    pub fn required_name(&mut self) -> Option<NameParts> {
        let before = self.problems.len();
        let name = self.name();
        if name.is_none() && self.problems.len() == before {
            let column = if self.mapping.place("last_name").is_some() {
                "last_name"
            } else {
                "full_name"
            };
            self.problem(column, Refusal::new("import.required"));
        }
        name
    }
}

/// A closed list of values with the words that name them.
pub struct Choice<T: 'static> {
    /// The values with their codes and labels.
    pub values: &'static [T],
    /// The code of a value.
    pub code: fn(T) -> &'static str,
    /// The label of a value.
    pub label: fn(T) -> &'static str,
    /// Other words, in lower case, е for ё.
    pub more: &'static [(&'static str, T)],
    /// Whether a formula may make the value.
    pub formulas: bool,
}

impl<T: Copy> Choice<T> {
    fn find(&self, text: &str) -> Option<T> {
        let given = clean(text).to_lowercase().replace('ё', "е");
        // Compared letter by letter: no label is copied, since every row of a long file asks.
        let says = |word: &str| {
            let plain = word
                .chars()
                .flat_map(char::to_lowercase)
                .map(|c| if c == 'ё' { 'е' } else { c });
            plain.eq(given.chars())
        };
        let own = self.values.iter().copied();
        let mut named = own.filter(|v| (self.code)(*v) == given || says((self.label)(*v)));
        named
            .next()
            .or_else(|| self.more.iter().find(|(word, _)| *word == given).map(|(_, v)| *v))
    }

    fn known(&self) -> String {
        self.values
            .iter()
            .map(|v| (self.label)(*v))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Days of a serial date that is taken for one: 1927 to 2119. A bare year or a small number is no date.
const SERIALS: std::ops::RangeInclusive<i64> = 10_000..=80_000;

/// A date as sheets and people write it.
///
/// # Errors
/// What is wrong with it.
pub fn read_date(cell: &Cell<'_>, from_1904: bool) -> Result<NaiveDate, Refusal> {
    let not_a_date = || Refusal::new("import.not_a_date");
    if cell.kind == CellKind::Number {
        let whole = cell.text.split('.').next().unwrap_or_default();
        let serial: i64 = whole.parse().map_err(|_| not_a_date())?;
        let serial = if from_1904 { serial + 1462 } else { serial };
        let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).ok_or_else(not_a_date)?;
        return Some(serial)
            .filter(|serial| SERIALS.contains(serial))
            .and_then(|serial| epoch.checked_add_signed(chrono::Duration::days(serial)))
            .ok_or_else(not_a_date);
    }
    let text = clean(&cell.text);
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let (parts, order) = if day.contains('-') {
        (day.split('-').collect::<Vec<_>>(), [0, 1, 2])
    } else {
        (day.trim_end_matches("г.").split('.').collect::<Vec<_>>(), [2, 1, 0])
    };
    if parts.len() != 3
        || !parts
            .iter()
            .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(not_a_date());
    }
    let [year, month, day] = order.map(|place| parts[place]);
    if year.len() == 2 {
        return Err(Refusal::new("import.two_digit_year"));
    }
    let number = |text: &str| text.parse::<u32>().ok();
    let year = year.parse::<i32>().ok().filter(|_| year.len() == 4);
    let (Some(year), Some(month), Some(day)) = (year, number(month), number(day)) else {
        return Err(not_a_date());
    };
    NaiveDate::from_ymd_opt(year, month, day)
        .filter(|date| (1900..=2119).contains(&date.year()))
        .ok_or_else(not_a_date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn number(text: &str) -> Cell<'_> {
        Cell {
            kind: CellKind::Number,
            formula: false,
            text: text.into(),
        }
    }

    #[test]
    fn dates_read_as_people_and_sheets_write_them() {
        for (text, date) in [
            ("01.09.2023", day(2023, 9, 1)),
            ("1.9.2023", day(2023, 9, 1)),
            ("2023-09-01", day(2023, 9, 1)),
            ("2023-09-01T00:00:00", day(2023, 9, 1)),
            ("01.09.2023 0:00", day(2023, 9, 1)),
            ("29.02.2024", day(2024, 2, 29)),
        ] {
            assert_eq!(read_date(&Cell::text(text), false), Ok(date), "{text}");
        }
        assert_eq!(read_date(&number("45170"), false), Ok(day(2023, 9, 1)));
        assert_eq!(read_date(&number("43708"), true), Ok(day(2023, 9, 1)));
        assert_eq!(read_date(&number("10000"), false), Ok(day(1927, 5, 18)));
    }

    #[test]
    fn what_is_no_date_is_refused_and_never_guessed() {
        for text in [
            "9/1/2023",
            "31.02.2023",
            "2023",
            "45170",
            "сентябрь 2023",
            "01.09",
            "01.13.2023",
            "0001-01-01",
        ] {
            let code = read_date(&Cell::text(text), false).unwrap_err().code;
            assert_eq!(code, "import.not_a_date", "{text}");
        }
        for text in ["2023", "9999", "80001", "-1", "1e5"] {
            assert!(read_date(&number(text), false).is_err(), "{text}");
        }
        let short = read_date(&Cell::text("01.09.23"), false).unwrap_err();
        assert_eq!(short.code, "import.two_digit_year");
    }
}
