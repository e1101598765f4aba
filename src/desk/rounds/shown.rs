//! A workbook that came back, as its page shows it: what is asked, what changes, what does not fit.

use serde::Serialize;

use crate::desk::rounds::met::{Fate, Met, MetRow};
use crate::exchange::round::RoundColumn;
use crate::pages::parts::{Cell, Choice, Column, Figure, Register};
use crate::pages::text::{NOTHING, count, number};

/// Rows of a table of the page at most; the rest is counted.
const SHOWN: usize = 100;
/// Questions of a page at most: those that are left come with the file once more.
pub(crate) const ASKED: usize = 100;

/// What is decided about a cell that both sides have changed.
pub(crate) const OF_SYSTEM: &str = "system";
/// The same, taken from the file.
pub(crate) const OF_FILE: &str = "file";

/// A question about a cell.
#[derive(Debug, Serialize)]
pub(crate) struct Question {
    name: String,
    title: String,
    given: String,
    now: String,
    file: String,
    choices: Vec<Choice>,
}

/// The body of the page.
#[derive(Debug, Serialize, Default)]
pub(crate) struct Shown {
    pub figures: Vec<Figure>,
    pub questions: Vec<Question>,
    /// What is said where there are more questions than are asked.
    pub more_questions: Option<String>,
    pub changes: Option<Register>,
    pub more_changes: Option<String>,
    pub wrong: Option<Register>,
    pub more_wrong: Option<String>,
    /// What the page of the list would say once the file is written.
    pub told: Option<Register>,
    pub more_told: Option<String>,
    pub notes: Vec<String>,
    /// The button; `None` where nothing can be written.
    pub button: Option<String>,
    /// What is said where there is no button.
    pub nothing: Option<&'static str>,
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// «3 строки».
pub(crate) fn rows(n: usize) -> String {
    count(whole(n), "строка", "строки", "строк")
}

fn or_nothing(text: String) -> String {
    if text.is_empty() { NOTHING.to_owned() } else { text }
}

/// How a row is called, with its number in the sheet.
fn called(row: &MetRow) -> String {
    if row.named.is_empty() {
        format!("строка {}", row.number)
    } else {
        format!("{}, строка {}", row.named, row.number)
    }
}

fn more(all: usize, shown: usize) -> Option<String> {
    (all > shown).then(|| format!("Показаны первые {} из {}.", number(whole(shown)), number(whole(all))))
}

/// What the page says of a file; `answered` is what was chosen in a form that is shown again.
pub(crate) fn shown(columns: &[RoundColumn], met: &Met, answered: impl Fn(&str) -> String) -> Shown {
    let figure = |n: usize, label: &str| Figure {
        shown: number(whole(n)),
        label: label.to_owned(),
        href: None,
        note: None,
    };
    let of = |fate| met.of(fate);
    let asks: Vec<&MetRow> = met.rows.iter().filter(|row| row.fate == Fate::Asks).collect();
    let mut questions = Vec::new();
    for row in &asks {
        for cell in row.cells.iter().filter(|cell| cell.asks) {
            let Some(column) = columns.get(cell.column) else {
                continue;
            };
            let name = row.question(cell);
            let chosen = answered(&name);
            let choices = [(OF_SYSTEM, "оставить как в системе"), (OF_FILE, "взять из файла")];
            questions.push(Question {
                title: format!("{}: {}", called(row), column.title),
                given: or_nothing(cell.given.as_deref().map(|v| column.shown(v)).unwrap_or_default()),
                now: or_nothing(column.shown(&cell.now)),
                file: or_nothing(column.shown(&cell.file)),
                choices: choices.map(|(code, label)| Choice::new(code, label, &chosen)).to_vec(),
                name,
            });
        }
    }
    let asked = questions.len();
    questions.truncate(ASKED);
    let mut changes = Vec::new();
    let written = met
        .rows
        .iter()
        .filter(|row| matches!(row.fate, Fate::New | Fate::Changed | Fate::Asks));
    for row in written {
        for cell in row.cells.iter().filter(|cell| !cell.asks) {
            let Some(column) = columns.get(cell.column) else {
                continue;
            };
            changes.push(vec![
                Cell::text(row.number.to_string()),
                Cell::text(if row.key.is_empty() {
                    format!("{} (новая)", row.named)
                } else {
                    row.named.clone()
                }),
                Cell::text(column.title),
                Cell::text(or_nothing(column.shown(&cell.now))),
                Cell::text(or_nothing(column.shown(&cell.file))),
            ]);
        }
    }
    let mut wrong = Vec::new();
    for row in met.rows.iter().filter(|row| row.fate == Fate::Wrong) {
        for one in &row.wrong {
            wrong.push(vec![
                Cell::text(row.number.to_string()),
                Cell::text(one.column.clone()),
                Cell::text(one.value.clone()),
                Cell::text(one.advice.clone()),
            ]);
        }
    }
    let told = met.told.iter().map(|(number, told)| {
        let number = number.map_or_else(|| NOTHING.to_owned(), |n| n.to_string());
        let words = [number, told.named.clone(), told.value.clone(), told.text.clone()];
        let mut cells: Vec<Cell> = words.map(|text| Cell::text(or_nothing(text))).to_vec();
        cells.push(Cell::text(told.then));
        cells
    });
    let mut told: Vec<Vec<Cell>> = told.collect();
    let (all_changes, all_wrong, all_told) = (changes.len(), wrong.len(), told.len());
    for rows in [&mut changes, &mut wrong, &mut told] {
        rows.truncate(SHOWN);
    }
    let heads = ["Строка", "Запись", "Столбец", "Сейчас", "Станет"];
    let wrong_heads = ["Строка", "Столбец", "Значение", "Что сделать"];
    let told_heads = ["Строка", "Запись", "Значение", "Что скажет страница", "Отправка"];
    let table = |caption: &str, heads: &[&'static str], rows: Vec<Vec<Cell>>| {
        let heads: Vec<Column> = heads.iter().map(|head| Column::words(head)).collect();
        (!rows.is_empty()).then(|| Register::new(caption, &heads, rows))
    };
    let writes = of(Fate::New) + of(Fate::Changed) + of(Fate::Asks);
    Shown {
        figures: vec![
            figure(of(Fate::Changed), "изменено"),
            figure(of(Fate::New), "новых"),
            figure(of(Fate::Asks), "ждут решения"),
            figure(of(Fate::Wrong), "не подходят"),
            figure(of(Fate::Unchanged), "без изменений"),
        ],
        more_questions: (asked > ASKED)
            .then(|| format!("Здесь первые {ASKED} вопросов. Об остальных спросим, когда вернёте файл ещё раз.")),
        questions,
        more_changes: more(all_changes, SHOWN),
        changes: table("Что изменится", &heads, changes),
        more_wrong: more(all_wrong, SHOWN),
        wrong: table("Строки, которые не подходят", &wrong_heads, wrong),
        more_told: more(all_told, SHOWN),
        told: table("Стоит проверить", &told_heads, told),
        notes: met.notes.clone(),
        button: (writes > 0).then(|| "Записать".to_owned()),
        nothing: match (writes, of(Fate::Wrong)) {
            (0, 0) => Some("В файле всё так же, как в системе: записывать нечего."),
            (0, _) => Some("Записать пока нечего: исправьте строки в файле и верните его снова."),
            _ => None,
        },
    }
}
