//! Events from a file, by their codes: the series, the units that took part, the participants counted without names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::event::{nested, odd_days};
use super::kinds;
use super::model::{Event, EventId, EventUnit, Family, Level};
use super::whom::own_region;
use super::words::LEVELS;
use crate::db::schema::{activity, event, event_unit};
use crate::db::text_keys::search_key;
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::{edited_since, standing_on};
use crate::exchange::{
    Applied, Batch, BatchId, Change, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, made, previous,
    repeats,
};
use crate::insert_many;
use crate::units::{self, Tree, UnitId, UnitKind};

/// Files of events.
pub struct EventsFile;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    code: String,
    series: Option<String>,
    title: String,
    family: Family,
    kind: &'static str,
    level: Level,
    from: NaiveDate,
    to: NaiveDate,
    organiser: Option<String>,
    /// Codes of units, each with its participants where the cell says `код=число`.
    units: BTreeMap<String, Option<i32>>,
    participants: Option<i32>,
    link: Option<String>,
}

/// What a file may change, as it stood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    series: Option<String>,
    title: String,
    family: Family,
    kind: String,
    level: Level,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    organiser_id: Option<UnitId>,
    organiser: Option<String>,
    participants: Option<i32>,
    link: Option<String>,
    units: Vec<EventUnit>,
    version: i32,
    batch_id: Option<i64>,
}

impl State {
    fn of(stored: &Event, units: &[EventUnit]) -> Self {
        Self {
            series: stored.series.clone(),
            title: stored.title.clone(),
            family: stored.family,
            kind: stored.kind.clone(),
            level: stored.level,
            starts_on: stored.starts_on,
            ends_on: stored.ends_on,
            organiser_id: stored.organiser_id,
            organiser: stored.organiser.clone(),
            participants: stored.participants,
            link: stored.link.clone(),
            units: units.to_vec(),
            version: stored.version,
            batch_id: stored.batch_id,
        }
    }
}

const TABLE: &str = "event";

impl Table for EventsFile {
    type Row = Row;
    const KIND: Kind = Kind::Events;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &[TABLE, "event_unit"];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let code = fields.required_text("code");
        let series = fields.text("series");
        let title = fields.required_text("title");
        let kind = fields.required_text("kind").and_then(|text| {
            let found = kinds::find(&text).filter(|k| matches!(k.family, Family::Event | Family::Contest));
            if found.is_none() {
                fields.problem("kind", Refusal::new("activity.unknown_kind"));
            }
            found
        });
        let level = fields.required_choice("level", &LEVELS);
        let from = fields.required_date("from");
        let to = fields.date("to");
        if to.zip(from).is_some_and(|(to, from)| to < from) {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        let organiser = fields.text("organiser");
        let mut units = BTreeMap::new();
        for word in fields.codes("units") {
            let named = word.split_once('=').map_or(word.as_str(), |(code, _)| code.trim());
            fields.names_unit("units", named);
            let (code, count) = match word.split_once('=') {
                None => (word.as_str(), None),
                Some((code, count)) => match count.trim().parse::<i32>().ok().filter(|n| *n >= 0) {
                    Some(count) => (code.trim(), Some(count)),
                    None => {
                        fields.problem("units", Refusal::new("import.not_whole"));
                        continue;
                    }
                },
            };
            if units.insert(code.to_owned(), count).is_some() {
                fields.problem("units", Refusal::new("activity.unit_twice"));
            }
        }
        let participants = fields.whole("participants");
        let counted: i64 = units.values().flatten().map(|n| i64::from(*n)).sum();
        if participants.is_some_and(|all| i64::from(all) < counted) {
            fields.problem("participants", Refusal::new("activity.fewer_than_counted"));
        }
        let link = fields.text("link");
        let kind = kind?;
        Some(Row {
            code: code?,
            series,
            title: title?,
            family: kind.family,
            kind: &kind.code,
            level: level?,
            from: from?,
            to: to.or(from)?,
            organiser,
            units,
            participants,
            link,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let today = tx.today();
        let known = units::store::places(tx.conn())?;
        let tree = units::store::tree(tx.conn(), today, None)?;
        let own = own_region(tx, batch)?;
        let stored = stored(tx, &rows)?;
        let standing: BTreeSet<(&str, NaiveDate, NaiveDate)> = stored
            .values()
            .map(|e| (e.code.as_str(), e.starts_on, e.ends_on))
            .collect();
        let mut found = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            match place(&row, &known, own, &tree, batch) {
                Ok(region) => found.push(Staged {
                    number,
                    row: (region, row),
                }),
                Err(mut problems) => {
                    // All that is wrong with a row is named at once.
                    let stands = standing.contains(&(row.code.as_str(), row.from, row.to));
                    problems.extend(odd(&row, today).filter(|_| !stands));
                    let refused = problems.into_iter().map(|problem| (number, Verdict::Refused(problem)));
                    applied.verdicts.extend(refused);
                }
            }
        }
        let rows = repeats::settle(found, |(region, r)| (*region, r.code.clone()), &mut applied.verdicts);
        let ids: Vec<EventId> = stored.values().map(|e| e.id).collect();
        let mut parts: HashMap<EventId, Vec<EventUnit>> = HashMap::new();
        let mut used: BTreeSet<Option<EventId>> = BTreeSet::new();
        for block in ids.chunks(1000) {
            let units: Vec<EventUnit> = event_unit::table
                .filter(event_unit::event_id.eq_any(block))
                .order((event_unit::event_id, event_unit::unit_id))
                .select(EventUnit::as_select())
                .load(tx.conn())?;
            for unit in units {
                parts.entry(unit.event_id).or_default().push(unit);
            }
            let taken: Vec<Option<EventId>> = activity::table
                .filter(activity::event_id.eq_any(block))
                .filter(activity::superseded_at.is_null())
                .filter(activity::withdrawn_at.is_null())
                .select(activity::event_id)
                .distinct()
                .load(tx.conn())?;
            used.extend(taken);
        }
        let (mut new, mut units) = (Vec::new(), Vec::new());
        for Staged {
            number,
            row: (region, row),
        } in rows
        {
            let old = stored.get(&(region, row.code.clone()));
            if old.is_some_and(|o| !kept(batch, o, parts.get(&o.id))) {
                let refusal = Refusal::new("import.code_outside");
                let problem = Problem::at(Kind::Events, "code", &row.code, refusal);
                applied.verdicts.push((number, Verdict::Refused(problem)));
                continue;
            }
            let stands = old.is_some_and(|o| (o.starts_on, o.ends_on) == (row.from, row.to));
            if let Some(problem) = odd(&row, today).filter(|_| !stands) {
                applied.verdicts.push((number, Verdict::Refused(problem)));
                continue;
            }
            let id = old.map_or_else(|| EventId(tx.id()), |o| o.id);
            let said = state(&row, id, &known, old, batch);
            let verdict = match old {
                None => {
                    units.extend(said.units.iter().cloned());
                    new.push(made_event(id, region, row.code, said, batch));
                    Verdict::New(vec![Change {
                        kind: TABLE,
                        id: id.0,
                        previous: None,
                    }])
                }
                Some(Event {
                    withdrawn_at: Some(at), ..
                }) => super::versions::withdrawn(Kind::Events, "code", *at),
                Some(old) => {
                    let before = State::of(old, parts.get(&id).map_or(&[][..], Vec::as_slice));
                    let differs = (
                        before.family,
                        &before.kind,
                        before.level,
                        before.starts_on,
                        before.ends_on,
                    ) != (said.family, &said.kind, said.level, said.starts_on, said.ends_on);
                    if before == said {
                        Verdict::Unchanged
                    } else if batch.mode == Mode::Add {
                        Verdict::Kept
                    } else if differs && used.contains(&Some(id)) {
                        let refusal = Refusal::new("activity.event_kind");
                        Verdict::Refused(Problem::at(Kind::Events, "kind", row.kind, refusal))
                    } else {
                        let next = State {
                            version: old.version + 1,
                            batch_id: Some(batch.id.0),
                            ..said
                        };
                        set(tx, id, &next)?;
                        Verdict::Changed(vec![Change {
                            kind: TABLE,
                            id: id.0,
                            previous: Some(previous(&before)),
                        }])
                    }
                }
            };
            applied.verdicts.push((number, verdict));
        }
        insert_many!(tx.conn(), event::table, new)?;
        insert_many!(tx.conn(), event_unit::table, units)?;
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let tables = [("activity", "event_id", "записи участников")];
        let mut found = standing_on(tx.conn(), &made(changes, TABLE), &tables, None)?;
        found.extend(edited_since(tx.conn(), TABLE, changes)?);
        Ok(found)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for change in changes {
            if let Some((id, state)) = change.before::<State>()? {
                set(tx, EventId(id), &state)?;
            }
        }
        for block in made(changes, TABLE).chunks(1000) {
            diesel::delete(event::table.filter(event::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

/// Whether a stored event is the file's to change: its organiser and the units that took part.
fn kept(batch: &Batch, of: &Event, units: Option<&Vec<EventUnit>>) -> bool {
    let region = of.region_id.0;
    let own = |u: &EventUnit| batch.holds(region, u.unit_id.0);
    batch.keeps(region, of.organiser_id.map(|u| u.0)) && units.is_none_or(|units| units.iter().all(own))
}

/// Events that are stored under the codes of the rows, by region and code.
fn stored(tx: &mut Tx<'_>, rows: &[Staged<Row>]) -> Result<HashMap<(UnitId, String), Event>, DbError> {
    let codes: Vec<&str> = rows.iter().map(|s| s.row.code.as_str()).collect();
    let mut stored: HashMap<(UnitId, String), Event> = HashMap::new();
    for block in codes.chunks(1000) {
        let events: Vec<Event> = event::table
            .filter(event::code.eq_any(block))
            .select(Event::as_select())
            .load(tx.conn())?;
        stored.extend(events.into_iter().map(|e| ((e.region_id, e.code.clone()), e)));
    }
    Ok(stored)
}

/// What is wrong with the days of a row.
fn odd(row: &Row, today: NaiveDate) -> Option<Problem> {
    let (column, refusal) = odd_days(row.from, row.to, today)?;
    let day = if column == "to" { row.to } else { row.from };
    Some(Problem::at(Kind::Events, column, day.format("%d.%m.%Y"), refusal))
}

/// The region of a row: that of its units, of its organiser, or the only one it can be. Else all that is wrong with them.
fn place(
    row: &Row,
    known: &HashMap<String, (UnitId, UnitId, UnitKind)>,
    own: Option<UnitId>,
    tree: &Tree,
    batch: &Batch,
) -> Result<UnitId, Vec<Problem>> {
    let mut region = own.filter(|_| batch.region.is_some());
    let problem = |column: &str, value: &str, refusal| Problem::at(Kind::Events, column, value, refusal);
    let (mut problems, mut named) = (Vec::new(), BTreeSet::new());
    for code in row.units.keys() {
        match taking_part(known.get(code), region, batch) {
            Ok((unit, theirs)) => {
                named.insert(unit);
                region = Some(theirs);
            }
            Err(refusal) => problems.push(problem("units", code, refusal)),
        }
    }
    let nested = nested(tree, &named).into_iter();
    problems.extend(nested.map(|(code, refusal)| problem("units", &code, refusal)));
    let organiser = row.organiser.as_ref().and_then(|text| known.get(text));
    // An event is its organiser's: one without a unit of the part is somebody else's.
    if batch.part.is_some()
        && let Err(refusal) = batch.place(organiser.map(|(unit, theirs, _)| (theirs.0, unit.0)))
    {
        let value = row.organiser.as_deref().unwrap_or_default();
        problems.push(problem("organiser", value, refusal));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let region = region.or(organiser.map(|(_, theirs, _)| *theirs)).or(own);
    region.ok_or_else(|| vec![problem("units", "", Refusal::new("activity.no_region"))])
}

/// A unit that takes part, with its region: that of the units before it.
fn taking_part(
    found: Option<&(UnitId, UnitId, UnitKind)>,
    region: Option<UnitId>,
    batch: &Batch,
) -> Result<(UnitId, UnitId), Refusal> {
    if batch.part.is_some() {
        batch.place(found.map(|(unit, theirs, _)| (theirs.0, unit.0)))?;
    }
    let (unit, theirs, _) = found.ok_or_else(|| Refusal::new("import.unknown_unit"))?;
    if region.is_some_and(|region| region != *theirs) {
        return Err(Refusal::new("import.other_region"));
    }
    Ok((*unit, *theirs))
}

fn state(
    row: &Row,
    id: EventId,
    known: &HashMap<String, (UnitId, UnitId, UnitKind)>,
    old: Option<&Event>,
    batch: &Batch,
) -> State {
    let organiser = row
        .organiser
        .as_ref()
        .and_then(|text| known.get(text))
        .map(|(unit, ..)| *unit);
    let mut units: Vec<EventUnit> = row
        .units
        .iter()
        .filter_map(|(code, participants)| {
            Some(EventUnit {
                event_id: id,
                unit_id: known.get(code)?.0,
                participants: *participants,
            })
        })
        .collect();
    units.sort_by_key(|u| u.unit_id);
    State {
        series: row.series.clone(),
        title: row.title.clone(),
        family: row.family,
        kind: row.kind.to_owned(),
        level: row.level,
        starts_on: row.from,
        ends_on: row.to,
        organiser_id: organiser,
        organiser: row.organiser.clone().filter(|_| organiser.is_none()),
        participants: row.participants,
        link: row.link.clone(),
        units,
        version: old.map_or(1, |o| o.version),
        batch_id: old.map_or(Some(batch.id.0), |o| o.batch_id),
    }
}

fn made_event(id: EventId, region: UnitId, code: String, said: State, batch: &Batch) -> Event {
    Event {
        id,
        region_id: region,
        code,
        search_key: search_key(&format!(
            "{} {}",
            said.series.as_deref().unwrap_or_default(),
            said.title
        )),
        series: said.series,
        title: said.title,
        family: said.family,
        kind: said.kind,
        level: said.level,
        starts_on: said.starts_on,
        ends_on: said.ends_on,
        organiser_id: said.organiser_id,
        organiser: said.organiser,
        participants: said.participants,
        link: said.link,
        version: 1,
        recorded_at: batch.now,
        withdrawn_at: None,
        withdrawn_reason: None,
        batch_id: Some(batch.id.0),
    }
}

fn set(tx: &mut Tx<'_>, id: EventId, state: &State) -> Result<(), DbError> {
    diesel::update(event::table.filter(event::id.eq(id)))
        .set((
            event::series.eq(&state.series),
            event::title.eq(&state.title),
            event::search_key.eq(search_key(&format!(
                "{} {}",
                state.series.as_deref().unwrap_or_default(),
                state.title
            ))),
            event::family.eq(state.family),
            event::kind.eq(&state.kind),
            event::level.eq(state.level),
            event::starts_on.eq(state.starts_on),
            event::ends_on.eq(state.ends_on),
            event::organiser_id.eq(state.organiser_id),
            event::organiser.eq(&state.organiser),
            event::participants.eq(state.participants),
            event::link.eq(&state.link),
            event::version.eq(state.version),
            event::batch_id.eq(state.batch_id),
        ))
        .execute(tx.conn())?;
    diesel::delete(event_unit::table.filter(event_unit::event_id.eq(id))).execute(tx.conn())?;
    insert_many!(tx.conn(), event_unit::table, state.units)?;
    Ok(())
}
