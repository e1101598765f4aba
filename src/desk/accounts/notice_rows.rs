//! What the pages of notices read beside the list itself: whether letters can reach the account.

use diesel::prelude::*;

use crate::db::schema::account;
use crate::db::{AnyConn, DbError};

/// The address that letters of an account go to.
///
/// # Errors
/// Those of the database.
pub fn address(conn: &mut AnyConn, of: i64) -> Result<Option<String>, DbError> {
    let found: Option<Option<String>> = account::table
        .filter(account::id.eq(of))
        .select(account::email)
        .first(conn)
        .optional()?;
    Ok(found.flatten())
}
