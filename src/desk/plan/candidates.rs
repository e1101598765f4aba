//! Whom the card of a plan offers to name as its supporter: those whom the act itself would take, and who of them is full.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::{self, AccountId, Actor, Role};
use crate::db::schema::{account, role_grant, unit};
use crate::db::{AnyConn, DbError};
use crate::iom::accompany::{is_superior, role_of};
use crate::iom::capacity::{self, Limits};
use crate::iom::{Plan, SupporterKind};
use crate::pages::parts::Choice;
use crate::planted;
use crate::units::UnitId;

/// Those whom somebody may name.
#[derive(Debug, Default)]
pub struct Candidates {
    /// As a select offers them: by role and name, the full ones last.
    pub choices: Vec<Choice>,
    /// Names by login of all who hold a role of a supporter there, offered or not.
    pub names: HashMap<String, String>,
}

/// Whom `by` may name for a plan of somebody who works in these organisations. Whoever is named already, the person and a
/// superior are left out: nobody is offered in vain.
///
/// # Errors
/// Those of the database.
pub fn of(
    conn: &mut AnyConn,
    by: &Actor,
    plan: &Plan,
    organisations: &[UnitId],
    today: NaiveDate,
) -> Result<Candidates, DbError> {
    let found = holders(conn, plan.row.region_id, organisations, today)?;
    let logins: Vec<String> = found.iter().map(|(_, actor)| actor.login.clone()).collect();
    let names = access::store::names_of_logins(conn, &logins)?;
    let fits = |(kind, actor): &&(SupporterKind, Actor)| {
        let mut supporters = plan.supporters.iter();
        let named = supporters.any(|s| s.kind == *kind && s.account_id == actor.account && s.holds_on(today));
        let in_vain = named || actor.person == Some(plan.row.person_id) || is_superior(actor, organisations);
        actor.account != by.account && (!in_vain || planted!("named_in_vain"))
    };
    let fitting: Vec<&(SupporterKind, Actor)> = found.iter().filter(fits).collect();
    let ids: Vec<AccountId> = fitting.iter().map(|(_, actor)| actor.account).collect();
    let limits = Limits::of(conn, plan.row.region_id, &ids)?;
    let most = |kind: SupporterKind, account: AccountId| limits.get(account, role_of(kind)).most;
    // Who has no norm is never full.
    let limited: Vec<AccountId> = fitting
        .iter()
        .filter(|(kind, actor)| most(*kind, actor.account).is_some())
        .map(|(_, actor)| actor.account)
        .collect();
    let carried = capacity::carried(conn, &limited, today)?;
    let is_full = |kind: SupporterKind, account: AccountId| {
        let mut plans = carried.get(&account).cloned().unwrap_or_default();
        plans.insert(plan.row.id, plan.row.state);
        most(kind, account).is_some_and(|most| capacity::weigh(&plans) > most)
    };
    let mut offered: Vec<(bool, SupporterKind, String, String)> = fitting
        .into_iter()
        .map(|(kind, actor)| {
            let name = names.get(&actor.login).unwrap_or(&actor.login).clone();
            (is_full(*kind, actor.account), *kind, name, actor.login.clone())
        })
        .collect();
    offered.sort();
    let choice = |(full, kind, name, login): (bool, SupporterKind, String, String)| Choice {
        label: format!("{name} ({}{})", kind.label(), if full { ", места нет" } else { "" }),
        value: login,
        chosen: false,
    };
    Ok(Candidates {
        choices: offered.into_iter().map(choice).collect(),
        names,
    })
}

/// Whoever holds a role of a supporter over the organisations, each in the kind in which the act would name that one.
fn holders(
    conn: &mut AnyConn,
    region: UnitId,
    organisations: &[UnitId],
    today: NaiveDate,
) -> Result<Vec<(SupporterKind, Actor)>, DbError> {
    let roles: Vec<Role> = SupporterKind::ALL.iter().map(|kind| role_of(*kind)).collect();
    let own = unit::table
        .filter(unit::region_id.eq(region))
        .select(unit::id.nullable());
    let logins: Vec<String> = role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .filter(role_grant::role.eq_any(&roles))
        .filter(role_grant::superseded_at.is_null())
        .filter(role_grant::unit_id.eq_any(own))
        .select(account::login)
        .distinct()
        .order(account::login)
        .load(conn)?;
    let actors = access::store::actors(conn, &logins, today)?;
    let kind = |actor: &Actor| {
        let mut kinds = SupporterKind::ALL.iter().copied();
        kinds.find(|kind| actor.holds(&[role_of(*kind)], organisations))
    };
    Ok(actors
        .into_values()
        .filter_map(|actor| Some((kind(&actor)?, actor)))
        .collect())
}
