//! Events of a round trip: each row is the form of its page.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::by::By;
use crate::activity::event;
use crate::activity::model::{Event, EventId, EventUnit};
use crate::db::schema::event as table;
use crate::db::{AnyConn, Tx};
use crate::desk::registers::event::stored;
use crate::desk::registers::events::{kind_choices, level_choices, read};
use crate::desk::registers::page::Wrong;
use crate::desk::registers::reach::Held;
use crate::desk::rounds::kept::{Kept, Register};
use crate::desk::rounds::list::{Merged, Which};
use crate::error::Error;
use crate::exchange::round::{Holds, RoundColumn};
use crate::planted;
use crate::web::Visitor;

/// The events that the visitor keeps.
pub(super) struct List {
    held: Held,
    kept: Kept<Event>,
}

fn columns(held: &Held) -> Vec<RoundColumn> {
    let edited = RoundColumn::edited;
    vec![
        edited("code", "Код", Holds::Words).hint("У новой строки можно оставить пустым; у прежней код не меняется"),
        edited("title", "Название", Holds::Words),
        edited("series", "Серия", Holds::Words),
        edited("kind", "Вид", Holds::one(kind_choices())),
        edited("level", "Уровень", Holds::one(level_choices())),
        edited("from", "Первый день", Holds::Day),
        edited("to", "Последний день", Holds::Day),
        edited("organiser", "Организатор", Holds::one(held.choices())),
        edited("other", "Другой организатор", Holds::Words).hint("Если его нет в списке"),
        edited("units", "Кто участвовал", Holds::Codes)
            .hint("Коды через точку с запятой; с числом участников: М1=12; М2=8"),
        edited("participants", "Участников всего", Holds::Whole),
    ]
}

impl List {
    /// Reads them: the records and their units, a query each.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn open(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate, which: &Which) -> Result<Self, Error> {
        let held = Held::of(c, visitor, today)?;
        let mut records = which.read(|keys| {
            let own = table::table
                .filter(table::region_id.eq(held.region))
                .filter(table::withdrawn_at.is_null())
                .select(Event::as_select())
                .order((table::starts_on.desc(), table::id.desc()))
                .into_boxed();
            Ok(match keys {
                None => own.load(c)?,
                Some(keys) => own.filter(table::id.eq_any(keys)).load(c)?,
            })
        })?;
        records.retain(|of| held.keeps(of.organiser_id) || planted!("foreign_row_key"));
        let ids: Vec<EventId> = records.iter().map(|of| of.id).collect();
        let mut units: HashMap<EventId, Vec<EventUnit>> = HashMap::new();
        for unit in event::units(c, &ids)? {
            units.entry(unit.event_id).or_default().push(unit);
        }
        let known = |of: &Event| (of.id.0, of.version, of.title.clone());
        let said = |of: &Event, name: &str| {
            let beside = units.get(&of.id).map_or(&[][..], Vec::as_slice);
            stored(of, beside, &held, name)
        };
        let kept = Kept::new(columns(&held), records, known, said);
        Ok(Self { held, kept })
    }
}

impl Register for List {
    type Record = Event;

    fn kept(&self) -> &Kept<Event> {
        &self.kept
    }

    fn as_another(&self, name: &str) -> Option<&'static str> {
        // An event of one day may leave its last one out.
        (name == "to").then_some("from")
    }

    fn refused(&self, of: Option<&Event>, row: &Merged) -> Vec<Wrong> {
        read(&self.form(row), &self.held, of).err().unwrap_or_default()
    }

    fn put(&self, tx: &mut Tx<'_>, by: &By, of: Option<&Event>, row: &Merged) -> Result<(), Error> {
        let said = read(&self.form(row), &self.held, of).map_err(|_| Error::form_changed())?;
        match of {
            Some(of) => event::change(tx, by, of, of.version, said),
            None => event::add(tx, by, said).map(drop),
        }
    }
}
