//! Signing in with login and password, or with the code of a sheet in its place: bounded hashing, a growing delay per
//! login, the same answer for an account that does not exist and a secret that does not fit.

use std::time::Duration;

use super::add::{hash_password, verify_password};
use super::model::{Account, AccountId, AccountState};
use super::{code, session, store};
use crate::db::AnyConn;
use crate::error::Error;
use crate::web::Site;
use crate::web::token::{self, Pointer};

/// Verified when there is no such account, so that the answer takes as long: a hash of a forgotten password with the
/// parameters of ours.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keS0xMg$72XmCsQ0Eo4p0xwr5rK7Fnbquhtv1LCsS+0/qJNDrLs";

/// How long one waits for a turn at hashing before the server says that it is busy.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// How a try ended.
#[derive(Debug)]
pub enum Outcome {
    /// Signed in: the value of the cookie.
    In(String),
    /// The code of a sheet: a password is to be chosen first.
    First,
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

/// The one place where a secret is compared: failures of passwords and of codes are counted together, and every try
/// costs the hashing of one password, whether there is such an account or not.
///
/// # Errors
/// The server is busy; those of the database.
pub async fn check(site: &Site, login: &str, secret: &str) -> Result<Checked, Error> {
    let login = login.trim().to_lowercase();
    let app = &site.app;
    let wait = site.attempts.wait(&login, app.clock.now());
    if wait > 0 {
        return Ok(Checked::Wait(wait));
    }
    let asked = login.clone();
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
    let typed = code::digest(
        &app.keys.session,
        account.as_ref().map_or(AccountId(0), |a| a.id),
        secret,
    );
    let now = app.clock.now();
    let waiting = waiting.filter(|w| now < w.ends_at && typed.as_ref() == Some(&w.digest));
    match (account, waiting) {
        (Some(account), None) if fits => {
            site.attempts.passed(&login);
            Ok(Checked::Password(account))
        }
        (Some(account), Some(code)) => {
            site.attempts.passed(&login);
            Ok(Checked::Code(account, code.digest))
        }
        _ => {
            site.attempts.failed(&login, now);
            Ok(Checked::Wrong)
        }
    }
}

/// Tries a login with a password.
///
/// # Errors
/// The server is busy; those of the database.
pub async fn sign_in(site: &Site, login: &str, password: &str) -> Result<Outcome, Error> {
    let account = match check(site, login, password).await? {
        Checked::Password(account) => account,
        Checked::Code(..) => return Ok(Outcome::First),
        Checked::Wrong => return Ok(Outcome::Wrong),
        Checked::Wait(seconds) => return Ok(Outcome::Wait(seconds)),
    };
    let app = &site.app;
    let sid = token::random_name()?;
    let (name, key) = (sid.clone(), app.keys.audit.clone());
    let of = account.clone();
    let row = app
        .db
        .write(move |tx| session::begin(tx, &key, &of, &name).map_err(Error::from))
        .await?;
    let seconds = |at: chrono::NaiveDateTime| at.and_utc().timestamp();
    let pointer = Pointer::new(
        sid,
        account.id.0,
        account.auth_version,
        seconds(row.created_at),
        seconds(row.ends_at),
    );
    pointer.sign(&app.keys.session).map(Outcome::In)
}

/// Hashes a new password, in turn with all that is hashed.
///
/// # Errors
/// The server is busy.
pub(super) async fn hash(site: &Site, password: String) -> Result<String, Error> {
    let Ok(Ok(_turn)) = tokio::time::timeout(LONGEST_WAIT, site.hashing.acquire()).await else {
        return Err(Error::Busy);
    };
    tokio::task::spawn_blocking(move || hash_password(&password))
        .await
        .map_err(|e| Error::Internal(e.to_string()))?
}

async fn verify(site: &Site, password: String, hash: String) -> Result<bool, Error> {
    let Ok(Ok(_turn)) = tokio::time::timeout(LONGEST_WAIT, site.hashing.acquire()).await else {
        return Err(Error::Busy);
    };
    tokio::task::spawn_blocking(move || verify_password(&password, &hash))
        .await
        .map_err(|e| Error::Internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::phc::PasswordHash;

    #[test]
    fn nobody_has_a_hash_of_the_same_cost() {
        let ours = super::super::add::hash_password("x").unwrap();
        let (ours, nobody) = (PasswordHash::new(&ours).unwrap(), PasswordHash::new(NOBODY).unwrap());
        assert_eq!(ours.params, nobody.params);
        assert_eq!(ours.hash.map(|h| h.len()), nobody.hash.map(|h| h.len()));
        assert!(!verify_password("x", NOBODY));
    }
}
