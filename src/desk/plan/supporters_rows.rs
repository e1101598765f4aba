//! Supporters of a scope with what each carries today: a few queries for all of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::model::AccountState;
use crate::access::store::called;
use crate::access::store::holder;
use crate::access::{AccountId, Role};
use crate::db::in_force::assigned_on;
use crate::db::schema::{account, iom, iom_item, person, role_grant, supporter, unit};
use crate::db::{AnyConn, DbError};
use crate::desk::bounds::{Bounds, working};
use crate::iom::accompany::role_of;
use crate::iom::capacity::{self, Carried, Limit, Limits};
use crate::iom::{IomId, IomState, ItemState, SupporterKind, Within};
use crate::planted;
use crate::units::model::holds_on;
use crate::units::{self, Tree, UnitId};

/// From this share of the limit on it is told, in per cent.
const NEAR: u64 = 90;

/// How full a supporter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fullness {
    /// Accompanies plans without a role that stands.
    Gone,
    /// More than there may be.
    Over,
    /// Little is left.
    Near,
    /// Something, and room.
    Carries,
    /// Nothing.
    Free,
}

impl Fullness {
    /// Every value that a list is narrowed to, with the words of the choice.
    pub const CHOICES: [(Self, &'static str, &'static str); 4] = [
        (Self::Over, "over", "выше нормы"),
        (Self::Near, "near", "почти норма"),
        (Self::Free, "free", "свободны"),
        (Self::Gone, "gone", "без роли"),
    ];

    /// The value of a code; `None` for an unknown one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::CHOICES.iter().find(|(_, c, _)| *c == code).map(|(of, ..)| *of)
    }
}

/// An account with a role of a supporter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supporter {
    /// The account.
    pub account: AccountId,
    /// Login.
    pub login: String,
    /// Name, or the login of one who is not on a staff list.
    pub name: String,
    /// The role.
    pub role: Role,
    /// Name of the unit of the role.
    pub over: String,
    /// Open plans of the region today.
    pub open: i64,
    /// What all open plans weigh, in thousandths: those of other regions too and what begins later, as whoever assigns
    /// counts them.
    pub weight: u64,
    /// How much there may be.
    pub limit: Limit,
    /// Whether plans are still accompanied without a role that stands: the account is closed, or the role is over.
    pub gone: bool,
    /// Whether the role is held in places too that whoever looks does not see: what holds there is not theirs to set.
    pub beyond: bool,
    /// Of those, with a step whose day is over.
    pub late: i64,
}

impl Supporter {
    /// How full.
    #[must_use]
    pub fn fullness(&self) -> Fullness {
        match self.limit.most {
            _ if self.gone => Fullness::Gone,
            Some(most) if self.weight > most => Fullness::Over,
            Some(most) if self.weight * 100 >= most * NEAR => Fullness::Near,
            _ if self.weight == 0 => Fullness::Free,
            _ => Fullness::Carries,
        }
    }
}

type GrantRow = (
    AccountId,
    (String, String),
    Role,
    Option<UnitId>,
    (Option<NaiveDate>, Option<NaiveDate>),
);

/// Supporters whose role touches the scope, by role and login; loads are of all their plans.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut AnyConn, within: &Within, today: NaiveDate) -> Result<Vec<Supporter>, DbError> {
    let tree = units::store::tree(conn, today, None)?;
    let mut found = known(conn, within, &tree, today)?;
    if let Some(region) = within.region {
        count(conn, region, &mut found, today)?;
    }
    Ok(found)
}

/// All of them without their loads: whoever holds a role, and whoever accompanies without one.
///
/// # Errors
/// Those of the database.
pub fn known(conn: &mut AnyConn, within: &Within, tree: &Tree, today: NaiveDate) -> Result<Vec<Supporter>, DbError> {
    let mut found = named(conn, within, tree, today)?;
    if let Some(region) = within.region {
        let gone = gone(conn, region, within, &found, today)?;
        found.extend(gone);
    }
    Ok(found)
}

/// Those who hold a role, where they are only chosen from: one query over the roles of the region.
///
/// # Errors
/// Those of the database.
fn named(conn: &mut AnyConn, within: &Within, tree: &Tree, today: NaiveDate) -> Result<Vec<Supporter>, DbError> {
    let Some(region) = within.region else {
        return Ok(Vec::new());
    };
    let own = within.organisations();
    let roles: Vec<Role> = SupporterKind::ALL.iter().map(|kind| role_of(*kind)).collect();
    let rows: Vec<GrantRow> = role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .inner_join(unit::table.on(unit::id.nullable().eq(role_grant::unit_id)))
        .left_join(person::table.on(holder()))
        .filter(unit::region_id.eq(region))
        .filter(role_grant::role.eq_any(roles))
        .filter(role_grant::superseded_at.is_null())
        .filter(account::state.eq(AccountState::Active))
        .order((role_grant::role, account::login))
        .select((
            account::id,
            (account::login, called()),
            role_grant::role,
            role_grant::unit_id,
            (role_grant::valid_from, role_grant::valid_to),
        ))
        .load(conn)?;
    let mut reached: HashMap<UnitId, (bool, bool)> = HashMap::new();
    let mut beyond: HashSet<(AccountId, Role)> = HashSet::new();
    let mut found = Vec::new();
    for (account, (login, name), role, over, (from, to)) in rows {
        let Some(unit) = over.and_then(|id| tree.unit(id)).filter(|u| u.region_id == region) else {
            continue;
        };
        let (touches, inside) = *reached.entry(unit.id).or_insert_with(|| {
            let below = tree.organisations(unit.id);
            own.as_ref().map_or((true, true), |own| {
                (
                    below.iter().any(|o| own.contains(o)),
                    below.iter().all(|o| own.contains(o)),
                )
            })
        });
        let holds = holds_on(from, to, today);
        if holds && !inside && !planted!("rate_from_a_part") {
            beyond.insert((account, role));
        }
        if touches && holds {
            found.push(Supporter {
                account,
                name,
                login,
                role,
                over: unit.name.clone(),
                open: 0,
                weight: 0,
                limit: Limits::default().get(account, role),
                gone: false,
                beyond: false,
                late: 0,
            });
        }
    }
    for of in &mut found {
        of.beyond = beyond.contains(&(of.account, of.role));
    }
    Ok(found)
}

/// Accounts that accompany open plans of the scope and are none of those found.
fn gone(
    conn: &mut AnyConn,
    region: UnitId,
    within: &Within,
    found: &[Supporter],
    today: NaiveDate,
) -> Result<Vec<Supporter>, DbError> {
    let bounds = Bounds::of(conn, region, &within.scope, today)?;
    let mut query = supporter::table
        .inner_join(
            iom::table.on(iom::id
                .eq(supporter::iom_id)
                .and(iom::region_id.eq(supporter::region_id))),
        )
        .filter(supporter::region_id.eq(region))
        .filter(assigned_on(today))
        .filter(iom::state.ne(IomState::Closed))
        .select((supporter::account_id, supporter::kind))
        .distinct()
        .into_boxed();
    if let Some(organisations) = bounds.organisations {
        query = query.filter(iom::person_id.eq_any(working(region, organisations, today)));
    }
    let rows: Vec<(AccountId, SupporterKind)> = query.load(conn)?;
    let known: HashSet<AccountId> = found.iter().map(|s| s.account).collect();
    let kinds: BTreeMap<AccountId, SupporterKind> = rows
        .into_iter()
        .filter(|(account, _)| !known.contains(account))
        .collect();
    let ids: Vec<AccountId> = kinds.keys().copied().collect();
    let mut gone = Vec::with_capacity(ids.len());
    for block in ids.chunks(1000) {
        let rows: Vec<(AccountId, String, String)> = account::table
            .left_join(person::table.on(holder()))
            .filter(account::id.eq_any(block))
            .order(account::login)
            .select((account::id, account::login, called()))
            .load(conn)?;
        gone.extend(rows.into_iter().filter_map(|(account, login, name)| {
            let role = role_of(*kinds.get(&account)?);
            Some(Supporter {
                account,
                login,
                name,
                role,
                over: String::new(),
                open: 0,
                weight: 0,
                limit: Limits::default().get(account, role),
                gone: true,
                beyond: false,
                late: 0,
            })
        }));
    }
    Ok(gone)
}

fn count(conn: &mut AnyConn, region: UnitId, of: &mut [Supporter], today: NaiveDate) -> Result<(), DbError> {
    let accounts: Vec<AccountId> = of.iter().map(|s| s.account).collect();
    let limits = Limits::of(conn, region, &accounts)?;
    let (mut plans, mut open): (HashMap<AccountId, Carried>, HashMap<AccountId, HashSet<IomId>>) = Default::default();
    for row in capacity::carrying(conn, &accounts, today)? {
        plans.entry(row.account).or_default().insert(row.plan, row.state);
        if row.region == region && row.from <= today {
            open.entry(row.account).or_default().insert(row.plan);
        }
    }
    let late: HashSet<IomId> = iom_item::table
        .inner_join(iom::table.on(iom::id.eq(iom_item::iom_id).and(iom::region_id.eq(iom_item::region_id))))
        .filter(iom_item::region_id.eq(region))
        .filter(iom_item::due_on.lt(today))
        .filter(iom_item::state.eq_any([ItemState::Planned, ItemState::InProgress, ItemState::Returned]))
        .filter(iom::state.eq(IomState::Active))
        .select(iom_item::iom_id)
        .distinct()
        .load(conn)?
        .into_iter()
        .collect();
    for supporter in of {
        supporter.limit = limits.get(supporter.account, supporter.role);
        supporter.weight = plans.get(&supporter.account).map_or(0, capacity::weigh);
        if let Some(open) = open.get(&supporter.account) {
            supporter.open = i64::try_from(open.len()).unwrap_or(i64::MAX);
            supporter.late = i64::try_from(open.intersection(&late).count()).unwrap_or(i64::MAX);
        }
    }
    Ok(())
}
