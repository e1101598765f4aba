//! Signing in with login and password, or with the code of a sheet in its place: bounded hashing, the same answer for an
//! account that does not exist and a secret that does not fit.

use chrono::NaiveDateTime;

use super::half::Half;
use super::hashing::{hash_password, verify_password};
use super::model::{Account, AccountId, AccountState, Role};
use super::policy::asks_second;
use super::secret::{Tried, Verdict, verify_secret};
use super::{code, session, store, totp};
use crate::app::App;
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::planted;
use crate::web::token::{self, Pointer};
use crate::web::{Call, Client, Site};

/// Verified when there is no such account, so that the answer takes as long: a hash of a forgotten password with the
/// parameters of ours.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keS0xMg$72XmCsQ0Eo4p0xwr5rK7Fnbquhtv1LCsS+0/qJNDrLs";

/// How a try ended.
#[derive(Debug)]
pub enum Outcome {
    /// Signed in: the value of the cookie.
    In(String),
    /// The code of a sheet: a password is to be chosen first.
    First,
    /// The password was right, the second factor is asked for. Nothing is open yet.
    Second(Half),
    /// The password was right, a second factor must be set up first. Nothing is open yet.
    SetUp(Half, Box<Account>),
    /// Login or password do not fit.
    Wrong,
    /// Too many failures: seconds to wait. The password was not looked at.
    Wait(i64),
}

/// What a secret is.
#[derive(Debug)]
pub enum Checked {
    /// The password of the account.
    Password(Account),
    /// The code of the sheet that waits on the account, with its digest.
    Code(Account, String),
    /// Neither.
    Wrong,
    /// Too many failures: seconds to wait. The secret was not looked at.
    Wait(i64),
}

/// Compares a password or the code of a sheet: every try costs the hashing of one password, whether there is such an
/// account or not.
///
/// # Errors
/// The server is busy; those of the database.
pub async fn check(site: &Site, login: &str, secret: &str) -> Result<Checked, Error> {
    let login = login.trim().to_lowercase();
    let looking = async || look(site, &login, secret).await;
    Ok(match verify_secret(site, Tried::Password, &login, looking).await? {
        Verdict::Fits(found) => found,
        Verdict::Wrong => Checked::Wrong,
        Verdict::Wait(seconds) => Checked::Wait(seconds),
    })
}

async fn look(site: &Site, login: &str, secret: &str) -> Result<Option<Checked>, Error> {
    let app = &site.app;
    let asked = login.to_owned();
    let read = move |c: &mut AnyConn| -> Result<_, Error> {
        let account = store::by_login(c, &asked)?;
        // Asked for an account that does not exist too: both ways take the same queries.
        let id = account.as_ref().map_or(AccountId(0), |a| a.id);
        Ok((account, code::of_account(c, id)?))
    };
    let (account, waiting) = app.db.read(read).await?;
    let account = account.filter(|a| a.state == AccountState::Active);
    let own = account.as_ref().filter(|a| !a.password_hash.is_empty());
    let hash = own.map_or_else(|| NOBODY.to_owned(), |a| a.password_hash.clone());
    let fits = verify(site, secret.to_owned(), hash).await? && own.is_some();
    let id = account.as_ref().map_or(AccountId(0), |a| a.id);
    let (typed, now) = (code::digest(&app.keys.session, id, secret), app.clock.now());
    let waiting = waiting.filter(|w| now < w.ends_at && typed.as_ref() == Some(&w.digest));
    Ok(match (account, waiting) {
        (Some(account), None) if fits => Some(Checked::Password(account)),
        (Some(account), Some(code)) => Some(Checked::Code(account, code.digest)),
        _ => None,
    })
}

/// Tries a login with a password.
///
/// # Errors
/// The server is busy; those of the database.
pub async fn sign_in(call: &Call, login: &str, password: &str) -> Result<Outcome, Error> {
    let site = &call.site;
    let account = match check(site, login, password).await? {
        Checked::Password(account) => account,
        Checked::Code(..) => return Ok(Outcome::First),
        Checked::Wrong => return Ok(Outcome::Wrong),
        Checked::Wait(seconds) => return Ok(Outcome::Wait(seconds)),
    };
    let (of, today, now) = (account.id, site.app.clock.today(), site.app.clock.now());
    let read = move |c: &mut AnyConn| -> Result<_, DbError> {
        let roles: Vec<Role> = store::grants(c, of, today)?.into_iter().map(|g| g.role).collect();
        Ok((totp::of_account(c, of)?, roles))
    };
    let (own, roles) = site.app.db.read(move |c| read(c).map_err(Error::from)).await?;
    if own.is_some() {
        return Ok(Outcome::Second(Half::of(&account, now, String::new())));
    }
    if is_obliged(site, &roles) {
        let half = Half::of(&account, now, token::random_name()?);
        return Ok(Outcome::SetUp(half, Box::new(account)));
    }
    let from = call.client.clone();
    begin(site, move |_| Ok(Some((account, from, None))))
        .await
        .map(|cookie| cookie.map_or(Outcome::Wrong, Outcome::In))
}

/// Whether accounts with these roles sign in with a second factor only: all but teachers and mentors, where it is asked
/// for at all.
#[must_use]
pub fn is_obliged(site: &Site, roles: &[Role]) -> bool {
    obliges(site) && roles.iter().any(|role| asks_second(*role))
}

/// Whether a second factor is asked for here: the setting says so; in a demo region of nobody.
#[must_use]
pub fn obliges(site: &Site) -> bool {
    site.app.config.second_factor && !site.demo && !planted!("nobody_obliged")
}

/// Begins a session for whoever `may` lets in, who showed the second factor at the moment it names, in one write with it;
/// the value of the cookie.
///
/// # Errors
/// Those of the database.
pub(super) async fn begin<F>(site: &Site, may: F) -> Result<Option<String>, Error>
where
    F: FnOnce(&mut Tx<'_>) -> Result<Option<(Account, Client, Option<NaiveDateTime>)>, Error> + Send + 'static,
{
    let app = &site.app;
    let (sid, key) = (token::random_name()?, app.keys.audit.clone());
    let name = sid.clone();
    let begun = app
        .db
        .write(move |tx| -> Result<_, Error> {
            let Some((account, from, second_at)) = may(tx)? else {
                return Ok(None);
            };
            let row = session::begin(tx, &key, &account, &name, &from, second_at)?;
            Ok(Some(row))
        })
        .await?;
    let Some(row) = begun else {
        return Ok(None);
    };
    cookie(app, sid, &row).map(Some)
}

/// The value of the cookie that points to a session row.
///
/// # Errors
/// The pointer is not signed.
pub(super) fn cookie(app: &App, sid: String, row: &session::Session) -> Result<String, Error> {
    let seconds = |at: chrono::NaiveDateTime| at.and_utc().timestamp();
    let (from, until) = (seconds(row.created_at), seconds(row.ends_at));
    Pointer::new(sid, row.account_id.0, row.auth_version, from, until).sign(&app.keys.session)
}

/// Hashes a new password, in turn with all that is hashed.
///
/// # Errors
/// The server is busy.
pub(super) async fn hash(site: &Site, password: String) -> Result<String, Error> {
    site.hashing.run(move || hash_password(&password)).await?
}

async fn verify(site: &Site, password: String, hash: String) -> Result<bool, Error> {
    site.hashing.run(move || verify_password(&password, &hash)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::phc::PasswordHash;

    #[test]
    fn nobody_has_a_hash_of_the_same_cost() {
        let ours = super::super::hashing::hash_password("x").unwrap();
        let (ours, nobody) = (PasswordHash::new(&ours).unwrap(), PasswordHash::new(NOBODY).unwrap());
        assert_eq!(ours.params, nobody.params);
        assert_eq!(ours.hash.map(|h| h.len()), nobody.hash.map(|h| h.len()));
        assert!(!verify_password("x", NOBODY));
    }
}
