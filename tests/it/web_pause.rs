//! A plan that stops for a while, and one that was closed too early: what the people around it see.

use chrono::{Days, NaiveDate};

use crate::on_both;
use crate::support::{Vekha, text, today};
use crate::visitor::{Page, Server, Visitor};
use crate::web::{PASSWORD, plan_of, world};
use crate::world::{number, snils};

fn send(who: &mut Visitor, card: &str, fields: &[(&str, &str)]) -> Page {
    let page = who.get(card);
    let body: Vec<_> = fields.to_vec();
    who.send(&page, &format!("{card}/act"), &body)
}

fn apply(v: &Vekha, rows: &[&str]) {
    let lines: Vec<String> = rows.iter().map(|row| format!("{},{row}\n", snils(1))).collect();
    let file = v.file(
        "more.csv",
        format!("snils,act,item,date,by,value,reason\n{}", lines.concat()),
    );
    let _done = v.run(&["iom", "apply", text(&file)]).ok();
}

on_both! {
    fn a_pause_says_why_in_a_word_of_the_dictionary_and_until_when(v: &Vekha) {
        world(v);
        let server = Server::start(v);
        let mut curator = server.signed_in("curator", PASSWORD);
        let (plan, theirs) = (plan_of(v, 1001), plan_of(v, 2001));
        let card = format!("/people/{plan}");
        v.sql(&format!("UPDATE supporter SET kind = 'curator', account_id = (SELECT id FROM account WHERE login = 'curator') WHERE iom_id = {plan}"));
        let last = today() + Days::new(20);
        let typed = last.format("%d.%m.%Y").to_string();
        let form = curator.get(&card);
        assert!(form.body.contains("<option value=\"отпуск\">") && form.body.contains("name=\"value\""), "{}", form.body);
        // Free words, which might tell of health, are no reason; a day that is over or far away is no last day.
        let free = send(&mut curator, &card, &[("act", "pause"), ("reason", "операция"), ("value", &typed)]);
        assert!(free.status == 422 && free.body.contains("ричина приостановки — одна из"), "free words: {} {}", free.status, free.body);
        for wrong in ["", "01.02.2021", "завтра", "01.01.2999"] {
            let page = send(&mut curator, &card, &[("act", "pause"), ("reason", "отпуск"), ("value", wrong)]);
            let at_day = page.body.contains("href=\"#pause--day\"") && page.body.contains("<option value=\"отпуск\" selected>");
            assert!(page.status == 422 && at_day && page.body.contains("последний день приостановки"), "{wrong}: {}", page.body);
        }
        let number_of = |state: &str| number(v, &format!("SELECT COUNT(*) AS n FROM iom WHERE state = '{state}'"));
        assert_eq!(number_of("paused"), 0);
        let done = send(&mut curator, &card, &[("act", "pause"), ("reason", "отпуск"), ("value", &typed)]);
        assert_eq!((done.status, number_of("paused")), (303, 1), "{}", done.body);
        assert_eq!(v.query("SELECT reason FROM iom_state WHERE state = 'paused'"), ["отпуск"]);
        assert!(curator.get(&card).body.contains(&format!("отпуск, до\u{A0}{typed}")), "the story says why and until when");
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let own = teacher.get("/plan").body;
        assert!(own.contains("Маршрут приостановлен до\u{A0}") && own.contains(": отпуск"), "{own}");
        assert!(own.contains("Приостановлен</span>") && !own.contains("срок прошёл"), "a pause stops the clock: {own}");
        let queue = curator.get("/people").body;
        assert!(queue.contains("Приостановлен до\u{A0}") && !queue.contains("Приостановка кончилась"), "{queue}");
        let mut head = server.signed_in("head", PASSWORD);
        let at_risk = |head: &mut Visitor| head.get("/kpi").body.matches("приостановка кончилась").count();
        let before = at_risk(&mut head);
        // The last day is over: the plan waits for its curator, and the desk of risks says so.
        v.sql(&format!("UPDATE iom SET paused_until = '{}' WHERE id = {plan}", today() - Days::new(1)));
        let queue = curator.get("/people").body;
        assert!(queue.contains("Приостановка кончилась") && queue.contains("пора возобновить"), "{queue}");
        let page = head.get("/plans?risk=pause_over").body;
        assert!(page.contains("Фамилия1") && !page.contains("Фамилия4"), "no risk: {page}");
        assert!(at_risk(&mut head) >= before, "the desk knows of it");
        assert_eq!(send(&mut curator, &card, &[("act", "resume")]).status, 303);
        assert_eq!(v.query(&format!("SELECT COUNT(*) FROM iom WHERE id = {plan} AND paused_until IS NULL")), ["1"]);
        assert_eq!(v.query(&format!("SELECT state FROM iom WHERE id = {theirs}")), ["active"], "the other region is as it was");
        let _sound = v.run(&["check"]).ok();
    }

    // A file tells what was decided: in the words of then, with or without a last day.
    fn a_file_may_tell_of_a_pause_in_other_words(v: &Vekha) {
        world(v);
        apply(v, &[
            "pause,,2023-03-01,curator,,по семейным обстоятельствам",
            "resume,,2023-03-05,curator,,",
            "pause,,2023-04-01,curator,20.04.2023,leave",
        ]);
        assert_eq!(
            v.query("SELECT reason FROM iom_state WHERE state = 'paused' ORDER BY on_date"),
            ["по семейным обстоятельствам", "отпуск"]
        );
        assert_eq!(v.query("SELECT CAST(paused_until AS TEXT) FROM iom WHERE state = 'paused'"), ["2023-04-20"]);
        let file = v.file("late.csv", format!("snils,act,item,date,by,value,reason\n{},pause,,2023-04-02,head-south,01.04.2023,отпуск\n", snils(4)));
        let refused = v.run(&["iom", "apply", text(&file)]).with_refusals();
        assert!(format!("{}{}", refused.out, refused.err).contains("последний день приостановки"), "{} {}", refused.out, refused.err);
    }

    fn last_days_move_by_the_days_of_a_pause_where_that_is_asked_for(v: &Vekha) {
        world(v);
        let (plan, theirs) = (plan_of(v, 1001), plan_of(v, 2001));
        let days = |of: i64| {
            let steps = format!("SELECT CAST(due_on AS TEXT) FROM iom_item WHERE iom_id = {of} AND due_on IS NOT NULL ORDER BY number");
            let last = format!("SELECT CAST(ends_on AS TEXT) FROM iom WHERE id = {of}");
            let day = |text: &String| text.parse::<NaiveDate>().expect("a day");
            v.query(&steps).iter().chain(&v.query(&last)).map(day).collect::<Vec<_>>()
        };
        let revisions = |of: i64| number(v, &format!("SELECT count(*) AS n FROM iom_revision WHERE iom_id = {of}"));
        let letters = || number(v, "SELECT count(*) AS n FROM notice WHERE kind = 'iom_changed'");
        let (before, elsewhere) = (days(plan), days(theirs));
        assert!(before.len() > 2, "steps with days, and the end: {before:?}");
        // A pause alone moves nothing; whoever comes back without a word finds the days as they were.
        apply(v, &["pause,,2023-03-01,curator,,отпуск", "resume,,2023-03-05,curator,,"]);
        assert_eq!((days(plan), revisions(plan), letters()), (before.clone(), 1, 0));
        let file = v.file("soon.csv", format!("snils,act,item,date,by,value,reason\n{},pause,,2023-04-01,curator,20.04.2023,отпуск\n{},resume,,2023-04-11,curator,потом,\n", snils(1), snils(1)));
        let refused = v.run(&["iom", "apply", text(&file)]).with_refusals();
        assert!(format!("{}{}", refused.out, refused.err).contains("сдвинуть сроки"), "{} {}", refused.out, refused.err);
        apply(v, &["resume,,2023-04-11,curator,shift,"]);
        let moved: Vec<NaiveDate> = before.iter().map(|day| *day + Days::new(10)).collect();
        assert_eq!(days(plan), moved, "ten days of a pause");
        assert_eq!((revisions(plan), letters()), (2, 1), "the teacher reads of it");
        let server = Server::start(v);
        let mut teacher = server.signed_in("teacher", PASSWORD);
        let read = teacher.get("/plan/revisions").body;
        assert!(read.contains("Сроки сдвинуты на 10\u{a0}дней приостановки"), "{read}");
        // On the card it is a choice, and the first of the two.
        let mut curator = server.signed_in("curator", PASSWORD);
        v.sql(&format!("UPDATE supporter SET kind = 'curator', account_id = (SELECT id FROM account WHERE login = 'curator') WHERE iom_id = {plan}"));
        let card = format!("/people/{plan}");
        let typed = (today() + Days::new(5)).format("%d.%m.%Y").to_string();
        assert_eq!(send(&mut curator, &card, &[("act", "pause"), ("reason", "отпуск"), ("value", &typed)]).status, 303);
        let form = curator.get(&card).body;
        assert!(form.find("<option value=\"shift\"") < form.find("<option value=\"keep\"") && form.contains("value=\"shift\""), "{form}");
        assert_eq!(send(&mut curator, &card, &[("act", "resume"), ("value", "keep")]).status, 303);
        assert_eq!((days(plan), revisions(plan)), (moved, 2));
        let wrong = send(&mut curator, &card, &[("act", "resume"), ("value", "shift")]);
        assert_eq!(wrong.status, 409, "it is at work already: {}", wrong.status);
        assert_eq!((days(theirs), revisions(theirs)), (elsewhere, 1), "the other region is as it was");
        let _sound = v.run(&["check"]).ok();
    }

    // What came of a plan stays after it is taken back.
    fn what_was_judged_before_a_plan_was_taken_back_stays_to_be_read(v: &Vekha) {
        world(v);
        let (plan, theirs) = (plan_of(v, 1001), plan_of(v, 2001));
        let items = v.query(&format!("SELECT number FROM iom_item WHERE iom_id = {plan} ORDER BY number"));
        let waived: Vec<String> = items.iter().map(|n| format!("waive,{n},2023-03-01,curator,УД-1,")).collect();
        let codes = v.query(&format!(
            "SELECT code FROM iom_deficit d JOIN competence c ON c.id = d.competence_id WHERE d.iom_id = {plan} ORDER BY d.id"
        ));
        let judged: Vec<String> = codes.iter().map(|code| format!("outcome,,2023-03-02,curator,{code}:closed,")).collect();
        let again = format!("outcome,,2023-03-06,curator,{}:remained,", codes[0]);
        let mut rows: Vec<&str> = waived.iter().chain(&judged).map(String::as_str).collect();
        rows.extend(["close-completed,,2023-03-03,curator,,показано на уроках", "reopen,,2023-03-05,head,,закрыт по недосмотру", &again]);
        apply(v, &rows);
        let server = Server::start(v);
        let mut curator = server.signed_in("curator", PASSWORD);
        v.sql(&format!("UPDATE supporter SET kind = 'curator', account_id = (SELECT id FROM account WHERE login = 'curator') WHERE iom_id = {plan}"));
        let card = curator.get(&format!("/people/{plan}")).body;
        let own = server.signed_in("teacher", PASSWORD).get("/plan").body;
        for page in [&card, &own] {
            assert!(page.contains("Прежние итоги"), "the old outcome is lost: {page}");
            let (_, before) = page.split_once("Прежние итоги").expect("outcomes");
            assert!(before.contains("Итоги прежнего закрытия от 03.03.2023: выполнен") && before.contains("Показано на уроках"), "{before}");
            assert!(before.contains("Маршрут возвращён в работу 05.03.2023. Закрыт по недосмотру"), "{before}");
            assert_eq!(before.matches(": закрыт</li>").count(), codes.len(), "each outcome of then: {before}");
        }
        for page in [&card, &own] {
            let work = page.split_once("Над чем работаем").and_then(|(_, rest)| rest.split_once("</section>"));
            let (work, _) = work.expect("what is worked on");
            assert!(work.contains("остался"), "the outcome of now stands beside it: {work}");
            assert!(work.contains("дефицит: ") && !work.contains("закрыт"), "an old outcome as one of now: {work}");
        }
        // So does the paper; whoever closes the plan again chooses anew what nobody has judged since.
        let paper = curator.get(&format!("/people/{plan}/paper?document=summary")).body;
        let (now, before) = paper.split_once("Итоги прежнего закрытия от 03.03.2023").expect("the old closing on the paper");
        assert!(now.contains("закрыто 0 из 1\u{a0}оценённого"), "an old outcome as one of now: {now}");
        assert!(before.contains(&format!("закрыто {n} из {n}\u{a0}оценённых", n = codes.len())), "{before}");
        assert!(before.contains("Показано на уроках") && before.contains("05.03.2023: закрыт по недосмотру"), "{before}");
        let form = curator.get(&format!("/people/{plan}/close")).body;
        assert_eq!((form.matches("value=\"closed\" checked").count(), form.matches("value=\"remained\" checked").count()), (0, 1), "{form}");
        assert!(form.contains("итог прежнего закрытия: закрыт"), "{form}");
        // Steps waived by a document say by which.
        assert!(card.contains("документ: УД-1"), "{card}");
        let mut south = server.signed_in("head-south", PASSWORD);
        assert!(!south.get(&format!("/plans/{theirs}")).body.contains("Прежние итоги"), "never taken back");
        assert!(!south.get(&format!("/plans/{theirs}/paper?document=summary")).body.contains("прежнего закрытия"), "never taken back");
        assert_eq!(south.get(&format!("/plans/{plan}")).status, 404);
    }
}
