//! An insert of one row whose statement SQLite keeps prepared.
//!
//! The library asks each time anew whether the text of a statement may have changed, and takes one with an update at its end
//! for changed: it is prepared again for each row. The rows written here name all their columns by their type, and the end
//! is a constant of a type, so that the statement is found by these types and its text is never looked at again.

use std::marker::PhantomData;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};

/// What stands behind the values of an insert, the same each time it runs.
pub trait End: 'static {
    /// ` ON CONFLICT …` with a space before it, or nothing.
    const SQL: &'static str;
}

/// Nothing stands behind the values: a row that is there already is an error.
#[derive(Debug)]
pub struct NoEnd;

impl End for NoEnd {
    const SQL: &'static str = "";
}

/// An insert of one row with its end.
#[derive(Debug)]
pub struct KeptInsert<I, E> {
    insert: I,
    end: PhantomData<E>,
}

impl<I, E> From<I> for KeptInsert<I, E> {
    fn from(insert: I) -> Self {
        Self {
            insert,
            end: PhantomData,
        }
    }
}

impl<I, E> QueryFragment<Sqlite> for KeptInsert<I, E>
where
    I: QueryFragment<Sqlite> + QueryId,
    E: End,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.insert.walk_ast(out.reborrow())?;
        out.push_sql(E::SQL);
        Ok(())
    }

    fn is_safe_to_cache_prepared(&self, _backend: &Sqlite) -> QueryResult<bool> {
        Ok(Self::HAS_STATIC_QUERY_ID)
    }
}

impl<I, E> QueryId for KeptInsert<I, E>
where
    I: QueryId,
    E: End,
{
    type QueryId = KeptInsert<I::QueryId, E>;
    const HAS_STATIC_QUERY_ID: bool = I::HAS_STATIC_QUERY_ID;
}

impl<I, E> RunQueryDsl<SqliteConnection> for KeptInsert<I, E> {}
