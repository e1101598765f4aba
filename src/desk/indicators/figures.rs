//! «Показатели» of a unit: the tree of goals, tasks and indicators with values, targets, points and levels, each figure
//! opening its people to whoever may. What the pages of one indicator share with it stands here too: what the address
//! asks for, where links lead.

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::indicators::figures_rows::{self, Asked, Found, Looking, Place};
use crate::desk::indicators::file;
use crate::desk::indicators::goals;
use crate::desk::indicators::own_school;
use crate::desk::indicators::told::Seen;
use crate::desk::indicators::words;
use crate::error::Error;
use crate::indicators::evaluate::Reason;
use crate::indicators::pack::Aggregate;
use crate::indicators::people::{Part, has_list};
use crate::indicators::scoring;
use crate::indicators::values::Value;
use crate::indicators::{Formula, Indicator};
use crate::pages::parts::{Choice, Empty, Filter, Filters, Link, Sheet, SheetCell, SheetColumn, SheetPart};
use crate::pages::text::{NBSP, NOTHING, count, share_in_tenths};
use crate::planted;
use crate::units::UnitKind;
use crate::web::registry::Answering;
use crate::web::{Answer, Call, address};

/// What the address asks for; the rest is chosen for the visitor.
pub(crate) fn asked(call: &Call, valued: bool) -> Asked {
    let get = |name| call.query.get(name).filter(|v| !v.is_empty()).map(str::to_owned);
    let part = |name| call.parts.get(name).map(str::to_owned);
    Asked {
        pack: part("pack").or_else(|| get("pack")),
        indicator: part("code"),
        period: get("period"),
        unit: get("unit"),
        valued,
        by: get("by").as_deref().and_then(UnitKind::from_code),
    }
}

/// Who looks.
pub(crate) fn looking(call: &Call) -> Result<Looking, Error> {
    call.visitor().map(Looking::of)
}

async fn find(call: &Call, valued: bool) -> Result<Option<Found>, Error> {
    let (asked, looking) = (asked(call, valued), looking(call)?);
    call.app()
        .db
        .read(move |c: &mut AnyConn| figures_rows::find(c, &looking, &asked))
        .await
}

/// The place that the address names, when there is anything to show.
pub(crate) async fn place_of(call: &Call) -> Result<Option<Place>, Error> {
    let (asked, looking) = (asked(call, false), looking(call)?);
    call.app()
        .db
        .read(move |c: &mut AnyConn| figures_rows::place(c, &looking, &asked))
        .await
}

/// The indicator that the address names, with its values if they are shown.
pub(crate) async fn find_one(call: &Call, valued: bool) -> Result<(Found, Indicator), Error> {
    let missing = || Error::NotFound("показатель".into());
    let found = find(call, valued).await?.ok_or_else(missing)?;
    let indicator = found.indicator.clone().ok_or_else(missing)?;
    Ok((found, indicator))
}

pub(crate) fn nothing() -> Empty {
    Empty::new(
        "Показателей пока нет",
        "Загрузите методику и данные за период: показатели посчитаются сами и будут свежими после каждой записи.",
    )
}

/// What is said on pages of those who are told no small numbers.
pub(crate) const HIDES: &str = "«<5» – от одного до четырёх человек, «почти все» – не хватает стольких же; «скрыто» стоит \
                                там, где число выдало бы соседнее.";

#[derive(Serialize)]
struct AllPage {
    lead: String,
    filters: Option<Filters>,
    links: Vec<Link>,
    sheet: Option<Sheet>,
    goals: Option<Sheet>,
    goals_said: String,
    names: bool,
    hides: &'static str,
    empty: Empty,
}

/// GET /indicators
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["pack", "period", "unit", "as"])?;
        let file = file::wanted(&call)?;
        let Some(found) = find(&call, true).await? else {
            let page = AllPage {
                lead: String::new(),
                filters: None,
                links: Vec::new(),
                sheet: None,
                goals: None,
                goals_said: String::new(),
                names: false,
                hides: "",
                empty: nothing(),
            };
            return Answer::page("desk/indicators", &page);
        };
        let sheet = tree(&found);
        let goals = goals::sheet(&found.pack);
        let lead = format!("{}, {}", found.unit.name, period_name(&found));
        if file {
            let about = format!("{}, {lead}", found.pack.title);
            let sheets: Vec<&Sheet> = std::iter::once(&sheet)
                .chain(goals.as_ref().filter(|_| !planted!("goals_left_out")))
                .collect();
            return file::book(&call, "Показатели", &about, &sheets);
        }
        let names = found.looking.names;
        let here = section(&found, "", &found.unit.code);
        let page = AllPage {
            lead,
            filters: Some(filters(&found)),
            links: sections(&found, ""),
            sheet: Some(sheet.file(file::of(&here))),
            goals,
            goals_said: goals::said(&found.pack),
            names,
            hides: if names { "" } else { HIDES },
            empty: nothing(),
        };
        Answer::page("desk/indicators", &page)
    })
}

/// The indicators of a unit by goal and task, with the points of each task.
fn tree(found: &Found) -> Sheet {
    let columns = vec![
        SheetColumn::words("Показатель"),
        SheetColumn::figures("Значение"),
        SheetColumn::figures("План"),
        SheetColumn::figures("Отклонение"),
        SheetColumn::figures("Баллы"),
        SheetColumn::words("Уровень"),
        SheetColumn::figures("Числитель"),
        SheetColumn::figures("Знаменатель"),
    ];
    let of_task = |task: Option<&str>| -> Vec<(&Indicator, &Seen)> {
        let own = found
            .own
            .iter()
            .filter_map(|seen| Some((found.pack.indicator(&seen.indicator)?, seen)));
        own.filter(|(of, _)| of.task.as_deref() == task || planted!("task_holds_all"))
            .collect()
    };
    let mut parts = Vec::new();
    for (code, title, goal) in &found.pack.tasks {
        let of = of_task(Some(code));
        if of.is_empty() {
            continue;
        }
        let mut rows: Vec<Vec<SheetCell>> = of.iter().map(|(i, seen)| tree_row(found, i, seen)).collect();
        rows.extend(total(found, code, &of));
        let goal = found
            .pack
            .goals
            .iter()
            .find(|(of, _)| of == goal)
            .map(|(_, title)| title.as_str());
        parts.push(SheetPart {
            title: format!("{} › {title}", goal.unwrap_or_default()),
            rows,
        });
    }
    let rest = of_task(None);
    if !rest.is_empty() {
        parts.push(SheetPart {
            title: "Итоги".to_owned(),
            rows: rest.iter().map(|(i, seen)| tree_row(found, i, seen)).collect(),
        });
    }
    Sheet::of_parts("Показатели", columns, parts)
}

fn tree_row(found: &Found, indicator: &Indicator, seen: &Seen) -> Vec<SheetCell> {
    let name = SheetCell::words(format!("{} {}", indicator.code, indicator.title));
    vec![
        name.link(Some(page_of(found, indicator, "", &found.unit.code, None))),
        words::value_cell(indicator, seen),
        words::target_cell(indicator, seen),
        words::deviation_cell(indicator, seen),
        words::points_cell(seen),
        words::level_cell(found, indicator, seen),
        upper_cell(found, indicator, seen),
        words::lower_cell(seen),
    ]
}

/// The total of a task whose points in percent of the most are an indicator of their own, where the unit has the mean of its
/// units by it: the points of the unit itself would be another answer.
fn mean_total(found: &Found, task: &str) -> Option<Vec<SheetCell>> {
    if !matches!(found.unit.kind, UnitKind::Region | UnitKind::Zone) {
        return None;
    }
    let of_task =
        |i: &Indicator| matches!(&i.formula, Some(Formula::SumPoints { group, percent: true }) if group == task);
    let mut own = found
        .own
        .iter()
        .filter_map(|seen| Some((found.pack.indicator(&seen.indicator)?, seen)));
    let (indicator, seen) = own.find(|(i, _)| of_task(i) && i.aggregate == Aggregate::MeanOfUnits)?;
    let said = match seen.mean_of {
        Some(of) => words::mean(of),
        None => "среднее муниципалитетов".to_owned(),
    };
    let mut row = vec![
        SheetCell::words(format!("{TOTAL}: {said}")),
        words::value_cell(indicator, seen),
    ];
    row.extend((0..6).map(|_| SheetCell::nothing()));
    Some(row)
}

/// What the row of the total of a task is called.
const TOTAL: &str = "Итого баллов, доля от наибольшего";

/// The points of a task beside the most it may give; nothing where it gives none. They are added up as the
/// engine adds them: [`scoring::together`].
fn total(found: &Found, task: &str, of: &[(&Indicator, &Seen)]) -> Option<Vec<SheetCell>> {
    let sums = |i: &Indicator| matches!(i.formula, Some(Formula::SumPoints { .. }));
    let scored = of.iter().filter(|(i, _)| !sums(i));
    let most: i64 = scored
        .clone()
        .map(|(i, _)| scoring::most(&found.pack, i, &found.period.code))
        .sum();
    if most <= 0 {
        return None;
    }
    if let Some(row) = mean_total(found, task).filter(|_| !planted!("two_totals_of_a_group")) {
        return Some(row);
    }
    let hidden = scored.clone().any(|(_, seen)| seen.hidden);
    let point = |milli: i64| {
        SheetCell::number(
            words::fixed(milli, words::needed(milli)),
            milli,
            words::needed(milli),
            "",
        )
    };
    let (share, points) = match scoring::together(scored.map(|(_, seen)| &seen.points)) {
        _ if hidden => {
            let said = crate::desk::small_cells::Told::Hidden.shown();
            (SheetCell::words(said.clone()), SheetCell::words(said))
        }
        Ok(sum) => {
            let share = share_in_tenths(sum, most).unwrap_or(0) * 100;
            let shown = format!("{}{NBSP}%", words::fixed(share, 1));
            (SheetCell::number(shown, share, 1, "%"), point(sum))
        }
        Err(Reason::EdgeUndecided) => {
            let said = Reason::EdgeUndecided.label();
            (SheetCell::words(said), SheetCell::words(said))
        }
        Err(_) => (SheetCell::nothing(), SheetCell::nothing()),
    };
    Some(vec![
        SheetCell::words(TOTAL),
        share,
        SheetCell::nothing(),
        SheetCell::nothing(),
        points,
        SheetCell::nothing(),
        SheetCell::nothing(),
        point(most),
    ])
}

/// The count above the line; it opens its people to whoever may.
pub(crate) fn upper_cell(found: &Found, indicator: &Indicator, seen: &Seen) -> SheetCell {
    let cell = words::upper_cell(seen);
    let part = Part::Numerator;
    if !found.looking.names {
        let own = found.looking.staff && found.unit.kind == UnitKind::Organisation;
        return cell.link(own_school::address_of(found, indicator, seen, part).filter(|_| own));
    }
    let opens = has_list(indicator) && seen.numerator_milli.is_some_and(|n| n > 0);
    cell.link(opens.then(|| page_of(found, indicator, "/people", &seen.unit_code, Some(part))))
}

/// The way back to «Показатели» through the units above.
pub(crate) fn crumbs(found: &Found, indicator: &Indicator) -> Vec<Link> {
    let mut crumbs = vec![Link::new("Показатели", section(found, "", &found.unit.code))];
    let above = found.above.iter().rev();
    crumbs.extend(above.map(|unit| Link::new(unit.name.clone(), page_of(found, indicator, "", &unit.code, None))));
    crumbs
}

/// A number of thousandths as it is written: whole, or with as many decimals as it needs.
pub(crate) fn figure(milli: i64) -> String {
    words::fixed(milli, words::needed(milli))
}

/// A value as it is written: a share with its sign, a count, or that there is none.
pub(crate) fn shown(indicator: &Indicator, value: &Value) -> String {
    value
        .value_milli
        .map_or_else(|| NOTHING.to_owned(), |milli| words::value(indicator, milli))
}

/// The target of a value as it is written.
pub(crate) fn target(indicator: &Indicator, value: &Value) -> String {
    let Some(milli) = value.target_milli else {
        return NOTHING.to_owned();
    };
    words::with_sign(indicator, figure(milli))
}

/// Choices of the pack, the period and the unit.
pub(crate) fn place_filters(place: &Place) -> Vec<Filter> {
    let packs = place
        .packs
        .iter()
        .map(|p| Choice::new(&p.code, p.title.clone(), &place.pack.code));
    vec![
        Filter::select("pack", "Методика", packs.collect()),
        period_filter(place),
    ]
}

/// The choice of a period.
pub(crate) fn period_filter(place: &Place) -> Filter {
    let periods = place
        .known
        .iter()
        .map(|p| Choice::new(&p.code, p.code.clone(), &place.period.code));
    Filter::select("period", "Период", periods.collect())
}

/// The choice of a unit: the highest that the visitor sees, and the towns in them; the one that is open, whatever it is.
pub(crate) fn unit_filter(place: &Place) -> Filter {
    let mut units: Vec<(String, String)> = Vec::new();
    for root in &place.roots {
        units.push((root.code.clone(), root.name.clone()));
        let inside = place.tree.subtree(root.id);
        for kind in [UnitKind::Zone, UnitKind::Municipality] {
            let of = place.tree.of_kind(kind).into_iter();
            let of = of.filter(|u| u.id != root.id && inside.contains(&u.id));
            units.extend(of.map(|u| (u.code.clone(), u.name.clone())));
        }
    }
    if units.iter().all(|(code, _)| *code != place.unit.code) {
        units.push((place.unit.code.clone(), place.unit.name.clone()));
    }
    let choices = units
        .iter()
        .map(|(code, name)| Choice::new(code, name.clone(), &place.unit.code));
    Filter::select("unit", "Единица", choices.collect())
}

fn filters(found: &Found) -> Filters {
    let rows = i64::try_from(found.own.len()).unwrap_or(0);
    let mut filters = place_filters(found);
    filters.push(unit_filter(found));
    Filters {
        action: "/indicators".into(),
        filters,
        chosen: Vec::new(),
        found: format!("Найдено: {}", count(rows, "показатель", "показателя", "показателей")),
        unread: Vec::new(),
        file: None,
        beside: Vec::new(),
    }
}

/// «2024/2025 учебный год», «2024 год».
pub(crate) fn period_name(place: &Place) -> String {
    named(&place.period.code)
}

/// A period as it is called.
pub(crate) fn named(period: &str) -> String {
    if period.contains('/') {
        format!("{period} учебный год")
    } else {
        format!("{period} год")
    }
}

/// The address of a page of an indicator.
pub(crate) fn page_of(place: &Place, indicator: &Indicator, below: &str, unit: &str, part: Option<Part>) -> String {
    page_in(place, indicator, below, unit, &place.period.code, part)
}

/// The same in another period.
pub(crate) fn page_in(
    place: &Place,
    indicator: &Indicator,
    below: &str,
    unit: &str,
    period: &str,
    part: Option<Part>,
) -> String {
    let path = format!("/indicators/{}/{}{below}", place.pack.code, indicator.code);
    let asked = [
        ("period", Some(period)),
        ("unit", Some(unit)),
        ("part", part.map(Part::code)),
    ];
    address::address(
        &path,
        asked.into_iter().filter_map(|(name, value)| Some((name, value?))),
    )
}

/// The address of a page over many indicators: `/map`, `/compare` and the like; nothing is the list itself.
pub(crate) fn section(place: &Place, below: &str, unit: &str) -> String {
    let asked = [
        ("pack", place.pack.code.as_str()),
        ("period", place.period.code.as_str()),
        ("unit", unit),
    ];
    address::address(&format!("/indicators{below}"), asked)
}

/// Pages over many indicators of the place: links to all but the one that is open.
pub(crate) fn sections(place: &Place, open: &str) -> Vec<Link> {
    let pages = [
        ("", "Показатели единицы"),
        ("/map", "Тепловая карта"),
        ("/levels", "Уровни и списки"),
        ("/compare", "Сравнение"),
        ("/clusters", "Кластеры"),
        ("/crossing", "Два показателя"),
    ];
    let goes = |below: &str| match below {
        _ if below == open => false,
        "/clusters" => !place.pack.clusters.is_empty(),
        _ => true,
    };
    let pages = pages.into_iter().filter(|(below, _)| goes(below));
    pages
        .map(|(below, words)| Link::new(words, section(place, below, &place.unit.code)))
        .collect()
}
