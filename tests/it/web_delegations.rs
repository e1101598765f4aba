//! «Замещение»: another one's queue for some days, both names in the records, nothing of it the day after.

use crate::on_both;
use crate::support::{Vekha, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web::{PASSWORD, plan_of, same, world};
use crate::web_doors::{code, secret_on, set_up};
use crate::world::{NORTH, SOUTH, number, unit};

/// A day from today on.
fn day(plus: i64) -> chrono::NaiveDate {
    today() + chrono::TimeDelta::days(plus)
}

/// The same as a form writes it.
fn typed(plus: i64) -> String {
    day(plus).format("%d.%m.%Y").to_string()
}

#[track_caller]
fn name(v: &Vekha, who: &mut Visitor, role: &str, substitute: &str, from: i64, to: i64) -> Page {
    let page = who.get("/delegations");
    let (from, to, substitute) = (typed(from), typed(to), account(v, substitute));
    let fields = [
        ("role", role),
        ("who", &*substitute),
        ("from", &from),
        ("to", &to),
        ("reason", "отпуск"),
    ];
    who.send(&page, "/delegations", &fields)
}

/// The account of a login as the choice of a substitute names it; nothing of nobody.
fn account(v: &Vekha, login: &str) -> String {
    match login {
        "" => String::new(),
        login => number(v, &format!("SELECT id AS n FROM account WHERE login = '{login}'")).to_string(),
    }
}

/// Whether a page offers somebody as a substitute.
fn offers(v: &Vekha, page: &Page, login: &str) -> bool {
    page.body.contains(&format!("<option value=\"{}\"", account(v, login)))
}

/// One more account with a role, its password that of another one.
fn employ(v: &Vekha, id: i64, login: &str, like: &str, role: &str, over: i64) {
    v.sql(&format!(
        "INSERT INTO account (id, region_id, login, password_hash, state, auth_version, created_at, version) SELECT {id}, region_id, \
         '{login}', password_hash, 'active', 1, created_at, 1 FROM account WHERE login = '{like}'; INSERT INTO role_grant (id, \
         account_id, role, unit_id, recorded_at) SELECT {id}, {id}, '{role}', {over}, created_at FROM account WHERE login = '{like}'"
    ));
}

/// One more unit of the north.
fn found(v: &Vekha, id: i64, kind: &str, parent: i64) {
    v.sql(&format!(
        "INSERT INTO unit (id, region_id, kind, code, name, search_key, sort_key, version, recorded_at) SELECT {id}, region_id, \
         '{kind}', 'n{id}', 'n{id}', '', '', 1, recorded_at FROM unit WHERE id = {parent}; INSERT INTO unit_link (id, region_id, \
         unit_id, parent_id, recorded_at) SELECT {id}, region_id, {id}, {parent}, recorded_at FROM unit WHERE id = {parent}"
    ));
}

/// Goes to work in another one's stead, by the menu.
#[track_caller]
fn stand_in(who: &mut Visitor, delegation: i64) {
    let page = who.get("/account");
    let stead = format!("name=\"stead\" value=\"{delegation}\"");
    assert!(page.body.contains(&stead), "{}", page.body);
    assert_eq!(
        who.send(&page, "/role", &[("stead", &delegation.to_string())]).status,
        303
    );
}

fn newest(v: &Vekha) -> i64 {
    number(v, "SELECT max(id) AS n FROM delegation")
}

fn step(v: &Vekha, plan: i64, place: i64) -> String {
    let all = format!(
        "SELECT CAST(number AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND programme_id IS NULL ORDER BY number"
    );
    number(v, &format!("{all} LIMIT 1 OFFSET {place}")).to_string()
}

/// Account of the act, and in whose stead it was done.
fn hands(v: &Vekha, act: &str) -> Vec<String> {
    v.query(&format!(
        "SELECT a.login || ' for ' || coalesce(b.login, 'nobody') AS who FROM iom_act i JOIN account a ON a.id = i.account_id \
         LEFT JOIN account b ON b.id = i.on_behalf_of_id WHERE i.act = '{act}' ORDER BY i.id"
    ))
}

on_both! {
    fn a_queue_opens_for_some_days_and_both_names_are_kept(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (plan, theirs) = (plan_of(v, 1001), plan_of(v, 2001));
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let empty = methodist.get("/people");
        assert!(!empty.body.contains("Фамилия1"), "{}", empty.body);
        let card = format!("/people/{plan}");
        assert_eq!(methodist.get(&card).status, 404);
        // Colleagues of the place, none of the other region; days that make sense.
        let page = tutor.get("/delegations");
        assert!(offers(v, &page, "methodist") && !page.body.contains("-south"), "{}", page.body);
        for (who, from, to, said) in [
            ("tutor-south", 0, 3, "нет среди тех"),
            ("tutor", 0, 3, "нет среди тех"),
            ("", 0, 3, "Выберите"),
            ("methodist", -1, 3, "уже прошёл"),
            ("methodist", 3, 2, "раньше первого"),
            ("methodist", 0, 400, "больше года"),
        ] {
            let refused = name(v, &mut tutor, "tutor", who, from, to);
            assert!(refused.status == 422 && refused.body.contains(said), "{who} {from} {to}: {}", refused.body);
        }
        assert_eq!(name(v, &mut tutor, "operator", "methodist", 0, 3).status, 404, "not a role of one's own");
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 2, 5).status, 422, "the same once more");
        assert_eq!(number(v, "SELECT count(*) AS n FROM delegation"), 1);
        assert_eq!(number(v, "SELECT count(*) AS n FROM outbox_mail WHERE kind = 'access_delegation'"), 1);

        // Nobody else works in that stead, and the colleague does only once the menu says so.
        let mut curator = server.signed_in("curator", PASSWORD);
        let form = curator.get("/account");
        assert_eq!(curator.send(&form, "/role", &[("stead", &newest(v).to_string())]).status, 403);
        assert_eq!(methodist.get(&card).status, 404);
        stand_in(&mut methodist, newest(v));
        let people = methodist.get("/people");
        assert!(people.body.contains("Фамилия1") && people.body.contains("Тьютор, замещение: tutor"), "{}", people.body);
        assert_eq!(methodist.get(&card).status, 200);
        let viewed = server.signed_in("teacher", PASSWORD).get("/viewed").body;
        assert!(viewed.contains("methodist (замещает: tutor)"), "the teacher is not told in whose stead: {viewed}");
        assert!(viewed.contains("Тьютор"), "{viewed}");
        assert_eq!(same(&methodist.get(&format!("/people/{theirs}"))), same(&methodist.get("/people/7")));
        assert_eq!(methodist.get("/delegations").status, 403, "it is not handed on");

        // The teacher hands in, the colleague accepts: both names in the plan, in the act and in the journal.
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let item = step(v, plan, 0);
        let own = teacher.get("/plan");
        assert_eq!(teacher.send_file(&own, "/plan/submit", &[("item", &item), ("note", "готово")], None).status, 303);
        let queue = methodist.get("/review");
        let mark = [("plan", &*plan.to_string()), ("item", &*item), ("act", "accept")];
        for _ in 0..2 {
            assert_eq!(methodist.send(&queue, "/review", &mark).status, 303, "sent twice it is answered as the first time");
        }
        assert_eq!(hands(v, "accept"), ["methodist for tutor"]);
        assert!(teacher.get("/plan").body.contains("methodist, замещение: tutor"), "{}", teacher.get("/plan").body);
        let both = "SELECT count(*) AS n FROM audit_event e JOIN account a ON a.id = e.account_id JOIN account b ON b.id = \
                    e.on_behalf_of_id WHERE a.login = 'methodist' AND b.login = 'tutor' AND e.action =";
        for action in ["iom.accept", "desk.read_plan", "desk.read_list"] {
            assert!(number(v, &format!("{both} '{action}'")) >= 1, "{action}");
        }
        let journal = server.signed_in("admin", PASSWORD).get("/journal?action=iom.accept");
        assert!(journal.body.contains("methodist") && journal.body.contains("tutor"), "{}", journal.body);
        // Back in the own role the queue is closed; the tutor never lost it.
        let page = methodist.get("/account");
        assert_eq!(methodist.send(&page, "/role", &[("role", "municipal_methodist")]).status, 303);
        assert_eq!(methodist.get(&card).status, 404);
        assert_eq!(tutor.get(&card).status, 200);
    }

    fn a_substitute_is_named_once_however_often_the_form_is_sent(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut who = server.signed_in("tutor", PASSWORD);
        let page = who.get("/delegations");
        let key = key_of(&page);
        let (day, substitute) = (typed(0), account(v, "methodist"));
        let form = |reason: &'static str| [("key", &*key), ("role", "tutor"), ("who", &*substitute), ("from", &*day), ("to", &*day), ("reason", reason)];
        for n in 0..3 {
            let sent = who.send(&page, "/delegations", &form("отпуск"));
            assert_eq!((sent.status, sent.header("location")), (303, "/delegations?done=given"), "named again: {n}");
        }
        assert_eq!(who.send(&page, "/delegations", &form("болезнь")).status, 422);
        assert_eq!(number(v, "SELECT count(*) AS n FROM delegation"), 1);
    }

    fn after_the_last_day_nothing_is_left(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let plan = plan_of(v, 1001);
        let card = format!("/people/{plan}");
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let item = step(v, plan, 0);
        let own = teacher.get("/plan");
        assert_eq!(teacher.send_file(&own, "/plan/submit", &[("item", &item), ("note", "готово")], None).status, 303);
        let mark = [("plan", &*plan.to_string()), ("item", &*item), ("act", "accept")];
        let over = |methodist: &mut Visitor, form: &Page| {
            let closed = methodist.get(&card);
            assert!(closed.status == 403 && closed.body.contains("Замещение закончилось"), "{}", closed.body);
            assert_eq!(methodist.send(form, "/review", &mark).status, 403);
            assert!(hands(v, "accept").is_empty());
            let page = methodist.get("/account");
            assert!(!page.body.contains("name=\"stead\""), "{}", page.body);
            assert_eq!(methodist.send(&page, "/role", &[("role", "municipal_methodist")]).status, 303);
            assert_eq!(methodist.get("/people").status, 200);
        };
        // The last day is included; the day after it the very next call is refused.
        for (starts, ends, holds) in [(-3, 0, true), (-3, -1, false), (1, 3, false)] {
            assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
            stand_in(&mut methodist, newest(v));
            let form = methodist.get("/review");
            assert!(form.body.contains("Фамилия1"), "{}", form.body);
            v.sql(&format!("UPDATE delegation SET starts_on = '{}', ends_on = '{}' WHERE id = {}", day(starts), day(ends), newest(v)));
            if holds {
                assert_eq!(methodist.get(&card).status, 200);
                v.sql("UPDATE delegation SET ended_at = recorded_at");
            }
            over(&mut methodist, &form);
            v.sql("UPDATE delegation SET ended_at = recorded_at");
        }
        // Ended by hand, by the one or the other; the role taken away; the account suspended.
        for how in ["tutor", "methodist", "role", "account"] {
            assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
            stand_in(&mut methodist, newest(v));
            let form = methodist.get("/review");
            let id = newest(v).to_string();
            match how {
                "tutor" => {
                    let page = tutor.get("/delegations");
                    assert_eq!(tutor.send(&page, "/delegations/end", &[("id", &id)]).status, 303);
                    assert_eq!(tutor.send(&page, "/delegations/end", &[("id", &id)]).status, 404, "it is over");
                }
                "methodist" => {
                    let mut again = server.signed_in("methodist", PASSWORD);
                    let page = again.get("/delegations");
                    assert!(page.body.contains("Вы замещаете"), "{}", page.body);
                    assert_eq!(again.send(&page, "/delegations/end", &[("id", &id)]).status, 303);
                }
                "role" => v.sql("UPDATE role_grant SET valid_to = '2022-01-02', valid_from = '2022-01-01' WHERE role = 'tutor'"),
                _ => v.sql("UPDATE account SET state = 'suspended' WHERE login = 'tutor'"),
            }
            let closed = methodist.get(&card);
            assert_eq!(closed.status, 403, "{how}: {}", closed.body);
            assert_eq!(methodist.send(&form, "/review", &mark).status, 403, "{how}");
            v.sql("UPDATE role_grant SET valid_to = NULL, valid_from = NULL; UPDATE account SET state = 'active'; \
                   UPDATE delegation SET ended_at = recorded_at");
            let page = methodist.get("/account");
            assert_eq!(methodist.send(&page, "/role", &[("role", "municipal_methodist")]).status, 303);
        }
        assert!(hands(v, "accept").is_empty());
    }

    fn only_what_was_given_is_open(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let card = format!("/plans/{}", plan_of(v, 1001));
        let mut head = server.signed_in("head", PASSWORD);
        let page = head.get("/delegations");
        for part in ["Что поручаете", "Утверждение маршрутов", "Показатели, охват и кадровый состав"] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        assert!(!page.body.contains("Проверка шагов"), "no work of this role: {}", page.body);
        let give = |head: &mut Visitor, works: &[&str]| {
            let page = head.get("/delegations");
            let (from, to, operator) = (typed(0), typed(3), account(v, "operator"));
            let mut fields = vec![("role", "cnppm_head"), ("who", &*operator), ("from", &*from), ("to", &*to), ("part", "some")];
            fields.extend(works.iter().map(|work| ("work", *work)));
            head.send(&page, "/delegations", &fields)
        };
        for works in [&[][..], &["review"], &["approve", "review"]] {
            let refused = give(&mut head, works);
            assert!(refused.status == 422 && refused.body.contains("тметьте хотя бы одно дело"), "{works:?}: {}", refused.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM delegation"), 0);
        let all = [&*card, "/plans", "/drafting", "/supporters", "/indicators", "/events", "/diagnostics", "/workforce"];
        let approve = [("act", "approve"), ("reason", "")];
        let close = [("act", "close-expired"), ("reason", "срок")];
        for (works, said, open, approves, closed) in [
            (&["approve"][..], "только утверждение маршрутов", &[&*card, "/plans"][..], true, true),
            (&["plans"], "только карточки маршрутов", &[&*card, "/plans"], false, false),
            (&["numbers"], "только показатели, охват и кадровый состав", &["/indicators", "/workforce"], false, true),
            (&["draft", "registers"], "мероприятия, объединения и наставничество", &["/drafting", "/diagnostics", "/events"], false, true),
        ] {
            assert_eq!(give(&mut head, works).status, 303, "{works:?}");
            let page = head.get("/delegations");
            assert!(page.body.contains(said), "{said}: {}", page.body);
            let noted = format!("SELECT count(*) AS n FROM audit_event WHERE action = 'access.delegate' AND detail LIKE '%works={}%'", works.join(","));
            assert_eq!(number(v, &noted), 1, "{works:?}");
            let mut operator = server.signed_in("operator", PASSWORD);
            stand_in(&mut operator, newest(v));
            for path in all {
                let page = operator.get(path);
                assert_eq!(page.status, if open.contains(&path) { 200 } else { 403 }, "{works:?} {path}");
                assert!(page.status == 200 || page.body.contains("Это вам не поручено"), "{works:?} {path}: {}", page.body);
            }
            let form = operator.get("/account");
            let answer = operator.send(&form, &format!("{card}/act"), &approve);
            let refused_by_state = matches!(answer.status, 409 | 422);
            assert!(if approves { refused_by_state } else { answer.status == 403 }, "{works:?}: {} {}", answer.status, answer.body);
            // Whoever has the cards closes a plan when its time is over; whoever approves alone does not.
            if closed {
                let answer = operator.send(&form, &format!("{card}/act"), &close);
                assert_eq!(answer.status, 403, "{works:?}: {}", answer.body);
            }
            v.sql("UPDATE delegation SET ended_at = recorded_at");
        }
        // A step may be marked and nothing else of it; what is given is told by mail.
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let form = tutor.get("/delegations");
        let (from, to, substitute) = (typed(0), typed(3), account(v, "methodist"));
        let fields = [("role", "tutor"), ("who", &*substitute), ("from", &*from), ("to", &*to), ("part", "some"), ("work", "review")];
        assert_eq!(tutor.send(&form, "/delegations", &fields).status, 303);
        assert_eq!(number(v, "SELECT count(*) AS n FROM outbox_mail WHERE body LIKE '%проверка шагов%'"), 1);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        stand_in(&mut methodist, newest(v));
        let plan = plan_of(v, 1001);
        let item = step(v, plan, 0);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let own = teacher.get("/plan");
        assert_eq!(teacher.send_file(&own, "/plan/submit", &[("item", &item), ("note", "готово")], None).status, 303);
        let people = methodist.get(&format!("/people/{plan}"));
        assert!(people.body.contains("value=\"accept\"") && !people.body.contains("value=\"send\""), "{}", people.body);
        let queue = methodist.get("/review");
        let mark = [("plan", &*plan.to_string()), ("item", &*item), ("act", "accept")];
        assert_eq!(methodist.send(&queue, "/review", &mark).status, 303);
        assert_eq!(hands(v, "accept"), ["methodist for tutor"]);
        let outcome = methodist.send(&queue, &format!("/people/{plan}/act"), &[("act", "send")]);
        assert_eq!(outcome.status, 403, "{}", outcome.body);
    }

    fn who_has_left_the_place_stands_in_for_nobody_there(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let card = format!("/people/{}", plan_of(v, 1001));
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
        stand_in(&mut methodist, newest(v));
        assert_eq!(methodist.get(&card).status, 200);
        // The role that stood near is moved to another place: the next call is refused, and the menu names nobody.
        let grant = "role_grant WHERE account_id = (SELECT id FROM account WHERE login = 'methodist')";
        let at = number(v, &format!("SELECT unit_id AS n FROM {grant}"));
        v.sql(&format!("UPDATE role_grant SET unit_id = {} WHERE id IN (SELECT id FROM {grant})", unit(SOUTH, 1)));
        assert_eq!(methodist.get(&card).status, 403, "somebody who left stands in");
        let mut again = server.signed_in("methodist", PASSWORD);
        assert!(!again.get("/account").body.contains("name=\"stead\""), "it is still offered");
        v.sql(&format!("UPDATE role_grant SET unit_id = {at} WHERE id IN (SELECT id FROM {grant})"));
        assert_eq!(methodist.get(&card).status, 200, "back at the place");
        // So it is when the giver's role has run out by its days.
        let given = "role_grant WHERE account_id = (SELECT id FROM account WHERE login = 'tutor')";
        v.sql(&format!("UPDATE role_grant SET valid_to = '2020-01-01' WHERE id IN (SELECT id FROM {given})"));
        assert_eq!(methodist.get(&card).status, 403, "the giver's role is over");
    }

    fn colleagues_of_the_own_place_are_offered_however_many_others_there_are(v: &Vekha) {
        world(v);
        let mut many = String::new();
        for n in 0..320 {
            let (id, to) = (5000 + n, unit(NORTH, 2 + n % 2));
            many.push_str(&format!(
                "INSERT INTO account (id, region_id, login, password_hash, state, auth_version, created_at, version) SELECT {id}, region_id, \
                 'aaa-{n:03}', password_hash, 'active', 1, created_at, 1 FROM account WHERE login = 'tutor'; INSERT INTO role_grant (id, \
                 account_id, role, unit_id, recorded_at) SELECT {id}, {id}, 'tutor', {to}, created_at FROM account WHERE \
                 login = 'tutor'; "
            ));
        }
        v.sql(&many);
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let page = tutor.get("/delegations");
        assert!(offers(v, &page, "methodist"), "{}", page.body);
        assert!(page.body.matches("<option").count() <= 302, "no choice of thousands");
        // Who is not shown is found by name, and what was looked for stays when something is wrong.
        assert!(!offers(v, &page, "aaa-319") && page.body.contains("Остальные найдутся по имени"), "{}", page.body);
        let narrow = tutor.get("/delegations?name=AAA-319");
        assert!(offers(v, &narrow, "aaa-319") && !offers(v, &narrow, "methodist"), "{}", narrow.body);
        let refused = tutor.send(&narrow, "/delegations", &[("role", "tutor"), ("name", "AAA-319"), ("who", ""), ("from", "1"), ("to", "2")]);
        assert!(refused.status == 422 && offers(v, &refused, "aaa-319") && !offers(v, &refused, "methodist"), "{}", refused.body);
        let nobody = tutor.get("/delegations?name=zzz");
        assert!(nobody.body.contains("такого имени нет") && nobody.body.contains("name=\"name\""), "{}", nobody.body);
        assert_eq!(name(v, &mut tutor, "tutor", "aaa-319", 0, 3).status, 303, "who is not shown may stand in still");
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
        // Of the own place everyone is shown.
        v.sql(&format!("UPDATE role_grant SET unit_id = {} WHERE account_id >= 5000 AND account_id < 5320", unit(NORTH, 1)));
        let page = tutor.get("/delegations");
        for login in ["aaa-000", "aaa-160", "aaa-319", "methodist"] {
            assert!(offers(v, &page, login), "somebody of the own place is cut off: {login}");
        }
        assert!(!page.body.contains("name=\"name\""), "{}", page.body);
    }

    fn substitutes_come_from_nearby(v: &Vekha) {
        world(v);
        // Another municipality of the region with a school of its own.
        found(v, 7001, "municipality", unit(NORTH, 0));
        found(v, 7002, "organisation", 7001);
        let (own, near, institute) = (unit(NORTH, 2), unit(NORTH, 3), unit(NORTH, 4));
        for (id, login, like, role, over) in [
            (6001, "head-near", "director", "school_head", near),
            (6002, "deputy-near", "director", "school_admin", near),
            (6003, "head-invited", "director", "school_head", near),
            (6004, "head-far", "director", "school_head", 7002),
            (6005, "head-there", "operator-south", "school_head", unit(SOUTH, 2)),
            (6006, "mentor-own", "director", "mentor", own),
            (6007, "tutor-above", "tutor", "tutor", unit(NORTH, 0)),
            (6008, "tutor-far", "tutor", "tutor", 7001),
            (6009, "head-of-institute", "head", "cnppm_head", institute),
            // Whoever sees numbers alone or comes from outside sees no people by way of a colleague.
            (6012, "provider-own", "director", "programme_provider", own),
            (6013, "minister", "head", "regional_authority", unit(NORTH, 0)),
            (6014, "authority-north", "director", "municipal_authority", unit(NORTH, 1)),
            (6015, "expert-north", "head", "expert", unit(NORTH, 0)),
            (6016, "assessor-north", "head", "assessment_operator", unit(NORTH, 0)),
        ] {
            employ(v, id, login, like, role, over);
        }
        v.sql("UPDATE account SET password_hash = '' WHERE login = 'head-invited'");
        v.sql("UPDATE account SET name = 'Анна Ким' WHERE login IN ('deputy', 'head-near')");
        let server = Server::start(v);
        let mut director = server.signed_in("director", PASSWORD);
        let page = director.get("/delegations");
        for (login, offered) in [
            ("deputy", true),
            ("mentor-own", true),
            ("head-near", true),
            ("head-far", false),
            ("head-there", false),
            ("deputy-near", false),
            ("head-invited", false),
            ("teacher", false),
            ("methodist", false),
            ("provider-own", false),
        ] {
            assert_eq!(offers(v, &page, login), offered, "somebody from afar is offered: {login}: {}", page.body);
            if !offered {
                let refused = name(v, &mut director, "school_head", login, 0, 3);
                assert!(refused.status == 422 && refused.body.contains("нет среди тех"), "{login}: {}", refused.body);
            }
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM delegation"), 0);
        // Names with role and place, those of the own school first; a login only where two read the same.
        let choice = |page: &Page| page.body.split_once("<select id=\"who\"").expect("a choice").1.split_once("</select>").expect("its end").0.to_owned();
        let shown = choice(&page);
        assert!(shown.find(">Анна Ким · Заместитель директора · С2<") < shown.find(">Анна Ким · Директор · С3<"), "{shown}");
        assert!(!shown.contains("head-near"), "{shown}");
        employ(v, 6010, "head-twin", "director", "school_head", near);
        v.sql("UPDATE account SET name = 'Анна Ким' WHERE login = 'head-twin'");
        let shown = choice(&director.get("/delegations"));
        assert!(shown.contains(">Анна Ким · Директор · С3 · head-twin<") && shown.contains(">Анна Ким · Директор · С3 · head-near<"), "{shown}");
        // The same role over what holds the place; in a region what is of the region.
        let page = server.signed_in("tutor", PASSWORD).get("/delegations");
        assert!(offers(v, &page, "tutor-above") && !offers(v, &page, "tutor-far"), "{}", page.body);
        let page = server.signed_in("tutor-above", PASSWORD).get("/delegations");
        assert!(offers(v, &page, "tutor") && offers(v, &page, "tutor-far") && !offers(v, &page, "tutor-south"), "{}", page.body);
        assert!(!offers(v, &page, "minister") && !offers(v, &page, "expert-north"), "numbers alone stand in: {}", page.body);
        let page = server.signed_in("head", PASSWORD).get("/delegations");
        assert!(offers(v, &page, "head-of-institute") && !offers(v, &page, "head-south"), "{}", page.body);
        assert!(!offers(v, &page, "assessor-north"), "whoever measures stands in: {}", page.body);
        // Once the invited one has come, that one may be named.
        v.sql("UPDATE account SET password_hash = 'x' WHERE login = 'head-invited'");
        assert!(offers(v, &director.get("/delegations"), "head-invited"));
        // A school that moves to another municipality is no neighbour any more, at the very next call.
        assert_eq!(name(v, &mut director, "school_head", "head-near", 0, 3).status, 303);
        let mut substitute = server.signed_in("head-near", PASSWORD);
        stand_in(&mut substitute, newest(v));
        assert_eq!(substitute.get("/staff").status, 200);
        v.sql(&format!("UPDATE unit_link SET parent_id = 7001 WHERE unit_id = {near}"));
        let closed = substitute.get("/staff");
        assert!(closed.status == 403 && closed.body.contains("Замещение закончилось"), "{}", closed.body);
        v.sql(&format!("UPDATE unit_link SET parent_id = {} WHERE unit_id = {near}", unit(NORTH, 1)));
        assert_eq!(substitute.get("/staff").status, 200, "back in the municipality");
    }

    fn a_role_that_asks_for_a_second_factor_asks_it_of_whoever_stands_in(v: &Vekha) {
        world(v);
        employ(v, 6000, "director-south", "operator-south", "school_head", unit(SOUTH, 2));
        employ(v, 6001, "mentor-north", "director", "mentor", unit(NORTH, 2));
        employ(v, 6002, "mentor-south", "operator-south", "mentor", unit(SOUTH, 2));
        employ(v, 6003, "mentor-near", "director", "mentor", unit(NORTH, 2));
        let plain = Server::start(v);
        let server = Server::start_with(v, |command| {
            command.env("VEKHA_SECOND_FACTOR", "on");
        });
        for (head, login) in [("director", "mentor-north"), ("director-south", "mentor-south")] {
            let mut head = plain.signed_in(head, PASSWORD);
            assert_eq!(name(v, &mut head, "school_head", login, 0, 3).status, 303, "{login}");
            let id = newest(v);
            // Where nobody is asked a password is enough; where it is asked a session that stands in already is stopped.
            let mut early = plain.signed_in(login, PASSWORD);
            stand_in(&mut early, id);
            assert_eq!(early.get("/staff").status, 200, "{login}");
            let mut running = server.visitor();
            running.cookies = early.cookies.clone();
            let stopped = running.get("/staff");
            assert!(stopped.status == 403 && stopped.body.contains("Нужен второй шаг входа"), "a password alone opens the staff: {} {}", stopped.status, stopped.body);
            let own = running.get("/account");
            assert_eq!((own.status, running.send(&own, "/role", &[("role", "mentor")]).status, running.get("/people").status), (200, 303, 200), "{login}");
            // At the switch one is led to set it up; a password shown anew is none.
            let mut mentor = server.signed_in(login, PASSWORD);
            let led = |mentor: &mut Visitor| {
                let page = mentor.get("/account");
                let answer = mentor.send(&page, "/role", &[("stead", &id.to_string())]);
                (answer.status, answer.header("location").to_owned(), mentor.get("/staff").status)
            };
            assert_eq!(led(&mut mentor), (303, "/second-factor".to_owned(), 403), "{login}");
            let form = mentor.get("/confirm");
            assert_eq!(mentor.send(&form, "/confirm", &[("secret", PASSWORD), ("next", "/")]).status, 303);
            assert_eq!(led(&mut mentor), (303, "/second-factor".to_owned(), 403), "{login}");
            assert_eq!(number(v, &format!("SELECT count(*) AS n FROM audit_event WHERE action = 'access.stand_in' AND object_id = {id}")), 1, "of the early one alone");
            let page = mentor.get("/second-factor");
            assert!(page.body.contains("Коллега, которого вы замещаете") && page.body.contains("в меню ещё раз"), "{}", page.body);
            let secret = secret_on(&page);
            assert_eq!(set_up(&mut mentor, &page, PASSWORD).header("location"), "/second-factor/codes", "{login}");
            stand_in(&mut mentor, id);
            assert_eq!(mentor.get("/staff").status, 200, "{login}");
            // A session that was begun without it shows it first.
            v.sql(&format!("UPDATE session SET second_at = '2023-01-01 00:00:00' WHERE account_id = {}; UPDATE second_factor SET last_step = 0", account(v, login)));
            assert_eq!(mentor.get("/staff").status, 403, "{login}");
            let (status, to, staff) = led(&mut mentor);
            assert!(status == 303 && to.starts_with("/confirm") && staff == 403, "{login}: {to}");
            let form = mentor.get(&to);
            assert_eq!(mentor.send(&form, "/confirm", &[("secret", &code(&secret, 0)), ("next", "/")]).status, 303, "{login}");
            assert_eq!(mentor.get("/staff").status, 200, "the session went on in that stead: {login}");
            // One that does not stand in yet is told to choose anew.
            v.sql(&format!("UPDATE session SET second_at = '2023-01-01 00:00:00', delegation_id = NULL WHERE account_id = {}; UPDATE second_factor SET last_step = 0", account(v, login)));
            let (_, to, _) = led(&mut mentor);
            assert_eq!(to, "/confirm?next=%2Fdelegations%3Fdone%3Dsecond", "{login}");
            let form = mentor.get(&to);
            let sent = mentor.send(&form, "/confirm", &[("secret", &code(&secret, 0)), ("next", "/delegations?done=second")]);
            assert_eq!(sent.header("location"), "/delegations?done=second", "{login}");
            let told = mentor.get("/delegations?done=second");
            assert!(told.status == 200 && told.body.contains("в меню под своим именем ещё раз"), "{login}: {}", told.body);
            stand_in(&mut mentor, id);
            assert_eq!(mentor.get("/staff").status, 200, "{login}");
        }
        // A mentor's own work asks for none, in whoever's hands.
        v.sql("UPDATE delegation SET ended_at = recorded_at");
        let mut giver = plain.signed_in("mentor-near", PASSWORD);
        employ(v, 6004, "mentor-plain", "director", "mentor", unit(NORTH, 3));
        assert_eq!(name(v, &mut giver, "mentor", "mentor-plain", 0, 3).status, 303);
        let mut other = server.signed_in("mentor-plain", PASSWORD);
        stand_in(&mut other, newest(v));
        assert_eq!(other.get("/people").status, 200);
    }

    fn the_beginning_of_standing_in_names_whose_work_it_is(v: &Vekha) {
        world(v);
        employ(v, 6001, "tutor-two", "tutor-south", "tutor", unit(SOUTH, 1));
        v.sql(&format!(
            "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) SELECT 6009, id, 'tutor', {}, created_at FROM account WHERE login = 'tutor'",
            unit(NORTH, 3)
        ));
        let server = Server::start(v);
        for (giver, substitute) in [("tutor", "methodist"), ("tutor-south", "tutor-two")] {
            let mut away = server.signed_in(giver, PASSWORD);
            assert_eq!(name(v, &mut away, "tutor", substitute, 0, 3).status, 303, "{substitute}");
            stand_in(&mut server.signed_in(substitute, PASSWORD), newest(v));
        }
        let rows = v.query(
            "SELECT a.login || ' for ' || b.login || ': ' || e.detail || ' of ' || CAST(e.region_id AS TEXT) AS who FROM audit_event e JOIN account a \
             ON a.id = e.account_id JOIN account b ON b.id = e.on_behalf_of_id WHERE e.action = 'access.stand_in' ORDER BY e.id",
        );
        let of = |region| (unit(region, 0), unit(region, 1));
        let ((north, town), (south, other)) = (of(NORTH), of(SOUTH));
        let first = format!("methodist for tutor: role=tutor unit={town} unit={} of {north}", unit(NORTH, 3));
        assert_eq!(rows, [first, format!("tutor-two for tutor-south: role=tutor unit={other} of {south}")]);
        let journal = server.signed_in("admin", PASSWORD).get("/journal?action=access.stand_in");
        for words in ["Начата работа в порядке замещения: tutor<", "роль: Тьютор; единица: С1; единица: С3"] {
            assert!(journal.body.contains(words), "{words}: {}", journal.body);
        }
        assert!(!journal.body.contains("по замещению") && !journal.body.contains("tutor-two"), "{}", journal.body);
    }

    fn whoever_ends_it_second_is_told_by_whom_it_was_ended(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
        let (mine, theirs) = (tutor.get("/delegations"), methodist.get("/delegations"));
        let form = |page: &Page| page.body.split_once("name=\"id\" value=\"").expect("a form").1.split('"').next().expect("an id").to_owned();
        for _ in 0..2 {
            let ended = methodist.send(&theirs, "/delegations/end", &[("id", &form(&theirs))]);
            assert_eq!(ended.header("location"), "/delegations?done=ended", "sent twice it is answered as the first time");
        }
        let told = tutor.send(&mine, "/delegations/end", &[("id", &form(&mine))]);
        assert_eq!(told.status, 409, "{}", told.body);
        assert!(told.body.contains("Замещение завершено") && told.body.contains("methodist"), "{}", told.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM audit_event WHERE action = 'access.end_delegation'"), 1);
    }

    fn whoever_stands_in_ends_it_from_inside(v: &Vekha) {
        world(v);
        v.sql("UPDATE account SET email = login || '@school.example'");
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let told = |login: &str| number(v, &format!(
            "SELECT count(*) AS n FROM outbox_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = 'access_delegation_ended' AND a.login = '{login}'"
        ));
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
        let id = newest(v).to_string();
        let outside = methodist.get("/account");
        assert!(!outside.body.contains("Отказаться от замещения"), "{}", outside.body);
        assert_eq!(methodist.send(&outside, "/role", &[("end", &id)]).status, 403, "not yet inside");
        stand_in(&mut methodist, newest(v));
        let inside = methodist.get("/people");
        assert!(inside.body.contains("Отказаться от замещения"), "{}", inside.body);
        assert!(inside.body.contains(&format!("name=\"end\" value=\"{id}\"")), "{}", inside.body);
        // Nobody else ends it so, and not both at once.
        let mut curator = server.signed_in("curator", PASSWORD);
        let form = curator.get("/account");
        assert_eq!(curator.send(&form, "/role", &[("end", &id)]).status, 403);
        assert_eq!(methodist.send(&inside, "/role", &[("end", &id), ("role", "municipal_methodist")]).status, 403);
        let ended = methodist.send(&inside, "/role", &[("end", &id)]);
        assert_eq!((ended.status, ended.header("location")), (303, "/delegations?done=ended"));
        let page = methodist.get("/delegations?done=ended");
        assert!(page.status == 200 && page.body.contains("Замещение завершено"), "{}", page.body);
        assert_eq!(methodist.get(&format!("/people/{}", plan_of(v, 1001))).status, 404, "the queue is the tutor's again");
        let both = "SELECT count(*) AS n FROM audit_event e JOIN account a ON a.id = e.account_id WHERE e.action = 'access.end_delegation' AND a.login =";
        assert_eq!((number(v, &format!("{both} 'methodist'")), number(v, &format!("{both} 'tutor'"))), (1, 0));
        assert_eq!((told("tutor"), told("methodist")), (1, 0));
        assert_eq!(methodist.send(&inside, "/role", &[("end", &id)]).status, 403, "it is over");
        // From the own list the giver is told the same way, and so is the substitute when the giver ends it.
        for (login, many) in [("methodist", (2, 0)), ("tutor", (2, 1))] {
            assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
            let id = newest(v).to_string();
            let mut who = server.signed_in(login, PASSWORD);
            let page = who.get("/delegations");
            assert_eq!(who.send(&page, "/delegations/end", &[("id", &id)]).status, 303, "{login}");
            assert_eq!((told("tutor"), told("methodist")), many, "{login}");
        }
        let said = v.query("SELECT body FROM outbox_mail WHERE kind = 'access_delegation_ended'");
        assert!(said.iter().any(|b| b.contains("methodist")) && said.iter().any(|b| b.contains("\"tutor\"")), "{said:?}");
        let _whole = v.run(&["check"]).ok();
    }

    fn nobody_marks_an_own_plan_in_anyones_stead(v: &Vekha) {
        world(v);
        // The colleague is the teacher of the plan; so, the other way round, is the tutor.
        v.sql("UPDATE account SET person_id = NULL WHERE login = 'teacher'; UPDATE account SET person_id = 1001 WHERE login = 'methodist'");
        let server = Server::start(v);
        let plan = plan_of(v, 1001);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
        stand_in(&mut methodist, newest(v));
        let item = step(v, plan, 0);
        v.sql(&format!("UPDATE iom_item SET state = 'submitted' WHERE iom_id = {plan} AND number = {item}"));
        let queue = methodist.get("/review");
        let mark = [("plan", &*plan.to_string()), ("item", &*item), ("act", "accept")];
        for (methodists, tutors) in [("1001", "NULL"), ("NULL", "1001")] {
            v.sql(&format!("UPDATE account SET person_id = NULL WHERE login IN ('methodist', 'tutor'); UPDATE account SET person_id = {methodists} \
                            WHERE login = 'methodist'; UPDATE account SET person_id = {tutors} WHERE login = 'tutor'"));
            let refused = methodist.send(&queue, "/review", &mark);
            assert!(matches!(refused.status, 409 | 422), "{}: {}", refused.status, refused.body);
            assert!(hands(v, "accept").is_empty());
        }
    }
}

/// One more role of an account.
fn appoint(v: &Vekha, id: i64, login: &str, role: &str, over: i64) {
    v.sql(&format!(
        "INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) SELECT {id}, id, '{role}', {over}, created_at FROM \
         account WHERE login = '{login}'"
    ));
}

/// A step of the plan that was handed in, as the form of the queue names it.
fn handed_in(v: &Vekha, server: &Server, plan: i64) -> [(&'static str, String); 3] {
    let item = step(v, plan, 0);
    let mut teacher = server.signed_in("teacher", PASSWORD);
    let own = teacher.get("/plan");
    let note = [("item", &*item), ("note", "готово")];
    assert_eq!(teacher.send_file(&own, "/plan/submit", &note, None).status, 303);
    [("plan", plan.to_string()), ("item", item), ("act", "accept".to_owned())]
}

/// The key of the form of a page.
fn key_of(page: &Page) -> String {
    let (_, rest) = page.body.split_once("name=\"key\" value=\"").expect("a key");
    rest.split('"').next().expect("its end").to_owned()
}

fn fields<'a>(of: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    of.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

on_both! {
    // An assignment belongs to one role: it opens nothing to whoever was given another one, nor after the role is over.
    fn an_assignment_is_seen_in_its_own_role_alone(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (plan, near) = (plan_of(v, 1001), unit(NORTH, 1));
        let card = format!("/people/{plan}");
        let mark = handed_in(v, &server, plan);
        appoint(v, 7001, "tutor", "municipal_methodist", near);
        // In a role beside it the tutor's own queue is whole.
        let mut tutor = server.signed_in("tutor", PASSWORD);
        assert_eq!((tutor.get(&card).status, tutor.get("/people").body.contains("Фамилия1")), (200, true));
        // The colleague was given the other role.
        assert_eq!(name(v, &mut tutor, "municipal_methodist", "methodist", 0, 3).status, 303);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        stand_in(&mut methodist, newest(v));
        let shut = |who: &mut Visitor, what: &str| {
            let people = who.get("/people");
            assert!(people.status == 200 && !people.body.contains("Фамилия1"), "{what}: {}", people.body);
            for path in [card.clone(), format!("{card}/paper?document=plan"), format!("{card}/notes")] {
                assert_eq!(who.get(&path).status, 404, "{what} {path}");
            }
            let sent = who.send(&people, "/review", &fields(&mark));
            assert!(matches!(sent.status, 404 | 422) && hands(v, "accept").is_empty(), "{what}: {} {}", sent.status, sent.body);
            let act = who.send(&people, &format!("{card}/act"), &[("act", "support"), ("reason", "совет")]);
            assert!(act.status == 404 && hands(v, "support").is_empty(), "{what}: {}", act.body);
        };
        shut(&mut methodist, "in stead of another role");
        // The tutor's role is over; the other one stays.
        v.sql("UPDATE role_grant SET valid_from = '2022-01-01', valid_to = '2022-01-02' WHERE role = 'tutor'");
        shut(&mut tutor, "the role is over");
        let rows = format!("snils,act,item,date,by,value,reason\n{},outcome,,{},tutor,К1:closed,\n", crate::world::snils(1), today());
        let file = v.file("late.csv", rows);
        let refused = v.run(&["iom", "apply", crate::support::text(&file)]).with_refusals();
        assert!(format!("{}{}", refused.out, refused.err).contains("нет права"), "{}{}", refused.out, refused.err);
        v.sql("UPDATE role_grant SET valid_from = NULL, valid_to = NULL");
        assert_eq!(tutor.get(&card).status, 200, "given back it opens again");
    }

    // Nobody accompanies a subordinate, in nobody's stead either: the head of a school reads no scores of its teachers.
    fn the_head_of_a_school_stands_in_for_no_supporter_of_its_teachers(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (plan, school) = (plan_of(v, 1001), unit(NORTH, 2));
        employ(v, 6001, "mentor", "tutor", "mentor", school);
        v.sql(&format!(
            "INSERT INTO supporter (id, region_id, iom_id, account_id, kind, valid_from, recorded_at) SELECT 990001, region_id, id, 6001, \
             'mentor', '2023-02-15', '2023-02-15 00:00:00' FROM iom WHERE id = {plan}"
        ));
        let mut mentor = server.signed_in("mentor", PASSWORD);
        let card = format!("/people/{plan}");
        assert_eq!(mentor.get(&card).status, 200);
        assert_eq!(name(v, &mut mentor, "mentor", "director", 0, 3).status, 303, "other people of the mentor may be of other schools");
        let mut director = server.signed_in("director", PASSWORD);
        stand_in(&mut director, newest(v));
        let people = director.get("/people");
        assert!(people.status == 200 && !people.body.contains("Фамилия1"), "a superior in stead: {}", people.body);
        for path in [card.clone(), format!("{card}/paper?document=plan"), format!("{card}/notes")] {
            assert_eq!(director.get(&path).status, 404, "a superior in stead: {path}");
        }
        let sent = director.send(&people, &format!("{card}/act"), &[("act", "support"), ("reason", "совет")]);
        assert!(sent.status == 404 && hands(v, "support").is_empty(), "{}", sent.body);
        // Whoever works elsewhere stays open: the teacher moves.
        v.sql(&format!("UPDATE employment SET organisation_id = {} WHERE person_id = 1001", unit(NORTH, 3)));
        assert_eq!(director.get(&card).status, 200, "no subordinate any more");
    }

    fn a_substitution_is_ended_however_many_there_are(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
        let first = newest(v);
        let rows: Vec<String> = (1..=120)
            .map(|n| {
                let (from, to) = if n % 2 == 0 { (day(5), day(6)) } else { (day(-9), day(-8)) };
                format!(
                    "({first} + {n}, {}, (SELECT id FROM account WHERE login = 'curator'), (SELECT id FROM account WHERE login = 'tutor'), \
                     'curator', '{from}', '{to}', '', '2023-01-01 00:00:00', 1)",
                    unit(NORTH, 0)
                )
            })
            .collect();
        v.sql(&format!(
            "INSERT INTO delegation (id, region_id, from_account_id, to_account_id, role, starts_on, ends_on, reason, recorded_at, version) \
             VALUES {}",
            rows.join(",")
        ));
        let page = tutor.get("/delegations");
        assert!(page.body.contains(&format!("value=\"{first}.1\"")), "it is not shown: {}", page.body);
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 1, 2).status, 422, "the same days twice");
        assert_eq!(tutor.send(&page, "/delegations/end", &[("id", &format!("{first}.1"))]).status, 303, "it cannot be ended");
        // Nobody gives without end either.
        for n in 0..20 {
            assert_eq!(name(v, &mut tutor, "tutor", "methodist", 10 + n, 10 + n).status, 303, "{n}");
        }
        let more = name(v, &mut tutor, "tutor", "methodist", 50, 50);
        assert!(more.status == 422 && more.body.contains("уже 20 замещений"), "{}", more.body);
    }

    fn both_names_stand_wherever_it_is_read(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let plan = plan_of(v, 1001);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        assert_eq!(name(v, &mut tutor, "tutor", "methodist", 0, 3).status, 303);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        stand_in(&mut methodist, newest(v));
        let notes = format!("/people/{plan}/notes");
        let (form, on) = (methodist.get(&notes), typed(0));
        let note = [("act", "add"), ("kind", "note"), ("on", &*on), ("text", "о занятии"), ("result", ""), ("shared", "yes")];
        assert_eq!(methodist.send(&form, &notes, &note).status, 303);
        let both = "methodist, замещение: tutor";
        for (who, path) in [("tutor", &*notes), ("teacher", "/plan/notes")] {
            let page = server.signed_in(who, PASSWORD).get(path);
            assert!(page.body.contains(both) && page.body.contains("о занятии"), "{who}: {}", page.body);
        }
        // A revision, and what whoever comes second is told.
        let mut head = server.signed_in("head", PASSWORD);
        assert_eq!(name(v, &mut head, "cnppm_head", "operator", 0, 3).status, 303);
        let mut operator = server.signed_in("operator", PASSWORD);
        stand_in(&mut operator, newest(v));
        v.sql(&format!("UPDATE iom SET state = 'on_agreement', agreed_on = '2023-03-01' WHERE id = {plan}"));
        let late = head.get(&format!("/plans/{plan}"));
        let form = operator.get(&format!("/plans/{plan}"));
        let seen = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {plan}")).to_string();
        let approve = [("act", "approve"), ("seen", &*seen)];
        let sent = operator.send(&form, &format!("/plans/{plan}/act"), &approve);
        assert_eq!(sent.status, 303, "{}", sent.body);
        let both = "operator, замещение: head";
        for (who, path) in [("head", format!("/plans/{plan}/revisions")), ("teacher", "/plan/revisions".to_owned())] {
            let page = server.signed_in(who, PASSWORD).get(&path);
            assert!(page.body.contains(both), "{who}: {}", page.body);
        }
        let second = head.send(&late, &format!("/plans/{plan}/act"), &[("act", "return"), ("reason", "рано"), ("seen", &seen)]);
        assert!(second.status == 409 && second.body.contains(both), "{} {}", second.status, second.body);
    }

    fn notes_belong_to_whoever_was_given_the_accompanying(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let plan = plan_of(v, 1001);
        let notes = format!("/people/{plan}/notes");
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let (form, on) = (tutor.get(&notes), typed(0));
        let note = [("act", "add"), ("kind", "note"), ("on", &*on), ("text", "только для своих"), ("result", ""), ("shared", "no")];
        assert_eq!(tutor.send(&form, &notes, &note).status, 303);
        let id = v.query("SELECT id FROM support_note").remove(0);
        let (from, to, substitute) = (typed(0), typed(3), account(v, "methodist"));
        for (work, status) in [("review", 403), ("accompany", 200)] {
            let page = tutor.get("/delegations");
            let given = [("role", "tutor"), ("who", &*substitute), ("from", &*from), ("to", &*to), ("part", "some"), ("work", work)];
            assert_eq!(tutor.send(&page, "/delegations", &given).status, 303, "{work}");
            let mut methodist = server.signed_in("methodist", PASSWORD);
            stand_in(&mut methodist, newest(v));
            let page = methodist.get(&notes);
            assert_eq!((page.status, page.body.contains("только для своих")), (status, status == 200), "{work}: {}", page.body);
            let card = methodist.get(&format!("/people/{plan}"));
            assert_eq!(card.body.contains(&notes), status == 200, "{work}: {}", card.body);
            if status == 403 {
                let share = methodist.send(&card, &notes, &[("act", "share"), ("note", &id), ("seen", "1")]);
                assert_eq!((share.status, v.query("SELECT COUNT(*) FROM support_note WHERE shared")), (403, vec!["0".to_owned()]));
            }
            v.sql("UPDATE delegation SET ended_at = recorded_at");
        }
    }

    fn templates_and_signatures_belong_to_whoever_was_given_the_plans(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let plan = plan_of(v, 1001);
        let (paper, sign) = (format!("/plans/{plan}/paper"), format!("/plans/{plan}/signature"));
        let (from, to, substitute) = (typed(0), typed(3), account(v, "operator"));
        let mut head = server.signed_in("head", PASSWORD);
        for (work, templates, signs) in [("approve", false, true), ("plans", true, true)] {
            let page = head.get("/delegations");
            let given = [("role", "cnppm_head"), ("who", &*substitute), ("from", &*from), ("to", &*to), ("part", "some"), ("work", work)];
            assert_eq!(head.send(&page, "/delegations", &given).status, 303, "{work}");
            let mut operator = server.signed_in("operator", PASSWORD);
            stand_in(&mut operator, newest(v));
            let list = operator.get("/iom-templates");
            assert_eq!(list.body.contains("/iom-templates/edit"), templates, "{work} is offered: {}", list.body);
            let edit = operator.get("/iom-templates/edit");
            assert_eq!(edit.status, if templates { 200 } else { 403 }, "{work} opens the editor: {}", edit.body);
            let saved = operator.send(&list, "/iom-templates/edit", &[("act", "check"), ("title", "Чужой"), ("seen", "0")]);
            assert_eq!(saved.status == 403, !templates, "{work} saves: {}", saved.body);
            assert_eq!(operator.get(&paper).body.contains(&sign), signs, "{work} signs");
            v.sql("UPDATE delegation SET ended_at = recorded_at");
        }
        // Whoever was given the seats at courses alone brings no signature.
        v.sql("UPDATE role_grant SET role = 'cnppm_staff' WHERE role = 'cnppm_head' AND account_id = (SELECT id FROM account WHERE login = 'head')");
        let mut staff = server.signed_in("head", PASSWORD);
        let page = staff.get("/delegations");
        let given = [("role", "cnppm_staff"), ("who", &*substitute), ("from", &*from), ("to", &*to), ("part", "some"), ("work", "enrol")];
        assert_eq!(staff.send(&page, "/delegations", &given).status, 303, "{}", page.body);
        let mut operator = server.signed_in("operator", PASSWORD);
        stand_in(&mut operator, newest(v));
        let page = operator.get(&paper);
        assert!(page.status == 200 && !page.body.contains(&sign), "{}", page.body);
        let brought = operator.send_file(&page, &sign, &[("document", "plan")], None);
        assert!(brought.status == 403 && brought.body.contains("Это вам не поручено"), "{} {}", brought.status, brought.body);
        assert_eq!(operator.get("/iom-templates/edit").status, 403);
    }

    // The key of a form answers for that form: at its address, and as long as what it did stands.
    fn a_form_answers_for_what_it_did_and_where(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let plan = plan_of(v, 1001);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let page = tutor.get("/delegations");
        let (from, to, substitute) = (typed(0), typed(3), account(v, "methodist"));
        let key = key_of(&page);
        let given = [("key", &*key), ("role", "tutor"), ("who", &*substitute), ("from", &*from), ("to", &*to), ("reason", "отпуск")];
        assert_eq!(tutor.send(&page, "/delegations", &given).status, 303);
        let id = newest(v).to_string();
        let list = tutor.get("/delegations");
        assert_eq!(tutor.send(&list, "/delegations/end", &[("id", &id)]).status, 303);
        let old = tutor.send(&page, "/delegations", &given);
        assert!(old.status == 422 && old.body.contains("с тех пор его завершили"), "it says done: {} {}", old.status, old.body);
        assert_eq!(number(v, "SELECT count(*) AS n FROM delegation"), 1);
        // The same words with the same key elsewhere are refused, and nothing is said to be done.
        let (form, on) = (tutor.get(&format!("/people/{plan}/notes")), typed(0));
        let key = key_of(&form);
        let note = [("act", "add"), ("key", &*key), ("kind", "note"), ("on", &*on), ("text", "о занятии"), ("result", ""), ("shared", "no")];
        assert_eq!(tutor.send(&form, &format!("/people/{plan}/notes"), &note).status, 303);
        v.sql(&format!(
            "INSERT INTO person (id, region_id, last_name, first_name, search_key, sort_key, version, recorded_at) SELECT 3001, region_id, \
             'Иная', 'Анна', '', '', 1, recorded_at FROM person WHERE id = 1001; INSERT INTO iom (id, region_id, person_id, number, origin, \
             state, starts_on, revision, on_platform, version, recorded_at) SELECT {plan} + 1, region_id, 3001, 'Б-1', origin, 'active', \
             starts_on, 1, on_platform, 1, recorded_at FROM iom WHERE id = {plan}; INSERT INTO supporter (id, region_id, iom_id, account_id, \
             kind, valid_from, recorded_at) SELECT 990003, region_id, {plan} + 1, account_id, kind, valid_from, recorded_at FROM supporter \
             WHERE iom_id = {plan} AND kind = 'tutor'"
        ));
        let other = tutor.send(&form, &format!("/people/{}/notes", plan + 1), &note);
        assert_eq!(other.status, 422, "another address is answered as the first: {}", other.header("location"));
        assert_eq!(v.query("SELECT COUNT(*) FROM support_note"), ["1"]);
    }

    // A role that asks for no second factor opens nothing of those that ask for it.
    fn whoever_works_as_a_mentor_acts_as_a_mentor_alone(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let plan = plan_of(v, 1001);
        employ(v, 6001, "mentor", "tutor", "mentor", unit(NORTH, 2));
        appoint(v, 7001, "mentor", "curator", unit(NORTH, 1));
        let kinds = [(990_001, "mentor"), (990_002, "supervisor")];
        for (id, kind) in kinds {
            v.sql(&format!(
                "INSERT INTO supporter (id, region_id, iom_id, account_id, kind, valid_from, recorded_at) SELECT {id}, region_id, id, 6001, \
                 '{kind}', '2023-02-15', '2023-02-15 00:00:00' FROM iom WHERE id = {plan}"
            ));
        }
        let card = format!("/people/{plan}");
        let mut mentor = server.signed_in("mentor", PASSWORD);
        let page = mentor.get("/account");
        assert_eq!(mentor.send(&page, "/role", &[("role", "mentor")]).status, 303);
        let open = mentor.get(&card);
        assert!(open.status == 200 && !open.body.contains("value=\"pause\""), "{}", open.body);
        let until = day(20).to_string();
        let pause = [("act", "pause"), ("reason", "отпуск"), ("value", &*until)];
        let seen = number(v, &format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {plan}")).to_string();
        let with = |of: &[(&'static str, &str)]| of.iter().copied().chain([("seen", &*seen)]).map(|(n, t)| (n, t.to_owned())).collect::<Vec<_>>();
        let sent = mentor.send(&open, &format!("{card}/act"), &fields(&with(&pause)));
        assert!(sent.status == 422 && hands(v, "pause").is_empty(), "a mentor paused a plan: {}", sent.status);
        // As a curator the same account does it.
        let page = mentor.get("/account");
        assert_eq!(mentor.send(&page, "/role", &[("role", "curator")]).status, 303);
        let open = mentor.get(&card);
        assert!(open.status == 200 && open.body.contains("value=\"pause\""), "{}", open.body);
        assert_eq!(mentor.send(&open, &format!("{card}/act"), &fields(&with(&pause))).status, 303);
    }
}
