//! «Мероприятия»: the register of events with filters in the address, and adding one.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use crate::activity::event::{self, EventInput};
use crate::activity::model::{Event, EventId, Family, Level};
use crate::activity::{EventUnit, kinds};
use crate::db::schema::activity;
use crate::db::text_keys::search_key;
use crate::db::{AnyConn, DbError, Tx};
use crate::desk::list::{self, List};
use crate::desk::once::{is_other, once};
use crate::desk::registers::events_rows::{self, Wanted};
use crate::desk::registers::file;
use crate::desk::registers::page::{Block, Fill, Form, Sent, Sheet, Wrong, days, problems};
use crate::desk::registers::reach::{Held, by};
use crate::desk::rounds::give;
use crate::desk::rounds::list::What;
use crate::error::Error;
use crate::pages::parts::{Cell, Chip, Column, Empty, Filters, Register, Tone};
use crate::pages::text::{NOTHING, capital, count, number};
use crate::people::PersonId;
use crate::planted;
use crate::units::{UnitId, UnitKind};
use crate::web::call::Fields;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, token};

const NAMES: [&str; 7] = ["q", "kind", "level", "series", "year", "unit", "state"];

/// Fields of the form of an event.
pub(crate) const FIELDS: [&str; 12] = [
    "key",
    "title",
    "series",
    "code",
    "kind",
    "level",
    "from",
    "to",
    "organiser",
    "other",
    "units",
    "participants",
];

/// First and last day of an academic year.
pub(crate) fn academic(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    NaiveDate::from_ymd_opt(year, 9, 1).zip(NaiveDate::from_ymd_opt(year + 1, 8, 31))
}

/// The academic year of a day, by its first calendar year.
pub(crate) fn year_of(day: NaiveDate) -> i32 {
    day.year() - i32::from(day.month() < 9)
}

pub(crate) fn year_label(year: i32) -> String {
    format!("{year}/{:02}", (year + 1) % 100)
}

/// Kinds of events and contests to choose from.
pub(crate) fn kind_choices() -> Vec<(String, String)> {
    let of = kinds::all()
        .iter()
        .filter(|k| matches!(k.family, Family::Event | Family::Contest));
    of.map(|k| (format!("{}/{}", k.family, k.code), k.name.clone()))
        .collect()
}

/// Levels to choose from.
pub(crate) fn level_choices() -> Vec<(String, String)> {
    Level::ALL
        .iter()
        .map(|l| (l.code().to_owned(), l.label().to_owned()))
        .collect()
}

fn read_kind(code: &str) -> Option<(Family, String)> {
    let kind = kinds::find(code).filter(|k| matches!(k.family, Family::Event | Family::Contest))?;
    (format!("{}/{}", kind.family, kind.code) == code).then(|| (kind.family, kind.code.clone()))
}

/// What was found, as it was read.
struct Shown {
    held: Held,
    rows: Vec<Event>,
    total: usize,
    /// Counted and named participants of everything that is found.
    counted: Option<i64>,
    named: i64,
    /// Of the events of the page: counted, where that is known, and named.
    of: Vec<(Option<i64>, i64)>,
    series: Vec<String>,
    years: Vec<i32>,
}

/// GET /events
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let done = call
            .query
            .get("done")
            .and_then(|d| (d == "added").then_some("Мероприятие добавлено"));
        page(&call, List::of_table(&call, &NAMES)?, &[], done).await
    })
}

/// GET /editable/events: what the visitor keeps of the list, to be changed in a table and brought back.
pub fn editable(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &NAMES)?.whole();
        let shown = look(&call, &at).await?;
        let ids = shown.rows.iter().map(|of| of.id.0).collect();
        give::register(&call, What::Events, &at, ids).await
    })
}

async fn look(call: &Call, at: &List) -> Result<Shown, Error> {
    let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
    let own = at.clone();
    let wanted = Wanted {
        text: at.get("q").map(search_key),
        kind: at.known("kind", read_kind)?,
        level: at.known("level", Level::from_code)?,
        series: at.get("series").map(str::to_owned),
        year: at.known("year", |y| y.get(..4)?.parse().ok())?,
        unit: None,
        withdrawn: at.known("state", |s| (s == "withdrawn").then_some(()))?.is_some(),
    };
    let read = move |c: &mut AnyConn| -> Result<Shown, Error> {
        let held = Held::of(c, &visitor, today)?;
        let unit = own.known("unit", |code| held.unit(code).map(|u| u.id))?;
        let wanted = Wanted { unit, ..wanted };
        let span = |total: usize| (own.skipped(total), own.most());
        let found = events_rows::find(c, &held, &wanted, today, span)?;
        let (series, years) = events_rows::choices(c, held.region)?;
        let ids: Vec<EventId> = found.rows.iter().map(|e| e.id).collect();
        let parts = event::units(c, &ids)?;
        let named = named(c, &held, &ids)?;
        let of = |e: &Event| (counted(e, &parts), named.get(&e.id).copied().unwrap_or(0));
        Ok(Shown {
            of: found.rows.iter().map(of).collect(),
            held,
            rows: found.rows,
            total: found.total,
            counted: found.counted,
            named: found.named,
            series,
            years,
        })
    };
    call.app().db.read(read).await
}

async fn page(call: &Call, at: List, wrong: &[Wrong], done: Option<&'static str>) -> Result<Answer, Error> {
    let shown = look(call, &at).await?;
    let mut sheet = sheet(call, &at, shown, wrong, done)?;
    give::offer(&mut sheet, &at);
    let answer = file::page(call, &at, sheet)?;
    Ok(if wrong.is_empty() {
        answer
    } else {
        answer.status(422).title("Ошибка: мероприятия")
    })
}

/// Participants counted without names: those of units, or of the event as a whole where units were not counted; `None` where
/// nobody has said how many.
pub(crate) fn counted(of: &Event, parts: &[EventUnit]) -> Option<i64> {
    let own: Vec<i32> = parts
        .iter()
        .filter(|p| p.event_id == of.id)
        .filter_map(|p| p.participants)
        .collect();
    match of.participants {
        Some(all) => Some(i64::from(all)),
        None if own.is_empty() && !planted!("nobody_is_counted") => None,
        None => Some(own.into_iter().map(i64::from).sum()),
    }
}

/// Records in force of events, of the people who are seen: a number of others would tell of a few.
fn named(c: &mut AnyConn, held: &Held, ids: &[EventId]) -> Result<std::collections::HashMap<EventId, i64>, DbError> {
    let mut found = std::collections::HashMap::new();
    for block in ids.chunks(1000) {
        let rows: Vec<(Option<EventId>, PersonId)> = activity::table
            .filter(activity::event_id.eq_any(block))
            .filter(activity::superseded_at.is_null())
            .filter(activity::withdrawn_at.is_null())
            .select((activity::event_id, activity::person_id))
            .load(c)?;
        let persons: Vec<PersonId> = rows.iter().map(|(_, person)| *person).collect();
        let seen = held.inside(c, &persons)?;
        for id in rows
            .iter()
            .filter(|(_, person)| seen.contains(person))
            .filter_map(|(id, _)| *id)
        {
            *found.entry(id).or_default() += 1;
        }
    }
    Ok(found)
}

fn sheet(call: &Call, at: &List, shown: Shown, wrong: &[Wrong], done: Option<&'static str>) -> Result<Sheet, Error> {
    let columns = [
        Column::words("Мероприятие"),
        Column::words("Вид"),
        Column::words("Уровень"),
        Column::words("Дни"),
        Column::figures("Участников"),
        Column::figures("По спискам"),
    ];
    let row = |(e, (counted, named)): (&Event, &(Option<i64>, i64))| {
        let title = match &e.series {
            Some(series) if *series != e.title => format!("{series}: {}", e.title),
            _ => e.title.clone(),
        };
        vec![
            Cell::link(title, format!("/events/{}", e.id)),
            match e.withdrawn_at {
                Some(_) => Cell::chip(Chip::new(Tone::Late, "отозвано")),
                None => Cell::text(kinds::name(e.family, &e.kind)),
            },
            Cell::text(e.level.label()),
            Cell::text(days(e.starts_on, Some(e.ends_on))),
            Cell::text(counted.map_or_else(|| NOTHING.to_owned(), number)),
            Cell::text(number(*named)),
        ]
    };
    let rows: Vec<Vec<Cell>> = shown.rows.iter().zip(&shown.of).map(row).collect();
    let same = |text: &String| (text.clone(), text.clone());
    let units = shown.held.tree.of_kind(UnitKind::Municipality).into_iter();
    let mut units: Vec<(String, String)> = units
        .filter(|u| u.region_id == shown.held.region)
        .map(|u| (u.code.clone(), u.name.clone()))
        .collect();
    let chosen = at.get("unit").and_then(|code| shown.held.unit(code));
    units.extend(
        chosen
            .filter(|u| u.kind != UnitKind::Municipality)
            .map(|u| (u.code.clone(), u.name.clone())),
    );
    let filters = vec![
        at.search("q", "Название или серия"),
        at.select("kind", "Вид", "любой", kind_choices())?,
        at.select("level", "Уровень", "любой", level_choices())?,
        at.select("series", "Серия", "любая", shown.series.iter().map(same))?,
        at.select(
            "year",
            "Учебный год",
            "все",
            shown.years.iter().map(|y| (year_label(*y), year_label(*y))),
        )?,
        at.select("unit", "Территория или организация", "все", units)?,
        at.select(
            "state",
            "Состояние",
            "действуют",
            [("withdrawn".to_owned(), "отозваны".to_owned())],
        )?,
    ];
    let filters: Filters = at.filters(
        filters,
        list::found(shown.total, "мероприятие", "мероприятия", "мероприятий"),
    );
    let empty = at.empty(
        Empty::new(
            "Мероприятий не нашлось",
            "Добавьте мероприятие здесь или загрузите список файлом на странице «Загрузка данных».",
        ),
        "Мероприятий не нашлось",
        "ни одно",
    );
    let people = shown.counted.map_or_else(
        || "число участников не указано".to_owned(),
        |n| count(n, "участник", "участника", "участников"),
    );
    let records = count(shown.named, "запись", "записи", "записей");
    let sent = Sent(&call.form);
    let values = |name: &str| match name {
        "level" if call.form.get(name).is_none() => Level::Municipal.code().to_owned(),
        _ => sent.text(name),
    };
    let form = event_form(&Fill { values: &values, wrong }, &shown.held);
    Ok(Sheet {
        heading: "Мероприятия".into(),
        lead: format!("Здесь всего: {people}; поимённо — {records} о педагогах."),
        done,
        problems: problems(wrong),
        paging: at.paging(shown.total),
        empty: rows.is_empty().then_some(empty),
        register: (!rows.is_empty()).then(|| Register::new("Мероприятия", &columns, rows)),
        filters: Some(filters),
        blocks: vec![Block {
            title: "Новое мероприятие".into(),
            forms: vec![Form {
                action: "/events".into(),
                key: token::random_name()?,
                folded: "Добавить мероприятие".into(),
                open: !wrong.is_empty(),
                button: "Добавить".into(),
                ..form
            }],
            ..Block::default()
        }],
        token: call.token(),
        ..Sheet::default()
    })
}

/// The fields of an event.
pub(crate) fn event_form(fill: &Fill<'_>, held: &Held) -> Form {
    let none = held.is_whole().then_some("другой, впишите ниже");
    let own = held.choices();
    Form {
        parts: vec![
            fill.line("title", "Название", None),
            fill.line("series", "Серия", Some("Общее название цикла, если мероприятие входит в него")),
            fill.choice("kind", "Вид", Some("выберите"), kind_choices()),
            fill.choice("level", "Уровень", None, level_choices()),
            fill.line("from", "Первый день", Some("ДД.ММ.ГГГГ")),
            fill.line("to", "Последний день", Some("Пусто, если день один")),
            fill.choice("organiser", "Организатор", none, own),
            fill.line("other", "Другой организатор", Some("Если его нет в списке")),
            fill.long(
                "units",
                "Кто участвовал",
                Some("Коды муниципалитетов и организаций через точку с запятой; сколько участников, пишут так: М1=12; М2=8"),
            ),
            fill.line("participants", "Участников всего", Some("Если по единицам их не считали")),
            fill.line("code", "Код", Some("Пусто: код поставит программа")),
        ],
        ..Form::default()
    }
}

/// The event that a form describes, or what is wrong with it.
pub(crate) fn read(form: &Fields, held: &Held, stored: Option<&Event>) -> Result<EventInput, Vec<Wrong>> {
    let sent = Sent(form);
    let mut wrong = Vec::new();
    let title = sent.required("title", "Название", &mut wrong);
    let kind = read_kind(&sent.text("kind"));
    if kind.is_none() {
        wrong.push(("kind", "Выберите вид мероприятия.".into()));
    }
    let level = Level::from_code(&sent.text("level"));
    if level.is_none() {
        wrong.push(("level", "Выберите уровень.".into()));
    }
    let (from, to) = sent.span(["from", "to"], &mut wrong);
    let to = to.or(from);
    if let Some((from, to)) = from.zip(to)
        && stored.is_none_or(|s| (s.starts_on, s.ends_on) != (from, to))
        && let Some((field, why)) = event::odd_days(from, to, held.today())
    {
        wrong.push((field, capital(&format!("{why}."))));
    }
    let organiser = sent
        .some("organiser")
        .and_then(|code| Some((held.unit(&code)?.id, code)));
    if organiser.as_ref().is_some_and(|(unit, _)| !held.keeps(Some(*unit))) || organiser.is_none() && !held.is_whole() {
        wrong.push(("organiser", "Выберите организатора из списка.".into()));
    }
    let mut units = std::collections::BTreeMap::new();
    for word in sent
        .text("units")
        .split([';', ','])
        .map(str::trim)
        .filter(|w| !w.is_empty())
    {
        let (code, count) = word
            .split_once('=')
            .map_or((word, None), |(code, n)| (code.trim(), Some(n.trim())));
        let number = count.map(|n| n.parse::<i32>().ok().filter(|n| *n >= 0));
        match (held.unit(code), number) {
            (None, _) => wrong.push(("units", format!("Единицы с кодом «{code}» нет: проверьте код."))),
            (_, Some(None)) => wrong.push(("units", format!("После «{code}=» нужно целое число."))),
            (Some(unit), number) => {
                if units.insert(unit.id, number.flatten()).is_some() {
                    wrong.push((
                        "units",
                        format!("Единица «{code}» названа дважды: оставьте одну запись."),
                    ));
                }
            }
        }
    }
    let named: BTreeSet<UnitId> = units.keys().copied().collect();
    let nested = event::nested(&held.tree, &named).into_iter();
    wrong.extend(nested.map(|(_, why)| ("units", capital(&format!("{why}.")))));
    let participants = sent
        .some("participants")
        .map(|n| n.parse::<i32>().ok().filter(|n| *n >= 0));
    if participants == Some(None) {
        wrong.push(("participants", "Нужно целое число.".into()));
    }
    let counted: i64 = units.values().flatten().map(|n| i64::from(*n)).sum();
    if let Some(all) = participants.flatten().filter(|all| i64::from(*all) < counted) {
        let said = format!("По единицам участников {counted}, а всего {all}: исправьте одно из чисел.");
        wrong.push(("participants", said));
    }
    for name in ["series", "other", "code"] {
        sent.fits(name, &mut wrong);
    }
    let (Some((family, kind)), Some(level), Some(starts_on), Some(ends_on), true) =
        (kind, level, from, to, wrong.is_empty())
    else {
        return Err(wrong);
    };
    Ok(EventInput {
        code: stored.map_or_else(|| sent.text("code"), |s| s.code.clone()),
        series: sent.some("series"),
        title,
        family,
        kind,
        level,
        starts_on,
        ends_on,
        organiser: sent.some("other").filter(|_| organiser.is_none()),
        organiser_id: organiser.map(|(unit, _)| unit),
        participants: participants.flatten(),
        link: stored.and_then(|s| s.link.clone()),
        units: units.into_iter().collect(),
    })
}

/// POST /events
pub fn add(call: Call) -> Answering {
    Box::pin(async move {
        call.form.only(&FIELDS)?;
        let (visitor, today) = (call.visitor()?.clone(), call.app().clock.today());
        let held = call.app().db.read(move |c| Held::of(c, &visitor, today)).await?;
        let input = match read(&call.form, &held, None) {
            Ok(input) => input,
            Err(wrong) => return page(&call, List::plain("/events"), &wrong, None).await,
        };
        let by = by(&call)?;
        let write = move |tx: &mut Tx<'_>| Ok(event::add(tx, &by, input)?.to_string());
        match once(&call, write).await {
            Ok(id) => Ok(Answer::redirect(format!("/events/{id}?done=added"))),
            Err(Error::Refused(why)) => {
                let field = if is_other(&why) { "title" } else { "code" };
                let wrong = [(field, capital(&format!("{why}.")))];
                page(&call, List::plain("/events"), &wrong, None).await
            }
            Err(e) => Err(e),
        }
    })
}
