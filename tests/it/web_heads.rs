//! Heads of schools are told of an indicator: who is told, what, and that nobody learns the number of another school.

use std::collections::BTreeSet;

use crate::figures_pages::plain;
use crate::laid::World;
use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::number;

const PASSWORD: &str = "хороший длинный пароль";
/// A pack of both regions with one indicator and its target.
const PACK: &str = r#"
code = "own"
version = 1
title = "Своя методика"
regions = ["РЕГ-А", "РЕГ-Б"]
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2023"]

[[indicator]]
code = "seen"
title = "Прошли диагностику"
formula = "share(count(person where diagnosed(kind in (full))), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"
targets = { "2023" = 60 }
"#;

/// A pack of an indicator whose base nobody has brought.
const APART: &str = r#"
code = "apart"
version = 1
title = "Ещё одна методика"
regions = ["РЕГ-А", "РЕГ-Б"]
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2023"]

[[indicator]]
code = "apart"
title = "Прошли диагностику, из всех по федеральной форме"
formula = "share(count(person where diagnosed(kind in (full))), sum(municipality, pedagogical_federal))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"
"#;

/// A pack of an indicator that tells what a diagnosis came to.
const LEVEL: &str = r#"
code = "level"
version = 1
title = "Методика уровней"
regions = ["РЕГ-А", "РЕГ-Б"]
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2023"]

[[indicator]]
code = "passed"
title = "Прошли диагностику успешно"
formula = "share(count(person where diagnosed(kind in (full), success)), count(person where pedagogical))"
population = "Педагоги"
unit = "%"
source = "Записи"
direction = "higher_is_better"
targets = { "2023" = 90 }
"#;

/// A pack of plain counts: of people, of their plans, and of whoever passed a diagnosis.
const COUNTED: &str = r#"
code = "counted"
version = 1
title = "Методика чисел"
regions = ["РЕГ-А", "РЕГ-Б"]
period_kind = "calendar_year"
reference_day = "12-31"
years = ["2023"]

[[indicator]]
code = "all"
title = "Педагоги"
formula = "count(person where pedagogical)"
population = "Педагоги"
unit = "человек"
source = "Записи"
direction = "neutral"

[[indicator]]
code = "plans"
title = "Маршруты"
formula = "count(iom where formed)"
population = "Маршруты"
unit = "маршрут"
source = "Записи"
direction = "neutral"

[[indicator]]
code = "passed"
title = "Прошли диагностику успешно"
formula = "count(person where pedagogical and diagnosed(kind in (full), success))"
population = "Педагоги"
unit = "человек"
source = "Записи"
direction = "neutral"
"#;

/// Schools: letter of the region, number of the town, code, teachers, diagnosed.
const SCHOOLS: [(&str, usize, &str, usize, usize); 6] = [
    ("А", 1, "ОО-А1", 20, 6),
    ("А", 1, "ОО-А3", 20, 14),
    ("А", 1, "ОО-А4", 20, 10),
    ("А", 2, "ОО-А2", 4, 3),
    ("Б", 1, "ОО-Б1", 20, 6),
    ("Б", 2, "ОО-Б2", 20, 6),
];

fn account(world: &mut World, id: i64, login: &str, (role, unit): (&str, i64), hash: &str) {
    world.also(&format!(
        "INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version)
         VALUES ({id}, '{login}', '{hash}', 'active', 1, '2023-01-01 00:00:00', 1)"
    ));
    world.also(&format!(
        "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at)
         VALUES ({id}, {id}, '{role}', {unit}, '2023-01-01 00:00:00')"
    ));
}

/// Two regions of two towns. In the first town of «А» one school has a head, one a deputy alone, one nobody.
fn laid(v: &Vekha) -> Server {
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    let mut world = World::new();
    let mut next = 500_000;
    for letter in ["А", "Б"] {
        let low = letter.to_lowercase();
        let region = world.region(&format!("РЕГ-{letter}"));
        let mut add = |world: &mut World, login: &str, role: &str, unit: i64| {
            next += 1;
            account(world, next, login, (role, unit), &hash);
        };
        add(&mut world, &format!("operator-{low}"), "operator", region);
        let mut towns = Vec::new();
        for n in 1..=2 {
            let town = world.unit("municipality", &format!("МО-{letter}{n}"), Some((region, region)));
            add(&mut world, &format!("methodist-{low}{n}"), "municipal_methodist", town);
            towns.push(town);
        }
        for (_, town, school, teachers, diagnosed) in SCHOOLS.iter().filter(|(of, ..)| *of == letter) {
            let own = world.unit("organisation", school, Some((region, towns[town - 1])));
            let (role, login) = match *school {
                "ОО-А3" => ("school_admin", "deputy-а3".to_owned()),
                "ОО-А4" => ("", String::new()),
                other => (
                    "school_head",
                    format!("head-{}", other.trim_start_matches("ОО-").to_lowercase()),
                ),
            };
            if !role.is_empty() {
                add(&mut world, &login, role, own);
            }
            for n in 0..*teachers {
                let who = world.person(region, &format!("{school}-{n:02}"), "1980-01-01");
                world.job(who, own, "teaching main", "2010-01-01", "");
                if n < *diagnosed {
                    world.passage(who, "full", "2023-03-01", 90);
                }
                // Two plans in each school, both of one teacher.
                if n == 0 {
                    let _first = world.plan(who, &["2023-01-10 on_agreement", "2023-02-20 closed completed"]);
                    let _second = world.plan(who, &["2023-04-01 on_agreement"]);
                }
            }
        }
    }
    world.lay(v);
    drop(v.run(&["pack", "load", text(&v.file("own.toml", PACK))]).ok());
    drop(v.run(&["values", "--pack", "own", "--period", "2023"]).ok());
    drop(v.run(&["pack", "load", text(&v.file("apart.toml", APART))]).ok());
    drop(v.run(&["values", "--pack", "apart", "--period", "2023"]).ok());
    drop(v.run(&["pack", "load", text(&v.file("level.toml", LEVEL))]).ok());
    drop(v.run(&["values", "--pack", "level", "--period", "2023"]).ok());
    drop(v.run(&["pack", "load", text(&v.file("counted.toml", COUNTED))]).ok());
    drop(v.run(&["values", "--pack", "counted", "--period", "2023"]).ok());
    Server::start(v)
}

fn code(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn heads(unit: &str) -> String {
    format!("/heads/own/seen?period=2023&unit={}", code(unit))
}

/// The words of a page without its marks.
fn words(page: &Page) -> String {
    let text = page.body.replace('>', "> ").replace('<', " <");
    let text = plain(&text).replace('\u{A0}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(visitor: &mut Visitor, path: &str, what: &[&str]) -> String {
    let page = visitor.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let said = words(&page);
    for one in what {
        assert!(said.contains(one), "{path} {one}: {said}");
    }
    said
}

/// Ids of those whom a page of the staff names.
#[track_caller]
fn named(page: &Page) -> BTreeSet<String> {
    assert_eq!(page.status, 200, "{}", page.body);
    let links = page.body.split("href=\"/staff/").skip(1);
    let ids = links.filter_map(|rest| rest.split('"').next());
    ids.filter(|id| id.parse::<i64>().is_ok()).map(str::to_owned).collect()
}

/// The lists of people of the school that a page opens.
fn staff_links(page: &Page) -> Vec<String> {
    let links = page.body.split("href=\"").skip(1);
    let links = links.filter_map(|rest| rest.split('"').next());
    let links = links.map(|link| link.replace("&#x3D;", "=").replace("&amp;", "&"));
    links.filter(|link| link.starts_with("/staff?indicator=")).collect()
}

#[track_caller]
fn key(page: &Page) -> String {
    let rest = page.body.split("name=\"key\" value=\"").nth(1);
    rest.and_then(|rest| rest.split('"').next()).expect("a key").to_owned()
}

/// The words of the notices of an account, and where they lead.
fn told(v: &Vekha, login: &str) -> Vec<(String, String)> {
    let bodies = v.query(&format!(
        "SELECT n.body FROM notice n JOIN account a ON a.id = n.account_id WHERE n.kind = 'indicator_told' AND a.login = '{login}' \
         ORDER BY n.id"
    ));
    let part = |body: &serde_json::Value, name: &str| body[name].as_str().expect(name).replace('\u{A0}', " ");
    let read = |body: &String| {
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        (part(&body, "said"), format!("/{}", part(&body, "place")))
    };
    bodies.iter().map(read).collect()
}

/// The only notice.
#[track_caller]
fn only(mut all: Vec<(String, String)>) -> (String, String) {
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

const SENT: &str = "SELECT count(*) AS n FROM notice WHERE kind = 'indicator_told'";

on_both! {
    // rows: CH-F02
    fn a_methodist_tells_the_heads_of_the_own_schools_and_nobody_else(v: &Vekha) {
        let server = laid(v);
        let mut methodist = server.signed_in("methodist-а1", PASSWORD);
        let link = methodist.get(&format!("/indicators/own/seen?period=2023&unit={}", code("МО-А1")));
        assert!(link.body.contains("Сообщить руководителям"), "{}", link.body);
        let said = says(&mut methodist, &heads("МО-А1"), &[
            "30,0 %", "Не хватает: 6 человек", "50,0 %", "70,0 %", "Цель достигнута", "head-а1", "deputy-а3, заместитель",
            "некому сообщить", "не достигшим цели: 1 организация", "всем, у кого есть значение: 2 организации", "ещё не сообщали",
        ]);
        // Those below the target stand first; nothing of another town is there.
        let place = |what: &str| said.find(what).expect(what);
        assert!(place("ОО-А1") < place("ОО-А4") && place("ОО-А4") < place("ОО-А3"), "{said}");
        assert!(!said.contains("ОО-А2") && !said.contains("ОО-Б"), "{said}");
        // Whom nobody reads for is counted where there is one, and no zero is said.
        assert!(said.contains("Некому сообщить 1 организация"), "{said}");
        let everyone = says(&mut server.signed_in("methodist-б1", PASSWORD), &heads("МО-Б1"), &["ОО-Б1"]);
        assert!(!everyone.contains("Некому сообщить"), "a zero is said: {everyone}");
        let page = methodist.get(&heads("МО-А1"));
        let own = key(&page);
        // Nothing goes while it is not said to whom.
        let unsaid = methodist.send(&page, &heads("МО-А1"), &[("key", &own), ("whom", ""), ("note", "")]);
        assert!(unsaid.status == 422 && unsaid.body.contains("Выберите, кому сообщить."), "{}", unsaid.body);
        let long = "я".repeat(181);
        let longer = methodist.send(&page, &heads("МО-А1"), &[("key", &own), ("whom", "below"), ("note", &long)]);
        assert!(longer.status == 422 && longer.body.contains(&long), "what was typed stays: {}", longer.body);
        assert_eq!(number(v, SENT), 0);
        let form = [("key", own.as_str()), ("whom", "below"), ("note", "Обсудим в среду")];
        for _ in 0..2 {
            let done = methodist.send(&page, &heads("МО-А1"), &form);
            assert_eq!(done.status, 303, "{}", done.body);
            assert_eq!(number(v, SENT), 1, "the same form sends nothing more");
        }
        // With other words it is said that the message has gone, and nothing of records.
        let other = methodist.send(&page, &heads("МО-А1"), &[("key", &own), ("whom", "below"), ("note", "И в пятницу")]);
        assert!(other.status == 422 && other.body.contains("Сообщение уже отправлено"), "{}", other.body);
        assert!(!other.body.contains("ещё одну запись") && number(v, SENT) == 1, "{}", other.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM outbox_mail WHERE kind = 'indicator_told'"), 1);
        // The number of the notice is that of the page it leads to.
        let (said, place) = only(told(v, "head-а1"));
        assert_eq!(said, "30,0 %, цель 60 %, не хватает: 6 человек");
        let mut head = server.signed_in("head-а1", PASSWORD);
        says(&mut head, "/notices", &["год: 30,0 %, цель 60 %, не хватает: 6 человек", "methodist-а1, Имя МО-А1: «Обсудим в среду»"]);
        let page = says(&mut head, &place, &["30,0 %", "Имя ОО-А1"]);
        assert!(!page.contains("70,0") && !page.contains("50,0"), "{page}");
        // It leads to those who are meant: everyone of the denominator who was not diagnosed, and nobody else.
        let missing = v.query(
            "SELECT p.id FROM person p WHERE p.snils LIKE 'ОО-А1-%' AND NOT EXISTS (SELECT 1 FROM diagnosis d WHERE d.person_id = p.id)",
        );
        let missing: BTreeSet<String> = missing.into_iter().collect();
        assert_eq!(missing.len(), 20 - 6);
        assert_eq!(named(&head.get(&place)), missing, "nobody is named: {place}");
        // The numbers of the page of the indicator open the same lists.
        let indicator = format!("/indicators/own/seen?period=2023&unit={}", code("ОО-А1"));
        let lists = staff_links(&head.get(&indicator));
        let long: Vec<usize> = lists.iter().map(|list| named(&head.get(list)).len()).collect();
        assert_eq!(long, [6, 14], "in the numerator, only in the denominator: {lists:?}");
        for (login, status) in [("head-а2", 404), ("head-б1", 404), ("deputy-а3", 404), ("methodist-а1", 403)] {
            assert_eq!(server.signed_in(login, PASSWORD).get(&place).status, status, "{login}");
        }
        for login in ["deputy-а3", "head-а2", "head-б1", "head-б2"] {
            assert!(told(v, login).is_empty(), "{login}");
        }
        let mut other = server.signed_in("head-а2", PASSWORD);
        assert!(!words(&other.get("/notices")).contains("30,0"));
        // Who sent it stands on the page, and a second sending is warned of for a week.
        says(&mut methodist, &heads("МО-А1"), &["1 руководителю", "methodist-а1, Имя МО-А1", "Меньше семи дней назад"]);
        v.sql("UPDATE notice SET created_at = '2023-01-01 00:00:00'");
        assert!(!words(&methodist.get(&heads("МО-А1"))).contains("Меньше семи дней назад"));
        let noted = v.query("SELECT detail FROM audit_event WHERE action = 'indicator.heads'");
        assert!(noted.len() == 1 && noted[0].contains("sent=1 nobody=1"), "{noted:?}");
        // Nobody else comes to that page.
        for (login, status) in [("methodist-а2", 404), ("operator-б", 404), ("methodist-б1", 404), ("head-а1", 403), ("deputy-а3", 403)] {
            let mut other = server.signed_in(login, PASSWORD);
            assert_eq!(other.get(&heads("МО-А1")).status, status, "{login}");
            let form = [("key", own.as_str()), ("whom", "valued"), ("note", "")];
            let view = other.get("/view");
            assert_eq!(other.send(&view, &heads("МО-А1"), &form).status, status, "{login}");
        }
        assert_eq!(methodist.get(&heads("РЕГ-А")).status, 404, "a town is not the region");
        assert_eq!(number(v, SENT), 1);
    }

    fn a_notice_tells_no_more_than_the_page_of_its_head(v: &Vekha) {
        let server = laid(v);
        let mut operator = server.signed_in("operator-а", PASSWORD);
        // The operator may see the few; so may their head, who finds them by name.
        let page = operator.get(&heads("РЕГ-А"));
        assert!(words(&page).contains("75,0 %") && !words(&page).contains("ОО-Б"), "{}", page.body);
        let own = key(&page);
        let done = operator.send(&page, &heads("РЕГ-А"), &[("key", &own), ("whom", "valued"), ("note", "")]);
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!(number(v, SENT), 3);
        let (few, place) = only(told(v, "head-а2"));
        assert_eq!(few, "75,0 %, цель 60 %, цель достигнута", "the own few are hidden from whoever finds them by name");
        let mut head = server.signed_in("head-а2", PASSWORD);
        let said = says(&mut head, &place, &["75,0 %"]);
        assert!(!said.contains("<5 ") && !said.contains("скрыто "), "{said}");
        // What is not hidden there opens its list.
        let lists = staff_links(&head.get(&place));
        let long: Vec<usize> = lists.iter().map(|list| named(&head.get(list)).len()).collect();
        assert_eq!(long, [3, 1], "{lists:?}");
        let (said, place) = only(told(v, "head-а1"));
        assert!(said.starts_with("30,0 %"), "{said}");
        says(&mut server.signed_in("head-а1", PASSWORD), &place, &["30,0 %"]);
        // A deputy opens no pages of indicators: the notice leads to the desk.
        let (said, place) = only(told(v, "deputy-а3"));
        assert_eq!((said.as_str(), place.as_str()), ("70,0 %, цель 60 %, цель достигнута", "/staff"));
        assert_eq!(server.signed_in("deputy-а3", PASSWORD).get(&place).status, 200);
        // From the page of one school nothing is sent.
        let alone = operator.get(&heads("ОО-А1"));
        assert!(words(&alone).contains("Организаций здесь нет"), "{}", alone.body);
        let refused = operator.send(&page, &heads("ОО-А1"), &[("key", &own), ("whom", "valued"), ("note", "")]);
        assert!(refused.status == 422 && refused.body.contains("Отправить некому"), "{}", refused.body);
        assert_eq!(number(v, SENT), 3);
        // Where there is no value none is hidden: few or not, there is nothing to tell.
        for (login, town) in [("methodist-а1", "МО-А1"), ("methodist-а2", "МО-А2"), ("operator-а", "МО-А2")] {
            let path = heads(town).replace("/own/seen", "/apart/apart");
            let mut who = server.signed_in(login, PASSWORD);
            let said = says(&mut who, &path, &["сообщать нечего: значения нет", "Отправить некому"]);
            assert!(!said.contains("<5") && !said.contains("почти все"), "{login}: hidden is what is not there: {said}");
        }
    }

    fn a_level_is_named_to_no_school(v: &Vekha) {
        let server = laid(v);
        let mut operator = server.signed_in("operator-а", PASSWORD);
        let path = heads("РЕГ-А").replace("/own/seen", "/level/passed");
        let page = operator.get(&path);
        let own = key(&page);
        let done = operator.send(&page, &path, &[("key", &own), ("whom", "valued"), ("note", "")]);
        assert_eq!(done.status, 303, "{}", done.body);
        // Its head reads the number and opens the indicator: who of the school passed and who did not is no matter of the school.
        let (said, place) = only(told(v, "head-а1"));
        assert!(said.contains("не хватает"), "{said}");
        assert!(place.starts_with("/indicators/level/passed?"), "a level is told by name: {place}");
        let mut head = server.signed_in("head-а1", PASSWORD);
        assert_eq!(staff_links(&head.get(&place)), [""; 0]);
        let list = format!("/staff?indicator=level%2Fpassed&part=rest&period=2023&unit={}", code("ОО-А1"));
        assert_eq!(head.get(&list).status, 404, "a level is told by name");
        // Where nobody is named, the few stay hidden in the notice and on the page.
        let (few, place) = only(told(v, "head-а2"));
        assert_eq!(few, "<5, цель 90 %", "a level of a few is told to their school");
        let mut head = server.signed_in("head-а2", PASSWORD);
        let said = says(&mut head, &place, &["<5"]);
        assert!(!said.contains("75,0") && !words(&head.get("/notices")).contains("75,0"), "{said}");
        assert_eq!(staff_links(&head.get(&place)), [""; 0]);
    }

    fn a_head_finds_by_name_whom_plain_counts_mean(v: &Vekha) {
        let server = laid(v);
        for (login, school, teachers) in [("head-а1", "ОО-А1", 20), ("head-а2", "ОО-А2", 4), ("head-б2", "ОО-Б2", 20)] {
            let mut head = server.signed_in(login, PASSWORD);
            let page = |of: &str| format!("/indicators/counted/{of}?period=2023&unit={}", code(school));
            for (of, said, people) in [("all", teachers.to_string(), teachers), ("plans", "2".to_owned(), 1)] {
                says(&mut head, &page(of), &[&format!("{said} в числителе")]);
                let lists = staff_links(&head.get(&page(of)));
                assert_eq!(lists.len(), 1, "{login} {of} opens nobody: {lists:?}");
                let listed = head.get(&lists[0]);
                assert_eq!(named(&listed).len(), people, "{login} {of}: {}", listed.body);
                // Nobody stands beside those who are counted.
                assert!(!listed.body.contains("только в знаменателе"), "{}", listed.body);
                assert_eq!(head.get(&lists[0].replace("numerator", "rest")).status, 404);
                assert_eq!(words(&listed).contains("Здесь 2 маршрута"), of == "plans", "{}", listed.body);
            }
            // The list of all indicators leads there too; of results nobody is named.
            let tree = head.get(&format!("/indicators?pack=counted&period=2023&unit={}", code(school)));
            let lists = staff_links(&tree);
            assert!(lists.len() == 2 && lists.iter().all(|list| !list.contains("passed")), "{login}: {lists:?}");
            assert_eq!(staff_links(&head.get(&page("passed"))), [""; 0], "{login}");
            let list = format!("/staff?indicator=counted%2Fpassed&part=numerator&period=2023&unit={}", code(school));
            assert_eq!(head.get(&list).status, 404, "{login}: a level is told by name");
        }
        // Nobody else finds them so.
        let list = format!("/staff?indicator=counted%2Fall&part=numerator&period=2023&unit={}", code("ОО-А1"));
        for (login, status) in [("head-а2", 404), ("head-б1", 404), ("methodist-а1", 403)] {
            assert_eq!(server.signed_in(login, PASSWORD).get(&list).status, status, "{login}");
        }
    }
}
