//! Settings that the program itself writes: the demo mark, the signed head of the journal.

use diesel::prelude::*;

use super::schema::setting;
use super::{AnyConn, DbError};

/// The value of a key.
///
/// # Errors
/// Those of the database.
pub fn get(conn: &mut AnyConn, key: &str) -> Result<Option<String>, DbError> {
    Ok(setting::table
        .filter(setting::key.eq(key))
        .select(setting::value)
        .first(conn)
        .optional()?)
}

/// Sets a key.
///
/// # Errors
/// Those of the database.
pub fn put(conn: &mut AnyConn, key: &str, value: &str) -> Result<(), DbError> {
    let changed = diesel::update(setting::table.filter(setting::key.eq(key)))
        .set(setting::value.eq(value))
        .execute(conn)?;
    if changed == 0 {
        diesel::insert_into(setting::table)
            .values((setting::key.eq(key), setting::value.eq(value)))
            .execute(conn)?;
    }
    Ok(())
}

/// Takes a key away.
///
/// # Errors
/// Those of the database.
pub fn remove(conn: &mut AnyConn, key: &str) -> Result<(), DbError> {
    diesel::delete(setting::table.filter(setting::key.eq(key))).execute(conn)?;
    Ok(())
}
