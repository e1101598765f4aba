//! The desks of the ЦНППМ and of whoever accompanies plans: from a diagnosis to a closed plan, over plain HTTP.

use std::collections::BTreeSet;

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, show, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";

/// The north: two teachers of one school, one of another school, one of the institute outside the municipality. The
/// south: one. All have deficits but the second; nobody has a plan.
fn world(v: &Vekha) {
    world_with(v, |_| ());
}

/// The same with more in it.
fn world_with(v: &Vekha, more: impl FnOnce(&mut World)) {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None).procedure(2, "Д2", "full", None);
    world.teacher(1001, 1, NORTH, 2).teacher(1002, 2, NORTH, 2);
    world.teacher(1003, 3, NORTH, 3).teacher(1004, 5, NORTH, 4);
    world.teacher(2001, 4, SOUTH, 2);
    world.passage(
        1001,
        NORTH,
        1,
        "full",
        "2023-02-01",
        &[(1, 40_000), (3, 70_000), (4, 10_000)],
    );
    world.passage(1002, NORTH, 1, "full", "2023-02-01", &[(1, 90_000)]);
    world.passage(1003, NORTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
    world.passage(1004, NORTH, 1, "full", "2023-02-01", &[(3, 50_000)]);
    world.passage(2001, SOUTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
    world.passage(2001, SOUTH, 2, "full", "2023-02-01", &[(1, 70_000)]);
    let north = unit(NORTH, 0);
    world.account(1, "teacher", Some(1001), &[("teacher", unit(NORTH, 2))]);
    world.account(2, "third", Some(1003), &[("teacher", unit(NORTH, 3))]);
    world.account(3, "staff", None, &[("cnppm_staff", north)]);
    world.account(4, "head", None, &[("cnppm_head", north)]);
    world.account(5, "town", None, &[("cnppm_head", unit(NORTH, 1))]);
    world.account(6, "south", None, &[("cnppm_head", unit(SOUTH, 0))]);
    world.account(7, "tutor", None, &[("tutor", north)]);
    world.account(8, "curator", None, &[("curator", north)]);
    world.account(9, "tutor-south", None, &[("tutor", unit(SOUTH, 0))]);
    world.account(10, "director", None, &[("school_head", unit(NORTH, 2))]);
    world.account(11, "operator", None, &[("operator", north)]);
    world.account(12, "assess", None, &[("assessment_operator", north)]);
    world.account(13, "methodist", None, &[("regional_methodist", unit(NORTH, 1))]);
    more(&mut world);
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
}

fn drafts(v: &Vekha) {
    let _made = v
        .run(&["iom", "draft", "--procedure", "Д1", "--as-of", "2023-02-10"])
        .ok();
}

fn acts(v: &Vekha, rows: &[(i64, &str, &str, &str, &str, &str)]) {
    let mut text = String::from("snils,act,item,date,by,value,reason\n");
    for (n, act, item, day, by, value) in rows {
        text.push_str(&format!("{},{act},{item},2023-02-{day},{by},{value},\n", snils(*n)));
    }
    let file = v.file("acts.csv", text);
    let _done = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
}

fn plan_of(v: &Vekha, person: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {person}"))
}

fn state_of(v: &Vekha, n: i64) -> String {
    show(v, n)[0]["state"].clone()
}

/// What is left of a page when the answer is that there is none.
fn same(page: &Page) -> (u16, String) {
    (page.status, page.body.clone())
}

/// The value of a hidden field.
#[track_caller]
fn hidden(page: &Page, name: &str) -> String {
    let found = page.body.split_once(&format!("name=\"{name}\" value=\""));
    assert!(found.is_some(), "{name}: {}", page.body);
    let (_, rest) = found.unwrap_or_default();
    rest.split_once('"').expect("its end").0.to_owned()
}

fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn act(visitor: &mut Visitor, base: &str, plan: i64, fields: &[(&str, &str)]) -> Page {
    let card = visitor.get(&format!("{base}/{plan}"));
    assert_eq!(card.status, 200, "{}", card.body);
    visitor.send(&card, &format!("{base}/{plan}/act"), fields)
}

on_both! {
    fn what_the_preview_of_drafting_shows_is_what_is_made(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        assert_eq!(staff.get("/").header("location"), "/diagnostics", "the desk opens first");
        let list = staff.get("/diagnostics");
        assert!(list.body.contains("маршрута ждут 3\u{A0}педагога") && !list.body.contains("Д2"), "{}", list.body);
        let one = staff.get(&format!("/diagnostics/procedure?code={}", code("Д1")));
        assert!(one.status == 200 && one.body.contains("Компетенция К1"), "{}", one.body);
        let preview = staff.get(&format!("/drafting?procedure={}", code("Д1")));
        assert!(preview.body.contains("Создать 3\u{A0}маршрута"), "{}", preview.body);
        assert!(preview.body.contains("Дефициты без шагов") && preview.body.contains("Компетенция К3"));
        let quiet = "летний отпуск: с\u{A0}1\u{A0}июля по\u{A0}31\u{A0}августа";
        assert!(preview.body.contains(quiet), "{}", preview.body);
        // One school of the region.
        let school = staff.get(&format!("/drafting?procedure={}&unit={}", code("Д1"), code("С3")));
        assert!(school.body.contains("Создать 1\u{A0}маршрут<"), "{}", school.body);
        // What is not the visitor's is as if it were not there: procedures and units alike.
        let missing = staff.get("/drafting?procedure=nothing");
        assert_eq!(missing.status, 404);
        for (procedure, unit) in [("Д2", ""), ("Д1", "Ю1"), ("Д1", "Ю2"), ("Д1", "нет")] {
            let path = format!("/drafting?procedure={}&unit={}", code(procedure), code(unit));
            assert_eq!(same(&staff.get(&path)), same(&missing), "{procedure} {unit}");
            let fields = [("procedure", procedure), ("unit", unit), ("expected", "1")];
            assert_eq!(same(&staff.send(&preview, "/drafting", &fields)), same(&missing), "{procedure} {unit}");
        }
        let nothing = staff.get("/diagnostics/procedure?code=nothing");
        let theirs = staff.get(&format!("/diagnostics/procedure?code={}", code("Д2")));
        assert_eq!((theirs.status, same(&theirs)), (404, same(&nothing)));
        // Another number than the one shown writes nothing.
        let wrong = staff.send(&preview, "/drafting", &[("procedure", "Д1"), ("unit", ""), ("expected", "5")]);
        assert!(wrong.status == 422 && wrong.body.contains("данные изменились"), "{}", wrong.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom"), 0);
        let fields = [("procedure", "Д1"), ("unit", ""), ("expected", &*hidden(&preview, "expected"))];
        let made = staff.send(&preview, "/drafting", &fields);
        assert_eq!(made.status, 303, "{}", made.body);
        let told = staff.get(made.header("location"));
        assert!(told.body.contains("Создано: 3\u{A0}маршрута"), "{}", told.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom"), 3);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom WHERE author_id = 3"), 3);
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM iom WHERE region_id = {}", unit(SOUTH, 0))), 0);
        // Whoever carried out the plan of this diagnosis is done with it; one that was broken off is made anew.
        v.sql(
            "UPDATE iom SET state = 'closed', outcome = 'completed' WHERE person_id = 1001; \
             UPDATE iom SET state = 'closed', outcome = 'terminated' WHERE person_id = 1003",
        );
        let anew = staff.get(&format!("/drafting?procedure={}", code("Д1")));
        assert!(anew.body.contains("Создать 1\u{A0}маршрут<"), "{}", anew.body);
        assert!(staff.get("/diagnostics").body.contains("маршрута ждёт 1\u{A0}педагог"), "{}", staff.get("/diagnostics").body);
        v.sql("UPDATE iom SET state = 'draft', outcome = NULL");
        // Sent twice, it does nothing more.
        assert_eq!(staff.send(&preview, "/drafting", &fields).status, 422);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom"), 3);
    }

    fn the_preview_names_the_first_and_says_why_they_are_more_or_fewer_than_those_without_a_plan(v: &Vekha) {
        world_with(v, |world| {
            // Another diagnosis found a deficit in one, and found that another one has none any more.
            world.passage(1002, NORTH, 2, "full", "2023-02-05", &[(3, 50_000)]);
            world.passage(1003, NORTH, 2, "full", "2023-02-20", &[(1, 90_000)]);
            for n in 0..25 {
                world.teacher(3000 + n, 100 + n, NORTH, 4);
                world.passage(3000 + n, NORTH, 1, "full", "2023-02-01", &[(4, 50_000)]);
            }
        });
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let path = format!("/drafting?procedure={}", code("Д1"));
        let page = staff.get(&path);
        assert!(page.body.contains("Создать 28\u{A0}маршрутов"), "{}", page.body);
        let (_, named) = page.body.split_once("Кому готовятся маршруты").unwrap_or_default();
        assert!(named.contains("Показаны первые 20 из 28"), "named: {}", page.body);
        assert_eq!(named.matches("Фамилия").count(), 20, "no more of them: {named}");
        for said in ["Без маршрута по этой диагностике", "28\u{A0}педагогов", "Дефицит другой диагностики", "ещё 1\u{A0}педагог:", "Дефицит уже не действует"] {
            assert!(page.body.contains(said), "{said} is not said: {}", page.body);
        }
        // What the page of the diagnosis says is where it begins.
        let one = staff.get(&format!("/diagnostics/procedure?code={}", code("Д1"))).body;
        let figures: Vec<&str> = one.split("<div class=\"n\">").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        assert_eq!(figures.get(2), Some(&"28"), "{one}");
        let school = staff.get(&format!("{path}&unit={}", code("С2")));
        let (_, named) = school.body.split_once("Кому готовятся маршруты").unwrap_or_default();
        assert!(named.contains("Фамилия1\u{A0}") && named.contains("Фамилия2\u{A0}") && !named.contains("Фамилия3\u{A0}"), "{}", school.body);
        assert!(named.contains("Компетенция К2") && !named.contains("Показаны первые"), "{}", school.body);
        // Whoever is named reads of it; whoever opens no lists is told neither names nor who differs.
        let shown = format!("SELECT count(DISTINCT person_id) AS n FROM audit_event WHERE action = '{}' AND object_kind = 'drafting' AND person_id = 1002", vekha::audit::words::SHOWN);
        assert_eq!(number(v, &shown), 1);
        let methodist = server.signed_in("methodist", PASSWORD).get(&path);
        assert!(methodist.status == 200 && !methodist.body.contains("Фамилия") && !methodist.body.contains("Дефицит другой"), "{}", methodist.body);
        // Another region is not among them.
        assert_eq!(server.signed_in("south", PASSWORD).get(&path).body.matches("Фамилия4\u{A0}").count(), 1);
    }

    fn each_role_is_offered_only_what_it_may_do_next(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let one = format!("/diagnostics/procedure?code={}", code("Д1"));
        // Whoever runs diagnoses sees their results; plans are others' work.
        let mut assess = server.signed_in("assess", PASSWORD);
        assert!(assess.get("/diagnostics").body.contains("Д1"));
        let page = assess.get(&one);
        assert!(page.status == 200 && page.body.contains("Компетенция К1"), "{}", page.body);
        assert!(!page.body.contains("/drafting") && !page.body.contains("/plans"), "{}", page.body);
        assert_eq!((assess.get("/plans").status, assess.get("/drafting").status), (403, 403));
        // A methodist drafts for the own unit, and is not sent where the door is closed.
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let path = format!("/drafting?procedure={}", code("Д1"));
        let preview = methodist.get(&path);
        // Who opens no list is told of no few people, neither in figures nor by the button nor afterwards.
        let told = |page: &Page| -> Vec<String> {
            let figures = page.body.split("<div class=\"n\">").skip(1);
            figures.filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect()
        };
        assert_eq!(told(&preview), ["&lt;5", "&lt;5", "скрыто", "&lt;5", "&lt;5"], "{}", preview.body);
        assert!(preview.body.contains(">Создать маршруты<") && !preview.body.contains("Фамилия"), "{}", preview.body);
        let school = methodist.get(&format!("{path}&unit={}", code("С2")));
        assert!(told(&school).is_empty() && school.body.contains("видно тем, кто открывает"), "{}", school.body);
        // The own municipality has no neighbours: chosen, it says what the whole says.
        let town = v.query(&format!("SELECT code FROM unit WHERE id = {}", unit(NORTH, 1))).remove(0);
        let own = methodist.get(&format!("{path}&unit={}", code(&town)));
        assert_eq!(told(&own), told(&preview), "the whole under its name: {}", own.body);
        assert!(!own.body.contains("видно тем, кто открывает"), "{}", own.body);
        let fields = [("procedure", "Д1"), ("unit", ""), ("expected", &*hidden(&preview, "expected"))];
        let made = methodist.send(&preview, "/drafting", &fields);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom"), 2, "not the institute's: {}", made.body);
        let told = methodist.get(made.header("location"));
        assert!(told.body.contains("Маршруты созданы") && !told.body.contains("href=\"/plans"), "{}", told.body);
        assert_eq!(methodist.get("/plans").status, 403);
        // The operator reads all plans of the region and prepares none.
        let mut operator = server.signed_in("operator", PASSWORD);
        let list = operator.get("/plans");
        assert!(list.body.contains("Найдено: 2") && !list.body.contains("Фамилия4"), "{}", list.body);
        assert!(!operator.get(&one).body.contains("/drafting"));
        assert_eq!((operator.get("/drafting").status, operator.get("/supporters").status), (403, 403));
        let card = operator.get(&format!("/plans/{}", plan_of(v, 1001)));
        assert!(card.status == 200 && !card.body.contains("value=\"approve\""), "{}", card.body);
        assert_eq!(server.signed_in("south", PASSWORD).get(&format!("/plans/{}", plan_of(v, 1001))).status, 404);
    }

    fn plans_are_listed_within_the_scope_and_open_by_their_card_only_there(v: &Vekha) {
        world(v);
        drafts(v);
        let server = Server::start(v);
        let mut head = server.signed_in("head", PASSWORD);
        let list = head.get("/plans");
        for (name, seen) in [("Фамилия1", true), ("Фамилия3", true), ("Фамилия5", true), ("Фамилия4", false)] {
            assert_eq!(list.body.contains(name), seen, "{name}: {}", list.body);
        }
        assert!(list.body.contains("Найдено: 3\u{A0}маршрута"));
        let filtered = head.get(&format!("/plans?state=draft&unit={}", code("С3")));
        assert!(filtered.body.contains("Фамилия3") && !filtered.body.contains("Фамилия1"), "{}", filtered.body);
        assert!(filtered.body.contains("Сбросить всё"), "chips: {}", filtered.body);
        assert!(head.get("/plans?state=paused").body.contains("Маршрутов не нашлось"));
        assert!(head.get("/plans?supporter=none").body.contains("Найдено: 3"));
        assert!(head.get("/plans?overdue=1").body.contains("Найдено: 0"));
        // Whoever looks for a name of a closed plan is led to it.
        v.sql(&format!("UPDATE iom SET state = 'closed', outcome = 'completed' WHERE id = {}", plan_of(v, 1001)));
        v.sql("UPDATE person SET search_key = 'фамилия1 имя' WHERE id = 1001");
        let search = format!("/plans?q={}", code("Фамилия1"));
        let all = format!("{search}&state=all");
        assert!(head.get(&search).body.contains("Искать и среди закрытых"), "{}", head.get(&search).body);
        assert!(head.get(&search).body.contains("&amp;state&#x3D;all\""));
        assert!(head.get(&all).body.contains("Найдено: 1\u{A0}маршрут<"), "{}", head.get(&all).body);
        assert!(!head.get(&format!("{all}1")).body.contains("Искать и среди"));
        v.sql("UPDATE iom SET state = 'draft', outcome = NULL");
        let missing = head.get("/plans/7");
        assert_eq!(missing.status, 404);
        for path in ["/plans?supporter=tutor-south".to_owned(), format!("/plans?unit={}", code("Ю2")), "/plans?state=x".into()] {
            assert_eq!(same(&head.get(&path)), same(&missing), "{path}");
        }
        // The head of a town sees its schools, not the institute, and no other region.
        let mut town = server.signed_in("town", PASSWORD);
        let list = town.get("/plans");
        assert!(list.body.contains("Фамилия1") && !list.body.contains("Фамилия5"), "{}", list.body);
        let own = town.get(&format!("/plans/{}", plan_of(v, 1001)));
        assert!(own.status == 200 && own.body.contains("Отправить педагогу"), "{}", own.body);
        let mut south = server.signed_in("south", PASSWORD);
        let form = town.get("/view");
        let missing_in_town = town.get("/plans/7");
        for (person, hidden_from_town) in [(1004, true), (2001, false)] {
            let plan = plan_of(v, person);
            if hidden_from_town {
                assert_eq!(same(&town.get(&format!("/plans/{plan}"))), same(&missing_in_town), "{person}");
                let sent = town.send(&form, &format!("/plans/{plan}/act"), &[("act", "send")]);
                assert_eq!(same(&sent), same(&missing_in_town), "{person}");
            } else {
                assert_eq!(same(&head.get(&format!("/plans/{plan}"))), same(&missing), "{person}");
                assert_eq!(south.get(&format!("/plans/{plan}")).status, 200);
            }
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'desk.read_plan'"), 2);
        assert_eq!(state_of(v, 5), "draft");
    }

    fn a_plan_goes_from_draft_to_work_by_the_buttons_of_its_cards(v: &Vekha) {
        world(v);
        drafts(v);
        acts(v, &[(1, "assign", "", "11", "staff", "tutor"), (1, "assign", "", "11", "staff", "curator")]);
        let plan = plan_of(v, 1001);
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let people = tutor.get("/people");
        assert!(people.body.contains("Отправьте маршрут педагогу"), "a draft says what to do: {}", people.body);
        assert!(tutor.get("/people?state=active").body.contains("Таких нет"));
        assert!(tutor.get("/people?state=draft&risk=waits").body.contains("Фамилия1"));
        let sent = act(&mut tutor, "/people", plan, &[("act", "send")]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        assert!(tutor.get(sent.header("location")).body.contains("Маршрут отправлен на согласование"));
        // The tutor neither approves nor starts; the buttons are not there and the rule refuses.
        let card = tutor.get(&format!("/people/{plan}"));
        assert!(!card.body.contains("Утвердить") && !card.body.contains("value=\"start\""), "{}", card.body);
        assert_eq!(tutor.send(&card, &format!("/people/{plan}/act"), &[("act", "approve")]).status, 422);
        let mut head = server.signed_in("head", PASSWORD);
        let version = format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {plan}");
        let seen = number(v, &version).to_string();
        let early = act(&mut head, "/plans", plan, &[("act", "approve"), ("seen", &seen)]);
        assert!(early.status == 422 && early.body.contains("ещё не согласовал"), "{}", early.body);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = teacher.get("/plan");
        assert_eq!(teacher.send(&page, "/plan/act", &[("act", "agree")]).status, 303);
        assert!(head.get(&format!("/plans/{plan}")).body.contains("Утвердить"));
        assert_eq!(act(&mut head, "/plans", plan, &[("act", "approve")]).status, 303);
        let seen = number(v, &version).to_string();
        let twice = act(&mut head, "/plans", plan, &[("act", "approve"), ("seen", &seen)]);
        assert_eq!(twice.status, 303, "the second press is answered as the first");
        let approvals = "SELECT count(*) AS n FROM iom_act WHERE act = 'approve'";
        assert_eq!(number(v, approvals), 1, "and does nothing");
        let mut curator = server.signed_in("curator", PASSWORD);
        assert_eq!(act(&mut curator, "/people", plan, &[("act", "start")]).status, 303);
        assert_eq!(state_of(v, 1), "active");
        // A refused form keeps what was typed and says what is wrong at the field.
        let empty = act(&mut curator, "/people", plan, &[("act", "pause"), ("reason", "")]);
        assert!(empty.status == 422 && empty.body.contains("апишите пару слов"), "{}", empty.body);
        assert!(empty.body.contains("<title>Ошибка:") && empty.body.contains("href=\"#pause-\""), "{}", empty.body);
        let help = act(&mut curator, "/people", plan, &[("act", "support"), ("reason", " \u{200B} ")]);
        assert!(help.status == 422 && help.body.contains("пару слов"), "help without words says nothing: {}", help.body);
        assert!(help.body.contains("Закрыть по сроку"), "the plan's time is over");
        v.sql(&format!("UPDATE iom SET ends_on = '2999-01-01' WHERE id = {plan}"));
        let card = curator.get(&format!("/people/{plan}")).body;
        assert!(!card.contains("Закрыть по сроку"), "it has time: {card}");
        let until = (crate::support::today() + chrono::Days::new(30)).to_string();
        let pause = [("act", "pause"), ("reason", "по заявлению педагога"), ("value", &*until)];
        assert_eq!(act(&mut curator, "/people", plan, &pause).status, 303);
        assert_eq!(state_of(v, 1), "paused");
        assert_eq!(act(&mut curator, "/people", plan, &[("act", "resume")]).status, 303);
        // Another supporter by the card: whoever accompanies the plan already is not offered again.
        v.sql(&format!(
            "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version) VALUES (30, 'tutor-2', '', 'active', \
             1, '2022-01-01 00:00:00', 1); INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (9030, 30, 'tutor', \
             {north}, '2022-01-01 00:00:00')",
            north = unit(NORTH, 0)
        ));
        let mut staff = server.signed_in("staff", PASSWORD);
        let card = staff.get(&format!("/plans/{plan}"));
        assert!(card.body.contains("tutor-2 (тьютор)") && !card.body.contains("tutor-south"), "{}", card.body);
        assert!(!card.body.contains("<option value=\"tutor\""), "named already and offered again: {}", card.body);
        // Whom one assigns is called by name where there is one.
        v.sql("UPDATE account SET name = 'Анна Ким' WHERE login = 'tutor-2'");
        let card = staff.get(&format!("/plans/{plan}"));
        assert!(card.body.contains("Анна Ким (тьютор)") && !card.body.contains(">tutor-2 ("), "{}", card.body);
        // Who has no room is offered as such, and called so in the refusal too.
        v.sql(&format!(
            "INSERT INTO supporter_capacity (id, region_id, account_id, role, rate_milli, version, recorded_at) VALUES (9030, {}, 30, 'tutor', \
             1, 1, '2022-01-01 00:00:00')",
            unit(NORTH, 0)
        ));
        let full = act(&mut staff, "/plans", plan, &[("act", "assign"), ("value", "tutor-2")]);
        assert!(full.status == 422 && full.body.contains("Анна Ким (тьютор, места нет)"), "{}", full.body);
        assert!(full.body.contains("«Анна Ким»: нет места") && !full.body.contains("«tutor-2»"), "called by a login: {}", full.body);
        let foreign = act(&mut staff, "/plans", plan, &[("act", "assign"), ("value", "tutor-south")]);
        assert_eq!(foreign.status, 422, "{}", foreign.body);
        assert_eq!(state_of(v, 4), "draft", "the other region is as it was");
    }

    fn a_teacher_opens_the_former_plan_beside_the_new_one(v: &Vekha) {
        world(v);
        drafts(v);
        acts(v, &[(1, "send", "", "11", "staff", ""), (4, "send", "", "11", "south", "")]);
        let number_of = |person: i64, which: &str| v.query(&format!("SELECT number FROM iom WHERE person_id = {person} AND {which}")).remove(0);
        let first = number_of(1001, "state = 'on_agreement'");
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        assert!(!teacher.get("/plan").body.contains("Прежние маршруты"), "there is one only");
        v.sql("UPDATE iom SET state = 'closed', outcome = 'terminated', closed_on = '2023-02-12' WHERE person_id = 1001");
        let _made = v.run(&["iom", "draft", "--procedure", "Д1", "--as-of", "2023-02-12"]).ok();
        let second = number_of(1001, "state = 'draft'");
        let page = teacher.get("/plan");
        assert!(page.body.contains(&first) && !page.body.contains("Прежние маршруты"), "a draft hides nothing: {}", page.body);
        assert!(!page.body.contains(&second), "a draft is not shown: {}", page.body);
        acts(v, &[(1, "send", "", "13", "staff", "")]);
        let page = teacher.get("/plan");
        let (above, below) = page.body.split_once("Прежние маршруты").unwrap_or((page.body.as_str(), ""));
        assert!(above.contains(&second) && below.contains(&first), "the former plan is listed: {}", page.body);
        assert!(below.contains("/plan?number&#x3D;") && below.contains("12.02.2023"), "{}", page.body);
        let of = |number: &str| format!("/plan?number={}", code(number));
        let former = teacher.get(&of(&first));
        assert!(former.status == 200 && former.body.contains("Прежний маршрут") && former.body.contains(&first), "{}", former.body);
        assert!(!former.body.contains("/plan/act") && !former.body.contains("/plan/submit"), "it is only read: {}", former.body);
        // Its papers are its own, in every link of them.
        let papers = teacher.get(&format!("/plan/paper?number={}", code(&first)));
        assert!(papers.status == 200 && papers.body.contains(&first) && !papers.body.contains(&second), "{}", papers.body);
        let links = papers.body.matches("/plan/paper?document").count();
        assert!(links > 2 && papers.body.matches("&amp;number&#x3D;").count() == links, "{}", papers.body);
        assert!(teacher.get("/plan/paper").body.contains(&second));
        for page in ["/plan/paper", "/plan/revisions"] {
            assert_eq!(teacher.get(&format!("{page}?number={}", code(&first))).status, 200, "{page}");
            assert_eq!(teacher.get(&format!("{page}?number={}", code(&second))).status, 404, "{page}");
        }
        // The plan in work has its own page, and a plan of another one is as if it were not there.
        let missing = teacher.get(&of("нет"));
        assert_eq!(missing.status, 404);
        for number in [&second, &number_of(1003, "state = 'draft'")] {
            assert_eq!(same(&teacher.get(&of(number))), same(&missing), "{number}");
        }
        let theirs = server.signed_in("third", PASSWORD).get(&of(&first));
        assert_eq!(theirs.status, 404, "{}", theirs.body);
    }

    fn a_plan_that_ended_before_its_approval_is_told_as_what_it_was(v: &Vekha) {
        world(v);
        drafts(v);
        let (one, four) = (snils(1), snils(4));
        let file = v.file("ended.csv", format!(
            "snils,act,item,date,by,value,reason\n{one},assign,,2023-02-11,staff,curator,\n{one},send,,2023-02-11,staff,,\n\
             {one},close-terminated,,2023-02-12,curator,,replaced\n{four},send,,2023-02-11,south,,\n"
        ));
        let _done = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
        let (plan, theirs) = (plan_of(v, 1001), plan_of(v, 2001));
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let own = teacher.get("/plan").body;
        for page in [&own, &staff.get(&format!("/plans/{plan}")).body] {
            for told in ["выполнено: </span>Составлен", ": </span>Согласование не завершено", ": </span>Прекращён 12.02.2023"] {
                assert!(page.contains(told), "{told}: {page}");
            }
            assert!(!page.contains(": </span>Утверждён") && !page.contains(": </span>В работе"), "told as approved: {page}");
        }
        let mut south = server.signed_in("south", PASSWORD);
        let open = south.get(&format!("/plans/{theirs}")).body;
        assert!(open.contains("сейчас: </span>Согласование") && open.contains("не начато: </span>Утверждён"), "{open}");
        let sheet = |who: &mut Visitor, plan: i64| who.get(&format!("/plans/{plan}/paper?document=correction")).body;
        let ended = sheet(&mut staff, plan);
        let never = ended.contains("Маршрут не был утверждён: до утверждения он прекращён 12.02.2023.");
        assert!(never && !ended.contains("не менялся"), "nothing was approved: {ended}");
        assert!(ended.contains("<h2>1. Изменения маршрута</h2>"), "{ended}");
        assert!(sheet(&mut south, theirs).contains("Маршрут ещё не утверждён"), "it may still be");
        // What comes next is said by the reason and by what waits for a plan.
        let told = own.contains("Прекращён: заменён другим ИОМ") && own.contains("ваши дефициты ждут его");
        assert!(told && !own.contains("после следующей диагностики"), "deficits wait unsaid: {own}");
        v.sql(
            "UPDATE iom SET state = 'closed', outcome = 'completed', closed_on = '2023-02-12', first_visible_on = '2023-02-11' \
             WHERE person_id = 1003",
        );
        let answered = server.signed_in("third", PASSWORD).get("/plan").body;
        assert!(answered.contains("после следующей диагностики") && !answered.contains("дефициты ждут"), "{answered}");
        let _made = v.run(&["iom", "draft", "--procedure", "Д1", "--as-of", "2023-02-13"]).ok();
        let own = teacher.get("/plan").body;
        assert!(own.contains("Другой маршрут уже составляют") && !own.contains("дефициты ждут"), "{own}");
    }

    fn a_curator_sends_many_drafts_after_a_look_at_whom_they_go_to(v: &Vekha) {
        world(v);
        drafts(v);
        acts(v, &[1, 3, 5].map(|n| (n, "assign", "", "11", "staff", "curator")));
        let (third, theirs) = (plan_of(v, 1003), plan_of(v, 2001).to_string());
        v.sql(&format!("UPDATE iom_goal SET removed_at = '2023-02-11 00:00:00' WHERE iom_id = {third}"));
        let server = Server::start(v);
        let mut curator = server.signed_in("curator", PASSWORD);
        let people = curator.get("/people");
        assert!(people.body.contains("Отправить педагогам 3\u{A0}черновика"), "{}", people.body);
        let of_form = |page: &Page| -> Vec<String> {
            let boxes = page.body.split("name=\"plan\" value=\"").skip(1);
            boxes.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
        };
        let list = curator.get("/people?state=draft");
        let ticked = of_form(&list);
        assert_eq!(ticked.len(), 3, "{}", list.body);
        let nothing = curator.send(&list, "/people/send", &[]);
        assert!(nothing.status == 422 && nothing.body.contains("Отметьте хотя бы один черновик"), "{}", nothing.body);
        for stranger in [theirs.as_str(), "7", "почти"] {
            let refused = curator.send(&list, "/people/send", &[("plan", ticked[0].as_str()), ("plan", stranger)]);
            assert!(refused.status == 404 && !refused.body.contains("Фамилия"), "all or none: {}", refused.body);
        }
        let all: Vec<(&str, &str)> = ticked.iter().map(|id| ("plan", id.as_str())).collect();
        let check = curator.send(&list, "/people/send", &all);
        assert!(check.status == 200 && check.body.contains("Фамилия1\u{A0}"), "{}", check.body);
        // What stands in the way is said before, and so is whom the plan does not reach yet.
        assert!(check.body.contains("Отправить 2\u{A0}маршрута?") && check.body.contains("нет ни одной цели"), "said before: {}", check.body);
        assert_eq!(check.body.matches("Учётной записи нет").count(), 1, "{}", check.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'send'"), 0, "a look does nothing");
        let (key, seen) = (hidden(&check, "key"), of_form(&check));
        assert_eq!(seen.len(), 2, "{}", check.body);
        for (plan, status) in [(ticked[0].as_str(), 400), (&*format!("{theirs}.1"), 404)] {
            let refused = curator.send(&check, "/people/send/all", &[("key", &*key), ("plan", plan)]);
            assert_eq!(refused.status, status, "{plan}: {}", refused.body);
        }
        // One of them is sent by its own page meanwhile.
        acts(v, &[(5, "send", "", "13", "staff", "")]);
        let fields = [("key", &*key), ("plan", &*seen[0]), ("plan", &*seen[1])];
        for _ in 0..2 {
            let done = curator.send(&check, "/people/send/all", &fields);
            assert_eq!((done.status, done.header("location")), (303, &*format!("/people/send/done/{key}")), "{}", done.body);
        }
        let told = curator.get(&format!("/people/send/done/{key}"));
        assert!(told.body.contains("Отправлено: 1, пропущено: 1") && told.body.contains("Фамилия5\u{A0}"), "{}", told.body);
        assert_eq!((state_of(v, 1), state_of(v, 3), state_of(v, 5)), ("on_agreement".into(), "draft".into(), "on_agreement".into()));
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'send'"), 2, "sent once each");
        for login in ["tutor", "tutor-south"] {
            assert_eq!(server.signed_in(login, PASSWORD).get(&format!("/people/send/done/{key}")).status, 404, "{login}");
        }
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let form = tutor.get("/people");
        assert_eq!(tutor.send(&form, "/people/send", &[("plan", &*third.to_string())]).status, 404, "whom the tutor does not accompany");
    }

    fn several_plans_are_approved_after_a_look_at_their_names(v: &Vekha) {
        world(v);
        drafts(v);
        acts(v, &[
            (1, "send", "", "11", "staff", ""),
            (1, "agree", "", "12", "teacher", ""),
            (3, "send", "", "11", "staff", ""),
            (3, "agree", "", "12", "third", ""),
            (4, "send", "", "11", "south", ""),
        ]);
        let (first, third, theirs) = (plan_of(v, 1001), plan_of(v, 1003), plan_of(v, 2001));
        let (first, third, theirs) = (first.to_string(), third.to_string(), theirs.to_string());
        let server = Server::start(v);
        let mut head = server.signed_in("head", PASSWORD);
        let desk = head.get("/diagnostics");
        assert!(desk.body.contains("href=\"/plans?state&#x3D;agreed\">2\u{A0}маршрута ждут вашего утверждения"), "{}", desk.body);
        assert!(!server.signed_in("staff", PASSWORD).get("/diagnostics").body.contains("вашего утверждения"));
        let list = head.get("/plans?state=agreed");
        assert!(list.body.contains(&format!("value=\"{first}\"")) && list.body.contains("Фамилия3"), "{}", list.body);
        assert_eq!(head.send(&list, "/plans/approve", &[]).status, 422, "nothing is ticked");
        for stranger in [theirs.as_str(), "7", "почти"] {
            let refused = head.send(&list, "/plans/approve", &[("plan", first.as_str()), ("plan", stranger)]);
            assert!(refused.status == 404 && !refused.body.contains("Фамилия"), "all or none: {}", refused.body);
        }
        let ids = [("plan", first.as_str()), ("plan", third.as_str())];
        let check = head.send(&list, "/plans/approve", &ids);
        assert!(check.status == 200 && check.body.contains("Утвердить 2\u{A0}маршрута"), "{}", check.body);
        assert!(check.body.contains("Фамилия1") && !check.body.contains("Фамилия4"), "{}", check.body);
        let key = hidden(&check, "key");
        let seen: Vec<&str> = check.body.split("name=\"plan\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(seen.len(), 2, "{}", check.body);
        // What was not seen, what is another's and what does not read refuse the whole form.
        for (plan, status) in [(third.as_str(), 400), (&*format!("{theirs}.1"), 404), ("7.1", 404), ("почти", 404), ("7.x", 404)] {
            let refused = head.send(&check, "/plans/approve/all", &[("key", &*key), ("plan", seen[0]), ("plan", plan)]);
            assert!(refused.status == status && !refused.body.contains("Фамилия"), "{plan}: {} {}", refused.status, refused.body);
        }
        assert_eq!(head.send(&check, "/plans/approve/all", &[("plan", seen[0])]).status, 400, "no key");
        assert_eq!((state_of(v, 1), state_of(v, 3)), ("on_agreement".into(), "on_agreement".into()));
        // One of them is approved by its own page meanwhile.
        acts(v, &[(3, "approve", "", "13", "head", "")]);
        let fields = [("key", &*key), ("plan", seen[0]), ("plan", seen[1])];
        let done = head.send(&check, "/plans/approve/all", &fields);
        let told = head.get(done.header("location"));
        assert!(told.body.contains("Утверждено: 1, пропущено: 1") && told.body.contains("Фамилия3"), "{}", told.body);
        assert_eq!((state_of(v, 1), state_of(v, 3), state_of(v, 4)), ("approved".into(), "approved".into(), "on_agreement".into()));
        // The same form again is answered as it was; the same key with another choice does nothing.
        let again = head.send(&check, "/plans/approve/all", &fields);
        assert_eq!(head.get(again.header("location")).body.matches("Утверждено: 1, пропущено: 1").count(), 1);
        let other = head.send(&check, "/plans/approve/all", &fields[..2]);
        assert!(other.status == 409 && !other.body.contains("Фамилия"), "{} {}", other.status, other.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'approve'"), 2);
        // What is approved or was never agreed is named before, with the reason.
        v.sql(&format!("UPDATE iom SET state = 'on_agreement', agreed_on = NULL WHERE id = {third}"));
        let late = head.send(&list, "/plans/approve", &ids);
        assert!(late.status == 422 && late.body.contains("Маршруты не выбраны"), "{}", late.body);
        assert!(late.body.contains("маршрут в состоянии «утверждён»") && late.body.contains("педагог ещё не согласовал"), "{}", late.body);
        let at = done.header("location").to_owned();
        assert_eq!(server.signed_in("town", PASSWORD).get(&at).status, 404, "an answer is its asker's");
        let mut staff = server.signed_in("staff", PASSWORD);
        let form = staff.get("/view");
        assert_eq!(staff.send(&form, "/plans/approve/all", &fields).status, 403);
    }

    fn a_curator_closes_a_plan_with_an_outcome_for_each_deficit(v: &Vekha) {
        world(v);
        drafts(v);
        acts(v, &[
            (1, "assign", "", "11", "staff", "curator"),
            (1, "assign", "", "11", "staff", "tutor"),
            (1, "send", "", "11", "staff", ""),
            (1, "agree", "", "12", "teacher", ""),
            (1, "approve", "", "13", "head", ""),
            (1, "start", "", "14", "curator", ""),
        ]);
        let items: Vec<String> = show(v, 1).iter().map(|r| r["item"].clone()).filter(|n| !n.is_empty()).collect();
        assert!(items.len() >= 2);
        let plan = plan_of(v, 1001);
        let server = Server::start(v);
        let mut curator = server.signed_in("curator", PASSWORD);
        let close = format!("/people/{plan}/close");
        let early = curator.get(&close);
        assert!(early.body.contains("Закрыть пока нельзя"), "{}", early.body);
        let invites = |page: &Page| page.body.contains(&format!("class=\"btn-v\" href=\"{close}\""));
        assert!(!invites(&curator.get(close.trim_end_matches("/close"))), "steps stand in the way");
        let handed_in: Vec<_> = items.iter().map(|n| (1, "submit", n.as_str(), "15", "teacher", "")).collect();
        acts(v, &handed_in);
        // Several steps in one form.
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut fields = vec![("act", "accept")];
        assert_eq!(act(&mut tutor, "/people", plan, &fields).status, 422, "nothing is ticked");
        let card = tutor.get(&format!("/people/{plan}")).body;
        let steps = card.split("name=\"item\" value=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let steps: BTreeSet<&str> = steps.filter(|step| step.contains('.')).collect();
        fields.extend(steps.iter().map(|step| ("item", *step)));
        let accepted = act(&mut tutor, "/people", plan, &fields);
        assert!(tutor.get(accepted.header("location")).body.contains("Зачтено: "), "{}", accepted.body);
        assert!(invites(&curator.get(close.trim_end_matches("/close"))), "closing is the next thing to do");
        assert!(show(v, 1).iter().filter(|r| !r["item"].is_empty()).all(|r| r["item_state"] == "accepted"));
        assert!(!tutor.get(&format!("/people/{plan}")).body.contains("/close"), "the tutor does not close");
        assert_eq!(same(&tutor.get(&close)), same(&tutor.get("/people/7/close")));
        let form = curator.get(&close);
        let mut names: Vec<String> = form
            .body
            .split("name=\"outcome-")
            .skip(1)
            .map(|rest| format!("outcome-{}", rest.split('"').next().expect("its end")))
            .collect();
        names.dedup();
        assert_eq!(names.len(), 3, "a choice for each deficit: {}", form.body);
        let wrong = curator.send(&form, &close, &[(&names[0], "closed"), ("conclusion", "")]);
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("value=\"closed\" checked") && wrong.body.contains("Напишите заключение"), "{}", wrong.body);
        let answers = [
            (names[0].as_str(), "closed"),
            (names[1].as_str(), "reduced"),
            (names[2].as_str(), "remained"),
            ("conclusion", "итоги разобраны на встрече"),
        ];
        let check = curator.send(&form, &close, &answers);
        assert!(check.status == 200 && check.body.contains("Проверьте итоги"), "{}", check.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_deficit WHERE outcome IS NOT NULL"), 0);
        let sure = [&answers[..], &[("sure", "yes")]].concat();
        let done = curator.send(&check, &close, &sure);
        assert_eq!(done.status, 303, "{}", done.body);
        assert!(curator.get(done.header("location")).body.contains("Маршрут выполнен"));
        assert_eq!((state_of(v, 1), show(v, 1)[0]["outcome"].clone()), ("closed".into(), "completed".into()));
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_deficit WHERE outcome = 'remained'"), 1);
        assert_eq!(curator.send(&check, &close, &sure).status, 409, "sent twice it does nothing more");
        // The head takes it back, with a reason.
        let mut head = server.signed_in("head", PASSWORD);
        let offered = |page: &Page| page.body.contains("name=\"act\" value=\"reopen\"");
        assert!(offered(&head.get(&format!("/plans/{plan}"))), "the way back into work");
        assert_eq!(act(&mut head, "/plans", plan, &[("act", "reopen"), ("reason", "")]).status, 422);
        assert_eq!(act(&mut head, "/plans", plan, &[("act", "reopen"), ("reason", "ошибка в итогах")]).status, 303);
        assert_eq!(state_of(v, 1), "active");
        let _checked = v.run(&["check"]).ok();
        // A plan that nobody has approved has no work to go back to.
        let other = plan_of(v, 1003);
        v.sql(&format!("UPDATE iom SET state = 'closed', outcome = 'terminated', closed_on = '2023-02-12' WHERE id = {other}"));
        let card = head.get(&format!("/plans/{other}"));
        assert!(card.status == 200 && !offered(&card), "offered in vain: {}", card.body);
    }

    fn closing_that_the_rule_refuses_leaves_no_outcome_behind(v: &Vekha) {
        world(v);
        drafts(v);
        acts(v, &[
            (3, "assign", "", "11", "staff", "curator"),
            (3, "send", "", "11", "staff", ""),
            (3, "agree", "", "12", "third", ""),
            (3, "approve", "", "13", "head", ""),
            (3, "start", "", "14", "curator", ""),
        ]);
        let plan = plan_of(v, 1003);
        let server = Server::start(v);
        let mut curator = server.signed_in("curator", PASSWORD);
        let close = format!("/people/{plan}/close");
        let form = curator.get(&close);
        assert!(form.body.contains("Закрыть пока нельзя") && !form.body.contains("outcome-"), "{}", form.body);
        // A form that was open before the step came back.
        let deficit = format!("SELECT id AS n FROM iom_deficit WHERE iom_id = {plan}");
        let name = format!("outcome-{}", number(v, &deficit));
        let seen = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {plan}")).to_string();
        let sure = [(name.as_str(), "closed"), ("conclusion", "всё сделано"), ("sure", "yes"), ("seen", &seen)];
        let refused = curator.send(&form, &close, &sure);
        assert!(refused.status == 422 && refused.body.contains("Не зачтены обязательные шаги"), "{}", refused.body);
        assert!(refused.body.contains("всё сделано"), "what was typed stays");
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_deficit WHERE outcome IS NOT NULL"), 0);
        assert_eq!(state_of(v, 3), "active");
    }

    fn a_course_is_enrolled_and_its_document_closes_the_step(v: &Vekha) {
        world(v);
        drafts(v);
        let item = show(v, 1).into_iter().find(|r| !r["programme"].is_empty()).expect("a course")["item"].clone();
        acts(v, &[
            (1, "send", "", "11", "staff", ""),
            (1, "agree", "", "12", "teacher", ""),
            (1, "approve", "", "13", "head", ""),
            (1, "apply", &item, "14", "teacher", ""),
            (1, "agree-enrolment", &item, "15", "director", ""),
        ]);
        let plan = plan_of(v, 1001);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        // The first desk says what waits; its link and the list agree, and the other region has nothing of it.
        let waits = |staff: &mut Visitor, course: &str| {
            let listed = staff.get(&format!("/plans?course={course}"));
            let link = staff.get("/diagnostics").body.contains(&format!("href=\"/plans?course&#x3D;{course}\""));
            assert_eq!(link, listed.body.contains("Найдено: 1\u{A0}маршрут<"), "{course}: {}", listed.body);
            assert_eq!(link, listed.body.contains("Фамилия1"), "{course}: {}", listed.body);
            link
        };
        assert_eq!((waits(&mut staff, "enrolment"), waits(&mut staff, "completion")), (true, false));
        assert!(staff.get("/diagnostics").body.contains("1\u{A0}педагог ждёт зачисления на курс"));
        let mut south = server.signed_in("south", PASSWORD);
        assert!(south.get("/plans?course=enrolment").body.contains("Найдено: 0"));
        assert!(!south.get("/diagnostics").body.contains("course"));
        assert_eq!(same(&staff.get("/plans?course=x")), same(&staff.get("/plans/7")));
        assert_eq!(act(&mut staff, "/plans", plan, &[("act", "enrol"), ("item", &item)]).status, 303);
        assert_eq!((waits(&mut staff, "enrolment"), waits(&mut staff, "completion")), (false, true));
        let none = act(&mut staff, "/plans", plan, &[("act", "complete"), ("item", &item), ("value", "")]);
        assert!(none.status == 422 && none.body.contains("Укажите номер документа"), "{}", none.body);
        let fields = [("act", "complete"), ("item", item.as_str()), ("value", "72-000118")];
        assert_eq!(act(&mut staff, "/plans", plan, &fields).status, 303);
        assert!(show(v, 1).iter().any(|r| r["item"] == item && r["item_state"] == "accepted"));
        assert_eq!(number(v, "SELECT count(*) AS n FROM qualification_document WHERE number = '72-000118'"), 1);
        assert_eq!((waits(&mut staff, "enrolment"), waits(&mut staff, "completion")), (false, false));
    }

    fn supporters_are_assigned_as_the_preview_says(v: &Vekha) {
        world(v);
        drafts(v);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let list = staff.get("/supporters");
        assert!(list.body.contains(">tutor<") && !list.body.contains("tutor-south"), "{}", list.body);
        let missing = staff.get("/supporters/assign?unit=nothing&kind=tutor");
        assert_eq!(missing.status, 404);
        for path in [format!("/supporters/assign?unit={}&kind=tutor", code("Ю1")), "/supporters/assign?kind=tutor".into()] {
            assert_eq!(same(&staff.get(&path)), same(&missing), "{path}");
        }
        let preview = staff.get(&format!("/supporters/assign?unit={}&kind=tutor", code("С1")));
        assert!(preview.body.contains("Назначить на 2\u{A0}маршрута"), "{}", preview.body);
        assert!(!preview.body.contains("tutor-south"), "{}", preview.body);
        let expected = hidden(&preview, "expected");
        let wrong = [("unit", "С1"), ("kind", "tutor"), ("expected", "9")];
        assert_eq!(staff.send(&preview, "/supporters/assign", &wrong).status, 422);
        let foreign = [("unit", "Ю1"), ("kind", "tutor"), ("expected", "1")];
        assert_eq!(same(&staff.send(&preview, "/supporters/assign", &foreign)), same(&missing));
        assert_eq!(number(v, "SELECT count(*) AS n FROM supporter"), 0);
        let fields = [("unit", "С1"), ("kind", "tutor"), ("expected", expected.as_str())];
        let done = staff.send(&preview, "/supporters/assign", &fields);
        assert_eq!(done.status, 303, "{}", done.body);
        assert!(staff.get(done.header("location")).body.contains("Назначено: 2\u{A0}маршрута"));
        assert_eq!(number(v, "SELECT count(*) AS n FROM supporter"), 2);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'assign' AND account_id = 3"), 2);
        assert_eq!(staff.send(&preview, "/supporters/assign", &fields).status, 422, "sent twice it does nothing more");
        let list = staff.get("/supporters");
        assert!(list.body.contains("/plans?supporter&#x3D;tutor"), "{}", list.body);
        // Whoever got plans is told once of how many; nobody of the other region is.
        let told = |login: &str| {
            let of = format!("a.login = '{login}' AND n.kind = 'supporters_assigned'");
            number(v, &format!("SELECT count(*) AS n FROM notice n JOIN account a ON a.id = n.account_id WHERE {of}"))
        };
        assert_eq!((told("tutor"), told("tutor-south"), told("staff")), (1, 0, 0), "untold of the plans");
        let notices = server.signed_in("tutor", PASSWORD).get("/notices");
        assert!(notices.body.contains("Вам поручены маршруты педагогов: 2") && notices.body.contains("href=\"/people\""), "{}", notices.body);
        let letters = "SELECT count(*) AS n FROM outbox_mail WHERE kind = 'supporters_assigned' AND account_id = 7";
        assert_eq!(number(v, letters), 1);
        let named = "SELECT count(*) AS n FROM notice WHERE kind = 'iom_progress' AND body LIKE '%вас теперь%'";
        assert_eq!(number(v, named), 0, "of a draft nobody is told who accompanies it");
        // Who assigns plans to oneself knows.
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (9003, 3, 'tutor', {}, '2022-01-01 00:00:00')",
            unit(NORTH, 0)
        ));
        let page = staff.get("/account");
        assert_eq!(staff.send(&page, "/role", &[("role", "cnppm_staff")]).status, 303);
        let preview = staff.get(&format!("/supporters/assign?unit={}&kind=tutor", code("С0")));
        let expected = hidden(&preview, "expected");
        let fields = [("unit", "С0"), ("kind", "tutor"), ("expected", expected.as_str())];
        assert_eq!(staff.send(&preview, "/supporters/assign", &fields).status, 303);
        assert_eq!(number(v, "SELECT count(*) AS n FROM supporter WHERE account_id = 3"), 1);
        assert_eq!((told("tutor"), told("staff")), (1, 0));
        // What was told of a role that is over is told no more.
        v.sql("UPDATE role_grant SET valid_to = '2023-03-01' WHERE account_id = 7");
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (9007, 7, 'mentor', {}, '2022-01-01 00:00:00')",
            unit(NORTH, 0)
        ));
        let notices = server.signed_in("tutor", PASSWORD).get("/notices");
        assert!(!notices.body.contains("Вам поручены"), "{}", notices.body);
    }
}
