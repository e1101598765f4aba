//! Examinations of the demo: one that was announced, with the published points of its sections, and one that is under way with
//! two experts: documents, a divergence, an appeal, errors that some services repeat.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days as Span, NaiveDate};
use diesel::prelude::*;

use super::Demo;
use super::accounts::{self, EXPERTS, methodist_login};
use super::figures::{self, YEARS};
use super::people::{day, municipality_code};
use crate::access::by::By;
use crate::cycle::examination::acts::Doing;
use crate::cycle::examination::announce::{self, FromFile};
use crate::cycle::examination::appeal;
use crate::cycle::examination::documents::{self, Said as Shown};
use crate::cycle::examination::experts::{self, Assigning};
use crate::cycle::examination::model::{
    ActRow, ExaminationAct, ExaminationId, Examined, ExaminedId, PointRow, Seat, SeatId,
};
use crate::cycle::examination::opening::{self, Days, Opening};
use crate::cycle::examination::scoring::{self, Said, Scoring};
use crate::cycle::examination::sheet::Sheet;
use crate::cycle::examination::store;
use crate::db::milli::Milli;
use crate::db::schema::{examination, examination_act, examination_expert, examination_point, examination_unit};
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::units::{self, Period, UnitId};

/// How many services have their experts already.
const ASSIGNED: usize = 6;

/// The published points of a service: section and thousandths; a section that was not submitted is left out.
type Published = HashMap<String, i64>;

/// Makes both examinations.
///
/// # Errors
/// An account or a pack of the demo that did not come in; those of the database.
pub(super) async fn make(demo: &Demo<'_>) -> Result<(), Error> {
    let key = demo.app.keys.audit.clone();
    let zone = chrono::TimeDelta::hours(demo.app.config.zone_hours.into());
    let published = published(demo)?;
    let services = demo.municipalities.len();
    demo.app
        .db
        .write(move |tx| {
            let by = |tx: &mut Tx<'_>, login: &str| accounts::acting(tx, (&key, zone), login);
            let operator = by(tx, "operator")?;
            let experts = [by(tx, EXPERTS[0])?, by(tx, EXPERTS[1])?];
            let mut methodists = Vec::new();
            for m in 0..ASSIGNED.min(services) {
                methodists.push(by(tx, &methodist_login(m, 0))?);
            }
            let today = tx.today();
            let tree = units::store::tree(tx.conn(), today, None)?;
            let own: Vec<UnitId> = (0..services)
                .filter_map(|m| tree.by_code(&municipality_code(m)).map(|u| u.id))
                .collect();
            announced(tx, &operator, &experts[0], (&own, &published))?;
            under_way(tx, &operator, &experts, (&methodists, &own))
        })
        .await
}

/// The published points of the last published year, by the place of the municipality.
fn published(demo: &Demo<'_>) -> Result<Vec<Published>, Error> {
    let mut found = vec![Published::new(); demo.municipalities.len()];
    for points in figures::section_points()?.iter().filter(|p| p.year != 2022) {
        let place = demo.municipalities.iter().position(|m| m.name == points.name);
        let Some(own) = place.and_then(|m| found.get_mut(m)) else {
            continue;
        };
        for (section, given) in points.sections() {
            if let Some(value) = given.and_then(Milli::parse) {
                own.insert(section.to_owned(), i64::from(value.0));
            }
        }
    }
    Ok(found)
}

fn open(
    tx: &mut Tx<'_>,
    by: &By,
    period: &str,
    (title, days): (&str, Days),
    own: &[UnitId],
) -> Result<ExaminationId, Error> {
    let said = Opening {
        pack: "tyumen".into(),
        period: period.into(),
        title: title.into(),
        order: None,
        letter: None,
        days,
        units: own.iter().copied().collect(),
    };
    opening::open(tx, by, &said)
}

/// Errors that a service of this place has: some of them both times.
fn errors(sheet: &Sheet, m: usize, year: usize) -> Vec<(String, String)> {
    let has = |n: usize| (m * 3 + n * 5 + if n.is_multiple_of(3) { 0 } else { year * 4 }).is_multiple_of(7);
    let known = sheet.errors.iter().enumerate().filter(|(n, _)| has(*n));
    known.map(|(_, e)| (e.of.clone(), e.code.clone())).collect()
}

/// The examination that is over. Its values are there already, as they were published: nothing is written twice.
fn announced(
    tx: &mut Tx<'_>,
    operator: &By,
    expert: &By,
    (own, published): (&[UnitId], &[Published]),
) -> Result<(), Error> {
    let (done, told) = (day(2023, 6, 26), day(2023, 6, 28));
    let days = Days {
        documents: day(2023, 6, 16),
        scoring: done,
        appeals: day(2023, 7, 5),
    };
    let id = open(
        tx,
        operator,
        YEARS[1].period,
        ("Экспертиза методических служб", days),
        own,
    )?;
    let region = operator.region;
    let of = store::one(tx.conn(), region, id)?.ok_or_else(|| Refusal::new("cycle.no_pack"))?;
    let sheet = of.sheet()?;
    let rows: Vec<Examined> = store::units(tx.conn(), region, &[id])?;
    let sections: Vec<&str> = sheet.sections.iter().map(|s| s.code.as_str()).collect();
    let at = told.and_hms_opt(6, 0, 0).unwrap_or_default();
    let (mut seats, mut points, mut acts) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let Some(m) = own.iter().position(|unit| *unit == row.unit_id) else {
            continue;
        };
        let seat = Seat {
            id: SeatId(tx.id()),
            region_id: region,
            examination_unit_id: row.id,
            account_id: expert.account,
            sections: sections.join(","),
            done_on: Some(done),
            version: 2,
            recorded_at: at,
            ended_at: None,
        };
        let errors = errors(&sheet, m, 0);
        for section in &sheet.sections {
            let mut left = published.get(m).and_then(|of| of.get(&section.code)).copied();
            for code in section.codes() {
                let line = section.lines.iter().find(|l| l.code == code);
                let value = line.and_then(|line| {
                    let value = left?.min(line.maximum_milli);
                    left = left.map(|n| n - value);
                    Some(value)
                });
                let ticked: Vec<&str> = errors
                    .iter()
                    .filter(|(of, _)| of == code)
                    .map(|(_, e)| e.as_str())
                    .collect();
                if line.is_none() && ticked.is_empty() {
                    continue;
                }
                points.push(PointRow {
                    id: tx.id(),
                    region_id: region,
                    examination_expert_id: seat.id,
                    criterion: code.to_owned(),
                    value_milli: value,
                    is_absent: line.is_some() && value.is_none(),
                    note: String::new(),
                    errors: ticked.join(","),
                    account_id: expert.account,
                    recorded_at: at,
                    superseded_at: None,
                });
            }
        }
        for (act, by, on) in [
            (ExaminationAct::Done, expert, done),
            (ExaminationAct::Announce, operator, told),
        ] {
            acts.push(ActRow {
                id: tx.id(),
                region_id: region,
                examination_unit_id: row.id,
                act,
                examination_expert_id: (act == ExaminationAct::Done).then_some(seat.id),
                criterion: None,
                reason: None,
                on_date: on,
                account_id: by.account,
                on_behalf_of_id: None,
                recorded_at: at,
            });
        }
        seats.push(seat);
    }
    insert_many!(tx.conn(), examination_expert::table, seats).map_err(DbError::from)?;
    insert_many!(tx.conn(), examination_point::table, points).map_err(DbError::from)?;
    insert_many!(tx.conn(), examination_act::table, acts).map_err(DbError::from)?;
    let units = examination_unit::table
        .filter(examination_unit::region_id.eq(region))
        .filter(examination_unit::examination_id.eq(id));
    diesel::update(units)
        .set((
            examination_unit::announced_on.eq(Some(told)),
            examination_unit::version.eq(3),
            examination_unit::recorded_at.eq(at),
        ))
        .execute(tx.conn())?;
    let this = examination::table
        .filter(examination::region_id.eq(region))
        .filter(examination::id.eq(id));
    diesel::update(this)
        .set(examination::recorded_at.eq(at))
        .execute(tx.conn())?;
    Ok(())
}

/// Where the services with experts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Experts are at work.
    Scoring,
    /// Both are done and part.
    Diverges,
    /// Announced, with an appeal.
    Appealed,
    /// Both are done.
    Ready,
    /// Not begun.
    Waiting,
}

const FATES: [Fate; ASSIGNED] = [
    Fate::Scoring,
    Fate::Diverges,
    Fate::Appealed,
    Fate::Ready,
    Fate::Waiting,
    Fate::Waiting,
];

/// The examination that is under way.
fn under_way(
    tx: &mut Tx<'_>,
    operator: &By,
    experts: &[By; 2],
    (methodists, own): (&[By], &[UnitId]),
) -> Result<(), Error> {
    let today: NaiveDate = tx.today();
    let pack = crate::indicators::load::in_force(tx.conn(), "tyumen")?.ok_or_else(|| Refusal::new("cycle.no_pack"))?;
    let period = Period::of_day(pack.basis.kind, today).ok_or_else(|| Refusal::new("cycle.no_pack"))?;
    let days = Days {
        documents: today + Span::new(7),
        scoring: today + Span::new(14),
        appeals: today + Span::new(21),
    };
    let id = open(tx, operator, &period, ("Экспертиза методических служб", days), own)?;
    let region = operator.region;
    let of = store::one(tx.conn(), region, id)?.ok_or_else(|| Refusal::new("cycle.no_pack"))?;
    let sheet = of.sheet()?;
    let rows: Vec<Examined> = store::units(tx.conn(), region, &[id])?;
    let row = |m: usize| rows.iter().find(|r| Some(&r.unit_id) == own.get(m)).map(|r| r.id);
    let units: BTreeSet<ExaminedId> = (0..ASSIGNED).filter_map(row).collect();
    for expert in experts {
        let said = Assigning {
            account: expert.account,
            units: units.clone(),
            sections: sheet.sections.iter().map(|s| s.code.clone()).collect(),
        };
        experts::assign(tx, operator, &said)?;
    }
    for (m, fate) in FATES.into_iter().enumerate() {
        let (Some(unit), Some(methodist)) = (row(m), methodists.get(m)) else {
            continue;
        };
        documents(tx, methodist, (unit, &sheet), fate)?;
        score(tx, experts, (unit, &sheet), (m, fate))?;
        if fate == Fate::Appealed {
            let seen = store::unit(tx.conn(), region, unit)?.map_or(0, |r| r.version);
            let doing = Doing {
                by: operator.clone(),
                id: unit,
                seen,
            };
            announce::one(tx, &doing, FromFile::Ask)?;
            let why = "справка опубликована, ссылка в документах; просим посмотреть ещё раз";
            appeal::appeal(tx, methodist, (unit, "5.2"), (why, None))?;
        }
    }
    Ok(())
}

/// What a service shows: of each second criterion a document, of one the word that there is none.
fn documents(tx: &mut Tx<'_>, by: &By, (unit, sheet): (ExaminedId, &Sheet), fate: Fate) -> Result<(), Error> {
    if fate == Fate::Waiting {
        return Ok(());
    }
    let lines = sheet
        .lines()
        .filter(|l| !l.documents.is_empty())
        .step_by(if fate == Fate::Scoring { 4 } else { 2 });
    for (n, line) in lines.enumerate() {
        let said = if n == 3 {
            Shown::None("документ на согласовании".into())
        } else {
            Shown::There {
                kind: line.documents.first().cloned().unwrap_or_default(),
                title: line.title.clone(),
                number: format!("{}-м", n + 1),
                issued_on: None,
                link: Some(format!("https://town.example/documents/{}", line.code)),
                regulation: None,
            }
        };
        documents::say(tx, by, unit, &line.code, said)?;
    }
    Ok(())
}

/// The points of both experts.
fn score(
    tx: &mut Tx<'_>,
    experts: &[By; 2],
    (unit, sheet): (ExaminedId, &Sheet),
    (m, fate): (usize, Fate),
) -> Result<(), Error> {
    if fate == Fate::Waiting {
        return Ok(());
    }
    let errors = errors(sheet, m, 1);
    for (n, expert) in experts.iter().enumerate() {
        let seats = store::seats_of(tx.conn(), expert.region, expert.account)?;
        let Some(seat) = seats.into_iter().find(|s| s.examination_unit_id == unit) else {
            continue;
        };
        let mut said = Vec::new();
        for section in &sheet.sections {
            // The second one finds little in the analysis.
            let harsh = fate == Fate::Diverges && n == 1 && section.code == "s5";
            for code in section.codes() {
                let line = section.lines.iter().find(|l| l.code == code);
                let value = line.map(|line| if harsh { 0 } else { line.maximum_milli });
                let lower = value.map(|v| if v > 1000 { v - 500 } else { v });
                let ticked = errors.iter().filter(|(of, _)| of == code).map(|(_, e)| e.clone());
                let is_absent = code == "8.11" && line.is_some();
                said.push(Said {
                    criterion: code.to_owned(),
                    value_milli: if n == 1 { lower } else { value }.filter(|_| !is_absent),
                    is_absent,
                    note: if harsh {
                        "справка пересказывает числа".into()
                    } else {
                        String::new()
                    },
                    errors: ticked.collect(),
                });
            }
        }
        let doing = Scoring {
            by: expert.clone(),
            id: seat.id,
            seen: seat.version,
        };
        if fate == Fate::Scoring {
            said.truncate(if n == 0 { 13 } else { 3 });
            scoring::save(tx, &doing, &said)?;
        } else {
            scoring::finish(tx, &doing, &said)?;
        }
    }
    Ok(())
}
