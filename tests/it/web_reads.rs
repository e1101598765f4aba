//! Whoever reads waits for nobody who writes, and still sees no name that the journal does not know of.

use std::time::{Duration, Instant};

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::Server;
use crate::web::{PASSWORD, plan_of, world};
use crate::world::number;

/// How long somebody else writes, seconds.
const WRITES: u64 = 6;
/// What a page may take beside it, on a busy machine.
const SOON: Duration = Duration::from_millis(2500);
/// Rows of looks, whoever looked.
const LOOKS: &str = "SELECT COUNT(*) AS n FROM audit_event WHERE action IN ('desk.read_plan', 'desk.read_card', \
                     'desk.read_list', 'desk.shown')";

/// One long write of another program: it holds the file of SQLite, and on PostgreSQL the plans and the people.
fn write(v: &Vekha) {
    if v.url().starts_with("postgres") {
        v.sql(&format!(
            "BEGIN; UPDATE iom SET version = version; UPDATE person SET version = version; SELECT pg_sleep({WRITES}); COMMIT"
        ));
        return;
    }
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection as _;
    let mut c = diesel::SqliteConnection::establish(text(&v.data().join("vekha.sqlite"))).expect("a file");
    c.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE")
        .expect("the lock");
    std::thread::sleep(Duration::from_secs(WRITES));
    c.batch_execute("COMMIT").expect("freed");
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
        ];
        let mut visitors: Vec<_> = pages.iter().map(|(login, _)| server.signed_in(login, PASSWORD)).collect();
        // Each once while nobody writes: how many rows one look of each makes.
        for (visitor, (login, path)) in visitors.iter_mut().zip(&pages) {
            let page = visitor.get(path);
            assert_eq!(page.status, 200, "{login} {path}: {}", page.body);
        }
        let once = number(v, LOOKS);
        assert!(once >= 7, "{once} rows of seven looks");
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| write(v));
            std::thread::sleep(Duration::from_millis(700));
            for (visitor, (login, path)) in visitors.iter_mut().zip(&pages) {
                let since = Instant::now();
                let page = visitor.get(path);
                let took = since.elapsed();
                assert!(page.status == 200 && took < SOON, "{login} {path}: {} after {took:?}", page.status);
            }
            // What was shown is on the disk already, wherever: the server is killed while the other one writes.
            drop(server);
            writer.join().expect("written");
        });
        let told = v.run(&["audit", "verify"]).ok();
        assert_eq!(number(v, LOOKS), 2 * once, "rows of the looks beside a writer: {}", told.out);
        let loose = "SELECT COUNT(*) AS n FROM audit_event LEFT JOIN audit_seal ON event_id = id WHERE seq IS NULL";
        assert_eq!(number(v, loose), 0, "each is numbered");
        // Once more changes nothing: nothing waits any more.
        let _told = v.run(&["audit", "verify"]).ok();
        assert_eq!(number(v, LOOKS), 2 * once);
    }
}
