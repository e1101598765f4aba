//! Who gives which roles to whom: below one's own rank, inside one's own unit, never to oneself. Ranks are reference
//! data; only the heads of a school, a municipality, a region and the installation give roles.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::add::{self, Add};
use super::former;
use super::link::{self, LinkKind, notice};
use super::model::{Account, AccountId, AccountState, Role};
use super::ranks::rank;
use super::settle::{self, Settle};
use super::store;
use crate::config::Keys;
use crate::db::dialect::{self, lock_space};
use crate::db::schema::{account, audit_event, person, role_grant, unit};
use crate::db::text_keys::{beginning, holding, search_key, words};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::{Error, Refusal};
use crate::mail;
use crate::planted;
use crate::units::model::holds_on;
use crate::units::{self, Tree, Unit, UnitId, UnitKind};
use crate::web::Visitor;

/// Ranks that give roles: the head of a school, a municipal authority, the region, the installation.
const GIVE: [i32; 4] = [15, 25, 45, 50];
/// From this rank on teachers are looked for by name: their accounts are the work of their school.
const TERRITORY: i32 = 25;
/// From this rank on accounts that hold no role any more are found: somebody has to be able to give them one.
const REGION: i32 = 45;
/// Letters of the shortest surname that a teacher is found by.
const SHORTEST_SURNAME: usize = 3;
/// How far ahead the days of a role may lie, months.
const LONGEST_MONTHS: u32 = 120;
/// Characters of the longest name.
const LONGEST_NAME: usize = 120;
/// Invitations within those minutes after which another address waits like the same one.
const SLIPS: i64 = 3;
/// Minutes between two invitations of one account.
pub const AGAIN_MINUTES: i64 = 5;

/// Over which kind of unit a role may stand; empty is any.
fn over(of: Role) -> &'static [UnitKind] {
    match of {
        Role::SchoolHead | Role::SchoolAdmin | Role::MentoringCoordinator | Role::Teacher => &[UnitKind::Organisation],
        Role::MunicipalAuthority | Role::MunicipalMethodist => &[UnitKind::Municipality],
        Role::RegionalAuthority | Role::Operator | Role::AssessmentOperator | Role::SecurityOfficer => {
            &[UnitKind::Region]
        }
        Role::CnppmHead | Role::CnppmStaff => &[UnitKind::Region, UnitKind::Zone],
        _ => &[],
    }
}

/// Why a role may not stand over a unit of a kind, if it may not.
pub(super) fn wrong_kind(of: Role, kind: UnitKind) -> Option<Refusal> {
    let kinds = over(of);
    let named: Vec<&str> = kinds.iter().map(|kind| kind.label()).collect();
    let refusal = || Refusal::new("granting.unit_kind").with("role", of.label());
    (!kinds.is_empty() && !kinds.contains(&kind)).then(|| refusal().with("kinds", named.join(", ")))
}

/// Somebody who gives roles.
#[derive(Debug, Clone)]
pub struct Giver {
    /// The account.
    pub account: AccountId,
    /// The rank of the role in use.
    rank: i32,
    /// Units of that role with all below them; `None` is the installation.
    units: Option<BTreeSet<UnitId>>,
    /// The tree of the day.
    tree: Arc<Tree>,
    today: NaiveDate,
}

/// A role that an account holds or held, as its giver sees it.
#[derive(Debug, Clone)]
pub struct Held {
    /// Id of the grant.
    pub id: i64,
    /// Whose it is.
    pub account: AccountId,
    /// The role.
    pub role: Role,
    /// The unit; `None` is the installation.
    pub unit: Option<UnitId>,
    /// Name of the unit.
    pub unit_name: String,
    /// First day.
    pub from: Option<NaiveDate>,
    /// The day after the last one.
    pub to: Option<NaiveDate>,
    /// It was taken back.
    pub ended: bool,
}

/// What a list of accounts is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Part of a name or login.
    pub search: String,
    /// Only with this role; without one, all but teachers.
    pub role: Option<Role>,
    /// Only over this unit or below it.
    pub unit: Option<UnitId>,
}

/// A role to give.
#[derive(Debug, Clone)]
pub struct Giving {
    /// The role.
    pub role: Role,
    /// Code of the unit.
    pub unit: String,
    /// First day; `None` is at once.
    pub from: Option<NaiveDate>,
    /// Last day; `None` is without an end.
    pub until: Option<NaiveDate>,
}

impl Giver {
    /// The visitor as one who gives roles in the role in use.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(conn: &mut AnyConn, visitor: &Visitor, today: NaiveDate) -> Result<Self, DbError> {
        let account = AccountId(visitor.account);
        let role = visitor.role().and_then(|r| Role::from_code(r.code));
        let own = store::grants(conn, account, today)?;
        let own: Vec<_> = own.into_iter().filter(|g| Some(g.role) == role).collect();
        let tree = units::store::tree(conn, today, None)?;
        let whole = own.iter().any(|g| g.unit.is_none());
        let below = own.iter().filter_map(|g| g.unit).flat_map(|unit| tree.subtree(unit));
        Ok(Self {
            account,
            rank: role.map(rank).filter(|r| GIVE.contains(r)).unwrap_or(i32::MIN),
            units: (!whole).then(|| below.collect()),
            tree,
            today,
        })
    }

    /// Roles that may be given.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        // Teachers get their accounts with a sheet or an invitation from their school.
        let mut roles = self.below();
        roles.retain(|role| *role != Role::Teacher);
        roles
    }

    /// Whether teachers stand in the giver's list; to others they are found by login or by the whole surname.
    #[must_use]
    pub fn lists_teachers(&self) -> bool {
        self.rank < TERRITORY || planted!("teachers_by_name")
    }

    /// Units over which roles may be given, by kind and name.
    #[must_use]
    pub fn units(&self) -> Vec<&Unit> {
        let kinds = [
            UnitKind::Region,
            UnitKind::Zone,
            UnitKind::Municipality,
            UnitKind::Organisation,
        ];
        let all = kinds.iter().flat_map(|kind| self.tree.of_kind(*kind));
        all.filter(|unit| self.reaches(Some(unit.id)) && self.tree.stands(unit.id))
            .collect()
    }

    /// The unit of a code, where roles may be given over it.
    #[must_use]
    pub fn unit(&self, code: &str) -> Option<&Unit> {
        let found = self.tree.by_code(code)?;
        (self.reaches(Some(found.id)) && self.tree.stands(found.id)).then_some(found)
    }

    fn reaches(&self, unit: Option<UnitId>) -> bool {
        match (&self.units, unit) {
            (None, _) => true,
            (Some(own), Some(unit)) => own.contains(&unit),
            (Some(_), None) => false,
        }
    }

    /// Whether a role of somebody else is the giver's to see and to end.
    fn sees(&self, held: &Held) -> bool {
        held.account != self.account && self.is_below(held.role) && self.reaches(held.unit)
    }

    /// Whoever watches over personal data is appointed by the administrator alone, not by those who are watched.
    fn is_below(&self, role: Role) -> bool {
        let watches = role == Role::SecurityOfficer && self.rank < rank(Role::SystemAdmin);
        rank(role) < self.rank && !watches
    }

    fn below(&self) -> Vec<Role> {
        Role::ALL.iter().filter(|role| self.is_below(**role)).copied().collect()
    }
}

type Row = (
    i64,
    AccountId,
    Role,
    Option<UnitId>,
    Option<String>,
    Option<NaiveDate>,
    Option<NaiveDate>,
    Option<NaiveDateTime>,
);

fn held((id, account, role, unit, name, from, to, ended): Row) -> Held {
    Held {
        id,
        account,
        role,
        unit,
        unit_name: name.unwrap_or_else(|| "вся установка".to_owned()),
        from,
        to,
        ended: ended.is_some(),
    }
}

/// Roles that accounts hold or held, whether the giver sees them or not.
///
/// # Errors
/// Those of the database.
fn roles_of(conn: &mut AnyConn, accounts: &[i64]) -> Result<Vec<Held>, DbError> {
    let rows: Vec<Row> = role_grant::table
        .left_join(unit::table.on(unit::id.nullable().eq(role_grant::unit_id)))
        .filter(role_grant::account_id.eq_any(accounts))
        .order((role_grant::account_id, role_grant::id))
        .select((
            role_grant::id,
            role_grant::account_id,
            role_grant::role,
            role_grant::unit_id,
            unit::name.nullable(),
            role_grant::valid_from,
            role_grant::valid_to,
            role_grant::superseded_at,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(held).collect())
}

/// An account as its giver sees it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The account.
    pub account: Account,
    /// How its holder is called.
    pub name: String,
    /// Roles that the giver sees; none where all were taken back.
    pub roles: Vec<Held>,
    /// Whether it holds others: then the account itself is not the giver's.
    pub others: bool,
    /// Whether a role of it that stands is the giver's to see; of an account without roles, whether the last were.
    known: bool,
}

fn seen(by: &Giver, accounts: Vec<(Account, String)>, roles: &[Held]) -> Vec<Seen> {
    let mut of: HashMap<AccountId, Vec<&Held>> = HashMap::new();
    for held in roles {
        of.entry(held.account).or_default().push(held);
    }
    let one = |(account, name): (Account, String)| {
        let own = of.remove(&account.id).unwrap_or_default();
        let stands = |h: &Held| !h.ended && h.to.is_none_or(|to| to > by.today);
        let mine = own.iter().filter(|h| !h.ended && by.sees(h));
        let mine: Vec<Held> = mine.map(|h| (*h).clone()).collect();
        let lost = !own.iter().any(|h| stands(h)) && by.rank >= REGION || planted!("reach_of_yesterday");
        Seen {
            others: own.iter().any(|h| stands(h) && !by.sees(h)),
            known: own.iter().any(|h| by.sees(h) && (stands(h) || lost)),
            roles: mine,
            account,
            name,
        }
    };
    accounts.into_iter().map(one).collect()
}

/// Grants that stand on a day or are still to come.
#[diesel::dsl::auto_type]
fn standing(today: NaiveDate) -> _ {
    role_grant::superseded_at
        .is_null()
        .and(role_grant::valid_to.is_null().or(role_grant::valid_to.gt(today)))
}

/// Accounts with a role that the giver sees, by login; `span` says which of so many. Teachers are found there by whoever
/// does not list them, and accounts that have no role any more by the region.
///
/// # Errors
/// Those of the database.
pub fn list(
    conn: &mut AnyConn,
    by: &Giver,
    wanted: &Wanted,
    span: impl FnOnce(usize) -> (usize, usize),
) -> Result<(Vec<Seen>, usize), DbError> {
    let mut roles = by.below();
    let search = search_key(&wanted.search);
    match wanted.role {
        Some(role) => roles.retain(|r| *r == role),
        // Whoever looks for a name means teachers too.
        None if search.is_empty() => roles.retain(|r| *r != Role::Teacher),
        None => {}
    }
    let mut teachers = roles.clone();
    teachers.retain(|r| *r == Role::Teacher && !by.lists_teachers());
    roles.retain(|r| !teachers.contains(r));
    let surname = words(&search).next().unwrap_or_default();
    let surname = Some(surname).filter(|word| word.chars().count() >= SHORTEST_SURNAME);
    let (today, region, past) = (by.today, by.rank >= REGION, planted!("reach_of_yesterday"));
    let narrowed = wanted.unit.map(|unit| by.tree.subtree(unit));
    let units: Option<Vec<UnitId>> = match (&by.units, narrowed) {
        (None, narrowed) => narrowed.map(|units| units.into_iter().collect()),
        (Some(own), None) => Some(own.iter().copied().collect()),
        (Some(own), Some(narrowed)) => Some(own.intersection(&narrowed).copied().collect()),
    };
    let (whole, of_units) = (units.is_none(), units.unwrap_or_default());
    macro_rules! granted {
        ($roles:expr, $past:expr) => {
            role_grant::table
                .filter(role_grant::role.eq_any($roles))
                .filter(role_grant::unit_id.eq_any(&of_units).or(whole.into_sql::<Bool>()))
                .filter(standing(today).or($past.into_sql::<Bool>()))
                .select(role_grant::account_id)
        };
    }
    macro_rules! found {
        ($select:expr) => {{
            let mut query = account::table
                .left_join(person::table.on(store::holder()))
                .filter(account::id.ne(by.account))
                .select($select)
                .into_boxed();
            let in_full = account::login
                .eq(search.clone())
                .nullable()
                .or(person::search_key.nullable().eq(surname))
                .or(person::search_key
                    .nullable()
                    .like(surname.map(|word| beginning(&format!("{word} "))))
                    .escape('\\'));
            let own = account::id.eq_any(granted!(&roles, past));
            let found_teachers = account::id.eq_any(granted!(&teachers, false)).and(in_full);
            query = if region {
                let without = role_grant::table.filter(standing(today)).select(role_grant::account_id);
                let lost = account::id
                    .eq_any(granted!(&roles, true))
                    .and(account::id.ne_all(without));
                query.filter(own.or(lost).nullable().or(found_teachers))
            } else {
                query.filter(own.nullable().or(found_teachers))
            };
            for word in words(&search) {
                let like = holding(word);
                query = query.filter(
                    account::login
                        .like(like.clone())
                        .escape('\\')
                        .or(person::search_key.nullable().like(like).escape('\\'))
                        .or(account::name.like(holding(wanted.search.trim())).escape('\\')),
                );
            }
            query
        }};
    }
    let total: i64 = found!(diesel::dsl::count_star()).first(conn)?;
    let total = usize::try_from(total).unwrap_or_default();
    let (skipped, most) = span(total);
    let accounts: Vec<(Account, String)> = found!((Account::as_select(), store::called()))
        .order(account::login)
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .offset(i64::try_from(skipped).unwrap_or(i64::MAX))
        .load(conn)?;
    let ids: Vec<i64> = accounts.iter().map(|(a, _)| a.id.0).collect();
    let mut roles = Vec::new();
    for block in ids.chunks(1000) {
        roles.extend(roles_of(conn, block)?);
    }
    Ok((seen(by, accounts, &roles), total))
}

/// One account with a role that the giver sees.
///
/// # Errors
/// There is none such; those of the database.
pub fn one(conn: &mut AnyConn, by: &Giver, id: AccountId) -> Result<Seen, Error> {
    let missing = || Error::NotFound("учётная запись".into());
    let found: Option<(Account, String)> = account::table
        .left_join(person::table.on(store::holder()))
        .filter(account::id.eq(id))
        .select((Account::as_select(), store::called()))
        .first(conn)
        .optional()
        .map_err(DbError::from)?;
    let roles = roles_of(conn, &[id.0])?;
    let mut found = seen(by, found.into_iter().collect(), &roles);
    found.pop().filter(|of| of.known).ok_or_else(missing)
}

/// What is wrong with a role to give: each thing once, in the order of the form.
#[must_use]
pub fn wrong_role(by: &Giver, giving: &Giving, today: NaiveDate) -> Vec<Refusal> {
    let mut wrong = Vec::new();
    if !by.roles().contains(&giving.role) {
        wrong.push(Refusal::new("granting.rank").with("role", giving.role.label()));
    }
    match by.unit(&giving.unit) {
        None => wrong.push(Refusal::new("granting.no_unit")),
        Some(unit) => wrong.extend(wrong_kind(giving.role, unit.kind)),
    }
    let last = today + chrono::Months::new(LONGEST_MONTHS);
    for (field, day) in [("from", giving.from), ("until", giving.until)] {
        let Some(day) = day else { continue };
        if day < today {
            wrong.push(Refusal::new("granting.past").with("field", field));
        } else if day > last {
            wrong.push(Refusal::new("granting.too_far").with("field", field));
        }
    }
    if giving.from.zip(giving.until).is_some_and(|(from, until)| until < from) {
        wrong.push(Refusal::new("granting.order"));
    }
    wrong
}

/// The unit of a role to give, where role, unit and days fit the giver.
fn checked(by: &Giver, giving: &Giving, today: NaiveDate) -> Result<(UnitId, UnitId), Error> {
    if let Some(refusal) = wrong_role(by, giving, today).into_iter().next() {
        return Err(refusal.into());
    }
    let unit = by.unit(&giving.unit);
    let unit = unit.ok_or_else(|| Refusal::new("granting.no_unit"))?;
    Ok((unit.id, unit.region_id))
}

fn asked(giving: &Giving, unit: (UnitId, UnitId), by: &Giver, login: &str) -> Add {
    Add {
        login: login.to_owned(),
        role: giving.role,
        unit: Some(unit),
        person: None,
        name: None,
        email: None,
        password_hash: None,
        from: giving.from,
        to: giving.until.and_then(|last| last.succ_opt()),
        by: Some(by.account),
    }
}

/// A new account.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// First name and surname.
    pub name: String,
    /// Login.
    pub login: String,
    /// Address that the invitation goes to.
    pub email: String,
}

/// What is wrong with a new account: each thing once, in the order of the form. What is empty is not looked at.
///
/// # Errors
/// Those of the database.
pub fn wrong_newcomer(conn: &mut AnyConn, who: &Newcomer) -> Result<Vec<Refusal>, DbError> {
    let mut wrong = Vec::new();
    let of_name = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '’' | '\'' | '.');
    if who.name.chars().count() > LONGEST_NAME || !who.name.chars().all(of_name) {
        wrong.push(Refusal::new("granting.name"));
    }
    if !who.email.is_empty() && mail::address::parse(&who.email).is_none() {
        wrong.push(Refusal::new("access.email").with("email", &who.email));
    }
    let login = who.login.trim().to_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    if !login.chars().all(plain) {
        wrong.push(Refusal::new("granting.login_latin"));
    } else if login.len() > 120 {
        wrong.push(Refusal::new("access.login_characters").with("login", &login));
    } else if !login.is_empty() && store::by_login(conn, &login)?.is_some() {
        wrong.push(Refusal::new("granting.login_taken").with("login", &login));
    }
    Ok(wrong)
}

/// Opens an account with its first role and invites its holder by mail.
///
/// # Errors
/// [`Refusal`]s `granting.…` and those of an account; those of the database.
pub fn open(tx: &mut Tx<'_>, keys: &Keys, by: &Giver, who: &Newcomer, giving: &Giving) -> Result<AccountId, Error> {
    let unit = checked(by, giving, tx.today())?;
    dialect::lock(tx.conn(), lock_space::ACCOUNTS, [0])?;
    if let Some(refusal) = wrong_newcomer(tx.conn(), who)?.into_iter().next() {
        return Err(refusal.into());
    }
    let login = who.login.trim().to_lowercase();
    let add = Add {
        name: Some(who.name.clone()),
        email: Some(who.email.clone()),
        ..asked(giving, unit, by, &login)
    };
    let id = add::add(tx, &keys.audit, &add)?;
    let account = store::by_id(tx.conn(), id)?.ok_or_else(|| Error::NotFound("учётная запись".into()))?;
    let address = account.email.clone().unwrap_or_default();
    link::issue(tx, keys, &account, LinkKind::Invitation, &address, Some(by.account.0))?;
    Ok(id)
}

/// What is done to an account that is there.
#[derive(Debug, Clone)]
pub enum Act {
    /// One more role.
    Give(Giving),
    /// A role of this grant ends.
    End(i64),
    /// The account itself: its end, its return.
    Settle(Settle),
    /// Another address of mail.
    Address(String),
    /// An invitation to an address, which is another one perhaps.
    Invite(String),
}

/// Does it, where nothing has changed since `version` was seen; the holder is told of other roles.
///
/// # Errors
/// The account is not the giver's or has changed; [`Refusal`]s; those of the database.
pub fn act(tx: &mut Tx<'_>, keys: &Keys, by: &Giver, id: AccountId, version: i32, act: Act) -> Result<(), Error> {
    dialect::lock(tx.conn(), lock_space::ACCOUNTS, [id.0])?;
    let found = one(tx.conn(), by, id)?;
    if found.account.version != version {
        return Err(Error::Conflict);
    }
    let whole = |found: &Seen| match found.others {
        true => Err(Error::from(Refusal::new("granting.others"))),
        false => Ok(()),
    };
    let (login, audit_key) = (found.account.login.clone(), &keys.audit);
    let other_roles = match act {
        Act::Give(giving) => {
            let unit = checked(by, &giving, tx.today())?;
            add::add(tx, audit_key, &asked(&giving, unit, by, &login))?;
            Some(format!("добавлена роль «{}»", giving.role.label()))
        }
        Act::End(grant) => {
            let held = found.roles.iter().find(|h| h.id == grant);
            let held = held.ok_or_else(|| Error::NotFound("роль".into()))?;
            let what = Settle::Revoke(held.role, held.unit);
            settle::settle(tx, keys, &login, what, Some(by.account))?;
            Some(format!("снята роль «{}»", held.role.label()))
        }
        Act::Settle(what) => {
            whole(&found)?;
            if what == Settle::Restore && suspended_above(tx.conn(), by, id)? {
                return Err(Refusal::new("granting.suspended_above").into());
            }
            settle::settle(tx, keys, &login, what, Some(by.account))?;
            None
        }
        Act::Address(address) => {
            whole(&found)?;
            readdress(tx, keys, by, &found.account, &address)?;
            None
        }
        Act::Invite(address) => {
            whole(&found)?;
            let since = tx.now() - Duration::minutes(AGAIN_MINUTES);
            let other = found.account.email.as_deref() != Some(address.trim());
            let now = tx.now();
            let before = former::standing(tx.conn(), id, now)?;
            if before.as_deref() == Some(former::NOWHERE) {
                return Err(Refusal::new("granting.address_unsaid").into());
            }
            if (other || before.is_some()) && former::has_something_to_lose(&found.account) {
                return Err(Refusal::new("granting.address_rests").into());
            }
            // A slip of the pen is put right at once, but not again and again.
            if other && link::invited(tx.conn(), id, since)? >= SLIPS && !planted!("invited_in_turn") {
                return Err(Refusal::new("granting.invited").with("minutes", AGAIN_MINUTES).into());
            }
            if other {
                readdress(tx, keys, by, &found.account, &address)?;
            } else if link::is_fresh(tx.conn(), id, LinkKind::Invitation, since)? {
                return Err(Refusal::new("granting.invited").with("minutes", AGAIN_MINUTES).into());
            }
            settle::settle(tx, keys, &login, Settle::Invite, Some(by.account))?;
            None
        }
    };
    let grown = account::version.eq(account::version + 1);
    diesel::update(account::table.filter(account::id.eq(id)))
        .set(grown)
        .execute(tx.conn())
        .map_err(DbError::from)?;
    if let Some(what) = other_roles.filter(|_| found.account.state == AccountState::Active) {
        let dedup = tx.id();
        let mut letter = notice(&found.account, "access_roles", dedup);
        letter.body = serde_json::json!({ "login": login, "what": what });
        mail::queue(tx, &[letter])?;
    }
    Ok(())
}

/// Whether an account was suspended by somebody whose rank, as it was then, is above the giver's, or by a command on the
/// server.
///
/// # Errors
/// Those of the database.
pub fn suspended_above(conn: &mut AnyConn, by: &Giver, id: AccountId) -> Result<bool, DbError> {
    let last: Option<(Option<i64>, NaiveDateTime)> = audit_event::table
        .filter(audit_event::action.eq("access.suspend"))
        .filter(audit_event::object_id.eq(id.0))
        .order(audit_event::id.desc())
        .select((audit_event::account_id, audit_event::at))
        .first(conn)
        .optional()?;
    let (who, at) = match last {
        None => return Ok(false),
        Some((None, _)) => return Ok(true),
        Some((Some(who), at)) => (who, at),
    };
    let held: Vec<Role> = role_grant::table
        .filter(role_grant::account_id.eq(who))
        .filter(role_grant::recorded_at.le(at))
        .filter(role_grant::superseded_at.is_null().or(role_grant::superseded_at.gt(at)))
        .select(role_grant::role)
        .load(conn)?;
    Ok(who != by.account.0 && held.into_iter().any(|role| rank(role) > by.rank))
}

/// Writes another address down; whoever reads letters at the one before is told, and links to it open nothing more.
fn readdress(tx: &mut Tx<'_>, keys: &Keys, by: &Giver, of: &Account, address: &str) -> Result<(), Error> {
    former::keep(tx, of)?;
    add::set_email(tx, &keys.audit, &of.login, Some(address), Some(by.account))?;
    if of.email.is_some() && of.state == AccountState::Active {
        let mut letter = notice(of, "access_address_changed", tx.id());
        letter.address = of.email.clone();
        let advice = "Это сделали вы или по вашей просьбе? Тогда делать ничего не нужно. Если нет, задайте новый пароль: ещё \
                      сутки ссылка для него приходит сюда.";
        letter.body = serde_json::json!({ "login": of.login, "advice": advice });
        mail::queue(tx, &[letter])?;
    }
    Ok(())
}

/// Whether a role stands on a day.
#[must_use]
pub fn stands(of: &Held, day: NaiveDate) -> bool {
    holds_on(of.from, of.to, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_rank_and_nobody_gives_the_highest() {
        for role in Role::ALL {
            assert!(rank(*role) <= 50, "{role}");
        }
        assert!(Role::ALL.iter().all(|role| rank(*role) <= rank(Role::SystemAdmin)));
        assert_eq!(rank(Role::Teacher), 0);
    }
}
