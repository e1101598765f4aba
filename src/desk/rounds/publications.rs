//! Publications of a round trip: each row is the form of its page.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::by::By;
use crate::activity::publication::{self, Writer};
use crate::activity::undertakings::{self, Publication, PublicationId};
use crate::db::schema::publication as table;
use crate::db::{AnyConn, Tx};
use crate::desk::plan::rows::Who;
use crate::desk::registers::page::Wrong;
use crate::desk::registers::publication::{kept_of, names, stored};
use crate::desk::registers::publications::{kind_choices, people, read, writers};
use crate::desk::registers::reach::Held;
use crate::desk::rounds::kept::{Kept, Register};
use crate::desk::rounds::list::{Merged, Which, units};
use crate::error::Error;
use crate::exchange::round::{Holds, RoundColumn};
use crate::people::PersonId;
use crate::planted;
use crate::web::Visitor;

/// The publications that the visitor keeps.
pub(super) struct List {
    held: Held,
    kept: Kept<Publication>,
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

impl List {
    /// Reads them: the records, their authors, and the names of those who are seen.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn open(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate, which: &Which) -> Result<Self, Error> {
        let held = Held::of(c, visitor, today)?;
        let mut records = which.read(|keys| {
            let own = table::table
                .filter(table::region_id.eq(held.region))
                .filter(table::withdrawn_at.is_null())
                .select(Publication::as_select())
                .order((table::year.desc(), table::search_key, table::id))
                .into_boxed();
            Ok(match keys {
                None => own.load(c)?,
                Some(keys) => own.filter(table::id.eq_any(keys)).load(c)?,
            })
        })?;
        records.retain(|of| held.keeps(of.unit_id) || planted!("foreign_row_key"));
        let ids: Vec<PublicationId> = records.iter().map(|of| of.id).collect();
        let authors = publication::authors(c, &ids)?;
        let who = held.who(c, &people(authors.values().flatten()))?;
        let known = |of: &Publication| (of.id.0, of.version, of.title.clone());
        let said = |of: &Publication, name: &str| {
            let own = names(authors.get(&of.id).map_or(&[][..], Vec::as_slice), &who);
            stored(of, &own, &held, name)
        };
        let kept = Kept::new(columns(&held), records, known, said);
        Ok(Self {
            held,
            kept,
            authors,
            who,
            today,
        })
    }

    fn writers(&self, of: Option<&Publication>) -> Vec<Writer> {
        of.and_then(|of| self.authors.get(&of.id)).cloned().unwrap_or_default()
    }
}

impl Register for List {
    type Record = Publication;

    fn kept(&self) -> &Kept<Publication> {
        &self.kept
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

    fn refused(&self, of: Option<&Publication>, row: &Merged) -> Vec<Wrong> {
        let form = self.form(row);
        // Whose names they are is looked for when they are written; whether they are names is seen now.
        let typed = crate::activity::authors::names(form.get("authors").unwrap_or_default());
        let typed = typed.into_iter().map(Writer::Outside).collect();
        let authors = kept_of(&self.writers(of), &self.who, typed);
        read(&form, &self.held, authors, self.today).err().unwrap_or_default()
    }

    fn put(&self, tx: &mut Tx<'_>, by: &By, of: Option<&Publication>, row: &Merged) -> Result<(), Error> {
        let form = self.form(row);
        let before = self.writers(of);
        let authors = if of.is_some() && !row.changed.contains(&"authors") {
            before
        } else {
            let text = form.get("authors").unwrap_or_default();
            kept_of(&before, &self.who, writers(tx.conn(), &self.held, text)?)
        };
        let said = read(&form, &self.held, authors, self.today).map_err(|_| Error::form_changed())?;
        match of {
            Some(of) => publication::change(tx, by, of, of.version, &said),
            None => {
                let code = form.get("code").unwrap_or_default().to_owned();
                publication::add(tx, by, code, &said).map(drop)
            }
        }
    }
}
