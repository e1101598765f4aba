//! The power goes off under a running server, again and again: whatever was acknowledged stands in what is left, and what is
//! left is sound. On SQLite the disk of the test (`tests/power_disk.py`) drops and mixes what was not synced; on PostgreSQL
//! its processes end at once and the server goes on by itself. A few cuts in `tests/run`, a thousand at night.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use crate::support::{Backend, Vekha, text};
use crate::visitor::{Server, Visitor};
use crate::web::plan_of;
use crate::web_school::{PASSWORD, world};
use crate::world::{number, snils};

/// The teachers who work meanwhile, one of each region, and their persons.
const AT_WORK: [(&str, i64); 2] = [("teacher-1001", 1001), ("teacher-2001", 2001)];
/// New people of one file.
const OF_A_FILE: i64 = 5;

fn amount(name: &str, share: u64) -> u64 {
    std::env::var(name).map_or(share, |text| text.parse().expect("a number"))
}

/// What the program has acknowledged so far.
#[derive(Default)]
struct Acknowledged {
    acts: [AtomicI64; 2],
    people: AtomicI64,
}

impl Acknowledged {
    fn now(&self) -> [i64; 3] {
        [&self.acts[0], &self.acts[1], &self.people].map(|n| n.load(Ordering::SeqCst))
    }
}

/// What asks for the same of a database: acts on the plans, new people.
fn asked(v: &Vekha) -> [String; 3] {
    let acts = AT_WORK.map(|(_, person)| {
        let plan = plan_of(v, person);
        format!("SELECT count(*) AS n FROM iom_act WHERE iom_id = {plan} AND act IN ('submit', 'withdraw')")
    });
    let [north, south] = acts;
    [
        north,
        south,
        "SELECT count(*) AS n FROM person WHERE last_name = 'Новая'".into(),
    ]
}

/// The teachers, signed in, each with the step to work on.
fn crew(v: &Vekha, server: &Server) -> Vec<(Visitor, String)> {
    let one = |(login, person)| {
        let plan = plan_of(v, person);
        let item = "SELECT CAST(min(number) AS BIGINT) AS n FROM iom_item WHERE programme_id IS NULL";
        let item = number(v, &format!("{item} AND iom_id = {plan}"));
        (server.signed_in(login, PASSWORD), item.to_string())
    };
    AT_WORK.into_iter().map(one).collect()
}

/// Steps of plans are handed in and taken back, and files of staff are loaded, until it is over. Only what was answered as
/// done is counted.
fn work<'s>(
    scope: &'s std::thread::Scope<'s, '_>,
    v: &'s Vekha,
    crew: Vec<(Visitor, String)>,
    done: &'s Acknowledged,
    over: &'s AtomicBool,
) {
    for (n, (mut teacher, item)) in crew.into_iter().enumerate() {
        scope.spawn(move || {
            // After an answer that never came the next one may be that to an act done before: it is not counted.
            let mut known = true;
            for note in 0.. {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                for act in [Act::Submit(note), Act::Withdraw] {
                    let told = act.does(&mut teacher, &item);
                    if told && known {
                        done.acts[n].fetch_add(1, Ordering::SeqCst);
                    }
                    known = told;
                }
            }
        });
    }
    scope.spawn(move || {
        for first in (5000..).step_by(usize::try_from(OF_A_FILE).expect("a few")) {
            if over.load(Ordering::SeqCst) {
                break;
            }
            let mut sheet = String::from("СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Принят\n");
            for n in first..first + OF_A_FILE {
                let school = if n % 2 == 0 { "С2" } else { "Ю2" };
                sheet.push_str(&format!(
                    "{};Новая;Анна;01.02.1980;{school};учитель;педагогический;01.09.2020\n",
                    snils(n)
                ));
            }
            let file = v.file("new.csv", sheet);
            if v.run(&["import", "staff", text(&file)]).code == 0 {
                done.people.fetch_add(OF_A_FILE, Ordering::SeqCst);
            }
        }
    });
}

enum Act {
    Submit(u32),
    Withdraw,
}

impl Act {
    /// Whether it was acknowledged.
    fn does(&self, who: &mut Visitor, item: &str) -> bool {
        let page = who.get("/plan");
        if page.status != 200 {
            return false;
        }
        let done = match self {
            Self::Submit(n) => {
                let note = format!("работа {n}");
                who.send_file(&page, "/plan/submit", &[("item", item), ("note", &note)], None)
            }
            Self::Withdraw => who.send(&page, "/plan/act", &[("act", "withdraw"), ("item", item)]),
        };
        done.status == 303
    }
}

/// The disk of a test, mounted where its data are.
struct Disk {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Disk {
    fn under(v: &Vekha) -> Self {
        let below = v.path("disk");
        std::fs::rename(v.data(), &below).expect("the data move");
        std::fs::create_dir(v.data()).expect("a folder to mount on");
        let python = std::env::var("VEKHA_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
        let mut child = Command::new(python)
            .args(["tests/power_disk.py", text(&below), text(&v.data())])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut disk = Self { child, to, from };
        disk.hear("ready");
        disk
    }

    #[track_caller]
    fn hear(&mut self, word: &str) {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the disk answers");
        assert_eq!(line.trim(), word, "the disk of the test");
    }

    /// Writes what a cut at this moment may leave.
    fn cut(&mut self, seed: u64, to: &Vekha) {
        let pipe = self.to.as_mut().expect("a pipe");
        writeln!(pipe, "{seed} {}", text(&to.data())).expect("the disk listens");
        self.hear("cut");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.to.take());
        let _ended = self.child.wait();
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// What a cut left on the disk: whether it is sound, and what is there of what was asked.
fn left(v: &Vekha, asked: &[String; 3]) -> Result<Vec<i64>, String> {
    let said = |e: &dyn std::fmt::Display| e.to_string();
    let mut c = SqliteConnection::establish(text(&v.data().join("vekha.sqlite"))).map_err(|e| said(&e))?;
    let sound = "SELECT count(*) AS n FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
    let wrong: Count = diesel::sql_query(sound).get_result(&mut c).map_err(|e| said(&e))?;
    if wrong.n > 0 {
        return Err(format!("{} faults", wrong.n));
    }
    asked
        .iter()
        .map(|query| {
            diesel::sql_query(query)
                .get_result(&mut c)
                .map(|found: Count| found.n)
                .map_err(|e| said(&e))
        })
        .collect()
}

#[track_caller]
fn nothing_lost(told: &str, found: &[i64], acknowledged: &[i64]) {
    assert!(
        found.iter().zip(acknowledged).all(|(found, told)| found >= told),
        "{told}: acknowledged, but lost: {acknowledged:?} acts and people, {found:?} are there"
    );
}

mod acknowledged_writes_outlive_a_power_cut {
    use super::*;

    #[test]
    fn sqlite() {
        let (v, cuts) = (Vekha::new(Backend::Sqlite), amount("VEKHA_POWER_CUTS", 50));
        world(&v);
        let asked = asked(&v);
        let mut disk = Disk::under(&v);
        let server = Server::start(&v);
        let crew = crew(&v, &server);
        let (done, over) = (Acknowledged::default(), AtomicBool::new(false));
        let seed = amount("VEKHA_POWER_SEED", 1);
        let mut chance = SmallRng::seed_from_u64(seed);
        let began = Instant::now();
        let outcome = std::thread::scope(|scope| {
            work(scope, &v, crew, &done, &over);
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                for n in 0..cuts {
                    std::thread::sleep(Duration::from_millis(chance.random_range(10..150)));
                    let (image, acknowledged) = (Vekha::new(Backend::Sqlite), done.now());
                    disk.cut(seed * 100_000 + n, &image);
                    let told = format!("cut {n} of seed {seed}");
                    let found =
                        left(&image, &asked).unwrap_or_else(|why| panic!("{told}: what is left is corrupt: {why}"));
                    nothing_lost(&told, &found, &acknowledged);
                    let check = image.run(&["check"]);
                    assert_eq!(check.code, 0, "{told}: {}{}", check.out, check.err);
                }
            }));
            over.store(true, Ordering::SeqCst);
            outcome
        });
        drop(server);
        drop(disk);
        if let Err(why) = outcome {
            std::panic::resume_unwind(why);
        }
        let [north, south, people] = done.now();
        assert!(north > 0 && south > 0 && people > 0, "{:?}", done.now());
        println!(
            "{cuts} cuts in {} s: {} acts and {people} people acknowledged, 0 lost, 0 corrupt",
            began.elapsed().as_secs(),
            north + south
        );
    }

    #[test]
    fn postgres() {
        let own = Own::start();
        let (v, stops) = (Vekha::on_server(&own.address), amount("VEKHA_POWER_STOPS", 5));
        world(&v);
        let asked = asked(&v);
        let server = Server::start(&v);
        let crew = crew(&v, &server);
        let (done, over) = (Acknowledged::default(), AtomicBool::new(false));
        let mut chance = SmallRng::from_os_rng();
        let began = Instant::now();
        let outcome = std::thread::scope(|scope| {
            work(scope, &v, crew, &done, &over);
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                for n in 0..stops {
                    std::thread::sleep(Duration::from_millis(chance.random_range(400..1200)));
                    own.stop_at_once();
                    // What was answered before has been counted by now.
                    std::thread::sleep(Duration::from_millis(100));
                    let acknowledged = done.now();
                    own.go_on();
                    let found: Vec<i64> = asked.iter().map(|query| number(&v, query)).collect();
                    nothing_lost(&format!("stop {n}"), &found, &acknowledged);
                }
            }));
            over.store(true, Ordering::SeqCst);
            outcome
        });
        drop(server);
        if let Err(why) = outcome {
            std::panic::resume_unwind(why);
        }
        let _sound = v.run(&["check"]).ok();
        let [north, south, people] = done.now();
        assert!(north > 0 && south > 0 && people > 0, "{:?}", done.now());
        println!(
            "{stops} stops in {} s: {} acts and {people} people acknowledged, 0 lost",
            began.elapsed().as_secs(),
            north + south
        );
    }
}

/// A PostgreSQL that ends at once when it is told.
struct Own {
    home: String,
    address: String,
}

impl Own {
    fn start() -> Self {
        let said = Self::shell("start_postgres && echo \"$pg_home\"", &[]);
        let mut lines = said.lines();
        let (address, home) = (lines.next().expect("an address"), lines.next().expect("a folder"));
        Self {
            home: home.to_owned(),
            address: address.to_owned(),
        }
    }

    #[track_caller]
    fn shell(command: &str, environment: &[(&str, &str)]) -> String {
        let output = Command::new("bash")
            .args([
                "-euc",
                &format!(". tests/tools.sh; . tests/postgres.sh; pg_bin=$(postgres_bin); {command}"),
            ])
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("bash starts");
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn stop_at_once(&self) {
        let _said = Self::shell(
            "pg_as \"$pg_bin/pg_ctl -D $own/data -m immediate stop\"",
            &[("own", &self.home)],
        );
    }

    fn go_on(&self) {
        let port = self.address.rsplit(':').next().expect("a port");
        let options = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=200",
            self.home
        );
        let _said = Self::shell(
            "pg_as \"$pg_bin/pg_ctl -D $own/data -w -l $own/log -o '$options' start\" >/dev/null 2>&1",
            &[("own", &self.home), ("options", &options)],
        );
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _said = Self::shell("pg_home=$own; stop_postgres", &[("own", &self.home)]);
    }
}
