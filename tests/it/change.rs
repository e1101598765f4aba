//! «Почему изменилось»: over random pairs of days in an invented world the parts add up to the difference of two figures
//! that are counted another way, and each part has as many subjects as its list.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::five_world::{Five, Place, five};
use crate::on_both;
use crate::support::{Vekha, text};

/// The day on which the second version of every pack comes into force.
const SECOND: &str = "2023-02-15";
/// A school stands in another town from this day on.
const SCHOOL_MOVES: &str = "2023-05-01";

/// A roll of dice that is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("small") % n
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A day between September 2021 and the end of 2023, often one of those on which something happens or the day beside.
    fn day(&mut self) -> String {
        let edges = [
            "2022-08-31",
            "2022-09-01",
            "2022-12-01",
            "2022-11-30",
            "2023-02-01",
            "2023-01-31",
            "2023-02-14",
            SECOND,
            "2023-03-01",
            "2023-02-28",
            SCHOOL_MOVES,
            "2023-04-30",
            "2023-07-01",
            "2023-06-30",
            "2023-08-31",
            "2022-12-31",
        ];
        if self.below(2) == 0 {
            return (*self.one(&edges)).to_owned();
        }
        let first = chrono::NaiveDate::from_ymd_opt(2021, 9, 1).expect("a day");
        let days = i64::try_from(self.below(851)).expect("small");
        (first + chrono::Duration::days(days)).to_string()
    }
}

/// The second version of a pack: what is changed in its text. Every one has a formula; one has a parameter too.
fn changes(pack: &str) -> Vec<(&'static str, &'static str)> {
    match pack {
        "chelyabinsk" => vec![
            (
                "diagnosed(kind in (full, corporate_order, follow_up))), count(person where pedagogical))",
                "diagnosed(kind in (full))), count(person where pedagogical))",
            ),
            (
                "targets = { \"2022\" = 6, \"2023\" = 7.5",
                "targets = { \"2022\" = 6, \"2023\" = 8",
            ),
        ],
        "tyumen" => vec![
            (
                "title = \"Нагрузка больше, часов в неделю\"\nvalue = 36",
                "title = \"Нагрузка больше, часов в неделю\"\nvalue = 18",
            ),
            (
                "share(count(person where supported), count(person where pedagogical))",
                "share(count(person where supported or iom_formed), count(person where pedagogical or leader))",
            ),
        ],
        "krasnoyarsk" => vec![(
            "diagnosed(kind in (full, self))), count(person where pedagogical))",
            "diagnosed(kind in (full, self))), count(person where leader))",
        )],
        "leninsky" => vec![(
            "count(person where member(kind = mentors)), count(person where pedagogical)",
            "count(person where member(kind = mentors) and young), count(person where pedagogical or leader)",
        )],
        _ => vec![(
            "count(person where pedagogical and mentoring)",
            "count(person where mentoring)",
        )],
    }
}

struct Packs {
    period_of: fn(&str) -> String,
    code: &'static str,
    /// Indicators that are made of parts.
    codes: Vec<String>,
}

fn academic(day: &str) -> String {
    let year: i32 = day[..4].parse().expect("a year");
    let first = if &day[5..] >= "09-01" { year } else { year - 1 };
    format!("{first}/{:02}", (first + 1) % 100)
}

fn calendar(day: &str) -> String {
    day[..4].to_owned()
}

fn source(pack: &str) -> String {
    std::fs::read_to_string(format!("seeds/packs/{pack}.toml")).expect("a pack")
}

/// Indicators of a pack that count people, plans, programmes or units, or sum what was entered.
fn packs() -> Vec<Packs> {
    let of = |code: &'static str, period_of: fn(&str) -> String| {
        let source = source(code);
        let mut codes = Vec::new();
        for block in source.split("[[indicator]]").skip(1) {
            let line = |name: &str| {
                block
                    .lines()
                    .find_map(|l| l.strip_prefix(&format!("{name} = ")).map(str::to_owned))
            };
            let formula = line("formula").unwrap_or_default();
            let pointed = ["expert(", "sum_points(", "share_of_points(", "attribute("];
            if !formula.is_empty() && !pointed.iter().any(|word| formula.contains(word)) {
                codes.push(line("code").expect("a code").trim_matches('"').to_owned());
            }
        }
        Packs { period_of, code, codes }
    };
    vec![
        of("chelyabinsk", calendar),
        of("tyumen", academic),
        of("krasnoyarsk", academic),
        of("leninsky", calendar),
        of("leningrad", calendar),
    ]
}

fn teaching(org: usize, from: &'static str, to: &'static str) -> Place {
    Place {
        org,
        teaching: true,
        position: "учитель",
        hours: None,
        education: "",
        subjects: vec![("химия", Some(true))],
        from,
        to,
    }
}

/// The world with people who move between towns, come back, and become leaders where they are.
fn world(seed: u64) -> Five {
    let mut five = five(seed);
    for (n, who) in five.people.iter_mut().enumerate() {
        let first = if n < 100 { 0 } else { 6 };
        let here = first + n % 6;
        let there = first + (n + 1) % 6;
        match n % 7 {
            0 => {
                who.places = vec![
                    teaching(here, "2010-01-01", "2022-12-01"),
                    teaching(there, "2022-12-01", ""),
                ]
            }
            1 => {
                who.places = vec![
                    teaching(here, "2010-01-01", "2023-02-01"),
                    teaching(there, "2022-12-01", "2023-07-01"),
                ]
            }
            2 => {
                let leader = Place {
                    teaching: false,
                    position: "директор",
                    ..teaching(here, "2023-03-01", "")
                };
                who.places = vec![teaching(here, "2010-01-01", "2023-03-01"), leader];
            }
            _ => {}
        }
    }
    five
}

/// Lays the world twice: where the second versions are loaded, and where they never were.
fn laid(v: &Vekha, five: &Five) -> Vekha {
    five.lay(v);
    v.sql(&format!(
        "UPDATE unit_link SET valid_to = '{SCHOOL_MOVES}' WHERE unit_id = (SELECT id FROM unit WHERE code = 'ОО-А1');
         INSERT INTO unit_link (id, region_id, unit_id, parent_id, valid_from, recorded_at)
         SELECT 777777, u.region_id, u.id, p.id, '{SCHOOL_MOVES}', '2023-01-01 00:00:00' FROM unit u, unit p
         WHERE u.code = 'ОО-А1' AND p.code = 'МО-А2'"
    ));
    let before = v.copy();
    for pack in packs() {
        let first = source(pack.code);
        let mut second = first.clone();
        for (from, to) in changes(pack.code) {
            assert!(second.contains(from), "{}: {from}", pack.code);
            second = second.replacen(from, to, 1);
        }
        for text_ in [first, second] {
            let file = v.file(&format!("{}.toml", pack.code), text_);
            drop(v.run(&["pack", "load", text(&file)]).ok());
        }
    }
    v.sql(&format!(
        "UPDATE pack SET loaded_at = '2020-01-01 00:00:00' WHERE retired_at IS NOT NULL;
         UPDATE pack SET retired_at = '{SECOND} 06:00:00' WHERE retired_at IS NOT NULL;
         UPDATE pack SET loaded_at = '{SECOND} 06:00:00' WHERE retired_at IS NULL"
    ));
    before
}

/// Numerators and denominators of a pack on a day by the figures' own way: counters summed over the tree.
type Figures = BTreeMap<(String, String), (i64, i64)>;

fn milli(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().expect("a number")
    };
    whole * 1000 + format!("{fraction:0<3}").parse::<i64>().expect("thousandths")
}

fn figures(v: &Vekha, pack: &Packs, day: &str) -> Figures {
    let mut found = Figures::new();
    for level in ["region", "municipality", "organisation"] {
        let period = (pack.period_of)(day);
        let arguments = [
            "values", "--pack", pack.code, "--period", &period, "--level", level, "--as-of", day,
        ];
        for row in v.run(&arguments).ok().rows() {
            if row["breakdown"].is_empty() {
                let said = (milli(&row["numerator"]), milli(&row["denominator"]));
                found.insert((row["indicator"].clone(), row["unit"].clone()), said);
            }
        }
    }
    found
}

fn number(of: &Json) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "thousandths of small numbers")]
    let milli = (of.as_f64().unwrap_or(0.0) * 1000.0).round() as i64;
    milli
}

fn less(one: (i64, i64), other: (i64, i64)) -> (i64, i64) {
    (one.0 - other.0, one.1 - other.1)
}

on_both! {
    fn of_random_pairs_of_days_the_parts_add_up_and_each_has_its_list(v: &Vekha) {
        let asked: usize = std::env::var("VEKHA_CHANGE_PAIRS").ok().and_then(|n| n.parse().ok()).unwrap_or(30);
        let (mut dice, five) = (Dice(20), world(77));
        let before = laid(v, &five);
        let packs = packs();
        let (mut pairs, mut causes, mut lists) = (0, BTreeMap::<String, usize>::new(), 0);
        for pack in &packs {
            let wanted = asked.div_ceil(packs.len());
            let mut days = BTreeSet::from([["2022-11-30", "2023-01-31"][pack.code.len() % 2].to_owned(), "2023-08-31".to_owned()]);
            while days.len() * (days.len() - 1) < wanted {
                days.insert(dice.day());
            }
            let days: Vec<String> = days.into_iter().collect();
            let first: BTreeMap<&String, Figures> = days.iter().map(|day| (day, figures(&before, pack, day))).collect();
            let second: BTreeMap<&String, Figures> = days.iter().map(|day| (day, figures(v, pack, day))).collect();
            let mut all: Vec<(&String, &String)> = days.iter().flat_map(|a| days.iter().map(move |b| (a, b))).filter(|(a, b)| a != b).collect();
            all.truncate(wanted);
            for (from, to) in all {
                pairs += 1;
                let letter = *dice.one(&["А", "А", "Б"]);
                let units = [format!("РЕГ-{letter}"), format!("МО-{letter}{}", dice.below(3)), format!("ОО-{letter}{}", dice.below(6))];
                let mut arguments = vec!["explain-change", "--pack", pack.code, "--from", from, "--to", to, "--format", "json"];
                pack.codes.iter().for_each(|code| arguments.extend(["--indicator", code]));
                units.iter().for_each(|unit| arguments.extend(["--unit", unit]));
                let answer: Vec<Json> = serde_json::from_str(&v.run(&arguments).ok().out).expect("JSON");
                assert_eq!(answer.len(), units.len() * pack.codes.len());
                let mut told = Vec::new();
                for of in &answer {
                    let (code, unit) = (of["indicator"].as_str().expect("a code"), of["unit"].as_str().expect("a unit"));
                    let at = |figures: &BTreeMap<&String, Figures>, day: &String| {
                        figures[day].get(&(code.to_owned(), unit.to_owned())).copied().unwrap_or_default()
                    };
                    let by = |day: &String| if day.as_str() < SECOND { &first } else { &second };
                    let (was, now, unchanged) = (at(by(from), from), at(by(to), to), at(by(from), to));
                    let what = format!("{} {code} {unit} {from} {to}: {of}", pack.code);
                    let sum = |method: Option<bool>| {
                        let parts = of["parts"].as_array().expect("parts").iter();
                        parts
                            .filter(|p| method.is_none_or(|m| m == ["formula", "parameters"].contains(&p["part"].as_str().expect("a name"))))
                            .fold((0, 0), |sum, p| (sum.0 + number(&p["delta_numerator"]), sum.1 + number(&p["delta_denominator"])))
                    };
                    assert_eq!(sum(None), less(now, was), "the parts add up: {what}");
                    assert_eq!(sum(Some(true)), less(now, unchanged), "what the method changed: {what}");
                    assert_eq!(sum(Some(false)), less(unchanged, was), "what happened: {what}");
                    let said = |side: &str| (number(&of[side]["numerator"]), number(&of[side]["denominator"]));
                    assert_eq!((said("before"), said("after")), (was, now), "{what}");
                    for part in of["parts"].as_array().expect("parts") {
                        let name = part["part"].as_str().expect("a name");
                        *causes.entry(name.to_owned()).or_default() += 1;
                        told.push((code, unit, name, part));
                    }
                }
                if told.is_empty() {
                    continue;
                }
                let (code, unit, name, part) = dice.one(&told);
                let arguments = ["people", "--pack", pack.code, "--indicator", code, "--unit", unit, "--from", from, "--to", to, "--change", name, "--format", "json"];
                let list: Vec<Json> = serde_json::from_str(&v.run(&arguments).ok().out).expect("JSON");
                let what = format!("{} {code} {unit} {from} {to} {name}: {list:?}", pack.code);
                assert_eq!(Some(list.len() as u64), part["people"].as_u64(), "{what}");
                let keys: BTreeSet<&str> = list.iter().filter_map(|row| row["key"].as_str()).collect();
                assert_eq!(keys.len(), list.len(), "each stands once: {what}");
                let sum = list.iter().fold((0, 0), |sum, row| (sum.0 + number(&row["delta_numerator"]), sum.1 + number(&row["delta_denominator"])));
                assert_eq!(sum, (number(&part["delta_numerator"]), number(&part["delta_denominator"])), "{what}");
                lists += 1;
            }
        }
        println!("pairs: {pairs}, lists: {lists}, causes: {causes:?}");
        for cause in ["entered", "left", "moved_in", "moved_out", "moved_in_with_organisation", "moved_out_with_organisation",
            "joined", "dropped", "achieved", "lapsed", "submitted", "withdrawn", "formula", "target"] {
            assert!(causes.contains_key(cause), "{cause} is among {causes:?}");
        }
        drop(v.run(&["check"]).ok());
    }

    fn who_came_left_and_moved_is_who_did_so_in_the_world(v: &Vekha) {
        let five = world(78);
        drop(laid(v, &five));
        let town = |org: usize, day: &str| match five.orgs[org].code.as_str() {
            "ОО-А1" if day >= SCHOOL_MOVES => "МО-А2".to_owned(),
            _ => five.orgs[org].town.clone(),
        };
        let mut met = BTreeSet::new();
        for (from, to) in [("2022-11-30", "2023-02-01"), ("2023-02-16", "2023-07-01"), ("2023-07-01", "2023-02-16"), ("2023-04-30", "2023-05-01")] {
            for unit in ["МО-А0", "МО-А1", "МО-А2", "МО-Б1"] {
                let mut expected: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
                for who in &five.people {
                    let teaches = |day: &str| who.on(day).any(|p| p.teaching && town(p.org, day) == unit);
                    let orgs = |day: &str, inside: bool| -> BTreeSet<usize> {
                        who.on(day).filter(|p| (town(p.org, day) == unit) == inside).map(|p| p.org).collect()
                    };
                    let part = match (teaches(from), teaches(to)) {
                        (false, true) if !orgs(from, true).is_empty() => "joined",
                        (false, true) if orgs(from, false).is_empty() => "entered",
                        (false, true) if !orgs(from, false).is_disjoint(&orgs(to, true)) => "moved_in_with_organisation",
                        (false, true) => "moved_in",
                        (true, false) if !orgs(to, true).is_empty() => "dropped",
                        (true, false) if orgs(to, false).is_empty() => "left",
                        (true, false) if !orgs(to, false).is_disjoint(&orgs(from, true)) => "moved_out_with_organisation",
                        (true, false) => "moved_out",
                        _ => continue,
                    };
                    expected.entry(part).or_default().insert(&who.key);
                }
                let base = ["--pack", "chelyabinsk", "--indicator", "4.1", "--unit", unit, "--from", from, "--to", to];
                let told = v.run(&[&["explain-change"][..], &base[..]].concat()).ok().rows();
                let columns: Vec<&String> = told.iter().flat_map(|row| row.keys()).collect::<BTreeSet<_>>().into_iter().collect();
                assert!(told.is_empty() || columns == ["delta_denominator", "delta_numerator", "part", "people"]);
                for part in ["entered", "left", "moved_in", "moved_out", "moved_in_with_organisation", "moved_out_with_organisation", "joined", "dropped"] {
                    let of = expected.get(part).cloned().unwrap_or_default();
                    let row = told.iter().find(|row| row["part"] == part);
                    assert_eq!(row.map_or(0, |r| r["people"].parse().expect("a number")), of.len(), "{unit} {from} {to} {part}: {told:?} {of:?}");
                    if of.is_empty() {
                        continue;
                    }
                    met.insert(part);
                    let list = v.run(&[&["people"][..], &base[..], &["--change", part]].concat()).ok().rows();
                    let keys: BTreeSet<&str> = list.iter().map(|row| row["key"].as_str()).collect();
                    assert_eq!(keys, of, "{unit} {from} {to} {part}");
                    for row in list.iter().filter(|_| part.starts_with("moved_in")) {
                        assert!(row["reason"].contains("раньше"), "{row:?}");
                    }
                }
            }
        }
        assert_eq!(met.len(), 8, "every way is met: {met:?}");
        let told = |pack: &str, code: &str| {
            let unit = ["--unit", "РЕГ-А", "--from", "2023-01-01", "--to", "2023-02-01"];
            v.run(&[&["explain-change", "--pack", pack, "--indicator", code][..], &unit[..]].concat())
        };
        assert!(told("tyumen", "s1").failed().err.contains("из баллов"), "expert points have no parts");
        assert!(told("tyumen", "нет").failed().err.contains("не найдено"));
        // The row of the journal stands for each list that was shown.
        let noted = v.query("SELECT detail FROM audit_event WHERE action = 'indicator.people'");
        assert!(noted.iter().any(|detail| detail.contains("change=moved_in ") && detail.contains("from=2022-11-30")), "{noted:?}");
    }
}
