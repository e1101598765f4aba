//! The database: one program, two backends, chosen by URL at run time.
//!
//! [`Db::read`] and [`Db::write`] hide the pool, the blocking thread and the transaction. A write runs the commit hooks
//! that `app.rs` registered before it commits: stages say `tx.touch(person)` and never call what stands below them.

mod any_conn;
pub mod connection;
pub mod dialect;
mod group;
#[cfg(test)]
mod group_test;
pub mod ids;
pub(crate) mod in_force;
pub mod kept_insert;
pub mod kept_update;
pub mod migrate;
pub mod milli;
#[cfg(feature = "planted")]
mod planted;
pub mod readable;
pub mod schema;
pub mod settings;
pub mod slow_log;
pub mod statistics;
pub mod text_keys;
mod trouble;
pub mod types;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::r2d2::{Pool, PooledConnection};

pub use any_conn::AnyConn;
pub use connection::Backend;
use connection::{Connector, Purpose};
use ids::IdGenerator;

use crate::clock::Clock;

/// What the database may answer instead of rows.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The address cannot be reached.
    #[error("{0}")]
    Connect(String),
    /// The server or file is set up so that acknowledged writes could be lost, or the address is not accepted.
    #[error("{0}")]
    Settings(String),
    /// A migration failed.
    #[error("миграция: {0}")]
    Migrate(String),
    /// No connection became free in time.
    #[error("база занята, повторите через несколько секунд")]
    Busy,
    /// A statement failed.
    #[error("база данных: {0}")]
    Query(#[from] diesel::result::Error),
    /// Work on the blocking thread panicked.
    #[error("внутренняя ошибка при работе с базой")]
    Panicked,
}

impl DbError {
    /// Whether a unique key refused the row: the last guard against two writers at once.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(
            self,
            Self::Query(diesel::result::Error::DatabaseError(
                diesel::result::DatabaseErrorKind::UniqueViolation,
                _
            ))
        )
    }

    /// The same error once more, for each of those whom it ended.
    fn again(&self) -> Self {
        match self {
            Self::Connect(text) => Self::Connect(text.clone()),
            Self::Settings(text) => Self::Settings(text.clone()),
            Self::Migrate(text) => Self::Migrate(text.clone()),
            Self::Busy => Self::Busy,
            Self::Query(error) => Self::Query(alike(error)),
            Self::Panicked => Self::Panicked,
        }
    }

    /// Whether another program or transaction held what was needed for longer than one waits.
    #[must_use]
    pub fn is_held(&self) -> bool {
        const SAID: [&str; 4] = [
            "database is locked",
            "table is locked",
            "lock timeout",
            "statement timeout",
        ];
        match self {
            Self::Query(diesel::result::Error::DatabaseError(_, about)) => {
                SAID.iter().any(|said| about.message().contains(said))
            }
            _ => false,
        }
    }

    /// Whether a stored value did not read: somebody wrote it past the program.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Query(diesel::result::Error::DeserializationError(_)))
    }
}

/// A copy of what the database answered: its own type has none.
fn alike(error: &diesel::result::Error) -> diesel::result::Error {
    use diesel::result::{DatabaseErrorKind, Error};
    let (kind, text) = match error {
        Error::DatabaseError(kind, about) => (*kind, about.message().to_owned()),
        other => (DatabaseErrorKind::Unknown, other.to_string()),
    };
    Error::DatabaseError(kind, Box::new(text))
}

/// Runs inside every write, before the commit: facts and counters, and whatever else must never lag behind.
pub trait CommitHook: Send + Sync {
    /// Looks at what the transaction touched and writes what follows from it.
    ///
    /// # Errors
    /// Any error ends the transaction.
    fn before_commit(&self, tx: &mut Tx<'_>) -> Result<(), DbError>;
}

/// Ids of rows whose facts a transaction has made stale.
#[derive(Debug, Default)]
pub struct Touched {
    /// Persons, by raw id (the stages above know the newtype).
    pub persons: BTreeSet<i64>,
    /// Persons whose facts may rest on one day more.
    pub days: Vec<TouchedDay>,
    /// Organisations whose place in the tree or own data changed.
    pub units: BTreeSet<i64>,
    /// Something every person's facts rest on changed (a procedure's validity, the tree): recompute all.
    pub everyone: bool,
}

/// A day on which something was done for a person. Facts say of a period only whether it was done there at all: they change
/// in a period that holds this day and none of those before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedDay {
    /// The person, by raw id.
    pub person: i64,
    /// The day.
    pub on: NaiveDate,
    /// Days on which the same was done already.
    pub before: Vec<NaiveDate>,
}

/// An open write transaction.
pub struct Tx<'a> {
    conn: &'a mut AnyConn,
    ids: &'a IdGenerator,
    now: NaiveDateTime,
    today: NaiveDate,
    touched: Touched,
    #[cfg(feature = "planted")]
    planted: Option<planted::Statements>,
}

impl<'a> Tx<'a> {
    /// A transaction that has been begun on `conn`.
    fn new(inner: &'a Inner, conn: &'a mut AnyConn) -> Self {
        Tx {
            conn,
            ids: &inner.ids,
            now: crate::clock::to_microseconds(inner.clock.now()),
            today: inner.clock.today(),
            touched: Touched::default(),
            #[cfg(feature = "planted")]
            planted: Some(planted::Statements::default()),
        }
    }

    /// Does `work`, then what has to hold before its commit.
    fn whole<T, E: From<DbError>>(
        &mut self,
        hooks: &[Box<dyn CommitHook>],
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let value = work(self)?;
        for hook in hooks {
            hook.before_commit(self)?;
        }
        Ok(value)
    }
}

impl Tx<'_> {
    /// The connection inside the transaction.
    pub fn conn(&mut self) -> &mut AnyConn {
        #[cfg(feature = "planted")]
        if let Some(statements) = &self.planted {
            statements.count(self.conn);
        }
        self.conn
    }

    /// Commits what stands and begins anew: for the faults that tear a transaction in two.
    ///
    /// # Errors
    /// Those of the database.
    #[cfg(feature = "planted")]
    pub fn end_early(&mut self) -> Result<(), DbError> {
        Ok(dialect::tear(self.conn, || ())?)
    }

    /// The moment of this transaction, UTC, to the microsecond: every row it writes carries the same.
    #[must_use]
    pub fn now(&self) -> NaiveDateTime {
        self.now
    }

    /// The date of this transaction in the region's zone.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// A new id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.ids.next(self.now)
    }

    /// Says that something the facts of a person rest on has changed.
    pub fn touch(&mut self, person: i64) {
        self.touched.persons.insert(person);
    }

    /// Says that the facts of a person may rest on one day more.
    pub fn touch_day(&mut self, day: TouchedDay) {
        self.touched.days.push(day);
    }

    /// Says that a unit's own data or its place in the tree have changed.
    pub fn touch_unit(&mut self, unit: i64) {
        self.touched.units.insert(unit);
    }

    /// Says that the facts of everyone may have changed.
    pub fn touch_everyone(&mut self) {
        self.touched.everyone = true;
    }

    /// Takes what was touched so far; the hooks call it.
    pub fn take_touched(&mut self) -> Touched {
        std::mem::take(&mut self.touched)
    }

    /// Runs `f` inside a savepoint: if it fails, what it wrote is gone and the transaction goes on.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn savepoint<T, E>(&mut self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        let (ids, now, today) = (self.ids, self.now, self.today);
        let touched = &mut self.touched;
        self.conn.transaction(|conn| {
            let mut inner = Tx {
                conn,
                ids,
                now,
                today,
                touched: Touched::default(),
                #[cfg(feature = "planted")]
                planted: None,
            };
            let value = f(&mut inner)?;
            let Touched {
                persons,
                days,
                units,
                everyone,
            } = inner.touched;
            touched.persons.extend(persons);
            touched.days.extend(days);
            touched.units.extend(units);
            touched.everyone |= everyone;
            Ok(value)
        })
    }
}

/// Options of opening a database.
pub struct Options {
    /// Where it is.
    pub backend: Backend,
    /// The password of PostgreSQL, from a file.
    pub password: Option<String>,
    /// Longest run of one statement on PostgreSQL, milliseconds.
    pub statement_timeout_ms: u32,
    /// How long to wait for a free connection, or for another program that holds the file of SQLite, seconds.
    pub pool_wait_s: u32,
    /// The clock that stamps rows.
    pub clock: Arc<dyn Clock>,
    /// Whether an old schema is brought up (SQLite, `migrate`, tests) or refused (`serve` on PostgreSQL).
    pub migrate: bool,
}

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    writers: Pool<Connector>,
    readers: Pool<Connector>,
    clock: Arc<dyn Clock>,
    ids: IdGenerator,
    hooks: Vec<Box<dyn CommitHook>>,
    /// Whoever waits for SQLite's one writer.
    group: group::Group,
    /// A transaction whose writes were answered already; the planted fault commits it at the end.
    #[cfg(feature = "planted")]
    planted_open: Mutex<Option<PooledConnection<Connector>>>,
}

/// How long a look waits for the one writer before it is written down elsewhere.
const SOON: Duration = Duration::from_millis(200);

/// How long a process keeps its number, hours: longer than any command.
const LEASE_HOURS: i64 = 4;

impl Drop for Inner {
    /// Gives the process number back. If that fails, the lease runs out by itself.
    fn drop(&mut self) {
        use schema::process_lease as lease;
        #[cfg(feature = "planted")]
        if let Some(mut conn) = self.planted_open.lock().map_or(None, |mut open| open.take()) {
            planted::gap();
            let _shown_by_the_tests: QueryResult<()> = dialect::commit(&mut conn);
        }
        let now = crate::clock::to_microseconds(self.clock.now());
        if let Ok(mut conn) = self.writers.get() {
            let _left_to_run_out: QueryResult<usize> =
                diesel::update(lease::table.filter(lease::number.eq(self.ids.process())))
                    .set(lease::leased_until.eq(now))
                    .execute(&mut *conn);
        }
    }
}

impl Db {
    /// Opens the database, checks its settings, brings the schema up or refuses an old one, leases a process number.
    ///
    /// # Errors
    /// [`DbError::Settings`] and [`DbError::Connect`] say in Russian what to do; a failed migration is named.
    pub fn open(options: Options, hooks: Vec<Box<dyn CommitHook>>) -> Result<Self, DbError> {
        let Options {
            backend,
            password,
            statement_timeout_ms,
            pool_wait_s,
            clock,
            migrate: bring_up,
        } = options;
        let connector = |purpose| Connector {
            backend: backend.clone(),
            purpose,
            password: password.clone(),
            statement_timeout_ms,
            wait_s: pool_wait_s,
        };
        // The first connection is made apart from the pool, which would hide its error behind a time-out.
        let mut first = diesel::r2d2::ManageConnection::connect(&connector(Purpose::Write))?;
        prepare_schema(&mut first, &backend, bring_up)?;
        let ids = lease_process_number(&mut first, clock.now())?;
        drop(first);
        let cores = u32::try_from(std::thread::available_parallelism().map_or(2, usize::from)).unwrap_or(2);
        let write_connections = if matches!(backend, Backend::Sqlite(_)) {
            1
        } else {
            cores * 2
        };
        let pool = |purpose, size| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .test_on_check_out(false)
                .connection_timeout(Duration::from_secs(u64::from(pool_wait_s)))
                .build(connector(purpose))
                .map_err(|_| DbError::Busy)
        };
        let inner = Inner {
            writers: pool(Purpose::Write, write_connections)?,
            readers: pool(Purpose::Read, cores * 2)?,
            backend,
            clock,
            ids,
            hooks,
            group: group::Group::default(),
            #[cfg(feature = "planted")]
            planted_open: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Which backend runs, for messages and measurements.
    #[must_use]
    pub fn backend(&self) -> &Backend {
        &self.inner.backend
    }

    /// Reads: `f` sees the rows of one moment and may not write.
    ///
    /// # Errors
    /// Those of `f`, or of the database.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut AnyConn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let inner = self.inner.clone();
        blocking(move || {
            let mut conn = take(&inner.readers)?;
            dialect::begin_read(&mut conn).map_err(DbError::from)?;
            let outcome = f(&mut conn);
            let end = dialect::rollback(&mut conn);
            let value = outcome?;
            end.map_err(DbError::from)?;
            Ok(value)
        })
        .await
    }

    /// Lets the planner look at tables that have grown, where the database does not do so by itself.
    ///
    /// # Errors
    /// Those of the database; nothing depends on it, it may be tried later.
    pub async fn look_at_tables(&self) -> Result<(), DbError> {
        let inner = self.inner.clone();
        blocking(move || {
            let mut conn = take(&inner.writers)?;
            dialect::look_at_tables(&mut conn)
        })
        .await
    }

    /// Writes: `f` runs whole or not at all, the commit hooks after it, and the answer only after the commit. The
    /// closure is short and does no I/O but the database; on an error nothing of it remains. On PostgreSQL each write
    /// is a transaction; on SQLite those that wait for the one writer share it, each in its own savepoint.
    ///
    /// # Errors
    /// Those of `f`, of a hook, or of the database.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let inner = self.inner.clone();
        #[cfg(feature = "planted")]
        if planted::fault() == planted::Fault::AnswerBeforeCommit {
            return blocking(move || answered_early(&inner, f)).await;
        }
        let (call, answer) = group::Waiting::of(f);
        group::start(inner, call);
        answer.await.unwrap_or_else(|_| Err(DbError::Panicked.into()))
    }

    /// Writes `what` if its turn comes soon; else gives it back, unwritten and for good. On PostgreSQL writers work beside
    /// each other, and this is [`Db::write`].
    ///
    /// # Errors
    /// Those of `f`, of a hook, or of the database.
    pub async fn write_soon<A, T, F>(&self, what: A, f: F) -> Result<Result<T, A>, DbError>
    where
        F: FnOnce(&mut Tx<'_>, &A) -> Result<T, DbError> + Send + 'static,
        A: Send + 'static,
        T: Send + 'static,
    {
        let held = Arc::new(Mutex::new(Some(what)));
        let taken = held.clone();
        // Whoever comes first takes it: the writer at its turn, or the caller who has waited long enough.
        let take = |of: &Mutex<Option<A>>| of.lock().unwrap_or_else(PoisonError::into_inner).take();
        let write = self.write(move |tx| take(&taken).map(|what| f(tx, &what)).transpose());
        let mut write = std::pin::pin!(write);
        let done = if matches!(self.inner.backend, Backend::Postgres(_)) || crate::planted!("look_waits") {
            write.as_mut().await
        } else {
            match tokio::time::timeout(SOON, write.as_mut()).await {
                Ok(done) => done,
                Err(_late) => match take(&held) {
                    Some(what) => return Ok(Err(what)),
                    None => write.await,
                },
            }
        };
        match (done, take(&held)) {
            (Ok(Some(value)), _) => Ok(Ok(value)),
            // Its turn did not come at all.
            (_, Some(what)) => Ok(Err(what)),
            (Ok(None), None) => Err(DbError::Panicked),
            (Err(e), None) => Err(e),
        }
    }

    /// The moment that rows written now carry, UTC, to the microsecond.
    #[must_use]
    pub fn now(&self) -> NaiveDateTime {
        crate::clock::to_microseconds(self.inner.clock.now())
    }

    /// A new id of that moment.
    #[must_use]
    pub fn id(&self, now: NaiveDateTime) -> i64 {
        self.inner.ids.next(now)
    }
}

/// A write that is answered before its commit: the fault that tears the two apart.
#[cfg(feature = "planted")]
fn answered_early<T, E: From<DbError>>(inner: &Inner, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
    let open = inner.planted_open.lock().map_or(None, |mut open| open.take());
    let mut conn = open.map_or_else(|| begin(inner), Ok)?;
    match Tx::new(inner, &mut conn).whole(&inner.hooks, f) {
        Ok(value) => {
            if let Ok(mut open) = inner.planted_open.lock() {
                *open = Some(conn);
            }
            Ok(value)
        }
        Err(e) => {
            let _ended: QueryResult<()> = dialect::rollback(&mut conn);
            Err(e)
        }
    }
}

/// A writer's connection with its transaction begun.
fn begin(inner: &Inner) -> Result<PooledConnection<Connector>, DbError> {
    let mut conn = take(&inner.writers)?;
    dialect::begin_write(&mut conn)?;
    Ok(conn)
}

fn take(pool: &Pool<Connector>) -> Result<PooledConnection<Connector>, DbError> {
    pool.get().map_err(|_| DbError::Busy)
}

/// Runs `f` on a thread that may block.
pub(crate) async fn blocking<T, E>(f: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    let (tell, told) = tokio::sync::oneshot::channel();
    // One type for all work: else the machinery of tasks is compiled anew for each of hundreds of closures.
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        let _nobody_waits = tell.send(f());
    });
    drop(tokio::task::spawn_blocking(work));
    told.await.unwrap_or_else(|_| Err(DbError::Panicked.into()))
}

fn prepare_schema(conn: &mut AnyConn, backend: &Backend, bring_up: bool) -> Result<(), DbError> {
    let pending = migrate::pending(conn)?;
    if pending.is_empty() {
        return Ok(());
    }
    if !bring_up {
        return Err(DbError::Settings(format!(
            "схема базы старее программы (не выполнено: {}); выполните vekha migrate",
            pending.join(", ")
        )));
    }
    if let Backend::Sqlite(path) = backend {
        let path = std::path::Path::new(path);
        let used = migrate::is_used(conn)?;
        if used {
            let copy = path.with_extension(format!("before-{}.sqlite", pending.len()));
            let _absent = std::fs::remove_file(&copy);
            dialect::snapshot(conn, &copy)?;
        }
    }
    migrate::up(conn).map(|_| ())
}

fn lease_process_number(conn: &mut AnyConn, now: NaiveDateTime) -> Result<IdGenerator, DbError> {
    use schema::process_lease as lease;
    dialect::begin_write(conn)?;
    dialect::lock(conn, dialect::lock_space::PACK, [0])?;
    let taken: Vec<(i32, NaiveDateTime)> = lease::table
        .select((lease::number, lease::leased_until))
        .order(lease::number)
        .load(conn)?;
    let until = crate::clock::to_microseconds(now + chrono::Duration::hours(LEASE_HOURS));
    let free = taken.iter().find(|(_, leased_until)| *leased_until < now).copied();
    let (number, floor) = match free {
        Some((number, ended)) => {
            diesel::update(lease::table.filter(lease::number.eq(number)))
                .set(lease::leased_until.eq(until))
                .execute(conn)?;
            (number, ids::milliseconds(ended))
        }
        None => {
            let number = i32::try_from(taken.len()).unwrap_or(i32::MAX);
            if number > 1023 {
                let _ended: QueryResult<()> = dialect::rollback(conn);
                return Err(DbError::Settings(
                    "заняты все номера процессов; повторите через четыре часа".into(),
                ));
            }
            diesel::insert_into(lease::table)
                .values((lease::number.eq(number), lease::leased_until.eq(until)))
                .execute(conn)?;
            (number, 0)
        }
    };
    dialect::commit(conn)?;
    Ok(IdGenerator::new(number, floor))
}
