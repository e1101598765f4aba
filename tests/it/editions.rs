//! Editions: what was released never changes by a byte, the next one names every changed cell, a list is as long as its
//! number for ever, and nobody changes a row unseen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Stdio;

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use crate::import_data::{self, snils};
use crate::invented::rows;
use crate::on_both;
use crate::support::{Vekha, text};

const TOWNS: usize = 3;
const SCHOOLS: usize = 4;
const TEACHERS: u32 = 60;

/// Header of a file of staff.
pub const STAFF: &str = "СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Вид занятости;Принят;Уволен\n";
pub const RESULTS: &str = "СНИЛС;Процедура;Вид;Уровень;Дата;Предмет;Компетенция;Балл;Максимум\n";

fn school(region: &str, n: usize) -> String {
    format!("{region}-S{}", n % (TOWNS * SCHOOLS))
}

fn unit_rows(named: impl Fn(&str) -> String, town_of: impl Fn(&str, usize) -> usize) -> String {
    let mut lines = String::from("Код;Наименование;Вид;Входит в;Тип ОО\n");
    for region in ["A", "B"] {
        let mut line = |code: &str, kind: &str, inside: &str, school: &str| {
            writeln!(lines, "{code};{};{kind};{inside};{school}", named(code)).expect("text");
        };
        line(region, "регион", "", "");
        line(&format!("{region}-Z"), "зона", region, "");
        for town in 0..TOWNS {
            let inside = if town == 0 {
                format!("{region}-Z")
            } else {
                region.to_owned()
            };
            line(&format!("{region}-M{town}"), "муниципалитет", &inside, "");
        }
        for n in 0..TOWNS * SCHOOLS {
            line(
                &school(region, n),
                "организация",
                &format!("{region}-M{}", town_of(region, n)),
                "школа",
            );
        }
        line(&format!("{region}-D1"), "организация", region, "ДПО");
    }
    lines
}

fn town(_: &str, n: usize) -> usize {
    n % TOWNS
}

fn same_name(code: &str) -> String {
    format!("Единица {code}")
}

fn first(region: &str) -> u32 {
    if region == "A" { 1 } else { 1001 }
}

pub fn person_row(n: u32, school: &str, more: &str) -> String {
    let kind = if n.is_multiple_of(7) {
        "руководящий"
    } else {
        "педагогический"
    };
    format!(
        "{};Фамилия{n};Имя;05.04.1985;{school};учитель;{kind};{more}\n",
        snils(n)
    )
}

pub fn result_row(n: u32, day: &str, score: u32) -> String {
    let region = if n > 1000 { "B" } else { "A" };
    format!(
        "{};DIAG-{region};полная;региональный;{day};математика;C1;{score};100\n",
        snils(n)
    )
}

/// Two regions of three towns, twelve schools and sixty people each, some in two towns; half of them diagnosed.
pub fn world(v: &Vekha) {
    let bring = |kind: &str, content: &str| drop(v.import(kind, content));
    bring("units", &unit_rows(same_name, town));
    let (mut staff, mut results) = (String::from(STAFF), String::from(RESULTS));
    for region in ["A", "B"] {
        for n in first(region)..first(region) + TEACHERS {
            staff += &person_row(n, &school(region, n as usize), "основное;01.09.2015;");
            if n % 10 == 3 {
                staff += &person_row(
                    n,
                    &school(region, n as usize + 1),
                    "внутреннее совместительство;01.09.2018;",
                );
            }
            if n % 2 == 0 {
                results += &result_row(n, "15.02.2023", 30 + n % 65);
            }
        }
    }
    bring("staff", &staff);
    for (kind, table) in [
        ("competences", import_data::competences()),
        ("procedures", import_data::procedures()),
    ] {
        bring(kind, &import_data::csv(&table, ';'));
    }
    bring("results", &results);
    let _loaded = v
        .run(&[
            "pack",
            "load",
            "seeds/packs/chelyabinsk.toml",
            "seeds/packs/tyumen.toml",
        ])
        .ok();
}

fn release(v: &Vekha, pack: &str, period: &str, region: &str) -> serde_json::Value {
    let answer = v
        .run(&[
            "--json", "edition", "release", "--pack", pack, "--period", period, "--region", region,
        ])
        .ok();
    serde_json::from_str(&answer.out).expect("one object")
}

/// Both files of an edition.
pub fn exported(v: &Vekha, number: i64, region: &str) -> [Vec<u8>; 2] {
    ["csv", "xlsx"].map(|format| {
        let path = v.path(&format!("edition.{format}"));
        let number = number.to_string();
        let asked = [
            "edition",
            "export",
            &number,
            "--region",
            region,
            "--format",
            format,
            "--out",
            text(&path),
        ];
        let _written = v.run(&asked).ok();
        std::fs::read(&path).expect("the file is there")
    })
}

pub type Table = BTreeMap<[String; 4], BTreeMap<String, String>>;

/// Rows of a table for machines by what tells one from another.
pub fn table(bytes: &[u8]) -> Table {
    let all = rows(std::str::from_utf8(bytes).expect("text"));
    let key = |row: &BTreeMap<String, String>| {
        ["indicator", "breakdown", "breakdown_value", "unit"].map(|column| row[column].clone())
    };
    let found: Table = all.iter().map(|row| (key(row), row.clone())).collect();
    assert_eq!(found.len(), all.len(), "a row stands twice");
    found
}

const FIELDS: [&str; 9] = [
    "unit_name",
    "numerator",
    "denominator",
    "value",
    "points",
    "zone",
    "target",
    "reported",
    "difference",
];

/// What differs between two tables, counted without the program.
fn difference(before: &Table, after: &Table) -> BTreeSet<(String, String, String)> {
    let mut found = BTreeSet::new();
    for key in before.keys().chain(after.keys()) {
        for field in FIELDS {
            let of = |table: &Table| table.get(key).map_or_else(String::new, |row| row[field].clone());
            let (was, is) = (of(before), of(after));
            if was != is {
                found.insert((format!("{} {field}", key.join("|")), was, is));
            }
        }
    }
    found
}

fn changes(v: &Vekha, number: i64, region: &str) -> Vec<BTreeMap<String, String>> {
    let number = number.to_string();
    v.run(&["edition", "changes", &number, "--region", region, "--format", "csv"])
        .ok()
        .rows()
}

fn said(changes: &[BTreeMap<String, String>]) -> BTreeSet<(String, String, String)> {
    let key = |row: &BTreeMap<String, String>| {
        let key = ["indicator", "breakdown", "breakdown_value", "unit"].map(|column| row[column].clone());
        (
            format!("{} {}", key.join("|"), row["field"]),
            row["before"].clone(),
            row["after"].clone(),
        )
    };
    let found: BTreeSet<_> = changes.iter().map(key).collect();
    assert_eq!(found.len(), changes.len(), "a change is told twice");
    found
}

/// A thousand writes to what the values stand on: people who come, move and leave, results, units, values by form; the rest
/// past the program.
fn thousand_writes(v: &Vekha, chance: &mut SmallRng) {
    let mut written = 0;
    let mut staff = String::from(STAFF);
    for n in 0..250_u32 {
        let region = if chance.random_bool(0.5) { "A" } else { "B" };
        staff += &person_row(
            first(region) + 200 + n,
            &school(region, chance.random_range(0..12)),
            "основное;01.09.2019;",
        );
        written += 1;
    }
    for region in ["A", "B"] {
        for n in (first(region)..first(region) + TEACHERS).filter(|n| n % 10 == 5) {
            staff += &person_row(n, &school(region, n as usize), "основное;01.09.2015;01.03.2022");
            staff += &person_row(n, &school(region, chance.random_range(0..12)), "основное;01.03.2022;");
            written += 2;
        }
    }
    drop(v.import("staff", &staff));
    let mut results = String::from(RESULTS);
    let mut diagnosed = BTreeSet::new();
    while diagnosed.len() < 330 {
        let region = if chance.random_bool(0.5) { "A" } else { "B" };
        let n = first(region)
            + if chance.random_bool(0.2) {
                chance.random_range(0..TEACHERS)
            } else {
                200 + chance.random_range(0..250)
            };
        diagnosed.insert(n);
        if diagnosed.len() > 150 {
            break;
        }
    }
    let known: BTreeSet<String> = v
        .query("SELECT snils FROM person WHERE snils IS NOT NULL")
        .into_iter()
        .collect();
    for n in diagnosed.iter().filter(|n| known.contains(&snils(**n))) {
        for month in 3..6 {
            results += &result_row(*n, &format!("1{}.0{month}.2023", n % 9), chance.random_range(0..=100));
            written += 1;
        }
    }
    drop(v.import("results", &results));
    let renamed = |code: &str| {
        if code.len() > 3 {
            format!("Иначе {code}")
        } else {
            same_name(code)
        }
    };
    drop(v.import("units", &unit_rows(renamed, town)));
    written += 26;
    // Past the program, as whoever has the database in hand would.
    let mut past = String::new();
    while written < 1000 {
        let n = first(if chance.random_bool(0.5) { "A" } else { "B" }) + chance.random_range(0..TEACHERS);
        let day = chance.random_range(1..28);
        let statement = match chance.random_range(0..5) {
            0 => format!(
                "UPDATE person SET last_name = 'Другая{written}', version = version + 1 WHERE snils = '{}'",
                snils(n)
            ),
            1 => format!(
                "UPDATE diagnosis_result SET raw_milli = {} WHERE person_id IN (SELECT id FROM person WHERE snils = '{}')",
                day * 1000,
                snils(n)
            ),
            2 => format!(
                "UPDATE employment SET position = 'воспитатель {day}' WHERE person_id IN (SELECT id FROM person WHERE snils = '{}')",
                snils(n)
            ),
            3 => format!(
                "UPDATE person_fact SET young = NOT young WHERE person_id IN (SELECT id FROM person WHERE snils = '{}')",
                snils(n)
            ),
            _ => format!(
                "UPDATE unit SET name = 'Ещё раз {written}' WHERE code = 'A-S{}'",
                day % 12
            ),
        };
        writeln!(past, "{statement};").expect("text");
        written += 1;
    }
    v.sql(&past);
    assert!(written >= 1000, "{written}");
}

on_both! {
    fn an_edition_stays_to_the_byte_and_the_next_names_every_changed_cell(v: &Vekha) {
        world(v);
        let before = [
            (release(v, "chelyabinsk", "2023", "A"), "A"),
            (release(v, "tyumen", "2022/23", "A"), "A"),
            (release(v, "chelyabinsk", "2023", "B"), "B"),
        ];
        let numbers: Vec<i64> = before.iter().map(|(said, _)| said["number"].as_i64().expect("a number")).collect();
        assert_eq!(numbers, [1, 2, 1], "numbers go on within a region");
        let files: Vec<_> = before.iter().zip(&numbers).map(|((_, region), n)| exported(v, *n, region)).collect();
        // The table says what `values` says at that moment, unit by unit.
        let own = table(&files[0][0]);
        for level in ["region", "zone", "municipality", "organisation"] {
            let asked = ["values", "--pack", "chelyabinsk", "--period", "2023", "--level", level, "--format", "csv"];
            for row in v.run(&asked).ok().rows().iter().filter(|row| row["unit"].starts_with('A')) {
                let key = ["indicator", "breakdown", "breakdown_value", "unit"].map(|column| row[column].clone());
                if level == "organisation" && !row["breakdown"].is_empty() {
                    continue;
                }
                let kept = own.get(&key).unwrap_or_else(|| unreachable!("{key:?} is missing"));
                assert!(row.iter().all(|(column, cell)| kept[column] == *cell), "{row:?}\n{kept:?}");
            }
        }
        assert!(own.keys().all(|key| key[3].starts_with('A')), "nothing of the other region");
        let mut chance = SmallRng::seed_from_u64(47);
        thousand_writes(v, &mut chance);
        for (((_, region), n), files) in before.iter().zip(&numbers).zip(&files) {
            assert!(exported(v, *n, region) == *files, "№ {n} of {region} changed");
        }
        let next = release(v, "chelyabinsk", "2023", "A");
        assert_eq!(next["number"], 3);
        let after = exported(v, 3, "A");
        let told = changes(v, 3, "A");
        let wanted = difference(&own, &table(&after[0]));
        assert!(wanted.len() > 100, "{}", wanted.len());
        let told_cells = said(&told);
        let missing: Vec<_> = wanted.difference(&told_cells).take(3).collect();
        let invented: Vec<_> = told_cells.difference(&wanted).take(3).collect();
        assert!(missing.is_empty() && invented.is_empty(), "missing {missing:?}, invented {invented:?}");
        assert_eq!(next["changes"], told.len());
        assert!(exported(v, 1, "A") == files[0], "the next edition leaves the one before as it was");
        let first = v.run(&["edition", "changes", "1", "--region", "A"]).failed();
        assert!(first.err.contains("сравнивать не с чем"), "{}", first.err);
    }

    fn nobody_changes_an_edition_unseen(v: &Vekha) {
        world(v);
        let _first = release(v, "chelyabinsk", "2023", "A");
        let _green = v.run(&["check"]).ok();
        for table in ["edition", "edition_part", "edition_act"] {
            let column = if table == "edition_act" { "remark" } else { "digest" };
            for statement in [format!("UPDATE {table} SET {column} = ''"), format!("DELETE FROM {table}")] {
                if table == "edition_act" && v.url().starts_with("sqlite") {
                    continue; // No row, no trigger: SQLite asks row by row.
                }
                let refused = v.try_sql(&statement).expect_err(&statement);
                assert!(refused.contains("an edition never changes"), "{statement}: {refused}");
            }
        }
        for table in ["edition", "edition_part"] {
            let on = if v.url().starts_with("sqlite") { String::new() } else { format!(" ON {table}") };
            for trigger in ["keeps_its_rows", "loses_no_row"] {
                v.sql(&format!("DROP TRIGGER {table}_{trigger}{on}"));
            }
        }
        // Whoever takes the triggers away is found by the digests.
        let changes = [
            ("UPDATE edition SET title = 'Другое'", "содержание не то"),
            ("UPDATE edition SET released_by = 'другой'", "содержание не то"),
            ("UPDATE edition_part SET content = (SELECT content FROM edition_part p WHERE p.kind = 'values' AND p.name = '2.1') WHERE kind = 'values' AND name = '1.1'", "изменена"),
            ("DELETE FROM edition_part WHERE kind = 'lists' AND name = '1.1'", "содержание не то"),
            ("UPDATE edition SET digest = 'x'", "отпечаток не тот"),
            ("DELETE FROM edition_part; DELETE FROM edition", "его больше нет"),
        ];
        for (statement, says) in changes {
            let v = v.copy();
            v.sql(statement);
            let answer = v.run(&["check"]).failed();
            assert!(answer.out.contains("выпуск") && answer.out.contains(says), "{statement}: {}", answer.out);
        }
    }

    fn lists_are_as_long_as_their_numbers_and_keep_a_line_for_whoever_is_gone(v: &Vekha) {
        world(v);
        // One who is gone later comes by a file of her own.
        let own = v.file("one.csv", format!("{STAFF}{}", person_row(901, "A-S1", "основное;01.09.2015;")));
        let _loaded = v.run(&["import", "staff", text(&own), "--batch-code", "ONE"]).ok();
        let _first = release(v, "chelyabinsk", "2023", "A");
        let list = |indicator: &str, unit: &str, part: &str| {
            let asked = ["edition", "people", "1", "--region", "A", "--indicator", indicator, "--unit", unit, "--part", part];
            v.run(&asked).ok().rows()
        };
        let values = table(&exported(v, 1, "A")[0]);
        let mut compared = 0;
        for unit in ["A", "A-Z", "A-M0", "A-M1", "A-S1", "A-S3", "A-S6"] {
            for indicator in ["1.1", "1.2"] {
                let row = &values[&[indicator, "", "", unit].map(str::to_owned)];
                let (upper, lower): (usize, usize) = (row["numerator"].parse().expect("n"), row["denominator"].parse().expect("d"));
                let (counted, rest) = (list(indicator, unit, "numerator"), list(indicator, unit, "rest"));
                assert_eq!((counted.len(), counted.len() + rest.len()), (upper, lower), "{indicator} {unit}");
                let today = v.run(&["people", "--pack", "chelyabinsk", "--indicator", indicator, "--unit", unit, "--period", "2023"]).ok();
                let keys = |rows: &[BTreeMap<String, String>]| rows.iter().map(|r| r["key"].clone()).collect::<BTreeSet<_>>();
                assert_eq!(keys(&counted), keys(&today.rows()), "{indicator} {unit}");
                compared += usize::from(upper > 0);
            }
        }
        assert!(compared > 6, "{compared}");
        let named = |rows: &[BTreeMap<String, String>]| rows.iter().filter(|r| r["key"] == snils(901)).count();
        let rest = list("1.1", "A-S1", "rest");
        assert_eq!(named(&rest), 1);
        let _gone = v.run(&["import", "undo", "ONE"]).ok();
        assert!(v.query(&format!("SELECT id FROM person WHERE snils = '{}'", snils(901))).is_empty());
        let left = list("1.1", "A-S1", "rest");
        assert_eq!((left.len(), named(&left)), (rest.len(), 0));
        let gone: Vec<_> = left.iter().filter(|row| row["name"] == "сведения уничтожены").collect();
        assert!(gone.len() == 1 && gone[0]["key"].is_empty(), "{left:?}");
        assert_eq!(table(&exported(v, 1, "A")[0]), values);
        let _green = v.run(&["check"]).ok();
        // What is kept of people says nothing to whoever has the database alone.
        let kept = v.query("SELECT count(*) FROM edition_part WHERE kind = 'people' AND name = ''");
        assert_eq!(kept, ["1"]);
    }

    fn a_new_formula_makes_another_version_and_the_old_edition_stays(v: &Vekha) {
        world(v);
        let _first = release(v, "chelyabinsk", "2023", "A");
        let before = exported(v, 1, "A");
        let text_of = std::fs::read_to_string("seeds/packs/chelyabinsk.toml").expect("the pack");
        let full = "diagnosed(kind in (full, corporate_order, follow_up))";
        assert!(text_of.contains(full), "the formula of 1.1");
        let own = v.file("other.toml", text_of.replacen(full, "diagnosed(kind = self)", 1));
        let _loaded = v.run(&["pack", "load", text(&own)]).ok();
        assert!(exported(v, 1, "A") == before);
        let _second = release(v, "chelyabinsk", "2023", "A");
        let told = changes(v, 2, "A");
        assert!(!told.is_empty() && told.iter().all(|row| row["indicator"] == "1.1" && row["cause"] == "formula"), "{told:?}");
        let listed = v.run(&["edition", "list", "--format", "csv"]).ok().rows();
        let versions: Vec<&str> = listed.iter().map(|row| row["pack_version"].as_str()).collect();
        assert!(versions.len() == 2 && versions[0] != versions[1], "{versions:?}");
        assert_eq!((listed[1]["follows"].as_str(), listed[1]["number"].as_str()), ("1", "2"));
        let _green = v.run(&["check"]).ok();
    }

    fn a_school_that_moves_leaves_the_edition_and_changes_the_next(v: &Vekha) {
        world(v);
        let _first = release(v, "chelyabinsk", "2023", "A");
        let before = exported(v, 1, "A");
        let value = |v: &Vekha, unit: &str| {
            let asked = ["values", "--pack", "chelyabinsk", "--period", "2023", "--unit", unit, "--indicator", "1.1", "--format", "csv"];
            v.run(&asked).ok().rows()[0]["denominator"].clone()
        };
        let then = [value(v, "A-M1"), value(v, "A-M2")];
        // School 1 stands in another town from the beginning: that is what is known today.
        let moved = |region: &str, n: usize| if region == "A" && n == 1 { 2 } else { town(region, n) };
        drop(v.import("units", &unit_rows(same_name, moved)));
        assert!([value(v, "A-M1"), value(v, "A-M2")] != then, "today's view differs");
        assert!(exported(v, 1, "A") == before, "the released one does not");
        let _second = release(v, "chelyabinsk", "2023", "A");
        let told = changes(v, 2, "A");
        let of = |unit: &str| told.iter().filter(|row| row["unit"] == unit).collect::<Vec<_>>();
        assert!(!of("A-M1").is_empty() && !of("A-M2").is_empty());
        let why = of("A-M1").into_iter().chain(of("A-M2")).all(|row| row["cause"] == "composition");
        assert!(why, "{told:?}");
        assert!(of("A-S1").is_empty() && of("A-M0").is_empty(), "the school itself is what it was");
    }

    fn releases_that_race_follow_each_other(v: &Vekha) {
        world(v);
        let asked = ["edition", "release", "--pack", "chelyabinsk", "--period", "2023", "--region", "A"];
        let _opened = v.run(&["values", "--pack", "chelyabinsk", "--period", "2023"]).ok();
        let children: Vec<_> = (0..5)
            .map(|_| v.command(&asked).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vekha starts"))
            .collect();
        let mut done = 0;
        for child in children {
            let output = child.wait_with_output().expect("it ends");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.success() {
                done += 1;
            } else {
                assert!(said.contains("за это время вышел выпуск"), "{said}");
            }
        }
        assert!(done > 0);
        let listed = v.run(&["edition", "list", "--format", "csv"]).ok().rows();
        assert_eq!(listed.len(), done);
        for (n, row) in listed.iter().enumerate() {
            let follows = if n == 0 { String::new() } else { n.to_string() };
            assert_eq!((row["number"].clone(), row["follows"].clone()), ((n + 1).to_string(), follows));
        }
        let _green = v.run(&["check"]).ok();
    }

    fn a_region_is_named_where_there_are_several(v: &Vekha) {
        world(v);
        let asked = ["edition", "release", "--pack", "chelyabinsk", "--period", "2023"];
        assert!(v.run(&asked).failed().err.contains("--region"));
        let _own = release(v, "chelyabinsk", "2023", "A");
        let _other = release(v, "chelyabinsk", "2023", "B");
        assert!(v.run(&["edition", "changes", "1"]).failed().err.contains("--region"));
        let path = v.path("none.csv");
        let missing = ["edition", "export", "7", "--format", "csv", "--out", text(&path)];
        assert!(v.run(&missing).failed().err.contains("не найдено"));
        assert!(!path.exists());
        let nowhere = ["edition", "release", "--pack", "chelyabinsk", "--period", "2023", "--region", "A-M1"];
        assert!(v.run(&nowhere).failed().err.contains("регион"));
    }
}
