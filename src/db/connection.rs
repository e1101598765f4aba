//! From a URL to a checked connection: the only place, beside [`crate::db::dialect`], that knows which backend runs.
//!
//! The variant is picked by the scheme of the URL. The derived `establish` is never used: it tries the variants in
//! turn and may open a SQLite file of the name of a PostgreSQL address.

use diesel::prelude::*;
use diesel::r2d2::ManageConnection;

use super::DbError;
use super::any_conn::AnyConn;
use crate::planted;

/// Where the data live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// A PostgreSQL URL, without a password.
    Postgres(String),
    /// The path of a SQLite file.
    Sqlite(String),
}

impl Backend {
    /// Reads a database URL: `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// An unknown scheme, or a password inside the URL.
    pub fn parse(url: &str) -> Result<Self, DbError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(path.trim_start_matches("//").to_owned()));
        }
        let Some(rest) = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
        else {
            return Err(DbError::Settings(format!("неизвестная схема адреса базы: {url}")));
        };
        let user_info = rest
            .split(['/', '?'])
            .next()
            .unwrap_or("")
            .rsplit_once('@')
            .map_or("", |(user, _)| user);
        if user_info.contains(':') {
            return Err(DbError::Settings(
                "пароль в адресе базы не принимается: укажите файл в VEKHA_DATABASE_PASSWORD_FILE".into(),
            ));
        }
        Ok(Self::Postgres(url.to_owned()))
    }
}

/// What a pooled connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reads and writes.
    Write,
    /// Reads only; the database itself refuses writes.
    Read,
}

/// How much of a SQLite file a reading connection maps into memory, bytes.
const MAPPED_BYTES: u32 = 256 << 20;

/// After how many pages in SQLite's log of writes they are carried over into the file: 32 MB.
const CARRIED_PAGES: u32 = 8000;

/// How long one writer of PostgreSQL waits for another, seconds.
const LONGEST_LOCK_S: u32 = 10;

/// Opens, sets up and checks connections for the pool.
#[derive(Debug, Clone)]
pub struct Connector {
    /// Where to.
    pub backend: Backend,
    /// With which rights.
    pub purpose: Purpose,
    /// The password of PostgreSQL, read from a file.
    pub password: Option<String>,
    /// Longest run of one statement on PostgreSQL, milliseconds.
    pub statement_timeout_ms: u32,
    /// How long to wait for another program that holds the file of SQLite, and for a change of the schema, seconds.
    pub wait_s: u32,
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

impl Connector {
    fn open(&self) -> Result<AnyConn, DbError> {
        match &self.backend {
            Backend::Sqlite(path) => self.open_sqlite(path),
            Backend::Postgres(url) => self.open_postgres(url),
        }
    }

    fn open_sqlite(&self, path: &str) -> Result<AnyConn, DbError> {
        let mut c = diesel::SqliteConnection::establish(path).map_err(|e| DbError::Connect(e.to_string()))?;
        diesel::RunQueryDsl::execute(
            diesel::sql_query(format!("PRAGMA busy_timeout = {}", self.wait_s * 1000)),
            &mut c,
        )?;
        let synchronous = match () {
            () if planted!("synchronous_off") => ("synchronous", "OFF", "0"),
            () if planted!("synchronous_normal") => ("synchronous", "NORMAL", "1"),
            () => ("synchronous", "FULL", "2"),
        };
        // A file of thousands of rows is one transaction: what it touches is written once, not each time it is pushed out.
        let cache = match self.purpose {
            Purpose::Write => "-64000",
            Purpose::Read => "-8000",
        };
        let wanted = [
            ("journal_mode", "WAL", "wal"),
            synchronous,
            ("foreign_keys", "ON", "1"),
            ("secure_delete", "ON", "1"),
            ("trusted_schema", "OFF", "0"),
            ("cache_size", cache, cache),
            ("journal_size_limit", "67108864", "67108864"),
        ];
        for (name, value, expected) in wanted {
            let set = format!("PRAGMA {name} = {value}");
            diesel::connection::SimpleConnection::batch_execute(&mut c, &set)?;
            // A pragma that did not take is silent, so each is read back.
            let read = format!("SELECT CAST({name} AS TEXT) AS value FROM pragma_{name}");
            let got: Setting = diesel::sql_query(read).get_result(&mut c)?;
            if got.value != expected {
                return Err(DbError::Settings(format!(
                    "SQLite: {name} = {}, нужно {expected}",
                    got.value
                )));
            }
        }
        let version: Setting = diesel::sql_query("SELECT sqlite_version() AS value").get_result(&mut c)?;
        if version_number(&version.value) < 3_051_003 {
            return Err(DbError::Settings(format!(
                "SQLite {}: нужна 3.51.3 или новее",
                version.value
            )));
        }
        let set = match self.purpose {
            // Pages that every act writes anew are carried over into the file once for many commits.
            Purpose::Write => format!("PRAGMA wal_autocheckpoint = {CARRIED_PAGES}"),
            // Pages of the file are read where they lie instead of being copied into each connection's cache.
            Purpose::Read => format!("PRAGMA query_only = ON; PRAGMA mmap_size = {MAPPED_BYTES}"),
        };
        diesel::connection::SimpleConnection::batch_execute(&mut c, &set)?;
        Ok(AnyConn::Sqlite(c))
    }

    fn open_postgres(&self, url: &str) -> Result<AnyConn, DbError> {
        let address = match &self.password {
            Some(password) => with_password(url, password),
            None => url.to_owned(),
        };
        // The driver's own message may repeat the address with the password: it is not passed on.
        let mut c = diesel::PgConnection::establish(&address)
            .map_err(|_| DbError::Connect(format!("PostgreSQL не отвечает по адресу {url}")))?;
        for name in ["fsync", "full_page_writes", "synchronous_commit"] {
            let got: Setting =
                diesel::sql_query(format!("SELECT current_setting('{name}') AS value")).get_result(&mut c)?;
            if got.value == "off" {
                return Err(DbError::Settings(format!(
                    "PostgreSQL: {name} выключен, подтверждённое может пропасть"
                )));
            }
        }
        let encoding: Setting =
            diesel::sql_query("SELECT current_setting('server_encoding') AS value").get_result(&mut c)?;
        if encoding.value != "UTF8" {
            return Err(DbError::Settings(format!(
                "PostgreSQL: кодировка базы {}, нужна UTF8",
                encoding.value
            )));
        }
        // Whoever writes may wait for another writer; whoever reads waits for a change of the schema only.
        let (read_only, patience) = match self.purpose {
            Purpose::Read => ("on", self.wait_s),
            Purpose::Write => ("off", LONGEST_LOCK_S),
        };
        diesel::connection::SimpleConnection::batch_execute(
            &mut c,
            &format!(
                "SET TimeZone = 'UTC'; SET client_min_messages = warning; SET jit = off; \
                 SET statement_timeout = {}; SET lock_timeout = '{patience}s'; \
                 SET default_transaction_read_only = {read_only}",
                self.statement_timeout_ms
            ),
        )?;
        if planted!("synchronous_normal" | "synchronous_off") {
            diesel::connection::SimpleConnection::batch_execute(&mut c, "SET synchronous_commit = off")?;
        }
        Ok(AnyConn::Pg(c))
    }
}

/// `3.53.2` as 3053002.
fn version_number(text: &str) -> u32 {
    text.split('.')
        .take(3)
        .fold(0, |n, part| n * 1000 + part.parse::<u32>().unwrap_or(0))
}

fn with_password(url: &str, password: &str) -> String {
    let escaped: String = password
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                (b as char).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}password={escaped}")
}

impl ManageConnection for Connector {
    type Connection = AnyConn;
    type Error = DbError;

    fn connect(&self) -> Result<AnyConn, DbError> {
        let mut conn = self.open()?;
        diesel::Connection::set_instrumentation(&mut conn, super::slow_log::SlowLog::default());
        Ok(conn)
    }

    fn is_valid(&self, conn: &mut AnyConn) -> Result<(), DbError> {
        diesel::connection::SimpleConnection::batch_execute(conn, "SELECT 1").map_err(DbError::from)
    }

    fn has_broken(&self, conn: &mut AnyConn) -> bool {
        std::thread::panicking() || super::dialect::is_broken(conn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_scheme_never_becomes_an_empty_file() {
        assert!(matches!(Backend::parse("posgres://h/d"), Err(DbError::Settings(_))));
        assert!(matches!(Backend::parse("host=h dbname=d"), Err(DbError::Settings(_))));
        assert!(matches!(
            Backend::parse("postgres://u:secret@h/d"),
            Err(DbError::Settings(_))
        ));
        assert_eq!(
            Backend::parse("sqlite:a.sqlite").unwrap(),
            Backend::Sqlite("a.sqlite".into())
        );
    }
}
