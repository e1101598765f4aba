//! The people behind a number: who is counted, who is only in the denominator, who is left out and why.

use std::collections::HashMap;

use serde::Serialize;

use crate::db::{AnyConn, DbError};
use crate::desk::indicators::figures::{crumbs, find_one, page_of, period_name};
use crate::desk::indicators::figures_rows::Found;
use crate::desk::list::{List, PAGE};
use crate::desk::list_file::{self, ListFile};
use crate::desk::looked;
use crate::desk::plan::list_rows;
use crate::error::Error;
use crate::exchange::list_file::FileCell;
use crate::indicators::pack::Indicator;
use crate::indicators::people::{self as listing, Listed, Part};
use crate::indicators::people_page;
use crate::iom::IomId;
use crate::pages::parts::{Cell, Column, Empty, Link, Paging, Register};
use crate::pages::text::{capital, count};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct PeoplePage {
    heading: String,
    lead: String,
    crumbs: Vec<Link>,
    parts: Vec<Link>,
    register: Option<Register>,
    paging: Option<Paging>,
    file: Option<String>,
    empty: Empty,
}

/// GET /indicators/{pack}/{code}/people
pub fn people(call: Call) -> Answering {
    Box::pin(async move {
        let (at, part, found, indicator) = asked(&call).await?;
        let (all, rows, plans) = of_page(&call, &at, part, &found, &indicator).await?;
        let opens = call.visitor()?.may(Capability::Plans);
        let named: Vec<&String> = rows.iter().map(|row| &row.key).collect();
        let people = persons(&rows);
        looked::telling(&call, "indicator", &filter(&found, part), &named, all, &people).await?;
        let records = i64::try_from(all).unwrap_or(i64::MAX);
        let columns = [
            Column::words("Кто"),
            Column::words("Организация"),
            Column::words("Почему"),
        ];
        let shown = rows.into_iter().map(|row| {
            let (places, reason) = (places(&found, &row), reason(&row, part));
            let plan = row
                .plan
                .or_else(|| row.person.and_then(|person| plans.get(&person)).copied());
            let name = match plan.filter(|_| opens) {
                Some(plan) => Cell::link(row.name, format!("/plans/{plan}")),
                None => Cell::text(row.name),
            };
            vec![name, Cell::text(places), Cell::text(reason)]
        });
        let shown: Vec<_> = shown.collect();
        let mut crumbs = crumbs(&found, &indicator);
        let own = page_of(&found, &indicator, "", &found.unit.code, None);
        crumbs.push(Link::new(format!("{} {}", indicator.code, found.unit.name), own));
        let page = PeoplePage {
            heading: format!("{}: {}", indicator.code, part.label()),
            lead: format!(
                "{} · {} · {} · {}",
                indicator.title,
                found.unit.name,
                period_name(&found),
                count(records, "запись", "записи", "записей")
            ),
            crumbs,
            parts: Part::ALL
                .iter()
                .filter(|p| **p != part)
                .map(|p| {
                    Link::new(
                        capital(p.label()),
                        page_of(&found, &indicator, "/people", &found.unit.code, Some(*p)),
                    )
                })
                .collect(),
            register: (!shown.is_empty()).then(|| Register::new("Люди", &columns, shown)),
            paging: at.paging(all),
            file: (all > 0).then(|| at.file()),
            empty: Empty::new("Здесь никого нет", "За этим числом не стоит ни одного человека."),
        };
        let title = format!("{} {}, {}", indicator.code, indicator.title, part.label());
        Ok(Answer::page("desk/indicator_people", &page)?.title(title))
    })
}

/// What the address asks for.
async fn asked(call: &Call) -> Result<(List, Part, Found, Indicator), Error> {
    let at = List::of(call, &["period", "unit", "part"])?;
    let part = at.known("part", Part::from_code)?.unwrap_or(Part::Numerator);
    let (found, indicator) = find_one(call, false).await?;
    Ok((at, part, found, indicator))
}

/// The latest plan of each person.
type Plans = HashMap<PersonId, IomId>;

/// How many there are, those of the page, and their plans for whoever may open these.
async fn of_page(
    call: &Call,
    at: &List,
    part: Part,
    found: &Found,
    indicator: &Indicator,
) -> Result<(usize, Vec<Listed>, Plans), Error> {
    let visitor = call.visitor()?;
    let region = visitor.region.map(UnitId).filter(|_| visitor.may(Capability::Plans));
    let (scope, of, at) = (
        visitor.scope.clone(),
        (found.pack.clone(), indicator.clone()),
        at.clone(),
    );
    let (period, unit) = (found.period.clone(), found.unit.clone());
    let read = move |c: &mut AnyConn| -> Result<_, DbError> {
        let wanted = |all: usize| at.skipped(all)..at.skipped(all) + PAGE;
        let (all, rows) = people_page::page(c, &scope, (&of.0, &of.1), &period, &unit, part, wanted)?;
        let without = rows.iter().filter(|row| row.plan.is_none());
        let persons: Vec<PersonId> = without.filter_map(|row| row.person).collect();
        let plans = match region.filter(|_| !persons.is_empty()) {
            Some(region) => list_rows::latest(c, region, &persons)?,
            None => Plans::new(),
        };
        Ok((all, rows, plans))
    };
    Ok(call.app().db.read(read).await?)
}

/// All of them.
async fn everyone(call: &Call, part: Part, found: &Found, indicator: &Indicator) -> Result<Vec<Listed>, Error> {
    let (scope, of) = (call.visitor()?.scope.clone(), (found.pack.clone(), indicator.clone()));
    let (period, unit) = (found.period.clone(), found.unit.id);
    let read = move |c: &mut AnyConn| -> Result<_, DbError> {
        listing::people(c, &scope, (&of.0, &of.1), &period, unit, part)
    };
    Ok(call.app().db.read(read).await?)
}

/// Names of the organisations where a row counts.
fn places(found: &Found, row: &Listed) -> String {
    let names: Vec<String> = row.units.iter().map(|code| found.name_of(code)).collect();
    names.join(", ")
}

/// Why a row stands in this part.
fn reason(row: &Listed, part: Part) -> String {
    if row.reason.is_empty() {
        capital(part.label())
    } else {
        capital(&row.reason)
    }
}

/// GET and POST /indicators/{pack}/{code}/people/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let (at, part, found, indicator) = asked(&call).await?;
        let rows = everyone(&call, part, &found, &indicator).await?;
        let of = ListFile {
            list: "indicator",
            named: "Люди показателя",
            chosen: format!(
                "{} {}; {}; {}; {}",
                indicator.code,
                indicator.title,
                found.unit.name,
                period_name(&found),
                part.label()
            ),
            codes: filter(&found, part),
            ids: rows.iter().map(|row| row.key.clone()).collect(),
            people: rows.len(),
            tells: persons(&rows),
            right: Capability::Indicators,
        };
        if let Some(instead) = list_file::gate(&call, &at, &of).await? {
            return Ok(instead);
        }
        let row = |row: &Listed| -> Vec<FileCell> {
            let name = row.name.clone();
            vec![name.into(), places(&found, row).into(), reason(row, part).into()]
        };
        let rows: Vec<Vec<FileCell>> = rows.iter().map(row).collect();
        list_file::answer(&call, &of, &["Кто", "Организация", "Почему"], &rows)
    })
}

/// Whose rows these are, where people or their plans are counted.
fn persons(rows: &[Listed]) -> Vec<PersonId> {
    rows.iter().filter_map(|row| row.person).collect()
}

/// What was chosen, in codes, once it is known to exist.
fn filter(found: &Found, part: Part) -> String {
    format!(
        "pack={} indicator={} unit={} period={} part={part}",
        found.pack.code,
        found.indicator.as_ref().map_or("", |i| i.code.as_str()),
        found.unit.code,
        found.period.code
    )
}
