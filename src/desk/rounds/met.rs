//! A workbook that came back beside what was given out and what stands now: row by row, cell by cell. Nothing is stored of it:
//! it is made anew for the page and once more in the transaction that writes, and both must be the same.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::audit;
use crate::db::text_keys::clean;
use crate::desk::rounds::list::{Merged, Rounds, Told};
use crate::error::Refusal;
use crate::exchange::round::{Brought, Holds, KEY, Meeting, RoundColumn, RoundRow, meet};
use crate::exchange::round_book::LISTS;
use crate::exchange::sheet::Cell;
use crate::pages::text::{capital, count};
use crate::planted;

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Fate {
    /// It says what stands.
    Unchanged,
    /// It is new.
    New,
    /// It is changed.
    Changed,
    /// Somebody else has changed the same cell: a person decides.
    Asks,
    /// It cannot be written.
    Wrong,
}

/// A cell that says something else than what stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MetCell {
    /// The place of its column.
    pub column: usize,
    /// What was given out; `None` where the row was not.
    pub given: Option<String>,
    /// What stands now.
    pub now: String,
    /// What the file says.
    pub file: String,
    /// Whether both sides have changed it.
    pub asks: bool,
}

/// What is wrong with a row.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MetWrong {
    /// Header of the column; empty for the whole row.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What to do.
    pub advice: String,
}

/// A row of the file.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MetRow {
    /// Its number in the sheet.
    pub number: u32,
    /// Its key; empty for a new one.
    pub key: String,
    /// How it is called.
    pub named: String,
    /// The version that stands.
    pub version: i32,
    /// What becomes of it.
    pub fate: Fate,
    /// Its cells that differ.
    pub cells: Vec<MetCell>,
    /// What is wrong.
    pub wrong: Vec<MetWrong>,
    /// What stands, one a column.
    now: Vec<String>,
}

impl MetRow {
    /// The name of the question about a cell.
    pub fn question(&self, cell: &MetCell) -> String {
        format!("c.{}.{}", self.number, cell.column)
    }

    /// The row as it is to be written, taking from the file the cells that `takes` allows.
    pub fn merged(&self, columns: &[RoundColumn], takes: impl Fn(&MetCell) -> bool) -> Merged {
        let mut values = self.now.clone();
        let mut changed = Vec::new();
        for cell in self.cells.iter().filter(|cell| takes(cell)) {
            if let (Some(value), Some(column)) = (values.get_mut(cell.column), columns.get(cell.column)) {
                value.clone_from(&cell.file);
                changed.push(column.name);
            }
        }
        Merged {
            number: self.number,
            key: self.key.clone(),
            values,
            changed,
        }
    }
}

/// The whole file.
#[derive(Debug, Clone)]
pub(crate) struct Met {
    /// Rows in the order of the file.
    pub rows: Vec<MetRow>,
    /// What its rows would be told of by their page once they are written: the number of the row, where the file has it.
    pub told: Vec<(Option<u32>, Told)>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

impl Met {
    /// How many rows have a fate.
    pub fn of(&self, fate: Fate) -> usize {
        self.rows.iter().filter(|row| row.fate == fate).count()
    }

    /// The digest of all that is decided about: another one means that something has changed meanwhile.
    pub fn seen(&self) -> String {
        let all: Vec<&MetRow> = self.rows.iter().filter(|row| row.fate != Fate::Unchanged).collect();
        audit::digest(serde_json::to_string(&all).unwrap_or_default().as_bytes())
    }
}

/// Keys of the rows of a file.
pub(crate) fn keys(brought: &Brought) -> Vec<String> {
    let place = brought.place(KEY);
    let key = |cells: &Vec<String>| {
        let cell = place.and_then(|at| cells.get(at));
        cell.map_or_else(String::new, |cell| clean(&Cell::of_code(cell).text))
    };
    brought.rows.iter().map(|(_, cells)| key(cells)).collect()
}

/// What the new rows of a file say in a column.
pub(crate) fn new_values(brought: &Brought, column: &RoundColumn) -> Vec<String> {
    let place = brought.place(column.title);
    let new = brought.rows.iter().zip(keys(brought)).filter(|(_, key)| key.is_empty());
    let said = new.filter_map(|((_, cells), _)| {
        let cell = Cell::of_code(cells.get(place?)?);
        column.read_cell(&cell, brought.from_1904).ok()
    });
    said.filter(|text| !text.is_empty()).collect()
}

/// Compares a file with what was given out and with what stands.
pub(crate) fn met(list: &dyn Rounds, brought: &Brought) -> Met {
    let columns = list.columns();
    let reading = Reading {
        list,
        brought,
        places: columns.iter().map(|column| brought.place(column.title)).collect(),
        by_key: list.rows().iter().map(|row| (row.key.as_str(), row)).collect(),
    };
    let mut notes = Vec::new();
    for (column, place) in columns.iter().zip(&reading.places) {
        if place.is_none() && column.edited {
            notes.push(format!(
                "Столбца «{}» в файле нет: он остаётся как в системе.",
                column.title
            ));
        }
    }
    let (mut rows, mut read_only) = (Vec::new(), 0);
    let (mut stood, mut new): (HashSet<String>, HashSet<Vec<String>>) = (HashSet::new(), HashSet::new());
    for ((number, cells), key) in brought.rows.iter().zip(keys(brought)) {
        let Some(mut row) = reading.row(*number, cells, key.clone(), &mut read_only) else {
            continue;
        };
        let twice = if key.is_empty() {
            row.fate == Fate::New
                && !new.insert(
                    row.cells
                        .iter()
                        .map(|cell| format!("{}={}", cell.column, cell.file))
                        .collect(),
                )
        } else {
            !stood.insert(key)
        };
        if twice {
            let advice = if row.key.is_empty() {
                "Такая же новая строка стоит выше: оставьте одну."
            } else {
                "Строка с этим ключом стоит выше: оставьте одну."
            };
            row.refuse("", "", advice);
        }
        rows.push(row);
    }
    let gone = brought.given.keys().filter(|key| !stood.contains(*key)).count();
    if gone > 0 {
        let words = count(i64::try_from(gone).unwrap_or(i64::MAX), "строки", "строк", "строк");
        notes.push(format!(
            "Из выданного в файле нет {words}: в системе ничего не удалено."
        ));
    }
    if read_only > 0 {
        let words = count(read_only, "ячейка", "ячейки", "ячеек");
        notes.push(format!(
            "В столбцах только для чтения изменено: {words}. Эти правки не читаются."
        ));
    }
    let told = told(list, &rows);
    Met { rows, told, notes }
}

/// What the page would say of the rows that are written, where each question is answered with the file.
fn told(list: &dyn Rounds, rows: &[MetRow]) -> Vec<(Option<u32>, Told)> {
    let writes = |row: &&MetRow| matches!(row.fate, Fate::New | Fate::Changed | Fate::Asks);
    let merged = rows.iter().filter(writes);
    let merged: Vec<Merged> = merged.map(|row| row.merged(list.columns(), |_| true)).collect();
    let number = |told: &Told| rows.iter().find(|row| row.key == told.key).map(|row| row.number);
    let told = list.told(&merged).into_iter();
    told.map(|told| (number(&told), told)).collect()
}

impl MetRow {
    /// Refuses a value of a column: one that its list does not know says where its names stand.
    fn refuse_in(&mut self, column: &RoundColumn, value: &str, advice: &str) {
        let unknown = match &column.holds {
            Holds::One(list) | Holds::Several(list) => !value.is_empty() && !list.names(value),
            _ => false,
        };
        let more = if unknown {
            format!("{advice} В файле стоит «{value}»: возьмите название с листа «{LISTS}».")
        } else {
            advice.to_owned()
        };
        self.refuse(column.title, value, &more);
    }

    fn refuse(&mut self, column: &str, value: &str, advice: &str) {
        self.fate = Fate::Wrong;
        self.wrong.push(MetWrong {
            column: column.to_owned(),
            value: value.to_owned(),
            advice: advice.to_owned(),
        });
    }
}

struct Reading<'a> {
    list: &'a dyn Rounds,
    brought: &'a Brought,
    places: Vec<Option<usize>>,
    by_key: HashMap<&'a str, &'a RoundRow>,
}

impl Reading<'_> {
    /// A row of the file; `None` where nothing stands in it.
    fn row(&self, number: u32, cells: &[String], key: String, read_only: &mut i64) -> Option<MetRow> {
        let columns = self.list.columns();
        let at = |place: &Option<usize>| {
            place
                .and_then(|at| cells.get(at))
                .map_or(Cell::EMPTY, |text| Cell::of_code(text))
        };
        let blank = |(column, place): (&RoundColumn, &Option<usize>)| {
            !column.edited || at(place).is_empty() && !at(place).formula
        };
        if key.is_empty() && columns.iter().zip(&self.places).all(blank) {
            return None;
        }
        let standing = self.by_key.get(key.as_str()).copied().filter(|_| !key.is_empty());
        let mut row = MetRow {
            number,
            named: standing.map(|row| row.named.clone()).unwrap_or_default(),
            version: standing.map_or(0, |row| row.version),
            fate: Fate::Unchanged,
            cells: Vec::new(),
            wrong: Vec::new(),
            now: standing.map_or_else(|| vec![String::new(); columns.len()], |row| row.cells.clone()),
            key,
        };
        if !row.key.is_empty() && standing.is_none() {
            let key = row.key.clone();
            row.refuse(
                KEY,
                &key,
                "Такой строки среди ваших нет: её могли отозвать. Уберите строку или скачайте файл заново.",
            );
            return Some(row);
        }
        if let Some(why) = self.list.no_new().filter(|_| row.key.is_empty()) {
            row.refuse(KEY, "", why);
            return Some(row);
        }
        for (place, column) in columns.iter().enumerate() {
            let Some(at) = self.places.get(place).copied().flatten() else {
                continue;
            };
            let cell = cells.get(at).map_or(Cell::EMPTY, |text| Cell::of_code(text));
            let now = row.now.get(place).cloned().unwrap_or_default();
            let given = self.brought.given_out(&row.key, column.name).map(clean);
            let file = match column.read_cell(&cell, self.brought.from_1904) {
                Ok(file) if file.is_empty() => {
                    let other = self.list.as_another(column.name);
                    let other = other.and_then(|name| columns.iter().position(|column| column.name == name));
                    other.map_or(file, |other| self.said(&row, cells, other))
                }
                Ok(file) => file,
                // What a formula or a slip has made of a cell that is only read is not read either.
                Err(_) if !column.edited => continue,
                Err(why) => {
                    row.refuse(column.title, &cell.text, &sentence(&why));
                    continue;
                }
            };
            let meeting = match &given {
                Some(given) => meet(given, &now, &file),
                None if file == now => Meeting::Same,
                None if row.key.is_empty() => Meeting::Changed,
                // Nobody knows what was given out: whoever brings it is asked.
                None => Meeting::Conflict,
            };
            if !column.edited && !planted!("computed_typed_in") {
                *read_only += i64::from(given.is_some_and(|given| given != file));
                continue;
            }
            if matches!(meeting, Meeting::Changed | Meeting::Conflict) {
                row.cells.push(MetCell {
                    column: place,
                    given,
                    now,
                    file,
                    asks: meeting == Meeting::Conflict,
                });
            }
        }
        self.settle(&mut row);
        Some(row)
    }

    /// What a row of the file says in a column, or what stands there where it cannot be read.
    fn said(&self, row: &MetRow, cells: &[String], place: usize) -> String {
        let column = self.list.columns().get(place);
        let at = self.places.get(place).copied().flatten();
        let cell = at
            .and_then(|at| cells.get(at))
            .map_or(Cell::EMPTY, |text| Cell::of_code(text));
        let file = at
            .and(column)
            .and_then(|column| column.read_cell(&cell, self.brought.from_1904).ok());
        file.unwrap_or_else(|| row.now.get(place).cloned().unwrap_or_default())
    }

    /// What becomes of a row whose cells are compared.
    fn settle(&self, row: &mut MetRow) {
        let columns = self.list.columns();
        let unread: Vec<String> = row.wrong.iter().map(|one| one.column.clone()).collect();
        if row.cells.is_empty() || !unread.is_empty() && planted!("errors_in_stages") {
            return;
        }
        let merged = row.merged(columns, |_| true);
        if row.key.is_empty() {
            row.named = called(columns, self.list.called_by(), &merged.values);
        }
        if row.key.is_empty() && unread.is_empty() {
            // Brought a second time, a new row is there already; a code that the program made is not in the file.
            let same = |stands: &RoundRow| {
                let mut all = columns.iter().zip(&stands.cells).zip(&merged.values);
                all.all(|((column, stands), value)| {
                    let beside = column.name == "code" && value.is_empty() || self.list.beside().contains(&column.name);
                    beside || !column.edited || alike(stands, &self.list.means(column.name, value))
                })
            };
            if self.list.rows().iter().any(same) {
                row.cells.clear();
                return;
            }
        }
        // What cannot be read is told already; what else is wrong is told with it.
        for (name, text) in self.list.wrong(&merged) {
            let at = columns.iter().position(|column| column.name == name);
            let column = at.and_then(|at| columns.get(at));
            if column.is_some_and(|column| unread.iter().any(|title| title == column.title)) {
                continue;
            }
            let value = at.and_then(|at| merged.values.get(at)).cloned().unwrap_or_default();
            let shown = column.map_or_else(String::new, |column| column.shown(&value));
            match column {
                Some(column) => row.refuse_in(column, &shown, &text),
                None => row.refuse("", &shown, &text),
            }
        }
        if row.fate == Fate::Wrong {
            return;
        }
        row.fate = if row.key.is_empty() {
            Fate::New
        } else if row.cells.iter().any(|cell| cell.asks) {
            Fate::Asks
        } else {
            Fate::Changed
        };
    }
}

/// Whether two texts say the same; of words with semicolons between them the order says nothing.
fn alike(one: &str, other: &str) -> bool {
    let words = |text: &str| -> std::collections::BTreeSet<String> {
        let words = text.split([';', ',']).map(|word| word.trim().to_owned());
        words.filter(|word| !word.is_empty()).collect()
    };
    one == other || one.contains([';', ',']) && words(one) == words(other)
}

/// How a new row is called: by one of its columns.
fn called(columns: &[RoundColumn], by: &str, values: &[String]) -> String {
    let at = columns.iter().position(|column| column.name == by);
    at.and_then(|at| values.get(at)).cloned().unwrap_or_default()
}

/// A refusal as a sentence.
pub(crate) fn sentence(why: &Refusal) -> String {
    capital(&format!("{why}."))
}
