//! Small cells: nothing on a page of numbers tells or gives away that one to four people are behind a number. Random
//! reports over plain HTTP; whoever reads them knows the rules by which cells are hidden, and may add and subtract.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use crate::figures_pages::{accounts, at, code, file_is_the_page, number, plain, table, values};
use crate::laid::World;
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::Server;

const PASSWORD: &str = "хороший длинный пароль";
/// Fewer people than this are not told.
const FEWEST: i64 = 5;
/// No organisation of the test has more people.
const MOST: i64 = 45;
const FIGURES: usize = 5;
const MUNICIPALITIES: usize = 40;

/// Counts of the organisations of a municipality in a year, and of all of it, as the test itself has laid them.
#[derive(Default, Clone)]
struct Report {
    rows: BTreeMap<String, [i64; FIGURES]>,
    total: [i64; FIGURES],
}

/// A cell as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Number(i64),
    Few,
    Nearly,
    Hidden,
}

impl Read {
    fn of(text: &str) -> Self {
        match text {
            "&lt;5" | "<5" => Self::Few,
            "почти все" => Self::Nearly,
            "скрыто" => Self::Hidden,
            number => Self::Number(number.parse().expect(number)),
        }
    }

    /// What the number may be for whoever knows how many people there are, or that this is hidden too.
    fn may_be(self, people: Self, first: bool) -> BTreeSet<i64> {
        let all: BTreeSet<i64> = match people {
            _ if first => BTreeSet::new(),
            Self::Number(n) => [n].into(),
            Self::Few => (1..FEWEST).collect(),
            Self::Nearly | Self::Hidden => (FEWEST..=MOST).collect(),
        };
        let few = |n: i64| (1..FEWEST).contains(&n);
        // Of six people five and six are hidden alike, of more «nearly all» says so.
        let nearly = |n: i64, p: i64| n >= FEWEST && few(p - n) && p > FEWEST + 1;
        let same = |n: i64, p: i64| p == FEWEST + 1 && n >= FEWEST;
        let of = |fits: &dyn Fn(i64, i64) -> bool| {
            let each = all.iter().flat_map(|p| (0..=*p).filter(|n| fits(*n, *p)));
            each.collect::<BTreeSet<i64>>()
        };
        match (self, people) {
            (Self::Number(n), _) => [n].into(),
            (Self::Few, _) if first => (1..FEWEST).collect(),
            (_, _) if first => (FEWEST..=MOST).collect(),
            // Of a few people everything is a few, zeros too.
            (Self::Few, Self::Few) => (0..FEWEST).collect(),
            (Self::Few, _) => of(&|n, _| few(n)),
            (Self::Nearly, _) => of(&nearly),
            (Self::Hidden, _) => of(&|n, p| same(n, p) || n >= FEWEST && p != FEWEST + 1 && !nearly(n, p)),
        }
    }
}

/// What a cell may be when all of the hidden ones make `sum` together.
fn feasible(cells: &[BTreeSet<i64>], place: usize, sum: i64) -> BTreeSet<i64> {
    let mut others: BTreeSet<i64> = [0].into();
    for cell in cells.iter().enumerate().filter(|(i, _)| *i != place).map(|(_, c)| c) {
        let reached = others.iter().flat_map(|a| cell.iter().map(move |b| a + b));
        others = reached.filter(|n| *n <= sum).collect();
    }
    cells[place]
        .iter()
        .copied()
        .filter(|n| others.contains(&(sum - n)))
        .collect()
}

/// What a report gives away.
fn given_away(report: &Report, rows: &BTreeMap<String, Vec<Read>>, total: &[Read]) -> Vec<String> {
    let mut found = Vec::new();
    let few = |n: i64| (1..FEWEST).contains(&n);
    for (column, of_all) in total.iter().enumerate() {
        let small = |unit: &str| {
            let row = report.rows[unit];
            few(row[column]) || column > 0 && few(row[0] - row[column]) || few(row[0])
        };
        for (unit, row) in rows
            .iter()
            .filter(|(unit, row)| matches!(row[column], Read::Number(_)) && small(unit))
        {
            found.push(format!("{unit}, column {column}: {:?} is told", row[column]));
        }
        let hidden: Vec<&String> = rows
            .iter()
            .filter(|(_, r)| !matches!(r[column], Read::Number(_)))
            .map(|(u, _)| u)
            .collect();
        let cells: Vec<BTreeSet<i64>> = hidden
            .iter()
            .map(|u| rows[*u][column].may_be(rows[*u][0], column == 0))
            .collect();
        // The best of readers knows who works in two places, and so what the hidden ones make together.
        let sum: i64 = hidden.iter().map(|u| report.rows[*u][column]).sum();
        let all: i64 = report.rows.values().map(|r| r[column]).sum();
        let exact = all == report.total[column];
        match of_all {
            Read::Number(_) => {
                if few(sum) {
                    found.push(format!("column {column}: the hidden ones together are {sum}"));
                }
                for (place, unit) in hidden.iter().enumerate().filter(|(_, unit)| small(unit)) {
                    let may = feasible(&cells, place, sum);
                    assert!(
                        may.contains(&report.rows[*unit][column]),
                        "{unit} {column}: the test reads the rules wrongly"
                    );
                    let people = rows[*unit][0];
                    let tells = |n: i64| few(n) || column > 0 && matches!(people, Read::Number(p) if few(p - n));
                    if may.len() < 2 && may.iter().all(|n| tells(*n)) {
                        found.push(format!("{unit}, column {column}: can only be {may:?}"));
                    }
                }
            }
            _ if hidden.is_empty() && exact && few(report.total[column]) => {
                found.push(format!("column {column}: the total is found by adding"));
            }
            _ => {}
        }
        if few(report.total[column]) && matches!(of_all, Read::Number(_)) {
            found.push(format!("column {column}: a small total is told"));
        }
    }
    found
}

/// Texts of the cells behind a mark, each up to the next `<`.
fn texts<'a>(html: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(mark).skip(1).filter_map(|rest| {
        let rest = rest.split_once('>')?.1;
        let rest = rest
            .strip_prefix("<a ")
            .and_then(|r| r.split_once('>'))
            .map_or(rest, |(_, r)| r);
        rest.split('<').next()
    })
}

/// Two regions of municipalities with schools, and in each year other people in them.
fn lay(v: &Vekha, years: usize) -> BTreeMap<(usize, usize), Report> {
    let mut dice = SmallRng::seed_from_u64(8);
    let _migrated = v.run(&["migrate"]).ok();
    let then = "'2022-01-01 00:00:00'";
    let (mut units, mut links, mut accounts, mut grants) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut unit = |id: i64, region: i64, kind: &str, parent: Option<i64>| {
        units.push(format!(
            "({id}, {region}, '{kind}', 'У{id}', 'У{id}', 'у{id}', 'у{id:06}', 1, {then})"
        ));
        links.extend(parent.map(|p| format!("({}, {region}, {id}, {p}, {then})", 500_000 + id)));
    };
    let mut schools = Vec::new();
    for region in [1, 2] {
        unit(region, region, "region", None);
    }
    for m in 0..MUNICIPALITIES {
        let region = if m % 4 == 3 { 2 } else { 1 };
        let id = 100 + i64::try_from(m).expect("a number");
        unit(id, region, "municipality", Some(region));
        let of: Vec<i64> = (0..dice.random_range(2..7)).map(|s| id * 10 + s).collect();
        of.iter().for_each(|s| unit(*s, region, "organisation", Some(id)));
        accounts.push(format!("({id}, 'm{m}', '', 'active', 1, {then}, 1)"));
        grants.push(format!("({}, {id}, 'municipal_authority', {id}, {then})", 700_000 + id));
        schools.push((region, of));
    }
    let (mut periods, mut facts, mut places) = (Vec::new(), Vec::new(), Vec::new());
    let mut reports = BTreeMap::new();
    let mut person = 1_000_000;
    for year in 0..years {
        let (id, from) = (900_000 + year, 1980 + year);
        periods.push(format!(
            "({id}, '{from}/{:02}', 'test', 'academic_year', '{from}-09-01', '{}-08-31', '{}-06-01', TRUE, {then})",
            (from + 1) % 100,
            from + 1,
            from + 1
        ));
        for (m, (region, of)) in schools.iter().enumerate() {
            let mut report = Report::default();
            // Who holds a figure is drawn by a chance of the municipality and the year: all, nearly all, few, nobody.
            let chance: [u32; FIGURES] = std::array::from_fn(|c| {
                if c == 0 {
                    100
                } else {
                    [0, 8, 30, 60, 92, 100][dice.random_range(0..6)]
                }
            });
            for school in of {
                report.rows.insert(format!("У{school}"), [0; FIGURES]);
            }
            for (i, school) in of.iter().enumerate() {
                for _ in 0..[0, 2, 4, 5, 6, 9, 14, 20][dice.random_range(0..8)] {
                    person += 1;
                    let holds: [bool; FIGURES] = std::array::from_fn(|c| dice.random_ratio(chance[c], 100));
                    let two = of.len() > 2 && dice.random_ratio(3, 100);
                    let second = two.then(|| of[(i + 1) % of.len()]);
                    facts.push(format!(
                        "({region}, {id}, {person}, TRUE, FALSE, FALSE, FALSE, '{}', {}, '', FALSE, {}, {}, FALSE, FALSE, FALSE, '', '', '', '')",
                        if holds[1] { "full" } else { "" }, i32::from(holds[2]), holds[3], holds[4]
                    ));
                    for at in [Some(*school), second].into_iter().flatten() {
                        places.push(format!("({region}, {id}, {person}, {at}, TRUE, FALSE, {two})"));
                        let row = report.rows.get_mut(&format!("У{at}")).expect("a school");
                        (0..FIGURES).filter(|c| holds[*c]).for_each(|c| row[c] += 1);
                    }
                    (0..FIGURES).filter(|c| holds[*c]).for_each(|c| report.total[c] += 1);
                }
            }
            reports.insert((m, year), report);
        }
    }
    let mut sql = String::from("BEGIN;");
    for (table, rows) in [
        (
            "unit (id, region_id, kind, code, name, search_key, sort_key, version, recorded_at)",
            units,
        ),
        ("unit_link (id, region_id, unit_id, parent_id, recorded_at)", links),
        (
            "account (id, login, password_hash, state, auth_version, created_at, version)",
            accounts,
        ),
        ("role_grant (id, account_id, role, unit_id, recorded_at)", grants),
        (
            "fact_period (id, code, basis, kind, starts_on, ends_on, reference_on, external_part, opened_at)",
            periods,
        ),
        (
            "person_fact (region_id, period_id, person_id, pedagogical, leader, young, first_three_years, diagnosed_kinds, deficits, \
             deficit_groups, iom_formed, iom_live, iom_realised, supported, supported_by_regional_methodist, trained, \
             topics_formed, topics_realised, topics_trained, reason)",
            facts,
        ),
        (
            "person_place (region_id, period_id, person_id, organisation_id, pedagogical, leader, bridged)",
            places,
        ),
    ] {
        for block in rows.chunks(500) {
            sql.push_str(&format!("INSERT INTO {table} VALUES {};", block.join(",")));
        }
    }
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("{sql} UPDATE account SET password_hash = '{hash}'; COMMIT;"));
    reports
}

/// Seven towns of twenty teachers in each of two regions; so many of a town have a plan.
fn plans(v: &Vekha, of: [(&str, [i64; 7]); 2]) {
    let mut world = World::new();
    for (letter, plans) in of {
        let region = world.region(&format!("РЕГ-{letter}"));
        for (n, plans) in (0..7).zip(plans) {
            let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
            let school = world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
            for m in 0..20 {
                let who = world.person(region, &format!("{letter}{n}-{m:02}"), "1980-01-01");
                world.job(who, school, "teaching main", "2020-01-01", "");
                if m < plans {
                    let _plan = world.plan(who, &["2022-10-01 on_agreement"]);
                }
            }
        }
    }
    world.lay(v);
    accounts(
        v,
        &[
            ("operator", "operator", "РЕГ-А"),
            ("ministry", "regional_authority", "РЕГ-А"),
            ("ministry-south", "regional_authority", "РЕГ-Б"),
        ],
    );
}

/// A pack of one year with these indicators, all of one task.
fn pack(code: &str, indicators: &str) -> String {
    format!(
        r#"
code = "{code}"
version = 1
title = "Проба"
period_kind = "academic_year"
reference_day = "06-01"
years = ["2022/23"]

[[goal]]
code = "1"
title = "Цель"

[[task]]
code = "1"
title = "Задача"
goal = "1"
{indicators}"#
    )
}

/// A mean of towns and a sum of points, both over a share of people.
const MEANS: &str = r#"
[[indicator]]
code = "plans"
title = "Педагоги с маршрутом"
task = "1"
formula = "share(count(person where iom_formed), count(person where pedagogical))"
aggregate = "mean_of_units"
population = "Педагоги"
unit = "%"
direction = "higher_is_better"
digits = 1
scale = [
  { from = 0, to = 12, to_in = false, points = 1 },
  { from = 12, points = 2 },
]
source = "Записи"

[[indicator]]
code = "sum"
title = "Баллы задачи"
formula = 'sum_points("1")'
population = "Муниципалитеты"
unit = "баллы"
direction = "higher_is_better"
digits = 1
source = "Баллы"
"#;

/// Of the teachers those with a plan, and of those with a plan the youngest: one indicator counts below the line what the
/// other counts above it.
const BESIDE: &str = r#"
[[indicator]]
code = "plans"
title = "Педагоги с маршрутом"
task = "1"
formula = "share(count(person where iom_formed), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
direction = "higher_is_better"
digits = 1
source = "Записи"

[[indicator]]
code = "young"
title = "Молодые с маршрутом"
task = "1"
formula = "share(count(person where young), count(person where iom_formed and pedagogical))"
population = "Педагоги"
unit = "%"
direction = "higher_is_better"
digits = 1
source = "Записи"

[[indicator]]
code = "all"
title = "Все с маршрутом"
task = "1"
formula = "count(person where iom_formed and pedagogical)"
population = "Педагоги"
unit = "чел."
direction = "higher_is_better"
digits = 0
source = "Записи"
"#;

/// A pack of one change of a count of people.
const CHANGES: &str = r#"
code = "changes"
version = 1
title = "Изменения"
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2022", "2023"]

[[indicator]]
code = "young"
title = "Педагоги моложе 35 лет: изменение к прошлому году"
formula = "change(count(person where pedagogical and young), years = 2)"
population = "Педагоги"
unit = "человек"
direction = "higher_is_better"
digits = 0
source = "Записи"
"#;

/// Who passed a diagnosis, of all teachers.
const PASSED: &str = r#"
[[indicator]]
code = "passed"
title = "Прошли диагностику успешно"
task = "1"
formula = "share(count(person where diagnosed(kind in (full), success)), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
direction = "higher_is_better"
digits = 1
source = "Записи"
"#;

/// The young of all teachers, as their town reports them, and as they are counted.
const REPORTED: &str = r#"
[[indicator]]
code = "half"
title = "Молодые по отчёту"
task = "1"
formula = "share(count(person where young), count(person where pedagogical))"
value_from = "reported"
population = "Педагоги"
unit = "%"
direction = "higher_is_better"
digits = 1
source = "Отчёт"

[[indicator]]
code = "young"
title = "Молодые"
task = "1"
formula = "count(person where pedagogical and young)"
population = "Педагоги"
unit = "чел."
direction = "higher_is_better"
digits = 0
source = "Записи"
"#;

/// Who passed a diagnosis, and who passed it well: the second are among the first, and each has an indicator of its own.
const NESTED: &str = r#"
[[indicator]]
code = "seen"
title = "Прошли диагностику"
task = "1"
formula = "share(count(person where diagnosed(kind in (full))), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
direction = "higher_is_better"
digits = 1
source = "Записи"

[[indicator]]
code = "passed"
title = "Прошли диагностику успешно"
task = "1"
formula = "share(count(person where diagnosed(kind in (full), success)), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
direction = "higher_is_better"
digits = 1
source = "Записи"
"#;

/// Towns of one school of forty teachers, twenty of whom passed a diagnosis; so many passed it well. In the second town of the
/// first region stands another school, where nobody works.
fn nested(v: &Vekha, of: [(&str, [i64; 6]); 2]) -> Server {
    let mut world = World::new();
    for (letter, passed) in of {
        let region = world.region(&format!("РЕГ-{letter}"));
        for (n, passed) in (0..6).zip(passed) {
            let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
            let school = world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
            if (letter, n) == ("А", 1) {
                let _empty = world.unit("organisation", "ОО-А1П", Some((region, town)));
            }
            for m in 0..40 {
                let who = world.person(region, &format!("{letter}{n}-{m:02}"), "1980-01-01");
                world.job(who, school, "teaching main", "2010-01-01", "");
                if m < 20 {
                    world.passage(who, "full", "2023-03-01", if m < passed { 90 } else { 50 });
                }
            }
        }
    }
    world.lay(v);
    accounts(
        v,
        &[
            ("operator", "operator", "РЕГ-А"),
            ("ministry", "regional_authority", "РЕГ-А"),
            ("ministry-south", "regional_authority", "РЕГ-Б"),
            ("head-0", "school_head", "ОО-А0"),
            ("head-1", "school_head", "ОО-А1"),
            ("town-0", "municipal_methodist", "МО-А0"),
            ("town-1", "municipal_methodist", "МО-А1"),
        ],
    );
    let _loaded = v
        .run(&["pack", "load", text(&v.file("nested.toml", pack("nested", NESTED)))])
        .ok();
    let _values = values(v, "nested", "2022/23", "region");
    Server::start(v)
}

/// The pages of the indicators of a unit on which its own share of those who passed well stands.
fn pages_of(unit: &str) -> [String; 6] {
    let own = format!("&unit={}", code(unit));
    let of = |below: &str, more: &str| at(below, "nested", "2022/23", &format!("{own}{more}"));
    [
        of("/indicators/nested/passed", ""),
        of("/indicators/nested/passed/series", ""),
        of("", ""),
        of("/map", ""),
        of("/compare", &format!("&with={}", code(unit))),
        of("/levels", "&code=passed&from=1&to=99"),
    ]
}

/// Schools of a town in each of two regions, by their code: a branch stands in the school that is named before the mark. How
/// many teachers each has of its own, and how many of them passed.
const WITH_BRANCHES: [(&str, &str, i64, i64); 12] = [
    ("А", "ОО-А0", 20, 2),
    ("А", "ОО-А0/1", 10, 2),
    ("А", "ОО-А1", 20, 10),
    ("А", "ОО-А2", 20, 11),
    ("А", "ОО-А3", 20, 12),
    ("А", "ОО-А4", 20, 13),
    ("Б", "ОО-Б0", 20, 10),
    ("Б", "ОО-Б0/1", 10, 3),
    ("Б", "ОО-Б1", 20, 3),
    ("Б", "ОО-Б1/1", 20, 7),
    ("Б", "ОО-Б2", 20, 10),
    ("Б", "ОО-Б2/1", 20, 7),
];

/// Those schools with a ministry in each region and heads in the second one.
fn branches(v: &Vekha) -> Server {
    let mut world = World::new();
    let towns = ["А", "Б"].map(|letter| {
        let region = world.region(&format!("РЕГ-{letter}"));
        let town = world.unit("municipality", &format!("МО-{letter}"), Some((region, region)));
        (letter, (region, town))
    });
    let towns = BTreeMap::from(towns);
    let mut schools: BTreeMap<&str, i64> = BTreeMap::new();
    for (letter, code, teachers, passed) in WITH_BRANCHES {
        let (region, town) = towns[letter];
        let main = code.split_once('/').and_then(|(main, _)| schools.get(main));
        let inside = main.copied().unwrap_or(town);
        let school = world.unit("organisation", code, Some((region, inside)));
        schools.insert(code, school);
        for n in 0..teachers {
            let who = world.person(region, &format!("{code}-{n:02}"), "1980-01-01");
            world.job(who, school, "teaching main", "2010-01-01", "");
            if n < passed {
                world.passage(who, "full", "2023-03-01", 90);
            }
        }
    }
    world.lay(v);
    accounts(
        v,
        &[
            ("ministry", "regional_authority", "РЕГ-А"),
            ("ministry-south", "regional_authority", "РЕГ-Б"),
            ("head-0", "school_head", "ОО-Б0"),
            ("head-1", "school_head", "ОО-Б1"),
            ("head-2", "school_head", "ОО-Б2"),
        ],
    );
    let _loaded = v
        .run(&["pack", "load", text(&v.file("passed.toml", pack("passed", PASSED)))])
        .ok();
    let _values = values(v, "passed", "2022/23", "region");
    Server::start(v)
}

on_both! {
    fn what_one_indicator_hides_another_one_does_not_tell(v: &Vekha) {
        plans(v, [("А", [19, 12, 10, 11, 13, 10, 14]), ("Б", [9; 7])]);
        for (code, indicators) in [("beside", BESIDE), ("means", MEANS)] {
            let file = v.file(&format!("{code}.toml"), pack(code, indicators));
            let _loaded = v.run(&["pack", "load", text(&file)]).ok();
            let _values = values(v, code, "2022/23", "region");
        }
        let server = Server::start(v);
        let read = |login: &str, indicator: &str, head: &str| -> Vec<Option<f64>> {
            let path = at(&format!("/indicators/beside/{indicator}"), "beside", "2022/23", "");
            let page = server.signed_in(login, crate::figures_pages::PASSWORD).get(&path);
            let rows = table(&page, &format!("{indicator}:"));
            (0..7).map(|n| number(rows.cell(&format!("Имя МО-А{n}"), head))).collect()
        };
        let whole = read("operator", "plans", "В числителе");
        assert_eq!(whole[0], Some(19.0), "whoever opens the list is told");
        assert_eq!(read("operator", "young", "Всего"), whole);
        let told = read("ministry", "plans", "В числителе");
        let hidden = told.iter().filter(|n| n.is_none()).count();
        assert!(told[0].is_none() && hidden > 1 && hidden < 7, "one teacher of the town has none, and another town hides it: {told:?}");
        assert_eq!(read("ministry", "young", "Всего"), told, "what one indicator hides is told by another one");
        assert_eq!(read("ministry", "all", "Значение"), told, "what one indicator hides is told by a count");
        let south = server.signed_in("ministry-south", crate::figures_pages::PASSWORD).get(&at("/indicators/beside/young", "beside", "2022/23", ""));
        assert_eq!(number(table(&south, "young:").cell("Имя МО-Б0", "Всего")), Some(9.0));
        // How many stand on a level: where some are hidden, these are counted beside, and no share is told of the others.
        let levels = |login: &str| -> Vec<Vec<String>> {
            let path = at("/levels", "means", "2022/23", "&code=plans");
            let page = server.signed_in(login, crate::figures_pages::PASSWORD).get(&path);
            let rows = table(&page, "Единицы по уровням").rows;
            rows.into_iter().filter(|row| row[0].starts_with("plans ")).collect()
        };
        for login in ["operator", "ministry-south"] {
            let rows = levels(login);
            let told: Vec<(&str, Option<f64>)> = rows.iter().map(|row| (row[3].as_str(), number(&row[4]))).collect();
            assert_eq!(told, [("7", Some(100.0)), ("0", Some(0.0))], "{login}: nobody is hidden: {rows:?}");
        }
        let rows = levels("ministry");
        assert_eq!(rows.len(), 3, "the hidden have no row of their own: {rows:?}");
        assert_eq!(rows[2][1], "уровень скрыт", "{rows:?}");
        let hidden = number(&rows[2][3]).expect("how many are hidden");
        assert!(hidden > 0.0 && hidden < 7.0, "{rows:?}");
        assert_eq!(rows[0][3], format!("не меньше {}", 7.0 - hidden), "{rows:?}");
        assert_eq!(rows[1][3], "среди показанных нет", "{rows:?}");
        assert!(rows.iter().all(|row| row[4] == "–"), "a share of a part: {rows:?}");
    }

    fn who_passed_and_who_passed_well_do_not_tell_the_few_who_did_not(v: &Vekha) {
        let server = nested(v, [("А", [17, 3, 10, 11, 12, 13]), ("Б", [10; 6])]);
        let read = |login: &str, indicator: &str, letter: &str| -> Vec<Option<f64>> {
            let path = at(&format!("/indicators/nested/{indicator}"), "nested", "2022/23", "");
            let page = server.signed_in(login, crate::figures_pages::PASSWORD).get(&path);
            let rows = table(&page, &format!("{indicator}:"));
            (0..6).map(|n| number(rows.cell(&format!("Имя МО-{letter}{n}"), "В числителе"))).collect()
        };
        assert_eq!(read("operator", "passed", "А")[..2], [Some(17.0), Some(3.0)], "whoever opens the list is told");
        let (seen, passed) = (read("ministry", "seen", "А"), read("ministry", "passed", "А"));
        assert_eq!(seen, [Some(20.0); 6]);
        assert_eq!(passed[..2], [None, None], "who passed and who passed well tell the few who did not: {passed:?}");
        assert!(passed.iter().any(Option::is_some), "more is hidden than the few: {passed:?}");
        assert_eq!(read("ministry-south", "seen", "Б"), [Some(20.0); 6]);
        assert_eq!(read("ministry-south", "passed", "Б"), [Some(10.0); 6], "nobody stands for a few");
    }

    fn what_was_reported_neither_covers_a_few_who_are_counted_nor_tells_a_few(v: &Vekha) {
        let mut world = World::new();
        for (letter, young) in [("А", [3, 9, 9, 9, 9]), ("Б", [9; 5])] {
            let region = world.region(&format!("РЕГ-{letter}"));
            for (n, young) in (0..5).zip(young) {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
                let school = world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
                for m in 0..20 {
                    let born = if m < young { "1998-01-01" } else { "1970-01-01" };
                    let who = world.person(region, &format!("{letter}{n}-{m:02}"), born);
                    world.job(who, school, "teaching main", "2020-01-01", "");
                }
            }
        }
        world.lay(v);
        accounts(v, &[
            ("operator", "operator", "РЕГ-А"),
            ("ministry", "regional_authority", "РЕГ-А"),
            ("ministry-south", "regional_authority", "РЕГ-Б"),
        ]);
        let _loaded = v.run(&["pack", "load", text(&v.file("said.toml", pack("said", REPORTED)))]).ok();
        let mut file = "Единица,Показатель или величина,Период,Значение,Числитель,Знаменатель,Источник,Эксперт,Ссылка\n".to_owned();
        for (town, young) in [("МО-А0", 12), ("МО-А2", 10), ("МО-А3", 2)] {
            file.push_str(&format!("{town},said:half,2022/23,,{young},20,,,\n"));
        }
        let _imported = v.run(&["import", "forms", text(&v.file("said.csv", &file))]).ok();
        let _values = values(v, "said", "2022/23", "region");
        let server = Server::start(v);
        let read = |login: &str, letter: &str, indicator: &str, head: &str| -> Vec<Option<f64>> {
            let path = at(&format!("/indicators/said/{indicator}"), "said", "2022/23", "");
            let page = server.signed_in(login, crate::figures_pages::PASSWORD).get(&path);
            let rows = table(&page, &format!("{indicator}:"));
            (0..5).map(|n| number(rows.cell(&format!("Имя МО-{letter}{n}"), head))).collect()
        };
        let half = read("operator", "А", "half", "В числителе");
        assert_eq!(half, [12.0, 9.0, 10.0, 2.0, 9.0].map(Some), "what was reported stands for what is counted");
        let counted = read("operator", "А", "young", "Значение");
        assert_eq!(counted[0], Some(3.0));
        let told = read("ministry", "А", "young", "Значение");
        assert_eq!(told[0], None, "twelve who were reported cover three who are counted: {told:?}");
        assert_eq!(told[2..], counted[2..], "more is hidden than the few and one more");
        let told = read("ministry", "А", "half", "В числителе");
        assert_eq!((told[2], told[3]), (Some(10.0), None), "a few who were reported: {told:?}");
        for (indicator, head) in [("young", "Значение"), ("half", "В числителе")] {
            assert_eq!(read("ministry-south", "Б", indicator, head), [Some(9.0); 5], "{indicator}");
        }
    }

    fn the_only_school_of_a_town_is_not_read_off_the_pages_of_the_town(v: &Vekha) {
        let server = nested(v, [("А", [17, 3, 10, 11, 12, 13]), ("Б", [10; 6])]);
        let said = |page: &crate::visitor::Page| plain(&page.body.replace('<', " <"));
        // What whoever opens the list reads on each of the pages: so it is looked for where it stands.
        let shares = [(0, "42,5\u{A0}%"), (1, "7,5\u{A0}%")];
        let mut operator = server.signed_in("operator", crate::figures_pages::PASSWORD);
        for (n, share) in shares {
            for path in [format!("ОО-А{n}"), format!("МО-А{n}")].iter().flat_map(|unit| pages_of(unit)) {
                let page = operator.get(&path);
                assert!(page.status == 200 && said(&page).contains(share), "{path} {share}: {}", said(&page));
            }
        }
        // A head sees the town where no other school stands; where one does, though nobody works there, only the school.
        for (login, n, units) in [
            ("head-0", 0, &["ОО-А0", "МО-А0"][..]),
            ("head-1", 1, &["ОО-А1"][..]),
            ("town-0", 0, &["ОО-А0", "МО-А0"][..]),
            ("town-1", 1, &["ОО-А1", "МО-А1"][..]),
        ] {
            let mut visitor = server.signed_in(login, crate::figures_pages::PASSWORD);
            let share = shares[n].1;
            for path in units.iter().flat_map(|unit| pages_of(unit)) {
                let page = visitor.get(&path);
                assert_eq!(page.status, 200, "{login} {path}: {}", page.body);
                assert!(!said(&page).contains(share), "{login} {path}: the few are told: {}", said(&page));
            }
        }
        let town = at("/indicators/nested/passed", "nested", "2022/23", &format!("&unit={}", code("МО-А1")));
        assert_eq!(server.signed_in("head-1", crate::figures_pages::PASSWORD).get(&town).status, 404);
        // Nor by subtraction from the zero of the other school, on the page or in its file.
        let mut methodist = server.signed_in("town-1", crate::figures_pages::PASSWORD);
        let rows = table(&methodist.get(&town), "passed:");
        let told = |school: &str| number(rows.cell(&format!("Имя {school}"), "В числителе"));
        assert_eq!((told("ОО-А1"), told("ОО-А1П")), (None, Some(0.0)), "{rows:?}");
        let tree = at("", "nested", "2022/23", &format!("&unit={}", code("МО-А1")));
        let tree = table(&methodist.get(&tree), "Показатели");
        assert_eq!(number(tree.cell("passed", "Числитель")), None, "the town tells the few of its school: {tree:?}");
        let _first = file_is_the_page(&mut methodist, &town, "passed:");
    }

    fn a_branch_gives_no_few_away_and_is_given_away_by_none(v: &Vekha) {
        let server = branches(v);
        let page = |unit: &str| at("/indicators/passed/passed", "passed", "2022/23", &format!("&unit={}", code(unit)));
        let signed = |login: &str| server.signed_in(login, crate::figures_pages::PASSWORD);
        // Two passed in the school and two in its branch: the rest of the town would tell the four.
        let mut ministry = signed("ministry");
        let rows = table(&ministry.get(&page("МО-А")), "passed:");
        let told = |school: &str| number(rows.cell(&format!("Имя {school}"), "В числителе"));
        assert_eq!((told("ОО-А0"), told("ОО-А0/1"), told("ОО-А4")), (None, None, Some(13.0)));
        let others: Vec<Option<f64>> = ["ОО-А1", "ОО-А2", "ОО-А3"].map(told).into();
        assert!(others.contains(&None), "the few of a school with a branch are found by subtraction: {others:?}");
        // A head who opens the page of a branch: few there, few in the school itself, and few nowhere.
        for (login, school, whole, own) in [("head-0", "ОО-Б0", "13", None), ("head-1", "ОО-Б1", "10", None), ("head-2", "ОО-Б2", "17", Some("7"))] {
            let mut head = signed(login);
            let mut says = |unit: &str, n: &str| {
                let page = head.get(&page(unit));
                assert_eq!(page.status, 200, "{unit}: {}", page.body);
                let said = plain(&page.body.replace('<', " <")).replace('\u{A0}', " ");
                let said: Vec<&str> = said.split_whitespace().collect();
                said.join(" ").contains(&format!(" {n} в числителе"))
            };
            assert!(says(school, whole), "{login}: the whole is told");
            let branch = format!("{school}/1");
            let few = ["3", "7"].into_iter().find(|n| says(&branch, n));
            assert_eq!(few, own, "{login}: the few of a branch or of its school are told");
        }
        assert_eq!(signed("head-0").get(&page("ОО-Б1/1")).status, 404);
        let rows = table(&signed("ministry-south").get(&page("МО-Б")), "passed:");
        assert_eq!(number(rows.cell("Имя ОО-Б2/1", "В числителе")), Some(7.0));
    }

    fn a_change_is_told_where_both_counts_stand_openly_and_nowhere_else(v: &Vekha) {
        // Teachers under 35 at the end of the first year, and at the end of the next one.
        let towns = [("А", [(10, 12), (3, 8), (12, 12), (9, 4), (2, 7), (11, 9)]), ("Б", [(8, 9), (9, 9), (10, 8), (7, 9), (9, 9), (12, 10)])];
        let mut world = World::new();
        for (letter, of) in towns {
            let region = world.region(&format!("РЕГ-{letter}"));
            for (n, (then, now)) in (0..).zip(of) {
                let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
                let school = world.unit("organisation", &format!("ОО-{letter}{n}"), Some((region, town)));
                for m in 0..i32::max(then, now) {
                    let who = world.person(region, &format!("{letter}{n}-{m:02}"), "2000-01-01");
                    let from = if m < then { "2021-01-01" } else { "2023-02-01" };
                    let to = if m < now { "" } else { "2023-03-01" };
                    world.job(who, school, "teaching main", from, to);
                }
            }
        }
        world.lay(v);
        accounts(v, &[
            ("operator", "operator", "РЕГ-А"),
            ("ministry", "regional_authority", "РЕГ-А"),
            ("ministry-south", "regional_authority", "РЕГ-Б"),
        ]);
        let _loaded = v.run(&["pack", "load", text(&v.file("changes.toml", CHANGES))]).ok();
        for year in ["2022", "2023"] {
            let _values = values(v, "changes", year, "region");
        }
        let server = Server::start(v);
        let read = |login: &str, letter: &str, period: &str, head: &str| -> Vec<Option<f64>> {
            let page = server.signed_in(login, crate::figures_pages::PASSWORD).get(&at("/indicators/changes/young", "changes", period, ""));
            let rows = table(&page, "young:");
            (0..6).map(|n| number(rows.cell(&format!("Имя МО-{letter}{n}"), head))).collect()
        };
        for (login, letter) in [("operator", "А"), ("ministry", "А"), ("ministry-south", "Б")] {
            let of = towns.iter().find(|(own, _)| *own == letter).expect("a region").1;
            let [then, now] = ["2022", "2023"].map(|year| read(login, letter, year, "В числителе"));
            let change = read(login, letter, "2023", "Значение");
            for (n, (was, is)) in of.into_iter().enumerate() {
                assert!(then[n].is_none_or(|n| n == f64::from(was)), "{login} {n}: {then:?}");
                assert!(now[n].is_none_or(|n| n == f64::from(is)), "{login} {n}: {now:?}");
                // Both stand openly: so does their difference. One of them is hidden: it would tell it.
                let open = (then[n].is_some() && now[n].is_some()).then(|| f64::from(is - was));
                assert_eq!(change[n], open, "{login} {n}: {then:?} {now:?}");
            }
            let hidden = change.iter().filter(|n| n.is_none()).count();
            assert_eq!(hidden > 0, login == "ministry", "{login}: {change:?}");
            assert!(change.iter().any(Option::is_some), "{login}: a change of open counts is hidden");
            let tree = server.signed_in(login, crate::figures_pages::PASSWORD).get(&at("", "changes", "2023", ""));
            let sum: i32 = of.iter().map(|(was, is)| is - was).sum();
            assert_eq!(number(table(&tree, "Показатели").cell("young", "Значение")), Some(f64::from(sum)), "{login}: of the region");
        }
    }

    fn a_total_of_ones_is_not_told_to_whoever_opens_no_list(v: &Vekha) {
        plans(v, [("А", [1, 1, 1, 1, 1, 2, 0]), ("Б", [2, 4, 3, 1, 3, 2, 0])]);
        let _values = values(v, "tyumen", "2022/23", "region");
        let server = Server::start(v);
        let total = |login: &str| {
            let page = server.signed_in(login, crate::figures_pages::PASSWORD).get(&at("", "tyumen", "2022/23", ""));
            number(table(&page, "Показатели").cell("3.3", "Числитель"))
        };
        assert_eq!(total("operator"), Some(7.0));
        assert_eq!(total("ministry"), None, "nearly each town reads as 1");
        assert_eq!(total("ministry-south"), Some(15.0), "one to four in each are still anything");
    }

    fn a_hidden_mean_and_a_hidden_sum_leave_none_of_their_counts(v: &Vekha) {
        plans(v, [("А", [3, 3, 3, 2, 4, 3, 3]), ("Б", [9; 7])]);
        let _loaded = v.run(&["pack", "load", text(&v.file("means.toml", pack("means", MEANS)))]).ok();
        let _values = values(v, "means", "2022/23", "region");
        let server = Server::start(v);
        let path = at("/indicators/means/sum", "means", "2022/23", "");
        let mut operator = server.signed_in("operator", crate::figures_pages::PASSWORD);
        assert_eq!(number(table(&operator.get(&path), "sum:").cell("Имя МО-А0", "В числителе")), Some(2.0));
        let mut ministry = server.signed_in("ministry", crate::figures_pages::PASSWORD);
        for row in &table(&ministry.get(&path), "sum:").rows[1..] {
            assert!(row[1..].iter().all(|cell| number(cell).is_none()), "gives its sum away: {row:?}");
        }
        let _first = file_is_the_page(&mut ministry, &path, "sum:");
        let tree = table(&ministry.get(&at("", "means", "2022/23", "")), "Показатели");
        for head in ["Числитель", "Значение"] {
            assert_eq!(number(tree.cell("plans", head)), None, "gives its mean away: {tree:?}");
        }
    }

    fn a_procedure_of_a_few_is_no_number_for_whoever_opens_no_list(v: &Vekha) {
        crate::web::world(v);
        let _ = v.run(&["user", "add", "assessor", "--role", "assessment_operator", "--unit", "С0"]).ok();
        let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
        v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
        let server = Server::start(v);
        let figures = |login: &str| {
            let mut visitor = server.signed_in(login, PASSWORD);
            let (list, one) = (visitor.get("/diagnostics"), visitor.get("/diagnostics/procedure?code=%D0%941"));
            assert_eq!((list.status, one.status), (200, 200), "{login}");
            let text = |inside: &str| -> String {
                let parts = inside.split('<').map(|part| part.split_once('>').map_or(part, |(_, rest)| rest));
                parts.collect()
            };
            let cells = |body: &str, label: &str| -> Vec<String> {
                let head = format!("data-label=\"{label}\"");
                let cells = body.split(head.as_str()).skip(1).filter_map(|rest| rest.split("</td>").next());
                cells.map(|cell| text(&format!("<td{cell}"))).collect()
            };
            let mut all = Vec::new();
            for label in ["Участники", "Результаты", "С дефицитами", "Без маршрута"] {
                all.extend(cells(&list.body, label));
            }
            for label in ["Прошли", "С дефицитом", "Доля", "По уровням"] {
                all.extend(cells(&one.body, label));
            }
            all.extend(one.body.split("<div class=\"n\">").skip(1).map(|rest| rest.split('<').next().unwrap_or("").to_owned()));
            all
        };
        let named = figures("head");
        assert!(named.iter().any(|cell| cell == "1"), "one person took part, and who opens the list is told: {named:?}");
        let told = figures("assessor");
        assert_eq!(told.len(), named.len());
        let digit = |cell: &String| cell.chars().any(|c| ('1'..='9').contains(&c));
        let open: Vec<&String> = told.iter().filter(|cell| digit(&cell.replace("&lt;5", ""))).collect();
        assert!(open.is_empty() && told.iter().any(|cell| cell.contains("&lt;5")), "{told:?}");
        // No other door to the same numbers.
        let mut assessor = server.signed_in("assessor", PASSWORD);
        for path in ["/plans", "/plans/file", "/staff", "/staff/file", "/indicators", "/coverage", "/schools", "/drafting"] {
            assert_eq!(assessor.get(path).status, 403, "{path}");
        }
    }

    fn nothing_on_a_page_of_numbers_gives_a_few_people_away(v: &Vekha) {
        let wanted: usize = std::env::var("VEKHA_CELL_REPORTS").map_or(1000, |text| text.parse().expect("a number"));
        let years = wanted.div_ceil(MUNICIPALITIES).min(43);
        let reports = lay(v, years);
        let server = Server::start(v);
        let (mut cells, mut hidden, mut faults) = (0, 0, Vec::new());
        for m in 0..MUNICIPALITIES {
            let mut authority = server.signed_in(&format!("m{m}"), PASSWORD);
            for year in 0..years {
                let from = 1980 + year;
                let page = authority.get(&format!("/schools?period={from}%2F{:02}", (from + 1) % 100));
                assert_eq!(page.status, 200, "{}", page.body);
                let report = &reports[&(m, year)];
                let total: Vec<Read> = texts(&page.body, "<div class=\"n\"").map(Read::of).collect();
                let mut rows = BTreeMap::new();
                for row in page.body.split("<tr role=\"row\">").filter(|r| r.contains("<td ")) {
                    let mut row = texts(row, "<td ");
                    let unit = row.next().expect("a name").to_owned();
                    rows.insert(unit, row.map(Read::of).collect::<Vec<_>>());
                }
                assert_eq!((rows.len(), total.len()), (report.rows.len(), FIGURES), "{}", page.body);
                cells += rows.len() * FIGURES + FIGURES;
                for read in rows.iter().flat_map(|(unit, row)| row.iter().zip(report.rows[unit])).chain(total.iter().zip(report.total)) {
                    match read {
                        (Read::Number(told), counted) => assert_eq!(*told, counted, "m{m} {from}: {rows:?} {total:?}"),
                        _ => hidden += 1,
                    }
                }
                for said in given_away(report, &rows, &total) {
                    faults.push(format!("m{m} {from}: {said}; rows {rows:?}, total {total:?}"));
                }
            }
        }
        println!("{} reports: {cells} cells, {hidden} of them hidden, {} given away", reports.len(), faults.len());
        assert!(hidden > reports.len() && hidden < cells, "{hidden} of {cells}");
        assert!(faults.is_empty(), "{} given away\n{}", faults.len(), faults.iter().take(10).cloned().collect::<Vec<_>>().join("\n"));
    }
}
