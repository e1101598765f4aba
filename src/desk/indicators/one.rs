//! One indicator of a unit: its value, a bar for each unit below, and the table of the units with what was reported beside
//! what was computed.

use serde::Serialize;

use crate::desk::editions::released;
use crate::desk::indicators::bars::{Bars, bars};
use crate::desk::indicators::dropped;
use crate::desk::indicators::edge;
use crate::desk::indicators::figures::{
    HIDES, crumbs, figure as written, find_one, page_of, period_filter, period_name, sections, target, unit_filter,
};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::file;
use crate::desk::indicators::heads;
use crate::desk::indicators::own_school;
use crate::desk::indicators::parts;
use crate::desk::indicators::people::listed_subject;
use crate::desk::indicators::table;
use crate::desk::indicators::target;
use crate::desk::indicators::told::Seen;
use crate::desk::indicators::words;
use crate::desk::list::{List, PAGE};
use crate::desk::registers::page::Block;
use crate::error::Error;
use crate::indicators::contributions::counted;
use crate::indicators::formula::{Amount, Formula};
use crate::indicators::measures;
use crate::indicators::people::{Part, has_list};
use crate::indicators::scoring::Scored;
use crate::indicators::{Indicator, Subject};
use crate::pages::parts::{Empty, Figure, Filters, Link, Paging, Sheet};
use crate::pages::text::{capital, number};
use crate::units::UnitKind;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct OnePage {
    code: String,
    title: String,
    lead: String,
    crumbs: Vec<Link>,
    links: Vec<Link>,
    done: Option<&'static str>,
    figures: Vec<Figure>,
    edge: Option<Block>,
    token: String,
    bars: Option<Bars>,
    heading: &'static str,
    filters: Filters,
    sheet: Option<Sheet>,
    paging: Option<Paging>,
    /// What a number above the line opens, where it opens anything.
    opens: &'static str,
    hides: &'static str,
    empty: Option<Empty>,
}

/// GET /indicators/{pack}/{code}
pub fn one(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, table::NAMES)?;
        table::order(&at)?;
        let file = file::wanted(&call)?;
        let (found, indicator) = match find_one(&call, true).await {
            Err(missing @ Error::NotFound(_)) if !file => return dropped::page(&call).await?.ok_or(missing),
            found => found?,
        };
        let mut chosen = vec![period_filter(&found), unit_filter(&found)];
        chosen.extend(table::filter(&at, &found)?);
        let (found, parted) = table::classes_of(&call, &at, found).await?;
        let mut sheet = table::sheet(&at, &found, &indicator, parted.as_ref());
        let lead = format!("{} · {}", found.unit.name, period_name(&found));
        let title = format!("{} {}", indicator.code, indicator.title);
        if file {
            return file::answer(&call, &title, &format!("{}, {lead}", found.pack.title), &sheet);
        }
        let all = found.below.len();
        if parted.is_none()
            && let Some(part) = sheet.parts.first_mut()
            && all > PAGE * 2
        {
            part.rows = at.rows(std::mem::take(&mut part.rows));
        }
        let mut rows: Vec<&Seen> = found.below.iter().collect();
        rows.sort_by_key(|v| std::cmp::Reverse(v.value_milli));
        let own = found.own.first();
        let here = at.here();
        let released = released::figure(&call, &found, &indicator).await?;
        let school = call.visitor()?.may(Capability::Staff);
        let page = OnePage {
            code: indicator.code.clone(),
            title: indicator.title.clone(),
            lead: format!("{lead} · {}", indicator.population),
            crumbs: crumbs(&found, &indicator),
            links: links(&found, &indicator)
                .into_iter()
                .chain(heads::link(&call, &found, &indicator)?)
                .collect(),
            figures: own
                .map(|value| figures(&found, &indicator, value, school))
                .into_iter()
                .flatten()
                .chain(released)
                .chain(target::figures(&found, &indicator))
                .collect(),
            done: (call.query.get("done") == Some("edge")).then_some("Выбор записан"),
            edge: edge::block(&call, &found, &indicator)?,
            token: call.token(),
            bars: bars(&found, &indicator, &rows),
            heading: heading(found.level),
            filters: at.filters(chosen, String::new()),
            paging: at.paging(all).filter(|_| parted.is_none() && all > PAGE * 2),
            sheet: (!sheet.is_empty()).then(|| sheet.file(file::of(&here))),
            opens: if found.looking.names && has_list(&indicator) {
                opens(&indicator)
            } else {
                ""
            },
            hides: if found.looking.names { "" } else { HIDES },
            empty: found.below.is_empty().then(|| {
                Empty::new(
                    "Ниже единиц нет",
                    "Числа этой единицы стоят выше, её показатели — по ссылке «Показатели единицы».",
                )
            }),
        };
        Ok(Answer::page("desk/indicator", &page)?.title(title))
    })
}

/// What a number above the line opens.
fn opens(indicator: &Indicator) -> &'static str {
    match listed_subject(indicator) {
        Subject::Person => "Число в числителе открывает список людей.",
        Subject::Iom => "Число в числителе открывает список ИОМ.",
        Subject::Organisation => "Число в числителе открывает список организаций.",
        Subject::Municipality => "Число в числителе открывает список муниципалитетов.",
        Subject::Programme => "Число в числителе открывает список программ.",
    }
}

fn heading(level: UnitKind) -> &'static str {
    match level {
        UnitKind::Municipality => "По муниципалитетам",
        UnitKind::Organisation => "По организациям",
        _ => "По единицам",
    }
}

/// More about this indicator, and pages over many of them.
fn links(found: &Found, indicator: &Indicator) -> Vec<Link> {
    let of = |words: &str, below: &str| {
        let href = page_of(found, indicator, below, &found.unit.code, None);
        Link::new(words, href)
    };
    let mut links = vec![of("Паспорт показателя", "/passport"), of("Динамика", "/series")];
    if let Some(by) = indicator.breakdown.filter(|_| found.looking.names) {
        links.push(of(&capital(parts::said(by)), "/parts"));
    }
    if found.looking.names && counted(indicator).is_some() {
        links.extend([of("Почему изменилось", "/change"), of("Две даты", "/dates")]);
    }
    links.extend(sections(found, "/clusters").into_iter().take(4));
    links
}

/// `school`: whether the visitor heads the people of a school, and finds those behind its numbers among them.
fn figures(found: &Found, indicator: &Indicator, value: &Seen, school: bool) -> Vec<Figure> {
    let figure = |shown: String, label: &str, href| Figure {
        shown,
        label: label.to_owned(),
        href,
        note: None,
    };
    let names = found.looking.names;
    let list = |part| Some(page_of(found, indicator, "/people", &found.unit.code, Some(part))).filter(|_| names);
    let goal = match value.target_milli {
        Some(_) => format!("значение, цель {}", target(indicator, value)),
        None => "значение".to_owned(),
    };
    // The value as the table of units writes it, and what the scale says of it: where there is none, why.
    let mean = value.mean_of.map(words::mean);
    let notes = [mean, words::above_hundred(indicator, value.value_milli)];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    let mut figures = vec![Figure {
        note: Some(notes.join("; ")).filter(|note| !note.is_empty()),
        ..figure(words::value_cell(indicator, value).text, &goal, None)
    }];
    if !matches!(value.points, Scored::Unscaled) {
        figures.push(figure(words::points_cell(value).text, "баллы", None));
    }
    if let Some(chip) = words::level_chip(found, indicator, value) {
        figures.push(figure(chip.text, "уровень", None));
    }
    let lists = has_list(indicator);
    if value.mean_of.is_none() {
        figures.extend(counts(found, indicator, value, school));
    }
    let differ = found
        .below
        .iter()
        .filter(|v| table::difference(v).is_some_and(|d| d != 0))
        .count();
    if found.below.iter().any(|v| v.reported_milli.is_some()) {
        let label = "расхождения поданного и рассчитанного";
        figures.push(figure(number(i64::try_from(differ).unwrap_or(0)), label, None));
    }
    if lists && names {
        if value.mean_of.is_some() {
            figures.push(figure("Кто".into(), "считается", list(Part::Numerator)));
        }
        figures.push(figure("Кто".into(), "не считается и почему", list(Part::Excluded)));
    }
    figures
}

/// What stands above and below the line, each with its list.
fn counts(found: &Found, indicator: &Indicator, value: &Seen, school: bool) -> Vec<Figure> {
    let mut figures = Vec::new();
    let figure = |shown: String, label: &str, href| Figure {
        shown,
        label: label.to_owned(),
        href,
        note: None,
    };
    let counted = |of: &Amount| {
        let titles = measures::titles(of);
        (!titles.is_empty()).then(|| format!("Величины: {}", titles.join("; ")))
    };
    let names = found.looking.names;
    let list = |part| match (names, school && found.unit.kind == UnitKind::Organisation) {
        (true, _) => Some(page_of(found, indicator, "/people", &found.unit.code, Some(part))),
        (false, true) => own_school::address_of(found, indicator, value, part),
        (false, false) => None,
    };
    let formula = indicator.formula.as_ref();
    let lists = has_list(indicator);
    if let Some(upper) = value.numerator_milli {
        figures.push(Figure {
            note: formula.and_then(Formula::numerator).and_then(counted),
            ..figure(written(upper), "в числителе", list(Part::Numerator).filter(|_| lists))
        });
    } else if let Some(told) = value.upper {
        figures.push(figure(told.shown(), "в числителе", None));
    }
    let denominator = formula.and_then(Formula::denominator);
    if let (Some(upper), Some(lower)) = (value.numerator_milli, value.denominator_milli) {
        let same = denominator.map(Amount::subject) == formula.and_then(Formula::numerator).map(Amount::subject);
        let (shown, label, href) = if lists && same && lower >= upper {
            (lower - upper, "только в знаменателе", list(Part::Rest))
        } else {
            (lower, "в знаменателе", None)
        };
        figures.push(Figure {
            note: denominator.and_then(counted),
            ..figure(written(shown), label, href)
        });
    } else if let Some(told) = value.lower_told {
        figures.push(figure(told.shown(), "в знаменателе", None));
    } else if let Some(lower) = value.denominator_milli {
        figures.push(figure(written(lower), "в знаменателе", None));
    }
    figures
}
