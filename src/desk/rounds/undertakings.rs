//! Undertakings of a round trip: each row is the form of its page.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::by::By;
use crate::activity::model::BodyId;
use crate::activity::undertaking;
use crate::activity::undertakings::{State, Undertaking, UndertakingId};
use crate::db::schema::{body, undertaking as table};
use crate::db::{AnyConn, Tx};
use crate::desk::registers::events::level_choices;
use crate::desk::registers::page::Wrong;
use crate::desk::registers::reach::Held;
use crate::desk::registers::undertaking_blocks::stored;
use crate::desk::registers::undertakings::{bodies_by_code, kind_choices, read};
use crate::desk::rounds::kept::{Kept, Register};
use crate::desk::rounds::list::{Merged, Which, units};
use crate::error::Error;
use crate::exchange::round::{Holds, RoundColumn};
use crate::planted;
use crate::units::UnitId;
use crate::web::Visitor;

/// The undertakings that the visitor keeps.
pub(super) struct List {
    held: Held,
    bodies: HashMap<String, (BodyId, String)>,
    kept: Kept<Undertaking>,
    today: NaiveDate,
}

fn columns(held: &Held) -> Vec<RoundColumn> {
    let states = State::ALL.iter().map(|s| (s.code().to_owned(), s.label().to_owned()));
    let edited = RoundColumn::edited;
    vec![
        edited("code", "Код", Holds::Words).hint("У новой строки можно оставить пустым; у прежней код не меняется"),
        edited("title", "Название", Holds::Words),
        edited("kind", "Вид", Holds::one(kind_choices())),
        edited("level", "Уровень", Holds::one(level_choices())),
        edited("unit", "Кто ведёт", units(held)).hint("Пусто: весь регион"),
        edited("about", "О чём", Holds::Words),
        edited("subject", "Предмет", Holds::Words),
        edited("from", "Первый день", Holds::Day),
        edited("to", "Последний день", Holds::Day),
        edited("state", "Состояние", Holds::one(states.collect())),
        edited("act-number", "Номер приказа или соглашения", Holds::Words),
        edited("act-date", "Дата приказа или соглашения", Holds::Day),
        edited("parties", "Стороны и партнёры", Holds::Codes).hint("Коды объединений через точку с запятой"),
        edited("units", "Кто ещё участвует", Holds::Codes).hint("Коды единиц через точку с запятой"),
        edited("page", "Ссылка", Holds::Words),
    ]
}

impl List {
    /// Reads them: the records, their parties and their units, a query each.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn open(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate, which: &Which) -> Result<Self, Error> {
        let held = Held::of(c, visitor, today)?;
        let mut records = which.read(|keys| {
            let own = table::table
                .filter(table::region_id.eq(held.region))
                .filter(table::withdrawn_at.is_null())
                .select(Undertaking::as_select())
                .order((table::starts_on.desc(), table::id.desc()))
                .into_boxed();
            Ok(match keys {
                None => own.load(c)?,
                Some(keys) => own.filter(table::id.eq_any(keys)).load(c)?,
            })
        })?;
        records.retain(|of| held.keeps(of.unit_id) || planted!("foreign_row_key"));
        let ids: Vec<UndertakingId> = records.iter().map(|of| of.id).collect();
        let mut parties: HashMap<UndertakingId, Vec<BodyId>> = HashMap::new();
        for party in undertaking::parties(c, &ids)? {
            parties.entry(party.undertaking_id).or_default().push(party.body_id);
        }
        let mut units: HashMap<UndertakingId, Vec<UnitId>> = HashMap::new();
        for unit in undertaking::units(c, &ids)? {
            units.entry(unit.undertaking_id).or_default().push(unit.unit_id);
        }
        // A body that was withdrawn is still a party; the form of a change asks for another one then.
        let codes: Vec<(BodyId, String)> = body::table
            .filter(body::region_id.eq(held.region))
            .order((body::search_key, body::id))
            .select((body::id, body::code))
            .load(c)?;
        let bodies = bodies_by_code(c, held.region)?;
        let known = |of: &Undertaking| (of.id.0, of.version, of.title.clone());
        let said = |of: &Undertaking, name: &str| {
            let own = parties.get(&of.id).filter(|_| name == "parties");
            let own = own.map_or(&[][..], Vec::as_slice);
            let own = codes.iter().filter(|(id, _)| own.contains(id));
            let own: Vec<&str> = own.map(|(_, code)| code.as_str()).collect();
            let beside = units.get(&of.id).map_or(&[][..], Vec::as_slice);
            stored(of, (&own.join("; "), beside), &held, name)
        };
        let kept = Kept::new(columns(&held), records, known, said);
        Ok(Self {
            held,
            bodies,
            kept,
            today,
        })
    }
}

impl Register for List {
    type Record = Undertaking;

    fn kept(&self) -> &Kept<Undertaking> {
        &self.kept
    }

    fn refused(&self, _of: Option<&Undertaking>, row: &Merged) -> Vec<Wrong> {
        let said = read(&self.form(row), &self.held, &self.bodies, self.today);
        said.err().unwrap_or_default()
    }

    fn put(&self, tx: &mut Tx<'_>, by: &By, of: Option<&Undertaking>, row: &Merged) -> Result<(), Error> {
        let form = self.form(row);
        let said = read(&form, &self.held, &self.bodies, self.today).map_err(|_| Error::form_changed())?;
        match of {
            Some(of) => undertaking::change(tx, by, of, of.version, &said),
            None => {
                let code = form.get("code").unwrap_or_default().to_owned();
                undertaking::add(tx, by, code, &said).map(drop)
            }
        }
    }
}
