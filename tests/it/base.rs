//! The base under every stage: transactions, commit hooks and jobs, on both databases.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use vekha::clock::Clock;
use vekha::db::schema::{job, setting};
use vekha::db::{Backend as Address, CommitHook, Db, DbError, Options, Tx, settings};
use vekha::error::Error;
use vekha::jobs::{self, Job};

use crate::on_both;
use crate::support::Vekha;

/// A clock that a test moves.
pub struct Hands(Mutex<NaiveDateTime>);

impl Hands {
    pub fn new() -> Arc<Self> {
        let start = NaiveDate::from_ymd_opt(2026, 3, 1).and_then(|d| d.and_hms_opt(9, 0, 0));
        Arc::new(Self(Mutex::new(start.expect("a real moment"))))
    }

    pub fn forward(&self, minutes: i64) {
        self.forward_seconds(60 * minutes);
    }

    pub fn forward_seconds(&self, seconds: i64) {
        *self.0.lock().expect("the clock") += chrono::Duration::seconds(seconds);
    }
}

impl Clock for Hands {
    fn now(&self) -> NaiveDateTime {
        *self.0.lock().expect("the clock")
    }

    fn today(&self) -> NaiveDate {
        self.now().date()
    }
}

struct Counting(Arc<AtomicUsize>);

impl CommitHook for Counting {
    fn before_commit(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let touched = tx.take_touched();
        self.0.fetch_add(touched.persons.len(), Ordering::SeqCst);
        if touched.persons.contains(&13) {
            return Err(DbError::Settings("the hook refuses".into()));
        }
        Ok(())
    }
}

pub fn open(v: &Vekha, clock: Arc<Hands>, touched: Arc<AtomicUsize>) -> Db {
    let _migrated = v.run(&["migrate"]).ok();
    let options = Options {
        backend: Address::parse(&v.url()).expect("the URL of the test"),
        password: None,
        statement_timeout_ms: 10_000,
        pool_wait_s: 10,
        clock,
        migrate: true,
    };
    Db::open(options, vec![Box::new(Counting(touched))]).expect("the database opens")
}

pub fn run<T>(future: impl std::future::Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

async fn value(db: &Db, key: &'static str) -> Option<String> {
    db.read(move |c| settings::get(c, key)).await.expect("a read")
}

on_both! {
    fn a_failed_write_leaves_nothing_and_a_failed_savepoint_only_itself(v: &Vekha) {
        let db = open(v, Hands::new(), Arc::default());
        run(async {
            let refused: Result<(), Error> = db
                .write(|tx| {
                    settings::put(tx.conn(), "a", "1")?;
                    Err(Error::Invalid("no".into()))
                })
                .await;
            assert!(refused.is_err());
            assert_eq!(value(&db, "a").await, None);

            let done: Result<(), Error> = db
                .write(|tx| {
                    settings::put(tx.conn(), "b", "1")?;
                    let inner: Result<(), Error> = tx.savepoint(|tx| {
                        settings::put(tx.conn(), "c", "1")?;
                        tx.touch(13);
                        Err(Error::Invalid("no".into()))
                    });
                    assert!(inner.is_err());
                    Ok(())
                })
                .await;
            assert!(done.is_ok(), "a neighbour's failure harms nobody: {done:?}");
            assert_eq!((value(&db, "b").await, value(&db, "c").await), (Some("1".into()), None));
        });
    }

    fn a_hook_runs_before_the_commit_and_can_refuse_it(v: &Vekha) {
        let touched = Arc::<AtomicUsize>::default();
        let db = open(v, Hands::new(), touched.clone());
        run(async {
            let done: Result<(), DbError> = db
                .write(|tx| {
                    tx.touch(1);
                    tx.touch(2);
                    tx.touch(2);
                    settings::put(tx.conn(), "kept", "1")
                })
                .await;
            done.expect("a write");
            assert_eq!(touched.load(Ordering::SeqCst), 2, "each person once");
            let refused: Result<(), DbError> = db
                .write(|tx| {
                    tx.touch(13);
                    settings::put(tx.conn(), "lost", "1")
                })
                .await;
            assert!(refused.is_err());
            assert_eq!((value(&db, "kept").await, value(&db, "lost").await), (Some("1".into()), None));
        });
    }

    fn a_panic_in_a_write_is_an_error_and_the_next_write_works(v: &Vekha) {
        let db = open(v, Hands::new(), Arc::default());
        run(async {
            let panicked: Result<(), DbError> = db
                .write(|tx| {
                    settings::put(tx.conn(), "half", "1")?;
                    std::hint::black_box::<Option<()>>(None).expect("planted");
                    Ok(())
                })
                .await;
            assert!(panicked.is_err());
            let done: Result<(), DbError> = db.write(|tx| settings::put(tx.conn(), "whole", "1")).await;
            done.expect("the writer lives");
            assert_eq!((value(&db, "half").await, value(&db, "whole").await), (None, Some("1".into())));
        });
    }

    fn readers_cannot_write(v: &Vekha) {
        let db = open(v, Hands::new(), Arc::default());
        run(async {
            let refused: Result<usize, DbError> = db
                .read(|c| Ok(diesel::insert_into(setting::table)
                    .values((setting::key.eq("x"), setting::value.eq("y")))
                    .execute(c)?))
                .await;
            assert!(refused.is_err());
            assert_eq!(value(&db, "x").await, None);
        });
    }

    fn a_job_is_done_once_and_a_failing_one_is_kept(v: &Vekha) {
        struct Note;
        impl Job for Note {
            fn kind(&self) -> &'static str {
                "note"
            }
            fn run(&self, tx: &mut Tx<'_>, payload: &str) -> Result<(), Error> {
                settings::put(tx.conn(), payload, "done")?;
                if payload == "bad" { Err(Error::Invalid("нет бумаги".into())) } else { Ok(()) }
            }
        }
        let clock = Hands::new();
        let db = open(v, clock.clone(), Arc::default());
        let kinds: Arc<Vec<Box<dyn Job>>> = Arc::new(vec![Box::new(Note)]);
        run(async {
            let asked: Result<(), DbError> = db
                .write(|tx| {
                    jobs::enqueue(tx, None, "note", "good")?;
                    jobs::enqueue(tx, None, "note", "bad")
                })
                .await;
            asked.expect("a write");
            assert_eq!(jobs::run_due(&db, kinds.clone()).await.expect("jobs run"), 1);
            assert_eq!(value(&db, "good").await, Some("done".into()));
            assert_eq!(value(&db, "bad").await, None, "the effect of a failed job is undone");
            for _ in 0..20 {
                clock.forward(60 * 24);
                assert_eq!(jobs::run_due(&db, kinds.clone()).await.expect("jobs run"), 0);
            }
            let (state, error): (String, Option<String>) = db
                .read(|c| -> Result<_, DbError> {
                    Ok(job::table.filter(job::payload.eq("bad")).select((job::state, job::last_error)).first(c)?)
                })
                .await
                .expect("a read");
            assert_eq!((state.as_str(), error.as_deref()), ("failed", Some("нет бумаги")));
        });
    }
}

#[test]
fn two_processes_on_one_database_never_make_the_same_id() {
    let v = Vekha::new(crate::support::Backend::Sqlite);
    let clock = Hands::new();
    let (one, two) = (open(&v, clock.clone(), Arc::default()), open(&v, clock, Arc::default()));
    let ids = |db: Db| {
        run(async move {
            let ids: Result<Vec<i64>, DbError> = db.write(|tx| Ok((0..1000).map(|_| tx.id()).collect())).await;
            ids.expect("ids")
        })
    };
    let mut all = ids(one);
    all.extend(ids(two));
    let distinct: std::collections::BTreeSet<i64> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len());
}
