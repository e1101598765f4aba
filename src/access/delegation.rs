//! «Замещение»: one account acts in another one's stead, in one of its roles, from day to day. The rights are the
//! other's, read anew at every call; records hold both. The day after the last one nothing is left of it.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde_json::json;

use super::model::{Account, AccountId, AccountState, Author, Role};
use super::policy::asks_second;
use super::store;
use super::substitutes::{self, Holding};
use super::work::{self, Work};
use crate::audit;
use crate::db::schema::{account, audit_event, delegation};
use crate::db::{AnyConn, DbError, Tx, dialect};
use crate::error::{Error, Refusal};
use crate::mail::{self, Letter};
use crate::people::PersonId;
use crate::units::{self, UnitId};
use crate::web::Visitor;
use crate::{each_db, id_newtype, insert_many, planted};

id_newtype! {
    /// A delegation.
    DelegationId;
}

/// The longest time that one may be stood in for at once, days: a year with its last day.
const LONGEST_DAYS: i64 = 366;
/// Who stands in for whom.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = delegation, treat_none_as_default_value = false)]
pub struct Delegation {
    /// Id.
    pub id: DelegationId,
    /// The region of both.
    pub region_id: UnitId,
    /// Whose rights.
    pub from_account_id: AccountId,
    /// Who acts.
    pub to_account_id: AccountId,
    /// In which role.
    pub role: Role,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, included.
    pub ends_on: NaiveDate,
    /// Why, for those who read the journal.
    pub reason: String,
    /// When it was recorded.
    pub recorded_at: NaiveDateTime,
    /// When it was ended before its time.
    pub ended_at: Option<NaiveDateTime>,
    /// Grows with each change.
    pub version: i32,
}

impl Delegation {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.ended_at.is_none() && self.starts_on <= day && day <= self.ends_on
    }
}

/// A delegation.
///
/// # Errors
/// Those of the database.
pub fn by_id(conn: &mut AnyConn, id: DelegationId) -> Result<Option<Delegation>, DbError> {
    Ok(delegation::table
        .filter(delegation::id.eq(id))
        .select(Delegation::as_select())
        .get_result(conn)
        .optional()?)
}

/// Whom an account may stand in for today, with the other's account: both hold still what it was given by. Who has left the
/// school, or the role that stood near, stands in for nobody there any more.
///
/// # Errors
/// Those of the database.
pub fn standing(conn: &mut AnyConn, of: AccountId, today: NaiveDate) -> Result<Vec<(Delegation, Account)>, DbError> {
    let mut rows: Vec<(Delegation, Account)> = each_db!(conn, c => delegation::table
        .inner_join(account::table.on(account::id.eq(delegation::from_account_id)))
        .filter(delegation::to_account_id.eq(of))
        .filter(delegation::ended_at.is_null())
        .order(delegation::id)
        .select((Delegation::as_select(), Account::as_select()))
        .load(c))?;
    rows.retain(|(of, from)| of.holds(today) && from.state == AccountState::Active);
    if rows.is_empty() {
        return Ok(rows);
    }
    let mut both: Vec<i64> = rows.iter().map(|(of, _)| of.from_account_id.0).collect();
    both.push(of.0);
    let held = substitutes::held(conn, &both, today)?;
    let tree = units::store::tree_with_closed(conn, today)?;
    let own = |account: AccountId| held.iter().filter(move |h| h.account == account);
    rows.retain(|(given, from)| {
        let over: Vec<UnitId> = own(from.id).filter(|h| h.role == given.role).map(|h| h.unit).collect();
        let near = |h: &Holding| {
            over.iter()
                .any(|unit| substitutes::is_near(&tree, (given.role, *unit), (h.role, h.unit)))
        };
        !over.is_empty() && (own(of).any(near) || planted!("substitute_for_ever"))
    });
    Ok(rows)
}

/// What is over and still shown, at most.
const SHOWN_OVER: i64 = 100;

/// What an account gave or was given, newest first: all that holds or is to come, before the latest of what is over.
///
/// # Errors
/// Those of the database.
pub fn of_account(conn: &mut AnyConn, of: AccountId, today: NaiveDate) -> Result<Vec<Delegation>, DbError> {
    let stands = delegation::ended_at.is_null().and(delegation::ends_on.ge(today));
    let own = || delegation::from_account_id.eq(of).or(delegation::to_account_id.eq(of));
    let mut found: Vec<Delegation> = delegation::table
        .filter(own())
        .filter(stands)
        .order(delegation::id.desc())
        .select(Delegation::as_select())
        .load(conn)?;
    let over: Vec<Delegation> = delegation::table
        .filter(own())
        .filter(diesel::dsl::not(stands))
        .order(delegation::id.desc())
        .limit(SHOWN_OVER)
        .select(Delegation::as_select())
        .load(conn)?;
    found.extend(over);
    Ok(found)
}

/// How many of one account's substitutions may stand at once, those to come among them.
const MOST_STANDING: usize = 20;

/// Whether a role may be handed over at all: a teacher's own data are the teacher's, and who watches over personal data is
/// appointed by the administrator alone.
#[must_use]
pub const fn may_be_given(role: Role) -> bool {
    !matches!(role, Role::Teacher | Role::SecurityOfficer)
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The region.
    pub region: UnitId,
    /// Whose rights.
    pub from: AccountId,
    /// Who is to act.
    pub to: AccountId,
    /// In which role.
    pub role: Role,
    /// Only these kinds of work; `None` is all of the role.
    pub works: Option<BTreeSet<Work>>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Why.
    pub reason: String,
}

/// Records it and tells whoever is to act.
///
/// # Errors
/// Days that make no sense; somebody who may not; the same once more; those of the database.
pub fn add(tx: &mut Tx<'_>, key: &[u8], wanted: &Wanted) -> Result<DelegationId, Error> {
    let today = tx.today();
    if wanted.starts_on < today {
        return Err(Refusal::new("delegation.past").into());
    }
    if wanted.ends_on < wanted.starts_on {
        return Err(Refusal::new("delegation.order").into());
    }
    if (wanted.ends_on - wanted.starts_on).num_days() >= LONGEST_DAYS {
        return Err(Refusal::new("delegation.too_long").into());
    }
    let held = store::grants(tx.conn(), wanted.from, today)?;
    if !may_be_given(wanted.role) || held.iter().all(|g| g.role != wanted.role) {
        return Err(Refusal::new("delegation.role").into());
    }
    let known = Work::of(wanted.role);
    let fit = |works: &BTreeSet<Work>| !works.is_empty() && works.iter().all(|w| known.contains(w));
    if wanted.works.as_ref().is_some_and(|works| !fit(works)) {
        return Err(Refusal::new("delegation.work").into());
    }
    // Two forms sent at once wait for each other.
    dialect::lock(tx.conn(), dialect::lock_space::DELEGATION, [wanted.from.0])?;
    let to = wanted.to;
    if !substitutes::may(tx.conn(), wanted.region, wanted.from, wanted.role, today, to)? {
        return Err(Refusal::new("delegation.nobody").into());
    }
    let mut given = of_account(tx.conn(), wanted.from, today)?;
    given.retain(|d| d.from_account_id == wanted.from && d.ended_at.is_none() && today <= d.ends_on);
    let overlaps = |d: &Delegation| {
        (d.to_account_id, d.role) == (to, wanted.role) && d.starts_on <= wanted.ends_on && wanted.starts_on <= d.ends_on
    };
    if given.iter().any(overlaps) {
        return Err(Refusal::new("delegation.twice").into());
    }
    if given.len() >= MOST_STANDING {
        return Err(Refusal::new("delegation.many").with("most", MOST_STANDING).into());
    }
    let row = Delegation {
        id: DelegationId(tx.id()),
        region_id: wanted.region,
        from_account_id: wanted.from,
        to_account_id: to,
        role: wanted.role,
        starts_on: wanted.starts_on,
        ends_on: wanted.ends_on,
        reason: wanted.reason.clone(),
        recorded_at: tx.now(),
        ended_at: None,
        version: 1,
    };
    let name = store::names(tx.conn(), &[wanted.from.0])?.remove(&wanted.from.0);
    let letter = Letter {
        kind: "access_delegation",
        region: Some(wanted.region.0),
        account: to.0,
        subject_id: row.id.0,
        dedup_key: row.id.to_string(),
        body: json!({
            "name": name.unwrap_or_default(),
            "role": row.role.label(),
            "from": row.starts_on.format("%d.%m.%Y").to_string(),
            "to": row.ends_on.format("%d.%m.%Y").to_string(),
            "what": in_words(wanted.works.as_ref()),
        }),
        address: None,
        link: None,
    };
    mail::queue(tx, &[letter])?;
    record(tx, key, "access.delegate", &row, wanted.works.as_ref(), wanted.from)?;
    let id = row.id;
    insert_many!(tx.conn(), delegation::table, [row])?;
    work::keep(tx, id, &wanted.works.clone().unwrap_or_default())?;
    Ok(id)
}

/// What is given, in words.
#[must_use]
pub fn in_words(works: Option<&BTreeSet<Work>>) -> String {
    match works {
        None => "вся работа этой роли".to_owned(),
        Some(works) => works.iter().map(|w| w.label()).collect::<Vec<_>>().join(", "),
    }
}

/// Ends one before its time: by whoever gave it, or by whoever was given it; the other one is told by mail. Ended twice
/// by the same account it is answered as the first time.
///
/// # Errors
/// There is no such one, or its time is over; the other one has ended it since the page was opened; those of the
/// database.
pub fn end(tx: &mut Tx<'_>, key: &[u8], id: DelegationId, by: AccountId, seen: Option<i32>) -> Result<(), Error> {
    let missing = || Error::NotFound("замещение".into());
    let own = by_id(tx.conn(), id)?.filter(|d| d.from_account_id == by || d.to_account_id == by);
    let row = own.filter(|d| d.ends_on >= tx.today()).ok_or_else(missing)?;
    if row.ended_at.is_some() {
        return match (ended_by(tx.conn(), id)?, seen) {
            (Some(first), Some(_)) if first == by => Ok(()),
            (_, Some(_)) => Err(Error::Conflict),
            (_, None) => Err(missing()),
        };
    }
    let ended = diesel::update(
        delegation::table
            .filter(delegation::id.eq(id))
            .filter(delegation::version.eq(seen.unwrap_or(row.version))),
    )
    .set((
        delegation::ended_at.eq(Some(tx.now())),
        delegation::version.eq(row.version + 1),
    ))
    .execute(tx.conn())
    .map_err(DbError::from)?;
    if ended == 0 {
        return Err(Error::Conflict);
    }
    tell_end(tx, &row, by)?;
    Ok(record(tx, key, ENDS, &row, None, by)?)
}

/// Tells the other one of the two that it was ended.
fn tell_end(tx: &mut Tx<'_>, row: &Delegation, by: AccountId) -> Result<(), Error> {
    let other = if by == row.from_account_id {
        row.to_account_id
    } else {
        row.from_account_id
    };
    let name = store::names(tx.conn(), &[by.0])?.remove(&by.0);
    let letter = Letter {
        kind: "access_delegation_ended",
        region: Some(row.region_id.0),
        account: other.0,
        subject_id: row.id.0,
        dedup_key: row.id.to_string(),
        body: json!({
            "name": name.unwrap_or_default(),
            "role": row.role.label(),
            "from": row.starts_on.format("%d.%m.%Y").to_string(),
            "to": row.ends_on.format("%d.%m.%Y").to_string(),
        }),
        address: None,
        link: None,
    };
    Ok(mail::queue(tx, &[letter])?)
}

/// The act of the journal that ends one.
pub const ENDS: &str = "access.end_delegation";

/// Who ended one.
fn ended_by(conn: &mut AnyConn, id: DelegationId) -> Result<Option<AccountId>, DbError> {
    let by: Option<Option<i64>> = audit_event::table
        .filter(audit_event::action.eq(ENDS))
        .filter(audit_event::object_id.eq(id.0))
        .order(audit_event::id.desc())
        .select(audit_event::account_id)
        .first(conn)
        .optional()?;
    Ok(by.flatten().map(AccountId))
}

fn record(
    tx: &mut Tx<'_>,
    key: &[u8],
    action: &'static str,
    of: &Delegation,
    works: Option<&BTreeSet<Work>>,
    by: AccountId,
) -> Result<(), DbError> {
    let mut entry = audit::Entry::of_server(action, "delegation", Some(of.id.0));
    (entry.account, entry.region) = (Some(by.0), Some(of.region_id.0));
    entry.detail = format!(
        "from={} to={} role={} on={} until={}",
        of.from_account_id, of.to_account_id, of.role, of.starts_on, of.ends_on
    );
    if let Some(works) = works {
        let codes: Vec<&str> = works.iter().map(|w| w.code()).collect();
        entry.detail.push_str(&format!(" works={}", codes.join(",")));
    }
    audit::record(tx, key, &[entry])
}

/// Who acts in another one's stead: the rights are the other's, the hand is this one's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitute {
    /// The account that is signed in.
    pub account: AccountId,
    /// Its login.
    pub login: String,
    /// Its person: nobody acts on an own plan in anyone's stead.
    pub person: Option<PersonId>,
    /// The only role in which it acts.
    pub role: Role,
    /// The kinds of work that were given; `None` is all of the role.
    pub works: Option<BTreeSet<Work>>,
    /// Organisations that it heads: nobody accompanies a subordinate.
    pub heads: BTreeSet<UnitId>,
}

/// The roles in which a visitor works: the one in use. Whoever accompanies people in several roles has one queue of all of
/// them; but in another one's stead, and in a role that asks for no second factor, that role alone.
#[must_use]
pub fn desk_roles(of: &Visitor) -> Vec<Role> {
    let Some(role) = of.role().and_then(|r| Role::from_code(r.code)) else {
        return Vec::new();
    };
    let held = of.roles.iter().filter_map(|r| Role::from_code(r.code));
    let alone = of.stands_for.is_some() || !accompanies(role) || !asks_second(role);
    let beside = held.filter(|other| *other != role && accompanies(*other) && !alone);
    std::iter::once(role).chain(beside).collect()
}

/// Whether people are assigned to whoever holds a role.
#[must_use]
pub const fn accompanies(role: Role) -> bool {
    use Role as R;
    matches!(
        role,
        R::Curator | R::Tutor | R::RegionalMethodist | R::MunicipalMethodist | R::Mentor | R::Supervisor
    )
}

/// Whose rights a visitor's act rests on, and who does it.
#[must_use]
pub fn author(of: &Visitor) -> Author {
    let Some((from, role)) = of.stands_for.as_ref().and_then(|f| Some((f, Role::from_code(f.role)?))) else {
        return Author {
            login: of.login.clone(),
            roles: desk_roles(of),
            substitute: None,
        };
    };
    Author {
        login: from.login.clone(),
        roles: vec![role],
        substitute: Some(Substitute {
            account: AccountId(of.account),
            login: of.login.clone(),
            person: of.person.map(PersonId),
            role,
            works: (from.works.as_ref()).map(|codes| codes.iter().filter_map(|c| Work::from_code(c)).collect()),
            heads: from.heads.iter().copied().map(UnitId).collect(),
        }),
    }
}
