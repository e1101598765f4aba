//! An act that is done once however often its form is sent: the first answer is kept under the key of the form.

use diesel::prelude::*;

use crate::db::schema::request_key;
use crate::db::{AnyConn, DbError, Tx};
use crate::{insert_many, planted};

#[derive(Insertable)]
#[diesel(table_name = request_key)]
struct Row<'a> {
    key: &'a str,
    account_id: i64,
    body_digest: &'a str,
    answer: String,
    created_at: chrono::NaiveDateTime,
}

/// Whether a text can be the key of a form: as [`crate::web::token::random_name`] makes them.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What was answered to an account under a key.
///
/// # Errors
/// Those of the database.
pub fn answer(conn: &mut AnyConn, key: &str, account: i64) -> Result<Option<String>, DbError> {
    Ok(said(conn, key, account)?.map(|said| said.answer))
}

/// What was answered under a key, and to which body.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Said {
    /// Digest of what was sent.
    pub body_digest: String,
    /// The answer.
    pub answer: String,
}

/// What was answered to an account under a key, with the digest of what it had sent.
///
/// # Errors
/// Those of the database.
pub fn said(conn: &mut AnyConn, key: &str, account: i64) -> Result<Option<Said>, DbError> {
    if planted!("key_forgotten") {
        return Ok(None);
    }
    Ok(request_key::table
        .filter(request_key::key.eq(key))
        .filter(request_key::account_id.eq(account))
        .select((request_key::body_digest, request_key::answer))
        .first(conn)
        .optional()?)
}

/// Keeps the answer in the transaction of the act; two forms with one key at once: the second is refused as a whole.
///
/// # Errors
/// The key is taken; those of the database.
pub fn keep(tx: &mut Tx<'_>, key: &str, account: i64, digest: &str, answer: String) -> Result<(), DbError> {
    let row = Row {
        key,
        account_id: account,
        body_digest: digest,
        answer,
        created_at: tx.now(),
    };
    insert_many!(tx.conn(), request_key::table, [row])?;
    Ok(())
}
