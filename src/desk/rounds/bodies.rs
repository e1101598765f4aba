//! Bodies of a round trip: each row is the form of its page. Their members are no columns.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::body;
use crate::activity::by::By;
use crate::activity::model::{Body, BodyId};
use crate::db::schema::body as table;
use crate::db::{AnyConn, Tx};
use crate::desk::registers::bodies::{kind_choices, read};
use crate::desk::registers::body::stored;
use crate::desk::registers::events::level_choices;
use crate::desk::registers::page::Wrong;
use crate::desk::registers::reach::Held;
use crate::desk::rounds::kept::{Kept, Register};
use crate::desk::rounds::list::{Merged, Which};
use crate::desk::rounds::met::sentence;
use crate::error::{Error, Refusal};
use crate::exchange::round::{Holds, RoundColumn};
use crate::planted;
use crate::web::Visitor;

/// The bodies that the visitor keeps.
pub(super) struct List {
    held: Held,
    kept: Kept<Body>,
    /// Those of them that have members: their kind and level stay.
    peopled: HashSet<BodyId>,
}

fn columns(held: &Held) -> Vec<RoundColumn> {
    let edited = RoundColumn::edited;
    vec![
        edited("code", "Код", Holds::Words).hint("У новой строки можно оставить пустым; у прежней код не меняется"),
        edited("name", "Название", Holds::Words),
        edited("kind", "Вид", Holds::one(kind_choices())).hint("Не меняется, пока есть участники"),
        edited("level", "Уровень", Holds::one(level_choices())).hint("Не меняется, пока есть участники"),
        edited("unit", "При ком работает", Holds::one(held.choices())),
        edited("duties", "Обязанности", Holds::Words),
        edited("page", "Страница в сети", Holds::Words),
    ]
}

impl List {
    /// Reads them, and which of them have members.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn open(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate, which: &Which) -> Result<Self, Error> {
        let held = Held::of(c, visitor, today)?;
        let mut records = which.read(|keys| {
            let own = table::table
                .filter(table::region_id.eq(held.region))
                .filter(table::withdrawn_at.is_null())
                .select(Body::as_select())
                .order((table::search_key, table::id))
                .into_boxed();
            Ok(match keys {
                None => own.load(c)?,
                Some(keys) => own.filter(table::id.eq_any(keys)).load(c)?,
            })
        })?;
        records.retain(|of| held.keeps(of.unit_id) || planted!("foreign_row_key"));
        let ids: Vec<BodyId> = records.iter().map(|of| of.id).collect();
        let members = body::members(c, &ids)?.into_iter();
        let peopled = members.filter(|m| m.withdrawn_at.is_none()).map(|m| m.body_id);
        let known = |of: &Body| (of.id.0, of.version, of.name.clone());
        let said = |of: &Body, name: &str| stored(of, &held, name);
        Ok(Self {
            peopled: peopled.collect(),
            kept: Kept::new(columns(&held), records, known, said),
            held,
        })
    }
}

impl Register for List {
    type Record = Body;

    fn kept(&self) -> &Kept<Body> {
        &self.kept
    }

    fn called_by(&self) -> &'static str {
        "name"
    }

    fn refused(&self, of: Option<&Body>, row: &Merged) -> Vec<Wrong> {
        let mut wrong = read(&self.form(row), &self.held, of).err().unwrap_or_default();
        if of.is_some_and(|of| self.peopled.contains(&of.id)) {
            let kept = ["kind", "level"].into_iter().filter(|name| row.changed.contains(name));
            wrong.extend(kept.map(|name| (name, sentence(&Refusal::new("activity.body_kind")))));
        }
        wrong
    }

    fn put(&self, tx: &mut Tx<'_>, by: &By, of: Option<&Body>, row: &Merged) -> Result<(), Error> {
        let said = read(&self.form(row), &self.held, of).map_err(|_| Error::form_changed())?;
        match of {
            Some(of) => body::change(tx, by, of, of.version, &said),
            None => body::add(tx, by, said).map(drop),
        }
    }
}
