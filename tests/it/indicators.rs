//! Numbers and the lists behind them: equal at every level, for people with two jobs, for those who move.

use std::collections::BTreeMap;

use crate::laid::World;
use crate::on_both;
use crate::support::{Vekha, text};

/// Everything a list or a number may trip over, in two regions; the seed decides who gets what.
fn busy(seed: u64) -> World {
    let mut world = World::new();
    let mut state = seed;
    let mut roll = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        let zone = world.unit("zone", &format!("ЗОНА-{letter}"), Some((region, region)));
        let towns = ["1", "2"].map(|n| world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, zone))));
        let schools: Vec<i64> = (1..=3)
            .map(|n| world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, towns[n % 2]))))
            .collect();
        // A school that changed its municipality between the reference days of the two packs.
        let moved = world.unit("organisation", &format!("ОО-{letter}4"), None);
        world.also(&format!("UPDATE unit SET region_id = {region} WHERE id = {moved}"));
        world.link(region, moved, towns[0], "", "2023-09-01");
        world.link(region, moved, towns[1], "2023-09-01", "");
        let schools = [schools, vec![moved]].concat();
        for n in 0..60 {
            let born = if roll(3) == 0 { "1995-03-01" } else { "1975-03-01" };
            let who = world.person(region, &format!("{letter}{n:03}"), born);
            for (place, school) in schools.iter().enumerate() {
                if place as u64 == n % 4 || roll(7) == 0 {
                    let how = [
                        "teaching main",
                        "managing main",
                        "teaching external_part",
                        "teaching civil_contract",
                    ];
                    let (from, to) = [
                        ("2015-01-01", ""),
                        ("2015-01-01", "2023-02-01"),
                        ("2023-07-01", ""),
                        ("2015-01-01", "2023-12-31"),
                    ][usize::try_from(roll(6).min(3)).expect("small") % 4];
                    world.job(who, *school, how[usize::try_from(roll(4)).expect("small")], from, to);
                }
            }
            for kind in ["full", "self", "corporate_order", "follow_up"] {
                if roll(3) == 0 {
                    world.passage(
                        who,
                        kind,
                        ["2022-10-01", "2023-03-01", "2023-11-01"][usize::try_from(roll(3)).expect("small")],
                        50,
                    );
                }
            }
            for _ in 0..roll(3) {
                let histories: [&[&str]; 6] = [
                    &["2023-02-01 on_agreement"],
                    &["2022-10-01 on_agreement", "2023-03-01 closed completed"],
                    &["2023-02-01 on_agreement", "2023-11-01 closed completed"],
                    &["2023-02-01 on_agreement", "2023-11-01 closed expired"],
                    &["2023-02-01 on_agreement", "2023-11-01 closed terminated error"],
                    &[
                        "2023-02-01 on_agreement",
                        "2023-03-01 closed completed",
                        "2023-04-01 active",
                    ],
                ];
                let plan = world.plan(who, histories[usize::try_from(roll(6)).expect("small")]);
                for topic in [
                    "upbringing",
                    "gifted_children,career_guidance",
                    "low_performing_schools",
                ] {
                    if roll(2) == 0 {
                        world.item(plan, topic, "planned");
                    }
                }
                if roll(2) == 0 {
                    world.supporter(
                        plan,
                        ["tutor", "mentor", "regional_methodist"][usize::try_from(roll(3)).expect("small")],
                        "2022-11-01",
                        "",
                    );
                }
                if roll(2) == 0 {
                    world.act(plan, "support", "2023-03-15");
                }
            }
        }
    }
    world
}

type Row = BTreeMap<String, String>;

fn values(v: &Vekha, pack: &str, period: &str, more: &[&str]) -> Vec<Row> {
    let arguments = ["values", "--pack", pack, "--period", period];
    v.run(&[&arguments[..], more].concat()).ok().rows()
}

fn number(row: &Row, column: &str) -> i64 {
    row[column].parse().unwrap_or(0)
}

fn list(v: &Vekha, row: &Row, period: &str, part: &str) -> Vec<Row> {
    let arguments = [
        "people",
        "--pack",
        &row["pack"],
        "--indicator",
        &row["indicator"],
        "--unit",
        &row["unit"],
    ];
    v.run(&[&arguments[..], &["--period", period, "--part", part]].concat())
        .ok()
        .rows()
}

const LEVELS: [&str; 4] = ["region", "zone", "municipality", "organisation"];
const PACKS: [(&str, &str); 2] = [("tyumen", "2022/23"), ("chelyabinsk", "2023")];

on_both! {
    fn a_class_of_a_cluster_counts_its_municipalities_together_as_a_zone_does(v: &Vekha) {
        let mut world = busy(7);
        for (town, locality) in [("МО-А1", "urban"), ("МО-А2", "rural"), ("МО-Б1", "rural"), ("МО-Б2", "rural")] {
            world.also(&format!("UPDATE unit SET locality = '{locality}' WHERE code = '{town}'"));
        }
        world.lay(v);
        let _loaded = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
        let plain = |rows: Vec<Row>, unit: &str| -> Vec<Row> {
            let own = rows.into_iter().filter(|row| row["unit"] == unit && !["K1", "K2"].contains(&row["indicator"].as_str()));
            let cut = |mut row: Row| {
                row.remove("unit");
                row.remove("unit_name");
                row
            };
            own.map(cut).collect()
        };
        let level = |level: &str, region: &str| values(v, "tyumen", "2022/23", &["--level", level, "--unit", region]);
        for (region, zone, classes) in [
            ("РЕГ-А", "ЗОНА-А", &[("K1:rural", "МО-А2"), ("K1:urban", "МО-А1")][..]),
            ("РЕГ-Б", "ЗОНА-Б", &[("K1:rural", "")][..]),
        ] {
            let rows = level("cluster", region);
            let mut units: Vec<&str> = rows.iter().map(|row| row["unit"].as_str()).collect();
            units.dedup();
            let district = format!("K2:{zone}");
            let wanted: Vec<&str> = classes.iter().map(|(class, _)| *class).chain([district.as_str()]).collect();
            assert_eq!(units, wanted, "{region}");
            // The district is a class too: every cell of it is that of the district itself.
            let of_zone = plain(level("zone", region), zone);
            assert!(of_zone.iter().any(|row| number(row, "numerator") > 1), "{region}");
            assert_eq!(plain(rows.clone(), &district), of_zone, "{region}");
            for (class, town) in classes {
                let alone = if town.is_empty() { of_zone.clone() } else { plain(level("municipality", region), town) };
                assert_eq!(plain(rows.clone(), class), alone, "{region} {class}");
            }
        }
        let several = v.run(&["values", "--pack", "tyumen", "--period", "2022/23", "--level", "cluster"]);
        assert!(several.code != 0 && several.err.contains("--unit"), "{}", several.err);
        // Of a municipality alone only its own class is there.
        let rows = level("cluster", "МО-А1");
        assert!(rows.iter().all(|row| ["K1:urban", "K2:ЗОНА-А"].contains(&row["unit"].as_str())), "{rows:?}");
        assert_eq!(plain(rows, "K2:ЗОНА-А"), plain(level("municipality", "РЕГ-А"), "МО-А1"));
    }
}

on_both! {
    fn every_number_equals_the_lists_behind_it_at_every_level(v: &Vekha) {
        busy(7).lay(v);
        let mut counted = 0;
        let mut rests = 0;
        // Each list is a run of the program: a third of them here, all of them by tests/night.
        let whole = std::env::var("VEKHA_COUNTING_ALL").is_ok();
        let step = if whole { 1 } else if v.url().starts_with("sqlite:") { 3 } else { 7 };
        for (pack, period) in PACKS {
            for level in LEVELS {
                for row in values(v, pack, period, &["--level", level]).into_iter().step_by(step) {
                    // What is entered and not counted has no list; two ratios count different people above and below.
                    let entered = row["numerator"].is_empty() || row["value"].is_empty() && row["denominator"].is_empty();
                    if entered || !row["breakdown"].is_empty() || ["3.5.2", "K3"].contains(&row["indicator"].as_str()) {
                        continue;
                    }
                    let (upper, lower) = (number(&row, "numerator"), number(&row, "denominator"));
                    let inside = list(v, &row, period, "numerator");
                    assert_eq!(inside.len() as i64, upper, "{row:?}");
                    let rest = list(v, &row, period, "rest");
                    let expected = if row["denominator"].is_empty() { 0 } else { lower - upper };
                    assert_eq!(rest.len() as i64, expected, "{row:?}");
                    let mut keys: Vec<&String> = inside.iter().chain(&rest).map(|r| &r["key"]).collect();
                    keys.sort();
                    keys.dedup();
                    assert_eq!(keys.len(), inside.len() + rest.len(), "a subject stands once: {row:?}");
                    counted += upper;
                    rests += expected;
                }
            }
        }
        assert!(counted > 150 && rests > 150, "the world is busy: {counted}, {rests}");
        drop(v.run(&["check"]).ok());
    }

    fn a_bare_count_tells_whom_it_leaves_out_and_every_list_leaves_a_trace(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let town = world.unit("municipality", &format!("МО-{letter}"), Some((region, region)));
            let school = world.unit("organisation", &format!("ОО-{letter}"), Some((region, town)));
            for (name, born, how, to, diagnosed) in [
                ("учит", "1970-01-01", "teaching main", "", false),
                ("молодой учит", "1999-01-01", "teaching main", "", true),
                ("руководит", "1970-01-01", "managing main", "", false),
                ("молодой руководит", "1999-01-01", "managing main", "", false),
                ("по договору", "1970-01-01", "teaching civil_contract", "", true),
                ("уволен", "1970-01-01", "teaching main", "2023-02-01", true),
                // Nothing of this one belongs to the year.
                ("уволен давно", "1970-01-01", "teaching main", "2021-02-01", false),
            ] {
                let who = world.person(region, &format!("{letter} {name}"), born);
                world.job(who, school, how, "2015-01-01", to);
                if diagnosed {
                    world.passage(who, "full", "2022-10-01", 50);
                }
            }
        }
        world.lay(v);
        let excluded = |indicator: &str, unit: &str| {
            let row: Row = [("pack", "tyumen"), ("indicator", indicator), ("unit", unit)]
                .map(|(column, value)| (column.to_owned(), value.to_owned()))
                .into();
            let mut found: Vec<(String, String)> = list(v, &row, "2022/23", "excluded")
                .iter()
                .map(|r| (r["key"].clone(), r["reason"].clone()))
                .collect();
            found.sort();
            found
        };
        let wanted = |letter: &str, of: &[(&str, &str)]| {
            let mut wanted: Vec<(String, String)> =
                of.iter().map(|(name, reason)| (format!("{letter} {name}"), (*reason).to_owned())).collect();
            wanted.sort();
            wanted
        };
        let mut lists = 0;
        for letter in ["А", "Б"] {
            for unit in ["РЕГ", "МО", "ОО"] {
                let unit = format!("{unit}-{letter}");
                let leader = "не педагогический работник на 01.06.2023";
                let all = [
                    ("руководит", leader),
                    ("молодой руководит", leader),
                    ("по договору", "только договор"),
                    ("уволен", "уволен 31.01.2023"),
                ];
                assert_eq!(excluded("1.1", &unit), wanted(letter, &all), "{unit}");
                assert_eq!(excluded("1.2", &unit), wanted(letter, &all[1..2]), "{unit}: only the young");
                lists += 2;
            }
        }
        let trace = v.query("SELECT detail FROM audit_event WHERE action = 'indicator.people' ORDER BY id");
        assert_eq!(trace.len(), lists, "a list leaves one row");
        assert!(trace[0].starts_with("pack=tyumen indicator=1.1 period=2022/23 part=excluded count=4 digest="), "{}", trace[0]);
        assert!(trace.iter().all(|detail| !detail.contains("руковод")), "{trace:?}");
        let units = v.query("SELECT u.code FROM audit_event a JOIN unit u ON u.id = a.object_id WHERE a.action = 'indicator.people'");
        assert_eq!(units.len(), lists, "each names its unit");
        drop(v.run(&["check"]).ok());
    }

    fn a_person_with_two_jobs_counts_once_in_each_unit_and_once_above(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let schools = ["1", "2"].map(|n| {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
                [1, 2].map(|m| world.unit("organisation", &format!("ОО-{letter}{n}{m}"), Some((region, town))))
            });
            for (name, places) in [("один", vec![(0, 0)]), ("рядом", vec![(0, 0), (0, 1)]), ("далеко", vec![(0, 0), (1, 0)])] {
                let who = world.person(region, name, "1980-01-01");
                for (town, school) in places {
                    world.job(who, schools[town][school], "teaching main", "2010-01-01", "");
                }
            }
            let both = world.person(region, "учит и руководит", "1980-01-01");
            world.job(both, schools[0][0], "teaching main", "2010-01-01", "");
            world.job(both, schools[1][0], "managing main", "2010-01-01", "");
        }
        world.lay(v);
        let count = |level: &str, unit: &str| {
            let row = values(v, "tyumen", "2022/23", &["--level", level, "--indicator", "1.1", "--unit", unit]);
            assert_eq!(row.len(), 1);
            assert_eq!(row[0]["value"], row[0]["numerator"]);
            assert_eq!(row[0]["denominator"], "");
            number(&row[0], "numerator")
        };
        for letter in ["А", "Б"] {
            let town = |n: &str| count("municipality", &format!("МО-{letter}{n}"));
            let everyone = count("region", &format!("РЕГ-{letter}"));
            assert_eq!(everyone, 4, "«один», «рядом», «далеко», «учит и руководит»");
            assert_eq!(town("1") + town("2"), everyone + 1, "only «далеко» teaches in two towns");
            assert_eq!(count("organisation", &format!("ОО-{letter}11")), 4);
            assert_eq!(count("organisation", &format!("ОО-{letter}12")), 1);
            assert_eq!(count("organisation", &format!("ОО-{letter}21")), 1);
            let row = &values(v, "tyumen", "2022/23", &["--unit", &format!("РЕГ-{letter}"), "--indicator", "1.1"])[0];
            let units: Vec<String> = list(v, row, "2022/23", "numerator").into_iter().map(|r| r["unit"].clone()).collect();
            assert!(units.contains(&format!("ОО-{letter}11;ОО-{letter}21")), "{units:?}");
        }
        drop(v.run(&["check"]).ok());
    }

    fn a_person_who_gains_and_loses_places_stays_counted_once_everywhere(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            for n in 1..=2 {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
                for m in 1..=3 {
                    world.unit("organisation", &format!("ОО-{letter}{n}{m}"), Some((region, town)));
                }
            }
        }
        world.lay(v);
        let all = ["11", "21", "12", "22", "13", "23"];
        // Two people of each region with so many places; nobody of the files leaves: a later file adds or ends places.
        let mut step = 0;
        let mut places = |v: &Vekha, of: usize, until: &str| {
            step += 1;
            let mut file = String::from("СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Вид занятости;Принят;Уволен\n");
            for (n, letter) in (1..).zip(["А", "А", "Б", "Б"]) {
                for school in &all[..of] {
                    let snils = crate::import_data::snils(n);
                    file += &format!("{snils};Ф{n};Имя;01.01.1980;ОО-{letter}{school};учитель;педагогический;основное;01.09.2015;{until}\n");
                }
            }
            let path = v.file(&format!("staff-{step}.csv"), file);
            drop(v.run(&["import", "staff", text(&path), "--batch-code", &format!("staff-{step}")]).ok());
            drop(v.run(&["check"]).ok());
        };
        let counted = |v: &Vekha, of: usize| {
            let in_town = |n: char| u8::from(all[..of].iter().any(|school| school.starts_with(n)));
            for letter in ["А", "Б"] {
                for (level, unit, people) in [
                    ("region", format!("РЕГ-{letter}"), u8::from(of > 0)),
                    ("municipality", format!("МО-{letter}1"), in_town('1')),
                    ("municipality", format!("МО-{letter}2"), in_town('2')),
                    ("organisation", format!("ОО-{letter}11"), u8::from(of > 0)),
                    ("organisation", format!("ОО-{letter}23"), u8::from(of == 6)),
                ] {
                    let row = values(v, "tyumen", "2022/23", &["--level", level, "--indicator", "1.1", "--unit", &unit]);
                    assert_eq!(number(&row[0], "numerator"), 2 * i64::from(people), "{unit} with {of} places");
                    assert_eq!(list(v, &row[0], "2022/23", "numerator").len(), 2 * usize::from(people), "{unit} with {of} places");
                }
            }
        };
        for of in [1, 2, 3, 4, 6] {
            places(v, of, "");
            counted(v, of);
        }
        // All six end before the day of counting; taken back, they stand again.
        places(v, 6, "31.05.2023");
        counted(v, 0);
        for (of, step) in [6, 4, 3, 2, 1].into_iter().zip((2..=6).rev()) {
            drop(v.run(&["import", "undo", &format!("staff-{step}")]).ok());
            drop(v.run(&["check"]).ok());
            counted(v, of);
        }
    }

    fn looking_from_the_last_day_shows_what_is_stored(v: &Vekha) {
        busy(11).lay(v);
        for level in LEVELS {
            let stored = values(v, "chelyabinsk", "2023", &["--level", level]);
            let computed = values(v, "chelyabinsk", "2023", &["--level", level, "--known-at", "2100-01-01"]);
            assert_eq!(stored, computed, "{level}");
        }
        let later = values(v, "chelyabinsk", "2023", &["--as-of", "2023-10-01", "--indicator", "6.5"]);
        let whole = values(v, "chelyabinsk", "2023", &["--indicator", "6.5"]);
        assert!(number(&later[0], "numerator") < number(&whole[0], "numerator"), "some were closed in November");
        assert!(v.run(&["values", "--pack", "chelyabinsk", "--period", "2023", "--as-of", "2024-01-01"]).failed().err.contains("период"));
    }

    fn what_was_known_on_a_day_can_be_asked(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            let school = world.unit("organisation", &format!("ОО-{letter}"), Some((region, region)));
            world.recorded_at("2023-12-01 06:00:00");
            let who = world.person(region, "известен сразу", "1980-01-01");
            let job = world.job(who, school, "teaching main", "2010-01-01", "");
            let late = world.person(region, "записан позже", "1980-01-01");
            world.recorded_at("2023-12-05 06:00:00");
            world.job(late, school, "teaching main", "2010-01-01", "");
            // On the 5th it turned out that the first one had left in summer.
            world.also(&format!("UPDATE employment SET superseded_at = '2023-12-05 06:00:00' WHERE id = {job}"));
            world.job(who, school, "teaching main", "2010-01-01", "2023-07-01");
            world.recorded_at("2023-01-01 00:00:00");
        }
        world.lay(v);
        let count = |at: &[&str]| {
            let rows = values(v, "chelyabinsk", "2023", &[&["--indicator", "1.1"], at].concat());
            assert_eq!(rows.len(), 2);
            assert_eq!(rows[0]["denominator"], rows[1]["denominator"]);
            number(&rows[0], "denominator")
        };
        assert_eq!(count(&["--known-at", "2023-11-30"]), 0);
        assert_eq!(count(&["--known-at", "2023-12-01"]), 1);
        assert_eq!(count(&["--known-at", "2023-12-05T10:59"]), 1, "11:00 of the region is 06:00 UTC");
        assert_eq!(count(&["--known-at", "2023-12-05T11:00"]), 1, "one left, one came");
        assert_eq!(count(&["--as-of", "2023-03-01"]), 2, "on 1 March both worked");
        assert_eq!(count(&["--as-of", "2023-03-01", "--known-at", "2023-12-01"]), 1);
        assert_eq!(count(&[]), 1);
    }

    fn a_period_of_another_kind_is_refused_by_its_own_name_and_one_that_fits_is_named(v: &Vekha) {
        busy(3).lay(v);
        for (pack, period, kind, like) in [
            ("leninsky", "2022/23", "календарный год", "2023"),
            ("chelyabinsk", "2024/25", "календарный год", "2025"),
            ("tyumen", "2023", "учебный год", "2022/23"),
            ("krasnoyarsk", "abc", "учебный год", "2022/23"),
        ] {
            for state in ["not loaded", "loaded"] {
                let answer = v.run(&["values", "--pack", pack, "--period", period]).failed();
                let said = format!("«{period}» не подходит: пакету нужен {kind}, например {like}");
                assert!(answer.err.contains(&said), "{pack} {state}: {}", answer.err);
                let others = ["(учебный)", "(календарный)", "2021/22", "2023/24"];
                assert!(!others.iter().any(|other| answer.err.contains(other)), "{pack} {state}: {}", answer.err);
                let _loaded = v.run(&["pack", "load", &format!("seeds/packs/{pack}.toml")]).ok();
            }
        }
        assert_eq!(v.query("SELECT count(*) FROM fact_period WHERE code = '2021/22' AND kind = 'calendar_year'"), ["0"]);
    }

    fn targets_and_shares_follow_the_passport(v: &Vekha) {
        busy(3).lay(v);
        let targets: BTreeMap<String, String> = values(v, "chelyabinsk", "2023", &["--unit", "РЕГ-А"])
            .into_iter()
            .map(|r| (r["indicator"].clone(), r["target"].clone()))
            .collect();
        assert_eq!(targets["1.1"], "7.5");
        assert_eq!(targets["2.2"], "40");
        for (pack, period) in PACKS {
            for row in values(v, pack, period, &["--level", "organisation"]) {
                if row["numerator"].is_empty() || ["3.5.2", "K3"].contains(&row["indicator"].as_str()) {
                    continue;
                }
                let (upper, lower) = (number(&row, "numerator"), number(&row, "denominator"));
                let expected = match (row["denominator"].as_str(), lower) {
                    ("", _) => upper as f64,
                    (_, 0) => {
                        assert_eq!(row["value"], "", "of nobody there is no share: {row:?}");
                        continue;
                    }
                    _ => upper as f64 * 100.0 / lower as f64,
                };
                let value: f64 = row["value"].parse().expect("a number");
                assert!((value - expected).abs() <= 0.05 + 1e-9, "{row:?}");
            }
        }
        let json = v.run(&["values", "--pack", "tyumen", "--period", "2022/23", "--format", "json"]).ok();
        assert!(json.out.starts_with("[{"), "{}", json.out);
    }

    fn packs_are_checked_versioned_and_their_leaves_counted_anew(v: &Vekha) {
        busy(5).lay(v);
        let count = |indicator: &str| number(&values(v, "own", "2023", &["--indicator", indicator])[0], "numerator");
        let pack = |formula: &str| format!(
            "code = \"own\"\nversion = 1\ntitle = \"Свой\"\nperiod_kind = \"calendar_year\"\nreference_day = \"12-31\"\n\
             years = [\"2023\"]\n[[indicator]]\ncode = \"1\"\ntitle = \"Число\"\nformula = \"{formula}\"\n\
             population = \"все\"\nunit = \"человек\"\ndirection = \"neutral\"\nsource = \"проба\"\n"
        );
        let file = v.file("own.toml", pack("count(person where pedagogical)"));
        assert!(v.run(&["pack", "load", text(&file)]).ok().out.contains("версия 1 загружена"));
        assert!(v.run(&["pack", "load", text(&file)]).ok().out.contains("без изменений"));
        let everyone = count("1");
        assert!(everyone > 0);
        drop(v.run(&["check"]).ok());
        let file = v.file("own.toml", pack("count(person where pedagogical and not young)"));
        assert!(v.run(&["pack", "load", text(&file)]).ok().out.contains("версия 2 загружена"));
        assert!(count("1") < everyone, "the counters follow the formula");
        assert!(v.run(&["pack", "list"]).ok().out.contains("own\t2\tСвой"));
        drop(v.run(&["check"]).ok());
        let file = v.file("own.toml", pack("count(person where pedagogical and notyoung)"));
        let answer = v.run(&["pack", "check", text(&file)]).failed();
        assert!(answer.out.contains("строка 10, столбец 47: условия «notyoung»"), "{}", answer.out);
        assert!(v.run(&["pack", "load", text(&file)]).failed().err.contains("столбец 47"));
        assert!(v.run(&["pack", "list"]).ok().out.contains("own\t2\tСвой"), "a wrong pack changes nothing");
        assert!(v.run(&["values", "--pack", "absent", "--period", "2023"]).failed().err.contains("absent"));
        assert!(v.run(&["values", "--pack", "own", "--period", "2022/23"]).failed().err.contains("календарный"));
    }
}
