//! The operator: «Показатели», region → municipality → organisation → people; what was reported stands beside what was
//! computed, with the difference in words.

use serde::Serialize;

use super::figures_rows::{self, Asked, Found};
use super::plan::capital;
use crate::audit;
use crate::db::{AnyConn, DbError};
use crate::error::Error;
use crate::indicators::formula::Leaf;
use crate::indicators::measures;
use crate::indicators::people::{self as listing, Part};
use crate::indicators::values::Value;
use crate::indicators::{Indicator, Pack};
use crate::pages::parts::{Cell, Chip, Choice, Column, Empty, Figure, Filter, Filters, Link, Paging, Register, Tone};
use crate::pages::text::{NOTHING, count, number, percent, tenths};
use crate::units::UnitKind;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// What the address asks for; the rest is chosen for the visitor.
fn asked(call: &Call) -> Asked {
    let get = |name| call.query.get(name).filter(|v| !v.is_empty()).map(str::to_owned);
    let part = |name| call.parts.get(name).map(str::to_owned);
    Asked {
        pack: part("pack").or_else(|| get("pack")),
        indicator: part("code"),
        period: get("period"),
        unit: get("unit"),
    }
}

async fn find(call: &Call) -> Result<Option<Found>, Error> {
    let (asked, visitor) = (asked(call), call.visitor()?);
    let (scope, region) = (visitor.scope.clone(), visitor.region);
    call.app()
        .db
        .read(move |c: &mut AnyConn| figures_rows::find(c, &scope, region, &asked))
        .await
}

fn nothing() -> Empty {
    Empty::new(
        "Показателей пока нет",
        "Загрузите пакет методики и данные за период: показатели посчитаются сами и будут свежими после каждой записи.",
    )
}

#[derive(Serialize)]
struct AllPage {
    lead: String,
    filters: Option<Filters>,
    register: Option<Register>,
    empty: Empty,
}

/// GET /indicators
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["pack", "period"])?;
        let Some(found) = find(&call).await? else {
            let page = AllPage {
                lead: String::new(),
                filters: None,
                register: None,
                empty: nothing(),
            };
            return Answer::page("desk/indicators", &page);
        };
        let columns = [
            Column::words("Показатель"),
            Column::figures("Значение"),
            Column::figures("Цель"),
            Column::figures("Числитель"),
            Column::figures("Знаменатель"),
        ];
        let rows = found.own.iter().filter_map(|value| {
            let indicator = found.pack.indicator(&value.indicator)?;
            let cell = |part| count_cell(&found, value, part);
            Some(vec![
                Cell::link(
                    format!("{} {}", indicator.code, indicator.title),
                    address(&found, indicator, "", &found.unit.code, None),
                ),
                Cell::text(shown(indicator, value)),
                Cell::text(target(indicator, value)),
                cell(Part::Numerator),
                value
                    .denominator
                    .map_or_else(|| Cell::text(NOTHING), |n| Cell::text(number(n))),
            ])
        });
        let rows: Vec<_> = rows.collect();
        let page = AllPage {
            lead: format!("{}, {}", found.unit.name, period_name(&found)),
            filters: Some(filters(&found, "/indicators")),
            register: Some(Register::new("Показатели", &columns, rows)),
            empty: nothing(),
        };
        Answer::page("desk/indicators", &page)
    })
}

#[derive(Serialize)]
struct OnePage {
    code: String,
    title: String,
    lead: String,
    crumbs: Vec<Link>,
    figures: Vec<Figure>,
    bars: Option<Bars>,
    heading: &'static str,
    register: Option<Register>,
    empty: Option<Empty>,
}

/// A bar chart: sorted, with the target line; its twin is the table.
#[derive(Serialize)]
struct Bars {
    title: String,
    conclusion: String,
    height: i64,
    bars: Vec<Bar>,
    target: Option<Line>,
}

#[derive(Serialize)]
struct Bar {
    name: String,
    shown: String,
    y: i64,
    text_y: i64,
    width: i64,
    text_x: i64,
    tone: Tone,
}

#[derive(Serialize)]
struct Line {
    x: i64,
    bottom: i64,
    text_y: i64,
    text: String,
}

/// GET /indicators/{pack}/{code}
pub fn one(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "unit"])?;
        let found = find(&call).await?.ok_or_else(|| Error::NotFound("показатель".into()))?;
        let indicator = found
            .indicator
            .clone()
            .ok_or_else(|| Error::NotFound("показатель".into()))?;
        let own = found.own.first();
        let heading = match found.level {
            UnitKind::Municipality => "По муниципалитетам",
            UnitKind::Organisation => "По организациям",
            _ => "По единицам",
        };
        let mut rows: Vec<&Value> = found.below.iter().collect();
        rows.sort_by_key(|v| std::cmp::Reverse(v.value_milli));
        let page = OnePage {
            code: indicator.code.clone(),
            title: indicator.title.clone(),
            lead: format!(
                "{} · {} · {}",
                found.unit.name,
                period_name(&found),
                indicator.population
            ),
            crumbs: crumbs(&found, &indicator),
            figures: own.map(|value| figures(&found, &indicator, value)).unwrap_or_default(),
            bars: bars(&indicator, &rows),
            heading,
            register: (!found.below.is_empty()).then(|| register(&found, &indicator)),
            empty: found
                .below
                .is_empty()
                .then(|| Empty::new("Ниже единиц нет", "Откройте числитель: за числом стоит список людей.")),
        };
        let title = format!("{} {}", indicator.code, indicator.title);
        Ok(Answer::page("desk/indicator", &page)?.title(title))
    })
}

fn crumbs(found: &Found, indicator: &Indicator) -> Vec<Link> {
    let all = format!("/indicators?pack={}&period={}", found.pack.code, found.period.code);
    let mut crumbs = vec![Link::new("Показатели", all)];
    let above = found.above.iter().rev();
    crumbs.extend(above.map(|unit| Link::new(unit.name.clone(), address(found, indicator, "", &unit.code, None))));
    crumbs
}

fn figures(found: &Found, indicator: &Indicator, value: &Value) -> Vec<Figure> {
    let figure = |shown: String, label: &str, href| Figure {
        shown,
        label: label.to_owned(),
        href,
        note: None,
    };
    let counted = |of: &Leaf| {
        let titles = measures::titles(of);
        (!titles.is_empty()).then(|| format!("Величины: {}", titles.join("; ")))
    };
    let list = |part| Some(address(found, indicator, "/people", &found.unit.code, Some(part)));
    let goal = match value.target_milli {
        Some(_) => format!("значение, цель {}", target(indicator, value)),
        None => "значение".to_owned(),
    };
    let mut figures = vec![
        figure(shown(indicator, value), &goal, None),
        Figure {
            note: counted(indicator.formula.numerator()),
            ..figure(number(value.numerator), "в числителе", list(Part::Numerator))
        },
    ];
    if let Some(denominator) = value.denominator {
        let rest = number(denominator - value.numerator);
        figures.push(Figure {
            note: indicator.formula.denominator().and_then(counted),
            ..figure(rest, "только в знаменателе", list(Part::Rest))
        });
    }
    let differ = found
        .below
        .iter()
        .filter(|v| difference(v).is_some_and(|d| d != 0))
        .count();
    if found.below.iter().any(|v| v.reported_milli.is_some()) {
        let label = "расхождения поданного и рассчитанного";
        figures.push(figure(number(i64::try_from(differ).unwrap_or(0)), label, None));
    }
    figures.push(figure("Кто".into(), "не считается и почему", list(Part::Excluded)));
    figures
}

fn register(found: &Found, indicator: &Indicator) -> Register {
    let first = if found.level == UnitKind::Municipality {
        "Муниципалитет"
    } else {
        "Организация"
    };
    let columns = [
        Column::words(first),
        Column::figures("В числителе"),
        Column::figures("Всего"),
        Column::figures("Значение"),
        Column::words("Подано"),
    ];
    let rows = found.below.iter().map(|value| {
        vec![
            Cell::link(
                value.unit_name.clone(),
                address(found, indicator, "", &value.unit_code, None),
            ),
            count_cell(found, value, Part::Numerator),
            value
                .denominator
                .map_or_else(|| Cell::text(NOTHING), |n| Cell::text(number(n))),
            Cell::text(shown(indicator, value)),
            reported(value),
        ]
    });
    Register::new(format!("{}: {}", indicator.code, first), &columns, rows.collect())
}

/// A count that opens its people; nobody has no list.
fn count_cell(found: &Found, value: &Value, part: Part) -> Cell {
    let indicator = found.pack.indicator(&value.indicator);
    match indicator.filter(|_| value.numerator > 0) {
        Some(of) => Cell::link(
            number(value.numerator),
            address(found, of, "/people", &value.unit_code, Some(part)),
        ),
        None => Cell::text(number(value.numerator)),
    }
}

/// Who is lowest, in words; rows are sorted from the highest.
fn worst(rows: &[&Value]) -> String {
    let rows: Vec<&&Value> = rows.iter().filter(|v| v.value_milli.is_some()).collect();
    let Some(last) = rows.last() else { return String::new() };
    let alike = rows.iter().filter(|v| v.value_milli == last.value_milli).count();
    if alike == rows.len() && alike > 1 {
        return "У всех поровну.".to_owned();
    }
    match i64::try_from(alike - 1).unwrap_or(0) {
        0 => format!("Ниже всех {}.", last.unit_name),
        others => format!(
            "Ниже всех {} и ещё {}.",
            last.unit_name,
            count(others, "единица", "единицы", "единиц")
        ),
    }
}

/// What was reported less what was computed, in whole units of the count.
fn difference(value: &Value) -> Option<i64> {
    value.reported_milli.map(|reported| reported / 1000 - value.numerator)
}

fn reported(value: &Value) -> Cell {
    match (value.reported_milli, difference(value)) {
        (Some(reported), Some(d)) if d > 0 => {
            let said = format!("подано {}: больше на {}", number(reported / 1000), number(d));
            Cell::chip(Chip::new(Tone::Late, said))
        }
        (Some(reported), Some(d)) if d < 0 => {
            let said = format!("подано {}: меньше на {}", number(reported / 1000), number(-d));
            Cell::chip(Chip::new(Tone::Wait, said).icon("i-warn"))
        }
        (Some(_), _) => Cell::text("совпадает"),
        (None, _) => Cell::text("не подано"),
    }
}

fn shown(indicator: &Indicator, value: &Value) -> String {
    match (value.denominator, value.value_milli) {
        (Some(_), Some(_)) if indicator.digits == 1 => percent(value.numerator, value.denominator.unwrap_or(0)),
        (Some(_), Some(milli)) => format!("{}\u{A0}%", tenths(milli / 100)),
        (None, Some(milli)) => number(milli / 1000),
        (_, None) => NOTHING.to_owned(),
    }
}

fn target(indicator: &Indicator, value: &Value) -> String {
    let Some(milli) = value.target_milli else {
        return NOTHING.to_owned();
    };
    let figure = if milli % 1000 == 0 {
        number(milli / 1000)
    } else {
        tenths(milli / 100)
    };
    if indicator.formula.denominator().is_some() {
        format!("{figure}\u{A0}%")
    } else {
        figure
    }
}

fn bars(indicator: &Indicator, rows: &[&Value]) -> Option<Bars> {
    let is_share = indicator.formula.denominator().is_some();
    if !is_share || rows.is_empty() || rows.len() > 60 {
        return None;
    }
    let scaled = |milli: i64| (milli.clamp(0, 100_000) * 400) / 100_000;
    let target = rows.iter().find_map(|v| v.target_milli);
    let height = i64::try_from(rows.len()).unwrap_or(0) * 28 + 12;
    let mut bars = Vec::new();
    for (y, value) in (8_i64..).step_by(28).zip(rows) {
        let milli = value.value_milli.unwrap_or(0);
        let width = scaled(milli).max(2);
        let tone = match target {
            Some(target) if milli >= target => Tone::Done,
            Some(target) if milli * 2 >= target => Tone::Wait,
            Some(_) => Tone::Late,
            None => Tone::Done,
        };
        bars.push(Bar {
            name: value.unit_name.clone(),
            shown: shown(indicator, value),
            y,
            text_y: y + 14,
            width,
            text_x: 640,
            tone,
        });
    }
    let below = rows
        .iter()
        .filter(|v| target.is_some_and(|t| v.value_milli.unwrap_or(0) < t))
        .count();
    let of = count(i64::try_from(rows.len()).unwrap_or(0), "единицы", "единиц", "единиц");
    let worst = worst(rows);
    let conclusion = match target {
        Some(_) => format!("Ниже цели {below} из {of}. {worst}"),
        None => worst,
    };
    Some(Bars {
        title: indicator.title.clone(),
        conclusion,
        height: height + if target.is_some() { 24 } else { 0 },
        bars,
        target: target.map(|t| Line {
            x: 230 + scaled(t),
            bottom: height,
            text_y: height + 18,
            text: format!(
                "цель {}\u{A0}%",
                if t % 1000 == 0 {
                    number(t / 1000)
                } else {
                    tenths(t / 100)
                }
            ),
        }),
    })
}

#[derive(Serialize)]
struct PeoplePage {
    heading: String,
    lead: String,
    crumbs: Vec<Link>,
    parts: Vec<Link>,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
}

/// People on a page of a list.
const PAGE: usize = 50;

/// GET /indicators/{pack}/{code}/people
pub fn people(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "unit", "part", "page"])?;
        let part = call
            .query
            .get("part")
            .and_then(Part::from_code)
            .unwrap_or(Part::Numerator);
        let at = call
            .query
            .get("page")
            .and_then(|n| n.parse::<usize>().ok())
            .unwrap_or(1)
            .max(1);
        let found = find(&call).await?.ok_or_else(|| Error::NotFound("показатель".into()))?;
        let indicator = found
            .indicator
            .clone()
            .ok_or_else(|| Error::NotFound("показатель".into()))?;
        let (scope, of, period, unit) = (
            call.visitor()?.scope.clone(),
            indicator.clone(),
            found.period.clone(),
            found.unit.id,
        );
        let rows = call
            .app()
            .db
            .read(move |c: &mut AnyConn| -> Result<_, DbError> { listing::people(c, &scope, &of, &period, unit, part) })
            .await?;
        note_list(&call, &found, part, rows.len()).await?;
        let pages = rows.len().div_ceil(PAGE).max(1);
        let all = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let here = |n: usize| {
            format!(
                "{}&page={n}",
                address(&found, &indicator, "/people", &found.unit.code, Some(part))
            )
        };
        let columns = [
            Column::words("Кто"),
            Column::words("Организация"),
            Column::words("Почему"),
        ];
        let shown = rows.into_iter().skip((at - 1) * PAGE).take(PAGE).map(|row| {
            let places: Vec<String> = row.units.iter().map(|code| found.name_of(code)).collect();
            let reason = if row.reason.is_empty() {
                capital(part.label())
            } else {
                capital(&row.reason)
            };
            vec![Cell::text(row.name), Cell::text(places.join(", ")), Cell::text(reason)]
        });
        let shown: Vec<_> = shown.collect();
        let mut crumbs = crumbs(&found, &indicator);
        let own = address(&found, &indicator, "", &found.unit.code, None);
        crumbs.push(Link::new(format!("{} {}", indicator.code, found.unit.name), own));
        let page = PeoplePage {
            heading: format!("{}: {}", indicator.code, part.label()),
            lead: format!(
                "{} · {} · {} · {}",
                indicator.title,
                found.unit.name,
                period_name(&found),
                count(all, "запись", "записи", "записей")
            ),
            crumbs,
            parts: Part::ALL
                .iter()
                .filter(|p| **p != part)
                .map(|p| {
                    Link::new(
                        capital(p.label()),
                        address(&found, &indicator, "/people", &found.unit.code, Some(*p)),
                    )
                })
                .collect(),
            register: (!shown.is_empty()).then(|| Register::new("Люди", &columns, shown)),
            paging: (pages > 1).then(|| Paging {
                place: format!("Страница {at} из {pages}"),
                before: (at > 1).then(|| here(at - 1)),
                after: (at < pages).then(|| here(at + 1)),
            }),
            empty: Empty::new("Здесь никого нет", "За этим числом не стоит ни одного человека."),
        };
        Ok(
            Answer::page("desk/indicator_people", &page)?.title(format!(
                "{}, {}",
                page_title(&indicator),
                part.label()
            )),
        )
    })
}

fn page_title(indicator: &Indicator) -> String {
    format!("{} {}", indicator.code, indicator.title)
}

/// A list of names is one row of the journal: filter and count.
async fn note_list(call: &Call, found: &Found, part: Part, rows: usize) -> Result<(), Error> {
    let mut entry = audit::Entry::of_server("desk.read_list", "indicator", None);
    entry.account = Some(call.visitor()?.account);
    entry.region = Some(found.unit.region_id.0);
    entry.detail = format!(
        "pack={} indicator={} unit={} period={} part={part} rows={rows}",
        found.pack.code,
        found.indicator.as_ref().map_or("", |i| i.code.as_str()),
        found.unit.code,
        found.period.code
    );
    let key = call.app().keys.audit.clone();
    call.app()
        .db
        .write(move |tx| audit::record(tx, &key, &[entry]).map_err(Error::from))
        .await
}

fn filters(found: &Found, action: &str) -> Filters {
    let choice = |value: &str, label: &str, chosen: bool| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen,
    };
    let packs = found
        .packs
        .iter()
        .map(|p: &Pack| choice(&p.code, &p.title, p.code == found.pack.code));
    let periods = found.periods.iter().map(|p| choice(p, p, *p == found.period.code));
    Filters {
        action: action.to_owned(),
        filters: vec![
            Filter {
                name: "pack",
                label: "Методика",
                choices: packs.collect(),
                value: String::new(),
            },
            Filter {
                name: "period",
                label: "Период",
                choices: periods.collect(),
                value: String::new(),
            },
        ],
        chosen: Vec::new(),
        found: format!(
            "Найдено: {}",
            count(
                i64::try_from(found.own.len()).unwrap_or(0),
                "показатель",
                "показателя",
                "показателей"
            )
        ),
    }
}

fn period_name(found: &Found) -> String {
    if found.period.code.contains('/') {
        format!("{} учебный год", found.period.code)
    } else {
        format!("{} год", found.period.code)
    }
}

fn address(found: &Found, indicator: &Indicator, below: &str, unit: &str, part: Option<Part>) -> String {
    let part = part.map_or_else(String::new, |part| format!("&part={part}"));
    format!(
        "/indicators/{}/{}{below}?period={}&unit={unit}{part}",
        found.pack.code, indicator.code, found.period.code
    )
}
