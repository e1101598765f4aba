//! The page of an active says what its members do: plans that they accompany with open deficits, learning that is followed
//! into the work, schools of low results, roles beside a plan; and who does nothing. Two regions, two databases.

use crate::figures_pages::{Table, tables};
use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web_registers::{code, found};
use crate::world::{NORTH, SOUTH, World, draft, number, unit};

const PASSWORD: &str = "хороший длинный пароль";
const TITLE: &str = "Чем заняты участники";
const FAR_MUNICIPALITY: i64 = 5;
const FAR_SCHOOL: i64 = 6;
const THEN: &str = "'2022-01-01 00:00:00'";

fn ago(days: u64) -> chrono::NaiveDate {
    today() - chrono::Days::new(days)
}

/// Plans of three teachers of the north, one of them far away, and one of the south. Of four members of the active one
/// accompanies all three of the north, one did so before, one has a role and a project, one has nothing today.
fn world(v: &Vekha) -> Server {
    let mut world = World::new();
    world.unit(NORTH, FAR_MUNICIPALITY, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_MUNICIPALITY);
    world.procedure(1, "Д1", "full", None);
    for (n, region, school) in [(21, NORTH, 2), (22, NORTH, 3), (23, NORTH, FAR_SCHOOL), (51, SOUTH, 2)] {
        world.teacher(1000 + n, n, region, school);
        let on = ago(220).to_string();
        world.passage(1000 + n, region, 1, "full", &on, &[(1, 40_000), (3, 70_000)]);
    }
    for n in [11, 12, 13, 14] {
        world.teacher(1000 + n, n, NORTH, 2);
    }
    world.teacher(1061, 61, SOUTH, 2);
    for (id, login, person, role, over) in [
        (1, "operator", None, "operator", unit(NORTH, 0)),
        (2, "staff", None, "cnppm_staff", unit(NORTH, 0)),
        (3, "branch", None, "cnppm_staff", unit(NORTH, 1)),
        (4, "methodist", None, "municipal_methodist", unit(NORTH, 1)),
        (5, "south", None, "operator", unit(SOUTH, 0)),
        (11, "tutor-1", Some(1011), "tutor", unit(NORTH, 0)),
        (12, "tutor-2", Some(1012), "tutor", unit(NORTH, 0)),
        (61, "tutor-south", Some(1061), "tutor", unit(SOUTH, 0)),
    ] {
        world.account(id, login, person, &[(role, over)]);
    }
    world.build(v);
    let _made = draft(v, "Д1", &ago(210).to_string(), &[]);
    v.sql("UPDATE person SET search_key = 'фамилия' || substr(last_name, 8) || ' имя', sort_key = last_name");
    lay(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

fn plan_of(v: &Vekha, person: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {person}"))
}

fn lay(v: &Vekha) {
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    let mut all = String::new();
    for (body, region, name) in [(700, north, "РМА севера"), (750, south, "РМА юга")] {
        all.push_str(&format!(
            "INSERT INTO body (id, region_id, code, name, search_key, kind, level, version, recorded_at) VALUES ({body}, \
             {region}, 'RMA', '{name}', '', 'regional_active', 'regional', 1, {THEN});"
        ));
    }
    for (body, region, person, role) in [
        (700, north, 1011, "chair"),
        (700, north, 1012, "member"),
        (700, north, 1013, "member"),
        (700, north, 1014, "member"),
        (750, south, 1061, "chair"),
    ] {
        all.push_str(&format!(
            "INSERT INTO body_member (id, region_id, record_id, body_id, person_id, role, valid_from, version, recorded_at) \
             VALUES ({0}, {region}, {0}, {body}, {person}, '{role}', '2022-09-01', 1, {THEN});",
            7000 + person
        ));
    }
    let ended = format!("'{}'", ago(10));
    for (id, region, person, account, to) in [
        (1, north, 1021, 11, "NULL"),
        (2, north, 1022, 11, "NULL"),
        (3, north, 1023, 11, "NULL"),
        (4, north, 1021, 12, &*ended),
        (5, south, 1051, 61, "NULL"),
    ] {
        all.push_str(&format!(
            "INSERT INTO supporter (id, region_id, iom_id, account_id, kind, valid_from, valid_to, recorded_at) VALUES ({}, \
             {region}, {}, {account}, 'tutor', '{}', {to}, {THEN});",
            8000 + id,
            plan_of(v, person),
            ago(200)
        ));
    }
    // A course that ended long ago and that nobody has gone to see.
    all.push_str(&format!(
        "UPDATE iom_item SET state = 'accepted', settled_on = '{}' WHERE id = (SELECT min(i.id) FROM iom_item i WHERE \
         i.iom_id = {} AND i.education_form <> 'informal');",
        ago(120),
        plan_of(v, 1021)
    ));
    for (id, state, person) in [(800, "running", 1013), (801, "finished", 1014)] {
        all.push_str(&format!(
            "INSERT INTO undertaking (id, region_id, code, kind, title, search_key, level, starts_on, state, version, \
             recorded_at) VALUES ({id}, {north}, 'SH-{id}', 'school_support', 'Школам {id}', '', 'regional', '2022-09-01', \
             '{state}', 1, {THEN}); \
             INSERT INTO undertaking_unit (undertaking_id, unit_id) VALUES ({id}, {}); \
             INSERT INTO undertaking_person (id, region_id, undertaking_id, person_id, role, valid_from, version, \
             recorded_at) VALUES ({id}, {north}, {id}, {person}, 'leader', '2022-09-01', 1, {THEN});",
            unit(NORTH, 3)
        ));
    }
    let record = |id: i64, person: i64, kind: (&str, &str), days: (String, &str), body: &str| {
        format!(
            "INSERT INTO activity (id, region_id, record_id, person_id, family, kind, title, title_key, starts_on, ends_on, \
             body_id, version, recorded_at) VALUES ({id}, {north}, {id}, {person}, '{}', '{}', '', 'r{id}', '{}', {}, {body}, \
             1, {THEN});",
            kind.0, kind.1, days.0, days.1
        )
    };
    let role = ("role", "practice_expert");
    all.push_str(&record(901, 1013, role, ("2022-09-01".into(), "NULL"), "NULL"));
    all.push_str(&record(902, 1014, role, ("2022-09-01".into(), "'2023-05-31'"), "NULL"));
    let help = ("help", "service");
    all.push_str(&record(903, 1022, help, (ago(30).to_string(), "NULL"), "700"));
    all.push_str(&record(904, 1021, help, (ago(30).to_string(), "NULL"), "700"));
    v.sql(&all);
}

fn block(page: &Page) -> Table {
    let found = tables(page).into_iter().find(|table| table.caption == TITLE);
    assert!(found.is_some(), "{}", page.body);
    found.expect("the block")
}

#[track_caller]
fn read(who: &mut Visitor, path: &str) -> Table {
    let page = who.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    block(&page)
}

const PLANS: &str = "Открытые маршруты";
const WITH: &str = "Маршруты с открытыми дефицитами";
const NEXT: &str = "Что дальше";
const SCHOOLS: &str = "Школы с низкими результатами";
const ROLES: &str = "Роли вне маршрута";
const IDLE: &str = "ничем не занят: назначить маршруты";

on_both! {
    // rows: TY-F04
    fn the_page_of_an_active_says_what_its_members_do_and_who_does_nothing(v: &Vekha) {
        let server = world(v);
        let signed = |login: &str| server.signed_in(login, PASSWORD);
        let mut staff = signed("staff");
        let table = read(&mut staff, "/bodies/700");
        let names: Vec<&str> = table.rows.iter().skip(1).map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["Фамилия12 Имя", "Фамилия14 Имя", "Фамилия11 Имя", "Фамилия13 Имя", "Все вместе"]);
        // Whoever accompanied before, and whoever had a role and a project that are over, has nothing to do today.
        assert_eq!(table.cell("Фамилия12 Имя", NEXT), IDLE);
        assert_eq!(table.cell("Фамилия14 Имя", NEXT), IDLE);
        for name in ["Фамилия11 Имя", "Фамилия13 Имя"] {
            assert_eq!(table.cell(name, NEXT), "занят");
        }
        let busy = |head: &str| table.cell("Фамилия11 Имя", head);
        assert_eq!([busy(PLANS), busy(WITH), busy("Открытые дефициты")], ["3", "3", "6"]);
        assert_eq!(busy("После обучения"), "видели 0 из 1, пора посмотреть: 1");
        assert_eq!([busy(SCHOOLS), busy(ROLES)], ["–", "–"]);
        assert_eq!(table.cell("Фамилия13 Имя", PLANS), "0");
        assert_eq!(table.cell("Фамилия13 Имя", SCHOOLS), "1\u{a0}проект, 1\u{a0}школа");
        assert_eq!(table.cell("Фамилия13 Имя", ROLES), "Эксперт-практик");
        let all = |head: &str| table.cell("Все вместе", head);
        assert_eq!([all(NEXT), all(PLANS), all(WITH)], ["ничем не заняты: 2", "3", "3"]);
        assert_eq!([all(SCHOOLS), all(ROLES)], ["1\u{a0}проект, 1\u{a0}школа", "есть у 1"]);
        // Each number opens its list.
        let page = staff.get("/bodies/700");
        let body = page.body.replace("&#x3D;", "=").replace("&amp;", "&");
        for (path, rows) in [("/plans?supporter=tutor-1", 3), ("/plans?supporter=tutor-1&deficit=none", 3)] {
            assert!(body.contains(&format!("href=\"{path}\"")), "{path}: {body}");
            assert_eq!(found(&mut staff, path), rows, "{path}");
        }
        // Those that no list of plans counts stand in lists of the active, each as long as its number; so do those of all.
        let opens = |staff: &mut Visitor, part: &str, whose: &str, number: &str| {
            let path = format!("/bodies/700?part={part}{whose}");
            assert!(body.contains(&format!("href=\"{path}\"")), "{path}: {body}");
            let page = staff.get(&path);
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            let listed = tables(&page)[0].rows.len() - 1;
            assert_eq!(listed.to_string(), number, "{path}: a list as long as its number: {}", page.body);
            page
        };
        for (part, head) in [("open_plans", PLANS), ("with_deficits", WITH), ("open_deficits", "Открытые дефициты")] {
            let page = opens(&mut staff, part, "", all(head));
            assert!(page.body.contains("Фамилия21 Имя") && !page.body.contains("Фамилия51"), "{}", page.body);
        }
        for whose in ["", "&person=1011"] {
            let page = opens(&mut staff, "learnt", whose, "1");
            assert!(page.body.contains("Фамилия21 Имя") && page.body.contains("пора посмотреть"), "{}", page.body);
        }
        let deficits = opens(&mut staff, "open_deficits", "&person=1011", busy("Открытые дефициты"));
        assert!(deficits.body.contains("Фамилия11 Имя"), "{}", deficits.body);
        for wrong in ["part=open_deficits&person=1061", "part=open_deficits&person=1021", "part=seen", "part=learnt&person=x"] {
            assert_eq!(staff.get(&format!("/bodies/700?{wrong}")).status, 404, "{wrong}");
        }
        assert!(body.contains("href=\"/undertakings/800\"") && body.contains("href=\"/supporters\""), "{body}");
        let roles = format!("/activities?kind=role&q={}", code("Фамилия13 Имя"));
        assert_eq!(found(&mut staff, &roles), 1);
        assert!(body.contains("Адресная помощь объединения за год: 2\u{a0}записи, из них педагогам школ с низкими результатами – 1."), "{body}");
        // An operator gives no plans to anybody, and is told so.
        let table = read(&mut signed("operator"), "/bodies/700");
        assert_eq!(table.cell("Фамилия14 Имя", NEXT), "ничем не занят");
        // What is closed is no work any more, but for what was learnt.
        v.sql(&format!("UPDATE iom SET state = 'closed', outcome = 'completed', closed_on = '{}' WHERE id = {}", ago(5), plan_of(v, 1021)));
        let table = read(&mut staff, "/bodies/700");
        assert_eq!([table.cell("Фамилия11 Имя", PLANS), table.cell("Фамилия11 Имя", WITH)], ["2", "2"]);
        assert_eq!(table.cell("Фамилия11 Имя", "После обучения"), "видели 0 из 1, пора посмотреть: 1");
    }

    fn what_an_active_does_is_told_as_far_as_one_sees(v: &Vekha) {
        let server = world(v);
        let signed = |login: &str| server.signed_in(login, PASSWORD);
        // Plans of people of other municipalities are not counted.
        let mut branch = signed("branch");
        let table = read(&mut branch, "/bodies/700");
        assert_eq!(table.cell("Фамилия11 Имя", PLANS), "2");
        assert_eq!(found(&mut branch, "/plans?supporter=tutor-1"), 2);
        for (part, head) in [("open_plans", PLANS), ("open_deficits", "Открытые дефициты")] {
            let page = branch.get(&format!("/bodies/700?part={part}"));
            let listed = tables(&page)[0].rows.len() - 1;
            assert_eq!(listed.to_string(), table.cell("Все вместе", head), "{part}");
            assert!(!page.body.contains("Фамилия23"), "of another town: {}", page.body);
        }
        // Whoever opens no plans is told nothing of them, nor that somebody does nothing.
        let mut methodist = signed("methodist");
        let page = methodist.get("/bodies/700");
        let table = block(&page);
        assert_eq!((table.column(PLANS), table.column(NEXT), table.column(WITH)), (None, None, None));
        assert!(!page.body.contains("ничем не занят") && page.body.contains("Маршруты участников видят"), "{}", page.body);
        assert_eq!(table.cell("Фамилия13 Имя", ROLES), "Эксперт-практик");
        // The other region has an active of its own, and sees no other.
        let mut south = signed("south");
        assert_eq!(south.get("/bodies/700").status, 404);
        for who in [&mut south, &mut methodist] {
            assert_eq!(who.get("/bodies/700?part=open_deficits").status, 404);
        }
        let table = read(&mut south, "/bodies/750");
        assert_eq!(table.cell("Фамилия61 Имя", PLANS), "1");
        assert!(south.get("/bodies/750").body.contains("Записей об адресной помощи объединения за год нет"));
        // A body of another kind has no such block; a withdrawn active neither.
        v.sql("UPDATE body SET kind = 'methodical_council' WHERE id = 750");
        assert!(!south.get("/bodies/750").body.contains(TITLE));
        v.sql("UPDATE body SET withdrawn_at = '2023-01-01 00:00:00', withdrawn_reason = 'ошибка' WHERE id = 700");
        assert!(!signed("staff").get("/bodies/700").body.contains(TITLE));
        // Nobody stands in it yet: the page says how to begin.
        v.sql("UPDATE body SET kind = 'tutor_active' WHERE id = 750; UPDATE body_member SET valid_to = '2022-12-01' WHERE body_id = 750");
        let page = south.get("/bodies/750");
        assert!(page.body.contains(TITLE) && page.body.contains("Добавьте первого в блоке «Участники»"), "{}", page.body);
    }
}
