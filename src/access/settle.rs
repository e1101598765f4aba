//! What is done to an account by whoever gives roles, or by the command line. None of it sets a password: that is its holder's alone.

use diesel::prelude::*;

use super::link::{self, LinkKind, notice};
use super::model::{Account, AccountId, AccountState, Role};
use super::{first, store, totp};
use crate::audit;
use crate::config::Keys;
use crate::db::schema::{account, role_grant};
use crate::db::{DbError, Tx};
use crate::error::{Error, Refusal};
use crate::mail;
use crate::planted;
use crate::units::UnitId;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// A link by mail with which a password is chosen.
    Invite,
    /// All sessions end.
    SignOut,
    /// It may not act.
    Suspend,
    /// It may act again.
    Restore,
    /// A role over a unit ends.
    Revoke(Role, Option<UnitId>),
    /// The second factor is taken away.
    SecondFactorOff,
}

/// Does it; what has been done, in words. Sessions end with everything but an invitation.
///
/// # Errors
/// No such login, no address to invite to, no such role; those of the database.
pub fn settle(
    tx: &mut Tx<'_>,
    keys: &Keys,
    login: &str,
    what: Settle,
    by: Option<AccountId>,
) -> Result<&'static str, Error> {
    let found = store::by_login(tx.conn(), &login.trim().to_lowercase())?;
    let of = found.ok_or_else(|| Error::NotFound("учётная запись".into()))?;
    let (action, said) = match what {
        Settle::Invite => {
            let address = of.email.clone().filter(|_| of.state == AccountState::Active);
            let address = address.ok_or_else(|| Refusal::new("access.no_address").with("login", &of.login))?;
            link::issue(tx, keys, &of, LinkKind::Invitation, &address, by.map(|by| by.0))?;
            return Ok("приглашение отправляется");
        }
        Settle::SignOut => ("access.close_sessions", "все входы закрыты"),
        Settle::Suspend => {
            state(tx, &of, AccountState::Suspended)?;
            link::end_all(tx, of.id)?;
            ("access.suspend", "приостановлен, входы закрыты")
        }
        Settle::Restore => {
            state(tx, &of, AccountState::Active)?;
            ("access.restore", "снова действует")
        }
        Settle::Revoke(role, unit) => {
            revoke(tx, &of, role, unit)?;
            // Nobody is invited to nothing.
            if !stands_in_any_role(tx, of.id)? && !planted!("invited_to_nothing") {
                link::end_all(tx, of.id)?;
            }
            ("access.revoke", "роль снята, входы закрыты")
        }
        Settle::SecondFactorOff => {
            totp::remove(tx, of.id)?;
            let id = tx.id();
            mail::queue(tx, &[notice(&of, "access_second_changed", id)])?;
            ("access.second_factor", "второй шаг входа убран, входы закрыты")
        }
    };
    first::end_sessions(tx, &[of.id])?;
    let mut entry = audit::Entry::of_server(action, "account", Some(of.id.0));
    entry.account = by.map(|by| by.0);
    entry.region = of.region_id.map(|r| r.0);
    entry.person = of.person_id.map(|p| p.0);
    if let Settle::Revoke(role, unit) = what {
        let over = unit.map_or_else(|| "all".to_owned(), |unit| unit.to_string());
        entry.detail = format!("role={role} unit={over}");
    }
    audit::record(tx, &keys.audit, &[entry])?;
    Ok(said)
}

fn state(tx: &mut Tx<'_>, of: &Account, state: AccountState) -> Result<(), DbError> {
    diesel::update(account::table.filter(account::id.eq(of.id.0)))
        .set(account::state.eq(state))
        .execute(tx.conn())?;
    Ok(())
}

/// Whether an account has a role that holds today or will.
fn stands_in_any_role(tx: &mut Tx<'_>, of: AccountId) -> Result<bool, DbError> {
    let today = tx.today();
    let standing = role_grant::table
        .filter(role_grant::account_id.eq(of.0))
        .filter(role_grant::superseded_at.is_null())
        .filter(role_grant::valid_to.is_null().or(role_grant::valid_to.gt(today)));
    Ok(diesel::select(diesel::dsl::exists(standing)).get_result(tx.conn())?)
}

fn revoke(tx: &mut Tx<'_>, of: &Account, role: Role, unit: Option<UnitId>) -> Result<(), Error> {
    if !store::has_grant(tx.conn(), of, role, unit)? {
        return Err(Refusal::new("access.no_role")
            .with("login", &of.login)
            .with("role", role.label())
            .into());
    }
    let now = tx.now();
    let held = role_grant::table
        .filter(role_grant::account_id.eq(of.id.0))
        .filter(role_grant::role.eq(role))
        .filter(role_grant::superseded_at.is_null());
    let set = role_grant::superseded_at.eq(Some(now));
    match unit {
        Some(unit) => diesel::update(held.filter(role_grant::unit_id.eq(unit)))
            .set(set)
            .execute(tx.conn()),
        None => diesel::update(held.filter(role_grant::unit_id.is_null()))
            .set(set)
            .execute(tx.conn()),
    }
    .map_err(DbError::from)?;
    Ok(())
}
