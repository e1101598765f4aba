//! Whom the new rows of a file name: looked up all at once, as the form of the page looks up one.

use std::collections::{BTreeSet, HashMap};

use crate::db::AnyConn;
use crate::desk::plan::rows::{self, Who};
use crate::desk::registers::page::Wrong;
use crate::desk::registers::reach::{Held, Typed};
use crate::desk::rounds::met::new_values;
use crate::error::Error;
use crate::exchange::round::{Brought, RoundColumn};
use crate::people::PersonId;

/// People by what was typed of their names.
#[derive(Default)]
pub(super) struct Meant {
    of: HashMap<String, Vec<PersonId>>,
    who: HashMap<PersonId, Who>,
}

impl Meant {
    /// Looks up the names that new rows bring in the columns of people.
    ///
    /// # Errors
    /// Those of the database.
    pub fn look_up(
        c: &mut AnyConn,
        held: &Held,
        (columns, names): (&[RoundColumn], &[&str]),
        brought: &Brought,
    ) -> Result<Self, Error> {
        let of_people = columns.iter().filter(|column| names.contains(&column.name));
        let texts: BTreeSet<String> = of_people.flat_map(|column| new_values(brought, column)).collect();
        let of = held.all_named(c, &texts)?;
        let one = of
            .values()
            .filter_map(|found| <[PersonId; 1]>::try_from(found.as_slice()).ok());
        let one: Vec<PersonId> = one.map(|[person]| person).collect();
        let who = rows::who(c, held.region, &one, held.today())?;
        Ok(Self { of, who })
    }

    /// Those who are meant by a name that is one person's.
    pub fn persons(&self) -> Vec<PersonId> {
        self.who.keys().copied().collect()
    }

    /// The one person of a name; else it is told in the field.
    pub fn one(&self, field: &'static str, text: &str, wrong: &mut Vec<Wrong>) -> Option<PersonId> {
        match self.of.get(text).map_or(&[][..], Vec::as_slice) {
            [person] => Some(*person),
            [] => Typed::Nobody.one([field, field], wrong).0,
            _ => {
                let said =
                    "Таких людей несколько: впишите имя полностью. Если полные тёзки, добавьте запись на странице.";
                wrong.push((field, said.into()));
                None
            }
        }
    }

    /// The whole name of who is meant; what was typed where that is nobody.
    pub fn name(&self, text: &str) -> String {
        let found = match self.of.get(text).map_or(&[][..], Vec::as_slice) {
            [person] => self.who.get(person),
            _ => None,
        };
        found.map_or_else(|| text.to_owned(), |who| who.name.clone())
    }
}
