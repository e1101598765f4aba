//! What differs between the two databases, in one file: how a write begins, many rows at once, locks.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;

use super::AnyConn;
use super::DbError;

/// The same expression compiled for each backend: for what the common connection cannot express (many rows in one
/// insert, `ON CONFLICT`, `as_returning`, row locks).
#[macro_export]
macro_rules! each_db {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::db::AnyConn::Pg($c) => $body,
            $crate::db::AnyConn::Sqlite($c) => $body,
        }
    };
}

/// Inserts a slice of rows: one statement for 1,000 of them on PostgreSQL. SQLite keeps a prepared statement for one row,
/// which costs less than preparing a long one each time.
#[macro_export]
macro_rules! insert_many {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let mut outcome: Result<usize, diesel::result::Error> = Ok(0);
        for block in $rows.chunks(1000) {
            let done = match $conn {
                $crate::db::AnyConn::Pg(c) => {
                    diesel::RunQueryDsl::execute(diesel::insert_into($table).values(block), c)
                }
                $crate::db::AnyConn::Sqlite(c) => block.iter().try_fold(0, |sum, row| {
                    let insert = diesel::insert_into($table).values(row);
                    let kept = $crate::db::kept_insert::KeptInsert::<_, $crate::db::kept_insert::NoEnd>::from(insert);
                    diesel::RunQueryDsl::execute(kept, c).map(|n| sum + n)
                }),
            };
            match done {
                Ok(n) => outcome = outcome.map(|sum| sum + n),
                Err(e) => {
                    outcome = Err(e);
                    break;
                }
            }
        }
        outcome
    }};
}

/// Sets columns in those rows of a table for which a condition holds. The text of the statement is always the same, and
/// `$name`, a type of its own, stands for it: SQLite keeps it prepared.
#[macro_export]
macro_rules! update_kept {
    ($conn:expr, $name:ty, $table:expr, $rows:expr, $set:expr) => {
        match $conn {
            $crate::db::AnyConn::Pg(c) => {
                let rows = diesel::QueryDsl::filter($table, $rows);
                diesel::RunQueryDsl::execute(diesel::update(rows).set($set), c)
            }
            $crate::db::AnyConn::Sqlite(c) => {
                let set = diesel::AsChangeset::as_changeset($set);
                let update = $crate::db::kept_update::KeptUpdate::<_, _, _, $name>::of(&$table, $rows, set);
                diesel::RunQueryDsl::execute(update, c)
            }
        }
    };
}

/// Narrows a query to rows whose column is one of a slice, and answers what is asked of it on the database's own connection.
/// There a statement is known by its type and stays prepared: on PostgreSQL whatever the slice, on SQLite where it holds one
/// of them. One about a list SQLite prepares each time anew.
#[macro_export]
macro_rules! among {
    ($conn:expr, $c:ident, $query:expr, $column:expr, $those:expr, $narrowed:ident => $found:expr) => {
        match $conn {
            $crate::db::AnyConn::Pg($c) => {
                let $narrowed = diesel::QueryDsl::filter($query, diesel::ExpressionMethods::eq_any($column, $those));
                $found
            }
            $crate::db::AnyConn::Sqlite($c) => match $those {
                [only] => {
                    let $narrowed = diesel::QueryDsl::filter($query, diesel::ExpressionMethods::eq($column, only));
                    $found
                }
                several => {
                    let $narrowed =
                        diesel::QueryDsl::filter($query, diesel::ExpressionMethods::eq_any($column, several));
                    $found
                }
            },
        }
    };
}

/// How many of so many things one statement names with [`among!`]. On SQLite a statement about one stays prepared and one
/// about several is put together anew, so that a few are named one by one.
pub(crate) fn named_at_once(conn: &AnyConn, many: usize) -> usize {
    const FEW: usize = 4;
    if many <= FEW && matches!(conn, AnyConn::Sqlite(_)) {
        1
    } else {
        1000
    }
}

/// The first row that no other process holds: on PostgreSQL it is locked and others pass by it (`SKIP LOCKED`); SQLite
/// has one writer.
#[macro_export]
macro_rules! first_unlocked {
    ($conn:expr, $query:expr) => {
        match $conn {
            $crate::db::AnyConn::Pg(c) => {
                diesel::RunQueryDsl::first(diesel::QueryDsl::for_update($query).skip_locked(), c)
            }
            $crate::db::AnyConn::Sqlite(c) => diesel::RunQueryDsl::first($query, c),
        }
    };
}

/// Writes changed rows of a regional table like [`insert_many!`]: what is there is updated by `set`, the rest inserted.
/// The key of such a table is `id` on SQLite and `(region_id, id)` on PostgreSQL.
#[macro_export]
macro_rules! upsert_many {
    ($conn:expr, $table:ident, $rows:expr, ($first:ident $(, $column:ident)* $(,)?)) => {{
        use diesel::ExpressionMethods as _;
        use diesel::upsert::excluded;
        struct Updated;
        impl $crate::db::kept_insert::End for Updated {
            const SQL: &'static str = concat!(
                " ON CONFLICT (`id`) DO UPDATE SET `", stringify!($first), "` = excluded.`", stringify!($first), "`",
                $(", `", stringify!($column), "` = excluded.`", stringify!($column), "`",)*
            );
        }
        let mut outcome: Result<usize, diesel::result::Error> = Ok(0);
        for block in $rows.chunks(1000) {
            let done = match $conn {
                $crate::db::AnyConn::Pg(c) => {
                    let insert = diesel::insert_into($table::table).values(block);
                    let insert = insert.on_conflict(($table::region_id, $table::id));
                    let set = (
                        $table::$first.eq(excluded($table::$first)),
                        $($table::$column.eq(excluded($table::$column)),)*
                    );
                    diesel::RunQueryDsl::execute(insert.do_update().set(set), c)
                }
                $crate::db::AnyConn::Sqlite(c) => block.iter().try_fold(0, |sum, row| {
                    let insert = diesel::insert_into($table::table).values(row);
                    let kept = $crate::db::kept_insert::KeptInsert::<_, Updated>::from(insert);
                    diesel::RunQueryDsl::execute(kept, c).map(|n| sum + n)
                }),
            };
            match done {
                Ok(n) => outcome = outcome.map(|sum| sum + n),
                Err(e) => {
                    outcome = Err(e);
                    break;
                }
            }
        }
        outcome
    }};
}

/// Begins a write: SQLite takes its write lock at once (a deferred one may fail when it first writes).
pub(super) fn begin_write(conn: &mut AnyConn) -> QueryResult<()> {
    match conn {
        AnyConn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        AnyConn::Pg(c) => AnsiTransactionManager::begin_transaction(c),
    }
}

/// Begins a read of one moment: every statement of it sees the same rows.
pub(super) fn begin_read(conn: &mut AnyConn) -> QueryResult<()> {
    match conn {
        AnyConn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN DEFERRED"),
        AnyConn::Pg(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
    }
}

/// Commits what [`begin_write`] began.
pub(super) fn commit(conn: &mut AnyConn) -> QueryResult<()> {
    <AnyConn as Connection>::TransactionManager::commit_transaction(conn)
}

/// Ends a transaction and forgets what it wrote.
pub(super) fn rollback(conn: &mut AnyConn) -> QueryResult<()> {
    <AnyConn as Connection>::TransactionManager::rollback_transaction(conn)
}

/// How deep the connection stands in transactions and savepoints.
fn depth(conn: &mut AnyConn) -> QueryResult<u32> {
    let depth = each_db!(conn, c => AnsiTransactionManager::transaction_manager_status_mut(c).transaction_depth())?;
    Ok(depth.map_or(0, std::num::NonZeroU32::get))
}

/// Begins a part of a transaction that [`commit`] or [`undo_part`] ends.
pub(super) fn begin_part(conn: &mut AnyConn) -> QueryResult<()> {
    <AnyConn as Connection>::TransactionManager::begin_transaction(conn)
}

/// Forgets what a part wrote, and what it had begun inside itself; the transaction goes on.
pub(super) fn undo_part(conn: &mut AnyConn) -> QueryResult<()> {
    while depth(conn)? > 1 {
        rollback(conn)?;
    }
    Ok(())
}

/// Ends a transaction with all its parts and forgets what they wrote. A connection that cannot is dropped by its pool.
pub(super) fn give_up(conn: &mut AnyConn) {
    while depth(conn).is_ok_and(|depth| depth > 0) && rollback(conn).is_ok() {}
}

/// Commits what stands, opens the door for a moment, and begins anew as deep as it was.
#[cfg(feature = "planted")]
pub(super) fn tear(conn: &mut AnyConn, meanwhile: fn()) -> QueryResult<()> {
    let was = depth(conn)?;
    for _ in 0..was {
        commit(conn)?;
    }
    meanwhile();
    begin_write(conn)?;
    for _ in 1..was {
        begin_part(conn)?;
    }
    Ok(())
}

/// Whether the connection has an open or broken transaction that nobody will end.
pub(super) fn is_broken(conn: &mut AnyConn) -> bool {
    each_db!(conn, c => AnsiTransactionManager::is_broken_transaction_manager(c))
}

/// An id as the key of a lock: two 32-bit numbers, the space and this. A collision only makes a wait longer.
#[must_use]
pub fn folded(key: i64) -> i32 {
    (key ^ (key >> 32)) as i32
}

/// Takes transaction-long locks on `keys` of a `space` (counter cells, the audit chain) in sorted order, so that two
/// writers never wait for each other in a circle. SQLite has one writer and needs none.
///
/// # Errors
/// Those of the database.
pub fn lock(conn: &mut AnyConn, space: i32, keys: impl IntoIterator<Item = i64>) -> Result<(), DbError> {
    let AnyConn::Pg(c) = conn else { return Ok(()) };
    let sorted: std::collections::BTreeSet<i32> = keys.into_iter().map(folded).collect();
    for key in sorted {
        diesel::sql_query("SELECT pg_advisory_xact_lock($1, $2)")
            .bind::<diesel::sql_types::Integer, _>(space)
            .bind::<diesel::sql_types::Integer, _>(key)
            .execute(c)?;
    }
    Ok(())
}

/// Takes a transaction-long lock on a key of a space that many may hold at once, but nobody beside a [`lock`] of it.
/// SQLite has one writer and needs none.
///
/// # Errors
/// Those of the database.
pub fn lock_shared(conn: &mut AnyConn, space: i32, key: i32) -> Result<(), DbError> {
    let AnyConn::Pg(c) = conn else { return Ok(()) };
    diesel::sql_query("SELECT pg_advisory_xact_lock_shared($1, $2)")
        .bind::<diesel::sql_types::Integer, _>(space)
        .bind::<diesel::sql_types::Integer, _>(key)
        .execute(c)?;
    Ok(())
}

/// Whether nobody else can write while this transaction lasts.
pub fn has_one_writer(conn: &AnyConn) -> bool {
    matches!(conn, AnyConn::Sqlite(_))
}

/// Spaces of [`lock`].
pub mod lock_space {
    /// Cells of counters, by organisation.
    pub const COUNTER: i32 = 1;
    /// The head of the audit chain.
    pub const AUDIT: i32 = 2;
    /// Drafting of plans and acts on them, by region; shared by acts on few single plans; then 0, a new version of the rules.
    pub const DRAFT: i32 = 3;
    /// Imports, by kind of file.
    pub const IMPORT: i32 = 4;
    /// Opening of periods and loading of packs.
    pub const PACK: i32 = 5;
    /// All facts: shared by whoever refreshes some persons, alone for whoever opens a period or rebuilds everything.
    pub const FACTS: i32 = 6;
    /// The load of supporters, who may work in several regions: taken after [`DRAFT`].
    pub const SUPPORT: i32 = 7;
    /// Accounts of staff: who has one already, and which logins are free.
    pub const ACCOUNTS: i32 = 8;
    /// Failed tries of secrets, by login; then 0, the alarm.
    pub const SECRET: i32 = 9;
    /// Who stands in for whom, by the account that is stood in for.
    pub const DELEGATION: i32 = 10;
    /// Members of a body, by the body.
    pub const BODY: i32 = 11;
    /// Mentoring pairs, by the mentor.
    pub const PAIR: i32 = 12;
    /// People of an undertaking, by the undertaking.
    pub const UNDERTAKING: i32 = 22;
    /// Acts and orders, by region.
    pub const REGULATION: i32 = 45;
    /// What a region has to do by its calendar, by region.
    pub const CALENDAR: i32 = 46;
    /// The personnel reserve, by region.
    pub const RESERVE: i32 = 23;
    /// Acts on single plans, by the person; taken after [`DRAFT`].
    pub const PLAN: i32 = 24;
    /// Numbers of printed sheets, by region.
    pub const SHEET: i32 = 41;
    /// A new version of the questionnaire of the self-assessment.
    pub const QUESTIONNAIRE: i32 = 42;
    /// Editions, by region: their numbers go on one by one.
    pub const EDITION: i32 = 47;
    /// Letters that hold many notices, by region.
    pub const NOTICE: i32 = 43;
    /// Acts on reports of campaigns, by report.
    pub const REPORT: i32 = 49;
    /// What the files of platforms of diagnostics hold, by region.
    pub const TOOL: i32 = 55;
    /// Scales of a region.
    pub const SCALE: i32 = 61;
    /// What is done with an examination, or with a unit that is examined: by its id.
    pub const EXAMINATION: i32 = 52;
    /// Votes of colleagues: opening them, by region; voices, taking back and awarding, by vote.
    pub const VOTE: i32 = 63;
}

/// Copies a SQLite database to another file as one consistent snapshot (before a migration). Nothing on PostgreSQL.
///
/// # Errors
/// Those of the database, such as a full disk.
pub fn snapshot(conn: &mut AnyConn, to: &std::path::Path) -> Result<(), DbError> {
    let AnyConn::Sqlite(c) = conn else { return Ok(()) };
    let name = to.display().to_string().replace('\'', "''");
    c.batch_execute(&format!("VACUUM INTO '{name}'")).map_err(DbError::from)
}

/// Tells PostgreSQL's planner, inside the transaction, of many rows that came into these tables: until it knows them it
/// reads a whole table for a block of keys (a file of 100,000 rows of staff on two busy cores: 39 s without, 13 s with).
/// SQLite is told after the transaction, by [`look_at_tables`].
///
/// # Errors
/// Those of the database.
pub fn grown(conn: &mut AnyConn, tables: &[&str]) -> Result<(), DbError> {
    match conn {
        AnyConn::Sqlite(_) => Ok(()),
        AnyConn::Pg(c) => c
            .batch_execute(&format!("ANALYZE {}", tables.join(", ")))
            .map_err(DbError::from),
    }
}

/// Lets the planner of SQLite look at tables that it has never seen or that are ten times what they were; of each index
/// it reads a part, whose length does not grow with the table (0x10), and it looks at every table (0x10000), not only at
/// those that this connection has asked. Nothing on PostgreSQL, which does so by itself.
///
/// # Errors
/// Those of the database.
pub fn look_at_tables(conn: &mut AnyConn) -> Result<(), DbError> {
    match conn {
        AnyConn::Sqlite(c) => c.batch_execute("PRAGMA optimize = 0x10012").map_err(DbError::from),
        AnyConn::Pg(_) => Ok(()),
    }
}
