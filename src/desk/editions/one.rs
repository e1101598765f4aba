//! One edition: a unit with its indicators, or an indicator over the units; what it is, and what may be done with it.

use serde::Serialize;

use super::list::found;
use super::told::{Line, Said, said};
use crate::cycle::edition::acts::Standing;
use crate::cycle::edition::check::short;
use crate::cycle::edition::content::Kept;
use crate::cycle::edition::values;
use crate::cycle::edition::{Edition, store};
use crate::db::AnyConn;
use crate::desk::indicators::figures::{HIDES, named};
use crate::desk::indicators::file;
use crate::desk::indicators::words;
use crate::desk::list::{List, PAGE};
use crate::desk::registers::page::{Block, Fill, Form, Wrong, fact, problems};
use crate::error::Error;
use crate::exchange::list_file::MEDIA;
use crate::indicators::Indicator;
use crate::indicators::people::{Part, has_list};
use crate::pages::parts::{Choice, Fact, Filter, Filters, Link, Paging, Problem, Sheet, SheetCell, SheetColumn};
use crate::pages::text::{NOTHING, date, moment};
use crate::units::UnitKind;
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

const NAMES: &[&str] = &["unit", "indicator", "as"];

#[derive(Serialize)]
struct Page {
    crumbs: Vec<Link>,
    heading: String,
    lead: String,
    done: Option<&'static str>,
    problems: Vec<Problem>,
    facts: Vec<Fact>,
    links: Vec<Link>,
    filters: Option<Filters>,
    sheet: Option<Sheet>,
    sheet_heading: String,
    paging: Option<Paging>,
    hides: &'static str,
    blocks: Vec<Block>,
    token: String,
}

/// GET /editions/{edition}
pub fn show(call: Call) -> Answering {
    Box::pin(async move { page(&call, &[]).await })
}

/// The page, after an act that was refused or before any.
pub(crate) async fn page(call: &Call, wrong: &[Wrong]) -> Result<Answer, Error> {
    let at = if wrong.is_empty() {
        List::of(call, NAMES)?
    } else {
        List::plain(&call.path)
    };
    let (edition, standing) = found(call).await?;
    let names = call.visitor()?.may(Capability::Indicators);
    let of = edition.clone();
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let before = match of.before_id {
            Some(id) => store::one(c, id)?,
            None => None,
        };
        Ok((said(c, &of, names)?, before))
    };
    let (said, before) = call.app().db.read(read).await?;
    let missing = || Error::NotFound("единица выпуска".into());
    let indicator = match at.get("indicator") {
        None => None,
        Some(code) => Some(said.pack.indicator(code).ok_or_else(missing)?),
    };
    let unit = at.get("unit").unwrap_or(said.region()).to_owned();
    let kept = said.units.get(&unit).ok_or_else(missing)?;
    let whole = match indicator {
        Some(indicator) => over_units(&said, indicator, &unit, names),
        None => of_unit(&said, &unit, names),
    };
    let path = format!("/editions/{}", edition.id);
    let here = address(
        &path,
        [
            ("unit", unit.as_str()),
            ("indicator", at.get("indicator").unwrap_or_default()),
        ]
        .into_iter()
        .filter(|(_, v)| !v.is_empty()),
    );
    let title = format!("Выпуск №\u{A0}{}", edition.number);
    if file::wanted(call)? {
        let about = format!("{}, {}, {}", edition.title, named(&edition.period), kept.name);
        return file::answer(call, &title, &about, &whole);
    }
    let mut sheet = whole;
    let all = sheet.parts.first().map_or(0, |part| part.rows.len());
    if let Some(part) = sheet.parts.first_mut()
        && all > PAGE * 2
    {
        part.rows = at.rows(std::mem::take(&mut part.rows));
    }
    let page = Page {
        crumbs: vec![Link::new("Выпуски", "/editions")],
        heading: format!("{title}: {}", edition.title),
        lead: format!(
            "{} · выпущен {} · {}",
            named(&edition.period),
            moment(edition.released_at, call.zone()),
            edition.released_by
        ),
        done: match call.query.get("done") {
            Some("released") => Some("Выпуск готов"),
            Some("approve") => Some("Выпуск утверждён"),
            Some("open") => Some("Выпуск открыт для всех"),
            Some("close") => Some("Выпуск закрыт для всех"),
            _ => None,
        },
        problems: problems(wrong),
        facts: facts(call, &edition, &standing, before.as_ref()),
        links: links(call, &edition)?,
        filters: Some(filters(&at, &said, &path, &unit)),
        sheet_heading: match indicator {
            Some(of) => format!("{} {}", of.code, of.title),
            None => kept.name.clone(),
        },
        paging: at.paging(all).filter(|_| all > PAGE * 2),
        sheet: (!sheet.is_empty()).then(|| sheet.file(file::of(&here))),
        hides: if names { "" } else { HIDES },
        blocks: forms(call, &edition, &standing, wrong)?,
        token: call.token(),
    };
    let of_region = unit == said.region();
    let about = match indicator {
        Some(of) if of_region => of.code.clone(),
        Some(of) => format!("{}, {}", of.code, kept.name),
        None if of_region => edition.title.clone(),
        None => kept.name.clone(),
    };
    let answer = Answer::page("desk/edition", &page)?.title(format!("{title}, {about}"));
    Ok(if wrong.is_empty() { answer } else { answer.status(422) })
}

fn facts(call: &Call, edition: &Edition, standing: &Standing, before: Option<&Edition>) -> Vec<Fact> {
    let zone = call.zone();
    let act = |of: &Option<crate::cycle::edition::model::Act>| {
        of.as_ref().map_or_else(
            || NOTHING.to_owned(),
            |act| {
                let said = format!("{}, {}", moment(act.recorded_at, zone), act.by_name);
                if act.remark.is_empty() {
                    said
                } else {
                    format!("{said}: {}", act.remark)
                }
            },
        )
    };
    vec![
        fact("Методика", format!("{}, версия {}", edition.pack, edition.pack_version)),
        fact("По состоянию на", date(edition.as_of)),
        fact("По сведениям на", moment(edition.released_at, zone)),
        fact("Утверждён", act(&standing.approved)),
        fact("Открыт для всех", act(&standing.opened)),
        fact(
            "Предыдущий",
            before.map_or_else(String::new, |b| format!("№\u{A0}{}", b.number)),
        ),
        fact("Отпечаток", short(edition)),
    ]
}

fn links(call: &Call, edition: &Edition) -> Result<Vec<Link>, Error> {
    let path = format!("/editions/{}", edition.id);
    let mut links = Vec::new();
    if edition.before_id.is_some() {
        links.push(Link::new("Что изменилось", format!("{path}/changes")));
    }
    if call.visitor()?.may(Capability::Indicators) {
        links.push(Link::new("Книга Excel", format!("{path}/file?as=xlsx")));
        links.push(Link::new("Таблица CSV", format!("{path}/file?as=csv")));
    }
    let today = [("pack", edition.pack.as_str()), ("period", edition.period.as_str())];
    links.push(Link::new("Значения сегодня", address("/indicators", today)));
    Ok(links)
}

/// GET /editions/{edition}/file: the files of the edition, to the byte as they were released.
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let kind = call.query.only(&["as"])?.get("as").unwrap_or("xlsx").to_owned();
        let (edition, _) = found(&call).await?;
        let (book, id) = (kind == "xlsx", edition.id);
        if !book && kind != "csv" {
            return Err(Error::NotFound("файл".into()));
        }
        let read = move |c: &mut AnyConn| if book { store::book(c, id) } else { store::table(c, id) };
        let bytes = call.app().db.read(read).await?;
        let media = if book { MEDIA } else { "text/csv; charset=utf-8" };
        let period = edition.period.replace('/', "-");
        let name = format!("Выпуск {} {} {period}.{kind}", edition.number, edition.pack);
        Ok(Answer::bytes(bytes, media).file(&name, false))
    })
}

/// The choice of a unit and of an indicator.
fn filters(at: &List, said: &Said, path: &str, unit: &str) -> Filters {
    let above = said
        .units
        .all
        .iter()
        .filter(|u| u.kind != UnitKind::Organisation.code() || u.code == unit);
    let units = above.map(|u| Choice::new(&u.code, u.name.clone(), unit)).collect();
    let chosen = at.get("indicator").unwrap_or_default();
    let every = std::iter::once(Choice::new("", "все показатели единицы", chosen));
    let indicators = said.pack.indicators.iter();
    let indicators = indicators.map(|i| Choice::new(&i.code, format!("{} {}", i.code, i.title), chosen));
    Filters {
        action: path.to_owned(),
        filters: vec![
            Filter::select("unit", "Единица", units),
            Filter::select("indicator", "Показатель", every.chain(indicators).collect()),
        ],
        chosen: Vec::new(),
        found: String::new(),
        unread: Vec::new(),
        file: None,
        beside: Vec::new(),
    }
}

/// All indicators of a unit.
fn of_unit(said: &Said, unit: &str, names: bool) -> Sheet {
    let rows = said.of_unit(unit).map(|(line, indicator, of)| {
        let name = SheetCell::words(format!("{} {}", indicator.code, indicator.title));
        let path = format!("/editions/{}", said.edition.id);
        let href = address(&path, [("unit", unit), ("indicator", indicator.code.as_str())]);
        cells(said, (line, indicator, of), name.link(Some(href)), names)
    });
    Sheet::new("Показатели единицы", columns("Показатель"), rows.collect())
}

/// One indicator over the unit and what stands in it.
fn over_units(said: &Said, indicator: &Indicator, unit: &str, names: bool) -> Sheet {
    let inside = said.units.inside(unit);
    let whole = said.units.kind(unit);
    let shown = |kind: &str| match whole {
        Some(UnitKind::Region | UnitKind::Zone) => kind != UnitKind::Organisation.code(),
        _ => true,
    };
    let rows = said
        .of_indicator(&indicator.code)
        .filter(|(_, _, of)| inside.contains(of.code.as_str()) && shown(&of.kind))
        .map(|(line, indicator, of)| {
            let path = format!("/editions/{}", said.edition.id);
            let href = address(&path, [("unit", of.code.as_str())]);
            let name = SheetCell::words(of.name.clone()).link(Some(href));
            cells(said, (line, indicator, of), name, names)
        });
    Sheet::new(indicator.code.clone(), columns("Единица"), rows.collect())
}

fn columns(first: &str) -> Vec<SheetColumn> {
    vec![
        SheetColumn::words(first),
        SheetColumn::figures("Числитель"),
        SheetColumn::figures("Знаменатель"),
        SheetColumn::figures("Значение"),
        SheetColumn::figures("План"),
        SheetColumn::figures("Баллы"),
        SheetColumn::words("Уровень"),
        SheetColumn::figures("Подано"),
        SheetColumn::figures("Подано минус рассчитано"),
    ]
}

/// The cells of a row; what may not be told is not there.
fn cells(
    said: &Said,
    (line, indicator, of): (&Line, &Indicator, &Kept),
    name: SheetCell,
    names: bool,
) -> Vec<SheetCell> {
    let Some(seen) = said.get(&indicator.code, &of.code) else {
        return vec![name];
    };
    let list = |some: bool| {
        let path = format!("/editions/{}/people", said.edition.id);
        let asked = [
            ("unit", of.code.as_str()),
            ("indicator", indicator.code.as_str()),
            ("part", Part::Numerator.code()),
        ];
        (names && some && has_list(indicator)).then(|| address(&path, asked))
    };
    let number = |milli: Option<i64>| {
        milli.map_or_else(SheetCell::nothing, |milli| {
            let digits = words::needed(milli);
            SheetCell::number(words::fixed(milli, digits), milli, digits, "")
        })
    };
    let upper = words::upper_cell(seen);
    let lower = words::lower_cell(seen);
    let some = seen.numerator_milli.is_some_and(|n| n > 0);
    let told = !seen.hidden;
    vec![
        name,
        upper.link(list(some)),
        // Of it the list holds those who are not counted above: the page of the list leads there.
        lower,
        words::value_cell(indicator, seen),
        words::target_cell(indicator, seen),
        words::points_cell(seen),
        if told {
            match values::level(Some(indicator), &said.units, &line.zone) {
                level if level.is_empty() => SheetCell::nothing(),
                level => SheetCell::words(level),
            }
        } else {
            SheetCell::nothing()
        },
        number(seen.reported_milli.filter(|_| told)),
        number(line.difference.filter(|_| told)),
    ]
}

/// What the visitor may do with it.
fn forms(call: &Call, edition: &Edition, standing: &Standing, wrong: &[Wrong]) -> Result<Vec<Block>, Error> {
    let visitor = call.visitor()?;
    let typed = |name: &str| call.form.get(name).unwrap_or_default().to_owned();
    let fill = Fill { values: &typed, wrong };
    let form = |act: &str, button: &str, label: &'static str, hint: &'static str| Form {
        action: format!("/editions/{}/{act}", edition.id),
        parts: vec![fill.line("remark", label, Some(hint))],
        button: button.into(),
        ..Form::default()
    };
    let mut blocks = Vec::new();
    if visitor.may(Capability::ReleaseApproval) && standing.approved.is_none() {
        blocks.push(Block {
            title: "Утверждение".into(),
            text: Some("Содержание выпуска при этом не меняется: записывается, кто и когда утвердил.".into()),
            forms: vec![form(
                "approve",
                "Утвердить выпуск",
                "Основание",
                "Например: приказ № 12 от 01.09.2026; можно не заполнять",
            )],
            ..Block::default()
        });
    }
    if visitor.may(Capability::Release) {
        let (open, approved) = (standing.opened.is_some(), standing.approved.is_some());
        let public = format!("Адрес без входа: /released/{}.", edition.id);
        blocks.push(Block {
            title: "Открытый доступ".into(),
            text: Some(if !open && !approved {
                "Сейчас выпуск видят только вошедшие. Открыть его для всех можно после утверждения министерством.".into()
            } else if open {
                format!("{public} Видны значения региона и муниципалитетов, малые числа скрыты.")
            } else {
                "Сейчас выпуск видят только вошедшие. Для всех откроются значения региона и муниципалитетов, малые числа скрыты."
                    .into()
            }),
            forms: if open {
                vec![form("close", "Закрыть для всех", "Почему", "Коротко: причина останется в записи")]
            } else if approved {
                vec![form("open", "Открыть для всех", "Основание", "Можно не заполнять")]
            } else {
                Vec::new()
            },
            ..Block::default()
        });
    }
    Ok(blocks)
}
