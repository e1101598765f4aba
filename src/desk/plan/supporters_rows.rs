//! Supporters of a scope with what each carries today: four queries for all of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::model::AccountState;
use crate::access::store::called;
use crate::access::store::holder;
use crate::access::{AccountId, Role};
use crate::db::schema::{account, iom, iom_item, person, role_grant, supporter, unit};
use crate::db::{AnyConn, DbError};
use crate::iom::accompany::assigned_on;
use crate::iom::accompany::role_of;
use crate::iom::{IomId, IomState, ItemState, SupporterKind, Within};
use crate::units::model::holds_on;
use crate::units::{self, Tree, UnitId};

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
    /// Open plans.
    pub open: i64,
    /// Of those, with a step whose day is over.
    pub late: i64,
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
    let mut found = named(conn, within, &tree, today)?;
    if let Some(region) = within.region {
        count(conn, region, &mut found, today)?;
    }
    Ok(found)
}

/// The same without their loads, where they are only chosen from: one query over the roles of the region.
///
/// # Errors
/// Those of the database.
pub fn named(conn: &mut AnyConn, within: &Within, tree: &Tree, today: NaiveDate) -> Result<Vec<Supporter>, DbError> {
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
    let mut reached: HashMap<UnitId, bool> = HashMap::new();
    let mut found = Vec::new();
    for (account, (login, name), role, over, (from, to)) in rows {
        let Some(unit) = over.and_then(|id| tree.unit(id)).filter(|u| u.region_id == region) else {
            continue;
        };
        let touches = *reached.entry(unit.id).or_insert_with(|| {
            let inside = |own: &HashSet<UnitId>| tree.organisations(unit.id).iter().any(|o| own.contains(o));
            own.as_ref().is_none_or(inside)
        });
        if touches && holds_on(from, to, today) {
            found.push(Supporter {
                account,
                name,
                login,
                role,
                over: unit.name.clone(),
                open: 0,
                late: 0,
            });
        }
    }
    Ok(found)
}

fn count(conn: &mut AnyConn, region: UnitId, of: &mut [Supporter], today: NaiveDate) -> Result<(), DbError> {
    let accounts: Vec<AccountId> = of.iter().map(|s| s.account).collect();
    let mut plans: BTreeMap<AccountId, HashSet<IomId>> = BTreeMap::new();
    for block in accounts.chunks(1000) {
        let rows: Vec<(AccountId, IomId)> = supporter::table
            .inner_join(
                iom::table.on(iom::id
                    .eq(supporter::iom_id)
                    .and(iom::region_id.eq(supporter::region_id))),
            )
            .filter(supporter::region_id.eq(region))
            .filter(supporter::account_id.eq_any(block))
            .filter(assigned_on(today))
            .filter(iom::state.ne(IomState::Closed))
            .select((supporter::account_id, supporter::iom_id))
            .load(conn)?;
        for (account, plan) in rows {
            plans.entry(account).or_default().insert(plan);
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
        if let Some(plans) = plans.get(&supporter.account) {
            supporter.open = i64::try_from(plans.len()).unwrap_or(i64::MAX);
            supporter.late = i64::try_from(plans.intersection(&late).count()).unwrap_or(i64::MAX);
        }
    }
    Ok(())
}
