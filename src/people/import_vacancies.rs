//! Vacancies from a file: own data of organisations and official lists, each list by itself.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::vacancy::{Vacancy, VacancyId, VacancyKey, VacancySource, odd_rate};
use crate::db::milli::Milli;
use crate::db::schema::vacancy;
use crate::db::text_keys::search_key;
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::standing_on;
use crate::exchange::{
    Applied, Batch, BatchId, Change, Choice, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, changed,
    made, repeats,
};
use crate::insert_many;
use crate::units::{self, UnitId, UnitKind};

/// Files of vacancies.
pub struct VacanciesFile;

/// A row. The outer `None` is a column that the file has not.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    organisation: String,
    position: String,
    subject: String,
    rate: Option<Option<Milli>>,
    from: NaiveDate,
    to: Option<Option<NaiveDate>>,
    source: VacancySource,
    link: Option<Option<String>>,
}

const SOURCES: Choice<VacancySource> = Choice {
    values: VacancySource::ALL,
    code: VacancySource::code,
    label: VacancySource::label,
    more: &[
        ("организация", VacancySource::Own),
        ("муниципалитет", VacancySource::Municipal),
        ("моуо", VacancySource::Municipal),
        ("министерство", VacancySource::Official),
        ("сайт министерства", VacancySource::Official),
    ],
    formulas: true,
};

const TABLE: &str = "vacancy";

impl Table for VacanciesFile {
    type Row = Row;
    const KIND: Kind = Kind::Vacancies;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &[TABLE];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let organisation = fields.required_unit("organisation");
        let position = fields.required_text("position");
        let subject = fields.text("subject").unwrap_or_default();
        let rate = fields.given("rate", |f, name| f.amount(name));
        if let Some(refusal) = rate.flatten().and_then(odd_rate) {
            fields.problem("rate", refusal);
        }
        let from = fields.required_date("from");
        let last = fields.given("to", |f, name| f.date(name));
        if let (Some(from), Some(Some(last))) = (from, last)
            && last < from
        {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        let source = fields.choice("source", &SOURCES).unwrap_or(VacancySource::Own);
        let link = fields.given("link", |f, name| f.text(name));
        if link
            .iter()
            .flatten()
            .any(|l| !(l.starts_with("https://") || l.starts_with("http://")))
        {
            fields.problem("link", Refusal::new("import.not_a_link"));
        }
        Some(Row {
            organisation: organisation?,
            position: position?,
            subject,
            rate,
            from: from?,
            to: last.map(|last| last.and_then(|day| day.succ_opt())),
            source,
            link,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let key = |row: &Row| {
            let (position, subject) = (search_key(&row.position), search_key(&row.subject));
            (row.organisation.clone(), position, subject, row.source, row.from)
        };
        let rows = repeats::settle(rows, key, &mut applied.verdicts);
        let units = units::store::places(tx.conn())?;
        let mut placed: Vec<(u32, Row, UnitId, UnitId)> = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            let found = units.get(&row.organisation).copied();
            let held = batch.place(found.map(|(unit, region, _)| (region.0, unit.0)));
            let place = match (held, found) {
                (Err(refusal), _) => Err(refusal),
                (Ok(()), Some((unit, region, UnitKind::Organisation))) => Ok((unit, region)),
                (Ok(()), Some((.., kind))) => {
                    Err(Refusal::new("people.not_an_organisation").with("kind", kind.label()))
                }
                (Ok(()), None) => Err(Refusal::new("import.unknown_unit")),
            };
            match place {
                Ok((unit, region)) => placed.push((number, row, unit, region)),
                Err(refusal) => {
                    let problem = Problem::at(Kind::Vacancies, "organisation", &row.organisation, refusal);
                    applied.verdicts.push((number, Verdict::Refused(problem)));
                }
            }
        }
        let stored = stored(tx, &placed)?;
        let (mut new, mut replaced) = (Vec::new(), Vec::new());
        for (number, row, organisation, region) in placed {
            let said = |before: Option<&Vacancy>| Vacancy {
                id: VacancyId(0),
                region_id: region,
                organisation_id: organisation,
                position_key: search_key(&row.position),
                position: row.position.clone(),
                subject_key: search_key(&row.subject),
                subject: row.subject.clone(),
                rate_milli: row.rate.unwrap_or_else(|| before.and_then(|b| b.rate_milli)),
                valid_from: row.from,
                valid_to: row.to.unwrap_or_else(|| before.and_then(|b| b.valid_to)),
                source: row.source,
                link: row.link.clone().unwrap_or_else(|| before.and_then(|b| b.link.clone())),
                recorded_at: batch.now,
                superseded_at: None,
                batch_id: Some(batch.id.0),
            };
            let of = |v: &Vacancy| (v.rate_milli, v.valid_to, v.link.clone());
            let before = stored.get(&said(None).key());
            let mut record = said(before);
            if before.is_some_and(|b| of(b) == of(&record)) {
                applied.verdicts.push((number, Verdict::Unchanged));
                continue;
            }
            if before.is_some() && batch.mode == Mode::Add {
                applied.verdicts.push((number, Verdict::Kept));
                continue;
            }
            record.id = VacancyId(tx.id());
            let made = Change {
                kind: TABLE,
                id: record.id.0,
                previous: None,
            };
            new.push(record);
            let verdict = match before {
                None => Verdict::New(vec![made]),
                Some(before) => {
                    replaced.push(before.id.0);
                    let ended = Change {
                        kind: TABLE,
                        id: before.id.0,
                        previous: Some("{}".to_owned()),
                    };
                    Verdict::Changed(vec![ended, made])
                }
            };
            applied.verdicts.push((number, verdict));
        }
        for block in replaced.chunks(1000) {
            diesel::update(vacancy::table.filter(vacancy::id.eq_any(block)))
                .set(vacancy::superseded_at.eq(batch.now))
                .execute(tx.conn())?;
        }
        insert_many!(tx.conn(), vacancy::table, new)?;
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let later = [(TABLE, "id", "вакансии, изменённые после загрузки")];
        standing_on(
            tx.conn(),
            &made(changes, TABLE),
            &later,
            Some("superseded_at IS NOT NULL"),
        )
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for block in made(changes, TABLE).chunks(1000) {
            diesel::delete(vacancy::table.filter(vacancy::id.eq_any(block))).execute(tx.conn())?;
        }
        let ended: Vec<i64> = changed(changes, TABLE).filter_map(|c| c.object_id).collect();
        for block in ended.chunks(1000) {
            diesel::update(vacancy::table.filter(vacancy::id.eq_any(block)))
                .set(vacancy::superseded_at.eq(None::<chrono::NaiveDateTime>))
                .execute(tx.conn())?;
        }
        Ok(())
    }
}

/// What is in force in the organisations of the rows.
fn stored(tx: &mut Tx<'_>, placed: &[(u32, Row, UnitId, UnitId)]) -> Result<HashMap<VacancyKey, Vacancy>, DbError> {
    let mut organisations: Vec<UnitId> = placed.iter().map(|(_, _, unit, _)| *unit).collect();
    organisations.sort_unstable();
    organisations.dedup();
    let mut found = HashMap::new();
    for block in organisations.chunks(1000) {
        let rows: Vec<Vacancy> = vacancy::table
            .filter(vacancy::organisation_id.eq_any(block))
            .filter(vacancy::superseded_at.is_null())
            .select(Vacancy::as_select())
            .load(tx.conn())?;
        found.extend(rows.into_iter().map(|v| (v.key(), v)));
    }
    Ok(found)
}
