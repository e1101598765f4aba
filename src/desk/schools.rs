//! «Школы»: organisations of a municipality as numbers, each opening its own coverage. Names stay with the schools.

use std::collections::BTreeMap;

use serde::Serialize;

use super::coverage;
use super::coverage_rows::{self, Counted, Figure};
use super::list::{self, List};
use super::small_cells::Told;
use crate::db::AnyConn;
use crate::db::text_keys::search_key;
use crate::error::Error;
use crate::facts::FactPeriod;
use crate::pages::parts::{self, Cell, Column, Empty, Filters, Link, Paging, Register};
use crate::units::{self, Unit, UnitId, UnitKind};
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
}

struct Read {
    name: String,
    years: Vec<FactPeriod>,
    year: Option<FactPeriod>,
    units: Vec<Unit>,
    counted: Counted,
}

/// GET /schools
pub fn all(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&["period", "q", "sort", "page"])?;
        let at = List::of(&call);
        let sort = match at.get("sort") {
            None => None,
            Some(code) => Some(Figure::from_code(code).ok_or_else(|| Error::NotFound("порядок".into()))?),
        };
        let today = call.app().clock.today();
        let visitor = call.visitor()?.clone();
        let code = at.get("period").map(str::to_owned);
        let read = move |c: &mut AnyConn| -> Result<Read, Error> {
            let own = coverage_rows::organisations(c, &visitor)?;
            let tree = units::store::tree(c, today, None)?;
            let years = coverage_rows::years(c, today)?;
            let year = coverage_rows::year(c, code.as_deref(), today)?;
            let counted = match &year {
                Some(year) => coverage_rows::count(c, &visitor.scope, &own, year)?,
                None => Counted::default(),
            };
            let sorted = tree.of_kind(UnitKind::Organisation).into_iter();
            Ok(Read {
                name: coverage_rows::common(&tree, &own).map_or_else(String::new, |u| u.name.clone()),
                units: sorted.filter(|u| own.contains(&u.id)).cloned().collect(),
                years,
                year,
                counted,
            })
        };
        let read = call.app().db.read(read).await?;
        Answer::page("desk/schools", &page(&at, read, sort))
    })
}

fn page(at: &List, read: Read, sort: Option<Figure>) -> SchoolsPage {
    let Some(year) = &read.year else {
        return SchoolsPage {
            lead: read.name,
            figures: Vec::new(),
            filters: None,
            register: None,
            paging: None,
            empty: Empty::new(
                "Считать пока нечего",
                "Числа появятся, когда региональный оператор откроет учебный год: загрузит пакет методики и данные.",
            ),
        };
    };
    let ids: Vec<UnitId> = read.units.iter().map(|u| u.id).collect();
    let (told, total) = coverage::told_rows(&read.counted, &ids);
    let told: BTreeMap<UnitId, Vec<Told>> = ids.iter().copied().zip(told).collect();
    let text = at.get("q").map(search_key);
    let fits = |u: &&Unit| text.as_ref().is_none_or(|t| u.search_key.contains(t.as_str()));
    let mut found: Vec<&Unit> = read.units.iter().filter(fits).collect();
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
        let mut cells = vec![Cell::link(u.name.clone(), list::address("/coverage", open.into_iter()))];
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
    let totals = Figure::ALL.iter().zip(total);
    let figures = totals.map(|(figure, told)| parts::Figure {
        shown: told.shown(),
        label: figure.label().to_owned(),
        href: None,
        note: figure.note(),
    });
    let orders: Vec<(String, String)> = Figure::ALL
        .iter()
        .map(|f| (f.code().to_owned(), f.label().to_owned()))
        .collect();
    let mut order = at.select("sort", "Сначала больше", &orders);
    if let Some(first) = order.choices.first_mut() {
        first.label = "по названию".into();
    }
    let label = sort.map(|f| at.chip("sort", format!("сначала больше: {}", f.label())));
    let text = at.get("q").map(|q| at.chip("q", format!("«{q}»")));
    let mut empty = Empty::new(
        "Ничего не нашлось",
        "Организаций с таким названием нет: измените поиск.",
    );
    empty.action = Some(Link::new("Показать все", "/schools"));
    SchoolsPage {
        lead: format!("{} · {} учебный год", read.name, year.code),
        figures: figures.collect(),
        filters: Some(Filters {
            action: "/schools".into(),
            filters: vec![at.search("q", "Название"), order, coverage::years(&read.years, year)],
            chosen: text.into_iter().chain(label).collect(),
            found: list::found(rows, "организация", "организации", "организаций"),
        }),
        register: (!shown.is_empty()).then(|| Register::new("Школы", &columns, shown)),
        paging: at.paging(rows),
        empty,
    }
}
