//! What is worth knowing before values are released: the period goes on, who has not submitted, where what was reported is
//! not what was computed, what contradicts itself in published tables.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::cycle::{store as tables, validate, validation::Given};
use crate::db::AnyConn;
use crate::error::Error;
use crate::facts::FactPeriod;
use crate::indicators::Pack;
use crate::indicators::evaluate::Reason;
use crate::indicators::pack_tables::Severity;
use crate::indicators::values::{Common, Query, values_of};
use crate::pages::text::{count, date};
use crate::units::{UnitId, UnitKind};
use crate::web::Scope;

/// Units named in a line, at most.
const NAMED: usize = 5;

/// What is to be released, and what speaks against it.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    /// Values that there are.
    pub values: usize,
    /// Municipalities that they are of.
    pub municipalities: usize,
    /// Lines: what, and how much of it.
    pub lines: Vec<(String, String)>,
}

/// Looks at what would be released.
///
/// # Errors
/// Those of the database.
pub(crate) fn of(
    conn: &mut AnyConn,
    pack: &Pack,
    period: &FactPeriod,
    region: UnitId,
    today: NaiveDate,
) -> Result<Warnings, Error> {
    let scope = Scope::of_server("edition: what would be released");
    let query = Query {
        level: UnitKind::Municipality,
        unit: Some(region),
        indicator: None,
        as_of: None,
        known_at: None,
        breakdowns: false,
    };
    let values = values_of(conn, &scope, (pack, period), &query, &mut Common::default())?;
    let mut found = Warnings {
        values: values.iter().filter(|v| v.value_milli.is_some()).count(),
        ..Warnings::default()
    };
    let units: std::collections::BTreeSet<UnitId> = values.iter().map(|v| v.unit).collect();
    found.municipalities = units.len();
    if period.ends_on >= today {
        found.lines.push((
            "Период не закончился".into(),
            format!("Он идёт по {}: часть событий ещё впереди.", date(period.ends_on)),
        ));
    }
    let mut silent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for value in values.iter().filter(|v| v.reason == Some(Reason::NotSubmitted)) {
        silent.entry(&value.indicator).or_default().push(&value.unit_name);
    }
    for indicator in &pack.indicators {
        if let Some(units) = silent.get(indicator.code.as_str()) {
            let many = i64::try_from(units.len()).unwrap_or(i64::MAX);
            let first: Vec<&str> = units.iter().take(NAMED).copied().collect();
            let more = if units.len() > NAMED { " и другие" } else { "" };
            let whom = count(many, "муниципалитет", "муниципалитета", "муниципалитетов");
            found.lines.push((
                format!("{} {}: не представлено", indicator.code, indicator.title),
                format!("{whom}: {}{more}", first.join(", ")),
            ));
        }
    }
    let differ = |v: &&crate::indicators::values::Value| {
        let reported = v.reported_milli.filter(|_| !v.is_reported);
        reported
            .zip(v.numerator_milli)
            .is_some_and(|(reported, computed)| reported != computed)
    };
    let differ = i64::try_from(values.iter().filter(differ).count()).unwrap_or(i64::MAX);
    if differ > 0 {
        found.lines.push((
            "Поданное расходится с рассчитанным".into(),
            format!(
                "{}: обе цифры и разность войдут в выпуск.",
                count(differ, "значение", "значения", "значений")
            ),
        ));
    }
    let taken = tables::in_force(conn, &pack.code)?;
    let others: BTreeMap<String, crate::cycle::Table> =
        taken.into_iter().map(|(name, (_, _, table))| (name, table)).collect();
    for described in &pack.tables {
        let Some(table) = others.get(&described.name) else {
            continue;
        };
        let beside: BTreeMap<String, crate::cycle::Table> = others
            .iter()
            .filter(|(name, _)| **name != described.name)
            .map(|(n, t)| (n.clone(), t.clone()))
            .collect();
        let contradictions = validate(Given {
            pack,
            described,
            table,
            others: &beside,
        });
        let wrong = contradictions.iter().filter(|c| c.severity != Severity::Note).count();
        if wrong > 0 {
            let wrong = i64::try_from(wrong).unwrap_or(i64::MAX);
            found.lines.push((
                format!("Опубликованная таблица «{}»", described.title),
                format!("противоречит себе: {}", count(wrong, "ячейка", "ячейки", "ячеек")),
            ));
        }
    }
    Ok(found)
}
