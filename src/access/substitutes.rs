//! Who may stand in for whom: colleagues near by, of about the same rank, who use their accounts.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{AccountId, AccountState, Role};
use super::ranks::rank;
use super::store;
use crate::db::schema::{account, person, role_grant, unit};
use crate::db::text_keys::{search_key, words};
use crate::db::{AnyConn, DbError};
use crate::planted;
use crate::units::model::holds_on;
use crate::units::{self, Tree, UnitId, UnitKind};

/// How many colleagues a choice shows, and more only of the own units.
const MOST_COLLEAGUES: usize = 300;
/// How far below the rank of a role the rank of a substitute may lie.
const NEAR: i32 = 10;

/// Whom a choice offers as substitutes.
#[derive(Debug, Default)]
pub struct Colleagues {
    /// Account and name with role and place; those of the own units first, then by name.
    pub shown: Vec<(AccountId, String)>,
    /// How many more there are elsewhere than a choice can show; those of the own units are never among them.
    pub more: usize,
}

/// Who may stand in for an account in a role, narrowed to those whose name holds a text.
///
/// # Errors
/// Those of the database.
pub fn colleagues(
    conn: &mut AnyConn,
    region: UnitId,
    of: AccountId,
    role: Role,
    today: NaiveDate,
    named: &str,
) -> Result<Colleagues, DbError> {
    let mut able = able(conn, region, of, role, today, None)?;
    let wanted = search_key(named);
    able.retain(|one| {
        let name = search_key(&one.name);
        words(&wanted).all(|word| name.contains(word))
    });
    able.sort_by_cached_key(|one| (!one.own, one.said(), one.login.clone()));
    let own = able.iter().filter(|one| one.own).count();
    let more = able.len().saturating_sub(MOST_COLLEAGUES.max(own));
    able.truncate(able.len() - more);
    let mut alike: HashMap<String, usize> = HashMap::new();
    for one in &able {
        *alike.entry(one.said()).or_default() += 1;
    }
    let shown = able.into_iter().map(|one| match one.said() {
        // Two of one name, role and place are told apart by what is theirs alone.
        said if alike.get(&said).is_some_and(|n| *n > 1) => (one.id, format!("{said} · {}", one.login)),
        said => (one.id, said),
    });
    Ok(Colleagues {
        shown: shown.collect(),
        more,
    })
}

/// Somebody who may stand in.
struct Able {
    id: AccountId,
    login: String,
    name: String,
    role: Role,
    place: String,
    /// Whether that role stands over one of the units itself.
    own: bool,
}

impl Able {
    fn said(&self) -> String {
        format!("{} · {} · {}", self.name, self.role.label(), self.place)
    }
}

/// Whether an account may stand in for another one in a role: a choice may be too short for everyone, the rule is not.
///
/// # Errors
/// Those of the database.
pub fn may(
    conn: &mut AnyConn,
    region: UnitId,
    of: AccountId,
    role: Role,
    today: NaiveDate,
    who: AccountId,
) -> Result<bool, DbError> {
    Ok(!able(conn, region, of, role, today, Some(who))?.is_empty())
}

/// Those who stand near enough today and use their accounts; of all or of one.
fn able(
    conn: &mut AnyConn,
    region: UnitId,
    of: AccountId,
    role: Role,
    today: NaiveDate,
    only: Option<AccountId>,
) -> Result<Vec<Able>, DbError> {
    let held = held(conn, &[of.0], today)?;
    let over: Vec<UnitId> = held.iter().filter(|h| h.role == role).map(|h| h.unit).collect();
    let fit = Role::ALL.iter().copied();
    let fit: Vec<Role> = fit
        .filter(|held| *held != Role::Teacher && may_stand_in(role, *held))
        .collect();
    type Row = (
        AccountId,
        String,
        String,
        Role,
        Option<NaiveDate>,
        Option<NaiveDate>,
        UnitId,
        String,
    );
    let mut asked = role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .inner_join(unit::table.on(unit::id.nullable().eq(role_grant::unit_id)))
        .left_join(person::table.on(store::holder()))
        .filter(unit::region_id.eq(region))
        .filter(account::state.eq(AccountState::Active))
        // Whoever was invited and has not come yet works for nobody.
        .filter(account::password_hash.ne(""))
        .filter(account::id.ne(of))
        .filter(role_grant::superseded_at.is_null())
        .filter(role_grant::role.eq_any(fit))
        .filter(role_grant::role.eq(role).or(role_grant::unit_id.eq_any(over.clone())))
        .select((
            account::id,
            account::login,
            store::called(),
            role_grant::role,
            role_grant::valid_from,
            role_grant::valid_to,
            unit::id,
            unit::name,
        ))
        .into_boxed();
    if let Some(only) = only {
        asked = asked.filter(account::id.eq(only));
    }
    let rows: Vec<Row> = asked.load(conn)?;
    let tree = units::store::tree_with_closed(conn, today)?;
    let mut able: BTreeMap<AccountId, Able> = BTreeMap::new();
    for (id, login, name, held, from, to, at, place) in rows {
        let near = || over.iter().any(|unit| is_near(&tree, (role, *unit), (held, at)));
        if !holds_on(from, to, today) || !near() {
            continue;
        }
        let one = Able {
            id,
            login,
            name,
            role: held,
            place,
            own: over.contains(&at),
        };
        // Of several roles the nearest is told.
        let nearer = |known: &Able| (one.own, one.role == role) > (known.own, known.role == role);
        if able.get(&id).is_none_or(nearer) {
            able.insert(id, one);
        }
    }
    Ok(able.into_values().collect())
}

/// Whether whoever holds a role over a unit stands near enough to work in a role over another one. Another role stands
/// over that very unit. The same role stands in its municipality, or in its region where it lies in none; or above it.
pub(super) fn is_near(tree: &Tree, (wanted, over): (Role, UnitId), (held, at): (Role, UnitId)) -> bool {
    if held != wanted {
        return held != Role::Teacher && at == over && may_stand_in(wanted, held);
    }
    let town = tree.ancestor(over, UnitKind::Municipality);
    let around = town.filter(|_| !planted!("substitute_from_afar"));
    let around = around.or_else(|| tree.ancestor(over, UnitKind::Region)).unwrap_or(over);
    tree.path(at).contains(&around) || tree.path(over).contains(&at)
}

/// Roles that stand in for their own kind alone: whoever watches over personal data works in no role that is watched, and
/// whoever sees numbers alone, measures, or comes from outside, sees no people by way of a colleague.
const APART: [Role; 6] = [
    Role::SecurityOfficer,
    Role::RegionalAuthority,
    Role::MunicipalAuthority,
    Role::AssessmentOperator,
    Role::ProgrammeProvider,
    Role::Expert,
];

/// Whether a holder of a role may work in another one: of about its rank, and of its kind where that is kept apart.
fn may_stand_in(wanted: Role, held: Role) -> bool {
    let near = rank(held) + NEAR >= rank(wanted);
    held == wanted || near && (!APART.contains(&held) || planted!("aggregates_stand_in"))
}

/// A role that somebody holds over a unit on a day.
pub(super) struct Holding {
    pub account: AccountId,
    pub role: Role,
    pub unit: UnitId,
}

/// The roles that accounts hold over units on a day.
///
/// # Errors
/// Those of the database.
pub(super) fn held(conn: &mut AnyConn, of: &[i64], today: NaiveDate) -> Result<Vec<Holding>, DbError> {
    let holding = |(account, role, unit): (i64, Role, Option<UnitId>)| {
        let (account, unit) = (AccountId(account), unit?);
        Some(Holding { account, role, unit })
    };
    Ok(store::held(conn, of, today)?.into_iter().filter_map(holding).collect())
}
