//! Mentoring pairs from a file: mentor, mentee, form, days, documents.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::import_members::overlap;
use super::kinds;
use super::model::{ActivityId, MentoringPair, PairDocument, RecordId};
use super::versions::{self, Said};
use super::whom::{Persons, Whom, number};
use super::words::required_word;
use crate::db::schema::mentoring_pair;
use crate::db::text_keys::search_key;
use crate::db::types::code_set;
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::{Applied, Batch, BatchId, Fields, ImportRow, Kind, Problem, Staged, Table, Verdict, repeats};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{revert_versions, take_version, write_versions};

/// Files of pairs.
pub struct PairsFile;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    mentor: Whom,
    mentee: Whom,
    form: &'static str,
    from: NaiveDate,
    to: Option<NaiveDate>,
    documents: Option<String>,
    link: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Found {
    mentor: PersonId,
    mentee: PersonId,
    region: UnitId,
    form: &'static str,
    from: NaiveDate,
    to: Option<NaiveDate>,
    documents: Option<String>,
    link: Option<String>,
}

const TABLE: &str = "mentoring_pair";

/// The documents that a cell names, as a set of codes.
fn documents(fields: &mut Fields<'_>) -> String {
    let mut codes = BTreeSet::new();
    for word in fields.list("documents") {
        let plain = search_key(&word);
        let known = PairDocument::ALL
            .iter()
            .find(|d| d.code() == plain || search_key(d.label()) == plain);
        // «приказ № 5 от 01.09.2023» is the order: files name the document with its number.
        let known = known.or_else(|| {
            let first = plain.split(' ').next().unwrap_or_default();
            let mut named = PairDocument::ALL
                .iter()
                .filter(|d| search_key(d.label()).starts_with(first));
            named.next().filter(|_| first.chars().count() > 4)
        });
        match known {
            Some(document) => {
                codes.insert(document.code());
            }
            None => {
                let known: Vec<&str> = PairDocument::ALL.iter().map(|d| d.label()).collect();
                let refusal = Refusal::new("import.unknown_value").with("known", known.join(", "));
                fields.problem("documents", refusal);
            }
        }
    }
    code_set(codes)
}

impl Table for PairsFile {
    type Row = Row;
    const KIND: Kind = Kind::Pairs;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &[TABLE];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let [mentor, mentee] = ["mentor", "mentee"].map(|column| {
            let said = fields.required_text(column);
            said.and_then(|_| number(fields, column)).map(Whom::numbered)
        });
        let form = required_word(fields, "form", kinds::mentoring());
        let from = fields.required_date("from");
        let last = fields.date("to");
        if last.zip(from).is_some_and(|(last, from)| last < from) {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        let documents = fields.given("documents", |f, _| documents(f));
        let link = fields.text("link");
        let (mentor, mentee) = (mentor?, mentee?);
        if mentor == mentee {
            fields.problem("mentee", Refusal::new("activity.own_mentor"));
        }
        Some(Row {
            mentor,
            mentee,
            form: form?,
            from: from?,
            to: last.and_then(|day| day.succ_opt()),
            documents,
            link,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let both = rows.iter().flat_map(|s| [&s.row.mentor, &s.row.mentee]);
        let persons = Persons::load(tx, batch, Kind::Pairs, both)?;
        let mut found = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            let pair = persons
                .find(&row.mentor, "mentor", batch.region.map(UnitId))
                .and_then(|(mentor, region)| {
                    let (mentee, other) = persons.find(&row.mentee, "mentee", Some(region))?;
                    Ok((mentor, region, mentee, other))
                });
            match pair {
                Err(verdict) => applied.verdicts.push((number, verdict)),
                Ok((_, region, _, other)) if region != other => {
                    let refusal = Refusal::new("activity.pair_regions");
                    let problem = Problem::at(Kind::Pairs, "mentee", "", refusal);
                    applied.verdicts.push((number, Verdict::Refused(problem)));
                }
                Ok((mentor, region, mentee, _)) => found.push(Staged {
                    number,
                    row: Found {
                        mentor,
                        mentee,
                        region,
                        form: row.form,
                        from: row.from,
                        to: row.to,
                        documents: row.documents,
                        link: row.link,
                    },
                }),
            }
        }
        let rows = repeats::settle(found, |r| (r.mentor, r.mentee, r.form, r.from), &mut applied.verdicts);
        let mentors: BTreeSet<PersonId> = rows.iter().map(|s| s.row.mentor).collect();
        let mut stored = pairs(tx, &mentors.into_iter().collect::<Vec<_>>())?;
        let (mut new, mut replaced): (Vec<MentoringPair>, Vec<ActivityId>) = (Vec::new(), Vec::new());
        for Staged { number, row } in rows {
            let own = stored.entry((row.mentor, row.mentee, row.form.to_owned())).or_default();
            let same = |p: &&MentoringPair| p.valid_from == row.from;
            let old = own.iter().filter(same).find(|p| p.withdrawn_at.is_none());
            let old = old.or_else(|| own.iter().find(same)).cloned();
            if let Some(at) = old.as_ref().and_then(|p| p.withdrawn_at) {
                applied
                    .verdicts
                    .push((number, versions::withdrawn(Kind::Pairs, "mentor", at)));
                continue;
            }
            let old_id = old.as_ref().map(|p| p.id);
            let mut others = own.iter().filter(|p| p.withdrawn_at.is_none() && Some(p.id) != old_id);
            if let Some(other) = others.find(|p| overlap((row.from, row.to), (p.valid_from, p.valid_to))) {
                let refusal = Refusal::new("activity.pair_twice").with("from", other.valid_from.format("%d.%m.%Y"));
                let problem = Problem::at(Kind::Pairs, "from", row.from.format("%d.%m.%Y"), refusal);
                applied.verdicts.push((number, Verdict::Refused(problem)));
                continue;
            }
            let before = old.clone();
            let documents = row.documents.clone();
            let documents =
                documents.unwrap_or_else(|| before.as_ref().map_or_else(String::new, |p| p.documents.clone()));
            let link = row
                .link
                .clone()
                .or_else(|| before.as_ref().and_then(|p| p.link.clone()));
            let said = match old {
                None => Said::New,
                Some(old) if old.valid_to == row.to && old.documents == documents && old.link == link => Said::Same,
                Some(old) => Said::Differs(old),
            };
            let make = |before: Option<&MentoringPair>| {
                let id = tx.id();
                MentoringPair {
                    id: ActivityId(id),
                    region_id: row.region,
                    record_id: before.map_or(RecordId(id), |b| b.record_id),
                    mentor_id: row.mentor,
                    mentee_id: row.mentee,
                    form: row.form.to_owned(),
                    valid_from: row.from,
                    valid_to: row.to,
                    documents: documents.clone(),
                    link: link.clone(),
                    outcome: before.and_then(|b| b.outcome.clone()),
                    version: before.map_or(1, |b| b.version + 1),
                    recorded_at: batch.now,
                    superseded_at: None,
                    withdrawn_at: None,
                    withdrawn_reason: None,
                    batch_id: Some(batch.id.0),
                }
            };
            let verdict = take_version!(tx, batch, TABLE, said, new, replaced, make);
            if matches!(verdict, Verdict::New(_) | Verdict::Changed(_)) {
                own.retain(|p| Some(p.id) != old_id);
                own.extend(new.last().cloned());
                tx.touch(row.mentor.0);
                tx.touch(row.mentee.0);
            }
            applied.verdicts.push((number, verdict));
        }
        write_versions!(tx, mentoring_pair, batch.now, replaced, new);
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        versions::changed_since(tx, TABLE, changes)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        revert_versions!(tx, mentoring_pair, TABLE, changes, [mentor_id, mentee_id]);
        Ok(())
    }
}

/// Pairs by mentor, mentee and form.
type Stored = HashMap<(PersonId, PersonId, String), Vec<MentoringPair>>;

/// Latest versions of the pairs of mentors by mentor, mentee and form.
fn pairs(tx: &mut Tx<'_>, mentors: &[PersonId]) -> Result<Stored, DbError> {
    let mut all = Stored::new();
    for block in mentors.chunks(1000) {
        let rows: Vec<MentoringPair> = mentoring_pair::table
            .filter(mentoring_pair::mentor_id.eq_any(block))
            .filter(mentoring_pair::superseded_at.is_null())
            .select(MentoringPair::as_select())
            .load(tx.conn())?;
        for row in rows {
            all.entry((row.mentor_id, row.mentee_id, row.form.clone()))
                .or_default()
                .push(row);
        }
    }
    Ok(all)
}
