//! «Закрепление молодых педагогов»: cohorts by the year of start counted anew from the jobs that were laid; every number
//! opens its people; whoever opens no lists is told no small number, also not by the difference of two tables.

use std::collections::BTreeMap;

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::web_lists::the_file_is_the_page;
use crate::world::{NORTH, SOUTH, World, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";
const FAR_MUNICIPALITY: i64 = 5;
const FAR_SCHOOL: i64 = 6;

/// A job: school, first day, last day.
type Job = (&'static str, String, String);

/// Somebody with jobs, the year of birth and the beginning as a list names it.
struct Laid {
    n: i64,
    born: i64,
    since: String,
    jobs: Vec<Job>,
}

/// Years of beginning, and what becomes of the eight people of each: by turns one stays, moves to the other school, to
/// the other municipality, leaves after two years, comes back after a year away, was 35, taught elsewhere before.
fn laid() -> Vec<Laid> {
    let mut all = Vec::new();
    for (place, year) in (2018..=2021).enumerate() {
        for turn in 0..24 {
            let n = 1000 + i64::try_from(place).expect("a place") * 100 + turn;
            let day = |years: i64, rest: &str| format!("{}-{rest}", year + years);
            let (from, open) = (day(0, "09-01"), String::new());
            let one = |jobs: Vec<Job>| Laid {
                n,
                born: year - 24,
                since: day(0, "09-01"),
                jobs,
            };
            all.push(match turn % 8 {
                0 | 7 => one(vec![("С2", from, open)]),
                1 => one(vec![("С2", from, day(1, "08-31")), ("С3", day(1, "09-01"), open)]),
                2 => one(vec![("С2", from, day(2, "06-30")), ("С6", day(2, "08-15"), open)]),
                3 => one(vec![("С2", from, day(2, "08-31"))]),
                4 => one(vec![("С2", from, day(0, "12-31")), ("С2", day(2, "01-10"), open)]),
                5 => Laid {
                    born: year - 36,
                    ..one(vec![("С2", from, open)])
                },
                _ => Laid {
                    since: day(-3, "09-01"),
                    ..one(vec![("С2", from, open)])
                },
            });
        }
    }
    all.push(Laid {
        n: 5000,
        born: 1996,
        since: "2020-09-01".into(),
        jobs: vec![("Ю2", "2020-09-01".into(), String::new())],
    });
    all
}

/// Beginners by year, and of each year those who taught on the anniversary in the same school, municipality, region.
fn expected(rows: &[Laid], region: &str) -> BTreeMap<i64, Vec<[usize; 3]>> {
    let town = |school: &str| match school {
        "С2" | "С3" => 1,
        "С6" => 2,
        _ => 3,
    };
    let mut years: BTreeMap<i64, Vec<[usize; 3]>> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.jobs[0].0.starts_with(region)) {
        let year: i64 = row.since[..4].parse().expect("a year");
        // Whoever taught before the first job here did not begin here.
        if year < 2018 || year - row.born >= 35 || row.since != row.jobs[0].1 {
            continue;
        }
        let cohort = years.entry(year).or_insert_with(|| vec![[0; 3]; 7]);
        cohort[0].iter_mut().for_each(|n| *n += 1);
        for later in 1..=6 {
            let day = format!("{}-09-01", year + later);
            let on = row
                .jobs
                .iter()
                .filter(|(_, from, to)| *from <= day && (to.is_empty() || *to >= day));
            let on: Vec<&str> = on.map(|job| job.0).collect();
            let first = row.jobs[0].0;
            let cell = &mut cohort[usize::try_from(later).expect("a place")];
            cell[0] += usize::from(on.contains(&first));
            cell[1] += usize::from(on.iter().any(|s| town(s) == town(first)));
            cell[2] += usize::from(!on.is_empty());
        }
    }
    years
}

fn world(v: &Vekha, rows: &[Laid]) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_MUNICIPALITY, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_MUNICIPALITY);
    for (id, (login, role, over)) in (1..).zip([
        ("operator", "operator", unit(NORTH, 0)),
        ("south", "operator", unit(SOUTH, 0)),
        ("mouo", "municipal_authority", unit(NORTH, 1)),
        ("director", "school_head", unit(NORTH, 2)),
        ("far", "school_head", unit(NORTH, FAR_SCHOOL)),
    ]) {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    let mut file = String::from(
        "СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Начало педагогической работы;Принят;Уволен\n",
    );
    for row in rows {
        for (school, from, to) in &row.jobs {
            file.push_str(&format!(
                "{};Фамилия{};Имя;15.03.{};{school};учитель;педагогический;{};{from};{to}\n",
                snils(row.n),
                row.n,
                row.born,
                row.since
            ));
        }
    }
    let path = v.file("staff.csv", file);
    let _loaded = v.run(&["import", "staff", text(&path)]).ok();
    Server::start(v)
}

/// Rows of the table below a heading: cells with words and address.
fn table(page: &Page, title: &str) -> Vec<Vec<(String, Option<String>)>> {
    let block = page.body.split(&format!("<h2>{title}</h2>")).nth(1).unwrap_or_default();
    let body = block
        .split("<tbody")
        .nth(1)
        .and_then(|t| t.split("</tbody>").next())
        .unwrap_or_default();
    let cell = |cell: &str| {
        let href = cell.split("href=\"").nth(1).and_then(|h| h.split('"').next());
        let inner = cell.split_once('>').map_or("", |(_, rest)| rest);
        let words: String = inner
            .split('<')
            .map(|p| p.rsplit_once('>').map_or(p, |(_, t)| t))
            .collect();
        (
            words.replace("&lt;", "<"),
            href.map(|h| h.replace("&amp;", "&").replace("&#x3D;", "=")),
        )
    };
    body.split("<tr")
        .skip(1)
        .map(|row| {
            row.split("<td")
                .skip(1)
                .map(|c| cell(c.split("</td>").next().unwrap_or_default()))
                .collect()
        })
        .collect()
}

const TABLES: [&str; 3] = [
    "Работают в той же организации",
    "Работают в том же муниципалитете",
    "Работают в регионе",
];

fn people(who: &mut Visitor, path: &str) -> usize {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let body = page
        .body
        .split("<tbody")
        .nth(1)
        .map_or("", |t| t.split("</tbody>").next().unwrap_or_default());
    body.matches("<tr").count()
}

on_both! {
    // rows: LE-F71
    fn beginners_are_followed_by_the_year_they_began_and_every_number_opens_its_people(v: &Vekha) {
        let rows = laid();
        let server = world(v, &rows);
        for (login, region) in [("operator", "С"), ("director", "С2"), ("south", "Ю")] {
            let mut who = server.signed_in(login, PASSWORD);
            let page = who.get("/retention?since=2018");
            assert_eq!(page.status, 200, "{}", page.body);
            the_file_is_the_page(&mut who, "/retention?since=2018", 0);
            let wanted = expected(&rows, region);
            assert!(!wanted.is_empty());
            let (mut opened, mut filed) = (0, false);
            for (near, title) in TABLES.iter().enumerate() {
                let table = table(&page, title);
                assert_eq!(table.len(), wanted.len(), "{login} {title}");
                for cells in table {
                    let year: i64 = cells[0].0.parse().expect("a year");
                    for (later, (words, href)) in cells[1..].iter().enumerate() {
                        if words == "–" {
                            continue;
                        }
                        let number = wanted[&year][later][near];
                        assert_eq!(*words, number.to_string(), "{login} {title} {year}, after {later}");
                        opened += 1;
                        if let (Some(href), 0) = (href, opened % 4) {
                            assert_eq!(people(&mut who, href), number, "{login} {href}");
                            if !std::mem::replace(&mut filed, true) {
                                assert_eq!(the_file_is_the_page(&mut who, href, 0), number, "{login} {href}");
                            }
                        }
                    }
                    // What has passed is told: from 2018 to today there are six years and more.
                    assert!(year > 2019 || cells.iter().all(|c| c.0 != "–"), "{login} {title} {year}");
                }
            }
            assert!(filed, "{login}: no number opens its people");
        }
        let mut far = server.signed_in("far", PASSWORD);
        assert!(far.get("/retention?since=2018").body.contains("не найдено"), "nobody began there");
        assert_eq!(far.get("/retention?unit=%D0%A12").status, 404);
        assert_eq!(far.get("/retention/people?year=2018&later=0&near=region&unit=%D0%A12").status, 404);
    }

    fn whoever_opens_no_lists_reads_no_small_number_off_the_three_tables(v: &Vekha) {
        let rows = laid();
        let server = world(v, &rows);
        let mut mouo = server.signed_in("mouo", PASSWORD);
        let page = mouo.get("/retention?since=2018");
        the_file_is_the_page(&mut mouo, "/retention?since=2018", 0);
        assert!(!page.body.contains("/retention/people") && !page.body.contains("Фамилия"));
        let wanted = expected(&rows, "С");
        let mut hidden = 0;
        let tables = TABLES.map(|title| table(&page, title));
        #[expect(clippy::needless_range_loop, reason = "the row of three tables at once")]
        for row in 0..wanted.len() {
            for later in 1..=6 {
                let cells = [2, 1, 0].map(|near: usize| tables[near][row][1 + later].0.clone());
                let mut told: Vec<i64> = vec![tables[0][row][1].0.parse().expect("who began")];
                told.extend(cells.iter().filter_map(|c| c.parse::<i64>().ok()));
                hidden += cells.iter().filter(|c| c.as_str() == "<5" || c.as_str() == "скрыто").count();
                for (n, wider) in told.iter().enumerate().flat_map(|(i, n)| told[..i].iter().map(move |w| (n, w))) {
                    let left = wider - n;
                    assert!(*n == 0 || *n >= 5, "{cells:?}");
                    assert!(left == 0 || left >= 5, "{left} have left: {cells:?}");
                }
            }
        }
        // Nor off two years of one place: who left between them.
        let years = tables.iter().flatten().map(|row| row[1..].iter().filter_map(|c| c.0.parse::<i64>().ok()).collect::<Vec<_>>());
        for told in years {
            for (n, before) in told.iter().enumerate().flat_map(|(i, n)| told[..i].iter().map(move |b| (n, b))) {
                let left = before - n;
                assert!(!(1..5).contains(&left), "{left} have left between two years: {told:?}");
            }
        }
        assert!(hidden > 0);
        assert_eq!(mouo.get("/retention/people?year=2018&later=0&near=region").status, 403);
        assert_eq!(mouo.get("/retention/people/file?year=2018&later=0&near=region").status, 403);
        assert!(mouo.get("/retention?unit=%D0%A12").body.contains("Откройте свою единицу целиком"));
    }

    fn of_six_beginners_nobody_finds_out_that_one_has_left(v: &Vekha) {
        let one = |n: i64, year: i64, to: &str| Laid {
            n,
            born: year - 24,
            since: format!("{year}-09-01"),
            jobs: vec![("С2", format!("{year}-09-01"), to.to_owned())],
        };
        // Six of whom one leaves after a year and a half; three who all leave at once; seven who all stay.
        let mut rows: Vec<Laid> = (0..6).map(|n| one(1000 + n, 2018, if n == 0 { "2020-02-29" } else { "" })).collect();
        rows.extend((0..3).map(|n| one(1100 + n, 2019, "2019-12-31")));
        rows.extend((0..7).map(|n| one(1200 + n, 2020, "")));
        // Twenty of whom eight leave in the first year, two more in the second.
        let left = |n: i64| match n {
            0..8 => "2022-03-01",
            8..10 => "2023-03-01",
            _ => "",
        };
        rows.extend((0..20).map(|n| one(1300 + n, 2021, left(n))));
        let server = world(v, &rows);
        let mut mouo = server.signed_in("mouo", PASSWORD);
        let page = mouo.get("/retention?since=2018");
        for title in TABLES {
            let words: Vec<Vec<String>> = table(&page, title).into_iter().map(|row| row.into_iter().map(|c| c.0).collect()).collect();
            assert_eq!(words[0], ["2018", "6", "скрыто", "скрыто", "скрыто", "скрыто", "скрыто", "скрыто"], "{title}");
            assert_eq!(words[1], ["2019", "<5", "<5", "<5", "<5", "<5", "<5", "<5"], "{title}");
            assert_eq!(words[2][1..4], ["7", "7", "7"], "{title}");
            assert_eq!(words[3][1..4], ["20", "12", "скрыто"], "{title}");
        }
        // Whoever opens the lists reads the numbers.
        let page = server.signed_in("director", PASSWORD).get("/retention?since=2018");
        let words: Vec<String> = table(&page, TABLES[0])[0].iter().map(|c| c.0.clone()).collect();
        assert_eq!(words[..4], ["2018", "6", "6", "5"]);
    }
}
