//! Publications of a round trip: each row is the form of its page.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::by::By;
use crate::activity::publication::{self, Writer};
use crate::activity::undertakings::{self, Publication, PublicationId};
use crate::db::schema::publication as table;
use crate::db::types::codes;
use crate::db::{AnyConn, Tx};
use crate::desk::plan::rows::Who;
use crate::desk::registers::page::Wrong;
use crate::desk::registers::publication::{kept_of, names, stored};
use crate::desk::registers::publications::{kind_choices, people, read, writers};
use crate::desk::registers::reach::Held;
use crate::desk::rounds::list::{Merged, Rounds, Which, form, place, units};
use crate::error::Error;
use crate::exchange::round::{Holds, RoundColumn, RoundRow};
use crate::people::PersonId;
use crate::planted;
use crate::web::Visitor;
use crate::web::call::Fields;

/// The publications that the visitor keeps.
pub(super) struct List {
    held: Held,
    columns: Vec<RoundColumn>,
    records: Vec<Publication>,
    rows: Vec<RoundRow>,
    authors: HashMap<PublicationId, Vec<Writer>>,
    who: HashMap<PersonId, Who>,
    today: NaiveDate,
}

fn columns(held: &Held) -> Vec<RoundColumn> {
    let whom = undertakings::addressees()
        .iter()
        .map(|w| (w.code.clone(), w.name.clone()));
    let edited = RoundColumn::edited;
    vec![
        edited("code", "Код", Holds::Words).hint("У новой строки можно оставить пустым; у прежней код не меняется"),
        edited("title", "Название", Holds::Words),
        edited("kind", "Вид", Holds::one(kind_choices())),
        edited("authors", "Авторы", Holds::Words).hint("Через точку с запятой"),
        edited("year", "Год", Holds::Whole),
        edited("journal", "Журнал или издательство", Holds::Words),
        edited("subject", "Предмет", Holds::Words),
        edited("whom", "Кому", Holds::several(whom.collect()))
            .hint("Через точку с запятой, слова из листа «Справочники»"),
        edited("unit", "Кто выпустил", units(held)).hint("Пусто: весь регион"),
        edited("page", "Ссылка", Holds::Words),
    ]
}

/// The form of a row: an addressee a field.
fn fields(columns: &[RoundColumn], values: &[String]) -> Fields {
    let mut fields = form(columns, values);
    let whom = fields.get("whom").unwrap_or_default().to_owned();
    fields.0.retain(|(name, _)| name != "whom");
    fields
        .0
        .extend(codes(&whom).map(|code| ("whom".to_owned(), code.to_owned())));
    fields
}

impl List {
    /// Reads them: the records, their authors, and the names of those who are seen.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn open(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate, which: &Which) -> Result<Self, Error> {
        let held = Held::of(c, visitor, today)?;
        let own = || {
            table::table
                .filter(table::region_id.eq(held.region))
                .filter(table::withdrawn_at.is_null())
                .select(Publication::as_select())
                .order((table::year.desc(), table::search_key, table::id))
                .into_boxed()
        };
        let mut records: Vec<Publication> = Vec::new();
        match which {
            Which::All => records = own().load(c)?,
            Which::Keys(keys) => {
                for block in keys.chunks(1000) {
                    records.extend(own().filter(table::id.eq_any(block)).load::<Publication>(c)?);
                }
            }
        }
        records.retain(|of| held.keeps(of.unit_id) || planted!("foreign_row_key"));
        let ids: Vec<PublicationId> = records.iter().map(|of| of.id).collect();
        let authors = publication::authors(c, &ids)?;
        let who = held.who(c, &people(authors.values().flatten()))?;
        let columns = columns(&held);
        let row = |of: &Publication| {
            let own = names(authors.get(&of.id).map_or(&[][..], Vec::as_slice), &who);
            let cell = |column: &RoundColumn| column.plain(&stored(of, &own, &held, column.name));
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
            authors,
            who,
            today,
            held,
        })
    }

    fn record(&self, key: &str) -> Option<&Publication> {
        place(&self.rows, key).and_then(|at| self.records.get(at))
    }

    fn writers(&self, of: Option<&Publication>) -> Vec<Writer> {
        of.and_then(|of| self.authors.get(&of.id)).cloned().unwrap_or_default()
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

    fn beside(&self) -> &'static [&'static str] {
        // A name becomes that of whom it means.
        &["authors"]
    }

    fn named(&self) -> Vec<PersonId> {
        let mut named: Vec<PersonId> = self.who.keys().copied().collect();
        named.sort_unstable();
        named
    }

    fn wrong(&self, row: &Merged) -> Vec<Wrong> {
        if !row.key.is_empty() && row.changed.contains(&"code") {
            return vec![("code", "Код записи не меняется: верните прежний.".into())];
        }
        let form = fields(&self.columns, &row.values);
        // Whose names they are is looked for when they are written; whether they are names is seen now.
        let typed = crate::activity::authors::names(form.get("authors").unwrap_or_default());
        let typed = typed.into_iter().map(Writer::Outside).collect();
        let authors = kept_of(&self.writers(self.record(&row.key)), &self.who, typed);
        read(&form, &self.held, authors, self.today).err().unwrap_or_default()
    }

    fn write(&self, tx: &mut Tx<'_>, by: &By, rows: &[Merged]) -> Result<(), (u32, Error)> {
        for row in rows {
            let form = fields(&self.columns, &row.values);
            let at = |e: Error| (row.number, e);
            let of = self.record(&row.key);
            let before = self.writers(of);
            let authors = if of.is_some() && !row.changed.contains(&"authors") {
                before
            } else {
                let text = form.get("authors").unwrap_or_default();
                let typed = writers(tx.conn(), &self.held, text).map_err(|e| at(e.into()))?;
                kept_of(&before, &self.who, typed)
            };
            let said = read(&form, &self.held, authors, self.today).map_err(|_| at(Error::form_changed()))?;
            match of {
                Some(of) => publication::change(tx, by, of, of.version, &said).map_err(at)?,
                None => {
                    let code = form.get("code").unwrap_or_default().to_owned();
                    publication::add(tx, by, code, &said).map(drop).map_err(at)?;
                }
            }
        }
        Ok(())
    }
}
