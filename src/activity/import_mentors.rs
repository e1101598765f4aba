//! The base of mentors from a file: the card of each with qualities, subject and training.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::kinds;
use super::model::{ActivityId, MentorCard, RecordId};
use super::versions::{self, Said};
use super::whom::{Persons, Whom};
use crate::db::schema::mentor_card;
use crate::db::types::code_set;
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::{Applied, Batch, BatchId, Fields, ImportRow, Kind, Staged, Table, Verdict, repeats};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::{revert_versions, take_version, write_versions};

/// Files of the base of mentors.
pub struct MentorsFile;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    whom: Whom,
    qualities: String,
    subject: Option<String>,
    trained_on: Option<NaiveDate>,
    from: NaiveDate,
    to: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq)]
struct Found {
    person: PersonId,
    region: UnitId,
    row: Row,
}

const TABLE: &str = "mentor_card";

impl Table for MentorsFile {
    type Row = Row;
    const KIND: Kind = Kind::Mentors;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &[TABLE];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let whom = Whom::parse(fields);
        let mut qualities = BTreeSet::new();
        for text in fields.list("qualities") {
            match kinds::word(kinds::qualities(), &text) {
                Some(word) => {
                    qualities.insert(word.code.as_str());
                }
                None => {
                    let known: Vec<&str> = kinds::qualities().iter().map(|w| w.name.as_str()).collect();
                    let refusal = Refusal::new("import.unknown_value").with("known", known.join(", "));
                    fields.problem("qualities", refusal);
                }
            }
        }
        let subject = fields.text("subject");
        let trained_on = fields.date("trained_on");
        let from = fields.required_date("from");
        let last = fields.date("to");
        if last.zip(from).is_some_and(|(last, from)| last < from) {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        Some(Row {
            whom,
            qualities: code_set(qualities),
            subject,
            trained_on,
            from: from?,
            to: last.and_then(|day| day.succ_opt()),
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let persons = Persons::load(tx, batch, Kind::Mentors, rows.iter().map(|s| &s.row.whom))?;
        let mut found = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            match persons.find(&row.whom, "snils", batch.region.map(UnitId)) {
                Err(verdict) => applied.verdicts.push((number, verdict)),
                Ok((person, region)) => found.push(Staged {
                    number,
                    row: Found { person, region, row },
                }),
            }
        }
        let rows = repeats::settle(found, |r| r.person, &mut applied.verdicts);
        let ids: Vec<PersonId> = rows.iter().map(|s| s.row.person).collect();
        let mut stored: HashMap<PersonId, MentorCard> = HashMap::new();
        for block in ids.chunks(1000) {
            let cards: Vec<MentorCard> = mentor_card::table
                .filter(mentor_card::person_id.eq_any(block))
                .filter(mentor_card::superseded_at.is_null())
                .select(MentorCard::as_select())
                .load(tx.conn())?;
            for card in cards {
                if card.withdrawn_at.is_none() || !stored.contains_key(&card.person_id) {
                    stored.insert(card.person_id, card);
                }
            }
        }
        let (mut new, mut replaced): (Vec<MentorCard>, Vec<ActivityId>) = (Vec::new(), Vec::new());
        for Staged { number, row: found } in rows {
            let row = &found.row;
            let said = match stored.get(&found.person) {
                None => Said::New,
                Some(old) => match old.withdrawn_at {
                    Some(at) => {
                        applied
                            .verdicts
                            .push((number, versions::withdrawn(Kind::Mentors, "snils", at)));
                        continue;
                    }
                    None => {
                        let stored = (
                            &old.qualities,
                            &old.subject,
                            old.trained_on,
                            old.valid_from,
                            old.valid_to,
                        );
                        match stored == (&row.qualities, &row.subject, row.trained_on, row.from, row.to) {
                            true => Said::Same,
                            false => Said::Differs(old.clone()),
                        }
                    }
                },
            };
            let make = |before: Option<&MentorCard>| {
                let id = tx.id();
                MentorCard {
                    id: ActivityId(id),
                    region_id: found.region,
                    record_id: before.map_or(RecordId(id), |b| b.record_id),
                    person_id: found.person,
                    qualities: row.qualities.clone(),
                    subject: row.subject.clone(),
                    trained_on: row.trained_on,
                    valid_from: row.from,
                    valid_to: row.to,
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
                tx.touch(found.person.0);
            }
            applied.verdicts.push((number, verdict));
        }
        write_versions!(tx, mentor_card, batch.now, replaced, new);
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        versions::changed_since(tx, TABLE, changes)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        revert_versions!(tx, mentor_card, TABLE, changes, [person_id]);
        Ok(())
    }
}
