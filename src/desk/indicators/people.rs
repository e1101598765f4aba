//! The people behind a number: who is counted, who is only in the denominator, who is left out and why.

use std::collections::HashMap;

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::indicators::figures::{crumbs, find_one, page_of, period_name};
use crate::desk::indicators::figures_rows::{Found, Place};
use crate::desk::indicators::parts as breakdown;
use crate::desk::list::{List, PAGE};
use crate::desk::list_file::{self, ListFile};
use crate::desk::looked;
use crate::desk::plan::list_rows;
use crate::error::Error;
use crate::exchange::list_file::FileCell;
use crate::facts::FactPeriod;
use crate::indicators::distance::subject;
use crate::indicators::evaluate::Reason;
use crate::indicators::pack::Indicator;
use crate::indicators::people::{self as listing, Listed, Part};
use crate::indicators::people_page;
use crate::indicators::{Formula, Pack, Subject};
use crate::iom::IomId;
use crate::pages::parts::{Cell, Column, Empty, Link, Paging, Register};
use crate::pages::text::{NBSP, capital, count};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call, Scope};

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
        let (at, of, found, indicator) = asked(&call).await?;
        let part = of.part;
        let (all, rows, plans) = of_page(&call, &at, &of, &found, &indicator).await?;
        let opens = call.visitor()?.may(Capability::Plans);
        let named: Vec<&String> = rows.iter().map(|row| &row.key).collect();
        let people = persons(&rows);
        looked::telling(&call, "indicator", &filter(&found, &of), &named, all, &people).await?;
        let records = i64::try_from(all).unwrap_or(i64::MAX);
        let spoken = spoken(&indicator);
        let columns: Vec<Column> = spoken.heads.iter().map(|head| Column::words(head)).collect();
        let shown = rows.into_iter().map(|row| {
            let beside = beside(&found, &row, part, &spoken);
            let plan = row
                .plan
                .or_else(|| row.person.and_then(|person| plans.get(&person)).copied());
            let name = match plan.filter(|_| opens) {
                Some(plan) => Cell::link(row.name, format!("/plans/{plan}")),
                None => Cell::text(row.name),
            };
            let mut cells = vec![name];
            cells.extend(beside.into_iter().map(Cell::text));
            cells
        });
        let shown: Vec<_> = shown.collect();
        let mut crumbs = crumbs(&found, &indicator);
        let own = page_of(&found, &indicator, "", &found.unit.code, None);
        crumbs.push(Link::new(format!("{} {}", indicator.code, found.unit.name), own));
        if let (Some(by), Some(_)) = (indicator.breakdown, &of.row) {
            let rows = page_of(&found, &indicator, "/parts", &found.unit.code, None);
            crumbs.push(Link::new(capital(breakdown::said(by)), rows));
        }
        let of_row = of
            .said(&indicator)
            .map_or_else(String::new, |said| format!(" · {said}"));
        let page = PeoplePage {
            heading: format!("{}: {}", indicator.code, part.label()),
            lead: format!(
                "{} · {} · {}{of_row} · {}",
                indicator.title,
                found.unit.name,
                period_name(&found),
                count(records, "запись", "записи", "записей")
            ),
            crumbs,
            parts: of.others(&found, &indicator),
            register: (!shown.is_empty()).then(|| Register::new(spoken.table, &columns, shown)),
            paging: at.paging(all),
            file: (all > 0).then(|| at.file()),
            empty: Empty::new("Здесь никого нет", spoken.nobody),
        };
        let title = format!("{} {}, {}", indicator.code, indicator.title, part.label());
        Ok(Answer::page("desk/indicator_people", &page)?.title(title))
    })
}

/// What the list behind an indicator holds.
pub(crate) fn listed_subject(indicator: &Indicator) -> Subject {
    let of = match &indicator.formula {
        Some(Formula::Presence(set, _)) => Some(set.subject),
        _ => subject(indicator),
    };
    of.filter(|_| !planted!("units_called_people"))
        .unwrap_or(Subject::Person)
}

/// How a list speaks of what it holds.
struct Spoken {
    /// What its table is called.
    table: &'static str,
    /// Heads of its columns; units and programmes have one for their code.
    heads: &'static [&'static str],
    /// What is said where there is nobody.
    nobody: &'static str,
    /// What its workbook is called.
    file: &'static str,
    /// Whether the code stands beside the name.
    coded: bool,
}

fn spoken(indicator: &Indicator) -> Spoken {
    match listed_subject(indicator) {
        Subject::Person | Subject::Iom => Spoken {
            table: "Люди",
            heads: &["Кто", "Организация", "Почему"],
            nobody: "За этим числом не стоит ни одного человека.",
            file: "Люди показателя",
            coded: false,
        },
        Subject::Organisation => Spoken {
            table: "Организации",
            heads: &["Организация", "Код", "Где", "Почему"],
            nobody: "За этим числом не стоит ни одной организации.",
            file: "Организации показателя",
            coded: true,
        },
        Subject::Municipality => Spoken {
            table: "Муниципалитеты",
            heads: &["Муниципалитет", "Код", "Где", "Почему"],
            nobody: "За этим числом не стоит ни одного муниципалитета.",
            file: "Муниципалитеты показателя",
            coded: true,
        },
        Subject::Programme => Spoken {
            table: "Программы",
            heads: &["Программа", "Код", "Кто проводит", "Почему"],
            nobody: "За этим числом не стоит ни одной программы.",
            file: "Программы показателя",
            coded: true,
        },
    }
}

/// What stands beside the name in a row.
fn beside(found: &Found, row: &Listed, part: Part, of: &Spoken) -> Vec<String> {
    let code = of.coded.then(|| row.key.clone());
    let rest = [places(found, row), reason(row, part)];
    code.into_iter().chain(rest).collect()
}

/// Which people of a value.
#[derive(Debug, Clone)]
struct Wanted {
    part: Part,
    /// The row of its breakdown.
    row: Option<String>,
}

impl Wanted {
    /// The row in words: «Предмет: Физика».
    fn said(&self, indicator: &Indicator) -> Option<String> {
        let (by, row) = (indicator.breakdown?, self.row.as_ref()?);
        Some(format!("{}: {}", breakdown::head(by), breakdown::named(by, row)))
    }

    /// Links to the other parts, of the same row where there is one.
    fn others(&self, found: &Found, indicator: &Indicator) -> Vec<Link> {
        let parts = match self.row {
            Some(_) => listing::parts_of_rows(indicator),
            None => Part::ALL.to_vec(),
        };
        let to = |part: Part| match &self.row {
            Some(row) => address_of_row(found, indicator, part, row),
            None => page_of(found, indicator, "/people", &found.unit.code, Some(part)),
        };
        let others = parts.into_iter().filter(|part| *part != self.part);
        others.map(|part| Link::new(capital(part.label()), to(part))).collect()
    }
}

/// The list of a part of a row of the breakdown of the value of the place.
pub(crate) fn address_of_row(place: &Place, indicator: &Indicator, part: Part, row: &str) -> String {
    let path = format!("/indicators/{}/{}/people", place.pack.code, indicator.code);
    let asked = [
        ("period", place.period.code.as_str()),
        ("unit", place.unit.code.as_str()),
        ("part", part.code()),
        ("row", row),
    ];
    address(&path, asked)
}

/// What the address asks for.
async fn asked(call: &Call) -> Result<(List, Wanted, Found, Indicator), Error> {
    let at = List::of(call, &["period", "unit", "part", "row"])?;
    let part = at.known("part", Part::from_code)?.unwrap_or(Part::Numerator);
    let row = at.get("row").map(str::to_owned);
    let (found, indicator) = find_one(call, false).await?;
    Ok((at, Wanted { part, row }, found, indicator))
}

/// The latest plan of each person.
type Plans = HashMap<PersonId, IomId>;

/// How many there are, those of the page, and their plans for whoever may open these.
async fn of_page(
    call: &Call,
    at: &List,
    wanted: &Wanted,
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
    let (period, unit, wanted) = (found.period.clone(), found.unit.clone(), wanted.clone());
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let range = |all: usize| at.skipped(all)..at.skipped(all) + PAGE;
        let (all, rows) = if wanted.row.is_some() {
            let rows = whole(c, &scope, (&of.0, &of.1), &period, unit.id, &wanted)?;
            let (all, range) = (rows.len(), range(rows.len()));
            (all, rows.into_iter().skip(range.start).take(range.len()).collect())
        } else {
            people_page::page(c, &scope, (&of.0, &of.1), &period, &unit, wanted.part, range)?
        };
        let without = rows.iter().filter(|row| row.plan.is_none());
        let persons: Vec<PersonId> = without.filter_map(|row| row.person).collect();
        let plans = match region.filter(|_| !persons.is_empty()) {
            Some(region) => list_rows::latest(c, region, &persons)?,
            None => Plans::new(),
        };
        Ok((all, rows, plans))
    };
    call.app().db.read(read).await
}

/// All of them. A row that nobody here stands in has no list.
fn whole(
    c: &mut AnyConn,
    scope: &Scope,
    (pack, indicator): (&Pack, &Indicator),
    period: &FactPeriod,
    unit: UnitId,
    of: &Wanted,
) -> Result<Vec<Listed>, Error> {
    let Some(row) = &of.row else {
        return Ok(listing::people(c, scope, (pack, indicator), period, unit, of.part)?);
    };
    let rows = listing::people_of_row(c, scope, indicator, period, unit, (of.part, row))?;
    rows.ok_or_else(|| Error::NotFound("список".into()))
}

/// All of them, for a file.
async fn everyone(call: &Call, wanted: &Wanted, found: &Found, indicator: &Indicator) -> Result<Vec<Listed>, Error> {
    let (scope, of) = (call.visitor()?.scope.clone(), (found.pack.clone(), indicator.clone()));
    let (period, unit, wanted) = (found.period.clone(), found.unit.id, wanted.clone());
    let read = move |c: &mut AnyConn| whole(c, &scope, (&of.0, &of.1), &period, unit, &wanted);
    call.app().db.read(read).await
}

/// Names of the organisations where a row counts, of the unit that a unit stands in.
fn places(found: &Found, row: &Listed) -> String {
    let names: Vec<String> = row.units.iter().map(|code| found.name_of(code)).collect();
    names.join(", ")
}

/// Why a row stands in this part.
fn reason(row: &Listed, part: Part) -> String {
    let silent = part == Part::Rest && row.reason == Reason::NotSubmitted.label();
    if row.reason.is_empty() {
        capital(part.label())
    } else if silent {
        // The share counts it all the same.
        format!("{}, в доле считается как «нет»", capital(&row.reason))
    } else {
        capital(&row.reason)
    }
}

/// GET and POST /indicators/{pack}/{code}/people/file: the same list as a workbook.
pub fn file(call: Call) -> Answering {
    Box::pin(async move {
        let (at, wanted, found, indicator) = asked(&call).await?;
        let part = wanted.part;
        let rows = everyone(&call, &wanted, &found, &indicator).await?;
        let spoken = spoken(&indicator);
        let of_row = wanted
            .said(&indicator)
            .map_or_else(String::new, |said| format!("; {said}"));
        let of = ListFile {
            list: "indicator",
            named: spoken.file,
            chosen: format!(
                "{} {}; {}; {}; {}{of_row}",
                indicator.code,
                indicator.title,
                found.unit.name,
                period_name(&found),
                part.label()
            ),
            codes: filter(&found, &wanted),
            ids: rows.iter().map(|row| row.key.clone()).collect(),
            people: rows.len(),
            tells: persons(&rows),
            right: Capability::Indicators,
        };
        if let Some(instead) = list_file::gate(&call, &at, &of).await? {
            return Ok(instead);
        }
        let row = |row: &Listed| -> Vec<FileCell> {
            let mut cells = vec![row.name.clone().into()];
            cells.extend(beside(&found, row, part, &spoken).into_iter().map(FileCell::from));
            cells
        };
        let rows: Vec<Vec<FileCell>> = rows.iter().map(row).collect();
        list_file::answer(&call, &of, spoken.heads, &rows)
    })
}

/// Whose rows these are, where people or their plans are counted.
fn persons(rows: &[Listed]) -> Vec<PersonId> {
    rows.iter().filter_map(|row| row.person).collect()
}

/// What was chosen, in codes, once it is known to exist.
fn filter(found: &Found, of: &Wanted) -> String {
    let codes = format!(
        "pack={} indicator={} unit={} period={} part={}",
        found.pack.code,
        found.indicator.as_ref().map_or("", |i| i.code.as_str()),
        found.unit.code,
        found.period.code,
        of.part
    );
    match &of.row {
        // A space parts the codes.
        Some(row) => format!("{codes} row={}", row.replace(' ', &NBSP.to_string())),
        None => codes,
    }
}
