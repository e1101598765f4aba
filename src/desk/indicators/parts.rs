//! One indicator of a unit by what its passport breaks it down by: subjects taught, groups of competences.

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::indicators::figures::{crumbs, find_one, page_of, period_filter, period_name, unit_filter};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::indicators::file;
use crate::desk::indicators::people;
use crate::desk::indicators::told::Seen;
use crate::desk::indicators::words;
use crate::desk::list::List;
use crate::error::Error;
use crate::indicators::pack::Breakdown;
use crate::indicators::people::{Part, parts_of_rows};
use crate::indicators::values::{self, Query, Value};
use crate::indicators::{Indicator, spoken};
use crate::pages::parts::{Empty, Filters, Link, Sheet, SheetCell, SheetColumn};
use crate::pages::text::capital;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

/// What the address may hold.
const NAMES: &[&str] = &["period", "unit", "as"];

#[derive(Serialize)]
struct PartsPage {
    code: String,
    title: String,
    lead: String,
    crumbs: Vec<Link>,
    filters: Filters,
    sheet: Option<Sheet>,
    empty: Empty,
}

/// GET /indicators/{pack}/{code}/parts
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of(&call, NAMES)?;
        let file = file::wanted(&call)?;
        let (found, indicator) = find_one(&call, false).await?;
        let by = indicator.breakdown.ok_or_else(|| Error::NotFound("разрез".into()))?;
        let (scope, of) = (
            call.visitor()?.scope.clone(),
            (found.pack.clone(), found.period.clone()),
        );
        let query = Query {
            level: found.unit.kind,
            unit: Some(found.unit.id),
            indicator: Some(indicator.code.clone()),
            as_of: None,
            known_at: None,
            breakdowns: true,
        };
        let read = move |c: &mut AnyConn| values::values(c, &scope, &of.0, &of.1, &query);
        let mut rows = call.app().db.read(read).await?;
        rows.retain(|value| value.unit == found.unit.id);
        let title = format!("{} {}: {}", indicator.code, indicator.title, said(by));
        let sheet = sheet(&found, &indicator, by, rows);
        let lead = format!("{} · {}", found.unit.name, period_name(&found));
        if file {
            return file::answer(&call, &title, &format!("{}, {lead}", found.pack.title), &sheet);
        }
        let mut own = crumbs(&found, &indicator);
        let here = page_of(&found, &indicator, "", &found.unit.code, None);
        own.push(Link::new(format!("{} {}", indicator.code, found.unit.name), here));
        let here = at.here();
        let page = PartsPage {
            code: indicator.code.clone(),
            title: format!("{}: {}", indicator.title, said(by)),
            lead,
            crumbs: own,
            filters: at.filters(vec![period_filter(&found), unit_filter(&found)], String::new()),
            sheet: (!sheet.is_empty()).then(|| sheet.file(file::of(&here))),
            empty: Empty::new("Делить нечего", "За период здесь нет никого, кого считает показатель."),
        };
        Ok(Answer::page("desk/indicator_parts", &page)?.title(title))
    })
}

/// What it is broken down by.
pub(crate) fn said(by: Breakdown) -> &'static str {
    match by {
        Breakdown::Subject | Breakdown::SubjectOfNumerator => "по предметам",
        Breakdown::Group => "по видам дефицитов",
    }
}

/// What one name of it is.
pub(crate) fn head(by: Breakdown) -> &'static str {
    match by {
        Breakdown::Subject | Breakdown::SubjectOfNumerator => "Предмет",
        Breakdown::Group => "Вид дефицитов",
    }
}

/// A name of it as it is written.
pub(crate) fn named(by: Breakdown, name: &str) -> String {
    match by {
        Breakdown::Group => capital(&spoken::group(name)),
        Breakdown::Subject | Breakdown::SubjectOfNumerator => capital(name),
    }
}

fn sheet(found: &Found, indicator: &Indicator, by: Breakdown, rows: Vec<Value>) -> Sheet {
    let lists = parts_of_rows(indicator);
    let has_rest = lists.contains(&Part::Rest);
    let mut columns = vec![
        SheetColumn::words(head(by)),
        SheetColumn::figures("В числителе"),
        SheetColumn::figures("Всего"),
        SheetColumn::figures("Значение"),
    ];
    if has_rest {
        columns.push(SheetColumn::figures(capital(Part::Rest.label())));
    }
    let row = |(name, seen): (String, Seen)| {
        // A mean counts nobody.
        let opens = |milli: Option<i64>, part: Part| {
            let people = lists.contains(&part) && seen.mean_of.is_none() && milli.is_some_and(|n| n > 0);
            people.then(|| people::address_of_row(found, indicator, part, &name))
        };
        let upper = seen.numerator_milli;
        let rest = seen.denominator_milli.zip(upper).map(|(all, some)| all - some);
        let mut cells = vec![
            SheetCell::words(named(by, &name)),
            words::upper_cell(&seen).link(opens(upper, Part::Numerator)),
            words::lower_cell(&seen),
            words::value_cell(indicator, &seen),
        ];
        if has_rest {
            let rest = rest.filter(|_| seen.mean_of.is_none());
            cells.push(words::count_cell(rest, None).link(opens(rest, Part::Rest)));
        }
        cells
    };
    let parts = rows.into_iter().filter_map(|value| {
        let name = value.breakdown.as_ref().map(|(_, name)| name.clone())?;
        Some((name, Seen::from(value)))
    });
    Sheet::new(
        format!("{}, {}", indicator.code, found.unit.name),
        columns,
        parts.map(row).collect(),
    )
}
