//! An update whose statement SQLite keeps prepared.
//!
//! The library's own update says of itself that its text may change, and is prepared anew each time. Here it is put together
//! from the parts of which that one is made; whoever names it by a type of its own says that its text is always the same.

use std::marker::PhantomData;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::QuerySource;
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};

/// An update of a table: what is set, of which rows, and the type that names its text.
#[derive(Debug)]
pub struct KeptUpdate<F, S, W, N> {
    table: F,
    set: S,
    rows: W,
    name: PhantomData<N>,
}

impl<F, S, W, N> KeptUpdate<F, S, W, N> {
    /// Sets `set` in those rows of a table for which `rows` holds.
    pub fn of<T>(table: &T, rows: W, set: S) -> Self
    where
        T: QuerySource<FromClause = F>,
    {
        Self {
            table: table.from_clause(),
            set,
            rows,
            name: PhantomData,
        }
    }
}

impl<F, S, W, N> QueryFragment<Sqlite> for KeptUpdate<F, S, W, N>
where
    F: QueryFragment<Sqlite>,
    S: QueryFragment<Sqlite>,
    W: QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.set.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.rows.walk_ast(out.reborrow())
    }
}

impl<F, S, W, N: 'static> QueryId for KeptUpdate<F, S, W, N> {
    type QueryId = KeptUpdate<(), (), (), N>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<F, S, W, N> RunQueryDsl<SqliteConnection> for KeptUpdate<F, S, W, N> {}
