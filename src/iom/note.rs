//! What a supporter writes down of the work on a plan: a note, or a meeting with its day and result, and how far something
//! learnt is applied. Supporters of the plan read all of it, the teacher what is shared.

use chrono::{Months, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::model::{Iom, IomId, ItemId};
use super::practice::Transfer;
use crate::access::AccountId;
use crate::access::by::{By, changed};
use crate::access::store::{called, holder, in_stead, names};
use crate::db::schema::{account, iom, person, support_note};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::{id_newtype, insert_many, text_enum};

id_newtype! {
    /// A note of a supporter.
    NoteId;
}

text_enum! {
    /// What is written down.
    NoteKind {
        Note = "note" "заметка",
        Meeting = "meeting" "встреча",
        Call = "call" "звонок",
        Visit = "visit" "посещение урока",
    }
}

impl NoteKind {
    /// Whether the teacher was helped by it; a note is for the supporters alone.
    #[must_use]
    pub fn is_help(self) -> bool {
        self != Self::Note
    }
}

/// The area of its acts in the journal.
const AREA: &str = "iom";
/// Its kind in the journal.
const OBJECT: &str = "support_note";
/// A note speaks of a plan, or of the time that led to it: so many months before its first day. [TC]
const MONTHS_BEFORE: u32 = 12;
/// The longest text and the longest result, in characters.
const LONGEST: usize = 2_000;

/// A note.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = support_note, treat_none_as_default_value = false)]
pub struct Note {
    /// Id.
    pub id: NoteId,
    /// The region.
    pub region_id: UnitId,
    /// The plan.
    pub iom_id: IomId,
    /// Who wrote it.
    pub account_id: AccountId,
    /// What.
    pub kind: NoteKind,
    /// Its own day.
    pub on_date: NaiveDate,
    /// What it was about.
    pub text: String,
    /// What came of it.
    pub result: Option<String>,
    /// Whether the teacher reads it.
    pub shared: bool,
    /// Version.
    pub version: i32,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When it was taken back.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Who wrote it down in the author's stead.
    pub written_by_id: Option<AccountId>,
    /// The step of learning that it is about.
    pub item_id: Option<ItemId>,
    /// How far what was learnt at it is applied.
    pub transfer: Option<Transfer>,
}

/// What a form says.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// What.
    pub kind: NoteKind,
    /// The day.
    pub on: NaiveDate,
    /// What it was about.
    pub text: String,
    /// What came of it.
    pub result: Option<String>,
    /// Whether the teacher reads it; how far something is applied the teacher always reads.
    pub shared: bool,
    /// The step of learning, and how far what was learnt at it is applied.
    pub practice: Option<(ItemId, Transfer)>,
}

impl Said {
    /// What cannot be of a plan that begins on a day: the field and the refusal.
    #[must_use]
    pub fn refused(&self, starts_on: NaiveDate, today: NaiveDate) -> Option<(&'static str, Refusal)> {
        let long = |text: &str| text.chars().count() > LONGEST;
        let too_long = || Refusal::new("desk.too_long").with("most", LONGEST);
        if self.on > today {
            return Some(("on", Refusal::new("iom.future_day")));
        }
        let first = starts_on.checked_sub_months(Months::new(MONTHS_BEFORE));
        if let Some(first) = first.filter(|first| self.on < *first && !planted!("note_of_any_year")) {
            let why = Refusal::new("note.too_early").with("starts", starts_on.format("%d.%m.%Y"));
            return Some(("on", why.with("first", first.format("%d.%m.%Y"))));
        }
        if self.text.is_empty() {
            return Some(("text", Refusal::new("desk.no_reason")));
        }
        // How somebody works is seen at a lesson or told in a talk, not noted for oneself.
        if self.practice.is_some() && !self.kind.is_help() {
            return Some(("kind", Refusal::new("note.practice_unseen")));
        }
        if long(&self.text) {
            return Some(("text", too_long()));
        }
        self.result.as_deref().is_some_and(long).then(|| ("result", too_long()))
    }
}

/// Writes it down in the name of `author`: whoever is stood in for, else whoever does it.
///
/// # Errors
/// What is said cannot be; those of the database.
pub fn add(tx: &mut Tx<'_>, by: &By, plan: &Iom, author: AccountId, said: &Said) -> Result<NoteId, Error> {
    if let Some((_, refusal)) = said.refused(plan.starts_on, tx.today()) {
        return Err(refusal.into());
    }
    let id = NoteId(tx.id());
    let row = Note {
        id,
        region_id: plan.region_id,
        iom_id: plan.id,
        account_id: author,
        kind: said.kind,
        on_date: said.on,
        text: said.text.clone(),
        result: said.result.clone(),
        shared: said.shared || said.practice.is_some(),
        version: 1,
        recorded_at: tx.now(),
        withdrawn_at: None,
        written_by_id: by.on_behalf_of.map(|_| AccountId(by.account)),
        item_id: said.practice.map(|(item, _)| item),
        transfer: said.practice.map(|(_, seen)| seen),
    };
    insert_many!(tx.conn(), support_note::table, [row]).map_err(DbError::from)?;
    let mut detail = format!("kind={} on={}", said.kind, said.on);
    if let Some((_, seen)) = said.practice {
        detail.push_str(&format!(" transfer={seen}"));
    }
    by.note(tx, "iom.note", (OBJECT, id.0), &[plan.person_id.0], &detail)?;
    Ok(id)
}

/// What may be done with one that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The teacher reads it from now on.
    Share,
    /// It was written by mistake: nobody reads it any more.
    Withdraw,
}

/// Shares or takes back a note of a plan that stood at version `seen`; its author alone may.
///
/// # Errors
/// No such note; somebody has changed it; it is another one's; those of the database.
pub fn change(
    tx: &mut Tx<'_>,
    by: &By,
    plan: &Iom,
    (id, seen): (NoteId, i32),
    author: AccountId,
    what: Change,
) -> Result<(), Error> {
    let of = support_note::table
        .filter(support_note::region_id.eq(plan.region_id))
        .filter(support_note::iom_id.eq(plan.id))
        .filter(support_note::id.eq(id))
        .filter(support_note::withdrawn_at.is_null());
    let found: Option<Note> = of
        .select(Note::as_select())
        .first(tx.conn())
        .optional()
        .map_err(DbError::from)?;
    let stored = found.ok_or_else(|| Error::NotFound("запись".into()))?;
    if stored.version != seen {
        return Err(changed(tx, by, AREA, OBJECT, id.0)?);
    }
    if stored.account_id != author {
        return Err(Refusal::new("note.of_another").into());
    }
    let now = tx.now();
    let standing = support_note::table
        .filter(support_note::region_id.eq(plan.region_id))
        .filter(support_note::id.eq(id))
        .filter(support_note::version.eq(seen));
    let (action, shared, withdrawn_at) = match what {
        Change::Share => ("iom.note_share", true, None),
        Change::Withdraw => ("iom.note_withdraw", stored.shared, Some(now)),
    };
    let done = diesel::update(standing)
        .set((
            support_note::shared.eq(shared),
            support_note::withdrawn_at.eq(withdrawn_at),
            support_note::version.eq(seen + 1),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    if done != 1 {
        return Err(changed(tx, by, AREA, OBJECT, id.0)?);
    }
    by.note(tx, action, (OBJECT, id.0), &[plan.person_id.0], "")?;
    Ok(())
}

/// Who reads notes.
#[derive(Debug, Clone, Copy)]
pub enum Reader {
    /// A supporter of a plan: all that stand at it.
    Supporter(IomId),
    /// A teacher: what is shared, at whichever of the own plans.
    Teacher(PersonId),
}

/// The latest notes for a reader with the names of their authors, and of whoever wrote in an author's stead, newest day
/// first; what is taken back is left out.
///
/// # Errors
/// Those of the database.
pub fn of_reader(
    conn: &mut AnyConn,
    region: UnitId,
    reader: Reader,
    most: i64,
) -> Result<Vec<(Note, String)>, DbError> {
    let mut query = support_note::table
        .inner_join(account::table.on(account::id.eq(support_note::account_id)))
        .left_join(person::table.on(holder()))
        .filter(support_note::region_id.eq(region))
        .filter(support_note::withdrawn_at.is_null())
        .order((support_note::on_date.desc(), support_note::id.desc()))
        .limit(most)
        .into_boxed();
    query = match reader {
        Reader::Supporter(plan) => query.filter(support_note::iom_id.eq(plan)),
        Reader::Teacher(person) => {
            let own = iom::table
                .filter(iom::region_id.eq(region))
                .filter(iom::person_id.eq(person))
                .select(iom::id);
            query
                .filter(support_note::iom_id.eq_any(own))
                .filter(support_note::shared)
        }
    };
    let found: Vec<(Note, String)> = query.select((Note::as_select(), called())).load(conn)?;
    let hands: Vec<i64> = found.iter().filter_map(|(of, _)| Some(of.written_by_id?.0)).collect();
    let hands = names(conn, &hands)?;
    let both = |(of, author): (Note, String)| match of.written_by_id.and_then(|hand| hands.get(&hand.0)) {
        Some(hand) => (of, in_stead(hand.clone(), Some(&author))),
        None => (of, author),
    };
    Ok(found.into_iter().map(both).collect())
}
