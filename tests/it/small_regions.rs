//! Many small regions of one installation: every indicator of the five packs that comes from the program's own records, at
//! four levels and on three days, and the lists behind it, against the count in `tests/counting`.

use std::collections::{BTreeMap, BTreeSet};

use crate::counting::{Asked, Counted, FILES, compare_people, compare_values, load_packs};
use crate::invented::Invented;
use crate::on_both;
use crate::support::{Vekha, text};

/// Packs with a period, and days inside it: bounds, days of counting and their neighbours.
const PACKS: &[(&str, &str)] = &[
    ("krasnoyarsk", "2022/23"),
    ("tyumen", "2022/23"),
    ("leninsky", "2023"),
    ("leningrad", "2023"),
    ("chelyabinsk", "2023"),
];
const ACADEMIC: &[&str] = &[
    "2022-09-01",
    "2022-12-31",
    "2023-05-31",
    "2023-06-02",
    "2023-08-30",
    "2023-01-01",
    "2023-08-31",
];
const CALENDAR: &[&str] = &[
    "2023-12-30",
    "2023-06-01",
    "2023-09-01",
    "2023-01-01",
    "2023-08-31",
    "2023-06-02",
    "2023-11-01",
];
/// People of one region.
const PEOPLE: u32 = 40;

/// Regions of a run in installations of so many: a few in `tests/run`, two hundred in `tests/night`.
fn regions() -> Vec<u32> {
    let count: u32 = std::env::var("VEKHA_COUNTING_REGIONS").map_or(4, |text| text.parse().expect("a number"));
    let most = 20;
    (0..count.div_ceil(most)).map(|n| most.min(count - n * most)).collect()
}

/// Each pack in its plain period and on two days of it, others for every seed.
fn asked(seed: u32) -> Vec<Asked<'static>> {
    let mut asked = Vec::new();
    for (n, (pack, period)) in PACKS.iter().enumerate() {
        let days = if period.contains('/') { ACADEMIC } else { CALENDAR };
        let first = seed as usize + n;
        let day = |step: usize| days[(first + step) % days.len()];
        asked.extend([(*pack, *period, ""), (*pack, *period, day(0)), (*pack, *period, day(3))]);
    }
    asked
}

/// An installation with invented regions, plans and everything done with them.
fn lived(v: &Vekha, seed: u32, regions: u32) -> Invented {
    let world = Invented::of_regions(seed, PEOPLE * regions, regions);
    load_packs(v);
    world.import(v, FILES);
    for part in [1, 2] {
        world.draft_quickly(v, part);
        let answer = v.run(&["iom", "apply", text(&world.acts(v, part))]);
        assert_eq!(
            answer.code, 0,
            "acts of part {part}, seed {seed}: {}\n{}",
            answer.out, answer.err
        );
    }
    world
}

/// Indicators whose share lies somewhere between nothing and everything.
fn telling(counted: &Counted) -> BTreeSet<(String, String)> {
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap_or_default();
    let tells = |row: &&BTreeMap<String, String>| {
        let (upper, lower) = (number(row, "numerator"), number(row, "denominator"));
        upper > 0.0 && (row["denominator"].is_empty() || upper != lower)
    };
    let found = counted.values.iter().filter(tells);
    found
        .map(|row| (row["pack"].clone(), row["indicator"].clone()))
        .collect()
}

on_both! {
    // rows: CH-I-1.2, CH-I-2.1, CH-I-2.2, CH-I-6.1, CH-I-6.2
    fn every_indicator_of_small_regions_is_what_the_files_say(v: &Vekha) {
        let (mut values, mut lists, mut told) = (0, 0, BTreeSet::new());
        for (n, regions) in regions().into_iter().enumerate() {
            let (v, seed) = (&v.copy(), 100 + u32::try_from(n).expect("small"));
            let world = lived(v, seed, regions);
            let asked = asked(seed);
            let counted = Counted::of(&world, &asked);
            compare_values(v, &counted, &asked);
            let all = std::env::var_os("VEKHA_COUNTING_ALL").is_some();
            lists += compare_people(v, &counted, |n, row| match &*row["level"] {
                "region" if all => n % 7 == 0,
                "region" => row["unit"] == "A" && n % 2 == 0,
                "zone" | "municipality" => n % 61 == 0,
                _ => n % 601 == 0,
            });
            values += counted.values.len();
            told.extend(telling(&counted));
            println!("seed {seed}: {regions} regions, {values} values and {lists} lists so far");
            let _green = v.run(&["check"]).ok();
        }
        for code in ["1.2", "2.1", "2.2", "6.1", "6.2"] {
            assert!(told.contains(&("chelyabinsk".to_owned(), code.to_owned())), "{code} tells something");
        }
        println!(
            "{} regions: {values} values on 3 days, {lists} lists, 0 differences; {} indicators tell something",
            regions().iter().sum::<u32>(),
            told.len(),
        );
    }
}
