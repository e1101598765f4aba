//! «Школы»: organisations of a municipality as numbers, each opening its own coverage. Names stay with the schools.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::db::AnyConn;
use crate::db::text_keys::{holds, search_key};
use crate::desk::list::{self, List};
use crate::desk::registers::file;
use crate::desk::school::coverage;
use crate::desk::school::coverage_rows::{self, Counted, Figure};
use crate::desk::small_cells::Told;
use crate::error::Error;
use crate::facts::FactPeriod;
use crate::pages::parts::{self, Cell, Column, Empty, Filters, Link, Paging, Register};
use crate::units::{self, Unit, UnitId, UnitKind};
use crate::web::address::address;
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct SchoolsPage {
    lead: String,
    figures: Vec<parts::Figure>,
    filters: Option<Filters>,
    register: Option<Register>,
    paging: Option<Paging>,
    empty: Empty,
    /// The figures as a table of the file.
    #[serde(skip)]
    totals: Option<Register>,
}

struct Read {
    name: String,
    years: Vec<FactPeriod>,
    year: Option<FactPeriod>,
    units: Vec<Unit>,
    /// Municipalities of the organisations, by name.
    above: Vec<Unit>,
    /// The municipality of each organisation.
    municipalities: BTreeMap<UnitId, UnitId>,
    counted: Counted,
}

/// GET /schools
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["period", "unit", "q", "sort"])?;
        let sort = at.known("sort", Figure::from_code)?;
        let today = call.app().clock.today();
        let visitor = call.visitor()?.clone();
        let code = at.get("period").map(str::to_owned);
        let read = move |c: &mut AnyConn| -> Result<Read, Error> {
            let own = coverage_rows::organisations(c, &visitor, today)?;
            let tree = units::store::tree(c, today, None)?;
            let years = coverage_rows::years(c, today)?;
            let year = coverage_rows::year(c, code.as_deref(), today)?;
            let counted = match &year {
                Some(year) => coverage_rows::count(c, &visitor.scope, &own, year)?,
                None => Counted::default(),
            };
            let sorted = tree.of_kind(UnitKind::Organisation).into_iter();
            let units: Vec<Unit> = sorted.filter(|u| own.contains(&u.id)).cloned().collect();
            let over = |u: &Unit| tree.ancestor(u.id, UnitKind::Municipality);
            let municipalities: BTreeMap<UnitId, UnitId> =
                units.iter().filter_map(|u| Some((u.id, over(u)?))).collect();
            let mut above = tree.of_kind(UnitKind::Municipality);
            above.retain(|m| municipalities.values().any(|of| *of == m.id));
            above.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
            Ok(Read {
                name: coverage_rows::common(&tree, &own).map_or_else(String::new, |u| u.name.clone()),
                above: above.into_iter().cloned().collect(),
                municipalities,
                units,
                years,
                year,
                counted,
            })
        };
        let read = call.app().db.read(read).await?;
        let page = page(&at, read, sort)?;
        if at.is_whole() {
            let tables: Vec<&Register> = page.register.iter().chain(&page.totals).collect();
            return file::book(&call, "Школы", &file::said(&page.lead, page.filters.as_ref()), &tables);
        }
        Answer::page("desk/schools", &page)
    })
}

fn page(at: &List, read: Read, sort: Option<Figure>) -> Result<SchoolsPage, Error> {
    let Some(year) = &read.year else {
        return Ok(SchoolsPage {
            lead: read.name,
            figures: Vec::new(),
            filters: None,
            register: None,
            paging: None,
            empty: Empty::new(
                "Считать пока нечего",
                "Числа появятся, когда региональный оператор откроет учебный год: загрузит методику и данные.",
            ),
            totals: None,
        });
    };
    let only = at.known("unit", |code| read.above.iter().find(|m| m.code == code))?;
    let inside = |u: &&Unit| only.is_none_or(|m| read.municipalities.get(&u.id) == Some(&m.id));
    let ids: Vec<UnitId> = read.units.iter().map(|u| u.id).collect();
    let (told, total) = coverage::told_rows(&read.counted, &ids);
    let told: BTreeMap<UnitId, Vec<Told>> = ids.iter().copied().zip(told).collect();
    let text = at.get("q").map(search_key);
    let fits = |u: &&Unit| text.as_ref().is_none_or(|t| holds(&u.search_key, t));
    let mut found: Vec<&Unit> = read.units.iter().filter(inside).filter(fits).collect();
    if let Some(column) = sort.and_then(|s| Figure::ALL.iter().position(|f| *f == s)) {
        // Only what is told decides the order; a place in the list must not give a hidden number away.
        found.sort_by_key(|u| match told.get(&u.id).and_then(|row| row.get(column)) {
            Some(Told::Number(n)) => -n,
            _ => 1,
        });
    }
    let rows = found.len();
    let row = |u: &Unit| {
        let open = [("unit", u.code.as_str()), ("period", year.code.as_str())];
        let mut cells = vec![Cell::link(u.name.clone(), address("/coverage", open))];
        let figures = told.get(&u.id).into_iter().flatten();
        cells.extend(figures.map(|t| Cell::text(t.shown())));
        cells
    };
    let columns = [
        Column::words("Организация"),
        Column::figures("Педагоги"),
        Column::figures("Прошли диагностику"),
        Column::figures("С дефицитами"),
        Column::figures("С маршрутом"),
        Column::figures("Выполнили"),
    ];
    let shown: Vec<Vec<Cell>> = at.rows(found).into_iter().map(row).collect();
    // Sums of a part of the list would give hidden numbers away, so they stand over the whole of it only.
    let total = if only.is_none() { total } else { Vec::new() };
    let table = coverage::figure_table("Всего", &total, None)?;
    let totals = Figure::ALL.iter().zip(total);
    let totals = totals.map(|(figure, told)| parts::Figure {
        shown: told.shown(),
        label: figure.label().to_owned(),
        href: None,
        note: figure.note(),
    });
    let mut filters = vec![at.search("q", "Название")];
    if read.above.len() > 1 {
        let above = read.above.iter().map(|m| (m.code.clone(), m.name.clone()));
        filters.push(at.select("unit", "Муниципалитет", "все", above)?);
    }
    let orders = Figure::ALL.iter().map(|f| (f.code().to_owned(), f.label().to_owned()));
    filters.push(at.select("sort", "Сначала больше", "по названию", orders)?);
    filters.push(coverage::years(&read.years, year));
    let mut empty = Empty::new(
        "Ничего не нашлось",
        "Организаций с таким названием нет: измените поиск.",
    );
    empty.action = Some(Link::new("Показать все", "/schools"));
    let place = only.map_or(read.name.as_str(), |m| m.name.as_str());
    let mut filters = at.filters(filters, list::found(rows, "организация", "организации", "организаций"));
    filters.file = (rows > 0).then(|| at.workbook());
    Ok(SchoolsPage {
        lead: format!("{place} · {} учебный год", year.code),
        figures: totals.collect(),
        filters: Some(filters),
        register: (!shown.is_empty()).then(|| Register::new("Школы", &columns, shown)),
        paging: at.paging(rows),
        empty,
        totals: only.is_none().then_some(table),
    })
}
