//! What is stored of counters and packs against facts computed anew; reported values beside the computed ones.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::counters::{self, Cells, CounterRow, Leaves, Together};
use super::pack::{self, Pack};
use super::people;
use super::store;
use super::values::{self, Query};
use crate::db::readable::{self, Unreadable};
use crate::db::schema::{import_batch, qualification_document};
use crate::db::{AnyConn, DbError};
use crate::enrolment::shared;
use crate::facts::check::UnitCodes;
use crate::facts::{self, FactPeriod, FactPeriodId, check};
use crate::units::UnitKind;
use crate::web::Scope;

/// What the check of everything computed found.
#[derive(Debug, Default)]
pub struct Report {
    /// Rows compared: persons, places, plans' facts, counters, plans.
    pub rows: Vec<(&'static str, usize)>,
    /// Differences, one Russian line each.
    pub problems: Vec<String>,
    /// Reported values that differ from the computed ones; no failures.
    pub notes: Vec<String>,
}

/// Recomputes facts and counters of every opened period from sources and compares row by row.
///
/// # Errors
/// Those of the database.
pub fn check(conn: &mut AnyConn) -> Result<Report, DbError> {
    let mut report = Report::default();
    let unreadable = readable::unreadable(conn)?;
    report.problems.extend(unreadable.iter().map(Unreadable::line));
    let told = !unreadable.is_empty();
    let codes = UnitCodes::load(conn)?;
    let unread = unread_periods(&unreadable);
    let periods = facts::store::periods_but(conn, &unread)?;
    let packs = unless_told(told, "пакеты", packs(conn, &mut report.problems), &mut report.problems)?;
    let packs = packs.unwrap_or_default();
    let mut leaves: Vec<Leaves> = Vec::with_capacity(periods.len());
    for period in &periods {
        leaves.push(pack::leaves_of(&packs, &period.basis));
    }
    for basis in bases(&packs, &periods) {
        if *counters::leaves(conn, &basis)? != pack::leaves_of(&packs, &basis) {
            report.problems.push(format!(
                "счётчики: основание {basis}: список величин не тот, что нужен пакетам"
            ));
        }
    }
    let mut cells: Vec<Cells> = vec![Cells::new(); periods.len()];
    let facts = check::facts(conn, &codes, &periods, &unread, |i, known| {
        counters::add(&mut cells[i], &leaves[i], known);
    });
    let facts = unless_told(told, "факты и счётчики", facts, &mut report.problems)?;
    let mut counted = 0;
    if facts.is_some() {
        for ((period, leaves), cells) in periods.iter().zip(&leaves).zip(&cells) {
            counted += compare(conn, &codes, period, leaves, cells, &mut report.problems)?;
        }
    }
    let facts = facts.unwrap_or_default();
    report.problems.extend(facts.problems);
    let plans = check::plans(conn, &codes, &mut report.problems);
    let plans = unless_told(told, "ИОМ", plans, &mut report.problems)?.unwrap_or(0);
    let applications = check::applications(conn, &codes, &mut report.problems);
    let applications = unless_told(told, "заявки", applications, &mut report.problems)?.unwrap_or(0);
    report.rows = vec![
        ("факты людей", facts.persons),
        ("места", facts.places),
        ("факты ИОМ", facts.plans),
        ("счётчики", counted),
        ("ИОМ", plans),
        ("заявки", applications),
        (
            "документы об обучении",
            count(qualification_document::table.count().get_result(conn)?),
        ),
        ("загрузки", count(import_batch::table.count().get_result(conn)?)),
    ];
    let mut found = Vec::new();
    let shared = shared_numbers(conn, &codes, &mut found);
    unless_told(told, "номера документов", shared, &mut report.problems)?;
    for pack in &packs {
        for period in periods.iter().filter(|p| p.basis == pack.basis.key()) {
            let noted = notes(conn, pack, period, &mut found);
            unless_told(told, "поданные значения", noted, &mut report.problems)?;
        }
    }
    report.notes = found;
    Ok(report)
}

/// The periods whose dates do not read; they are named already.
fn unread_periods(unreadable: &[Unreadable]) -> Vec<FactPeriodId> {
    let of_periods = unreadable.iter().filter(|u| u.place == "fact_period");
    of_periods
        .filter_map(|u| u.key.parse().ok().map(FactPeriodId))
        .collect()
}

/// A part of the check that met a cell which is named already ends there, and the others go on.
fn unless_told<T>(
    told: bool,
    part: &str,
    outcome: Result<T, DbError>,
    problems: &mut Vec<String>,
) -> Result<Option<T>, DbError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(e) if told && e.is_unreadable() => {
            problems.push(format!(
                "{part}: не проверены, пока не исправлены названные выше значения"
            ));
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// One number on documents of several people: an alarm for a person to look into, not a failure.
fn shared_numbers(conn: &mut AnyConn, codes: &UnitCodes, notes: &mut Vec<String>) -> Result<(), DbError> {
    for found in shared::all(conn)? {
        let issuer = found
            .issuer
            .map_or_else(|| "выдавшая организация не указана".to_owned(), |unit| codes.of(unit));
        let people: Vec<String> = found
            .people
            .iter()
            .map(|(person, region)| format!("{person} (регион {})", codes.of(*region)))
            .collect();
        notes.push(format!(
            "документ № {} ({issuer}) записан у нескольких людей: {}",
            found.number,
            people.join(", ")
        ));
    }
    Ok(())
}

fn count(rows: i64) -> usize {
    usize::try_from(rows).unwrap_or(0)
}

/// Packs in force; one whose text was changed past the program is named.
fn packs(conn: &mut AnyConn, problems: &mut Vec<String>) -> Result<Vec<Pack>, DbError> {
    let mut read = Vec::new();
    for row in store::packs(conn)? {
        if crate::audit::digest(row.source.as_bytes()) != row.digest {
            problems.push(format!("пакет {}: текст изменён помимо программы", row.code));
        }
        match Pack::parse(&row.source) {
            Ok(pack) => read.push(pack),
            Err(wrong) => problems.push(format!(
                "пакет {}: {}",
                row.code,
                crate::finding::lines(&wrong).replace('\n', "; ")
            )),
        }
    }
    Ok(read)
}

fn bases(packs: &[Pack], periods: &[FactPeriod]) -> std::collections::BTreeSet<String> {
    let of_packs = packs.iter().map(|p| p.basis.key());
    of_packs.chain(periods.iter().map(|p| p.basis.clone())).collect()
}

fn compare(
    conn: &mut AnyConn,
    codes: &UnitCodes,
    period: &FactPeriod,
    leaves: &Leaves,
    cells: &Cells,
    problems: &mut Vec<String>,
) -> Result<usize, DbError> {
    let stored: BTreeMap<_, CounterRow> = counters::all_rows(conn, period.id)?
        .into_iter()
        .map(|row| (row.cell(), row))
        .collect();
    let whose = |(region, organisations): &Together| {
        let together: Vec<String> = organisations.iter().map(|u| codes.of(*u).to_string()).collect();
        let (region, organisation) = (codes.of(*region), together.join(" + "));
        format!(
            "счётчик: регион {region}, период {}, организация {organisation}",
            period.code
        )
    };
    let cells: BTreeMap<&Together, &Vec<i64>> = cells.iter().filter(|(cell, n)| counters::has_row(cell, n)).collect();
    for (place, counts) in &cells {
        let right = CounterRow::new(period.id, leaves, place, counts);
        match stored.get(place) {
            None => problems.push(format!("{}: строки нет, а должна быть", whose(place))),
            Some(row) if *row == right => {}
            Some(row) if row.leaves != right.leaves => {
                problems.push(format!("{}: посчитано по другому списку величин", whose(place)));
            }
            Some(row) => {
                let before = problems.len();
                for ((leaf, is), should) in leaves.list.iter().zip(row.counts.split(',')).zip(counts.iter()) {
                    if is != should.to_string() {
                        problems.push(format!(
                            "{}: {leaf}: хранится «{is}», рассчитано «{should}»",
                            whose(place)
                        ));
                    }
                }
                if problems.len() == before {
                    problems.push(format!(
                        "{}: хранится «{}», рассчитано «{}»",
                        whose(place),
                        row.counts,
                        right.counts
                    ));
                }
            }
        }
    }
    for place in stored.keys().filter(|place| !cells.contains_key(place)) {
        problems.push(format!("{}: лишняя строка", whose(place)));
    }
    Ok(stored.len())
}

/// Reported values that differ from the computed ones, at every level that reports.
fn notes(conn: &mut AnyConn, pack: &Pack, period: &FactPeriod, notes: &mut Vec<String>) -> Result<(), DbError> {
    let scope = Scope::of_server("check: reported beside computed");
    let mut common = values::Common::default();
    for level in UnitKind::ALL {
        let query = Query {
            level: *level,
            unit: None,
            indicator: None,
            as_of: None,
            known_at: None,
            breakdowns: false,
        };
        for value in values::values_of(conn, &scope, (pack, period), &query, &mut common)? {
            // A reported figure is a count of subjects, as forms ask for it.
            let Some(reported) = value.reported_milli else { continue };
            // What stands as the value itself, and points, are no counts to compare.
            let Some(computed) = value.numerator_milli.filter(|_| !value.is_reported) else {
                continue;
            };
            let counts = pack.indicator(&value.indicator).is_some_and(people::reports_count);
            if reported == computed || !counts {
                continue;
            }
            let of = value.lower().map_or_else(String::new, |d| format!(" из {d}"));
            let shown = crate::db::milli::Milli(i32::try_from(reported).unwrap_or(i32::MAX));
            let impossible = value.denominator_milli.is_some_and(|d| reported > d);
            let mark = if impossible {
                " (больше возможного)"
            } else {
                ""
            };
            notes.push(format!(
                "{} {}, {}, {}: подано {shown}, рассчитано {}{of}{mark}",
                pack.code,
                value.indicator,
                period.code,
                value.unit_name,
                value.upper()
            ));
        }
    }
    Ok(())
}
