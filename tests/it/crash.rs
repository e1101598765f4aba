//! `kill -9` at random moments of imports, drafting and acts. What was acknowledged is there; what was not is there
//! whole or not at all; running it again leads to the state of a run that nobody disturbed; no plan is doubled.
//!
//! A run is acknowledged once its summary stands on standard output. `tests/planted_builds` shows these tests red.

use std::io::Read as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use crate::invented::Invented;
use crate::on_both;
use crate::support::{Vekha, text};

/// Tables of the program's own bookkeeping: a killed run leaves its process number leased and the journal unsealed.
const OWN: &[&str] = &[
    "process_lease",
    "audit_seal",
    "setting",
    "job",
    "sqlite_stat1",
    "sqlite_sequence",
];

/// Content by the names people know, so that it is the same whatever ids the rows got.
const CONTENT: &[&str] = &[
    "SELECT p.snils || ' ' || u.code || ' ' || e.position || ' ' || e.valid_from FROM employment e
     JOIN person p ON p.id = e.person_id JOIN unit u ON u.id = e.organisation_id WHERE e.superseded_at IS NULL",
    "SELECT p.snils || ' ' || c.code || ' ' || r.subject || ' ' || d.held_on || ' ' || r.raw_milli || '/' || r.max_milli
     FROM diagnosis_result r JOIN diagnosis d ON d.id = r.diagnosis_id JOIN person p ON p.id = r.person_id
     JOIN competence c ON c.id = r.competence_id WHERE r.superseded_at IS NULL",
    "SELECT p.snils || ' ' || i.number || ' ' || i.state FROM iom i JOIN person p ON p.id = i.person_id",
    "SELECT i.number || ' ' || a.act || ' ' || a.on_date FROM iom_act a JOIN iom i ON i.id = a.iom_id",
];

/// How many moments a scenario is killed at: ten in `tests/run`, a hundred in `tests/night`.
fn moments() -> u32 {
    std::env::var("VEKHA_CRASH_MOMENTS").map_or(10, |text| text.parse().expect("a number"))
}

/// Everything that must be there or not: how many rows each table has, and the content of those that matter.
fn state(v: &Vekha) -> Vec<String> {
    v.wait_until_unused();
    let tables = if v.url().starts_with("sqlite:") {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    };
    let mut tables = v.query(tables);
    tables.retain(|name| !OWN.contains(&name.as_str()));
    tables.sort();
    let counts = tables
        .iter()
        .map(|name| format!("SELECT '{name} ' || count(*) FROM {name}"));
    let mut lines = v.query(&counts.collect::<Vec<_>>().join(" UNION ALL "));
    // PostgreSQL may read several tables at once and answers in the order in which it is done with them.
    lines.sort();
    lines.append(&mut content(v));
    lines
}

fn content(v: &Vekha) -> Vec<String> {
    let sorted = |select: &&str| {
        let mut found = v.query(select);
        found.sort();
        found
    };
    CONTENT.iter().flat_map(sorted).collect()
}

/// The first lines in which two states differ.
fn difference(found: &[String], wanted: &[String]) -> String {
    // A line may stand twice on one side.
    let times = |all: &[String], line: &String| all.iter().filter(|own| *own == line).count();
    let missing = wanted
        .iter()
        .filter(|line| times(found, line) < times(wanted, line))
        .take(5);
    let unexpected = found
        .iter()
        .filter(|line| times(wanted, line) < times(found, line))
        .take(5);
    let missing = missing.map(|line| format!("- {line}"));
    missing
        .chain(unexpected.map(|line| format!("+ {line}")))
        .collect::<Vec<_>>()
        .join("\n")
}

fn spawn(v: &Vekha, arguments: &[&str]) -> Child {
    let mut command = v.command(&[&["--json"], arguments].concat());
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("vekha starts")
}

/// When a run is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    After(Duration),
    /// As soon as its summary has been read.
    Acknowledged,
}

/// Kills the child at the moment; returns whether it had acknowledged by then.
fn kill_at(child: &mut Child, moment: Moment) -> bool {
    let mut out = child.stdout.take().expect("a pipe");
    let mut said = Vec::new();
    if let Moment::After(delay) = moment {
        std::thread::sleep(delay);
    } else {
        let mut byte = [0];
        while !said.ends_with(b"}\n") && out.read(&mut byte).expect("the pipe reads") == 1 {
            said.push(byte[0]);
        }
    }
    child.kill().expect("the child is ours");
    let status = child.wait().expect("the child is ours");
    out.read_to_end(&mut said).expect("the pipe reads");
    said.ends_with(b"}\n") || status.success()
}

/// Kills `arguments` at random moments, each on a copy of `prepared`.
#[track_caller]
fn killed_at_random_moments(prepared: &Vekha, arguments: &[&str]) {
    let before = state(prepared);
    let undisturbed = prepared.copy();
    let began = Instant::now();
    let answer = undisturbed.run(&[&["--json"], arguments].concat()).ok();
    let took = began.elapsed();
    assert!(
        answer.out.ends_with("}\n"),
        "the summary is one JSON object: {}",
        answer.out
    );
    let after = state(&undisturbed);
    assert_ne!(before, after, "{arguments:?} does something");
    let undisturbed_content = content(&undisturbed);
    let mut chance = SmallRng::from_os_rng();
    let (mut lost, mut whole) = (0, 0);
    // The moments gather around the commit: later after a run that left no trace, earlier after one that was whole.
    let mut within = u64::try_from(took.as_micros()).expect("a short run");
    for n in 0..moments() {
        let moment = match n % 5 {
            0 => Moment::Acknowledged,
            1 => Moment::After(Duration::from_micros(chance.random_range(0..within))),
            _ => Moment::After(Duration::from_micros(
                within / 2 + chance.random_range(0..within * 3 / 5),
            )),
        };
        let v = prepared.copy();
        let acknowledged = kill_at(&mut spawn(&v, arguments), moment);
        let found = state(&v);
        let told = format!("{arguments:?} killed at {moment:?} of {took:?}, acknowledged: {acknowledged}");
        if acknowledged {
            assert!(
                found == after,
                "{told}: acknowledged, but lost\n{}",
                difference(&found, &after)
            );
        } else {
            let part = difference(&found, &after);
            assert!(found == after || found == before, "{told}: half of it is there\n{part}");
        }
        if matches!(moment, Moment::After(_)) {
            within = if found == after {
                within * 9 / 10
            } else {
                within * 11 / 10
            };
        }
        *if found == after { &mut whole } else { &mut lost } += 1;
        let again = v.run(arguments);
        assert!(
            again.code == 0 || found == after,
            "{told}, then run again: {}\n{}",
            again.code,
            again.err
        );
        let twice: Vec<String> =
            v.query("SELECT person_id FROM iom WHERE state <> 'closed' GROUP BY person_id HAVING count(*) > 1");
        assert!(twice.is_empty(), "{told}, then run again: persons with two plans");
        // Running it again after it was whole tells of nothing new; after no trace it is the undisturbed run.
        let (end, wanted) = if found == after {
            (content(&v), undisturbed_content.clone())
        } else {
            (state(&v), after.clone())
        };
        assert!(
            end == wanted,
            "{told}, then run again: another state\n{}",
            difference(&end, &wanted)
        );
        let _green = v.run(&["check"]).ok();
    }
    println!(
        "{arguments:?}: {took:?}, killed {} times, {whole} times whole, {lost} times without a trace",
        moments()
    );
}

fn with_files(v: &Vekha, people: u32, kinds: &[&str]) -> Invented {
    let world = Invented::new(7, people);
    world.import(v, kinds);
    world
}

on_both! {
    fn a_killed_import_of_staff_is_whole_or_absent(v: &Vekha) {
        let world = with_files(v, 3000, &["units"]);
        killed_at_random_moments(v, &["import", "staff", text(&world.path("staff.csv"))]);
    }

    fn a_killed_import_of_results_is_whole_or_absent(v: &Vekha) {
        let world = with_files(v, 1500, &["units", "staff", "competences", "programmes", "procedures"]);
        killed_at_random_moments(v, &["import", "results", text(&world.path("results.csv"))]);
    }

    fn a_killed_drafting_doubles_no_plan(v: &Vekha) {
        let kinds = ["units", "staff", "competences", "programmes", "procedures", "results"];
        let world = with_files(v, 1500, &kinds);
        killed_at_random_moments(v, &["iom", "draft", "--procedure", &world.procedures(1)[0]]);
    }

    fn killed_acts_are_all_told_or_none(v: &Vekha) {
        let kinds = ["units", "staff", "competences", "programmes", "procedures", "results"];
        let world = with_files(v, 160, &kinds);
        world.draft(v, 1);
        let acts = world.acts(v, 1);
        killed_at_random_moments(v, &["iom", "apply", text(&acts)]);
    }

    fn a_killed_release_of_an_edition_is_whole_or_absent(v: &Vekha) {
        let kinds = ["units", "staff", "competences", "programmes", "procedures", "results"];
        let world = with_files(v, 800, &kinds);
        let _loaded = v.run(&["pack", "load", "seeds/packs/chelyabinsk.toml"]).ok();
        let _opened = v.run(&["values", "--pack", "chelyabinsk", "--period", "2023"]).ok();
        drop(world);
        let asked = ["edition", "release", "--pack", "chelyabinsk", "--period", "2023", "--region", "A"];
        killed_at_random_moments(v, &asked);
    }
}
