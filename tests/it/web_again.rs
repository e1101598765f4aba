//! The same thing again, over plain HTTP: a form sent twice is answered as the first time; what came back may be done
//! anew on the same day with the same words; a second click on a queue meets nobody else's button.

use crate::on_both;
use crate::support::Vekha;
use crate::visitor::{Page, Server, Visitor};
use crate::web_school::{PASSWORD, world};
use crate::world::{number, snils};

/// Numbers of the steps of a person's plan that are no courses.
fn steps(v: &Vekha, person: i64) -> Vec<i64> {
    let of = |n: i64| {
        let query = format!(
            "SELECT CAST(coalesce(min(iom_item.number), 0) AS BIGINT) AS n FROM iom_item JOIN iom ON iom.id = iom_item.iom_id \
             WHERE iom.person_id = {person} AND iom_item.programme_id IS NULL AND iom_item.number > {n}"
        );
        number(v, &query)
    };
    let first = of(0);
    assert!(first > 0, "a step without a course");
    vec![first]
        .into_iter()
        .chain(Some(of(first)).filter(|n| *n > 0))
        .collect()
}

fn acts_of(v: &Vekha, person: i64, act: &str) -> i64 {
    let query = format!(
        "SELECT count(*) AS n FROM iom_act JOIN iom ON iom.id = iom_act.iom_id WHERE iom.person_id = {person} AND iom_act.act = '{act}'"
    );
    number(v, &query)
}

fn plan_of(v: &Vekha, person: i64) -> String {
    number(v, &format!("SELECT id AS n FROM iom WHERE person_id = {person}")).to_string()
}

fn send(visitor: &mut Visitor, from: &str, to: &str, fields: &[(&str, &str)]) -> Page {
    let form = visitor.get(from);
    visitor.send(&form, to, fields)
}

on_both! {
    fn what_came_back_is_done_again_on_the_same_day(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let mut tutor = server.signed_in("tutor-1", PASSWORD);
        let (item, plan) = (steps(v, 1001)[0].to_string(), plan_of(v, 1001));
        let mut hand_in = |act: &str| {
            let fields = [("act", act), ("item", item.as_str())];
            send(&mut teacher, "/plan", "/plan/act", &fields).status
        };
        assert_eq!(hand_in("submit"), 303);
        for round in 1..=2 {
            assert_eq!((hand_in("withdraw"), acts_of(v, 1001, "withdraw")), (303, round), "taken back");
            assert_eq!((hand_in("submit"), acts_of(v, 1001, "submit")), (303, 2 * round), "and sent again");
            let back = [("act", "return"), ("plan", plan.as_str()), ("item", item.as_str()), ("reason", "нет подписи")];
            assert_eq!(send(&mut tutor, "/review", "/review", &back).status, 303);
            assert_eq!(acts_of(v, 1001, "return"), round);
            assert_eq!((hand_in("submit"), acts_of(v, 1001, "submit")), (303, 2 * round + 1), "after the remark");
        }
        let mut curator = server.signed_in("curator", PASSWORD);
        v.sql(&format!("UPDATE supporter SET account_id = 1, kind = 'curator' WHERE iom_id = {plan}"));
        for round in 1..=2 {
            let until = (crate::support::today() + chrono::Days::new(30)).to_string();
            for (act, reason, value) in [("pause", "отпуск", &*until), ("resume", "", "")] {
                let card = format!("/people/{plan}");
                let done = send(&mut curator, &card, &format!("{card}/act"), &[("act", act), ("reason", reason), ("value", value)]);
                assert_eq!((done.status, acts_of(v, 1001, act)), (303, round), "{act}: {}", done.body);
            }
        }
        assert_eq!(acts_of(v, 2001, "pause"), 0, "the other region is as it was");
    }

    fn a_form_sent_twice_is_answered_as_the_first_time(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let mut tutor = server.signed_in("tutor-1", PASSWORD);
        let (item, plan) = (steps(v, 1001)[0].to_string(), plan_of(v, 1001));
        let form = teacher.get("/plan");
        for _ in 0..2 {
            let sent = teacher.send(&form, "/plan/act", &[("act", "submit"), ("item", &item)]);
            assert_eq!((sent.status, acts_of(v, 1001, "submit")), (303, 1), "{}", sent.body);
        }
        let form = tutor.get("/review");
        let mut places = Vec::new();
        for _ in 0..2 {
            let sent = tutor.send(&form, "/review", &[("act", "accept"), ("plan", &plan), ("item", &item)]);
            assert_eq!((sent.status, acts_of(v, 1001, "accept")), (303, 1), "{}", sent.body);
            places.push(sent.header("location").to_owned());
        }
        assert_eq!(places[0], places[1]);
        // Help twice in the same words is one help; a refusal of the rules stays a refusal.
        let card = format!("/people/{plan}");
        let form = tutor.get(&card);
        for _ in 0..2 {
            let sent = tutor.send(&form, &format!("{card}/act"), &[("act", "support"), ("reason", "разбор урока")]);
            assert_eq!((sent.status, acts_of(v, 1001, "support")), (303, 1), "{}", sent.body);
        }
        // From a page opened anew it is not recorded either, and that is said.
        let same = send(&mut tutor, &card, &format!("{card}/act"), &[("act", "support"), ("reason", "разбор урока")]);
        let page = tutor.get(same.header("location"));
        assert_eq!((same.status, acts_of(v, 1001, "support")), (303, 1));
        assert!(page.body.contains("Такая помощь сегодня уже записана") && !page.body.contains("Оказана помощь</h2>"), "{}", page.body);
        let other = send(&mut tutor, &card, &format!("{card}/act"), &[("act", "support"), ("reason", "второй разбор")]);
        let page = tutor.get(other.header("location"));
        assert!(acts_of(v, 1001, "support") == 2 && page.body.contains("Записано в истории маршрута."), "{}", page.body);
        let late = teacher.send(&form, "/plan/act", &[("act", "withdraw"), ("item", &item)]);
        assert_ne!(late.status, 303, "it was accepted");
        // A file told twice adds nothing either: each of its rows is known.
        let rows = format!("snils,act,item,date,by,value,reason\n{},pause,,2023-03-01,curator,,болезнь\n{},resume,,2023-03-02,curator,,\n", snils(2), snils(2));
        let file = v.file("told.csv", rows);
        let _first = v.run(&["iom", "apply", crate::support::text(&file)]).ok();
        let again = v.run(&["iom", "apply", crate::support::text(&file)]);
        assert_ne!(again.code, 0, "{}", again.err);
        assert_eq!((acts_of(v, 1002, "pause"), acts_of(v, 1002, "resume")), (1, 1));
    }

    fn whoever_has_no_number_is_marked_like_everyone(v: &Vekha) {
        world(v);
        v.sql("UPDATE person SET snils = NULL WHERE id = 1001");
        let server = Server::start(v);
        let (item, plan) = (steps(v, 1001)[0].to_string(), plan_of(v, 1001));
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let mut tutor = server.signed_in("tutor-1", PASSWORD);
        let sent = send(&mut teacher, "/plan", "/plan/act", &[("act", "submit"), ("item", &item)]);
        assert_eq!((sent.status, acts_of(v, 1001, "submit")), (303, 1), "{}", sent.body);
        let marked = send(&mut tutor, "/review", "/review", &[("act", "accept"), ("plan", &plan), ("item", &item)]);
        assert_eq!((marked.status, acts_of(v, 1001, "accept")), (303, 1), "{}", marked.body);
        assert_eq!(acts_of(v, 2001, "accept"), 0, "the other region is as it was");
    }

    fn a_form_that_names_no_version_is_refused_like_an_old_one(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let mut tutor = server.signed_in("tutor-1", PASSWORD);
        let (item, plan) = (steps(v, 1001)[0].to_string(), plan_of(v, 1001));
        let own = teacher.get("/plan");
        let bare = |who: &mut Visitor, page: &Page, path: &str, fields: &[(&str, &str)]| {
            let all = [&[("token", page.token())], fields].concat();
            who.post(path, &all, &[]).status
        };
        let submit = [("act", "submit"), ("item", item.as_str())];
        assert_eq!((bare(&mut teacher, &own, "/plan/act", &submit), acts_of(v, 1001, "submit")), (409, 0));
        assert_eq!(teacher.send(&own, "/plan/act", &submit).status, 303);
        let queue = tutor.get("/review");
        let accept = [("act", "accept"), ("plan", plan.as_str()), ("item", item.as_str())];
        assert_eq!((bare(&mut tutor, &queue, "/review", &accept), acts_of(v, 1001, "accept")), (409, 0));
        let (card, path) = (tutor.get(&format!("/people/{plan}")), format!("/people/{plan}/act"));
        for act in [&accept[..1], &[("act", "support"), ("reason", "разбор")]] {
            let fields = [act, &[("item", item.as_str())]].concat();
            assert_eq!(bare(&mut tutor, &card, &path, &fields), 409, "{act:?}");
        }
        assert_eq!((acts_of(v, 1001, "accept"), acts_of(v, 1001, "support")), (0, 0));
        // What was written in a form that came too late is shown back.
        let back = [("act", "return"), ("plan", plan.as_str()), ("item", item.as_str()), ("reason", "нет подписи директора")];
        let late = tutor.post("/review", &[&[("token", queue.token())][..], &back].concat(), &[]);
        assert!(late.status == 409 && late.body.contains("нет подписи директора"), "{} {}", late.status, late.body);
        assert_eq!(tutor.send(&queue, "/review", &accept).status, 303);
    }

    fn a_second_click_on_the_queue_meets_nobody_elses_button(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        for person in [1001, 1002] {
            let mut teacher = server.signed_in(&format!("teacher-{person}"), PASSWORD);
            let item = steps(v, person)[0].to_string();
            assert_eq!(send(&mut teacher, "/plan", "/plan/act", &[("act", "submit"), ("item", &item)]).status, 303);
        }
        let mut tutor = server.signed_in("tutor-1", PASSWORD);
        let rows = |page: &Page| -> Vec<bool> {
            let list = page.body.split("class=\"queue\"").nth(1).and_then(|rest| rest.split("</ul>").next()).unwrap_or_default().to_owned();
            list.split("<li").skip(1).map(|row| row.contains("value=\"accept\"")).collect()
        };
        let before = tutor.get("/review");
        assert_eq!(rows(&before), [true, true]);
        let first = before.body.split("name=\"plan\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
        let person = if first == plan_of(v, 1001) { 1001 } else { 1002 };
        let item = steps(v, person)[0].to_string();
        let done = tutor.send(&before, "/review", &[("act", "accept"), ("plan", &first), ("item", &item)]);
        let after = tutor.get(done.header("location"));
        assert_eq!(rows(&after), [false, true], "the row stands where it stood, without a button: {}", after.body);
        assert!(after.body.contains("Зачтено") && after.body.contains("На проверке: 1"), "{}", after.body);
        assert_eq!(rows(&tutor.get("/review")), [true], "later it is gone");
    }

    fn a_remark_is_asked_for_in_its_place_and_has_an_end(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let (item, plan) = (steps(v, 1001)[0].to_string(), plan_of(v, 1001));
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let long = "я".repeat(2_001);
        let refused = send(&mut teacher, "/plan", "/plan/act", &[("act", "submit"), ("item", &item), ("reason", &long)]);
        assert!(refused.status == 409 && refused.body.contains("до 2000 знаков"), "{}", refused.body);
        assert_eq!(acts_of(v, 1001, "submit"), 0);
        let fits = "я".repeat(2_000);
        let sent = send(&mut teacher, "/plan", "/plan/act", &[("act", "submit"), ("item", &item), ("reason", &fits)]);
        assert_eq!(sent.status, 303, "{}", sent.body);
        let mut tutor = server.signed_in("tutor-1", PASSWORD);
        for (reason, said) in [("", "Укажите причину"), (long.as_str(), "до 2000 знаков")] {
            let fields = [("act", "return"), ("plan", plan.as_str()), ("item", item.as_str()), ("reason", reason)];
            let refused = send(&mut tutor, "/review", "/review", &fields);
            assert_eq!(refused.status, 422, "{}", refused.body);
            assert!(refused.body.contains(said) && refused.body.contains(&format!("href=\"#reason-{plan}-{item}\"")), "{}", refused.body);
            assert!(refused.body.contains("<details class=\"return\" open>"), "{}", refused.body);
        }
        assert_eq!(acts_of(v, 1001, "return"), 0);
    }
}
