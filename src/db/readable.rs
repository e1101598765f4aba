//! Dates and moments that the program cannot read: written past it, or by a disk that lies. A check names them one by
//! one instead of ending at the first.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{AnyConn, DbError};

/// A cell that does not read.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Unreadable {
    /// The table.
    #[diesel(sql_type = Text)]
    pub place: String,
    /// The column.
    #[diesel(sql_type = Text)]
    pub field: String,
    /// The row: the values of its key.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// What stands there, 40 characters at most.
    #[diesel(sql_type = Text)]
    pub value: String,
}

impl Unreadable {
    /// The line of a report.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "таблица {}, строка {}: {}: «{}» не дата",
            self.place, self.key, self.field, self.value
        )
    }
}

/// A column of dates or moments, and the key of its table.
#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    field: String,
    #[diesel(sql_type = Text)]
    kind: String,
    /// Columns of the key with commas.
    #[diesel(sql_type = Text)]
    key: String,
}

/// Every cell of a date or a moment that does not read.
///
/// # Errors
/// Those of the database.
pub fn unreadable(conn: &mut AnyConn) -> Result<Vec<Unreadable>, DbError> {
    let (columns, wrong): (&str, fn(&Column) -> String) = match conn {
        AnyConn::Sqlite(_) => (SQLITE_COLUMNS, wrong_on_sqlite),
        AnyConn::Pg(_) => (POSTGRES_COLUMNS, wrong_on_postgres),
    };
    let mut found = Vec::new();
    for column in diesel::sql_query(columns).load::<Column>(conn)? {
        let key: Vec<String> = column
            .key
            .split(',')
            .map(|k| format!("CAST(\"{k}\" AS TEXT)"))
            .collect();
        let query = format!(
            "SELECT '{place}' AS place, '{field}' AS field, {key} AS key, substr(CAST(\"{field}\" AS TEXT), 1, 40) AS value \
             FROM \"{place}\" WHERE {wrong} ORDER BY 3",
            place = column.place,
            field = column.field,
            key = key.join(" || ' ' || "),
            wrong = wrong(&column),
        );
        found.extend(diesel::sql_query(query).load::<Unreadable>(conn)?);
    }
    Ok(found)
}

const SQLITE_COLUMNS: &str = "SELECT m.name AS place, c.name AS field, c.type AS kind, \
    (SELECT group_concat(k.name, ',') FROM pragma_table_info(m.name) k WHERE k.pk > 0) AS key \
    FROM sqlite_master m JOIN pragma_table_info(m.name) c \
    WHERE m.type = 'table' AND c.type IN ('DATE', 'TIMESTAMP') \
    AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) k WHERE k.pk > 0) ORDER BY 1, 2";

const POSTGRES_COLUMNS: &str = "SELECT c.table_name::text AS place, c.column_name::text AS field, \
    c.data_type::text AS kind, k.key FROM information_schema.columns c JOIN (SELECT i.indrelid, \
    string_agg(a.attname, ',' ORDER BY a.attnum) AS key FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid \
    AND a.attnum = ANY (i.indkey) WHERE i.indisprimary GROUP BY i.indrelid) k \
    ON k.indrelid = to_regclass(quote_ident(c.table_name)) \
    WHERE c.table_schema = current_schema() AND c.data_type IN ('date', 'timestamp without time zone') ORDER BY 1, 2";

/// SQLite keeps any text in any column: what is not the very form in which the program writes is wrong.
fn wrong_on_sqlite(column: &Column) -> String {
    let field = format!("\"{}\"", column.field);
    let day = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]";
    if column.kind == "DATE" {
        return format!("{field} IS NOT NULL AND ({field} NOT GLOB '{day}' OR date({field}) IS NOT {field})");
    }
    let time = "[0-9][0-9]:[0-9][0-9]:[0-9][0-9]";
    format!(
        "{field} IS NOT NULL AND ({field} NOT GLOB '{day}[ T]{time}*' OR datetime({field}) IS NOT \
         replace(substr({field}, 1, 19), 'T', ' '))"
    )
}

/// PostgreSQL keeps real dates only, infinite and very far ones among them.
fn wrong_on_postgres(column: &Column) -> String {
    let field = format!("\"{}\"", column.field);
    format!("NOT isfinite({field}) OR {field} > '9999-12-31' OR {field} < '0001-01-01'")
}
