//! The operator: «Показатели» of a unit, each figure opening its people. What the pages of one indicator share with it
//! stands here too: what the address asks for, how values are written, where links lead.

use serde::Serialize;

use super::figures_rows::{self, Asked, Found};
use crate::db::AnyConn;
use crate::error::Error;
use crate::indicators::Indicator;
use crate::indicators::people::{Part, has_list};
use crate::indicators::values::Value;
use crate::pages::parts::{Cell, Choice, Column, Empty, Filter, Filters, Link, Register};
use crate::pages::text::{NOTHING, count, number, percent, tenths};
use crate::web::registry::Answering;
use crate::web::{Answer, Call, address};

/// What the address asks for; the rest is chosen for the visitor.
fn asked(call: &Call, valued: bool) -> Asked {
    let get = |name| call.query.get(name).filter(|v| !v.is_empty()).map(str::to_owned);
    let part = |name| call.parts.get(name).map(str::to_owned);
    Asked {
        pack: part("pack").or_else(|| get("pack")),
        indicator: part("code"),
        period: get("period"),
        unit: get("unit"),
        valued,
    }
}

async fn find(call: &Call, valued: bool) -> Result<Option<Found>, Error> {
    let (asked, visitor) = (asked(call, valued), call.visitor()?);
    let (scope, region) = (visitor.scope.clone(), visitor.region);
    call.app()
        .db
        .read(move |c: &mut AnyConn| figures_rows::find(c, &scope, region, &asked))
        .await
}

/// The indicator that the address names, with its values if they are shown.
pub(super) async fn find_one(call: &Call, valued: bool) -> Result<(Found, Indicator), Error> {
    let missing = || Error::NotFound("показатель".into());
    let found = find(call, valued).await?.ok_or_else(missing)?;
    let indicator = found.indicator.clone().ok_or_else(missing)?;
    Ok((found, indicator))
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
        let Some(found) = find(&call, true).await? else {
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
                    page_of(&found, indicator, "", &found.unit.code, None),
                ),
                Cell::text(shown(indicator, value)),
                Cell::text(target(indicator, value)),
                cell(Part::Numerator),
                value
                    .lower()
                    .map_or_else(|| Cell::text(NOTHING), |n| Cell::text(number(n))),
            ])
        });
        let rows: Vec<_> = rows.collect();
        let page = AllPage {
            lead: format!("{}, {}", found.unit.name, period_name(&found)),
            filters: Some(filters(&found)),
            register: Some(Register::new("Показатели", &columns, rows)),
            empty: nothing(),
        };
        Answer::page("desk/indicators", &page)
    })
}

/// The way back to «Показатели» through the units above.
pub(super) fn crumbs(found: &Found, indicator: &Indicator) -> Vec<Link> {
    let all = address::address(
        "/indicators",
        [
            ("pack", found.pack.code.as_str()),
            ("period", found.period.code.as_str()),
        ],
    );
    let mut crumbs = vec![Link::new("Показатели", all)];
    let above = found.above.iter().rev();
    crumbs.extend(above.map(|unit| Link::new(unit.name.clone(), page_of(found, indicator, "", &unit.code, None))));
    crumbs
}

/// A count that opens its people; nobody has no list.
pub(super) fn count_cell(found: &Found, value: &Value, part: Part) -> Cell {
    let indicator = found.pack.indicator(&value.indicator);
    let Some(upper) = value.numerator_milli else {
        return Cell::text(NOTHING);
    };
    match indicator.filter(|of| upper > 0 && has_list(of)) {
        Some(of) => Cell::link(
            figure(upper),
            page_of(found, of, "/people", &value.unit_code, Some(part)),
        ),
        None => Cell::text(figure(upper)),
    }
}

/// A number of thousandths as it is written: whole, or with one decimal.
pub(super) fn figure(milli: i64) -> String {
    if milli % 1000 == 0 {
        number(milli / 1000)
    } else {
        tenths(milli / 100)
    }
}

/// A value as it is written: a share with its sign, a count, or that there is none.
pub(super) fn shown(indicator: &Indicator, value: &Value) -> String {
    match value.value_milli {
        Some(milli) if indicator.is_percent() => match (indicator.digits, value.numerator_milli, value.lower()) {
            (1, Some(upper), Some(lower)) if lower > 0 && upper % 1000 == 0 => percent(upper / 1000, lower),
            _ => format!("{}\u{A0}%", tenths(milli / 100)),
        },
        Some(milli) => figure(milli),
        None => NOTHING.to_owned(),
    }
}

/// The target of a value as it is written.
pub(super) fn target(indicator: &Indicator, value: &Value) -> String {
    let Some(milli) = value.target_milli else {
        return NOTHING.to_owned();
    };
    let figure = figure(milli);
    if indicator.is_percent() {
        format!("{figure}\u{A0}%")
    } else {
        figure
    }
}

fn filters(found: &Found) -> Filters {
    let packs = found
        .packs
        .iter()
        .map(|p| Choice::new(&p.code, p.title.clone(), &found.pack.code));
    let periods = found
        .periods
        .iter()
        .map(|p| Choice::new(p, p.clone(), &found.period.code));
    let rows = i64::try_from(found.own.len()).unwrap_or(0);
    Filters {
        action: "/indicators".into(),
        filters: vec![
            Filter::select("pack", "Методика", packs.collect()),
            Filter::select("period", "Период", periods.collect()),
        ],
        chosen: Vec::new(),
        found: format!("Найдено: {}", count(rows, "показатель", "показателя", "показателей")),
        file: None,
    }
}

/// «2024/2025 учебный год», «2024 год».
pub(super) fn period_name(found: &Found) -> String {
    if found.period.code.contains('/') {
        format!("{} учебный год", found.period.code)
    } else {
        format!("{} год", found.period.code)
    }
}

/// The address of a page of an indicator.
pub(super) fn page_of(found: &Found, indicator: &Indicator, below: &str, unit: &str, part: Option<Part>) -> String {
    let path = format!("/indicators/{}/{}{below}", found.pack.code, indicator.code);
    let asked = [
        ("period", Some(found.period.code.as_str())),
        ("unit", Some(unit)),
        ("part", part.map(Part::code)),
    ];
    address::address(
        &path,
        asked.into_iter().filter_map(|(name, value)| Some((name, value?))),
    )
}
