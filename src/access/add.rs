//! Making accounts and granting roles: the first administrator by the command line, and everyone else until the pages.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Account, AccountId, AccountState, Role};
use super::{first, former, granting, link, store};
use crate::audit;
use crate::db::schema::{account, role_grant, unit};
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::insert_many;
use crate::people::PersonId;
use crate::units::{UnitId, UnitKind};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Add {
    /// Login: letters, digits, `.`, `-`, `_`, `@`; kept in lower case.
    pub login: String,
    /// The role to grant.
    pub role: Role,
    /// Over which unit, with its region.
    pub unit: Option<(UnitId, UnitId)>,
    /// Whose account it is.
    pub person: Option<PersonId>,
    /// How to call someone who is on no staff list: first name and surname.
    pub name: Option<String>,
    /// Where letters to the account go.
    pub email: Option<String>,
    /// The hash of the password; `None` leaves the account without one.
    pub password_hash: Option<String>,
    /// First day of the role; `None` is at once.
    pub from: Option<NaiveDate>,
    /// The day after its last one; `None` is without an end.
    pub to: Option<NaiveDate>,
    /// Who gives it; `None` is a command on the server.
    pub by: Option<AccountId>,
}

/// An address of mail as it is kept.
///
/// # Errors
/// It is no plain address.
fn address(text: &str) -> Result<String, Error> {
    let found = crate::mail::address::parse(text);
    let found = found.ok_or_else(|| Refusal::new("access.email").with("email", text.trim()))?;
    Ok(found.to_string())
}

/// Sets or takes away the address that letters to an account go to; it is not confirmed by its holder.
///
/// # Errors
/// No such login, no plain address.
pub fn set_email(
    tx: &mut Tx<'_>,
    key: &[u8],
    login: &str,
    email: Option<&str>,
    by: Option<AccountId>,
) -> Result<(), Error> {
    let email = email.map(address).transpose()?;
    let found = store::by_login(tx.conn(), &login.trim().to_lowercase())?;
    let found = found.ok_or_else(|| Error::NotFound("учётная запись".into()))?;
    let mut entry = audit::Entry::of_server("access.email", "account", Some(found.id.0));
    entry.account = by.map(|by| by.0);
    entry.person = found.person_id.map(|person| person.0);
    entry.region = found.region_id.map(|region| region.0);
    entry.detail = if email.is_some() { "set" } else { "removed" }.to_owned();
    diesel::update(account::table.filter(account::id.eq(found.id.0)))
        .set((
            account::email.eq(email),
            account::email_verified_at.eq(None::<chrono::NaiveDateTime>),
            account::version.eq(found.version + 1),
        ))
        .execute(tx.conn())?;
    // Links that were sent to the address before open nothing from here on.
    link::end_all(tx, found.id)?;
    if by.is_none() {
        former::forget(tx, found.id)?;
    }
    audit::record(tx, key, &[entry])?;
    Ok(())
}

/// Makes the account, or adds the role to the one that is there. Returns its id.
///
/// # Errors
/// A login of other characters, a role that stands already, a person named differently than before.
pub fn add(tx: &mut Tx<'_>, key: &[u8], input: &Add) -> Result<AccountId, Error> {
    let login = input.login.trim().to_lowercase();
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    if login.is_empty() || login.chars().count() > 120 || !login.chars().all(fits) {
        return Err(Refusal::new("access.login_characters")
            .with("login", &input.login)
            .into());
    }
    if let Some((over, _)) = input.unit {
        let kind: UnitKind = unit::table
            .find(over)
            .select(unit::kind)
            .first(tx.conn())
            .map_err(DbError::from)?;
        if let Some(refusal) = granting::wrong_kind(input.role, kind) {
            return Err(refusal.into());
        }
    }
    let id = match store::by_login(tx.conn(), &login)? {
        Some(found) => {
            if input
                .person
                .is_some_and(|p| found.person_id.is_some_and(|own| own != p))
            {
                return Err(Refusal::new("access.other_person").with("login", &login).into());
            }
            let unit = input.unit.map(|(unit, _)| unit);
            if store::has_grant(tx.conn(), &found, input.role, unit)? {
                return Err(Refusal::new("access.role_stands")
                    .with("login", &login)
                    .with("role", input.role.label())
                    .into());
            }
            // Another role is another view: whoever is signed in signs in anew.
            first::end_sessions(tx, &[found.id])?;
            found.id
        }
        None => insert_account(tx, &login, input)?,
    };
    insert_grant(tx, id, input)?;
    if let Some(email) = &input.email {
        set_email(tx, key, &login, Some(email), input.by)?;
    }
    let mut entry = audit::Entry::of_server("access.grant", "account", Some(id.0));
    entry.account = input.by.map(|by| by.0);
    entry.region = input.unit.map(|(_, region)| region.0);
    let over = input
        .unit
        .map_or_else(|| "all".to_owned(), |(unit, _)| unit.to_string());
    entry.detail = format!("role={} unit={over}", input.role);
    audit::record(tx, key, &[entry])?;
    Ok(id)
}

/// Makes accounts in bulk, one role each: for the demo region and for whole schools. Logins must be new.
///
/// # Errors
/// Those of the database; a login that is taken ends it.
pub fn add_all(tx: &mut Tx<'_>, key: &[u8], inputs: &[Add]) -> Result<Vec<AccountId>, Error> {
    let ids = insert_all(tx, inputs)?;
    let mut entry = audit::Entry::of_server("access.grant_all", "account", None);
    entry.detail = format!("accounts={}", ids.len());
    audit::record(tx, key, &[entry])?;
    Ok(ids)
}

/// The rows alone; whoever calls it writes them into the journal.
pub(super) fn insert_all(tx: &mut Tx<'_>, inputs: &[Add]) -> Result<Vec<AccountId>, Error> {
    let accounts: Vec<Account> = inputs
        .iter()
        .map(|input| new_account(tx, &input.login, input))
        .collect();
    insert_many!(tx.conn(), account::table, accounts).map_err(DbError::from)?;
    let ids: Vec<AccountId> = accounts.iter().map(|a| a.id).collect();
    let grants: Vec<_> = ids
        .iter()
        .zip(inputs)
        .map(|(id, input)| grant_row(tx, *id, input))
        .collect();
    insert_many!(tx.conn(), role_grant::table, grants).map_err(DbError::from)?;
    Ok(ids)
}

fn new_account(tx: &Tx<'_>, login: &str, input: &Add) -> Account {
    Account {
        id: AccountId(tx.id()),
        region_id: input.unit.map(|(_, region)| region),
        login: login.to_owned(),
        password_hash: input.password_hash.clone().unwrap_or_default(),
        person_id: input.person,
        state: AccountState::Active,
        auth_version: 1,
        created_at: tx.now(),
        version: 1,
        name: input.name.clone(),
        email: input.email.clone(),
        email_verified_at: None,
    }
}

fn insert_account(tx: &mut Tx<'_>, login: &str, input: &Add) -> Result<AccountId, Error> {
    let row = new_account(tx, login, input);
    let id = row.id;
    insert_many!(tx.conn(), account::table, [row]).map_err(DbError::from)?;
    Ok(id)
}

#[derive(Insertable)]
#[diesel(table_name = role_grant, treat_none_as_default_value = false)]
struct GrantRow {
    id: i64,
    account_id: AccountId,
    role: Role,
    unit_id: Option<UnitId>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    recorded_at: chrono::NaiveDateTime,
}

fn grant_row(tx: &Tx<'_>, account_id: AccountId, input: &Add) -> GrantRow {
    let unit_id = input.unit.map(|(unit, _)| unit);
    GrantRow {
        id: tx.id(),
        account_id,
        role: input.role,
        unit_id,
        valid_from: input.from,
        valid_to: input.to,
        recorded_at: tx.now(),
    }
}

fn insert_grant(tx: &mut Tx<'_>, account: AccountId, input: &Add) -> Result<(), Error> {
    let row = grant_row(tx, account, input);
    insert_many!(tx.conn(), role_grant::table, [row]).map_err(DbError::from)?;
    Ok(())
}
