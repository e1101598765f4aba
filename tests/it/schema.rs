//! The schema: up, down and up again; both trees alike; diesel's view equal to the database.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use vekha::db::{AnyConn, migrate};

use crate::support::{Backend, Vekha};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    table_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    column_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    kind: String,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    required: bool,
}

fn open(v: &Vekha) -> AnyConn {
    let _migrated = v.run(&["migrate"]).ok();
    match v.url().strip_prefix("sqlite:") {
        Some(path) => AnyConn::Sqlite(diesel::SqliteConnection::establish(path).expect("the file opens")),
        None => AnyConn::Pg(diesel::PgConnection::establish(&v.url()).expect("PostgreSQL answers")),
    }
}

/// table -> column -> (type, required)
fn columns(conn: &mut AnyConn) -> BTreeMap<String, BTreeMap<String, (String, bool)>> {
    let query = match conn {
        AnyConn::Pg(_) => {
            "SELECT table_name::text, column_name::text, upper(replace(data_type, ' without time zone', '')) AS kind, \
             is_nullable = 'NO' AS required FROM information_schema.columns WHERE table_schema = 'public'"
        }
        AnyConn::Sqlite(_) => {
            "SELECT m.name AS table_name, c.name AS column_name, c.type AS kind, \
             (c.\"notnull\" = 1) AS required FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        }
    };
    let rows: Vec<Column> = diesel::sql_query(query).load(conn).expect("the catalogue reads");
    let mut tables: BTreeMap<String, BTreeMap<String, (String, bool)>> = BTreeMap::new();
    for row in rows.into_iter().filter(|r| !r.table_name.starts_with("__diesel")) {
        let kind = match row.kind.as_str() {
            _ if row.column_name == "id" => "BIGINT".to_owned(),
            "BYTEA" => "BLOB".to_owned(),
            _ => row.kind,
        };
        tables
            .entry(row.table_name)
            .or_default()
            .insert(row.column_name, (kind, row.required));
    }
    tables
}

#[test]
fn both_trees_make_the_same_tables() {
    let [sqlite, postgres] = [Backend::Sqlite, Backend::Postgres].map(|backend| {
        let v = Vekha::new(backend);
        columns(&mut open(&v))
    });
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (table, columns) in &sqlite {
        assert_eq!(columns, &postgres[table], "{table}");
    }
}

#[test]
fn both_trees_have_the_same_names_and_the_same_checks() {
    let names = |tree: &str| -> BTreeSet<String> {
        std::fs::read_dir(format!("migrations/{tree}"))
            .expect("the tree is there")
            .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for name in names("sqlite") {
        let checks = |tree: &str| -> Vec<String> {
            let text = std::fs::read_to_string(format!("migrations/{tree}/{name}/up.sql")).expect("up.sql");
            text.lines()
                .filter_map(|l| l.split_once("CHECK").map(|(_, c)| c.trim_end_matches(',').to_owned()))
                .collect()
        };
        assert_eq!(checks("sqlite"), checks("postgres"), "{name}");
        for tree in ["sqlite", "postgres"] {
            let text = std::fs::read_to_string(format!("migrations/{tree}/{name}/up.sql")).expect("up.sql");
            for line in text.lines().filter(|l| l.contains("REFERENCES")) {
                assert!(
                    line.contains("ON DELETE"),
                    "{tree}/{name}: says what happens on delete: {line}"
                );
            }
        }
    }
}

#[test]
fn migrations_run_up_down_and_up_on_both() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let v = Vekha::new(backend);
        let mut conn = open(&v);
        let before = columns(&mut conn);
        assert!(migrate::down(&mut conn).expect("down") > 0);
        assert!(columns(&mut conn).is_empty(), "{backend:?}: something stayed");
        assert!(migrate::up(&mut conn).expect("up") > 0);
        assert_eq!(columns(&mut conn), before, "{backend:?}");
    }
}

#[test]
fn diesel_reads_every_column_that_the_database_has() {
    let text = std::fs::read_to_string("src/db/schema.rs").expect("the schema");
    let v = Vekha::new(Backend::Sqlite);
    let mut conn = open(&v);
    let mut tables = columns(&mut conn);
    for block in text.split("diesel::table! {").skip(1) {
        let body = block.split("\n}").next().expect("a block");
        let mut lines = body
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with("///"));
        let name = lines
            .next()
            .and_then(|l| l.split_whitespace().next())
            .expect("a name")
            .to_owned();
        let mut real = tables
            .remove(&name)
            .unwrap_or_else(|| panic!("{name}: not in the database"));
        for line in lines.filter(|l| l.contains("->")) {
            let (column, kind) = line.trim_end_matches(',').split_once(" -> ").expect("a column");
            let (sql, required) = real
                .remove(column)
                .unwrap_or_else(|| panic!("{name}.{column}: not there"));
            assert_eq!(!kind.starts_with("Nullable"), required, "{name}.{column}: NULL or not");
            let plain = kind.trim_start_matches("Nullable<").trim_end_matches('>');
            let wanted = match plain {
                "BigInt" => "BIGINT",
                "Integer" => "INTEGER",
                "Bool" => "BOOLEAN",
                "Date" => "DATE",
                "Timestamp" => "TIMESTAMP",
                "Binary" => "BLOB",
                _ => "TEXT",
            };
            assert_eq!(sql, wanted, "{name}.{column}");
        }
        assert!(real.is_empty(), "{name}: diesel does not know {:?}", real.keys());
    }
    assert!(tables.is_empty(), "diesel does not know {:?}", tables.keys());
}

#[test]
fn a_write_outside_the_writer_is_refused_by_the_database() {
    let v = Vekha::new(Backend::Sqlite);
    let mut conn = open(&v);
    conn.batch_execute("PRAGMA query_only = ON").expect("a pragma");
    assert!(conn.batch_execute("DELETE FROM setting").is_err());
}
