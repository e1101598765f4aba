//! «Уведомления»: what waits stands under the bell with a link to the very task, leaves when it is answered, and whoever
//! was asked and did not answer hears «вопрос закрыт»; days remind and never complete anything.

use chrono::{Days, NaiveDate};

use crate::on_both;
use crate::support::{Vekha, text, today};
use crate::visitor::{Page, Server, Visitor};
use crate::world::{NORTH, SOUTH, World, draft, json, number, snils, unit};

pub const PASSWORD: &str = "хороший длинный пароль";

/// Teachers 1 … of the north and the 99th of the south, each with a plan at work; a curator and a tutor accompany those
/// of the north, others that of the south.
pub fn world(v: &Vekha, teachers: i64) -> Server {
    let mut world = World::new();
    world.procedure(1, "Д1", "full", None);
    let people: Vec<(i64, i64)> = (1..=teachers).map(|n| (n, NORTH)).chain([(99, SOUTH)]).collect();
    for (n, region) in &people {
        let id = 1000 + n;
        world.teacher(id, *n, *region, 2);
        world.passage(id, *region, 1, "full", "2023-02-01", &[(1, 40_000), (3, 70_000)]);
        world.account(id, &format!("teacher-{n}"), Some(id), &[("teacher", unit(*region, 2))]);
    }
    let (north, south) = (unit(NORTH, 0), unit(SOUTH, 0));
    for (id, login, role, over) in [
        (1, "curator", "curator", north),
        (2, "head", "cnppm_head", north),
        (3, "tutor", "tutor", north),
        (4, "tutor-2", "tutor", north),
        (5, "curator-south", "curator", south),
        (6, "head-south", "cnppm_head", south),
        (7, "tutor-south", "tutor", south),
    ] {
        world.account(id, login, None, &[(role, over)]);
    }
    world.build(v);
    let _made = draft(v, "Д1", "2023-02-10", &[]);
    let mut rows = Vec::new();
    for (n, region) in &people {
        let south = if *region == SOUTH { "-south" } else { "" };
        let teacher = format!("teacher-{n}");
        let by = |login: &str| format!("{login}{south}");
        rows.extend([
            format!("{n},send,,2023-02-12,{},,", by("curator")),
            format!("{n},agree,,2023-02-13,{teacher},,"),
            format!("{n},approve,,2023-02-14,{},,", by("head")),
            format!("{n},start,,2023-02-15,{},,", by("curator")),
            format!("{n},assign,,2023-02-15,{},{},", by("head"), by("tutor")),
            format!("{n},assign,,2023-02-15,{},{},", by("head"), by("curator")),
        ]);
    }
    apply(v, &rows);
    // How the plans have begun is read already.
    v.sql(
        "UPDATE notice SET settled = 'read', settled_at = created_at, seen_at = created_at WHERE kind = 'iom_progress'",
    );
    let hash = vekha::access::hashing::hash_password(PASSWORD).expect("a hash");
    v.sql(&format!("UPDATE account SET password_hash = '{hash}', name = login"));
    Server::start(v)
}

/// Acts of the world's people, each `n,act,item,date,by,value,reason`.
#[track_caller]
pub fn apply(v: &Vekha, rows: &[String]) {
    let mut file = String::from("snils,act,item,date,by,value,reason\n");
    for row in rows {
        let (n, rest) = row.split_once(',').expect("a number");
        file.push_str(&format!("{},{rest}\n", snils(n.parse().expect("a number"))));
    }
    let path = v.file("acts.csv", file);
    let _done = v.run(&["iom", "apply", text(&path)]).ok();
}

/// A teacher hands in the first step that is no course.
pub fn submit(v: &Vekha, n: i64, day: &str) {
    apply(v, &[format!("{n},submit,{},{day},teacher-{n},,", step(v, n))]);
}

/// Number of the first step of a person's plan that is no course.
pub fn step(v: &Vekha, n: i64) -> i64 {
    let of = format!("iom.person_id = {} AND iom_item.programme_id IS NULL", 1000 + n);
    let steps = "SELECT CAST(min(iom_item.number) AS BIGINT) AS n FROM iom_item JOIN iom ON iom.id = iom_item.iom_id";
    number(v, &format!("{steps} WHERE {of}"))
}

pub fn plan_of(v: &Vekha, n: i64) -> i64 {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {}", 1000 + n))
}

/// What stands beside the bell: nothing, or how many are new.
fn bell(page: &Page) -> &str {
    let (_, rest) = page.body.split_once("href=\"/notices\"").expect("a bell");
    let (bell, _) = rest.split_once("</a>").expect("its end");
    bell.split_once("class=\"n\">")
        .and_then(|(_, rest)| rest.split('<').next())
        .unwrap_or("")
}

/// What stands in the list, without what has left it.
pub fn listed(visitor: &mut Visitor) -> String {
    let page = visitor.get("/notices");
    assert_eq!(page.status, 200, "{}", page.body);
    let list = page.body.split("Уже закрыто").next().unwrap_or_default();
    list.split("<main").nth(1).unwrap_or_default().to_owned()
}

/// The value of the first field of a name.
#[track_caller]
fn field(page: &Page, name: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(&format!("name=\"{name}\" value=\""))
        .expect("a field");
    rest.split('"').next().expect("its end").to_owned()
}

/// Everything shown is known now.
pub fn see(visitor: &mut Visitor) {
    let page = visitor.get("/notices");
    let answer = visitor.send(&page, "/notices/seen", &[("shown", &field(&page, "shown"))]);
    assert_eq!((answer.status, answer.header("location")), (303, "/notices"));
}

/// What a run of reminders did: reminders and letters.
#[track_caller]
pub fn remind(v: &Vekha, on: NaiveDate) -> (i64, i64) {
    let done = json(&v.run(&["--json", "mail", "remind", "--on", &on.to_string()]).ok());
    let of = |name: &str| done[name].as_i64().expect("a number");
    (of("reminders"), of("digests"))
}

on_both! {
    fn a_question_that_is_closed_is_told_and_leaves_the_list(v: &Vekha) {
        let server = world(v, 1);
        let (mut tutor, mut curator) = (server.signed_in("tutor", PASSWORD), server.signed_in("curator", PASSWORD));
        let mut south = server.signed_in("tutor-south", PASSWORD);
        for visitor in [&mut tutor, &mut curator, &mut south] {
            assert_eq!(bell(&visitor.get("/account")), "1", "one was given a plan");
            assert!(listed(visitor).contains("Вам поручено сопровождение маршрута ИОМ-"));
            see(visitor);
            assert_eq!(bell(&visitor.get("/account")), "", "news go when they are read");
            assert!(listed(visitor).contains("Вас ничего не ждёт"));
        }
        submit(v, 1, "2023-03-01");
        let (plan, item) = (plan_of(v, 1), step(v, 1));
        let waits = format!("шаг {item} ждёт проверки");
        for visitor in [&mut tutor, &mut curator] {
            assert_eq!(bell(&visitor.get("/account")), "1");
            let list = listed(visitor);
            assert!(list.contains(&waits) && list.contains(&format!("href=\"/review#step-{plan}-{item}\"")), "{list}");
            // Looking at a question does not answer it.
            see(visitor);
            assert_eq!(bell(&visitor.get("/account")), "");
            assert!(listed(visitor).contains(&waits));
        }
        assert_eq!(bell(&south.get("/account")), "", "the other region is told nothing");
        // The link opens the task.
        let queue = tutor.get("/review");
        assert!(queue.body.contains(&format!("id=\"step-{plan}-{item}\"")), "{}", queue.body);
        let (plan_field, item_field, seen) = (plan.to_string(), item.to_string(), field(&queue, "seen"));
        let fields = [("plan", plan_field.as_str()), ("item", &item_field), ("seen", &seen), ("act", "accept")];
        assert_eq!(tutor.send(&queue, "/review", &fields).status, 303);
        // Whoever has answered hears nothing more; the other one hears that nothing is left to do.
        let (own, other) = (listed(&mut tutor), listed(&mut curator));
        assert!(own.contains("Вас ничего не ждёт"), "{own}");
        assert!(!other.contains(&waits) && other.contains("Вопрос закрыт: маршрут ИОМ-"), "{other}");
        assert!(other.contains(&format!("шаг {item} уже зачтён")), "{other}");
        assert!(tutor.get("/notices").body.contains("Уже закрыто"), "what has left the list is still told of");
        see(&mut curator);
        assert!(listed(&mut curator).contains("Вас ничего не ждёт"));
        // Nobody marks what another one has not seen: the notices of the south are as they were.
        let seen = "SELECT count(*) AS n FROM notice WHERE account_id = 7 AND settled = 'read'";
        assert_eq!(number(v, seen), 1);
    }

    fn what_waits_goes_to_whoever_takes_the_plan(v: &Vekha) {
        let server = world(v, 2);
        for n in [1, 2] {
            submit(v, n, "2023-03-01");
        }
        let letters = "SELECT count(*) AS n FROM outbox_mail WHERE kind = 'iom_submitted'";
        let before = number(v, letters);
        let _handed = v.run(&["iom", "hand-over", "--from", "tutor", "--to", "tutor-2"]).ok();
        let (mut old, mut new) = (server.signed_in("tutor", PASSWORD), server.signed_in("tutor-2", PASSWORD));
        assert_eq!(bell(&new.get("/account")), "3", "two steps, and the news of the plans");
        let (theirs, ours) = (listed(&mut old), listed(&mut new));
        assert!(!theirs.contains("ждёт проверки"), "{theirs}");
        assert_eq!(ours.matches("ждёт проверки").count(), 2, "{ours}");
        for n in [1, 2] {
            assert!(ours.contains(&format!("href=\"/review#step-{}-{}\"", plan_of(v, n), step(v, n))), "{ours}");
        }
        assert!(old.get("/notices").body.contains("передано другому"));
        assert_eq!(listed(&mut server.signed_in("curator", PASSWORD)).matches("ждёт проверки").count(), 2);
        assert_eq!(number(v, letters), before, "one letter tells of all");
        // It is a question like any other: whoever answers it, it leaves the list.
        apply(v, &[format!("1,accept,{},2023-03-02,curator,,", step(v, 1))]);
        let ours = listed(&mut new);
        assert!(ours.matches("ждёт проверки").count() == 1 && ours.contains("Вопрос закрыт: маршрут ИОМ-"), "{ours}");
        assert!(!listed(&mut old).contains("Вопрос закрыт"), "who no longer accompanies the plan hears nothing");
    }

    fn whose_role_is_over_is_told_of_no_plan(v: &Vekha) {
        let server = world(v, 2);
        v.sql("UPDATE account SET email = login || '@school.example'");
        let letters = |login: &str, kind: &str| {
            number(v, &format!("SELECT count(*) AS n FROM outbox_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = '{kind}' AND a.login = '{login}'"))
        };
        submit(v, 1, "2023-03-01");
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let waits = listed(&mut tutor);
        assert!(waits.contains("ждёт проверки") && waits.contains("Вам поручено"), "{waits}");
        let before = letters("tutor", "iom_submitted");
        // One role is over, another one stays: the account is open, and nothing of the plans is told any more.
        let over = unit(NORTH, 2);
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (9030, 3, 'mentor', {over}, '2022-01-01 00:00:00'); \
             UPDATE role_grant SET valid_to = '{}' WHERE account_id = 3 AND role = 'tutor'",
            today()
        ));
        submit(v, 2, "2023-03-01");
        let page = tutor.get("/notices");
        assert!(page.body.contains("Вас ничего не ждёт") && !page.body.contains("ИОМ-"), "{}", page.body);
        assert_eq!(bell(&page), "", "{}", page.body);
        assert_eq!((before, letters("tutor", "iom_submitted")), (1, 1), "no new letter");
        assert_eq!(letters("curator", "iom_submitted"), 2, "whoever accompanies it hears of it");
        v.sql("UPDATE notice SET told_at = NULL; UPDATE outbox_mail SET state = 'sent'");
        for login in ["tutor", "curator"] {
            let mut visitor = server.signed_in(login, PASSWORD);
            let page = visitor.get("/notices/choice");
            assert_eq!(visitor.send(&page, "/notices/choice", &[("support", "daily")]).status, 303);
        }
        let _made = remind(v, today() + Days::new(1));
        assert_eq!((letters("tutor", "notice_digest"), letters("curator", "notice_digest")), (0, 1));
        // The role is given back: what waits still waits.
        v.sql("UPDATE role_grant SET valid_to = NULL WHERE account_id = 3");
        assert!(listed(&mut tutor).contains("ждёт проверки"));
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        apply(v, &[format!("1,return,{},2023-03-02,curator,,дополните", step(v, 1))]);
        assert!(listed(&mut teacher).contains("возвращён"), "a teacher's own plan is told of as before");
    }

    fn what_stands_on_another_page_stays_new(v: &Vekha) {
        let server = world(v, 1);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let plan = plan_of(v, 1);
        // A full page of questions, all later than the news that one was given a plan.
        for n in 1..=50 {
            v.sql(&format!(
                "INSERT INTO notice (id, account_id, kind, subject_id, item, dedup_key, body, created_at) \
                 SELECT max(id) + 1, 3, 'iom_submitted', {plan}, {n}, 'page-{n}', '{{}}', max(created_at) FROM notice"
            ));
        }
        assert_eq!(bell(&tutor.get("/account")), "51");
        assert!(!listed(&mut tutor).contains("Вам поручено сопровождение"));
        see(&mut tutor);
        assert_eq!(bell(&tutor.get("/account")), "1");
        assert!(tutor.get("/notices?page=2").body.contains("Вам поручено сопровождение"));
        let news = "SELECT count(*) AS n FROM notice WHERE account_id = 3 AND settled = 'read'";
        assert_eq!(number(v, news), 0);
    }

    // rows: CH-F29
    fn a_link_of_a_notice_opens_the_task(v: &Vekha) {
        let server = world(v, 1);
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        let item = step(v, 1);
        submit(v, 1, "2023-03-01");
        assert!(listed(&mut teacher).contains("Вас ничего не ждёт"));
        apply(v, &[format!("1,return,{item},2023-03-02,tutor,,Нет списка участников")]);
        let list = listed(&mut teacher);
        assert!(list.contains(&format!("шаг {item} возвращён")) && list.contains(&format!("href=\"/plan#item-{item}\"")), "{list}");
        let cabinet = teacher.get("/plan");
        assert!(cabinet.body.contains(&format!("id=\"item-{item}\"")) && bell(&cabinet) == "1", "{}", cabinet.body);
        see(&mut teacher);
        assert!(listed(&mut teacher).contains(&format!("шаг {item} возвращён")), "it waits until it is done");
        submit(v, 1, "2023-03-03");
        let list = listed(&mut teacher);
        assert!(list.contains("Вас ничего не ждёт") && !list.contains("Вопрос закрыт"), "own answers are no news: {list}");
        // A plan that is closed asks nobody any more, and says so once to each.
        let mut curator = server.signed_in("curator", PASSWORD);
        apply(v, &["1,close-terminated,,2023-03-04,curator,,transfer".to_owned()]);
        let (own, other) = (listed(&mut curator), listed(&mut server.signed_in("tutor", PASSWORD)));
        assert!(!own.contains("ждёт проверки") && !own.contains("маршрут закрыт"), "{own}");
        assert!(!other.contains("ждёт проверки") && other.matches("маршрут закрыт").count() == 1, "{other}");
    }

    fn a_date_reminds_before_on_and_after_and_never_completes(v: &Vekha) {
        let server = world(v, 2);
        let (plan, item) = (plan_of(v, 1), step(v, 1));
        let due = today() + Days::new(20);
        v.sql("UPDATE iom_item SET due_on = NULL");
        v.sql(&format!("UPDATE iom_item SET due_on = '{due}' WHERE iom_id = {plan} AND number = {item}"));
        // The same day stands in a plan that is closed, and in one of the other region.
        let (closed, south) = (plan_of(v, 2), plan_of(v, 99));
        apply(v, &["2,close-terminated,,2023-03-01,curator,,transfer".to_owned()]);
        let of_both = format!("iom_id IN ({closed}, {south}) AND number = {}", step(v, 2));
        v.sql(&format!("UPDATE iom_item SET due_on = '{due}' WHERE {of_both}"));
        let states = "SELECT state || ' ' || version FROM iom UNION ALL SELECT state || ' ' || version FROM iom_item ORDER BY 1";
        let before = v.query(states);
        let on = |days: i64| if days < 0 { due - Days::new(days.unsigned_abs()) } else { due + Days::new(days.unsigned_abs()) };
        // One for the north and one for the south, each moment once, caught up two days later at most.
        for (days, told) in [(-8, 0), (-7, 2), (-7, 0), (-6, 0), (0, 2), (2, 0), (3, 2), (10, 2), (17, 2), (26, 2), (31, 2), (38, 0), (45, 0)] {
            assert_eq!(remind(v, on(days)).0, told, "{days}");
            let open = "SELECT count(*) AS n FROM notice WHERE kind = 'iom_due' AND settled_at IS NULL";
            assert_eq!(number(v, open), if days < -7 { 0 } else { 2 }, "{days}: the last one stands alone");
        }
        assert_eq!(v.query(states), before, "a date completes and closes nothing");
        let mut teacher = server.signed_in("teacher-1", PASSWORD);
        let list = listed(&mut teacher);
        assert!(list.contains(&format!("шаг {item}, срок прошёл {}", due.format("%d.%m.%Y"))), "{list}");
        assert!(list.contains(&format!("href=\"/plan#item-{item}\"")), "{list}");
        let of_closed = listed(&mut server.signed_in("teacher-2", PASSWORD));
        assert!(!of_closed.contains("срок") && of_closed.contains("прекращён"), "{of_closed}");
        // Done: the question is gone, without a word to whoever has done it; accepted by another one it is told.
        submit(v, 1, "2023-03-02");
        assert!(listed(&mut teacher).contains("Вас ничего не ждёт"));
        apply(v, &["99,close-terminated,,2023-03-04,curator-south,,transfer".to_owned()]);
        let list = listed(&mut server.signed_in("teacher-99", PASSWORD));
        assert!(list.contains("Вопрос закрыт") && list.contains("маршрут закрыт (прекращён: перевод)") && !list.contains("срок прошёл"), "{list}");
        assert!(list.contains("href=\"/plan\"") && !list.contains("href=\"/notices\""), "closed, and no way to the plan: {list}");
        assert_eq!(remind(v, on(31)).0, 0);
    }

    fn what_one_chooses_is_kept_recorded_and_of_nobody_else(v: &Vekha) {
        let server = world(v, 1);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let page = tutor.get("/notices/choice");
        assert!(page.body.contains("Адрес почты не указан"), "{}", page.body);
        let all = [("plan", "at_once"), ("support", "daily"), ("dates", "weekly"), ("settled", "daily"), ("goals", "off")];
        let saved = tutor.send(&page, "/notices/choice", &all);
        assert_eq!((saved.status, saved.header("location")), (303, "/notices/choice?done=yes"));
        let page = tutor.get("/notices/choice?done=yes");
        for (group, chosen) in all {
            let (_, select) = page.body.split_once(&format!("<select id=\"{group}\"")).expect("a select");
            let select = select.split("</select>").next().unwrap_or_default();
            assert!(select.contains(&format!("value=\"{chosen}\" selected")), "{group}: {select}");
        }
        let rows = v.query("SELECT account_id || ' ' || kinds || ' ' || frequency FROM notice_choice ORDER BY kinds");
        assert_eq!(rows, ["3 dates weekly", "3 goals off", "3 support daily"], "what is as usual is not written");
        // Saved again, nothing is new; what is no choice is refused.
        let _same = tutor.send(&page, "/notices/choice", &all);
        for wrong in [("support", "hourly"), ("access", "off")] {
            assert_eq!(tutor.send(&page, "/notices/choice", &[wrong]).status, 400, "{wrong:?}");
        }
        let noted = v.query("SELECT detail FROM audit_event WHERE action = 'mail.choice'");
        assert_eq!(noted, ["choice=support:daily,dates:weekly,goals:off"]);
        assert_eq!(server.visitor().get("/notices").status, 303, "one signs in first");
    }
}
