//! Vacancies: lists from files, found by filters, two lists side by side; every number opens as many rows.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Reader as _, Xlsx};

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, unit};

const PASSWORD: &str = "хороший длинный пароль";
const FAR_MUNICIPALITY: i64 = 5;
const FAR_SCHOOL: i64 = 6;

/// A row of a list: school, position, subject, thousandths of a rate, first day, last day, list.
type Laid = (
    &'static str,
    &'static str,
    &'static str,
    i64,
    &'static str,
    &'static str,
    &'static str,
);

/// The day that is looked at.
const DAY: &str = "01.12.2022";

const LAID: &[Laid] = &[
    ("С2", "учитель", "математика", 1000, "2022-09-01", "", "организация"),
    ("С2", "учитель", "химия", 500, "2022-09-01", "", "организация"),
    ("С2", "педагог-психолог", "", 250, "2022-10-01", "", "организация"),
    (
        "С2",
        "учитель",
        "физика",
        1000,
        "2022-09-01",
        "2022-11-30",
        "организация",
    ),
    (
        "С2",
        "учитель",
        "история",
        1000,
        "2022-09-01",
        "2022-12-01",
        "организация",
    ),
    ("С2", "учитель", "география", 1000, "2022-12-02", "", "организация"),
    ("С3", "Учитель", "Математика", 1500, "2022-09-01", "", "организация"),
    ("С6", "учитель", "химия", 1000, "2022-09-01", "", "организация"),
    // Where the other list names the same post of another school, the two have nothing to do with each other.
    ("С6", "учитель", "информатика", 1000, "2022-09-01", "", "организация"),
    ("Ю2", "учитель", "химия", 1000, "2022-09-01", "", "организация"),
    // The official list spells it its own way, dates it later, has lost some and made one up.
    (
        "С2",
        "Учитель",
        "Математика",
        1000,
        "2022-10-15",
        "",
        "официальный перечень",
    ),
    ("С2", "учитель", "химия", 1000, "2022-10-15", "", "официальный перечень"),
    (
        "С3",
        "учитель",
        "математика",
        1500,
        "2022-10-15",
        "",
        "Сайт министерства",
    ),
    (
        "С3",
        "учитель",
        "информатика",
        1000,
        "2022-10-15",
        "",
        "официальный перечень",
    ),
    (
        "С6",
        "учитель",
        "химия",
        1000,
        "2022-10-15",
        "2022-11-01",
        "официальный перечень",
    ),
    (
        "Ю2",
        "учитель",
        "физика",
        1000,
        "2022-10-15",
        "",
        "официальный перечень",
    ),
    ("С6", "учитель", "музыка", 1000, "2022-09-01", "", "муниципалитет"),
];

fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_MUNICIPALITY, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_MUNICIPALITY);
    for (id, (login, role, over)) in (1..).zip([
        ("operator", "operator", unit(NORTH, 0)),
        ("south", "operator", unit(SOUTH, 0)),
        ("ministry", "regional_authority", unit(NORTH, 0)),
        ("mouo", "municipal_authority", unit(NORTH, 1)),
        ("director", "school_head", unit(NORTH, 2)),
        ("tutor", "tutor", unit(NORTH, 2)),
    ]) {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    Server::start(v)
}

fn file(rows: &[Laid]) -> String {
    let mut text = String::from("Организация;Должность;Предмет;Ставка;С;По;Источник;Ссылка\n");
    for (school, position, subject, rate, from, to, source) in rows {
        let rate = format!("{},{:03}", rate / 1000, rate % 1000);
        let link = if source.starts_with("оф") {
            "https://ministry.example/vacancies"
        } else {
            ""
        };
        text.push_str(&format!(
            "{school};{position};{subject};{rate};{from};{to};{source};{link}\n"
        ));
    }
    text
}

/// Whether a row is open on the day that is looked at.
fn open(row: &Laid) -> bool {
    row.4 <= "2022-12-01" && (row.5.is_empty() || row.5 >= "2022-12-01")
}

fn list_of(row: &Laid) -> &'static str {
    match row.6 {
        "организация" => "own",
        "муниципалитет" => "municipal",
        _ => "official",
    }
}

/// How many vacancies only the own list, only the other one and both name in these schools, counted anew.
fn sides(schools: &[&str], other: &str) -> [usize; 3] {
    let mut posts: BTreeMap<(&str, String, String), [usize; 2]> = BTreeMap::new();
    for row in LAID.iter().filter(|r| open(r) && schools.contains(&r.0)) {
        let of = match list_of(row) {
            "own" => 0,
            list if list == other => 1,
            _ => continue,
        };
        posts
            .entry((row.0, row.1.to_lowercase(), row.2.to_lowercase()))
            .or_default()[of] += 1;
    }
    posts.values().fold([0; 3], |[ours, theirs, both], [a, b]| {
        let met = (*a).min(*b);
        [ours + a - met, theirs + b - met, both + met]
    })
}

fn found(who: &mut Visitor, path: &str) -> usize {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let rest = page.body.split("Найдено: ").nth(1).expect("a count");
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let found = digits.parse().expect("a number");
    let shown = page.body.split("<tbody").nth(1).map_or(0, |t| {
        let body = t.split("</tbody>").next().unwrap_or_default();
        body.matches("<tr").count()
    });
    assert_eq!(shown, found, "{path}: as many rows as are counted");
    found
}

/// The numbers of the comparison and where each leads.
fn compared(who: &mut Visitor, path: &str) -> Vec<(usize, Option<String>)> {
    let page = who.get(path);
    let block = page
        .body
        .split("<h2>Сверка двух перечней</h2>")
        .nth(1)
        .expect(&page.body);
    let rows = block.split("</table>").next().expect("a table").split("<tr").skip(2);
    let row = |row: &str| {
        let cell = row.split("<td").nth(2).expect("a number");
        let digits: String = cell
            .split("</td>")
            .next()
            .unwrap_or_default()
            .split('>')
            .filter_map(|p| p.split('<').next())
            .collect();
        let href = cell.split("href=\"").nth(1).and_then(|h| h.split('"').next());
        let number = digits.chars().filter(char::is_ascii_digit).collect::<String>();
        (
            number.parse().expect("a number"),
            href.map(|h| h.replace("&amp;", "&").replace("&#x3D;", "=")),
        )
    };
    rows.map(row).collect()
}

on_both! {
    // rows: KR-F19
    #[expect(clippy::disallowed_methods, reason = "a workbook of our own has no far cell")]
    fn two_lists_of_vacancies_are_told_apart_and_every_number_opens_its_list(v: &Vekha) {
        let server = world(v);
        let path = v.file("vacancies.csv", file(LAID));
        assert!(v.run(&["import", "vacancies", text(&path)]).ok().out.contains(&format!("Новых {}", LAID.len())));
        assert!(v.run(&["import", "vacancies", text(&path)]).ok().out.contains("Новых 0"));
        let north = ["С2", "С3", "С6"];
        for (login, schools) in [
            ("operator", &north[..]),
            ("ministry", &north[..]),
            ("mouo", &north[..2]),
            ("director", &north[..1]),
            ("south", &["Ю2"][..]),
        ] {
            let mut who = server.signed_in(login, PASSWORD);
            let there = LAID.iter().filter(|r| open(r) && schools.contains(&r.0));
            assert_eq!(found(&mut who, &format!("/vacancies?on={DAY}")), there.clone().count(), "{login}");
            for list in ["own", "municipal", "official"] {
                let path = format!("/vacancies?on={DAY}&source={list}");
                assert_eq!(found(&mut who, &path), there.clone().filter(|r| list_of(r) == list).count(), "{login} {path}");
            }
            for other in ["official", "municipal"] {
                let path = format!("/vacancies?on={DAY}&source=own&against={other}");
                let wanted = sides(schools, other);
                let numbers = compared(&mut who, &path);
                assert_eq!(numbers.iter().map(|(n, _)| *n).collect::<Vec<_>>(), wanted, "{login} {path}");
                assert_eq!(found(&mut who, &path), wanted.iter().sum::<usize>(), "{login} {path}");
                for (number, href) in numbers {
                    match href {
                        Some(href) => assert_eq!(found(&mut who, &href), number, "{login} {href}"),
                        None => assert_eq!(number, 0),
                    }
                }
            }
        }
        let mut operator = server.signed_in("operator", PASSWORD);
        let page = operator.get(&format!("/vacancies?on={DAY}&source=own&against=official&side=both"));
        assert!(page.body.contains("0,5; там 1"), "rates that differ stand side by side: {}", page.body);
        // A vacancy of two lists is no second post: the posts are told list by list.
        let all = operator.get(&format!("/vacancies?on={DAY}"));
        let free = |list| -> i64 {
            let there = LAID.iter().filter(|r| open(r) && north.contains(&r.0) && list_of(r) == list);
            there.map(|r| r.3).sum()
        };
        for (list, label) in [("own", "сведения организаций"), ("official", "официальный перечень"), ("municipal", "перечень муниципалитета")] {
            let said = format!("{},{}", free(list) / 1000, free(list) % 1000);
            let said = format!("{label} — {}", said.trim_end_matches('0').trim_end_matches(','));
            assert!(all.body.contains(&said), "{said}: {}", all.body);
        }
        let psychologist = operator.get(&format!("/vacancies?on={DAY}&q=%D0%BF%D1%81%D0%B8%D1%85"));
        assert!(psychologist.body.contains("0,25") && psychologist.body.contains("1\u{a0}вакансия"), "{}", psychologist.body);
        let page = operator.get(&format!("/vacancies?on={DAY}&unit=%D0%A15"));
        assert!(page.body.contains("музыка") && !page.body.contains("математика"), "{}", page.body);
        // As a workbook, exactly what is on the page.
        let book = operator.get(&format!("/vacancies?on={DAY}&source=own&against=official&as=xlsx"));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book.bytes)).expect("a workbook");
        let range = book.worksheet_range_at(0).expect("a sheet").expect("it reads");
        assert_eq!(range.height() - 2, sides(&north, "official").iter().sum::<usize>());
        // What another region, another school or another role may not see is not there.
        let mut director = server.signed_in("director", PASSWORD);
        for code in ["%D0%A13", "%D0%A11", "%D0%AE2", "nothing"] {
            assert_eq!(director.get(&format!("/vacancies?unit={code}")).status, 404, "{code}");
        }
        assert_eq!(server.signed_in("tutor", PASSWORD).get("/vacancies").status, 403);
    }

    fn a_vacancy_is_changed_by_whoever_loads_the_lists_and_whoever_comes_second_is_told(v: &Vekha) {
        let server = world(v);
        let path = v.file("vacancies.csv", file(LAID));
        let _loaded = v.run(&["import", "vacancies", text(&path), "--batch-code", "первый"]).ok();
        let (mut one, mut two) = (server.signed_in("operator", PASSWORD), server.signed_in("operator", PASSWORD));
        let own = "SELECT v.id AS n FROM vacancy v JOIN unit u ON u.id = v.organisation_id WHERE u.code = 'С2' \
                   AND v.subject_key = 'химия' AND v.source = 'own' AND v.superseded_at IS NULL";
        let first = number(v, own);
        let path = format!("/vacancies/{first}");
        let list = one.get(&format!("/vacancies?on={DAY}"));
        assert!(list.body.contains(&format!("href=\"{path}\"")), "{}", list.body);
        let (page, late) = (one.get(&path), two.get(&path));
        for said in ["Учитель: химия", "сведения организаций", "0,5", "с\u{a0}01.09.2022"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        let id = first.to_string();
        let change = |rate, to, link| [("act", "change"), ("seen", id.as_str()), ("rate", rate), ("to", to), ("page", link)];
        for (rate, to, link, said) in [
            ("0", "", "", "ольше нуля"),
            ("500", "", "", "не больше 10"),
            ("-1", "", "", "ольше нуля"),
            ("много", "", "", "Напишите число"),
            ("1", "31.08.2022", "", "раньше начала"),
            ("1", "вчера", "", "Напишите день"),
            ("1", "", "javascript:alert(1)", "https"),
        ] {
            let answer = one.send(&page, &path, &change(rate, to, link));
            assert!(answer.status == 422 && answer.body.contains(said), "{rate} {to} {link}: {}", answer.body);
            assert!([rate, to, link].iter().all(|typed| answer.body.contains(&format!("value=\"{typed}\""))), "{}", answer.body);
        }
        let done = one.send(&page, &path, &change("0,75", "31.05.2023", "https://school.example/jobs"));
        assert_eq!(done.status, 303, "{}", done.body);
        let now = number(v, own);
        assert!(now != first && done.header("location") == format!("/vacancies/{now}?done=changed"), "{}", done.header("location"));
        // The earlier record stays, and its address leads to the one that stands.
        assert_eq!(number(v, &format!("SELECT CAST(rate_milli AS BIGINT) AS n FROM vacancy WHERE id = {first} AND superseded_at IS NOT NULL")), 500);
        let page = one.get(&path);
        for said in ["0,75", "01.09.2022 – 31.05.2023", "https://school.example/jobs"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        let told = two.send(&late, &path, &change("1", "", ""));
        assert_eq!(told.status, 409, "{}", told.body);
        for said in ["Запись изменили ", "operator", "«Изменена вакансия»", "Сейчас записано", "Вы ввели", "0,75", "value=\"1\""] {
            assert!(told.body.contains(said), "{said}: {}", told.body);
        }
        assert_eq!(number(v, own), now, "nothing is written over");
        let noted = v.query("SELECT detail FROM audit_event WHERE action = 'activity.vacancy_change'");
        assert_eq!(noted, ["fields=rate,ends_on,link"]);
        assert!(v.run(&["import", "undo", "первый"]).failed().err.contains("изменённые после загрузки"));
        // Others see it where they see the list, and change nothing; elsewhere it is not there.
        for login in ["ministry", "mouo", "director"] {
            let mut who = server.signed_in(login, PASSWORD);
            let page = who.get(&path);
            assert!(page.status == 200 && page.body.contains("региональный оператор"), "{login}: {}", page.body);
            assert!(!page.body.contains("name=\"rate\""), "{login}: {}", page.body);
            assert_eq!(who.send(&page, &path, &change("1", "", "")).status, 404, "{login}");
        }
        let far = number(v, "SELECT v.id AS n FROM vacancy v JOIN unit u ON u.id = v.organisation_id WHERE u.code = 'С3' AND v.source = 'own'");
        assert_eq!(server.signed_in("director", PASSWORD).get(&format!("/vacancies/{far}")).status, 404);
        let mut south = server.signed_in("south", PASSWORD);
        let page = south.get("/vacancies");
        assert_eq!((south.get(&path).status, south.send(&page, &path, &change("1", "", "")).status), (404, 404));
        assert_eq!(server.signed_in("tutor", PASSWORD).get(&path).status, 403);
        let _whole = v.run(&["check"]).ok();
    }

    fn a_rate_that_nobody_can_be_taken_on_for_is_refused_in_a_file(v: &Vekha) {
        let _server = world(v);
        let head = "Организация;Должность;Предмет;Ставка;С";
        let rows = "С2;учитель;химия;0;01.09.2022\nС2;учитель;физика;500;01.09.2022\nС2;учитель;история;10;01.09.2022\nС2;учитель;музыка;;01.09.2022\n";
        let path = v.file("rates.csv", format!("{head}\n{rows}"));
        let answer = v.run(&["import", "vacancies", text(&path)]).with_refusals();
        assert!(answer.out.contains("Новых 2,"), "{}", answer.out);
        assert_eq!(answer.err.matches("больше нуля и не больше 10").count(), 2, "{}", answer.err);
        assert_eq!(v.query("SELECT subject_key FROM vacancy ORDER BY subject_key"), ["история", "музыка"]);
    }

    fn a_vacancy_that_closes_is_one_record_and_its_file_can_be_taken_back(v: &Vekha) {
        let server = world(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let load = |rows: &[Laid], code: &str| {
            let path = v.file("vacancies.csv", file(rows));
            v.run(&["import", "vacancies", text(&path), "--batch-code", code]).ok()
        };
        let (first, second) = ([LAID[0]], [("С2", "учитель", "математика", 1000, "2022-09-01", "2022-10-31", "организация")]);
        let _new = load(&first, "первый");
        assert_eq!(found(&mut operator, &format!("/vacancies?on={DAY}")), 1);
        assert!(load(&second, "второй").out.contains("изменено 1"));
        assert_eq!(found(&mut operator, "/vacancies?on=31.10.2022"), 1, "the last day counts");
        assert!(operator.get("/vacancies?on=01.11.2022").body.contains("Вакансий не нашлось"));
        assert!(v.run(&["import", "undo", "первый"]).failed().err.contains("изменённые после загрузки"));
        let _back = v.run(&["import", "undo", "второй"]).ok();
        assert_eq!(found(&mut operator, &format!("/vacancies?on={DAY}")), 1);
        // A row that names no organisation, or has no days that make sense, is refused in words.
        let wrong = "Организация;Должность;С;По\nС1;учитель;01.09.2022;\nХ9;учитель;01.09.2022;\nС2;учитель;01.09.2022;01.08.2022\n";
        let path = v.file("wrong.csv", wrong);
        let answer = v.run(&["import", "vacancies", text(&path)]).with_refusals();
        assert_eq!(answer.err.lines().filter(|l| l.contains("строка")).count(), 3, "{}", answer.err);
        let _whole = v.run(&["check"]).ok();
    }
}
