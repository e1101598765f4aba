//! Changing a plan on its page: a draft at once, an approved plan by its next revision with its sheet of correction.

use std::collections::BTreeMap;

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, number, show, snils, unit};

const PASSWORD: &str = "хороший длинный пароль";

/// The north: a teacher with a plan of several steps, one who is a curator and on the staff too. The south: one.
fn world(v: &Vekha) {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None).procedure(2, "Д2", "full", None);
    world.teacher(1001, 1, NORTH, 2).teacher(1003, 3, NORTH, 3);
    world.teacher(2001, 4, SOUTH, 2);
    world.passage(
        1001,
        NORTH,
        1,
        "full",
        "2023-02-01",
        &[(1, 40_000), (3, 70_000), (4, 10_000)],
    );
    world.passage(1003, NORTH, 1, "full", "2023-02-01", &[(1, 70_000)]);
    world.passage(2001, SOUTH, 2, "full", "2023-02-01", &[(1, 70_000)]);
    let north = unit(NORTH, 0);
    world.account(1, "teacher", Some(1001), &[("teacher", unit(NORTH, 2))]);
    world.account(
        2,
        "both",
        Some(1003),
        &[("teacher", unit(NORTH, 3)), ("curator", north), ("cnppm_staff", north)],
    );
    world.account(3, "staff", None, &[("cnppm_staff", north)]);
    world.account(4, "head", None, &[("cnppm_head", north)]);
    world.account(5, "curator", None, &[("curator", north)]);
    world.account(6, "tutor", None, &[("tutor", north)]);
    world.account(7, "staff-south", None, &[("cnppm_staff", unit(SOUTH, 0))]);
    world.build(v);
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}'"));
    let _made = v
        .run(&["iom", "draft", "--procedure", "Д1", "--as-of", "2023-02-10"])
        .ok();
}

fn acts(v: &Vekha, rows: &[(i64, &str, &str, &str, &str, &str)]) {
    let mut file = String::from("snils,act,item,date,by,value,reason\n");
    for (n, act, item, day, by, value) in rows {
        file.push_str(&format!("{},{act},{item},2023-02-{day},{by},{value},\n", snils(*n)));
    }
    let path = v.file("acts.csv", file);
    let _done = v.run(&["iom", "apply", text(&path)]).ok();
}

/// The plan of the first teacher, approved and begun, with its curator and tutor.
fn begun(v: &Vekha) -> i64 {
    world(v);
    acts(
        v,
        &[
            (1, "assign", "", "11", "staff", "curator"),
            (1, "assign", "", "11", "staff", "tutor"),
            (1, "send", "", "11", "staff", ""),
            (1, "agree", "", "12", "teacher", ""),
            (1, "approve", "", "13", "head", ""),
            (1, "start", "", "14", "curator", ""),
        ],
    );
    plan_of(v, 1001)
}

fn plan_of(v: &Vekha, person: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {person}"))
}

/// A number of the plan or of what belongs to it.
fn of_plan(v: &Vekha, plan: i64, what: &str, table: &str) -> i64 {
    let key = if table == "iom" { "id" } else { "iom_id" };
    number(
        v,
        &format!("SELECT CAST({what} AS BIGINT) AS n FROM {table} WHERE {key} = {plan}"),
    )
}

fn attribute(piece: &str, name: &str) -> Option<String> {
    let (tag, _) = piece.split_once('>')?;
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// What the form of a page would send as it stands.
#[track_caller]
fn form(page: &Page) -> BTreeMap<String, String> {
    assert!([200, 409].contains(&page.status), "{}", page.body);
    let (_, rest) = page.body.split_once("<form id=\"change\"").expect("the form");
    let (inner, _) = rest.split_once("</form>").expect("its end");
    let mut fields = BTreeMap::new();
    let mut select = String::new();
    for piece in inner.split('<').skip(1) {
        let name = attribute(piece, "name").unwrap_or_default();
        let value = attribute(piece, "value").unwrap_or_default();
        if piece.starts_with("input") && (!piece.contains("checkbox") || piece.contains(" checked")) {
            fields.insert(name, value);
        } else if piece.starts_with("textarea") {
            let typed = piece.split_once('>').map_or("", |(_, text)| text);
            fields.insert(name, typed.to_owned());
        } else if piece.starts_with("select") {
            select = name;
        } else if piece.starts_with("option") && (piece.contains(" selected") || !fields.contains_key(&select)) {
            fields.insert(select.clone(), value);
        }
    }
    fields.remove("token");
    fields
}

/// Sends the form of a page with some fields typed anew.
pub fn send(visitor: &mut Visitor, page: &Page, path: &str, typed: &[(&str, &str)]) -> Page {
    let mut fields = form(page);
    fields.extend(
        typed
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    visitor.send(page, path, &fields)
}

on_both! {
    fn a_draft_is_changed_freely_and_an_approved_plan_only_by_the_next_revision(v: &Vekha) {
        world(v);
        let plan = plan_of(v, 1001);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let path = format!("/plans/{plan}/edit");
        assert!(staff.get(&format!("/plans/{plan}")).body.contains(&format!("href=\"{path}\"")));
        let page = staff.get(&path);
        let ends = form(&page)["ends_on"].clone();
        let steps = of_plan(v, plan, "count(*)", "iom_item");
        let same = send(&mut staff, &page, &path, &[]);
        assert!(same.status == 422 && same.body.contains("Изменений нет"), "{}", same.body);
        let wrong = send(&mut staff, &page, &path, &[("item-new1-title", "Открытый урок"), ("item-new1-due", "когда-нибудь")]);
        assert!(wrong.status == 422 && wrong.body.contains("Открытый урок") && wrong.body.contains("когда-нибудь"), "{}", wrong.body);
        let typed = [
            ("request", "Хочу вести уроки с опытами"),
            ("goal-new1-title", "Освоить опыты"), ("goal-new1-basis", "individual_request"),
            ("item-new1-title", "Открытый урок"), ("item-new1-due", ends.as_str()), ("item-new1-hours", "4"),
            ("item-new1-after", "1"), ("item-new2-programme", "П2"), ("item-new2-due", ends.as_str()),
        ];
        assert_eq!(send(&mut staff, &page, &path, &typed).status, 303);
        assert_eq!(of_plan(v, plan, "count(*)", "iom_item"), steps + 2);
        assert_eq!(number(v, &format!("SELECT CAST(hours AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND number = {}", steps + 2)), 72, "the course has its own");
        assert_eq!((of_plan(v, plan, "revision", "iom"), of_plan(v, plan, "count(*)", "iom_revision")), (0, 0));
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM iom_goal WHERE iom_id = {plan} AND basis = 'individual_request'")), 1);
        assert!(show(v, 1).iter().any(|row| row["title"] == "Открытый урок"));
        acts(v, &[(1, "send", "", "11", "staff", "")]);
        assert_ne!(staff.get(&path).status, 200, "the teacher reads it now");
        acts(v, &[(1, "agree", "", "12", "teacher", ""), (1, "approve", "", "13", "head", "")]);
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM iom_revision WHERE iom_id = {plan} AND body LIKE '%Открытый урок%'")), 1);
        let page = staff.get(&path);
        let later = [("item-1-accompaniment", "Тьютор разбирает записи")];
        let silent = send(&mut staff, &page, &path, &later);
        assert!(silent.status == 422 && silent.body.contains("Укажите, почему маршрут меняется"), "{}", silent.body);
        assert!(silent.body.contains("Тьютор разбирает записи"), "what was typed stays");
        assert_eq!(of_plan(v, plan, "revision", "iom"), 1);
        let said = [later[0], ("reason", "Нужна помощь тьютора")];
        let done = send(&mut staff, &page, &path, &said);
        assert_eq!(done.status, 303, "{}", done.body);
        assert!(staff.get(done.header("location")).body.contains("Маршрут изменён"));
        assert_eq!((of_plan(v, plan, "revision", "iom"), of_plan(v, plan, "count(*)", "iom_revision")), (2, 2));
        assert_eq!(number(v, "SELECT count(*) AS n FROM outbox_mail WHERE kind = 'iom_changed'"), 1, "the teacher is told once");
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'iom.change'"), 2);
        let own = server.signed_in("teacher", PASSWORD).get("/plan").body;
        assert!(own.contains("сопровождение: Тьютор разбирает записи") && own.contains("сначала шаг «"), "{own}");
        // The other region finds nothing there, and the tutor has no such page.
        let mut south = server.signed_in("staff-south", PASSWORD);
        let (theirs, missing) = (south.get(&path), south.get("/plans/7/edit"));
        assert_eq!((theirs.status, theirs.body), (404, missing.body));
        assert_eq!(south.get(&format!("/plans/{plan}/revisions")).status, 404);
        assert_eq!(server.signed_in("tutor", PASSWORD).get(&format!("/people/{plan}/edit")).status, 404);
        assert_eq!(server.signed_in("teacher", PASSWORD).get(&path).status, 403);
        let _checked = v.run(&["check"]).ok();
    }

    fn a_step_that_comes_after_another_one_is_not_the_next(v: &Vekha) {
        let plan = begun(v);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let next = |page: &Page| {
            let rest = page.body.split_once("id=\"next-step\">").expect("a next step").1;
            rest.split('<').next().unwrap_or("").to_owned()
        };
        let first = next(&teacher.get("/plan"));
        let place = number(v, &format!("SELECT CAST(number AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND title = '{first}'"));
        let of = format!("(SELECT max(o.number) FROM iom_item o WHERE o.iom_id = {plan} AND o.number <> {place})");
        v.sql(&format!(
            "UPDATE iom_item SET after_item_id = (SELECT i.id FROM iom_item i WHERE i.iom_id = {plan} AND i.number = {of})
             WHERE iom_id = {plan} AND number = {place}"
        ));
        let page = teacher.get("/plan");
        assert!(page.body.contains("сначала шаг «"), "{}", page.body);
        assert_ne!(next(&page), first, "what comes before it is the next step");
        assert_eq!(server.signed_in("staff-south", PASSWORD).get(&format!("/plans/{plan}")).status, 404);
    }

    fn a_step_that_ends_when_nobody_learns_is_taken_and_said_to_whoever_changes_the_plan(v: &Vekha) {
        let plan = begun(v);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let path = format!("/plans/{plan}/edit");
        let why = "летний отпуск, 1\u{A0}июля – 31\u{A0}августа";
        let page = staff.get(&path);
        assert!(!page.body.contains(why), "nothing ends then: {}", page.body);
        let step = [("item-new1-title", "Стажировка летом"), ("item-new1-due", "15.07.2023"), ("item-new1-hours", "16")];
        // A form that is wrong elsewhere says it already.
        let silent = send(&mut staff, &page, &path, &step);
        assert!(silent.status == 422 && silent.body.contains(why), "said beside what was typed: {}", silent.body);
        let with_reason = [&step[..], &[("reason", "Летом открыта площадка")]].concat();
        let done = send(&mut staff, &page, &path, &with_reason);
        assert_eq!(done.status, 303, "it may be so: {}", done.body);
        let number = of_plan(v, plan, "max(number)", "iom_item");
        let said = format!("Срок шага №\u{A0}{number} выпадает на дни, когда не учатся: {why}.");
        let card = staff.get(done.header("location"));
        assert!(card.body.contains(&said), "said after saving: {}", card.body);
        let page = staff.get(&path);
        assert!(page.body.contains(&format!("Срок выпадает на дни, когда не учатся: {why}")), "said beside the date: {}", page.body);
        assert!(server.signed_in("curator", PASSWORD).get(&format!("/people/{plan}")).body.contains(&said), "the curator changes it too");
        // Whoever changes nothing reads the plan as it is.
        for (login, path) in [("teacher", "/plan".to_owned()), ("tutor", format!("/people/{plan}")), ("head", format!("/plans/{plan}"))] {
            let page = server.signed_in(login, PASSWORD).get(&path);
            assert!(page.status == 200 && page.body.contains("Стажировка летом") && !page.body.contains("когда не учатся"), "{login}: {}", page.body);
        }
        // A settled or moved step ends no more; the rules in force say when people learn.
        let page = staff.get(&path);
        let moved = [(&*format!("item-{number}-due"), "30.06.2023"), ("reason", "Площадка открыта раньше")];
        assert_eq!(send(&mut staff, &page, &path, &moved).status, 303);
        assert!(!staff.get(&path).body.contains(why) && !staff.get(&format!("/plans/{plan}")).body.contains(why));
        let own = vekha::iom::rules::SOURCE.replace("летний отпуск", "сенокос").replace("\"07-01\"", "\"06-20\"").replace('\'', "''");
        v.sql(&format!("INSERT INTO rule_set (id, code, version, source, loaded_at, region_id) VALUES (777, 'own', 1, '{own}', '2023-01-01 00:00:00', {})", unit(NORTH, 0)));
        let page = staff.get(&path);
        assert!(page.body.contains("сенокос, 20\u{A0}июня – 31\u{A0}августа"), "by the rules of the region: {}", page.body);
    }

    fn a_step_due_before_the_one_that_it_rests_on_is_taken_and_said_to_whoever_changes_the_plan(v: &Vekha) {
        let plan = begun(v);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let path = format!("/plans/{plan}/edit");
        let card = format!("/plans/{plan}");
        assert!(!staff.get(&path).body.contains("Срок раньше, чем у шага") && !staff.get(&card).body.contains("не по порядку"));
        let order = [("item-1-due", "30.06.2023"), ("item-2-due", "31.05.2023"), ("item-2-after", "1")];
        let page = staff.get(&path);
        // A form that is wrong elsewhere says it already.
        let silent = send(&mut staff, &page, &path, &order);
        let beside = "Срок раньше, чем у шага №\u{A0}1 (до\u{A0}30.06.2023)";
        assert!(silent.status == 422 && silent.body.contains(beside), "said beside what was typed: {}", silent.body);
        assert_eq!(silent.body.matches("Срок раньше, чем у шага").count(), 1, "{}", silent.body);
        let done = send(&mut staff, &page, &path, &[&order[..], &[("reason", "Второй шаг короче")]].concat());
        assert_eq!(done.status, 303, "it may be so: {}", done.body);
        let said = "Срок шага №\u{A0}2 (31.05.2023) раньше срока шага №\u{A0}1 (30.06.2023), после которого он идёт.";
        assert!(staff.get(done.header("location")).body.contains(said), "{}", staff.get(&card).body);
        assert!(staff.get(&path).body.contains(beside), "{}", staff.get(&path).body);
        // Whoever changes nothing reads the plan as it is.
        for (login, path) in [("teacher", "/plan".to_owned()), ("tutor", format!("/people/{plan}"))] {
            let page = server.signed_in(login, PASSWORD).get(&path);
            assert!(page.status == 200 && !page.body.contains("не по порядку"), "{login}: {}", page.body);
        }
        // On the same day they follow each other.
        let page = staff.get(&path);
        let moved = [("item-2-due", "30.06.2023"), ("reason", "В один день")];
        assert_eq!(send(&mut staff, &page, &path, &moved).status, 303);
        assert!(!staff.get(&path).body.contains("Срок раньше, чем у шага") && !staff.get(&card).body.contains("не по порядку"));
    }

    // rows: KR-F51
    fn routes_are_found_by_what_their_goals_rest_on(v: &Vekha) {
        world(v);
        let _south = v.run(&["iom", "draft", "--procedure", "Д2", "--as-of", "2023-02-10"]).ok();
        let _pack = v.run(&["pack", "load", "seeds/packs/krasnoyarsk.toml"]).ok();
        let plan = plan_of(v, 1001);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let of = |who: &mut Visitor, query: &str| crate::web_registers::found(who, &format!("/plans?{query}"));
        let by_basis = |who: &mut Visitor| ["deficit", "prospective_task", "individual_request"].map(|basis| of(who, &format!("goal={basis}")));
        // Each deficit of a diagnosis has its goal in the draft.
        for person in [1001, 1003, 2001] {
            let own = plan_of(v, person);
            let (deficits, goals) = (of_plan(v, own, "count(*)", "iom_deficit"), of_plan(v, own, "count(*)", "iom_goal"));
            assert!(deficits > 0 && deficits == goals, "{person}: {deficits} {goals}");
        }
        assert_eq!(by_basis(&mut staff), [2, 0, 0]);
        let path = format!("/plans/{plan}/edit");
        let page = staff.get(&path);
        let task = "Открыть класс с углублённой химией";
        let typed = [("goal-new1-title", task), ("goal-new1-basis", "prospective_task")];
        assert_eq!(send(&mut staff, &page, &path, &typed).status, 303);
        assert_eq!(by_basis(&mut staff), [2, 1, 0], "the same route rests on both");
        let list = staff.get("/plans?goal=prospective_task");
        assert!(list.body.contains("Фамилия1\u{a0}") && !list.body.contains("Фамилия3"), "{}", list.body);
        assert_eq!(of(&mut staff, "goal=prospective_task&unit=%D0%A13"), 0, "not of the other school");
        assert_eq!(staff.get("/plans?goal=x").status, 404);
        let mut south = server.signed_in("staff-south", PASSWORD);
        assert_eq!(by_basis(&mut south), [1, 0, 0]);
        // A task that is given up is no goal any more.
        let page = staff.get(&path);
        let fields = form(&page);
        let title = fields.iter().find(|(_, typed)| *typed == task).expect("the goal").0.clone();
        let out = title.replace("-title", "-out");
        assert_eq!(send(&mut staff, &page, &path, &[(&out, "yes")]).status, 303);
        assert_eq!(by_basis(&mut staff), [2, 0, 0]);
        // The route that the teacher has seen counts on its day; the other one is a draft.
        acts(v, &[(1, "send", "", "11", "staff", "")]);
        let _opened = v.run(&["values", "--pack", "krasnoyarsk", "--period", "2022/23", "--level", "region"]).ok();
        let page = staff.get("/indicators/krasnoyarsk/2.2.2.1?period=2022%2F23");
        let told = crate::figures_pages::table(&page, "2.2.2.1:");
        assert_eq!((told.cell("С1", "В числителе"), told.cell("С1", "Всего")), ("1", "2"), "{told:?}");
        let named = staff.get("/indicators/krasnoyarsk/2.2.2.1/people?period=2022%2F23&unit=%D0%A11&part=numerator");
        assert!(named.body.contains("Фамилия1") && !named.body.contains("Фамилия3") && !named.body.contains("Фамилия4"), "{}", named.body);
        let _checked = v.run(&["check"]).ok();
    }

    fn a_sheet_of_correction_says_what_was_and_what_is(v: &Vekha) {
        let plan = begun(v);
        let server = Server::start(v);
        let mut curator = server.signed_in("curator", PASSWORD);
        let path = format!("/people/{plan}/edit");
        let page = curator.get(&path);
        let fields = form(&page);
        let (was, now) = (fields["item-1-due"].clone(), fields["ends_on"].clone());
        assert_ne!(was, now);
        let typed = [
            ("item-1-due", now.as_str()), ("item-2-cancel", "yes"), ("item-new1-title", "Посетить урок коллеги"),
            ("item-new1-form", "informal"), ("item-new1-due", now.as_str()), ("reason", "Курс перенесён на весну"),
        ];
        assert_eq!(send(&mut curator, &page, &path, &typed).status, 303);
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM iom_item WHERE iom_id = {plan} AND number = 2 AND state = 'cancelled'")), 1);
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM iom_act WHERE iom_id = {plan} AND act = 'cancel'")), 1, "past periods count it up to its day");
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM iom_item WHERE iom_id = {plan} AND added_on IS NOT NULL")), 1);
        let sheet = curator.get(&format!("/people/{plan}/revisions"));
        let says = |page: &Page| {
            for text in [
                "Редакция № 2", "Лист корректировки", "Курс перенесён на весну", "отменён", "не было", "Посетить урок коллеги",
                was.as_str(), now.as_str(), "ещё не отмечено", "Первая редакция",
            ] {
                assert!(page.body.contains(text), "{text}: {}", page.body);
            }
        };
        says(&sheet);
        assert!(!sheet.body.contains("action=\"/plan/acquaint\""), "only the teacher acknowledges");
        says(&server.signed_in("teacher", PASSWORD).get("/plan/revisions"));
        says(&server.signed_in("head", PASSWORD).get(&format!("/plans/{plan}/revisions")));
    }

    fn the_teacher_acknowledges_a_revision_once(v: &Vekha) {
        let plan = begun(v);
        let server = Server::start(v);
        let mut curator = server.signed_in("curator", PASSWORD);
        let path = format!("/people/{plan}/edit");
        let page = curator.get(&path);
        assert_eq!(send(&mut curator, &page, &path, &[("item-1-organiser", "Институт"), ("reason", "Уточнение")]).status, 303);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let own = teacher.get("/plan").body;
        assert!(own.contains("href=\"/plan/revisions\""));
        let (above, _) = own.split_once("<h2>Путь</h2>").expect("the path");
        let way = above.contains("прочитайте редакцию № 2") && above.contains("href=\"/plan/revisions#revision-2\"");
        assert!(way, "a revision waits unsaid: {above}");
        assert!(!curator.get(&format!("/people/{plan}")).body.contains("прочитайте редакцию"), "the teacher alone reads it");
        let page = teacher.get("/plan/revisions");
        assert!(page.body.contains("id=\"revision-2\""), "{}", page.body);
        assert!(page.body.contains("name=\"revision\" value=\"2\"") && !page.body.contains("value=\"1\"><button"), "{}", page.body);
        let done = teacher.send(&page, "/plan/acquaint", &[("revision", "2")]);
        assert_eq!(done.status, 303, "{}", done.body);
        let told = teacher.get(done.header("location"));
        assert!(told.body.contains("Ознакомление записано") && !told.body.contains("action=\"/plan/acquaint\""), "{}", told.body);
        assert_eq!(teacher.send(&page, "/plan/acquaint", &[("revision", "2")]).status, 303, "sent twice it is said once");
        assert_eq!(of_plan(v, plan, "count(*)", "iom_acquaintance"), 1);
        assert!(!teacher.get("/plan").body.contains("прочитайте редакцию"), "it is read");
        let none = teacher.send(&page, "/plan/acquaint", &[("revision", "9")]);
        assert!(none.status == 409 && none.body.contains("Редакции № 9"), "{}", none.body);
        // What was read is what was frozen.
        let same = "SELECT count(*) AS n FROM iom_acquaintance a JOIN iom_revision r ON r.iom_id = a.iom_id AND r.number = a.revision \
                    AND r.digest = a.body_digest";
        assert_eq!(number(v, same), 1);
        assert!(!curator.get(&format!("/people/{plan}/revisions")).body.contains("ещё не отмечено"));
    }

    fn a_settled_step_is_not_changed(v: &Vekha) {
        let plan = begun(v);
        let server = Server::start(v);
        let mut curator = server.signed_in("curator", PASSWORD);
        let path = format!("/people/{plan}/edit");
        let open = curator.get(&path);
        assert!(form(&open).contains_key("item-1-title"));
        acts(v, &[(1, "submit", "1", "15", "teacher", ""), (1, "accept", "1", "16", "tutor", "")]);
        let now = curator.get(&path);
        assert!(!form(&now).contains_key("item-1-title") && now.body.contains("этот шаг не меняют"), "{}", now.body);
        // A form from before says so instead of losing what was typed.
        let late = send(&mut curator, &open, &path, &[("item-1-title", "Другое"), ("reason", "Проба")]);
        assert!(late.status == 422 && late.body.contains("его не меняют"), "{}", late.body);
        let unknown = send(&mut curator, &now, &path, &[("item-new1-programme", "нет"), ("reason", "Проба")]);
        assert!(unknown.status == 422 && unknown.body.contains("в каталоге нет"), "{}", unknown.body);
        // Steps that wait for each other in a circle.
        let circle = [("item-2-after", "3"), ("item-3-after", "2"), ("reason", "Проба")];
        let circle = send(&mut curator, &now, &path, &circle);
        assert!(circle.status == 422 && circle.body.contains("по кругу"), "{}", circle.body);
        let short = send(&mut curator, &now, &path, &[("ends_on", "01.03.2023"), ("reason", "Проба")]);
        assert!(short.status == 422 && short.body.contains("от 3 месяцев до 3 лет"), "{}", short.body);
        assert_eq!(of_plan(v, plan, "revision", "iom"), 1);
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM iom_item WHERE iom_id = {plan} AND title = 'Другое'")), 0);
        // A step that another one waits for is not cancelled under it, though only the one is changed.
        let linked = send(&mut curator, &now, &path, &[("item-2-after", "3"), ("reason", "Сначала третий шаг")]);
        assert_eq!(linked.status, 303, "{}", linked.body);
        let linked = curator.get(&path);
        let waits = send(&mut curator, &linked, &path, &[("item-3-cancel", "yes"), ("reason", "Проба")]);
        assert!(waits.status == 422 && waits.body.contains("после отменённого шага"), "{}", waits.body);
        assert_eq!(of_plan(v, plan, "revision", "iom"), 2);
    }

    fn of_two_editors_the_second_is_told(v: &Vekha) {
        let plan = begun(v);
        let server = Server::start(v);
        let (mut staff, mut curator) = (server.signed_in("staff", PASSWORD), server.signed_in("curator", PASSWORD));
        let (of_staff, of_curator) = (format!("/plans/{plan}/edit"), format!("/people/{plan}/edit"));
        let (first, second) = (staff.get(&of_staff), curator.get(&of_curator));
        let typed = [("item-1-organiser", "Институт"), ("goal-new1-title", "Новая цель"), ("reason", "Уточнение")];
        assert_eq!(send(&mut staff, &first, &of_staff, &typed).status, 303);
        let late = send(&mut curator, &second, &of_curator, &[("item-1-organiser", "Школа"), ("reason", "Уточнение")]);
        assert_eq!(late.status, 409, "{}", late.body);
        // What stands is in the field, what was typed beside it; sent again as it is, it changes what the page says it does.
        let now = form(&late);
        assert_eq!((&*now["item-1-organiser"], &*now["reason"]), ("Институт", "Уточнение"), "{}", late.body);
        assert!(late.body.contains("У вас было: «Школа»") && late.body.contains("Ничего не потеряно"), "{}", late.body);
        let again = send(&mut curator, &late, &of_curator, &[("item-1-organiser", "Школа")]);
        assert_eq!(again.status, 303, "{}", again.body);
        assert_eq!(send(&mut staff, &first, &of_staff, &typed).status, 303, "the same form again is answered as before");
        assert_eq!(of_plan(v, plan, "revision", "iom"), 3);
        assert_eq!(number(v, &format!("SELECT count(*) AS n FROM iom_item WHERE iom_id = {plan} AND organiser = 'Школа'")), 1);
    }

    fn an_act_of_a_page_meets_the_plan_that_was_open(v: &Vekha) {
        let plan = begun(v);
        acts(v, &[(1, "submit", "1", "15", "teacher", "")]);
        // A second plan of another origin is open too, made later, with steps of the same numbers and versions.
        let other = plan + 1_000_000_000;
        v.sql(&format!(
            "INSERT INTO iom (id, region_id, person_id, number, origin, state, starts_on, ends_on, first_visible_on, agreed_on, revision, \
             on_platform, version, recorded_at) SELECT {other}, region_id, person_id, 'ШК-1', 'school', 'active', starts_on, ends_on, \
             first_visible_on, agreed_on, 1, TRUE, version, recorded_at FROM iom WHERE id = {plan}; \
             INSERT INTO iom_item (id, region_id, iom_id, number, state, title, education_form, mandatory, hours, topics, version, \
             recorded_at) SELECT id + 1000000000, region_id, {other}, number, state, title, education_form, mandatory, hours, topics, \
             version, recorded_at FROM iom_item WHERE iom_id = {plan}"
        ));
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let card = tutor.get(&format!("/people/{plan}"));
        let version = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND number = 1"));
        let item = format!("1.{version}");
        let done = tutor.send(&card, &format!("/people/{plan}/act"), &[("act", "accept"), ("item", &item)]);
        assert_eq!(done.status, 303, "{}", done.body);
        let accepted = |of: i64| number(v, &format!("SELECT count(*) AS n FROM iom_item WHERE iom_id = {of} AND state = 'accepted'"));
        assert_eq!((accepted(plan), accepted(other)), (1, 0));
    }

    fn nobody_changes_the_own_plan(v: &Vekha) {
        world(v);
        let (own, other) = (plan_of(v, 1003), plan_of(v, 1001));
        let server = Server::start(v);
        let mut both = server.signed_in("both", PASSWORD);
        let page = both.get("/view");
        assert_eq!(both.send(&page, "/role", &[("role", "cnppm_staff")]).status, 303);
        let page = both.get(&format!("/plans/{other}/edit"));
        assert_eq!(page.status, 200, "{}", page.body);
        let card = both.get(&format!("/plans/{own}"));
        assert!(card.status == 200 && !card.body.contains("/edit\""), "{}", card.body);
        let path = format!("/plans/{own}/edit");
        assert_eq!(both.get(&path).status, 404);
        assert_eq!(both.send(&page, &path, &[("seen", "1"), ("goal-new1-title", "Цель")]).status, 404);
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_act WHERE act = 'change'"), 0);
    }

    fn a_step_added_later_leaves_past_periods_as_they_were(v: &Vekha) {
        world(v);
        let _loaded = v.run(&["pack", "load", "seeds/packs/tyumen.toml"]).ok();
        acts(v, &[
            (3, "send", "", "11", "staff", ""),
            (3, "agree", "", "12", "both", ""),
            (3, "approve", "", "13", "head", ""),
        ]);
        let plan = plan_of(v, 1003);
        let values = ["values", "--pack", "tyumen", "--period", "2022/23", "--level", "municipality", "--format", "csv"];
        let _opened = v.run(&values).ok();
        let formed = |topic: &str| {
            let past = format!(
                "SELECT count(*) AS n FROM person_fact f JOIN fact_period p ON p.id = f.period_id WHERE f.person_id = 1003 \
                 AND p.ends_on < '2024-01-01' AND f.topics_formed LIKE '%{topic}%'"
            );
            number(v, &past)
        };
        assert!(formed("updated_fgos") > 0 && formed("upbringing") == 0);
        let server = Server::start(v);
        let mut staff = server.signed_in("staff", PASSWORD);
        let path = format!("/plans/{plan}/edit");
        let page = staff.get(&path);
        let due = form(&page)["ends_on"].clone();
        let typed = [("item-new1-programme", "П2"), ("item-new1-due", due.as_str()), ("item-1-cancel", "yes"), ("reason", "Другой курс")];
        assert_eq!(send(&mut staff, &page, &path, &typed).status, 303);
        assert!(formed("updated_fgos") > 0, "the step that was cancelled now stood then");
        assert_eq!(formed("upbringing"), 0, "the step that was added now did not stand then");
        let _checked = v.run(&["check"]).ok();
    }
}
