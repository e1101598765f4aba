//! «Начинающие»: those who still learn, teach or lead in the first three years, and what supports them; counted by stage and
//! opened by whoever may. Two regions, two databases.

use std::fmt::Write as _;

use crate::figures_pages::{Table, tables};
use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web_lists::the_file_is_the_page;
use crate::web_registers::{code, found};
use crate::world::{NORTH, SOUTH, World, number, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";
const THEN: &str = "'2022-01-01 00:00:00'";
const LONG: &str = "2015-09-01";

fn ago(days: u64) -> String {
    (today() - chrono::Days::new(days)).to_string()
}

fn ahead(days: u64) -> String {
    (today() + chrono::Days::new(days)).to_string()
}

/// A job: school, staff, position, first day, the day after the last one.
type Job<'a> = (i64, &'a str, &'a str, &'a str, Option<&'a str>);

/// Somebody with the day on which teaching began and jobs.
fn add(world: &mut World, n: i64, region: i64, since: Option<&str>, jobs: &[Job<'_>]) {
    let (id, own) = (1000 + n, unit(region, 0));
    world.row(
        "person (id, region_id, snils, last_name, first_name, search_key, sort_key, version, recorded_at)",
        &format!("{id}, {own}, '{}', 'Фамилия{n}', 'Имя', '', '', 1, {THEN}", snils(n)),
    );
    let day = |on: Option<&str>| on.map_or("NULL".to_owned(), |on| format!("'{on}'"));
    for (place, (school, staff, position, from, to)) in (0..).zip(jobs) {
        world.row(
            "employment (id, region_id, person_id, organisation_id, position, staff_kind, kind, teaching_since, valid_from, \
             valid_to, recorded_at)",
            &format!(
                "{}, {own}, {id}, {}, '{position}', '{staff}', 'main', {}, '{from}', {}, {THEN}",
                5000 + 10 * n + place,
                unit(region, *school),
                day(since),
                day(*to)
            ),
        );
    }
}

/// In the school С2: teachers of each year and one of four, a new director and one whose position was written down anew, two
/// who still learn, an experienced mentor. In С3 one of the first year; in the south one.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    let (first, second, third, fourth) = (ago(100), ago(500), ago(900), ago(1200));
    for (n, school, since) in [
        (11, 2, &first),
        (12, 2, &second),
        (13, 2, &third),
        (14, 2, &fourth),
        (20, 3, &first),
    ] {
        let since = since.as_str();
        add(
            &mut world,
            n,
            NORTH,
            Some(since),
            &[(school, "teaching", "учитель", since, None)],
        );
    }
    let (lately, before, later) = (ago(200), ago(150), ahead(100));
    add(
        &mut world,
        15,
        NORTH,
        Some(LONG),
        &[(2, "managing", "директор", &*lately, None)],
    );
    let again = [
        (2, "managing", "заместитель директора", LONG, Some(&*before)),
        (2, "managing", "заместитель директора", &*before, None),
    ];
    add(&mut world, 16, NORTH, Some(LONG), &again);
    add(
        &mut world,
        17,
        NORTH,
        None,
        &[(2, "teaching", "учитель", &*later, None)],
    );
    add(&mut world, 18, NORTH, None, &[]);
    add(
        &mut world,
        19,
        NORTH,
        Some(LONG),
        &[(2, "teaching", "учитель", LONG, None)],
    );
    add(
        &mut world,
        31,
        SOUTH,
        Some(&*first),
        &[(2, "teaching", "учитель", &*first, None)],
    );
    for (id, (login, role, over)) in (1..).zip([
        ("operator", "operator", unit(NORTH, 0)),
        ("methodist", "municipal_methodist", unit(NORTH, 1)),
        ("director", "school_head", unit(NORTH, 2)),
        ("deputy", "school_admin", unit(NORTH, 2)),
        ("director-3", "school_head", unit(NORTH, 3)),
        ("south", "operator", unit(SOUTH, 0)),
        ("tutor", "tutor", unit(NORTH, 0)),
    ]) {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    v.sql(&supports());
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

/// A mentor of the second year and of the student, a mentor of the first year until lately; a school of the young teacher, a
/// payment, a contract.
fn supports() -> String {
    let north = unit(NORTH, 0);
    let mut all = String::new();
    for (id, mentee, form, to) in [
        (1, 1012, "teacher_teacher", "NULL".to_owned()),
        (2, 1018, "student_teacher", "NULL".to_owned()),
        (3, 1011, "teacher_teacher", format!("'{}'", ago(3))),
    ] {
        let _written = write!(
            all,
            "INSERT INTO mentoring_pair (id, region_id, record_id, mentor_id, mentee_id, form, valid_from, valid_to, documents, \
             version, recorded_at) VALUES ({0}, {north}, {0}, 1019, {mentee}, '{form}', '{1}', {to}, '', 1, {THEN});",
            6000 + id,
            ago(90)
        );
    }
    for (id, person, family, kind, on) in [
        (1, 1013, "event", "young_school", ago(40)),
        (2, 1020, "support", "payment", ago(40)),
        (3, 1017, "support", "target_contract", ago(700)),
        // Of years ago: it supports nobody today.
        (4, 1011, "support", "payment", ago(700)),
    ] {
        let _written = write!(
            all,
            "INSERT INTO activity (id, region_id, record_id, person_id, family, kind, title, title_key, starts_on, version, \
             recorded_at) VALUES ({0}, {north}, {0}, {person}, '{family}', '{kind}', '', 'r{id}', '{on}', 1, {THEN});",
            6100 + id
        );
    }
    all
}

const ALONE: &str = "Без поддержки";
const LEARN: &str = "Учатся";
const LEAD: &str = "Руководители, 1–3-й год";
const ALL: &str = "Все вместе";

fn counts(page: &Page) -> Table {
    assert_eq!(page.status, 200, "{}", page.body);
    let found = tables(page).into_iter().find(|table| table.caption == "По этапам");
    assert!(found.is_some(), "{}", page.body);
    found.expect("the counts")
}

/// First columns of the rows of the list of people.
#[track_caller]
fn names(who: &mut Visitor, path: &str) -> Vec<String> {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let rows = tables(&page)
        .into_iter()
        .flat_map(|table| table.rows.into_iter().skip(1));
    rows.map(|row| row[0].clone()).collect()
}

on_both! {
    // rows: CH-F49
    fn those_who_begin_are_found_by_stage_with_what_supports_them(v: &Vekha) {
        let server = world(v);
        let mut operator = server.signed_in("operator", PASSWORD);
        let table = counts(&operator.get("/beginners"));
        let row = |name: &str| ["Всего", ALONE, "Есть наставник", "Школа молодого педагога", "Социальная поддержка"].map(|head| table.cell(name, head).to_owned());
        // A contract says where one will work; somebody who helps is not there yet.
        assert_eq!(table.cell(LEARN, ALONE), "1");
        assert_eq!(row(LEARN), ["2", "1", "1", "0", "0"]);
        assert_eq!(row("1-й год"), ["2", "1", "0", "0", "1"]);
        assert_eq!(row("2-й год"), ["1", "0", "1", "0", "0"]);
        assert_eq!(row("3-й год"), ["1", "0", "0", "1", "0"]);
        // A position that was only written down anew is no new one.
        assert_eq!(table.cell(LEAD, "Всего"), "1");
        assert_eq!(row(LEAD), ["1", "1", "0", "0", "0"]);
        assert_eq!(row(ALL), ["7", "3", "2", "1", "1"]);
        // Every number opens its list.
        for (query, rows) in [
            ("help=none", 3), ("stage=training", 2), ("help=none&stage=training", 1), ("stage=first", 2), ("stage=leader", 1),
            ("help=mentor", 2), ("help=school", 1), ("help=social&stage=first", 1), ("", 7),
        ] {
            assert_eq!(found(&mut operator, &format!("/beginners/people?{query}")), rows, "{query}");
        }
        let page = operator.get("/beginners").body.replace("&#x3D;", "=").replace("&amp;", "&");
        for link in ["/beginners/people?help=none\"", "/beginners/people?help=none&stage=training\"", "/beginners/people?stage=leader\""] {
            assert!(page.contains(link), "{link}: {page}");
        }
        the_file_is_the_page(&mut operator, "/beginners", 0);
        assert_eq!(the_file_is_the_page(&mut operator, "/beginners/people?help=none", 0), 3);
        // Whoever has nobody comes first, with what is to be done.
        let page = operator.get("/beginners/people");
        let people = tables(&page).remove(0);
        let first: Vec<&str> = people.rows[1..4].iter().map(|row| row[0].as_str()).collect();
        assert_eq!(first, ["Фамилия11 Имя", "Фамилия15 Имя", "Фамилия17 Имя"]);
        assert_eq!(people.cell("Фамилия11 Имя", "Что дальше"), "назначить наставника");
        assert_eq!(people.cell("Фамилия15 Имя", "Этап"), "руководитель, 1-й год");
        assert_eq!(people.cell("Фамилия17 Имя", "Социальная поддержка"), "Договор о целевом обучении");
        assert_eq!(people.cell("Фамилия18 Имя", "Наставник"), "Фамилия19 Имя");
        assert!(page.body.contains("href=\"/pairs/6001\"") && page.body.contains("href=\"/pairs\""), "{}", page.body);
        let path = format!("/beginners/people?q={}", code("Фамилия13"));
        assert_eq!(names(&mut operator, &path), ["Фамилия13 Имя"]);
        let none = operator.get("/beginners/people?help=plan");
        assert!(none.body.contains("Таких начинающих нет"), "{}", none.body);
        // Those who are shown, and their mentors, read of it.
        let told = "SELECT count(DISTINCT person_id) AS n FROM audit_event WHERE object_kind = 'beginner' AND person_id IS NOT NULL";
        assert_eq!(number(v, told), 8);
    }

    fn a_school_opens_its_own_beginners_and_a_municipality_reads_numbers(v: &Vekha) {
        let server = world(v);
        let signed = |login: &str| server.signed_in(login, PASSWORD);
        for login in ["director", "deputy"] {
            let mut who = signed(login);
            assert_eq!(counts(&who.get("/beginners")).cell(ALL, "Всего"), "6", "{login}");
            assert!(!who.get("/beginners/people").body.contains("Фамилия20"), "{login}: of another school");
            assert_eq!(who.get("/beginners/people?unit=%D0%A13").status, 404, "{login}");
        }
        // The student of the pair is seen by those whose mentor it is, and by no other school.
        let mut other = signed("director-3");
        assert_eq!(names(&mut other, "/beginners/people"), ["Фамилия20 Имя"]);
        assert_eq!(names(&mut signed("south"), "/beginners/people"), ["Фамилия31 Имя"]);
        // A municipality reads numbers, the small ones hidden and what they make together, and no name.
        let mut methodist = signed("methodist");
        let page = methodist.get("/beginners");
        let table = counts(&page);
        assert_eq!((table.cell(ALL, "Всего"), table.cell(ALL, ALONE)), ("скрыто", "<5"));
        for stage in [LEARN, "1-й год", "2-й год", LEAD] {
            assert_eq!(table.cell(stage, "Всего"), "<5", "{stage}");
        }
        assert!(!page.body.contains("Фамилия") && !page.body.contains("/beginners/people"), "{}", page.body);
        // No link stands for a list that is shut: whose the names are is said, and where a pair is added.
        assert!(!page.body.contains("Назначить наставников"), "the list is shut: {}", page.body);
        assert!(page.body.contains("попросите директоров назначить наставников") && page.body.contains("href=\"/pairs\""), "{}", page.body);
        assert_eq!(methodist.get("/beginners/people").status, 403);
        assert_eq!(methodist.get("/beginners/people/file").status, 403);
        assert!(methodist.get("/beginners?unit=%D0%A12").body.contains("Откройте свою единицу целиком"));
        assert_eq!(signed("tutor").get("/beginners").status, 403);
        // Nobody begins: the page says how to begin.
        v.sql("UPDATE employment SET teaching_since = '2015-09-01', valid_from = '2015-09-01' WHERE person_id = 1020");
        let page = other.get("/beginners");
        assert!(page.body.contains("Начинающих не найдено") && page.body.contains("Загрузите сотрудников"), "{}", page.body);
    }
}
