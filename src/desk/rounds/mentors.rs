//! The base of mentors as a round trip: a row is the card of one person. The base has no form on its page; its file of the
//! upload and this table say the same of a card, and the table names people as the other registers do.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::activity::by::By;
use crate::activity::kinds;
use crate::activity::mentor::{self, Content};
use crate::activity::model::MentorCard;
use crate::db::schema::mentor_card as table;
use crate::db::types::{code_set, codes};
use crate::db::{AnyConn, Tx};
use crate::desk::plan::rows::Who;
use crate::desk::registers::page::{Sent, Wrong};
use crate::desk::registers::reach::Held;
use crate::desk::rounds::kept::{Kept, Register, Stays};
use crate::desk::rounds::list::{Merged, Which};
use crate::desk::rounds::met::sentence;
use crate::desk::rounds::people::Meant;
use crate::error::{Error, Refusal};
use crate::exchange::round::{Brought, Holds, RoundColumn};
use crate::pages::text::date;
use crate::people::PersonId;
use crate::planted;
use crate::web::Visitor;
use crate::web::call::Fields;

/// The cards of the people whom the visitor sees.
pub(super) struct List {
    held: Held,
    kept: Kept<MentorCard>,
    who: HashMap<PersonId, Who>,
    meant: Meant,
    /// Those whom new rows mean and who have a card.
    carded: HashSet<PersonId>,
    today: NaiveDate,
}

fn columns() -> Vec<RoundColumn> {
    let qualities = kinds::qualities().iter().map(|w| (w.code.clone(), w.name.clone()));
    let edited = RoundColumn::edited;
    vec![
        edited("mentor", "Наставник", Holds::Words)
            .hint("Фамилия и имя того, кто работает у вас; у прежней строки не меняется"),
        RoundColumn::read("place", "Где работает"),
        edited("subject", "Предмет", Holds::Words),
        edited("quality", "Качества", Holds::several(qualities.collect()))
            .hint("Через точку с запятой, слова из листа «Справочники»"),
        edited("trained", "Когда прошёл подготовку", Holds::Day).hint("Пусто, если ещё не прошёл"),
        edited("from", "В базе с", Holds::Day),
        edited("to", "По какой день включительно", Holds::Day).hint("Пусто, если и сейчас в базе"),
    ]
}

/// What a field says of a card.
fn stored(of: &MentorCard, who: Option<&Who>, name: &str) -> String {
    match name {
        "mentor" => who.map_or_else(String::new, |who| who.name.clone()),
        "place" => who.map_or_else(String::new, |who| who.places.join(", ")),
        "subject" => of.subject.clone().unwrap_or_default(),
        "quality" => of.qualities.clone(),
        "trained" => of.trained_on.map_or_else(String::new, date),
        "from" => date(of.valid_from),
        "to" => of.valid_to.and_then(|to| to.pred_opt()).map_or_else(String::new, date),
        _ => String::new(),
    }
}

/// The card that a row describes, or what is wrong with it.
fn read(form: &Fields, today: NaiveDate, wrong: &mut Vec<Wrong>) -> Option<Content> {
    let sent = Sent(form);
    let qualities = code_set(form.all("quality"));
    if codes(&qualities).any(|code| kinds::qualities().iter().all(|w| w.code != code)) {
        wrong.push(("quality", "Назовите качества словами из списка.".into()));
    }
    sent.fits("subject", wrong);
    let trained_on = sent.maybe_day("trained", wrong);
    let (from, last) = sent.span(["from", "to"], wrong);
    let said = Content {
        qualities,
        subject: sent.some("subject"),
        trained_on,
        from: from?,
        to: last.and_then(|day| day.succ_opt()),
    };
    if let Some((field, refusal)) = said.refused(today) {
        wrong.push((field, sentence(&refusal)));
    }
    Some(said)
}

impl List {
    /// Reads them, and the names of their people.
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
                .select(MentorCard::as_select())
                .order((table::valid_from.desc(), table::id.desc()))
                .into_boxed();
            Ok(match keys {
                None => own.load(c)?,
                Some(keys) => own.filter(table::record_id.eq_any(keys)).load(c)?,
            })
        })?;
        let ids: Vec<PersonId> = records.iter().map(|of| of.person_id).collect();
        let who = held.who(c, &ids)?;
        records.retain(|of| who.contains_key(&of.person_id) || planted!("foreign_row_key"));
        let name = |of: &MentorCard| stored(of, who.get(&of.person_id), "mentor");
        let known = |of: &MentorCard| (of.record_id.0, of.version, name(of));
        let said = |of: &MentorCard, name: &str| stored(of, who.get(&of.person_id), name);
        Ok(Self {
            kept: Kept::new(columns(), records, known, said),
            held,
            who,
            meant: Meant::default(),
            carded: HashSet::new(),
            today,
        })
    }

    /// Whose card a new row is.
    fn person(&self, form: &Fields, wrong: &mut Vec<Wrong>) -> Option<PersonId> {
        self.meant.one("mentor", form.get("mentor").unwrap_or_default(), wrong)
    }
}

impl Register for List {
    type Record = MentorCard;

    fn kept(&self) -> &Kept<MentorCard> {
        &self.kept
    }

    fn stays(&self) -> &'static [Stays] {
        &[(
            "mentor",
            "Карта остаётся за тем же человеком: верните прежнее имя. Другой человек — новая строка без ключа.",
        )]
    }

    fn called_by(&self) -> &'static str {
        "mentor"
    }

    fn look_up(&mut self, c: &mut AnyConn, brought: &Brought) -> Result<(), Error> {
        self.meant = Meant::look_up(c, &self.held, (&self.kept.columns, &["mentor"]), brought)?;
        self.carded = mentor::with_cards(c, self.held.region, &self.meant.persons())?;
        Ok(())
    }

    fn means(&self, name: &str, value: &str) -> String {
        match name {
            "mentor" => self.meant.name(value),
            _ => value.to_owned(),
        }
    }

    fn named(&self) -> Vec<PersonId> {
        let mut named: Vec<PersonId> = self.who.keys().copied().collect();
        named.sort_unstable();
        named
    }

    fn refused(&self, of: Option<&MentorCard>, row: &Merged) -> Vec<Wrong> {
        let (form, mut wrong) = (self.form(row), Vec::new());
        if of.is_none() {
            let person = self.person(&form, &mut wrong);
            if person.is_some_and(|person| self.carded.contains(&person)) {
                wrong.push(("mentor", sentence(&Refusal::new("activity.mentor_twice"))));
            }
        }
        let _said = read(&form, self.today, &mut wrong);
        wrong
    }

    fn put(&self, tx: &mut Tx<'_>, by: &By, of: Option<&MentorCard>, row: &Merged) -> Result<(), Error> {
        let (form, mut wrong) = (self.form(row), Vec::new());
        let said = read(&form, self.today, &mut wrong).filter(|_| wrong.is_empty());
        let said = said.ok_or_else(Error::form_changed)?;
        match of {
            Some(of) => mentor::change(tx, by, of, of.version, said),
            None => {
                let person = self.person(&form, &mut wrong).ok_or_else(Error::form_changed)?;
                mentor::add(tx, by, person, said).map(drop)
            }
        }
    }
}
