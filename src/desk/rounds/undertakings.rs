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
use crate::desk::rounds::list::{Merged, Rounds, Which, form, place, units};
use crate::error::Error;
use crate::exchange::round::{Holds, RoundColumn, RoundRow};
use crate::planted;
use crate::units::UnitId;
use crate::web::Visitor;

/// The undertakings that the visitor keeps.
pub(super) struct List {
    held: Held,
    bodies: HashMap<String, (BodyId, String)>,
    columns: Vec<RoundColumn>,
    records: Vec<Undertaking>,
    rows: Vec<RoundRow>,
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
        let own = || {
            table::table
                .filter(table::region_id.eq(held.region))
                .filter(table::withdrawn_at.is_null())
                .select(Undertaking::as_select())
                .order((table::starts_on.desc(), table::id.desc()))
                .into_boxed()
        };
        let mut records: Vec<Undertaking> = Vec::new();
        match which {
            Which::All => records = own().load(c)?,
            Which::Keys(keys) => {
                for block in keys.chunks(1000) {
                    records.extend(own().filter(table::id.eq_any(block)).load::<Undertaking>(c)?);
                }
            }
        }
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
        let columns = columns(&held);
        let row = |of: &Undertaking| {
            let own = parties.get(&of.id).map_or(&[][..], Vec::as_slice);
            let own: Vec<&str> = codes
                .iter()
                .filter(|(id, _)| own.contains(id))
                .map(|(_, code)| code.as_str())
                .collect();
            let (own, beside) = (own.join("; "), units.get(&of.id).map_or(&[][..], Vec::as_slice));
            let cell = |column: &RoundColumn| column.plain(&stored(of, (&own, beside), &held, column.name));
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
            bodies,
            columns,
            rows,
            records,
            today,
            held,
        })
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

    fn wrong(&self, row: &Merged) -> Vec<Wrong> {
        if !row.key.is_empty() && row.changed.contains(&"code") {
            return vec![("code", "Код записи не меняется: верните прежний.".into())];
        }
        let form = form(&self.columns, &row.values);
        read(&form, &self.held, &self.bodies, self.today)
            .err()
            .unwrap_or_default()
    }

    fn write(&self, tx: &mut Tx<'_>, by: &By, rows: &[Merged]) -> Result<(), (u32, Error)> {
        for row in rows {
            let form = form(&self.columns, &row.values);
            let at = |e: Error| (row.number, e);
            let said = read(&form, &self.held, &self.bodies, self.today);
            let said = said.map_err(|_| at(Error::form_changed()))?;
            match place(&self.rows, &row.key).and_then(|at| self.records.get(at)) {
                Some(of) => undertaking::change(tx, by, of, of.version, &said).map_err(at)?,
                None => {
                    let code = form.get("code").unwrap_or_default().to_owned();
                    undertaking::add(tx, by, code, &said).map(drop).map_err(at)?;
                }
            }
        }
        Ok(())
    }
}
