//! «Календарь»: what a year asks for by month, who answers, and what is one's own with the days that are left.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use crate::cycle::task::Standing;
use crate::db::AnyConn;
use crate::desk::cycle::rows::{COLUMNS, Followed, days_of, left, place, row, who};
use crate::desk::list::{self, List};
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Sheet};
use crate::desk::reports::waiting::waiting;
use crate::error::Error;
use crate::indicators::Pack;
use crate::indicators::pack_calendar::{CalendarItem, MONTHS, Occurrence};
use crate::pages::parts::{Cell, Chip, Column, Empty, Link, Register, Tone};
use crate::pages::text::capital;
use crate::planted;
use crate::units::UnitId;
use crate::web::Call;
use crate::web::registry::Answering;

/// What is over is asked for so many days longer, what begins is told so many days before.
const AFTER: u64 = 60;
const BEFORE: u64 = 60;

/// An item at a time.
type Due<'a> = (&'a CalendarItem, Occurrence);

/// GET /calendar
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["pack", "year", "mine"])?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let wanted = at.get("pack").map(str::to_owned);
        let load = move |c: &mut AnyConn| -> Result<_, Error> {
            let followed = Followed::of(c, &visitor, wanted.as_deref(), today)?;
            let reports = waiting(c, &visitor, &followed.held, today)?;
            Ok((followed, reports))
        };
        let (followed, reports) = call.app().db.read(load).await?;
        let sheet = sheet(&at, &followed, reports, today)?;
        file::page(&call, &at, sheet)
    })
}

/// What the visitor answers for and has not marked, around today: by its last day.
fn own<'a>(of: &Followed, pack: &'a Pack, today: NaiveDate) -> Vec<(Due<'a>, UnitId)> {
    let since = today.checked_sub_days(Days::new(AFTER)).unwrap_or(today);
    let till = today.checked_add_days(Days::new(BEFORE)).unwrap_or(today);
    let mut found = Vec::new();
    for item in &pack.calendar {
        let units = of.own.units(&of.held, &item.responsible);
        if units.is_empty() {
            continue;
        }
        let times = (today.year() - 1..=today.year() + 1).flat_map(|year| item.in_year(year));
        for time in times {
            let near = match time.days {
                Some((first, last)) => first <= till && last >= since,
                None => time.key == today.year().to_string(),
            };
            if !near {
                continue;
            }
            let open = units
                .iter()
                .filter(|unit| of.mark(&pack.code, item, &time, **unit).is_none() || planted!("mine_stays"));
            found.extend(open.map(|unit| ((item, time.clone()), *unit)));
        }
    }
    found.sort_by_key(|((_, time), unit)| (time.days.is_none(), time.days.map(|(_, last)| last), *unit));
    found
}

fn sheet(at: &List, of: &Followed, reports: Vec<Link>, today: NaiveDate) -> Result<Sheet, Error> {
    let year: i32 = at
        .known("year", |y| y.parse().ok().filter(|y| (1990..2100).contains(y)))?
        .unwrap_or(today.year());
    let mine = at.known("mine", |s| (s == "yes").then_some(()))?.is_some();
    let years = [today.year() - 1, today.year() + 1, year];
    let mut years: Vec<i32> = of
        .pack
        .iter()
        .flat_map(|p| p.calendar.iter().flat_map(|i| i.years.iter().copied()))
        .chain(years)
        .collect();
    years.sort_unstable();
    years.dedup();
    years.retain(|y| *y != today.year() || at.get("year").is_some());
    let first = if of.described.own().is_empty() {
        "выберите"
    } else {
        "своя методика региона"
    };
    let filters = vec![
        at.select("pack", "Методика", first, of.described.choices())?,
        at.select(
            "year",
            "Год",
            &today.year().to_string(),
            years.iter().rev().map(|y| (y.to_string(), y.to_string())),
        )?,
        at.select(
            "mine",
            "Показать",
            "все дела",
            [("yes".to_owned(), "только мои".to_owned())],
        )?,
    ];
    let mut sheet = Sheet {
        heading: "Календарь".into(),
        lead: format!("Что и когда делают в {year} году, и кто отвечает."),
        ..Sheet::default()
    };
    let nothing_waits = reports.is_empty();
    if !nothing_waits {
        let rows = reports.into_iter().map(|link| vec![Cell::link(link.text, link.href)]);
        sheet.blocks.push(Block {
            title: "Отчёты ждут вас".into(),
            register: Some(Register::new(
                "Отчёты ждут вас",
                &[Column::words("Что сделать")],
                rows.collect(),
            )),
            ..Block::default()
        });
    }
    let Some(pack) = &of.pack else {
        sheet.filters = Some(at.filters(filters, String::new()));
        sheet.empty = Some(Empty::new(
            "Методика не выбрана",
            "У вашего региона нет своей методики с календарём: выберите одну из списка.",
        ));
        return Ok(sheet);
    };
    let is_mine = |item: &CalendarItem| !of.own.units(&of.held, &item.responsible).is_empty();
    let items = pack.calendar.iter().filter(|item| !mine || is_mine(item));
    let all: Vec<Due<'_>> = items
        .flat_map(|item| item.in_year(year).into_iter().map(move |time| (item, time)))
        .collect();
    sheet.filters = Some(at.filters(filters, list::found(all.len(), "дело", "дела", "дел")));
    let own = tasks(of, pack, today);
    if own.is_none() && nothing_waits {
        sheet.lead.push_str(" Вас сейчас ничего не ждёт.");
    }
    if all.is_empty() {
        let nothing = Empty::new("Дел нет", "Методика не называет дел этого года: выберите другой год.");
        sheet.empty = Some(at.empty(nothing, "Дел не нашлось", "ни одно"));
    }
    sheet.blocks.extend(own.map(|register| Block {
        title: "Мои дела".into(),
        text: Some("Что не отмечено и близко: откройте дело, чтобы отметить его сделанным.".into()),
        register: Some(register),
        ..Block::default()
    }));
    sheet.blocks.extend(months(of, pack, all, &is_mine, today));
    Ok(sheet)
}

/// «Мои дела».
fn tasks(of: &Followed, pack: &Pack, today: NaiveDate) -> Option<Register> {
    let columns = [
        Column::words("Дело"),
        Column::words("За кого"),
        Column::words("Срок"),
        Column::words("Осталось"),
        Column::words("Состояние"),
    ];
    let row = |((item, time), unit): ((&CalendarItem, Occurrence), UnitId)| {
        let unit = of.held.tree.unit(unit);
        let code = unit.map(|unit| unit.code.as_str());
        let standing = Standing::of(&time, today);
        let tone = match standing {
            Standing::Past => Tone::Late,
            Standing::Going => Tone::Wait,
            _ => Tone::Calm,
        };
        vec![
            Cell::link(item.title.clone(), place(&pack.code, item, &time, code)),
            Cell::text(unit.map_or("", |unit| unit.name.as_str())),
            Cell::text(days_of(item, &time)),
            Cell::text(left(&time, today)),
            Cell::chip(Chip::new(tone, standing.label())),
        ]
    };
    let rows: Vec<Vec<Cell>> = own(of, pack, today).into_iter().map(row).collect();
    (!rows.is_empty()).then(|| Register::new("Мои дела", &columns, rows))
}

/// The items of a year by the month in which they begin; what has no dates stands last.
fn months(
    of: &Followed,
    pack: &Pack,
    all: Vec<Due<'_>>,
    is_mine: &dyn Fn(&CalendarItem) -> bool,
    today: NaiveDate,
) -> Vec<Block> {
    let mut by_month: BTreeMap<usize, Vec<Due<'_>>> = BTreeMap::new();
    for (item, time) in all {
        let month = time.days.map_or(12, |(first, _)| first.month0() as usize);
        by_month.entry(month).or_default().push((item, time));
    }
    let mut columns = COLUMNS.to_vec();
    columns.push(Column::words("Моё"));
    let block = |(month, mut items): (usize, Vec<Due<'_>>)| {
        items.sort_by_key(|(_, time)| time.days);
        let title = MONTHS
            .get(month)
            .map_or_else(|| "Без срока".to_owned(), |name| capital(name));
        let rows = items.iter().map(|(item, time)| {
            let mut cells = row(of, &pack.code, item, time, today);
            cells.push(Cell::text(if is_mine(item) { "моё" } else { "" }));
            cells
        });
        Block {
            register: Some(Register::new(title.clone(), &columns, rows.collect())),
            title,
            ..Block::default()
        }
    };
    by_month.into_iter().map(block).collect()
}

/// Who answers for an item, for its page.
pub(crate) fn answering(item: &CalendarItem) -> String {
    who(&item.responsible)
}
