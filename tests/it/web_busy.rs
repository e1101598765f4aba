//! A database that does not answer: the others are told so in time, the server lives, and goes on at once afterwards.

use std::time::{Duration, Instant};

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server};
use crate::web::{PASSWORD, world};

/// How long the database is held, seconds: a minute in `tests/night`.
fn held() -> u64 {
    std::env::var("VEKHA_HELD_SECONDS").map_or(8, |text| text.parse().expect("a number"))
}

/// The longest that anyone waits for a connection, and what the machine may add.
const PATIENCE: Duration = Duration::from_secs(5);

/// Holds what every page reads (the file of SQLite: what every form writes), from another program.
fn hold(v: &Vekha) {
    if v.url().starts_with("postgres") {
        v.sql(&format!(
            "BEGIN; LOCK TABLE session IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({}); COMMIT",
            held()
        ));
    } else {
        // SQLite has no sleep: the holder waits between two statements of its own transaction.
        use diesel::Connection as _;
        use diesel::connection::SimpleConnection as _;
        let mut c =
            diesel::SqliteConnection::establish(crate::support::text(&v.data().join("vekha.sqlite"))).expect("a file");
        c.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE")
            .expect("the lock");
        std::thread::sleep(Duration::from_secs(held()));
        c.batch_execute("COMMIT").expect("freed");
    }
}

fn timed(act: impl FnOnce() -> Page) -> (Page, Duration) {
    let since = Instant::now();
    let page = act();
    (page, since.elapsed())
}

on_both! {
    fn a_held_database_is_said_in_time_and_forgotten_at_once(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let reads = v.url().starts_with("postgres");
        let teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.clone().get("/plan");
        assert_eq!(page.status, 200);
        let form = page.token().to_owned();
        std::thread::scope(|scope| {
            let holder = scope.spawn(|| hold(v));
            std::thread::sleep(Duration::from_millis(700));
            // More than the pool has; a page on PostgreSQL, a form on SQLite, whose readers are never held.
            let asked: Vec<_> = (0..24)
                .map(|n| {
                    let mut one = teacher.clone();
                    scope.spawn(move || {
                        // The first ones take the pool; the rest come while it is held.
                        std::thread::sleep(Duration::from_millis(if n < 8 { 0 } else { 400 }));
                        if reads {
                            timed(|| one.get("/plan"))
                        } else {
                            let form = one.get("/plan");
                            timed(|| one.send(&form, "/role", &[("role", "teacher")]))
                        }
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_secs(1));
            for _ in 0..5 {
                let (alive, took) = timed(|| server.visitor().get("/healthz"));
                assert!(alive.status == 200 && took < Duration::from_millis(900), "{} after {took:?}", alive.status);
            }
            // Through all of it: no worker hangs, whoever comes is told in time.
            let until = Instant::now() + Duration::from_secs(held().saturating_sub(8));
            while Instant::now() < until {
                let mut late = teacher.clone();
                let (page, took) = timed(|| if reads { late.get("/plan") } else { late.post("/role", &[("token", form.as_str()), ("role", "teacher")], &[]) });
                assert!(page.status == 503 && took < PATIENCE, "{} after {took:?}", page.status);
                assert!(!page.header("retry-after").is_empty());
                let (alive, took) = timed(|| server.visitor().get("/healthz"));
                assert!(alive.status == 200 && took < Duration::from_millis(900), "{} after {took:?}", alive.status);
                std::thread::sleep(Duration::from_millis(500));
            }
            let answers: Vec<(Page, Duration)> = asked.into_iter().map(|a| a.join().expect("an answer")).collect();
            let shed: Vec<_> = answers.iter().filter(|(page, _)| page.status == 503).collect();
            assert!(shed.len() >= 8, "{:?}", answers.iter().map(|(p, t)| (p.status, *t)).collect::<Vec<_>>());
            let quick = shed.iter().filter(|(_, took)| *took < PATIENCE).count();
            assert!(quick >= 8, "{:?}", answers.iter().map(|(p, t)| (p.status, *t)).collect::<Vec<_>>());
            for (page, _) in &answers {
                assert!(matches!(page.status, 200 | 303 | 503), "{}: {}", page.status, page.body);
                if page.status == 503 {
                    assert!(!page.header("retry-after").is_empty() && page.body.contains("Сервер занят"), "{}", page.body);
                }
            }
            holder.join().expect("freed");
            let (page, took) = timed(|| teacher.clone().get("/plan"));
            assert!(page.status == 200 && took < Duration::from_secs(1), "{} after {took:?}", page.status);
        });
        assert_eq!(server.visitor().get("/readyz").status, 200);
    }
}
