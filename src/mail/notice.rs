//! What an account is told on the pages: questions that wait for it, and news. A letter of the same words follows at
//! once, in a digest or never, as the account has chosen ([`choice`]).

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::choice::{self, Frequency};
use super::concern::{concerned, concerns};
use super::outbox::{self, Letter};
use super::texts;
use crate::db::dialect::named_at_once;
use crate::db::kept_insert::{End, KeptInsert};
use crate::db::schema::notice;
use crate::db::{AnyConn, DbError, Tx};
use crate::{each_db, text_enum};

text_enum! {
    /// How a notice left the list.
    Settled {
        Done = "done" "выполнено",
        Returned = "returned" "возвращено",
        TakenBack = "taken_back" "отозвано",
        HandedOver = "handed_over" "передано другому",
        PlanClosed = "plan_closed" "маршрут закрыт",
        Replaced = "replaced" "сказано заново",
        Read = "read" "прочитано",
    }
}

/// Kinds that ask something: they stay until they are answered. The rest is news and goes when it is read.
pub const QUESTIONS: &[&str] = &[
    "iom_sent",
    "iom_submitted",
    "iom_item_returned",
    "iom_changed",
    "iom_due",
    "iom_to_approve",
    "iom_came_back",
    "iom_unaccompanied",
    "calendar_due",
    "procedure_invited",
];

/// Whether a kind waits for an answer.
#[must_use]
pub fn is_question(kind: &str) -> bool {
    QUESTIONS.contains(&kind)
}

/// A letter that stands in the list too.
#[derive(Debug, Clone)]
pub struct Told {
    /// The letter.
    pub letter: Letter,
    /// Number of the step it is about.
    pub item: Option<i32>,
    /// The day it is about.
    pub due_on: Option<NaiveDate>,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = notice, treat_none_as_default_value = false)]
pub struct Notice {
    /// Id.
    pub id: i64,
    /// The region.
    pub region_id: Option<i64>,
    /// Who is told.
    pub account_id: i64,
    /// Its kind: that of the letter.
    pub kind: String,
    /// What it is about: a plan.
    pub subject_id: i64,
    /// Number of the step.
    pub item: Option<i32>,
    /// With kind and subject: nobody is told the same twice.
    pub dedup_key: String,
    /// Values for the words.
    pub body: String,
    /// The day it is about.
    pub due_on: Option<NaiveDate>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When its holder has looked at it.
    pub seen_at: Option<NaiveDateTime>,
    /// When it left the list.
    pub settled_at: Option<NaiveDateTime>,
    /// How it left the list.
    pub settled: Option<Settled>,
    /// When a letter told of it.
    pub told_at: Option<NaiveDateTime>,
}

impl Notice {
    /// What it says, one line: the subject of its letter.
    #[must_use]
    pub fn said(&self) -> String {
        texts::text(&self.kind, &self.body, "").map_or_else(|| texts::named(&self.kind).to_owned(), |t| t.subject)
    }

    /// Where the task is done.
    #[must_use]
    pub fn place(&self) -> String {
        // Which page of an indicator or of a plan its holder may open stands in the notice.
        if ["indicator_told", "iom_settled"].contains(&self.kind.as_str())
            && let Some(place) = self.value("place").as_ref().and_then(|place| place.as_str())
        {
            return format!("/{place}");
        }
        place(&self.kind, self.subject_id, self.item)
    }

    /// A value of its body.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<serde_json::Value> {
        let mut body: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        body.get_mut(name).map(serde_json::Value::take)
    }
}

/// The address of what a notice is about.
#[must_use]
pub fn place(kind: &str, subject: i64, item: Option<i32>) -> String {
    match (kind, item) {
        ("iom_submitted", Some(item)) => format!("/review#step-{subject}-{item}"),
        ("iom_assigned" | "iom_progress_support", _) => format!("/people/{subject}"),
        ("iom_to_approve" | "iom_came_back" | "iom_unaccompanied", _) => format!("/composed/{subject}"),
        ("supporters_handed" | "supporters_assigned" | "supporters_passed", _) => "/people".to_owned(),
        ("edition_opened", _) => format!("/released/{subject}"),
        ("iom_changed", _) => "/plan/revisions".to_owned(),
        ("indicator_told", _) => "/indicators".to_owned(),
        ("report_reminder" | "report_asked", _) => "/report".to_owned(),
        ("report_returned", _) => format!("/report?report={subject}"),
        ("calendar_due" | "calendar_settled", _) => "/calendar".to_owned(),
        ("procedure_invited" | "procedure_called_off", _) => "/my-diagnostics".to_owned(),
        ("iom_application_ended", _) => "/my-applications".to_owned(),
        ("iom_item_returned" | "iom_due" | "iom_progress", Some(item)) => format!("/plan#item-{item}"),
        ("iom_sent" | "iom_item_returned" | "iom_due" | "iom_progress" | "indicator_reminder", _) => "/plan".to_owned(),
        _ => "/notices".to_owned(),
    }
}

/// Tells accounts in the transaction of the cause: a row of the list for each, and a letter to those who want one at
/// once. What was told before stays as it is. Returns how many rows are new.
///
/// # Errors
/// Those of the database; the act then fails too.
pub fn tell(tx: &mut Tx<'_>, all: &[Told]) -> Result<usize, DbError> {
    if all.is_empty() {
        return Ok(0);
    }
    let accounts: BTreeSet<i64> = all.iter().map(|told| told.letter.account).collect();
    let accounts: Vec<i64> = accounts.into_iter().collect();
    let choices = choice::of(tx.conn(), &accounts)?;
    let now = tx.now();
    let at_once = |told: &Told| choices.of(told.letter.account, told.letter.kind) == Frequency::AtOnce;
    let rows: Vec<Notice> = all
        .iter()
        .map(|told| Notice {
            id: tx.id(),
            region_id: told.letter.region,
            account_id: told.letter.account,
            kind: told.letter.kind.to_owned(),
            subject_id: told.letter.subject_id,
            item: told.item,
            dedup_key: told.letter.dedup_key.clone(),
            body: told.letter.body.to_string(),
            due_on: told.due_on,
            created_at: now,
            seen_at: None,
            settled_at: None,
            settled: None,
            told_at: at_once(told).then_some(now),
        })
        .collect();
    let new = insert(tx, &rows)?;
    let letters: Vec<Letter> = all.iter().filter(|t| at_once(t)).map(|t| t.letter.clone()).collect();
    outbox::queue(tx, &letters)?;
    Ok(new)
}

/// What was told before stays as it is.
struct ToldBefore;

impl End for ToldBefore {
    const SQL: &'static str = " ON CONFLICT (`kind`, `subject_id`, `dedup_key`) DO NOTHING";
}

/// A mark tells one account: a statement for one row stays prepared, on SQLite one for many would not.
fn insert(tx: &mut Tx<'_>, rows: &[Notice]) -> Result<usize, DbError> {
    let mut new = 0;
    for block in rows.chunks(1000) {
        let known = (notice::kind, notice::subject_id, notice::dedup_key);
        new += match tx.conn() {
            AnyConn::Sqlite(c) => block.iter().try_fold(0, |sum, row| {
                let kept = KeptInsert::<_, ToldBefore>::from(diesel::insert_into(notice::table).values(row));
                kept.execute(c).map(|n| sum + n)
            }),
            AnyConn::Pg(c) => match block {
                [only] => diesel::insert_into(notice::table)
                    .values(only)
                    .on_conflict(known)
                    .do_nothing()
                    .execute(c),
                several => diesel::insert_into(notice::table)
                    .values(several)
                    .on_conflict(known)
                    .do_nothing()
                    .execute(c),
            },
        }?;
    }
    Ok(new)
}

/// Questions that were handed over stand in the lists of those who took what they are about: `takers` are subjects with
/// accounts. Whoever is asked already is not asked twice; no letter goes, since one tells of all that was taken.
///
/// # Errors
/// Those of the database.
pub fn pass(tx: &mut Tx<'_>, open: &[Notice], handed: &[i64], takers: &BTreeSet<(i64, i64)>) -> Result<(), DbError> {
    let now = tx.now();
    let handed: HashSet<i64> = handed.iter().copied().collect();
    let mut asked: HashSet<(i64, i64, Option<i32>)> = open
        .iter()
        .map(|row| (row.account_id, row.subject_id, row.item))
        .collect();
    let mut rows = Vec::new();
    for row in open.iter().filter(|row| handed.contains(&row.id)) {
        for (_, account) in takers.range((row.subject_id, i64::MIN)..=(row.subject_id, i64::MAX)) {
            if asked.insert((*account, row.subject_id, row.item)) {
                rows.push(Notice {
                    id: tx.id(),
                    account_id: *account,
                    dedup_key: format!("{}-{account}", row.id),
                    created_at: now,
                    seen_at: None,
                    told_at: Some(now),
                    ..row.clone()
                });
            }
        }
    }
    insert(tx, &rows)?;
    Ok(())
}

/// Questions about these plans that nobody has answered yet.
///
/// # Errors
/// Those of the database.
pub fn open(conn: &mut AnyConn, subjects: &[i64]) -> Result<Vec<Notice>, DbError> {
    let mut found = Vec::new();
    for block in subjects.chunks(1000) {
        let rows: Vec<Notice> = crate::among!(conn, c, notice::table, notice::subject_id, block, rows => rows
            .filter(notice::settled_at.is_null())
            .order(notice::id)
            .select(Notice::as_select())
            .load(c))?;
        found.extend(rows.into_iter().filter(|row| is_question(&row.kind)));
    }
    Ok(found)
}

/// Questions among these that are asked anew: the new words take their place.
#[must_use]
pub fn replaced(open: &[Notice], all: &[Told]) -> Vec<i64> {
    let mut asked: HashMap<(i64, &str, i64, Option<i32>), BTreeSet<&str>> = HashMap::new();
    for told in all {
        let letter = &told.letter;
        let what = (letter.account, letter.kind, letter.subject_id, told.item);
        asked.entry(what).or_default().insert(&letter.dedup_key);
    }
    let is_replaced = |row: &&Notice| {
        let keys = asked.get(&(row.account_id, row.kind.as_str(), row.subject_id, row.item));
        keys.is_some_and(|keys| !keys.contains(row.dedup_key.as_str()))
    };
    open.iter().filter(is_replaced).map(|row| row.id).collect()
}

/// Names the update of one notice that leaves the list.
struct Left;

/// Takes notices from the list.
///
/// # Errors
/// Those of the database.
pub fn settle(tx: &mut Tx<'_>, of: &HashMap<Settled, Vec<i64>>) -> Result<(), DbError> {
    let now = tx.now();
    for (how, ids) in of {
        let set = || (notice::settled.eq(Some(*how)), notice::settled_at.eq(Some(now)));
        // A mark answers what two or three were asked.
        for block in ids.chunks(named_at_once(tx.conn(), ids.len())) {
            match block {
                [only] => {
                    crate::update_kept!(tx.conn(), Left, notice::table, notice::id.eq(*only), set())?;
                }
                several => {
                    let those = notice::table.filter(notice::id.eq_any(several));
                    diesel::update(those).set(set()).execute(tx.conn())?;
                }
            }
        }
    }
    Ok(())
}

/// Takes news of a kind about a subject from the lists of these accounts, or of everyone: there is nothing to do any more.
///
/// # Errors
/// Those of the database.
pub fn settle_news(tx: &mut Tx<'_>, kind: &str, subject: i64, of: Option<&[i64]>, how: Settled) -> Result<(), DbError> {
    let mut open = notice::table
        .filter(notice::kind.eq(kind))
        .filter(notice::subject_id.eq(subject))
        .filter(notice::settled_at.is_null())
        .select(notice::id)
        .into_boxed();
    if let Some(of) = of {
        open = open.filter(notice::account_id.eq_any(of));
    }
    let ids = open.load(tx.conn())?;
    settle(tx, &HashMap::from([(how, ids)]))
}

/// Questions of a kind in a region whose last day is before `day` are asked no more.
///
/// # Errors
/// Those of the database.
pub fn settle_late(tx: &mut Tx<'_>, region: i64, kind: &str, day: NaiveDate) -> Result<(), DbError> {
    let ids = notice::table
        .filter(notice::region_id.eq(region))
        .filter(notice::kind.eq(kind))
        .filter(notice::settled_at.is_null())
        .filter(notice::due_on.lt(day))
        .select(notice::id)
        .load(tx.conn())?;
    settle(tx, &HashMap::from([(Settled::TakenBack, ids)]))
}

/// How many notices an account has not looked at: one count over an index, for every page.
///
/// # Errors
/// Those of the database.
pub fn unseen(conn: &mut AnyConn, account: i64, today: NaiveDate) -> Result<i64, DbError> {
    Ok(each_db!(conn, c => notice::table
        .filter(notice::account_id.eq(account))
        .filter(concerns(today))
        .filter(notice::settled_at.is_null())
        .filter(notice::seen_at.is_null())
        .count()
        .get_result(c))?)
}

/// What stands in the list of an account, and what has left it lately.
#[derive(Debug, Default)]
pub struct Standing {
    /// What is in the list: questions by their days, then news.
    pub open: Vec<Notice>,
    /// How many there are.
    pub all: i64,
    /// What has left it, the latest first.
    pub past: Vec<Notice>,
}

/// The list of an account today; `skipped` says, of how many there are, how many stand on the pages before.
///
/// # Errors
/// Those of the database.
pub fn standing(
    conn: &mut AnyConn,
    (account, today): (i64, NaiveDate),
    limit: i64,
    skipped: impl FnOnce(i64) -> i64,
) -> Result<Standing, DbError> {
    let own = || notice::table.filter(notice::account_id.eq(account));
    let open = || own().filter(notice::settled_at.is_null()).filter(concerns(today));
    let all: i64 = open().count().get_result(conn)?;
    let offset = skipped(all);
    // What was made first waits longest; news come after what waits.
    let open = open()
        .order((
            notice::kind.eq_any(QUESTIONS.iter().copied()).desc(),
            notice::due_on.is_null(),
            notice::due_on,
            notice::id,
        ))
        .offset(offset)
        .limit(limit)
        .select(Notice::as_select())
        .load(conn)?;
    let past = if offset == 0 {
        own()
            .filter(concerned(today))
            .filter(notice::settled_at.is_not_null())
            .filter(notice::settled.ne(Settled::Replaced))
            .order((notice::settled_at.desc(), notice::id.desc()))
            .limit(PAST)
            .select(Notice::as_select())
            .load(conn)?
    } else {
        Vec::new()
    };
    Ok(Standing { open, all, past })
}

/// What has left the list is shown so far back.
const PAST: i64 = 10;

/// Its holder has looked at these notices: news leave the list, questions stay without a count.
///
/// # Errors
/// Those of the database.
pub fn see(tx: &mut Tx<'_>, account: i64, shown: &[i64]) -> Result<(), DbError> {
    let now = tx.now();
    let own = || {
        notice::table
            .filter(notice::account_id.eq(account))
            .filter(notice::settled_at.is_null())
            .filter(notice::id.eq_any(shown))
    };
    diesel::update(own().filter(notice::kind.ne_all(QUESTIONS.iter().copied())))
        .set((
            notice::seen_at.eq(Some(now)),
            notice::settled.eq(Some(Settled::Read)),
            notice::settled_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    diesel::update(own().filter(notice::seen_at.is_null()))
        .set(notice::seen_at.eq(Some(now)))
        .execute(tx.conn())?;
    Ok(())
}

/// Everything that was told so far is known to everybody: for a region that begins with a history.
///
/// # Errors
/// Those of the database.
pub fn see_all(tx: &mut Tx<'_>) -> Result<(), DbError> {
    let now = tx.now();
    let open = || notice::table.filter(notice::settled_at.is_null());
    diesel::update(open().filter(notice::kind.ne_all(QUESTIONS.iter().copied())))
        .set((
            notice::seen_at.eq(Some(now)),
            notice::settled.eq(Some(Settled::Read)),
            notice::settled_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    diesel::update(open())
        .set(notice::seen_at.eq(Some(now)))
        .execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::choice::GROUPS;

    #[test]
    fn every_kind_that_is_chosen_leads_to_a_task() {
        for kind in GROUPS.iter().flat_map(|group| group.kinds) {
            let place = place(kind, 7, Some(3));
            assert_eq!(place == "/notices", *kind == "iom_settled", "{kind}: {place}");
        }
        assert_eq!(place("iom_submitted", 7, Some(3)), "/review#step-7-3");
    }
}
