//! The program against a second count: `tests/counting/count.py` reads the same files and nothing else. Profiles,
//! drafts, every value at four levels, and every list of people must be equal.

use std::collections::{BTreeMap, BTreeSet};

use crate::invented::{Invented, python, rows};
use crate::on_both;
use crate::support::{Vekha, text};

const PERIODS: &[&str] = &[
    "2021/22", "2022/23", "2023/24", "2024/25", "2022", "2023", "2024", "2026",
];
const LEVELS: &[&str] = &["region", "zone", "municipality", "organisation"];
const FILES: &[&str] = &["units", "staff", "competences", "programmes", "procedures", "results"];
/// Ends of periods, and days around them on which results are valid for the last time.
const DAYS: &[&str] = &[
    "2022-05-20",
    "2022-12-31",
    "2023-08-31",
    "2023-09-01",
    "2023-12-31",
    "2024-01-01",
    "2026-01-01",
];

/// Seeds of one run: a few in `tests/run`, more in `tests/night`.
fn seeds() -> std::ops::Range<u32> {
    let count = std::env::var("VEKHA_COUNTING_SEEDS").map_or(1, |text| text.parse().expect("a number"));
    1..1 + count
}

/// The first differences of two tables, readably.
#[track_caller]
fn assert_equal<V: PartialEq + std::fmt::Debug>(
    what: &str,
    counted: &BTreeMap<String, V>,
    answered: &BTreeMap<String, V>,
) {
    let keys: BTreeSet<&String> = counted.keys().chain(answered.keys()).collect();
    let different = keys.into_iter().filter(|key| counted.get(*key) != answered.get(*key));
    let lines: Vec<String> = different
        .map(|key| {
            format!(
                "{key}: counted {:?}, the program {:?}",
                counted.get(key),
                answered.get(key)
            )
        })
        .collect();
    let shown = lines.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(lines.is_empty(), "{what}: {} differences\n{shown}", lines.len());
}

/// Packs ship with the program; a fresh installation loads them by this.
fn load_packs(v: &Vekha) {
    let _ = v
        .run(&[
            "pack",
            "load",
            "seeds/packs/chelyabinsk.toml",
            "seeds/packs/tyumen.toml",
        ])
        .ok();
}

fn compare_profiles(v: &Vekha, world: &Invented) {
    for day in DAYS {
        let counted = rows(&python("count.py", &["profile", world.folder(), "--as-of", day]));
        let mut by_person: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in counted {
            let columns = [
                "group",
                "competence",
                "subject",
                "level",
                "is_deficit",
                "percent",
                "procedure",
                "date",
                "self",
            ];
            let line = columns.map(|column| row[column].as_str()).join(",");
            by_person.entry(row["snils"].clone()).or_default().push(line);
        }
        // Every seventh person, another seventh each day.
        let sample = by_person
            .iter()
            .enumerate()
            .filter(|(i, _)| i % 7 == day.len() % 7 || i % 7 == DAYS.len() % 7);
        let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
        for (_, (snils, lines)) in sample {
            let answer = v.run(&["profile", snils, "--as-of", day, "--format", "csv"]).ok();
            let mut answered: Vec<String> = answer.out.lines().skip(1).map(str::to_owned).collect();
            let mut lines = lines.clone();
            answered.sort();
            lines.sort();
            ours.insert(snils.clone(), lines);
            theirs.insert(snils.clone(), answered);
        }
        assert_equal(&format!("profiles on {day}"), &ours, &theirs);
    }
}

/// Persons with a new plan, and for each the deficits, the programmes and the deficits that no programme teaches.
fn compare_drafts(v: &Vekha, world: &Invented, part: u32) {
    let today = v.query("SELECT CURRENT_DATE")[0].clone();
    let mut counted = BTreeMap::new();
    for procedure in world.procedures(part) {
        for row in rows(&python(
            "count.py",
            &["drafts", world.folder(), "--procedure", &procedure, "--on", &today],
        )) {
            counted
                .entry(row["snils"].clone())
                .or_insert_with(|| format!("{} | {} | {}", row["deficits"], row["programmes"], row["unmatched"]));
        }
    }
    world.draft(v, part);
    let shown = rows(&world.read(&format!("plans-{part}.csv")));
    let earlier: BTreeSet<String> = (1..part)
        .flat_map(|p| rows(&world.read(&format!("plans-{p}.csv"))))
        .map(|row| row["plan"].clone())
        .collect();
    let mut plans: BTreeMap<String, [BTreeSet<String>; 3]> = BTreeMap::new();
    for row in shown.iter().filter(|row| !earlier.contains(&row["plan"])) {
        let [deficits, programmes, taught] = plans.entry(row["snils"].clone()).or_default();
        deficits.insert(row["deficit"].clone());
        if !row["programme"].is_empty() {
            programmes.insert(row["programme"].clone());
            taught.insert(row["deficit"].clone());
        }
    }
    let answered = plans.into_iter().map(|(snils, [mut deficits, programmes, taught])| {
        deficits.remove("");
        let joined = |set: Vec<&String>| set.into_iter().cloned().collect::<Vec<_>>().join(";");
        let unmatched = joined(deficits.difference(&taught).collect());
        let line = format!(
            "{} | {} | {unmatched}",
            joined(deficits.iter().collect()),
            joined(programmes.iter().collect())
        );
        (snils, line)
    });
    assert_equal(&format!("drafts of part {part}"), &counted, &answered.collect());
}

fn compare_values(v: &Vekha, counted: &str) {
    for period in PERIODS {
        let pack = if period.contains('/') { "tyumen" } else { "chelyabinsk" };
        for level in LEVELS {
            let of_level = rows(counted)
                .into_iter()
                .filter(|row| row["period"] == *period && row["level"] == *level);
            let mut ours = BTreeMap::new();
            let mut bare = BTreeSet::new();
            for row in of_level {
                if row["denominator"].is_empty() {
                    bare.insert(row["indicator"].clone());
                }
                let key = format!("{} {}", row["indicator"], row["unit"]);
                ours.insert(key, (row["numerator"].clone(), row["denominator"].clone()));
            }
            let answer = v
                .run(&[
                    "values", "--pack", pack, "--period", period, "--level", level, "--format", "csv",
                ])
                .ok();
            let mut theirs = BTreeMap::new();
            for row in answer.rows().into_iter().filter(|row| row["breakdown"].is_empty()) {
                let key = format!("{} {}", row["indicator"], row["unit"]);
                let denominator = if bare.contains(&row["indicator"]) {
                    String::new()
                } else {
                    row["denominator"].clone()
                };
                theirs.insert(key, (row["numerator"].clone(), denominator));
            }
            // The rest of the indicators have a second count of their own (five.rs).
            let known: BTreeSet<&str> = ours.keys().filter_map(|key| key.split(' ').next()).collect();
            theirs.retain(|key, _| key.split(' ').next().is_some_and(|code| known.contains(code)));
            assert_equal(&format!("{pack} {period} {level}"), &ours, &theirs);
        }
    }
}

/// Lists behind the numbers: of all units above organisations in two periods, and of some organisations.
fn compare_people(v: &Vekha, world: &Invented, counted_values: &str, counted_people: &str) {
    let mut lists: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows(counted_people) {
        let list = format!("{} {} {} {}", row["indicator"], row["period"], row["unit"], row["part"]);
        lists.entry(list).or_default().insert(row["key"].clone());
    }
    let all = std::env::var_os("VEKHA_COUNTING_ALL").is_some();
    let wanted = rows(counted_values).into_iter().enumerate().filter(|(i, row)| {
        let period = ["2022/23", "2023"].contains(&row["period"].as_str());
        all || period && (row["level"] != "organisation" || i % 17 == 0)
    });
    let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
    for (_, row) in wanted {
        for part in ["numerator", "rest"] {
            let list = format!("{} {} {} {part}", row["indicator"], row["period"], row["unit"]);
            let arguments = [
                "people",
                "--pack",
                &row["pack"],
                "--indicator",
                &row["indicator"],
                "--unit",
                &row["unit"],
            ];
            let answer = v
                .run(&[&arguments[..], &["--period", &row["period"], "--part", part]].concat())
                .ok();
            let bare = row["denominator"].is_empty() && part == "rest";
            if bare {
                continue;
            }
            theirs.insert(
                list.clone(),
                answer.rows().into_iter().map(|row| row["key"].clone()).collect(),
            );
            ours.insert(list.clone(), lists.get(&list).cloned().unwrap_or_default());
        }
    }
    assert!(
        ours.values().any(|list| !list.is_empty()),
        "lists of {} are all empty",
        world.folder()
    );
    assert_equal("people behind the numbers", &ours, &theirs);
}

/// Acts that the life-cycle or the roles refuse change nothing and are each named.
fn illegal_acts_are_refused(v: &Vekha, world: &Invented) {
    let acts = v.query("SELECT count(*) FROM iom_act");
    let answer = v
        .run(&["iom", "apply", text(&world.path("illegal.csv"))])
        .with_refusals();
    let said = format!("{}{}", answer.out, answer.err);
    assert_eq!(
        v.query("SELECT count(*) FROM iom_act"),
        acts,
        "an illegal act left a trace\n{said}"
    );
}

on_both! {
    fn the_files_counted_twice_give_the_same_figures(v: &Vekha) {
        for seed in seeds() {
            let v = &v.copy();
            let world = Invented::new(seed, 160);
            load_packs(v);
            world.import(v, FILES);
            compare_profiles(v, &world);
            for part in [1, 2] {
                compare_drafts(v, &world, part);
                let acts = world.acts(v, part);
                let answer = v.run(&["iom", "apply", text(&acts)]);
                assert_eq!(answer.code, 0, "acts of part {part}, seed {seed}: {}\n{}", answer.out, answer.err);
                if part == 1 {
                    illegal_acts_are_refused(v, &world);
                }
            }
            let out = tempfile::tempdir().expect("a temporary folder");
            let periods = PERIODS.join(",");
            let _silent = python("count.py", &["values", world.folder(), "--out", text(out.path()), "--periods", &periods]);
            let read = |name: &str| std::fs::read_to_string(out.path().join(name)).expect(name);
            compare_values(v, &read("values.csv"));
            compare_people(v, &world, &read("values.csv"), &read("people.csv"));
            let _green = v.run(&["check"]).ok();
        }
    }
}
