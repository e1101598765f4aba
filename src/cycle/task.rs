//! What a unit has to do by the calendar: marked as done with a day and a document, or the mark taken back. Whoever was
//! reminded of it and did not mark it is told that the question is closed.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde_json::json;

use super::regulation::RegulationId;
use crate::access::by::{self, By};
use crate::db::schema::calendar_task as table;
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::indicators::pack_calendar::{CalendarItem, Occurrence};
use crate::mail::notice::{self, Settled, Told};
use crate::mail::outbox::Letter;
use crate::units::UnitId;
use crate::{id_newtype, insert_many, planted};

id_newtype! {
    /// What a unit has to do.
    TaskId;
}

/// A row of what a unit has to do.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
pub struct Task {
    /// Id.
    pub id: TaskId,
    /// The region.
    pub region_id: UnitId,
    /// The unit.
    pub unit_id: UnitId,
    /// Code of the pack.
    pub pack: String,
    /// Code of the item.
    pub item: String,
    /// For which time.
    pub occurrence: String,
    /// When it was done; `None`: not yet.
    pub done_on: Option<NaiveDate>,
    /// The act that shows it.
    pub regulation_id: Option<RegulationId>,
    /// Where else it is shown.
    pub link: Option<String>,
    /// Who marked it.
    pub account_id: Option<i64>,
    /// Version.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
}

/// Which task: pack, item, time, unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Code of the pack.
    pub pack: String,
    /// Code of the item.
    pub item: String,
    /// For which time.
    pub occurrence: String,
    /// The unit.
    pub unit: UnitId,
}

impl Task {
    /// Which it is.
    #[must_use]
    pub fn key(&self) -> Key {
        Key {
            pack: self.pack.clone(),
            item: self.item.clone(),
            occurrence: self.occurrence.clone(),
            unit: self.unit_id,
        }
    }
}

/// Everything that is marked or was reminded of in a region by a pack.
///
/// # Errors
/// Those of the database.
pub fn of_pack(conn: &mut AnyConn, region: UnitId, pack: &str) -> Result<HashMap<Key, Task>, DbError> {
    let rows: Vec<Task> = table::table
        .filter(table::region_id.eq(region))
        .filter(table::pack.eq(pack))
        .select(Task::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|task| (task.key(), task)).collect())
}

/// One task, if anything is kept of it.
///
/// # Errors
/// Those of the database.
pub fn find(conn: &mut AnyConn, region: UnitId, key: &Key) -> Result<Option<Task>, DbError> {
    Ok(table::table
        .filter(table::region_id.eq(region))
        .filter(table::pack.eq(&key.pack))
        .filter(table::item.eq(&key.item))
        .filter(table::occurrence.eq(&key.occurrence))
        .filter(table::unit_id.eq(key.unit))
        .select(Task::as_select())
        .first(conn)
        .optional()?)
}

fn empty(tx: &Tx<'_>, id: TaskId, region: UnitId, key: &Key) -> Task {
    Task {
        id,
        region_id: region,
        unit_id: key.unit,
        pack: key.pack.clone(),
        item: key.item.clone(),
        occurrence: key.occurrence.clone(),
        done_on: None,
        regulation_id: None,
        link: None,
        account_id: None,
        version: 1,
        recorded_at: tx.now(),
    }
}

/// The tasks of these keys in a region; those of which nothing is kept are made.
///
/// # Errors
/// Those of the database.
pub fn provide(tx: &mut Tx<'_>, region: UnitId, keys: &BTreeSet<Key>) -> Result<HashMap<Key, Task>, DbError> {
    dialect::lock(tx.conn(), dialect::lock_space::CALENDAR, [region.0])?;
    let packs: BTreeSet<&str> = keys.iter().map(|key| key.pack.as_str()).collect();
    let times: BTreeSet<&str> = keys.iter().map(|key| key.occurrence.as_str()).collect();
    let rows: Vec<Task> = table::table
        .filter(table::region_id.eq(region))
        .filter(table::pack.eq_any(packs))
        .filter(table::occurrence.eq_any(times))
        .select(Task::as_select())
        .load(tx.conn())?;
    let mut found: HashMap<Key, Task> = rows.into_iter().map(|task| (task.key(), task)).collect();
    let lacking: Vec<&Key> = keys.iter().filter(|key| !found.contains_key(*key)).collect();
    let mut new = Vec::with_capacity(lacking.len());
    for key in lacking {
        let id = TaskId(tx.id());
        new.push(empty(tx, id, region, key));
    }
    insert_many!(tx.conn(), table::table, new.clone())?;
    found.extend(new.into_iter().map(|task| (task.key(), task)));
    Ok(found)
}

/// What a mark says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// When it was done.
    pub on: NaiveDate,
    /// The act that shows it.
    pub regulation: Option<RegulationId>,
    /// Where else it is shown.
    pub link: Option<String>,
}

/// What cannot be of a mark: the field and the refusal.
#[must_use]
pub fn refused(said: &Said, of: &CalendarItem, today: NaiveDate) -> Option<(&'static str, Refusal)> {
    if said.on > today && !planted!("mark_of_tomorrow") {
        let refusal = Refusal::new("cycle.mark_future").with("today", today.format("%d.%m.%Y"));
        return Some(("on", refusal));
    }
    let lacks = of.document.is_some() && said.regulation.is_none() && said.link.is_none();
    lacks.then(|| ("act_of", Refusal::new("cycle.mark_without_document")))
}

/// Marks a task as done that stood at version `seen` (0: nothing was kept of it).
///
/// # Errors
/// Somebody else has marked it; the mark cannot be.
pub fn mark(
    tx: &mut Tx<'_>,
    by: &By,
    (of, key): (&CalendarItem, &Key),
    seen: i32,
    said: &Said,
) -> Result<TaskId, Error> {
    dialect::lock(tx.conn(), dialect::lock_space::CALENDAR, [by.region.0])?;
    if let Some((_, refusal)) = refused(said, of, tx.today()) {
        return Err(refusal.into());
    }
    let stored = find(tx.conn(), by.region, key)?;
    let id = match &stored {
        None if seen == 0 => {
            let id = TaskId(tx.id());
            let row = Task {
                done_on: Some(said.on),
                regulation_id: said.regulation,
                link: said.link.clone(),
                account_id: Some(by.account),
                ..empty(tx, id, by.region, key)
            };
            insert_many!(tx.conn(), table::table, [row])?;
            id
        }
        Some(task) if task.version == seen => {
            diesel::update(table::table.filter(table::id.eq(task.id)))
                .set((
                    table::done_on.eq(Some(said.on)),
                    table::regulation_id.eq(said.regulation),
                    table::link.eq(&said.link),
                    table::account_id.eq(Some(by.account)),
                    table::version.eq(seen + 1),
                ))
                .execute(tx.conn())?;
            task.id
        }
        // A reminder has come meanwhile: nobody else has done anything.
        Some(task) if seen == 0 && task.version == 1 && task.done_on.is_none() => {
            return mark(tx, by, (of, key), 1, said);
        }
        Some(task) => return Err(by::changed(tx, by, "cycle", "calendar_task", task.id.0)?),
        None => return Err(Error::Conflict),
    };
    by.note(tx, "cycle.task_done", ("calendar_task", id.0), &[], &detail(key))?;
    close(tx, by, of, key, id)?;
    Ok(id)
}

/// Takes a mark back that stood at version `seen`.
///
/// # Errors
/// Somebody else has changed it.
pub fn undo(tx: &mut Tx<'_>, by: &By, key: &Key, seen: i32) -> Result<TaskId, Error> {
    dialect::lock(tx.conn(), dialect::lock_space::CALENDAR, [by.region.0])?;
    let Some(task) = find(tx.conn(), by.region, key)? else {
        return Err(Error::Conflict);
    };
    if task.version != seen || task.done_on.is_none() {
        return Err(by::changed(tx, by, "cycle", "calendar_task", task.id.0)?);
    }
    diesel::update(table::table.filter(table::id.eq(task.id)))
        .set((
            table::done_on.eq(None::<NaiveDate>),
            table::regulation_id.eq(None::<RegulationId>),
            table::link.eq(None::<String>),
            table::account_id.eq(None::<i64>),
            table::version.eq(seen + 1),
        ))
        .execute(tx.conn())?;
    by.note(tx, "cycle.task_undo", ("calendar_task", task.id.0), &[], &detail(key))?;
    Ok(task.id)
}

fn detail(key: &Key) -> String {
    format!("pack={} code={} period={}", key.pack, key.item, key.occurrence)
}

/// The question leaves the lists; whoever was asked and did not mark it is told.
fn close(tx: &mut Tx<'_>, by: &By, of: &CalendarItem, key: &Key, id: TaskId) -> Result<(), DbError> {
    let open = notice::open(tx.conn(), &[id.0])?;
    if open.is_empty() || planted!("task_stays_open") {
        return Ok(());
    }
    let told: Vec<Told> = open
        .iter()
        .filter(|asked| asked.account_id != by.account)
        .map(|asked| Told {
            letter: Letter {
                kind: "calendar_settled",
                region: Some(by.region.0),
                account: asked.account_id,
                subject_id: id.0,
                dedup_key: format!("{}-{}", asked.id, asked.account_id),
                body: json!({ "title": of.title, "occurrence": key.occurrence }),
                address: None,
                link: None,
            },
            item: None,
            due_on: None,
        })
        .collect();
    let ids = open.iter().map(|asked| asked.id).collect();
    notice::settle(tx, &HashMap::from([(Settled::Done, ids)]))?;
    notice::tell(tx, &told)?;
    Ok(())
}

/// How an item stands on a day by its dates alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It begins later.
    Ahead,
    /// It is going on.
    Going,
    /// Its last day is over.
    Past,
    /// It has no dates.
    Undated,
}

impl Standing {
    /// That of a time on a day.
    #[must_use]
    pub fn of(time: &Occurrence, today: NaiveDate) -> Self {
        match time.days {
            None => Self::Undated,
            Some((first, _)) if today < first => Self::Ahead,
            Some((_, last)) if today > last && !planted!("past_goes_on") => Self::Past,
            Some(_) => Self::Going,
        }
    }

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ahead => "ещё не начался",
            Self::Going => "идёт",
            Self::Past => "прошёл",
            Self::Undated => "без срока",
        }
    }
}
