//! The columns of a file as they were understood, each with a choice of what it holds.

use serde::Serialize;

use crate::exchange::preview::Preview;
use crate::exchange::upload::Upload;
use crate::exchange::{Chosen, Kind, Mode, columns};
use crate::pages::parts::{Choice, Select};

#[derive(Serialize)]
pub(crate) struct Columns {
    place: String,
    missing: String,
    optional: String,
    fields: Vec<Select>,
    /// What may be said for every row where the file lacks a column that is needed.
    given: Vec<Line>,
    mode: Select,
}

/// A line to be filled in.
#[derive(Serialize)]
struct Line {
    name: String,
    label: String,
    hint: String,
    value: String,
    long: bool,
    problem: Option<String>,
}

/// Columns that may be said once for every row, where the file has none: what is needed of it and no person.
pub(crate) fn sayable(kind: Kind) -> impl Iterator<Item = &'static columns::Column> {
    let named =
        |c: &&columns::Column| c.required && !matches!(c.name.as_str(), "snils" | "last_name" | "first_name" | "code");
    columns::of(kind).iter().filter(named)
}

/// The field of the form where a column is said for every row.
pub(crate) fn field_of(column: &str) -> String {
    format!("g-{column}")
}

/// Titles of columns in a sentence.
pub(crate) fn listed(titles: &[&str]) -> String {
    titles.iter().map(|t| format!("«{t}»")).collect::<Vec<_>>().join(", ")
}

/// The form over the columns of a file.
pub(crate) fn columns_of(row: &Upload, preview: &Preview, chosen: &Chosen, mode: Mode, missing: &[&str]) -> Columns {
    let known = columns::of(row.kind);
    let placed = |place: usize| {
        chosen
            .places
            .iter()
            .find(|(_, at)| *at == place)
            .map(|(name, _)| name.as_str())
    };
    let stands = |name: &str| chosen.places.iter().any(|(own, _)| own == name);
    // A wide file of results: what its other columns hold is said of the platform.
    let unread = if row.kind == Kind::Results && !stands("competence") {
        "по описанию платформы"
    } else {
        "не использовать"
    };
    let given = |name: &str| {
        let said = chosen.given.iter().find(|(own, _)| own == name);
        said.map_or_else(String::new, |(_, value)| value.clone())
    };
    let field = |place: usize| {
        let header = preview.headers.get(place).map_or("", String::as_str);
        let sample = preview
            .rows
            .iter()
            .filter_map(|r| r.get(place))
            .filter(|t| !t.is_empty());
        let sample: Vec<&str> = sample.map(String::as_str).take(3).collect();
        let label = if header.is_empty() {
            format!("Столбец {} без заголовка", place + 1)
        } else {
            format!("«{header}»")
        };
        let none = Choice {
            value: String::new(),
            label: unread.into(),
            chosen: placed(place).is_none(),
        };
        let columns = known.iter().map(|c| Choice {
            value: c.name.clone(),
            label: if c.required {
                format!("{} (нужен)", c.title)
            } else {
                c.title.clone()
            },
            chosen: placed(place) == Some(c.name.as_str()),
        });
        Select {
            name: format!("c{place}"),
            label,
            hint: Some(if sample.is_empty() {
                "В первых строках пусто.".to_owned()
            } else {
                format!("Например: {}", sample.join(" · "))
            }),
            choices: std::iter::once(none).chain(columns).collect(),
            problem: None,
        }
    };
    let optional: Vec<&str> = known
        .iter()
        .filter(|c| !c.required && !stands(&c.name) && c.replaces.is_empty())
        .map(|c| c.title.as_str())
        .collect();
    let choice = |of: Mode, label: &str| Choice {
        value: of.code().to_owned(),
        label: label.to_owned(),
        chosen: of == mode,
    };
    Columns {
        place: format!("Лист «{}», заголовки в строке {}.", preview.sheet, preview.row),
        missing: listed(missing),
        optional: listed(&optional),
        fields: (0..preview.headers.len()).map(field).collect(),
        given: sayable(row.kind)
            .filter(|c| !stands(&c.name))
            .map(|c| Line {
                name: field_of(&c.name),
                label: format!("{} – для всех строк", c.title),
                hint: c.holds.clone(),
                value: given(&c.name),
                long: false,
                problem: None,
            })
            .collect(),
        mode: Select {
            name: "mode".into(),
            label: "Что делать с тем, что уже есть в базе".into(),
            hint: None,
            choices: vec![
                choice(Mode::Merge, "Добавить новое и обновить изменённое"),
                choice(Mode::Add, "Добавить только новое"),
            ],
            problem: None,
        },
    }
}
