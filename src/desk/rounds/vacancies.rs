//! Vacancies of a round trip: each row is the form of its page. A change puts another record in the place of the one that stood;
//! the row goes on being found by the key that was given out.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::by::By;
use crate::activity::vacancy;
use crate::db::schema::vacancy as table;
use crate::db::{AnyConn, Tx};
use crate::desk::registers::page::Wrong;
use crate::desk::registers::reach::Held;
use crate::desk::rounds::kept::{Kept, Register, Stays};
use crate::desk::rounds::list::{Merged, Which};
use crate::desk::workforce::vacancy::{called, read, stored};
use crate::error::Error;
use crate::exchange::round::{Holds, RoundColumn};
use crate::pages::text::date;
use crate::people::vacancy::{Vacancy, VacancyKey, in_force};
use crate::web::Visitor;

/// A vacancy that stands, and the key by which its row is found.
type Keyed = (i64, Vacancy);

/// The vacancies of the visitor's organisations.
pub(super) struct List {
    kept: Kept<Keyed>,
}

fn columns() -> Vec<RoundColumn> {
    let (read, edited) = (RoundColumn::read, RoundColumn::edited);
    vec![
        read("organisation", "Организация"),
        read("position", "Должность"),
        read("subject", "Предмет"),
        read("source", "Перечень"),
        read("from", "Открыта с"),
        edited("rate", "Свободных ставок", Holds::Value).hint("Больше нуля и не больше 10; пусто — не указано"),
        edited("to", "Последний день", Holds::Day).hint("Пусто — вакансия открыта"),
        edited("page", "Ссылка", Holds::Words),
    ]
}

impl List {
    /// Reads them: those that stand, and which of them the keys of a file mean.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn open(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate, which: &Which) -> Result<Self, Error> {
        let held = Held::of(c, visitor, today)?;
        let stand = in_force(c, held.region, held.bounds.organisations.as_deref())?;
        let known = which.read(|keys| {
            let own = table::table
                .filter(table::region_id.eq(held.region))
                .select(Vacancy::as_select())
                .order(table::id)
                .into_boxed();
            Ok(match keys {
                None => own.filter(table::superseded_at.is_null()).load(c)?,
                Some(keys) => own.filter(table::id.eq_any(keys)).load(c)?,
            })
        })?;
        let by_key: HashMap<VacancyKey, &Vacancy> = stand.iter().map(|of| (of.key(), of)).collect();
        let keyed = known
            .iter()
            .filter_map(|of| Some((of.id.0, (*by_key.get(&of.key())?).clone())));
        let records: Vec<Keyed> = keyed.collect();
        // The record that stands says which version it is.
        let known = |(key, of): &Keyed| (*key, 1, called(of));
        let said = |(_, of): &Keyed, name: &str| match name {
            "organisation" => held.name(Some(of.organisation_id)),
            "position" => of.position.clone(),
            "subject" => of.subject.clone(),
            "source" => of.source.label().to_owned(),
            "from" => date(of.valid_from),
            name => stored(of, name),
        };
        let kept = Kept::new(columns(), records, known, said);
        Ok(Self { kept })
    }
}

impl Register for List {
    type Record = Keyed;

    fn kept(&self) -> &Kept<Keyed> {
        &self.kept
    }

    fn stays(&self) -> &'static [Stays] {
        &[]
    }

    fn no_new(&self) -> Option<&'static str> {
        Some("Новую вакансию добавляет перечень на странице «Загрузка данных»: строку без ключа уберите.")
    }

    fn refused(&self, of: Option<&Keyed>, row: &Merged) -> Vec<Wrong> {
        let said = of.map(|(_, of)| read(&self.form(row), of));
        said.and_then(Result::err).unwrap_or_default()
    }

    fn put(&self, tx: &mut Tx<'_>, by: &By, of: Option<&Keyed>, row: &Merged) -> Result<(), Error> {
        let (_, of) = of.ok_or_else(Error::form_changed)?;
        let said = read(&self.form(row), of).map_err(|_| Error::form_changed())?;
        vacancy::change(tx, by, of, of.id, &said).map(drop)
    }
}
