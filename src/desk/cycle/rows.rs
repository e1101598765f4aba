//! What the pages of the cycle read of a pack in a region: acts that are seen, marks, and how each item stands.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::activity::kinds::word_name;
use crate::cycle::holders;
use crate::cycle::regulation::{self, Regulation};
use crate::cycle::task::{self, Key, Standing, Task};
use crate::db::AnyConn;
use crate::desk::cycle::acts_form::Seen;
use crate::desk::cycle::described::Described;
use crate::desk::registers::reach::Held;
use crate::error::Error;
use crate::indicators::Pack;
use crate::indicators::pack_calendar::{CalendarItem, Keeper, Occurrence, Responsible};
use crate::indicators::regulation_kinds;
use crate::pages::parts::{Cell, Chip, Column, Tone};
use crate::pages::text::{NOTHING, capital, date, until};
use crate::people::PersonId;
use crate::planted;
use crate::units::{UnitId, UnitKind};
use crate::web::Visitor;
use crate::web::address::address;

/// A pack in a region, as a visitor sees it.
pub(crate) struct Followed {
    pub held: Held,
    pub described: Described,
    pub pack: Option<Arc<Pack>>,
    /// Acts of the region that are seen.
    pub acts: Vec<Regulation>,
    pub tasks: HashMap<Key, Task>,
    pub own: Own,
}

/// What a visitor answers for: the role in use and the bodies.
pub(crate) struct Own {
    role: Option<crate::access::Role>,
    bodies: Vec<(String, Option<UnitId>)>,
}

impl Own {
    fn of(c: &mut AnyConn, visitor: &Visitor, region: UnitId, today: NaiveDate) -> Result<Self, Error> {
        let role = visitor
            .in_use
            .as_ref()
            .and_then(|held| crate::access::Role::from_code(held.code));
        let bodies = match visitor.person.filter(|_| visitor.stands_for.is_none()) {
            Some(person) => holders::bodies_of(c, region, PersonId(person), today)?,
            None => Vec::new(),
        };
        Ok(Self { role, bodies })
    }

    /// The units for which the visitor answers for an item.
    pub fn units(&self, held: &Held, of: &[Responsible]) -> Vec<UnitId> {
        let mut found: Vec<UnitId> = Vec::new();
        for one in of {
            if one.role.is_some() && one.role == self.role {
                found.extend(own_units(held, one.keeper));
            }
            let members = self.bodies.iter();
            found.extend(members.filter_map(|(code, unit)| holders::unit_of(one, held.region, (code, *unit))));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The visitor's own units of a keeper.
pub(crate) fn own_units(held: &Held, keeper: Keeper) -> Vec<UnitId> {
    match keeper {
        Keeper::Region if held.is_whole() => vec![held.region],
        Keeper::Region => Vec::new(),
        _ => {
            let own = held.own().into_iter().filter(|unit| unit.kind == keeper.kind());
            own.map(|unit| unit.id).collect()
        }
    }
}

impl Followed {
    /// Reads it; without a pack that is asked for, the region's own.
    ///
    /// # Errors
    /// There is no such pack; those of the database.
    pub fn of(c: &mut AnyConn, visitor: &Visitor, wanted: Option<&str>, today: NaiveDate) -> Result<Self, Error> {
        let held = Held::of(c, visitor, today)?;
        let described = Described::of(c, &held)?;
        let pack = described.chosen(wanted);
        if wanted.is_some() && pack.is_none() {
            return Err(Error::NotFound("методика".into()));
        }
        let seen = Seen::of(&held);
        let mut acts = regulation::of_region(c, held.region)?;
        acts.retain(|act| seen.has(act) && act.withdrawn_at.is_none());
        let tasks = match &pack {
            Some(pack) => task::of_pack(c, held.region, &pack.code)?,
            None => HashMap::new(),
        };
        Ok(Self {
            own: Own::of(c, visitor, held.region, today)?,
            held,
            described,
            pack,
            acts,
            tasks,
        })
    }

    /// The units whose marks say whether an item is done: those of its keeper that the visitor holds, or the one above.
    pub fn units(&self, item: &CalendarItem) -> Vec<UnitId> {
        let keeper = item.keeper();
        if keeper == Keeper::Region {
            return vec![self.held.region];
        }
        let own = own_units(&self.held, keeper);
        if !own.is_empty() {
            return own;
        }
        let above = self
            .held
            .own()
            .into_iter()
            .flat_map(|unit| self.held.tree.path(unit.id));
        let is_keeper = |id: &UnitId| self.held.tree.unit(*id).is_some_and(|unit| unit.kind == keeper.kind());
        let mut found: Vec<UnitId> = above.filter(is_keeper).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The mark of a unit.
    pub fn mark(&self, pack: &str, item: &CalendarItem, time: &Occurrence, unit: UnitId) -> Option<&Task> {
        let key = Key {
            pack: pack.to_owned(),
            item: item.code.clone(),
            occurrence: time.key.clone(),
            unit,
        };
        self.tasks.get(&key).filter(|task| task.done_on.is_some())
    }

    /// How many of the units have marked it, and how many there are.
    pub fn done(&self, pack: &str, item: &CalendarItem, time: &Occurrence) -> (usize, usize) {
        let units = self.units(item);
        let done = units
            .iter()
            .filter(|unit| self.mark(pack, item, time, **unit).is_some());
        (done.count(), units.len())
    }

    /// How it stands, as a chip.
    pub fn chip(&self, pack: &str, item: &CalendarItem, time: &Occurrence, today: NaiveDate) -> Chip {
        let (done, all) = self.done(pack, item, time);
        let standing = Standing::of(time, today);
        let part = if done > 0 {
            format!(", сделано {done} из {all}")
        } else {
            String::new()
        };
        match standing {
            _ if done > 0 && done == all => Chip::new(Tone::Done, "сделано"),
            Standing::Past => Chip::new(Tone::Late, format!("прошёл{part}, нет отметки")),
            Standing::Going => Chip::new(Tone::Wait, format!("идёт{part}")),
            other => Chip::new(Tone::Calm, format!("{}{part}", other.label())),
        }
    }

    /// The act or link by which one unit shows it; how many have, where there are several.
    pub fn shown_by(&self, pack: &str, item: &CalendarItem, time: &Occurrence) -> Cell {
        let units = self.units(item);
        let marks: Vec<&Task> = units
            .iter()
            .filter_map(|unit| self.mark(pack, item, time, *unit))
            .collect();
        match marks.as_slice() {
            [one] if units.len() == 1 => self.document(one),
            _ => Cell::text(NOTHING),
        }
    }

    /// The document of a mark.
    pub fn document(&self, mark: &Task) -> Cell {
        let act = mark
            .regulation_id
            .and_then(|id| self.acts.iter().find(|act| act.id == id));
        match (act, &mark.link) {
            (Some(act), _) => Cell::link(capital(&act.called()), format!("/regulations/{}", act.id)),
            (None, Some(link)) => Cell::link("открыть", link.clone()),
            (None, None) if mark.regulation_id.is_some() => Cell::text("документ отозван или не виден"),
            _ => Cell::text(NOTHING),
        }
    }
}

/// The days of a time in words; how the item says it where it has none.
pub(crate) fn days_of(item: &CalendarItem, time: &Occurrence) -> String {
    match time.days {
        Some((first, last)) => format!("{} – {}", date(first), date(last)),
        None => item.when_words(),
    }
}

/// What is expected of an item: its result and the kind of its document.
pub(crate) fn expected(item: &CalendarItem) -> String {
    let kind = item
        .document
        .as_deref()
        .map(|code| word_name(regulation_kinds::kinds(), code));
    match (item.result.is_empty(), kind) {
        (true, None) => NOTHING.to_owned(),
        (true, Some(kind)) => kind.to_owned(),
        (false, None) => item.result.clone(),
        (false, Some(kind)) if item.result.starts_with(kind) => item.result.clone(),
        (false, Some(kind)) => format!("{} ({kind})", item.result),
    }
}

/// Those who answer, in words.
pub(crate) fn who(of: &[Responsible]) -> String {
    if planted!("calendar_without_who") {
        return String::new();
    }
    of.iter().map(|r| r.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Heads of a table of items.
pub(crate) const COLUMNS: [Column; 6] = [
    Column::words("Дело"),
    Column::words("Срок"),
    Column::words("Отвечает"),
    Column::words("Что должно получиться"),
    Column::words("Состояние"),
    Column::words("Чем подтверждено"),
];

/// A row of such a table.
pub(crate) fn row(of: &Followed, pack: &str, item: &CalendarItem, time: &Occurrence, today: NaiveDate) -> Vec<Cell> {
    vec![
        Cell::link(item.title.clone(), place(pack, item, time, None)),
        Cell::text(days_of(item, time)),
        Cell::text(who(&item.responsible)),
        Cell::text(expected(item)),
        Cell::chip(of.chip(pack, item, time, today)),
        of.shown_by(pack, item, time),
    ]
}

/// The page of one item.
pub(crate) fn place(pack: &str, item: &CalendarItem, time: &Occurrence, unit: Option<&str>) -> String {
    let own = [("pack", pack), ("item", &*item.code), ("on", &*time.key)];
    address("/cycle/item", own.into_iter().chain(unit.map(|code| ("unit", code))))
}

/// How long there is till the last day.
pub(crate) fn left(time: &Occurrence, today: NaiveDate) -> String {
    match time.days {
        Some((first, _)) if first > today => format!("начнётся {}", date(first)),
        Some((_, last)) => until(last, today),
        None => NOTHING.to_owned(),
    }
}

/// The kind of units of a keeper, told of one of them.
pub(crate) fn kind_word(of: UnitKind) -> &'static str {
    match of {
        UnitKind::Region => "регион",
        UnitKind::Zone => "зона",
        UnitKind::Municipality => "муниципалитет",
        UnitKind::Organisation => "организация",
    }
}
