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
use crate::desk::rounds::list::{Merged, Rounds, Which, form, place};
use crate::error::Error;
use crate::exchange::round::{Holds, RoundColumn, RoundRow};
use crate::planted;
use crate::web::Visitor;

/// The events that the visitor keeps.
pub(super) struct List {
    held: Held,
    columns: Vec<RoundColumn>,
    records: Vec<Event>,
    rows: Vec<RoundRow>,
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
        let own = || {
            table::table
                .filter(table::region_id.eq(held.region))
                .filter(table::withdrawn_at.is_null())
                .select(Event::as_select())
                .order((table::starts_on.desc(), table::id.desc()))
                .into_boxed()
        };
        let mut records: Vec<Event> = Vec::new();
        match which {
            Which::All => records = own().load(c)?,
            Which::Keys(keys) => {
                for block in keys.chunks(1000) {
                    records.extend(own().filter(table::id.eq_any(block)).load::<Event>(c)?);
                }
            }
        }
        records.retain(|of| held.keeps(of.organiser_id) || planted!("foreign_row_key"));
        let ids: Vec<EventId> = records.iter().map(|of| of.id).collect();
        let mut units: HashMap<EventId, Vec<EventUnit>> = HashMap::new();
        for unit in event::units(c, &ids)? {
            units.entry(unit.event_id).or_default().push(unit);
        }
        let columns = columns(&held);
        let row = |of: &Event| {
            let beside = units.get(&of.id).map_or(&[][..], Vec::as_slice);
            let cell = |column: &RoundColumn| column.plain(&stored(of, beside, &held, column.name));
            RoundRow {
                key: of.id.to_string(),
                version: of.version,
                named: of.title.clone(),
                cells: columns.iter().map(cell).collect(),
                own: Vec::new(),
            }
        };
        let rows = records.iter().map(row).collect();
        Ok(Self {
            columns,
            rows,
            records,
            held,
        })
    }

    fn record(&self, key: &str) -> Option<&Event> {
        place(&self.rows, key).and_then(|at| self.records.get(at))
    }
}

impl Rounds for List {
    fn columns(&self) -> &[RoundColumn] {
        &self.columns
    }

    fn rows(&self) -> &[RoundRow] {
        &self.rows
    }

    fn no_new(&self) -> Option<&'static str> {
        None
    }

    fn as_another(&self, name: &str) -> Option<&'static str> {
        // An event of one day may leave its last one out.
        (name == "to").then_some("from")
    }

    fn wrong(&self, row: &Merged) -> Vec<Wrong> {
        if !row.key.is_empty() && row.changed.contains(&"code") {
            return vec![("code", "Код записи не меняется: верните прежний.".into())];
        }
        let form = form(&self.columns, &row.values);
        read(&form, &self.held, self.record(&row.key)).err().unwrap_or_default()
    }

    fn write(&self, tx: &mut Tx<'_>, by: &By, rows: &[Merged]) -> Result<(), (u32, Error)> {
        for row in rows {
            let form = form(&self.columns, &row.values);
            let at = |e: Error| (row.number, e);
            let of = self.record(&row.key);
            let said = read(&form, &self.held, of).map_err(|_| at(Error::form_changed()))?;
            match of {
                Some(of) => event::change(tx, by, of, of.version, said).map_err(at)?,
                None => event::add(tx, by, said).map(drop).map_err(at)?,
            }
        }
        Ok(())
    }
}
