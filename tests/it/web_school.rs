//! The school and the municipality over plain HTTP: staff without scores, applications, numbers and the lists behind
//! them. Own, other school, other municipality, other region, missing.

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, number, snils, unit};

pub const PASSWORD: &str = "хороший длинный пароль";

/// A second municipality of the north with one school.
const FAR_MUNICIPALITY: i64 = 5;
const FAR_SCHOOL: i64 = 6;

/// Teachers with plans: person, number of the СНИЛС, region, school, whether the plan is started.
const PLANNED: &[(i64, i64, i64, i64)] = &[
    (1001, 1, NORTH, 2),
    (1002, 2, NORTH, 2),
    (1003, 3, NORTH, 3),
    (1006, 6, NORTH, FAR_SCHOOL),
    (2001, 4, SOUTH, 2),
];

/// Two regions; in the north three schools of two municipalities. School 2 has 14 more teachers, school 3 has 6.
pub fn world(v: &Vekha) {
    let mut world = World::new();
    world.unit(NORTH, FAR_MUNICIPALITY, "municipality", 0);
    world.unit(NORTH, FAR_SCHOOL, "organisation", FAR_MUNICIPALITY);
    world.procedure(1, "Д1", "full", None);
    for (person, n, region, place) in PLANNED {
        world.teacher(*person, *n, *region, *place);
        world.passage(*person, *region, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
    }
    for n in 0..14 {
        world.teacher(3000 + n, 100 + n, NORTH, 2);
    }
    for n in 0..6 {
        world.teacher(4000 + n, 200 + n, NORTH, 3);
    }
    // One with a plan to come: deficits, but nothing drafted.
    let mut accounts = vec![
        ("curator", None, "curator", unit(NORTH, 0)),
        ("head", None, "cnppm_head", unit(NORTH, 0)),
        ("staff", None, "cnppm_staff", unit(NORTH, 0)),
        ("curator-south", None, "curator", unit(SOUTH, 0)),
        ("head-south", None, "cnppm_head", unit(SOUTH, 0)),
        ("director", None, "school_head", unit(NORTH, 2)),
        ("director-3", None, "school_head", unit(NORTH, 3)),
        ("director-far", None, "school_head", unit(NORTH, FAR_SCHOOL)),
        ("director-south", None, "school_head", unit(SOUTH, 2)),
        ("deputy", None, "school_admin", unit(NORTH, 2)),
        ("methodist", None, "municipal_methodist", unit(NORTH, 1)),
        ("authority", None, "municipal_authority", unit(NORTH, 1)),
        ("methodist-south", None, "municipal_methodist", unit(SOUTH, 1)),
        ("ministry", None, "regional_authority", unit(NORTH, 0)),
        ("tutor-1", None, "tutor", unit(NORTH, 0)),
    ];
    let logins: Vec<String> = PLANNED.iter().map(|(person, ..)| format!("teacher-{person}")).collect();
    for ((person, _, region, place), login) in PLANNED.iter().zip(&logins) {
        accounts.push((login, Some(*person), "teacher", unit(*region, *place)));
    }
    for (id, (login, person, role, over)) in (1..).zip(accounts) {
        world.account(id, login, person, &[(role, over)]);
    }
    world.build(v);
    v.sql("UPDATE person SET search_key = lower(last_name), sort_key = last_name");
    v.sql("UPDATE person SET last_name = 'Ёлкина', search_key = 'елкина имя' WHERE id = 1001");
    v.sql("UPDATE programme SET search_key = 'программа п1', form = 'mixed' WHERE code = 'П1'");
    draft(v, "Д1", "2023-02-10", &[]);
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for (person, n, region, _) in PLANNED {
        let south = if *region == SOUTH { "-south" } else { "" };
        for (act, day, by) in [
            ("send", "12", format!("curator{south}")),
            ("agree", "13", format!("teacher-{person}")),
            ("approve", "14", format!("head{south}")),
            ("start", "15", format!("curator{south}")),
        ] {
            acts.push_str(&format!("{},{act},,2023-02-{day},{by},,\n", snils(*n)));
        }
    }
    for n in [1, 2] {
        acts.push_str(&format!("{},assign,,2023-02-15,staff,tutor-1,\n", snils(n)));
    }
    let file = v.file("acts.csv", acts);
    let _done = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    let _pack = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
}

/// The number of the step of a person's plan that is the course П1.
fn course_item(v: &Vekha, person: i64) -> i64 {
    number(
        v,
        &format!(
            "SELECT CAST(iom_item.number AS BIGINT) AS n FROM iom_item JOIN iom ON iom.id = iom_item.iom_id WHERE iom.person_id = {person} AND \
             iom_item.programme_id = 1"
        ),
    )
}

/// Applications of teachers for the course П1, sent as they would send them.
pub fn apply(v: &Vekha, persons: &[i64]) {
    let mut acts = String::from("snils,act,item,date,by,value,reason\n");
    for (person, n, ..) in PLANNED.iter().filter(|(person, ..)| persons.contains(person)) {
        let item = course_item(v, *person);
        acts.push_str(&format!("{},apply,{item},2023-03-0{n},teacher-{person},,\n", snils(*n)));
    }
    let file = v.file("applications.csv", acts);
    let _done = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
}

fn application_of(v: &Vekha, person: i64) -> String {
    number(v, &format!("SELECT id AS n FROM enrolment WHERE person_id = {person}")).to_string()
}

fn in_state(v: &Vekha, state: &str) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM enrolment WHERE state = '{state}'"),
    )
}

fn same(page: &Page) -> (u16, String, String) {
    (page.status, page.header("location").to_owned(), page.body.clone())
}

/// Addresses in links of a page that begin with a text.
fn links(page: &Page, start: &str) -> Vec<String> {
    let parts = page.body.split("href=\"").skip(1);
    let found = parts
        .filter_map(|rest| rest.split('"').next())
        .map(|l| l.replace("&amp;", "&").replace("&#x3D;", "="));
    found.filter(|l| l.starts_with(start)).collect()
}

/// Rows of the register of a page.
fn rows(page: &Page) -> usize {
    page.body.matches("<tr role=\"row\">").count().saturating_sub(1)
}

fn open(visitor: &mut Visitor, path: &str) -> Page {
    let page = visitor.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    page
}

on_both! {
    fn heads_see_scores_only_where_the_region_says_so(v: &Vekha) {
        world(v);
        let looks = |action: &str| number(v, &format!("SELECT count(*) AS n FROM audit_event WHERE action = '{action}' AND person_id = 1001"));
        let level = "дефицит: высокий";
        let hidden = Server::start(v);
        let page = hidden.signed_in("director", PASSWORD).get("/staff/1001");
        assert!(page.status == 200 && !page.body.contains(level) && page.body.contains("Баллы видят педагог"), "{}", page.body);
        assert_eq!((looks("desk.read_card"), looks("desk.read_plan")), (1, 0));
        drop(hidden);
        let server = Server::start_with(v, |command| {
            command.env("VEKHA_SCHOOL_SCORES", "on");
        });
        let page = server.signed_in("director", PASSWORD).get("/staff/1001");
        assert!(page.body.contains(level) && page.body.contains("по решению региона"), "{}", page.body);
        assert_eq!(looks("desk.read_plan"), 1, "the teacher reads that scores were seen");
        let deputy = server.signed_in("deputy", PASSWORD).get("/staff/1001");
        assert!(deputy.status == 200 && !deputy.body.contains(level), "{}", deputy.body);
        assert_eq!(server.signed_in("director-3", PASSWORD).get("/staff/1001").status, 404);
        assert!(!server.signed_in("director", PASSWORD).get("/staff").body.contains(level));
        // What the teacher is to see first is no head's.
        v.sql("UPDATE procedure SET released_on = '2999-01-01' WHERE code = 'Д1'");
        let page = server.signed_in("director", PASSWORD).get("/staff/1001");
        assert!(page.status == 200 && !page.body.contains(level), "{}", page.body);
    }

    fn a_head_sees_the_own_staff_by_topics_and_never_a_score(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        for login in ["director", "deputy"] {
            let mut visitor = server.signed_in(login, PASSWORD);
            assert_eq!(visitor.get("/").header("location"), "/staff", "the desk opens first");
            let all = open(&mut visitor, "/staff");
            assert_eq!(rows(&all), 2 + 14, "the staff of the own school");
            assert!(all.body.contains("Ёлкина") && all.body.contains("Компетенция К1"));
            for (text, found) in [("q=%D1%91%D0%9B%D0%9A", 1), ("state=active", 2), ("state=none", 14), ("state=late", 2)] {
                assert_eq!(rows(&open(&mut visitor, &format!("/staff?{text}"))), found, "{text}");
            }
            let filtered = open(&mut visitor, "/staff?q=%D1%91%D0%9B%D0%9A&state=active");
            assert!(links(&filtered, "/staff?").contains(&"/staff?state=active".to_owned()), "a chip takes one away");
            let card = open(&mut visitor, "/staff/1001");
            assert!(card.body.contains("Ёлкина") && card.body.contains("Компетенция К1"));
            for page in [&all, &card] {
                for secret in ["высокий", "средний", "40\u{A0}%", "70\u{A0}%", "meter"] {
                    assert!(!page.body.contains(secret), "{secret}");
                }
            }
            let missing = same(&visitor.get("/staff/7"));
            assert_eq!(missing.0, 404);
            for hidden in [1003, 1006, 2001] {
                assert_eq!(same(&visitor.get(&format!("/staff/{hidden}"))), missing, "{hidden}");
            }
            let missing = same(&visitor.get("/staff?unit=7"));
            assert_eq!(missing.0, 404);
            for hidden in ["%D0%A13", "%D0%A16", "%D0%AE2", "%D0%A11"] {
                assert_eq!(same(&visitor.get(&format!("/staff?unit={hidden}"))), missing, "{hidden}");
            }
        }
        let cards = number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_card' AND person_id = 1001");
        assert_eq!(cards, 2, "each opening is in the journal");
        let lists = number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_list' AND detail LIKE '%rows=16'");
        assert_eq!(lists, 2);
        let names = number(v, "SELECT count(*) AS n FROM audit_event WHERE detail LIKE '%лк%'");
        assert_eq!(names, 0, "what was searched for is a name and stays out");
        // Who has left is no longer seen.
        v.sql("UPDATE employment SET valid_to = '2023-03-01' WHERE person_id = 1001");
        let mut director = server.signed_in("director", PASSWORD);
        assert_eq!(director.get("/staff/1001").status, 404);
        assert_eq!(rows(&open(&mut director, "/staff")), 1 + 14);
    }

    fn a_head_agrees_and_refuses_own_applications_only(v: &Vekha) {
        world(v);
        apply(v, &[1001, 1002, 1003, 1006, 2001]);
        let server = Server::start(v);
        let mut director = server.signed_in("director", PASSWORD);
        assert!(open(&mut director, "/staff").body.contains("2\u{A0}заявки ждут"));
        let queue = open(&mut director, "/applications");
        assert!(queue.body.contains("Заявки на согласование: 2") && queue.body.contains("Программа П1"));
        for own in [1001, 1002] {
            assert!(queue.body.contains(&application_of(v, own)));
        }
        // Nobody else's, and no difference to what is not there.
        let act = |visitor: &mut Visitor, id: &str, act: &str| {
            visitor.send(&queue, "/applications", &[("id", id), ("act", act), ("reason", "нет замены")])
        };
        let missing = same(&act(&mut director, "7", "agree"));
        for other in [1003, 1006, 2001] {
            let id = application_of(v, other);
            assert!(!queue.body.contains(&id), "{other}");
            for kind in ["agree", "refuse"] {
                assert_eq!(same(&act(&mut director, &id, kind)), missing, "{other}");
            }
            assert_eq!(same(&director.get(&format!("/applications/check?id={id}"))), same(&director.get("/applications/check?id=7")));
        }
        assert_eq!(in_state(v, "applied"), 5, "nothing happened");
        // A refusal says why, or stays as it was typed.
        let first = application_of(v, 1001);
        let silent = director.send(&queue, "/applications", &[("id", &first), ("act", "refuse"), ("reason", "  ")]);
        assert_eq!(silent.status, 422);
        let field = format!("reason-{first}");
        assert!(silent.body.contains(&format!("href=\"#{field}\"")) && silent.body.contains(&format!("id=\"{field}\"")));
        assert!(silent.body.contains("<title>Ошибка:"), "the title says so");
        assert_eq!(act(&mut director, &first, "refuse").header("location"), "/applications?done=refuse");
        let second = application_of(v, 1002);
        assert_eq!(act(&mut director, &second, "agree").header("location"), "/applications?done=agree");
        // Sent once more: nothing more happens.
        assert_eq!(same(&act(&mut director, &second, "agree")).0, missing.0);
        assert_eq!((in_state(v, "refused"), in_state(v, "agreed"), in_state(v, "applied")), (1, 1, 3));
        assert!(open(&mut director, "/applications").body.contains("Заявок пока нет"));
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        assert!(open(&mut teacher, "/my-applications").body.contains("причина: нет замены"));
        let mut deputy = server.signed_in("deputy", PASSWORD);
        assert_eq!(deputy.get("/applications").status, 403, "the head alone agrees");
    }

    fn many_are_agreed_to_once_after_a_page_that_names_them(v: &Vekha) {
        world(v);
        apply(v, &[1001, 1002, 1003]);
        let server = Server::start(v);
        let mut director = server.signed_in("director", PASSWORD);
        assert_eq!(director.get("/applications/check").status, 422, "nothing is chosen");
        let ids = [1001, 1002, 1003].map(|p| application_of(v, p));
        let check = open(&mut director, &format!("/applications/check?id={}&id={}", ids[0], ids[1]));
        assert!(check.body.contains("Согласовать 2\u{A0}заявки?") && check.body.contains("Ёлкина"));
        let key = check.body.split("name=\"key\" value=\"").nth(1).and_then(|r| r.split('"').next()).expect("a key");
        // With one of another school among them, or one that never was, all of it is as if it were not there.
        let shown = ids.each_ref().map(|id| format!("{id}.1"));
        for stranger in [ids[2].as_str(), "7"] {
            let unseen = format!("{stranger}.1");
            let mixed = [("key", key), ("id", &shown[0]), ("id", &unseen)];
            assert_eq!(director.send(&check, "/applications/bulk", &mixed).status, 404);
            assert_eq!(director.get(&format!("/applications/check?id={}&id={stranger}", ids[0])).status, 404);
        }
        assert_eq!(in_state(v, "applied"), 3);
        // One that somebody decides on meanwhile is passed over and told.
        v.sql(&format!("UPDATE enrolment SET state = 'withdrawn' WHERE id = {}", ids[1]));
        // What names no version answers nothing that anybody has seen; of another version nothing is recorded, and that is said.
        let bare = director.send(&check, "/applications/bulk", &[("key", key), ("id", &ids[0])]);
        assert_eq!((bare.status, in_state(v, "agreed")), (400, 0), "agreed to unseen");
        let old = director.send(&check, "/applications/bulk", &[("key", &"7".repeat(64)), ("id", &format!("{}.7", ids[0]))]);
        let nothing = open(&mut director, old.header("location"));
        assert!(nothing.body.contains("Выполнено 0, пропущено 1") && nothing.body.contains("Ничего не записано"), "{}", nothing.body);
        assert!(!nothing.body.contains("Решение записано"), "{}", nothing.body);
        let fields = [("key", key), ("id", &shown[0]), ("id", &shown[1])];
        let sent = director.send(&check, "/applications/bulk", &fields);
        assert_eq!(sent.status, 303, "{}", sent.body);
        let done = open(&mut director, sent.header("location"));
        assert!(done.body.contains("Выполнено 1, пропущено 1") && done.body.contains("1\u{A0}заявка: уже рассмотрены"), "{}", done.body);
        let acts = || number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'agree-enrolment'");
        assert_eq!((acts(), in_state(v, "agreed")), (1, 1));
        let again = director.send(&check, "/applications/bulk", &fields);
        assert_eq!(again.header("location"), sent.header("location"));
        assert_eq!(open(&mut director, again.header("location")).body, done.body);
        assert_eq!(acts(), 1);
        let mut other = server.signed_in("director-3", PASSWORD);
        assert_eq!(other.get(sent.header("location")).status, 404, "the answer is whose the form was");
        let nothing = director.send(&check, "/applications/bulk", &[("key", "7"), ("id", &shown[2])]);
        assert_eq!((nothing.status, in_state(v, "applied")), (400, 1));
    }

    fn every_number_of_a_school_is_the_length_of_its_list(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut director = server.signed_in("director", PASSWORD);
        let page = open(&mut director, "/coverage?period=2022%2F23");
        let numbers: Vec<(usize, String)> = page.body.split("<div class=\"n\">").skip(1).map(|rest| {
            let shown = rest.split("</div>").next().expect("an end");
            let text = shown.rsplit_once("</a>").map_or(shown, |(head, _)| head).rsplit('>').next().expect("a number");
            let link = shown.split("href=\"").nth(1).and_then(|r| r.split('"').next());
            (text.parse().expect(text), link.map_or_else(String::new, |l| l.replace("&amp;", "&").replace("&#x3D;", "=")))
        }).collect();
        assert_eq!(numbers.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [16, 2, 2, 2, 0]);
        for (n, link) in numbers {
            match link.as_str() {
                "" => assert_eq!(n, 0),
                link => assert_eq!(rows(&open(&mut director, link)), n, "{link}"),
            }
        }
        for link in links(&page, "/staff?state=") {
            let shown = page.body.split(&link.replace('=', "&#x3D;")).nth(1).or_else(|| page.body.split(link.as_str()).nth(1));
            let shown: usize = shown.and_then(|r| r.split(['>', '<']).nth(1)).and_then(|t| t.parse().ok()).expect("a number");
            assert_eq!(rows(&open(&mut director, &link)), shown, "{link}");
        }
        assert!(page.body.contains("Прошёл диагностику"), "the title of the measure");
        assert_eq!(director.get("/staff?of=diagnosed&period=2035%2F36").status, 404);
        assert_eq!(director.get("/staff?of=nothing&period=2022%2F23").status, 404);
        assert_eq!(director.get("/schools").status, 403);
    }

    fn a_municipality_sees_numbers_and_hides_the_small_ones(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        for login in ["methodist", "authority"] {
            let mut visitor = server.signed_in(login, PASSWORD);
            let page = open(&mut visitor, "/schools?period=2022%2F23");
            let text = page.body.as_str();
            assert!(text.contains(">С2<") && text.contains(">С3<"), "the schools of the municipality");
            for hidden in [">С6<", ">Ю2<", "Фамилия", "Ёлкина"] {
                assert!(!text.contains(hidden), "{hidden}");
            }
            assert_eq!(rows(&page), 2);
            // 2 of 16 and 1 of 7 were diagnosed; the sum, 3 of 23, is few as well.
            assert!(text.contains(">16<") && text.contains(">7<") && text.contains(">23<"));
            assert!(text.matches("&lt;5").count() >= 6 && !text.contains(">2<") && !text.contains(">1<"), "{text}");
            assert_eq!(rows(&open(&mut visitor, "/schools?period=2022%2F23&q=%D1%812")), 0, "search keys of the world are empty");
            for path in links(&page, "/coverage?unit=") {
                let school = open(&mut visitor, &path);
                assert!(school.body.contains("&lt;5") && !school.body.contains("/staff"), "{path}");
            }
            let missing = same(&visitor.get("/coverage?unit=7"));
            assert_eq!(missing.0, 404);
            for hidden in ["%D0%A16", "%D0%AE2"] {
                assert_eq!(same(&visitor.get(&format!("/coverage?unit={hidden}"))), missing, "{hidden}");
            }
            assert_eq!(visitor.get("/staff").status, 403);
            assert_eq!(visitor.get("/schools?sort=nothing").status, 404);
        }
        let mut south = server.signed_in("methodist-south", PASSWORD);
        assert!(open(&mut south, "/schools").body.contains(">Ю2<"));
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_list'"), 0, "no names were read");
    }
}
