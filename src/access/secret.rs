//! The one place where secrets are tried: passwords, codes of sheets, second factors, passwords asked for again. Failures
//! are counted per login in the database, whether there is such an account or not; the delay grows, nothing is locked
//! for ever, and a link by mail opens the account all the same.
//!
//! A try is counted before it is looked at and forgiven when it fits, so many at once are no way round. Links are not
//! counted: 256 bits are not guessed.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::store;
use crate::audit::{self, words};
use crate::db::dialect::{self, lock_space};
use crate::db::schema::secret_failure;
use crate::db::{DbError, Tx, settings};
use crate::error::Error;
use crate::pages::text;
use crate::planted;
use crate::web::Site;
use crate::{insert_many, text_enum};

/// Tries without a delay.
const FREE: i32 = 4;
/// From so many on the delay is the longest: no more than these are looked at within a quarter of an hour.
const MOST: i32 = 10;
/// Longest delay, seconds.
const LONGEST: i64 = 900;
/// Logins with failures within a quarter of an hour that look like one guess tried on everybody.
const SPRAYED: i64 = 50;
/// Hours after which failures are forgotten.
const KEPT_HOURS: i64 = 24;
/// The setting that holds when the alarm was last raised.
const ALARM: &str = "spray_alarm_at";

/// How long settling a wrong try and asking for a link take at least, whether somebody has this login or not.
pub(super) const SAME_TIME: std::time::Duration = std::time::Duration::from_millis(50);

/// What came of a try.
#[derive(Debug)]
pub enum Verdict<T> {
    /// It fits.
    Fits(T),
    /// It does not.
    Wrong,
    /// Too many failures: seconds to wait. The secret was not looked at.
    Wait(i64),
}

/// What is said while one has to wait.
#[must_use]
pub fn wait_words(seconds: i64) -> String {
    let wait = text::count(seconds, "секунду", "секунды", "секунд");
    format!("Слишком много неудачных попыток. Подождите {wait} и повторите.")
}

text_enum! {
    /// What is tried: a password, or the code of a sheet in its place; a second factor or a recovery code. They are
    /// counted apart, so that a known password forgives no wrong codes.
    Tried {
        Password = "password" "пароль",
        Second = "second" "код второго шага",
    }
}

/// What failures of a login are counted under.
#[must_use]
pub fn key_of(key: &[u8], login: &str) -> String {
    named(key, Tried::Password, login)
}

fn named(key: &[u8], what: Tried, login: &str) -> String {
    audit::keyed(key, format!("{what:?} {}", login.trim().to_lowercase()).as_bytes())
}

/// Tries a secret of a login: `look` says whether it fits, and is not asked while one has to wait.
///
/// # Errors
/// Those of `look`, which count as no try; those of the database.
pub async fn verify_secret<T, F>(site: &Site, what: Tried, login: &str, look: F) -> Result<Verdict<T>, Error>
where
    F: AsyncFnOnce() -> Result<Option<T>, Error>,
{
    let app = &site.app;
    let key = named(&app.keys.session, what, login);
    let own = key.clone();
    let wait = app.db.write(move |tx| reserve(tx, &own).map_err(Error::from)).await?;
    if wait > 0 && !planted!("limiter_skipped") {
        return Ok(Verdict::Wait(wait));
    }
    let looked = look().await;
    let audit_key = app.keys.audit.clone();
    match looked {
        Ok(Some(found)) => {
            app.db.write(move |tx| passed(tx, &key).map_err(Error::from)).await?;
            Ok(Verdict::Fits(found))
        }
        Ok(None) => {
            // A row about an account takes a little more than none: all wrong tries wait for the same moment.
            let enough = tokio::time::sleep(SAME_TIME);
            let login = login.trim().to_lowercase();
            let settle = move |tx: &mut Tx<'_>| -> Result<(), DbError> {
                failed(tx, &audit_key, what, &login)?;
                watch(tx, &audit_key)
            };
            app.db.write(move |tx| settle(tx).map_err(Error::from)).await?;
            enough.await;
            Ok(Verdict::Wrong)
        }
        Err(e) => {
            app.db.write(move |tx| undo(tx, &key).map_err(Error::from)).await?;
            Err(e)
        }
    }
}

/// Counts a try before it is looked at; seconds to wait where it may not be.
fn reserve(tx: &mut Tx<'_>, key: &str) -> Result<i64, DbError> {
    let now = tx.now();
    let folded = key.get(..15).and_then(|part| i64::from_str_radix(part, 16).ok());
    dialect::lock(tx.conn(), lock_space::SECRET, folded)?;
    let row: Option<(i32, NaiveDateTime)> = secret_failure::table
        .filter(secret_failure::key.eq(key))
        .select((secret_failure::failures, secret_failure::last_at))
        .first(tx.conn())
        .optional()?;
    let Some((failures, last)) = row else {
        put(tx, key, 1)?;
        return Ok(0);
    };
    let left = (last + Duration::seconds(delay(failures)) - now).num_milliseconds();
    if left > 0 {
        return Ok((left + 999) / 1000);
    }
    diesel::update(secret_failure::table.filter(secret_failure::key.eq(key)))
        .set((
            secret_failure::failures.eq(failures.saturating_add(1)),
            secret_failure::last_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(0)
}

/// Seconds to wait after so many failures.
fn delay(failures: i32) -> i64 {
    match failures {
        ..=FREE => 0,
        MOST.. => LONGEST,
        n => 1_i64 << (n - FREE - 1),
    }
}

/// Forgives: the right secret was given, or a new one was set.
///
/// # Errors
/// Those of the database.
pub fn passed(tx: &mut Tx<'_>, key: &str) -> Result<(), DbError> {
    diesel::delete(secret_failure::table.filter(secret_failure::key.eq(key))).execute(tx.conn())?;
    Ok(())
}

/// A try that was not looked at after all.
fn undo(tx: &mut Tx<'_>, key: &str) -> Result<(), DbError> {
    let counted = secret_failure::table
        .filter(secret_failure::key.eq(key))
        .filter(secret_failure::failures.gt(0));
    diesel::update(counted)
        .set(secret_failure::failures.eq(secret_failure::failures - 1))
        .execute(tx.conn())?;
    Ok(())
}

/// Writes down that a secret did not fit an account; who tried is not known. A login of nobody leaves no row, so that
/// whoever types one cannot fill the journal.
fn failed(tx: &mut Tx<'_>, audit_key: &[u8], what: Tried, login: &str) -> Result<(), DbError> {
    let Some(of) = store::by_login(tx.conn(), login)? else {
        return Ok(());
    };
    let mut entry = audit::Entry::of_server(words::FAILED, "account", Some(of.id.0));
    entry.region = of.region_id.map(|r| r.0);
    entry.person = of.person_id.map(|p| p.0);
    entry.detail = format!("kind={what}");
    audit::record(tx, audit_key, &[entry])
}

/// Looks at the failures of everybody: many logins at once raise an alarm, a row in the journal and a line in the log,
/// once in a quarter of an hour.
fn watch(tx: &mut Tx<'_>, audit_key: &[u8]) -> Result<(), DbError> {
    let now = tx.now();
    let old = now - Duration::hours(KEPT_HOURS);
    diesel::delete(secret_failure::table.filter(secret_failure::last_at.lt(old))).execute(tx.conn())?;
    let since = now - Duration::seconds(LONGEST);
    let logins: i64 = secret_failure::table
        .filter(secret_failure::last_at.gt(since))
        .filter(secret_failure::failures.gt(0))
        .count()
        .get_result(tx.conn())?;
    if logins < SPRAYED {
        return Ok(());
    }
    dialect::lock(tx.conn(), lock_space::SECRET, [0])?;
    let last = settings::get(tx.conn(), ALARM)?.and_then(|text| text.parse::<i64>().ok());
    let seconds = now.and_utc().timestamp();
    if last.is_some_and(|last| seconds < last + LONGEST) {
        return Ok(());
    }
    settings::put(tx.conn(), ALARM, &seconds.to_string())?;
    let mut entry = audit::Entry::of_server(words::SPRAY, "account", None);
    entry.detail = format!("logins={logins}");
    audit::record(tx, audit_key, &[entry])?;
    eprintln!("{{\"alarm\":\"access.spray\",\"logins\":{logins}}}");
    Ok(())
}

/// Whether something may be asked for by mail again: at most once in so many minutes for a text, known or not. Counted
/// like a try, so that both take the same time.
///
/// # Errors
/// Those of the database.
pub fn asks_again(tx: &mut Tx<'_>, key: &[u8], text: &str, minutes: i64) -> Result<bool, DbError> {
    let (now, key) = (tx.now(), audit::keyed(key, format!("asks {text}").as_bytes()));
    let folded = key.get(..15).and_then(|part| i64::from_str_radix(part, 16).ok());
    dialect::lock(tx.conn(), lock_space::SECRET, folded)?;
    let last: Option<NaiveDateTime> = secret_failure::table
        .filter(secret_failure::key.eq(&key))
        .select(secret_failure::last_at)
        .first(tx.conn())
        .optional()?;
    if last.is_some_and(|last| now < last + Duration::minutes(minutes)) {
        return Ok(true);
    }
    diesel::delete(secret_failure::table.filter(secret_failure::key.eq(&key))).execute(tx.conn())?;
    // No failure: the alarm does not count it.
    put(tx, &key, 0)?;
    Ok(false)
}

#[derive(Insertable)]
#[diesel(table_name = secret_failure)]
struct Row<'a> {
    key: &'a str,
    failures: i32,
    last_at: NaiveDateTime,
}

fn put(tx: &mut Tx<'_>, key: &str, failures: i32) -> Result<(), DbError> {
    let last_at = tx.now();
    let row = Row { key, failures, last_at };
    insert_many!(tx.conn(), secret_failure::table, [row])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::delay;

    #[test]
    fn the_fifth_failure_waits_and_the_tenth_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=12).map(delay).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 900, 900, 900]);
        assert_eq!(delay(i32::MAX), 900);
    }
}
