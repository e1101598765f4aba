//! Sessions: a row per sign-in, read at every call together with the account and its roles. Nothing is cached, so an
//! act that ends a session (another role, a new password, a suspension) holds at the very next call.

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::model::{Account, AccountId, AccountState, Actor, OVER_ASSIGNED, Role};
use super::{policy, store};
use crate::access::store::holder;
use crate::audit;
use crate::db::schema::{account, person, session};
use crate::db::{AnyConn, DbError, Tx};
use crate::people::PersonId;
use crate::units::UnitId;
use crate::web::call::HeldRole;
use crate::web::{Client, Visitor};
use crate::{each_db, insert_many};

/// Minutes without a call that end a session.
pub const IDLE_MINUTES: i64 = 30;
/// Hours after which a session ends whatever happens.
pub const LONGEST_HOURS: i64 = 12;
/// The row says that it was used at most once in so many seconds.
const SEEN_EVERY_SECONDS: i64 = 60;

/// A session row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = session, treat_none_as_default_value = false)]
pub struct Session {
    /// Digest of the random name in the cookie.
    pub sid_digest: String,
    /// The account.
    pub account_id: AccountId,
    /// The account's `auth_version` when it signed in.
    pub auth_version: i32,
    /// The role in use; `None` is the first one held.
    pub role: Option<Role>,
    /// When it began.
    pub created_at: NaiveDateTime,
    /// When it was last used, to the minute.
    pub seen_at: NaiveDateTime,
    /// When it ends whatever happens.
    pub ends_at: NaiveDateTime,
    /// Where the sign-in came from.
    pub address: Option<String>,
    /// What the program of the visitor calls itself.
    pub device: Option<String>,
    /// When the second factor was last shown.
    pub second_at: Option<NaiveDateTime>,
}

/// Begins a session under a fresh random name. Ended sessions of the account are removed on the way.
///
/// # Errors
/// Those of the database.
pub fn begin(
    tx: &mut Tx<'_>,
    key: &[u8],
    of: &Account,
    sid: &str,
    from: &Client,
    second: bool,
) -> Result<Session, DbError> {
    let now = tx.now();
    let row = Session {
        sid_digest: audit::digest(sid.as_bytes()),
        account_id: of.id,
        auth_version: of.auth_version,
        role: None,
        created_at: now,
        seen_at: now,
        ends_at: now + Duration::hours(LONGEST_HOURS),
        address: from.address.clone(),
        device: from.device.clone(),
        second_at: second.then_some(now),
    };
    diesel::delete(
        session::table
            .filter(session::account_id.eq(of.id.0))
            .filter(session::ends_at.lt(now)),
    )
    .execute(tx.conn())?;
    insert_many!(tx.conn(), session::table, [row.clone()])?;
    record(tx, key, "access.sign_in", of.id.0, of.region_id.map(|r| r.0))?;
    Ok(row)
}

/// When the second factor was last shown in a session.
///
/// # Errors
/// Those of the database.
pub fn second_at(conn: &mut AnyConn, digest: &str) -> Result<Option<NaiveDateTime>, DbError> {
    let found: Option<Option<NaiveDateTime>> = session::table
        .filter(session::sid_digest.eq(digest))
        .select(session::second_at)
        .first(conn)
        .optional()?;
    Ok(found.flatten())
}

/// Ends a session.
///
/// # Errors
/// Those of the database.
pub fn end(tx: &mut Tx<'_>, key: &[u8], visitor: &Visitor) -> Result<(), DbError> {
    diesel::delete(session::table.filter(session::sid_digest.eq(&visitor.session))).execute(tx.conn())?;
    record(tx, key, "access.sign_out", visitor.account, visitor.region)
}

/// Takes another of the held roles into use.
///
/// # Errors
/// Those of the database.
pub fn switch_role(tx: &mut Tx<'_>, key: &[u8], visitor: &Visitor, role: Role) -> Result<(), DbError> {
    diesel::update(session::table.filter(session::sid_digest.eq(&visitor.session)))
        .set(session::role.eq(Some(role)))
        .execute(tx.conn())?;
    record(tx, key, "access.switch_role", visitor.account, visitor.region)
}

/// Notes that a session was used.
///
/// # Errors
/// Those of the database.
pub fn note_use(tx: &mut Tx<'_>, digest: &str) -> Result<(), DbError> {
    let now = tx.now();
    diesel::update(session::table.filter(session::sid_digest.eq(digest)))
        .set(session::seen_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

fn record(tx: &mut Tx<'_>, key: &[u8], act: &'static str, of: i64, region: Option<i64>) -> Result<(), DbError> {
    let mut entry = audit::Entry::of_server(act, "account", Some(of));
    entry.account = Some(of);
    entry.region = region;
    audit::record(tx, key, &[entry])
}

/// Who stands behind a session now; `None` when it has ended or what it rests on has changed.
///
/// # Errors
/// Those of the database.
pub fn visitor(
    conn: &mut AnyConn,
    digest: &str,
    now: NaiveDateTime,
    today: NaiveDate,
) -> Result<Option<Visitor>, DbError> {
    type Found = (Session, Account, Option<String>, Option<String>);
    // One row by its key without `LIMIT`: SQLite plans a statement anew whenever its limit is bound.
    let found: Option<Found> = each_db!(conn, c => session::table
        .inner_join(account::table.on(account::id.eq(session::account_id)))
        .left_join(
            person::table.on(holder()),
        )
        .filter(session::sid_digest.eq(digest))
        .select((
            Session::as_select(),
            Account::as_select(),
            person::first_name.nullable(),
            person::last_name.nullable(),
        ))
        .get_result(c))
    .optional()?;
    let Some((session, account, first, last)) = found else {
        return Ok(None);
    };
    let alive = now < session.ends_at
        && now < session.seen_at + Duration::minutes(IDLE_MINUTES)
        && session.auth_version == account.auth_version
        && account.state == AccountState::Active;
    if !alive {
        return Ok(None);
    }
    let grants = store::grants(conn, account.id, today)?;
    let mut held: Vec<Role> = grants.iter().map(|g| g.role).collect();
    held.sort_unstable();
    held.dedup();
    let role = session
        .role
        .filter(|r| held.contains(r))
        .or_else(|| held.first().copied());
    let in_use: Vec<_> = grants.into_iter().filter(|g| Some(g.role) == role).collect();
    let region = match (account.region_id, in_use.first().and_then(|g| g.unit)) {
        (None, Some(over)) => store::region_of(conn, over)?,
        (known, _) => known,
    };
    let own = account
        .person_id
        .filter(|_| role.is_some_and(|r| OVER_ASSIGNED.contains(&r)));
    let actor = Actor {
        account: account.id,
        login: account.login.clone(),
        person: own,
        grants: in_use,
    };
    let name = match first.zip(last) {
        Some((first, last)) => format!("{first} {last}"),
        None => name(conn, &account, region)?,
    };
    Ok(Some(Visitor {
        session: session.sid_digest,
        account: account.id.0,
        person: account.person_id.map(|p| p.0),
        region: region.map(|r| r.0),
        name,
        roles: held
            .into_iter()
            .map(|r| HeldRole {
                code: r.code(),
                label: r.label(),
                current: Some(r) == role,
            })
            .collect(),
        capabilities: role.map(policy::of).unwrap_or_default(),
        scope: actor.scope(&[]),
        stale: now > session.seen_at + Duration::seconds(SEEN_EVERY_SECONDS),
        login: account.login,
    }))
}

/// The name in the frame where the account names no region: of the person, or how one who is not on a staff list is
/// called.
fn name(conn: &mut AnyConn, of: &Account, region: Option<UnitId>) -> Result<String, DbError> {
    let Some(PersonId(id)) = of.person_id else {
        return Ok(of.name.clone().unwrap_or_else(|| of.login.clone()));
    };
    let found: Option<(String, String)> = person::table
        .filter(person::region_id.nullable().eq(region))
        .filter(person::id.eq(id))
        .select((person::first_name, person::last_name))
        .get_result(conn)
        .optional()?;
    Ok(found.map_or_else(|| of.login.clone(), |(first, last)| format!("{first} {last}")))
}
