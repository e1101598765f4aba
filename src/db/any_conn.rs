//! The connection that is either backend; in a private module, since the derive makes undocumented items.

/// A connection to either backend.
#[derive(diesel::MultiConnection)]
pub enum AnyConn {
    /// PostgreSQL, through libpq.
    Pg(diesel::PgConnection),
    /// SQLite, compiled in.
    Sqlite(diesel::SqliteConnection),
}
