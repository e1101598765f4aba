//! What a preview of drafting says person by person: the first plans in the order of names, and why there are more or fewer
//! of them than the page of the diagnosis calls people without a plan.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::person;
use crate::db::{AnyConn, DbError};
use crate::desk::plan::rows;
use crate::iom::drafting::{Planned, Report};
use crate::pages::parts::{Cell, Column, Fact, Register};
use crate::pages::text::{count, number};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;

/// How many plans a preview shows person by person.
const SHOWN: usize = 20;

/// A plan that would be made.
#[derive(Debug)]
pub struct Line {
    /// Whose.
    pub person: PersonId,
    cells: Vec<Cell>,
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The first plans of a report by the names of their people. Whoever calls may see the names.
///
/// # Errors
/// Those of the database.
pub fn first(conn: &mut AnyConn, region: UnitId, report: &Report, today: NaiveDate) -> Result<Vec<Line>, DbError> {
    let plans: HashMap<PersonId, &Planned> = report.plans.iter().map(|plan| (plan.person, plan)).collect();
    let ids: Vec<PersonId> = plans.keys().copied().collect();
    let mut order: Vec<(String, PersonId)> = Vec::with_capacity(ids.len());
    for block in ids.chunks(1000) {
        let rows: Vec<(String, PersonId)> = person::table
            .filter(person::region_id.eq(region))
            .filter(person::id.eq_any(block))
            .select((person::sort_key, person::id))
            .load(conn)?;
        order.extend(rows);
    }
    order.sort();
    order.truncate(SHOWN);
    let shown: Vec<PersonId> = order.into_iter().map(|(_, id)| id).collect();
    let who = rows::who(conn, region, &shown, today)?;
    let line = |person: PersonId| {
        let (plan, who) = (plans.get(&person)?, who.get(&person)?);
        Some(Line {
            person,
            cells: vec![
                Cell::text(who.short.clone()),
                Cell::text(who.places.join(", ")),
                Cell::text(plan.deficits.join("; ")),
                Cell::text(number(whole(plan.items))),
                Cell::text(number(plan.hours)),
            ],
        })
    };
    Ok(shown.into_iter().filter_map(line).collect())
}

/// The lines as a table, and how many of how many they are, where that is not all.
pub fn register(lines: &[Line], report: &Report) -> (Option<Register>, Option<String>) {
    let columns = [
        Column::words("Педагог"),
        Column::words("Организация"),
        Column::words("Дефициты"),
        Column::figures("Шагов"),
        Column::figures("Часов"),
    ];
    let rows: Vec<Vec<Cell>> = lines.iter().map(|line| line.cells.clone()).collect();
    let register = (!rows.is_empty()).then(|| Register::new("Кому готовятся маршруты", &columns, rows));
    let more = (report.drafted > lines.len() && !lines.is_empty()).then(|| {
        let all = number(whole(report.drafted));
        format!("Показаны первые {SHOWN} из {all}: по фамилиям.")
    });
    (register, more)
}

/// Why another number of plans comes out than the page of the diagnosis calls people without a plan; none where it is the
/// same.
pub fn difference(report: &Report) -> Vec<Fact> {
    let (others, gone) = (report.of_others, report.gone);
    if others + gone == 0 || planted!("difference_unsaid") {
        return Vec::new();
    }
    let people = |n: usize| count(whole(n), "педагог", "педагога", "педагогов");
    let fact = |name: &str, value: String| Fact {
        name: name.to_owned(),
        value,
        change: None,
    };
    let lines = [
        (
            true,
            "Без маршрута по этой диагностике",
            people(report.drafted - others + gone),
        ),
        (
            others > 0,
            "Дефицит другой диагностики",
            format!(
                "ещё {}: маршрут получат и они, в него входят все действующие дефициты",
                people(others)
            ),
        ),
        (
            gone > 0,
            "Дефицит уже не действует",
            format!(
                "{}: срок результата вышел или более поздняя диагностика дефицита не нашла, маршрут не готовится",
                people(gone)
            ),
        ),
        (true, "Получат маршрут", people(report.drafted)),
    ];
    let said = lines.into_iter().filter(|(said, ..)| *said);
    said.map(|(_, name, value)| fact(name, value)).collect()
}
