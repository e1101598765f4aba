//! Entered values, points, zones and targets of the five systems, and the faults that the check of a pack finds.

use std::collections::BTreeMap;

use crate::five_world::{KRASNOYARSK, Span, TYUMEN, five};
use crate::laid::World;
use crate::on_both;
use crate::support::{Vekha, text};

type Row = BTreeMap<String, String>;

fn values(v: &Vekha, pack: &str, period: &str, level: &str) -> BTreeMap<(String, String), Row> {
    let rows = v
        .run(&["values", "--pack", pack, "--period", period, "--level", level])
        .ok()
        .rows();
    rows.into_iter()
        .filter(|row| row["breakdown"].is_empty())
        .map(|row| ((row["indicator"].clone(), row["unit"].clone()), row))
        .collect()
}

fn of<'a>(rows: &'a BTreeMap<(String, String), Row>, indicator: &str, unit: &str) -> &'a Row {
    &rows[&(indicator.to_owned(), unit.to_owned())]
}

const HEAD: &str = "Единица,Показатель или величина,Период,Значение,Числитель,Знаменатель,Источник,Эксперт,Ссылка\n";

/// Two regions of two towns with a school each.
pub fn towns() -> World {
    let mut world = World::new();
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        for n in 0..2 {
            let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
            world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
        }
    }
    world
}

/// Two regions of one town each, where one of five teachers has a deficit of subjects: 20 % exactly.
pub fn at_the_edge() -> World {
    let mut world = World::new();
    world.also(
        "INSERT INTO competence_group (code, name, number) SELECT 'subject', 'предметные', 2
         WHERE NOT EXISTS (SELECT 1 FROM competence_group WHERE code = 'subject')",
    );
    world.also("UPDATE competence SET group_code = 'subject' WHERE id = 1");
    for letter in ["А", "Б"] {
        let region = world.region(&format!("РЕГ-{letter}"));
        let town = world.unit("municipality", &format!("МО-{letter}"), Some((region, region)));
        let school = world.unit("organisation", &format!("ОО-{letter}"), Some((region, town)));
        for n in 0..5 {
            let who = world.person(region, &format!("{letter}{n}"), "1980-01-01");
            world.job(who, school, "teaching main", "2010-01-01", "");
            if n == 0 {
                world.passage(who, "full", "2022-10-01", 50);
            }
        }
    }
    world
}

const TOWNS: [&str; 4] = ["МО-А0", "МО-А1", "МО-Б0", "МО-Б1"];

/// Points of some indicators in every town, one expert or two; checks each mean and the mean of the region.
fn points(v: &Vekha, pack: &str, period: &str, codes: &[(&str, i64)], digits: i32) {
    towns().lay(v);
    let mut file = HEAD.to_owned();
    let mut given: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    for (n, (code, max)) in codes.iter().enumerate() {
        for (m, town) in TOWNS.iter().enumerate() {
            // One town of the second region hands in nothing.
            if m == 3 {
                continue;
            }
            for expert in 0..=(n + m) % 2 {
                let point = i64::try_from(n * 7 + m * 3 + expert * 5).expect("small") % (max + 1);
                file.push_str(&format!("{town},{pack}:{code},{period},{point},,,,Эксперт {expert},\n"));
                given.entry((code, town)).or_default().push(point);
            }
        }
    }
    let path = v.file("points.csv", &file);
    let _loaded = v.run(&["import", "forms", text(&path)]).ok();
    let again = v.run(&["import", "forms", text(&path)]).ok();
    assert!(again.out.contains("Новых 0, изменено 0"), "{}", again.out);
    let shown = |exact: f64| {
        let step = 10_f64.powi(digits);
        (exact * step + 1e-9).round() / step
    };
    let (of_towns, of_regions) = (
        values(v, pack, period, "municipality"),
        values(v, pack, period, "region"),
    );
    for (code, _) in codes {
        let mut means: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for town in TOWNS {
            let row = of(&of_towns, code, town);
            let Some(points) = given.get(&(*code, town)) else {
                assert_eq!(
                    (row["value"].as_str(), row["points"].as_str()),
                    ("", "not_submitted"),
                    "{code} {town}"
                );
                continue;
            };
            let mean = shown(points.iter().sum::<i64>() as f64 / points.len() as f64);
            assert_eq!(row["value"].parse::<f64>().expect("a value"), mean, "{code} {town}");
            assert_eq!(row["points"], row["value"], "{code} {town}");
            let region = if town.contains('А') { "РЕГ-А" } else { "РЕГ-Б" };
            means.entry(region).or_default().push(mean);
        }
        for (region, means) in means {
            let mean = shown(means.iter().sum::<f64>() / means.len() as f64);
            let row = of(&of_regions, code, region);
            assert_eq!(
                row["value"].parse::<f64>().expect("a value"),
                mean,
                "{code} {region}: {row:?}"
            );
        }
    }
}

on_both! {
    // rows: LG-I-M1, LG-I-M2, LG-I-M3, LG-I-M4
    fn published_parts_give_the_four_values_of_leningrad_and_two_missed_targets(v: &Vekha) {
        towns().lay(v);
        let published = [("M1", 12_074, 22_361), ("M2", 2_692, 3_497), ("M3", 1_329, 3_497), ("M4", 7_155, 22_361)];
        let mut file = HEAD.to_owned();
        for (code, upper, lower) in published {
            file.push_str(&format!("РЕГ-А,leningrad:{code},2021,,{upper},{lower},,,\n"));
            // The other region has more in pairs than young teachers.
            file.push_str(&format!("РЕГ-Б,leningrad:{code},2021,,{},{},,,\n", lower / 2, if code == "M3" { lower / 3 } else { lower }));
        }
        let path = v.file("main.csv", &file);
        let dry = v.run(&["import", "forms", text(&path), "--dry-run"]).ok();
        assert!(dry.out.contains("Новых 8"), "{}", dry.out);
        assert_eq!(v.query("SELECT count(*) FROM measure_value")[0], "0", "a dry run writes nothing");
        let _loaded = v.run(&["import", "forms", text(&path), "--batch-code", "ЛО"]).ok();
        let rows = values(v, "leningrad", "2021", "region");
        let mut missed = 0;
        for (code, upper, lower) in published {
            let row = of(&rows, code, "РЕГ-А");
            let exact = f64::from(upper) * 100.0 / f64::from(lower);
            let value: f64 = row["value"].parse().expect("a value");
            assert!((value - exact).abs() <= 0.05 + 1e-9, "{row:?}");
            assert_eq!((row["numerator"].as_str(), row["denominator"].as_str()), (&*upper.to_string(), &*lower.to_string()));
            let target: f64 = row["target"].parse().expect("a target");
            let said = if value >= target { "target_met" } else { "target_missed" };
            assert_eq!(row["zone"], said, "{row:?}");
            missed += i64::from(value < target);
        }
        assert_eq!(missed, 2, "two targets are missed");
        let above = of(&rows, "M3", "РЕГ-Б");
        assert!(above["value"].parse::<f64>().expect("a value") > 100.0, "shown as it is: {above:?}");
        // Nobody but M3 may exceed the whole.
        let path = v.file("wrong.csv", format!("{HEAD}РЕГ-А,leningrad:M1,2021,,30000,22361,,,\n"));
        assert!(v.run(&["import", "forms", text(&path)]).with_refusals().err.contains("больше знаменателя"));
        let _undone = v.run(&["import", "undo", "ЛО"]).ok();
        assert_eq!(v.query("SELECT count(*) FROM measure_value")[0], "0");
        assert_eq!(of(&values(v, "leningrad", "2021", "region"), "M1", "РЕГ-А")["points"], "not_submitted");
    }

    // rows: LG-I-1.1, LG-I-1.2, LG-I-1.3, LG-I-1.4, LG-I-1.5
    fn the_first_criteria_of_leningrad(v: &Vekha) {
        points(v, "leningrad", "2021", &["1.1", "1.2", "1.3", "1.4", "1.5"].map(|c| (c, 2)), 1);
    }

    // rows: LG-I-2.1, LG-I-2.2, LG-I-2.3, LG-I-2.4, LG-I-2.5
    fn the_second_criteria_of_leningrad(v: &Vekha) {
        points(v, "leningrad", "2021", &["2.1", "2.2", "2.3", "2.4", "2.5"].map(|c| (c, 2)), 1);
    }

    // rows: LG-I-2.6, LG-I-2.7, LG-I-2.8, LG-I-2.9, LG-I-2.10
    fn the_third_criteria_of_leningrad(v: &Vekha) {
        points(v, "leningrad", "2021", &["2.6", "2.7", "2.8", "2.9", "2.10"].map(|c| (c, 2)), 1);
    }

    // rows: LG-I-2.11, LG-I-3.1, LG-I-3.2, LG-I-3.3
    fn the_last_criteria_of_leningrad(v: &Vekha) {
        points(v, "leningrad", "2021", &["2.11", "3.1", "3.2", "3.3"].map(|c| (c, 2)), 1);
    }

    // rows: LG-I-total
    fn the_total_of_leningrad_falls_into_its_bands_or_into_none(v: &Vekha) {
        towns().lay(v);
        let codes: Vec<String> = [("1", 5), ("2", 11), ("3", 3)]
            .iter()
            .flat_map(|(group, n)| (1..=*n).map(move |i| format!("{group}.{i}")))
            .collect();
        assert_eq!(codes.len(), 19);
        // How many criteria of each town get 2 points and 1 point: 16, 17, 27, 38 in all.
        let wanted = [("МО-А0", 8, 0), ("МО-А1", 8, 1), ("МО-Б0", 13, 1), ("МО-Б1", 19, 0)];
        let mut file = HEAD.to_owned();
        for (town, twos, ones) in wanted {
            for (n, code) in codes.iter().enumerate() {
                let point = if n < twos { 2 } else { i64::from(n < twos + ones) };
                file.push_str(&format!("{town},leningrad:{code},2021,{point},,,,,\n"));
            }
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("points.csv", &file))]).ok();
        let rows = values(v, "leningrad", "2021", "municipality");
        for (town, twos, ones) in wanted {
            let total = twos * 2 + ones;
            let zone = match total {
                28..=38 => "high",
                18..=27 => "middle",
                17 => "out_of_scale",
                _ => "low",
            };
            let row = of(&rows, "total", town);
            assert_eq!((row["value"].as_str(), row["zone"].as_str()), (&*total.to_string(), zone), "{row:?}");
            assert_eq!(row["denominator"], (codes.len() * 2).to_string());
        }
    }

    // rows: TY-I-s1, TY-I-s2, TY-I-s3, TY-I-s4, TY-I-s5
    fn the_first_sections_of_tyumen(v: &Vekha) {
        points(v, "tyumen", "2022/23", &[("s1", 8), ("s2", 10), ("s3", 29), ("s4", 12), ("s5", 12)], 2);
    }

    // rows: TY-I-s6, TY-I-s7, TY-I-s8
    fn the_last_sections_of_tyumen(v: &Vekha) {
        points(v, "tyumen", "2022/23", &[("s6", 3), ("s7", 8), ("s8", 12)], 2);
    }

    // rows: TY-I-total
    fn the_total_of_tyumen_is_the_sum_of_sections_under_the_maximum_of_the_year(v: &Vekha) {
        towns().lay(v);
        let mut file = HEAD.to_owned();
        let of_town = |town: &str, s: usize| (s * 3 + town.len() + usize::from(town.contains('1'))) % 3;
        for (period, towns) in [("2021/22", &TOWNS[..]), ("2022/23", &TOWNS[..3])] {
            for town in towns {
                for s in 1..=8 {
                    file.push_str(&format!("{town},tyumen:s{s},{period},\"{},5\",,,,,\n", of_town(town, s)));
                }
            }
        }
        // 20 points of the third section were too many in the first year, not in the second.
        for period in ["2021/22", "2022/23"] {
            file = file.replace(
                &format!("МО-А0,tyumen:s3,{period},\"{},5\"", of_town("МО-А0", 3)),
                &format!("МО-А0,tyumen:s3,{period},20"),
            );
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("points.csv", &file))]).ok();
        for (period, most) in [("2021/22", "84"), ("2022/23", "94")] {
            let rows = values(v, "tyumen", period, "municipality");
            for town in TOWNS {
                let total = of(&rows, "total", town);
                if town == "МО-Б1" && period == "2022/23" {
                    assert_eq!((total["value"].as_str(), total["points"].as_str()), ("", "not_submitted"));
                    continue;
                }
                let sum: f64 = (1..=8)
                    .map(|s| match (town, s, period) {
                        ("МО-А0", 3, "2021/22") => 0.0,
                        ("МО-А0", 3, _) => 20.0,
                        _ => of_town(town, s) as f64 + 0.5,
                    })
                    .sum();
                assert_eq!(total["value"].parse::<f64>().expect("a total"), sum, "{town} {period}");
                assert_eq!(total["denominator"], most);
            }
            let third = of(&rows, "s3", "МО-А0");
            assert_eq!(third["points"], if period == "2021/22" { "out_of_scale" } else { "20" });
        }
    }

    // rows: KR-I-2.2.1, KR-I-2.2.2, KR-I-2.2.3, KR-I-2.2.4, KR-I-2.2.5
    fn groups_of_krasnoyarsk_are_per_cent_of_their_points(v: &Vekha) {
        groups(v, &["2.2.1", "2.2.2", "2.2.3", "2.2.4", "2.2.5"]);
    }

    // rows: KR-I-2.2
    fn the_total_of_krasnoyarsk_and_its_zone(v: &Vekha) {
        groups(v, &["2.2"]);
    }

    // rows: TY-I-1.3, TY-I-G4.4, TY-I-K1, TY-I-K2
    fn documents_events_and_clusters_of_tyumen(v: &Vekha) {
        let mut world = World::new();
        for letter in ["А", "Б"] {
            let region = world.region(&format!("РЕГ-{letter}"));
            for (n, place) in ["urban", "rural", "remote_rural"].iter().enumerate() {
                let zone = world.unit("zone", &format!("ОКР-{letter}{n}"), Some((region, region)));
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, zone)));
                world.also(&format!("UPDATE unit SET locality = '{place}' WHERE id = {town}"));
            }
        }
        world.lay(v);
        let mut file = HEAD.to_owned();
        for (n, said) in ["да", "нет"].iter().enumerate() {
            for letter in ["А", "Б"] {
                file.push_str(&format!("МО-{letter}{n},mun_conceptual_documents,2022/23,{said},,,,,https://example.org/{n}\n"));
                file.push_str(&format!("МО-{letter}{n},federal_centre_events,2022/23,{},,,,,\n", n + 2));
            }
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("forms.csv", &file))]).ok();
        let rows = values(v, "tyumen", "2022/23", "municipality");
        for letter in ["А", "Б"] {
            for (n, (place, documents, events)) in
                [("urban", "1", "2"), ("rural", "0", "3"), ("remote_rural", "", "")].iter().enumerate()
            {
                let town = format!("МО-{letter}{n}");
                assert_eq!(of(&rows, "K1", &town)["zone"], *place);
                assert_eq!(of(&rows, "K2", &town)["zone"], format!("ОКР-{letter}{n}"));
                assert_eq!(of(&rows, "1.3", &town)["value"], *documents, "yes, no and not submitted are three things");
                assert_eq!(of(&rows, "G4.4", &town)["value"], *events);
                let points = if documents.is_empty() { "not_submitted" } else { "" };
                assert_eq!(of(&rows, "1.3", &town)["points"], points);
            }
        }
        let regions = values(v, "tyumen", "2022/23", "region");
        assert_eq!(of(&regions, "G4.4", "РЕГ-А")["value"], (2 + 3).to_string());
        assert_eq!(of(&regions, "1.3", "РЕГ-А")["numerator"], "1");
    }

    // partly: TY-I-3.21 the source prints its code alone: no title, no rule, no population
    // partly: TY-I-3.22 the source prints its code alone: no title, no rule, no population
    fn what_has_no_rule_in_the_source_says_so_and_is_not_guessed(v: &Vekha) {
        towns().lay(v);
        for code in ["3.21", "3.22"] {
            let form = format!("{HEAD}МО-А0,tyumen:{code},2022/23,12.5,,,,,\n");
            let _loaded = v.run(&["import", "forms", text(&v.file("own.csv", &form))]).ok();
        }
        for level in ["region", "municipality", "organisation"] {
            let rows = values(v, "tyumen", "2022/23", level);
            let told: Vec<_> = rows.iter().filter(|((code, _), _)| ["3.21", "3.22"].contains(&code.as_str())).collect();
            assert!(told.len() >= 4, "each unit of both regions has a row");
            for ((code, unit), row) in told {
                let said = ["numerator", "denominator", "value", "points"].map(|column| row[column].as_str());
                assert_eq!(said, ["", "", "", "untitled"], "{code} {unit}: nothing is guessed");
                let handed_in = if unit == "МО-А0" { "12.5" } else { "" };
                assert_eq!(row["reported"], handed_in, "{code} {unit}: a region may hand its own value in");
            }
        }
        for code in ["3.21", "3.22"] {
            let answer = v.run(&[
                "people", "--pack", "tyumen", "--indicator", code, "--unit", "РЕГ-А", "--period", "2022/23",
            ]);
            assert!(answer.out.lines().count() <= 1, "nobody stands behind what has no rule: {}", answer.out);
        }
    }

    // rows: CH-I-9.1, CH-I-E.1, CH-I-E.2, CH-I-E.3
    fn use_of_the_platform_and_judgements_of_chelyabinsk(v: &Vekha) {
        let mut world = towns();
        let mut schools = BTreeMap::new();
        for letter in ["А", "Б"] {
            for n in 0..2 {
                schools.insert(format!("ОО-{letter}{n}"), ());
            }
        }
        // An account of each first school did something in 2023; of the second school of region А in 2022 only.
        let mut next = 600_000;
        for (school, day) in [("ОО-А0", "2023-05-05"), ("ОО-Б0", "2023-05-05"), ("ОО-А1", "2022-05-05")] {
            next += 10;
            world.also(&format!(
                "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version)
                 VALUES ({next}, 'школа-{next}', '', 'active', 1, '2022-01-01 00:00:00', 1)"
            ));
            world.also(&format!(
                "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) SELECT {next}, {next}, 'school_admin', id,
                 '2022-01-01 00:00:00' FROM unit WHERE code = '{school}'"
            ));
            world.also(&format!(
                "INSERT INTO person (id, region_id, snils, last_name, first_name, search_key, sort_key, version, recorded_at)
                 SELECT {next} + 1, region_id, 'П{next}', 'Фамилия', 'Имя', 'ф', 'ф', 1, '2022-01-01 00:00:00' FROM unit
                 WHERE code = '{school}'"
            ));
            world.also(&format!(
                "INSERT INTO iom (id, region_id, person_id, number, origin, state, starts_on, revision, on_platform, version,
                 recorded_at) SELECT {next} + 2, region_id, {next} + 1, 'ИОМ-{next}', 'school', 'draft', '{day}', 0, TRUE, 1,
                 '2022-01-01 00:00:00' FROM unit WHERE code = '{school}'"
            ));
            world.also(&format!(
                "INSERT INTO iom_state (id, region_id, iom_id, state, on_date, recorded_at) SELECT {next} + 3, region_id,
                 {next} + 2, 'draft', '{day}', '2022-01-01 00:00:00' FROM unit WHERE code = '{school}'"
            ));
            world.also(&format!(
                "INSERT INTO iom_act (id, region_id, iom_id, act, on_date, account_id, recorded_at) SELECT {next} + 4,
                 region_id, {next} + 2, 'support', '{day}', {next}, '2022-01-01 00:00:00' FROM unit WHERE code = '{school}'"
            ));
        }
        world.lay(v);
        let mut file = HEAD.to_owned();
        for (code, point) in [("E.1", 1), ("E.2", 2), ("E.3", 0)] {
            file.push_str(&format!("РЕГ-А,chelyabinsk:{code},2023,{point},,,,,\n"));
        }
        let _loaded = v.run(&["import", "forms", text(&v.file("points.csv", &file))]).ok();
        let rows = values(v, "chelyabinsk", "2023", "region");
        for (code, point) in [("E.1", "1"), ("E.2", "2"), ("E.3", "0")] {
            assert_eq!(of(&rows, code, "РЕГ-А")["points"], point);
            assert_eq!(of(&rows, code, "РЕГ-Б")["points"], "not_submitted", "a zero is another thing");
        }
        for region in ["РЕГ-А", "РЕГ-Б"] {
            let row = of(&rows, "9.1", region);
            assert_eq!((row["numerator"].as_str(), row["denominator"].as_str()), ("1", "2"), "{row:?}");
            let list = v.run(&["people", "--pack", "chelyabinsk", "--indicator", "9.1", "--unit", region, "--period", "2023"]).ok().rows();
            assert_eq!(list.len(), 1);
            assert_eq!((list[0]["subject"].as_str(), &*list[0]["key"]), ("organisation", &*format!("ОО-{}0", &region[7..])));
        }
    }

    // rows: TY-I-1.1, TY-I-1.2, TY-I-1.2.10, TY-I-3.5.1
    fn counts_and_methodists_behind_plans_of_tyumen(v: &Vekha) {
        let s = TYUMEN;
        let two = Span { from: "2021-09-01", ..s };
        let five = five(22);
        five.lay(v);
        // One act of support within the year for every plan of region А.
        v.sql(
            "INSERT INTO iom_act (id, region_id, iom_id, act, on_date, recorded_at) SELECT i.id + 3000000, i.region_id, i.id,
             'support', '2023-04-01', '2023-01-01 00:00:00' FROM iom i JOIN unit u ON u.id = i.region_id WHERE u.code = 'РЕГ-А';",
        );
        let rows = values(v, "tyumen", s.code, "region");
        for region in ["РЕГ-А", "РЕГ-Б"] {
            let count = |asked: &dyn Fn(&crate::five_world::Person) -> bool| {
                let here = |who: &&crate::five_world::Person| {
                    who.region == region && who.on(s.on).any(|p| p.teaching) && asked(who)
                };
                five.people.iter().filter(here).count().to_string()
            };
            assert_eq!(of(&rows, "1.1", region)["numerator"], count(&|_| true));
            assert_eq!(of(&rows, "1.2", region)["numerator"], count(&|who| who.is_young(s.on)));
            assert_eq!(of(&rows, "1.2.10", region)["numerator"], count(&|who| who.is_young(s.on) && who.accompanied(two)));
            let supported = count(&|who| {
                region == "РЕГ-А"
                    && who.plans.iter().any(|(_, day, supporter)| {
                        *day <= s.to && supporter.is_some_and(|(kind, from)| kind == "regional_methodist" && from <= s.to)
                    })
            });
            assert_eq!(of(&rows, "3.5.1", region)["numerator"], supported, "3.5.1 {region}");
            assert_eq!(of(&rows, "3.5.1", region)["denominator"], count(&|_| true));
        }
        assert_ne!(of(&rows, "3.5.1", "РЕГ-А")["numerator"], "0", "somebody was supported");
    }

    fn a_shared_edge_has_no_points_until_somebody_decides(v: &Vekha) {
        at_the_edge().lay(v);
        let shown = |v: &Vekha| {
            let rows = values(v, "krasnoyarsk", "2022/23", "municipality");
            let (row, group) = (of(&rows, "2.2.1.2", "МО-А"), of(&rows, "2.2.1", "МО-А"));
            assert_eq!(row["value"], "20", "{row:?}");
            (row["points"].clone(), group["points"].clone(), group["zone"].clone())
        };
        let (points, group, zone) = shown(v);
        assert_eq!((&*points, &*zone), ("edge_undecided", "edge_undecided"), "the group waits too: {group}");
        let decide = |edge: &str, points: &str| {
            let arguments = ["pack", "decide", "--pack", "krasnoyarsk", "--indicator", "2.2.1.2", "--edge", edge];
            v.run(&[&arguments[..], &["--points", points, "--reason", "решение оператора"]].concat())
        };
        assert!(decide("8", "1").failed().err.contains("не общая граница"));
        assert!(decide("20", "3").failed().err.contains("1, 2"));
        for reason in ["", "  "] {
            let arguments = ["pack", "decide", "--pack", "krasnoyarsk", "--indicator", "2.2.1.2", "--edge", "20"];
            let answer = v.run(&[&arguments[..], &["--points", "1", "--reason", reason]].concat()).failed();
            assert!(answer.err.contains("напишите, почему"), "{}", answer.err);
        }
        assert_eq!(v.query("SELECT count(*) FROM edge_choice"), ["0"], "nothing without a reason");
        let _one = decide("20", "1").ok();
        assert_eq!(shown(v).0, "1");
        let _two = decide("20", "2").ok();
        let (points, _, zone) = shown(v);
        assert_eq!(points, "2", "the later choice holds");
        assert_ne!(zone, "edge_undecided");
        assert_eq!(v.query("SELECT count(*) FROM edge_choice"), ["2"], "the earlier one stays in the record");
        drop(v.run(&["check"]).ok());
    }

    fn wrong_rows_of_entered_values_are_named_and_change_nothing(v: &Vekha) {
        towns().lay(v);
        for (row, said) in [
            ("МО-Я,mun_service_site,2023,да,,,,,", "единицы с таким кодом нет"),
            ("МО-А0,mun_kitchens,2023,1,,,,,", "такой величины или показателя нет"),
            ("МО-А0,leningrad:M9,2021,1,,,,,", "такой величины или показателя нет"),
            ("МО-А0,mun_active,2023,1,,,,,", "считается сама"),
            ("МО-А0,mun_service_site,2023,3,,,,,", "да"),
            ("МО-А0,mun_service_site,двадцатый,да,,,,,", "2022/23"),
            ("МО-А0,leningrad:M1,2022/23,1,,,,,", "другой вид периода"),
            ("ОО-А0,mun_service_site,2023,да,,,,,", "не для организации"),
            ("МО-А0,mun_methodist_headcount,2023,пять,,,,,", "Значение"),
            ("МО-А0,mun_methodist_headcount,2023,,,,,,", "Значение"),
        ] {
            let path = v.file("wrong.csv", format!("{HEAD}{row}\n"));
            let answer = v.run(&["import", "forms", text(&path)]).with_refusals();
            assert!(answer.err.contains(said), "{row}: {}", answer.err);
        }
        assert_eq!(v.query("SELECT count(*) FROM measure_value")[0], "0");
        // A later value stands on an earlier file and keeps it from being undone.
        let load = |code: &str, n: i64| {
            let path = v.file("n.csv", format!("{HEAD}МО-А0,mun_methodist_headcount,2022/23,{n},,,,,\n"));
            v.run(&["import", "forms", text(&path), "--batch-code", code]).ok()
        };
        let _first = load("первый", 4);
        assert!(load("второй", 5).out.contains("изменено 1"));
        assert!(v.run(&["import", "undo", "первый"]).failed().err.contains("более поздние значения: 1"));
        let _undone = v.run(&["import", "undo", "второй"]).ok();
        assert_eq!(v.query("SELECT value_milli FROM measure_value WHERE superseded_at IS NULL"), ["4000"]);
    }

    fn the_check_of_a_pack_names_every_planted_fault_with_its_line_and_advice(v: &Vekha) {
        let own = std::fs::read_to_string("seeds/packs/leningrad.toml").expect("the pack");
        let official = std::fs::read_to_string("seeds/packs/krasnoyarsk.toml").expect("the pack");
        let warned = v.run(&["pack", "check", "seeds/packs/krasnoyarsk.toml"]).ok();
        assert!(warned.out.contains("разрыв") && warned.out.contains("общая граница"), "{}", warned.out);
        let line = |of: &str, needle: &str| of.lines().position(|l| l.contains(needle)).expect(needle) + 1;
        let scale = "scale = [\n  { from = 0, to = 1, points = 0 },\n  { from = 1, points = 1 },\n]\n";
        let after = "code = \"F1\"\n";
        for (text_, from, to, needle, said) in [
            (&own, "yes(mun_service_site)".to_owned(), "yes(mun_kitchen)".to_owned(), "yes(mun_service_site)", "величины «mun_kitchen» нет"),
            (&own, "yes(mun_service_site)".to_owned(), "yes(mun_social_network_groups)".to_owned(), "yes(mun_service_site)", "да или нет"),
            (&own, "code = \"1.2\"".to_owned(), "code = \"1.1\"".to_owned(), "code = \"1.2\"", "стоит дважды"),
            (&own, "targets = { \"2021\"".to_owned(), "targets = { \"2021/22\"".to_owned(), "targets = { \"2021\"", "не календарный"),
            (&own, "period_kind = \"calendar_year\"\n".to_owned(), String::new(), "code = \"leningrad\"", "period_kind"),
            (&own, "sum_points(\"criteria\")".to_owned(), "\"total\"".to_owned(), "sum_points(\"criteria\")", "опирается сам на себя"),
            (&own, "sum_points(\"criteria\")".to_owned(), "\"9.9\"".to_owned(), "sum_points(\"criteria\")", "показателя 9.9 в пакете нет"),
            (&own, after.to_owned(), format!("{after}{}", scale.replace("from = 1,", "from = 2,")), after.trim_end(), "разрыв"),
            (&own, after.to_owned(), format!("{after}{}", scale.replace("to = 1,", "to = 2,")), after.trim_end(), "перекрытие"),
            (&own, after.to_owned(), format!("{after}{scale}"), after.trim_end(), "общая граница"),
            (&official, "task = \"2.2.5\"".to_owned(), "task = \"2.2.9\"".to_owned(), "task = \"2.2.5\"", "задачи 2.2.9 в пакете нет"),
        ] {
            let changed = text_.replacen(&from, &to, 1);
            assert_ne!(&changed, text_, "{needle}");
            let file = v.file("planted.toml", &changed);
            let answer = v.run(&["pack", "check", text(&file)]).failed();
            assert!(answer.out.contains(said), "{said}: {}", answer.out);
            let at = line(text_, needle);
            // What was put in after a line stands some lines below it.
            let near = (at..at + 5).any(|n| answer.out.contains(&format!("planted.toml: строка {n}, столбец ")));
            assert!(near || said == "period_kind", "{said} at {at}: {}", answer.out);
        }
    }
}

/// The points of groups of Krasnoyarsk from the values that are printed, by bands written out anew.
fn groups(v: &Vekha, wanted: &[&str]) {
    let five = five(23);
    five.lay(v);
    let rows = values(v, "krasnoyarsk", KRASNOYARSK.code, "municipality");
    let mut told = 0;
    for town in ["МО-А0", "МО-А1", "МО-Б0", "МО-Б1"] {
        // Code of an indicator, its points if it has some, and the most it may give.
        let mut all: Vec<(String, Option<f64>, f64)> = Vec::new();
        for ((code, unit), row) in &rows {
            if unit != town || code.matches('.').count() != 3 {
                continue;
            }
            let value = row["value"].parse::<f64>().ok();
            let young = of(&rows, "2.2.3.1", town)["value"].parse::<f64>().ok();
            let deficits = ("2.2.1.2"..="2.2.1.8").contains(&code.as_str());
            let (points, most) = match (code.as_str(), value) {
                ("2.2.5.2", Some(old)) => (young.map(|young| f64::from(u8::from(old - young < 5.0))), 1.0),
                ("2.2.5.3", Some(n)) => (Some(n), 1.0),
                ("2.2.5.2" | "2.2.5.3", None) => (None, 1.0),
                (_, None) => (None, 2.0),
                (_, Some(x)) if deficits => (
                    Some(if x < 8.0 {
                        0.0
                    } else if x <= 20.0 {
                        1.0
                    } else {
                        2.0
                    }),
                    2.0,
                ),
                ("2.2.2.4", Some(x)) => (
                    Some(if x < 1.0 {
                        0.0
                    } else if x < 2.0 {
                        1.0
                    } else {
                        2.0
                    }),
                    2.0,
                ),
                (_, Some(x)) => (
                    Some(if x < 20.0 {
                        0.0
                    } else if x < 50.0 {
                        1.0
                    } else {
                        2.0
                    }),
                    2.0,
                ),
            };
            assert_ne!(value.filter(|_| deficits), Some(20.0), "the seed gives no edge");
            all.push((code.clone(), points, most));
        }
        assert_eq!(all.len(), 24, "{town}");
        for group in wanted {
            let inside = || all.iter().filter(|(code, ..)| code.starts_with(&format!("{group}.")));
            let sum: f64 = inside().filter_map(|(_, points, _)| *points).sum();
            let most: f64 = inside().map(|(_, _, most)| most).sum();
            let row = of(&rows, group, town);
            assert_eq!(
                row["numerator"].parse::<f64>().expect("points"),
                sum,
                "{group} {town}: {all:?}"
            );
            assert_eq!(row["denominator"].parse::<f64>().expect("most"), most, "{group} {town}");
            let percent = sum * 100.0 / most;
            let value: f64 = row["value"].parse().expect("per cent");
            assert!((value - percent).abs() <= 0.0501, "{group} {town}: {value}, {percent}");
            let zone = if value < 20.0 {
                "low"
            } else if value < 40.0 {
                "middle"
            } else {
                "high"
            };
            assert_eq!(row["zone"], zone, "{group} {town}");
            told += i64::from(sum > 0.0 && sum < most);
        }
    }
    assert!(told > 0, "some sum lies between nothing and everything");
}
