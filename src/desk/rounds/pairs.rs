//! Mentoring pairs of a round trip: each row is the form of its page. Who is meant by a name is looked up as that form does it;
//! the two people and the form of a pair that is there already stay.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::by::By;
use crate::activity::kinds;
use crate::activity::model::{MentoringPair, PairDocument};
use crate::activity::pair;
use crate::db::schema::mentoring_pair as table;
use crate::db::types::codes;
use crate::db::{AnyConn, Tx};
use crate::desk::plan::rows::{self, Who};
use crate::desk::registers::page::Wrong;
use crate::desk::registers::pair::stored;
use crate::desk::registers::pairs::{form_choices, read_terms};
use crate::desk::registers::reach::Held;
use crate::desk::rounds::kept::{Kept, Register, Stays};
use crate::desk::rounds::list::{Merged, Which};
use crate::desk::rounds::met::sentence;
use crate::desk::rounds::people::Meant;
use crate::error::{Error, Refusal};
use crate::exchange::round::{Brought, Holds, RoundColumn};
use crate::people::PersonId;
use crate::planted;
use crate::web::Visitor;

/// The columns of people.
const PEOPLE: [&str; 2] = ["mentor", "mentee"];

/// The pairs of which one of the two is the visitor's.
pub(super) struct List {
    held: Held,
    kept: Kept<MentoringPair>,
    who: HashMap<PersonId, Who>,
    meant: Meant,
}

fn columns() -> Vec<RoundColumn> {
    let documents = PairDocument::ALL.iter();
    let documents = documents.map(|d| (d.code().to_owned(), d.label().to_owned()));
    let edited = RoundColumn::edited;
    let who = "Фамилия и имя того, кто работает у вас; у прежней строки не меняется";
    vec![
        edited("mentor", "Наставник", Holds::Words).hint(who),
        edited("mentee", "Наставляемый", Holds::Words).hint(who),
        edited("form", "Форма", Holds::one(form_choices())).hint("У прежней строки не меняется"),
        edited("from", "Первый день", Holds::Day),
        edited("to", "Последний день", Holds::Day).hint("Пусто, если пара работает"),
        edited("document", "Какие документы есть", Holds::several(documents.collect()))
            .hint("Через точку с запятой, слова из листа «Справочники»"),
        edited("link", "Где лежат документы", Holds::Words),
        edited("outcome", "Итог", Holds::Words),
    ]
}

impl List {
    /// Reads them, and the names of both people of each.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn open(c: &mut AnyConn, visitor: &Visitor, today: NaiveDate, which: &Which) -> Result<Self, Error> {
        let held = Held::of(c, visitor, today)?;
        let mut records = which.read(|keys| {
            let own = table::table
                .filter(table::region_id.eq(held.region))
                .filter(table::superseded_at.is_null())
                .filter(table::withdrawn_at.is_null())
                .select(MentoringPair::as_select())
                .order((table::valid_from.desc(), table::id.desc()))
                .into_boxed();
            Ok(match keys {
                None => own.load(c)?,
                Some(keys) => own.filter(table::record_id.eq_any(keys)).load(c)?,
            })
        })?;
        let both = |of: &MentoringPair| [of.mentor_id, of.mentee_id];
        let ids: Vec<PersonId> = records.iter().flat_map(both).collect();
        let inside = held.inside(c, &ids)?;
        records.retain(|of| both(of).iter().any(|id| inside.contains(id)) || planted!("foreign_pair_key"));
        let ids: Vec<PersonId> = records.iter().flat_map(both).collect();
        // Who works with one's own people is known to them by name.
        let who = rows::who(c, held.region, &ids, today)?;
        let name = |id: PersonId| who.get(&id).map_or_else(String::new, |w| w.name.clone());
        let known = |of: &MentoringPair| {
            let named = format!("{} и {}", name(of.mentor_id), name(of.mentee_id));
            (of.record_id.0, of.version, named)
        };
        let said = |of: &MentoringPair, field: &str| match field {
            "mentor" => name(of.mentor_id),
            "mentee" => name(of.mentee_id),
            "form" => of.form.clone(),
            terms => stored(of, terms),
        };
        Ok(Self {
            kept: Kept::new(columns(), records, known, said),
            held,
            who,
            meant: Meant::default(),
        })
    }

    /// The two of a new row.
    fn both(&self, row: &Merged, wrong: &mut Vec<Wrong>) -> Option<(PersonId, PersonId)> {
        let form = self.form(row);
        let [mentor, mentee] = PEOPLE.map(|name| self.meant.one(name, form.get(name).unwrap_or_default(), wrong));
        mentor.zip(mentee)
    }
}

impl Register for List {
    type Record = MentoringPair;

    fn kept(&self) -> &Kept<MentoringPair> {
        &self.kept
    }

    fn stays(&self) -> &'static [Stays] {
        const OTHER: &str = "У прежней пары это не меняется: верните прежнее. Другая пара — новая строка без ключа.";
        &[("mentor", OTHER), ("mentee", OTHER), ("form", OTHER)]
    }

    fn called_by(&self) -> &'static str {
        "mentor"
    }

    fn look_up(&mut self, c: &mut AnyConn, brought: &Brought) -> Result<(), Error> {
        self.meant = Meant::look_up(c, &self.held, (&self.kept.columns, &PEOPLE), brought)?;
        Ok(())
    }

    fn means(&self, name: &str, value: &str) -> String {
        match PEOPLE.contains(&name) {
            true => self.meant.name(value),
            false => value.to_owned(),
        }
    }

    fn named(&self) -> Vec<PersonId> {
        let mut named: Vec<PersonId> = self.who.keys().copied().collect();
        named.sort_unstable();
        named
    }

    fn refused(&self, of: Option<&MentoringPair>, row: &Merged) -> Vec<Wrong> {
        let (form, mut wrong) = (self.form(row), Vec::new());
        if of.is_none() {
            if let Some((mentor, mentee)) = self.both(row, &mut wrong)
                && mentor == mentee
            {
                wrong.push(("mentee", sentence(&Refusal::new("activity.own_mentor"))));
            }
            if kinds::mentoring()
                .iter()
                .all(|w| Some(w.code.as_str()) != form.get("form"))
            {
                wrong.push(("form", "Выберите форму наставничества.".into()));
            }
        }
        let _terms = read_terms(&form, &mut wrong);
        // The page has boxes to tick, a cell may hold any words.
        let known = |code: &str| PairDocument::from_code(code).is_some();
        let documents = form.all("document").flat_map(codes);
        if documents.into_iter().any(|code| !known(code)) {
            wrong.push(("document", "Назовите документы словами из списка.".into()));
        }
        wrong
    }

    fn put(&self, tx: &mut Tx<'_>, by: &By, of: Option<&MentoringPair>, row: &Merged) -> Result<(), Error> {
        let (form, mut wrong) = (self.form(row), Vec::new());
        let terms = read_terms(&form, &mut wrong);
        let both = if of.is_none() { self.both(row, &mut wrong) } else { None };
        let terms = terms.filter(|_| wrong.is_empty()).ok_or_else(Error::form_changed)?;
        match of {
            Some(of) => pair::change(tx, by, of, of.version, terms),
            None => {
                let both = both.ok_or_else(Error::form_changed)?;
                pair::add(tx, by, both, form.get("form").unwrap_or_default(), terms).map(drop)
            }
        }
    }
}
