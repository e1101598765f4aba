//! The harness: an installation of its own for each test, on either database, driven by the command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Makes two tests of one function: the same test on each database.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* fn $name:ident($v:ident: &Vekha) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;
            fn scenario($v: &$crate::support::Vekha) $body
            #[test]
            fn sqlite() {
                $crate::support::timed(|| scenario(&$crate::support::Vekha::new($crate::support::Backend::Sqlite)));
            }
            #[test]
            fn postgres() {
                $crate::support::timed(|| scenario(&$crate::support::Vekha::new($crate::support::Backend::Postgres)));
            }
        }
    )+};
}

/// Runs a test, and tells the file of `VEKHA_TEST_TIMES` how many milliseconds it took with all that it started.
pub fn timed(test: impl FnOnce()) {
    use std::io::Write as _;
    let begun = std::time::Instant::now();
    test();
    let Some(file) = std::env::var_os("VEKHA_TEST_TIMES") else {
        return;
    };
    let opened = std::fs::File::options().append(true).create(true).open(file);
    let thread = std::thread::current();
    let line = format!(
        "{:>7} {}\n",
        begun.elapsed().as_millis(),
        thread.name().unwrap_or_default()
    );
    opened
        .and_then(|mut f| f.write_all(line.as_bytes()))
        .expect("the file of times takes a line");
}

/// An empty installation with its data folder and database; both are gone when it is dropped.
pub struct Vekha {
    folder: tempfile::TempDir,
    database: Option<PostgresDatabase>,
}

/// What a command answered.
#[must_use]
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Answer {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }

    /// The answer, which must be success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "exit {}\n{}\n{}", self.code, self.out, self.err);
        self
    }

    /// The answer, which must be "done with refused rows".
    #[track_caller]
    pub fn with_refusals(self) -> Self {
        assert_eq!(self.code, 2, "exit {}\n{}\n{}", self.code, self.out, self.err);
        self
    }

    /// The answer, which must be a failure.
    #[track_caller]
    pub fn failed(self) -> Self {
        assert_eq!(self.code, 1, "exit {}\n{}\n{}", self.code, self.out, self.err);
        self
    }

    /// The rows of a CSV answer as maps from column to value.
    #[track_caller]
    pub fn rows(&self) -> Vec<std::collections::BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_reader(self.out.as_bytes());
        reader.deserialize().map(|row| row.expect("a CSV row")).collect()
    }
}

impl Vekha {
    pub fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = (backend == Backend::Postgres).then(PostgresDatabase::new);
        Self { folder, database }
    }

    /// An empty installation on a server of PostgreSQL that is the test's own.
    pub fn on_server(server: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (server, name) = (Some(server.to_owned()), "postgres".to_owned());
        let database = Some(PostgresDatabase { server, name });
        Self { folder, database }
    }

    /// The folder where a test may put its files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the test.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("the test's file is written");
        path
    }

    /// The URL of this installation's database.
    pub fn url(&self) -> String {
        match &self.database {
            Some(database) => database.url(),
            None => format!("sqlite:{}", self.data().join("vekha.sqlite").display()),
        }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command on this installation, to be spawned by the test itself.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--data").arg(self.data());
        if let Some(database) = &self.database {
            command.args(["--database", &database.url()]);
        }
        // Most tests sign in with a password alone; those of the second factor say otherwise.
        command.env("VEKHA_SECOND_FACTOR", "off");
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments).output().expect("vekha starts"))
    }

    /// Imports a file of the test and expects every row to be taken.
    #[track_caller]
    pub fn import(&self, kind: &str, content: &str) -> Answer {
        let path = self.file(&format!("{kind}.csv"), content);
        self.run(&["import", kind, text(&path)]).ok()
    }

    /// Another installation with the same content; nobody may be at work on this one.
    pub fn copy(&self) -> Self {
        self.wait_until_unused();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = self.database.as_ref().map(|own| PostgresDatabase::copy_of(&own.name));
        if self.data().exists() {
            let status = Command::new("cp")
                .arg("-r")
                .arg(self.data())
                .arg(folder.path())
                .status();
            assert!(status.expect("cp starts").success(), "the data folder is copied");
        }
        Self { folder, database }
    }

    /// Asks the database past the program: the only column of every row.
    #[track_caller]
    pub fn query(&self, select: &str) -> Vec<String> {
        use diesel::prelude::*;
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            value: String,
        }
        let statement = format!("WITH asked(value) AS ({select}) SELECT CAST(value AS TEXT) AS value FROM asked");
        let rows: Vec<Row> = match &self.database {
            Some(database) => diesel::sql_query(statement)
                .load(&mut diesel::PgConnection::establish(&database.url()).expect("PostgreSQL answers")),
            None => {
                let file = self.data().join("vekha.sqlite");
                use diesel::connection::SimpleConnection as _;
                let mut c = diesel::SqliteConnection::establish(text(&file)).expect("the file opens");
                c.batch_execute("PRAGMA busy_timeout = 5000").expect("a pragma");
                diesel::sql_query(statement).load(&mut c)
            }
        }
        .expect(select);
        rows.into_iter().map(|row| row.value).collect()
    }

    /// Waits until the server has noticed that the programs on this database are gone. Nothing on SQLite.
    pub fn wait_until_unused(&self) {
        let Some(database) = &self.database else { return };
        let others = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'",
            database.name
        );
        let mut patience = 1000;
        while ask_server(&others) > 0 {
            assert!(patience > 0, "a killed program's connection stays");
            patience -= 1;
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// Runs SQL past the program, as someone with the database in hand would.
    #[track_caller]
    pub fn sql(&self, statements: &str) {
        self.try_sql(statements).expect(statements);
    }

    /// The same, where the database itself may refuse: what it says then.
    pub fn try_sql(&self, statements: &str) -> Result<(), String> {
        use diesel::Connection as _;
        use diesel::connection::SimpleConnection as _;
        let done = match &self.database {
            Some(database) => diesel::PgConnection::establish(&database.url())
                .expect("PostgreSQL answers")
                .batch_execute(statements),
            None => diesel::SqliteConnection::establish(text(&self.data().join("vekha.sqlite")))
                .expect("the file opens")
                .batch_execute(&format!("PRAGMA busy_timeout = 5000; {statements}")),
        };
        done.map_err(|e| e.to_string())
    }

    /// Takes away what keeps the journal append-only, as whoever owns the database can.
    pub fn unlock_journal(&self) {
        for table in ["audit_event", "audit_seal"] {
            let on = if self.database.is_some() {
                format!(" ON {table}")
            } else {
                String::new()
            };
            for trigger in ["keeps_its_rows", "loses_no_row"] {
                self.sql(&format!("DROP TRIGGER {table}_{trigger}{on}"));
            }
        }
    }
}

/// A path as text.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

/// The day in the zone of a region that has set none: for five hours of each day it is ahead of UTC.
pub fn today() -> chrono::NaiveDate {
    use vekha::clock::Clock;
    let zone = chrono::FixedOffset::east_opt(5 * 3600).expect("a zone");
    vekha::clock::SystemClock { zone }.today()
}

/// A database of one test on the server that `tests/run` started.
struct PostgresDatabase {
    /// Another server, which ends with its test.
    server: Option<String>,
    name: String,
}

static NEXT: AtomicU32 = AtomicU32::new(0);
static TEMPLATE: OnceLock<String> = OnceLock::new();

fn server() -> String {
    std::env::var("VEKHA_TEST_POSTGRES").expect("run the tests by tests/run: it starts PostgreSQL")
}

fn administer(statement: &str) {
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection as _;
    let mut c = diesel::PgConnection::establish(&format!("{}/postgres", server())).expect("PostgreSQL answers");
    c.batch_execute(statement).expect(statement);
}

fn ask_server(select: &str) -> i64 {
    use diesel::prelude::*;
    let mut c = diesel::PgConnection::establish(&format!("{}/postgres", server())).expect("PostgreSQL answers");
    diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!("({select})")))
        .get_result(&mut c)
        .expect(select)
}

/// The program under test; another build of it where the tests themselves are to be seen red.
fn program() -> PathBuf {
    std::env::var_os("VEKHA_TEST_PROGRAM").map_or_else(|| env!("CARGO_BIN_EXE_vekha").into(), PathBuf::from)
}

/// Makes a migrated database once; the tests' databases are copies of it.
fn template() -> &'static str {
    TEMPLATE.get_or_init(|| {
        let name = format!("vekha_template_{}", std::process::id());
        administer(&format!("DROP DATABASE IF EXISTS {name}"));
        administer(&format!("CREATE DATABASE {name}"));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let output = Command::new(program())
            .arg("--data")
            .arg(folder.path())
            .args(["--database", &format!("{}/{name}", server()), "migrate"])
            .output()
            .expect("vekha starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        name
    })
}

impl PostgresDatabase {
    fn new() -> Self {
        Self::copy_of(template())
    }

    fn copy_of(template: &str) -> Self {
        static COPYING: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let name = format!("vekha_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let _one_at_a_time = COPYING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        administer(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Self { server: None, name }
    }

    fn url(&self) -> String {
        format!("{}/{}", self.server.clone().unwrap_or_else(server), self.name)
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.server.is_none() {
            administer(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}
