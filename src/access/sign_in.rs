//! Signing in with login and password: bounded hashing, a growing delay per login, the same answer for an account that
//! does not exist and a password that does not fit.

use std::time::Duration;

use super::add::verify_password;
use super::model::AccountState;
use super::{session, store};
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
    /// Login or password do not fit.
    Wrong,
    /// Too many failures: seconds to wait. The password was not looked at.
    Wait(i64),
}

/// Tries a login with a password.
///
/// # Errors
/// The server is busy; those of the database.
pub async fn sign_in(site: &Site, login: &str, password: &str) -> Result<Outcome, Error> {
    let login = login.trim().to_lowercase();
    let app = &site.app;
    let wait = site.attempts.wait(&login, app.clock.now());
    if wait > 0 {
        return Ok(Outcome::Wait(wait));
    }
    let asked = login.clone();
    let account = app
        .db
        .read(move |c| store::by_login(c, &asked).map_err(Error::from))
        .await?;
    let usable = account
        .as_ref()
        .filter(|a| a.state == AccountState::Active && !a.password_hash.is_empty());
    let hash = usable.map_or_else(|| NOBODY.to_owned(), |a| a.password_hash.clone());
    let fits = verify(site, password.to_owned(), hash).await?;
    let Some(account) = account.filter(|a| fits && a.state == AccountState::Active && !a.password_hash.is_empty())
    else {
        site.attempts.failed(&login, app.clock.now());
        return Ok(Outcome::Wrong);
    };
    site.attempts.passed(&login);
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
