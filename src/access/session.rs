//! Sessions: a row per sign-in, read at every call together with the account and its roles. Nothing is cached, so an
//! act that ends a session (another role, a new password, a suspension) holds at the very next call.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::delegation::{self, Delegation, DelegationId};
use super::model::{Account, AccountId, AccountState, Actor, Grant, HEADS, OVER_ASSIGNED, Role};
use super::policy::{self, asks_second};
use super::work::{self, Work};
use super::{store, totp};
use crate::access::store::holder;
use crate::audit;
use crate::db::schema::{account, person, session};
use crate::db::{AnyConn, DbError, Tx};
use crate::people::PersonId;
use crate::planted;
use crate::units::UnitId;
use crate::web::call::{HeldRole, StandsFor, Stead};
use crate::web::registry::Capability;
use crate::web::{Client, Visitor, client};
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
    /// When the holder last showed who it is: the second factor, or the password again where there is none.
    pub second_at: Option<NaiveDateTime>,
    /// The delegation in use; `None` is a role of one's own.
    pub delegation_id: Option<DelegationId>,
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
    second_at: Option<NaiveDateTime>,
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
        second_at,
        delegation_id: None,
    };
    diesel::delete(
        session::table
            .filter(session::account_id.eq(of.id.0))
            .filter(session::ends_at.lt(now)),
    )
    .execute(tx.conn())?;
    insert_many!(tx.conn(), session::table, [row.clone()])?;
    let today = tx.today();
    let held = store::held(tx.conn(), &[of.id.0], today)?;
    let role = held.iter().map(|(_, role, _)| *role).min();
    let mut parts: Vec<String> = role.map(|r| format!("role={}", r.code())).into_iter().collect();
    let device = client::code(from.device.as_deref());
    // No address: the row of the session keeps it as long as the session, the journal keeps everything for ever.
    parts.push(format!("device={device} request={}", from.request));
    let mut entry = audit::Entry::of_server("access.sign_in", "account", Some(of.id.0));
    entry.account = Some(of.id.0);
    entry.region = of.region_id.map(|r| r.0);
    entry.detail = parts.join(" ");
    audit::record(tx, key, &[entry])?;
    Ok(row)
}

/// When the holder of a session last showed who it is beyond the password of signing in.
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

/// A session goes on under another name, since its holder has just shown who it is; `None` when it has ended.
///
/// # Errors
/// Those of the database.
pub fn renew(tx: &mut Tx<'_>, key: &[u8], visitor: &Visitor, sid: &str) -> Result<Option<Session>, DbError> {
    let (now, digest) = (tx.now(), audit::digest(sid.as_bytes()));
    let renewed = diesel::update(session::table.filter(session::sid_digest.eq(&visitor.session)))
        .set((session::sid_digest.eq(&digest), session::second_at.eq(Some(now))))
        .execute(tx.conn())?;
    if renewed == 0 {
        return Ok(None);
    }
    record(tx, key, "access.confirm", visitor.account, visitor.region)?;
    Ok(session::table
        .filter(session::sid_digest.eq(&digest))
        .select(Session::as_select())
        .first(tx.conn())
        .optional()?)
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
        .set((
            session::role.eq(Some(role)),
            session::delegation_id.eq(None::<DelegationId>),
        ))
        .execute(tx.conn())?;
    record(tx, key, "access.switch_role", visitor.account, visitor.region)
}

/// Goes to work in another one's stead; the row names both, the role and the units that it stands over.
///
/// # Errors
/// Those of the database.
pub fn stand_in(tx: &mut Tx<'_>, key: &[u8], visitor: &Visitor, of: &Delegation) -> Result<(), DbError> {
    diesel::update(session::table.filter(session::sid_digest.eq(&visitor.session)))
        .set(session::delegation_id.eq(Some(of.id)))
        .execute(tx.conn())?;
    let today = tx.today();
    let held = store::held(tx.conn(), &[of.from_account_id.0], today)?;
    let held = held.into_iter().filter(|(_, role, _)| *role == of.role);
    let over: BTreeSet<UnitId> = held.filter_map(|(.., unit)| unit).collect();
    let mut entry = audit::Entry::of_server("access.stand_in", "delegation", Some(of.id.0));
    (entry.account, entry.on_behalf_of) = (Some(visitor.account), Some(of.from_account_id.0));
    entry.region = Some(of.region_id.0);
    entry.detail = format!("role={}", of.role);
    for unit in over {
        entry.detail.push_str(&format!(" unit={unit}"));
    }
    audit::record(tx, key, &[entry])
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

/// Who stands behind a session now; `None` when it has ended or what it rests on has changed. `obliged`: a second factor
/// is asked for here.
///
/// # Errors
/// Those of the database.
pub fn visitor(
    conn: &mut AnyConn,
    digest: &str,
    now: NaiveDateTime,
    today: NaiveDate,
    obliged: bool,
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
    if !alive && !planted!("session_not_reread") {
        return Ok(None);
    }
    let grants = store::grants(conn, account.id, today)?;
    let mut held: Vec<Role> = grants.iter().map(|g| g.role).collect();
    held.sort_unstable();
    held.dedup();
    let heads: BTreeSet<i64> = grants
        .iter()
        .filter(|g| HEADS.contains(&g.role))
        .flat_map(|g| g.organisations.iter().flatten().map(|of| of.0))
        .collect();
    // Nobody stands in for a teacher, and a teacher stands in for nobody: their pages stay cheap.
    let standing = if held.iter().all(|r| *r == Role::Teacher) {
        Vec::new()
    } else {
        delegation::standing(conn, account.id, today)?
    };
    // A role asks for its second factor of whoever works in it, not of its holder alone.
    let asked = obliged && standing.iter().any(|(of, _)| asks_second(of.role));
    let lacks = asked && !shown_second(conn, &session)? && !planted!("stead_without_second");
    let steads = steads(conn, &standing, session.delegation_id, lacks)?;
    let (role, in_use, stands_for) = match session.delegation_id {
        None => {
            let own = session
                .role
                .filter(|r| held.contains(r))
                .or_else(|| held.first().copied());
            (own, grants.into_iter().filter(|g| Some(g.role) == own).collect(), None)
        }
        // What has ended leaves nothing, until a role of one's own is chosen again.
        Some(id) => match standing.into_iter().find(|(of, _)| of.id == id) {
            None => (None, Vec::new(), None),
            Some((of, _)) if lacks && asks_second(of.role) => (None, Vec::new(), None),
            Some((of, from)) => in_stead(conn, &of, from, (&steads, heads), today)?,
        },
    };
    let region = match (account.region_id, in_use.first().and_then(|g| g.unit)) {
        (None, Some(over)) => store::region_of(conn, over)?,
        (known, _) => known,
    };
    let own = account
        .person_id
        .filter(|_| stands_for.is_none() && role.is_some_and(|r| OVER_ASSIGNED.contains(&r)));
    let actor = Actor {
        account: account.id,
        login: account.login.clone(),
        person: own,
        grants: in_use,
        substitute: None,
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
                current: Some(r) == role && session.delegation_id.is_none(),
            })
            .collect(),
        in_use: role.map(|r| HeldRole {
            code: r.code(),
            label: r.label(),
            current: true,
        }),
        steads,
        capabilities: capabilities(role, stands_for.as_ref()),
        stead_is_over: session.delegation_id.is_some() && stands_for.is_none(),
        stands_for,
        scope: actor.scope(&[]),
        stale: now > session.seen_at + Duration::seconds(SEEN_EVERY_SECONDS),
        notices: None,
        login: account.login,
    }))
}

/// Whether a session has shown the second factor that its account has: a password shown anew before that was set up is none.
fn shown_second(conn: &mut AnyConn, of: &Session) -> Result<bool, DbError> {
    let Some(at) = of.second_at else {
        return Ok(false);
    };
    Ok(totp::of_account(conn, of.account_id)?.is_some_and(|own| own.created_at <= at))
}

type InUse = (Option<Role>, Vec<Grant>, Option<StandsFor>);

/// The role and its reach of whom one stands in for; nothing, where that one no longer holds the role.
fn in_stead(
    conn: &mut AnyConn,
    of: &Delegation,
    from: Account,
    (steads, heads): (&[Stead], BTreeSet<i64>),
    today: NaiveDate,
) -> Result<InUse, DbError> {
    let mut grants = store::grants(conn, from.id, today)?;
    grants.retain(|g| g.role == of.role);
    let name = steads.iter().find(|s| s.current).map(|s| s.name.clone());
    let works: Vec<&'static str> = work::given(conn, &[of.id])?.iter().map(|(_, w)| w.code()).collect();
    let stands_for = StandsFor {
        works: (!works.is_empty()).then_some(works),
        heads: heads.into_iter().collect(),
        account: from.id.0,
        name: name.unwrap_or_else(|| from.login.clone()),
        login: from.login,
        role: of.role.code(),
    };
    Ok(match grants.is_empty() {
        true => (None, Vec::new(), None),
        false => (Some(of.role), grants, Some(stands_for)),
    })
}

/// Whom one may stand in for, in words.
fn steads(
    conn: &mut AnyConn,
    standing: &[(Delegation, Account)],
    current: Option<DelegationId>,
    lacks: bool,
) -> Result<Vec<Stead>, DbError> {
    if standing.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = standing.iter().map(|(_, from)| from.id.0).collect();
    let names = store::names(conn, &ids)?;
    let stead = |(of, from): &(Delegation, Account)| {
        let name = names.get(&from.id.0).unwrap_or(&from.login).clone();
        Stead {
            id: of.id.to_string(),
            label: format!("{}, замещение: {name}", of.role.label()),
            name,
            current: Some(of.id) == current,
            shut: lacks && asks_second(of.role),
        }
    };
    Ok(standing.iter().map(stead).collect())
}

/// What stays with its owner when another one acts in the owner's stead: handing the work on, accounts, roles and sign-ins,
/// files of the region and long lists, the journal and the letters.
pub(super) const NEVER_IN_STEAD: &[Capability] = &[
    Capability::Delegations,
    Capability::Accounts,
    Capability::Upload,
    Capability::Journal,
    Capability::Letters,
    Capability::SignIns,
    Capability::BulkExport,
    Capability::Roles,
    Capability::Examine,
];

/// What a role allows; in another one's stead what was given of it.
fn capabilities(role: Option<Role>, stead: Option<&StandsFor>) -> BTreeSet<Capability> {
    let mut all = role.map(policy::of).unwrap_or_default();
    if let Some(stead) = stead {
        all.retain(|c| !NEVER_IN_STEAD.contains(c) || planted!("bulk_in_stead"));
        if let Some(works) = &stead.works {
            let works = works.iter().filter_map(|code| Work::from_code(code));
            let opened: BTreeSet<Capability> = works.flat_map(Work::opens).copied().collect();
            all.retain(|c| opened.contains(c) || planted!("works_forgotten"));
        }
    }
    all
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
