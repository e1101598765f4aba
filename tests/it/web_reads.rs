//! Whoever reads waits for nobody who writes, and still sees no name that the journal does not know of.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use crate::on_both;
use crate::support::{Backend, Vekha, text};
use crate::visitor::{Server, Visitor};
use crate::web::{PASSWORD, plan_of, world};
use crate::world::number;

/// How long somebody else writes, seconds.
const WRITES: u64 = 6;
/// What a page may take beside it, on a busy machine.
const SOON: Duration = Duration::from_millis(1500);
/// Rows of looks, whoever looked.
const LOOKS: &str = "SELECT COUNT(*) AS n FROM audit_event WHERE action IN ('desk.read_plan', 'desk.read_card', \
                     'desk.read_list', 'desk.shown')";

/// What a refusal leaves.
const REFUSED: &str = "SELECT COUNT(*) AS n FROM audit_event WHERE action = 'access.refused'";

/// One long write of another program: it holds the file of SQLite, and on PostgreSQL the plans and the people.
fn write(v: &Vekha) {
    if v.url().starts_with("postgres") {
        v.sql(&format!(
            "BEGIN; UPDATE iom SET version = version; UPDATE person SET version = version; SELECT pg_sleep({WRITES}); COMMIT"
        ));
        return;
    }
    let mut c = held(v);
    std::thread::sleep(Duration::from_secs(WRITES));
    c.batch_execute("COMMIT").expect("freed");
}

/// The file of SQLite, held until `COMMIT`.
fn held(v: &Vekha) -> diesel::SqliteConnection {
    let mut c = opened(&v.data().join("vekha.sqlite"));
    c.batch_execute("BEGIN IMMEDIATE").expect("the lock");
    c
}

fn opened(file: &Path) -> diesel::SqliteConnection {
    let mut c = diesel::SqliteConnection::establish(text(file)).expect("a file");
    c.batch_execute("PRAGMA busy_timeout = 5000").expect("patience");
    c
}

/// Where looks wait for the writer.
fn aside(v: &Vekha) -> PathBuf {
    v.data().join("vekha.sqlite.reads")
}

/// The page of a colleague, opened so many times while somebody else writes.
fn look_beside_a_writer(v: &Vekha, deputy: &mut Visitor, times: usize) {
    let mut c = held(v);
    for _ in 0..times {
        let page = deputy.get("/staff/1001");
        assert_eq!(page.status, 200, "{}", page.body);
    }
    c.batch_execute("COMMIT").expect("freed");
}

fn looks(v: &Vekha) -> i64 {
    let _told = v.run(&["audit", "verify"]).ok();
    number(v, LOOKS)
}

on_both! {
    fn whoever_reads_waits_for_no_writer_and_is_written_down(v: &Vekha) {
        world(v);
        let plan = plan_of(v, 1001);
        let server = Server::start(v);
        let pages = [
            ("tutor", format!("/people/{plan}")),
            ("tutor", "/people".to_owned()),
            ("head", format!("/plans/{plan}")),
            ("head", "/plans".to_owned()),
            ("deputy", "/staff".to_owned()),
            ("director", "/staff/1001".to_owned()),
            ("deputy", "/accounts".to_owned()),
            ("operator", "/sign-ins".to_owned()),
        ];
        let mut visitors: Vec<_> = pages.iter().map(|(login, _)| server.signed_in(login, PASSWORD)).collect();
        // Each once while nobody writes: how many rows one look of each makes.
        for (visitor, (login, path)) in visitors.iter_mut().zip(&pages) {
            let page = visitor.get(path);
            assert_eq!(page.status, 200, "{login} {path}: {}", page.body);
        }
        let once = number(v, LOOKS);
        assert!(once >= 8, "{once} rows of eight looks");
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| write(v));
            std::thread::sleep(Duration::from_millis(700));
            for (visitor, (login, path)) in visitors.iter_mut().zip(&pages) {
                let since = Instant::now();
                let page = visitor.get(path);
                let took = since.elapsed();
                assert!(page.status == 200 && took < SOON, "{login} {path}: {} after {took:?}", page.status);
            }
            // So is what is refused.
            let since = Instant::now();
            let refused = visitors[0].get("/journal");
            let took = since.elapsed();
            assert!(refused.status == 403 && took < SOON, "a refusal: {} after {took:?}", refused.status);
            // What was shown is on the disk already, wherever: the server is killed while the other one writes.
            drop(server);
            writer.join().expect("written");
        });
        let told = v.run(&["audit", "verify"]).ok();
        assert_eq!(number(v, LOOKS), 2 * once, "rows of the looks beside a writer: {}", told.out);
        assert_eq!(number(v, REFUSED), 1, "the refusal is written down");
        let loose = "SELECT COUNT(*) AS n FROM audit_event LEFT JOIN audit_seal ON event_id = id WHERE seq IS NULL";
        assert_eq!(number(v, loose), 0, "each is numbered");
        // Once more changes nothing: nothing waits any more.
        let _told = v.run(&["audit", "verify"]).ok();
        assert_eq!(number(v, LOOKS), 2 * once);
    }
}

/// A day's files of the journal are counted by their rows in it: none goes out whose row would stand beside it.
#[test]
fn a_file_of_the_journal_waits_for_the_writer() {
    let v = &Vekha::new(Backend::Sqlite);
    world(v);
    let server = Server::start(v);
    let mut operator = server.signed_in("operator", PASSWORD);
    let taken = "SELECT COUNT(*) AS n FROM audit_event WHERE action = 'journal.export'";
    let mut c = held(v);
    let early = operator.get("/journal/export");
    assert_eq!(early.status, 503, "it went out beside the writer: {}", early.body);
    c.batch_execute("COMMIT").expect("freed");
    assert_eq!(number(v, taken), 0);
    assert_eq!(operator.get("/journal/export").status, 200);
    assert_eq!(number(v, taken), 1, "its row is in the journal when it goes out");
}

#[test]
fn whoever_empties_the_log_of_looks_takes_none_away() {
    let v = &Vekha::new(Backend::Sqlite);
    world(v);
    let server = Server::start(v);
    let mut deputy = server.signed_in("deputy", PASSWORD);
    look_beside_a_writer(v, &mut deputy, 3);
    assert_eq!(looks(v), 3, "each look is there");
    // The file is taken away while the server lives, then its rows.
    for name in ["", "-wal", "-shm"] {
        let _gone = std::fs::remove_file(format!("{}{name}", aside(v).display()));
    }
    look_beside_a_writer(v, &mut deputy, 3);
    assert_eq!(looks(v), 6, "the file was taken away");
    let mut c = held(v);
    assert_eq!(deputy.get("/staff/1001").status, 200);
    opened(&aside(v))
        .batch_execute("DELETE FROM audit_event")
        .expect("emptied");
    c.batch_execute("COMMIT").expect("freed");
    // The server itself knows of it, and brings it within a second or two.
    let until = Instant::now() + Duration::from_secs(10);
    while number(v, LOOKS) < 7 {
        assert!(Instant::now() < until, "a row that was taken away is lost");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_spoilt_look_is_named_and_stops_no_seal() {
    let v = &Vekha::new(Backend::Sqlite);
    world(v);
    let server = Server::start(v);
    let mut deputy = server.signed_in("deputy", PASSWORD);
    let mut c = held(v);
    assert_eq!(deputy.get("/staff/1001").status, 200);
    assert_eq!(deputy.get("/staff/1001").status, 200);
    drop(server);
    opened(&aside(v))
        .batch_execute("UPDATE audit_event SET at = 'x' WHERE id = (SELECT MIN(id) FROM audit_event)")
        .expect("spoilt");
    c.batch_execute("COMMIT").expect("freed");
    let said = v.run(&["audit", "verify"]);
    assert!(
        said.code == 1 && said.out.contains("изменена и не читается"),
        "{} {}",
        said.out,
        said.err
    );
    assert_eq!(number(v, LOOKS), 1, "the other one is in the journal");
    let loose = "SELECT COUNT(*) AS n FROM audit_event LEFT JOIN audit_seal ON event_id = id WHERE seq IS NULL";
    assert_eq!(number(v, loose), 0, "and sealed");
    // So with a file that is none.
    std::fs::write(aside(v), "x".repeat(4096)).expect("spoilt");
    let said = v.run(&["audit", "verify"]);
    assert!(
        said.code == 1 && said.out.contains("файл не читается"),
        "{} {}",
        said.out,
        said.err
    );
    let said = v.run(&["check"]);
    assert!(
        said.code == 1 && said.out.contains("файл не читается"),
        "{} {}",
        said.out,
        said.err
    );
}
