//! The address of a calendar: whoever knows it reads the steps of one person without signing in. It is made of the key of
//! the installation and the key of the form, so that the same form sent twice makes one address; only a digest is kept.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::audit::{self, Entry};
use crate::db::schema::calendar_feed;
use crate::db::{AnyConn, DbError, Tx};
use crate::each_db;

/// Digits of an address.
const LENGTH: usize = 64;

/// An address that is in use.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = calendar_feed)]
pub struct Feed {
    /// The account.
    pub account_id: i64,
    /// Digest of the secret part of the address.
    pub digest: String,
    /// When it was made.
    pub made_at: NaiveDateTime,
}

/// Whose address is made or taken back.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    /// The account.
    pub account: i64,
    /// Its region, for the journal.
    pub region: Option<i64>,
}

/// The secret part of an address: 256 bits, other ones for another account and another form.
#[must_use]
pub fn token(key: &[u8], account: i64, form: &str) -> String {
    audit::keyed(key, format!("calendar {account} {form}").as_bytes())
}

/// The digest that is kept of it.
#[must_use]
pub fn digest(token: &str) -> String {
    audit::digest(token.as_bytes())
}

/// The address of an account, if it has one.
///
/// # Errors
/// Those of the database.
pub fn of(conn: &mut AnyConn, account: i64) -> Result<Option<Feed>, DbError> {
    Ok(calendar_feed::table
        .filter(calendar_feed::account_id.eq(account))
        .first(conn)
        .optional()?)
}

/// The account of an address; `None` for one that was never made or was taken back.
///
/// # Errors
/// Those of the database.
pub fn owner(conn: &mut AnyConn, token: &str) -> Result<Option<i64>, DbError> {
    if token.len() != LENGTH {
        return Ok(None);
    }
    Ok(calendar_feed::table
        .filter(calendar_feed::digest.eq(digest(token)))
        .select(calendar_feed::account_id)
        .first(conn)
        .optional()?)
}

/// Makes an address; the one before opens nothing any more.
///
/// # Errors
/// Those of the database.
pub fn make(tx: &mut Tx<'_>, key: &[u8], of: Owner, token: &str) -> Result<(), DbError> {
    let feed = Feed {
        account_id: of.account,
        digest: digest(token),
        made_at: tx.now(),
    };
    each_db!(tx.conn(), c => diesel::insert_into(calendar_feed::table)
        .values(&feed)
        .on_conflict(calendar_feed::account_id)
        .do_update()
        .set((
            calendar_feed::digest.eq(&feed.digest),
            calendar_feed::made_at.eq(feed.made_at),
        ))
        .execute(c))?;
    note(tx, key, of, "mail.calendar_make")
}

/// Takes an address back.
///
/// # Errors
/// Those of the database.
pub fn revoke(tx: &mut Tx<'_>, key: &[u8], of: Owner) -> Result<(), DbError> {
    let gone = diesel::delete(calendar_feed::table.filter(calendar_feed::account_id.eq(of.account)));
    if gone.execute(tx.conn())? == 0 {
        return Ok(());
    }
    note(tx, key, of, "mail.calendar_revoke")
}

fn note(tx: &mut Tx<'_>, key: &[u8], of: Owner, action: &'static str) -> Result<(), DbError> {
    let mut entry = Entry::of_server(action, "account", Some(of.account));
    (entry.account, entry.region) = (Some(of.account), of.region);
    audit::record(tx, key, &[entry])
}
