//! Records of persons from a file: a row is one record; the event of the register may say most of it.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::content::Content;
use super::kinds::{self, Need};
use super::model::{Achieved, Activity, BodyId, Event, Family, Level, Part};
use super::versions::{self, Said};
use super::whom::{Persons, Whom};
use super::words::{LEVELS, PARTS, RESULTS};
use crate::db::milli::Milli;
use crate::db::schema::{activity, body, event};
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::{Applied, Batch, BatchId, Fields, ImportRow, Kind, Problem, Staged, Table, Verdict, repeats};
use crate::people::PersonId;
use crate::units::{self, UnitId, UnitKind};
use crate::{revert_versions, take_version, write_versions};

/// Files of records.
pub struct ActivitiesFile;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    whom: Whom,
    family: Family,
    kind: &'static str,
    needs: &'static [Need],
    level: Option<Level>,
    from: NaiveDate,
    to: Option<NaiveDate>,
    title: Option<String>,
    event: Option<String>,
    organiser: Option<String>,
    part: Option<Part>,
    category: Option<String>,
    result: Option<Achieved>,
    hours: Option<Milli>,
    document: Option<String>,
    link: Option<String>,
}

const TABLE: &str = "activity";

type Key = (PersonId, Family, String, NaiveDate, String);

fn key_of(person: PersonId, content: &Content) -> Key {
    (
        person,
        content.family,
        content.kind.clone(),
        content.starts_on,
        content.title_key(),
    )
}

/// A row whose person and event are found.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    person: PersonId,
    region: UnitId,
    content: Content,
}

impl Table for ActivitiesFile {
    type Row = Row;
    const KIND: Kind = Kind::Activities;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &[TABLE];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let whom = Whom::parse(fields);
        let kind = fields.required_text("kind").and_then(|text| {
            let found = kinds::find(&text);
            if found.is_none() {
                fields.problem("kind", Refusal::new("activity.unknown_kind"));
            }
            found
        });
        let level = fields.choice("level", &LEVELS);
        let from = fields.required_date("from");
        let to = fields.date("to");
        if to.zip(from).is_some_and(|(to, from)| to < from) {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        let title = fields.text("title");
        let event = fields.text("event");
        let organiser = fields.text("organiser");
        let part = fields.choice("role", &PARTS);
        let category = fields.text("category");
        let result = fields.choice("result", &RESULTS);
        let hours = fields.amount("hours");
        let document = fields.text("document");
        let link = fields.text("link");
        let kind = kind?;
        Some(Row {
            whom,
            family: kind.family,
            kind: &kind.code,
            needs: &kind.needs,
            level,
            from: from?,
            to,
            title,
            event,
            organiser,
            part,
            category,
            result,
            hours,
            document,
            link,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let finding = Finding::load(tx, batch, &rows)?;
        let mut found = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            match finding.find(tx.today(), row) {
                Ok(row) => found.push(Staged { number, row }),
                Err(verdict) => applied.verdicts.push((number, verdict)),
            }
        }
        let rows = repeats::settle(found, |r| key_of(r.person, &r.content), &mut applied.verdicts);
        let persons: BTreeSet<PersonId> = rows.iter().map(|s| s.row.person).collect();
        let stored = stored(tx, &persons.into_iter().collect::<Vec<_>>())?;
        let (mut new, mut replaced) = (Vec::new(), Vec::new());
        for Staged { number, row } in rows {
            let said = match stored.get(&key_of(row.person, &row.content)) {
                None => Said::New,
                Some(old) => match old.withdrawn_at {
                    Some(at) => {
                        let verdict = versions::withdrawn(Kind::Activities, "kind", at);
                        applied.verdicts.push((number, verdict));
                        continue;
                    }
                    None if Content::of(old) == row.content => Said::Same,
                    None => Said::Differs(old.clone()),
                },
            };
            let place = (row.region, row.person);
            let own = Some(batch.id.0);
            let make = |before: Option<&Activity>| row.content.clone().record(tx, place, before, batch.now, own);
            let verdict = take_version!(tx, batch, TABLE, said, new, replaced, make);
            if matches!(verdict, Verdict::New(_) | Verdict::Changed(_)) {
                tx.touch(row.person.0);
            }
            applied.verdicts.push((number, verdict));
        }
        write_versions!(tx, activity, batch.now, replaced, new);
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        versions::changed_since(tx, TABLE, changes)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        revert_versions!(tx, activity, TABLE, changes, [person_id]);
        Ok(())
    }
}

/// The latest versions of the records of persons: those in force, and withdrawn ones where nothing took their place.
fn stored(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<HashMap<Key, Activity>, DbError> {
    let mut all: HashMap<Key, Activity> = HashMap::new();
    for block in persons.chunks(1000) {
        let rows: Vec<Activity> = activity::table
            .filter(activity::person_id.eq_any(block))
            .filter(activity::superseded_at.is_null())
            .select(Activity::as_select())
            .load(tx.conn())?;
        for row in rows {
            let key = key_of(row.person_id, &Content::of(&row));
            if row.withdrawn_at.is_none() || !all.contains_key(&key) {
                all.insert(key, row);
            }
        }
    }
    Ok(all)
}

/// Persons, events, bodies and units that rows name.
struct Finding {
    persons: Persons,
    events: HashMap<String, Vec<Event>>,
    bodies: HashMap<String, Vec<(BodyId, UnitId)>>,
    units: HashMap<String, (UnitId, UnitId, UnitKind)>,
}

impl Finding {
    fn load(tx: &mut Tx<'_>, batch: &Batch, rows: &[Staged<Row>]) -> Result<Self, DbError> {
        let persons = Persons::load(tx, batch, Kind::Activities, rows.iter().map(|s| &s.row.whom))?;
        let codes: BTreeSet<&str> = rows.iter().filter_map(|s| s.row.event.as_deref()).collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        let mut events: HashMap<String, Vec<Event>> = HashMap::new();
        for block in codes.chunks(1000) {
            let found: Vec<Event> = event::table
                .filter(event::code.eq_any(block))
                .filter(event::withdrawn_at.is_null())
                .select(Event::as_select())
                .load(tx.conn())?;
            for event in found.into_iter().filter(|e| batch.reaches(e.region_id.0)) {
                events.entry(event.code.clone()).or_default().push(event);
            }
        }
        let mut bodies: HashMap<String, Vec<(BodyId, UnitId)>> = HashMap::new();
        let known: Vec<(String, BodyId, UnitId)> = body::table
            .filter(body::withdrawn_at.is_null())
            .select((body::code, body::id, body::region_id))
            .load(tx.conn())?;
        for (code, id, region) in known {
            bodies.entry(code).or_default().push((id, region));
        }
        Ok(Self {
            persons,
            events,
            bodies,
            units: units::store::places(tx.conn())?,
        })
    }

    fn find(&self, today: NaiveDate, row: Row) -> Result<Found, Verdict> {
        let refused = |column: &str, value: &str, refusal| {
            Verdict::Refused(Problem::at(Kind::Activities, column, value, refusal))
        };
        let named = row
            .event
            .as_ref()
            .map(|code| (code, self.events.get(code).map_or(&[][..], Vec::as_slice)));
        let hint = match &named {
            Some((_, [only])) => Some(only.region_id),
            _ => None,
        };
        let (person, region) = self.persons.find(&row.whom, "snils", hint)?;
        if row.from > today {
            let refusal = Refusal::new("activity.future_day").with("today", today.format("%d.%m.%Y"));
            return Err(refused("from", &row.from.format("%d.%m.%Y").to_string(), refusal));
        }
        let mut content = Content {
            family: row.family,
            kind: row.kind.to_owned(),
            level: row.level,
            role: row.part,
            title: row.title.unwrap_or_default(),
            category: row.category,
            starts_on: row.from,
            ends_on: row.to,
            event_id: None,
            body_id: None,
            organiser_id: None,
            organiser: None,
            result: row.result,
            hours_milli: row.hours,
            document: row.document,
            link: row.link,
        };
        if let Some((code, events)) = named {
            let Some(event) = events.iter().find(|e| e.region_id == region) else {
                return Err(refused("event", code, Refusal::new("activity.unknown_event")));
            };
            if (event.family, event.kind.as_str()) != (row.family, row.kind) {
                let refusal = Refusal::new("activity.other_kind").with("kind", kinds::name(event.family, &event.kind));
                return Err(refused("kind", row.kind, refusal));
            }
            if row.from < event.starts_on || row.from > event.ends_on {
                let refusal = Refusal::new("activity.outside_event")
                    .with("from", event.starts_on.format("%d.%m.%Y"))
                    .with("to", event.ends_on.format("%d.%m.%Y"));
                return Err(refused("from", &row.from.format("%d.%m.%Y").to_string(), refusal));
            }
            content.event_id = Some(event.id);
            content.level = content.level.or(Some(event.level));
            if content.title.is_empty() {
                content.title.clone_from(&event.title);
            }
        }
        if let Some(text) = row.organiser {
            let body = self
                .bodies
                .get(&text)
                .and_then(|all| all.iter().find(|(_, own)| *own == region));
            match (self.units.get(&text).filter(|(_, own, _)| *own == region), body) {
                (Some((unit, ..)), _) => content.organiser_id = Some(*unit),
                (None, Some((body, _))) => content.body_id = Some(*body),
                (None, None) => content.organiser = Some(text),
            }
        }
        for need in row.needs {
            let lacking = match need {
                Need::Level if content.level.is_none() => "level",
                Need::Result if content.result.is_none() => "result",
                _ => continue,
            };
            return Err(refused(lacking, "", Refusal::new("import.required")));
        }
        Ok(Found {
            person,
            region,
            content,
        })
    }
}
