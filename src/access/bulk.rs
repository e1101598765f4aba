//! A file that names more people than one works with by hand: a right of its own, who takes it shown anew, a reason, a
//! quota a day, and a letter to a second officer. The row of the file, its row in the journal and the letters are one
//! transaction, before the file goes out.

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::model::{Account, AccountId, AccountState, Role};
use super::{link, session};
use crate::audit;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{account, bulk_export, role_grant, unit};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::pages::text::number;
use crate::units::UnitId;
use crate::units::model::holds_on;
use crate::web::Visitor;
use crate::{insert_many, mail, planted};

/// People in a file that needs nothing beyond the right to see the list.
pub const FREE: usize = 500;
/// People in all files of a day that need no questions: more is a long list in pieces. [TC]
pub const SMALL_A_DAY: i64 = 1_000;
/// People that one account takes out in files within a day; more only by whoever runs the server.
pub const QUOTA: i64 = 10_000;
/// Minutes since the visitor was last asked who it is.
pub const FRESH_MINUTES: i64 = 5;
/// Characters of the shortest reason.
const SHORTEST_REASON: usize = 10;
/// Characters of the longest reason.
const LONGEST_REASON: usize = 500;

/// Who is told of a file, the first office that somebody else holds: [TC].
const TOLD: &[Role] = &[
    Role::SecurityOfficer,
    Role::SystemAdmin,
    Role::CnppmHead,
    Role::Operator,
];

#[derive(Insertable)]
#[diesel(table_name = bulk_export)]
struct Row<'a> {
    id: i64,
    region_id: UnitId,
    account_id: AccountId,
    list: &'a str,
    people: i32,
    reason: &'a str,
    taken_at: NaiveDateTime,
}

/// A file that is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which list it is.
    pub list: &'static str,
    /// How the list is called.
    pub named: &'static str,
    /// How many people it names.
    pub people: usize,
    /// What for.
    pub reason: String,
    /// What the journal keeps of it: the row of the file, then those of the people who read of it.
    pub entries: Vec<audit::Entry>,
}

/// Whether the visitor was asked who it is a moment ago.
///
/// # Errors
/// Those of the database.
pub fn is_fresh(conn: &mut AnyConn, visitor: &Visitor, now: NaiveDateTime) -> Result<bool, DbError> {
    let shown = session::second_at(conn, &visitor.session)?;
    Ok(planted!("bulk_not_fresh") || shown.is_some_and(|at| now < at + Duration::minutes(FRESH_MINUTES)))
}

/// Notes a file that needs no questions, unless so many of them were taken today that they are a long one in pieces:
/// then `false`, and it is asked for like a long one.
///
/// # Errors
/// Those of the database.
pub fn take_small(
    tx: &mut Tx<'_>,
    key: &[u8],
    visitor: &Visitor,
    wanted: &Wanted,
    midnight: NaiveDateTime,
) -> Result<bool, Error> {
    let by = AccountId(visitor.account);
    let region = visitor
        .region
        .map(UnitId)
        .ok_or_else(|| Error::NotFound("список".into()))?;
    dialect::lock(tx.conn(), lock_space::ACCOUNTS, [by.0])?;
    let small: Vec<i32> = bulk_export::table
        .filter(bulk_export::account_id.eq(by))
        .filter(bulk_export::taken_at.ge(midnight))
        .filter(bulk_export::reason.eq(""))
        .select(bulk_export::people)
        .load(tx.conn())
        .map_err(DbError::from)?;
    let people = i32::try_from(wanted.people).unwrap_or(i32::MAX);
    let today: i64 = small.into_iter().map(i64::from).sum();
    if today + i64::from(people) > SMALL_A_DAY {
        return Ok(false);
    }
    let row = Row {
        id: tx.id(),
        region_id: region,
        account_id: by,
        list: wanted.list,
        people,
        reason: "",
        taken_at: tx.now(),
    };
    insert_many!(tx.conn(), bulk_export::table, [row]).map_err(DbError::from)?;
    audit::record(tx, key, &wanted.entries)?;
    Ok(true)
}

/// How many people an account has taken out in such files since a moment.
///
/// # Errors
/// Those of the database.
pub fn taken(conn: &mut AnyConn, of: AccountId, since: NaiveDateTime) -> Result<i64, DbError> {
    let people: Vec<i32> = bulk_export::table
        .filter(bulk_export::account_id.eq(of))
        .filter(bulk_export::taken_at.ge(since))
        .select(bulk_export::people)
        .load(conn)?;
    Ok(people.into_iter().map(i64::from).sum())
}

/// Lets a file out: checks everything, keeps the row, writes the journal, queues the letters.
///
/// # Errors
/// [`Refusal`]s `bulk.…`: not shown anew, no reason, over the quota, nobody to tell; those of the database.
pub fn take(
    tx: &mut Tx<'_>,
    key: &[u8],
    visitor: &Visitor,
    wanted: &Wanted,
    midnight: NaiveDateTime,
) -> Result<(), Error> {
    let (now, today, by) = (tx.now(), tx.today(), AccountId(visitor.account));
    let region = visitor.region.map(UnitId);
    let region = region.ok_or_else(|| Error::NotFound("список".into()))?;
    if !is_fresh(tx.conn(), visitor, now)? {
        return Err(Refusal::new("bulk.not_fresh").into());
    }
    let reason = wanted.reason.trim();
    if !(SHORTEST_REASON..=LONGEST_REASON).contains(&reason.chars().count()) {
        return Err(Refusal::new("bulk.reason").with("least", SHORTEST_REASON).into());
    }
    // Two files at once do not share what is left of the day.
    dialect::lock(tx.conn(), lock_space::ACCOUNTS, [by.0])?;
    let people = i32::try_from(wanted.people).unwrap_or(i32::MAX);
    let left = QUOTA - taken(tx.conn(), by, midnight)?;
    if i64::from(people) > left && !planted!("quota_forgotten") {
        return Err(Refusal::new("bulk.quota")
            .with("left", number(left.max(0)))
            .with("quota", number(QUOTA))
            .into());
    }
    let officers = told(tx.conn(), region, by, today)?;
    if officers.is_empty() {
        return Err(Refusal::new("bulk.nobody_to_tell").into());
    }
    let id = tx.id();
    let row = Row {
        id,
        region_id: region,
        account_id: by,
        list: wanted.list,
        people,
        reason,
        taken_at: now,
    };
    insert_many!(tx.conn(), bulk_export::table, [row])?;
    let mut entries = wanted.entries.clone();
    if let Some(entry) = entries.first_mut() {
        entry.action = "access.bulk_export";
        entry.object = Some(id);
    }
    audit::record(tx, key, &entries)?;
    let letter = |of: &Account| {
        let mut letter = link::notice(of, "access_bulk_export", id);
        letter.region = Some(region.0);
        letter.body = serde_json::json!({
            "login": visitor.login, "name": visitor.name, "list": wanted.named, "people": people, "reason": reason,
        });
        letter
    };
    mail::queue(tx, &officers.iter().map(letter).collect::<Vec<_>>())?;
    Ok(())
}

/// Who is told: those with an address and a password of their own who hold the first of the offices over the region or the installation, but for the
/// one who takes the file.
fn told(conn: &mut AnyConn, region: UnitId, by: AccountId, today: NaiveDate) -> Result<Vec<Account>, DbError> {
    type Held = (Account, Role, Option<NaiveDate>, Option<NaiveDate>);
    let held: Vec<Held> = role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .left_join(unit::table.on(unit::id.nullable().eq(role_grant::unit_id)))
        .filter(role_grant::role.eq_any(TOLD))
        .filter(role_grant::superseded_at.is_null())
        .filter(role_grant::unit_id.is_null().or(unit::region_id.nullable().eq(region)))
        .filter(account::state.eq(AccountState::Active))
        .filter(account::email.is_not_null())
        .filter(account::password_hash.ne(""))
        .filter(account::id.ne(by))
        .order(account::id)
        .select((
            Account::as_select(),
            role_grant::role,
            role_grant::valid_from,
            role_grant::valid_to,
        ))
        .load(conn)?;
    let of = |role: &Role| -> Vec<Account> {
        let stands = |(_, held, from, to): &&Held| held == role && holds_on(*from, *to, today);
        held.iter()
            .filter(stands)
            .map(|(account, ..)| account.clone())
            .collect()
    };
    let mut found = TOLD.iter().map(of).find(|all| !all.is_empty()).unwrap_or_default();
    found.dedup_by_key(|of| of.id);
    Ok(found)
}
