//! The second factor: a code of six digits every half a minute, and ten recovery codes. Secret and codes are made from the
//! key of the installation and salts of the account, so the database alone gives none of them away.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Algorithm, Builder, Totp};

use super::code;
use super::model::{Account, AccountId};
use crate::audit;
use crate::db::schema::{recovery_code, second_factor};
use crate::db::{AnyConn, DbError, Tx};
use crate::error::Error;
use crate::insert_many;
use crate::planted;
use crate::web::address::quoted;

/// Seconds of a code.
const STEP: i64 = 30;
/// Recovery codes.
const CODES: usize = 10;

/// The second factor of an account.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = second_factor)]
pub struct SecondFactor {
    /// The account.
    pub account_id: AccountId,
    /// What its secret is made from, with the key of the installation.
    pub salt: String,
    /// The last half minute whose code was used: no code opens twice.
    pub last_step: i64,
    /// When it was set up.
    pub created_at: NaiveDateTime,
    /// What the recovery codes are made from.
    pub codes_salt: String,
    /// When those were made.
    pub codes_at: NaiveDateTime,
}

/// How the second factor was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By a code of the moment.
    Code,
    /// By a recovery code, which is used up.
    Recovery,
}

#[derive(Insertable)]
#[diesel(table_name = recovery_code)]
struct Recovery {
    account_id: AccountId,
    digest: String,
}

fn totp(key: &[u8], of: AccountId, salt: &str) -> Result<Totp, Error> {
    let mut secret = audit::keyed_bytes(key, format!("second factor {of} {salt}").as_bytes());
    secret.truncate(20);
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(STEP.unsigned_abs())
        .with_skew(0)
        .with_secret(secret)
        .build()
        .map_err(|e| Error::Internal(format!("второй шаг входа: {e}")))
}

/// The secret as it is typed into a program by hand, in groups of four.
///
/// # Errors
/// Those of the library.
pub fn secret(key: &[u8], of: AccountId, salt: &str) -> Result<String, Error> {
    let text = totp(key, of, salt)?.secret().to_base32();
    let signs: Vec<char> = text.trim_end_matches('=').chars().collect();
    let groups: Vec<String> = signs.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join(" "))
}

/// A picture of black squares: the side of the field, and the path of an SVG.
///
/// # Errors
/// A login that is too long for a picture.
pub fn picture(key: &[u8], of: &Account, salt: &str) -> Result<(i32, String), Error> {
    let secret = secret(key, of.id, salt)?.replace(' ', "");
    let (issuer, login) = (quoted("Веха"), quoted(&of.login));
    let address = format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}");
    let code = QrCode::encode_text(&address, QrCodeEcc::Medium)
        .map_err(|e| Error::Internal(format!("картинка второго шага: {e}")))?;
    let border = 4;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{},{}h1v1h-1z", x + border, y + border));
        }
    }
    Ok((code.size() + 2 * border, path))
}

/// The half minute whose code this is, now or one before (a clock of a phone may be slow).
fn step_of(key: &[u8], of: AccountId, salt: &str, typed: &str, now: NaiveDateTime) -> Result<Option<i64>, Error> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let (totp, seconds) = (totp(key, of, salt)?, now.and_utc().timestamp());
    let at = |seconds: i64| {
        totp.check(&digits, seconds.max(0).unsigned_abs())
            .map(|_| seconds / STEP)
    };
    Ok(at(seconds).or_else(|| at(seconds - STEP)))
}

/// The second factor of an account, if it has one.
///
/// # Errors
/// Those of the database.
pub fn of_account(conn: &mut AnyConn, of: AccountId) -> Result<Option<SecondFactor>, DbError> {
    Ok(second_factor::table
        .filter(second_factor::account_id.eq(of.0))
        .select(SecondFactor::as_select())
        .first(conn)
        .optional()?)
}

/// Looks at what was typed: a code of the moment is used up with its half minute, a recovery code for good.
///
/// # Errors
/// Those of the database and of the library.
pub fn show(tx: &mut Tx<'_>, key: &[u8], of: AccountId, typed: &str) -> Result<Option<Shown>, Error> {
    let Some(own) = of_account(tx.conn(), of)? else {
        return Ok(None);
    };
    let now = tx.now();
    if let Some(step) = step_of(key, of, &own.salt, typed, now)? {
        let changed = diesel::update(
            second_factor::table
                .filter(second_factor::account_id.eq(of.0))
                .filter(second_factor::last_step.lt(step)),
        )
        .set(second_factor::last_step.eq(step))
        .execute(tx.conn())
        .map_err(DbError::from)?;
        return Ok((changed == 1 || planted!("code_taken_twice")).then_some(Shown::Code));
    }
    let Some(digest) = recovery_digest(key, of, typed) else {
        return Ok(None);
    };
    let gone = diesel::delete(
        recovery_code::table
            .filter(recovery_code::account_id.eq(of.0))
            .filter(recovery_code::digest.eq(digest)),
    )
    .execute(tx.conn())
    .map_err(DbError::from)?;
    Ok((gone == 1).then_some(Shown::Recovery))
}

fn recovery_digest(key: &[u8], of: AccountId, typed: &str) -> Option<String> {
    code::read(typed).map(|code| audit::keyed(key, format!("recovery {of} {code}").as_bytes()))
}

/// The recovery codes of a salt.
#[must_use]
pub fn codes(key: &[u8], of: AccountId, salt: &str) -> Vec<String> {
    (0..CODES)
        .map(|n| code::of_form(key, &format!("recovery {n} {salt}"), of))
        .collect()
}

/// How many recovery codes are left.
///
/// # Errors
/// Those of the database.
pub fn left(conn: &mut AnyConn, of: AccountId) -> Result<i64, DbError> {
    Ok(recovery_code::table
        .filter(recovery_code::account_id.eq(of.0))
        .count()
        .get_result(conn)?)
}

/// Sets the second factor up when the code of its salt was typed: the one before and its recovery codes end. `false`: the
/// code does not fit.
///
/// # Errors
/// Those of the database and of the library.
pub fn set_up(tx: &mut Tx<'_>, key: &[u8], of: AccountId, salt: &str, typed: &str) -> Result<bool, Error> {
    let now = tx.now();
    let Some(step) = step_of(key, of, salt, typed, now)? else {
        return Ok(false);
    };
    remove(tx, of)?;
    let row = SecondFactor {
        account_id: of,
        salt: salt.to_owned(),
        last_step: step,
        created_at: now,
        codes_salt: String::new(),
        codes_at: now,
    };
    insert_many!(tx.conn(), second_factor::table, [row]).map_err(DbError::from)?;
    new_codes(tx, key, of)?;
    Ok(true)
}

/// Makes ten new recovery codes; those before end.
///
/// # Errors
/// Those of the database; the system gives no random bytes.
pub fn new_codes(tx: &mut Tx<'_>, key: &[u8], of: AccountId) -> Result<(), Error> {
    let (salt, now) = (crate::web::token::random_name()?, tx.now());
    diesel::delete(recovery_code::table.filter(recovery_code::account_id.eq(of.0)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    let made = codes(key, of, &salt);
    let rows: Vec<Recovery> = made
        .iter()
        .filter_map(|code| recovery_digest(key, of, code))
        .map(|digest| Recovery { account_id: of, digest })
        .collect();
    insert_many!(tx.conn(), recovery_code::table, rows).map_err(DbError::from)?;
    diesel::update(second_factor::table.filter(second_factor::account_id.eq(of.0)))
        .set((second_factor::codes_salt.eq(salt), second_factor::codes_at.eq(now)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    Ok(())
}

/// Takes the second factor and its recovery codes away.
///
/// # Errors
/// Those of the database.
pub fn remove(tx: &mut Tx<'_>, of: AccountId) -> Result<(), DbError> {
    diesel::delete(recovery_code::table.filter(recovery_code::account_id.eq(of.0))).execute(tx.conn())?;
    diesel::delete(second_factor::table.filter(second_factor::account_id.eq(of.0))).execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn at(seconds: i64) -> NaiveDateTime {
        chrono::DateTime::from_timestamp(seconds, 0).unwrap().naive_utc()
    }

    #[test]
    fn a_code_holds_for_its_half_minute_and_one_more() {
        let of = AccountId(7);
        let code = totp(KEY, of, "salt").unwrap().generate(3000).to_string();
        let step = |seconds: i64| step_of(KEY, of, "salt", &code, at(seconds)).unwrap();
        assert_eq!(step(3000), Some(100));
        assert_eq!(step(3029), Some(100));
        assert_eq!(step(3059), Some(100));
        assert_eq!(step(3060), None, "two steps back");
        assert_eq!(step(2999), None, "the next one");
        assert_eq!(step_of(KEY, AccountId(8), "salt", &code, at(3000)).unwrap(), None);
        assert_eq!(step_of(KEY, of, "other", &code, at(3000)).unwrap(), None);
        assert_eq!(step_of(KEY, of, "salt", "12345a", at(3000)).unwrap(), None);
    }

    #[test]
    fn recovery_codes_are_ten_and_all_different() {
        let all: std::collections::BTreeSet<String> = codes(KEY, AccountId(7), "salt").into_iter().collect();
        assert_eq!(all.len(), CODES);
        assert!(
            all.iter()
                .all(|code| recovery_digest(KEY, AccountId(7), code).is_some())
        );
        assert_eq!(recovery_digest(KEY, AccountId(7), "123456"), None);
    }
}
