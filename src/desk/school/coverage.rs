//! «Охват»: how many of an organisation or a municipality were diagnosed, have a plan, carried it out. Whoever may open
//! the list gets it behind every number; whoever may not gets no number of fewer than five people.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::db::AnyConn;
use crate::desk::list::List;
use crate::desk::registers::file;
use crate::desk::school::coverage_rows::{self, Counted, Figure};
use crate::desk::small_cells::{self, Told};
use crate::error::Error;
use crate::facts::FactPeriod;
use crate::iom::IomState;
use crate::pages::parts::{self, Cell, Choice, Column, Empty, Fact, Filter, Filters, Link, Register};
use crate::pages::text::{NOTHING, capital, number, percent};
use crate::units::{self, Unit, UnitId};
use crate::web::address::address;
use crate::web::registry::{Answering, Capability};
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct CoveragePage {
    lead: String,
    crumbs: Vec<Link>,
    filters: Option<Filters>,
    figures: Vec<parts::Figure>,
    states: Option<Register>,
    states_hidden: bool,
    hides: bool,
    below: Option<Link>,
    definitions: Vec<Fact>,
    empty: Option<Empty>,
    /// The figures as a table of the file.
    #[serde(skip)]
    table: Option<Register>,
}

/// What was read for the page.
struct Read {
    unit: Option<Unit>,
    years: Vec<FactPeriod>,
    year: Option<FactPeriod>,
    counted: Counted,
    rows: Vec<UnitId>,
    one: Option<UnitId>,
    states: Option<(i64, BTreeMap<Option<IomState>, i64>)>,
    units: Vec<(String, String)>,
}

/// GET /coverage
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        let at = List::of_table(&call, &["period", "unit"])?;
        let today = call.app().clock.today();
        let visitor = call.visitor()?.clone();
        let opens_lists = visitor.may(Capability::Staff);
        let schools = visitor.may(Capability::Schools);
        let (wanted, code) = (at.get("unit").map(str::to_owned), at.get("period").map(str::to_owned));
        let read = move |c: &mut AnyConn| -> Result<Read, Error> {
            let own = coverage_rows::organisations(c, &visitor, today)?;
            let one = match &wanted {
                Some(code) => Some(coverage_rows::within(c, &own, code, today)?),
                None => None,
            };
            let years = coverage_rows::years(c, today)?;
            let year = coverage_rows::year(c, code.as_deref(), today)?;
            // Numbers of one school are hidden together with those of its neighbours: all of them are counted.
            let rows = match one {
                Some(one) if opens_lists => vec![one],
                _ => own.clone(),
            };
            let counted = match &year {
                Some(year) => coverage_rows::count(c, &visitor.scope, &rows, year)?,
                None => Counted::default(),
            };
            let tree = units::store::tree(c, today, None)?;
            let unit = match one {
                Some(one) => tree.unit(one),
                None => coverage_rows::common(&tree, &own),
            };
            let states = match visitor.region.map(UnitId) {
                Some(region) if opens_lists => Some(coverage_rows::states(c, region, &rows, today)?),
                Some(region) if one.is_none() => Some(coverage_rows::states(c, region, &own, today)?),
                _ => None,
            };
            Ok(Read {
                unit: unit.cloned(),
                years,
                year,
                counted,
                rows,
                one,
                states,
                units: coverage_rows::named(c, &own, today)?,
            })
        };
        let read = call.app().db.read(read).await?;
        let name = read.unit.as_ref().map_or("", |u| u.name.as_str()).to_owned();
        let page = page(&at, read, opens_lists, schools)?;
        let title = match at.get("unit") {
            Some(_) => format!("Охват: {name}"),
            None => "Охват".to_owned(),
        };
        if at.is_whole() {
            let tables: Vec<&Register> = page.table.iter().chain(&page.states).collect();
            return file::book(&call, "Охват", &file::said(&page.lead, page.filters.as_ref()), &tables);
        }
        Ok(Answer::page("desk/coverage", &page)?.title(title))
    })
}

fn page(at: &List, read: Read, opens_lists: bool, schools: bool) -> Result<CoveragePage, Error> {
    let name = read.unit.as_ref().map_or("", |u| u.name.as_str());
    let crumbs = match read.one {
        Some(_) if schools => vec![Link::new(
            "Школы",
            address("/schools", at.get("period").map(|p| ("period", p))),
        )],
        _ => Vec::new(),
    };
    let Some(year) = &read.year else {
        return Ok(CoveragePage {
            lead: name.to_owned(),
            crumbs,
            filters: None,
            figures: Vec::new(),
            states: None,
            states_hidden: false,
            hides: false,
            below: None,
            definitions: Vec::new(),
            empty: Some(Empty::new(
                "Считать пока нечего",
                "Числа появятся, когда региональный оператор откроет учебный год: загрузит методику и данные.",
            )),
            table: None,
        });
    };
    let told = told(&read, opens_lists);
    let people = match told.first() {
        Some(Told::Number(n)) => Some(*n),
        _ => None,
    };
    let unit = at.get("unit");
    let figures = Figure::ALL
        .iter()
        .zip(&told)
        .enumerate()
        .map(|(column, (figure, told))| {
            let open = [
                ("of", Some(figure.code())),
                ("period", Some(year.code.as_str())),
                ("unit", unit),
            ];
            let open = open.into_iter().filter_map(|(n, v)| Some((n, v?)));
            parts::Figure {
                shown: told.shown(),
                label: match share(*told, people, column) {
                    Some(share) => format!("{}, {share}", figure.label()),
                    None => figure.label().to_owned(),
                },
                href: (opens_lists && *told != Told::Number(0)).then(|| address("/staff", open)),
                note: figure.note(),
            }
        });
    let figures: Vec<parts::Figure> = figures.collect();
    let (states, states_hidden) = match &read.states {
        Some(states) => state_register(states, unit, opens_lists),
        None => (None, false),
    };
    let mut definitions = Vec::new();
    for figure in Figure::ALL {
        definitions.push(Fact {
            name: figure.title()?,
            value: figure.measure()?.definition.clone(),
            change: None,
        });
    }
    Ok(CoveragePage {
        lead: format!("{name} · {} учебный год", year.code),
        crumbs,
        filters: Some(filters(at, &read, year, opens_lists)?),
        figures,
        states,
        states_hidden,
        hides: !opens_lists,
        below: (schools && read.one.is_none()).then(|| {
            Link::new(
                "Открыть по школам",
                address("/schools", [("period", year.code.as_str())]),
            )
        }),
        definitions,
        empty: None,
        table: Some(figure_table("Охват", &told, people)?),
    })
}

/// The figures of the unit as the visitor may be told.
fn told(read: &Read, opens_lists: bool) -> Vec<Told> {
    if opens_lists {
        return read.counted.total.iter().map(|n| Told::Number(*n)).collect();
    }
    match read.one {
        None => told_rows(&read.counted, &read.rows).1,
        Some(one) => {
            let place = read.rows.iter().position(|o| *o == one);
            let (all, _) = told_rows(&read.counted, &read.rows);
            place.and_then(|p| all.into_iter().nth(p)).unwrap_or_default()
        }
    }
}

/// The figures of organisations as they may be told beside each other and their sum.
pub(crate) fn told_rows(counted: &Counted, rows: &[UnitId]) -> (Vec<Vec<Told>>, Vec<Told>) {
    let counts: Vec<Vec<i64>> = rows
        .iter()
        .map(|o| counted.each.get(o).cloned().unwrap_or_default())
        .collect();
    small_cells::rows(&counts, &counted.total)
}

/// The share of a figure, where both numbers may be told.
fn share(told: Told, of: Option<i64>, column: usize) -> Option<String> {
    match (told, of) {
        (Told::Number(n), Some(of)) if column > 0 && of > 0 => Some(percent(n, of)),
        _ => None,
    }
}

/// The figures of a page as a table of its file, with their shares of so many people where the page tells them.
pub(crate) fn figure_table(caption: &str, told: &[Told], of: Option<i64>) -> Result<Register, Error> {
    let mut columns = vec![Column::words("Кто"), Column::figures("Людей")];
    columns.extend(of.map(|_| Column::figures("Доля")));
    columns.push(Column::words("Величина"));
    let mut rows = Vec::with_capacity(told.len());
    for (column, (figure, told)) in Figure::ALL.iter().zip(told).enumerate() {
        let mut row = vec![Cell::text(figure.label()), Cell::text(told.shown())];
        row.extend(of.map(|_| Cell::text(share(*told, of, column).unwrap_or_else(|| NOTHING.to_owned()))));
        row.push(Cell::text(figure.title()?));
        rows.push(row);
    }
    Ok(Register::new(caption, &columns, rows))
}

/// «Маршруты сейчас»: whoever may not open lists gets the table only when nothing in it is small.
fn state_register(
    (people, states): &(i64, BTreeMap<Option<IomState>, i64>),
    unit: Option<&str>,
    opens_lists: bool,
) -> (Option<Register>, bool) {
    let counts: Vec<i64> = std::iter::once(*people).chain(states.values().copied()).collect();
    let small = small_cells::row(&counts).iter().any(|t| !matches!(t, Told::Number(_)));
    if states.is_empty() || (small && !opens_lists) {
        return (None, small);
    }
    let rows = states.iter().map(|(state, n)| {
        let code = state.map_or("none", IomState::code);
        let words = state.map_or("маршрута нет", IomState::label);
        let open = [("state", Some(code)), ("unit", unit)];
        let href = address("/staff", open.into_iter().filter_map(|(n, v)| Some((n, v?))));
        let cell = if opens_lists {
            Cell::link(number(*n), href)
        } else {
            Cell::text(number(*n))
        };
        let share = if *people > 0 {
            percent(*n, *people)
        } else {
            NOTHING.into()
        };
        vec![Cell::text(capital(words)), cell, Cell::text(share)]
    });
    let columns = [
        Column::words("Состояние"),
        Column::figures("Людей"),
        Column::figures("Доля"),
    ];
    (Some(Register::new("Маршруты сейчас", &columns, rows.collect())), false)
}

fn filters(at: &List, read: &Read, year: &FactPeriod, opens_lists: bool) -> Result<Filters, Error> {
    let mut filters = vec![years(&read.years, year)];
    if opens_lists && read.units.len() > 1 {
        filters.push(at.select("unit", "Организация", "все", read.units.iter().cloned())?);
    } else if let Some(unit) = read.unit.as_ref().filter(|_| read.one.is_some()) {
        let only = Choice::new(&unit.code, unit.name.clone(), &unit.code);
        filters.push(Filter::select("unit", "Организация", vec![only]));
    }
    let mut filters = at.filters(filters, "Человек с двумя местами работы считается один раз.".into());
    filters.file = Some(at.workbook());
    Ok(filters)
}

/// The choice of a year.
pub(crate) fn years(all: &[FactPeriod], chosen: &FactPeriod) -> Filter {
    let choices = all.iter().map(|p| Choice::new(&p.code, p.code.clone(), &chosen.code));
    Filter::select("period", "Учебный год", choices.collect())
}
