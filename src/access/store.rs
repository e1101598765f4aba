//! The queries of accounts and roles.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::model::{Account, AccountId, AccountState, Actor, Grant, OVER_ASSIGNED, Role};

use crate::db::schema::{account, person, role_grant, unit};
use crate::db::{AnyConn, DbError};
use crate::people::PersonId;
use crate::units::model::holds_on;
use crate::units::{self, Tree, UnitId};
use crate::{among, each_db};

type GrantRow = (i64, Role, Option<UnitId>, Option<NaiveDate>, Option<NaiveDate>);

/// The actors of logins, with the roles in force on `day`; a login that is unknown or suspended is left out.
///
/// # Errors
/// Those of the database.
pub fn actors(conn: &mut AnyConn, logins: &[String], day: NaiveDate) -> Result<HashMap<String, Actor>, DbError> {
    actors_over(conn, logins, day, |_| true)
}

/// The same for acts on plans that are known already. The tree is read only if somebody holds a role that reaches plans
/// by the organisations below its unit: a mark of a tutor rests on the assignment alone and stays cheap.
///
/// # Errors
/// Those of the database.
pub fn acting(conn: &mut AnyConn, logins: &[String], day: NaiveDate) -> Result<HashMap<String, Actor>, DbError> {
    actors_over(conn, logins, day, |role| !BY_PLAN_ALONE.contains(&role))
}

/// Roles that act on a plan because it is their own or assigned to them, whatever unit they were granted over.
const BY_PLAN_ALONE: &[Role] = &[Role::Tutor, Role::Supervisor, Role::Expert, Role::Mentor, Role::Teacher];

fn actors_over(
    conn: &mut AnyConn,
    logins: &[String],
    day: NaiveDate,
    by_units: impl Fn(Role) -> bool,
) -> Result<HashMap<String, Actor>, DbError> {
    let accounts: Vec<Account> = among!(conn, c, account::table, account::login, logins, rows => rows
        .filter(account::state.eq(AccountState::Active))
        .select(Account::as_select())
        .load(c))?;
    let ids: Vec<i64> = accounts.iter().map(|a| a.id.0).collect();
    let held = held(conn, &ids, day)?;
    let tree = if held.iter().any(|(_, role, unit)| unit.is_some() && by_units(*role)) {
        units::store::tree_with_closed(conn, day)?
    } else {
        Arc::default()
    };
    let mut grants: HashMap<i64, Vec<Grant>> = HashMap::new();
    for (of, role, unit) in held {
        grants.entry(of).or_default().push(grant(&tree, role, unit));
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
                    substitute: None,
                },
            )
        })
        .collect())
}

/// The roles of accounts in force on `day`, with the units that they stand over: account, role, unit.
///
/// # Errors
/// Those of the database.
pub(super) fn held(
    conn: &mut AnyConn,
    of: &[i64],
    day: NaiveDate,
) -> Result<Vec<(i64, Role, Option<UnitId>)>, DbError> {
    let rows: Vec<GrantRow> = among!(conn, c, role_grant::table, role_grant::account_id, of, rows => rows
        .filter(role_grant::superseded_at.is_null())
        .select((
            role_grant::account_id,
            role_grant::role,
            role_grant::unit_id,
            role_grant::valid_from,
            role_grant::valid_to,
        ))
        .load(c))?;
    let holds = rows.into_iter().filter(|(.., from, to)| holds_on(*from, *to, day));
    Ok(holds.map(|(of, role, unit, ..)| (of, role, unit)).collect())
}

/// The roles of one account in force on `day`. The tree is read only for a role that sees by units: the scope of a
/// teacher or a supporter is made of persons, and their pages stay cheap.
///
/// # Errors
/// Those of the database.
pub fn grants(conn: &mut AnyConn, of: AccountId, day: NaiveDate) -> Result<Vec<Grant>, DbError> {
    let rows: Vec<GrantRow> = each_db!(conn, c => role_grant::table
        .filter(role_grant::account_id.eq(of.0))
        .filter(role_grant::superseded_at.is_null())
        .select((
            role_grant::account_id,
            role_grant::role,
            role_grant::unit_id,
            role_grant::valid_from,
            role_grant::valid_to,
        ))
        .load(c))?;
    let held: Vec<_> = rows
        .into_iter()
        .filter(|(_, _, _, from, to)| holds_on(*from, *to, day))
        .collect();
    let by_units = held
        .iter()
        .any(|(_, role, unit, ..)| unit.is_some() && !OVER_ASSIGNED.contains(role));
    let tree = if by_units {
        units::store::tree_with_closed(conn, day)?
    } else {
        Arc::default()
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
        .get_result(conn)
        .optional()?)
}

/// The person who holds an account: the condition of a join of `person` to `account`.
#[diesel::dsl::auto_type]
pub(crate) fn holder() -> _ {
    person::region_id
        .nullable()
        .eq(account::region_id)
        .and(person::id.nullable().eq(account::person_id))
}

diesel::define_sql_function! {
    /// The first of three that is there.
    #[sql_name = "coalesce"]
    fn first_there(a: Nullable<Text>, b: Nullable<Text>, c: Text) -> Text;
}

diesel::define_sql_function! {
    /// The first of three that is there, where none of them may be.
    #[sql_name = "coalesce"]
    fn first_if_any(a: Nullable<Text>, b: Nullable<Text>, c: Nullable<Text>) -> Nullable<Text>;
}

/// How the holder of an account is called: by the name of the person, else by the name given to the account, else by
/// the login. For selects over `account` joined to `person`; written of parts that are known to the library, since what is
/// written as SQL is planned anew each time.
#[diesel::dsl::auto_type]
pub(crate) fn called() -> _ {
    let person: full_name = full_name();
    first_there(person, account::name, account::login)
}

/// The same where there may be no account.
#[diesel::dsl::auto_type]
pub(crate) fn called_if_any() -> _ {
    let person: full_name = full_name();
    first_if_any(person, account::name.nullable(), account::login.nullable())
}

#[diesel::dsl::auto_type]
fn full_name() -> _ {
    let space: &'static str = " ";
    person::first_name.concat(space).concat(person::last_name).nullable()
}

/// Names of the holders of accounts.
///
/// # Errors
/// Those of the database.
pub fn names(conn: &mut AnyConn, of: &[i64]) -> Result<HashMap<i64, String>, DbError> {
    let mut found = HashMap::new();
    for block in of.chunks(1000) {
        let rows: Vec<(i64, String)> = account::table
            .left_join(person::table.on(holder()))
            .filter(account::id.eq_any(block))
            .select((account::id, called()))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// How whoever did something is called, with whom it was done for where it was done in another one's stead.
#[must_use]
pub fn in_stead(by: String, whose: Option<&str>) -> String {
    match whose {
        Some(name) => format!("{by}, замещение: {name}"),
        None => by,
    }
}

/// The same by accounts.
///
/// # Errors
/// Those of the database.
pub fn doer(conn: &mut AnyConn, by: i64, whose: Option<i64>) -> Result<String, DbError> {
    let mut found = names(conn, &[Some(by), whose].into_iter().flatten().collect::<Vec<_>>())?;
    let whose = whose.and_then(|id| found.remove(&id));
    Ok(in_stead(found.remove(&by).unwrap_or_default(), whose.as_deref()))
}

/// Names of whoever has these logins, however they are written, by login.
///
/// # Errors
/// Those of the database.
pub fn names_of_logins(conn: &mut AnyConn, of: &[String]) -> Result<HashMap<String, String>, DbError> {
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let logins: Vec<String> = of.iter().map(|login| login.to_lowercase()).collect();
    let query = || account::table.left_join(person::table.on(holder()));
    let rows: Vec<(String, String)> = among!(conn, c, query(), account::login, logins.as_slice(), rows => rows
        .select((account::login, called()))
        .load(c))?;
    Ok(rows.into_iter().collect())
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

/// The account of an id.
///
/// # Errors
/// Those of the database.
pub fn by_id(conn: &mut AnyConn, id: AccountId) -> Result<Option<Account>, DbError> {
    Ok(account::table
        .filter(account::id.eq(id.0))
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

/// Active accounts that hold one of these roles over units on a day, with the units.
///
/// # Errors
/// Those of the database.
pub fn over(
    conn: &mut AnyConn,
    roles: &[Role],
    units: &[UnitId],
    day: NaiveDate,
) -> Result<Vec<(UnitId, AccountId)>, DbError> {
    type Row = (Option<UnitId>, AccountId, Option<NaiveDate>, Option<NaiveDate>);
    let mut found = Vec::new();
    for block in units.chunks(1000) {
        let rows: Vec<Row> = role_grant::table
            .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
            .filter(role_grant::role.eq_any(roles))
            .filter(role_grant::unit_id.eq_any(block))
            .filter(role_grant::superseded_at.is_null())
            .filter(account::state.eq(AccountState::Active))
            .order((role_grant::unit_id, account::id))
            .select((
                role_grant::unit_id,
                account::id,
                role_grant::valid_from,
                role_grant::valid_to,
            ))
            .load(conn)?;
        let holds = rows.into_iter().filter(|(.., from, to)| holds_on(*from, *to, day));
        found.extend(holds.filter_map(|(unit, account, ..)| Some((unit?, account))));
    }
    Ok(found)
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
        let rows: Vec<(Option<PersonId>, AccountId)> = among!(
            conn, c, account::table, account::person_id, block, rows => rows
                .filter(account::state.eq(AccountState::Active))
                .order(account::id.desc())
                .select((account::person_id, account::id))
                .load(c)
        )?;
        found.extend(
            rows.into_iter()
                .filter_map(|(person, account)| Some((person?, account))),
        );
    }
    Ok(found)
}
