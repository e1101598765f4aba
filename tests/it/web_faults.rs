//! Faults that a stranger found on the running pages, each told as it should be: a course that nobody took, an
//! application that outlives its plan, a step sent by mistake, and pages that say too little. Both databases, two regions.

use crate::on_both;
use crate::support::{Vekha, text};
use crate::visitor::{Page, Server, Visitor};
use crate::web_school;
use crate::world::{number, show, snils};
use crate::{web, web::PASSWORD};

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0 not much of a photo \xff\xd9";

/// Applies acts of a СНИЛС number: act, item, day of March 2023, login, value, reason.
#[track_caller]
fn acts(v: &Vekha, rows: &[(i64, &str, &str, &str, &str, &str, &str)]) -> crate::support::Answer {
    let mut sheet = String::from("snils,act,item,date,by,value,reason\n");
    for (n, act, item, day, by, value, reason) in rows {
        sheet.push_str(&format!(
            "{},{act},{item},2023-03-{day},{by},{value},{reason}\n",
            snils(*n)
        ));
    }
    let file = v.file("more-acts.csv", sheet);
    v.run(&["iom", "apply", text(&file)])
}

/// Number and title of a step of a plan: a course, or what is no course.
#[track_caller]
fn step(v: &Vekha, n: i64, course: bool) -> (String, String) {
    let rows = show(v, n);
    let found = rows
        .iter()
        .find(|r| !r["item"].is_empty() && r["programme"].is_empty() != course);
    let row = found.expect("a step of this kind");
    (row["item"].clone(), row["title"].clone())
}

#[track_caller]
fn state_of(v: &Vekha, n: i64, item: &str) -> String {
    let rows = show(v, n);
    rows.iter().find(|r| r["item"] == item).expect("the step")["item_state"].clone()
}

fn states(v: &Vekha, n: i64) -> Vec<String> {
    show(v, n)
        .iter()
        .map(|r| format!("{} {}", r["state"], r["item_state"]))
        .collect()
}

/// The application of a person: its state.
fn application(v: &Vekha, person: i64) -> Vec<String> {
    v.query(&format!(
        "SELECT state FROM enrolment WHERE person_id = {person} ORDER BY id"
    ))
}

fn audited(v: &Vekha, action: &str, person: i64) -> i64 {
    number(
        v,
        &format!("SELECT count(*) AS n FROM audit_event WHERE action = '{action}' AND person_id = {person}"),
    )
}

#[track_caller]
fn open(visitor: &mut Visitor, path: &str) -> Page {
    let page = visitor.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    page
}

/// The text of a page without marks, each run of blanks one space.
fn said(page: &Page) -> String {
    let main = page
        .body
        .split_once("<main")
        .map_or(page.body.as_str(), |(_, rest)| rest);
    let mut out = String::new();
    for part in main.split('<') {
        out.push_str(part.split_once('>').map_or("", |(_, words)| words));
        out.push(' ');
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

on_both! {
    fn a_course_is_not_handed_in_by_a_form(v: &Vekha) {
        web::world(v);
        let server = Server::start(v);
        let (course, title) = step(v, 1, true);
        let south = states(v, 4);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = open(&mut teacher, "/plan");
        assert!(!page.body.contains(&format!("name=\"item\" value=\"{course}\"")), "no form offers it");
        for (path, fields) in [
            ("/plan/act", vec![("act", "begin"), ("item", course.as_str())]),
            ("/plan/act", vec![("act", "submit"), ("item", course.as_str())]),
            ("/plan/submit", vec![("item", course.as_str()), ("note", "сделано")]),
        ] {
            let answer = teacher.send(&page, path, &fields);
            assert_eq!(answer.status, 409, "{path} {fields:?}");
            assert!(said(&answer).contains("Этот шаг — курс"), "{}", said(&answer));
        }
        let photo = Some(("лист.jpg", PHOTO));
        let answer = teacher.send_file(&page, "/plan/submit", &[("item", &course)], photo);
        assert!(answer.status == 409 && said(&answer).contains("перезачесть"), "{}", answer.body);
        assert_eq!(state_of(v, 1, &course), "planned");
        assert_eq!(number(v, "SELECT count(*) AS n FROM iom_evidence"), 0);
        // Whoever learned elsewhere has the step taken by the document: by the supporter, never by a neighbour.
        let plan = web::plan_of(v, 1001);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let card = open(&mut tutor, &format!("/people/{plan}"));
        assert!(said(&card).contains(&format!("Перезачесть: {title}")), "{}", said(&card));
        let address = format!("/people/{plan}/act");
        let fields = |value| [("act", "waive"), ("item", course.as_str()), ("value", value)];
        let empty = tutor.send(&card, &address, &fields(""));
        assert!(empty.status == 422 && empty.body.contains("кажите документ"), "{}", empty.body);
        let mut other = server.signed_in("tutor-south", PASSWORD);
        let own = open(&mut other, "/people");
        assert_eq!(other.send(&own, &address, &fields("УД-7")).status, 404);
        assert_eq!(state_of(v, 1, &course), "planned");
        assert_eq!(tutor.send(&card, &address, &fields("УД-7 от 01.02.2022")).status, 303);
        assert_eq!(state_of(v, 1, &course), "waived");
        assert_eq!(states(v, 4), south, "the other region is as it was");
        let _sound = v.run(&["check"]).ok();
    }

    fn a_waiver_is_by_an_earlier_document_which_is_a_record_of_its_own(v: &Vekha) {
        web::world(v);
        let ((course, title), (other, _)) = (step(v, 1, true), step(v, 1, false));
        let server = Server::start(v);
        let plan = web::plan_of(v, 1001);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let card = open(&mut tutor, &format!("/people/{plan}"));
        let mut waive = |value: &str| {
            tutor.send(&card, &format!("/people/{plan}/act"), &[("act", "waive"), ("item", &course), ("value", value)])
        };
        let documents = |which: &str| v.query(&format!("SELECT CAST(issued_on AS TEXT) FROM qualification_document WHERE {which}"));
        let tomorrow = (crate::support::today() + chrono::Days::new(1)).format("%d.%m.%Y");
        for (value, says) in [
            ("УД-7".to_owned(), "укажите и дату документа".to_owned()),
            ("№".to_owned(), "укажите документ".to_owned()),
            ("УД-7 от 31.02.2022".to_owned(), "«31.02.2022» не читается".to_owned()),
            (format!("УД-7 от {tomorrow}"), format!("документ от {tomorrow} выдан позже")),
            ("УД-7 от 01.02.1922".to_owned(), "проверьте год документа: 01.02.1922 – это раньше 1950 года".to_owned()),
        ] {
            let refused = waive(&value);
            assert!(refused.status == 422 && said(&refused).to_lowercase().contains(&says), "{value}: {}", refused.body);
            // What was typed stays.
            assert!(refused.body.contains(&format!("value=\"{value}\"")), "{value}: {}", refused.body);
        }
        // Whose birth is known has none of before the fourteenth birthday.
        v.sql(&format!("UPDATE person SET birth_date = '1990-05-04' WHERE id = 1001; UPDATE iom_item SET hours = 18 WHERE iom_id = {plan} AND number = {other}"));
        let young = waive("УД-7 от 03.05.2004");
        assert!(young.status == 422 && said(&young).contains("03.05.2004 педагогу ещё не было 14 лет"), "{}", young.body);
        assert_eq!((state_of(v, 1, &course), documents("number = 'УД-7'").len()), ("planned".into(), 0));
        assert_eq!(waive("№ УД-7 от 01.02.2022").status, 303);
        let of_step = format!(
            "number = 'УД-7' AND person_id = 1001 AND kind = 'other' AND id = (SELECT document_id FROM iom_item WHERE \
             iom_id = {plan} AND number = {course})"
        );
        assert_eq!(documents(&of_step), ["2022-02-01"], "the step of {title} has it");
        // The same document is one record: another step finds it by its number, and its day is known.
        let wrong = acts(v, &[(1, "waive", &other, "10", "tutor", "УД-7 от 02.02.2022", "")]).with_refusals();
        assert!(wrong.err.contains("документ № УД-7 уже записан с датой 01.02.2022"), "{}", wrong.err);
        let _done = acts(v, &[(1, "waive", &other, "10", "tutor", "№ УД-7", "")]).ok();
        let linked = format!("SELECT count(*) AS n FROM iom_item WHERE iom_id = {plan} AND document_id IS NOT NULL");
        assert_eq!((documents("number = 'УД-7'").len(), number(v, &linked)), (1, 2));
        // The paper of the plan says by which document; the next form offers it.
        let paper = open(&mut tutor, &format!("/people/{plan}/paper?document=report"));
        assert!(said(&paper).contains("документ № УД-7 от 01.02.2022"), "{}", paper.body);
        // Both steps rest on one learning: its hours count once, and the row says so.
        let most = number(v, &format!("SELECT CAST(max(hours) AS BIGINT) AS n FROM iom_item WHERE iom_id = {plan} AND document_id IS NOT NULL"));
        assert!(most > 18, "the course is the longer of the two: {most}");
        let report = v.run(&["iom", "paper", &snils(1), "--document", "report"]).ok().out.replace('\u{a0}', " ");
        assert!(report.contains(&format!("Объём выполненного: {most} ч")), "hours of one document count twice: {report}");
        assert!(report.contains(&format!("тот же документ у шага № {other}, его часы посчитаны один раз")), "{report}");
        let _sound = v.run(&["check"]).ok();
    }

    fn a_document_of_two_people_is_an_alarm_and_no_refusal(v: &Vekha) {
        web_school::world(v);
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor-1", PASSWORD);
        let cards = [1001, 1002].map(|person| format!("/people/{}", web::plan_of(v, person)));
        let items = [1, 2].map(|n| step(v, n, true).0);
        let act = |tutor: &mut Visitor, at: usize, act: &str, field: &str, said: &str| {
            let page = open(tutor, &cards[at]);
            let fields = [("act", act), ("item", items[at].as_str()), (field, said)];
            tutor.send(&page, &format!("{}/act", cards[at]), &fields)
        };
        let alarm = "Один номер документа у нескольких педагогов";
        let listed = || -> Vec<String> {
            let out = v.run(&["check"]).ok().out;
            out.lines().filter(|line| line.contains("№ 55/А") && line.contains("у нескольких людей")).map(str::to_owned).collect()
        };
        assert_eq!(act(&mut tutor, 0, "waive", "value", "55/А от 01.02.2022").status, 303);
        assert!(!said(&open(&mut tutor, &cards[0])).contains(alarm), "one person has it");
        // The same number in the other region is told to neither of them.
        let (south, theirs) = (web::plan_of(v, 2001), step(v, 4, true).0);
        let _done = acts(v, &[(4, "waive", &theirs, "10", "curator-south", "55/А от 01.02.2022", "")]).ok();
        assert!(!said(&open(&mut tutor, &cards[0])).contains(alarm), "told of the other region");
        assert_eq!(act(&mut tutor, 1, "waive", "value", "№ 55/А от 10.02.2022").status, 303, "it is no refusal");
        for card in &cards {
            let page = said(&open(&mut tutor, card));
            assert!(page.contains(alarm) && page.contains("№ 55/А от"), "a document of two people is untold: {card}: {page}");
        }
        assert!(!said(&open(&mut tutor, &cards[1])).contains("Ёлкина"), "whose it is besides is not told");
        assert!(!said(&open(&mut server.signed_in("head-south", PASSWORD), &format!("/plans/{south}"))).contains(alarm));
        let lines = listed();
        assert!(lines.len() == 1 && ["1001", "1002", "2001"].iter().all(|id| lines[0].contains(id)), "{lines:?}");
        // Taken back it stands no more: neither with the other one nor, after the south, in the list.
        assert_eq!(act(&mut tutor, 1, "return", "reason", "Документ другого педагога").status, 303);
        for card in &cards {
            assert!(!said(&open(&mut tutor, card)).contains(alarm), "{card}");
        }
        let lines = listed();
        assert!(lines.len() == 1 && !lines[0].contains("1002"), "{lines:?}");
    }

    fn a_waiver_is_taken_back_with_its_document(v: &Vekha) {
        web::world(v);
        let ((course, title), south) = (step(v, 1, true), states(v, 4));
        let server = Server::start(v);
        let plan = web::plan_of(v, 1001);
        let (path, address) = (format!("/people/{plan}"), format!("/people/{plan}/act"));
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let send = |tutor: &mut Visitor, page: &Page, act: &str, field: &str, said: &str| {
            tutor.send(page, &address, &[("act", act), ("item", course.as_str()), (field, said)])
        };
        let card = open(&mut tutor, &path);
        assert_eq!(send(&mut tutor, &card, "waive", "value", "УД-7 от 01.02.2021").status, 303);
        let card = open(&mut tutor, &path);
        let form = card.body.split("Вернуть зачтённый шаг").nth(1).unwrap_or_default();
        assert!(form.contains("value=\"return\"") && form.contains(&format!("Вернуть: {title}")), "a waiver stays: {}", card.body);
        assert_eq!(send(&mut tutor, &card, "return", "reason", "").status, 422, "why is said");
        assert_eq!(state_of(v, 1, &course), "waived");
        assert_eq!(send(&mut tutor, &card, "return", "reason", "Документ не о том курсе").status, 303);
        assert_eq!(state_of(v, 1, &course), "returned");
        // The teacher is called as for any step that comes back.
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = said(&open(&mut teacher, "/plan"));
        assert!(page.contains("Документ не о том курсе"), "{page}");
        assert!(said(&open(&mut teacher, "/notices")).contains("возвращён"), "the teacher is called");
        // The document closes nothing: no hours, no offer, and its day may be another one; it is one record all the same.
        let report = || v.run(&["iom", "paper", &snils(1), "--document", "report"]).ok().out.replace('\u{a0}', " ");
        assert!(report().contains("Объём выполненного: 0 ч") && !report().contains("УД-7"), "{}", report());
        let card = open(&mut tutor, &path);
        assert!(!card.body.contains("<option value=\"УД-7 от 01.02.2021\""), "what was taken back is offered: {}", card.body);
        assert_eq!(send(&mut tutor, &card, "waive", "value", "УД-7 от 01.02.2022").status, 303);
        let days = v.query("SELECT CAST(issued_on AS TEXT) FROM qualification_document WHERE number = 'УД-7'");
        assert_eq!(days, ["2022-02-01"], "one record with the day of now");
        assert!(report().contains("документ № УД-7 от 01.02.2022"), "{}", report());
        assert_eq!(states(v, 4), south, "the other region is as it was");
        let _sound = v.run(&["check"]).ok();
    }

    fn a_course_that_a_file_handed_in_is_told_to_the_reviewer(v: &Vekha) {
        web::world(v);
        let ((course, _), (other, _)) = (step(v, 1, true), step(v, 1, false));
        let rows = [(1, "submit", course.as_str(), "01", "teacher", "", ""), (1, "submit", &other, "01", "teacher", "", "")];
        let _done = acts(v, &rows).ok();
        let server = Server::start(v);
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let plan = web::plan_of(v, 1001);
        for path in ["/review".to_owned(), format!("/people/{plan}")] {
            let page = said(&open(&mut tutor, &path));
            assert_eq!(page.matches("Это курс, удостоверения в системе нет").count(), 1, "{path}: {page}");
        }
        // Accepted all the same, the path says by what.
        let _done = acts(v, &[(1, "accept", &course, "02", "tutor", "", "")]).ok();
        let mut teacher = server.signed_in("teacher", PASSWORD);
        assert!(said(&open(&mut teacher, "/plan")).contains("без удостоверения"));
    }

    fn an_application_ends_with_its_plan(v: &Vekha) {
        web_school::world(v);
        web_school::apply(v, &[1001, 1002, 1003, 1006, 2001]);
        let rows = [(1, "assign", "", "10", "staff", "curator", "")];
        let _done = acts(v, &rows).ok();
        let plan = web::plan_of(v, 1001);
        let server = Server::start(v);
        // By the page: terminated, with the reason of the plan.
        let mut curator = server.signed_in("curator", PASSWORD);
        let card = open(&mut curator, &format!("/people/{plan}"));
        let fields = [("act", "close-terminated"), ("reason", "transfer")];
        assert_eq!(curator.send(&card, &format!("/people/{plan}/act"), &fields).status, 303);
        assert_eq!(application(v, 1001), ["withdrawn"]);
        let mut teacher = server.signed_in("teacher-1001", PASSWORD);
        let own = said(&open(&mut teacher, "/my-applications"));
        assert!(own.contains("отозвана") && own.contains("маршрут прекращён: перевод"), "{own}");
        let letters = |kind: &str| number(v, &format!(
            "SELECT count(*) AS n FROM outbox_mail m JOIN account a ON a.id = m.account_id \
             WHERE m.kind = '{kind}' AND a.login = 'teacher-1001'"
        ));
        assert_eq!(letters("iom_application_ended"), 1);
        // By a file: at the end of its time; a course that was called off ends its application and no other one.
        let (course, _) = step(v, 3, true);
        let item = v.query("SELECT i.number FROM enrolment e JOIN iom_item i ON i.id = e.item_id WHERE e.person_id = 1003");
        assert_eq!(item.len(), 1, "{course}");
        let rows = [
            (2, "agree-enrolment", item[0].as_str(), "11", "director", "", ""),
            (2, "close-expired", "", "12", "curator", "", "срок вышел"),
            (3, "cancel", item[0].as_str(), "12", "curator", "", "курс закрыт организатором"),
        ];
        let _done = acts(v, &rows).ok();
        assert_eq!(application(v, 1002), ["withdrawn"], "agreed to and not begun is an application still");
        assert_eq!(application(v, 1003), ["withdrawn"]);
        for person in [1001, 1002, 1003] {
            assert_eq!(audited(v, "enrolment.withdraw", person), 1, "{person}");
        }
        for stays in [1006, 2001] {
            assert_eq!(application(v, stays), ["applied"], "{stays}");
            assert_eq!(audited(v, "enrolment.withdraw", stays), 0, "{stays}");
        }
        // Whoever learns already goes on learning.
        let item = v.query("SELECT i.number FROM enrolment e JOIN iom_item i ON i.id = e.item_id WHERE e.person_id = 2001");
        let rows = [
            (4, "agree-enrolment", item[0].as_str(), "11", "director-south", "", ""),
            (4, "enrol", &item[0], "12", "curator-south", "", ""),
            (4, "close-terminated", "", "13", "curator-south", "", "отказ"),
        ];
        let _done = acts(v, &rows).ok();
        assert_eq!(application(v, 2001), ["enrolled"]);
        let _sound = v.run(&["check"]).ok();
        v.sql("UPDATE enrolment SET state = 'applied' WHERE person_id = 1001");
        let found = v.run(&["check"]).failed();
        assert!(found.out.contains("заявка на курс «подана», а ИОМ закрыт"), "{}", found.out);
        let mut director = server.signed_in("director", PASSWORD);
        assert!(open(&mut director, "/applications").body.contains("Заявок пока нет"), "nor does the queue offer it");
    }

    fn a_step_sent_by_mistake_is_taken_back_until_it_is_reviewed(v: &Vekha) {
        web::world(v);
        let server = Server::start(v);
        let (item, title) = step(v, 1, false);
        let south = states(v, 4);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = open(&mut teacher, "/plan");
        assert!(!page.body.contains("Отозвать"), "nothing is sent yet");
        let fields = [("item", item.as_str()), ("note", "не тот лист")];
        assert_eq!(teacher.send_file(&page, "/plan/submit", &fields, Some(("не то.jpg", PHOTO))).status, 303);
        let file = format!("/evidence/{}", number(v, "SELECT id AS n FROM iom_evidence"));
        assert_eq!(open(&mut server.signed_in("tutor", PASSWORD), &file).status, 200);
        let sent = open(&mut teacher, "/plan");
        assert!(said(&sent).contains("Отозвать") && said(&sent).contains("до проверки"), "{}", said(&sent));
        let told = format!("{title} : отправлено, делать ничего не нужно");
        assert!(said(&sent).contains(&told) && !said(&page).contains(&told), "{}", said(&sent));
        let back = [("act", "withdraw"), ("item", item.as_str())];
        // Nobody else does it.
        let mut other = server.signed_in("teacher-south", PASSWORD);
        let own = open(&mut other, "/plan");
        assert_eq!(other.send(&own, "/plan/act", &back).status, 409);
        let by_tutor = acts(v, &[(1, "withdraw", &item, "01", "tutor", "", "")]).with_refusals();
        assert!(by_tutor.out.contains("tutor") || by_tutor.err.contains("tutor"));
        assert_eq!(state_of(v, 1, &item), "submitted");
        assert_eq!(teacher.send(&sent, "/plan/act", &back).status, 303);
        assert_eq!(state_of(v, 1, &item), "in_progress");
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let card = format!("/people/{}", web::plan_of(v, 1001));
        for path in ["/review", card.as_str()] {
            assert!(!open(&mut tutor, path).body.contains("не то.jpg"), "{path}: what was taken back is not shown");
        }
        assert!(!said(&open(&mut tutor, "/review")).contains(&title));
        assert_eq!((tutor.get(&file).status, teacher.get(&file).status), (404, 404), "nor is it opened by its address");
        // Handed in again, accepted: now it stands.
        let again = open(&mut teacher, "/plan");
        assert!(!again.body.contains("не то.jpg"));
        assert_eq!(teacher.send_file(&again, "/plan/submit", &[("item", &item)], Some(("тот.jpg", PHOTO))).status, 303);
        let queue = open(&mut tutor, "/review");
        assert!(queue.body.contains("тот.jpg") && !queue.body.contains("не то.jpg") && !queue.body.contains("не тот лист"));
        let plan = web::plan_of(v, 1001).to_string();
        let fields = [("plan", plan.as_str()), ("item", &item), ("act", "accept")];
        assert_eq!(tutor.send(&queue, "/review", &fields).status, 303);
        let done = open(&mut teacher, "/plan");
        assert!(!done.body.contains("Отозвать"));
        assert_eq!(teacher.send(&done, "/plan/act", &back).status, 409);
        assert_eq!(state_of(v, 1, &item), "accepted");
        assert_eq!(audited(v, "iom.withdraw", 1001), 1);
        assert_eq!(states(v, 4), south, "the other region is as it was");
        let _sound = v.run(&["check"]).ok();
    }

    fn a_plan_that_cannot_be_closed_says_why_and_offers_no_form(v: &Vekha) {
        web::world(v);
        let _done = acts(v, &[(1, "assign", "", "01", "head", "curator", "")]).ok();
        let server = Server::start(v);
        let mut curator = server.signed_in("curator", PASSWORD);
        let plan = web::plan_of(v, 1001);
        let page = open(&mut curator, &format!("/people/{plan}/close"));
        assert!(said(&page).contains("Закрыть пока нельзя") && said(&page).contains(&step(v, 1, true).1), "{}", said(&page));
        assert!(!page.body.contains("<textarea") && !page.body.contains("type=\"radio\""), "{}", page.body);
        let links = page.body.matches(&format!("href=\"/people/{plan}#item-")).count();
        let mandatory = number(v, &format!("SELECT count(*) AS n FROM iom_item WHERE iom_id = {plan} AND mandatory"));
        assert_eq!(i64::try_from(links).expect("a count"), mandatory, "each leads to its step: {}", page.body);
        let card = open(&mut curator, &format!("/people/{plan}"));
        assert!(card.body.contains(&format!("id=\"item-{}\"", step(v, 1, true).0)));
        assert_eq!(server.signed_in("tutor-south", PASSWORD).get(&format!("/people/{plan}/close")).status, 404);
    }

    fn a_step_of_a_closed_plan_is_not_done_and_not_late(v: &Vekha) {
        web_school::world(v);
        v.sql("UPDATE iom_item SET due_on = '2023-02-20'");
        let _done = acts(v, &[(1, "close-expired", "", "12", "curator", "", "срок вышел")]).ok();
        let server = Server::start(v);
        let mut director = server.signed_in("director", PASSWORD);
        for (path, closed) in [("/staff/1001", true), ("/staff/1002", false)] {
            let page = said(&open(&mut director, path));
            assert_eq!(page.contains("Не выполнен"), closed, "{path}: {page}");
            assert_eq!(page.contains("впереди") || page.contains("срок прошёл"), !closed, "{path}: {page}");
        }
        let own = said(&open(&mut server.signed_in("teacher-1001", PASSWORD), "/plan"));
        assert!(own.contains("Не выполнен") && !own.contains("срок прошёл"), "{own}");
        assert_eq!(director.get("/staff/2001").status, 404);
    }

    fn an_answer_that_refuses_is_a_sentence_with_a_way_back(v: &Vekha) {
        web::world(v);
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let page = open(&mut teacher, "/plan");
        let home = format!("http://{}", server.address);
        let version = format!("SELECT CAST(version AS BIGINT) AS n FROM iom WHERE id = {}", web::plan_of(v, 1001));
        let seen = number(v, &version).to_string();
        let fields = [("token", page.token()), ("act", "agree"), ("item", ""), ("seen", &*seen)];
        for (from, back) in [
            (format!("{home}/courses?q=%D0%BA"), "/courses?q=%D0%BA"),
            (format!("https://{}/plan", server.address), "/plan"),
            ("https://evil.example/plan?x=1".into(), "/plan"),
            (String::new(), "/plan"),
        ] {
            let headers: &[(&str, &str)] = if from.is_empty() { &[] } else { &[("Referer", from.as_str())] };
            let answer = teacher.post("/plan/act", &fields, headers);
            assert_eq!(answer.status, 409, "{from}");
            let link = format!("href=\"{}\"", back.replace('=', "&#x3D;"));
            assert!(answer.body.contains(&link) && answer.body.contains("Вернуться"), "{from}: {}", answer.body);
            assert!(!answer.body.contains("evil.example"));
            let words = said(&answer);
            let (_, sentence) = words.split_once("Действие не выполнено ").expect("the heading");
            let first = sentence.chars().next().expect("a sentence");
            assert!(first.is_uppercase() && sentence.contains(". "), "{sentence}");
        }
        // A hidden object still says nothing of where one came from.
        let mut tutor = server.signed_in("tutor", PASSWORD);
        let theirs = web::plan_of(v, 2001);
        let from = [("Referer", "http://x/people")];
        let hidden = tutor.ask("GET", &format!("/people/{theirs}"), &from, "");
        assert_eq!(web::same(&hidden), web::same(&tutor.get("/people/7")));
    }

    fn what_is_too_long_is_told_with_its_limit(v: &Vekha) {
        web::world(v);
        let server = Server::start(v);
        let long = vec![b'x'; 21 * 1024 * 1024];
        for (login, page, to, limit) in [
            ("operator", "/upload", "/upload", "не больше 20 МБ"),
            ("teacher", "/plan", "/plan/submit", "не больше 10 МБ"),
        ] {
            let mut visitor = server.signed_in(login, PASSWORD);
            let form = open(&mut visitor, page);
            let fields = [("kind", "staff"), ("item", "1")];
            let answer = visitor.send_file(&form, to, &fields, Some(("большой.csv", &long)));
            assert_eq!(answer.status, 413, "{to}");
            assert!(answer.header("content-type").starts_with("text/html"), "{to}");
            assert!(said(&answer).contains(limit) && answer.body.contains("<h1>"), "{to}: {}", answer.body);
            assert!(answer.body.contains(&format!("href=\"{page}\"")), "{to}: a way back");
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM upload"), 0);
    }

    fn a_text_that_is_called_a_workbook_is_refused_by_what_it_is(v: &Vekha) {
        web::world(v);
        let server = Server::start(v);
        let sheet = "СНИЛС;Фамилия;Имя;Дата рождения;Код ОО;Должность;Персонал;Принят\n".as_bytes();
        for login in ["operator", "operator-south"] {
            let mut operator = server.signed_in(login, PASSWORD);
            let page = open(&mut operator, "/upload");
            for name in ["y.xlsx", "Y.XLSX", "y.xlsm", "y.xls"] {
                let answer = operator.send_file(&page, "/upload", &[("kind", "staff")], Some((name, sheet)));
                assert_eq!(answer.status, 422, "{name}");
                let words = said(&answer);
                assert!(words.contains("книга Excel") && words.contains("обычный текст"), "{name}: {words}");
            }
            let taken = operator.send_file(&page, "/upload", &[("kind", "staff")], Some(("y.csv", sheet)));
            assert_eq!(taken.status, 303, "{}", taken.body);
        }
        assert_eq!(number(v, "SELECT count(*) AS n FROM upload"), 2);
    }

    fn nobody_is_no_small_number(v: &Vekha) {
        web_school::world(v);
        let row = "'organisation', 'С9', 'С9', 'с9', 'с9', 1, '2022-01-01 00:00:00'";
        v.sql(&format!(
            "INSERT INTO unit (id, region_id, kind, code, name, search_key, sort_key, version, recorded_at) VALUES (119, 110, {row}); \
             INSERT INTO unit_link (id, region_id, unit_id, parent_id, recorded_at) VALUES (90009, 110, 119, 111, '2022-01-01 00:00:00')"
        ));
        let server = Server::start(v);
        let mut methodist = server.signed_in("methodist", PASSWORD);
        let page = open(&mut methodist, "/schools?period=2022%2F23");
        let words = said(&page);
        // Two and one of three schools have plans: their sum is small and hides itself.
        assert!(words.contains("С9 0 0 0 0 0"), "{words}");
        assert!(!page.body.contains(">скрыто<") && page.body.matches(">&lt;5<").count() >= 6, "{words}");
        let one = said(&open(&mut methodist, "/coverage?unit=%D0%A19&period=2022%2F23"));
        assert!(one.contains("0 с маршрутом"), "{one}");
        assert_eq!(server.signed_in("methodist-south", PASSWORD).get("/coverage?unit=%D0%A19").status, 404);
    }

    fn every_headcount_says_whom_it_counts(v: &Vekha) {
        web_school::world(v);
        let server = Server::start(v);
        for (login, path, said) in [
            ("director", "/staff", "все, кто сегодня работает в организации, с внешними совместителями"),
            ("director", "/coverage?period=2022%2F23", "педагогическую должность на отчётную дату"),
            ("methodist", "/schools?period=2022%2F23", "педагогическую должность на отчётную дату"),
            ("methodist", "/workforce", "у кого есть место работы на этот день"),
        ] {
            let page = open(&mut server.signed_in(login, PASSWORD), path);
            assert!(page.body.contains(said), "{login} {path}: {}", page.body);
        }
    }

    fn every_number_says_by_which_definition_it_is_counted(v: &Vekha) {
        web_school::world(v);
        v.sql("INSERT INTO account (id, login, password_hash, state, auth_version, created_at, version) \
               SELECT 900, 'operator', password_hash, 'active', 1, created_at, 1 FROM account WHERE login = 'head'");
        v.sql("INSERT INTO role_grant (id, account_id, role, unit_id, recorded_at) VALUES (900, 900, 'operator', 110, '2022-01-01 00:00:00')");
        let server = Server::start(v);
        let measures = std::fs::read_to_string("seeds/reference/measures.toml").expect("the measures");
        let titles: Vec<&str> = measures.lines().filter_map(|l| l.strip_prefix("title = \"")?.strip_suffix('"')).collect();
        for (login, path, wanted) in [
            ("director", "/coverage?period=2022%2F23", "Есть действующий ИОМ"),
            ("methodist", "/coverage?period=2022%2F23", "Есть действующий ИОМ"),
            ("methodist", "/schools?period=2022%2F23", "Есть действующий ИОМ"),
            ("operator", "/indicators/tyumen/3.4?period=2022%2F23", "Получил поддержку в работе с ИОМ"),
        ] {
            assert!(titles.contains(&wanted));
            let page = open(&mut server.signed_in(login, PASSWORD), path);
            let notes: Vec<&str> = page.body.split("<div class=\"l note\">").skip(1).filter_map(|r| r.split('<').next()).collect();
            assert!(notes.iter().any(|n| n.contains(wanted)), "{login} {path}: {notes:?}");
        }
    }
}
