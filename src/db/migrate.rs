//! Schema versions: two trees of the same names, embedded in the binary.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::AnyConn;
use super::DbError;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Names of migrations that the database has not run yet.
///
/// # Errors
/// Those of the database.
pub fn pending(conn: &mut AnyConn) -> Result<Vec<String>, DbError> {
    let list = match conn {
        AnyConn::Pg(c) => c
            .pending_migrations(POSTGRES)
            .map(|v| v.iter().map(|m| m.name().to_string()).collect()),
        AnyConn::Sqlite(c) => c
            .pending_migrations(SQLITE)
            .map(|v| v.iter().map(|m| m.name().to_string()).collect()),
    };
    list.map_err(|e| DbError::Migrate(e.to_string()))
}

/// Runs what is pending and returns how many ran.
///
/// # Errors
/// A migration that failed, with its name; what ran before it stays.
pub fn up(conn: &mut AnyConn) -> Result<usize, DbError> {
    let ran = match conn {
        AnyConn::Pg(c) => c.run_pending_migrations(POSTGRES).map(|v| v.len()),
        AnyConn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(|v| v.len()),
    };
    ran.map_err(|e| DbError::Migrate(e.to_string()))
}

/// Reverts every migration: for the test that runs them up, down and up again.
///
/// # Errors
/// A migration that cannot be reverted.
pub fn down(conn: &mut AnyConn) -> Result<usize, DbError> {
    let ran = match conn {
        AnyConn::Pg(c) => c.revert_all_migrations(POSTGRES).map(|v| v.len()),
        AnyConn::Sqlite(c) => c.revert_all_migrations(SQLITE).map(|v| v.len()),
    };
    ran.map_err(|e| DbError::Migrate(e.to_string()))
}

/// Whether any migration has run: an empty file needs no copy before the first one.
///
/// # Errors
/// Those of the database.
pub fn is_used(conn: &mut AnyConn) -> Result<bool, DbError> {
    let applied = match conn {
        AnyConn::Pg(c) => c.applied_migrations().map(|v| v.len()),
        AnyConn::Sqlite(c) => c.applied_migrations().map(|v| v.len()),
    };
    applied.map(|n| n > 0).map_err(|e| DbError::Migrate(e.to_string()))
}
