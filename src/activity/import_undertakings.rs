//! Undertakings from a file, by their codes, with their parties and the units that take part.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{BodyId, Level};
use super::undertaking::{self, Content};
use super::undertakings::{self, State, Undertaking, UndertakingId};
use super::whom::{own_region, place, region_as_a_whole};
use super::words::LEVELS;
use crate::db::schema::{body, undertaking as table};
use crate::db::{DbError, Tx};
use crate::error::Refusal;
use crate::exchange::undo::{edited_since, standing_on};
use crate::exchange::{
    Applied, Batch, BatchId, Change, Choice, Fields, ImportRow, Kind, Mode, Problem, Staged, Table, Verdict, made,
    previous, repeats,
};
use crate::insert_many;
use crate::units::{self, UnitId, UnitKind};

/// Files of undertakings.
pub struct UndertakingsFile;

/// A row. What the file has no column for is `None`: it says nothing of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    code: String,
    kind: &'static str,
    title: String,
    about: Option<Option<String>>,
    subject: Option<Option<String>>,
    level: Level,
    unit: Option<String>,
    from: NaiveDate,
    to: Option<Option<NaiveDate>>,
    state: Option<State>,
    act: Option<Option<String>>,
    act_on: Option<Option<NaiveDate>>,
    parties: Option<Vec<String>>,
    units: Option<Vec<String>>,
    link: Option<Option<String>>,
}

/// Words of states.
const STATES: Choice<State> = Choice {
    values: State::ALL,
    code: State::code,
    label: State::label,
    more: &[
        ("действует", State::Running),
        ("реализуется", State::Running),
        ("завершён", State::Finished),
        ("завершена", State::Finished),
        ("прекращён", State::Stopped),
    ],
    formulas: true,
};

/// What a file may change, as it stood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Before {
    said: Content,
    checked_by: Option<i64>,
    checked_on: Option<NaiveDate>,
    version: i32,
    batch_id: Option<i64>,
}

const TABLE: &str = "undertaking";

impl Table for UndertakingsFile {
    type Row = Row;
    const KIND: Kind = Kind::Undertakings;
    const OF_PARTS: bool = true;
    const TABLES: &'static [&'static str] = &[TABLE, "undertaking_party", "undertaking_unit"];

    fn parse(fields: &mut Fields<'_>) -> Option<Row> {
        let code = fields.required_text("code");
        let kind = fields.required_text("kind").and_then(|text| {
            let found = undertakings::kind(undertakings::kinds(), &text);
            if found.is_none() {
                fields.problem("kind", Refusal::new("activity.unknown_kind"));
            }
            found
        });
        let title = fields.required_text("title");
        let about = fields.given("about", |f, name| f.text(name));
        let subject = fields.given("subject", |f, name| f.text(name));
        let level = fields.required_choice("level", &LEVELS);
        let unit = fields.unit("unit");
        let from = fields.required_date("from");
        let to = fields.given("to", |f, name| f.date(name));
        if to.flatten().zip(from).is_some_and(|(to, from)| to < from) {
            fields.problem("to", Refusal::new("import.ends_before_start"));
        }
        let state = fields.choice("state", &STATES);
        let act = fields.given("act", |f, name| f.text(name));
        let act_on = fields.given("act_on", |f, name| f.date(name));
        let parties = fields.given("parties", |f, name| f.codes(name));
        let units = fields.given("units", |f, name| f.units(name));
        let link = fields.given("link", |f, name| f.text(name));
        Some(Row {
            code: code?,
            kind: &kind?.code,
            title: title?,
            about,
            subject,
            level: level?,
            unit,
            from: from?,
            to,
            state,
            act,
            act_on,
            parties,
            units,
            link,
        })
    }

    fn apply(tx: &mut Tx<'_>, batch: &Batch, rows: Vec<Staged<Row>>) -> Result<Applied, DbError> {
        let mut applied = Applied::default();
        let places = Places::load(tx, batch)?;
        let mut found = Vec::with_capacity(rows.len());
        for Staged { number, row } in rows {
            match places.region(&row, batch) {
                Ok(region) => found.push(Staged {
                    number,
                    row: (region, row),
                }),
                Err(problem) => applied.verdicts.push((number, Verdict::Refused(problem))),
            }
        }
        let rows = repeats::settle(found, |(region, r)| (*region, r.code.clone()), &mut applied.verdicts);
        let stored = stored(tx, &rows)?;
        let today = tx.today();
        let mut new = Vec::new();
        for Staged {
            number,
            row: (region, row),
        } in rows
        {
            let old = stored.get(&(region, row.code.clone()));
            if let Some((column, value, refusal)) = outside(batch, region, &row, old, &places) {
                let problem = Problem::at(Kind::Undertakings, column, value, refusal);
                applied.verdicts.push((number, Verdict::Refused(problem)));
                continue;
            }
            let verdict = match places.content(region, &row, old.map(|(_, said)| said)) {
                Err(problem) => Verdict::Refused(problem),
                Ok(said) => {
                    if let Some((column, refusal)) = said.lacks().or(beyond(&row.code, old, &said, today)) {
                        let value = stands(column, &row.code, &said);
                        Verdict::Refused(Problem::at(Kind::Undertakings, column, value, refusal))
                    } else {
                        settle(tx, batch, (region, row.code), old, said, &mut new)?
                    }
                }
            };
            applied.verdicts.push((number, verdict));
        }
        let made: Vec<Undertaking> = new.iter().map(|(row, _)| row).cloned().collect();
        insert_many!(tx.conn(), table::table, made)?;
        for (row, said) in &new {
            undertaking::put_beside(tx, row.id, said)?;
        }
        Ok(applied)
    }

    fn dependents(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<Vec<String>, DbError> {
        let made = made(changes, TABLE);
        let tables = [
            ("expertise", "undertaking_id", "записи экспертизы"),
            ("undertaking_person", "undertaking_id", "участники"),
        ];
        let mut found = standing_on(tx.conn(), &made, &tables, None)?;
        found.extend(edited_since(tx.conn(), TABLE, changes)?);
        Ok(found)
    }

    fn revert(tx: &mut Tx<'_>, _batch: BatchId, changes: &[ImportRow]) -> Result<(), DbError> {
        for change in changes {
            let Some((id, before)) = change.before::<Before>()? else {
                continue;
            };
            let now: Option<Undertaking> = table::table
                .filter(table::id.eq(UndertakingId(id)))
                .select(Undertaking::as_select())
                .first(tx.conn())
                .optional()?;
            if let Some(now) = now {
                let _written = undertaking::set(tx, &now, &before.said, before.version, before.batch_id)?;
                diesel::update(table::table.filter(table::id.eq(now.id)))
                    .set((
                        table::checked_by.eq(before.checked_by),
                        table::checked_on.eq(before.checked_on),
                    ))
                    .execute(tx.conn())?;
            }
        }
        for block in made(changes, TABLE).chunks(1000) {
            diesel::delete(table::table.filter(table::id.eq_any(block))).execute(tx.conn())?;
        }
        Ok(())
    }
}

/// What of a row lies outside the part of the region that the file may write to: what is stored under its code, or a
/// unit that takes part.
fn outside<'r>(
    batch: &Batch,
    region: UnitId,
    row: &'r Row,
    old: Option<&(Undertaking, Content)>,
    places: &Places,
) -> Option<(&'static str, &'r str, Refusal)> {
    let own = |unit: &UnitId| batch.holds(region.0, unit.0);
    let kept = |(old, said): &(Undertaking, Content)| {
        batch.keeps(region.0, old.unit_id.map(|u| u.0)) && said.units.iter().all(own)
    };
    batch.part.as_ref()?;
    if old.is_some_and(|old| !kept(old)) {
        return Some(("code", &row.code, Refusal::new("import.code_outside")));
    }
    row.units.iter().flatten().find_map(|code| {
        let unit = places.units.get(code).map(|(unit, region, _)| (region.0, unit.0));
        let refusal = batch.place(unit).err()?;
        Some(("units", code.as_str(), refusal))
    })
}

/// What a row says in a column, for whoever looks for it: a code or a day.
fn stands(column: &str, code: &str, said: &Content) -> String {
    match column {
        "code" => code.to_owned(),
        "from" => date(said.starts_on),
        "to" => said.ends_on.map(date).unwrap_or_default(),
        "act_on" => said.act_on.map(date).unwrap_or_default(),
        _ => String::new(),
    }
}

fn date(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

/// What cannot be of what a row says anew: the code of a new record, days against the state.
fn beyond(
    code: &str,
    old: Option<&(Undertaking, Content)>,
    said: &Content,
    today: NaiveDate,
) -> Option<(&'static str, Refusal)> {
    let odd = undertakings::odd_code(code).filter(|_| old.is_none());
    if let Some(refusal) = odd {
        return Some(("code", refusal));
    }
    // Days go by: a file that says what already stands changes nothing.
    said.contradicts(today)
        .filter(|_| old.is_none_or(|(_, before)| before != said))
}

/// Compares what is said with what is stored, and writes what differs.
fn settle(
    tx: &mut Tx<'_>,
    batch: &Batch,
    (region, code): (UnitId, String),
    old: Option<&(Undertaking, Content)>,
    said: Content,
    new: &mut Vec<(Undertaking, Content)>,
) -> Result<Verdict, DbError> {
    let Some((old, before)) = old else {
        let id = UndertakingId(tx.id());
        let row = undertaking::row((region, id, code), &said, batch.now, Some(batch.id.0));
        new.push((row, said));
        return Ok(Verdict::New(vec![Change {
            kind: TABLE,
            id: id.0,
            previous: None,
        }]));
    };
    if let Some(at) = old.withdrawn_at {
        return Ok(super::versions::withdrawn(Kind::Undertakings, "code", at));
    }
    if *before == said {
        return Ok(Verdict::Unchanged);
    }
    if batch.mode == Mode::Add {
        return Ok(Verdict::Kept);
    }
    let state = Before {
        said: before.clone(),
        checked_by: old.checked_by,
        checked_on: old.checked_on,
        version: old.version,
        batch_id: old.batch_id,
    };
    let _written = undertaking::set(tx, old, &said, old.version + 1, Some(batch.id.0))?;
    Ok(Verdict::Changed(vec![Change {
        kind: TABLE,
        id: old.id.0,
        previous: Some(previous(&state)),
    }]))
}

/// Undertakings with what they say, by region and code.
type Stored = HashMap<(UnitId, String), (Undertaking, Content)>;

/// What is stored under the codes of the rows.
fn stored(tx: &mut Tx<'_>, rows: &[Staged<(UnitId, Row)>]) -> Result<Stored, DbError> {
    let codes: Vec<&str> = rows.iter().map(|s| s.row.1.code.as_str()).collect();
    let mut found: Vec<Undertaking> = Vec::new();
    for block in codes.chunks(1000) {
        let some: Vec<Undertaking> = table::table
            .filter(table::code.eq_any(block))
            .select(Undertaking::as_select())
            .load(tx.conn())?;
        found.extend(some);
    }
    let ids: Vec<UndertakingId> = found.iter().map(|u| u.id).collect();
    let mut parties: HashMap<UndertakingId, Vec<BodyId>> = HashMap::new();
    for party in undertaking::parties(tx.conn(), &ids)? {
        parties.entry(party.undertaking_id).or_default().push(party.body_id);
    }
    let mut units: HashMap<UndertakingId, Vec<UnitId>> = HashMap::new();
    for unit in undertaking::units(tx.conn(), &ids)? {
        units.entry(unit.undertaking_id).or_default().push(unit.unit_id);
    }
    let of = found.into_iter().map(|u| {
        let said = Content::of(
            &u,
            parties.remove(&u.id).unwrap_or_default(),
            units.remove(&u.id).unwrap_or_default(),
        );
        ((u.region_id, u.code.clone()), (u, said))
    });
    Ok(of.collect())
}

/// Units and bodies that rows name.
struct Places {
    units: HashMap<String, (UnitId, UnitId, UnitKind)>,
    bodies: HashMap<(UnitId, String), BodyId>,
    own: Option<UnitId>,
}

impl Places {
    fn load(tx: &mut Tx<'_>, batch: &Batch) -> Result<Self, DbError> {
        let bodies: Vec<(UnitId, String, BodyId)> = body::table
            .filter(body::withdrawn_at.is_null())
            .select((body::region_id, body::code, body::id))
            .load(tx.conn())?;
        Ok(Self {
            units: units::store::places(tx.conn())?,
            bodies: bodies
                .into_iter()
                .map(|(region, code, id)| ((region, code), id))
                .collect(),
            own: own_region(tx, batch)?,
        })
    }

    /// The region of a row: that of its unit, or the only one it can be.
    fn region(&self, row: &Row, batch: &Batch) -> Result<UnitId, Problem> {
        let problem = |value: &str, refusal| Problem::at(Kind::Undertakings, "unit", value, refusal);
        match &row.unit {
            None => region_as_a_whole(self.own, batch).map_err(|refusal| problem("", refusal)),
            Some(code) => match place(self.units.get(code), batch) {
                Ok((_, region)) => Ok(region),
                Err(refusal) => Err(problem(code, refusal)),
            },
        }
    }

    /// What a row says, over what is stored.
    fn content(&self, region: UnitId, row: &Row, old: Option<&Content>) -> Result<Content, Problem> {
        let problem = |column, value: &str, refusal| Problem::at(Kind::Undertakings, column, value, refusal);
        let unit = row.unit.as_ref().and_then(|code| self.units.get(code));
        let mut parties = Vec::new();
        for code in row.parties.iter().flatten() {
            match self.bodies.get(&(region, code.clone())) {
                Some(body) => parties.push(*body),
                None => return Err(problem("parties", code, Refusal::new("activity.unknown_body"))),
            }
        }
        let mut units = Vec::new();
        for code in row.units.iter().flatten() {
            match self.units.get(code) {
                Some((unit, theirs, _)) if *theirs == region => units.push(*unit),
                Some(_) => return Err(problem("units", code, Refusal::new("import.other_region"))),
                None => return Err(problem("units", code, Refusal::new("import.unknown_unit"))),
            }
        }
        units.sort_unstable();
        units.dedup();
        parties.sort_unstable();
        parties.dedup();
        let ends_on = row.to.unwrap_or_else(|| old.and_then(|o| o.ends_on));
        if let Some(last) = ends_on.filter(|last| *last < row.from) {
            return Err(problem("to", &date(last), Refusal::new("import.ends_before_start")));
        }
        let kept = |given: &Option<Option<String>>, old: Option<&Option<String>>| {
            given.clone().unwrap_or_else(|| old.cloned().flatten())
        };
        Ok(Content {
            kind: row.kind.to_owned(),
            title: row.title.clone(),
            about: kept(&row.about, old.map(|o| &o.about)),
            subject: kept(&row.subject, old.map(|o| &o.subject)),
            level: row.level,
            unit_id: unit.map(|(unit, ..)| *unit).filter(|unit| *unit != region),
            starts_on: row.from,
            ends_on,
            state: row.state.or(old.map(|o| o.state)).unwrap_or(State::Running),
            act: kept(&row.act, old.map(|o| &o.act)),
            act_on: row.act_on.unwrap_or_else(|| old.and_then(|o| o.act_on)),
            link: kept(&row.link, old.map(|o| &o.link)),
            parties: match (&row.parties, old) {
                (None, Some(old)) => old.parties.clone(),
                _ => parties,
            },
            units: match (&row.units, old) {
                (None, Some(old)) => old.units.clone(),
                _ => units,
            },
        })
    }
}
