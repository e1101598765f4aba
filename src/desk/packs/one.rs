//! One pack: its versions, and its text to edit, check and put in force.

use std::collections::BTreeSet;

use crate::db::AnyConn;
use crate::desk::packs::cycle;
use crate::desk::packs::editing::{self, Shown};
use crate::desk::registers::page::{Block, fact};
use crate::desk::registers::reach::missing;
use crate::desk::workforce::vacancies::decimal;
use crate::error::Error;
use crate::indicators::store::{self, PackRow};
use crate::indicators::{Formula, Indicator, Pack, edges, pack};
use crate::pages::parts::{Cell, Change, Column, Fact, Link, Register};
use crate::pages::text::{NOTHING, date};
use crate::web::Call;
use crate::web::registry::Answering;

/// The code that the address names, and every version of it, the latest first; none for a pack that only comes along.
pub(crate) async fn found(call: &Call) -> Result<(String, Vec<PackRow>), Error> {
    let code = call.parts.get("pack").unwrap_or_default().to_owned();
    let own = code.clone();
    let read = move |c: &mut AnyConn| -> Result<_, Error> { Ok(store::versions(c, &own)?) };
    let mut versions = call.app().db.read(read).await?;
    versions.reverse();
    if versions.is_empty() && !pack::EMBEDDED.iter().any(|(known, _)| *known == code) {
        return Err(missing());
    }
    Ok((code, versions))
}

/// A version by its number; of two of one number the later.
pub(crate) fn version(versions: &[PackRow], number: i32) -> Option<&PackRow> {
    versions.iter().find(|row| row.version == number)
}

fn in_force(versions: &[PackRow]) -> Option<&PackRow> {
    versions.iter().find(|row| row.retired_at.is_none())
}

fn shown(call: &Call, code: &str, versions: &[PackRow], text: Option<&str>) -> Result<Shown, Error> {
    let stands = in_force(versions);
    let zone = call.zone();
    let source = match stands {
        Some(row) => row.source.as_str(),
        None => pack::embedded_text(code)?,
    };
    let read = Pack::parse(source).ok();
    let title = stands
        .map(|row| row.title.clone())
        .or(read.as_ref().map(|p| p.title.clone()));
    let columns = [
        Column::words("Версия"),
        Column::words("Действует с"),
        Column::words("По"),
        Column::words("Сравнить"),
    ];
    let row = |row: &PackRow| {
        let compared = stands
            .filter(|s| s.id != row.id)
            .map(|s| format!("/packs/{code}/difference?from={}&to={}", row.version, s.version));
        vec![
            Cell::link(
                format!("версия {}", row.version),
                format!("/packs/{code}/versions/{}", row.version),
            ),
            Cell::text(date((row.loaded_at + zone).date())),
            Cell::text(
                row.retired_at
                    .map_or_else(|| "действует".to_owned(), |at| date((at + zone).date())),
            ),
            compared.map_or_else(|| Cell::text(NOTHING), |href| Cell::link("с действующей", href)),
        ]
    };
    Ok(Shown {
        crumbs: vec![Link::new("Методики", "/packs")],
        heading: title.unwrap_or_else(|| code.to_owned()),
        lead: match stands {
            Some(row) => format!(
                "Действует версия {}. Чтобы изменить методику, поправьте текст и увеличьте version.",
                row.version
            ),
            None => "Эта методика поставляется с программой и ещё не введена.".into(),
        },
        facts: [
            fact("Код", code),
            fact(
                "Показателей",
                read.as_ref()
                    .map_or_else(String::new, |p| p.indicators.len().to_string()),
            ),
            fact("Годы", read.as_ref().map_or_else(String::new, |p| p.years.join(", "))),
        ]
        .into_iter()
        .chain(read.as_ref().and_then(edges_of))
        .collect(),
        years: read.iter().flat_map(cycle::blocks).collect(),
        action: format!("/packs/{code}"),
        seen: stands.map_or(0, |row| row.version),
        text: text.unwrap_or(source).to_owned(),
        versions: (!versions.is_empty()).then(|| Register::new("Версии", &columns, versions.iter().map(row).collect())),
        ..Shown::default()
    })
}

/// The way to the shared edges of its scales, where it has some.
fn edges_of(of: &Pack) -> Option<Fact> {
    let has = of.indicators.iter().any(|i| !edges::shared(i).is_empty());
    has.then(|| Fact {
        name: "Общие границы шкал".into(),
        value: String::new(),
        change: Some(Change {
            text: "Открыть",
            object: "общие границы шкал",
            href: format!("/packs/{}/edges", of.code),
        }),
    })
}

/// GET /packs/{pack}
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let query = call.query.only(&["done"])?;
        let done = query.get("done").and_then(|n| n.parse::<i32>().ok());
        let (code, versions) = found(&call).await?;
        let mut page = shown(&call, &code, &versions, None)?;
        let stands = in_force(&versions).map(|row| row.version);
        page.done = done
            .filter(|n| Some(*n) == stands)
            .map(|n| format!("Версия {n} введена в действие"));
        editing::answer(&call, page, 200)
    })
}

/// POST /packs/{pack}
pub fn act(call: Call) -> Answering {
    Box::pin(async move {
        let sent = editing::sent(&call)?;
        let (code, versions) = found(&call).await?;
        let page = shown(&call, &code, &versions, Some(&sent.text))?;
        editing::act(&call, Some(code), in_force(&versions), page, sent).await
    })
}

/// GET /packs/{pack}/versions/{version}: a version as it was put in force, with its figures by year.
pub fn one(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        let (code, versions) = found(&call).await?;
        let wanted = call.parts.get("version").and_then(|n| n.parse::<i32>().ok());
        let row = wanted.and_then(|n| version(&versions, n)).ok_or_else(missing)?;
        let zone = call.zone();
        let until = row.retired_at.map(|at| format!(" по {}", date((at + zone).date())));
        let read = Pack::parse(&row.source).ok();
        let page = Shown {
            crumbs: vec![
                Link::new("Методики", "/packs"),
                Link::new(row.title.clone(), format!("/packs/{code}")),
            ],
            heading: format!("{code}, версия {}", row.version),
            lead: format!(
                "{}. Действует с {}{}.",
                row.title,
                date((row.loaded_at + zone).date()),
                until.unwrap_or_default()
            ),
            years: read
                .iter()
                .flat_map(|of| by_year(of).into_iter().chain(cycle::blocks(of)))
                .collect(),
            text: row.source.clone(),
            ..Shown::default()
        };
        editing::answer(&call, page, 200)
    })
}

/// Whether an indicator is the sum of the points of others: its most is that of those.
fn is_total(of: &Indicator) -> bool {
    matches!(of.formula, Some(Formula::SumPoints { .. }))
}

/// The most points and the targets of indicators by year, with the sum of the points of a year.
fn by_year(of: &Pack) -> Vec<Block> {
    let mut blocks = Vec::new();
    type Figures = fn(&Indicator) -> &std::collections::BTreeMap<String, i64>;
    let tables: [(&str, Figures, bool); 2] = [
        ("Наибольшие баллы по годам", |i| &i.maximum, true),
        ("Цели по годам", |i| &i.targets, false),
    ];
    for (title, figures, summed) in tables {
        let years: BTreeSet<&String> = of.indicators.iter().flat_map(|i| figures(i).keys()).collect();
        if years.is_empty() {
            continue;
        }
        let columns = [
            Column::words("Показатель"),
            Column::words("Год"),
            Column::figures("Значение"),
        ];
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for indicator in of.indicators.iter().filter(|i| !figures(i).is_empty()) {
            for (year, value) in figures(indicator) {
                let title = format!("{} {}", indicator.code, indicator.title);
                rows.push(vec![
                    Cell::text(title),
                    Cell::text(year.clone()),
                    Cell::text(decimal(*value)),
                ]);
            }
        }
        let sums = years.iter().filter(|_| summed).map(|year| {
            let single = of.indicators.iter().filter(|i| !is_total(i));
            let sum: i64 = single.filter_map(|i| figures(i).get(*year)).sum();
            format!("{year} — {}", decimal(sum))
        });
        let sums: Vec<String> = sums.collect();
        blocks.push(Block {
            title: title.into(),
            text: (!sums.is_empty()).then(|| format!("Всего: {}.", sums.join(", "))),
            register: Some(Register::new(title, &columns, rows)),
            ..Block::default()
        });
    }
    blocks
}
