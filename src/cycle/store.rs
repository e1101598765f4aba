//! Published tables as they were taken: the last of each name, earlier ones superseded.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::table::Table;
use crate::db::schema::published_table;
use crate::db::{AnyConn, DbError};

/// A table as it is stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = published_table, treat_none_as_default_value = false)]
pub struct PublishedRow {
    /// Id.
    pub id: i64,
    /// Code of the pack.
    pub pack: String,
    /// Name of the table in it.
    pub name: String,
    /// Digest of the content.
    pub digest: String,
    /// Columns and rows as JSON.
    pub content: String,
    /// When it was taken.
    pub recorded_at: chrono::NaiveDateTime,
    /// When another took its place.
    pub superseded_at: Option<chrono::NaiveDateTime>,
}

/// The tables of a pack in force, by name; a content that does not read is none.
///
/// # Errors
/// Those of the database.
pub fn in_force(conn: &mut AnyConn, pack: &str) -> Result<BTreeMap<String, (i64, String, Table)>, DbError> {
    let rows: Vec<PublishedRow> = published_table::table
        .filter(published_table::pack.eq(pack))
        .filter(published_table::superseded_at.is_null())
        .select(PublishedRow::as_select())
        .load(conn)?;
    let read = |row: PublishedRow| {
        let table = serde_json::from_str(&row.content).ok()?;
        Some((row.name, (row.id, row.digest, table)))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}
