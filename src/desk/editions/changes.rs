//! What an edition says otherwise than the one before it, cell by cell.

use std::sync::Arc;

use super::list::found;
use super::told::{Said, said};
use crate::cycle::edition::changes::{self, Changed};
use crate::cycle::edition::values;
use crate::cycle::edition::{Edition, store};
use crate::db::AnyConn;
use crate::desk::indicators::figures::{HIDES, named};
use crate::desk::indicators::words;
use crate::desk::list::{self, List};
use crate::desk::registers::page::{Block, Sheet};
use crate::error::Error;
use crate::exchange::list_file::{FileCell, FileTable, MEDIA, workbook};
use crate::pages::parts::{Cell, Column, Empty, Link, Register};
use crate::pages::text::{NOTHING, date};
use crate::planted;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

/// What the columns are called.
const FIELDS: &[(&str, &str)] = &[
    ("unit_name", "название"),
    ("numerator", "числитель"),
    ("denominator", "знаменатель"),
    ("value", "значение"),
    ("points", "баллы"),
    ("zone", "уровень"),
    ("target", "план"),
    ("reported", "подано"),
    ("difference", "подано минус рассчитано"),
];

fn field(code: &str) -> &str {
    FIELDS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(code, |(_, words)| words)
}

/// What has changed: of a mean of units their values stand above the line, and they themselves below it.
fn what(of: &Changed, sides: &[Arc<Said>]) -> String {
    let seen = |said: &Arc<Said>| said.get(&of.indicator, &of.unit).and_then(|seen| seen.mean_of);
    let words = match (of.field, sides.iter().any(|said| seen(said).is_some())) {
        ("numerator", true) => "сумма значений",
        ("denominator", true) => "муниципалитетов со значением",
        (code, _) => field(code),
    };
    match of.breakdown_value.as_str() {
        "" => words.to_owned(),
        value => format!("{words}, {value}"),
    }
}

/// A change as it may be told.
struct Line {
    of: Changed,
    /// What stands on the pages of both editions, where one of them hides it.
    shown: Option<(String, String)>,
}

/// A change as whoever may not open lists may be told of it: as it is where neither page hides the number, by what stands on the
/// pages where they differ; nothing where both say the same.
fn told(of: Changed, sides: &[Arc<Said>]) -> Option<Line> {
    if of.field == "unit_name" || of.field == "target" {
        return Some(Line { of, shown: None });
    }
    if !of.breakdown.is_empty() {
        return None;
    }
    let seen = |said: &Arc<Said>| said.get(&of.indicator, &of.unit).cloned();
    let open = |said: &Arc<Said>| {
        seen(said).is_none_or(|seen| !seen.hidden && seen.upper.is_none() && seen.lower_told.is_none())
    };
    if sides.iter().all(open) {
        return Some(Line { of, shown: None });
    }
    let on_page = |said: &Arc<Said>, text: &str| {
        let Some(seen) = seen(said) else { return String::new() };
        match (of.field, said.pack.indicator(&of.indicator)) {
            ("numerator", _) => words::count_cell(seen.numerator_milli, seen.upper).text,
            ("denominator", _) => words::count_cell(seen.denominator_milli, seen.lower_told).text,
            ("value", Some(indicator)) => words::value_cell(indicator, &seen).text,
            ("points", _) => words::points_cell(&seen).text,
            _ if seen.hidden => String::new(),
            _ => written(&of, text, said),
        }
    };
    let (before, after) = (sides.first()?, sides.last()?);
    let shown = (on_page(before, &of.before), on_page(after, &of.after));
    (shown.0 != shown.1).then_some(Line { shown: Some(shown), of })
}

/// A cell of a change as it is written.
fn written(of: &Changed, text: &str, said: &Said) -> String {
    match of.field {
        "zone" => values::level(said.pack.indicator(&of.indicator), &said.units, text),
        "unit_name" => text.to_owned(),
        _ => values::milli(text).map_or_else(
            || values::points(text),
            |milli| words::fixed(milli, words::needed(milli)),
        ),
    }
}

/// GET /editions/{edition}/changes
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["unit", "indicator"])?;
        let (edition, _) = found(&call).await?;
        let names = call.visitor()?.may(Capability::Indicators);
        let of = edition.clone();
        let read = move |c: &mut AnyConn| -> Result<_, Error> {
            let before = match of.before_id {
                Some(id) => store::one(c, id)?,
                None => None,
            };
            let before: Edition = before.ok_or_else(|| Error::NotFound("предыдущий выпуск".into()))?;
            let sides = vec![said(c, &before, names)?, said(c, &of, names)?];
            Ok((changes::changes(c, &of)?, before, sides))
        };
        let (all, before, sides) = call.app().db.read(read).await?;
        let open = names || planted!("edition_changes_told");
        let one = |of: Changed| {
            if open {
                Some(Line { of, shown: None })
            } else {
                told(of, &sides)
            }
        };
        let every = all.len();
        let mut all: Vec<Line> = all.into_iter().filter_map(one).collect();
        let untold = every - all.len();
        let Some(said) = sides.last().cloned() else {
            return Err(Error::NotFound("выпуск".into()));
        };
        let indicators: Vec<(String, String)> = said
            .pack
            .indicators
            .iter()
            .map(|i| (i.code.clone(), format!("{} {}", i.code, i.title)))
            .collect();
        let shown =
            |u: &&crate::cycle::edition::content::Kept| u.kind != "organisation" || at.get("unit") == Some(&u.code);
        let units: Vec<(String, String)> = said
            .units
            .all
            .iter()
            .filter(shown)
            .map(|u| (u.code.clone(), u.name.clone()))
            .collect();
        let chosen = vec![
            at.select("unit", "Единица", "все единицы", units)?,
            at.select("indicator", "Показатель", "все показатели", indicators)?,
        ];
        all.retain(|line| at.get("unit").is_none_or(|unit| unit == line.of.unit));
        all.retain(|line| at.get("indicator").is_none_or(|code| code == line.of.indicator));
        let what = |of: &Changed| what(of, &sides);
        if at.is_whole() {
            let rows: Vec<Vec<FileCell>> = all
                .iter()
                .map(|Line { of, shown }| {
                    let number = |text: &str| match values::milli(text) {
                        Some(milli) if of.field != "unit_name" => FileCell::Milli(milli),
                        _ => written(of, text, &said).into(),
                    };
                    let (before, after) = match shown {
                        Some((before, after)) => (before.clone().into(), after.clone().into()),
                        None => (number(&of.before), number(&of.after)),
                    };
                    vec![
                        of.indicator.clone().into(),
                        of.unit.clone().into(),
                        of.unit_name.clone().into(),
                        what(of).into(),
                        before,
                        after,
                        of.cause.label().to_owned().into(),
                    ]
                })
                .collect();
            let table = FileTable {
                title: "Изменения",
                head: vec!["Показатель", "Код единицы", "Единица", "Что", "Было", "Стало", "Почему"],
                rows: &rows,
            };
            // Of two editions that never change: the day is that of the release.
            let day = (edition.released_at + call.zone()).date();
            let about = format!(
                "Выпуск № {} против № {} · {}",
                edition.number,
                before.number,
                named(&edition.period)
            );
            let bytes = workbook(&about, day, &[table])?;
            let name = format!("Изменения выпуска {} {}.xlsx", edition.number, date(day));
            return Ok(Answer::bytes(bytes, MEDIA).file(&name, false));
        }
        let (count, paging) = (all.len(), at.paging(all.len()));
        let columns = [
            Column::words("Показатель"),
            Column::words("Единица"),
            Column::words("Что"),
            Column::figures("Было"),
            Column::figures("Стало"),
            Column::words("Почему"),
        ];
        let or_none = |text: String| if text.is_empty() { NOTHING.to_owned() } else { text };
        let row = |Line { of, shown }: &Line| {
            let (before, after) = match shown {
                Some((before, after)) => (before.clone(), after.clone()),
                None => (written(of, &of.before, &said), written(of, &of.after, &said)),
            };
            vec![
                Cell::text(of.indicator.clone()),
                Cell::text(of.unit_name.clone()),
                Cell::text(what(of)),
                Cell::text(or_none(before)),
                Cell::text(or_none(after)),
                Cell::text(of.cause.label()),
            ]
        };
        let rows: Vec<Vec<Cell>> = at.rows(all).iter().map(row).collect();
        let mut filters = at.filters(chosen, list::found(count, "ячейка", "ячейки", "ячеек"));
        filters.file = (count > 0).then(|| at.workbook());
        let path = format!("/editions/{}", edition.id);
        let sheet = Sheet {
            crumbs: vec![
                Link::new("Выпуски", "/editions"),
                Link::new(format!("№\u{A0}{}", edition.number), path),
            ],
            heading: format!("Что изменилось в выпуске №\u{A0}{}", edition.number),
            lead: format!(
                "По сравнению с выпуском №\u{A0}{} · {}",
                before.number,
                named(&edition.period)
            ),
            filters: Some(filters),
            empty: rows.is_empty().then(|| {
                at.empty(
                    Empty::new("Ничего не изменилось", "Все значения те же, что в предыдущем выпуске."),
                    "Изменений нет",
                    "ни одна ячейка",
                )
            }),
            register: (!rows.is_empty()).then(|| Register::new("Изменения", &columns, rows)),
            paging,
            blocks: (untold > 0)
                .then(|| Block {
                    title: "Скрытые числа".into(),
                    text: Some(format!(
                        "Чего не видно на страницах выпусков, того нет и здесь. {HIDES}"
                    )),
                    ..Block::default()
                })
                .into_iter()
                .collect(),
            ..Sheet::default()
        };
        Ok(Answer::page("desk/register", &sheet)?.title(format!("Что изменилось в выпуске №\u{A0}{}", edition.number)))
    })
}
