//! One indicator of a unit: its value, a bar for each unit below, and what was reported beside what was computed with
//! the difference in words.

use serde::Serialize;

use super::figures::{count_cell, crumbs, figure as written, find_one, page_of, period_name, shown, target};
use super::figures_rows::Found;
use super::indicator_bars::{Bars, bars};
use crate::indicators::Indicator;
use crate::indicators::formula::{Amount, Formula};
use crate::indicators::measures;
use crate::indicators::people::{Part, has_list};
use crate::indicators::values::Value;
use crate::pages::parts::{Cell, Chip, Column, Empty, Figure, Link, Register, Tone};
use crate::pages::text::{NOTHING, number};
use crate::units::UnitKind;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

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

/// GET /indicators/{pack}/{code}
pub fn one(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "unit"])?;
        let (found, indicator) = find_one(&call, true).await?;
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

fn figures(found: &Found, indicator: &Indicator, value: &Value) -> Vec<Figure> {
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
    let list = |part| Some(page_of(found, indicator, "/people", &found.unit.code, Some(part)));
    let goal = match value.target_milli {
        Some(_) => format!("значение, цель {}", target(indicator, value)),
        None => "значение".to_owned(),
    };
    let mut figures = vec![figure(shown(indicator, value), &goal, None)];
    let formula = indicator.formula.as_ref();
    let lists = has_list(indicator);
    if let Some(upper) = value.numerator_milli {
        figures.push(Figure {
            note: formula.and_then(Formula::numerator).and_then(counted),
            ..figure(written(upper), "в числителе", list(Part::Numerator).filter(|_| lists))
        });
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
    if lists {
        figures.push(figure("Кто".into(), "не считается и почему", list(Part::Excluded)));
    }
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
                page_of(found, indicator, "", &value.unit_code, None),
            ),
            count_cell(found, value, Part::Numerator),
            value
                .lower()
                .map_or_else(|| Cell::text(NOTHING), |n| Cell::text(number(n))),
            Cell::text(shown(indicator, value)),
            reported(value),
        ]
    });
    Register::new(format!("{}: {}", indicator.code, first), &columns, rows.collect())
}

/// What was reported less what was computed, in whole units of the count.
fn difference(value: &Value) -> Option<i64> {
    value.reported_milli.map(|reported| reported / 1000 - value.upper())
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
