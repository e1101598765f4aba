//! Writes that share a commit: neighbours do each other no harm, and hear together of what ended them all.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use chrono::FixedOffset;
use diesel::prelude::*;
use tokio::task::JoinHandle;

use super::{Backend, CommitHook, Db, DbError, Options, Tx};
use crate::clock::SystemClock;

type Written = Result<i64, DbError>;

/// Refuses whoever touched person 13, at the end of its write.
struct Unlucky;

impl CommitHook for Unlucky {
    fn before_commit(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        if tx.take_touched().persons.contains(&13) {
            return Err(DbError::Settings("13".into()));
        }
        Ok(())
    }
}

/// An empty database with two tables, in a folder that lives as long as it.
async fn opened() -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("group.sqlite").display().to_string();
    let zone = FixedOffset::east_opt(0).unwrap();
    let options = Options {
        backend: Backend::Sqlite(file),
        password: None,
        statement_timeout_ms: 0,
        pool_wait_s: 30,
        clock: Arc::new(SystemClock { zone }),
        migrate: true,
    };
    let db = Db::open(options, vec![Box::new(Unlucky)]).unwrap();
    let made: Written = db
        .write(|tx| {
            say(tx, "CREATE TABLE noted (word TEXT NOT NULL PRIMARY KEY, filler BLOB)")?;
            say(
                tx,
                "CREATE TABLE part (word TEXT REFERENCES noted (word) DEFERRABLE INITIALLY DEFERRED)",
            )
        })
        .await;
    made.unwrap();
    (db, folder)
}

fn say(tx: &mut Tx<'_>, statement: &str) -> Written {
    let rows = diesel::sql_query(statement).execute(tx.conn())?;
    Ok(i64::try_from(rows).unwrap())
}

fn note(tx: &mut Tx<'_>, word: &str) -> Written {
    say(tx, &format!("INSERT INTO noted (word) VALUES ('{word}')"))
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = diesel::sql_types::Text)]
    word: String,
}

async fn noted(db: &Db) -> Vec<String> {
    let rows: Result<Vec<Word>, DbError> = db
        .read(|c| Ok(diesel::sql_query("SELECT word FROM noted ORDER BY word").load(c)?))
        .await;
    rows.unwrap().into_iter().map(|row| row.word).collect()
}

/// Writes that are sure to share a batch: the first holds the writer until the rest wait behind it.
struct Together {
    db: Db,
    go: Sender<()>,
    first: JoinHandle<Written>,
    rest: Vec<JoinHandle<Written>>,
}

impl Together {
    async fn held(db: &Db) -> Self {
        let (go, gone) = channel();
        let (began, begun) = tokio::sync::oneshot::channel();
        let of = db.clone();
        let first = tokio::spawn(async move {
            of.write(move |tx| {
                let _waits = began.send(());
                gone.recv().unwrap();
                note(tx, "first")
            })
            .await
        });
        begun.await.unwrap();
        Self {
            db: db.clone(),
            go,
            first,
            rest: Vec::new(),
        }
    }

    async fn beside(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Written + Send + 'static) {
        let of = self.db.clone();
        self.rest.push(tokio::spawn(async move { of.write(work).await }));
        while self.db.inner.group.waiting() < self.rest.len() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    /// What each was told, the first one first.
    async fn told(self) -> Vec<Written> {
        self.go.send(()).unwrap();
        let mut all = vec![self.first.await.unwrap()];
        for one in self.rest {
            all.push(one.await.unwrap());
        }
        all
    }
}

#[tokio::test]
async fn who_fails_or_panics_harms_no_neighbour() {
    let (db, _folder) = opened().await;
    let mut all = Together::held(&db).await;
    all.beside(|tx| note(tx, "before")).await;
    all.beside(|tx| {
        note(tx, "failing")?;
        Err(DbError::Busy)
    })
    .await;
    all.beside(|tx| {
        note(tx, "panicking")?;
        tx.savepoint(|tx| {
            note(tx, "deeper")?;
            panic!("on purpose")
        })
    })
    .await;
    all.beside(|tx| note(tx, "before")).await;
    all.beside(|tx| {
        tx.touch(13);
        note(tx, "unlucky")
    })
    .await;
    all.beside(|tx| {
        let inner: Written = tx.savepoint(|tx| {
            note(tx, "undone")?;
            Err(DbError::Busy)
        });
        assert!(inner.is_err());
        tx.touch(14);
        note(tx, "after")
    })
    .await;
    let told = all.told().await;
    assert!(matches!(told[0], Ok(1)));
    assert!(matches!(told[1], Ok(1)));
    assert!(matches!(told[2], Err(DbError::Busy)));
    assert!(matches!(told[3], Err(DbError::Panicked)));
    assert!(
        told[4].as_ref().is_err_and(DbError::is_unique_violation),
        "{:?}",
        told[4]
    );
    assert!(matches!(&told[5], Err(DbError::Settings(why)) if why == "13"));
    assert!(matches!(told[6], Ok(1)));
    assert_eq!(noted(&db).await, ["after", "before", "first"]);
}

#[tokio::test]
async fn a_failed_first_call_leaves_a_clean_beginning_to_the_next() {
    let (db, _folder) = opened().await;
    for word in ["one", "two"] {
        let failed: Written = db
            .write(move |tx| {
                note(tx, word)?;
                if word == "one" {
                    Err(DbError::Busy)
                } else {
                    panic!("on purpose")
                }
            })
            .await;
        assert!(failed.is_err());
    }
    let mut all = Together::held(&db).await;
    all.beside(|tx| note(tx, "first")).await;
    let told = all.told().await;
    assert!(told[0].is_ok() && told[1].as_ref().is_err_and(DbError::is_unique_violation));
    assert_eq!(noted(&db).await, ["first"]);
}

#[tokio::test]
async fn a_failed_commit_is_told_to_everyone_in_the_batch() {
    let (db, _folder) = opened().await;
    let mut all = Together::held(&db).await;
    all.beside(|tx| say(tx, "INSERT INTO part (word) VALUES ('nobody')"))
        .await;
    all.beside(|tx| note(tx, "neighbour")).await;
    all.beside(|_| Err(DbError::Busy)).await;
    for told in all.told().await {
        let why = told.unwrap_err().to_string();
        assert!(why.contains("FOREIGN KEY"), "{why}");
    }
    assert_eq!(noted(&db).await, [""; 0]);
    assert!(matches!(db.write(|tx| note(tx, "later")).await, Ok(1)));
}

#[tokio::test]
async fn a_full_disk_ends_the_batch_for_everyone() {
    let (db, _folder) = opened().await;
    let mut all = Together::held(&db).await;
    all.beside(|tx| note(tx, "neighbour")).await;
    all.beside(|tx| {
        // SQLite answers for a file that may not grow as for a full disk.
        say(tx, "PRAGMA max_page_count = 1")?;
        // Whoever passes over it does not make it undone for the others.
        drop(say(tx, "INSERT INTO noted VALUES ('large', zeroblob(10000000))"));
        Ok(0)
    })
    .await;
    all.beside(|tx| note(tx, "behind")).await;
    let told = all.told().await;
    for told in &told[..3] {
        let why = told.as_ref().unwrap_err().to_string();
        assert!(why.contains("disk is full"), "{why}");
    }
    // Who came behind was not in it: it has a batch of its own.
    assert!(matches!(told[3], Ok(1)), "{:?}", told[3]);
    assert_eq!(noted(&db).await, ["behind"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everyone_is_told_of_the_own_write_and_only_of_that() {
    let (db, _folder) = opened().await;
    let mut running = Vec::new();
    for n in 0..200_i64 {
        let of = db.clone();
        let one = async move {
            of.write(move |tx| -> Written {
                note(tx, &format!("{n:03}"))?;
                if n % 3 == 0 {
                    Err(DbError::Settings(n.to_string()))
                } else {
                    Ok(n)
                }
            })
            .await
        };
        running.push(tokio::spawn(one));
    }
    for (n, one) in (0..).zip(running) {
        match one.await.unwrap() {
            Ok(told) => assert!(told == n && n % 3 != 0),
            Err(DbError::Settings(told)) => assert!(told == n.to_string() && n % 3 == 0),
            Err(other) => panic!("{n}: {other}"),
        }
    }
    let stands: Vec<String> = (0..200).filter(|n| n % 3 != 0).map(|n| format!("{n:03}")).collect();
    assert_eq!(noted(&db).await, stands);
}
