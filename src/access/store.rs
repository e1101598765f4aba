//! The queries of accounts and roles.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Account, AccountId, AccountState, Actor, Grant, OVER_ASSIGNED, Role};
use crate::db::schema::{account, role_grant, unit};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::units::model::holds_on;
use crate::units::{self, Tree, UnitId};

type GrantRow = (i64, Role, Option<UnitId>, Option<NaiveDate>, Option<NaiveDate>);

/// The actors of logins, with the roles in force on `day`; a login that is unknown or suspended is left out.
///
/// # Errors
/// Those of the database.
pub fn actors(conn: &mut AnyConn, logins: &[String], day: NaiveDate) -> Result<HashMap<String, Actor>, DbError> {
    let accounts: Vec<Account> = account::table
        .filter(account::login.eq_any(logins))
        .filter(account::state.eq(AccountState::Active))
        .select(Account::as_select())
        .load(conn)?;
    let ids: Vec<i64> = accounts.iter().map(|a| a.id.0).collect();
    let rows: Vec<GrantRow> = role_grant::table
        .filter(role_grant::account_id.eq_any(ids))
        .filter(role_grant::superseded_at.is_null())
        .select((
            role_grant::account_id,
            role_grant::role,
            role_grant::unit_id,
            role_grant::valid_from,
            role_grant::valid_to,
        ))
        .load(conn)?;
    let tree = units::store::tree(conn, day, None)?;
    let mut grants: HashMap<i64, Vec<Grant>> = HashMap::new();
    for (of, role, unit, from, to) in rows {
        if holds_on(from, to, day) {
            grants.entry(of).or_default().push(grant(&tree, role, unit));
        }
    }
    Ok(accounts
        .into_iter()
        .map(|a| {
            let grants = grants.remove(&a.id.0).unwrap_or_default();
            (
                a.login.clone(),
                Actor {
                    account: a.id,
                    login: a.login,
                    person: a.person_id,
                    grants,
                },
            )
        })
        .collect())
}

/// The roles of one account in force on `day`. The tree is read only for a role that sees by units: the scope of a
/// teacher or a supporter is made of persons, and their pages stay cheap.
///
/// # Errors
/// Those of the database.
pub fn grants(conn: &mut AnyConn, of: AccountId, day: NaiveDate) -> Result<Vec<Grant>, DbError> {
    let rows: Vec<GrantRow> = role_grant::table
        .filter(role_grant::account_id.eq(of.0))
        .filter(role_grant::superseded_at.is_null())
        .select((
            role_grant::account_id,
            role_grant::role,
            role_grant::unit_id,
            role_grant::valid_from,
            role_grant::valid_to,
        ))
        .load(conn)?;
    let held: Vec<_> = rows
        .into_iter()
        .filter(|(_, _, _, from, to)| holds_on(*from, *to, day))
        .collect();
    let by_units = held
        .iter()
        .any(|(_, role, unit, ..)| unit.is_some() && !OVER_ASSIGNED.contains(role));
    let tree = if by_units {
        units::store::tree(conn, day, None)?
    } else {
        Tree::default()
    };
    Ok(held
        .into_iter()
        .map(|(_, role, unit, ..)| grant(&tree, role, unit))
        .collect())
}

fn grant(tree: &Tree, role: Role, unit: Option<UnitId>) -> Grant {
    let organisations = unit.map(|unit| tree.organisations(unit).into_iter().collect());
    Grant {
        role,
        unit,
        organisations,
    }
}

/// The region of a unit.
///
/// # Errors
/// Those of the database.
pub fn region_of(conn: &mut AnyConn, of: UnitId) -> Result<Option<UnitId>, DbError> {
    Ok(unit::table
        .filter(unit::id.eq(of))
        .select(unit::region_id)
        .first(conn)
        .optional()?)
}

/// How the holder of an account is called when no person stands behind it: by the name given, else by the login. For
/// selects over `account`.
pub fn called() -> diesel::expression::SqlLiteral<diesel::sql_types::Text> {
    diesel::dsl::sql("coalesce(account.name, account.login)")
}

/// The same where there may be no account.
pub fn called_if_any() -> diesel::expression::SqlLiteral<diesel::sql_types::Nullable<diesel::sql_types::Text>> {
    diesel::dsl::sql("coalesce(account.name, account.login)")
}

/// The account of a login.
///
/// # Errors
/// Those of the database.
pub fn by_login(conn: &mut AnyConn, login: &str) -> Result<Option<Account>, DbError> {
    Ok(account::table
        .filter(account::login.eq(login))
        .select(Account::as_select())
        .first(conn)
        .optional()?)
}

/// Whether an account holds a role over a unit already.
///
/// # Errors
/// Those of the database.
pub fn has_grant(conn: &mut AnyConn, of: &Account, role: Role, unit: Option<UnitId>) -> Result<bool, DbError> {
    let mut query = role_grant::table
        .filter(role_grant::account_id.eq(of.id.0))
        .filter(role_grant::role.eq(role))
        .filter(role_grant::superseded_at.is_null())
        .select(role_grant::id)
        .into_boxed();
    query = match unit {
        Some(unit) => query.filter(role_grant::unit_id.eq(unit)),
        None => query.filter(role_grant::unit_id.is_null()),
    };
    Ok(query.first::<i64>(conn).optional()?.is_some())
}

/// Logins of the active accounts of persons.
///
/// # Errors
/// Those of the database.
pub fn logins_of(conn: &mut AnyConn, persons: &[PersonId]) -> Result<HashMap<PersonId, String>, DbError> {
    let rows: Vec<(Option<PersonId>, String)> = account::table
        .filter(account::person_id.eq_any(persons))
        .filter(account::state.eq(AccountState::Active))
        .select((account::person_id, account::login))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(person, login)| Some((person?, login)))
        .collect())
}

/// Active accounts of persons.
///
/// # Errors
/// Those of the database.
pub fn accounts_of(conn: &mut AnyConn, persons: &[PersonId]) -> Result<HashMap<PersonId, AccountId>, DbError> {
    let mut found = HashMap::new();
    for block in persons.chunks(1000) {
        let rows: Vec<(Option<PersonId>, AccountId)> = account::table
            .filter(account::person_id.eq_any(block))
            .filter(account::state.eq(AccountState::Active))
            .order(account::id.desc())
            .select((account::person_id, account::id))
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .filter_map(|(person, account)| Some((person?, account))),
        );
    }
    Ok(found)
}
