//! The program against a second count: `tests/counting/count.py` reads the same files and nothing else. Profiles,
//! drafts, every value at four levels, and every list of people must be equal.

use std::collections::{BTreeMap, BTreeSet};

use crate::invented::{Invented, python, rows};
use crate::on_both;
use crate::support::{Vekha, text, today};

/// Packs with periods before and after those that `small_regions.rs` compares.
const ASKED: &[(&str, &str)] = &[
    ("tyumen", "2021/22"),
    ("tyumen", "2023/24"),
    ("krasnoyarsk", "2023/24"),
    ("chelyabinsk", "2022"),
    ("chelyabinsk", "2024"),
    ("chelyabinsk", "2026"),
    ("leninsky", "2024"),
    ("leningrad", "2022"),
];
const LEVELS: &[&str] = &["region", "zone", "municipality", "organisation"];
/// Files of an invented world in the order in which they speak of each other.
pub const FILES: &[&str] = &[
    "units",
    "staff",
    "competences",
    "programmes",
    "procedures",
    "results",
    "events",
    "bodies",
    "activities",
    "members",
    "pairs",
    "forms",
];
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
pub fn seeds() -> std::ops::Range<u32> {
    let count = std::env::var("VEKHA_COUNTING_SEEDS").map_or(1, |text| text.parse().expect("a number"));
    1..1 + count
}

/// A pack in a period, plain or as seen on a day inside it.
pub type Asked<'a> = (&'a str, &'a str, &'a str);

/// The first differences of two tables, readably.
#[track_caller]
pub fn assert_equal<V: PartialEq + std::fmt::Debug>(
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
pub fn load_packs(v: &Vekha) {
    let packs = ["chelyabinsk", "krasnoyarsk", "leningrad", "leninsky", "tyumen"];
    let files = packs.map(|pack| format!("seeds/packs/{pack}.toml"));
    let arguments: Vec<&str> = ["pack", "load"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    let _ = v.run(&arguments).ok();
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
    let today = today().to_string();
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

/// What the second count says about packs in periods.
pub struct Counted {
    /// Every value at four levels.
    pub values: Vec<BTreeMap<String, String>>,
    /// Every key of every list, of plain periods.
    pub people: Vec<BTreeMap<String, String>>,
}

impl Counted {
    /// Counts the files of a world.
    pub fn of(world: &Invented, asked: &[Asked<'_>]) -> Self {
        let out = tempfile::tempdir().expect("a temporary folder");
        let asked: Vec<String> = asked
            .iter()
            .map(|(pack, period, day)| format!("{pack}:{period}:{day}"))
            .collect();
        let asked = asked.join(",");
        let _silent = python(
            "count.py",
            &["values", world.folder(), "--out", text(out.path()), "--ask", &asked],
        );
        let read = |name: &str| rows(&std::fs::read_to_string(out.path().join(name)).expect(name));
        Self {
            values: read("values.csv"),
            people: read("people.csv"),
        }
    }
}

/// Every value of the second count against the one that the program prints, at four levels.
pub fn compare_values(v: &Vekha, counted: &Counted, asked: &[Asked<'_>]) {
    for (pack, period, day) in asked {
        for level in LEVELS {
            let of_level = counted.values.iter().filter(|row| {
                (&*row["pack"], &*row["period"], &*row["as_of"], &*row["level"]) == (*pack, *period, *day, *level)
            });
            let line = |row: &BTreeMap<String, String>| {
                ["numerator", "denominator", "value"]
                    .map(|column| row[column].clone())
                    .join(" | ")
            };
            let key =
                |row: &BTreeMap<String, String>, by: &str| format!("{} {} {}", row["indicator"], row["unit"], row[by]);
            // Of what stands for nothing in a breakdown there may be a line or none.
            let says = |row: &BTreeMap<String, String>, by: &str| {
                row[by].is_empty() || row["numerator"] != "0" || !["", "0"].contains(&&*row["value"])
            };
            let ours = of_level.filter(|row| says(row, "broken_by"));
            let ours: BTreeMap<String, String> = ours.map(|row| (key(row, "broken_by"), line(row))).collect();
            let mut arguments = vec![
                "values", "--pack", pack, "--period", period, "--level", level, "--format", "csv",
            ];
            if !day.is_empty() {
                arguments.extend(["--as-of", day]);
            }
            // What is entered and not counted has a second count of its own (five.rs).
            let known: BTreeSet<&str> = ours.keys().filter_map(|key| key.split(' ').next()).collect();
            let theirs = v.run(&arguments).ok().rows().into_iter();
            let theirs = theirs.filter(|row| known.contains(&*row["indicator"]) && says(row, "breakdown_value"));
            let theirs = theirs.map(|row| (key(&row, "breakdown_value"), line(&row))).collect();
            assert_equal(&format!("{pack} {period} {day} {level}"), &ours, &theirs);
        }
    }
}

/// Lists behind the numbers that `wanted` says, by its place and row: the very same people, plans, programmes and units.
pub fn compare_people(
    v: &Vekha,
    counted: &Counted,
    wanted: impl Fn(usize, &BTreeMap<String, String>) -> bool,
) -> usize {
    let mut lists: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let name = |row: &BTreeMap<String, String>| {
        ["pack", "period", "indicator", "unit"]
            .map(|c| row[c].as_str())
            .join(" ")
    };
    for row in &counted.people {
        let list = format!("{} {}", name(row), row["part"]);
        lists.entry(list).or_default().insert(row["key"].clone());
    }
    let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
    let plain = counted
        .values
        .iter()
        .filter(|row| row["as_of"].is_empty() && row["broken_by"].is_empty());
    let plain = plain.enumerate();
    for (_, row) in plain.filter(|(n, row)| wanted(*n, row)) {
        for part in ["numerator", "rest"] {
            let whole = format!("{} {part}", name(row));
            // A number that somebody entered has no list; nor has what stands alone.
            if part == "rest"
                && (row["denominator"].is_empty() || row["pack"] == "leningrad" || row["indicator"] == "K3")
            {
                continue;
            }
            let arguments = [
                "people",
                "--pack",
                &row["pack"],
                "--indicator",
                &row["indicator"],
                "--unit",
                &row["unit"],
                "--period",
                &row["period"],
                "--part",
                part,
            ];
            let answer = v.run(&arguments).ok();
            theirs.insert(
                whole.clone(),
                answer.rows().into_iter().map(|row| row["key"].clone()).collect(),
            );
            ours.insert(whole.clone(), lists.get(&whole).cloned().unwrap_or_default());
        }
    }
    assert!(ours.values().any(|list| !list.is_empty()), "the lists are all empty");
    assert_equal("people behind the numbers", &ours, &theirs);
    ours.len()
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
    // rows: CH-I-6.6
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
            let asked: Vec<Asked<'_>> = ASKED.iter().map(|(pack, period)| (*pack, *period, "")).collect();
            let counted = Counted::of(&world, &asked);
            compare_values(v, &counted, &asked);
            let six = |row: &&BTreeMap<String, String>| row["pack"] == "chelyabinsk" && row["indicator"] == "6.6";
            let telling = |row: &BTreeMap<String, String>| row["numerator"] != "0" && row["numerator"] != row["denominator"];
            assert!(counted.values.iter().filter(six).any(telling), "6.6 tells something in seed {seed}");
            let all = std::env::var_os("VEKHA_COUNTING_ALL").is_some();
            let _lists = compare_people(v, &counted, |n, _| n % if all { 61 } else { 499 } == 0);
            let _green = v.run(&["check"]).ok();
        }
    }
}
