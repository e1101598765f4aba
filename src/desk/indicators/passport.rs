//! The passport of an indicator: what it is called, who is counted, by which formula, since when; targets, scale and zones
//! with their bounds as they are printed. Older versions of the pack stay to be read.

use std::sync::Arc;

use serde::Serialize;

use crate::db::AnyConn;
use crate::db::text_keys::sort_key;
use crate::desk::dictionary;
use crate::desk::indicators::edge;
use crate::desk::indicators::edge::Said;
use crate::desk::indicators::figures::{asked, looking, page_of, period_name, section};
use crate::desk::indicators::figures_rows::{self, Place};
use crate::desk::indicators::file;
use crate::desk::indicators::goals;
use crate::desk::indicators::words;
use crate::error::Error;
use crate::indicators::classes;
use crate::indicators::edges::{self, Recorded};
use crate::indicators::measures::Measure;
use crate::indicators::pack::{Aggregate, Direction, Rounding};
use crate::indicators::scale;
use crate::indicators::store::{self, PackRow};
use crate::indicators::terms::{self, Known};
use crate::indicators::{Formula, Indicator, Pack, parsed, scoring, spoken};
use crate::pages::parts::{Fact, Link, Sheet, SheetCell, SheetColumn};
use crate::pages::text::{NBSP, capital, moment};
use crate::units::PeriodKind;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, address};

#[derive(Serialize)]
struct PassportPage {
    code: String,
    title: String,
    lead: String,
    crumbs: Vec<Link>,
    versions: Vec<Link>,
    /// Whether something in it is our default.
    default: bool,
    facts: Vec<Fact>,
    formula: String,
    said: Vec<Fact>,
    definitions: Vec<Fact>,
    /// Words of the dictionary that the formula counts.
    words: Vec<Link>,
    targets: Option<Sheet>,
    scale: Option<Sheet>,
    flaws: Vec<Said>,
}

/// What was read.
struct Read {
    place: Place,
    row: PackRow,
    versions: Vec<(i32, Option<chrono::NaiveDateTime>)>,
    pack: Arc<Pack>,
    indicator: Indicator,
    /// What was decided of shared edges.
    recorded: Vec<Recorded>,
}

/// GET /indicators/{pack}/{code}/passport
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "unit", "version", "as"])?;
        let file = file::wanted(&call)?;
        let read = read(&call).await?;
        let indicator = &read.indicator;
        let targets = targets(&read);
        let title = format!("Паспорт: {} {}", indicator.code, indicator.title);
        if file {
            let about = format!("{}, версия {}", read.pack.title, read.row.version);
            let sheet = scale_sheet(&read).unwrap_or(targets);
            return file::answer(&call, &title, &about, &sheet);
        }
        let place = &read.place;
        let own = page_of(place, indicator, "", &place.unit.code, None);
        let facts = facts(&call, &read);
        let formula = indicator.formula.as_ref();
        let here = address_of(&read, read.row.version);
        let page = PassportPage {
            code: indicator.code.clone(),
            title: indicator.title.clone(),
            lead: format!("{} · версия {}", read.pack.title, read.row.version),
            crumbs: vec![
                Link::new("Показатели", section(place, "", &place.unit.code)),
                Link::new(format!("{} {}", indicator.code, place.unit.name), own),
            ],
            versions: versions(&read),
            default: indicator.default,
            facts,
            formula: formula.map_or_else(
                || "В источнике нет правила, и здесь его нет: ничего не додумано.".to_owned(),
                Formula::to_string,
            ),
            said: formula
                .map(|of| words::formula(&read.pack, of))
                .unwrap_or_default()
                .into_iter()
                .map(fact)
                .collect(),
            definitions: formula
                .map(spoken::measures_of)
                .unwrap_or_default()
                .into_iter()
                .map(definition)
                .collect(),
            words: words_of(&read),
            targets: (!targets.is_empty()).then_some(targets),
            scale: scale_sheet(&read).map(|sheet| sheet.file(file::of(&here))),
            flaws: edge::flaws(&call, &read.pack.code, indicator, &read.recorded)?,
        };
        Ok(Answer::page("desk/indicator_passport", &page)?.title(title))
    })
}

fn fact((name, value): (&'static str, String)) -> Fact {
    Fact {
        name: name.to_owned(),
        value: capital(&value),
        change: None,
    }
}

fn definition(of: &Measure) -> Fact {
    Fact {
        name: of.title.clone(),
        value: format!("{} Источник: {}.", of.definition, of.source.label()),
        change: None,
    }
}

/// The words of the dictionary that the formula counts, as the method in force words them.
fn words_of(read: &Read) -> Vec<Link> {
    let measures = read.indicator.formula.as_ref().map(spoken::measures_of);
    let measures = measures.unwrap_or_default();
    let counts = |of: &Known| of.term.counted().any(|own| measures.iter().any(|m| m.code == own.code));
    let mut words = terms::of_region(std::slice::from_ref(&read.place.pack));
    words.retain(counts);
    words.sort_by_cached_key(|of| sort_key(&of.term.name));
    let link = |of: &Known| Link::new(of.term.name.clone(), dictionary::page_of(&of.term.code));
    words.iter().map(link).collect()
}

/// The version that the address asks for, or the one in force.
async fn read(call: &Call) -> Result<Read, Error> {
    let missing = || Error::NotFound("паспорт показателя".into());
    let (asked, looking) = (asked(call, false), looking(call)?);
    let version = match call.query.get("version") {
        None => None,
        Some(text) => Some(text.parse::<i32>().map_err(|_| missing())?),
    };
    let code = asked.indicator.clone().ok_or_else(missing)?;
    let read = move |c: &mut AnyConn| -> Result<Read, Error> {
        let place = figures_rows::place(c, &looking, &asked)?.ok_or_else(missing)?;
        let mut rows = store::versions(c, &place.pack.code)?;
        rows.reverse();
        let versions = rows.iter().map(|r| (r.version, r.retired_at)).collect();
        let wanted = |r: &PackRow| version.map_or(r.retired_at.is_none(), |v| v == r.version);
        let row = rows.into_iter().find(wanted).ok_or_else(missing)?;
        let pack = parsed::pack(&row.source, &row.digest).map_err(|_| missing())?;
        let indicator = pack.indicator(&code).cloned().ok_or_else(missing)?;
        let recorded = edges::recorded(c, &pack.code)?;
        Ok(Read {
            place,
            row,
            versions,
            pack,
            indicator,
            recorded,
        })
    };
    call.app().db.read(read).await
}

fn address_of(read: &Read, version: i32) -> String {
    let version = version.to_string();
    address::address(
        &format!("/indicators/{}/{}/passport", read.place.pack.code, read.indicator.code),
        [
            ("period", read.place.period.code.as_str()),
            ("unit", read.place.unit.code.as_str()),
            ("version", version.as_str()),
        ],
    )
}

/// The other versions of the pack.
fn versions(read: &Read) -> Vec<Link> {
    let other = read.versions.iter().filter(|(version, _)| *version != read.row.version);
    let link = |(version, retired): &(i32, Option<chrono::NaiveDateTime>)| {
        let now = if retired.is_none() { ", действует" } else { "" };
        Link::new(format!("Версия {version}{now}"), address_of(read, *version))
    };
    other.map(link).collect()
}

fn facts(call: &Call, read: &Read) -> Vec<Fact> {
    let (pack, indicator) = (&read.pack, &read.indicator);
    let mut facts = Vec::new();
    let mut say = |name: &str, value: String| {
        facts.push(Fact {
            name: name.to_owned(),
            value,
            change: None,
        });
    };
    let zone = call.zone();
    let until = read.row.retired_at.map_or_else(String::new, |at| {
        format!(", до {} — заменена следующей", moment(at, zone))
    });
    say("№", indicator.code.clone());
    say("Название", indicator.title.clone());
    say("Единица", indicator.unit.clone());
    let task = indicator
        .task
        .as_ref()
        .and_then(|code| pack.tasks.iter().find(|(of, ..)| of == code));
    if let Some((_, title, goal)) = task {
        let goal = pack.goals.iter().find(|(code, _)| code == goal).map_or("", |(_, t)| t);
        say("Цель и задача", format!("{goal} › {title}"));
    }
    let task = indicator.task.as_ref();
    if let Some((of_goal, of_task)) = task.and_then(|task| goals::around(pack, task)) {
        say("В этой цели", of_goal);
        say("В этой задаче", of_task);
    }
    let kind = match pack.basis.kind {
        PeriodKind::AcademicYear => "учебный год",
        _ => "календарный год",
    };
    let day = format!("{:02}.{:02}", pack.basis.day, pack.basis.month);
    say("Период", format!("{kind}, отчётная дата {day}"));
    say("Владелец", pack.owner.clone());
    say("Источник", indicator.source.clone());
    say("Кто считается", indicator.population.clone());
    let since = moment(read.row.loaded_at, zone);
    say(
        "Версия методики",
        format!("{}, действует с {since}{until}", read.row.version),
    );
    say(
        "Что лучше",
        match indicator.direction {
            Direction::HigherIsBetter => "чем больше, тем лучше",
            Direction::LowerIsBetter => "чем меньше, тем лучше",
            Direction::BandOptimum => "лучше всего середина, её называет шкала",
            Direction::Neutral => "оценки нет, только сведения",
        }
        .to_owned(),
    );
    let formula = indicator.formula.as_ref();
    if indicator.is_percent() && !indicator.is_difference_of_shares() {
        say(
            "Больше 100",
            match formula {
                _ if indicator.may_exceed_100 => format!("может быть больше 100{NBSP}%, показывается как есть"),
                Some(formula) if formula.denominator().is_some() && !formula.is_of_a_whole() => format!(
                    "может быть больше 100{NBSP}%: числитель по определению не часть знаменателя; показывается как есть"
                ),
                _ => format!("больше 100{NBSP}% — ошибка в данных"),
            },
        );
    }
    say(
        "Выше муниципалитета",
        match indicator.aggregate {
            Aggregate::Pooled => "числители и знаменатели складываются; кто работает в двух местах, считается один раз",
            Aggregate::MeanOfUnits => "среднее муниципалитетов, у которых есть значение",
        }
        .to_owned(),
    );
    let how = match indicator.rounding {
        Rounding::Round => "округление",
        Rounding::Cut => "лишние знаки отбрасываются",
    };
    say("Знаков после запятой", format!("{}, {how}", indicator.digits));
    say(
        "Умолчание",
        if indicator.default {
            "Здесь есть наше умолчание: в источнике правило не напечатано или напечатано не всё. Регион может задать своё."
        } else {
            "Нет: всё задано источником."
        }
        .to_owned(),
    );
    facts
}

/// Targets and the most points by period, of all units and of single ones.
fn targets(read: &Read) -> Sheet {
    let indicator = &read.indicator;
    let columns = vec![
        SheetColumn::words("Период"),
        SheetColumn::words("Для кого"),
        SheetColumn::figures("Цель"),
        SheetColumn::figures("Наибольшие баллы"),
    ];
    let cell = |milli: Option<&i64>, after: &'static str| {
        milli.map_or_else(SheetCell::nothing, |milli| {
            let digits = words::needed(*milli);
            let after_shown = if after.is_empty() {
                String::new()
            } else {
                format!("{NBSP}{after}")
            };
            SheetCell::number(
                format!("{}{after_shown}", words::fixed(*milli, digits)),
                *milli,
                digits,
                after,
            )
        })
    };
    let after = words::after(indicator);
    let mut periods: Vec<&String> = indicator.targets.keys().chain(indicator.maximum.keys()).collect();
    periods.sort();
    periods.dedup();
    let mut rows: Vec<Vec<SheetCell>> = periods
        .into_iter()
        .map(|period| {
            vec![
                SheetCell::words(period.clone()),
                SheetCell::words("все единицы"),
                cell(indicator.targets.get(period), after),
                cell(indicator.maximum.get(period), ""),
            ]
        })
        .collect();
    for (unit, of) in &indicator.unit_targets {
        let name = read
            .place
            .unit_of(unit)
            .map_or_else(|| unit.clone(), |u| u.name.clone());
        rows.extend(of.iter().map(|(period, target)| {
            vec![
                SheetCell::words(period.clone()),
                SheetCell::words(name.clone()),
                cell(Some(target), after),
                SheetCell::nothing(),
            ]
        }));
    }
    Sheet::new("Цели", columns, rows)
}

/// Points, zones and marks with their bounds as printed; the shades of a map where there is nothing else.
fn scale_sheet(read: &Read) -> Option<Sheet> {
    let indicator = &read.indicator;
    let columns = vec![
        SheetColumn::words("Что"),
        SheetColumn::words("Значения"),
        SheetColumn::figures("Баллы"),
    ];
    let mut rows = Vec::new();
    let levels = classes::levels(indicator);
    for band in &indicator.scale {
        let level = levels.iter().find(|l| l.bounds.contains(&band.bounds));
        let level = level.map_or_else(|| "полоса шкалы".to_owned(), |l| format!("уровень «{}»", l.title));
        let digits = words::needed(band.points);
        rows.push(vec![
            SheetCell::words(capital(&level)),
            SheetCell::words(band.bounds.to_string()),
            SheetCell::number(words::fixed(band.points, digits), band.points, digits, ""),
        ]);
    }
    for (kind, ranges) in [("Зона", &indicator.zones), ("Отметка", &indicator.marks)] {
        rows.extend(ranges.iter().map(|zone| {
            vec![
                SheetCell::words(format!("{kind} «{}»", zone.title)),
                SheetCell::words(zone.bounds.to_string()),
                SheetCell::nothing(),
            ]
        }));
    }
    let breaks = classes::breaks(indicator, scoring::most(&read.pack, indicator, &read.place.period.code));
    if !breaks.is_empty() {
        let breaks: Vec<String> = breaks.iter().map(|b| scale::comma(*b)).collect();
        rows.push(vec![
            SheetCell::words("Оттенки карты меняются на"),
            SheetCell::words(breaks.join("; ")),
            SheetCell::nothing(),
        ]);
    }
    let named = format!("Шкала и зоны, {}", period_name(&read.place));
    (!rows.is_empty()).then(|| Sheet::new(named, columns, rows))
}
