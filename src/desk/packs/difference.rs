//! Two versions of a pack side by side: by goal, task and indicator what is new, gone and changed.

use crate::desk::list::List;
use crate::desk::packs::one::{found, version};
use crate::desk::registers::page::Sheet;
use crate::desk::registers::reach::missing;
use crate::error::Error;
use crate::indicators::Pack;
use crate::indicators::difference::{self, Change, Difference, Part};
use crate::pages::parts::{Cell, Chip, Column, Empty, Link, Register, Tone};
use crate::pages::text::NOTHING;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// What differs as a table, one row a part; `all` shows what stayed as well. Nothing for nothing.
pub(crate) fn register(of: &Difference, all: bool) -> Option<Register> {
    let columns = [
        Column::words("Цель"),
        Column::words("Задача"),
        Column::words("Показатель"),
        Column::words("Изменение"),
        Column::words("Часть"),
        Column::words("Было"),
        Column::words("Стало"),
    ];
    let text = |text: &str| Cell::text(if text.is_empty() { NOTHING } else { text });
    let part = |p: &Part| [text(p.what), text(&p.before), text(&p.after)];
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for one in &of.pack {
        let place = [
            text(""),
            text(""),
            text("методика в целом"),
            Cell::chip(Chip::new(Tone::Wait, "изменён")),
        ];
        rows.push(place.into_iter().chain(part(one)).collect());
    }
    for one in &of.indicators {
        let (chip, parts): (Chip, &[Part]) = match &one.change {
            Change::New => (Chip::new(Tone::Done, "новый"), &[]),
            Change::Gone => (Chip::new(Tone::Late, "исключён"), &[]),
            Change::Stayed(parts) if parts.is_empty() => (Chip::new(Tone::Calm, "без изменений"), &[]),
            Change::Stayed(parts) => (Chip::new(Tone::Wait, "изменён"), parts),
        };
        if !all && matches!(&one.change, Change::Stayed(parts) if parts.is_empty()) {
            continue;
        }
        let place = || {
            let title = format!("{} {}", one.code, one.title);
            [
                text(&one.goal),
                text(&one.task),
                Cell::text(title),
                Cell::chip(chip.clone()),
            ]
        };
        if parts.is_empty() {
            rows.push(place().into_iter().chain([text(""), text(""), text("")]).collect());
        }
        rows.extend(parts.iter().map(|p| place().into_iter().chain(part(p)).collect()));
    }
    (!rows.is_empty()).then(|| Register::new("Чем отличаются версии", &columns, rows))
}

/// GET /packs/{pack}/difference
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, &["from", "to", "show"])?;
        let (code, versions) = found(&call).await?;
        let number = |name: &str| at.known(name, |text| text.parse::<i32>().ok());
        let latest = versions.first().ok_or_else(missing)?.version;
        let before = versions.get(1).map_or(latest, |row| row.version);
        let (from, to) = (number("from")?.unwrap_or(before), number("to")?.unwrap_or(latest));
        let all = at.known("show", |s| (s == "all").then_some(()))?.is_some();
        let read = |number: i32| -> Result<Pack, Error> {
            let row = version(&versions, number).ok_or_else(missing)?;
            Pack::parse(&row.source).map_err(|_| missing())
        };
        let differs = difference::difference(Some(&read(from)?), &read(to)?);
        let [new, gone, other] = differs.counts();
        // The usual one stands first without its number; named in the address it is a choice as any other.
        let choices = |usual: i32, given: &str| {
            let named = at.get(given) == Some(usual.to_string().as_str());
            let rows = versions.iter().filter(move |row| named || row.version != usual);
            rows.map(|row| (row.version.to_string(), format!("версия {}", row.version)))
                .collect::<Vec<_>>()
        };
        let filters = vec![
            at.select("from", "Было", &format!("версия {before}"), choices(before, "from"))?,
            at.select("to", "Стало", &format!("версия {latest}"), choices(latest, "to"))?,
            at.select(
                "show",
                "Показатели",
                "которые отличаются",
                [("all".to_owned(), "все".to_owned())],
            )?,
        ];
        let register = register(&differs, all);
        let sheet = Sheet {
            crumbs: vec![
                Link::new("Методики", "/packs"),
                Link::new(code.clone(), format!("/packs/{code}")),
            ],
            heading: format!("Версии {from} и {to}"),
            lead: format!("Показателей новых: {new}, исключено: {gone}, изменено: {other}."),
            filters: Some(at.filters(filters, String::new())),
            empty: register
                .is_none()
                .then(|| Empty::new("Отличий нет", "Эти версии говорят одно и то же: выберите другие.")),
            register,
            ..Sheet::default()
        };
        Ok(Answer::page("desk/register", &sheet)?.title(format!("{code}: версии {from} и {to}")))
    })
}
